"""Calling somebody who looks at another window: only then, only if it is wanted, and nothing is left on."""

from __future__ import annotations

from typing import get_args

import pytest

from stream_core.config.options.appearance import Look, Notify
from stream_core.terminal.device.attention import FOCUS_OFF, FOCUS_ON, Attention, calling, notify_of
from stream_core.terminal.device.clipboard import Multiplexer

GAINED, LOST = "\x1b[I", "\x1b[O"


def attention(how: Notify) -> tuple[Attention, list[str]]:
    written: list[str] = []
    return Attention(written.append, lambda: how), written


@pytest.mark.parametrize("how", get_args(Notify))
def test_whoever_looks_is_not_called(how: Notify) -> None:
    calls, written = attention(how)
    calls.begin()
    for report in (LOST, GAINED, "\x1b[?997;1n", "\x1b[5;5R"):
        calls.take(report)
    calls.call("Claude ha terminado.")
    calls.end()
    assert written == ([] if how == "ninguno" else [FOCUS_ON, FOCUS_OFF])


@pytest.mark.parametrize("how", get_args(Notify))
def test_whoever_looks_elsewhere_is_called_as_they_wish(how: Notify) -> None:
    calls, written = attention(how)
    calls.begin()
    calls.take(LOST)
    calls.call("Claude ha terminado.")
    calls.end()
    calls.call("Claude ha terminado.")
    assert written == (
        [] if how == "ninguno" else [FOCUS_ON, calling("Claude ha terminado.", how), FOCUS_OFF]
    )


def test_a_stop_turns_the_reports_off_and_going_on_turns_them_on() -> None:
    calls, written = attention("campana")
    calls.pause()
    calls.begin()
    calls.pause()
    calls.resume()
    calls.end()
    calls.resume()
    assert written == [FOCUS_ON, FOCUS_OFF, FOCUS_ON, FOCUS_OFF]


def test_a_new_reply_begins_looked_at() -> None:
    calls, written = attention("campana")
    calls.begin()
    calls.take(LOST)
    calls.end()
    calls.begin()
    calls.call("Claude ha terminado.")
    assert "\x07" not in written


@pytest.mark.parametrize(
    ("multiplexer", "sent"),
    [
        ("", "\x1b]9;Hola\x07"),
        ("tmux", "\x1bPtmux;\x1b\x1b]9;Hola\x07\x1b\\"),
        ("screen", "\x1bP\x1b]9;Hola\x07\x1b\\"),
        ("unknown", "\x1bP\x1b]9;Hola\x07\x1b\\"),
    ],
)
def test_a_multiplexer_passes_it_on(multiplexer: Multiplexer, sent: str) -> None:
    assert calling("Hola", "osc9", multiplexer) == sent
    assert calling("Hola", "campana", multiplexer) == "\x07"


def test_plain_mode_writes_nothing_but_text() -> None:
    assert notify_of(Look(notify="osc9", plain=True), terminal=True) == "ninguno"
    assert notify_of(Look(notify="osc9"), terminal=False) == "ninguno"
    assert notify_of(Look(notify="osc9"), terminal=True) == "osc9"
