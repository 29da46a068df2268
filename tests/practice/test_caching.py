"""The prompt cache of the practice server, as its usage tells it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from anthropic import Anthropic
from anthropic.types import Usage

from stream_core.practice.server import PracticeServer

SONNET, OLD = "claude-sonnet-5-5", "claude-sonnet-4-5"
MARK: dict[str, Any] = {"type": "ephemeral"}
LONG = "palabra " * 2000  # 4,000 tokens
HALF = "palabra " * 400  # 800 tokens

pytestmark = pytest.mark.filterwarnings("ignore:The model:DeprecationWarning")


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(clock: Clock) -> Iterator[Anthropic]:
    with (
        PracticeServer(pace=0, clock=clock) as server,
        Anthropic(base_url=server.base_url, api_key="practice", max_retries=0) as running,
    ):
        yield running


def body(*texts: str, model: str = SONNET, **more: Any) -> dict[str, Any]:
    """A conversation in which the person wrote these texts."""
    turns: list[dict[str, Any]] = []
    for text in texts:
        turns += [{"role": "user", "content": text}, {"role": "assistant", "content": "Claro."}]
    return {"model": model, "max_tokens": 20, "messages": turns[:-1], **more}


def use(client: Anthropic, request: dict[str, Any]) -> tuple[int, int, int]:
    """Cache tokens created, read, and neither; their sum is what is counted, streamed or not."""
    with client.messages.stream(**request) as stream:
        usage = stream.get_final_message().usage
    counted = {name: value for name, value in request.items() if name != "max_tokens"}
    created, read = usage.cache_creation_input_tokens or 0, usage.cache_read_input_tokens or 0
    assert created + read + usage.input_tokens == client.messages.count_tokens(**counted).input_tokens
    return created, read, usage.input_tokens


def plain_usage(client: Anthropic, request: dict[str, Any]) -> Usage:
    usage: Usage = client.messages.create(**request).usage
    return usage


def test_a_growing_conversation_reads_what_it_said_before(client: Anthropic) -> None:
    created, read, rest = use(client, body("Hola", system=LONG, cache_control=MARK))
    assert created > 4000 and (read, rest) == (0, 0)
    more, again, rest = use(client, body("Hola", "¿Y qué más?", system=LONG, cache_control=MARK))
    assert (again, rest) == (created, 0) and 0 < more < 20
    assert use(client, body("Hola", "¿Y qué más?", system=LONG, cache_control=MARK))[:2] == (
        0,
        created + more,
    )


def test_without_a_mark_nothing_is_kept(client: Anthropic) -> None:
    for _ in range(2):
        assert use(client, body("Hola", system=LONG))[:2] == (0, 0)


def test_a_block_marks_where_the_kept_part_ends(client: Anthropic) -> None:
    system = [{"type": "text", "text": LONG, "cache_control": MARK}]
    assert use(client, body("Hola", system=system))[:2] == (4000, 0)
    created, read, rest = use(client, body("Otra cosa", system=system))
    assert (created, read) == (0, 4000) and rest > 0


@pytest.mark.parametrize(("model", "kept"), [(SONNET, True), (OLD, False)])
def test_too_short_a_beginning_is_not_kept(client: Anthropic, model: str, kept: bool) -> None:
    request = body("Hola", model=model, system=HALF, cache_control=MARK)
    assert (use(client, request)[0] > 0) == kept
    assert use(client, body("Hola", model=model, cache_control=MARK))[0] == 0


@pytest.mark.parametrize(("ttl", "seconds"), [(None, 300), ("5m", 300), ("1h", 3600)])
def test_what_is_not_used_is_forgotten(
    client: Anthropic, clock: Clock, ttl: str | None, seconds: int
) -> None:
    mark = {**MARK, "ttl": ttl} if ttl else MARK
    request = body("Hola", system=LONG, cache_control=mark)
    created = use(client, request)[0]
    for _ in range(3):  # each use lets it live on
        clock.now += seconds - 1
        assert use(client, request)[:2] == (0, created)
    clock.now += seconds
    usage = plain_usage(client, request)
    assert (usage.cache_creation_input_tokens, usage.cache_read_input_tokens) == (created, 0)
    assert usage.cache_creation is not None
    by_ttl = (usage.cache_creation.ephemeral_5m_input_tokens, usage.cache_creation.ephemeral_1h_input_tokens)
    assert by_ttl == ((0, created) if ttl == "1h" else (created, 0))


@pytest.mark.parametrize(
    "change",
    [
        {"model": "claude-haiku-5-5"},
        {"system": LONG + "."},
        {"tools": [{"name": "suma", "input_schema": {"type": "object"}}]},
        {"messages": [{"role": "user", "content": "Adiós " * 700}]},
    ],
)
def test_any_change_before_the_mark_is_a_miss(client: Anthropic, change: dict[str, Any]) -> None:
    request = body("Hola", system=LONG, cache_control=MARK)
    use(client, request)
    created, read, _ = use(client, {**request, **change})
    assert created > 4000 and read == 0


def test_another_way_of_thinking_keeps_the_system_prompt_only(client: Anthropic) -> None:
    system = [{"type": "text", "text": LONG, "cache_control": MARK}]
    request = body(HALF, system=system, cache_control=MARK)
    created, _, _ = use(client, request)
    more, read, _ = use(client, {**request, "thinking": {"type": "adaptive"}})
    assert (read, more) == (4000, created - 4000)


def test_twenty_blocks_before_a_mark_are_looked_through(client: Anthropic) -> None:
    use(client, body("Hola", system=LONG, cache_control=MARK))
    near, far = ["x"] * 10, ["x"] * 11
    assert use(client, body("Hola", *far, system=LONG, cache_control=MARK))[1] == 0
    assert use(client, body("Hola", *near[:9], system=LONG, cache_control=MARK))[1] > 4000


def test_max_tokens_0_fills_the_cache(client: Anthropic) -> None:
    request = body("Hola", system=LONG, cache_control=MARK)
    created, _, _ = use(client, {**request, "max_tokens": 0})
    assert use(client, request)[:2] == (0, created)
