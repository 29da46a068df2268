"""Replies read through either handle, and the bytes they are made of."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from stream_core import (
    Cancelled,
    Failed,
    Finished,
    Opened,
    RetryPolicy,
    Waiting,
)
from stream_core.core.deltas import Delta
from stream_core.practice.script import (
    Hang,
    Head,
    Send,
    Step,
)
from support.wire import Result, events, read_async, read_sync

Read = Callable[..., Result]


QUICK = RetryPolicy(attempts=3, base=0.01)


@pytest.fixture(params=[read_sync, read_async], ids=["sync", "async"])
def read(request: pytest.FixtureRequest) -> Read:
    """Both shells, one after the other."""
    reader: Read = request.param
    return reader


def without_times(deltas: Iterable[Delta]) -> list[Delta]:
    return [dataclasses.replace(delta, at=0.0) for delta in deltas if not isinstance(delta, Waiting)]


def comparable(deltas: Iterable[Delta]) -> list[object]:
    """Deltas without what differs between two replies: times, waits, ids; an error by what it says."""
    found: list[object] = []
    for delta in without_times(deltas):
        if isinstance(delta, Opened):
            delta = dataclasses.replace(delta, request_id=None)
        error = delta.error if isinstance(delta, Failed) else None
        found.append(delta if error is None else (type(error), str(error), getattr(error, "detail", "")))
    return found


def endings(result: Result) -> list[Delta]:
    return [delta for delta in result.deltas if isinstance(delta, (Finished, Cancelled, Failed))]


def sse(*payloads: dict[str, Any]) -> bytes:
    return b"".join(
        b"event: %s\ndata: %s\n\n" % (p["type"].encode(), json.dumps(p).encode()) for p in payloads
    )


START = events("text")[0]


BLOCK = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}


DELTA = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a"}}


FLOWING: list[Step] = [Head(), Send(b"".join(events("text")[:5])), Hang()]
