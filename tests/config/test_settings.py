"""The settings: where each value comes from, what is never read, and what is refused."""

from __future__ import annotations

import errno
import json
import os
import re
import sys
from dataclasses import FrozenInstanceError, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from anthropic import AnthropicError
from anthropic.lib.credentials import default_credentials
from hypothesis import given
from hypothesis import strategies as st
from pytest_mock import MockerFixture
from support.day import TODAY, VARIABLE

import stream_core
from stream_core.config import credentials as access
from stream_core.config import flags
from stream_core.config.connection import Connection
from stream_core.config.options.appearance import OPTIONS, Look
from stream_core.config.options.option import Option
from stream_core.config.origin import Origin
from stream_core.config.paths import Paths
from stream_core.config.settings import Settings
from stream_core.core.errors import ConfigError
from stream_core.core.hosts import is_loopback
from stream_core.models.catalogue import BUILT_IN, DEFAULT_MODEL, KNOWN

KEY = "sk-ant-api03-SECRETO"
UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]")


class Place:
    """A home, a checkout and a configuration directory that are this test's own."""

    def __init__(self, root: Path) -> None:
        self.home, self.program, self.config = root / "home", root / "program", root / "config"
        for directory in (self.home, self.program, self.config):
            directory.mkdir()
        (self.program / "pyproject.toml").touch()
        self.environ: dict[str, str] = {
            "STREAM_CORE_CONFIG_DIR": str(self.config),
            "STREAM_CORE_DATA_DIR": str(root / "data"),
        }

    def load(self, *argv: str, **environ: str) -> Settings:
        self.environ.update(environ)
        return Settings.load(list(argv), self.environ, program_dir=self.program, today=TODAY)

    def refused(self, *argv: str, **environ: str) -> str:
        """The hint of what could not be used, which is always one safe Spanish line."""
        with pytest.raises(ConfigError) as raised:
            self.load(*argv, **environ)
        hint = raised.value.hint
        assert not UNSAFE.search(hint)
        assert re.match("[A-ZÁÉÍÓÚ«¿/-]", hint)  # a path or a flag may come first
        assert hint.split()[0] != "argument"
        assert KEY not in hint
        assert len(hint) < 300
        return hint


