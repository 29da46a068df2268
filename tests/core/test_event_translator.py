"""Events of the SDK become deltas: prepared events in, values out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.events import Event, close, piece, text, thought, tool_json

from stream_core.core.deltas import (
    BlockDone,
    Citation,
    Delta,
    Failed,
    Finished,
    Opened,
    Text,
    Thinking,
    ToolInput,
    Unknown,
    Usage,
)
from stream_core.core.errors import ProtocolError, Truncated
from stream_core.core.event_translator import Translator
from stream_core.core.wire_json import WireJson

AT = 7.5


# -- events, as they come ------------------------------------------------------------------------


def start(usage: Any = None, **message: Any) -> Event:
    fields = {"id": "msg_1", "model": "claude-sonnet-5-5", "usage": usage, **message}
    return {"type": "message_start", "message": fields}


def begin(index: Any = 0, **block: Any) -> Event:
    whole = block if "type" in block else {"type": "text", "text": "", **block}
    return {"type": "content_block_start", "index": index, "content_block": whole}


def message_delta(stop_reason: str | None = "end_turn", usage: Any = None, **more: Any) -> Event:
    return {"type": "message_delta", "delta": {"stop_reason": stop_reason, **more}, "usage": usage}


def stop() -> Event:
    return {"type": "message_stop"}


def translated(*events: Event, translator: Translator | None = None) -> list[Delta]:
    """The deltas of the events."""
    translator = translator or Translator()
    return [delta for event in events for delta in translator.translate(event, AT)]


def block_of(*events: Event) -> dict[str, Any]:
    """The block that these events make, proved to be plain JSON."""
    done = translated(start(), *events)[-1]
    assert isinstance(done, BlockDone)
    assert json.loads(json.dumps(done.block)) == done.block
    return dict(done.block)


# -- the usual flow -----------------------------------------------------------------------------


def test_a_whole_reply() -> None:
    translator = Translator("req_1", {"anthropic-ratelimit-requests-remaining": "9"})
    (first,) = translator.translate(start({"input_tokens": 12, "output_tokens": 1}), 1.0)
    limits = {"anthropic-ratelimit-requests-remaining": "9"}
    assert first == Opened("msg_1", "claude-sonnet-5-5", Usage(12, 1), "req_1", 1.0, limits)
    assert translated(begin(), text("Ho"), text("la"), close(), translator=translator) == [
        Text("Ho", 0, AT),
        Text("la", 0, AT),
        BlockDone({"type": "text", "text": "Hola"}, 0, AT),
    ]
    assert not translator.translate(message_delta(usage={"output_tokens": 5}), 2.0)
    assert not translator.ended
    assert translator.translate(stop(), 3.0) == (Finished("end_turn", Usage(12, 5), 3.0, None, clean=True),)
    assert translator.ended


def test_text_that_a_block_starts_with_counts() -> None:
    assert translated(start(), begin(text="Ho"), text("la"), close())[1:] == [
        Text("Ho", 0, AT),
        Text("la", 0, AT),
        BlockDone({"type": "text", "text": "Hola"}, 0, AT),
    ]


def test_empty_pieces_bring_nothing() -> None:
    deltas = translated(
        start(), begin(), text(""), close(), begin(1, type="thinking"), thought("", 1), close(1)
    )
    assert [type(delta) for delta in deltas] == [Opened, BlockDone, BlockDone]


@given(st.lists(st.text(max_size=6), max_size=12))
def test_the_block_holds_the_text_of_its_deltas(words: list[str]) -> None:
    deltas = translated(start(), begin(), *(text(word) for word in words), close())
    shown = "".join(delta.text for delta in deltas if isinstance(delta, Text))
    assert shown == "".join(words)
    assert deltas[-1] == BlockDone({"type": "text", "text": shown}, 0, AT)


def test_blocks_may_be_open_side_by_side() -> None:
    deltas = translated(start(), begin(), begin(1), text("a"), text("b", 1), text("c"), close(1), close())
    assert [delta.block["text"] for delta in deltas if isinstance(delta, BlockDone)] == ["b", "ac"]


# -- kinds of blocks ----------------------------------------------------------------------------


def test_thinking_keeps_its_signature() -> None:
    events = [begin(type="thinking", thinking="", signature=""), thought("Veamos"), thought("…")]
    events += [piece(type="signature_delta", signature="c2ln"), close()]
    deltas = translated(start(), *events)
    assert deltas[1:3] == [Thinking("Veamos", 0, AT), Thinking("…", 0, AT)]
    assert len(deltas) == 4
    block = block_of(*events)
    assert (block["thinking"], block["signature"]) == ("Veamos…", "c2ln")


def test_thinking_and_signature_that_a_block_starts_with_count() -> None:
    events = [begin(type="thinking", thinking="Ya", signature="s"), close()]
    assert translated(start(), *events)[1] == Thinking("Ya", 0, AT)
    assert block_of(*events)["signature"] == "s"
    assert block_of(*events)["thinking"] == "Ya"


def test_redacted_thinking_comes_back_as_it_was() -> None:
    start_block: dict[str, Any] = {"type": "redacted_thinking", "data": "b3BhY28="}
    events = [begin(**start_block), close()]
    assert block_of(*events) == start_block
    assert [type(delta) for delta in translated(start(), *events)] == [Opened, BlockDone]


@pytest.mark.parametrize("kind", ["tool_use", "server_tool_use"])
def test_a_tool_call(kind: str, mocker: Any) -> None:
    parse = mocker.spy(WireJson, "load")
    call: dict[str, Any] = {"type": kind, "id": "toolu_1", "name": "sumar", "input": {}}
    translator = Translator()
    deltas = translated(
        start(), begin(**call),
        tool_json(""), tool_json('{"a": 1, "b"'), tool_json(': "ñ"}'),
        translator=translator,
    )  # fmt: skip
    assert deltas[1:] == [
        ToolInput(partial, 0, "toolu_1", "sumar", AT) for partial in ("", '{"a": 1, "b"', ': "ñ"}')
    ]
    assert parse.call_count == 0
    assert translated(close(), translator=translator) == [
        BlockDone({**call, "input": {"a": 1, "b": "ñ"}}, 0, AT)
    ]
    assert parse.call_count == 1


def test_a_tool_call_without_input_keeps_what_it_started_with() -> None:
    assert block_of(begin(type="tool_use", id="t", name="hora", input={}), close())["input"] == {}
    assert (
        block_of(begin(type="tool_use", id="t", name="hora", input={}), tool_json(""), close())["input"] == {}
    )


def test_the_first_piece_of_every_tool_call_is_empty() -> None:
    calls = [begin(n, type="tool_use", id=f"t{n}", name="x", input={}) for n in range(3)]
    deltas = translated(start(), *calls)
    assert deltas[1:] == [ToolInput("", n, f"t{n}", "x", AT) for n in range(3)]


@pytest.mark.parametrize("broken", ['{"a": ', "{'a': 1}", "nada", '{"a": 1} sobra', "1" * 5000, '{"a": NaN}'])
def test_tool_input_that_is_not_json_is_kept_as_it_came(broken: str) -> None:
    """It goes back to the model, as the input of its call and with an error for a result."""
    call = [start(), begin(type="tool_use", id="t", name="x", input={}), tool_json(broken), close()]
    *_, done, ending = translated(*call, message_delta("tool_use"), stop())
    assert isinstance(done, BlockDone) and done.block["input"] == {"INVALID_JSON": broken}
    assert isinstance(ending, Finished) and "tool_input" in ending.deviations


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("reason", ["max_tokens", "model_context_window_exceeded"])
def test_a_tool_call_that_the_limit_cut_is_no_fault(reason: str, closed: bool) -> None:
    """And nothing of it is lost: the recorded streams of the API hold such calls."""
    call = [begin(1, type="tool_use", id="t", name="x", input={}), tool_json('{"a": ', 1)]
    ends = [close(1)] if closed else []
    deltas = translated(
        start({"output_tokens": 1}), begin(), text("Veamos"), close(), *call, *ends,
        message_delta(reason, {"output_tokens": 50}), stop(),
    )  # fmt: skip
    assert [delta.block["type"] for delta in deltas if isinstance(delta, BlockDone)] == ["text", "tool_use"]
    assert deltas[-1] == Finished(reason, Usage(0, 50), AT)


def test_the_result_of_a_server_tool_is_a_block_of_its_own() -> None:
    result: dict[str, Any] = {
        "type": "web_search_tool_result",
        "tool_use_id": "t",
        "content": [{"type": "web_search_result"}],
    }
    events = [begin(**result), close()]
    assert block_of(*events) == result
    assert [type(delta) for delta in translated(start(), *events)] == [Opened, BlockDone]


def test_citations_gather_in_their_block() -> None:
    cited = [{"type": "char_location", "cited_text": word} for word in ("uno", "dos", "tres")]
    events = [begin(citations=[cited[0]]), text("x")]
    events += [piece(type="citations_delta", citation=citation) for citation in cited[1:]]
    assert [type(delta) for delta in translated(start(), *events)] == [Opened, Text, Citation, Citation]
    assert block_of(*events, close())["citations"] == cited
    assert "citations" not in block_of(begin(), text("x"), close())
    assert cited[0] == {"type": "char_location", "cited_text": "uno"}


# -- what this version does not know ------------------------------------------------------------


def test_an_unknown_event_is_passed_on_and_the_rest_arrives() -> None:
    deltas = translated({"type": "novelty"}, start(), begin(), {"type": "novelty"}, text("a"))
    assert [type(delta) for delta in deltas] == [Unknown, Opened, Unknown, Text]
    assert deltas[0] == Unknown("novelty", AT)


def test_an_unknown_block_is_passed_on_and_kept() -> None:
    events = [begin(type="hologram", data=[1, {"x": None}]), piece(type="hologram_delta", voxels=9), close()]
    assert translated(start(), *events)[1:3] == [Unknown("hologram", AT), Unknown("hologram_delta", AT)]
    assert block_of(*events) == {"type": "hologram", "data": [1, {"x": None}], "voxels": 9}


@pytest.mark.parametrize("kind", ["text", "input_json", "thinking", "citation", "signature"])
def test_what_the_sdk_derives_is_passed_over(kind: str) -> None:
    assert translated({"type": kind, "text": "otra vez"}, start(), begin(), {"type": kind}) == [
        Opened("msg_1", "claude-sonnet-5-5", Usage(), None, AT)
    ]


# -- usage and stop reasons ---------------------------------------------------------------------


def finished(*events: Event) -> Finished:
    ending = translated(*events, stop())[-1]
    assert isinstance(ending, Finished)
    return ending


def test_usage_is_cumulative_and_what_is_not_repeated_stays() -> None:
    first = {
        "input_tokens": 10, "output_tokens": 1, "cache_creation_input_tokens": 20,
        "cache_read_input_tokens": None,
    }  # fmt: skip
    then = {"output_tokens": 4, "input_tokens": None, "cache_read_input_tokens": 30}
    last = {"output_tokens": 9, "input_tokens": 11}
    events = [start(first), message_delta(None, then), message_delta("end_turn", last), message_delta(None)]
    assert finished(*events).usage == Usage(11, 9, 20, 30)


def test_all_that_usage_says() -> None:
    kept = {"ephemeral_5m_input_tokens": 456, "ephemeral_1h_input_tokens": 100}
    first = {
        "input_tokens": 10, "cache_creation_input_tokens": 556, "cache_creation": kept,
        "server_tool_use": None, "service_tier": "priority", "inference_geo": "eu",
    }  # fmt: skip
    then = {
        "output_tokens": 4, "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 1},
        "output_tokens_details": {"thinking_tokens": 3}, "iterations": [{"output_tokens": 4}],
    }  # fmt: skip
    usage = finished(start(first), message_delta(None, then), message_delta()).usage
    assert usage == Usage(10, 4, 556, 0, 100, 2)
    assert (usage.web_fetch_requests, usage.thinking_tokens, usage.service_tier) == (1, 3, "priority")
    assert usage.raw["inference_geo"] == "eu" and usage.raw["iterations"] == [{"output_tokens": 4}]
    both = usage + Usage(thinking_tokens=4)
    assert (both.thinking_tokens, both.service_tier, both.input_tokens) == (7, "priority", 10)


@pytest.mark.parametrize("wrong", [None, "mucho", 7, {}, {"web_search_requests": "3"}, [], True, -4, 1.5])
def test_what_is_not_as_usual_in_it_does_not_count(wrong: Any) -> None:
    usage = {"input_tokens": 10, "cache_creation": wrong, "server_tool_use": wrong}
    assert finished(start(usage), message_delta()).usage == Usage(10)
    if wrong != 7:
        assert finished(start({"input_tokens": wrong, "output_tokens": 2}), message_delta()).usage == Usage(
            0, 2
        )


@pytest.mark.parametrize("usage", [None, "nada", [], 5, {}])
def test_a_reply_without_any_usage(usage: Any) -> None:
    ending = finished(start(usage), message_delta(usage=usage))
    assert (ending.usage, ending.deviations) == (Usage(), ("no_usage",))
    events = [start(), message_delta()]
    del events[0]["message"]["usage"], events[1]["usage"]
    assert finished(*events).usage == Usage()


@pytest.mark.parametrize(
    "reason", ["end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal", "novelty"]
)
def test_the_stop_reason_is_the_apis(reason: str) -> None:
    ending = finished(start(), message_delta(reason))
    assert (ending.stop_reason, ending.stop_details, ending.clean) == (reason, None, True)


def test_a_refusal_brings_its_details_as_plain_json() -> None:
    details = {"type": "refusal", "category": "cyber", "explanation": None}
    ending = finished(start(), message_delta("refusal", stop_details=details))
    assert ending.stop_details == details
    assert finished(start(), message_delta("refusal", stop_details=None)).stop_details is None


def test_the_stop_sequence_and_the_container() -> None:
    ending = finished(start(), message_delta("stop_sequence", stop_sequence="FIN", container={"id": "c_1"}))
    assert (ending.stop_sequence, ending.container) == ("FIN", {"id": "c_1"})
    assert finished(start(container={"id": "c_2"}), message_delta()).container == {"id": "c_2"}
    assert finished(start(), message_delta()).stop_sequence is None


def test_a_later_message_delta_without_reason_takes_nothing_back() -> None:
    assert finished(start(), message_delta("max_tokens"), message_delta(None)).stop_reason == "max_tokens"


# -- surrogates ---------------------------------------------------------------------------------


@pytest.mark.parametrize("opening", [{"type": "text"}, {"type": "thinking"}])
def test_a_pair_over_two_deltas_is_joined(opening: dict[str, Any]) -> None:
    say = text if opening["type"] == "text" else thought
    deltas = translated(start(), begin(**opening), say("a\ud83d"), say("\ude00b"), close())
    assert [getattr(delta, "text", None) for delta in deltas[1:3]] == ["a", "\U0001f600b"]
    block = deltas[-1]
    assert isinstance(block, BlockDone)
    assert block.block[opening["type"]] == "a\U0001f600b"


def test_halves_of_different_blocks_are_not_joined() -> None:
    """And a half that its block never completed is in no delta, so it is not in the block either."""
    deltas = translated(start(), begin(), begin(1), text("\ud83d"), text("\ude00", 1), close(), close(1))
    assert [delta.block["text"] for delta in deltas if isinstance(delta, BlockDone)] == ["", "\ufffd"]


def test_a_pair_that_the_start_of_a_block_cuts_is_joined() -> None:
    assert block_of(begin(text="\ud83d"), text("\ude00"), close())["text"] == "\U0001f600"


def test_a_pair_in_tool_input_is_joined() -> None:
    events = [
        begin(type="tool_use", id="t", name="x"),
        tool_json('{"a": "\ud83d'),
        tool_json('\ude00"}'),
        close(),
    ]
    assert block_of(*events)["input"] == {"a": "\U0001f600"}


@given(
    st.lists(st.sampled_from(["a", "ñ", "\ud83d", "\ude00", "\U0001f600", "\udcff", "\ud800"]), max_size=10)
)
def test_all_text_can_be_encoded_however_it_was_cut(words: list[str]) -> None:
    deltas = translated(start(), begin(), *(text(word) for word in words), close())
    shown = "".join(delta.text for delta in deltas if isinstance(delta, Text))
    done = deltas[-1]
    assert isinstance(done, BlockDone)
    shown.encode()
    whole = "".join(words).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert done.block["text"].encode().decode() == done.block["text"]
    assert done.block["text"] == shown + "\ufffd" * (len(done.block["text"]) - len(shown))
    assert done.block["text"].replace("\ufffd", "") == whole.replace("\ufffd", "")


def encodable(blocks: Iterable[dict[str, Any]]) -> bool:
    json.dumps(list(blocks), ensure_ascii=False).encode()
    return True


@pytest.mark.parametrize(
    "events",
    [
        [begin(type="tool_use", id="t", name="x"), tool_json('{"a": "\\ud800"}'), close()],
        [begin(), piece(type="citations_delta", citation={"cited_text": "\ud800"}), text("x"), close()],
        [begin(type="tool_use", id="t", name="\ud800", input={}), close()],
    ],
    ids=["escape in tool input", "citation", "tool name"],
)
def test_every_block_can_be_encoded(events: list[Event]) -> None:
    assert encodable([block_of(*events)])


# -- what cannot be -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ([start(), begin(), text("a"), start(id="msg_2")], "second message_start"),
        ([stop()], "before the reply was complete"),
        ([start(), stop()], "before the reply was complete"),
        ([start(), message_delta(None), stop()], "before the reply was complete"),
        ([start(), begin(), text("a"), stop()], "before the reply was complete"),
        ([start(), begin(), text({"a": 1})], "no text"),
        ([start(), begin(), text(["a"])], "no text"),
    ],
)
def test_what_would_lose_something(events: list[Event], told: str) -> None:
    translator = Translator()
    translated(*events[:-1], translator=translator)
    with pytest.raises(ProtocolError, match=told):
        translator.translate(events[-1], AT)
    assert not translator.ended


# -- ends of the body ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "events",
    [
        [],
        [start({"output_tokens": 2})],
        [start({"output_tokens": 2}), begin(), text("a")],
        [start({"output_tokens": 2}), begin(), text("a"), close()],
        [start(), message_delta(None, {"output_tokens": 2})],
    ],
)
def test_a_body_that_ends_early_is_truncated(events: list[Event]) -> None:
    translator = Translator()
    translated(*events, translator=translator)
    (ending,) = translator.end(9.0)
    assert isinstance(ending, Failed)
    assert type(ending.error) is Truncated
    assert (ending.at, ending.usage) == (9.0, Usage(0, 2) if events else None)
    assert not translator.ended


@pytest.mark.parametrize("closed", [True, False])
def test_a_body_that_ends_after_the_stop_reason_is_finished_but_not_clean(closed: bool) -> None:
    """The model had stopped, and all that it said had come: what is missing holds no content."""
    translator = Translator()
    ends = [close()] if closed else []
    translated(
        start(), begin(), text("a"), *ends, message_delta("end_turn", {"output_tokens": 2}),
        translator=translator,
    )  # fmt: skip
    ending = translator.end(9.0)[-1]
    assert isinstance(ending, Finished) and translator.ended
    assert (ending.stop_reason, ending.usage, ending.at, ending.clean) == (
        "end_turn",
        Usage(0, 2),
        9.0,
        False,
    )
    assert ending.deviations == ("no_message_stop", *(() if closed else ("no_block_stop",)))
