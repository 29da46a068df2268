"""Runs one tool call: whatever the tool does, the result is text for the model or an `Exception`."""
# See docs/adr/0005-sync-tools-on-daemon-threads.md

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Mapping
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

from stream_core.core.deltas import Block
from stream_core.core.numbers import number
from stream_core.core.sanitize import repair_surrogates
from stream_core.texts.tool_errors_es import ToolError

if TYPE_CHECKING:
    from stream_core.sdk.tools import Tool

_LONGEST_RESULT = 50_000
_BLOCKS = ("image", "document", "search_result")
"""The content blocks, besides texts, that the API takes in the result of a tool."""


async def run_tool(tool: Tool, arguments: Mapping[str, Any], timeout: float) -> tuple[str, tuple[Block, ...]]:
    """Run a tool and give its result as text and as content blocks, none if it is only text.

    Whatever goes wrong in it comes out as an `Exception`.
    """
    running = asyncio.ensure_future(_run_tool(tool, arguments))
    try:
        await asyncio.wait({running}, timeout=timeout)
        if not running.done():
            raise ToolError(f"la herramienta no respondió en {number(timeout, _decimals(timeout))} s")
        if running.cancelled():
            raise ToolError("la herramienta se canceló sola")
        result = running.result()
    finally:
        running.cancel()
    if (blocks := _content_blocks(result)) is not None:
        return "\n".join(map(_words, blocks)), blocks
    return result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, default=str), ()


def _content_blocks(result: object) -> tuple[Block, ...] | None:
    """The blocks of a result that is one, or a list of them and of texts; None for other JSON."""
    parts: list[Any] = list(result) if isinstance(result, (list, tuple)) else [result]
    if not any(_is_block(part) for part in parts) or not all(
        _is_block(part) or isinstance(part, str) for part in parts
    ):
        return None
    blocks = ({"type": "text", "text": truncate(part)} if isinstance(part, str) else part for part in parts)
    return tuple(block for block in blocks if block.get("type") != "text" or block["text"].strip())


def _is_block(part: object) -> bool:
    if not isinstance(part, Mapping):
        return False
    kind = part.get("type")
    return (kind == "text" and isinstance(part.get("text"), str)) or (kind in _BLOCKS and "source" in part)


def _words(block: Block) -> str:
    title = block.get("title") or ""
    return str(block["text"]) if block.get("type") == "text" else f"[{block['type']}{title and ' '}{title}]"


async def _run_tool(tool: Tool, arguments: Mapping[str, Any]) -> Any:
    """Run a tool: an async one here, a sync one on a daemon thread of its own.

    Not in a pool: a tool that never returns would take a place in it for good, and hold up the program's end.
    """
    if not iscoroutinefunction(tool.function):
        return await _in_thread(tool, arguments)
    try:
        return await tool.call(arguments)
    except (Exception, asyncio.CancelledError):
        raise
    except BaseException as raised:  # noqa: BLE001 -- a SystemExit in a task would end the loop
        raise ToolError(describe_exception(raised)) from None


async def _in_thread(tool: Tool, arguments: Mapping[str, Any]) -> Any:
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def settle(result: Any, error: Exception | None) -> None:
        if future.done():
            return  # nobody waits any more
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def work() -> None:
        result: Any = None
        error: Exception | None = None
        try:
            result = tool.call(arguments)
        except StopIteration as stop:
            error = ToolError(describe_exception(stop))  # no future can carry a StopIteration
        except Exception as raised:  # noqa: BLE001 -- it is for the one who awaits
            error = raised
        except BaseException as raised:  # noqa: BLE001 -- and here it must not end more than the tool
            error = ToolError(describe_exception(raised))
        try:
            loop.call_soon_threadsafe(settle, result, error)
        except RuntimeError:
            pass  # the loop is closed

    threading.Thread(target=work, name=f"tool-{tool.schema['name']}", daemon=True).start()
    return await future


def describe_exception(error: BaseException) -> str:
    """Describe an exception for the model; a third-party exception's __str__ may itself raise."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 -- its __str__ is as foreign as the rest of it
        return type(error).__name__


def truncate(content: str) -> str:
    """Make a result encodable, and no longer than the model should have to read."""
    content = repair_surrogates(content)
    if len(content) <= _LONGEST_RESULT:
        return content
    return content[:_LONGEST_RESULT] + f"\n[cortado; caracteres que faltan: {len(content) - _LONGEST_RESULT}]"


def _decimals(seconds: float) -> int:
    """The decimals that a limit somebody has set needs, at most three."""
    return next((decimals for decimals in range(3) if round(seconds, decimals) == seconds), 3)
