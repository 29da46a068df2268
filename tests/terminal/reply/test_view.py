"""A reply while it is drawn: each word once on screen and in the scrollback, whatever the window does."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyte import ByteStream
from pytest_mock import MockerFixture
from rich.console import Console
from support.generated import up_to
from support.paths import TESTS
from support.terminal import Screen, Terminal, row_text

from stream_core.config.options.appearance import Look
from stream_core.config.options.effects import EFFECTS, SPINNERS
from stream_core.core.deltas import BlockDone, Finished, Opened, Text, Thinking, Usage
from stream_core.core.reply import Reply
from stream_core.core.stats import ReplyStats
from stream_core.terminal.markdown.layout import Layout
from stream_core.terminal.reply.live_region import THINKING_ROWS as ROWS
from stream_core.terminal.reply.view import LiveReplyView

DRAW = TESTS / "support" / "draw.py"
SPINNER = SPINNERS[Look().spinner]
TOKEN = re.compile(r"w\d{4}k")
_DRAWN = re.compile(r"[\s│▌•◦▪┆]")

# Each % is a word of its own.
BLOCKS = (
    "# % **%**",
    "%\n===",
    "% % % **% %** % `%` [%](https://e.es/%) " + "% " * 30,
    "%\n%\n%",
    "- %\n  - % %\n- %",
    "1. % %\n   - %\n   ```python\n   % = '%'\n   ```\n2. %",
    "> % %\n> - %\n>> %",
    "```js\n  %  // %\n%\n```",
    "| % | % |\n|---|--:|\n| % | **%** |\n| % | % % % % |",
    "| % |\n|---|\n" + "| % |\n" * 24,
    "***",
    "    %\n    %",
    "日本語 % 👩‍👩‍👧‍👦 % 🇪🇸 % e\u0301% עברית %",
    "**% %",
    "% [%](",
    "`%",
    "~~%~~ ***%***",
    "- [ ] %\n- [x] %",
    "%" * 12,
    "```\n%",
)


def with_words(text: str) -> str:
    """A text with a word of its own in place of each %."""
    numbers = itertools.count()
    return re.sub("%", lambda _: f"w{next(numbers):04}k", text)


TEXTS = st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=6).map("\n\n".join).map(with_words)


def words_in(rows: list[str]) -> Counter[str]:
    """The words of these rows, also those that go on in the next."""
    return Counter(TOKEN.findall(_DRAWN.sub("", "".join(rows))))


class Window:
    """A terminal window that a view draws on."""

    def __init__(self, rows: int, cols: int, reflow: bool = True) -> None:
        self.screen = Screen(rows, cols, 10_000, reflow, lambda _: None)
        self._stream = ByteStream(self.screen)
        self.console = Console(file=self, force_terminal=True, color_system="truecolor")  # type: ignore[arg-type]
        self.console.size = (cols, rows)

    def write(self, text: str) -> int:
        self._stream.feed(text.encode().replace(b"\n", b"\r\n"))
        return len(text)

    def flush(self) -> None: ...

    def resize(self, rows: int, cols: int) -> None:
        self.screen.resize(rows, cols)
        self.console.size = (cols, rows)

    @property
    def above_cursor(self) -> list[str]:
        """The rows above the cursor, scrollback and all; below it there is nothing but blank ones.

        How many these are is no matter of the text: a part that is open may take more rows than when it is
        whole (a table whose last cell is short of words), and what scrolls for them does not come back.
        """
        rows, at = self.rows, len(self.screen.gone) + self.screen.cursor.y
        assert not "".join(rows[at:]).strip()
        return rows[:at]

    @property
    def rows(self) -> list[str]:
        shown = [row_text(self.screen.buffer[y]) for y in range(self.screen.lines)]
        return [*self.screen.gone, *shown]


class Drawing:
    """A reply that is drawn on a window, frame by frame."""

    def __init__(self, window: Window, look: Look | None = None, *, resend_final_rows: bool = False) -> None:
        self.window = window
        self.view = LiveReplyView(
            window.console, look or Look(), practice=False, resend_final_rows=resend_final_rows
        )
        self.view._live = True  # its frames are drawn by hand
        self.view.prepare()
        self._text = ""

    def feed(self, piece: str, index: int = 0) -> None:
        self._text += piece
        self.view.feed(Text(piece, index, 1.0))

    def think(self, piece: str, index: int = 0, at: float = 1.0) -> None:
        self.view.feed(Thinking(piece, index, at))

    def finish(self) -> None:
        reply, stats = Reply(), ReplyStats(0.5)
        usage = Usage(10, 20)
        for delta in (
            Opened("m", "x", usage, None, 1.0),
            Text(self._text, 0, 1.5),
            Finished("end_turn", usage, 3.0),
        ):
            reply.feed(delta)
            stats.feed(delta)
        self.view.finish(reply, stats)
        self.view._painter.close()


def check(rows: list[str], text: str) -> None:
    """The screen that a person finds after a reply."""
    assert words_in(rows) == Counter(TOKEN.findall(text))
    whole = "\n".join(rows)
    assert whole.count("╭─ 🤖") == bool(text.strip()) and "Streaming" not in whole
    assert not set(SPINNER) & set(whole)
    assert "".join(rows).replace(" ", "").count("(completa)") == bool(text.strip())


# -- any text, any cutting, any window ---------------------------------------------------------

# What windows do: they are maximised, halved, put beside another. The view promises no more.
RESIZES = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from([0.5, 0.7, 1, 2]), st.sampled_from([0.5, 1, 2])),
    max_size=3,
)


class Chance(Random):
    """Choices that a failure can name, and that are the same again with the seed that it prints."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._told = f"Chance({seed})"

    def __repr__(self) -> str:
        return self._told


