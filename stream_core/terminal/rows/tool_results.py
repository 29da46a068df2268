"""Results of the API's own tools (search, fetch, code execution, MCP) in a few words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stream_core.core.deltas import Block
from stream_core.core.numbers import counted

_INNER = ("text", "stdout", "stderr", "title", "url", "error_code", "file_id")


def is_tool_result(block: Block) -> bool:
    """Whether a content block is the answer to a tool call."""
    return str(block.get("type", "")).endswith("tool_result")


def result_words(block: Block) -> tuple[str, bool]:
    """The words of a tool's result, untrusted and of any length; and whether it failed."""
    content = block.get("content")
    if isinstance(content, Mapping) and str(content.get("type", "")).endswith("_error"):
        return str(content.get("error_code") or ""), True
    if block.get("type") == "web_search_tool_result" and isinstance(content, Sequence):
        pages = pages_of(block)
        return counted(len(pages), "fuente", "fuentes"), False
    return _words(content), bool(block.get("is_error"))


def pages_of(block: Block) -> list[Mapping[str, object]]:
    """The pages that a search found."""
    content = block.get("content")
    return [page for page in content if isinstance(page, Mapping)] if isinstance(content, list) else []


def _words(content: object) -> str:
    """Text is read, from whatever it is nested in; all else is named."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(filter(None, map(_words, content)))
    if not isinstance(content, Mapping):
        return "" if content is None else str(content)
    found = [str(content[key]) for key in _INNER if isinstance(content.get(key), str) and content[key]]
    if isinstance(code := content.get("return_code"), int) and code:
        found.append(f"código de salida {code}")
    if isinstance(inner := content.get("content"), (str, list, Mapping)):
        found.append(_words(inner))
    return "\n".join(filter(None, found)) or f"[{content.get('type')}]"
