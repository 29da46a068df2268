"""Drawing, piece by piece; the whole is tested in `test_chat`."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Sequence
from typing import get_args

import pytest
from pytest_mock import MockerFixture
from rich.cells import cell_len
from rich.console import Console

from stream_core.config.options.appearance import Look
from stream_core.core.deltas import Cancelled, Delta, Failed, Finished, Opened, Text, Thinking, Usage, Waiting
from stream_core.core.errors import Overloaded
from stream_core.core.reply import Outcome, Reply
from stream_core.core.stats import ReplyStats, SessionStats
from stream_core.terminal.device.keyboard import quiet_keyboard
from stream_core.terminal.markdown.layout import whole_reply
from stream_core.terminal.pages.stats_table import Counts
from stream_core.terminal.pages.stats_table import rows as stats_rows
from stream_core.terminal.reply.view import LiveReplyView
from stream_core.terminal.rows.figures import (
    NONE,
    OUTCOMES,
    reply_figures,
    seconds,
    session_rows,
    whole_seconds,
)
from stream_core.terminal.screen import Screen

OPENED = Opened("msg_1", "claude-sonnet-5-5", Usage(10), "req_1", 1.0)
FINISHED = Finished("end_turn", Usage(10, 20), 3.0)


def fed(deltas: Sequence[Delta]) -> tuple[Reply, ReplyStats]:
    reply, stats = Reply(), ReplyStats(0.5)
    for delta in deltas:
        reply.feed(delta)
        stats.feed(delta)
    return reply, stats


def shown(deltas: list[Delta], *, width: int = 80, practice: bool = False) -> str:
    """The screen after a reply of these deltas."""
    file = io.StringIO()
    view = LiveReplyView(Console(file=file, width=width, height=20, emoji=False), Look(), practice=practice)
    with view:
        for delta in deltas:
            view.feed(delta)
        view.finish(*fed(deltas))
    return file.getvalue()


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, NONE),
        (0.834, "0.83 s"),
        (9.99, "9.99 s"),
        (12.34, "12.3 s"),
        (185.0, "3 min 05 s"),
        (7800.0, "2 h 10 min"),
    ],
)
def test_seconds(value: float | None, told: str) -> None:
    assert seconds(value) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (-1.0, "menos de 1 s"),
        (0.99, "menos de 1 s"),
        (1.0, "1 s"),
        (59.99, "59 s"),
        (60.0, "1 min 00 s"),
        (3599.9, "59 min 59 s"),
        (7800.0, "2 h 10 min"),
    ],
)
def test_whole_seconds(value: float, told: str) -> None:
    assert whole_seconds(value) == told


def told(deltas: Sequence[Delta]) -> str:
    return " · ".join(reply_figures(fed(deltas)[1]))


def test_the_figures_of_a_reply() -> None:
    whole: list[Delta] = [OPENED, Text("hola", 0, 1.5), Text("!", 0, 2.0), FINISHED]
    assert (
        " · ".join(reply_figures(fed(whole)[1]))
        == "primer token 1.00 s · total 2.50 s · 20 tokens · 13.3 tok/s"
    )
    cut: list[Delta] = [OPENED, Text("hola", 0, 1.5), Cancelled(2.0)]
    assert (
        " · ".join(reply_figures(fed(cut)[1]))
        == "primer token 1.00 s · total 1.50 s · 1 delta, tokens sin contar"
    )
    uncounted: list[Delta] = [OPENED, Text("hola", 0, 1.5), Finished("end_turn", Usage(), 3.0)]
    assert "tokens sin contar" in told(uncounted)


def test_the_table_has_the_rows_of_the_guide_in_its_format() -> None:
    session = SessionStats(0.0)
    for _ in range(5):
        session.add(fed([OPENED, Text("x" * 490, 0, 1.5), FINISHED])[1])
    rows = stats_rows([Counts.of_session(session, None)])
    assert rows[:4] == [
        ("Mensajes del usuario", "5"),
        ("Respuestas del asistente", "5"),
        ("Total de caracteres", "2,450"),
        ("Promedio de respuesta", "490.0"),
    ]
    assert rows[-1] == ("Tokens de salida", "100")
    inside = dict(session_rows(session, 65.0))
    assert (inside["Primer token (p95)"], inside["Tiempo de sesión"]) == ("1.00 s", "1 min 05 s")


def test_an_empty_session_has_no_invented_figures() -> None:
    rows = dict(session_rows(SessionStats(0.0), 1.0))
    assert rows["Velocidad"] == rows["Primer token (p50)"] == rows["Pausa entre deltas (p95)"] == NONE


def test_every_outcome_has_its_words() -> None:
    assert set(OUTCOMES) == set(get_args(Outcome))


@pytest.mark.parametrize(
    ("ending", "state"),
    [
        (FINISHED, "completa"),
        (Finished("max_tokens", Usage(), 3.0), "cortada"),
        (Cancelled(3.0), "cancelada"),
        (Failed(Overloaded(), 3.0), "interrumpida"),
    ],
)
def test_the_state_in_the_title(ending: Delta, state: str) -> None:
    assert f"🤖 Claude ({state})" in shown([OPENED, Text("hola", 0, 1.5), ending])


@pytest.mark.parametrize(
    ("ending", "state"), [(Cancelled(9.0), "cancelada"), (Failed(Overloaded(), 9.0), "interrumpida")]
)
def test_a_reply_that_is_cut_while_claude_thinks_says_for_how_long(ending: Delta, state: str) -> None:
    text = shown([OPENED, Thinking("hm", 0, 2.0), Thinking("hm", 0, 5.0), ending])
    opening, thought, closing, *_ = text.splitlines()
    assert (opening, thought) == ("╭─ 🤖 Claude", "│ ┆ Pensó 3 s")
    assert closing.startswith(f"╰─ 🤖 Claude ({state})")


def test_slow_typing_makes_no_thinking_longer() -> None:
    now = 100.0
    view = LiveReplyView(
        Console(file=io.StringIO(), width=100, height=20),
        Look(typing_speed=10),
        practice=False,
        clock=lambda: now,
    )
    view.prepare()
    for delta in (Thinking("0123456789", 0, 1.0), Thinking("más", 0, 3.5), Text("fin", 1, 9.0)):
        view.feed(delta)
    view._final_rows()
    now = 160.0
    assert any("Claude piensa… 2 s" in row for row in view._live_rows())
    view._final_rows()
    view._final_rows()
    assert not any("piensa" in row for row in view._live_rows())


def test_practice_is_in_the_title() -> None:
    assert "🤖 Claude (completa) · práctica" in shown([OPENED, Text("a", 0, 1.5), FINISHED], practice=True)


def test_in_a_narrow_window_the_edge_takes_more_rows() -> None:
    text = shown([OPENED, Text("hola", 0, 1.5), FINISHED], width=20)
    assert "(completa)" in text and "primer token" in text and "tok/s" in text
    assert all(cell_len(line) <= 20 for line in text.splitlines())


def test_a_reply_without_text_leaves_no_panel() -> None:
    assert "Claude" not in shown([Failed(Overloaded(), 1.0)])


@pytest.mark.parametrize(
    ("delta", "words"),
    [
        (Waiting("retry", 2, 4, 3.2, 1.0, Overloaded()), "Reintento 2/4 en 3 s"),
        (Waiting("first_byte", 1, 4, 5.0, 1.0), "Esperando a que Claude empiece… 5 s"),
        (Waiting("idle", 1, 4, 12.0, 1.0), "Claude piensa… 12 s (Esc cancela)"),  # no text before it
        (Waiting("upload", 1, 4, 2.0, 1.0, sent=3_210_000, size=21_400_000), "Enviando… 3.2 de 21.4 MB (Esc"),
        (Thinking("…", 0, 1.0), "Claude piensa…"),
    ],
)
def test_what_is_waited_for_is_said(delta: Delta, words: str) -> None:
    view = LiveReplyView(Console(file=io.StringIO(), width=100, height=20), Look(), practice=False)
    view.prepare()
    view.feed(delta)
    view._final_rows()
    assert any(words in row for row in view._live_rows())
    view.feed(Text("a", 0, 1.0))
    view.feed(Waiting("idle", 1, 4, 12.0, 1.0))
    view._final_rows()
    assert any("Sin texto nuevo desde hace 12 s" in row for row in view._live_rows())


def test_what_is_no_terminal_has_no_keyboard_to_quiet() -> None:
    reading, writing = os.pipe()
    with quiet_keyboard(reading):
        pass
    os.close(reading)
    os.close(writing)


def test_history_of_nothing() -> None:
    file = io.StringIO()
    Screen(file).context([], practice=False)
    assert file.getvalue() == "Todavía no hay conversación.\n"


def test_a_drawing_that_breaks_still_shows_the_text(mocker: MockerFixture) -> None:
    mocker.patch("stream_core.terminal.markdown.layout.Layout.rows", side_effect=ZeroDivisionError)
    file = io.StringIO()
    view = LiveReplyView(Console(file=file, width=80, height=20, force_terminal=True), Look(), practice=False)
    deltas: list[Delta] = [OPENED, Text("uno\n\ndos \x1b[2J\n\ntres", 0, 1.5), FINISHED]
    with view:
        for delta in deltas:
            view.feed(delta)
        view._loop._thread.join(10)
        view.finish(*fed(deltas))
    assert all(word in file.getvalue() for word in ("uno", "dos", "tres"))
    assert "\x1b[2J" not in file.getvalue()


def test_a_dumb_terminal_gets_no_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    file = io.StringIO()
    view = LiveReplyView(Console(file=file, width=80, height=20, force_terminal=True), Look(), practice=False)
    deltas: list[Delta] = [OPENED, Text("**hola**", 0, 1.5), FINISHED]
    with view:
        for delta in deltas:
            view.feed(delta)
        view.finish(*fed(deltas))
    assert "hola" in file.getvalue() and "\x1b" not in file.getvalue()


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system="truecolor")
    (row,) = whole_reply("**hola** `código`", console, Look())
    assert "\x1b[1m" in row and not re.search(r"\x1b\[[0-9;]*3[0-9]", row)


def test_the_history_looks_as_the_reply_did() -> None:
    text = "# Título\n\n- uno\n- dos\n\n```python\nx = 1\n```"
    file = io.StringIO()
    view = LiveReplyView(Console(file=file, width=80, height=20), Look(), practice=False)
    deltas: list[Delta] = [OPENED, Text(text, 0, 1.5), FINISHED]
    with view:
        for delta in deltas:
            view.feed(delta)
        view.finish(*fed(deltas))
    rows = whole_reply(text, Console(file=io.StringIO(), width=80), Look())
    assert len(rows) == 8 and file.getvalue().splitlines()[1 : 1 + len(rows)] == rows


def test_a_reply_of_blanks_leaves_no_open_edge() -> None:
    file = io.StringIO()
    view = LiveReplyView(Console(file=file, width=80, height=20), Look(), practice=False)
    deltas: list[Delta] = [OPENED, Text("\n \n", 0, 1.5), FINISHED]
    with view:
        for delta in deltas:
            view.feed(delta)
        view.frame()
        view.finish(*fed(deltas))
    assert "╭─" not in file.getvalue()


def test_a_backlog_is_written_whole_and_in_order() -> None:
    words = [f"p{number:05}" for number in range(20_000)]
    deltas: list[Delta] = [OPENED, *(Text(f"- {word}\n", 0, 1.5) for word in words), FINISHED]
    assert re.findall(r"p\d{5}", shown(deltas)) == words
