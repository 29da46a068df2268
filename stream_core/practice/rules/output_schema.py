"""The JSON schema of `output_config.format`: the subset that the API takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stream_core.practice.catalogue import Model
from stream_core.practice.refusal import invalid
from stream_core.practice.request import Body, blocks_in
from stream_core.practice.structured import resolve, schema_of

_WHERE = "output_config.format.schema"
_COMMON = frozenset({"type", "title", "description", "default", "enum", "const", "$defs", "definitions"})
_OF_TYPE: Mapping[str, frozenset[str]] = {
    "object": frozenset({"properties", "required", "additionalProperties"}),
    "array": frozenset({"items", "minItems"}),
    "string": frozenset({"format"}),
    "integer": frozenset(),
    "number": frozenset(),
    "boolean": frozenset(),
    "null": frozenset(),
}
_COMBINED = ("anyOf", "allOf")
_FORMS: Mapping[str, type] = {
    "properties": Mapping,
    "$defs": Mapping,
    "definitions": Mapping,
    "enum": list,
    "anyOf": list,
    "allOf": list,
    "required": list,
}
_MOST_PARTS = 5_000


def check(body: Body, model: Model) -> None:
    schema = schema_of(body)
    if schema is None:
        return
    walk = _Walk(schema)
    walk.check(schema, ())
    for name in ("$defs", "definitions"):
        for part in schema.get(name, {}).values():
            walk.check(part, ())
    if body["messages"][-1]["role"] == "assistant":
        raise invalid(
            "output_config.format: prefilling the response is not supported with structured outputs."
        )
    if any(_cites(block) for message in body["messages"] for block in blocks_in(message)):
        raise invalid("output_config.format: citations are not supported with structured outputs.")


def _cites(block: Mapping[str, Any]) -> bool:
    citations = block.get("citations")
    return isinstance(citations, Mapping) and citations.get("enabled") is True


class _Walk:
    """Checks a schema with its references followed, up to a number of parts."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._parts = 0

    def check(self, schema: Any, references: tuple[str, ...]) -> None:
        """Check a part of the schema that was reached by these references."""
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise invalid(f"{_WHERE}: Schema is too complex.")
        _check_form(schema)
        if "$ref" in schema:
            self._reference(schema["$ref"], references)
        elif any(name in schema for name in _COMBINED):
            for part in [*schema.get("anyOf", ()), *schema.get("allOf", ())]:
                self.check(part, references)
        elif "enum" not in schema and "const" not in schema:
            _check_type(schema)
            for part in schema.get("properties", {}).values():
                self.check(part, references)
            if "items" in schema:
                self.check(schema["items"], references)

    def _reference(self, reference: Any, references: tuple[str, ...]) -> None:
        found = resolve(reference, self._root)
        if found is None:
            raise invalid(f"{_WHERE}: $ref '{reference}' cannot be resolved.")
        if reference in references:
            raise invalid(f"{_WHERE}: Circular reference '{reference}' is not supported.")
        self.check(found, (*references, reference))


def _check_form(schema: Any) -> None:
    if not isinstance(schema, Mapping):
        raise invalid(f"{_WHERE}: Input should be an object")
    for name, wanted in _FORMS.items():
        if name in schema and not isinstance(schema[name], wanted):
            raise invalid(f"{_WHERE}: '{name}' has the wrong type.")
    for name in ("enum", "anyOf", "allOf"):
        if name in schema and not schema[name]:
            raise invalid(f"{_WHERE}: '{name}' must not be empty.")


def _check_type(schema: Mapping[str, Any]) -> None:
    kinds = schema.get("type")
    kinds = kinds if isinstance(kinds, list) and kinds else [kinds]
    known = [_OF_TYPE.get(kind) if isinstance(kind, str) else None for kind in kinds]
    for kind, keywords in zip(kinds, known, strict=True):
        if keywords is None:
            raise invalid(f"{_WHERE}: Schema type '{kind}' is not supported.")
    allowed = _COMMON.union(*filter(None, known))
    if extra := sorted(name for name in schema if name not in allowed):
        raise invalid(f"{_WHERE}: For '{kinds[0]}' type, properties {', '.join(extra)} are not supported")
    if "object" in kinds and schema.get("additionalProperties") is not False:
        raise invalid(f"{_WHERE}: For 'object' type, 'additionalProperties' must be explicitly set to false")
    if schema.get("minItems", 0) not in (0, 1):
        raise invalid(f"{_WHERE}: For 'array' type, 'minItems' values other than 0 or 1 are not supported")
