"""Choosing a saved conversation by its number in the last list or by the start of its id."""

from __future__ import annotations

from stream_core.chat.saved.reopening import resolve
from stream_core.chat.saved.results import ResultRow
from stream_core.chat.session.session import Session
from stream_core.core.errors import ConfigError

_RECENT = 10


def pick(session: Session, word: str) -> ResultRow | None:
    """Return the chosen conversation; None, after a message to the user, if there is no such conversation.

    Before any list has been shown, a number counts the conversations from the one last used.
    """
    if word.isascii() and word.isdigit():  # an id never consists of digits only
        return _numbered(session, int(word[:6]))
    try:
        found = session.from_archive(lambda store: resolve(store, word))
    except ConfigError as error:
        session.screen.warning(error.hint)
        return None
    return ResultRow(found) if found is not None else None


def _numbered(session: Session, number: int) -> ResultRow | None:
    rows = session.archive.results.rows
    if not rows:
        recent = session.from_archive(lambda store: store.conversations(limit=_RECENT))
        if recent is None:
            return None
        rows = [ResultRow(summary.id) for summary in recent]
    if 0 < number <= len(rows):
        return rows[number - 1]
    session.screen.warning(f"En la lista no hay ningún número {number}.")
    return None
