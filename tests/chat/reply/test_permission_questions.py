"""What the person is asked while a reply is shown: whose the terminal is meanwhile."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Iterator

import pytest
from rich.console import Console

from stream_core.chat.reply.permission_questions import Decisions
from stream_core.chat.signals.interrupts import Interrupts
from stream_core.chat.signals.suspension import Suspension
from stream_core.config.options.appearance import Look
from stream_core.terminal.reply.view import LiveReplyView


class Owner(LiveReplyView):
    """A view that only says whose the terminal is."""

    def __init__(self) -> None:
        super().__init__(Console(file=io.StringIO()), Look(), practice=False)
        self.its_own = True

    def suspend(self, *, patiently: bool = False) -> None:
        self.its_own = False

    def resume(self) -> None:
        self.its_own = True


@pytest.fixture
def jobs() -> Iterator[Suspension]:
    descriptor = os.open(
        os.devnull, os.O_RDONLY
    )  # without a terminal there is nobody to be in the background
    with Suspension(descriptor) as jobs:
        yield jobs
    os.close(descriptor)


@pytest.mark.skipif(not hasattr(signal, "SIGCONT"), reason="a system without jobs")
def test_after_a_stop_the_terminal_is_the_questions_again(jobs: Suspension) -> None:
    decisions, view, owners = Decisions(Interrupts(), jobs), Owner(), []

    def read(question: str) -> str:
        owners.append(view.its_own)
        signal.raise_signal(signal.SIGCONT)
        owners.append(view.its_own)
        return "sí"

    decisions.read_decision = read
    with jobs.taking_part(view.suspend, view.resume):
        assert decisions.may_go_on("¿Seguir?", view, lambda: None)
        assert owners == [False, False] and view.its_own
        signal.raise_signal(signal.SIGCONT)
        assert view.its_own
