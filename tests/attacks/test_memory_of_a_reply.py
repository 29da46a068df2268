"""Promise: a reply takes three times its limit at most, whatever its form and however wide its text is."""

from __future__ import annotations

import base64
import json
import struct
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest

from stream_core.core.body_decoder import AWS_EVENT_STREAM, EventReader
from stream_core.core.deltas import Finished
from stream_core.core.deviations import Notes
from stream_core.core.errors import ProtocolError, ReplyTooLarge
from stream_core.core.event_translator import ErrorEvent, Translator
from stream_core.core.reply import Reply
from stream_core.core.text_size import PIECE, TextSize, decoded_size, width
from stream_core.core.wire_json import WireJson
from stream_core.practice.events import (
    block_start,
    block_stop,
    message_delta,
    message_start,
    message_stop,
    text_delta,
)

LIMIT = 1 << 19
CHUNK = 1 << 14
START = message_start("m", 5)
END = block_stop() + message_delta("end_turn", {"output_tokens": 2}) + message_stop()
CALL = {"type": "tool_use", "id": "toolu_1", "name": "calculate", "input": {}}
WIDE = {"ASCII": "", "Latin": "é", "Chinese": "漢", "an emoji": "😀"}
"""The character that a text of ASCII begins with."""


def data(kind: str, inner: str) -> bytes:
    return f'event: {kind}\ndata: {{"type":"{kind}","index":0,{inner}}}\n\n'.encode()


def piece(kind: str, text: str) -> bytes:
    field = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}
    named = field.get(kind, kind.removesuffix("_delta"))
    value = f'{{"a":"{text}"}}' if kind == "citation_delta" else f'"{text}"'
    kind = "citations_delta" if kind == "citation_delta" else kind
    return data("content_block_delta", f'"delta":{{"type":"{kind}","{named}":{value}}}')


def beginning(block: str) -> bytes:
    return START + data("content_block_start", f'"content_block":{block}')


BLOCKS = {
    "text_delta": beginning('{"type":"text","text":""}'),
    "thinking_delta": beginning('{"type":"thinking","thinking":"","signature":""}'),
    "signature_delta": beginning('{"type":"thinking","thinking":"","signature":""}'),
    "input_json_delta": beginning(json.dumps(CALL)),
    "citation_delta": beginning('{"type":"text","text":""}'),
    "q_delta": beginning('{"type":"q","q":""}'),
}


def framed(payload: bytes) -> bytes:
    """A frame of an AWS event stream."""
    told = b"".join(
        bytes([len(name)]) + name + b"\x07" + struct.pack(">H", len(value)) + value
        for name, value in ((b":message-type", b"event"), (b":event-type", b"chunk"))
    )
    body = json.dumps({"bytes": base64.b64encode(payload).decode()}).encode()
    prelude = struct.pack(">II", 16 + len(told) + len(body), len(told))
    frame = prelude + struct.pack(">I", zlib.crc32(prelude)) + told + body
    return frame + struct.pack(">I", zlib.crc32(frame))


def lines(*events: bytes) -> bytes:
    """The data of events, a line each."""
    return b"".join(line[6:] + b"\n" for line in b"".join(events).split(b"\n") if line.startswith(b"data: "))


