"""The plain mode: lines of text and nothing else, looked at piece by piece and as a person has it."""

from __future__ import annotations

import errno
import io
import itertools
import os
import re
import select
import signal
import stat
import sys
import termios
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from prompt_toolkit.history import InMemoryHistory
from pytest_mock import MockerFixture
from support.chats import (
    HOSTILE,
    KEY,
    answering,
    chat,
    held,
    leave,
    until,
    wait_for_live,
    wait_for_prompt,
)
from support.paths import PROGRAM
from support.terminal import Terminal
from support.wire import playing, recorded

from stream_core.chat.input.plain_prompt import PlainPrompt, edited
from stream_core.chat.signals.suspension import Suspension
from stream_core.config.connection import Connection
from stream_core.config.options.appearance import Look
from stream_core.config.settings import Settings
from stream_core.core.conversation import Conversation
from stream_core.core.deltas import (
    BlockDone,
    Cancelled,
    Delta,
    Failed,
    Finished,
    Opened,
    RoundDone,
    Text,
    Thinking,
    ToolAsked,
    ToolDone,
    ToolInput,
    ToolStarted,
    TurnDelta,
    Usage,
    Waiting,
)
from stream_core.core.errors import Overloaded
from stream_core.core.frame_stats import FrameStats
from stream_core.core.reply import Reply
from stream_core.core.sanitize import sanitize
from stream_core.core.stats import ReplyStats, SessionStats
from stream_core.models.cost import Spending
from stream_core.practice.events import text_delta
from stream_core.practice.script import Hang, Head, Send, Step, Wait, error_reply
from stream_core.practice.server import PracticeServer
from stream_core.terminal.device.keyboard import QuietKeyboard, quiet_keyboard
from stream_core.terminal.reply import plain
from stream_core.terminal.reply.line_buffer import ready
from stream_core.terminal.reply.plain import PlainView
from stream_core.terminal.screen import Screen

OPENED = Opened("msg_1", "claude-sonnet-5-5", Usage(10), "req_1", 1.0)
FINISHED = Finished("end_turn", Usage(10, 20), 3.0)
CLOSING = "Claude (completa), primer token 1.00 s, total 2.50 s, 20 tokens, 13.3 tok/s\n"


def fed(deltas: Sequence[TurnDelta]) -> tuple[Reply, ReplyStats]:
    reply, stats = Reply(), ReplyStats(0.5)
    for delta in deltas:
        if not isinstance(delta, (ToolAsked, ToolStarted, ToolDone, RoundDone)):
            reply.feed(delta)
            stats.feed(delta)
    return reply, stats


def shown(*deltas: TurnDelta, practice: bool = False) -> str:
    """What was written when a reply of these deltas has ended."""
    file = io.StringIO()
    with PlainView(file, practice=practice) as view:
        for delta in deltas:
            view.feed(delta)
        view.finish(*fed(deltas))
    return file.getvalue()


def said(text: str) -> Text:
    return Text(text, 0, 1.5)


# -- the view ----------------------------------------------------------------------------------

ANYTHING = st.text(st.one_of(st.characters(), st.sampled_from("\x1b[]m;\x9b\x07\n\r\t .!?…a")), max_size=300)


@settings(deadline=None)
@given(ANYTHING, st.lists(st.integers(0, 300), max_size=10))
@example("Uno. " * 40 + "\n\n" + "dos " * 200, [3, 100, 101, 500])
@example("\ud83d\ude00 y \ud83d", [1])
@example("\n \n", [])
def test_the_cutting_makes_no_difference_and_each_character_is_there_once(text: str, cuts: list[int]) -> None:
    ends = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    pieces = [said(text[start:end]) for start, end in itertools.pairwise(ends)]
    safe = sanitize(text)
    last = "" if safe.endswith("\n") else "\n"
    expected = f"Claude:\n{safe}{last}" if safe.strip() else ""
    whole = shown(OPENED, *pieces, FINISHED)
    body, _, closing = whole.rpartition("Claude (completa)") if text.strip() else (whole, "", "")
    assert body == expected
    assert closing.count("\n") <= 1
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", whole)


