"""Results of turns: a fold over deltas that always leaves a conversation that can be sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.generated import up_to
from support.turn_results import NEXT, QUESTION, blocks_of, check_conversation, fed, ids_of

from stream_core.core.api_messages import Message, merge_assistant_messages
from stream_core.core.deltas import (
    BlockDone,
    Cancelled,
    Failed,
    Finished,
    Opened,
    RoundDone,
    Text,
    Thinking,
    ToolDone,
    ToolInput,
    ToolStarted,
    TurnDelta,
    Unknown,
    Usage,
    Waiting,
)
from stream_core.core.errors import ConnectionLost, Overloaded, TooManyRounds, UsageError
from stream_core.core.turn_result import TurnResult

# -- what the API takes ------------------------------------------------------------------------


# -- random turns ------------------------------------------------------------------------------

PIECES = st.lists(
    st.one_of(
        st.sampled_from(["", " ", "\n", "Sí", " es", "4"]), st.text(st.characters(codec="utf-8"), max_size=5)
    ),
    max_size=4,
)
USAGES = st.builds(Usage, st.integers(0, 999), st.integers(0, 999), *[st.integers(0, 99)] * 4)
LAST_REASONS = (
    "end_turn",
    "stop_sequence",
    "max_tokens",
    "model_context_window_exceeded",
    "refusal",
    "novelty",
)


@dataclass
class Turn:
    """A turn as deltas, and what went into it."""

    deltas: list[TurnDelta]
    usages: list[tuple[Usage, Usage]]  # at the opening and at the end of each round


class _Writer:
    """Writes a turn as the flow would: the stamps rise, the ids are new."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.turn = Turn([], [])
        self.calls = 0

    def at(self) -> float:
        return float(len(self.turn.deltas))

    def add(self, delta: TurnDelta) -> None:
        self.turn.deltas.append(delta)

    def open(self) -> Usage:
        usage = Usage(self.draw(st.integers(0, 999)), 1)
        if self.draw(st.booleans()):
            self.add(Waiting("first_byte", 1, 2, 1.0, self.at()))
        if self.draw(st.integers(0, 5)) == 0:  # an attempt that opened and failed
            self.add(Opened("msg_0", "claude-sonnet-5-5", Usage(7, 7), None, self.at()))
            self.add(Waiting("retry", 2, 2, 0.0, self.at(), Overloaded()))
        self.add(Opened("msg_1", "claude-sonnet-5-5", usage, "req_1", self.at()))
        return usage

    def text(self, index: int) -> None:
        pieces = self.draw(PIECES)
        for piece in pieces:
            if piece:
                self.add(Text(piece, index, self.at()))
        self.add(BlockDone({"type": "text", "text": "".join(pieces)}, index, self.at()))

    def thinking(self, index: int) -> None:
        self.add(Thinking("Veamos.", index, self.at()))
        block = {"type": "thinking", "thinking": "Veamos.", "signature": "c2ln"}
        self.add(BlockDone(block, index, self.at()))

    def call(self, index: int) -> tuple[str, str]:
        self.calls += 1
        call = f"toolu_{self.calls}", self.draw(st.sampled_from(["calculate", "current_time"]))
        self.add(ToolInput("", index, *call, self.at()))
        self.add(ToolInput('{"x": 1}', index, *call, self.at()))
        block = {"type": "tool_use", "id": call[0], "name": call[1], "input": {"x": 1}}
        self.add(BlockDone(block, index, self.at()))
        return call

    def reply(self, kinds: Sequence[str]) -> tuple[Usage, list[tuple[str, str]]]:
        usage, calls = self.open(), []
        for index, kind in enumerate(kinds):
            if kind == "call":
                calls.append(self.call(index))
            elif kind == "novelty":
                self.add(Unknown("novelty", self.at()))
            else:
                {"text": self.text, "thinking": self.thinking}[kind](index)
        return usage, calls

    def tools(self, calls: Sequence[tuple[str, str]]) -> None:
        for tool_id, name in calls:
            self.add(ToolStarted(tool_id, name, {"x": 1}, self.at()))
        for tool_id, name in self.draw(st.permutations(calls)):
            is_error = self.draw(st.booleans())
            self.add(ToolDone(tool_id, name, f"de {tool_id}", is_error, 0.5, self.at()))

    def round(self, number: int, reason: str) -> None:
        kinds = self.draw(st.lists(st.sampled_from(["text", "thinking", "novelty"]), max_size=3))
        if reason == "tool_use":
            extra = self.draw(st.integers(1, 3))
            for _ in range(extra):
                kinds.insert(self.draw(st.integers(0, len(kinds))), "call")
        opened, calls = self.reply(kinds)
        self.tools(calls)
        usage = self.draw(USAGES)
        self.turn.usages.append((opened, usage))
        self.add(RoundDone(number, reason, usage, self.at()))

    def last(self, reason: str) -> None:
        kinds = st.sampled_from(["text", "text", "thinking", "call", "novelty"])
        opened, _ = self.reply(self.draw(st.lists(kinds, max_size=4)))
        usage = self.draw(USAGES)
        self.turn.usages.append((opened, usage))
        self.add(Finished(reason, usage, self.at()))


