"""Numbers of sources in a reply that is shown while it arrives."""

from __future__ import annotations

from typing import Any

import pytest

from stream_core.core.deltas import BlockDone, Text, TurnDelta
from stream_core.terminal.reply.assembler import Assembler
from stream_core.terminal.reply.citation_marks import CitationMarks

PAGE = {"type": "web_search_result_location", "url": "https://www.e.es/a", "title": "Uno", "cited_text": "x"}
FOUND = {"type": "web_search_tool_result", "tool_use_id": "s", "content": [{"title": "Uno"}]}


def block(text: str, *cited: dict[str, Any]) -> dict[str, Any]:
    return {"type": "text", "text": text, **({"citations": list(cited)} if cited else {})}


def text(index: int, words: str, *cited: dict[str, Any]) -> list[TurnDelta]:
    pieces: list[TurnDelta] = [Text(letter, index, 1.0) for letter in words]
    return [*pieces, BlockDone(block(words, *cited), index, 1.0)]


def shown(*deltas: TurnDelta) -> list[str]:
    """The parts, each with what stands before it; parts of one row are joined."""
    assembler, rows, goes_on = Assembler(), list[str](), False
    for part in [*(part for delta in deltas for part in assembler.feed(delta)), *assembler.finish()]:
        if goes_on:
            rows[-1] += part.text
        else:
            rows += [""] * part.gap + [part.lead + part.text]
        goes_on = part.goes_on
    return rows


def test_a_cited_sentence_is_one_paragraph() -> None:
    rows = shown(*text(0, "Según ella, "), *text(1, "llueve", PAGE), *text(2, " y nieva."))
    assert rows == ["Según ella, llueve[1] y nieva.", "", "Fuentes:", "[1] Uno · e.es"]


def test_a_number_stands_before_the_end_of_its_line() -> None:
    search = BlockDone(FOUND, 0, 1.0)
    rows = shown(search, *text(1, "Llueve.\n\n", PAGE), *text(2, "Fin."))
    assert rows[1:5] == ["", "Llueve.[1]", "", "Fin."]


@pytest.mark.parametrize("follows", ["(más)", "[más]", ": más"])
def test_a_number_is_no_link(follows: str) -> None:
    rows = shown(BlockDone(FOUND, 0, 1.0), *text(1, "Llueve", PAGE), *text(2, follows))
    assert rows[2].startswith("Llueve[1]") and not rows[2].startswith(("Llueve[1](", "Llueve[1]["))


def test_line_breaks_are_not_lost() -> None:
    marks = CitationMarks()
    assert marks.text("a\n") == "a\n"  # nothing is cited, and nothing waits
    marks.expect()
    pieces = [marks.text("b\n"), marks.text("\n"), marks.text("c\n"), marks.end(block("")), marks.text("d\n")]
    assert pieces == ["b", "", "\n\nc", "\n", "d"] and marks.release() == "\n" and marks.release() == ""
