"""Reading costs time in proportion to the text: four times the text, about four times the time."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable

import pytest

from stream_core.terminal.markdown.links import trimmed_url
from stream_core.terminal.markdown.scanner import scan
from stream_core.terminal.markdown.splitter import Splitter

_SIGNS = ("*", "_", "~~", "`", "[", "](", "![", "$", "\\(", "<", "http://", " ", "a", "\n")


_ROUNDS = 3  # the quickest of these counts


def _seconds(work: Callable[[str], object], text: str) -> float:
    begun = time.process_time()
    work(text)
    return time.process_time() - begun


def _grows_too_fast(work: Callable[[str], object], make: Callable[[int], str]) -> bool:
    """Whether four times the text takes more than nine times as long; a square takes sixteen."""
    small, large = make(5_000), make(20_000)
    bound = 9 * min(_seconds(work, small) for _ in range(_ROUNDS)) + 0.01
    return all(_seconds(work, large) > bound for _ in range(_ROUNDS))  # one that keeps within it is enough


def _split(text: str) -> None:
    splitter = Splitter()
    for at in range(0, len(text), 500):
        splitter.feed(text[at : at + 500])
    splitter.finish()


SHAPES: dict[str, Callable[[int], str]] = {
    "mixed delimiters": lambda n: "*_~" * (n // 3),
    "emphasis that fits nothing": lambda n: "*a " * (n // 6) + " a*" * (n // 6),
    "pictures and links": lambda n: "![" * (n // 10) + "[a](b/c)" * (n // 10),
    "addresses within words": lambda n: "ahttp://" * (n // 8),
    "escapes": lambda n: "\\#" * (n // 2),
    "links that white space leaves open": lambda n: "[a](" + " " * n,
    "formulas in formulas": lambda n: ("\\(x " * 990 + "\\)") * (n // 3_962 + 1),
    "brackets after an address": lambda n: "http://a" + ")" * n,
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_text_is_scanned_in_linear_time(name: str) -> None:
    assert not _grows_too_fast(scan, SHAPES[name])


def test_an_address_is_trimmed_in_linear_time() -> None:
    assert not _grows_too_fast(trimmed_url, lambda n: "http://a" + ")" * n)
    assert trimmed_url("http://a/(b))).") == "http://a/(b)"
    assert trimmed_url("http://a/[b](c)).]") == "http://a/[b](c)"


@pytest.mark.parametrize("pair", list(itertools.permutations(_SIGNS, 2)), ids=ascii)
def test_a_reply_is_split_in_linear_time(pair: tuple[str, str]) -> None:
    unit = "".join(pair)
    assert not _grows_too_fast(_split, lambda n: unit * (n // len(unit)))


def test_a_long_line_at_once_is_split_in_linear_time() -> None:
    assert not _grows_too_fast(lambda text: Splitter().feed(text), lambda n: "ab " * (10 * n))


@pytest.mark.parametrize("line", ["*a\n", "* " * 30 + "_x\n", "` `` ``` ", "_x \\(a\\)\n", "[a\n", "```a\n"])
def test_lines_that_stay_open_are_not_read_again_and_again(line: str) -> None:
    assert not _grows_too_fast(_split, lambda n: line * (n // len(line)))