@pytest.fixture
def place(tmp_path: Path, mocker: MockerFixture, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(tmp_path)
    home = str(place.home)
    mocker.patch.dict(
        os.environ,
        {"HOME": home, "USERPROFILE": home, "APPDATA": home, VARIABLE: TODAY.isoformat()},
        clear=True,
    )
    monkeypatch.chdir(place.home)
    return place


# -- defaults and order -------------------------------------------------------------------------


def test_with_nothing_told_there_are_defaults(place: Place) -> None:
    data_dir = Path(place.environ["STREAM_CORE_DATA_DIR"])
    env_files = (place.program / ".env", place.config / ".env")
    assert place.load() == Settings(
        connection=Connection(practice=True),
        paths=Paths(data_dir=data_dir, config_dir=place.config, env_files=env_files),
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
    assert place.load().model == "de-configuracion"
    del place.environ["ANTHROPIC_MODEL"]
    (place.program / ".env").write_text("ANTHROPIC_MODEL=del-programa\n")
    assert place.load().model == "del-programa"
    assert place.load(ANTHROPIC_MODEL="del-entorno").model == "del-entorno"
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
    assert place.load().paths.data_dir == platformdirs.user_data_path(flags.APP)
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


# -- .env files ---------------------------------------------------------------------------------

HOSTILE_ENV = f"ANTHROPIC_BASE_URL=https://ladron.example\nANTHROPIC_API_KEY={KEY}\nANTHROPIC_MODEL=malo\n"


def test_no_env_file_of_the_working_directory_or_its_parents_is_read(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = place.home / "clonado" / "dentro"
    deep.mkdir(parents=True)
    for directory in (tmp_path, place.home, deep.parent, deep):
        (directory / ".env").write_text(HOSTILE_ENV)
        (directory / "pyproject.toml").touch()
    monkeypatch.chdir(deep)
    before = dict(place.environ)
    told = place.load()
    assert (told.connection.base_url, told.connection.credential, told.model) == (None, None, DEFAULT_MODEL)
    assert place.environ == before
    assert Settings.load([], place.environ, today=TODAY) == replace(
        told, paths=replace(told.paths, env_files=told.paths.env_files[1:])
    )


def test_beside_the_program_it_is_read_in_a_checkout_only(place: Place) -> None:
    (place.program / ".env").write_text(HOSTILE_ENV)
    (place.program / "pyproject.toml").unlink()
    assert place.load().connection.credential is None
    (place.program / "pyproject.toml").mkdir()
    assert place.load().connection.credential is None
    (place.program / "pyproject.toml").rmdir()
    (place.program / "pyproject.toml").touch()
    assert place.load().connection.credential == "ANTHROPIC_API_KEY"


def test_without_a_program_directory_only_the_configuration_is_read(place: Place) -> None:
    (place.program / ".env").write_text("ANTHROPIC_MODEL=del-programa\n")
    (place.config / ".env").write_text("ANTHROPIC_MODEL=de-configuracion\n")
    assert Settings.load([], place.environ, today=TODAY).model == "de-configuracion"


def test_the_users_configuration_directory_is_the_systems(place: Place) -> None:
    del place.environ["STREAM_CORE_CONFIG_DIR"]
    directory = platformdirs.user_config_path(flags.APP)
    directory.mkdir(parents=True)
    (directory / ".env").write_text("ANTHROPIC_MODEL=del-sistema\n")
    assert place.load().model == "del-sistema"
    place.environ.clear()
    (place.config / ".env").write_text("ANTHROPIC_MODEL=de-configuracion\n")
    assert place.load(STREAM_CORE_CONFIG_DIR=str(place.config)).model == "de-configuracion"


def test_without_a_home_there_is_no_configuration(place: Place, mocker: MockerFixture) -> None:
    mocker.patch("platformdirs.user_config_path", side_effect=RuntimeError("no home"))
    mocker.patch.object(Path, "home", side_effect=RuntimeError("no home"))
    del place.environ["STREAM_CORE_CONFIG_DIR"]
    assert place.load().connection.practice


def test_an_env_file_cannot_point_to_another(place: Place, tmp_path: Path) -> None:
    other = tmp_path / "otro"
    other.mkdir()
    (other / ".env").write_text(HOSTILE_ENV)
    (place.program / ".env").write_text(f"STREAM_CORE_CONFIG_DIR={other}\n")
    assert place.load().connection.credential is None


def test_an_env_file_does_not_override_and_is_handed_to_the_sdk(place: Place) -> None:
    (place.program / ".env").write_text(
        f"ANTHROPIC_API_KEY={KEY}\nANTHROPIC_LOG=debug\nNUEVA='con espacio'\n"
    )
    told = place.load(ANTHROPIC_API_KEY="sk-otra", ANTHROPIC_LOG="")
    assert told.connection.credential == "ANTHROPIC_API_KEY"
    assert place.environ["ANTHROPIC_API_KEY"] == "sk-otra"
    assert place.environ["ANTHROPIC_LOG"] == ""  # set to nothing on purpose
    assert place.environ["NUEVA"] == "con espacio"


@pytest.mark.parametrize(
    "line", ["ANTHROPIC_API_KEY=", "ANTHROPIC_API_KEY=''", 'ANTHROPIC_API_KEY=""', "ANTHROPIC_API_KEY"]
)
def test_an_empty_value_is_as_if_absent(place: Place, line: str) -> None:
    (place.program / ".env").write_text(f"{line}\nANTHROPIC_MODEL=\n")
    told = place.load()
    assert (told.connection.credential, told.connection.practice, told.model) == (None, True, DEFAULT_MODEL)
    assert "ANTHROPIC_API_KEY" not in place.environ
    (place.config / ".env").write_text(f"ANTHROPIC_API_KEY={KEY}\n")
    assert place.load().connection.credential == "ANTHROPIC_API_KEY"


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbfANTHROPIC_MODEL=modelo\n",
        b"ANTHROPIC_MODEL=modelo\r\n# fin\r\n",
        b"# comentario\n\nexport ANTHROPIC_MODEL='modelo' # fin",
        b'  ANTHROPIC_MODEL = "modelo"\n',
        b"ANTHROPIC_MODEL=${HOME}\nANTHROPIC_MODEL=modelo",
    ],
)
def test_the_ways_to_write_an_env_file(place: Place, raw: bytes) -> None:
    (place.program / ".env").write_bytes(raw)
    assert place.load().model == "modelo"


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (f"clave {KEY}\n", 1),
        (f"A=1\n# dos\nB=2\nclave {KEY}\nC=3\n", 4),
        (f"A=1\n={KEY}\n", 2),
        (f"A=1\nB='{KEY}\n", 2),
        pytest.param(f"A=1\n\n\nclave {KEY}\n", 4),
    ],
)
def test_a_bad_line_is_named_by_its_number(place: Place, lines: str, number: int) -> None:
    (place.config / ".env").write_text(lines)
    hint = place.refused()
    assert f"línea {number}:" in hint
    assert str(place.config / ".env") in hint


@pytest.mark.parametrize("raw", ["ANTHROPIC_MODEL=año".encode("latin-1"), "A=1".encode("utf-16"), b"\xff"])
def test_an_env_file_that_is_not_utf8(place: Place, raw: bytes) -> None:
    (place.config / ".env").write_bytes(raw)
    assert "UTF-8" in place.refused()


