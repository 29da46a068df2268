"""Turns with tools, on the real wire and through both shells."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from support import starting
from support.paths import TESTS
from support.turn_results import ids_of
from support.turns import (
    PATIENCE,
    Call,
    Take,
    bodies,
    check_sendable,
    events,
    results_sent,
    said,
    serving,
    turn_async,
    turn_sync,
)
from support.wire import REQUEST, playing

from stream_core import (
    BlockDone,
    Cancelled,
    Failed,
    Finished,
    Opened,
    RetryPolicy,
    RoundDone,
    Text,
    Timeouts,
    ToolBox,
    ToolCall,
    ToolDone,
    ToolStarted,
    TurnDelta,
    TurnResult,
    Waiting,
    astream_turn,
    open_client,
    stream_turn,
)
from stream_core.core import errors
from stream_core.practice.events import (
    block_start,
    block_stop,
    message_delta,
    message_start,
    message_stop,
    text_delta,
)
from stream_core.practice.script import Cut, Hang, Head, Reset, Send, Step, Wait, error_reply
from stream_core.practice.server import PracticeServer
from stream_core.streaming import event_loop
from stream_core.texts.tool_errors_es import ToolError
from stream_core.tools import asks_first
from stream_core.tools.calculator import calculate

QUICK = RetryPolicy(attempts=3, base=0.01)


# -- what the server says ----------------------------------------------------------------------


# -- both shells -------------------------------------------------------------------------------


@pytest.fixture(params=[turn_sync, turn_async], ids=["sync", "async"])
def take(request: pytest.FixtureRequest) -> Take:
    """Both shells, one after the other."""
    taker: Take = request.param
    return taker


def double(number: int) -> int:
    """Double a number."""
    return 2 * number


async def adouble(number: int) -> int:
    """Double a number."""
    await asyncio.sleep(0)
    return 2 * number


CALL: Call = ("toolu_1", "double", {"number": 21})
ROUNDS = (said("Lo calculo.", CALL), said("Son 42."))


def raising(error: BaseException) -> Callable[..., Any]:
    """A sync tool called `double` that raises."""

    def double(number: int) -> int:
        """Double a number."""
        raise error

    return double


def araising(error: BaseException) -> Callable[..., Any]:
    """An async tool called `double` that raises."""

    async def double(number: int) -> int:
        """Double a number."""
        raise error

    return double


def giving(result: Any) -> Callable[..., Any]:
    def double(number: int) -> Any:
        """Double a number."""
        return result

    return double


# -- whole turns -------------------------------------------------------------------------------


def test_a_turn_without_calls(take: Take) -> None:
    with serving(said("¡Hola!")) as server:
        turn = take(server.base_url, [double])
        assert [tool["name"] for tool in bodies(server)[0]["tools"]] == ["double"]
        assert len(server.requests) == 1
        turn.check(server)
    assert turn.result.text == "¡Hola!" and turn.result.outcome == "complete"
    assert [type(delta) for delta in turn.deltas] == [Opened, Text, Text, BlockDone, Finished]
    assert len(turn.result.rounds) == 1 and turn.result.usage.output_tokens == 5


def test_a_turn_without_tools(take: Take) -> None:
    with serving(said("¡Hola!")) as server:
        turn = take(server.base_url, [])
        turn.check(server)
    assert turn.result.outcome == "complete"


@pytest.mark.parametrize("tool", [double, adouble], ids=["sync-tool", "async-tool"])
def test_a_call_and_the_answer_to_it(take: Take, tool: Callable[..., Any]) -> None:
    call: Call = ("toolu_1", tool.__name__, {"number": 21})
    with serving(said("Lo calculo.", call), said("Son 42.")) as server:
        turn = take(server.base_url, [tool], system="Sé breve.")
        turn.check(server)
        first, second, _ = bodies(server)
        assert server.connections == 2  # the turn has one, and the check the other
    assert {**first, "messages": 0} == {**second, "messages": 0} and first["system"] == "Sé breve."
    assert second["messages"] == [*first["messages"], *turn.result.messages()[:2]]
    (result,) = second["messages"][-1]["content"]
    assert result == {"type": "tool_result", "tool_use_id": "toolu_1", "content": "42"}
    assert turn.result.text == "Lo calculo.\n\nSon 42."
    assert turn.result.usage.input_tokens == 20 and turn.result.usage.output_tokens == 10
    assert turn.result.outcome == "complete"


def test_the_order_of_the_deltas_and_of_their_times(take: Take) -> None:
    with serving(*ROUNDS) as server:
        turn = take(server.base_url, [double])
    kinds = [type(delta).__name__ for delta in turn.deltas if not isinstance(delta, Waiting)]
    assert kinds == [
        *["Opened", "Text", "Text", "BlockDone", "ToolInput", "ToolInput", "ToolInput", "BlockDone"],
        *["ToolStarted", "ToolDone", "RoundDone"],
        *["Opened", "Text", "Text", "BlockDone", "Finished"],
    ]
    stamps = [delta.at for delta in turn.deltas if not isinstance(delta, Waiting)]
    assert stamps == sorted(stamps) and turn.result.started <= stamps[0]
    (started,), (round_done,) = turn.of(ToolStarted), turn.of(RoundDone)
    assert (started.tool_id, started.name, started.input) == CALL
    assert (turn.done.tool_id, turn.done.name, turn.done.content, turn.done.is_error) == (
        *("toolu_1", "double", "42"),
        False,
    )
    assert (round_done.number, round_done.stop_reason, round_done.usage.output_tokens) == (1, "tool_use", 5)


def test_text_in_several_rounds_on_one_connection(take: Take) -> None:
    calls: list[Call] = [(f"toolu_{n}", "double", {"number": n}) for n in range(4)]
    with serving(*(said(f"Paso {n}.", call) for n, call in enumerate(calls)), said("Ya.")) as server:
        turn = take(server.base_url, [double])
        assert server.connections == 1 and len(server.requests) == 5
        turn.check(server)
    assert turn.result.text == "Paso 0.\n\nPaso 1.\n\nPaso 2.\n\nPaso 3.\n\nYa."
    assert [done.number for done in turn.of(RoundDone)] == [1, 2, 3, 4]
    assert [done.content for done in turn.of(ToolDone)] == ["0", "2", "4", "6"]
    assert len(turn.result.messages()) == 9


def test_the_calculator_over_the_wire(take: Take) -> None:
    asked: list[Call] = [
        ("toolu_1", "calculate", {"expression": "2 ** 10"}),
        ("toolu_2", "calculate", {"expression": "1/0"}),
    ]
    with serving(said(*asked), said("Ya.")) as server:
        take(server.base_url, [calculate]).check(server)
        right, wrong = results_sent(server)
    assert right["content"] == "1024" and "is_error" not in right
    assert wrong["content"] == "no se puede dividir entre cero" and wrong["is_error"] is True


def test_a_paused_turn_goes_on(take: Take) -> None:
    """With a server's own tool: its call stands in the paused reply, its result in the one that goes on."""
    search = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}}
    found = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []}
    start = message_start("claude-sonnet-5-5", 5)
    paused = (
        start + block_start() + text_delta("Busco") + block_stop() + block_start(1, search) + block_stop(1)
    )
    paused += message_delta("pause_turn", {"output_tokens": 5}) + message_stop()
    going_on = start + block_start(0, found) + block_stop(0) + block_start(1) + text_delta("y encuentro.", 1)
    going_on += block_stop(1) + message_delta("end_turn", {"output_tokens": 5}) + message_stop()
    with playing([Head(), Send(paused)], [Head(), Send(going_on)]) as server:
        turn = take(server.base_url, [double])
        first, second = bodies(server)
    words = {"type": "text", "text": "Busco"}
    assert second["messages"] == [*first["messages"], {"role": "assistant", "content": [words, search]}]
    assert turn.result.outcome == "complete" and turn.result.text == "Busco\n\ny encuentro."
    answer = {"type": "text", "text": "y encuentro."}
    assert turn.result.messages() == [{"role": "assistant", "content": [words, search, found, answer]}]


