"""Whether a tool may run: asked on the loop's thread, answered on the main one, where the person is."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, InvalidStateError

from stream_core.toolcall import ToolCall


class Permission:
    """The decisions of one turn, each of them for one call: the id of a call may come again, from a model."""

    def __init__(self) -> None:
        self._decisions: dict[str, Future[bool]] = {}

    async def approve(self, call: ToolCall) -> bool:
        """Wait for the decision on a call, and forget it: the next call is asked about anew."""
        try:
            return await asyncio.wrap_future(self._decision(call.tool_id))
        finally:
            self._decisions.pop(call.tool_id, None)

    def answer(self, tool_id: str, allowed: bool) -> None:
        """Decide; also before anybody waits for it. From any thread."""
        try:
            self._decision(tool_id).set_result(allowed)
        except InvalidStateError:
            pass  # the turn was cancelled meanwhile

    def _decision(self, tool_id: str) -> Future[bool]:
        return self._decisions.setdefault(tool_id, Future())