@given(ANYTHING, ANYTHING)
def test_thinking_is_a_paragraph_of_its_own(thought: str, text: str) -> None:
    whole = shown(OPENED, *(Thinking(piece, 0, 1.5) for piece in thought), said("fin" + text), FINISHED)
    safe = sanitize(thought)
    last = "" if safe.endswith("\n") else "\n"
    paragraph = f"Claude piensa: {safe.lstrip()}{last}(Pensó menos de 1 s)\n\n" if safe.strip() else ""
    if thought and not safe.strip():
        paragraph = "(Pensó menos de 1 s, sin mostrarlo)\n\n"
    assert whole.startswith(paragraph)
    rest = whole.removeprefix(paragraph)
    assert rest.startswith("Claude:\n" + sanitize("fin" + text))


@pytest.mark.parametrize(
    ("held", "written"),
    [
        ("", ""),
        ("una línea", ""),
        ("una línea\notra", "una línea\n"),
        ("Corta. Todavía", ""),
        ("Una frase que ya es bastante larga para que nadie quiera esperar a su final. Otra que", None),
        ("一二三四五六七八九十" * 8 + "。二", "一二三四五六七八九十" * 8 + "。"),
        ("palabra " * 60 + "pala", "palabra " * 60),
        ("x" * 500, "x" * 500),
        ("x" * 300, ""),
    ],
)
def test_lines_and_the_sentences_of_a_long_one_are_ready(held: str, written: str | None) -> None:
    if written is None:
        written = held.removesuffix("Otra que")
    assert held[: ready(held)] == written


def test_each_piece_is_written_as_soon_as_it_is_whole() -> None:
    file = io.StringIO()
    with PlainView(file, practice=False) as view:
        view.feed(OPENED)
        view.feed(said("Primera línea\nSegun"))
        assert file.getvalue() == "Claude:\nPrimera línea\n"
        view.feed(said("da\n"))
        assert file.getvalue() == "Claude:\nPrimera línea\nSegunda\n"


def test_what_is_held_back_is_written_when_nothing_more_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "_PATIENCE_SECONDS", 0.01)
    written = threading.Event()

    class File(io.StringIO):
        def write(self, text: str) -> int:
            if "media" in text:
                written.set()
            return super().write(text)

    file = File()
    with PlainView(file, practice=False) as view:
        view.feed(said("a media fra"))
        assert written.wait(20)
        view.feed(said("se"))
    assert file.getvalue() == "Claude:\na media frase\n"


def test_a_view_that_is_left_without_an_ending_has_written_everything() -> None:
    file = io.StringIO()
    with pytest.raises(ZeroDivisionError), PlainView(file, practice=False) as view:
        view.feed(said("a medias"))
        raise ZeroDivisionError
    assert file.getvalue() == "Claude:\na medias\n"


def test_what_a_cancel_left_in_the_mailbox_is_written_too() -> None:
    file = io.StringIO()
    reply, stats = fed([OPENED, said("uno dos"), Cancelled(3.0)])
    with PlainView(file, practice=False) as view:
        view.feed(said("uno "))
        view.finish(reply, stats)
    assert file.getvalue().startswith("Claude:\nuno dos\nClaude (cancelada), primer token")


def test_the_closing_line() -> None:
    assert shown(OPENED, said("hola"), FINISHED) == f"Claude:\nhola\n{CLOSING}"
    assert "Claude (completa), práctica, primer token" in shown(OPENED, said("a"), FINISHED, practice=True)
    assert "Claude (interrumpida), primer" in shown(OPENED, said("a"), Failed(Overloaded(), 3.0))


def test_a_reply_without_text_leaves_nothing() -> None:
    assert (
        shown(OPENED, FINISHED)
        == shown(Failed(Overloaded(), 1.0))
        == shown(OPENED, said(" \n"), FINISHED)
        == ""
    )