def forbid_reading(mocker: MockerFixture, file: Path) -> None:
    file.touch()
    mocker.patch("os.open", side_effect=PermissionError(errno.EACCES, "Permission denied"))


def test_an_env_file_that_cannot_be_read(place: Place, mocker: MockerFixture) -> None:
    forbid_reading(mocker, place.program / ".env")
    assert place.refused().startswith(f"No se puede leer {place.program / '.env'}")


def test_why_an_env_file_cannot_be_read_is_told_in_spanish(place: Place, mocker: MockerFixture) -> None:
    forbid_reading(mocker, place.program / ".env")
    assert "Permission denied" not in place.refused()


def test_a_directory_in_the_place_of_an_env_file(place: Place) -> None:
    (place.config / ".env").mkdir()
    assert place.refused().startswith("No se puede leer")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes in a folder")
def test_a_pipe_in_the_place_of_an_env_file_is_not_waited_for(place: Place) -> None:
    os.mkfifo(place.config / ".env")
    assert place.refused().startswith("No se puede leer")


def test_a_huge_env_file_is_not_read(place: Place) -> None:
    with (place.config / ".env").open("wb") as stream:
        stream.truncate(1 << 36)
    assert "demasiado grande" in place.refused()


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
@pytest.mark.parametrize(
    ("mode", "group", "obeyed"),
    [(0o666, None, False), (0o602, None, False), (0o620, 12345, False), (0o664, 12345, False),
     (0o640, 12345, True), (0o644, None, True), (0o600, None, True), (0o400, None, True)],
)  # fmt: skip
def test_an_env_file_that_others_may_write_is_not_obeyed(
    place: Place, mode: int, group: int | None, obeyed: bool
) -> None:
    file = place.config / ".env"
    file.write_text("ANTHROPIC_API_KEY=sk-ant-de-otro\n")
    if group is not None:
        if os.geteuid():
            pytest.skip("only root gives files away")
        os.chown(file, -1, group)
    file.chmod(mode)
    if obeyed:
        assert not place.load().connection.practice
    else:
        told = place.refused()
        assert "y no lo obedezco" in told and "sk-ant" not in told


@pytest.mark.skipif(sys.platform == "win32", reason="owners of POSIX")
def test_an_env_file_of_somebody_else_is_not_obeyed(place: Place, mocker: MockerFixture) -> None:
    file = place.config / ".env"
    file.write_text("ANTHROPIC_API_KEY=sk-ant-de-otro\n")
    if os.geteuid() == 0:
        os.chown(file, 12345, -1)
    else:
        mocker.patch("os.geteuid", return_value=os.geteuid() + 1)
    assert f"{file} es de otra persona y no lo obedezco" in place.refused()


@pytest.mark.parametrize("told", ["/nada/de/nada", __file__])
def test_a_configuration_directory_that_is_not_there(place: Place, told: str) -> None:
    assert place.load(STREAM_CORE_CONFIG_DIR=told).connection.practice


@pytest.mark.parametrize("name", ["STREAM_CORE_CONFIG_DIR", "STREAM_CORE_DATA_DIR"])
def test_a_directory_of_a_user_who_is_not_there(place: Place, name: str) -> None:
    assert name in place.refused(**{name: "~nadie-con-este-nombre/x"})


@pytest.mark.parametrize("line", ["A=uno\0dos\n", "'A=B'=c\n"])
def test_a_value_that_the_environment_does_not_take(place: Place, line: str) -> None:
    (place.program / ".env").write_text(line)
    os.environ.update(place.environ)
    with pytest.raises(ConfigError):
        Settings.load([], os.environ, program_dir=place.program, today=TODAY)


def test_a_hostile_path_is_made_safe(place: Place, tmp_path: Path) -> None:
    hostile = tmp_path / "\x1b]0;título\x07\n"
    hostile.mkdir()
    (hostile / ".env").write_text("mala línea")
    place.refused(STREAM_CORE_CONFIG_DIR=str(hostile))


# -- credentials --------------------------------------------------------------------------------

