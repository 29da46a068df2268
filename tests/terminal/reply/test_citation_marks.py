"""Numbers of sources in a reply that is shown while it arrives."""

from __future__ import annotations

from typing import Any

import pytest

from stream_core.config.options.appearance import Look
from stream_core.core.conversation import Turn
from stream_core.core.deltas import BlockDone, Cancelled, Opened, Text, TurnDelta, Usage
from stream_core.core.turn_result import TurnResult
from stream_core.terminal.markdown.layout import Layout
from stream_core.terminal.pages.history import entries, parts
from stream_core.terminal.reply.assembler import Assembler
from stream_core.terminal.reply.citation_marks import CitationMarks
from stream_core.terminal.rows.styles import Styles, row_text

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


@pytest.mark.parametrize(
    ("cited", "rows"),
    [
        ("Usa:\n```py\nx\n```\n", ["Usa:", "", "py", "x", "", "", "[1]"]),
        ("| a | b |\n|---|---|\n| 1 | 2 |", ["| a | b |\n|---|---|\n| 1 | 2[1] |"]),
        ("a\n\n---\n", ["a", "", "", "", "[1]"]),
        ("$$\nx\n$$\n", ["$$\nx\n$$", "", "[1]"]),
        ("Así  \n", ["Así[1]  "]),
    ],
)
def test_a_number_changes_nothing_of_what_it_stands_behind(cited: str, rows: list[str]) -> None:
    said = [BlockDone(FOUND, 0, 1.0), *text(1, cited, PAGE), *text(2, "\n\nFin.")]
    assert shown(*said)[2:-3] == [*rows, "", "Fin."]


def test_line_breaks_are_not_lost() -> None:
    marks = CitationMarks()
    assert marks.text("a\n") == "a\n"  # nothing is cited, and nothing waits
    marks.expect()
    pieces = [marks.text("b\n"), marks.text("\n"), marks.text("c\n"), marks.end(block("")), marks.text("d\n")]
    assert pieces == ["b", "", "\n\nc", "\n", "d"] and marks.release() == "\n" and marks.release() == ""


def test_of_a_cancelled_reply_the_sources_stay_and_only_its_text_is_sent() -> None:
    result = TurnResult(0.0)
    said = [*text(0, "Según ella, "), *text(1, "llueve", PAGE), *text(2, " y nie")[:-1]]
    for delta in (Opened("m", "id", Usage(), None, 0.0), *said, Cancelled(2.0)):
        result.feed(delta)
    turn = Turn.of("¿Llueve?", result, model="m")
    told = entries(turn)
    assert [entry.text for entry in told] == ["Según ella, llueve[1] y nie", "Fuentes:", "[1] Uno · e.es"]
    assert result.messages() == [
        {"role": "assistant", "content": [{"type": "text", "text": "Según ella, llueve y nie"}]}
    ]
    assert turn.messages("m")[-1] == {"role": "assistant", "content": "Según ella, llueve y nie"}


def test_a_source_is_a_link_to_its_page() -> None:
    assembler = Assembler()
    deltas = [*text(0, "Llueve", PAGE), *text(1, " y más", {**PAGE, "url": "javascript:x", "title": "Dos"})]
    drawn = [*(part for delta in deltas for part in assembler.feed(delta)), *assembler.finish()]
    layout = Layout(Styles(Look()))
    links = {
        row_text(row): row[-1].style.link
        for part in drawn
        for row in layout.rows(part, 80)
        if row and row[-1].style
    }
    assert links["[1] Uno · e.es"] == "https://www.e.es/a" and links["[2] Dos"] is None


def test_sources_of_the_history_are_links() -> None:
    turn = Turn("¿Llueve?", "Llueve", "complete", model="m", blocks=(block("Llueve", PAGE),))
    assert [part.target for part in parts(entries(turn))][-1] == "https://www.e.es/a"