@st.composite
def turns(draw: st.DrawFn) -> Turn:
    """A whole turn, up to its `Finished`."""
    writer = _Writer(draw)
    reasons = draw(st.lists(st.sampled_from(["tool_use", "tool_use", "pause_turn"]), max_size=4))
    for number, reason in enumerate(reasons, 1):
        writer.round(number, reason)
    writer.last(draw(st.sampled_from(LAST_REASONS)))
    return writer.turn


@st.composite
def cut_turns(draw: st.DrawFn) -> list[TurnDelta]:
    """A turn that was cancelled or failed at any instant."""
    deltas = draw(turns()).deltas
    kept = deltas[: draw(st.integers(0, len(deltas) - 1))]
    error = draw(st.sampled_from([ConnectionLost(), TooManyRounds()]))
    endings: list[TurnDelta] = [Cancelled(999.0), Failed(error, 999.0)]
    return [*kept, draw(st.sampled_from(endings))]


ANY_TURN = st.one_of(turns().map(lambda turn: turn.deltas), cut_turns())


# -- the conversation it leaves ----------------------------------------------------------------


@settings(max_examples=up_to(80), deadline=None)
@given(ANY_TURN)
def test_the_messages_can_always_be_sent(deltas: list[TurnDelta]) -> None:
    messages = fed(deltas).messages()
    if messages:
        assert messages[-1]["role"] == "assistant"
        check_conversation([QUESTION, *messages, NEXT])


@settings(max_examples=up_to(80), deadline=None)
@given(turns())
def test_they_can_be_sent_after_each_delta_too(turn: Turn) -> None:
    """Also before there is an ending: a screen may ask at any moment, and asking changes nothing."""
    result = TurnResult(0.0)
    for delta in turn.deltas:
        result.feed(delta)
        messages = result.messages()
        if messages:
            check_conversation([QUESTION, *messages, NEXT])
        assert result.messages() == messages


@settings(max_examples=up_to(80), deadline=None)
@given(ANY_TURN)
def test_only_calls_that_were_answered_appear_with_their_answer(deltas: list[TurnDelta]) -> None:
    answers = {delta.tool_id: delta for delta in deltas if isinstance(delta, ToolDone)}
    messages = fed(deltas).messages()
    called = [call for message in messages for call in ids_of(message, "tool_use", "id")]
    assert set(called) <= set(answers)
    for message in messages:
        for block in blocks_of(message):
            if block["type"] == "tool_result":
                answer = answers[block["tool_use_id"]]
                assert block["content"] == answer.content
                assert block.get("is_error", False) is answer.is_error


@settings(max_examples=up_to(80), deadline=None)
@given(ANY_TURN)
def test_no_text_that_arrived_is_lost(deltas: list[TurnDelta]) -> None:
    """All text is in the messages (white space alone in a block apart); of a refused turn nothing is."""
    result = fed(deltas)
    if result.outcome == "refused":
        assert result.messages() == []
        return
    arrived = "".join("".join(entry.reply.text.split()) for entry in result.rounds)
    sent = "".join(
        block["text"]
        for message in result.messages()
        for block in blocks_of(message)
        if block["type"] == "text"
    )
    assert "".join(sent.split()) == arrived


