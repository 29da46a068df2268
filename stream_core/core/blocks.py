"""A content block while it arrives: what it began with, the pieces since, the whole at its end. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .deviations import Notes
from .sanitize import repair_surrogates
from .tool_call import INVALID_JSON, is_tool_call
from .wire_json import WireJson

_TOOL_ID = re.compile(r"[a-zA-Z0-9_-]+")

WORDS = ("text", "thinking")
"""The types of blocks that consist of words, in a field that is called as they are."""


_FITS = {"text": ("text_delta", "text"), "thinking": ("thinking_delta", "thinking")}


class OpenBlock:
    """A content block that is open.

    Attributes:
        index: its place in the reply, from 0.
        type: its type.
        start: what it began with, as plain JSON that can be encoded; fields of deltas that are not known
            gather here.
        fits, field: the type of the deltas that belong in it, and where their piece stands; "" for neither.
        foreign: whether it is of a kind that is not made of pieces.
        tool_id, name: of a tool call.
        implied: whether it was never begun: whoever did not begin it will not close it.
    """

    __slots__ = (
        "_citations", "_grown", "_high", "_pieces", "_signature", "_wire_id",
        "field", "fits", "foreign", "implied", "index", "name", "start", "tool_id", "type",
    )  # fmt: skip

    def __init__(
        self, index: int, start: dict[str, Any], wire_id: object = None, *, implied: bool = False
    ) -> None:
        self.index = index
        self.implied = implied
        self.start = start
        self.type: str = start["type"]
        self.fits, self.field = _FITS.get(self.type, ("", ""))
        if is_tool_call(self.type):
            self.fits, self.field = "input_json_delta", "partial_json"
        self.foreign = not self.fits
        self.tool_id, self.name = str(start.get("id") or ""), str(start.get("name") or "")
        self._wire_id = wire_id
        self._pieces: list[str] = []
        self._citations: list[Any] = []
        self._grown: dict[str, list[str]] = {}  # texts of fields that are not known, in pieces
        self._signature: str | None = None
        self._high = ""  # a high surrogate whose other half comes with the next piece

    def take(self, piece: str) -> str:
        """Keep a piece and give it back as text that can be encoded."""
        if self._high or not piece.isascii():
            piece = self._high + piece
            self._high = piece[-1:] if "\ud800" <= piece[-1:] <= "\udbff" else ""
            piece = repair_surrogates(piece[: len(piece) - len(self._high)])
        self._pieces.append(piece)
        return piece

    def goes_on(self, kind: str, wire_id: object) -> bool:
        """Whether a block that begins where this one is open is this one, begun again."""
        if kind != self.type or self._signature is not None:
            return False
        return kind in WORDS or (is_tool_call(kind) and bool(wire_id) and wire_id == self._wire_id)

    def sign(self, signature: str) -> None:
        """Keep the signature of thinking; a later one stands for an earlier one."""
        self._signature = repair_surrogates(signature)

    def cite(self, citation: Any) -> Any:
        """Keep a citation and give it back as JSON that can be encoded."""
        self._citations.append(encodable(citation))
        return self._citations[-1]

    def gather(self, delta: Mapping[str, Any]) -> None:
        """Take in the fields of a delta that is not known: texts, lists and objects grow, all else is set."""
        for key, value in delta.items():
            if key == "type":
                continue
            value, old = encodable(value), self.start.get(key)
            if isinstance(old, str) and isinstance(value, str):
                self._grown.setdefault(key, [old]).append(value)
            elif isinstance(old, list) and isinstance(value, list):
                old += value
            elif isinstance(old, dict) and isinstance(value, dict):
                old.update(value)
            elif value is not None:
                self._grown.pop(key, None)
                self.start[key] = value

    def done(self, notes: Notes, wire_json: WireJson) -> dict[str, Any]:
        """The whole block as plain JSON, in the form in which the API takes it back.

        Raises:
            ReplyTooLarge: a call's input would take too much memory.
        """
        whole = "".join(self._pieces)
        block = {**self.start, **{key: "".join(pieces) for key, pieces in self._grown.items()}}
        if self.type in WORDS:
            block[self.type] = whole
        elif is_tool_call(self.type) or whole:
            block["input"] = self._input(whole, notes, wire_json)
        if self._citations:
            block["citations"] = [*(block.get("citations") or []), *self._citations]
        if self._signature is not None or self.type == "thinking":
            block["signature"] = self._signature or str(block.get("signature") or "")
        return block

    def _input(self, whole: str, notes: Notes, wire_json: WireJson) -> Any:
        start = self.start.get("input")
        if not whole.strip():
            if not isinstance(start, str):
                return {} if start is None else start
            whole = start
        if not whole.strip():
            return {}
        try:
            value = wire_json.load(whole, constants=False) if self.foreign else _call_input(whole, wire_json)
            wire_json.keep(value)
            return encodable(value)
        except ValueError:
            notes.add("tool_input")
            return {INVALID_JSON: repair_surrogates(whole)}


class ToolIds:
    """Ids of tool calls that can be sent back, and name one call each.

    The API takes `^[a-zA-Z0-9_-]+$` and no id twice in a conversation. Other servers send null, nothing,
    `functions.name:0`, or `call_0` in every reply.

    Args:
        taken: those that the request itself holds.
    """

    __slots__ = ("_answered", "_number", "_taken", "_unanswered")

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._unanswered: dict[str, list[str]] = {}  # ids that calls got, by the one they came with
        self._answered: dict[str, str] = {}  # the newest of those that have a result
        self._number = 0

    def of(self, wire_id: object, notes: Notes) -> str:
        """The id of a call that came with `wire_id`; one of ours where that will not do."""
        if isinstance(wire_id, str) and _TOOL_ID.fullmatch(wire_id) and wire_id not in self._taken:
            self._taken.add(wire_id)
            self._unanswered.setdefault(wire_id, []).append(wire_id)
            return wire_id
        notes.add("tool_id")
        while (ours := f"toolu_local_{self._number}") in self._taken:
            self._number += 1
        self._taken.add(ours)
        self._unanswered.setdefault(str(wire_id), []).append(ours)
        return ours

    def answered(self, wire_id: object) -> object:
        """The id that a result for `wire_id` must name: that of the oldest call without one."""
        if calls := self._unanswered.get(str(wire_id)):
            self._answered[str(wire_id)] = calls.pop(0)
        return self._answered.get(str(wire_id), wire_id)


def used_tool_ids(messages: Iterable[Any]) -> set[str]:
    """The ids of the tool calls in the messages of a request, whether plain JSON or objects of the SDK."""
    found: set[str] = set()
    for message in messages:
        content = _field(message, "content")
        if isinstance(content, str) or not isinstance(content, Iterable):
            continue
        for block in content:
            if is_tool_call(str(_field(block, "type") or "")) and isinstance(_field(block, "id"), str):
                found.add(_field(block, "id"))
    return found


def _field(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)


def _call_input(text: str, wire_json: WireJson) -> Any:
    """The JSON value of a call's input, also where it is JSON in a text, or comes after an empty object.

    Raises:
        ValueError: it is none.
        ReplyTooLarge: it would take too much memory.
    """
    begin = text.lstrip()
    rest = begin.removeprefix("{}").lstrip()
    value = wire_json.load(rest if rest.startswith("{") else begin, constants=False)
    if isinstance(value, str) and value.lstrip().startswith("{"):
        value = wire_json.load(value, constants=False)
    return {} if value is None else value


def encodable(value: Any) -> Any:
    """The same JSON value with no lone surrogate in it: escapes such as `\\ud800` bring them in."""
    if isinstance(value, str):
        return repair_surrogates(value)
    if isinstance(value, dict):
        return {encodable(key): encodable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [encodable(inner) for inner in value]
    return value
