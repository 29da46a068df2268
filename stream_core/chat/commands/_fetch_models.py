"""Fetching the server's list of models into the settings of a session."""

from __future__ import annotations

from stream_core.chat.reply.error_context import add_context
from stream_core.chat.session.session import Session
from stream_core.core.errors import StreamCoreError
from stream_core.texts.errors_es import cause


def fetch_models(session: Session, *, anew: bool = False) -> str:
    """Put the list into the settings.

    Args:
        session: the session whose settings change.
        anew: whether to fetch it even if a recent one is cached.

    Returns:
        "", or a Spanish sentence that says why there is no list.

    Raises:
        KeyboardInterrupt: the user cancelled the wait.
    """
    try:
        listed = session.account.models(anew=anew)
    except StreamCoreError as error:
        add_context(error, session.settings)
        return cause(error)
    session.settings = session.settings.with_list(listed)
    return ""
