"""A turn with the server's web search: query, results, and text with citations.

`SLOW_PROMPT` makes it stop with `pause_turn`, and it goes on when the paused reply is sent back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stream_core.practice.parts import Part
from stream_core.practice.request import Body, blocks_in, is_paused, question, unanswered, words
from stream_core.practice.script import Call, Script, call_part
from stream_core.practice.thinking import narrates_as_thinking, narration, thinking_parts

from . import THOUGHT, Scenario, reply_of

PROMPT = "Busca en la web las novedades de Python"
SLOW_PROMPT = "Busca con calma en la web las novedades de Python"

_GOING = "Voy a buscarlo en la web…"
_QUERY = "novedades de Python"
_FOUND = (
    ("Novedades de Python", "https://example.com/python/novedades", "Cada octubre sale una versión nueva."),
    ("Calendario de versiones", "https://example.org/calendario", "Cada versión se mantiene cinco años."),
)
_CITING = ("Según lo que encontré, ", "cada otoño sale una versión de Python", " y ", "dura cinco años")
_END = """\
.

Los resultados de esta búsqueda son un ejemplo: nadie salió a internet."""


def _matches(body: Body) -> bool:
    if is_paused(body["messages"][-1]):
        return True
    return _offered(body) and _asked(body, PROMPT, SLOW_PROMPT)


def _offered(body: Body) -> bool:
    tools = body.get("tools")
    kinds = (
        [tool.get("type") for tool in tools if isinstance(tool, Mapping)] if isinstance(tools, list) else []
    )
    return any(str(kind).startswith("web_search_") for kind in kinds)


def _asked(body: Body, *prompts: str) -> bool:
    return any(words(question(body)) == words(prompt) for prompt in prompts)


def _script(body: Body) -> Script:
    last = body["messages"][-1]
    if is_paused(last):
        results = [_result(str(call["id"])) for call in unanswered(blocks_in(last))]
        return reply_of(body, [*results, *_answer()])
    search = call_part(Call("web_search", {"query": _QUERY}), "server_tool_use")
    begun = [*_beginning(body), search]
    usage = {"server_tool_use": {"web_search_requests": 1, "web_fetch_requests": 0}}
    if _asked(body, SLOW_PROMPT):
        return reply_of(body, begun, stop_reason="pause_turn", usage=usage)
    return reply_of(body, [*begun, _result(""), *_answer()], usage=usage)


def _beginning(body: Body) -> list[Part]:
    if narrates_as_thinking(body):
        return thinking_parts(body, f"{THOUGHT}\n\n{_GOING}") or [narration(body, _GOING)]
    return [*thinking_parts(body, THOUGHT), _text(_GOING)]


def _result(call_id: str) -> Part:
    found = [
        {
            "type": "web_search_result",
            "title": title,
            "url": url,
            "encrypted_content": f"practice-{number}",
            "page_age": None,
        }
        for number, (title, url, _) in enumerate(_FOUND)
    ]
    return Part({"type": "web_search_tool_result", "tool_use_id": call_id, "content": found})


def _answer() -> list[Part]:
    """Text blocks as the API splits them: every cited passage is a block of its own."""
    before, first, between, second = _CITING
    return [
        _text(before),
        _text(first, [_citation(0)]),
        _text(between),
        _text(second, [_citation(1)]),
        _text(_END),
    ]


def _text(text: str, after: list[dict[str, Any]] | None = None) -> Part:
    start = {"type": "text", "text": "", **({"citations": []} if after else {})}
    return Part(start, text, after or [])


def _citation(number: int) -> dict[str, Any]:
    title, url, cited = _FOUND[number]
    citation = {
        "type": "web_search_result_location",
        "cited_text": cited,
        "encrypted_index": f"practice-{number}",
        "title": title,
        "url": url,
    }
    return {"type": "citations_delta", "citation": citation}


SCENARIO = Scenario(
    name="web_search",
    summary="Una búsqueda en la web, con citas",
    match=_matches,
    script=_script,
)