@settings(max_examples=up_to(80), deadline=None)
@given(cut_turns())
def test_a_cut_round_leaves_its_text_only(deltas: list[TurnDelta]) -> None:
    """No thinking without the call it led to, in the message a cut turn ends with."""
    result = fed(deltas)
    messages = result.messages()
    if messages and not any(entry.done for entry in result.rounds):
        assert [block["type"] for block in blocks_of(messages[-1])] == ["text"]


# -- text, usage, outcome ----------------------------------------------------------------------


@settings(max_examples=up_to(80), deadline=None)
@given(ANY_TURN)
def test_the_text_is_that_of_all_rounds(deltas: list[TurnDelta]) -> None:
    result = fed(deltas)
    pieces = [delta.text for delta in deltas if isinstance(delta, Text)]
    assert "".join(result.text.split()) == "".join("".join(pieces).split())
    assert result.text == "\n\n".join(filter(None, (e.reply.text.strip("\n") for e in result.rounds)))


@settings(max_examples=up_to(80), deadline=None)
@given(turns())
def test_usage_is_the_sum_of_the_rounds(turn: Turn) -> None:
    used = [usage for _, usage in turn.usages]
    assert fed(turn.deltas).usage == Usage(
        sum(usage.input_tokens for usage in used),
        sum(usage.output_tokens for usage in used),
        sum(usage.cache_creation_input_tokens for usage in used),
        sum(usage.cache_read_input_tokens for usage in used),
        sum(usage.cache_creation_1h_input_tokens for usage in used),
        sum(usage.web_search_requests for usage in used),
    )


@settings(max_examples=up_to(80), deadline=None)
@given(turns())
def test_usage_of_a_round_under_way_is_that_of_its_opening(turn: Turn) -> None:
    result = fed(turn.deltas[:-1])
    before = [usage for _, usage in turn.usages[:-1]]
    assert result.usage.input_tokens == sum(u.input_tokens for u in [*before, turn.usages[-1][0]])


@settings(max_examples=up_to(80), deadline=None)
@given(ANY_TURN)
def test_one_ending_and_nothing_after_it(deltas: list[TurnDelta]) -> None:
    result = fed(deltas)
    assert result.ending is deltas[-1]
    assert len(result.rounds) == 1 + sum(isinstance(delta, RoundDone) for delta in deltas)
    assert [entry.done for entry in result.rounds] == [True] * (len(result.rounds) - 1) + [False]
    with pytest.raises(UsageError):
        result.feed(Cancelled(1000.0))


@settings(max_examples=up_to(80), deadline=None)
@given(ANY_TURN)
def test_the_outcome_is_none_until_the_ending(deltas: list[TurnDelta]) -> None:
    result = TurnResult(0.0)
    for delta in deltas[:-1]:
        result.feed(delta)
        assert result.ending is None and result.outcome is None
    result.feed(deltas[-1])
    assert result.outcome is not None
    if isinstance(deltas[-1], Cancelled):
        assert result.outcome == "cancelled"
    elif isinstance(deltas[-1], Failed):
        assert result.outcome in ("interrupted", "error")
        with pytest.raises(type(deltas[-1].error)):
            result.raise_for_failure()
    else:
        assert result.outcome in ("complete", "max_tokens", "refused")
        result.raise_for_failure()


# -- one by one --------------------------------------------------------------------------------

OPENED = Opened("msg_1", "claude-sonnet-5-5", Usage(10, 1), "req_1", 1.0)


def said(text: str) -> list[TurnDelta]:
    return [Text(text, 0, 2.0), BlockDone({"type": "text", "text": text}, 0, 2.0)]


def called(tool_id: str) -> TurnDelta:
    block = {"type": "tool_use", "id": tool_id, "name": "calculate", "input": {"expression": "2+2"}}
    return BlockDone(block, 1, 2.0)


