"""A line of Markdown that was read: stretches of text, what holds over them, and links. Pure data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Attribute: TypeAlias = Literal["strong", "em", "strike"]
Kind: TypeAlias = Literal["text", "code", "maths"]


@dataclass(slots=True)
class Node:
    """A stretch of text of one kind."""

    text: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Link:
    """A link over some nodes.

    Attributes:
        first: the first of its nodes.
        last: the node after its last one.
        target: where it leads, as it was written.
        title: what it says of that.
        image: whether it is a picture.
    """

    first: int
    last: int
    target: str
    title: str = ""
    image: bool = False


@dataclass(slots=True)
class Scanned:
    """A text that was read.

    Attributes:
        nodes: its text in order, without what marks it.
        marks: first node, node after the last one, and what holds between them.
        links: in order, none within another.
        unclosed: whether something was opened and not closed; the text may be open at its end.
    """

    nodes: list[Node] = field(default_factory=list)
    marks: list[tuple[int, int, Attribute]] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    unclosed: bool = False

    def add(self, text: str, kind: Kind = "text") -> int:
        """Add a node; return its place."""
        self.nodes.append(Node(text, kind))
        return len(self.nodes) - 1
