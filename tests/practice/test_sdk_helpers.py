"""What the SDK builds on the Messages API, against the practice server: tool runners, structured output."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal

import anthropic
import pytest
from anthropic import Anthropic, AsyncAnthropic, beta_async_tool, beta_tool
from pydantic import BaseModel, Field

from stream_core.practice.scenarios import robot
from stream_core.practice.server import PracticeServer

MODEL = "claude-sonnet-5-5"
SUM: dict[str, Any] = {
    "model": MODEL,
    "max_tokens": 2000,
    "messages": [{"role": "user", "content": "¿Cuánto es 2 + 3?"}],
}
STORY: dict[str, Any] = {
    **SUM,
    "messages": [{"role": "user", "content": "Escribe una historia corta sobre un robot"}],
}


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    with PracticeServer(pace=0) as running:
        yield running


@pytest.fixture
def client(server: PracticeServer) -> Iterator[Anthropic]:
    with Anthropic(base_url=server.base_url, api_key="practice", max_retries=0) as running:
        yield running


@beta_tool
def calculate(expression: str) -> str:
    """Calculate.

    Args:
        expression: arithmetic.
    """
    return "5"


# -- tool runners ----------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"thread": False}])
def test_the_tool_runner_runs_to_its_end(client: Anthropic, options: dict[str, Any]) -> None:
    last = client.beta.messages.tool_runner(tools=[calculate], **SUM, **options).until_done()
    assert last.stop_reason == "end_turn"
    assert "- **La cuenta:** «`2 + 3`» da «`5`»." in json.dumps(last.to_dict(), ensure_ascii=False)


def test_the_streaming_tool_runner_streams_each_round(client: Anthropic) -> None:
    reasons = []
    for stream in client.beta.messages.tool_runner(tools=[calculate], stream=True, **SUM):
        assert [event for event in stream if event.type == "content_block_delta"]
        reasons.append(stream.get_final_message().stop_reason)
    assert reasons == ["tool_use", "end_turn"]


def test_the_async_tool_runner(server: PracticeServer) -> None:
    @beta_async_tool
    async def current_time(zone: str) -> str:
        """The time.

        Args:
            zone: where.
        """
        return "las tres"

    async def main() -> None:
        async with AsyncAnthropic(base_url=server.base_url, api_key="practice", max_retries=0) as client:
            asked = {**SUM, "messages": [{"role": "user", "content": "¿Qué hora es en Lima?"}]}
            last = await client.beta.messages.tool_runner(tools=[current_time], **asked).until_done()
            assert "«`las tres`»" in json.dumps(last.to_dict(), ensure_ascii=False)

    asyncio.run(main())


def test_a_thread_is_refused_with_the_code_that_the_sdk_knows(client: Anthropic) -> None:
    thread = client.beta.messages.thread(model=MODEL, max_tokens=100)
    with pytest.raises(anthropic.BadRequestError) as refused:
        thread.send({"role": "user", "content": "Hola"})
    assert refused.value.error_code == "thread_unsupported_request"
    with pytest.raises(anthropic.BadRequestError, match="thread: Extra inputs are not permitted"):
        client.messages.create(**SUM, extra_body={"thread": {"type": "create"}})


# -- structured output -----------------------------------------------------------------------------


class Colour(Enum):
    RED = "rojo"
    BLUE = "azul"


class Place(BaseModel):
    name: str
    width: float


class Card(BaseModel):
    title: str
    day: date
    mail: Annotated[str, Field(json_schema_extra={"format": "email"})]
    colour: Colour
    kind: Literal["a"]
    count: Annotated[int, Field(ge=7, le=9)]
    short: Annotated[str, Field(max_length=3)]
    place: Place
    places: Annotated[list[Place], Field(min_length=2)]
    other: Place | None
    done: bool = False


ASKING: dict[str, Callable[[Anthropic], Any]] = {
    "parse": lambda client: client.messages.parse(output_format=Card, **SUM).parsed_output,
    "beta": lambda client: client.beta.messages.parse(output_format=Card, **SUM).parsed_output,
    "thinking": lambda client: (
        client.messages.parse(output_format=Card, thinking={"type": "adaptive"}, **SUM).parsed_output
    ),
}


@pytest.mark.parametrize("ask", ASKING.values(), ids=ASKING)
def test_structured_output_fits_its_schema(client: Anthropic, ask: Callable[[Anthropic], Any]) -> None:
    card = ask(client)
    assert isinstance(card, Card)
    assert 7 <= card.count <= 9 and len(card.short) <= 3 and len(card.places) == 2


def test_structured_output_streams(client: Anthropic) -> None:
    with client.messages.stream(output_format=Card, **STORY) as stream:
        text = "".join(stream.text_stream)
        assert stream.get_final_message().parsed_output == Card.model_validate_json(text)


def test_structured_output_comes_after_the_tools(client: Anthropic) -> None:
    last = client.beta.messages.tool_runner(tools=[calculate], output_format=Place, **SUM).until_done()
    assert isinstance(last.parsed_output, Place)


def object_of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def doubling(levels: int) -> dict[str, Any]:
    """A schema that is small, and whose value doubles with each level."""
    part = [{"$ref": f"#/$defs/{level + 1}"} for level in range(levels)]
    defs = {str(level): object_of(a=part[level], b=part[level]) for level in range(levels)}
    return {"$ref": "#/$defs/0", "$defs": {**defs, str(levels): {"type": "null"}}}


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ({"type": "object", "properties": {}}, "'additionalProperties' must be explicitly set to false"),
        (object_of(a={"type": "integer", "minimum": 1}), "properties minimum are not supported"),
        (object_of(a={"type": "array", "minItems": 2}), "'minItems' values other than 0 or 1"),
        (object_of(a={"type": "fecha"}), "Schema type 'fecha' is not supported"),
        (object_of(a={}), "Schema type 'None' is not supported"),
        (object_of(a=5), "Input should be an object"),
        (object_of(a={"enum": 5}), "'enum' has the wrong type"),
        (object_of(a={"anyOf": []}), "'anyOf' must not be empty"),
        ({**object_of(), "properties": []}, "'properties' has the wrong type"),
        (object_of(a={"$ref": "https://example.com/a"}), "cannot be resolved"),
        (object_of(a={"$ref": "#/$defs/nada"}), "cannot be resolved"),
        (
            {**object_of(a={"$ref": "#/$defs/a"}), "$defs": {"a": object_of(b={"$ref": "#/$defs/a"})}},
            "Circular reference '#/$defs/a'",
        ),
        (doubling(60), "Schema is too complex"),
    ],
)
def test_a_schema_that_the_api_does_not_take_is_refused(
    client: Anthropic, schema: dict[str, Any], complaint: str
) -> None:
    config: Any = {"format": {"type": "json_schema", "schema": schema}}
    with pytest.raises(anthropic.BadRequestError) as refused:
        client.messages.create(output_config=config, **SUM)
    assert complaint in refused.value.message


# -- stop sequences --------------------------------------------------------------------------------


def test_the_first_stop_sequence_ends_the_reply(client: Anthropic) -> None:
    stops = ["Nadie escribe esto", "regadera", "empleados"]
    plain = client.messages.create(stop_sequences=stops, **STORY)
    assert (plain.stop_reason, plain.stop_sequence) == ("stop_sequence", "empleados")
    assert plain.content[0].type == "text"
    assert plain.content[0].text == robot.TEXT.partition("empleados")[0]
    with client.messages.stream(stop_sequences=stops, **STORY) as stream:
        assert stream.get_final_message().to_dict() == plain.to_dict()


def test_the_limit_of_tokens_comes_before_a_later_stop_sequence(client: Anthropic) -> None:
    short = client.messages.create(stop_sequences=["empleados"], **{**STORY, "max_tokens": 3})
    assert (short.stop_reason, short.stop_sequence) == ("max_tokens", None)


def test_a_stop_sequence_at_the_beginning_leaves_nothing(client: Anthropic) -> None:
    empty = client.messages.create(stop_sequences=["## El"], **STORY)
    assert (empty.content, empty.stop_sequence) == ([], "## El")


def test_a_stop_sequence_ends_the_turn_before_its_tools(client: Anthropic) -> None:
    tools: Any = [calculate.to_dict()]
    stopped = client.messages.create(stop_sequences=["cuenta"], tools=tools, **SUM)
    assert [block.type for block in stopped.content] == ["text"]
    assert stopped.stop_reason == "stop_sequence"