def bodies(wide: str, size: int) -> Iterator[tuple[str, str, bytes]]:
    """Bodies of about `size` bytes: what each is, its content type, its bytes."""
    sse, long = "text/event-stream", wide + "a" * size
    for kind, begin in BLOCKS.items():
        yield f"{kind}, one", sse, begin + piece(kind, long) + END
        for each in (20, 9_000):
            many = piece(kind, "a" * each) * (size // (each + 120))
            yield f"{kind}, {each} each", sse, begin + piece(kind, wide) + many + END
    text = data("content_block_delta", f'"delta":{{"type":"text_delta","text":"{long}"}}')
    yield "begins with all", sse, beginning(f'{{"type":"text","text":"{long}"}}') + END
    yield "key", sse, beginning(f'{{"type":"q","{long}":1}}') + END
    yield "model", sse, data("message_start", f'"message":{{"model":"{long}"}}') + END
    half = wide + "a" * (size // 9)
    stop = data("message_delta", f'"delta":{{"stop_reason":"{half}","stop_sequence":"{half}"}}') * 4
    yield "stop reasons", sse, START + block_start() + block_stop() + stop + message_stop()
    yield "error", sse, START + data("error", f'"error":{{"type":"api_error","message":"{long}"}}')
    for name in ("event", "id", "retry", "q", "Data", ": "):
        yield f"field {name}", sse, START + block_start() + f"{name}: {long}\n".encode() + END
    yield "text of an event", sse, START + block_start() + f'data: "{long}" \n\n'.encode() + END
    split = f"data: {wide}\n".encode() + b"data: ab\n" * (size // 9)
    yield "lines of one event", sse, START + block_start() + split + b"\n" + END
    yield "no end", sse, START + block_start() + text[:-20]
    yield "words", sse, START + block_start() + f"{wide}{'a' * 900}\n".encode() * (size // 900) + END
    told = lines(START, block_start(), text, END)
    yield "frames", AWS_EVENT_STREAM, b"".join(map(framed, told.split(b"\n")))
    yield "lines", "application/x-ndjson", told
    yield "a long first line", "application/x-ndjson", lines(text, START)
    whole = f'{{"type":"message","content":[{{"type":"text","text":"{long}"}}]}}'.encode()
    yield "whole", "application/json", whole
    yield "whole, a line", "application/json", whole + b"\n"
    yield "no UTF-8", sse, START + block_start() + b'data: {"delta":"' + b"\xff\xf0" * (size // 2)
    yield "page", "text/html", f"<title>{long}</title>".encode()


def read(kind: str, chunks: list[bytes]) -> tuple[Reply, bool]:
    """Read as a stream does; the reply, and whether it was too large."""
    notes, reply, wire_json = Notes(), Reply(), WireJson(LIMIT)
    reader = EventReader(kind, notes, wire_json=wire_json)
    translator = Translator(notes=notes, wire_json=wire_json)
    try:
        while not translator.ended:
            events = reader.feed(chunks.pop(0)) if chunks else reader.close()
            for event in events:
                for delta in translator.translate(event, 0.0):
                    reply.feed(delta)
                if translator.ended:
                    break
            if reader.broken:
                raise reader.broken
            if not chunks and not events:
                break
    except ReplyTooLarge:
        return reply, True
    except (ProtocolError, ErrorEvent):
        pass
    return reply, False


@pytest.mark.parametrize("wide", WIDE.values(), ids=WIDE)
def test_a_reply_takes_three_times_its_limit_at_most(wide: str) -> None:
    beyond = {}
    for name, kind, body in bodies(wide, LIMIT * 15 // 16):
        assert len(body) <= LIMIT * 3 // 2, name  # some forms take more bytes for as much
        chunks = [body[at : at + CHUNK] for at in range(0, min(len(body), LIMIT), CHUNK)]
        del body
        tracemalloc.start()
        try:
            reply, _ = read(kind, chunks)
            repr((reply.text, reply.thinking)[:0])
            memory = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        if memory > 3 * LIMIT:
            beyond[name] = round(memory / LIMIT, 2)
    assert beyond == {}


@pytest.mark.parametrize("wide", WIDE.values(), ids=WIDE)
def test_what_is_within_the_limit_arrives_whole(wide: str) -> None:
    text = wide + "palabra " * (LIMIT // 8 // 8)
    body = START + block_start() + text_delta(text) + text_delta("fin") * 20 + END
    reply, too_large = read("text/event-stream", [body])
    assert not too_large and isinstance(reply.ending, Finished)
    assert reply.text == text + "fin" * 20
    assert reply.blocks[0]["text"] is reply.text  # held once


@pytest.mark.parametrize("text", ["", "a", "é", "漢", "😀", "a" * 300 + "é", "a😀" * 300, "\ud800"])
def test_the_width_of_a_text(text: str) -> None:
    widest = max(map(ord, text), default=0)
    assert width(text) == (1 if widest < 256 else 2 if widest < 65536 else 4)


@pytest.mark.parametrize("pieces", [["a"] * 9, ["a" * 9, "é", "漢", "a"], ["漢" * 9, "😀", "b"], []])
def test_pieces_count_at_the_width_of_the_widest(pieces: list[str]) -> None:
    size, whole = TextSize(), "".join(pieces)
    assert sum(map(size.add, pieces)) == len(whole) * width(whole)
    assert decoded_size(whole.encode()) == len(whole) * width(whole)
    wire_json = WireJson(1_000)
    for each in pieces:
        wire_json.keep_text(each)
    assert 1_000 - wire_json.left >= len(whole) * width(whole) + PIECE * len(pieces)
