"""Deltas of every kind, as parts: the answer, the thinking and the tools, each told apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stream_core.deltas import (
    BlockDone,
    Opened,
    RoundDone,
    Text,
    Thinking,
    ToolDone,
    ToolInput,
    TurnDelta,
    Usage,
)
from stream_core.terminal.blocks import Part
from stream_core.terminal.composer import Composer

CALL = {"type": "tool_use", "id": "t1", "name": "calculadora", "input": {"expresion": "2 + 2 → ñ"}}


def parts_of(*deltas: TurnDelta) -> list[Part]:
    composer = Composer()
    parts = [part for delta in deltas for part in composer.feed(delta)]
    return [*parts, *composer.finish()]


def test_thinking_comes_first_and_apart() -> None:
    parts = parts_of(
        Thinking("Primero ", 0, 0.0),
        Thinking("pienso.", 0, 0.0),
        BlockDone({"type": "thinking", "thinking": "Primero pienso."}, 0, 0.0),
        Text("Hola.", 1, 0.0),
    )
    assert [(part.kind, part.text, part.quiet, part.gap) for part in parts] == [
        ("label", "Claude piensa…", True, False),
        ("text", "Primero pienso.", True, False),
        ("text", "Hola.", False, True),
    ]


def test_a_tool_call_fills_as_its_input_streams() -> None:
    composer = Composer()
    composer.feed(Text("Calculo:", 0, 0.0))
    seen = []
    for piece in ("", '{"expresion": ', '"2 + 2"}'):
        composer.feed(ToolInput(piece, 1, "t1", "calculadora", 0.0))
        (part,) = composer.open()
        seen.append(part.text)
    assert seen == ["calculadora", 'calculadora {"expresion":', 'calculadora {"expresion": "2 + 2"}']
    (final,) = composer.feed(BlockDone(CALL, 1, 0.0))
    assert final.text == 'calculadora {"expresion": "2 + 2 → ñ"}' and final.gap
    assert composer.open() == []
    (result,) = composer.feed(ToolDone("t1", "calculadora", "4", False, 0.1, 0.0))
    assert (result.lead, result.text, result.gap) == ("→ ", "4", False)
    (failed,) = composer.feed(ToolDone("t1", "calculadora", "división por cero", True, 0.1, 0.0))
    assert failed.text == "no se pudo: división por cero"


def test_a_call_without_deltas_and_one_that_is_cut_are_shown() -> None:
    assert [part.text for part in parts_of(BlockDone(CALL, 0, 0.0))] == [
        'calculadora {"expresion": "2 + 2 → ñ"}'
    ]
    assert [part.text for part in parts_of(ToolInput('{"a": 1', 0, "t", "x", 0.0))] == ['x {"a": 1']


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
    assert [part.text for part in parts] == ["Claude piensa…", "a", "lo bc"]
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