def test_a_call_of_a_tool_and_what_it_gave() -> None:
    block = {
        "type": "tool_use",
        "id": "t",
        "name": "calc\x1b[2J",
        "input": {"cuenta": "2 + 2\n\x1b]0;x\x07", "ñ": 1},
    }
    whole = shown(
        OPENED,
        said("Miro."),
        ToolInput("{}", 1, "t", "calc", 1.6),
        BlockDone(block, 1, 1.7),
        ToolStarted("t", "calc", {}, 1.8),
        ToolDone("t", "calc", "4\nexactos", False, 0.25, 1.9),
        ToolDone("t", "calc", "no\x1b[31m hay", True, 0.25, 1.9),
        said("Son 4."),
        FINISHED,
    )
    assert whole == (
        "Claude:\nMiro.\n"
        'Herramienta calc: {"cuenta": "2 + 2\\n\\u001b]0;x\\u0007", "ñ": 1}\n'
        "Resultado de calc (0.25 s): 4 exactos\n"
        "Error de calc (0.25 s): no hay\n"
        f"\nClaude:\nSon 4.\n{CLOSING}"
    )


def test_each_thinking_says_for_how_long() -> None:
    thought = {"type": "thinking", "thinking": "", "signature": ""}
    whole = shown(
        OPENED,
        Thinking("Veamos.\nPrim", 0, 2.0),
        Waiting("idle", 1, 4, 1.0, 3.0),
        Thinking("ero.", 0, 14.5),
        BlockDone(thought, 0, 15.0),
        BlockDone({"type": "tool_use", "name": "calc", "input": {}}, 1, 16.0),
        ToolDone("t", "calc", "4", False, 0.25, 17.0),
        BlockDone(thought, 0, 19.0),
        BlockDone({"type": "redacted_thinking", "data": "x"}, 1, 19.5),
        Thinking("Ya.", 2, 20.0),
        said("Son 4."),
        FINISHED,
    )
    assert whole.startswith(
        "Claude piensa: Veamos.\nPrimero.\n(Pensó 12 s)\n"
        "Herramienta calc: {}\nResultado de calc (0.25 s): 4\n"
        "(Pensó 2 s, sin mostrarlo)\n(Pensó menos de 1 s, sin mostrarlo)\n"
        "\nClaude piensa: Ya.\n(Pensó menos de 1 s)\n\nClaude:\nSon 4.\nClaude (completa)"
    )


def test_thinking_that_is_cut_says_for_how_long() -> None:
    whole = shown(OPENED, Thinking("Ve", 0, 2.0), Thinking("amos", 0, 5.2), Failed(Overloaded(), 6.0))
    assert whole == "Claude piensa: Veamos\n(Pensó 3 s)\n"


def test_an_input_without_end_is_one_line_of_some_length() -> None:
    block = {"type": "tool_use", "name": "x", "input": {"a": "largo " * 10_000}}
    (line,) = shown(OPENED, BlockDone(block, 0, 1.0), FINISHED).splitlines()
    assert len(line) < 300 and line.endswith("…")


def test_other_blocks_are_no_lines() -> None:
    assert shown(OPENED, BlockDone({"type": "text", "text": "x"}, 0, 1.0), FINISHED) == ""


def test_a_wait_is_told_once() -> None:
    retries = [Waiting("retry", 2, 4, left, 1.0, Overloaded()) for left in (3.0, 2.0, 1.0)]
    silences = [Waiting("idle", 3, 4, waited, 1.0) for waited in (1.0, 2.0, 3.0, 4.0)]
    whole = shown(
        Waiting("first_byte", 1, 4, 5.0, 1.0),
        *retries,
        Waiting("retry", 3, 4, 8.0, 1.0),
        OPENED,
        said("a me"),
        *silences,
        said("dias"),
        *silences,
        FINISHED,
    )
    assert whole.startswith(
        "Esperando a que Claude empiece…\n"
        "Reintento 2/4 en 3 s: la API está saturada en este momento.\n"
        "Reintento 3/4 en 8 s…\n"
        "\nClaude:\na me\nSin texto nuevo por ahora… (Ctrl+C cancela)\ndias\nClaude (completa)"
    )


def test_an_upload_is_told_by_quarters() -> None:
    sent = [
        Waiting("upload", 1, 4, 1.0, 1.0, sent=each, size=8_000_000) for each in range(0, 8_000_001, 10**6)
    ]
    lines = shown(*sent, OPENED, said("ya"), FINISHED).split("\n\n")[0].splitlines()
    assert lines == [
        f"Enviando… {number} de 8.0 MB (Ctrl+C cancela)" for number in ("0.0", "2.0", "4.0", "6.0", "8.0")
    ]


