"""The list of models that a server gives: fetched over real HTTP, and what a name means in it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.day import TODAY
from support.model_lists import HOSTILE, page
from support.wire import listing

from stream_core.core import errors as e
from stream_core.models.catalogue import BUILT_IN, Catalogue, retired_on, suggest
from stream_core.models.lines import DEFAULT_MODEL
from stream_core.models.model_list import (
    ListedModel,
    choose_model,
    dated,
    filled,
    find_listed,
    known_models,
    names_to_suggest,
    newest,
    retirement,
)
from stream_core.practice.script import Cut, Hang, Head, Send, Step, error_reply
from stream_core.practice.server import PracticeServer
from stream_core.sdk.client import open_client
from stream_core.sdk.model_list import list_models
from stream_core.terminal.pages.model_table import state_of


def fetched(server: PracticeServer, **options: Any) -> list[ListedModel]:
    async def fetch() -> list[ListedModel]:
        async with open_client(base_url=server.base_url) as client:
            return await list_models(client, **options)

    return asyncio.run(fetch())


def body(data: bytes, status: int = 200, content_type: str = "application/json") -> list[Step]:
    return [Head(status, (("content-type", content_type),), framing=len(data)), Send(data)]


# -- over HTTP ---------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 6, 1000])
def test_pages_of_any_size_make_the_whole_list(size: int) -> None:
    with PracticeServer(remember=True, pace=0) as server:
        models = fetched(server, page=size)
        assert [model.id for model in models] == [
            "claude-sonnet-5-5",
            "claude-opus-5-5",
            "claude-haiku-5-5",
            "claude-fable-5-2",
            "claude-sonnet-4-5-20250929",
            "claude-sonnet-4-20250514",
        ]
        assert len(server.requests) == max(1, -(-6 // size))
        assert {f"limit={size}" in request.path for request in server.requests} == {True}


def test_what_the_api_tells_of_a_model() -> None:
    with PracticeServer(remember=True, pace=0) as server:
        models = {model.id: model for model in fetched(server)}
    assert models["claude-sonnet-5-5"] == ListedModel(
        "claude-sonnet-5-5",
        "Claude Sonnet 5.5",
        1_000_000,
        128_000,
        "active",
        None,
        ("low", "medium", "high", "xhigh", "max"),
        ("adaptive", "between_tools"),
        accepts=("image_input", "pdf_input"),
    )
    old = models["claude-sonnet-4-5-20250929"]
    assert (old.lifecycle, old.retires, old.efforts, old.thinking) == (
        "deprecated",
        date(2026, 11, 30),
        (),
        ("disabled", "enabled"),
    )
    assert not models["claude-sonnet-4-20250514"].answers and old.answers


def test_a_server_may_tell_less_and_texts_stay_as_they_came() -> None:
    entries: list[Any] = [
        {"id": "llama3.2:latest", "object": "model", "owned_by": "library"},
        {"id": HOSTILE, "display_name": HOSTILE, "type": "model"},
        {"id": "claude-opus-5-5", "display_name": 5, "max_tokens": 0, "max_input_tokens": -1},
        {"id": "claude-opus-5-5", "display_name": "again"},
        {"id": "m", "lifecycle": "viejo", "retires_at": "2026-13-45", "capabilities": {"effort": 3}},
        {"id": "n", "retires_at": "1970-01-01T00:00:00Z", "max_tokens": 1 << 60, "capabilities": []},
        {"id": "o", "retires_at": 5, "capabilities": {"effort": {"low": {"supported": True}, "max": 1}}},
        {"id": "p", "architecture": {"input_modalities": ["text"]}},  # llama.cpp
        {"id": "q", "architecture": {"input_modalities": ["text", "image", "file", 5]}},  # OpenRouter
        {"id": "r", "architecture": {"input_modalities": "text"}},
        *({"id": wrong} for wrong in (5, None, "", ["x"], {"a": 1})),
        *("text", 3, None, [], {}),
    ]
    with listing(page(*entries)) as server:
        models = fetched(server)
    assert models == [
        ListedModel("llama3.2:latest"),
        ListedModel(HOSTILE, HOSTILE),
        ListedModel("claude-opus-5-5"),
        ListedModel("m"),
        ListedModel("n"),
        ListedModel("o", efforts=("low",)),
        ListedModel("p", accepts=()),
        ListedModel("q", accepts=("image_input", "pdf_input")),
        ListedModel("r"),
    ]


def test_a_list_that_never_ends_is_left() -> None:
    with listing(page({"id": "a"}, {"id": "b"}, has_more=True, last_id="b")) as server:
        assert [model.id for model in fetched(server)] == ["a", "b"]
        assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (error_reply(404, "not_found_error", "Not Found"), e.NoModelList),
        (body(b'{"detail":"Not Found"}', 404), e.NoModelList),
        (body(b"<html>404</html>", 404, "text/html"), e.NoModelList),
        (body(b"", 405), e.NoModelList),
        (page(), e.NoModelList),
        (body(b"{}"), e.NoModelList),
        (body(b'{"data":{"a":1}}'), e.NoModelList),
        (body(b'{"data":"abc","last_id":"c"}'), e.NoModelList),
        (body(b"<html>login</html>", 200, "text/html"), e.NotTheApi),
        (body(b"<html>login</html>"), e.NotTheApi),
        (body(b""), e.NotTheApi),
        (body(b"[1]"), e.NotTheApi),
        (body(b"null"), e.NotTheApi),
        (body(b"[" * 100_000), e.NotTheApi),
        (body(b"\xff\xfe{}"), e.NotTheApi),
        (body(b"", 302), e.Redirected),
        (error_reply(401, "authentication_error", "invalid x-api-key"), e.AuthFailed),
        (error_reply(403, "permission_error", "no"), e.AccessDenied),
        (error_reply(529, "overloaded_error", "Overloaded"), e.Overloaded),
        (error_reply(500, "api_error", "x"), e.ServerError),
        ([Head(framing=100), Send(b"{"), Cut()], e.ConnectionLost),
        ([Cut()], e.ConnectionLost),
    ],
)
def test_what_goes_wrong_is_an_error_of_ours(script: Iterable[Step], kind: type[Exception]) -> None:
    with listing(list(script)) as server, pytest.raises(e.StreamCoreError) as raised:
        fetched(server)
    assert type(raised.value) is kind
    assert len(server.requests) == 1


def test_a_server_that_is_not_there() -> None:
    with PracticeServer(remember=True) as server:
        url = server.base_url

    async def fetch() -> None:
        async with open_client(base_url=url) as client:
            await list_models(client)

    with pytest.raises(e.ConnectionRefused):
        asyncio.run(fetch())


def test_a_list_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    # Long enough to have asked by then on a busy machine, too: only then is there somebody to hang up on.
    monkeypatch.setattr("stream_core.sdk.model_list._PATIENCE_SECONDS", 1.0)
    with listing([Hang()]) as server:
        with pytest.raises(e.IdleTimeout):
            fetched(server)
        assert server.wait_for(lambda: server.hangups == 1)


def test_a_key_that_the_server_quotes_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-secreto-123")
    script = list(error_reply(401, "authentication_error", "no: sk-ant-secreto-123"))

    async def fetch(url: str) -> None:
        async with open_client(base_url=url, send_credential=True) as client:
            await list_models(client)

    with listing(script) as server, pytest.raises(e.AuthFailed) as raised:
        asyncio.run(fetch(server.base_url))
    assert raised.value.detail == "no: [clave]"


# -- what a name means -------------------------------------------------------------------------

ACTIVE, GOING, GONE = (
    ListedModel("claude-sonnet-5-5", lifecycle="active"),
    ListedModel("claude-sonnet-6-20270101", lifecycle="deprecated", retires=date(2020, 1, 1)),
    ListedModel("claude-sonnet-7", lifecycle="retired", retires=date(2026, 6, 15)),
)
LISTED = (GONE, GOING, ACTIVE, ListedModel("llama"))


def chosen(name: str, models: Iterable[ListedModel] = LISTED) -> str:
    return choose_model(name, tuple(models), BUILT_IN, TODAY, whose="de tu cuenta")


@pytest.mark.parametrize(
    ("name", "models", "model"),
    [
        ("sonnet", LISTED, "claude-sonnet-5-5"),
        ("sonnet", (GONE, GOING), "claude-sonnet-6-20270101"),
        ("sonnet", (), "claude-sonnet-5-5"),
        ("llama", LISTED, "llama"),
        ("claude-sonnet-6", LISTED, "claude-sonnet-6"),
        ("lo-que-sea", (), "lo-que-sea"),
    ],
)
def test_a_name_is_found(name: str, models: tuple[ListedModel, ...], model: str) -> None:
    assert chosen(name, models) == model


def test_the_list_knows_better_whether_a_model_is_retired() -> None:
    known = next(model for model in known_models(BUILT_IN, TODAY) if not model.answers)
    with pytest.raises(e.ConfigError, match="se retiró el 15/06/2026 y ya no responde"):
        chosen(known.id, ())
    assert (
        chosen(known.id, [ListedModel(known.id, lifecycle="deprecated", retires=known.retires)]) == known.id
    )


@pytest.mark.parametrize(
    ("name", "models", "hint"),
    [
        (
            "claude-sonet-5-5",
            LISTED,
            "no está en la lista de modelos de tu cuenta. ¿Querías decir «claude-sonnet-5-5»?",
        ),
        (
            "claude-sonnet-7",
            LISTED,
            "se retiró el 15/06/2026 y ya no responde. Prueba con claude-sonnet-5-5.",
        ),
        ("sonnet", (GONE, ListedModel("llama")), "¿Querías decir «llama»?"),
        (
            "x",
            (ListedModel("x", lifecycle="retired"),),
            f"«x» ya se retiró. Prueba con {DEFAULT_MODEL}.",
        ),
        ("m", (ListedModel(HOSTILE),), f"¿Querías decir «{DEFAULT_MODEL}»?"),
    ],
)
def test_a_model_that_cannot_be_asked_is_refused(
    name: str, models: tuple[ListedModel, ...], hint: str
) -> None:
    with pytest.raises(e.ConfigError) as refused:
        chosen(name, models)
    assert hint in refused.value.hint


DAY = date(2026, 11, 30)
BEFORE, AFTER = DAY - timedelta(1), DAY + timedelta(1)


@pytest.mark.parametrize(
    ("lifecycle", "retires", "today", "told", "answers"),
    [
        # Without a lifecycle the day decides, and it is retired from that day on.
        (None, DAY, BEFORE, "se retira el 30/11/2026", True),
        (None, DAY, DAY, "se retiró el 30/11/2026", False),
        (None, DAY, AFTER, "se retiró el 30/11/2026", False),
        # With one it decides, and the day says only when.
        *(
            (stage, DAY, today, told, True)
            for stage in ("active", "deprecated")
            for today, told in (
                (BEFORE, "se retira el 30/11/2026"),
                (DAY, "se retiró el 30/11/2026 y aún responde"),
                (AFTER, "se retiró el 30/11/2026 y aún responde"),
            )
        ),
        ("retired", DAY, BEFORE, "ya se retiró", False),
        ("retired", DAY, DAY, "se retiró el 30/11/2026", False),
        # Without a day.
        ("retired", None, DAY, "ya se retiró", False),
        ("deprecated", None, DAY, "se retirará", True),
        ("active", None, DAY, "", True),
        (None, None, DAY, "", True),
    ],
)
def test_there_is_one_truth_about_a_retirement(
    lifecycle: Any, retires: date | None, today: date, told: str, answers: bool
) -> None:
    listed = ListedModel("m", lifecycle=lifecycle, retires=retires)
    model = dated(listed, today)
    assert (retirement(model, today), model.answers) == (told, answers)
    assert state_of(model, today) == (
        "retirado" if not answers else told or ("activo" if lifecycle == "active" else "—")
    )
    if answers:
        assert choose_model("m", [listed], BUILT_IN, today, whose="") == "m"
    else:
        with pytest.raises(e.ConfigError, match=f"«m» {told}( y ya no responde)?\\. Prueba con"):
            choose_model("m", [listed], BUILT_IN, today, whose="")


@pytest.mark.parametrize("today", [BEFORE, DAY, date(2031, 1, 1)])
def test_the_catalogue_and_a_list_of_days_agree(today: date) -> None:
    for model in known_models(BUILT_IN, today):
        assert model.answers == (retired_on(model.id, today) is None)
        assert dated(ListedModel(model.id, retires=model.retires), today).answers == model.answers


def test_the_name_of_a_line_is_one_that_answers_on_that_day() -> None:
    ending = replace(BUILT_IN.models["claude-opus-5-5"], retires=DAY)
    later = replace(BUILT_IN.models["claude-opus-5"], retires=AFTER)
    others = {name: model for name, model in BUILT_IN.models.items() if "opus" not in name}
    catalogue = Catalogue({**others, ending.id: ending, later.id: later})
    assert newest("opus", (), catalogue, BEFORE) == ending.id
    assert newest("opus", (), catalogue, DAY) == later.id
    assert newest("opus", (), catalogue, AFTER) == ending.id  # none answers: as far as is known


def test_the_exact_id_comes_before_the_same_with_a_date() -> None:
    dated, exact = ListedModel("claude-x-20260101"), ListedModel("claude-x")
    assert find_listed([exact, dated], "claude-x") is exact
    assert find_listed([dated, exact], "claude-x") is exact
    assert find_listed([dated], "claude-x") is dated
    assert find_listed([exact], "claude-x-20260101") is None


def test_what_the_list_leaves_out_is_filled_in() -> None:
    known = BUILT_IN.find(DEFAULT_MODEL)
    assert known is not None
    full = filled(ListedModel(DEFAULT_MODEL), BUILT_IN)
    assert (full.name, full.context, full.max_output) == (known.name, known.context, known.max_output)
    own = ListedModel(DEFAULT_MODEL, "Mi modelo", 5, 4)
    assert filled(own, BUILT_IN) == own
    assert filled(ListedModel("llama"), BUILT_IN) == ListedModel("llama")


def test_only_what_stays_is_suggested() -> None:
    assert names_to_suggest(LISTED) == ("claude-sonnet-5-5", "llama")
    assert names_to_suggest((GONE, GOING)) == (GOING.id,)
    assert names_to_suggest((GONE,)) == names_to_suggest(()) == ()


@given(st.text(max_size=300), st.lists(st.text(st.characters(codec=None), max_size=300)))
def test_a_suggestion_can_always_be_shown(model: str, known: list[str]) -> None:
    found = suggest(model, known)
    assert found.isascii() and found.isprintable() and len(found) <= 200
