"""Ctrl+C and the other signals, sent to this very process."""

from __future__ import annotations

import os
import signal
import sys
from threading import Event

import pytest
from pytest_mock import MockerFixture
from support.terminal import Terminal

from stream_core.chat.signals.interrupts import Interrupts, close_each


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_cancels_what_can_be_cancelled(mocker: MockerFixture) -> None:
    cancel = mocker.Mock()
    with Interrupts() as interrupts, interrupts.cancelling(cancel):
        press()
    cancel.assert_called_once_with()


def test_a_second_one_within_two_seconds_leaves_with_130(mocker: MockerFixture) -> None:
    clock = mocker.patch("stream_core.chat.signals.interrupts.time.monotonic", return_value=100.0)
    cancel = mocker.Mock()
    with Interrupts() as interrupts, interrupts.cancelling(cancel):
        press()
        clock.return_value = 101.9
        with pytest.raises(SystemExit) as left:
            press()
    assert left.value.code == 130
    cancel.assert_called_once_with()


def test_a_later_one_cancels_again(mocker: MockerFixture) -> None:
    clock = mocker.patch("stream_core.chat.signals.interrupts.time.monotonic", return_value=100.0)
    cancel = mocker.Mock()
    with Interrupts() as interrupts, interrupts.cancelling(cancel):
        press()
        clock.return_value = 102.1
        press()
    assert cancel.call_count == 2


def test_with_nothing_to_cancel_it_is_a_keyboard_interrupt(mocker: MockerFixture) -> None:
    with Interrupts() as interrupts:
        with interrupts.cancelling(mocker.Mock()):
            pass
        with pytest.raises(KeyboardInterrupt):
            press()


def test_what_must_not_be_done_by_half_is_done_first() -> None:
    done = False
    with Interrupts() as interrupts, pytest.raises(KeyboardInterrupt), interrupts.holding():
        press()
        done = True
    assert done


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129)])
def test_the_signals_that_end_a_program(name: str, code: int) -> None:
    number = getattr(signal, name)
    before = signal.signal(number, signal.SIG_DFL)  # a machine may run its tests with one of them ignored
    try:
        with Interrupts(), pytest.raises(SystemExit) as left:
            os.kill(os.getpid(), number)
        assert left.value.code == code
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)


def test_a_hangup_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interrupts():
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


class Late:
    """Something whose destructor a signal arrives in."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __del__(self) -> None:
        signal.raise_signal(self._number)


@pytest.mark.parametrize(
    ("number", "raised"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)]
)
def test_where_python_would_drop_it_it_is_taken_again(
    number: int, raised: type[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    with Interrupts():
        with pytest.raises(raised):
            Late(number)
            Event().wait(30)
    assert capsys.readouterr() == ("", "")


def test_another_exception_of_a_destructor_is_reported_as_ever(mocker: MockerFixture) -> None:
    class Wrong:
        def __del__(self) -> None:
            raise ValueError

    report = mocker.patch("sys.unraisablehook")
    with Interrupts():
        Wrong()
    assert report.call_count == 1


def test_a_signal_while_one_part_is_closed_keeps_none_of_the_others_open(mocker: MockerFixture) -> None:
    first, second, third = (mocker.Mock() for _ in range(3))
    first.close.side_effect = press
    with Interrupts(), pytest.raises(KeyboardInterrupt):
        close_each(first, second, third)
    assert [part.close.call_count for part in (first, second, third)] == [1, 1, 1]


ENDED_IN_THE_LOOP = """
from prompt_toolkit.application.current import get_app
from prompt_toolkit.history import InMemoryHistory
from stream_core.chat.input.completion import CommandCompleter
from stream_core.chat.input.prompt import Prompt
from stream_core.chat.signals.suspension import Suspension
from stream_core.config.options.themes import THEMES

async def end():
    raise SystemExit(143)  # as the handler of SIGTERM does, in whatever task it meets

def begun():
    get_app().create_background_task(end())
    get_app().loop.call_soon(lambda: 1 / 0)  # what the loop meets while it is taken down

nothing = lambda *_: ()
completer = CommandCompleter(nothing, nothing, nothing, nothing)
Prompt(completer, InMemoryHistory(), begun, lambda: THEMES["oscuro"], Suspension(0)).ask()
"""


def test_a_signal_in_a_task_of_the_prompt_ends_without_a_report() -> None:
    with Terminal([sys.executable, "-c", ENDED_IN_THE_LOOP]) as terminal:
        terminal.wait_for("Tú:")
        assert terminal.wait_exit() == 143
        assert terminal.text.strip() == "Tú:"
