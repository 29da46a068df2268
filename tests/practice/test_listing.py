"""The models of the practice server, as the SDK lists them."""

from __future__ import annotations

from collections.abc import Iterator

import anthropic
import pytest
from anthropic import Anthropic
from anthropic.types import ModelInfo

from stream_core.practice.server import PracticeServer

LISTED = [
    "claude-sonnet-5-5",
    "claude-opus-5-5",
    "claude-haiku-5-5",
    "claude-fable-5-2",
    "claude-sonnet-4-5-20250929",
]
RETIRED = "claude-sonnet-4-20250514"


@pytest.fixture(scope="module")
def client() -> Iterator[Anthropic]:
    with (
        PracticeServer(pace=0) as server,
        Anthropic(base_url=server.base_url, api_key="practice", max_retries=0) as running,
    ):
        yield running


def ids(models: list[ModelInfo]) -> list[str]:
    return [model.id for model in models]


def test_retired_models_are_listed_only_when_they_are_asked_for(client: Anthropic) -> None:
    assert ids(list(client.models.list())) == LISTED
    assert ids(list(client.models.list(lifecycle=["retired"]))) == [RETIRED]
    assert ids(list(client.models.list(lifecycle=["deprecated", "retired"]))) == [LISTED[-1], RETIRED]
    with pytest.raises(anthropic.BadRequestError, match=r"lifecycle\.1: Input should be"):
        client.models.list(lifecycle=["active", "viejo"])  # type: ignore[list-item]


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 1000])
def test_pages_of_any_size_make_the_whole_list_both_ways(client: Anthropic, limit: int) -> None:
    assert ids(list(client.models.list(limit=limit))) == LISTED
    page = client.models.list(limit=limit, before_id=LISTED[-1])
    backwards = [page.data]
    while page.has_more:
        page = page.get_next_page()
        backwards.insert(0, page.data)
    assert [name for data in backwards for name in ids(data)] == LISTED[:-1]


def test_a_page_past_the_end_is_empty(client: Anthropic) -> None:
    page = client.models.list(after_id=LISTED[-1])
    assert (page.data, page.has_more, page.first_id, page.last_id) == ([], False, None, None)


@pytest.mark.parametrize(
    "query", ["limit=1001", "limit=", "limit=²", "before_id=x", "after_id=a&before_id=b"]
)
def test_a_wrong_query_is_refused(client: Anthropic, query: str) -> None:
    with pytest.raises(anthropic.BadRequestError):
        client.get(f"/v1/models?{query}", cast_to=object)


@pytest.mark.parametrize("name", [*LISTED, RETIRED])
def test_every_entry_is_whole_as_the_sdk_declares_it(client: Anthropic, name: str) -> None:
    model = client.models.retrieve(name)
    ModelInfo.model_validate(model.to_dict(), strict=False)
    assert (model.id, model.type) == (name, "model")
    assert set(ModelInfo.model_fields) == set(model.to_dict())
    assert model.capabilities is not None
    assert model.capabilities.thinking.types.adaptive.supported == (model.lifecycle == "active")


def test_what_the_new_and_the_old_can(client: Anthropic) -> None:
    sonnet, opus, old = (client.models.retrieve(name) for name in (LISTED[0], LISTED[1], "claude-sonnet-4-5"))
    assert (sonnet.max_input_tokens, sonnet.max_tokens, sonnet.retires_at) == (1_000_000, 128_000, None)
    assert sonnet.capabilities and opus.capabilities and old.capabilities
    assert sonnet.capabilities.thinking.types.between_tools.supported
    assert not sonnet.capabilities.thinking.types.disabled.supported
    assert not opus.capabilities.thinking.types.between_tools.supported
    assert (old.id, old.lifecycle) == ("claude-sonnet-4-5-20250929", "deprecated")
    assert old.retires_at is not None and old.retires_at.date().isoformat() == "2026-11-30"
    assert not old.capabilities.effort.supported
    assert old.capabilities.thinking.types.enabled.supported


@pytest.mark.filterwarnings("ignore:The model 'claude-sonnet-4-5' is deprecated:DeprecationWarning")
def test_a_reply_names_the_dated_model(client: Anthropic) -> None:
    message = client.messages.create(
        model="claude-sonnet-4-5", max_tokens=5, messages=[{"role": "user", "content": "Hola"}]
    )
    assert message.model == "claude-sonnet-4-5-20250929"
