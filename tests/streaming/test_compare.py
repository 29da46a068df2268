"""Several streams as one iteration: each has its ending, and none touches another; in both shells."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
from support.chats import answering
from support.wire import REQUEST

from stream_core import (
    Cancelled,
    Failed,
    Finished,
    Text,
    TurnDelta,
    UsageError,
    acompare,
    astream_reply,
    astream_turn,
    close_client,
    compare,
    open_client,
    stream_reply,
    stream_turn,
)
from stream_core.practice.request import question
from stream_core.practice.scenarios import Scenario
from stream_core.practice.script import Cut, Step, Wait, error_reply
from stream_core.practice.server import PracticeServer

Told = list[tuple[str, TurnDelta]]
Watch = Callable[[Any, str, TurnDelta], None]


def by_question(scripts: Mapping[str, Iterable[Step]]) -> PracticeServer:
    """A server that answers each question with a script of its own."""
    scenario = Scenario("test", "", lambda _: True, lambda request: scripts[question(request)])
    return PracticeServer(remember=True, scenarios=[scenario], pace=1.0)


def asking(question: str) -> dict[str, Any]:
    return {**REQUEST, "messages": [{"role": "user", "content": question}]}


def quiet(comparison: Any, name: str, delta: TurnDelta) -> None:
    pass


def in_sync(url: str, names: Iterable[str], watch: Watch = quiet) -> tuple[Told, dict[str, Any]]:
    client = open_client(base_url=url)
    streams = {name: stream_reply(client, **asking(name)) for name in names}
    told: Told = []
    with compare(streams) as comparison:
        for name, delta in comparison:
            told.append((name, delta))
            watch(comparison, name, delta)
    close_client(client)
    return told, dict(comparison.replies)


def in_async(url: str, names: Iterable[str], watch: Watch = quiet) -> tuple[Told, dict[str, Any]]:
    async def main() -> tuple[Told, dict[str, Any]]:
        told: Told = []
        async with open_client(base_url=url) as client:
            streams = {name: astream_reply(client, **asking(name)) for name in names}
            async with acompare(streams) as comparison:
                async for name, delta in comparison:
                    told.append((name, delta))
                    watch(comparison, name, delta)
        return told, dict(comparison.replies)

    return asyncio.run(main())


def shape(told: Told, name: str) -> list[str]:
    own = [delta for who, delta in told if who == name]
    return [delta.text if isinstance(delta, Text) else type(delta).__name__ for delta in own]


SHELLS = pytest.mark.parametrize("shell", [in_sync, in_async])


@SHELLS
def test_each_has_its_own_ending_and_a_fault_touches_no_other(shell: Any) -> None:
    scripts = {
        "a": answering("uno ", "dos"),
        "b": answering("a medias", then=[Cut()]),
        "c": [*error_reply(529, "overloaded_error", "no")],
    }
    with by_question(scripts) as server:
        told, replies = shell(server.base_url, scripts)
    endings = {name: delta for name, delta in told if isinstance(delta, (Finished, Failed, Cancelled))}
    assert sum(isinstance(delta, (Finished, Failed, Cancelled)) for _, delta in told) == 3
    assert {name: type(delta) for name, delta in endings.items()} == {"a": Finished, "b": Failed, "c": Failed}
    assert [reply.outcome for reply in replies.values()] == ["complete", "interrupted", "error"]
    assert list(replies) == ["a", "b", "c"]
    assert (replies["a"].text, replies["b"].text, replies["c"].text) == ("uno dos", "a medias", "")
    assert shape(told, "a") == ["Opened", "uno ", "dos", "BlockDone", "Finished"]


def test_both_shells_tell_the_same_of_each_stream() -> None:
    scripts = {"a": answering("uno ", "dos"), "b": answering("tres")}
    with by_question(scripts) as server:
        (one, _), (other, _) = in_sync(server.base_url, scripts), in_async(server.base_url, scripts)
    for name in scripts:
        assert shape(one, name) == shape(other, name)


@SHELLS
@pytest.mark.parametrize("which", ["slow", None])
def test_one_is_cancelled_or_all_are(shell: Any, which: str | None) -> None:
    """The slow one never ends by itself; the other one has ended when everything is cancelled."""

    def watch(comparison: Any, name: str, delta: TurnDelta) -> None:
        if isinstance(delta, Finished):
            comparison.cancel(which)

    scripts = {
        "slow": answering("antes", then=[Wait(3600)]),
        "other": answering("uno ", "dos"),
    }
    with by_question(scripts) as server:
        told, replies = shell(server.base_url, scripts, watch)
    assert [reply.outcome for reply in replies.values()] == ["cancelled", "complete"]
    assert told[-1][0] == "slow" and isinstance(told[-1][1], Cancelled)
    assert replies["other"].text == "uno dos"


@SHELLS
def test_leaving_the_block_early_gives_each_an_ending(shell: Any) -> None:
    def leave(comparison: Any, name: str, delta: TurnDelta) -> None:
        kept.update(comparison.streams)
        if isinstance(delta, Text):
            raise LookupError

    kept: dict[str, Any] = {}
    scripts = {"a": answering("uno", then=[Wait(3600)]), "b": answering("dos", then=[Wait(3600)])}
    with by_question(scripts) as server, pytest.raises(LookupError):
        shell(server.base_url, scripts, leave)
    assert [stream.reply.outcome for stream in kept.values()] == ["cancelled", "cancelled"]


def test_turns_with_tools_can_be_compared_with_replies() -> None:
    scripts = {"a": answering("uno"), "b": answering("dos")}
    with by_question(scripts) as server:
        client = open_client(base_url=server.base_url)
        turn = stream_turn(client, tools=[], **asking("a"))
        reply = stream_reply(client, **asking("b"))
        with compare({"turn": turn, "reply": reply}) as both:
            list(both)
        assert {name: each.text for name, each in both.replies.items()} == {"turn": "uno", "reply": "dos"}
        assert repr(both).startswith("<Comparison turn: <TurnStream")
        close_client(client)


def test_mistakes_of_the_caller_are_raised() -> None:
    client = open_client(base_url="http://127.0.0.1:9")
    with pytest.raises(UsageError):
        compare({})
    twice = stream_reply(client, **REQUEST)
    with pytest.raises(UsageError):
        compare({"a": twice, "b": twice})
    with pytest.raises(UsageError):
        next(iter(compare({"a": twice})))
    with pytest.raises(KeyError):
        compare({"a": twice}).cancel("b")
    wrong_kinds: list[tuple[Any, Any]] = [
        (compare, astream_reply(client, **REQUEST)),
        (acompare, twice),
        (compare, "no"),
    ]
    for call, stream in wrong_kinds:
        with pytest.raises(UsageError, match="'a' is no stream for"):
            call({"a": stream})
    wrong = {"a": stream_reply(client, **{**REQUEST, "sin_sentido": 1}), "b": stream_reply(client, **REQUEST)}
    with pytest.raises(TypeError), compare(wrong) as comparison:
        list(comparison)
    assert all(each._finished for each in comparison.streams.values())
    with pytest.raises(UsageError):
        compare({"a": wrong["b"]})
    close_client(client)


def test_a_turn_in_async_code_is_compared_as_well() -> None:
    async def main(url: str) -> str:
        async with open_client(base_url=url) as client:
            turn = astream_turn(client, tools=[], **asking("a"))
            async with acompare({"turn": turn}) as one:
                async for _ in one:
                    pass
            return one.replies["turn"].text

    with by_question({"a": answering("uno")}) as server:
        assert asyncio.run(main(server.base_url)) == "uno"