PROFILE = json.dumps({"authentication": {"type": "user_oauth", "client_id": "c"}})
FEDERATION = {
    "ANTHROPIC_FEDERATION_RULE_ID": "fdrl_1",
    "ANTHROPIC_ORGANIZATION_ID": "org_1",
    "ANTHROPIC_IDENTITY_TOKEN": "identidad-secreta",
}
ON_DISK = "el perfil de Anthropic de este equipo"
WAYS: dict[str, tuple[dict[str, str], dict[str, str], str | None]] = {
    # name: environment, files of the SDK's directory, what is named
    "nothing": ({}, {}, None),
    "key": ({"ANTHROPIC_API_KEY": KEY}, {}, "ANTHROPIC_API_KEY"),
    "token": ({"ANTHROPIC_AUTH_TOKEN": KEY}, {}, "ANTHROPIC_AUTH_TOKEN"),
    "key and token": ({"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_AUTH_TOKEN": KEY}, {}, "ANTHROPIC_API_KEY"),
    "empty key": ({"ANTHROPIC_API_KEY": ""}, {}, None),
    "empty key, token": ({"ANTHROPIC_API_KEY": "", "ANTHROPIC_AUTH_TOKEN": KEY}, {}, "ANTHROPIC_AUTH_TOKEN"),
    "all empty": (
        dict.fromkeys(("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_PROFILE", "ANTHROPIC_CONFIG_DIR", *FEDERATION), ""),
        {},
        None,
    ),
    "named profile": ({"ANTHROPIC_PROFILE": "work"}, {"configs/work.json": PROFILE}, "ANTHROPIC_PROFILE"),
    "named profile that is not there": ({"ANTHROPIC_PROFILE": "work"}, {}, "ANTHROPIC_PROFILE"),
    "key before profile": (
        {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_PROFILE": "work"},
        {"configs/work.json": PROFILE},
        "ANTHROPIC_API_KEY",
    ),
    "federation": (FEDERATION, {}, "ANTHROPIC_FEDERATION_RULE_ID"),
    "federation by file": (
        {**FEDERATION, "ANTHROPIC_IDENTITY_TOKEN": "", "ANTHROPIC_IDENTITY_TOKEN_FILE": "/run/token"},
        {},
        "ANTHROPIC_FEDERATION_RULE_ID",
    ),
    "federation before the profile on disk": (
        FEDERATION,
        {"configs/default.json": PROFILE},
        "ANTHROPIC_FEDERATION_RULE_ID",
    ),
    **{
        f"federation without {name}": ({key: FEDERATION[key] for key in FEDERATION if key != name}, {}, None)
        for name in FEDERATION
    },
    "default profile": ({}, {"configs/default.json": PROFILE}, ON_DISK),
    "pointed profile": (
        {},
        {"active_config": "work\n", "configs/work.json": PROFILE},
        ON_DISK,
    ),
    "pointed profile that is not there": ({}, {"active_config": "work"}, ON_DISK),
    "another profile": ({}, {"configs/work.json": PROFILE}, None),
    "credentials without a profile": ({}, {"credentials/default.json": "{}"}, None),
    "configuration directory": ({"ANTHROPIC_CONFIG_DIR": "/nada/de/nada"}, {}, "ANTHROPIC_CONFIG_DIR"),
    "empty pointer": ({}, {"active_config": " \n"}, None),
    "unrelated": ({"ANTHROPIC_LOG": "debug", "OPENAI_API_KEY": KEY}, {}, None),
}
WAYS_IN = [pytest.param(*way, id=name) for name, way in WAYS.items()]


def write_profiles(files: dict[str, str]) -> None:
    for name, content in files.items():
        file = Path(access.sdk_config_dir(os.environ) or "") / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        file.chmod(0o600)


@pytest.mark.parametrize(("environ", "files", "named"), WAYS_IN)
def test_the_source_of_the_credential_is_named(
    place: Place, environ: dict[str, str], files: dict[str, str], named: str | None
) -> None:
    write_profiles(files)
    told = place.load(**environ)
    assert told.connection.credential == named
    assert told.connection.practice is (named is None)


@pytest.mark.parametrize(("environ", "files", "named"), WAYS_IN)
def test_the_sdk_finds_a_credential_where_the_settings_say_so(
    place: Place, mocker: MockerFixture, environ: dict[str, str], files: dict[str, str], named: str | None
) -> None:
    write_profiles(files)
    mocker.patch.dict(os.environ, environ)
    try:
        found = bool(os.environ.get("ANTHROPIC_API_KEY")) or default_credentials() is not None
    except AnthropicError:
        found = True  # one was chosen, and it is broken: that is to be said, not to be practised over
    assert (place.load(**environ).connection.credential is not None) is found


def test_the_directory_of_the_sdk_is_the_sdks(place: Place) -> None:
    from anthropic.lib.credentials import _constants

    assert access.sdk_config_dir(os.environ) == _constants._config_dir()


def test_the_directory_of_the_sdk_on_windows(place: Place, mocker: MockerFixture) -> None:
    mocker.patch.object(sys, "platform", "win32")
    assert access.sdk_config_dir({"APPDATA": "/roaming"}) == Path("/roaming/Anthropic")
    assert access.sdk_config_dir({}) == Path.home() / "AppData" / "Roaming" / "Anthropic"


def test_a_profile_that_may_not_be_looked_at_is_none(place: Place, mocker: MockerFixture) -> None:
    usual = Path.is_file

    def is_file(path: Path, **more: Any) -> bool:
        if "anthropic" in path.parts:
            raise PermissionError(errno.EACCES, "Permission denied")
        return usual(path, **more)

    mocker.patch.object(Path, "is_file", is_file)
    assert place.load().connection.practice


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"])
@pytest.mark.parametrize(
    "damage", ["{} ", "{}\n", " {}", "{}ñ", "{}\x1b[31m", "{}\udcff", "{0} {0}", "   ", "\u200b{}"]
)
def test_a_damaged_key_is_refused_without_showing_it(place: Place, name: str, damage: str) -> None:
    assert name in place.refused(**{name: damage.format(KEY)})


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_IDENTITY_TOKEN"])
def test_the_credential_itself_is_nowhere_in_the_settings(place: Place, name: str) -> None:
    told = place.load("--debug", **{**FEDERATION, name: KEY})
    assert told.connection.credential is not None
    assert told.invocation.redact(f"a{KEY}b") == "a[clave]b" and repr(told.invocation.redact) == "Redactor()"
    assert KEY not in repr(told) + str(told)
    parts = (told, told.invocation, told.connection, told.paths, told.preferences, told.tools)
    assert not any(KEY in str(getattr(part, field.name)) for part in parts for field in fields(part))


@pytest.mark.parametrize(
    ("argv", "environ"),
    [
        (["--nada"], {}),
        (["--max-tokens", "0"], {}),
        (["--model", "con espacio"], {}),
        ([], {"ANTHROPIC_BASE_URL": "http://ladron.example"}),
        ([], {"ANTHROPIC_BASE_URL": f"https://{KEY}@servidor.example"}),
        ([], {"ANTHROPIC_BASE_URL": f"http://yo:{KEY}@servidor.example"}),
        ([], {"ANTHROPIC_MODEL": "claude-sonnet-4-20250514"}),
    ],
)
def test_no_hint_shows_the_key(place: Place, argv: list[str], environ: dict[str, str]) -> None:
    place.refused(*argv, ANTHROPIC_API_KEY=KEY, **environ)


# -- practice -----------------------------------------------------------------------------------


def test_practice_is_for_want_of_anything_else_or_asked_for(place: Place) -> None:
    fallen_back = place.load()
    assert (fallen_back.connection.practice, fallen_back.connection.practice_requested) == (True, False)
    asked = place.load("--practice", ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL="https://servidor.example")
    assert (asked.connection.practice, asked.connection.practice_requested) == (True, True)
    assert (asked.connection.base_url, asked.connection.credential, asked.connection.server) == (
        None,
        None,
        None,
    )
    told = place.load()
    assert (told.connection.practice, told.connection.practice_requested, told.connection.credential) == (
        False,
        False,
        "ANTHROPIC_API_KEY",
    )


def test_a_fault_is_for_practice_mode(place: Place) -> None:
    assert (
        place.load("--fault", "corte:12").invocation.fault == "corte:12"
    )  # what is wrong with it, practice mode says
    assert place.load("--fault=corte", "--practice", ANTHROPIC_API_KEY=KEY).invocation.fault == "corte"
    assert "--practice" in place.refused("--fault", "corte", ANTHROPIC_API_KEY=KEY)


def test_a_server_of_ones_own_needs_no_credential(place: Place) -> None:
    told = place.load(ANTHROPIC_BASE_URL="http://localhost:11434")
    assert (told.connection.practice, told.connection.credential, told.connection.base_url) == (
        False,
        None,
        "http://localhost:11434",
    )


def test_when_practice_is_asked_for_broken_values_do_not_matter(place: Place) -> None:
    assert place.load(
        "--practice", ANTHROPIC_API_KEY="rota rota", ANTHROPIC_BASE_URL="nada"
    ).connection.practice


# -- base URL -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "used", "server"),
    [
        ("https://servidor.example", "https://servidor.example", "servidor.example"),
        ("https://servidor.example/", "https://servidor.example", "servidor.example"),
        ("  https://servidor.example/v1/  ", "https://servidor.example", "servidor.example"),
        ("https://servidor.example/proxy/v1", "https://servidor.example/proxy", "servidor.example"),
        ("https://servidor.example/v1x", "https://servidor.example/v1x", "servidor.example"),
        ("https://servidor.example:8443", "https://servidor.example:8443", "servidor.example:8443"),
        ("https://api.anthropic.com/v1", "https://api.anthropic.com", None),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443", "[2001:db8::1]:8443"),
        ("http://localhost:11434/v1", "http://localhost:11434", "localhost:11434"),
        ("http://LOCALHOST", "http://LOCALHOST", "LOCALHOST"),
        ("HTTP://127.0.0.1:1", "HTTP://127.0.0.1:1", "127.0.0.1:1"),
        ("http://127.8.9.10", "http://127.8.9.10", "127.8.9.10"),
        ("http://[::1]:8080/v1", "http://[::1]:8080", "[::1]:8080"),
    ],
)
def test_a_base_url_that_will_do(place: Place, told: str, used: str, server: str | None) -> None:
    settings = place.load(ANTHROPIC_BASE_URL=told)
    assert (settings.connection.base_url, settings.connection.server) == (used, server)


