"""Permissions of one turn: requested on the event loop's thread, granted on the main thread."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, InvalidStateError

from stream_core.core.tool_call import ToolCall

_NEXT = object()  # stands for the next request


class Permission:
    """The decisions of one turn. Each is used once: a model may reuse the id of a call."""

    def __init__(self) -> None:
        self._decisions: dict[object, Future[bool]] = {}

    async def approve(self, call: ToolCall) -> bool:
        """Wait for the decision on a call."""
        return await self._wait(call.tool_id)

    async def before_next_request(self) -> bool:
        """Wait for the decision on the next request of the turn."""
        return await self._wait(_NEXT)

    def answer(self, tool_id: str, allowed: bool) -> None:
        """Decide on a call, also before anybody waits for it. Any thread may call this."""
        self._decide(tool_id, allowed)

    def let_go_on(self, allowed: bool) -> None:
        """Decide on the next request of the turn. Any thread may call this."""
        self._decide(_NEXT, allowed)

    async def _wait(self, what: object) -> bool:
        """Wait for a decision and discard it, so that the next one is asked anew."""
        try:
            return await asyncio.wrap_future(self._decision(what))
        finally:
            self._decisions.pop(what, None)

    def _decide(self, what: object, allowed: bool) -> None:
        try:
            self._decision(what).set_result(allowed)
        except InvalidStateError:
            pass  # the turn was cancelled meanwhile

    def _decision(self, what: object) -> Future[bool]:
        return self._decisions.setdefault(what, Future())
