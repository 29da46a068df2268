"""The keys while a reply streams: the watch on a real terminal, and the chat that uses it."""

from __future__ import annotations

import fcntl
import itertools
import os
import sys
import termios
import threading
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prompt_toolkit.input import Input
from prompt_toolkit.input.typeahead import get_typeahead, store_typeahead
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys
from pytest_mock import MockerFixture
from support.chats import answering, chat, held, leave, wait_for_live, wait_for_prompt
from support.generated import up_to
from support.terminal import Terminal
from support.wire import playing

from stream_core.chat.input import keys_while_streaming as keys_module
from stream_core.chat.input.keys_while_streaming import KeyWatch, open_keyboard, typed_ahead
from stream_core.practice.script import Hang
from stream_core.terminal.device.keyboard import quiet_keyboard


def until(holds: Callable[[], object], limit: float = 20) -> None:
    end = time.monotonic() + limit
    while not holds():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.005)


class Desk:
    """A terminal with a keyboard that types into it, and what the watch made of it."""

    def __init__(self) -> None:
        self.master, slave = os.openpty()
        self.file = os.fdopen(slave, "r", encoding="utf-8")
        self.escapes = self.pressed = 0
        before, sys.stdin = sys.stdin, self.file
        try:
            self.keyboard: Input = open_keyboard()
        finally:
            sys.stdin = before

    def watch(self) -> KeyWatch:
        return KeyWatch(self.keyboard, self._escape, self._press)

    def _escape(self) -> None:
        self.escapes += 1

    def _press(self) -> None:
        self.pressed += 1

    def type(self, data: bytes) -> None:
        """Type, and wait until it was read."""
        os.write(self.master, data)
        until(lambda: not self.waiting())

    def waiting(self) -> int:
        count = array("i", [0])
        fcntl.ioctl(self.file.fileno(), termios.FIONREAD, count)
        return count[0]