@pytest.mark.parametrize("told", ["", "  ", "/", "/v1"])
def test_a_base_url_that_is_none(place: Place, told: str) -> None:
    settings = place.load(ANTHROPIC_BASE_URL=told)
    assert (settings.connection.base_url, settings.connection.server, settings.connection.practice) == (
        None,
        None,
        True,
    )


def test_in_practice_no_server_is_shown() -> None:
    assert (
        Settings(connection=Connection(practice=True, base_url="http://127.0.0.1:5000")).connection.server
        is None
    )
    assert (
        Settings(connection=Connection(base_url="http://127.0.0.1:5000")).connection.server
        == "127.0.0.1:5000"
    )


@pytest.mark.parametrize(
    "told",
    [
        "servidor.example", "localhost:11434", "//servidor.example", "ftp://servidor.example", "file:///etc/passwd",
        "javascript:alert(1)", "https://", "https://:8443", "https://servidor.example:puerto",
        "https://servidor.example:99999", "https://[::1", "https://[::g]", "https://[nombre]",
        "https://a[::1]", "http://[::1].evil.example:80",
        "https://ser vidor.example",
        "https://servidor.example/\x1b]0;título\x07", "https://servidor.example/\nX: y", "https://servidor\t.example",
        "https://servidor.example/\u202e", "https://servidor.example/\udcff", "https://\u2100.example",
    ],
)  # fmt: skip
def test_a_base_url_that_is_no_address(place: Place, told: str) -> None:
    hint = place.refused(ANTHROPIC_BASE_URL=told)
    assert hint.startswith("ANTHROPIC_BASE_URL: «")
    assert "no es una dirección" in hint