# -- calls that come together ------------------------------------------------------------------

PAIR: list[Call] = [("toolu_1", "first", {}), ("toolu_2", "second", {})]


def test_sync_tools_run_at_the_same_time(take: Take) -> None:
    barrier = threading.Barrier(2)

    def first() -> str:
        """Wait for the second."""
        barrier.wait(PATIENCE)
        return "uno"

    def second() -> str:
        """Wait for the first."""
        barrier.wait(PATIENCE)
        return "dos"

    with serving(said(*PAIR), said("Ya.")) as server:
        turn = take(server.base_url, [first, second])
        turn.check(server)
        assert [(r["tool_use_id"], r["content"]) for r in results_sent(server)] == [
            ("toolu_1", "uno"),
            ("toolu_2", "dos"),
        ]
    assert not barrier.broken


@pytest.mark.parametrize("mixed", [False, True])
def test_results_are_in_the_order_of_the_calls_whatever_ends_first(take: Take, mixed: bool) -> None:
    ended = threading.Event()

    def first() -> str:
        """End last."""
        return "uno" if ended.wait(PATIENCE) else "too late"

    def second() -> str:
        """End first."""
        return "dos"

    async def asecond() -> str:
        """End first."""
        return "dos"

    asecond.__name__ = "second"

    def watch(_: Any, delta: TurnDelta) -> None:
        if isinstance(delta, ToolDone):
            ended.set()

    with serving(said(*PAIR), said("Ya.")) as server:
        turn = take(server.base_url, [first, asecond if mixed else second], watch)
        turn.check(server)
        assert [r["content"] for r in results_sent(server)] == ["uno", "dos"]
    assert [done.content for done in turn.of(ToolDone)] == ["dos", "uno"]
    assert [started.tool_id for started in turn.of(ToolStarted)] == ["toolu_1", "toolu_2"]


