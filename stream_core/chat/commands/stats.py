"""`stats`: the figures of the session."""

from __future__ import annotations

import time

from stream_core.chat.commands import Command
from stream_core.chat.session import Session


def _run(session: Session, argument: str) -> None:
    practice = session.settings.practice
    session.screen.stats(session.stats, session.frames, time.monotonic(), practice=practice)


COMMAND = Command(name="stats", summary="estadísticas de la sesión", run=_run, order=20)
