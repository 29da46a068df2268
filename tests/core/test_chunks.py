"""A long text in parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_core.core.chunks import Chunker


def parts(text: str, limit: int, size: int = 7) -> list[str]:
    chunker = Chunker(limit)
    pieces = (text[at : at + size] for at in range(0, len(text), size))
    return [*(part for piece in pieces for part in chunker.feed(piece)), *chunker.finish()]


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("uno dos.\n\ntres cuatro cinco", ["uno dos.\n\n", "tres cuatro cinco"]),
        ("uno dos tres\ncuatro cinco", ["uno dos tres\n", "cuatro cinco"]),
        ("Uno dos tres. Cuatro cinco", ["Uno dos tres. ", "Cuatro cinco"]),
        ("a" * 50, ["a" * 20, "a" * 20, "a" * 10]),
        ("corto", ["corto"]),
        (" \n", []),
    ],
)
def test_a_part_ends_where_a_paragraph_does(text: str, ends: list[str]) -> None:
    assert parts(text, 20) == ends


@given(st.text("ab.\n ", max_size=200), st.integers(1, 40), st.integers(1, 50))
def test_the_parts_are_the_text(text: str, limit: int, size: int) -> None:
    found = parts(text, limit, size)
    assert "".join(found).rstrip() == text.rstrip()
    assert all(len(part) <= limit for part in found)