def test_async_tools_run_at_the_same_time(take: Take) -> None:
    met: list[asyncio.Event] = []

    async def meet(name: str) -> str:
        if not met:
            met.append(asyncio.Event())
            await asyncio.wait_for(met[0].wait(), PATIENCE)
        met[0].set()
        return name

    async def first() -> str:
        """Meet the second."""
        return await meet("uno")

    async def second() -> str:
        """Meet the first."""
        return await meet("dos")

    with serving(said(*PAIR), said("Ya.")) as server:
        take(server.base_url, [first, second]).check(server)
        assert [r["content"] for r in results_sent(server)] == ["uno", "dos"]


def test_one_tool_called_many_times_at_once(take: Take) -> None:
    count = 12
    barrier = threading.Barrier(count)

    def double(number: int) -> int:
        """Double a number, together with all others."""
        barrier.wait(PATIENCE)
        return 2 * number

    calls: list[Call] = [(f"toolu_{n}", "double", {"number": n}) for n in range(count)]
    with serving(said(*calls), said("Ya.")) as server:
        take(server.base_url, [double]).check(server)
        assert [r["content"] for r in results_sent(server)] == [str(2 * n) for n in range(count)]


def test_a_tool_that_fails_does_not_take_the_others_along(take: Take) -> None:
    calls: list[Call] = [CALL, ("toolu_2", "triple", {"number": 1}), ("toolu_3", "nobody", {})]

    async def triple(number: int) -> int:
        """Triple a number."""
        return 3 * number

    with serving(said(*calls), said("Ya.")) as server:
        take(server.base_url, [raising(OSError("roto")), triple]).check(server)
        results = results_sent(server)
    assert [r.get("is_error", False) for r in results] == [True, False, True]
    assert [r["content"] for r in results[:2]] == ["OSError: roto", "3"]


# -- what goes wrong in a tool is told to the model --------------------------------------------


def told(take: Take, tool: Callable[..., Any], call: Call = CALL) -> ToolDone:
    """The result that the model gets for one call; the turn is complete all the same."""
    with serving(said(call), said("Vaya.")) as server:
        turn = take(server.base_url, [tool])
        turn.check(server)
        (sent,) = results_sent(server)
    assert turn.result.outcome == "complete" and turn.result.text == "Vaya."
    assert sent["content"] == turn.done.content and sent.get("is_error", False) is turn.done.is_error
    return turn.done


def test_an_unknown_tool(take: Take) -> None:
    done = told(take, double, ("toolu_1", "rm_rf", {"path": "/"}))
    assert (
        done.is_error
        and done.content == "no hay ninguna herramienta que se llame «rm_rf»"
        and done.name == "rm_rf"
    )


@pytest.mark.parametrize("tool", [double, adouble])
@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({}, "«number» falta"),
        ({"number": "veinte"}, "«number» tiene que ser un número entero"),
        ({"number": None}, "«number» tiene que ser un número entero"),
        ({"number": 1.5}, "«number» tiene que ser un número entero"),
        ({"number": 1, "otro": 2}, "«otro» no existe"),
        ({"Number": 1}, "«number» falta; «Number» no existe"),
    ],
)
def test_wrong_arguments(take: Take, tool: Callable[..., Any], wrong: dict[str, Any], what: str) -> None:
    done = told(take, tool, ("toolu_1", tool.__name__, wrong))
    assert done.is_error and done.content == f"los argumentos no son válidos: {what}"


@pytest.mark.parametrize("tool", [double, adouble])
def test_an_input_that_is_no_object(take: Take, tool: Callable[..., Any]) -> None:
    done = told(take, tool, ("toolu_1", tool.__name__, [1]))
    assert done.is_error and done.content == "los argumentos tienen que ser un objeto JSON"


@pytest.mark.parametrize("make", [raising, araising])
def test_a_tool_that_refuses(take: Take, make: Callable[..., Any]) -> None:
    done = told(take, make(ToolError("hoy no hay pan")))
    assert done.is_error and done.content == "hoy no hay pan"


