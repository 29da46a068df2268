"""The parts that Markdown is cut into."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal[
    "text",
    "heading",
    "rule",
    "table",
    "row",
    "fence",
    "code",
    "fence_end",
    "maths",
    "label",
    "tool",
    "thought",
]


class Part(NamedTuple):
    """A piece of a reply that is final, or an open one as it stands.

    Attributes:
        kind: what it is; `row` is one more row of the table before it, `code` a line inside a fence,
            `fence_end` where that ends, `maths` a formula in rows of its own with what encloses it,
            `thought` what is left of thinking that was shown while it came.
        text: its source, without what its containers add; of a fence the info string (the language).
        lead: what stands before its first row: the bars of quotes, indentation, a bullet or number.
        hang: what stands before its other rows; as long as `lead`.
        gap: whether a blank row comes before it.
        level: of a heading, 1 to 6.
        goes_on: whether the part that follows goes on in the row in which this one ends.
        is_thinking: whether it is thinking, to be told apart from the answer.
        target: of a label, the address that it leads to, untrusted; "" for none.
    """

    kind: Kind
    text: str
    lead: str = ""
    hang: str = ""
    gap: bool = False
    level: int = 0
    goes_on: bool = False
    is_thinking: bool = False
    target: str = ""
