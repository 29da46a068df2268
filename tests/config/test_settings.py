"""The settings as a whole: where each value comes from, models and prices."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace
from datetime import date
from pathlib import Path

import platformdirs
import pytest
from pytest_mock import MockerFixture
from support.places import KEY, Place, remember

from stream_core.config import program
from stream_core.config.connection import Connection
from stream_core.config.paths import Paths
from stream_core.config.settings import Settings
from stream_core.core.errors import ConfigError
from stream_core.models.catalogue import BUILT_IN
from stream_core.models.lines import DEFAULT_MODEL, KNOWN


def test_with_nothing_told_there_are_defaults(place: Place) -> None:
    data_dir = Path(place.environ["STREAM_CORE_DATA_DIR"])
    env_files = (place.program / ".env", place.config / ".env")
    assert place.load() == Settings(
        connection=Connection(practice=True),
        paths=Paths(data_dir, place.config, env_files),
        line="sonnet",
    )
    assert Settings().model == DEFAULT_MODEL
    assert Settings().max_tokens == 8192


def test_every_flag_arrives(place: Place) -> None:
    told = place.load("-m", "claude-opus-5-5", "-s", "Sé breve", "--max-tokens", "50", "¿Qué", "tal?")
    assert (told.model, told.system, told.max_tokens) == ("claude-opus-5-5", "Sé breve", 50)
    assert told.invocation.question == "¿Qué tal?"
    long = place.load("--model=claude-opus-5-5", "--system=Sé breve", "--max-tokens=50", "¿Qué tal?")
    assert long == told


@pytest.mark.parametrize(
    ("argv", "question"),
    [
        ([], None),
        (["Hola"], "Hola"),
        (["--practice", "Hola", "a", "todos"], "Hola a todos"),
        (["Hola", "--practice"], "Hola"),
        (["Hola", "--practice", "a", "-m", "claude-x", "todos"], "Hola a todos"),
        (["Hola", "--", "--practice", "--"], "Hola --practice --"),
        (["--", "-m", "no", "es", "opción"], "-m no es opción"),
        (["-5"], "-5"),
        (["una pregunta con --model dentro"], "una pregunta con --model dentro"),
    ],
)
def test_the_question_is_what_is_left(place: Place, argv: list[str], question: str | None) -> None:
    assert place.load(*argv).invocation.question == question


def test_flag_before_environment_before_env_file_before_default(place: Place) -> None:
    (place.config / ".env").write_text("ANTHROPIC_MODEL=de-configuracion\n")
    chosen = place.load()
    assert chosen.model == "de-configuracion"
    assert chosen.origin.source("model") == "por ANTHROPIC_MODEL, en tu .env"
    del place.environ["ANTHROPIC_MODEL"]
    (place.program / ".env").write_text("ANTHROPIC_MODEL=del-programa\n")
    assert place.load().model == "del-programa"
    chosen = place.load(ANTHROPIC_MODEL="del-entorno")
    assert (chosen.model, chosen.origin.source("model")) == ("del-entorno", "por ANTHROPIC_MODEL")
    assert place.load("--model", "de-la-opcion").model == "de-la-opcion"
    assert place.environ["ANTHROPIC_MODEL"] == "del-entorno"


def test_settings_are_frozen_and_can_be_replaced() -> None:
    settings = Settings()
    with pytest.raises(FrozenInstanceError):
        settings.model = "otro"  # type: ignore[misc]
    assert replace(settings, model="otro").model == "otro"


def test_the_data_directory(place: Place, mocker: MockerFixture) -> None:
    assert place.load(STREAM_CORE_DATA_DIR="~/datos").paths.data_dir == place.home / "datos"
    del place.environ["STREAM_CORE_DATA_DIR"]
    assert place.load().paths.data_dir == platformdirs.user_data_path(program.APP)
    mocker.patch("platformdirs.user_data_path", side_effect=RuntimeError("no home"))
    assert place.load().paths.data_dir is None


def test_what_is_kept_is_told_by_flags(place: Place) -> None:
    told = place.load()
    assert (
        told.invocation.save,
        told.invocation.resume_last,
        told.invocation.resume,
        told.invocation.show_paths,
    ) == (True, False, None, False)
    assert not place.load("--no-save").invocation.save
    assert place.load("-c") == place.load("--continue") and place.load("-c").invocation.resume_last
    assert (
        place.load("-r", "4f2a", "¿Y?").invocation.resume
        == place.load("--resume=4f2a", "¿Y?").invocation.resume
        == "4f2a"
    )
    assert place.load(TMUX="/tmp/tmux,1,0", TERM="tmux").invocation.terminal == {
        "TMUX": "/tmp/tmux,1,0",
        "TERM": "tmux",
    }
    for argv, told_so in (
        (["-c", "-r", "x"], "--continue y --resume no van juntas: elige una de las dos."),
        (["-c", "--no-save"], "--continue y --no-save no van juntas"),
        (["-r", "x", "--no-save"], "--resume y --no-save no van juntas"),
    ):
        assert told_so in place.refused(*argv)


def test_the_debug_log_is_told_by_flags(place: Place, mocker: MockerFixture) -> None:
    told = place.load()
    assert (told.invocation.debug, told.invocation.debug_content) == (False, False)
    assert (
        place.load("--debug").invocation.debug
        and not place.load("--debug", "--no-save").invocation.debug_content
    )
    assert place.load("--debug-content", "--debug").invocation.debug_content
    assert "escribe las dos" in place.refused("--debug-content")
    assert "no van juntas" in place.refused("--debug", "--debug-content", "--no-save")
    del place.environ["STREAM_CORE_DATA_DIR"]
    mocker.patch("platformdirs.user_data_path", side_effect=RuntimeError("no home"))
    assert "STREAM_CORE_DATA_DIR" in place.refused("--debug")
    assert place.load().paths.data_dir is None


def test_where_the_files_are_is_told_whatever_else_is_wrong(place: Place) -> None:
    (place.config / ".env").write_text("STREAM_CORE_DATA_DIR=/otra\nANTHROPIC_BASE_URL=mal\n")
    del place.environ["STREAM_CORE_DATA_DIR"]
    told = place.load("--where")
    assert told.invocation.show_paths and told.paths.data_dir == Path("/otra")
    assert told.paths.env_files == (place.program / ".env", place.config / ".env")
    assert told.paths.preferences_file == place.config / "preferences.json"


# -- models -------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [*KNOWN, "llama3.2:latest", "org/modelo@1", "x" * 200])
def test_a_models_name_is_taken_as_it_is(place: Place, model: str) -> None:
    assert place.load("--model", model).model == model


@pytest.mark.parametrize(
    "model", [" ", "con espacio", "ñ", "x" * 201, "\x1b[31m", "a\nb", "\udcff", "\u202e"]
)
@pytest.mark.parametrize("by_flag", [True, False])
def test_a_name_that_is_none_is_refused(place: Place, model: str, by_flag: bool) -> None:
    hint = place.refused("--model", model) if by_flag else place.refused(ANTHROPIC_MODEL=model)
    assert "no sirve como nombre de modelo" in hint
    assert DEFAULT_MODEL in hint


def test_an_empty_name_is_refused(place: Place) -> None:
    assert "no sirve como nombre de modelo" in place.refused("--model", "")


def test_an_empty_variable_is_as_if_absent(place: Place) -> None:
    assert place.load(ANTHROPIC_MODEL="").model == DEFAULT_MODEL


def test_a_retired_model_is_refused_with_a_suggestion(place: Place) -> None:
    hint = place.refused("--model", "claude-sonnet-4-20250514")
    assert "«claude-sonnet-4-20250514» se retiró el 15/06/2026" in hint
    assert "claude-sonnet-5-5" in hint
    assert "se retiró" in place.refused(ANTHROPIC_MODEL="claude-sonnet-4-20250514")
    assert "se retiró" in place.refused("--practice", "-m", "claude-sonnet-4-20250514")
    assert place.load("--model", "claude-sonnet-4-5").model == "claude-sonnet-4-5"  # still answers today
    with pytest.raises(ConfigError, match="se retiró el 30/11/2026"):
        Settings.load(["--model", "claude-sonnet-4-5"], place.environ, today=date(2026, 11, 30))


def test_another_server_may_have_a_retired_model(place: Place) -> None:
    told = place.load("-m", "claude-sonnet-4-20250514", ANTHROPIC_BASE_URL="http://localhost:1")
    assert told.model == "claude-sonnet-4-20250514"


def test_the_default_server_written_out_has_no_retired_model(place: Place) -> None:
    place.refused("-m", "claude-sonnet-4-20250514", ANTHROPIC_BASE_URL="https://api.anthropic.com")


# -- models and prices --------------------------------------------------------------------------


def say(place: Place, models: object) -> None:
    (place.config / "models.json").write_text(json.dumps(models))


@pytest.mark.parametrize("name", ["sonnet", "Opus", "haiku", "fable"])
def test_the_name_of_a_line_is_its_newest_model(place: Place, name: str) -> None:
    for told in (
        place.load("-m", name),
        place.load(ANTHROPIC_MODEL=name),
        place.load("--practice", "-m", name),
    ):
        assert told.model in KNOWN and f"-{name.lower()}-" in told.model
    assert place.load("-m", name, ANTHROPIC_BASE_URL="http://localhost:11434").model == name
    assert f"-{name.lower()}-" in place.load("-m", name, ANTHROPIC_BASE_URL="https://api.anthropic.com").model


def test_what_the_person_says_of_models_is_known(place: Place) -> None:
    assert place.load().models == BUILT_IN and place.load().paths.models_file == place.config / "models.json"
    say(place, {"claude-sonnet-6": {"input": 1, "output": 2}, DEFAULT_MODEL: {"retires": "2026-01-01"}})
    told = place.load("-m", "sonnet")
    assert told.model == "claude-sonnet-6" and told.models.find("claude-sonnet-6") and told.notes == ()
    assert "se retiró el 01/01/2026" in place.refused("-m", DEFAULT_MODEL)
    told = place.load(ANTHROPIC_API_KEY=KEY)  # the default stands for its line: the list finds another
    assert (told.model, told.line, told.outdated) == (DEFAULT_MODEL, "sonnet", date(2026, 1, 1))
    assert place.load("--where").paths.models_file == place.config / "models.json"


def test_what_is_wrong_with_models_is_told_after_what_is_wrong_with_the_look(place: Place) -> None:
    remember(place, tema="rosa")
    say(place, {"claude-x": {"input": -1}})
    first, second = place.load().notes
    assert first.startswith("En preferences.json") and second.startswith(
        "En models.json: «claude-x», input: «-1»"
    )
    (place.config / "models.json").write_text("{roto")
    told = place.load()
    assert "no es JSON" in told.notes[1] and told.models == BUILT_IN


def test_who_answers_decides_which_prices_hold(place: Place) -> None:
    say(place, {"llama3": {"input": 1, "output": 2}})

    def priced(**environ: str) -> set[str]:
        told = place.load(**environ)
        assert told.priced.models.keys() == told.models.models.keys()
        return {name for name, model in told.priced.models.items() if model.prices is not None}

    assert priced() == set()  # without a key it is practice
    assert priced(ANTHROPIC_API_KEY=KEY) == {*BUILT_IN.models, "llama3"}
    assert priced(ANTHROPIC_BASE_URL="https://api.anthropic.com/v1") == {*BUILT_IN.models, "llama3"}
    assert priced(ANTHROPIC_BASE_URL="http://localhost:11434") == {"llama3"}
    assert place.load("--practice").priced == place.load("--practice").models.unpriced()
    assert (
        Settings(connection=Connection(practice=True, base_url="http://localhost:1")).priced
        == BUILT_IN.unpriced()
    )