ERRORS = [
    ValueError("no se puede"),
    KeyError("clave"),
    StopAsyncIteration("fin"),
    RecursionError("hondo"),
    errors.ConnectionLost("mía"),
    Exception("x" * 100_000),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("make", [raising, araising])
def test_a_tool_that_raises(take: Take, make: Callable[..., Any], error: Exception) -> None:
    done = told(take, make(error))
    assert done.is_error and len(done.content) < 51_000
    assert done.content.startswith(f"{type(error).__name__}: {error}"[:1000])


@pytest.mark.parametrize("make", [raising, araising])
def test_a_tool_that_raises_stop_iteration(take: Take, make: Callable[..., Any]) -> None:
    done = told(take, make(StopIteration(7)))
    assert done.is_error and "StopIteration" in done.content


@pytest.mark.parametrize("make", [raising, araising])
def test_a_timeout_of_the_tool_itself_is_told_as_such(take: Take, make: Callable[..., Any]) -> None:
    assert told(take, make(TimeoutError("el servicio tarda"))).content == "TimeoutError: el servicio tarda"


class _Mute(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


@pytest.mark.parametrize("make", [raising, araising])
def test_an_exception_that_cannot_be_told(take: Take, make: Callable[..., Any]) -> None:
    assert told(take, make(_Mute())).is_error


@pytest.mark.parametrize("shell", ["turn_sync", "turn_async"])
@pytest.mark.parametrize("make", ["raising", "araising"])
@pytest.mark.parametrize(
    "error",
    [
        pytest.param("SystemExit(3)"),
        pytest.param("GeneratorExit()"),
        pytest.param("asyncio.CancelledError()"),
    ],
)
def test_a_base_exception_in_a_tool_is_told_too(shell: str, make: str, error: str) -> None:
    """In a process of its own: it may take the loop, and with it every later test, along."""
    code = f"""
with serving(said(CALL), said("Vaya.")) as server:
    turn = {shell}(server.base_url, [{make}({error})])
print(turn.result.outcome, turn.result.text, turn.done.is_error)
"""
    assert in_a_process(code) == "complete Vaya. True\n"


def in_a_process(code: str) -> str:
    """Output of a program that has this module's names; it must end by itself, with 0."""
    program = f"""
import asyncio, os, sys, threading
sys.path.insert(0, {str(TESTS / "streaming")!r})
from test_turn import *
import stream_core.sdk.client
watchdog = threading.Timer(50, os._exit, [99])  # a loop that hangs would be waited for
watchdog.daemon = True
watchdog.start()
{code}
"""
    done = starting.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stderr == ""
    return str(done.stdout)


# -- a tool that never returns -----------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_tool_that_never_returns(take: Take, kind: str) -> None:
    release = threading.Event()

    def double(number: int) -> int:
        """Wait."""
        release.wait()
        return number

    async def adouble(number: int) -> int:
        """Wait."""
        await asyncio.Event().wait()
        return number

    adouble.__name__ = "double"
    box = ToolBox([double if kind == "sync" else adouble], timeout=0.05)
    try:
        with serving(said(CALL), said("Vaya.")) as server:
            turn = take(server.base_url, box)
            turn.check(server)
            assert results_sent(server)[0]["is_error"] is True
    finally:
        release.set()  # what it gives now, nobody waits for
    assert turn.done.content == "la herramienta no respondió en 0.05 s"
    assert turn.result.text == "Vaya."


@pytest.mark.parametrize("shell", ["turn_sync", "turn_async"])
def test_a_program_with_a_tool_that_never_returns_can_end(shell: str) -> None:
    code = f"""
def double(number: int) -> int:
    "Wait for good."
    threading.Event().wait()
    return number
with serving(said(CALL), said("Vaya.")) as server:
    turn = {shell}(server.base_url, ToolBox([double], timeout=0.05))
print(turn.result.text, turn.done.is_error)
"""
    assert in_a_process(code) == "Vaya. True\n"


# -- what a tool gives -------------------------------------------------------------------------


class _Thing:
    def __str__(self) -> str:
        return "una cosa"


@pytest.mark.parametrize(
    ("given", "content"),
    [
        pytest.param("ya", "ya", id="text"),
        pytest.param("", "", id="empty"),
        pytest.param(None, "null", id="none"),
        pytest.param(4.5, "4.5", id="float"),
        pytest.param(True, "true", id="bool"),
        pytest.param({"año": [1, "ñ"]}, '{"año": [1, "ñ"]}', id="dict"),
        pytest.param((1, 2), "[1, 2]", id="tuple"),
        pytest.param(_Thing(), '"una cosa"', id="object"),
        pytest.param("a\ud800b", "a\ufffdb", id="lone-surrogate"),
        pytest.param("\ud83d\ude00", "😀", id="pair"),
        pytest.param({"k": "\udfff"}, '{"k": "\ufffd"}', id="lone-inside"),
        pytest.param("\x00\x1b[31m", "\x00\x1b[31m", id="controls"),
    ],
)
def test_results_of_any_kind(take: Take, given: object, content: str) -> None:
    done = told(take, giving(given))
    assert (done.content, done.is_error) == (content, False)


def test_a_result_that_is_no_json_is_told_as_an_error(take: Take) -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert told(take, giving(loop)).is_error
    assert told(take, giving({(1, 2): 3})).is_error


@pytest.mark.parametrize("size", [49_999, 50_000, 50_001, 2_000_000])
def test_a_huge_result_is_cut_and_says_so(take: Take, size: int) -> None:
    done = told(take, giving("ñ" * size))
    if size <= 50_000:
        assert done.content == "ñ" * size
    else:
        assert done.content == "ñ" * 50_000 + f"\n[cortado; caracteres que faltan: {size - 50_000}]"
    assert not done.is_error


# -- limits ------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [1, 2, 3])
def test_the_limit_of_rounds(take: Take, most: int) -> None:
    ran: list[int] = []

    def double(number: int) -> int:
        """Double a number."""
        ran.append(number)
        return 2 * number

    rounds = [said(f"Voy por {n}.", (f"toolu_{n}", "double", {"number": n})) for n in range(5)]
    with serving(*rounds) as server:
        turn = take(server.base_url, ToolBox([double], max_rounds=most))
        assert len(server.requests) == most
        turn.check(server)
    assert isinstance(turn.result.ending, Failed)
    assert type(turn.result.ending.error) is errors.TooManyRounds
    with pytest.raises(errors.TooManyRounds):
        turn.result.raise_for_failure()
    assert ran == list(range(most - 1))  # a call nobody would answer is not made
    assert turn.result.text == "\n\n".join(f"Voy por {n}." for n in range(most))
    assert len(turn.result.messages()) == 2 * most - 1


@pytest.mark.parametrize("allowed", [True, False])
def test_whether_a_turn_goes_on_can_be_decided(take: Take, allowed: bool) -> None:
    asked: list[bool] = []

    async def go_on() -> bool:
        asked.append(allowed)
        return allowed

    with serving(*ROUNDS) as server:
        turn = take(server.base_url, ToolBox([double], before_next_request=go_on))
        assert len(server.requests) == 1 + allowed
        turn.check(server)
    assert asked == [allowed]  # not after the last reply
    assert turn.result.outcome == ("complete" if allowed else "cancelled")
    assert turn.result.text.startswith("Lo calculo.")
    assert [block["type"] for block in turn.result.blocks][:3] == ["text", "tool_use", "tool_result"]


def test_as_many_rounds_as_allowed_are_no_failure(take: Take) -> None:
    with serving(*ROUNDS) as server:
        turn = take(server.base_url, ToolBox([double], max_rounds=2))
    assert turn.result.outcome == "complete"


# -- permission --------------------------------------------------------------------------------


def paying() -> tuple[Callable[..., Any], list[int]]:
    paid: list[int] = []

    @asks_first
    def double(number: int) -> str:
        """Pay double."""
        paid.append(number)
        return "pagado"

    return double, paid


@pytest.mark.parametrize("answer", [None, False, True])
def test_a_tool_that_asks_first(take: Take, answer: bool | None) -> None:
    tool, paid = paying()
    asked: list[ToolCall] = []

    async def approve(call: ToolCall) -> bool:
        asked.append(call)
        await asyncio.sleep(0)
        return bool(answer)

    box = ToolBox([tool], approve=None if answer is None else approve)
    with serving(said(CALL), said("Ya.")) as server:
        turn = take(server.base_url, box)
        turn.check(server)
    assert asked == ([] if answer is None else [ToolCall(*CALL)])
    assert paid == ([21] if answer else [])
    assert turn.done.is_error is not bool(answer)
    assert turn.done.content == ("pagado" if answer else "la persona no dio permiso")


def test_without_a_box_it_is_denied(take: Take) -> None:
    tool, paid = paying()
    with serving(said(CALL), said("Ya.")) as server:
        assert take(server.base_url, [tool]).done.is_error
    assert paid == []


def test_a_tool_without_the_mark_is_not_asked_for(take: Take) -> None:
    async def approve(call: ToolCall) -> bool:
        raise AssertionError("nobody should ask")

    with serving(*ROUNDS) as server:
        assert not take(server.base_url, ToolBox([double], approve=approve)).done.is_error


def test_asking_that_raises_is_a_no(take: Take) -> None:
    tool, paid = paying()

    async def approve(call: ToolCall) -> bool:
        raise EOFError("no terminal")

    with serving(said(CALL), said("Ya.")) as server:
        turn = take(server.base_url, ToolBox([tool], approve=approve))
        turn.check(server)
    assert turn.done.is_error and paid == []


def test_a_person_may_take_longer_than_a_tool(take: Take) -> None:
    tool, paid = paying()

    async def approve(call: ToolCall) -> bool:
        await asyncio.sleep(0.2)
        return True

    with serving(said(CALL), said("Ya.")) as server:
        turn = take(server.base_url, ToolBox([tool], approve=approve, timeout=0.1))
    assert paid == [21] and not turn.done.is_error


def test_cancel_while_a_person_is_asked(take: Take) -> None:
    tool, paid = paying()
    streams: list[Any] = []

    async def approve(call: ToolCall) -> bool:
        streams[0].cancel()
        await asyncio.Event().wait()
        return True

    with serving(*ROUNDS) as server:
        turn = take(server.base_url, ToolBox([tool], approve=approve), made=streams.append)
        turn.check(server, cancelled=True)
    assert turn.result.outcome == "cancelled" and paid == []


def test_cancel_while_it_is_decided_whether_it_goes_on(take: Take) -> None:
    streams: list[Any] = []

    async def go_on() -> bool:
        streams[0].cancel()
        await asyncio.Event().wait()
        return True

    with serving(*ROUNDS) as server:
        turn = take(server.base_url, ToolBox([double], before_next_request=go_on), made=streams.append)
        assert len(server.requests) == 1
        turn.check(server, cancelled=True)
    assert turn.result.outcome == "cancelled"


# -- failures in a later round -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (list(error_reply(529, "overloaded_error", "Overloaded")), errors.Overloaded),
        (list(error_reply(400, "invalid_request_error", "no")), errors.BadRequest),
        ([Reset()], errors.ConnectionLost),
        ([Head(), Cut()], errors.ConnectionLost),
        ([Head()], errors.Truncated),
    ],
    ids=["overloaded", "refused", "reset", "cut", "empty"],
)
def test_a_second_round_that_fails_at_once(take: Take, answer: list[Step], kind: type[Exception]) -> None:
    with serving(ROUNDS[0], answer) as server:
        turn = take(server.base_url, [double])
        turn.check(server)
    assert isinstance(turn.deltas[-1], Failed) and type(turn.deltas[-1].error) is kind
    assert turn.result.text == "Lo calculo." and turn.done.content == "42"
    assert turn.result.messages() == [
        {"role": "assistant", "content": [{"type": "text", "text": "Lo calculo."}]}
    ]


