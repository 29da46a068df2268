"""Text after text is one text; what stands between two texts sets them apart."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_core.core.block_text import TextJoiner, join_texts
from stream_core.core.deltas import BlockDone, Opened, RoundDone, Text, Thinking, ToolInput, Usage
from stream_core.core.deltas import Delta as AnyDelta
from stream_core.core.reply import Reply

CALL = BlockDone({"type": "server_tool_use", "id": "a", "name": "web_search", "input": {}}, 1, 0.0)
RESULT = BlockDone({"type": "web_search_tool_result", "tool_use_id": "a", "content": []}, 2, 0.0)
DONE = BlockDone({"type": "text", "text": "x"}, 0, 0.0)


def text(piece: str, index: int = 0) -> Text:
    return Text(piece, index, 0.0)


def joined(deltas: Sequence[AnyDelta]) -> tuple[str, str]:
    """The text of a reply of these deltas, and that of a joiner."""
    reply, joiner = Reply(), TextJoiner()
    reply.feed(Opened("m", "claude", Usage(), None, 0.0))
    for delta in deltas:
        reply.feed(delta)
    return reply.text, "".join(map(joiner.feed, deltas))


@pytest.mark.parametrize(
    ("deltas", "whole"),
    [
        ([text("Según "), DONE, text("ella", 1), DONE, text(" nieva.", 2)], "Según ella nieva."),
        ([text("Voy."), DONE, CALL, RESULT, text("Llueve.", 3)], "Voy.\n\nLlueve."),
        ([text("Voy."), ToolInput("{", 1, "a", "b", 0.0), text("Llueve.", 3)], "Voy.\n\nLlueve."),
        ([text("Voy."), Thinking("hm", 1, 0.0), text("Llueve.", 3)], "Voy.\n\nLlueve."),
        ([text("Voy.\n"), CALL, text("\n", 3), text("\nLlueve.", 3)], "Voy.\n\nLlueve."),
        ([text("Voy."), text("\n"), text("\n"), CALL, text("Llueve.", 3)], "Voy.\n\nLlueve."),
        ([CALL, RESULT, text("\nLlueve.")], "\nLlueve."),
        ([text("Voy."), CALL, RESULT], "Voy."),
        ([text("Voy."), CALL, text("", 3), RESULT, text("Ya.", 4)], "Voy.\n\nYa."),
        ([text("Voy."), CALL, text("\n", 3), RESULT, text("Ya.", 4)], "Voy.\n\nYa."),
    ],
)  # fmt: skip
def test_one_text_and_its_breaks(deltas: list[AnyDelta], whole: str) -> None:
    assert joined(deltas) == (whole, whole)


PIECES = st.lists(st.one_of(st.none(), st.text("a \n", max_size=3)), max_size=12)


@given(PIECES)
def test_the_reply_and_who_reads_along_have_the_same_text(pieces: list[str | None]) -> None:
    deltas = [CALL if piece is None else text(piece, index) for index, piece in enumerate(pieces)]
    whole, read = joined(deltas)
    assert whole == read


@given(st.lists(st.text("a \n", max_size=6), max_size=4))
def test_the_text_does_not_depend_on_how_it_was_cut(parts: list[str]) -> None:
    cut: list[AnyDelta] = []
    for index, part in enumerate(parts):
        cut += [CALL, *(text(letter, index) for letter in part)]
    assert joined(cut) == (join_texts(parts), join_texts(parts))


def test_what_arrived_is_as_it_came() -> None:
    reply = Reply()
    for delta in (text("Voy."), CALL, text("\nLlueve.", 3)):
        reply.feed(delta)
    assert (reply.arrived, reply.text) == ("Voy.\nLlueve.", "Voy.\n\nLlueve.")


def test_a_block_that_comes_within_a_text_does_not_part_it() -> None:
    assert joined([text("Uno, "), CALL, RESULT, text("dos")]) == ("Uno, dos", "Uno, dos")
    new_round: list[AnyDelta | RoundDone] = [
        text("Uno."),
        RoundDone(1, "pause_turn", Usage(), 0.0),
        text("Dos."),
    ]
    assert "".join(map(TextJoiner().feed, new_round)) == "Uno.\n\nDos."
