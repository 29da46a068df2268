"""Structured output: a sample value for the JSON schema of a request (`output_config.format`).

The subset of JSON schema is that of https://platform.claude.com/docs/en/build-with-claude/structured-outputs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .request import Body

_TEXT = "Modo práctica"
_FORMATS = {
    "date": "2026-01-31",
    "time": "12:30:00Z",
    "date-time": "2026-01-31T12:30:00Z",
    "duration": "PT1H30M",
    "email": "nadie@example.com",
    "hostname": "example.com",
    "uri": "https://example.com/",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
# The SDK moves constraints that the API does not take into the description: `{minimum: 1, maximum: 10}`.
_CONSTRAINT = re.compile(r"\b([a-zA-Z]+): (-?\d+(?:\.\d+)?)\b")


def schema_of(body: Body) -> Mapping[str, Any] | None:
    """The schema that the reply must fit; None if the request asks for none."""
    form = (body.get("output_config") or {}).get("format")
    return form["schema"] if form is not None else None


def sample(schema: Mapping[str, Any], root: Mapping[str, Any] | None = None) -> Any:
    """A value that fits a schema which `rules` found valid.

    Args:
        schema: a schema, or a part of one.
        root: the schema with the definitions; None if that is `schema`.
    """
    whole = schema if root is None else root
    if "$ref" in schema:
        return sample(resolve(schema["$ref"], whole) or {}, whole)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    if schema.get("anyOf"):
        return sample(schema["anyOf"][0], whole)
    if schema.get("allOf"):
        return _merged([sample(part, whole) for part in schema["allOf"]])
    return _of_type(schema, whole)


def resolve(reference: object, root: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The definition that a `$ref` such as `#/$defs/Punto` names; None if there is none."""
    found: Any = root
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return None
    for name in reference.removeprefix("#/").split("/"):
        found = found.get(name.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else None


def _merged(samples: list[Any]) -> Any:
    if all(isinstance(each, Mapping) for each in samples):
        return {name: value for each in samples for name, value in each.items()}
    return samples[0]


def _of_type(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    kind = schema.get("type", "string")
    limits = {name: float(value) for name, value in _CONSTRAINT.findall(str(schema.get("description", "")))}
    match next(iter(kind), "string") if isinstance(kind, list) else kind:
        case "object":
            return {name: sample(part, root) for name, part in schema.get("properties", {}).items()}
        case "array":
            count = int(max(limits.get("minItems", 1), schema.get("minItems", 1)))
            return [sample(schema["items"], root)] * count if "items" in schema else []
        case "integer":
            return int(_number(limits, 1))
        case "number":
            return _number(limits, 0.5)
        case "boolean":
            return True
        case "null":
            return None
    return _text(schema, limits)


def _number(limits: Mapping[str, float], step: float) -> float:
    least = limits.get("minimum", limits.get("exclusiveMinimum", step - 1) + step)
    most = limits.get("maximum", limits.get("exclusiveMaximum", float("inf")) - step)
    return min(max(step, least), most)


def _text(schema: Mapping[str, Any], limits: Mapping[str, float]) -> str:
    text = _FORMATS.get(str(schema.get("format")), _TEXT)
    if "minLength" in limits:
        text = text.ljust(int(limits["minLength"]), ".")
    return text[: int(limits["maxLength"])] if "maxLength" in limits else text
