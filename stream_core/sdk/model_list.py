"""The list of models that a server gives, by the SDK's client; here it becomes data of our own.

A compatible server may send less than the API, or other types: a field of the wrong type counts as missing.
The body is read as JSON within bounds, not by the SDK: its objects for a million models take minutes, in
which nothing can be cancelled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from stream_core.core import errors as e
from stream_core.core.wire_json import WireJson
from stream_core.models.model_list import LIFECYCLES, Lifecycle, ListedModel

from .client import with_our_timeouts
from .error_map import failure_to_open

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

_PATIENCE_SECONDS = 30.0  # for all pages; a list that takes longer is not coming
_PAGE = 1000  # models; the most that the API gives at once
_MOST = 5000  # models; a server could go on for ever
_MOST_TOKENS = 1 << 53
_NO_LIST = (404, 405, 410, 501)
_EFFORTS = ("low", "medium", "high", "xhigh", "max")
_THINKING = ("adaptive", "between_tools", "disabled", "enabled")
_FILES = ("image_input", "pdf_input")
_MODALITIES = {"image_input": {"image"}, "pdf_input": {"file", "pdf"}}


async def list_models(
    client: AsyncAnthropic, *, page: int = _PAGE, patience: float | None = None
) -> list[ListedModel]:
    """Fetch the whole list of models, the retired ones too, each once and in the server's order.

    Args:
        page: models that are asked for at once, 1 to 1000.
        patience: seconds for the whole list; None for 30.

    Raises:
        NoModelList: the server has none, or an empty one.
        StreamCoreError: what else went wrong, as for a stream.
    """
    seconds = _PATIENCE_SECONDS if patience is None else patience
    try:
        return await asyncio.wait_for(_all(with_our_timeouts(client, None, seconds), page), seconds)
    except asyncio.TimeoutError:
        raise e.IdleTimeout from None
    except e.StreamCoreError:
        raise
    except Exception as error:  # the SDK stumbles in many ways over a success that is no list
        found = failure_to_open(error, "") or e.NotTheApi()
        if found.status in _NO_LIST:
            found = e.NoModelList(status=found.status, request_id=found.request_id)
        raise found from error


async def _all(client: AsyncAnthropic, size: int) -> list[ListedModel]:
    found: dict[str, ListedModel] = {}
    after: dict[str, Any] = {}
    while True:
        answer: Any = await client.models.with_raw_response.list(
            limit=size, lifecycle=list(LIFECYCLES), **after
        )
        page, before = _page(answer.http_response), len(found)
        entries = page.get("data")
        for model in map(_model, entries[:_MOST] if isinstance(entries, list) else ()):
            if model is not None:
                found.setdefault(model.id, model)
        last, more = page.get("last_id"), page.get("has_more") is not False
        if not (more and before < len(found) < _MOST and last and isinstance(last, str)):
            break
        after = {"after_id": last}
    if not found:
        raise e.NoModelList
    return list(found.values())[:_MOST]


def _page(response: Any) -> Mapping[str, Any]:
    """Read a page of the list.

    Raises:
        NotTheApi: it is no JSON object.
        ReplyTooLarge: it is more than any list.
    """
    try:
        page = WireJson().load(response.content.decode("utf-8", "replace"))
    except ValueError:
        page = None
    if not isinstance(page, dict):
        raise e.NotTheApi(status=response.status_code, request_id=response.headers.get("request-id"))
    return page


def _model(entry: Any) -> ListedModel | None:
    """Read an entry; None for one without an id."""
    name = _part(entry, "id")
    if not isinstance(name, str) or not name:
        return None
    called = _part(entry, "display_name")
    can = _part(entry, "capabilities")
    return ListedModel(
        id=name,
        name=called if isinstance(called, str) else "",
        context=_tokens(_part(entry, "max_input_tokens")),
        max_output=_tokens(_part(entry, "max_tokens")),
        lifecycle=_lifecycle(_part(entry, "lifecycle")),
        retires=_day(_part(entry, "retires_at")),
        efforts=_supported(_part(can, "effort"), _EFFORTS),
        thinking=_supported(_part(_part(can, "thinking"), "types"), _THINKING),
        accepts=_accepted(entry, can),
    )


def _tokens(value: Any) -> int | None:
    return value if type(value) is int and 0 < value <= _MOST_TOKENS else None


def _lifecycle(value: Any) -> Lifecycle | None:
    return next((stage for stage in LIFECYCLES if stage == value), None)


def _day(value: Any) -> date | None:
    """A day; None for the epoch too, which stands for one that is not known."""
    if not isinstance(value, str):
        return None
    try:
        day = date.fromisoformat(value[:10])
    except ValueError:
        return None
    return day if day.year > 1970 else None


def _part(whole: Any, name: str) -> Any:
    return whole.get(name) if isinstance(whole, Mapping) else None


def _accepted(entry: Any, can: Any) -> tuple[str, ...] | None:
    """Read which files are taken: from the API's capabilities, or as llama.cpp and OpenRouter tell it."""
    modalities = _part(_part(entry, "architecture"), "input_modalities")
    if can is not None or not isinstance(modalities, list):
        return _supported(can, _FILES)
    return tuple(name for name in _FILES if not _MODALITIES[name].isdisjoint(map(str, modalities)))


def _supported(part: Any, names: Iterable[str]) -> tuple[str, ...] | None:
    """Return those that are supported; None if the entry names none."""
    supported = {name: _part(_part(part, name), "supported") for name in names}
    if all(value is None for value in supported.values()):
        return None
    return tuple(name for name, value in supported.items() if value is True)
