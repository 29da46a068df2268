"""`/v1/models`: one model, and the list page by page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs

from .catalogue import MODELS, find
from .refusal import invalid, no_model

_STAGES = ("active", "deprecated", "retired")
_LISTED = ("active", "deprecated")  # a retired one only when asked for


def one(name: str) -> dict[str, Any]:
    """The entry of one model, also of a retired one.

    Raises:
        Refused: no model has this name.
    """
    model = find(name)
    if model is None:
        raise no_model(name)
    return dict(model.info)


def page(query: str) -> dict[str, Any]:
    """One page of the list, by the API's cursors `after_id` and `before_id`, `limit` and `lifecycle`.

    Raises:
        Refused: the query is invalid.
    """
    asked = parse_qs(query, keep_blank_values=True)
    shown, more = _cut(_of_stages(asked), asked)
    return {
        "data": [MODELS[name].info for name in shown],
        "has_more": more,
        "first_id": shown[0] if shown else None,
        "last_id": shown[-1] if shown else None,
    }


def _of_stages(asked: dict[str, list[str]]) -> list[str]:
    stages = asked.get("lifecycle[]") or asked.get("lifecycle") or _LISTED
    for number, stage in enumerate(stages):
        if stage not in _STAGES:
            raise invalid(f"lifecycle.{number}: Input should be 'active', 'deprecated' or 'retired'")
    return [name for name, model in MODELS.items() if model.info["lifecycle"] in stages]


def _cut(ids: Sequence[str], asked: dict[str, list[str]]) -> tuple[Sequence[str], bool]:
    """The ids of the page, and whether more follow in its direction."""
    size = _limit(asked.get("limit", ["20"])[-1])
    if "after_id" in asked and "before_id" in asked:
        raise invalid("Only one of after_id and before_id can be specified")
    if "before_id" in asked:
        rest = ids[: _position(ids, asked["before_id"][-1])]
        return rest[-size:], len(rest) > size
    rest = ids[_position(ids, asked["after_id"][-1]) + 1 :] if "after_id" in asked else ids
    return rest[:size], len(rest) > size


def _limit(written: str) -> int:
    if not (written.isascii() and written.isdigit() and 1 <= int(written[:5]) <= 1000 and len(written) < 5):
        raise invalid("limit: Input should be between 1 and 1000")
    return int(written)


def _position(ids: Sequence[str], name: str) -> int:
    if name not in ids:
        raise invalid(f"Unknown cursor: {name}")
    return ids.index(name)