@pytest.mark.parametrize(
    "host",
    [
        "servidor.example", "0.0.0.0", "10.0.0.1", "127.0.0.1.ladron.example", "localhost.ladron.example",
        "128.0.0.1", "127.1", "[::2]", "[::ffff:10.0.0.1]", "127.0.0.x", "localhost.:80",
        pytest.param("127.٠.٠.١"),
        pytest.param("127.0.0.999"),
    ],
)  # fmt: skip
def test_without_tls_a_credential_goes_only_to_this_machine(place: Place, host: str) -> None:
    url = f"http://{host}"
    # Nothing is sent that has to be kept from anybody else: what people have in the next room works.
    settings = place.load(ANTHROPIC_BASE_URL=url)
    assert settings.connection.base_url == url and settings.connection.shown_server.endswith("(sin cifrar)")
    for secret in ({"ANTHROPIC_API_KEY": KEY}, {"ANTHROPIC_CUSTOM_HEADERS": f"Authorization: Bearer {KEY}"}):
        hint = place.refused(ANTHROPIC_BASE_URL=url, **secret)
        assert "sin cifrar" in hint and next(iter(secret)) in hint and KEY not in hint
        assert "--insecure-http" in hint and "STREAM_CORE_INSECURE_HTTP" in hint
        assert place.load("--insecure-http", ANTHROPIC_BASE_URL=url, **secret).connection.insecure_http
        told = place.load(ANTHROPIC_BASE_URL=url, STREAM_CORE_INSECURE_HTTP="sí", **secret)
        assert told.connection.insecure_http
        for name in (*secret, "STREAM_CORE_INSECURE_HTTP"):
            del place.environ[name]
    assert not place.load(
        ANTHROPIC_BASE_URL=url, ANTHROPIC_CUSTOM_HEADERS="X-Team: one"
    ).connection.insecure_http


@pytest.mark.parametrize(
    "source",
    [
        {"ANTHROPIC_AUTH_TOKEN": "a-token-of-a-test"},
        {"ANTHROPIC_PROFILE": "trabajo"},
        {
            "ANTHROPIC_IDENTITY_TOKEN": "a",
            "ANTHROPIC_FEDERATION_RULE_ID": "b",
            "ANTHROPIC_ORGANIZATION_ID": "c",
        },
        {"ANTHROPIC_CONFIG_DIR": "/una/carpeta"},
    ],
)
def test_whatever_the_credential_is(place: Place, source: dict[str, str]) -> None:
    assert "sin cifrar" in place.refused(ANTHROPIC_BASE_URL="http://ollama:11434", **source)
    assert place.load(ANTHROPIC_BASE_URL="http://localhost:11434", **source).connection.base_url


