"""Who decides each option of the look: a flag, a variable, a remembered choice, the default."""

from __future__ import annotations

import errno
import json
from dataclasses import replace

import pytest
from pytest_mock import MockerFixture
from support.places import UNSAFE, Place, remember

from stream_core.config.options.appearance import OPTIONS, Look
from stream_core.config.options.option import Option
from stream_core.config.origin import Origin
from stream_core.config.settings import Settings

VALUES = {  # a value as it is typed, and another
    "theme": ("claro", "contraste"),
    "frame": ("bordes", "barra"),
    "cursor": ("●", "no"),
    "blink": ("sí", "no"),
    "border": ("verde", "#ff8700"),
    "refresh": ("20", "5"),
    "typing_speed": ("40", "no"),
    "effect": ("brillo", "máquina"),
    "spinner": ("arco", "línea"),
    "notify": ("campana", "osc9"),
    "keys": ("vi", "normales"),
    "xray": ("sí", "no"),
    "metrics": ("sí", "no"),
    "plain": ("sí", "no"),
}


def flag_of(option: Option, text: str) -> list[str]:
    if option.on_or_off:
        return [option.flag if option.parse(text) else option.flag.replace("--", "--no-")]
    return [option.flag, text]


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_who_decides_the_look(place: Place, option: Option) -> None:
    """Flag before variable before `.env` before what is remembered before the default."""

    def value(settings: Settings) -> object:
        assert replace(settings.preferences.look, **{option.field: getattr(Look(), option.field)}) == Look()
        return getattr(settings.preferences.look, option.field)

    one, other = VALUES[option.field]
    first, second = option.parse(one), option.parse(other)
    told = place.load()
    assert (value(told), told.origin) == (getattr(Look(), option.field), Origin())
    remember(place, **{option.name: first})
    told = place.load()
    assert (value(told), told.origin) == (first, Origin(chosen=frozenset({option.field})))
    (place.config / ".env").write_text(f"{option.variable}={other}\n")
    told = place.load()
    assert (value(told), told.origin.decided_by) == (second, {option.field: option.variable})
    assert told.origin.chosen == frozenset()
    assert value(place.load(**{option.variable: one})) == first
    flag = flag_of(option, other)
    told = place.load(*flag)
    assert (value(told), told.origin.decided_by) == (second, {option.field: flag[0]})
    assert told.origin.overrides == {option.field: second}
    assert told.notes == ()


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_an_empty_variable_of_the_look_says_nothing(place: Place, option: Option) -> None:
    assert place.load(**{option.variable: ""}).preferences.look == Look()


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_a_wrong_value_of_the_look_names_its_flag_or_variable(place: Place, option: Option) -> None:
    hint = place.refused(**{option.variable: "\x1b[31mmal valor\n\u202e"})
    assert hint.startswith(f"{option.variable}: «mal valor» no sirve para «{option.name}». Puede ser ")
    if not option.on_or_off:
        place.environ.clear()
        hint = place.refused(option.flag, "mal valor")
        assert hint.startswith(f"{option.flag}: «mal valor» no sirve para «{option.name}». Puede ser ")


def test_an_exact_colour_in_an_env_file_is_no_comment(place: Place) -> None:
    (place.program / ".env").write_text("STREAM_CORE_BORDER=#ff8700\n")
    assert place.load().preferences.look.border == "#ff8700"


def test_no_cursor_by_an_empty_flag(place: Place) -> None:
    assert place.load("--cursor", "").preferences.look.cursor == ""
    assert place.load("--cursor=-").preferences.look.cursor == "-"


def test_a_dumb_terminal_gets_plain_lines_unless_told_otherwise(place: Place) -> None:
    told = place.load(TERM="dumb")
    assert told.preferences.look.plain and told.origin.decided_by == {"plain": "TERM=dumb"}
    remember(place, plano=False)
    assert place.load(TERM="dumb").preferences.look.plain
    assert not place.load("--no-plain", TERM="dumb").preferences.look.plain
    assert not place.load(TERM="dumb", STREAM_CORE_PLAIN="no").preferences.look.plain
    assert not place.load(TERM="xterm").preferences.look.plain


def test_what_is_remembered_and_wrong_is_told_and_ignored(place: Place) -> None:
    file = remember(
        place,
        tema="\x1b[31mrosa",
        refresco=99,
        cursor=["●"],
        plano=None,
        parpadeo=True,
        escritura=40,
        otro={},
    )
    before = file.read_text()
    told = place.load()
    assert told.preferences.look == Look(blink=True, typing_speed=40)
    assert [note.split(" no sirve")[0] for note in told.notes] == [
        "En preferences.json: «rosa»",
        "En preferences.json: «[…]»",
        "En preferences.json: «99»",
        "En preferences.json: «[…]»",
    ]
    assert not any(UNSAFE.search(note) for note in told.notes)
    assert file.read_text() == before
    assert place.load("--theme", "claro", "--refresh", "5", "--cursor", "x", "--plain").notes == ()


def test_a_broken_file_is_told_and_left_alone(place: Place) -> None:
    file = place.config / "preferences.json"
    file.write_text("{roto")
    told = place.load()
    (note,) = told.notes
    assert told.preferences.look == Look() and str(file) in note and "lo dejo como está" in note
    assert file.read_text() == "{roto"


def option_of(name: str) -> Option:
    (found,) = [option for option in OPTIONS if option.name == name]
    return found


def test_what_is_chosen_holds_now_and_the_next_time(place: Place) -> None:
    remember(place, otro=1)
    told, problem = place.load().choose(option_of("tema"), "claro")
    told, problem = told.choose(option_of("refresco"), 20)
    assert (told.preferences.look, problem) == (Look(theme="claro", refresh=20), "")
    assert told.origin.chosen == {"theme", "refresh"}
    assert place.load() == told
    told, problem = told.forget_look()
    assert (told, problem) == (place.load(), "") and told.preferences.look == Look()
    assert json.loads((place.config / "preferences.json").read_text()) == {"otro": 1}


def test_what_was_told_is_not_remembered(place: Place) -> None:
    told, _ = place.load("--theme", "claro", STREAM_CORE_REFRESH="20").choose(option_of("cursor"), "●")
    assert told.preferences.look == Look(theme="claro", refresh=20, cursor="●")
    assert json.loads((place.config / "preferences.json").read_text()) == {"cursor": "●"}
    told, _ = told.choose(option_of("tema"), "contraste")  # what a flag says can be changed for now
    assert told.preferences.look.theme == "contraste" and told.origin.decided_by["theme"] == "--theme"
    assert place.load("--theme", "claro").preferences.look.theme == "claro"
    told, _ = told.forget_look()
    assert told.preferences.look == Look(theme="claro", refresh=20)


def test_a_choice_that_cannot_be_kept_holds_for_now(place: Place, mocker: MockerFixture) -> None:
    mocker.patch("tempfile.mkstemp", side_effect=OSError(errno.EROFS, "Read-only file system"))
    told, problem = place.load().choose(option_of("tema"), "claro")
    assert told.preferences.look.theme == "claro"
    assert problem.startswith("El cambio vale hasta que salgas") and "es de solo lectura" in problem
    loaded = place.load()
    homeless = replace(loaded, paths=replace(loaded.paths, config_dir=None))
    told, problem = homeless.choose(option_of("tema"), "claro")
    assert told.preferences.look.theme == "claro" and problem.startswith("El cambio vale hasta que salgas")
