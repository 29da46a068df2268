"""A turn of the history: whole and in its order, whatever its blocks hold."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_core.config.options.appearance import Look
from stream_core.core.conversation import Turn
from stream_core.core.reply import Outcome
from stream_core.terminal.pages.history import entries
from stream_core.terminal.screen import Screen


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def call(tool_id: str, name: str, **given: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": tool_id, "name": name, "input": given}


def result(tool_id: str, content: Any, **more: Any) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": tool_id, "content": content, **more}


THINKING = {"type": "thinking", "thinking": "# Plan\n\nSumo **dos** y dos.", "signature": "c2ln"}
OMITTED = {"type": "thinking", "thinking": "", "signature": "c2ln"}
REDACTED = {"type": "redacted_thinking", "data": "b3BhY28="}
QUERY = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "tiempo"}}


def sources(*pages: tuple[str, str]) -> dict[str, Any]:
    found = [{"type": "web_search_result", "title": title, "url": url} for title, url in pages]
    return {"type": "web_search_tool_result", "tool_use_id": "s", "content": found}


def turn(words: str, *blocks: Any, outcome: Outcome = "complete") -> Turn:
    return Turn("¿Y?", words, outcome, "m", blocks=blocks)


def told(one: Turn, *, plain: bool = False) -> list[str]:
    """The rows below the title of the reply."""
    file = io.StringIO()
    Screen(file, Look(plain=plain)).turn(1, one)
    return file.getvalue().rstrip("\n").split("\n")[3:]


WHOLE = turn(
    "Voy.\n\nHace **sol**, creo.",
    THINKING,
    text("Voy."),
    call("a", "calculadora", expresion="2 + 2"),
    call("b", "leer_archivo", ruta="x"),
    result("a", "4"),
    result("b", "no existe", is_error=True),
    REDACTED,
    call("c", "reloj"),
    result("c", [text("las 12"), {"type": "image", "source": {}}, text("en punto")]),
    QUERY,
    sources(("El tiempo", "https://e.es/t"), ("", "https://aemet.es")),
    text("Hace **sol**"),
    text(", creo."),
)


def test_each_thing_stands_in_its_place() -> None:
    assert told(WHOLE) == [
        "│ ┆ Pensó:",
        "│ ┆ Plan",
        "│ ┆",
        "│ ┆ Sumo dos y dos.",
        "│",
        "│ Voy.",
        "│",
        '│ ⚙ calculadora {"expresion": "2 + 2"}',
        '│ ⚙ leer_archivo {"ruta": "x"}',
        "│ → calculadora: 4",
        "│ → leer_archivo: no se pudo: no existe",
        "│",
        "│ ┆ Pensó sin mostrarlo",
        "│",
        "│ ⚙ reloj",
        "│ → las 12 [image] en punto",
        "│",
        '│ ⚙ web_search {"query": "tiempo"}',
        "│ → 2 fuentes",
        "│   • El tiempo (https://e.es/t)",
        "│   • https://aemet.es",
        "│",
        "│ Hace sol, creo.",
    ]


def test_as_lines_of_text() -> None:
    assert told(WHOLE, plain=True) == [
        "Claude pensó: # Plan",
        "",
        "Sumo **dos** y dos.",
        "",
        "Voy.",
        "",
        'Herramienta calculadora: {"expresion": "2 + 2"}',
        'Herramienta leer_archivo: {"ruta": "x"}',
        "Resultado de calculadora: 4",
        "Error de leer_archivo: no existe",
        "",
        "(Pensó sin mostrarlo)",
        "",
        "Herramienta reloj: {}",
        "Resultado de reloj: las 12 [image] en punto",
        "",
        'Herramienta web_search: {"query": "tiempo"}',
        "Resultado de web_search: 2 fuentes",
        "- El tiempo (https://e.es/t)",
        "- https://aemet.es",
        "",
        "Hace **sol**, creo.",
    ]


@pytest.mark.parametrize("plain", [False, True])
def test_a_turn_without_blocks_shows_its_text(plain: bool) -> None:
    bar = "" if plain else "│ "
    assert told(turn("\nHola.\n"), plain=plain) == [f"{bar}Hola."]
    assert told(turn(" \n"), plain=plain) == []


def test_the_text_that_is_in_no_block_is_not_lost() -> None:
    cut = turn("Primero.\n\nSegun", THINKING, text("Primero."), outcome="cancelled")
    assert told(cut)[-3:] == ["│ Primero.", "│", "│ Segun"]
    assert told(turn("Prim", OMITTED, outcome="cancelled")) == ["│ ┆ Pensó sin mostrarlo", "│", "│ Prim"]
    called = turn("Voy.\n\nSon", text("Voy."), call("a", "x"), result("a", "4"), outcome="interrupted")
    assert told(called) == ["│ Voy.", "│", "│ ⚙ x", "│ → 4", "│", "│ Son"]


@pytest.mark.parametrize("blocks", [(text("otra"),), (THINKING, text("Hola, mundo.")), (text("mundo"),)])
def test_where_the_blocks_tell_another_text_it_is_the_text(blocks: tuple[Any, ...]) -> None:
    assert told(turn("Hola, mundo", *blocks)) == ["│ Hola, mundo"]


PIECES = st.text("ab \n.", max_size=8)


@given(st.lists(PIECES, max_size=5), st.sampled_from(["", "\n\n"]), PIECES)
def test_every_text_is_there_once(pieces: list[str], between: str, rest: str) -> None:
    """As of one reply, which joins its texts, and of rounds, which are parted; and cut anywhere."""
    whole = between.join(pieces) + rest
    blocks = [block for piece in pieces for block in (text(piece), OMITTED)]
    shown = "".join(entry.text for entry in entries(turn(whole, *blocks)) if entry.kind == "text")
    assert "".join(shown.split()) == "".join(whole.split())


def test_what_is_long_says_how_much_more_there_is() -> None:
    long = turn("", call("a", "n" * 500, x="y" * 5_000), result("a", "línea\n" * 2_000))
    shown = re.sub(r"\n│ +", " ", "\n".join(told(long)))
    assert "caracteres más)" in shown and len(shown) < 1_200
    (answer,) = [entry.text for entry in entries(long) if entry.kind == "result"]
    assert answer.endswith("… (11,599 caracteres más)")


@pytest.mark.parametrize("plain", [False, True])
def test_of_a_giant_turn_the_beginning_is_shown_and_the_rest_counted(
    plain: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stream_core.terminal.pages.history.MOST_SHOWN", 1_000)
    thought = ({"type": "thinking", "thinking": "z" * 500}, {"type": "text", "text": "b" * 1_200})
    for giant, left in (
        (Turn("a" * 1_001, "b" * 1_000, "complete", "m"), "1 carácter"),
        (Turn("¿Qué?", "b" * 1_200, "complete", "m", blocks=thought), "700 caracteres"),
        (Turn("¿Qué?", "b" * 1_000, "complete", "m"), ""),
    ):
        file = io.StringIO()
        Screen(file, Look(plain=plain)).turn(1, giant)
        shown = file.getvalue()
        assert shown.count("b") == 1_000 and ("sin mostrar" in shown) == bool(left) and left in shown


def test_a_search_with_many_sources_and_one_that_failed() -> None:
    many = told(turn("", QUERY, sources(*((f"t{n}", f"https://e.es/{n}") for n in range(1_012)))))
    assert many[1] == "│ → 1,012 fuentes" and len(many) == 13 and many[-1] == "│   • y 1,002 más"
    assert told(turn("", QUERY, sources(("a", "b"))))[1] == "│ → 1 fuente"
    failed = {
        "type": "web_search_tool_result",
        "tool_use_id": "s",
        "content": {"type": "web_search_tool_result_error", "error_code": "max_uses_exceeded"},
    }
    assert told(turn("", QUERY, failed))[1] == "│ → no se pudo: max_uses_exceeded"


def test_an_escape_that_is_left_open_hides_nothing_of_the_next_block() -> None:
    opened = "\x1b]0;robado"
    blocks = (
        {"type": "thinking", "thinking": f"pienso{opened}"},
        text(f"digo{opened}"),
        call("a", f"uso{opened}", x=f"doy{opened}"),
        result("a", f"tomo{opened}"),
        text("fin"),
    )
    shown = "\n".join(told(turn(f"digo{opened}fin", *blocks)))
    assert (
        all(word in shown for word in ("pienso", "digo", "uso", "doy", "tomo", "fin")) and "\x1b" not in shown
    )


JSON: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 3, "", "hola", "\ud800\x1b[2J", [], {}, ["x", None, 3], [{}], [[{"type": None}]],
     [{"type": "text", "text": None}], {"type": "x_error"}, {"type": ["_error"]}, [{"title": {}, "url": []}]]
)  # fmt: skip
KINDS = st.sampled_from(
    ["text", "thinking", "redacted_thinking", "tool_use", "server_tool_use", "tool_result",
     "web_search_tool_result", "x_tool_result", "container_upload", ""]
)  # fmt: skip
FIELDS = st.sampled_from(["text", "thinking", "id", "name", "input", "tool_use_id", "content", "is_error"])


@given(st.lists(st.tuples(KINDS, st.dictionaries(FIELDS, JSON)), max_size=4), st.booleans())
def test_blocks_of_any_form_can_be_shown(blocks: list[tuple[str, dict[str, Any]]], plain: bool) -> None:
    """They may come from a file that somebody else has written into."""
    told(turn("hola", *({**fields, "type": kind} for kind, fields in blocks)), plain=plain)
