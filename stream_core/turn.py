"""One turn with tools: stream, run what the model calls, stream again; one iteration and one ending.

Written once, on the loop; the shells are those of a reply. Tools that are called together run together, sync
ones on threads of their own. What goes wrong in a tool is told to the model, not raised: it can try again.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from .deltas import (
    Block,
    Cancelled,
    Delta,
    Ending,
    Failed,
    Finished,
    RoundDone,
    ToolDone,
    ToolStarted,
    TurnDelta,
)
from .errors import TooManyRounds
from .flow import AsyncShell, Crash, Flow, SyncShell
from .pump import Order, Pump, Record, RetryPolicy, Timeouts
from .reply import Reply
from .result import Round, TurnResult, round_messages
from .sanitize import repair_surrogates
from .stats import ReplyStats
from .tools import must_ask

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

    from .sdk import Tool

_LONGEST_RESULT = 50_000


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that waits for permission. Name and input come from the model, untrusted."""

    tool_id: str
    name: str
    input: Mapping[str, Any]


Approve: TypeAlias = Callable[[ToolCall], Awaitable[bool]]
"""Asks a person whether a tool marked with `asks_first` may run; runs on the loop's thread."""


@dataclass(frozen=True, slots=True)
class ToolBox:
    """The tools of a turn, and their limits.

    Attributes:
        tools: plain annotated functions with a docstring, sync or async.
        max_rounds: requests in one turn at most; one more ends it with `Failed(TooManyRounds)`.
        timeout: seconds a tool may take; then the model is told so.
        approve: asks whether a tool marked with `asks_first` may run; None: it may not.
    """

    tools: Sequence[Callable[..., Any]]
    max_rounds: int = 8
    timeout: float = 30.0
    approve: Approve | None = None


def stream_turn(
    client: AsyncAnthropic,
    *,
    tools: ToolBox | Sequence[Callable[..., Any]],
    retry: RetryPolicy | None = None,
    timeouts: Timeouts | None = None,
    record: Record | None = None,
    **request: Any,
) -> TurnStream:
    """Stream a turn with tools in sync code: `with stream_turn(...) as stream: for delta in stream: ...`.

    Args:
        client: as in `stream_reply`.
        tools: the functions the model may call, or a `ToolBox` with their limits.
        retry: as in `stream_reply`, for each round.
        timeouts: as in `stream_reply`.
        record: as in `stream_reply`.
        request: goes to `client.messages.stream`; its `messages` grow from round to round.
    """
    return TurnStream(Order.of(client, request, retry, timeouts, record), _box(tools))


def astream_turn(
    client: AsyncAnthropic,
    *,
    tools: ToolBox | Sequence[Callable[..., Any]],
    retry: RetryPolicy | None = None,
    timeouts: Timeouts | None = None,
    record: Record | None = None,
    **request: Any,
) -> AsyncTurnStream:
    """Stream a turn with tools in async code. The arguments are those of `stream_turn`."""
    return AsyncTurnStream(Order.of(client, request, retry, timeouts, record), _box(tools))


class _TurnState:
    """What both streams of a turn hold: `result`, as far as the iteration has come."""

    result: TurnResult

    def _prepare(self) -> None:
        self.result = TurnResult(time.monotonic())

    def _begin(self, now: float) -> None:
        self.result.begin(now)

    def _feed(self, delta: TurnDelta) -> bool:
        self.result.feed(delta)
        return self.result.ending is not None

    def _cancellation(self) -> TurnDelta:
        return Cancelled(time.monotonic())


class AsyncTurnStream(_TurnState, AsyncShell[TurnDelta]):
    """A turn as an async iteration, with `result`. See `astream_turn`."""

    def __init__(self, order: Order, box: ToolBox) -> None:
        super().__init__(_TurnFlow(order, box))
        self._prepare()


class TurnStream(_TurnState, SyncShell[TurnDelta]):
    """A turn as a sync iteration, with `result`. See `stream_turn`."""

    def __init__(self, order: Order, box: ToolBox) -> None:
        super().__init__(_TurnFlow(order, box))
        self._prepare()


def _box(tools: ToolBox | Sequence[Callable[..., Any]]) -> ToolBox:
    return tools if isinstance(tools, ToolBox) else ToolBox(tools)


