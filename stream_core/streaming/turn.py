"""One turn with tools: stream, run what the model calls, stream again; one iteration and one ending.

Written once, on the loop; the shells are those of a reply. Tools that are called together run together, sync
ones on threads of their own. What goes wrong in a tool is told to the model, not raised: it can try again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from stream_core.core.api_messages import Message, has_content, merge_assistant_messages, round_messages
from stream_core.core.deltas import (
    CUT_SHORT,
    Block,
    Cancelled,
    Delta,
    Ending,
    Failed,
    Finished,
    RoundDone,
    ToolAsked,
    ToolDone,
    ToolStarted,
    TurnDelta,
)
from stream_core.core.errors import TooManyRounds, UsageError
from stream_core.core.reply import Reply
from stream_core.core.sanitize import one_line
from stream_core.core.tool_call import SchemaTool, ToolCall, invalid_input
from stream_core.core.turn_result import TurnResult
from stream_core.core.wire import WireRecorder
from stream_core.sdk.output_format import parser_for
from stream_core.texts.tool_errors_es import ToolError

from .attempts import ReplyTask
from .handles import AsyncHandle, SyncHandle
from .retry import RetryPolicy
from .stream_request import StreamRequest
from .task import CallerError, StreamTask
from .timeouts import Timeouts
from .tool_runner import describe_exception, run_tool, truncate

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic
    from typing_extensions import Unpack

    from stream_core.sdk.param_types import TurnParams
    from stream_core.sdk.tools import Tool
    from stream_core.sdk.uploads import Uploads

OneTool: TypeAlias = Callable[..., Any] | SchemaTool | Mapping[str, Any]

Approve: TypeAlias = Callable[[ToolCall], Awaitable[bool]]
"""Asks a person whether a tool marked with `asks_first` may run; runs on the loop's thread."""

BeforeNextRequest: TypeAlias = Callable[[], Awaitable[bool]]
"""Decides after each round whether the turn may send another request; runs on the loop's thread."""


@dataclass(frozen=True, slots=True)
class ToolBox:
    """The tools of a turn, and their limits.

    Attributes:
        tools: plain annotated functions with a docstring, sync or async, also as `functools.partial`;
            `SchemaTool`s; and tools that run on the server, as mappings in the API's form.
        max_rounds: requests in one turn at most; one more ends it with `Failed(TooManyRounds)`.
        timeout: seconds a tool may take; then the model is told so.
        approve: asks whether a tool marked with `asks_first` may run; None: it may not.
        before_next_request: decides after each `RoundDone` whether another request is sent; a no ends the
            turn with `Cancelled`. None: it is sent.
    """

    tools: Sequence[OneTool]
    max_rounds: int = 8
    timeout: float = 30.0
    approve: Approve | None = None
    before_next_request: BeforeNextRequest | None = None


def stream_turn(
    client: AsyncAnthropic,
    *,
    tools: ToolBox | Sequence[OneTool],
    retry: RetryPolicy | None = None,
    timeouts: Timeouts | None = None,
    record: WireRecorder | None = None,
    uploads: Uploads | None = None,
    **request: Unpack[TurnParams],
) -> TurnStream:
    """Stream a turn with tools in sync code: `with stream_turn(...) as stream: for delta in stream: ...`.

    Args:
        client: as in `stream_reply`.
        tools: the functions the model may call (and the server's own tools, as mappings), or a `ToolBox` with
            their limits.
        retry: as in `stream_reply`, for each round.
        timeouts: as in `stream_reply`.
        record: as in `stream_reply`.
        uploads: uploads the attached files that the messages refer to; None if they refer to none.
        request: goes to `client.messages.stream`; its `messages` grow from round to round.
    """
    order = StreamRequest.create(client, request, retry, timeouts, record, uploads)
    return TurnStream(order, _box(tools))


def astream_turn(
    client: AsyncAnthropic,
    *,
    tools: ToolBox | Sequence[OneTool],
    retry: RetryPolicy | None = None,
    timeouts: Timeouts | None = None,
    record: WireRecorder | None = None,
    uploads: Uploads | None = None,
    **request: Unpack[TurnParams],
) -> AsyncTurnStream:
    """Stream a turn with tools in async code. The arguments are those of `stream_turn`."""
    order = StreamRequest.create(client, request, retry, timeouts, record, uploads)
    return AsyncTurnStream(order, _box(tools))


class AsyncTurnStream(AsyncHandle[TurnDelta]):
    """A turn as an async iteration. See `astream_turn`.

    Attributes:
        result: the turn, as far as the iteration has come.
    """

    def __init__(self, order: StreamRequest, box: ToolBox) -> None:
        self.result = TurnResult(time.monotonic(), parser_for(order.request))
        super().__init__(_TurnTask(order, box), self.result)


class TurnStream(SyncHandle[TurnDelta]):
    """A turn as a sync iteration. See `stream_turn`.

    Attributes:
        result: the turn, as far as the iteration has come.
    """

    def __init__(self, order: StreamRequest, box: ToolBox) -> None:
        self.result = TurnResult(time.monotonic(), parser_for(order.request))
        super().__init__(_TurnTask(order, box), self.result)


def _box(tools: ToolBox | Sequence[OneTool]) -> ToolBox:
    return tools if isinstance(tools, ToolBox) else ToolBox(tools)