@pytest.mark.parametrize("ending", [[], [Cut()], [Reset()]], ids=["end", "cut", "reset"])
@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("kept", range(1, 8))
def test_a_cut_after_any_event(take: Take, number: int, kept: int, ending: list[Step]) -> None:
    parts = [events("Lo calculo.", CALL), events("Son ", "42.")]
    half: list[Step] = [
        Head(),
        Send(b"".join(parts[number][:kept])),
        Wait(0.02, fixed=True),
        *ending,
    ]
    with serving(*([half] if number == 0 else [ROUNDS[0], half])) as server:
        turn = take(server.base_url, [double])
        turn.check(server)
    assert isinstance(turn.result.ending, Failed)
    assert len(turn.of(ToolDone)) == number
    called = [call for m in turn.result.messages() for call in ids_of(m, "tool_use", "id")]
    assert called == (["toolu_1"] if number and turn.result.reply.text else [])


@pytest.mark.parametrize("reason", ["max_tokens", "refusal", "stop_sequence", "novelty"])
def test_other_ends_of_the_second_round(take: Take, reason: str) -> None:
    with serving(ROUNDS[0], said("Son 4", stop=reason)) as server:
        turn = take(server.base_url, [double])
        assert len(server.requests) == 2
        turn.check(server)
    assert isinstance(turn.deltas[-1], Finished) and turn.deltas[-1].stop_reason == reason


