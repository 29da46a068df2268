"""The text of a block of Markdown as HTML, read as it is on the screen. Pure.

Emphasis, code, formulas and links are found by the scanner of the terminal, so that nothing which stands on
the screen as it came (`3*4*5`, `__name__`, `$a_i * b_i$`) loses characters in a page. Line breaks stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from itertools import groupby

from stream_core.terminal.markdown.inline import uri
from stream_core.terminal.markdown.scanned import Link, Node, Scanned
from stream_core.terminal.markdown.scanner import scan
from stream_core.terminal.markdown.tables import with_breaks

REL = "noopener noreferrer nofollow"
_TAGS = {"strong": "strong", "em": "em", "strike": "s"}
_SPACES_AT_THE_END = re.compile(r" +\n")


def inline_html(text: str, *, cell: bool = False) -> str:
    """Return HTML for a text without blocks.

    Args:
        text: sanitised Markdown.
        cell: whether it stands in a table, where `<br>` breaks the line.
    """
    if cell:
        text = with_breaks(text)
    found = scan(_SPACES_AT_THE_END.sub("\n", text))
    out: list[str] = []
    places = zip(found.nodes, _links(found), _tags(found), strict=True)
    for link, group in groupby(places, key=lambda place: place[1]):
        shown = "".join(_styled([(node, tags) for node, _, tags in group]))
        out.append(shown if link is None else _linked(link, shown))
    return "".join(out).replace("\n", "<br>\n")


def _links(found: Scanned) -> Iterator[Link | None]:
    """The link that each node belongs to."""
    links = iter(found.links)
    link = next(links, None)
    for number in range(len(found.nodes)):
        while link is not None and link.last <= number:
            link = next(links, None)
        yield link if link is not None and link.first <= number else None


def _tags(found: Scanned) -> Iterator[tuple[str, ...]]:
    """The tags that hold over each node, the outermost first."""
    changes: dict[int, list[tuple[str, int]]] = {}
    for first, last, attribute in found.marks:
        changes.setdefault(first, []).append((_TAGS[attribute], 1))
        changes.setdefault(last, []).append((_TAGS[attribute], -1))
    active = dict.fromkeys(_TAGS.values(), 0)
    for number in range(len(found.nodes)):
        for tag, change in changes.get(number, ()):
            active[tag] += change
        yield tuple(tag for tag, count in active.items() if count)


def _styled(places: list[tuple[Node, tuple[str, ...]]]) -> Iterator[str]:
    for tags, group in groupby(places, key=lambda place: place[1]):
        inner = "".join(
            f"<code>{escape(node.text)}</code>" if node.kind == "code" else escape(node.text)
            for node, _ in group
            if node.text or node.kind == "code"
        )
        if inner:
            yield "".join(f"<{tag}>" for tag in tags) + inner + "".join(f"</{tag}>" for tag in reversed(tags))


def _linked(link: Link, shown: str) -> str:
    target = None if link.image else uri(link.target)
    if target is None:  # where it leads is said, as on the screen
        return f"{shown} ({escape(link.target)})"
    return f'<a href="{escape(target)}" rel="{REL}">{shown}</a>'