class _TurnTask(StreamTask[TurnDelta]):
    """The rounds of a turn."""

    def __init__(self, order: StreamRequest, box: ToolBox) -> None:
        super().__init__(order.client)
        self._order = order
        self._box = box
        self._reply = Reply()
        self._crash: BaseException | None = None
        self._asking = asyncio.Lock()

    async def _run(self) -> None:
        tools, request = self._prepared_request()
        messages: list[Message] = list(request["messages"])
        for number in range(1, self._box.max_rounds + 1):
            ending = await self._stream({**request, "messages": messages})
            calls = [block for block in self._reply.blocks if block.get("type") == "tool_use"]
            if not isinstance(ending, Finished) or not self._goes_on(ending.stop_reason, calls):
                self._end(ending)
                return
            if number == self._box.max_rounds:
                break
            messages = merge_assistant_messages([*messages, *await self._answered_round(calls, tools)])
            if ending.container is not None and ending.container.get("id"):
                request["container"] = ending.container["id"]  # the code that called the tools waits in there
            self._put(
                RoundDone(number, ending.stop_reason, ending.usage, time.monotonic(), ending.deviations)
            )
            if self._box.before_next_request is not None and not await self._box.before_next_request():
                self._end(Cancelled(time.monotonic()))
                return
        self._end(Failed(TooManyRounds(), time.monotonic()))

    def _prepared_request(self) -> tuple[dict[str, Tool], dict[str, Any]]:
        """The tools that run here, by name, and the request with the schemas of all tools."""
        from stream_core.sdk.tools import Tool

        request = dict(self._order.request)
        tools = _by_name(Tool(tool) for tool in self._box.tools if not isinstance(tool, Mapping))
        server_tools = [tool for tool in self._box.tools if isinstance(tool, Mapping)]
        if schemas := [*(tool.schema for tool in tools.values()), *server_tools]:
            request["tools"] = schemas
        if "messages" not in request:
            raise UsageError("a turn needs messages")
        return tools, request

    async def _answered_round(self, calls: Sequence[Block], tools: Mapping[str, Tool]) -> list[Message]:
        """Run the tools that were called, all at once, and return the messages of the round."""
        results = await asyncio.gather(*(self._use(call, tools) for call in calls))
        return round_messages(self._reply.blocks, {result.tool_id: result for result in results})

    def _goes_on(self, stop_reason: str, calls: Sequence[Block]) -> bool:
        """Whether the model waits for something: results of its calls, or just the next request.

        Not every server says `tool_use` where tools were called; what was cut or refused is another matter.
        """
        if stop_reason == "pause_turn":
            return any(has_content(block) for block in self._reply.blocks)
        return bool(calls) and stop_reason not in ("refusal", *CUT_SHORT)

    async def _stream(self, request: dict[str, Any]) -> Ending:
        """One round's reply: its deltas are handed on as they come, its ending is given back."""
        self._reply = Reply()
        pump, done = ReplyTask(replace(self._order, request=request)), asyncio.Event()
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

    def _cancelled_at(self, at: float) -> Cancelled:
        ending = self._reply.ending
        return ending if isinstance(ending, Cancelled) else Cancelled(at)

    def _hand_on(self, item: Delta | CallerError) -> None:
        if isinstance(item, CallerError):
            self._crash = item.error
            return
        self._reply.feed(item)
        if self._reply.ending is None:
            self._put(item)

    # -- tools --------------------------------------------------------------------------------

    async def _use(self, block: Block, tools: Mapping[str, Tool]) -> ToolDone:
        call = ToolCall(str(block["id"]), str(block["name"]), block.get("input") or {})
        started = time.monotonic()
        try:
            if (raw := invalid_input(call.input)) is not None:
                raise ToolError(f"los argumentos no son JSON válido: «{one_line(raw, 200)}»")
            tool = tools.get(call.name)
            if tool is None:
                raise ToolError(f"no hay ninguna herramienta que se llame «{one_line(call.name, 80)}»")
            await self._ask_first(call, tool)
            started = time.monotonic()
            self._put(ToolStarted(call.tool_id, call.name, call.input, started))
            content, blocks = await run_tool(tool, call.input, self._box.timeout)
            is_error = False
        except ToolError as refused:
            content, blocks, is_error = str(refused), (), True
        except Exception as error:  # noqa: BLE001 -- whatever a tool raises is for the model to read
            content, blocks, is_error = describe_exception(error), (), True
        now = time.monotonic()
        content = truncate(content)
        done = ToolDone(call.tool_id, call.name, content, is_error, now - started, now, blocks)
        self._put(done)
        return done

    async def _ask_first(self, call: ToolCall, tool: Tool) -> None:
        """Ask for permission if the tool requires it; one question at a time."""
        if tool.asks_first:
            async with self._asking:
                if self._box.approve:
                    self._put(ToolAsked(call.tool_id, call.name, call.input, time.monotonic()))
                if not (self._box.approve and await self._box.approve(call)):
                    raise ToolError("la persona no dio permiso")


def _by_name(tools: Iterable[Tool]) -> dict[str, Tool]:
    named: dict[str, Tool] = {}
    for tool in tools:
        if named.setdefault(tool.schema["name"], tool) is not tool:
            raise UsageError(f"two tools are called {tool.schema['name']!r}")
    return named
