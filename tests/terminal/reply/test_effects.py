"""Effects: pure functions of time and cells, on what is open only, and none where they may not be."""

from __future__ import annotations

import io
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from support.gallery import Canvas, drawn
from support.gallery_screens import REPLY, Clock, arriving, view_of
from support.terminal import row_text as cells_text

from stream_core.config.options.appearance import OPTIONS, Look
from stream_core.config.options.effects import EFFECTS, NO_EFFECT, SPINNERS
from stream_core.core.deltas import Text
from stream_core.terminal.reply.delta_queue import DeltaQueue
from stream_core.terminal.reply.effects import effect_on, glowing, shining
from stream_core.terminal.rows.styles import Row, Styles, row_text

STYLES = Styles(Look("oscuro"))
GLOW = EFFECTS["brillo"]


# -- the table ---------------------------------------------------------------------------------


def test_the_effects_are_those_that_are_offered() -> None:
    for name, table in (("efecto", EFFECTS), ("indicador", SPINNERS)):
        (option,) = [option for option in OPTIONS if option.name == name]
        assert [word for word, _ in option.examples] == list(table)
        assert all(option.parse(word) == word for word in table)
    (option,) = [option for option in OPTIONS if option.name == "efecto"]
    assert option.parse("maquina") == option.parse("MÁQUINA") == "máquina"


@pytest.mark.parametrize("turns", SPINNERS.values())
def test_a_spinner_is_of_one_width(turns: str) -> None:
    assert len(turns) > 1 and {cell_len(turn) for turn in turns} == {1}


@pytest.mark.parametrize("name", EFFECTS)
@given(seconds=st.floats(0, 1e6), cell=st.integers(0, 500), waiting=st.integers(0, 10**6))
def test_what_an_effect_gives_stays_within_its_bounds(
    name: str, seconds: float, cell: int, waiting: int
) -> None:
    effect = EFFECTS[name]
    if effect.glow is not None:
        assert 0 <= effect.glow(seconds) <= 1 and effect.glow(effect.settles) == 0
    if effect.sheen is not None:
        assert 0 <= effect.sheen(cell, 100, seconds) <= 1
    if effect.beat is not None:
        assert 0 <= effect.beat(seconds) <= 1
    if effect.pace is not None:
        assert effect.pace(waiting) >= 20 and waiting / effect.pace(waiting) <= 2  # never far behind


def test_no_effect_is_none() -> None:
    assert {getattr(EFFECTS[NO_EFFECT], part) for part in ("glow", "sheen", "beat", "pace", "stroke")} == {
        None
    }


@pytest.mark.parametrize("name", [name for name in EFFECTS if name != NO_EFFECT])
def test_there_is_none_without_colours_enough(name: str) -> None:
    def console(system: str, **options: bool) -> Console:
        return Console(file=io.StringIO(), force_terminal=True, color_system=system, _environ={}, **options)  # type: ignore[arg-type]

    look = Look("oscuro", effect=name)
    assert effect_on(console("truecolor"), look) is effect_on(console("256"), look) is EFFECTS[name]
    none = EFFECTS[NO_EFFECT]
    assert effect_on(console("standard"), look) is none
    assert effect_on(console("truecolor", no_color=True), look) is none
    assert effect_on(console("truecolor"), Look(effect=name, plain=True)) is none
    assert effect_on(Console(file=io.StringIO()), look) is none


# -- on rows -----------------------------------------------------------------------------------

WORDS = st.lists(st.sampled_from(["uno", "dós", "🤖", "e\u0301a", " ", "  ", "tres-cuatro", ""]), max_size=6)
ROWS = st.lists(WORDS.map(lambda words: [Segment(word, STYLES.code) for word in words]), max_size=4)


@given(rows=ROWS, newest=st.lists(st.tuples(st.integers(1, 30), st.floats(0, 0.6)), max_size=5))
def test_a_glow_changes_no_text(rows: list[Row], newest: list[tuple[int, float]]) -> None:
    newest.sort(key=lambda entry: entry[1])
    lit = glowing(rows, newest, GLOW, STYLES)
    assert [row_text(row) for row in lit] == [row_text(row) for row in rows]


def test_the_newest_words_are_the_brightest_and_they_settle() -> None:
    rows = [[Segment("antes y ahora mismo", None)]]

    def colours(newest: list[tuple[int, float]]) -> dict[str, object]:
        (row,) = glowing(rows, newest, GLOW, STYLES)
        return {text.strip(): style for text, style, _ in row}

    assert colours([(5, 0.0), (6, 0.3)]) == {"mismo": STYLES.glow, "ahora": STYLES.fading, "antes y": None}
    assert colours([(5, 0.5)]) == {"antes y ahora mismo": None}


@given(text=st.text("abc ─🤖·", max_size=40), seconds=st.floats(0, 100))
def test_a_gradient_changes_no_text(text: str, seconds: float) -> None:
    assert row_text(shining(text, seconds, EFFECTS["degradado"], STYLES)) == text


def test_a_gradient_moves_and_has_few_runs() -> None:
    line = "╰─ 🤖 Claude (Streaming) " + "─" * 70
    rows = [shining(line, tenth / 10, EFFECTS["degradado"], STYLES) for tenth in range(5)]
    assert all(len(row) < 15 for row in rows) and all(one != other for one, other in pairwise(rows))


def test_a_typewriter_pauses_after_a_sentence_and_keeps_up() -> None:
    clock = Clock()
    queue = DeltaQueue(0, clock, "", EFFECTS["máquina"])
    queue.put(Text("Uno dos. " * 20, 0, clock.now), clock.now)
    took = 0
    while queue.waiting and took < 1000:
        clock.now += 0.025
        queue.take(ending=False)
        queue.parts.clear()
        took += 1
    assert 40 < took < 400, "neither at once nor for ever"


def test_a_key_hurries_a_typewriter() -> None:
    queue = DeltaQueue(0, Clock(), "", EFFECTS["máquina"])
    queue.put(Text("uno " * 500, 0, 0.0), 0.0)
    assert queue.slow
    queue.skip_typing_delay()
    queue.take(ending=False)
    queue.parts.clear()
    assert not queue.slow and not queue.backlog


# -- on the screen -----------------------------------------------------------------------------


@pytest.mark.parametrize("frame", ["barra", "bordes", "panel"])
@pytest.mark.parametrize("name", EFFECTS)
def test_what_is_final_is_never_touched(name: str, frame: str) -> None:
    """Rows that a view wrote as final, before the open part, are the same bytes with any effect."""

    def final(effect: str) -> list[str]:
        rows: list[str] = []

        def drawing(canvas: Canvas) -> None:
            clock = Clock()
            view = view_of(canvas, Look("oscuro", frame=frame, effect=effect, blink=False), clock)  # type: ignore[arg-type]
            view.feed(Text(f"{REPLY}. Y acaba.\n\nFin", 0, clock.now))
            while view._queue.backlog:
                clock.now += 0.05
                rows.extend(view._final_rows())

        drawn(drawing, 60, 20)
        return rows

    assert final(name) == final(NO_EFFECT)


@pytest.mark.parametrize("name", EFFECTS)
def test_the_text_on_the_screen_is_the_same_with_every_effect(name: str) -> None:
    def shown(effect: str) -> list[str]:
        look = Look("oscuro", effect=effect, blink=False)
        cells = drawn(lambda canvas: arriving(canvas, look, pause=8.0), 60, 20)
        rows = [cells_text(cells.buffer[y]) for y in range(cells.lines)]
        return [re.sub(r" · .*", "", row) for row in rows]

    assert shown(name) == shown(NO_EFFECT)
