"""`.env` files: which are read, and what is refused."""

from __future__ import annotations

import errno
import os
import sys
from dataclasses import replace
from pathlib import Path

import platformdirs
import pytest
from pytest_mock import MockerFixture
from support.day import TODAY
from support.places import KEY, Place

from stream_core.config import program
from stream_core.config.settings import Settings
from stream_core.core.errors import ConfigError
from stream_core.models.lines import DEFAULT_MODEL

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
    directory = platformdirs.user_config_path(program.APP)
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
        assert "y no lo uso" in told and "sk-ant" not in told


@pytest.mark.skipif(sys.platform == "win32", reason="owners of POSIX")
def test_an_env_file_of_somebody_else_is_not_obeyed(place: Place, mocker: MockerFixture) -> None:
    file = place.config / ".env"
    file.write_text("ANTHROPIC_API_KEY=sk-ant-de-otro\n")
    if os.geteuid() == 0:
        os.chown(file, 12345, -1)
    else:
        mocker.patch("os.geteuid", return_value=os.geteuid() + 1)
    assert f"{file} es de otra persona y no lo uso" in place.refused()


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
