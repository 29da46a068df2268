"""Promises about a single huge thing: what is legitimate is shown whole, and Ctrl+C ends it in a moment."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console
from support.hostile import ATTACKS, MB
from support.wire import listing

from stream_core import explain
from stream_core.config.options.appearance import Look
from stream_core.core.deltas import Delta, Finished, Opened, Text, Usage
from stream_core.core.errors import ReplyTooLarge, StreamCoreError
from stream_core.core.numbers import number
from stream_core.core.redact_stream import StreamRedactor
from stream_core.core.reply import Reply
from stream_core.core.sanitize import Sanitizer, sanitize
from stream_core.core.stats import ReplyStats
from stream_core.core.trace import meaning
from stream_core.core.wire_json import MOST_CHARACTERS, MOST_SIGNS, WireJson
from stream_core.practice.script import JSON, Head, Send
from stream_core.sdk.client import open_client
from stream_core.sdk.model_list import list_models
from stream_core.terminal.markdown.inline import uri
from stream_core.terminal.reply.comparison_view import LiveComparisonView
from stream_core.terminal.reply.delta_queue import DeltaQueue
from stream_core.terminal.reply.document import ReplyDocument
from stream_core.terminal.reply.plain import PlainView
from stream_core.terminal.reply.protocol import ReplyView
from stream_core.terminal.reply.view import LiveReplyView
from stream_core.terminal.rows.styles import Styles

WORDS = [f"palabra{number:06}" for number in range(20_000)]
TEXT = " ".join(WORDS)


def told(text: str) -> tuple[Reply, ReplyStats, list[Delta]]:
    reply, stats, usage = Reply(), ReplyStats(0.5), Usage(10, 20)
    deltas: list[Delta] = [Opened("m", "x", usage, None, 1.0), Text(text, 0, 1.5)]
    for delta in [*deltas, Finished("end_turn", usage, 3.0)]:
        reply.feed(delta)
        stats.feed(delta)
    return reply, stats, deltas


def live(file: io.StringIO) -> ReplyView:
    return LiveReplyView(Console(file=file, width=100), Look(), practice=False)


def plain(file: io.StringIO) -> ReplyView:
    return PlainView(file, practice=False)


def shown(view: Callable[[io.StringIO], ReplyView], text: str, *, stopped: bool) -> str:
    file, (reply, stats, deltas) = io.StringIO(), told(text)
    with view(file) as drawn:
        if stopped:
            drawn.stop_soon()
        for delta in deltas:
            drawn.feed(delta)
        drawn.finish(reply, stats)
    return file.getvalue()


@pytest.mark.parametrize("view", [live, plain])
def test_one_delta_of_a_megabyte_is_shown_whole(view: Callable[[io.StringIO], ReplyView]) -> None:
    found = shown(view, TEXT, stopped=False).split()
    assert [word for word in found if word.startswith("palabra")] == WORDS


@pytest.mark.parametrize("unit", ["palabra ", "a\n", "[a]: b\n"])
@pytest.mark.parametrize("view", [live, plain])
def test_after_ctrl_c_the_rest_of_a_giant_text_is_left_out_and_that_is_said(
    view: Callable[[io.StringIO], ReplyView], unit: str
) -> None:
    found = shown(view, unit * (2 * MB // len(unit)), stopped=True)
    assert "… sin mostrar: " in found and "caracteres que ya llegaron" in " ".join(found.split())
    assert len(found) < 2 * MB
    assert "completa" in found.rsplit("llegaron", 1)[1]


def test_after_ctrl_c_a_comparison_leaves_out_the_rest_of_each() -> None:
    file = io.StringIO()
    with LiveComparisonView(Console(file=file, width=100), Look(), ["uno", "dos"]) as view:
        view.stop_soon()
        for number in (0, 1):
            view.feed(number, Text("palabra " * (MB // 4), 0, 1.0))
            view.ended(number, "", ["cancelada"])
        view.finish(["", ""])
    found = file.getvalue()
    assert found.count("sin mostrar") == 2 and len(found) < 2 * MB


def test_what_was_typed_slowly_is_shown_whole_after_ctrl_c() -> None:
    def slow(file: io.StringIO) -> ReplyView:
        return LiveReplyView(Console(file=file, width=100), Look(typing_speed=1), practice=False)

    assert "sin mostrar" not in shown(slow, "Érase una vez. " * 40, stopped=True)


def test_an_address_of_a_megabyte_is_text_and_is_not_written_again_in_each_of_its_rows() -> None:
    file = io.StringIO()
    reply, stats, deltas = told("http://a.b/" * 20_000)
    with LiveReplyView(Console(file=file, width=100, force_terminal=True), Look(), practice=False) as view:
        for delta in deltas:
            view.feed(delta)
        view.finish(reply, stats)
    assert len(file.getvalue()) < 3 * len(reply.text)
    assert uri("http://a.b/" + "x" * 2_072) and not uri("http://a.b/" + "x" * 2_073)
    assert not uri("http://a.b/" + "ñ" * 400)


# -- JSON ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "[" + "0," * MOST_SIGNS + "0]",
        "[" + '"a,[",' * MOST_SIGNS + "0]",
        "[" + "[]," * (MOST_SIGNS // 2 + 1) + "0]",
        '{"a":"' + "x" * MOST_CHARACTERS + '"}',
        "[" + ("1" * 4_000 + ",") * 100 + "0]",
    ],
    ids=["numbers", "texts", "lists", "characters", "digits"],
)
def test_what_would_take_long_to_parse_is_refused_whatever_the_limit(text: str) -> None:
    with pytest.raises(ReplyTooLarge) as refused:
        WireJson(1 << 40).load(text)
    assert refused.value.at_once
    assert "de una sola vez" in explain(refused.value)


def test_a_result_of_5_mb_that_is_json_itself_is_taken() -> None:
    inner = json.dumps([{"name": "\\\"x'", "n": number} for number in range(131_000)])
    value = {"type": "bash_code_execution_result", "stdout": inner + "\\"}
    assert len(inner) > 4_000_000
    assert WireJson().load(json.dumps(value)) == value
    assert WireJson().load("[" + "7" * 4_000 + "]") == [int("7" * 4_000)]


@pytest.mark.parametrize("many", [0, 1, 149, 150, 151, 70_000, 70_001])
@pytest.mark.parametrize("lead", ["x", "\\\\", '\\"'])
def test_signs_in_long_texts_are_told_from_those_outside(many: int, lead: str) -> None:
    text = '["' + lead * many + "[," * MOST_SIGNS + '",0]'
    assert len(WireJson(1 << 40).load(text)[0]) == len(json.loads(f'"{lead}"')) * many + 2 * MOST_SIGNS
    with pytest.raises(ReplyTooLarge):
        WireJson(1 << 40).load('["' + lead * many + '",' + "0," * MOST_SIGNS + '"[["]')


# -- lists of models -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["json_body", "million", "nested"])
def test_a_list_of_models_is_bounded(name: str) -> None:
    bodies: dict[str, Any] = {
        "million": [
            Head(200, JSON),
            Send(b'{"data":[' + b'{"id":"a"},' * (MOST_SIGNS // 2) + b'{"id":"b"}]}'),
        ],
        "nested": [Head(200, JSON), Send(b'{"data":' + b"[" * 200_000 + b"]" * 200_000 + b"}")],
    }
    script = bodies.get(name) or ATTACKS[name]()

    async def fetch(url: str) -> None:
        async with open_client(base_url=url, max_reply_bytes=8 * MB) as client:
            await list_models(client)

    with listing(script) as server, pytest.raises(StreamCoreError) as refused:
        asyncio.run(fetch(server.base_url))
    assert explain(refused.value)


# -- marks on one letter -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mark", ["\u0301", "\u0489", "\u20dd", "\u064e", "\u05b0", "\u0e49", "\u1ab0", "\u0f71"]
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_thousand_marks_on_one_letter_become_few(mark: str, size: int) -> None:
    text, sanitizer = f"ha{mark * 1_000}b{mark * 5}c{mark * 40}", Sanitizer()
    safe = "".join(sanitizer.feed(text[at : at + size]) for at in range(0, len(text), size))
    assert safe == f"ha{mark * 30}b{mark * 5}c{mark * 30}" == sanitize(text)


@pytest.mark.parametrize("text", ["q̣̇̄̈", "שָׁ֣לוֹם", "กิ้", "བསྒྲུབས", "é", "ñ\u0303", "𓀀\U00013430𓀁"])
def test_what_a_script_stacks_stays(text: str) -> None:
    assert sanitize(text) == text


def test_controls_of_hieroglyphs_elsewhere_do_not_pass() -> None:
    assert sanitize("a\U00013430b\U0001343f") == "ab"


# -- who looks at events beside the reply --------------------------------------------------------


@pytest.mark.parametrize("values", ["[" + "[]," * MOST_SIGNS + "0]", "[" * 200_000 + "]" * 200_000])
def test_what_the_reply_refuses_no_x_ray_and_no_recording_parses(values: str) -> None:
    event = f'event: q\ndata: {{"type":"q","x":{values}}}\n\n'.encode()
    assert meaning(event) == ("q", None, {})
    redactor = StreamRedactor(lambda text: text)
    kept = [*redactor.feed(event, 1.0), *redactor.finish()]
    assert b"".join(data for data, _ in kept) == event


def test_of_a_text_that_is_written_when_the_person_stops_it_the_rest_is_counted_once() -> None:
    reply, stats, deltas = told(TEXT)

    class Impatient(io.StringIO):
        def write(self, text: str) -> int:
            view.stop_soon()
            return super().write(text)

    file = Impatient()
    with PlainView(file, practice=False) as view:
        for delta in deltas:
            view.feed(delta)
        view.feed(Text(TEXT, 0, 2.0))  # and what comes after it is left out, too
        view.finish(reply, stats)
    written, _, after = file.getvalue().partition("… sin mostrar: ")
    shown = written.removeprefix("Claude:\n").removesuffix("\n")
    assert TEXT.startswith(shown) and 0 < len(shown) < 20_000 and "palabra" not in after
    assert after.startswith(f"{number(2 * len(TEXT) - len(shown))} caracteres")


def test_a_frame_that_is_drawn_when_the_person_stops_it_ends_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a clock of which each look takes a millisecond."""

    def laid(*, stopping: bool) -> int:
        ticks = count()
        clock = SimpleNamespace(monotonic=lambda: next(ticks) / 1000)
        monkeypatch.setattr("stream_core.terminal.reply.document.time", clock)
        queue = DeltaQueue(0, lambda: 0.0, "")
        queue.put(Text("# a\n" * 20_000, 0, 0.0), 0.0)
        document = ReplyDocument(queue, Styles(Look()))
        if stopping:
            queue.stop_soon()
        return len(document.final_rows(80))

    assert 0 < laid(stopping=True) < 30 < laid(stopping=False)
