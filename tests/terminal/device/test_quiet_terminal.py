"""Esc while a program draws: the watch ends with the block, whatever comes from the keyboard meanwhile."""

from __future__ import annotations

import os
import pty
import select
import threading
from typing import Any

import pytest

from stream_core.terminal.device import quiet_terminal


def test_ctrl_c_between_seeing_a_key_and_reading_it_does_not_hold_the_end_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    master, slave = pty.openpty()
    seen = threading.Event()

    class Select:
        @staticmethod
        def select(*descriptors: Any) -> Any:
            ready = select.select(*descriptors)
            if slave in ready[0] and not seen.is_set():
                os.write(master, b"\x03")
                seen.set()
            return ready

    monkeypatch.setattr(quiet_terminal, "select", Select)
    with os.fdopen(slave, closefd=False) as terminal:
        monkeypatch.setattr("sys.stdin", terminal)

        def draw() -> None:
            with quiet_terminal.quiet_terminal(lambda: None):
                os.write(master, b"x")
                seen.wait(20)

        drawing = threading.Thread(target=draw, daemon=True)
        drawing.start()
        drawing.join(20)
        held_up = drawing.is_alive()
        os.write(master, b"y")  # lets a read go that waits
    os.close(master)
    drawing.join(20)
    os.close(slave)
    assert not held_up