CHANCE = st.integers(0, 2**32 - 1).map(Chance)


@settings(deadline=None, max_examples=up_to(60))
@given(
    text=TEXTS,
    size=st.integers(1, 40),
    rows=st.integers(8, 40),
    cols=st.integers(24, 110),
    resizes=RESIZES,
    reflow=st.booleans(),
    frame=st.sampled_from(["barra", "bordes", "panel"]),
    effect=st.sampled_from(sorted(EFFECTS)),
    chance=CHANCE,
)
def test_each_word_stands_there_once_also_after_resizes(
    text: str,
    size: int,
    rows: int,
    cols: int,
    resizes: list[tuple[int, float, float]],
    reflow: bool,
    frame: Any,
    effect: str,
    chance: Random,
) -> None:
    window = Window(rows, cols, reflow)
    drawing = Drawing(window, Look(frame=frame, effect=effect))
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    for number, piece in enumerate(pieces):
        drawing.feed(piece)
        if chance.random() < 0.6:
            drawing.view.frame(tick=chance.random() < 0.3)
        for at, wider, higher in resizes:
            if at == number:
                drawing.view.frame()
                rows, cols = min(60, max(8, int(rows * higher))), min(200, max(24, int(cols * wider)))
                window.resize(rows, cols)
                drawing.view.frame()
    drawing.finish()
    told = window.rows
    if reflow or not resizes:
        check(told, text)
    else:  # a terminal that cuts its rows loses what was cut, but nothing is there twice
        assert all(count == 1 for count in words_in(told).values())


@settings(deadline=None, max_examples=up_to(30))
@given(TEXTS, st.integers(1, 40), RESIZES, CHANCE)
def test_frames_that_are_drawn_before_a_resize_is_known(
    text: str, size: int, resizes: list[tuple[int, float, float]], chance: Random
) -> None:
    """As in tmux, which tells it late: what is drawn until then has the width of before."""
    window = Window(30, 100)
    drawing = Drawing(window, resend_final_rows=True)
    rows, cols = 30, 100
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    for number, piece in enumerate(pieces):
        drawing.feed(piece)
        drawing.view.frame(tick=chance.random() < 0.3)
        for at, wider, higher in resizes:
            if at == number:
                window.console.size = (cols, rows)
                drawing.view.frame()
                rows, cols = min(60, max(12, int(rows * higher))), min(200, max(24, int(cols * wider)))
                window.screen.resize(rows, cols)
        if chance.random() < 0.2:
            window.console.size = (cols, rows)
    window.console.size = (cols, rows)
    drawing.view.frame()
    drawing.finish()
    check(window.rows, text)