@pytest.mark.parametrize("problem", [OSError(errno.EIO, "gone"), ValueError("closed")])
def test_a_terminal_that_is_gone_takes_nothing_away(mocker: MockerFixture, problem: Exception) -> None:
    file = mocker.Mock()
    file.write.side_effect, file.isatty.return_value = problem, False
    deltas: list[Delta] = [OPENED, said("uno\ndos"), FINISHED]
    with PlainView(file, practice=False) as view:
        for delta in deltas:
            view.feed(delta)
        view.finish(*fed(deltas))
    file.write.assert_called_once()


# -- the screen --------------------------------------------------------------------------------


def screen() -> tuple[Screen, io.StringIO]:
    file = io.StringIO()
    return Screen(file, Look(plain=True)), file


def test_the_history_tells_what_deviated() -> None:
    plain_screen, file = screen()
    conversation = Conversation()
    reply, _ = fed([OPENED, said("Hola"), replace(FINISHED, deviations=("event_name", "no_usage"))])
    conversation.add("¿Qué?", reply, model="claude-sonnet-5-5")
    plain_screen.context(conversation.turns, practice=False)
    told = " ".join(file.getvalue().split())
    assert (
        "El servidor se apartó del protocolo: hay eventos sin su nombre, o con otro; "
        "no dijo cuántos tokens se usaron." in told
    )


def test_the_screen_writes_lines_without_frames() -> None:
    plain_screen, file = screen()
    conversation = Conversation()
    reply, stats = fed([OPENED, said("# Título\n\n- **uno** \x1b[2J\n"), FINISHED])
    conversation.add("¿Qué?", reply, model="claude-sonnet-5-5")
    session = SessionStats(0.0)
    session.add(stats)
    plain_screen.welcome(Settings(connection=Connection(practice=True)))
    turns = conversation.turns
    plain_screen.stats(turns, session, FrameStats(), 65.0, prices=None, spending=Spending())
    plain_screen.context(conversation.turns, practice=False)
    plain_screen.commands([("demo [n]", "preguntas de ejemplo")])
    plain_screen.samples(["Una"])
    plain_screen.asked("Una")
    plain_screen.warning("algo " * 40)
    with plain_screen.loading(Suspension().taking_part):
        pass
    text = file.getvalue()
    assert not re.search("[\x1b─-╿▀-▟⚠🎬🤖📊]", text)
    for line in (
        "Chat con Claude en streaming",
        "Esta conversación",
        "Mensajes del usuario: 1",
        "Esta sesión",
        "Tiempo de sesión: 1 min 05 s",
        "Turno 1",
        "Tú: ¿Qué?",
        "Claude (completa)",
        "# Título",
        "- **uno** ",
        "demo [n]: preguntas de ejemplo",
        "Tú: Una",
        "Aviso: " + "algo " * 40,
        "Preparando la conexión…",
    ):
        assert f"{line.rstrip()}\n" in re.sub(r" +\n", "\n", f"\n{text}"), line


def test_the_look_can_change_at_run_time() -> None:
    changing, file = screen()
    assert isinstance(changing.reply_view(practice=False), PlainView)
    changing.use(Look())
    assert not isinstance(changing.reply_view(practice=False), PlainView)
    changing.warning("ojo")
    changing.use(Look(plain=True))
    changing.warning("ojo")
    assert file.getvalue() == "⚠ ojo\nAviso: ojo\n"


# -- the prompt --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"hola\r", "hola\n"),
        (b"una\r\ndos\n", "una\ndos\n"),
        (b"holaa\x7f\r", "hola\n"),
        (b"mal\x15bien\r", "bien\n"),
        (b"una\r\x7f\x7fdos\r", "una\ndos\n"),
        (b"\x1bhola\x1b[A\x1bOP\x1b[3~\r", "hola\n"),
        (b"\x1b[200~pegado\x1b[201~\r", "pegado\n"),
        (b"a\xffb\n", "a\ufffdb\n"),
    ],
)
def test_what_is_typed_while_nothing_echoes_is_edited(data: bytes, text: str) -> None:
    assert edited(data) == text


# -- the chat ----------------------------------------------------------------------------------


@pytest.fixture
def dumb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")


pytestmark = pytest.mark.usefixtures("dumb")


def last(server: PracticeServer) -> str:
    content: str = server.requests[-1].json()["messages"][-1]["content"]
    return content


