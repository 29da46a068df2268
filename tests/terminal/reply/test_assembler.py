"""Deltas of every kind, as parts: the answer, the thinking and the tools, each told apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_core.core.deltas import (
    BlockDone,
    Opened,
    RoundDone,
    Text,
    Thinking,
    ToolDone,
    ToolInput,
    TurnDelta,
    Usage,
    Waiting,
)
from stream_core.terminal.markdown.parts import Part
from stream_core.terminal.reply.assembler import Assembler

CALL = {"type": "tool_use", "id": "t1", "name": "calculadora", "input": {"expresion": "2 + 2 → ñ"}}


def parts_of(*deltas: TurnDelta) -> list[Part]:
    assembler = Assembler()
    parts = [part for delta in deltas for part in assembler.feed(delta)]
    return [*parts, *assembler.finish()]


THOUGHT = {"type": "thinking", "thinking": "", "signature": "c2ln"}
USAGE = Usage()
OPENED = Opened("m", "x", USAGE, None, 10.0)


def left(*deltas: TurnDelta) -> list[str]:
    """The final parts: rows of thinking are shown only while it arrives."""
    return [part.text for part in parts_of(*deltas) if part.kind == "thought" or not part.is_thinking]


def test_thinking_is_shown_while_it_comes_and_then_for_how_long() -> None:
    assembler = Assembler()
    assert assembler.thinking_since is None
    assert assembler.feed(Thinking("Primero ", 0, 2.5)) == []
    assert [(part.text, part.is_thinking) for part in assembler.open()] == [("Primero ", True)]
    assert assembler.thinking_since == 2.5
    (final,) = assembler.feed(Thinking("pienso.\n\nLuego", 0, 14.9))
    assert (final.text, final.is_thinking) == ("Primero pienso.", True)
    (thought,) = assembler.feed(BlockDone(THOUGHT, 0, 19.0))
    assert (thought.kind, thought.text, thought.is_thinking) == ("thought", "Pensó 12 s", True)
    assert assembler.open() == [] and assembler.thinking_since is None
    assembler.feed(Text("Hola.", 1, 20.0))
    assert [(part.text, part.gap) for part in assembler.finish()] == [("Hola.", True)]


def test_what_is_left_of_thinking_stands_apart() -> None:
    parts = parts_of(Text("Antes.", 0, 1.0), Thinking("Pienso.", 1, 2.0), Text("Ya.", 2, 3.0))
    assert [(part.kind, part.text, part.gap) for part in parts] == [
        ("text", "Antes.", False),
        ("label", "", False),  # a blank row, which stands there while the thinking is shown too
        ("thought", "Pensó menos de 1 s", False),
        ("text", "Ya.", True),
    ]


@pytest.mark.parametrize("block", [THOUGHT, {"type": "redacted_thinking", "data": "b3BhY28="}])
def test_thinking_that_is_not_shown_took_from_what_came_before_it(block: dict[str, str]) -> None:
    assert left(OPENED, BlockDone(block, 0, 22.0)) == ["Pensó 12 s, sin mostrarlo"]
    assert left(BlockDone(block, 0, 22.0)) == ["Pensó sin mostrarlo"]
    done = BlockDone({"type": "text", "text": "a"}, 0, 12.0)
    told = left(OPENED, Text("a", 0, 11.0), done, BlockDone(block, 1, 15.5))
    assert told == ["a", "", "Pensó 3 s, sin mostrarlo"]


@pytest.mark.parametrize("nothing", ["", " \n", "\x1b[2J", "\u202e"])
def test_thinking_in_which_there_is_nothing_to_read_is_not_shown(nothing: str) -> None:
    assert left(Thinking(nothing, 0, 1.0), BlockDone(THOUGHT, 0, 1.0)) == [
        "Pensó menos de 1 s, sin mostrarlo"
    ]


def test_each_block_of_thinking_in_a_turn_leaves_its_line() -> None:
    result = ToolDone("t1", "calculadora", "4", False, 0.1, 20.0)
    assert left(
        OPENED,
        Thinking("a", 0, 11.0),
        Thinking("b", 0, 12.0),
        BlockDone(THOUGHT, 0, 12.5),
        BlockDone(CALL, 1, 13.0),
        result,
        RoundDone(1, "tool_use", USAGE, 20.0),
        Opened("m", "x", USAGE, None, 21.0),
        BlockDone(THOUGHT, 0, 23.0),
        Thinking("c", 1, 24.0),
        Thinking("d", 1, 89.0),
        Text("Son 4.", 2, 90.0),
    ) == [
        "Pensó 1 s",
        'calculadora {"expresion": "2 + 2 → ñ"}',
        "4 (0.10 s)",
        "",
        "Pensó 2 s, sin mostrarlo",
        "",
        "Pensó 1 min 05 s",
        "Son 4.",
    ]


@pytest.mark.parametrize(
    "next_delta",
    [
        ToolInput("", 1, "t", "x", 5.0),
        BlockDone(CALL, 1, 5.0),
        RoundDone(1, "pause_turn", USAGE, 5.0),
        OPENED,
        Waiting("retry", 2, 4, 3.0, 5.0),
        Text("", 1, 5.0),
    ],
)
def test_thinking_that_has_no_end_of_its_own_ends_with_what_comes_next(next_delta: TurnDelta) -> None:
    assembler = Assembler()
    assembler.feed(Thinking("a", 0, 1.0))
    assembler.feed(Thinking("b", 0, 4.0))
    assert assembler.feed(next_delta)[0].text == "Pensó 3 s"


def test_a_silence_does_not_end_it_and_a_cancel_does() -> None:
    assembler = Assembler()
    assembler.feed(Thinking("a", 0, 1.0))
    assert assembler.feed(Waiting("idle", 1, 4, 8.0, 9.0)) == []
    assembler.feed(Thinking("b", 0, 12.0))
    assert [part.text for part in assembler.finish()] == ["Pensó 11 s"]


def test_thinking_that_is_not_shown_lasts_from_what_came_before_it() -> None:
    assembler = Assembler()
    assembler.feed(Opened("m", "x", USAGE, None, 1.0))
    for at in (2.0, 3.0, 4.0):
        assembler.feed(Waiting("idle", 1, 4, at - 1.0, at))
    (part,) = assembler.feed(BlockDone({"type": "thinking", "thinking": "", "signature": "s"}, 0, 5.0))
    assert part.text == "Pensó 4 s, sin mostrarlo"


def test_a_tool_call_fills_as_its_input_streams() -> None:
    assembler = Assembler()
    assembler.feed(Text("Calculo:", 0, 0.0))
    seen = []
    for piece in ("", '{"expresion": ', '"2 + 2"}'):
        assembler.feed(ToolInput(piece, 1, "t1", "calculadora", 0.0))
        (part,) = assembler.open()
        seen.append(part.text)
    assert seen == ["calculadora", 'calculadora {"expresion":', 'calculadora {"expresion": "2 + 2"}']
    (final,) = assembler.feed(BlockDone(CALL, 1, 0.0))
    assert final.text == 'calculadora {"expresion": "2 + 2 → ñ"}' and final.gap
    assert assembler.open() == []
    (result,) = assembler.feed(ToolDone("t1", "calculadora", "4", False, 0.1, 0.0))
    assert (result.lead, result.text, result.gap) == ("→ ", "4 (0.10 s)", False)


def test_results_of_calls_made_together_are_named() -> None:
    other = {**CALL, "id": "t2", "name": "reloj", "input": {}}
    assembler = Assembler()
    deltas = (
        Text("Voy.", 0, 0.0),
        BlockDone(CALL, 1, 0.0),
        BlockDone(other, 2, 0.0),
        ToolDone("t2", "reloj", "las 12", False, 0.001, 0.0),
        ToolDone("t1", "calculadora", "división por cero", True, 12.34, 0.0),
        RoundDone(1, "tool_use", Usage(), 0.0),
        Text("Listo.", 0, 0.0),
    )
    parts = [part for delta in deltas for part in assembler.feed(delta)] + assembler.finish()
    assert [(part.text, part.gap) for part in parts] == [
        ("Voy.", False),
        ('calculadora {"expresion": "2 + 2 → ñ"}', True),
        ("reloj", False),
        ("las 12 (menos de 0.01 s)", False),
        ("calculadora: no se pudo: división por cero (12.3 s)", False),
        ("Listo.", True),
    ]


def test_a_result_below_other_words_is_named() -> None:
    assembler = Assembler()
    assembler.feed(BlockDone(CALL, 0, 0.0))
    assembler.feed(Text("Un momento.", 1, 0.0))
    *_, result = assembler.feed(ToolDone("t1", "calculadora", "4", False, 0.1, 0.0))
    assert result.text == "calculadora: 4 (0.10 s)"


def test_a_call_without_deltas_and_one_that_is_cut_are_shown() -> None:
    assert [part.text for part in parts_of(BlockDone(CALL, 0, 0.0))] == [
        'calculadora {"expresion": "2 + 2 → ñ"}'
    ]
    assert [part.text for part in parts_of(ToolInput('{"a": 1', 0, "t", "x", 0.0))] == ['x {"a": 1']


def test_nothing_in_the_input_of_a_call_hides_the_rest_of_it() -> None:
    call = {**CALL, "input": {"a\x9d0;": "b\x1b]0;", "c\x90": "fin"}}
    (part,) = parts_of(BlockDone(call, 0, 0.0))
    assert part.text == r'calculadora {"a\u009d0;": "b\u001b]0;", "c\u0090": "fin"}'


def test_long_input_and_results_are_shortened() -> None:
    parts = parts_of(
        ToolInput("x" * 100_000, 0, "t", "n" * 500, 0.0), ToolDone("t", "n", "y" * 100_000, False, 0.0, 0.0)
    )
    assert len(parts) == 2 and all(len(part.text) < 400 for part in parts)


def test_a_new_round_is_a_new_block_though_its_number_is_the_same() -> None:
    usage = Usage()
    parts = parts_of(
        Opened("m", "x", usage, None, 0.0),
        Text("uno", 0, 0.0),
        RoundDone(1, "pause_turn", usage, 0.0),
        Text("dos", 0, 0.0),
    )
    assert [(part.text, part.gap) for part in parts] == [("uno", False), ("dos", True)]


def test_each_block_has_a_sanitiser_of_its_own() -> None:
    """An escape that one block leaves open does not swallow the next."""
    parts = parts_of(Thinking("a\x1b]0;títu", 0, 0.0), Text("lo\x07 b\x1b[31", 1, 0.0), Text("mc", 1, 0.0))
    assert [part.text for part in parts] == ["Pensó menos de 1 s", "lo bc"]
    names = parts_of(ToolInput("\x1b[2J{}", 0, "t", "\x1b]0;x\x07calc", 0.0))
    assert names[0].text == "calc {}"


BLOCKS = st.lists(
    st.tuples(st.sampled_from([Text, Thinking]), st.text("ab \n*`#|-\x1b[m", max_size=40)), max_size=5
)


@given(BLOCKS, st.integers(1, 7))
def test_the_cutting_makes_no_difference(blocks: list[tuple[type, str]], size: int) -> None:
    def deltas(step: int) -> list[TurnDelta]:
        return [
            kind(text[at : at + step], index, 0.0)
            for index, (kind, text) in enumerate(blocks)
            for at in range(0, max(1, len(text)), step)
        ]

    assert parts_of(*deltas(size)) == parts_of(*deltas(1)) == parts_of(*deltas(1_000))
