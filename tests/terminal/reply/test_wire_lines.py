"""The wire as lines: each event once, safe, without credentials, in bounded number."""

from __future__ import annotations

import json

from stream_core.core.redact import Redactor
from stream_core.core.trace import Trace
from stream_core.core.wire import Answered, Ended, Received, Sent
from stream_core.terminal.reply.wire_lines import MOST_LINES, WireLines


def delta(text: str) -> bytes:
    event = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
    return f"event: content_block_delta\ndata: {json.dumps(event)}\n\n".encode()


def begun() -> tuple[Trace, WireLines]:
    trace = Trace()
    trace(Sent({"model": "m\x1b]0;título\x07"}, 1, 5.0))
    return trace, WireLines(trace, Redactor(["una-clave"]), 80)


def test_each_event_is_a_line_once() -> None:
    trace, lines = begun()
    trace(Answered(200, {"content-type": "text/event-stream"}, 5.5))
    (sent, answered) = lines.new()
    assert sent.strip().startswith("→") and "0.500 s  500 ms" in answered
    trace(Received(delta("Hola") + delta(" tú\n")[:-3], 5.75))
    trace(Received(delta(" tú\n")[-3:], 6.0))
    one, two = lines.new()
    assert one.split() == ["1", "0.750", "s", "250", "ms", f"{len(delta('Hola'))}", "B", "delta", "«Hola»"]
    assert two.endswith("« tú⏎»") and lines.new() == []
    trace(Ended("cut", 6.0))
    assert lines.new()[0].endswith("la conexión se cortó")


def test_what_comes_from_outside_is_safe_and_holds_no_credential() -> None:
    trace, lines = begun()
    trace(Received(delta("a\x1b[2Jb\u202e una-clave sk-ant-api03-xx"), 5.5))
    trace(Received(b"event: \x1b[31mraro\ndata: {roto una-clave\n\n", 5.6))
    trace(Received(delta("x" * 100_000), 5.7))
    told = lines.new()
    assert all(line.isprintable() and len(line) <= 80 for line in told)
    assert "una-clave" not in "".join(told) and "sk-ant" not in "".join(told)


def test_a_long_reply_ends_in_one_sentence() -> None:
    trace, lines = begun()
    found = list[str]()
    for number in range(MOST_LINES + 50):
        trace(Received(delta(str(number)), 6.0))
        found += lines.new() if number % 7 == 0 else []
    found += lines.new()
    assert len(found) == MOST_LINES + 1 and "no se escriben más" in found[-1] and lines.new() == []
    trace, lines = Trace(most_entries=10), WireLines(Trace(), str)
    lines = WireLines(trace, str)
    for number in range(30):
        trace(Received(delta(str(number)), 6.0))
    assert lines.new()[0].strip() == "… 20 eventos sin escribir"