class _TurnFlow(Flow[TurnDelta]):
    """The rounds of a turn."""

    def __init__(self, order: Order, box: ToolBox) -> None:
        super().__init__(order.client)
        self._order = order
        self._box = box
        self._reply = Reply()
        self._crash: BaseException | None = None

    async def _run(self) -> None:
        from . import sdk

        tools = {tool.schema["name"]: tool for tool in map(sdk.Tool, self._box.tools)}
        request = {**self._order.request, "tools": [tool.schema for tool in tools.values()]}
        messages = list(self._order.request["messages"])
        for number in range(1, self._box.max_rounds + 1):
            ending = await self._stream({**request, "messages": messages})
            if not isinstance(ending, Finished) or ending.stop_reason not in ("tool_use", "pause_turn"):
                self._end(ending)
                return
            if number == self._box.max_rounds:
                break
            calls = [block for block in self._reply.blocks if block.get("type") == "tool_use"]
            results = await asyncio.gather(*(self._use(call, tools) for call in calls))
            done = Round(self._reply, ReplyStats(0.0), {result.tool_id: result for result in results})
            messages += round_messages(done)
            self._put(RoundDone(number, ending.stop_reason, ending.usage, time.monotonic()))
        self._end(Failed(TooManyRounds(), time.monotonic()))

    async def _stream(self, request: dict[str, Any]) -> Ending:
        """One round's reply: its deltas are handed on as they come, its ending is given back."""
        self._reply = Reply()
        pump, done = Pump(replace(self._order, request=request)), asyncio.Event()
        pump.deliver_to(self._hand_on, done.set)
        pump.start(asyncio.get_running_loop())
        try:
            await done.wait()
        except asyncio.CancelledError:
            pump.cancel()
            await done.wait()  # what had arrived is handed on before the turn ends
            raise
        if self._crash is not None:
            raise self._crash
        assert self._reply.ending is not None
        return self._reply.ending

    def _hand_on(self, item: Delta | Crash) -> None:
        if isinstance(item, Crash):
            self._crash = item.error
            return
        self._reply.feed(item)
        if self._reply.ending is None:
            self._put(item)

    # -- tools --------------------------------------------------------------------------------

    async def _use(self, block: Block, tools: Mapping[str, Tool]) -> ToolDone:
        call = ToolCall(str(block["id"]), str(block["name"]), block.get("input") or {})
        started = time.monotonic()
        self._put(ToolStarted(call.tool_id, call.name, call.input, started))
        try:
            content, is_error = await self._answer(call, tools.get(call.name)), False
        except _Refused as refused:
            content, is_error = str(refused), True
        except Exception as error:  # noqa: BLE001 -- whatever a tool raises is for the model to read
            content, is_error = f"{type(error).__name__}: {error}", True
        now = time.monotonic()
        done = ToolDone(call.tool_id, call.name, _shortened(content), is_error, now - started, now)
        self._put(done)
        return done

    async def _answer(self, call: ToolCall, tool: Tool | None) -> str:
        if tool is None:
            raise _Refused(f"there is no tool called {call.name!r}")
        if must_ask(tool.function) and not (self._box.approve and await self._box.approve(call)):
            raise _Refused("the person did not allow this call")
        try:
            result = await asyncio.wait_for(_run_tool(tool, call.input), self._box.timeout)
        except asyncio.TimeoutError:
            raise _Refused(f"the tool did not answer within {self._box.timeout:g} seconds") from None
        return result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, default=str)


class _Refused(Exception):
    """Why a call did not get its result, as told to the model."""


async def _run_tool(tool: Tool, arguments: Mapping[str, Any]) -> Any:
    """Run a tool: an async one here, a sync one on a daemon thread of its own.

    Not in a pool: a tool that never returns would take a place in it for good, and hold up the program's end.
    """
    if asyncio.iscoroutinefunction(tool.function):
        return await tool.call(arguments)
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def settle(result: Any, error: BaseException | None) -> None:
        if future.done():
            return  # nobody waits any more
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def work() -> None:
        result: Any = None
        error: BaseException | None = None
        try:
            result = tool.call(arguments)
        except StopIteration as stop:
            error = RuntimeError(f"the tool raised {stop!r}")  # no future can carry a StopIteration
        except BaseException as raised:  # noqa: BLE001 -- it is for the one who awaits
            error = raised
        try:
            loop.call_soon_threadsafe(settle, result, error)
        except RuntimeError:
            pass  # the loop is closed

    threading.Thread(target=work, name=f"tool-{tool.schema['name']}", daemon=True).start()
    return await future


def _shortened(content: str) -> str:
    content = repair_surrogates(content)
    if len(content) <= _LONGEST_RESULT:
        return content
    return content[:_LONGEST_RESULT] + f"\n[cut: {len(content) - _LONGEST_RESULT} more characters]"
