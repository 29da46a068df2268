"""The pieces of content, and that both views of a reply are made of them."""

from __future__ import annotations

import io

import pytest

from stream_core.core.deltas import BlockDone, Text, Thinking, ToolInput, TurnDelta, Waiting
from stream_core.terminal.reply.assembler import Assembler
from stream_core.terminal.reply.content import Begun, Called, Calling, ContentReader, Piece, Words, compact
from stream_core.terminal.reply.plain import PlainView

FOUND = BlockDone({"type": "web_search_tool_result", "tool_use_id": "s1", "content": []}, 0, 1.0)
HIDDEN = BlockDone({"type": "redacted_thinking", "data": "x"}, 1, 9.0)


def pieces(*deltas: TurnDelta) -> list[Piece]:
    reader = ContentReader()
    return [*(piece for delta in deltas for piece in reader.feed(delta)), *reader.finish()]


def plain(*deltas: TurnDelta) -> str:
    file = io.StringIO()
    with PlainView(file, practice=False) as view:
        for delta in deltas:
            view.feed(delta)
    return file.getvalue()


def drawn(*deltas: TurnDelta) -> list[str]:
    assembler = Assembler()
    parts = [part for delta in deltas for part in assembler.feed(delta)]
    return [part.text for part in [*parts, *assembler.finish()]]


def test_text_after_text_is_one_block() -> None:
    found = pieces(Text("uno", 0, 1.0), Text("dos", 1, 2.0), Thinking("mm", 2, 3.0))
    assert [piece.kind for piece in found if isinstance(piece, Begun)] == ["text", "thinking"]


def test_a_call_grows_and_is_one_piece_at_its_end() -> None:
    call = {"type": "tool_use", "id": "t1", "name": "hora", "input": {"zona": "Lima"}}
    deltas = [ToolInput('{"zona":', 0, "t1", "hora", 1.0), ToolInput('"Lima"}', 0, "t1", "hora", 2.0)]
    found = pieces(*deltas, BlockDone(call, 0, 3.0))
    assert found[1:3] == [Calling("hora", '{"zona":'), Calling("hora", '{"zona":"Lima"}')]
    assert found[3:] == [Called("hora", '{"zona": "Lima"}', "t1", True)]
    assert pieces(*deltas)[-1] == Called("hora", '{"zona":"Lima"}', "", False)


def test_an_open_escape_hides_nothing_of_the_next_block() -> None:
    found = pieces(Text("uno\x1b]0;", 0, 1.0), Thinking("dos", 1, 2.0))
    assert [piece.text for piece in found if isinstance(piece, Words)] == ["uno", "dos"]


def test_a_paragraph_after_a_search_stays_one_in_both_views() -> None:
    deltas = (FOUND, Text("Uno.\n\n", 1, 2.0), Text("Dos.", 1, 3.0))
    assert plain(*deltas).endswith("Claude:\nUno.\n\nDos.\n")
    assert drawn(*deltas)[1:] == ["Uno.", "Dos."]


@pytest.mark.parametrize("waited", [[], [Waiting("idle", 1, 1, 1.0, 8.5)]])
def test_hidden_thinking_is_timed_from_the_delta_before_it_not_from_a_wait(waited: list[TurnDelta]) -> None:
    deltas: list[TurnDelta] = [FOUND, *waited, HIDDEN]
    assert "(Pensó 8 s, sin mostrarlo)\n" in plain(*deltas)
    assert drawn(*deltas)[-1] == "Pensó 8 s, sin mostrarlo"


def test_no_control_is_left_in_a_call() -> None:
    assert compact({"a": "\x1b[2J\x9b"}) == '{"a": "\\u001b[2J\\u009b"}'