def answered(tool_id: str, content: str = "4", is_error: bool = False) -> TurnDelta:
    return ToolDone(tool_id, "calculate", content, is_error, 0.1, 3.0)


def one_round(text: str, tool_id: str, number: int = 1) -> list[TurnDelta]:
    words = said(text) if text else []
    done = RoundDone(number, "tool_use", Usage(10, 5), 4.0)
    return [OPENED, *words, called(tool_id), answered(tool_id), done]


def finished(reason: str = "end_turn") -> TurnDelta:
    return Finished(reason, Usage(20, 7), 9.0)


def test_nothing_at_all() -> None:
    result = TurnResult(0.0)
    assert (result.text, result.usage, result.outcome, result.messages()) == ("", Usage(), None, [])
    result.raise_for_failure()


def test_a_whole_turn_in_the_form_of_the_api() -> None:
    result = fed([*one_round("Lo calculo.", "toolu_1"), OPENED, *said("Son 4."), finished()])
    assert result.messages() == [
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "Lo calculo."},
                {"type": "tool_use", "id": "toolu_1", "name": "calculate", "input": {"expression": "2+2"}},
            ],
        },
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "4"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "Son 4."}]},
    ]
    assert result.text == "Lo calculo.\n\nSon 4."
    assert result.usage == Usage(30, 12)
    assert result.outcome == "complete"
    assert result.reply is result.rounds[-1].reply


def test_the_results_go_back_in_the_order_of_the_calls() -> None:
    result = fed(
        [
            OPENED,
            called("toolu_1"),
            called("toolu_2"),
            answered("toolu_2", "segundo", is_error=True),
            answered("toolu_1", "primero"),
            RoundDone(1, "tool_use", Usage(), 4.0),
            OPENED,
            *said("Ya."),
            finished(),
        ]
    )
    assert result.messages()[1]["content"] == [
        {"type": "tool_result", "tool_use_id": "toolu_1", "content": "primero"},
        {"type": "tool_result", "tool_use_id": "toolu_2", "content": "segundo", "is_error": True},
    ]


@pytest.mark.parametrize(
    ("deltas", "texts"),
    [
        pytest.param([OPENED, *said("Lo calculo."), called("t1")], ["Lo calculo."], id="before-its-tool"),
        pytest.param([OPENED, called("t1")], [], id="a-call-alone"),
        pytest.param(
            [OPENED, *said("Lo calculo."), called("t1"), answered("t1")], ["Lo calculo."], id="after-its-tool"
        ),
        pytest.param(one_round("Lo calculo.", "t1"), ["Lo calculo."], id="before-the-answer"),
        pytest.param([*one_round("Lo calculo.", "t1"), OPENED], ["Lo calculo."], id="the-answer-opened"),
        pytest.param([*one_round("", "t1"), OPENED], [], id="no-text-at-all"),
        pytest.param([OPENED, Text("A med", 0, 2.0)], ["A med"], id="in-a-text"),
        pytest.param([OPENED, Thinking("Hmm", 0, 2.0)], [], id="in-its-thinking"),
    ],
)
@pytest.mark.parametrize("ending", [Cancelled(9.0), Failed(ConnectionLost(), 9.0)])
def test_a_cut_without_an_answer_leaves_text(
    deltas: list[TurnDelta], texts: list[str], ending: TurnDelta
) -> None:
    content = [{"type": "text", "text": text} for text in texts]
    expected = [{"role": "assistant", "content": content}] if content else []
    assert fed([*deltas, ending]).messages() == expected


def test_a_cut_in_the_answer_keeps_the_calls_before_it() -> None:
    result = fed([*one_round("", "toolu_1"), OPENED, Text("Son", 0, 5.0), Cancelled(9.0)])
    roles = [message["role"] for message in result.messages()]
    assert roles == ["assistant", "user", "assistant"]
    assert result.messages()[-1]["content"] == [{"type": "text", "text": "Son"}]


def test_a_turn_without_calls_can_end_with_thinking_and_text() -> None:
    thinking = {"type": "thinking", "thinking": "Hmm", "signature": "c2ln"}
    result = fed([OPENED, BlockDone(thinking, 0, 2.0), *said("Hola"), finished()])
    assert result.messages() == [
        {"role": "assistant", "content": [thinking, {"type": "text", "text": "Hola"}]}
    ]


