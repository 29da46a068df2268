"""`config.toml`: what it may say, what it is told when it is wrong, and how it is written."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support.places import UNSAFE, Place, remember

from stream_core.config import config_file
from stream_core.config.flags import flag_parser
from stream_core.config.options.limits import LIMITS
from stream_core.config.options.option import Option
from stream_core.config.preferences import REMEMBERED
from stream_core.config.saved_choices import choices
from stream_core.core.instructions import Instructions
from stream_core.models.lines import DEFAULT_MODEL

ONE_RUN = {
    *("resume", "attach", "compare", "chunked", "fault", "where", "completion", "version", "help"),
    *("record", "replay", "replay-speed", "replay-step", "replay-cut"),
}
OPTIONS = (*REMEMBERED, *LIMITS)


def write(place: Place, text: str) -> Path:
    file = place.config / "config.toml"
    file.write_text(text, "utf-8")
    return file


def wrong(place: Place, text: str) -> str:
    """The sentence about a file, without its place."""
    file = write(place, text)
    hint = place.refused()
    assert hint.startswith(f"En {file}, línea "), hint
    assert not UNSAFE.search(hint) and len(hint) < 500
    return hint.removeprefix(f"En {file}, línea ")


# -- what it may say ---------------------------------------------------------------------------


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.flag)
def test_every_option_by_the_name_of_its_flag_and_who_is_stronger(place: Place, option: Option) -> None:
    """A flag before a variable before `.env` before the file before what is remembered."""
    text = option.examples[-1][0]
    value = option.parse(text)
    toml = str(text == "sí").lower() if option.on_or_off else text if text.isdigit() else f'"{text}"'
    write(place, f"{option.flag[2:]} = {toml}\n")
    if option in REMEMBERED:
        remember(place, **{option.name: option.examples[0][0]})
    settings = place.load()
    parts = (settings.preferences.look, settings.preferences.thinking, settings.preferences.limits)
    assert [getattr(part, option.field) for part in parts if hasattr(part, option.field)] == [value]
    assert settings.origin.source(option.field) == "por config.toml"
    other = option.examples[0][0]
    (place.config / ".env").write_text(f"{option.variable}={other}\n")
    assert place.load().origin.source(option.field) == f"por {option.variable}, en tu .env"
    flag = [option.flag] if option.on_or_off else [option.flag, text]
    assert place.load(*flag).origin.source(option.field) == f"por {option.flag}"


def test_everything_that_has_a_flag_has_a_key_and_its_error_names_the_line(place: Place) -> None:
    keys = {name[2:] for action in flag_parser()._actions for name in action.option_strings if name[1] == "-"}
    for key in keys:
        told = wrong(place, f"\n{key} = 1979-05-27\n")  # a date is no value of any of them
        assert told.startswith("2: ")
        assert ("vale solo en la línea de comandos" in told) == (key in ONE_RUN), told
        assert "no conozco" not in told


def test_a_flag_that_was_not_given_leaves_the_file_its_say() -> None:
    for action in flag_parser()._actions:
        names = {name[2:] for name in action.option_strings}
        assert names & ONE_RUN or action.default is None, action.option_strings


def test_the_values_that_are_no_options(place: Place) -> None:
    write(
        place,
        'model = "opus"\nmax-tokens = 100\nbudget = 0.50\nweb-search = true\nfiles = "/tmp"\n'
        'only-tools = ["calculate"]\nno-save = true\ndebug = true\nsystem = "Sé breve"\n',
    )
    told = place.load()
    assert (told.line, told.max_tokens, told.budget, told.system) == ("opus", 100, Decimal("0.5"), "Sé breve")
    assert told.tools.web_search and told.tools.folder == Path("/tmp") and told.tools.only == ("calculate",)
    assert told.invocation.debug and not told.invocation.save
    for name in ("model", "max_tokens", "budget", "system", "save", "debug"):
        assert told.origin.source(name) == "por config.toml", name
    told = place.load(
        "--save", "--no-debug", "-m", "haiku", "-s", "", "--no-web-search", ANTHROPIC_MODEL="sonnet"
    )
    assert told.invocation.save and not told.invocation.debug and not told.tools.web_search
    assert (told.line, told.system) == ("haiku", None)
    assert place.load().line == "sonnet"  # the variable
    assert place.load(STREAM_CORE_BUDGET="2").budget == 2


def test_switches_have_both_forms_and_can_be_taken_back(place: Place) -> None:
    for text, expected in (
        ("no-tools = true", False),
        ("no-tools = false", True),
        ("use-tools = false", False),
    ):
        write(place, text)
        assert place.load().tools.enabled is expected
    write(place, "no-tools = true\npractice = true\ncontinue = true")
    told = place.load("--use-tools", "--no-practice")
    assert told.tools.enabled and not told.connection.practice_requested and told.invocation.resume_last
    assert place.load().origin.source("server") == "por config.toml"
    told = place.load("--resume", "abcd")  # what was asked for now
    assert not told.invocation.resume_last and told.invocation.resume == "abcd"
    assert not place.load("--no-continue").invocation.resume_last
    assert "--continue y --no-save" in place.refused("--no-save")


def test_without_a_file_nothing_is_different(place: Place) -> None:
    before = place.load()
    for text in ("", "# nada\n", "\ufeff# con marca\r\n"):
        write(place, text)
        assert place.load() == before


# -- what is wrong -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('\nmodell = "x"', "2: no conozco «modell». ¿Querías decir «model»?"),
        ('tema = "claro"', "1: no conozco «tema». ¿Querías decir «theme»?"),
        ('Theme = "claro"', "1: no conozco «Theme». ¿Querías decir «theme»?"),
        ('STREAM_CORE_THEME = "claro"', "¿Querías decir «theme»?"),
        ("max_tokens = 5", "¿Querías decir «max-tokens»?"),
        ('conexión = "5"', "¿Querías decir «connect-timeout»?"),
        ('indicaciones = "x"', "¿Querías decir «system»?"),
        ("zzzzzz = 1", "1: no conozco «zzzzzz». Valen los nombres de las opciones de --help."),
        ('ANTHROPIC_API_KEY = "sk"', "no va aquí: tu clave va en ANTHROPIC_API_KEY"),
        ('api_key = "sk"', "no va aquí: tu clave"),
        ('resume = "x"', "1: «resume» vale solo en la línea de comandos (--resume)."),
        ('theme = "rosa"', "1: theme: «rosa» no sirve para «tema». Puede ser auto, oscuro"),
        ("theme = 5", "1: theme: «5» no sirve"),
        ("theme = []", "1: theme: «[…]» no sirve"),
        ('plain = "sí"', "1: plain: «sí» no sirve; es true o false, sin comillas."),
        ("idle-timeout = 0", "1: idle-timeout: «0» no sirve"),
        ("max-tokens = 0", "1: max-tokens: «0» no es un número entero"),
        ("max-tokens = true", "1: max-tokens: «true» no sirve"),
        ("budget = -1", "1: budget: «-1»"),
        ("budget = nan", "1: budget: «nan»"),
        ("only-tools = [1]", "1: only-tools: «[…]» no sirve"),
        ("theme = claro", "1: no se entiende. Se escribe nombre = valor"),
        ("[limits]\nidle-timeout = 5", "1: aquí no hay secciones"),
        ("a.b = 1", "1: aquí no hay secciones"),
        ("save = true\nno-save = true", "2: «no-save» y la línea 1 dicen lo mismo: deja una."),
        ('role = "x"\nsystem = "y"', "1: «role» y «system» no van juntas"),
        ('"\\u001b[31m\\u202e" = 1', "1: no conozco «»"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_line(place: Place, text: str, told: str) -> None:
    assert told in wrong(place, text)


def test_a_file_that_others_can_write_or_that_is_none_is_not_obeyed(place: Place) -> None:
    file = write(place, 'theme = "claro"')
    if sys.platform != "win32":
        file.chmod(0o666)
        assert "no lo uso" in place.refused()
    file.unlink()
    file.mkdir()
    assert "no es un archivo corriente" in place.refused()
    file.rmdir()
    file.write_bytes(b"theme = '\xff'")
    assert "no está en UTF-8" in place.refused()
    file.write_text(f"# {'x' * 70_000}")
    assert "es demasiado grande" in place.refused()


# -- how it is written ---------------------------------------------------------------------------


def saved(place: Place, *argv: str, **environ: str) -> dict[str, Any]:
    return choices(place.load(*argv, **environ), None)


def test_running_choices_are_those_that_would_not_come_by_themselves(place: Place) -> None:
    assert saved(place) == {}
    told = saved(
        place, "-m", "opus", "--theme", "claro", "--blink", "--total-timeout", "no", "--budget", "0.50",
        "-s", "@@arroba\ny más", "--max-tokens", "9", "--border", "tema", "--max-reply-size", "8",
        "--practice", "--no-save", STREAM_CORE_FRAME="bordes",
    )  # fmt: skip
    assert told == {
        "model": "opus", "theme": "claro", "blink": True, "total-timeout": "no", "budget": 0.5,
        "system": "@@arroba\ny más", "role": None, "param": None, "max-tokens": 9, "border": "tema",
        "max-reply-size": 8,
    }  # fmt: skip
    del place.environ["STREAM_CORE_FRAME"]
    remember(place, tema="contraste")
    assert saved(place, "-m", "claude-x") == {"model": "claude-x", "theme": "contraste"}


def test_what_was_saved_is_there_the_next_time(place: Place) -> None:
    file = write(place, '# mío\nframe = "bordes" # ver\nmodel = "haiku"\n')
    remember(place, tema="claro", plano=False)
    settings = place.load("--effort", "alto", "-s", "línea\notra")
    settings = settings.with_model("opus").with_budget(Decimal("1.5"))
    told, problem = settings.saved(choices(settings, ("calculate",)))
    assert problem == ""
    text = file.read_text("utf-8")
    assert text.startswith('# mío\nframe = "bordes" # ver\nmodel = "opus"\n')
    assert 'system = """\nlínea\notra"""' in text
    if sys.platform != "win32":
        assert file.stat().st_mode & 0o777 == 0o600
    again = place.load()
    assert (again.line, again.budget, again.system) == ("opus", Decimal("1.5"), "línea\notra")
    assert again.preferences == settings.preferences and again.tools.only == ("calculate",)
    for name in ("model", "budget", "system", "theme", "effort"):
        assert again.origin.source(name) == told.origin.source(name) == "por config.toml", name
    forgotten = again.with_budget(None).with_instructions(Instructions())
    assert forgotten.saved(choices(forgotten, None))[1] == ""
    assert "budget" not in file.read_text("utf-8") and place.load().system is None


def test_saving_that_fails_says_why_and_changes_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = place.load("--theme", "claro")
    file = write(place, "esto no es TOML")
    told, problem = settings.saved({"theme": "claro"})
    assert told is settings and "no es TOML" in problem and file.read_text() == "esto no es TOML"
    file.unlink()
    homeless = replace(settings, paths=replace(settings.paths, config_dir=None))
    assert "No encuentro tu carpeta" in homeless.saved({"theme": "claro"})[1]
    assert "pasaría de" in settings.saved({"system": "x" * 70_000})[1]

    def refuse(*_: Any) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr(config_file, "replace_file", refuse)
    assert settings.saved({"theme": "claro"})[1] == f"No se pudo guardar en {file} (no tienes permiso)."


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="links of POSIX")
def test_a_link_stays_a_link_and_what_it_leads_to_changes(place: Place, tmp_path: Path) -> None:
    target = tmp_path / "dotfiles.toml"
    target.write_text("# mío\n")
    (place.config / "config.toml").symlink_to(target)
    assert place.load().saved({"theme": "claro"})[1] == ""
    assert (place.config / "config.toml").is_symlink() and target.read_text() == '# mío\ntheme = "claro"\n'


def test_the_default_model_is_not_written_for_nothing(place: Place) -> None:
    assert place.load().model == DEFAULT_MODEL and saved(place) == {}
    assert isinstance(flag_parser(), argparse.ArgumentParser)