def test_a_session_without_any_escape(own_environment: Path) -> None:
    with chat(None) as terminal:
        assert "Chat con Claude en streaming" in terminal.text
        terminal.send("¿qué tal?\r")
        terminal.wait_for("Claude (completa), práctica, primer token")
        wait_for_prompt(terminal, 2)
        assert terminal.text.count("Claude (completa), práctica") == 1
        for command, shows in [
            ("stats", "Mensajes del usuario: 1"),
            ("contexto", "La próxima pregunta llevará 1 de 1 turno."),
            ("ayuda", "exit: sale del programa"),
            ("ayuda teclas", "Ctrl+D: sale"),
            ("/estats", "¿Querías decir /stats?"),
        ]:
            terminal.send(f"{command}\r")
            terminal.wait_for(shows)
        terminal.wait_for(lambda t: t.text.rstrip().endswith("Tú:"))
        before = terminal.termios_now()
        assert before[3] & termios.ECHO and before[3] & termios.ICANON
        leave(terminal)
        assert b"\x1b" not in terminal.raw
        assert not re.search("[─-╿▀-▟⠀-⣿]", terminal.text)
        flags = terminal.termios_now()
        assert flags[3] & termios.ECHO and flags[3] & termios.ICANON and flags[0] & termios.ICRNL
    history = own_environment / "data" / "history"
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    assert "+¿qué tal?" in history.read_text("utf-8")


def test_a_piece_of_a_line_does_not_wait_for_its_end() -> None:
    with (
        playing(answering("Esto llegó", then=[Hang()]), answering("claro")) as server,
        chat(server) as terminal,
    ):
        terminal.send("primera\r")
        terminal.wait_for("Esto llegó")
        terminal.send("\x03")
        terminal.wait_for("Claude (cancelada), primer token")
        terminal.wait_for("Aviso: Cancelada por ti. Conservo los 10 caracteres que llegaron")
        wait_for_prompt(terminal, 2)
        assert terminal.text.count("Esto llegó") == 1
        terminal.send("segunda\r")
        terminal.wait_for("(completa)")
        assert len(server.requests[1].json()["messages"]) == 3
        leave(terminal)


def test_tools_and_thinking_of_a_recorded_reply() -> None:
    with playing([Head(), Send(recorded("thinking_and_tools"))]) as server, chat(server) as terminal:
        terminal.send("hola\r")
        terminal.wait_for("Claude piensa: ")
        terminal.wait_for("Herramienta ")
        terminal.wait_for(lambda t: t.text.rstrip().endswith("Tú:"))
        leave(terminal)


def test_hostile_output_is_text_only() -> None:
    with playing(answering(*HOSTILE)) as server, chat(server) as terminal:
        terminal.send("hola\r")
        terminal.wait_for("(completa)")
        terminal.send("contexto\r")
        terminal.wait_for("llevará 1 de 1 turno")
        leave(terminal)
        assert b"\x1b" not in terminal.raw and "\u202e" not in terminal.text
        assert terminal.text.count("rojo") == 2 and "robado" not in terminal.text


def test_a_retry_is_told_once() -> None:
    busy = list(error_reply(529, "overloaded_error", "Overloaded", [("retry-after", "2")]))
    with playing(busy, answering("por fin")) as server, chat(server) as terminal:
        terminal.send("hola\r")
        terminal.wait_for("(completa)")
        assert terminal.text.count("Reintento 2/4") == 1
        leave(terminal)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
@pytest.mark.parametrize("where", ["prompt", "reply"])
def test_a_signal_leaves_the_terminal_as_it_was(number: int, code: int, where: str) -> None:
    with playing(answering("Esto llegó.\n\n", then=[Hang()])) as server, chat(server) as terminal:
        if where == "reply":
            terminal.send("hola\r")
            terminal.wait_for("Esto llegó")
        terminal.signal(number)
        assert terminal.wait_exit() == code
        assert ("Claude (cancelada)" in terminal.text) == (where == "reply")
        assert "Traceback" not in terminal.text
        flags = terminal.termios_now()
        assert flags[3] & termios.ECHO and flags[3] & termios.ICANON and flags[0] & termios.ICRNL