def test_what_says_neither_yes_nor_no(place: Place) -> None:
    assert "STREAM_CORE_INSECURE_HTTP" in place.refused(STREAM_CORE_INSECURE_HTTP="quizá")


def test_headers_that_cannot_be_sent_are_told_before_anything_is(place: Place) -> None:
    hint = place.refused(ANTHROPIC_API_KEY=KEY, ANTHROPIC_CUSTOM_HEADERS=f"X-Equipo: {KEY}ñ")
    assert "ANTHROPIC_CUSTOM_HEADERS" in hint and "X-Equipo" in hint and KEY not in hint


@pytest.mark.parametrize(
    "told",
    [
        "https://yo:contraseña@servidor.example",
        "https://api.anthropic.com@ladron.example",
        "https://@servidor.example",
        "http://localhost@ladron.example",
        "http://localhost:80@ladron.example",
        "https://:contraseña@servidor.example",
        pytest.param("https://yo:contraseña@servidor.example:99999"),
        pytest.param("https://yo:contraseña@"),
    ],
)
def test_a_credential_inside_the_address_is_refused_without_showing_it(place: Place, told: str) -> None:
    assert "contraseña@" not in place.refused(ANTHROPIC_BASE_URL=told)


def test_a_long_address_is_shown_short(place: Place) -> None:
    assert len(place.refused(ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL="http://" + "x" * 10_000)) < 300
    assert len(place.refused(ANTHROPIC_BASE_URL="http:// " + "x" * 10_000)) < 300


@given(
    st.text(st.characters(codec=None), max_size=30),
    st.sampled_from(["", "http://", "https://", "http://127.0.0.1"]),
)
def test_an_address_will_do_or_is_refused_in_one_safe_line(rest: str, scheme: str) -> None:
    try:
        url = access.base_url(scheme + rest)
    except ConfigError as error:
        assert not UNSAFE.search(error.hint)
    else:
        assert url is None or (url.isprintable() and url.lower().startswith(("https://", "http://")))


@pytest.mark.parametrize("host", ["localhost", "::1", "127.0.0.1", "127.255.255.254"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "::", "127", "127.0.0", "127.0.0.1.2", "12.7.0.0", "localhost.example"])
def test_other_machines(host: str) -> None:
    assert not is_loopback(host)


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


# -- the look -----------------------------------------------------------------------------------

VALUES = {  # a value as it is typed, and another
    "theme": ("claro", "contraste"),
    "frame": ("bordes", "barra"),
    "cursor": ("●", "no"),
    "blink": ("sí", "no"),
    "border": ("verde", "#ff8700"),
    "refresh": ("20", "5"),
    "typing_speed": ("40", "no"),
    "plain": ("sí", "no"),
}


def flag_of(option: Option, text: str) -> list[str]:
    if option.on_or_off:
        return [option.flag if option.parse(text) else option.flag.replace("--", "--no-")]
    return [option.flag, text]


def remember(place: Place, **values: object) -> Path:
    file = place.config / "preferences.json"
    file.write_text(json.dumps(values))
    return file


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
    assert hint.startswith(f"{option.variable}: «mal valor» no vale para «{option.name}». Puede ser ")
    if not option.on_or_off:
        place.environ.clear()
        hint = place.refused(option.flag, "mal valor")
        assert hint.startswith(f"{option.flag}: «mal valor» no vale para «{option.name}». Puede ser ")


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
    assert [note.split(" no vale")[0] for note in told.notes] == [
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


# -- flags --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--nada"], "No conozco la opción «--nada»."),
        (["-x"], "No conozco la opción «-x»."),
        (["--mod", "x"], "No conozco la opción «--mod"),  # no abbreviations
        (["--nada: rara"], None),  # with a space it is a question
        (["--nada:rara"], "No conozco la opción «--nada:rara»."),
        (["--\x1b[31mnada\n\u202e"], "No conozco la opción «--nada»."),
        (["--" + "x" * 10_000], "No conozco la opción «--xxx"),
        (["--model"], "A -m/--model le falta su valor."),
        (["-m"], "A -m/--model le falta su valor."),
        (["--system"], "A -s/--system le falta su valor."),
        (["--max-tokens"], "A --max-tokens le falta su valor."),
        (["--model", "--practice"], "A -m/--model le falta su valor."),
        (["--theme"], "A --theme le falta su valor."),
        (["--blink=sí"], "--blink/--no-blink no lleva ningún valor."),
        (["--practice=sí"], "--practice no lleva ningún valor."),
        (["--version=1"], "--version no lleva ningún valor."),
        (["--max-tokens", "muchos"], "--max-tokens: «muchos» no es un número entero mayor que cero."),
        (["--max-tokens", "0"], "--max-tokens: «0» no es"),
        (["--max-tokens", "-5"], "--max-tokens: «-5» no es"),
        (["--max-tokens", "1.5"], "--max-tokens: «1.5» no es"),
        (["--max-tokens", ""], "--max-tokens: «» no es"),
        (["--max-tokens", "9" * 5000], "--max-tokens: «999"),
        (["--max-tokens", "\x1b[31m7\n"], "--max-tokens: «7» no es"),
        (["--max-tokens", "%s"], "--max-tokens: «%s» no es"),
    ],
)
def test_a_wrong_flag_gets_one_spanish_line(place: Place, argv: list[str], told: str | None) -> None:
    if told is None:
        assert place.load(*argv).invocation.question == argv[0]
        return
    hint = place.refused(*argv)
    assert hint.startswith(told)
    assert hint.endswith(" Mira «python streaming_chatbot.py --help».")


