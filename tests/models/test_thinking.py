"""Thinking and effort: what is chosen, and what requests say of it, model by model."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, get_args

import anthropic
import pytest
from support.chats import chat, leave, wait_for_prompt
from support.oneshots import run
from support.wire import body, playing, recorded

from stream_core.chat.backend.client import Backend
from stream_core.chat.commands import next_words
from stream_core.chat.repl import handle
from stream_core.chat.reply.request_parameters import request_of
from stream_core.chat.session.session import Session
from stream_core.chat.signals.interrupts import Interrupts
from stream_core.config.options.appearance import OPTIONS
from stream_core.config.options.limits import LIMITS
from stream_core.config.options.option import Option
from stream_core.config.options.thinking_options import THINKING_OPTIONS
from stream_core.config.preferences import Preferences
from stream_core.config.settings import Settings
from stream_core.config.wire_options import WireOptions
from stream_core.core.errors import ConfigError
from stream_core.models.catalogue import BUILT_IN, Catalogue
from stream_core.models.model_list import ListedModel
from stream_core.models.thinking import ModelCapabilities, describe, find_capabilities, request_fields
from stream_core.models.thinking_choice import Effort, Think, ThinkingChoice
from stream_core.practice.catalogue import MODELS
from stream_core.practice.rules import check
from stream_core.practice.scenarios import THOUGHT
from stream_core.practice.server import practice_server
from stream_core.streaming.reply import close_client
from stream_core.terminal.screen import Screen

THINKING, EFFORT = THINKING_OPTIONS
SONNET, OPUS, HAIKU, OLD = "claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5", "claude-sonnet-4-5"
MINDS_OF_ALL = [ThinkingChoice(*chosen) for chosen in product(get_args(Think), get_args(Effort))]


@pytest.mark.parametrize(
    ("option", "typed", "value"),
    [
        (THINKING, "SÍ", "yes"),
        (THINKING, "si", "yes"),
        (THINKING, "on", "yes"),
        (THINKING, "No", "no"),
        (THINKING, "resumen", "summary"),
        (THINKING, "auto", "auto"),
        (EFFORT, "bajo", "low"),
        (EFFORT, "muy alto", "xhigh"),
        (EFFORT, "MuyAlto", "xhigh"),
        (EFFORT, "maximo", "max"),
        (EFFORT, "Máximo", "max"),
    ],
)
def test_what_a_person_types(option: Option, typed: str, value: str) -> None:
    assert option.parse(typed) == value


@pytest.mark.parametrize("option", THINKING_OPTIONS, ids=lambda option: option.name)
def test_words_and_ids_are_taken_back(option: Option) -> None:
    for value in get_args(Think if option is THINKING else Effort):
        assert option.parse(value) == option.parse(option.show(value)) == value
    assert {option.parse(word) for word, _ in option.examples} == set(
        get_args(Think if option is THINKING else Effort)
    )
    with pytest.raises(ConfigError) as refused:
        option.parse("\x1b[31mquizá")
    assert refused.value.hint.startswith(f"«quizá» no sirve para «{option.name}». Puede ser auto, ")


@pytest.mark.parametrize(
    ("model", "mind", "request_says"),
    [
        (SONNET, ThinkingChoice("yes"), {"thinking": {"type": "adaptive"}}),
        (SONNET, ThinkingChoice("no"), {"thinking": {"type": "between_tools"}}),
        (HAIKU, ThinkingChoice("no"), {"thinking": {"type": "disabled"}}),
        (HAIKU, ThinkingChoice("summary"), {"thinking": {"type": "adaptive", "display": "summarized"}}),
        (OPUS, ThinkingChoice("summary"), {"thinking": {"type": "adaptive", "display": "summarized"}}),
        (OLD, ThinkingChoice("yes"), {"thinking": {"type": "enabled", "budget_tokens": 4096}}),
        (OLD, ThinkingChoice("no"), {}),
        (SONNET, ThinkingChoice("auto", "max"), {"output_config": {"effort": "max"}}),
        (
            SONNET,
            ThinkingChoice("no", "high"),
            {"thinking": {"type": "between_tools"}, "output_config": {"effort": "high"}},
        ),
    ],
)
def test_what_a_request_says(model: str, mind: ThinkingChoice, request_says: dict[str, Any]) -> None:
    assert request_fields(mind, model, find_capabilities(model, (), BUILT_IN), 8192) == (request_says, "")


@pytest.mark.parametrize("model", [*BUILT_IN.models, "otro"])
def test_auto_says_nothing(model: str) -> None:
    assert request_fields(ThinkingChoice(), model, find_capabilities(model, (), BUILT_IN), 8192) == ({}, "")


@pytest.mark.parametrize(
    ("model", "mind", "request_says", "told"),
    [
        (
            OPUS,
            ThinkingChoice("no"),
            {"thinking": {"type": "adaptive", "display": "omitted"}},
            "Claude Opus 5.5 piensa siempre",
        ),
        (
            HAIKU,
            ThinkingChoice("no", "max"),
            {"thinking": {"type": "disabled"}},
            "no admite un esfuerzo máximo sin",
        ),
        (OLD, ThinkingChoice("auto", "low"), {}, "Claude Sonnet 4.5 no deja elegir el esfuerzo"),
        ("\x1b[31motro", ThinkingChoice("yes", "low"), {}, "No sé qué admite «otro»"),
    ],
)
def test_what_cannot_be_is_left_out_and_told(
    model: str, mind: ThinkingChoice, request_says: dict[str, Any], told: str
) -> None:
    request, problem = request_fields(mind, model, find_capabilities(model, (), BUILT_IN), 8192)
    assert request == request_says and told in problem and problem.endswith(".")
    assert "\x1b" not in problem


def test_the_list_wins_over_what_is_known_here() -> None:
    listed = [
        ListedModel(SONNET, "Sonnet", thinking=("adaptive", "disabled"), efforts=("low", "high")),
        ListedModel(HAIKU, thinking=("enabled",)),
        ListedModel(OPUS, efforts=()),
        ListedModel("claude-nuevo-9", "\x1b[31mNuevo", thinking=("adaptive",), efforts=("medium", "max")),
        ListedModel("otro"),
    ]
    told = {model.id: find_capabilities(model.id, listed, BUILT_IN) for model in listed}
    assert told == {
        SONNET: ModelCapabilities("Sonnet", ("adaptive", "disabled"), ("low", "high")),
        HAIKU: ModelCapabilities("Claude Haiku 5.5", ("enabled",), tuple(_levels())),
        OPUS: ModelCapabilities("Claude Opus 5.5", ("adaptive",), ()),
        "claude-nuevo-9": ModelCapabilities("Nuevo", ("adaptive",), ("medium", "max")),
        "otro": None,
    }


def _levels() -> list[str]:
    return [level for level in get_args(Effort) if level != "auto"]


@pytest.mark.parametrize(
    ("effort", "efforts", "used"),
    [
        ("xhigh", ("low", "high", "max"), "high"),
        ("low", ("medium", "max"), "medium"),
        ("max", ("low",), "low"),
    ],
)
def test_an_effort_that_a_model_does_not_have_is_the_next_below(
    effort: Effort, efforts: tuple[str, ...], used: str
) -> None:
    request, problem = request_fields(
        ThinkingChoice("auto", effort), "m", ModelCapabilities("M", ("adaptive",), efforts), 8192
    )
    assert request == {"output_config": {"effort": used}}
    assert problem == f"M no tiene un esfuerzo {EFFORT.show(effort)}: usa {EFFORT.show(used)}."


def test_one_that_cannot_think_says_so() -> None:
    assert request_fields(ThinkingChoice("yes"), "m", ModelCapabilities("M", ()), 8192) == (
        {},
        "M no sabe pensar antes de responder.",
    )
    assert request_fields(ThinkingChoice("no"), "m", ModelCapabilities("M", ()), 8192) == ({}, "")


@pytest.mark.parametrize(
    ("most", "budget"), [(1, None), (1024, None), (1025, 1024), (2000, 1024), (2050, 1025), (64000, 32000)]
)
def test_a_budget_leaves_room_for_the_reply(most: int, budget: int | None) -> None:
    request, problem = request_fields(ThinkingChoice("yes"), OLD, find_capabilities(OLD, (), BUILT_IN), most)
    assert request == ({"thinking": {"type": "enabled", "budget_tokens": budget}} if budget else {})
    assert bool(problem) is (budget is None)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of models that are soon gone
@pytest.mark.parametrize("model", [name for name, model in MODELS.items() if not model.retired])
def test_the_api_refuses_nothing_that_is_asked(model: str) -> None:
    """Each model with each choice, also where replies are short, by the rules of the practice server.

    The SDK, which knows no numbers, sends one request of each form.
    """
    forms: dict[str, dict[str, Any]] = {}
    for mind, most in product(MINDS_OF_ALL, (8192, 1025, 16)):
        settings = Settings(preferences=Preferences(thinking=mind), model=model, max_tokens=most)
        request = request_of(settings, [{"role": "user", "content": "hola"}])
        check({**request, "stream": True}, MODELS[model], signed=True)
        forms.setdefault(re.sub(r"\d+", "0", json.dumps(request)), request)
    with (
        practice_server(pace=0.0) as url,
        anthropic.Anthropic(api_key="k", base_url=url, max_retries=0) as client,
    ):
        for request in forms.values():
            with client.messages.stream(**request) as stream:
                assert stream.get_final_message().content is not None


def test_a_reply_that_the_request_begins_does_not_begin_with_thinking() -> None:
    settings = Settings(preferences=Preferences(thinking=ThinkingChoice("yes")), model=OLD)
    question, begun = {"role": "user", "content": "hola"}, {"role": "assistant", "content": "Ho"}
    assert "thinking" in request_of(settings, [question])
    assert "thinking" not in request_of(settings, [question, begun])


@pytest.mark.parametrize("model", [*BUILT_IN.models, "otro"])
def test_the_meaning_is_told_for_each_model(model: str) -> None:
    for mind in MINDS_OF_ALL:
        told = describe(mind, model, find_capabilities(model, (), BUILT_IN), 8192)
        problem = request_fields(mind, model, find_capabilities(model, (), BUILT_IN), 8192)[1]
        assert told.endswith(".") and (model == "otro" or problem in told)


# -- who decides -------------------------------------------------------------------------------


def load(*flags: str) -> Settings:
    return Settings.load([*flags], os.environ)


def remembered() -> dict[str, object]:
    file = Path(os.environ["STREAM_CORE_CONFIG_DIR"]) / "preferences.json"
    found: dict[str, object] = json.loads(file.read_text()) if file.exists() else {}
    return found


def test_flag_before_variable_before_what_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().preferences.thinking == ThinkingChoice() and load().origin.source("effort") == "por defecto"
    settings, problem = load().choose(EFFORT, "low")
    assert (settings.preferences.thinking, problem) == (
        ThinkingChoice(effort="low"),
        "",
    ) and remembered() == {"esfuerzo": "low"}
    assert (
        load().preferences.thinking == ThinkingChoice(effort="low")
        and load().origin.source("effort") == "lo elegiste tú"
    )
    monkeypatch.setenv("STREAM_CORE_EFFORT", "muy alto")
    assert load().preferences.thinking == ThinkingChoice(effort="xhigh")
    assert load().origin.source("effort") == "por STREAM_CORE_EFFORT"
    told = load("--effort", "máximo", "--thinking", "resumen")
    assert (
        told.preferences.thinking == ThinkingChoice("summary", "max")
        and told.origin.source("effort") == "por --effort"
    )


def test_forgetting_the_look_leaves_the_thinking() -> None:
    load().choose(THINKING, "summary")
    settings, _ = load().forget_look()
    assert settings.preferences.thinking == load().preferences.thinking == ThinkingChoice("summary")
    assert settings.origin.source("thinking") == "lo elegiste tú"


@pytest.mark.parametrize("option", THINKING_OPTIONS, ids=lambda option: option.name)
def test_a_wrong_value_is_told(option: Option, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError) as refused:
        load(option.flag, "quizá")
    assert refused.value.hint.startswith(f"{option.flag}: «quizá» no sirve para «{option.name}».")
    monkeypatch.setenv(option.variable, "quizá")
    with pytest.raises(ConfigError) as refused:
        load()
    assert refused.value.hint.startswith(f"{option.variable}: «quizá»")


# -- the commands ------------------------------------------------------------------------------


@pytest.fixture
def session() -> Iterator[Session]:
    settings = load("--practice", "--no-save")
    settings = replace(settings, wire=WireOptions(speed=1000))  # no test reads along
    backend = Backend(settings)
    yield Session(settings, Screen(io.StringIO(), settings.preferences.look), backend, Interrupts())
    if backend.ready:  # its connections would end with the process, which goes on here
        close_client(backend.client())
    backend.close()


def say(session: Session, line: str) -> str:
    """Type a line; gives what is shown."""
    file = session.screen.console.file
    assert isinstance(file, io.StringIO)
    before = len(file.getvalue())
    handle(session, line)
    return " ".join(file.getvalue()[before:].split())


def test_of_a_model_that_is_newer_than_the_program_the_list_is_asked(session: Session) -> None:
    session.settings = replace(session.settings, models=Catalogue({}))
    assert "Claude Sonnet 5.5 piensa lo que ve conveniente, sin mostrarlo" in say(session, "/pensar sí")
    assert session.settings.listed
    session.settings = replace(session.settings, model="claude-nuevo-9")
    assert "De «claude-nuevo-9» no sé cómo piensa" in say(session, "/pensar no")


def test_the_commands_show_and_choose(session: Session) -> None:
    assert say(session, "/pensar") == (
        "Pensar: auto (por defecto). Puede ser auto, sí, no o resumen (piensa y muestra un resumen de lo "
        "que pensó). Claude Sonnet 5.5 piensa si lo ve conveniente, con el esfuerzo que tenga por defecto."
    )
    assert "Pensar: resumen. Lo recordaré la próxima vez. Claude" in say(session, "/pensar Resumen")
    assert "Esfuerzo: muy alto. Lo recordaré" in say(session, "/esfuerzo muy alto")
    assert session.settings.preferences.thinking == ThinkingChoice("summary", "xhigh")
    assert remembered() == {"pensar": "summary", "esfuerzo": "xhigh"}
    assert "muestra un resumen, con esfuerzo muy alto." in say(session, "/esfuerzo")
    assert "⚠ «poco» no sirve para «esfuerzo»." in say(session, "/esfuerzo poco")
    assert session.settings.preferences.thinking == ThinkingChoice("summary", "xhigh")


def test_the_commands_are_completed() -> None:
    assert [word for word, _ in next_words("/pensar ", Settings())] == ["auto", "sí", "no", "resumen"]
    assert [word for word, _ in next_words("/esfuerzo ", Settings())][-2:] == ["muyalto", "máximo"]
    assert list(next_words("/esfuerzo bajo ", Settings())) == []


def test_what_cannot_be_is_told_once_until_it_changes(session: Session) -> None:
    session.settings = replace(
        session.settings,
        preferences=replace(session.settings.preferences, thinking=ThinkingChoice("no")),
        model=OPUS,
    )
    told = "Claude Opus 5.5 piensa siempre"
    assert told in say(session, "hola") and told not in say(session, "hola")
    session.settings = replace(session.settings, model=HAIKU)
    assert "piensa siempre" not in say(session, "hola")
    session.settings = replace(session.settings, model=OPUS)
    assert told in say(session, "hola")


# -- in the programs ---------------------------------------------------------------------------


def test_the_thinking_is_seen_when_a_summary_is_chosen(own_environment: Path) -> None:
    with chat(None, "--practice", rows=50) as terminal:
        terminal.send("/pensar resumen\r")
        terminal.wait_for("Pensar: resumen. Lo recordaré")
        wait_for_prompt(terminal, 2)
        terminal.send("hola\r")
        terminal.wait_for("(completa)")
        assert re.search(rb"\x1b\[[;0]*3[;0-9]*m" + THOUGHT[:7].encode(), terminal.raw)  # italic
        leave(terminal)


def test_the_chat_sends_what_is_chosen() -> None:
    with playing(body(recorded("text"))) as server, chat(server, "--thinking", "no") as terminal:
        terminal.send("/esfuerzo medio\r")
        terminal.wait_for("Esfuerzo: medio.")
        wait_for_prompt(terminal, 2)
        terminal.send("hola\r")
        terminal.wait_for("(completa)")
        sent = server.requests[0].json()
        leave(terminal)
    assert (sent["thinking"], sent["output_config"]) == ({"type": "between_tools"}, {"effort": "medium"})


def test_the_one_shot_sends_it_and_tells_what_cannot_be_on_stderr() -> None:
    with playing(body(recorded("text"))) as server:
        done = run(server, "--thinking", "no", "--effort", "bajo", "-m", OPUS, "hola")
        sent = server.requests[0].json()
    assert done.returncode == 0
    assert sent["thinking"] == {"type": "adaptive", "display": "omitted"}
    assert sent["output_config"] == {"effort": "low"}
    assert done.stderr.decode().count("Claude Opus 5.5 piensa siempre") == 1
    assert "piensa siempre" not in done.stdout.decode()


# -- /ajustes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("plain", [False, True], ids=["drawn", "plain"])
def test_all_that_can_be_chosen_is_shown_with_who_decided(
    session: Session, plain: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAM_CORE_ATTEMPTS", "2")
    flags = ["--practice", "--max-tokens", "99", *(["--plain"] if plain else [])]
    session.settings = load(*flags)
    session.screen.use(session.settings.preferences.look)
    say(session, "/esfuerzo bajo")
    say(session, "/modelo haiku")
    groups = ("claude", "herramientas", "límites", "dinero", "aspecto", "guardado", "archivos")
    shown = " ".join(say(session, f"/ajustes {group}") for group in groups)

    def row(name: str, value: str, told: str) -> str:
        return f"{name}: {value}. {told}" if plain else f"{name} {value} {told}"

    for expected in (
        row("modelo", HAIKU, "lo elegiste tú"),
        row("servidor", "el de práctica, en tu equipo", "por --practice"),
        row("máximo", "99 tokens", "por --max-tokens"),
        row("pensar", "auto", "").removesuffix(". ").rstrip(),
        row("esfuerzo", "bajo", "lo elegiste tú"),
        row("intentos", "2", "por STREAM_CORE_ATTEMPTS"),
        row("guardar", "sí", "").removesuffix(". ").rstrip(),
        "Todo está por defecto.",  # once, and not on each row
        "Lo demás está por defecto.",
    ):
        assert expected in shown
    for option in (*OPTIONS, *LIMITS, *THINKING_OPTIONS):
        assert f" {option.name}{':' if plain else ''} " in f" {shown}"
    for entry in session.tools.entries:
        assert entry.name in shown
    assert "preferences.json" in shown.replace(" ", "")


def test_it_is_readable_in_sixty_columns() -> None:
    with chat(None, "--practice", rows=90, cols=60) as terminal:
        terminal.send("/ajustes claude\r")
        terminal.wait_for("Se cambian con «/modelo»")
        wait_for_prompt(terminal, 2)
        assert re.search(r"^esfuerzo +auto$", terminal.text, re.MULTILINE)
        assert re.search(r"^modelo +claude-sonnet-5-5$", terminal.text, re.MULTILINE)
        assert terminal.text.count("por defecto") == 1
        leave(terminal)


def test_tools_that_are_not_to_be_had_are_told(session: Session, tmp_path: Path) -> None:
    session.settings = load("--practice", "--tools", str(tmp_path / "nada.py"))
    assert "nada.py" in say(session, "/ajustes herramientas").replace(" ", "")  # a long path is folded
    assert "Guardado" in say(session, "/ajustes")
