"""The decoder of event streams: chunks in, events out; the cases are those of the standard's own tests."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_core.core.sse import NO_FIELD, SseDecoder, SseEvent


def decoded(*chunks: bytes, eager: bool = False) -> list[tuple[str, str]]:
    decoder = SseDecoder(eager=eager)
    return [(event.name, event.data) for chunk in chunks for event in decoder.feed(chunk)]


def data_of(body: bytes) -> list[str]:
    return [data for _, data in decoded(body)]


# -- lines -------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_each_line_end(end: bytes) -> None:
    body = end.join([b"event: uno", b"data: 1", b"", b"data: 2", b"", b""])
    assert decoded(body) == [("uno", "1"), ("", "2")]


def test_mixed_line_ends() -> None:
    assert data_of(b"data:a\r\ndata:b\ndata:c\r\rdata:d\n\r\n") == ["a\nb\nc", "d"]


def test_a_cr_lf_that_is_cut_is_one_line_end() -> None:
    assert decoded(b"data: a\r", b"\ndata: b\r", b"\n\r", b"\n") == [("", "a\nb")]
    assert decoded(b"data: a\r", b"", b"\n", b"\n") == [("", "a")]


def test_a_cr_at_the_end_of_a_chunk_ends_its_line_at_once() -> None:
    decoder = SseDecoder()
    assert decoder.feed(b"data: a\r\r") == [SseEvent("", "a")]
    assert decoder.feed(b"\ndata: b\n\n") == [SseEvent("", "b")]


def test_other_characters_that_end_a_line_elsewhere_do_not_here() -> None:
    told = "a\x0bb\x0cc\x1cd\x85e\u2028f\u2029g"
    assert data_of(f"data: {told}\n\n".encode()) == [told]


# -- the beginning -----------------------------------------------------------------------------


def test_one_byte_order_mark_is_dropped_at_the_beginning_only() -> None:
    bom = b"\xef\xbb\xbf"
    assert data_of(bom + b"data: 1\n\n" + bom + b"data: 2\n\ndata: 3\n\n") == ["1", "3"]
    assert data_of(bom + bom + b"data: 1\n\ndata: 2\n\n") == ["2"]
    assert decoded(bom[:1], bom[1:2], bom[2:] + b"data: 1\n\n") == [("", "1")]


# -- fields ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "data"),
    [
        (b"data:test\n\n", ["test"]),
        (b"data: test\n\n", ["test"]),
        (b"data:  test\n\n", [" test"]),
        (b"data:\ttest\n\n", ["\ttest"]),
        (b"data:test \n\n", ["test "]),
        (b"data\n\n", [""]),
        (b"data:\n\n", [""]),
        (b"data\ndata\n\n", ["\n"]),
        (b"data:\ndata:a\ndata:\n\n", ["\na\n"]),
        (b"data:a:b\n\n", ["a:b"]),
        (b"data:a\0b\n\n", ["a\0b"]),
        (b" data:x\n\n", []),
        (b"Data:x\n\n", []),
        (b"datax:x\n\n", []),
        (b"data :x\n\n", []),
        (b"\0data:x\n\n", []),
        (b"retry:1000\ndata:x\n\n", ["x"]),
        (b"unknown:1\ndata:x\nunknown\n\n", ["x"]),
    ],
)
def test_data(body: bytes, data: list[str]) -> None:
    assert data_of(body) == data


def test_comments_bring_nothing() -> None:
    assert data_of(b":\n:\n\n: data: x\ndata:1\n:data:2\n:" + b"x" * 5000 + b"\ndata:3\n\n") == ["1\n3"]


@pytest.mark.parametrize(
    ("body", "events"),
    [
        (b"event:a\ndata:x\n\ndata:y\n\n", [("a", "x"), ("", "y")]),
        (b"event: a\nevent: b\ndata:x\n\n", [("b", "x")]),
        (b"event:\ndata:x\n\n", [("", "x")]),
        (b"event\ndata:x\n\n", [("", "x")]),
        (b"event:a\n\ndata:x\n\n", [("", "x")]),  # no data: no event, and its name is forgotten
        (b"data:x\nevent:a\n\n", [("a", "x")]),
    ],
)
def test_names(body: bytes, events: list[tuple[str, str]]) -> None:
    assert decoded(body) == events


def test_the_id_stays_until_another_comes() -> None:
    decoder = SseDecoder()
    seen = []
    for chunk in (b"id:1\ndata:x\n\n", b"data:y\n\n", b"id:2\0\ndata:z\n\n", b"id\ndata:w\n\n", b"id: 7\n\n"):
        decoder.feed(chunk)
        seen.append(decoder.last_event_id)
    assert seen == ["1", "1", "1", "", "7"]


@pytest.mark.parametrize(
    ("line", "retry"),
    [(b"3000", 3000), (b"03000", 3000), (b"", None), (b"3e3", None), (b"-1", None), (b"5s", None)],
)
def test_retry_is_of_ascii_digits(line: bytes, retry: int | None) -> None:
    decoder = SseDecoder()
    decoder.feed(b"retry:" + line + b"\n\n")
    assert decoder.retry == retry
    decoder.feed("retry: ٣\n".encode())
    assert decoder.retry == retry


# -- the end -----------------------------------------------------------------------------------


def test_an_event_without_its_blank_line_is_no_event_but_can_be_had() -> None:
    for body, rest in ((b"data:x", "x"), (b"data:x\n", "x"), (b"data:x\r", "x"), (b"data:x\ndata:y", "x\ny")):
        decoder = SseDecoder()
        assert decoder.feed(body) == []
        assert decoder.finish() == ([], SseEvent("", rest))
    assert SseDecoder().finish() == ([], None)


def test_what_is_no_utf8_is_replaced_and_noted() -> None:
    decoder = SseDecoder()
    assert decoder.feed(b"data: a\xff\xfeb\n\n") == [SseEvent("", "a\ufffd\ufffdb")]
    assert decoder.bad_utf8
    whole = SseDecoder()
    assert whole.feed("data: ñ👋🏽\n\n".encode()) == [SseEvent("", "ñ👋🏽")] and not whole.bad_utf8


# -- events with no blank line between them ------------------------------------------------------


def test_whole_objects_are_parted_where_that_is_wanted() -> None:
    body = b'event: a\ndata: {"n": 1}\nevent: b\ndata: {"n": 2}\ndata: [DONE]\n\n'
    assert decoded(body, eager=True) == [("a", '{"n": 1}'), ("b", '{"n": 2}'), ("b", "[DONE]")]
    assert decoded(body) == [("b", '{"n": 1}\n{"n": 2}\n[DONE]')]


def test_an_object_over_several_lines_stays_one() -> None:
    whole = {"a": {"b": [1, 2]}, "c": "x}"}
    lines = json.dumps(whole, indent=1).splitlines()
    (event,) = decoded(b"".join(b"data: %s\n" % line.encode() for line in lines) + b"\n", eager=True)
    assert json.loads(event[1]) == whole


@pytest.mark.parametrize(
    "line", ["Data: x", "DATA:x", " data: x", "\tdata: x", "data : x", "\ufeffdata: x", "\ufeff data: x"]
)
def test_a_field_in_another_spelling_is_one_where_that_is_wanted(line: str) -> None:
    body = f"data: a\n\n{line}\n\n".encode()
    assert decoded(body, eager=True) == [("", "a"), ("", "x")]
    assert decoded(body) == [("", "a")]


def test_a_line_that_is_no_field_comes_out_where_that_is_wanted() -> None:
    body = b'data: a\n\n{"b": 1}\n<p>c</p>\n  \n: no\nid: 1\nretry: 2\n\ndata: d\n\n'
    lines = [(NO_FIELD, '{"b": 1}'), (NO_FIELD, "<p>c</p>")]
    assert decoded(body, eager=True) == [("", "a"), *lines, ("", "d")]
    assert decoded(body) == [("", "a"), ("", "d")]


@pytest.mark.parametrize("rest", ["d", "dat", "data", "event", "i", "ret", ": x"])
def test_a_field_that_was_cut_is_no_such_line(rest: str) -> None:
    decoder = SseDecoder(eager=True)
    assert decoder.feed(f"data: a\n\n{rest}".encode()) == [SseEvent("", "a")]
    assert decoder.finish() == ([], None)


def test_the_last_line_may_complete_the_event_before_it() -> None:
    decoder = SseDecoder(eager=True)
    assert decoder.feed(b'data: {"n": 1}\ndata: {"n": 2}') == []
    assert decoder.finish() == ([SseEvent("", '{"n": 1}')], SseEvent("", '{"n": 2}'))


def test_an_empty_line_of_data_parts_nothing() -> None:
    assert decoded(b"event: a\ndata: {}\ndata:\n\n", eager=True) == [("a", "{}\n")]


# -- for every stream ----------------------------------------------------------------------------

LINES = st.sampled_from(
    [
        "data: ñ",
        "data:👋🏽",
        "data",
        "event: a",
        "event",
        ": c",
        "id: 1",
        "retry: 5",
        "",
        "",
        "x",
        "data: \ufeff",
    ]
)


@given(st.lists(st.tuples(LINES, st.sampled_from(["\n", "\r", "\r\n"]))), st.lists(st.integers(0, 200)))
def test_it_does_not_matter_where_the_bytes_are_cut(lines: list[tuple[str, str]], cuts: list[int]) -> None:
    body = "".join(line + end for line, end in lines).encode()
    places = sorted({0, len(body), *(min(cut, len(body)) for cut in cuts)})
    chunks = [body[start:end] for start, end in pairwise(places)]
    assert decoded(*chunks) == decoded(body)
    assert decoded(*(body[at : at + 1] for at in range(len(body)))) == decoded(body)


@given(st.binary(max_size=200))
def test_any_bytes_can_be_fed(body: bytes) -> None:
    decoder = SseDecoder(eager=True)
    events, (completed, rest) = decoder.feed(body), decoder.finish()
    for name, data in [*events, *completed, *filter(None, [rest])]:
        (name + data).encode()
