"""`stats`: the figures of the session, and of all that is kept."""

from __future__ import annotations

import time
from contextlib import suppress

from stream_core.chat.commands import Command
from stream_core.chat.session import Session
from stream_core.errors import StoreError


def _run(session: Session, argument: str) -> None:
    totals = None
    if session.archive.keeps:
        with suppress(StoreError):  # the figures of the session do not need it
            totals = session.archive.call(lambda store: store.totals())
    session.screen.stats(
        session.stats, session.frames, time.monotonic(), practice=session.settings.practice, totals=totals
    )


COMMAND = Command(
    name="stats", summary="estadísticas de la sesión, y de todo lo guardado", run=_run, order=20
)