def test_calls_of_a_reply_that_ran_out_of_tokens_are_not_made(take: Take) -> None:
    with serving(said("Lo calculo.", CALL, stop="max_tokens")) as server:
        turn = take(server.base_url, [raising(AssertionError("it ran"))])
        turn.check(server)
    assert turn.of(ToolStarted) == [] and turn.result.outcome == "max_tokens"


def test_a_call_that_ran_out_of_tokens_in_its_input(take: Take) -> None:
    parts = events("Lo calculo.", CALL, stop="max_tokens")
    del parts[7]  # the second half of the input
    with serving([Head(), *map(Send, parts)]) as server:
        turn = take(server.base_url, [double])
        turn.check(server)
    assert turn.result.outcome == "max_tokens"


def test_retries_inside_a_round(take: Take) -> None:
    overloaded = list(error_reply(529, "overloaded_error", "Overloaded"))
    with playing(overloaded, ROUNDS[0], overloaded, [Head()], ROUNDS[1]) as server:
        turn = take(server.base_url, [double], retry=QUICK)
        sent = bodies(server)
    assert len(sent) == 5 and sent[0] == sent[1] and sent[2] == sent[3] == sent[4]
    assert turn.result.outcome == "complete" and turn.result.text == "Lo calculo.\n\nSon 42."
    assert len(turn.of(ToolDone)) == 1
    # Each round has all attempts: the second one needs three.
    waits = [delta.attempt for delta in turn.of(Waiting) if delta.reason == "retry"]
    assert sorted(set(waits)) == [2, 3]


def test_a_second_round_is_not_retried_after_its_first_content(take: Take) -> None:
    half: list[Step] = [Head(), Send(b"".join(events("Son 42.")[:3])), Cut()]
    with serving(ROUNDS[0], half) as server:
        turn = take(server.base_url, [double], retry=QUICK)
        assert len(server.requests) == 2
    assert isinstance(turn.deltas[-1], Failed)


# -- cancelling --------------------------------------------------------------------------------


def test_cancel_before_it_begins() -> None:
    with serving(*ROUNDS) as server:
        client = open_client(base_url=server.base_url)
        stream = stream_turn(client, tools=[double], **REQUEST)
        stream.cancel()
        with stream:
            assert [type(delta) for delta in stream] == [Cancelled]
        assert stream.result.outcome == "cancelled" and stream.result.messages() == []
        assert server.requests == []
        event_loop.submit(client.close()).result()


def test_cancel_after_it_ended(take: Take) -> None:
    def watch(stream: Any, delta: TurnDelta) -> None:
        if isinstance(delta, Finished):
            stream.cancel()

    with serving(*ROUNDS) as server:
        turn = take(server.base_url, [double], watch)
    assert turn.result.outcome == "complete"


@pytest.mark.parametrize("when", range(16))
def test_cancel_at_any_delta(take: Take, when: int) -> None:
    """In the loop over the deltas: whatever the flow is doing meanwhile."""
    seen: list[TurnDelta] = []

    def watch(stream: Any, delta: TurnDelta) -> None:
        if len(seen) == when:
            stream.cancel()
        seen.append(delta)

    with serving(*ROUNDS) as server:
        turn = take(server.base_url, [double], watch)
        turn.check(server, cancelled=True)
        assert server.wait_for(lambda: server.open_connections == 0)
    assert turn.result.outcome in ("cancelled", "complete")


