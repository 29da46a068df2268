"""The server's list of models, put into the settings of a session."""

from __future__ import annotations

from stream_core.chat.reply.request import add_context
from stream_core.core.errors import StreamCoreError
from stream_core.texts.errors_es import cause

from .session import Session


def fetch_models(session: Session, *, anew: bool = False) -> str:
    """Put the list into the settings; "" when it is there, else why not, as a Spanish sentence.

    Args:
        anew: whether it is fetched also when there is a fresh one.

    Raises:
        KeyboardInterrupt: the person does not want to wait.
    """
    try:
        listed = session.account.models(anew=anew)
    except StreamCoreError as error:
        add_context(error, session.settings)
        return cause(error)
    session.settings = session.settings.with_list(listed)
    return ""
