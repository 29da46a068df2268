"""The practice server's turn with tools, seen by the real SDK and by `stream_turn`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from anthropic import Anthropic, AsyncAnthropic
from anthropic.types import InputJSONDelta, Message, RawContentBlockDeltaEvent, ToolUseBlock
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from stream_core import Finished, ToolDone, ToolInput, TurnResult, open_client, stream_turn
from stream_core.practice.named import expression, zone
from stream_core.practice.pieces import pieces
from stream_core.practice.request import Body
from stream_core.practice.scenarios import choose, general, load, robot
from stream_core.practice.scenarios.tools import answer
from stream_core.practice.script import Send
from stream_core.practice.server import PracticeServer
from stream_core.sdk.tools import tool_schema
from stream_core.streaming import event_loop
from stream_core.texts.tool_errors_es import ToolError
from stream_core.tools.calculator import calculate, evaluate
from stream_core.tools.clock import current_time

MODEL = "claude-sonnet-5-5"
QUESTION = "¿Cuánto es (1250 * 1.21) / 3, y qué hora es en Tokio?"
VALUE = "504.166666666667"


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    with PracticeServer(remember=True, pace=0) as running:
        yield running


@pytest.fixture
def client(server: PracticeServer) -> Iterator[Anthropic]:
    with Anthropic(base_url=server.base_url, api_key="practice", max_retries=0) as running:
        yield running


def lookup(word: str) -> str:
    """Look a word up.

    Args:
        word: the word.
    """
    return word


def request(*tools: Callable[..., Any], content: Any = QUESTION, **more: Any) -> dict[str, Any]:
    body = {"model": MODEL, "max_tokens": 1000, "messages": [{"role": "user", "content": content}], **more}
    return {**body, "tools": [tool_schema(tool) for tool in tools]} if tools else body


def streamed(client: Anthropic, body: Mapping[str, Any]) -> Message:
    with client.messages.stream(**body) as stream:
        return stream.get_final_message()


def calls_in(message: Message) -> dict[str, Any]:
    return {block.name: block.input for block in message.content if isinstance(block, ToolUseBlock)}


def text_of(message: Message) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


@contextmanager
def closing_client(server: PracticeServer) -> Iterator[AsyncAnthropic]:
    client = open_client(base_url=server.base_url)
    try:
        yield client
    finally:
        event_loop.submit(client.close()).result()


def turn(server: PracticeServer, *tools: Callable[..., Any], content: str = QUESTION) -> TurnResult:
    with closing_client(server) as client:
        with stream_turn(client, tools=tools, **request(content=content)) as stream:
            for _ in stream:
                pass
            return stream.result


def answered(*results: Mapping[str, Any], calls: list[dict[str, Any]] | None = None) -> Body:
    """A request whose last message holds these results."""
    called = [
        {"type": "tool_use", "id": "a", "name": "calculate", "input": {"expression": "1 + 1"}},
        {"type": "tool_use", "id": "b", "name": "current_time", "input": {"zone": "UTC"}},
    ]
    messages = [
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": called if calls is None else calls},
        {"role": "user", "content": [{"type": "tool_result", **result} for result in results]},
    ]
    return {**request(calculate, current_time), "messages": messages}


# -- the first request ----------------------------------------------------------------------------


def test_both_tools_are_called_at_once_with_what_the_question_says(client: Anthropic) -> None:
    message = streamed(client, request(calculate, current_time))
    assert [block.type for block in message.content] == ["text", "tool_use", "tool_use"]
    assert text_of(message) == "Voy a hacer la cuenta y a mirar la hora…"
    assert calls_in(message) == {
        "calculate": {"expression": "(1250 * 1.21) / 3"},
        "current_time": {"zone": "Asia/Tokyo"},
    }
    assert message.stop_reason == "tool_use"
    ids = [block.id for block in message.content if isinstance(block, ToolUseBlock)]
    assert len(set(ids)) == 2 and all(each.startswith("toolu_") for each in ids)
    inputs = [json.dumps(given, separators=(",", ":")) for given in calls_in(message).values()]
    assert message.usage.output_tokens == sum(len(pieces(part)) for part in [text_of(message), *inputs])
    assert message.usage.input_tokens > 0


def test_the_input_comes_in_pieces_that_make_the_json(client: Anthropic) -> None:
    parts: dict[int, list[str]] = {}
    for event in client.messages.create(**request(calculate, current_time), stream=True):
        if isinstance(event, RawContentBlockDeltaEvent) and isinstance(event.delta, InputJSONDelta):
            parts.setdefault(event.index, []).append(event.delta.partial_json)
    assert list(parts) == [1, 2]
    assert all(len(each) > 3 and each[0] == "" and all(each[1:]) for each in parts.values())
    assert [json.loads("".join(each)) for each in parts.values()] == [
        {"expression": "(1250 * 1.21) / 3"},
        {"zone": "Asia/Tokyo"},
    ]


@pytest.mark.parametrize(
    ("tools", "choice", "called"),
    [
        ([calculate], None, ["calculate"]),
        ([current_time], None, ["current_time"]),
        ([current_time, lookup, calculate], None, ["calculate", "current_time"]),
        ([calculate, current_time], {"type": "any"}, ["calculate", "current_time"]),
        ([calculate, current_time], {"type": "tool", "name": "current_time"}, ["current_time"]),
    ],
)
def test_only_what_is_offered_is_called(
    client: Anthropic, tools: list[Callable[..., Any]], choice: dict[str, str] | None, called: list[str]
) -> None:
    more = {"tool_choice": choice, "model": "claude-haiku-5-5"} if choice else {}
    message = streamed(client, {**request(*tools), **more})
    assert list(calls_in(message)) == called
    assert ("cuenta" in text_of(message), "hora" in text_of(message)) == (
        "calculate" in called,
        "current_time" in called,
    )


@pytest.mark.parametrize("plain", [False, True])
def test_with_nothing_to_call_the_usual_answers_come(client: Anthropic, plain: bool) -> None:
    prompt = "Escribe una historia corta sobre un robot"
    for body in (
        request(lookup, content=prompt),
        request(calculate, content=prompt, tool_choice={"type": "none"}),
        request(content=prompt),
    ):
        message = client.messages.create(**body) if plain else streamed(client, body)
        assert (text_of(message), message.stop_reason) == (robot.TEXT, "end_turn")


@pytest.mark.parametrize(
    "tools", [None, "calculate", {"name": "calculate"}, [None, 3, [], {"name": ["calculate"]}]]
)
def test_tools_of_a_strange_form_do_no_harm(tools: object) -> None:
    body = {**request(), "tools": tools}
    chosen = choose(load(), body)
    assert chosen is not None and chosen.name == "general"


def test_a_question_that_names_nothing_to_do_calls_nothing(client: Anthropic) -> None:
    message = streamed(client, request(calculate, current_time, content="Hola"))
    assert message.stop_reason == "end_turn" and not calls_in(message)


def test_who_must_call_gets_an_example(client: Anthropic) -> None:
    must = {"model": "claude-haiku-5-5", "tool_choice": {"type": "any"}}
    message = streamed(client, request(calculate, current_time, content="Hola", **must))
    assert calls_in(message) == {
        "calculate": {"expression": "1250 * 1.21"},
        "current_time": {"zone": "Europe/Madrid"},
    }
    assert "No veo ninguna cuenta" in text_of(message)


def test_max_tokens_stops_a_turn_anywhere(client: Anthropic) -> None:
    whole = streamed(client, request(calculate, current_time))
    total = whole.usage.output_tokens
    for most in range(total):
        body = request(calculate, current_time, max_tokens=most)
        for message in (streamed(client, body), client.messages.create(**body)):
            assert (message.stop_reason, message.usage.output_tokens) == ("max_tokens", most)
            assert text_of(whole).startswith(text_of(message))
    exactly = streamed(client, request(calculate, current_time, max_tokens=total))
    assert exactly.to_dict() == whole.to_dict()


def test_without_streaming_the_same_turn_comes_as_messages(client: Anthropic) -> None:
    body = request(calculate, current_time)
    plain = client.messages.create(**body)
    assert plain.to_dict() == streamed(client, body).to_dict()
    results = [
        {"type": "tool_result", "tool_use_id": block.id, "content": "42"}
        for block in plain.content
        if isinstance(block, ToolUseBlock)
    ]
    body["messages"] += [
        {"role": "assistant", "content": plain.content},
        {"role": "user", "content": results},
    ]
    final = client.messages.create(**body)
    assert final.to_dict() == streamed(client, body).to_dict()
    assert (final.stop_reason, text_of(final).count("«`42`»")) == ("end_turn", 2)


# -- what the question names -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("¿Cuánto es (1250 * 1.21) / 3?", "(1250 * 1.21) / 3"),
        ("1. Calcula 2+2. Gracias", "2+2"),
        ("1.250,5 x 3", "1250.5 * 3"),
        ("1,250,000 ÷ 1,5", "1250000 / 1.5"),
        ("2^10 o 3 − 1", "2**10"),
        ("suma -3 + 4", "-3 + 4"),
        ("((1+2)", "(1+2)"),
        ("1+2)*3", "1+2"),
        ("7 + 3 - y ya está", "7 + 3"),
        ("9**9**9", "9**9**9"),
        ("2 xilófonos", None),
        ("sqrt(2)*3", None),
        ("v1.2.3-4", None),
        ("10% de 5", "5 * 10 / 100"),
        ("¿cuánto es el 15 % de 240?", "240 * 15 / 100"),
        ("el 7,5 por ciento de 1.250,50", "1250.50 * 7.5 / 100"),
        ("200 + 21 %", "200 * (1 + 21 / 100)"),
        ("240 € menos el 15%", "240 * (1 - 15 / 100)"),
        ("súmale el 21 % a 1250", "1250 * (1 + 21 / 100)"),
        ("¿Qué porcentaje es 30 de 240?", "30 / 240 * 100"),
        ("10 + 15 % 4", "10 + 15 % 4"),  # without a percentage it is the remainder
        ("¿cuánto es 12 por 7?", "12 * 7"),
        ("100 entre 4 más 3", "100 / 4 + 3"),
        ("son 2 por persona", None),
        ("(3)(4)", None),
        ("", None),
        ("(" * 5000, None),
    ],
)
def test_the_sum_in_a_question(text: str, found: str | None) -> None:
    assert expression(text) == found


@given(st.text("0123456789.,+-*/%()x×÷^ a\n", max_size=60))
def test_what_is_found_is_arithmetic(text: str) -> None:
    found = expression(text)
    if found is not None:
        try:
            evaluate(found)
        except ToolError as refused:
            assert any(why in str(refused) for why in ("entre cero", "demasiado grande", "número real"))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("¿Qué hora es en Madrid?", "Europe/Madrid"),
        ("la hora de México", "America/Mexico_City"),
        ("CIUDAD DE MEXICO", "America/Mexico_City"),
        ("Bogotá", "America/Bogota"),
        ("en Lima y en Londres", "America/Lima"),
        ("Santiago", "America/Santiago"),
        ("Santiago de Compostela", "Europe/Madrid"),
        ("Buenos\nAires", "America/Argentina/Buenos_Aires"),
        ("¿tokio?", "Asia/Tokyo"),
        ("Nueva York", "America/New_York"),
        ("Londres.", "Europe/London"),
        ("hora UTC", "UTC"),
        ("en Europe/Madird", "Europe/Madird"),
        ("el climalimanero", "Europe/Madrid"),
        ("", "Europe/Madrid"),
    ],
)
def test_the_zone_in_a_question(text: str, name: str) -> None:
    assert zone(text) == name
    assert name == "Europe/Madird" or name in current_time(name)


def read_file(path: str) -> str:
    """Read a file.

    Args:
        path: which one.
    """
    raise FileNotFoundError(f"no hay ningún {path}")


def list_files(path: str = ".") -> str:
    """List the files.

    Args:
        path: of which folder.
    """
    return f"{path}/a.md"


@pytest.mark.parametrize(
    ("content", "called"),
    [
        ("Lee notas/lunes.txt", {"read_file": {"path": "notas/lunes.txt"}}),
        ("Suma 2 + 3.5 y lee a.md", {"calculate": {"expression": "2 + 3.5"}, "read_file": {"path": "a.md"}}),
        ("¿Qué hora es? Mira lista.csv", ["current_time", "read_file"]),
        ("Hola. Adiós", []),
        ("lee «informe final.txt»", {"read_file": {"path": "informe final.txt"}}),
        (
            "Lee el archivo lista de la compra.TXT, ya",
            {"read_file": {"path": "lista de la compra.TXT"}},
        ),
        ("lee el archivo que tengo en notas.txt", {"read_file": {"path": "notas.txt"}}),
        ("abre el fichero Makefile", {"read_file": {"path": "Makefile"}}),
        ("lista la carpeta…", {"list_files": {"path": "."}}),
        ("¿Qué hay en la carpeta «fotos de 2026»?", {"list_files": {"path": "fotos de 2026"}}),
        ("muéstrame los archivos de la carpeta notas", {"list_files": {"path": "notas"}}),
        ("¿Puedes leer mis archivos?", {"list_files": {"path": "."}}),
        ("usa una herramienta", {"list_files": {"path": "."}}),
        ("crea una carpeta", []),
    ],
)
def test_a_file_is_read_when_one_is_named(client: Anthropic, content: str, called: Any) -> None:
    offered = request(calculate, read_file, list_files, current_time, content=content)
    calls = calls_in(streamed(client, offered))
    assert (list(calls) if isinstance(called, list) else calls) == called


def test_without_another_tool_a_file_that_nobody_names_is_not_read(client: Anthropic) -> None:
    message = streamed(client, request(read_file, content="Hola"))
    assert message.stop_reason == "end_turn" and not calls_in(message)


def test_an_error_of_a_tool_is_explained(server: PracticeServer) -> None:
    result = turn(server, read_file, calculate, content="Suma 2 + 3 y lee a.md")
    assert result.outcome == "complete"
    lines = result.reply.text.splitlines()
    assert "- **La cuenta:** «`2 + 3`» da «`5`»." in lines
    assert any("no pude leerlo" in line and "no hay ningún a.md" in line for line in lines)


def test_calls_come_one_by_one_when_that_is_asked(server: PracticeServer) -> None:
    choice: Any = {"type": "auto", "disable_parallel_tool_use": True}
    with closing_client(server) as client:
        with stream_turn(client, tools=[calculate, current_time], tool_choice=choice, **request()) as stream:
            for _ in stream:
                pass
            result = stream.result
    assert [[done.name for done in each.results.values()] for each in result.rounds] == [
        ["calculate"],
        ["current_time"],
        [],
    ]
    assert "**La cuenta:**" in result.reply.text and "**La hora:**" in result.reply.text


# -- the answer to results -------------------------------------------------------------------------


def test_a_turn_runs_the_real_tools_and_tells_what_they_gave(server: PracticeServer) -> None:
    result = turn(server, current_time, calculate)
    assert isinstance(result.ending, Finished) and result.ending.stop_reason == "end_turn"
    first, last = result.rounds
    done = {tool.name: tool for tool in first.results.values()}
    assert (done["calculate"].content, done["calculate"].is_error) == (VALUE, False)
    assert "Asia/Tokyo (UTC+0900)" in done["current_time"].content
    lines = last.reply.text.splitlines()
    assert f"- **La cuenta:** «`(1250 * 1.21) / 3`» da «`{VALUE}`»." in lines
    assert f"- **La hora:** en «`Asia/Tokyo`», el reloj marca «`{done['current_time'].content}`»." in lines
    assert "son de verdad" in lines[-1]  # that the words are prepared stands on the edge of the reply
    assert len(server.requests) == 2


@pytest.mark.parametrize(("tool", "told"), [(calculate, "cuenta"), (current_time, "hora")])
def test_a_turn_with_one_tool(server: PracticeServer, tool: Callable[..., Any], told: str) -> None:
    result = turn(server, tool)
    assert result.outcome == "complete"
    assert [line for line in result.reply.text.splitlines() if line.startswith("-")] == [
        line for line in result.reply.text.splitlines() if line.startswith(f"- **La {told}:**")
    ]


def test_a_next_question_begins_a_turn_again_with_ids_of_its_own(server: PracticeServer) -> None:
    body = request()
    ids: list[str] = []
    with closing_client(server) as client:
        for _ in range(3):
            with stream_turn(client, tools=[calculate, current_time], **body) as stream:
                ids += [delta.tool_id for delta in stream if isinstance(delta, ToolDone)]
            body["messages"] += [*stream.result.messages(), {"role": "user", "content": QUESTION}]
    assert len(set(ids)) == 6


def test_errors_are_told_as_errors(server: PracticeServer) -> None:
    result = turn(server, calculate, current_time, content="¿1 / 0 en Europe/Madird?")
    text = result.reply.text
    assert "Con «`1 / 0`», `calculate` respondió con un error: «`no se puede dividir entre cero`»." in text
    assert "Con «`Europe/Madird`», `current_time` respondió con un error: «`no existe la zona" in text
    assert result.outcome == "complete"


def test_max_tokens_in_the_middle_of_a_call_runs_nothing(server: PracticeServer) -> None:
    with closing_client(server) as client:
        with stream_turn(client, tools=[calculate, current_time], **request(max_tokens=14)) as stream:
            deltas = list(stream)
    assert any(isinstance(delta, ToolInput) for delta in deltas)
    assert not any(isinstance(delta, ToolDone) for delta in deltas)
    assert len(server.requests) == 1


HOSTILE = [
    "`" * 200,
    "a ``` b\n```\n# título\n\n- uno",
    "\\`\\`x\\",
    "<script>alert(1)</script> [x](http://x) ![y](http://y) **z** {told} {0} %s",
    "\x1b[31mrojo\x1b[0m \x07 \x00 \x9b2J \u202eoirás\u202c \u2028 \ud83d fin",
    "x" * 10_000,
    "`" + "ñ\n" * 5_000,
    "<!-- ",
]


def shape(markdown: str) -> list[tuple[str, str, str]]:
    tokens = MarkdownIt().parse(markdown)
    inline = [child for token in tokens for child in token.children or ()]
    return [(token.type, token.tag, token.markup) for token in (*tokens, *inline)]


@pytest.mark.parametrize("content", HOSTILE)
@pytest.mark.parametrize("is_error", [False, True])
def test_a_hostile_result_is_quoted_in_one_harmless_line(content: str, is_error: bool) -> None:
    def told(text: str) -> str:
        calls = [{"type": "tool_use", "id": "a", "name": "calculate", "input": {"expression": text}}]
        return answer(answered({"tool_use_id": "a", "content": text, "is_error": is_error}, calls=calls))

    text = told(content)
    assert general.quote(content, 160) in text
    assert shape(text) == shape(told("42"))
    assert all(line.isprintable() for line in text.splitlines())
    assert len(text) < 700


@pytest.mark.parametrize("content", HOSTILE)
def test_a_hostile_result_goes_over_the_wire(server: PracticeServer, content: str) -> None:
    def calculate(expression: str) -> str:
        """Calculate.

        Args:
            expression: anything.
        """
        return content

    result = turn(server, calculate)
    assert result.outcome == "complete"
    assert "- **La cuenta:** «`(1250 * 1.21) / 3`» da «`" in result.reply.text


def test_each_result_is_told_for_its_tool_whatever_the_order() -> None:
    text = answer(
        answered({"tool_use_id": "b", "content": "las tres"}, {"tool_use_id": "a", "content": "dos"}),
    )
    assert "- **La hora:** en «`UTC`», el reloj marca «`las tres`»." in text
    assert "- **La cuenta:** «`1 + 1`» da «`dos`»." in text


@pytest.mark.parametrize(
    ("result", "line"),
    [
        ({"tool_use_id": "z", "content": "x"}, "- **Otra herramienta** respondió «`x`»."),
        ({"tool_use_id": ["a"], "content": "x"}, "- **Otra herramienta** respondió «`x`»."),
        ({"content": "x", "is_error": True}, "- **Otra herramienta** respondió con un error: «`x`»."),
        ({"tool_use_id": "a"}, "- **La cuenta:** «`1 + 1`» da un texto vacío."),
        ({"tool_use_id": "a", "content": " \n"}, "- **La cuenta:** «`1 + 1`» da un texto vacío."),
        (
            {"tool_use_id": "a", "content": [{"type": "text", "text": "2"}, {"type": "image"}]},
            "- **La cuenta:** «`1 + 1`» da «`2`».",
        ),
    ],
)
def test_a_result_of_a_strange_form_is_told_all_the_same(result: dict[str, Any], line: str) -> None:
    body = answered(result)
    assert line in answer(body).splitlines()
    chosen = choose(load(), body)
    assert chosen is not None
    assert chosen.name == "tools"
    assert any(isinstance(step, Send) for step in chosen.script(body))


@pytest.mark.parametrize(
    "calls",
    [[], [{"type": "tool_use"}], [{"type": "tool_use", "id": [], "name": {}, "input": []}, None, "x"]],
)
def test_calls_of_a_strange_form_do_no_harm(calls: list[Any]) -> None:
    assert "«`x`»" in answer(answered({"tool_use_id": "a", "content": "x"}, calls=calls))
    alone = {"messages": answered({"tool_use_id": "a", "content": "x"})["messages"][-1:]}
    assert "«`x`»" in answer(alone)