@pytest.mark.parametrize("times", [1, 2, 5])
@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("kept", range(8))
def test_cancel_from_another_thread_after_any_event(take: Take, number: int, kept: int, times: int) -> None:
    """The server falls silent after each event in turn; everything until there is kept."""
    parts = [events("Lo calculo.", CALL), events("Son ", "42.")][number][:kept]
    arrived: list[Step] = [Head(), Send(b"".join(parts))] if parts else []
    silent = [*arrived, Hang()]
    threads: list[threading.Thread] = []

    def watch(stream: Any, delta: TurnDelta) -> None:
        in_place = len(stream.result.rounds) == len(server.requests) == number + 1
        reason = "idle" if parts else "first_byte"
        if isinstance(delta, Waiting) and delta.reason == reason and in_place and not threads:
            threads.extend(threading.Thread(target=stream.cancel) for _ in range(times))
            for thread in threads:
                thread.start()

    with serving(*([silent] if number == 0 else [ROUNDS[0], silent])) as server:
        turn = take(server.base_url, [double], watch, timeouts=Timeouts(notice=0.02))
        for thread in threads:
            thread.join()
        assert server.wait_for(lambda: server.hangups == 1 and server.open_connections == 0)
        turn.check(server, cancelled=True)
    assert isinstance(turn.deltas[-1], Cancelled)
    assert len(turn.of(ToolDone, RoundDone)) == 2 * number


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("other", [False, True])
def test_cancel_while_a_tool_runs(take: Take, kind: str, other: bool) -> None:
    """From the tool itself, so that it is surely running; with `other`, another one is done already."""
    streams: list[Any] = []
    release = threading.Event()
    quick_done = threading.Event()

    def watch(_: Any, delta: TurnDelta) -> None:
        if isinstance(delta, ToolDone):
            quick_done.set()

    def first() -> str:
        """Be cancelled."""
        if other:
            quick_done.wait(PATIENCE)
        streams[0].cancel()
        release.wait(PATIENCE)
        return "too late"

    async def afirst() -> str:
        """Be cancelled."""
        while other and not quick_done.is_set():
            await asyncio.sleep(0.005)
        streams[0].cancel()
        await asyncio.Event().wait()
        return "never"

    def second() -> str:
        """Be quick."""
        return "dos"

    afirst.__name__ = "first"
    calls = PAIR if other else PAIR[:1]
    try:
        with serving(said("Espera.", *calls), said("Ya.")) as server:
            turn = take(server.base_url, [first if kind == "sync" else afirst, second], watch, streams.append)
            assert len(server.requests) == 1
            turn.check(server, cancelled=True)
    finally:
        release.set()
    assert isinstance(turn.deltas[-1], Cancelled) and turn.of(RoundDone) == []
    assert list(turn.result.rounds[0].results) == (["toolu_2"] if other else [])
    assert turn.result.messages() == [{"role": "assistant", "content": [{"type": "text", "text": "Espera."}]}]


def test_an_async_tool_is_told_of_the_cancel(take: Take) -> None:
    streams: list[Any] = []
    cleaned: list[bool] = []

    async def double(number: int) -> int:
        """Clean up."""
        streams[0].cancel()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.append(True)
        return number

    with serving(*ROUNDS) as server:
        turn = take(server.base_url, [double], made=streams.append)
        turn.check(server, cancelled=True)
    assert turn.result.outcome == "cancelled" and cleaned == [True]


def test_cancel_while_a_later_round_waits_to_retry(take: Take) -> None:
    def watch(stream: Any, delta: TurnDelta) -> None:
        if isinstance(delta, Waiting) and delta.reason == "retry":
            stream.cancel()

    with serving(ROUNDS[0], list(error_reply(529, "overloaded_error", "no"))) as server:
        turn = take(server.base_url, [double], watch, retry=RetryPolicy(base=50))
        assert len(server.requests) == 2
        turn.check(server, cancelled=True)
    assert isinstance(turn.deltas[-1], Cancelled) and turn.result.text == "Lo calculo."


@pytest.mark.parametrize("place", [Text, ToolStarted, RoundDone])
@pytest.mark.parametrize("failure", [None, ValueError, KeyboardInterrupt])
def test_leaving_early(place: type[Any], failure: type[BaseException] | None) -> None:
    """Leaving cancels and keeps what arrived; an exception goes its way."""
    release = threading.Event()

    def double(number: int) -> int:
        """Wait, unless the round is what counts."""
        if place is ToolStarted:
            release.wait(PATIENCE)
        return 2 * number

    with serving(ROUNDS[0], [Hang()]) as server:
        client = open_client(base_url=server.base_url)
        try:
            with stream_turn(client, tools=[double], **REQUEST) as stream:
                for delta in stream:
                    if isinstance(delta, place):
                        if failure is not None:
                            raise failure
                        break
        except (ValueError, KeyboardInterrupt) as caught:
            assert type(caught) is failure
        else:
            assert failure is None
        finally:
            release.set()
        assert isinstance(stream.result.ending, Cancelled) and stream.result.outcome == "cancelled"
        assert stream.result.text.startswith("Lo ")
        assert list(stream) == []
        check_sendable(stream.result, server)
        event_loop.submit(client.close()).result()
        assert server.wait_for(lambda: server.open_connections == 0)


