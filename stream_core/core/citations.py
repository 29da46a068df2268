"""The sources that a reply cites, numbered in the order in which they are cited first. Pure.

A text block bears the citations of its whole text
(https://platform.claude.com/docs/en/build-with-claude/citations). Titles and URLs are untrusted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

from .deltas import Block
from .passage_ends import PassageEnds
from .sanitize import sanitize


@dataclass(frozen=True, slots=True)
class Source:
    """A page or document that is cited.

    Attributes:
        number: its number in the reply, from 1.
        title: its title, as it came; "" where it has none.
        url: its address, as it came; "" for a document.
    """

    number: int
    title: str
    url: str = ""

    @property
    def host(self) -> str:
        """The host of the address, "" where there is none."""
        try:
            return (urlsplit(self.url).hostname or "").removeprefix("www.")
        except ValueError:
            return ""


class SourceList:
    """Numbers the sources of a turn.

    Attributes:
        sources: all of them so far.
    """

    def __init__(self) -> None:
        self.sources: list[Source] = []
        self._numbers: dict[object, int] = {}

    def cite(self, block: Block) -> tuple[int, ...]:
        """Return the numbers of the sources that a text block cites, each once; new ones are added."""
        return tuple(dict.fromkeys(self._number(citation) for citation in _citations(block)))

    def _number(self, citation: Mapping[str, object]) -> int:
        url = str(citation.get("url") or citation.get("source") or "")
        title = str(citation.get("title") or citation.get("document_title") or "")
        key = url or (citation.get("document_index"), title)
        if key not in self._numbers:
            self._numbers[key] = len(self.sources) + 1
            self.sources.append(Source(self._numbers[key], title, url))
        return self._numbers[key]


def marks(numbers: Sequence[int]) -> str:
    """Return numbers of sources as they stand in a text: `[1][3]`."""
    return "".join(f"[{number}]" for number in numbers)


Passage: TypeAlias = tuple[int, tuple[int, ...]]
"""The end of a cited passage in a text, and the numbers of its sources."""


def cited_passages(text: str, blocks: Sequence[Block]) -> tuple[list[Passage], list[Source]]:
    """Find where in the text of a turn sources are cited.

    Args:
        text: the text of the turn.
        blocks: its content blocks.

    Returns:
        The passages in their order, and all sources. Both are empty where the blocks tell another text.
    """
    sources, passages, at = SourceList(), list[Passage](), 0
    for block in blocks:
        if block.get("type") != "text":
            continue
        end = end_of_piece(str(block.get("text") or ""), text, at)
        if end is None:
            return [], []
        at = end
        if numbers := sources.cite(block):
            passages.append((at, numbers))
    return passages, sources.sources


def marked_text(
    text: str, blocks: Sequence[Block], mark: Callable[[Sequence[int]], str] = marks
) -> tuple[str, list[Source]]:
    """Return the text of a turn, sanitised, with a mark behind each cited passage; and its sources.

    Args:
        text: the text of the turn.
        blocks: its content blocks.
        mark: writes the numbers of the sources.
    """
    passages, sources = cited_passages(text, blocks)
    parts, at, ends = list[str](), 0, PassageEnds()
    for end, numbers in passages:
        parts.append(ends.placed(sanitize(text[at:end]), mark(numbers)))
        at = end
    return "".join([*parts, sanitize(text[at:])]), sources


def end_of_piece(piece: str, text: str, at: int) -> int | None:
    """Return where a piece ends that comes next in a text, white space apart; None where it does not."""
    bare = piece.strip()
    if text.startswith(bare, at):  # as nearly always; to look for megabytes in megabytes takes long
        return at + len(bare)
    begin = text.find(bare, at)
    return None if begin < 0 or text[at:begin].strip() else begin + len(bare)


def _citations(block: Block) -> Iterator[Mapping[str, object]]:
    found = block.get("citations")
    if isinstance(found, (list, tuple)):
        yield from (citation for citation in found if isinstance(citation, Mapping))