@pytest.mark.parametrize("reflow", [True, False])
def test_a_resize_while_a_frame_is_laid_out_leaves_no_ghosts(
    reflow: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A narrower window would wrap the tail, and the way back up be too short."""
    window = Window(30, 100, reflow)
    drawing = Drawing(window)
    lay_out, sizes = drawing.view._live_rows, [[(20, 40)], [(12, 100)], [(30, 44)]]

    def resizing(tick: bool = False) -> list[str]:
        rows = lay_out(tick)
        if sizes[0]:
            window.resize(*sizes[0].pop())
        return rows

    pieces = [f"- w{number:04}k y algo\n" for number in range(20)]
    for number, piece in enumerate(pieces):
        drawing.feed(piece)
        if number in (5, 9, 13):
            with monkeypatch.context() as patch:
                patch.setattr(drawing.view, "_live_rows", resizing)
                drawing.view.frame()
            assert sizes.pop(0) == []
        drawing.view.frame()
    drawing.finish()
    check(window.rows, "".join(pieces))


THOUGHT = re.compile(r"t\d{4}k")
APART = TEXTS.map(lambda text: f"{text}\n\n")  # glued, they make tables whose headings stand in each row
SEGMENTS = st.lists(st.tuples(st.booleans(), APART), min_size=1, max_size=4)


@settings(deadline=None, max_examples=up_to(60))
@given(
    segments=SEGMENTS,
    size=st.integers(1, 40),
    rows=st.integers(8, 40),
    cols=st.integers(24, 110),
    resizes=RESIZES,
    reflow=st.booleans(),
    late=st.booleans(),
    chance=CHANCE,
)
def test_of_thinking_one_line_is_left_also_after_resizes(
    segments: list[tuple[bool, str]],
    size: int,
    rows: int,
    cols: int,
    resizes: list[tuple[int, float, float]],
    reflow: bool,
    late: bool,
    chance: Random,
) -> None:
    """`late`: what is drawn just after a resize has the width of before, as in tmux."""
    window = Window(rows, cols, reflow)
    drawing = Drawing(window, resend_final_rows=late)
    thoughts, text, number = 0, "", 0
    for index, (thinks, segment) in enumerate(segments):
        segment = TOKEN.sub(lambda found: f"t{found[0][1:]}", segment) if thinks else segment
        thoughts += thinks
        text += "" if thinks else segment
        for at in range(0, len(segment), size):
            piece = segment[at : at + size]
            drawing.think(piece, index) if thinks else drawing.feed(piece, index)
            if chance.random() < 0.6:
                drawing.view.frame(tick=chance.random() < 0.3)
            for when, wider, higher in resizes:
                if when == number:
                    drawing.view.frame()
                    rows, cols = min(60, max(12, int(rows * higher))), min(200, max(24, int(cols * wider)))
                    window.screen.resize(rows, cols)
                    if late:
                        drawing.view.frame(tick=False)
                    window.console.size = (cols, rows)
                    drawing.view.frame()
            number += 1
        if chance.random() < 0.5:
            drawing.view.feed(BlockDone({"type": "thinking" if thinks else "text"}, index, 1.0))
    drawing.finish()
    told = window.rows
    joined = _DRAWN.sub("", "".join(told))
    assert not THOUGHT.search(joined) and "piensa" not in joined
    if reflow or not resizes:
        assert words_in(told) == Counter(TOKEN.findall(text))
        assert joined.count("Pensó") == thoughts
        assert "\n".join(told).count("╭─ 🤖") == 1
    else:
        assert joined.count("Pensó") <= thoughts


def test_the_last_rows_of_thinking_stand_below_its_heading() -> None:
    now = 0.0
    window = Window(40, 60)
    view = LiveReplyView(window.console, Look(), practice=False, clock=lambda: now)
    view._live = True
    view.prepare()
    view.feed(Text("Antes.", 0, 1.0))
    for line in range(20):
        view.feed(Thinking(f"- línea {line}\n", 1, 1.0 + line / 10))
    view.frame()
    now = 2.5
    view.frame()
    shown = [re.sub(f"[{SPINNER}]", "*", row) for row in window.rows]
    assert shown[1:4] == ["│ Antes.", "│", "│ * Claude piensa… 4 s"]
    assert shown[4:10] == [f"│ ┆ • línea {line}" for line in range(20 - ROWS, 20)]
    assert shown[10].startswith("╰─ 🤖 Claude (Streaming)")
    view.feed(Text("Después.", 2, 13.4))
    view.frame()
    assert window.rows[1:6] == ["│ Antes.", "│", "│ ┆ Pensó 1 s", "│", "│ Después.▊"]
    assert not any("línea" in row for row in window.rows)


@pytest.mark.parametrize(("rows", "cols"), [(5, 20), (5, 100), (8, 40), (12, 60), (30, 100)])
def test_thinking_keeps_to_its_share_of_every_window(rows: int, cols: int) -> None:
    window = Window(rows, cols)
    drawing = Drawing(window)
    thought = with_words("% " * 200)
    for at in range(0, len(thought), 7):
        drawing.think(thought[at : at + 7])
        drawing.view.frame()
        shown = window.rows[-rows:]
        assert any("Claude piensa" in row for row in shown)
        assert 1 <= sum("┆" in row for row in shown) <= min(ROWS, rows - 2)
        newest = re.findall(r"w\w*", thought[: at + 7])[-1]
        assert newest in _DRAWN.sub("", "".join(shown))
    drawing.feed("fin")
    drawing.finish()
    assert not words_in(window.rows) and "fin" in "".join(window.rows)


OPEN_TABLE = with_words("%\n\n" * 9 + "| % | % |\n|---|--:|\n| % | **%** |\n| % | % % % % |")


@settings(deadline=None, max_examples=up_to(40))
@given(TEXTS, st.integers(1, 30), st.integers(1, 300), CHANCE)
@example(OPEN_TABLE, 13, 200, Chance(0))
def test_the_screen_is_the_same_for_every_cutting(text: str, size: int, other: int, chance: Random) -> None:
    shown = []
    for step in (size, other):
        window = Window(24, 72)
        drawing = Drawing(window)
        for at in range(0, len(text), step):
            drawing.feed(text[at : at + step])
            if chance.random() < 0.7:
                drawing.view.frame()
        drawing.finish()
        shown.append([row for row in window.above_cursor if "tok/s" not in row])
    assert shown[0] == shown[1]


def test_an_open_part_may_take_more_rows_than_when_it_is_whole() -> None:
    """Why the window's own rows are no measure of what a reply looks like."""
    unseen, seen = Window(24, 72), Window(24, 72)
    for window in (unseen, seen):
        drawing = Drawing(window)
        drawing.feed(OPEN_TABLE)
        if window is seen:
            drawing.view.frame()
        drawing.finish()
    assert len(seen.rows) > len(unseen.rows) and seen.above_cursor == unseen.above_cursor


@settings(deadline=None, max_examples=up_to(30))
@given(TEXTS, st.integers(5, 20), st.integers(20, 60), st.sampled_from(["barra", "panel"]))
def test_no_row_is_longer_than_its_window(text: str, rows: int, cols: int, frame: Any) -> None:
    window = Window(rows, cols)
    drawing = Drawing(window, Look(frame=frame))
    for at in range(0, len(text), 13):
        drawing.feed(text[at : at + 13])
        drawing.view.frame()
        assert not any(getattr(row, "wrapped", False) for row in window.screen.buffer.values())
    drawing.finish()
    check(window.rows, text)


WIDE = (
    "漢字仮名交じり文をここに書いておきます。",
    "가나다라 마바사",
    "👩‍👩‍👧‍👦👨‍💻👩🏽‍🚀🏳️‍🌈",
    "🇪🇸🇫🇷🇯🇵🇲🇽",
    "👍🏽👋🏿",
    "❤️☀️⚠️1️⃣",
    "e\u0301a\u0323\u0302n\u0303",
    "שלום עולם",
    "مرحبا بالعالم",
    "नमस्ते दुनिया",
    "สวัสดีชาวโลก",
)


@pytest.mark.parametrize("cols", [20, 33, 60])
@pytest.mark.parametrize(
    "shape", ["{} %\n\n", "{} % ", "- > {} %\n", "~~~\n{} %\n~~~\n", "|%|{}|\n|-|-|\n\n"]
)
def test_characters_of_any_width_keep_within_the_window(shape: str, cols: int) -> None:
    """The emulator draws each code point by itself: an emoji of several takes the most it can."""
    window = Window(10, cols)
    drawing = Drawing(window)
    text = with_words("".join(shape.replace("{}", wide) for wide in WIDE * 2))
    for letter in text:
        drawing.feed(letter)
        drawing.view.frame(tick=False)
        assert not any(getattr(row, "wrapped", False) for row in window.screen.buffer.values())
    drawing.finish()
    check(window.rows, text)


def test_a_deep_list_keeps_within_a_narrow_window() -> None:
    window = Window(12, 20)
    drawing = Drawing(window)
    text = with_words("1. 1. 12. * > - % %\n")
    for letter in text:
        drawing.feed(letter)
        drawing.view.frame()
        assert not any(getattr(row, "wrapped", False) for row in window.screen.buffer.values())
    drawing.finish()
    check(window.rows, text)


def test_a_table_that_counts_its_rows_keeps_its_numbers_whole() -> None:
    window = Window(30, 60)
    drawing = Drawing(window)
    drawing.feed("| n | palabra |\n|---|---|\n" + "".join(f"| {n} | x{n} |\n" for n in range(1, 131)))
    drawing.finish()
    told = [int(row.split()[1]) for row in window.rows if re.match(r"│ \d", row)]
    assert told == list(range(1, 131))


def test_a_row_of_a_table_that_has_only_begun_is_not_drawn() -> None:
    window = Window(30, 60)
    drawing = Drawing(window)
    shown = []
    for letter in "| a |\n|---|\n| uno |\n| | dos":
        drawing.feed(letter)
        drawing.view.frame()
        shown.append(window.rows[4])
    assert "│" not in {row.rstrip(" ▊") for row in shown}


def test_the_edge_is_that_of_the_new_window_at_once() -> None:
    window = Window(30, 100)
    drawing = Drawing(window)
    drawing.feed("hola ")
    drawing.view.frame()
    window.resize(30, 24)
    drawing.view.frame(tick=False)
    assert not any(getattr(row, "wrapped", False) for row in window.screen.buffer.values())


@settings(deadline=None, max_examples=up_to(20))
@given(
    st.integers(1, 40), st.lists(st.tuples(st.sampled_from([5, 12]), st.sampled_from([20, 60, 120]))), CHANCE
)
def test_whatever_the_window_becomes_no_word_is_lost(
    size: int, sizes: list[tuple[int, int]], chance: Random
) -> None:
    """Shrinks beyond what the view promises may leave rows twice in the scrollback, never less than once."""
    text = with_words("\n\n".join(["# % %", "% " * 60, "- %\n- **%**\n  - % %", "> % %", "% `%` " * 20]))
    window = Window(30, 100)
    drawing = Drawing(window)
    for at in range(0, len(text), size):
        drawing.feed(text[at : at + size])
        drawing.view.frame()
        if sizes and chance.random() < 0.2:
            window.resize(*sizes.pop())
    drawing.finish()
    assert not set(TOKEN.findall(text)) - set(words_in(window.rows))


def test_a_defect_leaves_rows_whole_that_are_longer_than_the_window(mocker: MockerFixture) -> None:
    window = Window(20, 40)
    drawing = Drawing(window)
    mocker.patch.object(Layout, "rows", side_effect=ZeroDivisionError)
    text = with_words("漢字 " + "% " * 40)
    drawing.feed(text)
    drawing.finish()
    check(window.rows, text)


SAMPLE = with_words(
    "# %\n\nUn **% %** y `%` con [% %](https://e.es/%).\n\n- %\n  - **%**\n\n```python\nx = '%'\n```\n\n"
    "| % | % |\n|---|---|\n| % | `%` |\n\n> % *%*\n"
)


def test_cut_anywhere_a_text_is_whole_as_far_as_it_came() -> None:
    """Unclosed fences, half tables, half links, half styles: at every place."""
    for end in range(1, len(SAMPLE)):
        window = Window(20, 60)
        drawing = Drawing(window)
        for at in range(0, end, 9):
            drawing.feed(SAMPLE[at : min(end, at + 9)])
            drawing.view.frame()
            assert "\n".join(window.rows).count("(Streaming)") == 1
        drawing.finish()
        check(window.rows, SAMPLE[:end])


@pytest.mark.parametrize(("rows", "cols"), [(5, 20), (5, 100), (30, 20), (8, 40)])
def test_the_newest_words_are_in_view_in_every_window(rows: int, cols: int) -> None:
    window = Window(rows, cols)
    drawing = Drawing(window)
    text = with_words("\n\n".join(["% " * 20, "- %\n- %\n- %", "```\n%\n%\n```", "% " * 30]))
    for at in range(0, len(text), 7):
        drawing.feed(text[at : at + 7])
        drawing.view.frame()
        newest = re.findall(r"w\w*", text[: at + 7])[-1]
        assert newest in _DRAWN.sub("", "".join(window.rows[-rows:]))
    drawing.finish()
    check(window.rows, text)


def test_slow_typing_is_slow_on_the_screen_only() -> None:
    now = 0.0
    window = Window(20, 60)
    view = LiveReplyView(window.console, Look(typing_speed=10), practice=False, clock=lambda: now)
    view._live = True
    view.prepare()
    view.feed(Text("a" * 100, 0, 0.0))
    for _ in range(20):
        now += 0.1
        view.frame()
    assert 15 <= "".join(window.rows).count("aaaaa") * 5 <= 25
    view.skip_typing_delay()
    view.frame()
    assert "".join(window.rows).replace("\n", "").replace("│ ", "").count("a") >= 100


def test_the_cursor_is_what_was_chosen() -> None:
    for cursor, shown in (("●", "●"), ("🟢", "🟢"), ("", "")):
        window = Window(20, 60)
        drawing = Drawing(window, Look(cursor=cursor))
        drawing.feed("hola")
        drawing.view.frame()
        assert window.rows[1].removeprefix("│ ") == f"hola{shown}"
    window = Window(20, 60)
    blinking = Drawing(window, Look(blink=True))
    blinking.feed("hola")
    seen = set()
    for _ in range(40):
        blinking.view.frame()
        seen.add(window.rows[1])
    assert seen == {"│ hola", "│ hola▊"}


# -- a real program on a real terminal ---------------------------------------------------------


def program(text: str, *, size: int = 9, pause: float = 0.004, breaks: str = "", **look: object) -> list[str]:
    spec = {"text": text, "size": size, "pause": pause, "look": look, "breaks": breaks}
    return [sys.executable, str(DRAW), json.dumps(spec)]


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("LINES", "COLUMNS")}
    return {**kept, "PYTHONPATH": str(DRAW.parents[1])}