def test_a_paused_turn_is_one_message() -> None:
    pause: list[TurnDelta] = [OPENED, *said("Busco"), RoundDone(1, "pause_turn", Usage(10, 5), 4.0)]
    result = fed([*pause, OPENED, *said("y encuentro."), finished()])
    texts = [{"type": "text", "text": "Busco"}, {"type": "text", "text": "y encuentro."}]
    assert result.messages() == [{"role": "assistant", "content": texts}]


SEARCH = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}}
FOUND = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []}


@pytest.mark.parametrize("cut", [False, True])
def test_a_server_tool_that_was_paused_keeps_its_result_or_goes_with_it(cut: bool) -> None:
    """The API refuses a `server_tool_use` whose result is missing."""
    pause: list[TurnDelta] = [
        OPENED,
        *said("Busco."),
        BlockDone(SEARCH, 1, 2.0),
        RoundDone(1, "pause_turn", Usage(10, 5), 4.0),
    ]
    found: list[TurnDelta] = [] if cut else [BlockDone(FOUND, 0, 5.0)]
    rest: list[TurnDelta] = [OPENED, *found, *said("Hay algo.")]
    (message,) = fed([*pause, *rest, Cancelled(9.0) if cut else finished()]).messages()
    calls = ids_of(message, "server_tool_use", "id")
    assert calls == ids_of(message, "web_search_tool_result", "tool_use_id")


@pytest.mark.parametrize("reason", ["end_turn", "max_tokens"])
def test_a_call_nobody_ran_does_not_go_back(reason: str) -> None:
    result = fed([OPENED, *said("Lo calculo."), called("toolu_1"), finished(reason)])
    assert result.messages() == [{"role": "assistant", "content": [{"type": "text", "text": "Lo calculo."}]}]


def test_a_refusal_contributes_nothing() -> None:
    result = fed([OPENED, *said("No pue"), finished("refusal")])
    assert (result.outcome, result.text, result.messages()) == ("refused", "No pue", [])


def test_an_attempt_that_opened_and_failed_is_not_counted() -> None:
    wait = Waiting("retry", 2, 2, 0.0, 1.5, Overloaded())
    result = fed([OPENED, wait, OPENED, *said("Hola"), finished()])
    assert (result.usage, result.text) == (Usage(20, 7), "Hola")


def test_the_figures_are_those_of_each_round() -> None:
    result = fed([*one_round("Lo calculo.", "toolu_1"), OPENED, *said("Son 4."), finished()])
    first, second = result.rounds
    assert (first.stats.started, second.stats.started) == (0.0, 4.0)
    assert first.stats.complete and second.stats.complete
    assert (first.stats.characters, second.stats.characters) == (11, 6)
    assert list(first.results) == ["toolu_1"] and second.results == {}


def test_only_messages_of_the_assistant_are_joined_and_bare_texts_stay_whole() -> None:
    """A caller's messages may hold bare texts and two questions in a row: they stay as they are."""
    questions: list[Message] = [{"role": "user", "content": "una"}, {"role": "user", "content": "dos"}]
    assert merge_assistant_messages(questions) == questions
    answers: list[Message] = [
        {"role": "assistant", "content": "uno"},
        {"role": "assistant", "content": [{"type": "x"}]},
    ]
    content = [{"type": "text", "text": "uno"}, {"type": "x"}]
    assert merge_assistant_messages([*questions, *answers]) == [
        *questions,
        {"role": "assistant", "content": content},
    ]


def test_what_arrived_has_nothing_between() -> None:
    call = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}
    said = (Text("Voy.", 0, 0.0), BlockDone(call, 1, 0.0), Text("Ya.", 2, 0.0))
    deltas = (Opened("m", "c", Usage(), None, 0.0), *said)
    result = TurnResult(0.0)
    for delta in deltas:
        result.feed(delta)
    assert (result.arrived, result.text) == ("Voy.Ya.", "Voy.\n\nYa.")