def test_a_message_of_argparse_that_is_not_known_is_still_safe() -> None:
    assert flags._in_spanish("argument -m/--model: something new") == "-m/--model: something new"
    assert flags._in_spanish("something\x1b[31m\nnew") == "something new"


@given(
    st.lists(
        st.sampled_from(
            [
                "-m",
                "-s",
                "--max-tokens",
                "--practice",
                "--",
                "-",
                "-z",
                "7",
                "a",
                "\udcff",
                "\x1b[1m",
                "%",
                "",
            ]
        ),
        max_size=6,
    )
)
def test_any_flags_are_taken_or_refused_in_one_safe_line(argv: list[str]) -> None:
    environ = {"STREAM_CORE_CONFIG_DIR": "/nada/de/nada", "STREAM_CORE_DATA_DIR": "/nada/de/nada"}
    try:
        settings = Settings.load(argv, environ, today=TODAY)
    except ConfigError as error:
        assert not UNSAFE.search(error.hint)
        assert len(error.hint) < 300
    else:
        assert settings.max_tokens > 0
        assert "\udcff" not in f"{settings.invocation.question}{settings.system}"


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_is_in_spanish(place: Place, flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        place.load("--practice", flag, "--nada")
    out, err = capsys.readouterr()
    assert (left.value.code, err) == (0, "")
    assert out.startswith("uso: python streaming_chatbot.py [opciones] [pregunta]\n")
    for word in (
        "--model",
        "--system",
        "--max-tokens",
        "--practice",
        "--theme",
        "--no-plain",
        "oscuro, claro o contraste",
        "--version",
        "--help",
        "modo práctica",
        DEFAULT_MODEL,
        "8192",
    ):
        assert word in out
    assert not re.search(r"\b(usage|positional|arguments|options|show|exit|default|the)\b", out)


def test_the_version_is_printed(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        place.load("--version")
    assert left.value.code == 0
    assert capsys.readouterr() == (f"{flags.APP} {stream_core.__version__}\n", "")


def test_surrogates_in_the_arguments_are_repaired(place: Place) -> None:
    told = place.load("-s", "a\udcffb", "\ud83d\ude00", "\udce9")
    assert (told.system, told.invocation.question) == ("a\ufffdb", "\U0001f600 \ufffd")


def test_the_day_is_that_of_the_variable_or_of_the_system(place: Place, mocker: MockerFixture) -> None:
    calendar = mocker.patch("stream_core.config.today.date", wraps=date)
    calendar.today.return_value = date(2029, 2, 3)
    for told in ("", " "):
        place.environ[VARIABLE] = told
        assert Settings.load([], place.environ).today == date(2029, 2, 3)
    place.environ[VARIABLE] = "2031-01-31"
    assert Settings.load([], place.environ).today == date(2031, 1, 31)
    assert Settings.load([], place.environ, today=TODAY).today == TODAY
    assert Settings().today == TODAY  # as the environment of this process says


@pytest.mark.parametrize(
    "wrong",
    ["mañana", "31/01/2031", "2031-1-31", "2031-02-30", "20310131", "٢٠٣١-01-31", "\x1b[31m", "x" * 99],
)
def test_a_day_that_is_none_is_refused(place: Place, wrong: str) -> None:
    place.environ[VARIABLE] = wrong
    with pytest.raises(ConfigError) as refused:
        Settings.load([], place.environ)
    assert f"{VARIABLE}: «" in refused.value.hint and "no es una fecha como 2031-01-31." in refused.value.hint
    assert not UNSAFE.search(refused.value.hint) and len(refused.value.hint) < 150
    assert Settings.load(
        ["--where"], place.environ
    ).invocation.show_paths  # works also when something else is wrong


# -- models and prices -------------------------------------------------------------------------


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