def test_ctrl_c_and_ctrl_d_at_the_prompt() -> None:
    with chat(None) as terminal:
        terminal.send("a medias")
        terminal.wait_for("Tú: a medias")
        terminal.send("\x03")
        terminal.wait_for("Pulsa Ctrl+C otra vez para salir. También sirven exit y Ctrl+D.")
        wait_for_prompt(terminal, 2)
        terminal.send("\x04")
        assert terminal.wait_exit() == 0
        assert "¡Hasta pronto!" in terminal.text


def test_esc_is_left_to_the_terminal_and_harms_no_message() -> None:
    go_on = threading.Event()

    def first() -> Iterator[Step]:
        yield from answering("una\n\n", then=[Wait(0.0)])
        yield from until(go_on)
        yield Send(text_delta("dos\n\n"))
        yield Hang()

    with playing(first(), answering("vale")) as server, chat(server) as terminal:
        terminal.send("primera\r")
        terminal.wait_for("Claude:\nuna")
        terminal.send("\x1b")
        time.sleep(0.5)  # more than Esc waits elsewhere for what follows it
        go_on.set()
        terminal.wait_for("\ndos")
        assert "cancelada" not in terminal.text
        terminal.send("\x03")
        wait_for_prompt(terminal, 2)
        terminal.send("hola\x1b[A\r")
        terminal.wait_for("vale")
        assert last(server) == "hola"
        leave(terminal)


def test_what_is_typed_ahead_is_shown_and_sent() -> None:
    first = answering("una\n\n", then=[Hang()])
    with playing(first, answering("vale")) as server, chat(server) as terminal:
        terminal.send("primera\r")
        terminal.wait_for("Claude:\nuna")
        terminal.send("tecleada antesss\x7f\x7f\r")
        terminal.send("\x03")
        terminal.wait_for("Tú: tecleada antes")
        terminal.wait_for("vale")
        assert last(server) == "tecleada antes"
        wait_for_prompt(terminal, 3)
        leave(terminal)


def test_a_line_half_typed_ahead_goes_on_at_the_prompt() -> None:
    first = answering("una\n\n", then=[Hang()])
    with playing(first, answering("vale")) as server, chat(server) as terminal:
        terminal.send("primera\r")
        terminal.wait_for("Claude:\nuna")
        terminal.send("media ñ".encode()[:-1])
        terminal.send("\x03")
        terminal.wait_for("Tú: media ")
        terminal.send("ñ línea".encode()[1:] + b"\r")
        terminal.wait_for("vale")
        assert last(server) == "media ñ línea"
        wait_for_prompt(terminal, 3)
        leave(terminal)


@pytest.mark.parametrize("end", ["", "\n"], ids=["last line open", "last line ended"])
def test_a_paste_is_one_message(end: str) -> None:
    lines = "\n".join(f"línea {number}" for number in range(60))
    with playing(answering("vale")) as server, chat(server) as terminal:
        terminal.paste(lines + end)
        terminal.wait_for("línea 59")
        if not end:
            terminal.send("\r")
        terminal.wait_for("vale")
        assert last(server) == lines and len(server.requests) == 1
        leave(terminal)


def test_a_paste_of_50_000_characters() -> None:
    lines = "\n".join(f"{number:09}" for number in range(5_000))
    with playing(answering("vale")) as server, chat(server) as terminal:
        terminal.paste(lines)
        terminal.send("\r")

        def said() -> list[str]:
            return [request.json()["messages"][-1]["content"] for request in server.requests]

        # A paste that stands still at the end of a line is two messages, of which the first is answered then.
        terminal.wait_for(lambda _: sum(map(len, said())) + len(said()) > len(lines), timeout=60)
        terminal.wait_for(lambda t: t.text.rstrip().endswith("Tú:"))
        assert "\n".join(said()) == lines
        leave(terminal)


def test_invalid_utf8_and_blank_lines() -> None:
    with playing(answering("vale")) as server, chat(server) as terminal:
        terminal.send("\r")
        wait_for_prompt(terminal, 2)
        terminal.send(b"a\xff\xfeb\r")
        terminal.wait_for("vale")
        assert last(server) == "a\ufffd\ufffdb" and len(server.requests) == 1
        leave(terminal)


# -- other locales, and a look that changes ----------------------------------------------------