LONG = with_words("\n\n".join(BLOCKS[2:11] * 2))


def wait_for_word(terminal: Terminal, word: str) -> None:
    terminal.wait_for(lambda terminal: word in _DRAWN.sub("", terminal.text))


@pytest.mark.parametrize("frame", ["barra", "bordes", "panel"])
def test_on_a_real_terminal_with_resizes(frame: str) -> None:
    with Terminal(program(LONG, frame=frame), env=environment(), rows=30, cols=100) as terminal:
        for word, rows, cols in (("w0020k", 30, 60), ("w0060k", 20, 90), ("w0100k", 30, 100)):
            wait_for_word(terminal, word)
            terminal.resize(rows, cols)
        assert terminal.wait_exit() == 0
        check(terminal.text.split("\n"), LONG)


def test_a_tiny_window() -> None:
    with Terminal(program(SAMPLE, cursor="🟢"), env=environment(), rows=5, cols=20) as terminal:
        assert terminal.wait_exit() == 0
        check(terminal.text.split("\n"), SAMPLE)
        assert not terminal.screen.cursor.hidden


@pytest.mark.parametrize("breaks", ["layout", "main"])
def test_a_defect_leaves_the_text_and_the_terminal_as_it_was(breaks: str) -> None:
    with Terminal(program(SAMPLE, breaks=breaks), env=environment()) as terminal:
        terminal.wait_exit()
        assert breaks == "main" or words_in(terminal.text.split("\n")) == Counter(TOKEN.findall(SAMPLE))
        assert not terminal.screen.cursor.hidden
        assert terminal.raw.count(b"\x1b[?7l") == terminal.raw.count(b"\x1b[?7h") or terminal.raw.rfind(
            b"\x1b[?7h"
        ) > terminal.raw.rfind(b"\x1b[?7l")


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_under_tmux_which_wraps_its_rows_again(tmp_path: Path) -> None:
    """A real tmux server of its own, with its socket in a folder that goes away."""
    tmux = ["tmux", "-S", str(tmp_path / "tmux"), "-f", os.devnull]

    def run(*command: str) -> str:
        return subprocess.run(
            [*tmux, *command], capture_output=True, text=True, check=True, timeout=30
        ).stdout

    spec = tmp_path / "spec"
    spec.write_text(program(LONG)[-1], "utf-8")
    ended = tmp_path / "ended"
    line = f'PYTHONPATH={DRAW.parents[1]} {sys.executable} {DRAW} "$(cat {spec})"; touch {ended}; cat'
    env = {name: value for name, value in os.environ.items() if name != "TMUX"}
    subprocess.run(
        [*tmux, "new-session", "-d", "-x", "100", "-y", "30", line], env=env, check=True, timeout=30
    )
    try:
        run("set-option", "-g", "history-limit", "5000")

        def shown() -> list[str]:
            return run("capture-pane", "-p", "-S", "-").rstrip("\n").split("\n")

        def wait_for(word: str) -> None:
            until = time.monotonic() + 60
            while word not in _DRAWN.sub("", "".join(shown())):
                assert time.monotonic() < until, shown()
                time.sleep(0.05)

        for word, cols, rows in (("w0020k", 60, 30), ("w0060k", 90, 20), ("w0100k", 100, 30)):
            wait_for(word)
            run("resize-window", "-x", str(cols), "-y", str(rows))
        wait_for("(completa)")
        check(shown(), LONG)
    finally:
        run("kill-server")
