"""The trace of a reply: the same events wherever the bytes are cut, and never more than its bounds."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.paths import FIXTURES

from stream_core.core.trace import Trace, meaning
from stream_core.core.wire import Answered, Ended, Received, Sent

TEXT = (FIXTURES / "text.sse").read_bytes()


def traced(chunks: list[bytes], trace: Trace | None = None) -> Trace:
    trace = trace or Trace()
    trace(Sent({"model": "m"}, 1, 100.0))
    trace(Answered(200, {"content-type": "text/event-stream; charset=utf-8"}, 100.5))
    for number, chunk in enumerate(chunks, 1):
        trace(Received(chunk, 101.0 + number))
    trace(Ended("end", 200.0))
    return trace


@given(cuts=st.lists(st.integers(0, len(TEXT)), max_size=12), end=st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_events_are_the_same_wherever_the_bytes_are_cut(cuts: list[int], end: bytes) -> None:
    data = TEXT.replace(b"\n", end)
    places = [0, *sorted(cuts), len(data)]
    trace = traced([data[start:stop] for start, stop in pairwise(places)])
    events = [entry for entry in trace.snapshot() if entry.number]
    assert b"".join(entry.data for entry in events) == data
    assert [meaning(entry.data).name for entry in events] == [
        line[7:].decode() for line in TEXT.splitlines() if line.startswith(b"event: ")
    ]
    assert (trace.events, trace.size, trace.attempts, trace.dropped) == (len(events), len(data), 1, 0)


def test_what_goes_before_and_after_is_told_with_its_time() -> None:
    first, second, *_, last = traced([TEXT]).snapshot()
    assert (first.kind, first.at, first.facts) == ("sent", 0.0, ("1", "m"))
    assert (second.kind, second.at, second.facts) == ("answered", 0.5, ("200", "text/event-stream"))
    assert (last.kind, last.at, last.facts) == ("ended", 100.0, ("end",))


def test_a_rest_is_told_as_that() -> None:
    kinds = [entry.kind for entry in traced([b"event: ping\ndata: {}\n\nevent: me"]).snapshot()]
    assert kinds == ["sent", "answered", "event", "rest", "ended"]


def test_memory_is_bounded_and_what_went_is_counted() -> None:
    trace = traced([b": x\n\n"] * 1000, Trace(most_entries=50))
    assert len(trace.snapshot()) == 50 and trace.dropped == 1003 - 50 and trace.events == 1000
    assert trace.snapshot()[-1].kind == "ended"
    big = traced([b"x" * 200_000 + b"\n\n"] * 20, Trace(most_bytes=300_000))
    assert sum(len(entry.data) for entry in big.snapshot()) <= 300_000
    assert big.size == 20 * 200_002 and big.snapshot()[-2].size == 200_002
    trace.begin()
    assert trace.snapshot() == [] and trace.events == 0


def test_only_what_is_new_is_given() -> None:
    trace = Trace()
    trace(Sent({}, 1, 0.0))
    entries, seen = trace.since(0)
    assert (len(entries), seen) == (1, 1) and trace.since(seen) == ([], 1)
    trace(Received(b"data: 1\n\n: a\n\n", 1.0))
    assert [entry.number for entry in trace.since(seen)[0]] == [1, 2]
    assert [entry.number for entry in trace.newest(1)] == [2]


@pytest.mark.parametrize(
    ("data", "name", "piece"),
    [
        (b'event: x\ndata: {"type": "ping"}\n\n', "ping", None),
        (b'data: {"delta": {"type": "text_delta", "text": "hola"}}\n\n', "", "hola"),
        (b'data: {"type": "t", "delta": {"type": "thinking_delta", "thinking": "m"}}\n\n', "t", "m"),
        (b'event: e\ndata: {"delta": {"type": "text_delta", "text": 3}}\n\n', "e", None),
        (b"event: e\ndata: {roto\n\n", "e", None),
        (b"data: [1]\n\n", "", None),
        (b'{"type": "error"}', "error", None),
        (b"\xff\xfe", "", None),
        (b"data: " + b"[" * 50_000, "", None),
    ],
)
def test_what_an_event_says(data: bytes, name: str, piece: str | None) -> None:
    found = meaning(data)
    assert (found.name, found.piece) == (name, piece)