@pytest.mark.parametrize("term", ["dumb", "xterm-256color"])
@pytest.mark.parametrize("coding", ["ascii", "latin-1"])
def test_a_locale_that_is_not_utf8(term: str, coding: str) -> None:
    answer = "Año 🤖 日本 fin"
    with playing(answering(answer)) as server:
        env = dict(os.environ, TERM=term, PYTHONIOENCODING=coding)
        env.update(ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=server.base_url)
        with Terminal([sys.executable, str(PROGRAM)], env=env) as terminal:
            terminal.wait_for(lambda t: re.search(r"^T.: *$", t.text.rstrip(), re.MULTILINE))
            terminal.send("señal".encode("latin-1") + b"\r")
            terminal.wait_for("(completa)")
            shown = answer.encode(coding, "replace")
            assert shown in terminal.raw
            sent = {"ascii": "se\ufffdal", "latin-1": "señal"}[coding]
            assert last(server) == sent
            terminal.send("stats\r")
            terminal.wait_for("Mensajes del usuario")
            terminal.send("contexto\r")
            terminal.wait_for("de 1 turno")
            leave(terminal)


DRIVER = """
import sys
from pathlib import Path
from stream_core.chat import app, repl
from stream_core.config.options.appearance import Look

usual = repl.handle

def handle(session, line):
    if line in ("plano", "dibujado"):
        session.screen.use(Look(plain=line == "plano"))
    else:
        usual(session, line)

repl.handle = handle
sys.exit(app.main(Path(".")))
"""


@contextmanager
def changeable(server: PracticeServer) -> Iterator[Terminal]:
    env = dict(os.environ, TERM="xterm-256color", PYTHONPATH=str(PROGRAM.parent))
    env.update(ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=server.base_url)
    with Terminal([sys.executable, "-c", DRIVER], env=env) as terminal:
        terminal.wait_for("Tú:")
        yield terminal


def test_the_look_changes_and_nothing_typed_ahead_is_lost() -> None:
    go_on = threading.Event()  # a reply that is cancelled would keep what waits from being sent
    with (
        playing(held(go_on), answering("dos"), answering("tres")) as server,
        changeable(server) as terminal,
    ):
        terminal.send("primera\r")
        wait_for_live(terminal, "una")
        terminal.send("plano\rsegunda\r")
        terminal.wait_for("2 en espera")
        go_on.set()
        terminal.wait_for("Claude (completa), primer token")
        assert last(server) == "segunda"
        wait_for_prompt(terminal, 4)
        mark = len(terminal.raw)
        terminal.send("dibujado\r")
        terminal.wait_for(lambda t: b"\x1b" in t.raw[mark:])
        terminal.send("tercera\r")
        terminal.wait_for(lambda t: t.text.count("🤖 Claude (completa)") == 2)
        assert last(server) == "tercera"
        wait_for_prompt(terminal, 6)
        leave(terminal)


def test_what_comes_while_the_keyboard_changes_is_shown_and_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    master, slave = os.openpty()
    with os.fdopen(slave, encoding="utf-8") as stdin, quiet_keyboard(slave):
        monkeypatch.setattr(sys, "stdin", stdin)

        class JustAfterAKey(QuietKeyboard):
            def echo(self) -> None:
                os.write(master, b"tarde")
                select.select([slave], [], [])  # now it is there
                super().echo()

        def go_on_typing() -> None:
            os.write(master, b" o nunca\r")

        keyboard = JustAfterAKey(slave, lambda: False)
        prompt = PlainPrompt(keyboard, Suspension(), InMemoryHistory(), go_on_typing)
        assert prompt.ask() == "tarde o nunca"
    os.close(master)
    assert capsys.readouterr().out == "Tú: tarde"


def test_the_wire_is_told_between_lines_only() -> None:
    file, told = io.StringIO(), list[str]()
    deltas: list[TurnDelta] = [said("Una línea\ny a med"), said("ias"), FINISHED]
    with PlainView(file, practice=False, tell_wire=lambda: told.append(file.getvalue())) as view:
        for delta in deltas:
            view.feed(delta)
        view.finish(*fed(deltas))
    assert told and all(text == "" or text.endswith("\n") for text in told)
    assert file.getvalue().startswith(f"{told[-1]}Claude (")