@contextmanager
def at_desk() -> Iterator[Desk]:
    desk = Desk()
    with quiet_keyboard(desk.file.fileno(), escapes=lambda: False):
        try:
            yield desk
        finally:
            get_typeahead(desk.keyboard)
    desk.file.close()
    os.close(desk.master)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with at_desk() as made:
        yield made


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an Esc wait as long as a slow machine may need to send what follows it."""
    monkeypatch.setattr(keys_module, "_ESC_SECONDS", 60.0)


def test_esc_alone_is_called_out_and_dropped(desk: Desk) -> None:
    with desk.watch():
        desk.type(b"hola\x1b")
        until(lambda: desk.escapes == 1)
        desk.type(b"!")
    assert typed_ahead(desk.keyboard) == "hola!"


def test_esc_pressed_again_and_again_leaves_nothing(desk: Desk) -> None:
    with desk.watch():
        desk.type(b"\x1b\x1b\x1b")
        until(lambda: desk.escapes >= 2)
    assert typed_ahead(desk.keyboard) == ""


def test_an_esc_at_the_very_end_does_not_reach_the_prompt(desk: Desk) -> None:
    with desk.watch():
        desk.type(b"a\x1b")
    assert desk.escapes == 1
    assert typed_ahead(desk.keyboard) == "a"
    os.write(desk.master, b"h")
    until(desk.waiting)
    assert [key.key for key in desk.keyboard.read_keys()] == ["h"]


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([b"\x1b", b"[A"], id="an arrow in two reads"),
        pytest.param([b"\x1b[", b"A"], id="an arrow cut later"),
        pytest.param([b"\x1b", b"h"], id="alt+letter"),
        pytest.param([b"\x1b", b"\r"], id="alt+enter"),
        pytest.param([b"\x1b", b"[200~pe", b"gado\n", b"dos\x1b", b"[201~"], id="a paste"),
        pytest.param([b"\x1b[200~con \x1b dentro\x1b[201~"], id="a paste with an escape"),
        pytest.param([b"\x1b", b"\x1b[A"], id="alt+arrow"),
        pytest.param([b"\xc3", b"\xb1"], id="a character in two reads"),
    ],
)
def test_what_begins_with_esc_is_no_esc(desk: Desk, patient: None, pieces: list[bytes]) -> None:
    with desk.watch():
        for piece in pieces:
            desk.type(piece)
    assert not desk.escapes
    typed = b"".join(pieces).decode()
    assert typed_ahead(desk.keyboard) == typed.replace("\x1b[200~", "").replace("\x1b[201~", "")
    assert desk.pressed


@pytest.mark.parametrize("answer", [b"\x1b[12;40R", b"\x1b[<0;10;10M", b"\x1b[96;14;13M"])
def test_what_the_terminal_sends_by_itself_is_no_key(desk: Desk, answer: bytes) -> None:
    with desk.watch():
        desk.type(answer)
    assert not desk.escapes and not desk.pressed
    assert typed_ahead(desk.keyboard) == ""


def test_what_was_kept_before_comes_first(desk: Desk) -> None:
    store_typeahead(desk.keyboard, [KeyPress("a", "a")])
    with desk.watch():
        desk.type(b"b")
    os.write(desk.master, b"c")
    assert typed_ahead(desk.keyboard) == "ab"


def test_a_watch_that_ends_in_an_exception_has_stopped_and_changed_nothing(desk: Desk) -> None:
    before = termios.tcgetattr(desk.file.fileno())
    watch = desk.watch()
    with pytest.raises(ZeroDivisionError), watch:
        desk.type(b"hola")
        raise ZeroDivisionError
    assert termios.tcgetattr(desk.file.fileno()) == before
    assert not any(thread.name == "keys" for thread in threading.enumerate())
    assert typed_ahead(desk.keyboard) == "hola"
    os.write(desk.master, b"despues")
    until(lambda: desk.waiting() == 7)


def test_a_terminal_that_hangs_up_ends_the_watch() -> None:
    desk = Desk()
    with desk.watch() as watch:
        assert watch._thread is not None
        os.close(desk.master)
        watch._thread.join(20)
        assert not watch._thread.is_alive()
    desk.file.close()


def test_a_callback_that_breaks_ends_the_watch_and_no_key_is_lost(desk: Desk, mocker: MockerFixture) -> None:
    mocker.patch.object(desk, "_press", side_effect=ZeroDivisionError)
    with desk.watch() as watch:
        desk.type(b"a")
        assert watch._thread is not None
        watch._thread.join(20)
        os.write(desk.master, b"b")
    assert typed_ahead(desk.keyboard) == "a"
    until(desk.waiting)
    assert "".join(key.data for key in desk.keyboard.read_keys()) == "b"


def test_in_the_background_nothing_is_read(desk: Desk, mocker: MockerFixture) -> None:
    mocker.patch("stream_core.chat.input.keys_while_streaming.os.tcgetpgrp", return_value=1)
    mocker.patch("stream_core.chat.input.keys_while_streaming._BACKGROUND_SECONDS", 0.01)
    with desk.watch():
        os.write(desk.master, b"ls\r")
        until(lambda: desk.waiting() == 3)
    assert desk.waiting() == 3 and not desk.pressed


def test_what_is_no_terminal_is_not_watched(mocker: MockerFixture) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as file:
        mocker.patch("sys.stdin", file)
        os.write(writing, b"hola")
        keyboard = open_keyboard()
        with KeyWatch(keyboard, mocker.Mock()) as watch:
            assert watch._thread is None
        assert os.read(reading, 10) == b"hola"
    os.close(writing)


@pytest.mark.parametrize(
    ("lacking", "error"), [("threading.Thread.start", RuntimeError), ("os.pipe", OSError)]
)
def test_on_a_system_that_has_no_more_to_give_there_is_no_watch(
    desk: Desk, mocker: MockerFixture, lacking: str, error: type[Exception]
) -> None:
    mocker.patch(f"stream_core.chat.input.keys_while_streaming.{lacking}", side_effect=error)
    with desk.watch():
        os.write(desk.master, b"a")
    until(desk.waiting)


TYPED = st.lists(
    st.sampled_from(
        [
            "a", "ñ", "日", "🤖", "\r", "\t", "\x7f", "\x01", "\x1b[A", "\x1b[1;5C", "\x1bOP", "\x1b[3~",
            "\x1bh", "\x1b[5;7R", "\x1b[<0;1;2M", "\x1b[200~dos\nlíneas\x1b[201~",
        ]
    ),
    max_size=12,
).map("".join)  # fmt: skip


@settings(max_examples=up_to(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TYPED, st.lists(st.integers(0, 120), max_size=6), st.integers(0, 120))
def test_no_key_is_lost_or_changed_however_it_is_cut(
    patient: None, text: str, cuts: list[int], end: int
) -> None:
    """The watch ends anywhere, and the prompt reads the rest."""
    whole: list[KeyPress] = []
    Vt100Parser(whole.append).feed(text)
    whole = [key for key in whole if key.key not in (Keys.CPRResponse, Keys.Vt100MouseEvent)]
    data = text.encode()
    end = min(end, len(data))
    while data[:end].endswith(b"\x1b"):  # the watch would wait for what follows
        end -= 1
    ends = sorted({min(cut, end) for cut in cuts} | {0, end})
    with at_desk() as desk:
        with desk.watch():
            for start, stop in itertools.pairwise(ends):
                desk.type(data[start:stop])
        kept = get_typeahead(desk.keyboard)
        os.write(desk.master, data[end:])
        until(lambda: desk.waiting() == len(data) - end)
        while desk.waiting():
            kept += desk.keyboard.read_keys()
        assert not desk.escapes
    assert [(key.key, key.data) for key in kept] == [(key.key, key.data) for key in whole]


# -- the chat ----------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["\x1b", "\x03"])
def test_lines_of_an_unmarked_paste_come_back_to_the_prompt_unsent(key: str) -> None:
    with (
        playing(answering("Esto llegó", then=[Hang()]), answering("claro")) as server,
        chat(server, rows=20, cols=60) as terminal,
    ):
        terminal.send("uno\rdos\rtres\rcuatro")  # as a terminal without bracketed paste sends four lines
        terminal.wait_for("› 2 en espera; Ctrl+C los devuelve ⏎ cuatro")
        assert server.wait_for(lambda: len(server.requests) == 1)  # the first line has been sent
        terminal.send(key)
        terminal.wait_for("Los 2 mensajes que esperaban no se enviaron")
        terminal.wait_for(lambda t: t.display[-1].strip() == "cuatro" or "cuatro" in t.display[t.cursor[0]])
        assert server.wait_for(lambda: server.hangups == 1) and len(server.requests) == 1
        terminal.send("\r")
        terminal.wait_for("(completa)")
        assert server.requests[1].json()["messages"][-1]["content"] == "dos\ntres\ncuatro"


def test_esc_keeps_the_partial_and_the_prompt_returns() -> None:
    with (
        playing(answering("Esto llegó", then=[Hang()]), answering("claro")) as server,
        chat(server) as terminal,
    ):
        terminal.send("primera\r")
        terminal.wait_for("Esto llegó")
        terminal.send("\x1b")
        terminal.wait_for("🤖 Claude (cancelada)")
        terminal.wait_for("Cancelada por ti. Conservo los 10 caracteres que llegaron")
        wait_for_prompt(terminal, 2)
        assert server.wait_for(lambda: server.hangups == 1)
        terminal.send("segunda\r")
        terminal.wait_for("(completa)")
        assert [message["content"] for message in server.requests[1].json()["messages"]] == [
            "primera",
            "Esto llegó",
            "segunda",
        ]
        leave(terminal)


@pytest.mark.parametrize("ahead", ["tecleada antes", "\x1b[200~pegada\nen tres\nlíneas\x1b[201~"])
def test_esc_cancels_and_what_was_typed_before_it_is_sent(ahead: str) -> None:
    with (
        playing(answering("una", then=[Hang()]), answering("respondido")) as server,
        chat(server) as terminal,
    ):
        terminal.send("primera\r")
        wait_for_live(terminal, "una")
        terminal.send(f"{ahead}\r")
        terminal.send("\x1b")
        terminal.wait_for("respondido")
        wait_for_prompt(terminal, 3)
        text = ahead.removeprefix("\x1b[200~").removesuffix("\x1b[201~")
        assert server.requests[1].json()["messages"][-1]["content"] == text
        leave(terminal)


@contextmanager
def halfway(first: bytes) -> Iterator[tuple[Terminal, Callable[[], str]]]:
    """A chat whose first reply has ended, with these keys typed before that; and the last question sent."""
    go_on = threading.Event()
    with playing(held(go_on), answering("respondido")) as server, chat(server) as terminal:
        terminal.send("hola\r")
        wait_for_live(terminal, "una")
        terminal.send(first)
        go_on.set()
        terminal.wait_for("(completa)")
        assert "cancelada" not in terminal.text

        def sent() -> str:
            terminal.wait_for("respondido")
            content: str = server.requests[1].json()["messages"][-1]["content"]
            return content

        yield terminal, sent
        terminal.wait_for(lambda t: t.text.rstrip().endswith("Tú:"))
        leave(terminal)


@pytest.mark.parametrize(
    ("first", "rest", "message"),
    [
        pytest.param(b"\x1b[200~uno\ndos", b"\ntres\x1b[201~\r", "uno\ndos\ntres", id="a paste"),
        pytest.param(b"ma\xc3", b"\xb1ana\r", "mañana", id="a character"),
        pytest.param(b"\x1b[", b"A\r", "hola", id="an arrow"),
    ],
)
def test_what_came_by_half_is_completed_at_the_prompt(first: bytes, rest: bytes, message: str) -> None:
    with halfway(first) as (terminal, sent):
        wait_for_prompt_with_anything(terminal)
        terminal.send(rest)
        assert sent() == message


def wait_for_prompt_with_anything(terminal: Terminal) -> None:
    terminal.wait_for(lambda t: t.text.count("\nTú:") + t.text.startswith("Tú:") == 2)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        pytest.param("\x1b[A", "hola", id="arrow"),
        pytest.param("\x1b[A\x1b[B\x1b[Dvale", "vale", id="arrows"),
        pytest.param("va\x1b[12;40Rle", "vale", id="cpr"),
        pytest.param("va\x1b[<0;10;10M\x1b[<0;10;10mle", "vale", id="mouse"),
        pytest.param("vale\x1b[I\x1b[O", "vale", id="focus"),
    ],
)
def test_other_sequences_do_not_cancel(typed: str, message: str) -> None:
    with halfway(typed.encode()) as (terminal, sent):
        wait_for_prompt_with_anything(terminal)
        terminal.send("\r")
        assert sent().startswith(message)


def test_a_long_paste_while_a_reply_streams() -> None:
    huge = "".join(f"{number:09} " for number in range(10_000)).strip()
    with halfway(f"\x1b[200~{huge}\x1b[201~\r".encode()) as (_, sent):
        assert sent() == huge
