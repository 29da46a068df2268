"""Sources are numbered as they are cited, and the passages know where they end."""

from __future__ import annotations

from typing import Any

import pytest

from stream_core.core.citations import Source, SourceList, cited_passages, marked_text, marks


def page(url: str, title: str = "Título") -> dict[str, Any]:
    return {"type": "web_search_result_location", "url": url, "title": title, "cited_text": "x"}


def text(piece: str, *citations: dict[str, Any]) -> dict[str, Any]:
    return {"type": "text", "text": piece, **({"citations": list(citations)} if citations else {})}


A, B = page("https://www.example.com/a", "Uno"), page("https://example.org/b", "Dos")
DOCUMENT = {"type": "char_location", "document_index": 0, "document_title": "Contrato", "cited_text": "x"}


def test_a_source_keeps_its_number() -> None:
    sources = SourceList()
    assert [sources.cite(text("x", *cited)) for cited in ([A], [B, A, B], [], [DOCUMENT])] == [
        (1,), (2, 1), (), (3,),
    ]  # fmt: skip
    assert sources.sources == [
        Source(1, "Uno", A["url"]), Source(2, "Dos", B["url"]), Source(3, "Contrato"),
    ]  # fmt: skip
    assert [source.host for source in sources.sources] == ["example.com", "example.org", ""]


def test_two_documents_of_one_title_are_two_sources() -> None:
    sources = SourceList()
    assert sources.cite(text("x", DOCUMENT, {**DOCUMENT, "document_index": 1})) == (1, 2)


@pytest.mark.parametrize("citations", [None, "no", [None, 3, "x"], {}])
def test_what_is_no_citation_is_none(citations: object) -> None:
    assert SourceList().cite({"type": "text", "text": "x", "citations": citations}) == ()


def test_a_host_that_is_none() -> None:
    assert Source(1, "x", "http://[mal").host == Source(1, "x", "no es").host == ""


def test_marks_stand_behind_what_is_cited() -> None:
    blocks = [
        text("Según ella, "),
        text("llueve", A),
        text(" y "),
        text("nieva.\n\n", A, B),
        {"type": "tool_use", "id": "a"},
        text("Fin."),
    ]
    whole = "Según ella, llueve y nieva.\n\nFin."
    shown, sources = marked_text(whole, blocks)
    assert shown == "Según ella, llueve[1] y nieva.[1][2]\n\nFin." and len(sources) == 2


def test_blocks_that_tell_another_text_cite_nothing() -> None:
    assert cited_passages("Otra cosa.", [text("llueve", A)]) == ([], [])
    assert marked_text("Otra cosa.", [text("llueve", A)]) == ("Otra cosa.", [])


def test_an_escape_that_is_left_open_swallows_no_mark() -> None:
    shown, _ = marked_text("a\x1b]0;b", [text("a\x1b]0;", A), text("b")])
    assert shown == "a[1]b"


def test_marks() -> None:
    assert (marks(()), marks((1, 3))) == ("", "[1][3]")