def test_cancel_and_leave_at_once(take: Take) -> None:
    """The cancel and the end of the `with` both cancel; the connection is closed all the same."""
    with serving(ROUNDS[0], [Head(), Send(b"".join(events("Son 42.")[:3])), Hang()]) as server:
        client = open_client(base_url=server.base_url)
        with stream_turn(client, tools=[double], **REQUEST) as stream:
            for delta in stream:
                if isinstance(delta, Text) and len(stream.result.rounds) == 2:
                    stream.cancel()
                    break
        assert stream.result.outcome == "cancelled" and stream.result.text == "Lo calculo.\n\nSon"
        assert server.wait_for(lambda: server.hangups == 1 and server.open_connections == 0)
        event_loop.submit(client.close()).result()


@pytest.mark.parametrize("place", [Text, ToolStarted, RoundDone])
def test_cancelling_the_task_of_the_consumer_is_not_swallowed(place: type[Any]) -> None:
    async def double(number: int) -> int:
        """Wait, unless the round is what counts."""
        if place is ToolStarted:
            await asyncio.Event().wait()
        return 2 * number

    async def run(server: PracticeServer) -> TurnResult:
        async with open_client(base_url=server.base_url) as client:
            stream = astream_turn(client, tools=[double], **REQUEST)
            got = asyncio.Event()

            async def consume() -> None:
                async with stream:
                    async for delta in stream:
                        if isinstance(delta, place):
                            got.set()
                            await asyncio.Event().wait()

            task = asyncio.create_task(consume())
            await got.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return stream.result

    with serving(ROUNDS[0], [Hang()]) as server:
        result = asyncio.run(run(server))
        assert server.wait_for(lambda: server.open_connections == 0)
        assert result.outcome == "cancelled" and result.text.startswith("Lo ")
        check_sendable(result, server)


# -- mistakes of the caller --------------------------------------------------------------------


def test_messages_are_needed() -> None:
    request = {key: value for key, value in REQUEST.items() if key != "messages"}
    with serving(said("¡Hola!")) as server:
        client = open_client(base_url=server.base_url)
        with pytest.raises(errors.UsageError, match="messages"):
            with stream_turn(client, tools=[double], **request) as stream:
                list(stream)
        event_loop.submit(client.close()).result()
        assert server.requests == []


def test_tools_are_needed() -> None:
    with pytest.raises(TypeError, match="tools"):
        stream_turn(None, **REQUEST)  # type: ignore[arg-type]


@pytest.mark.parametrize("tool", [3, "double", None])
def test_a_tool_that_is_no_function(take: Take, tool: Any) -> None:
    with serving(said("¡Hola!")) as server:
        with pytest.raises((TypeError, AttributeError, RuntimeError)):  # pydantic's is the last
            take(server.base_url, [tool])
        assert server.requests == []


def test_a_wrong_argument_is_raised(take: Take) -> None:
    with serving(said("¡Hola!")) as server, pytest.raises(TypeError, match="temperature"):
        take(server.base_url, [double], temperature=1.0)


def test_two_tools_of_one_name(take: Take) -> None:
    with serving(said("¡Hola!")) as server, pytest.raises((ValueError, errors.UsageError)):
        take(server.base_url, [double, giving(1)])


def test_the_with_is_needed_and_works_once() -> None:
    with serving(*ROUNDS) as server:
        client = open_client(base_url=server.base_url)
        stream = stream_turn(client, tools=[double], **REQUEST)
        with pytest.raises(errors.UsageError):
            next(iter(stream))
        with stream:
            list(stream)
        with pytest.raises(errors.UsageError), stream:
            pass
        event_loop.submit(client.close()).result()


def test_the_messages_of_the_caller_are_left_alone(take: Take) -> None:
    messages = [{"role": "user", "content": "Hola"}]
    with serving(*ROUNDS) as server:
        take(server.base_url, [double], messages=messages)
    assert messages == [{"role": "user", "content": "Hola"}]


def test_both_shells_give_the_same() -> None:
    with serving(*ROUNDS) as server:
        one, other = turn_sync(server.base_url, [double]), turn_async(server.base_url, [double])
    assert [type(d) for d in one.deltas] == [type(d) for d in other.deltas]
    assert one.result.messages() == other.result.messages()
    assert one.result.usage == other.result.usage


def test_many_turns_at_once() -> None:
    async def run(url: str) -> list[str | None]:
        async with open_client(base_url=url) as client:

            async def one() -> str | None:
                async with astream_turn(client, tools=[double, adouble], **REQUEST) as stream:
                    async for _ in stream:
                        pass
                return stream.result.outcome

            return await asyncio.gather(*(one() for _ in range(20)))

    with serving(*ROUNDS) as server:
        assert asyncio.run(run(server.base_url)) == ["complete"] * 20
