"""The preferences file: whole at any time, and never lost."""

from __future__ import annotations

import errno
import json
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from pytest_mock import MockerFixture

from stream_core.config.json_file import MOST
from stream_core.config.preferences_file import NAME, change, load

DEEP = "[" * 30_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "de" / "configuracion"


def write(folder: Path, content: str | bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder / NAME


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# -- as usual ----------------------------------------------------------------------------------


def test_what_is_remembered_is_there_the_next_time(folder: Path) -> None:
    assert load(folder) == ({}, "")
    assert change(folder, {"tema": "claro", "plano": True, "cursor": "●"}) == ""
    assert change(folder, {"refresco": 20}) == ""
    assert load(folder) == ({"tema": "claro", "plano": True, "cursor": "●", "refresco": 20}, "")
    assert change(folder, {"tema": None, "refresco": None, "nada": None}) == ""
    assert load(folder) == ({"plano": True, "cursor": "●"}, "")


def test_only_its_owner_can_read_it(folder: Path) -> None:
    before = os.umask(0)
    try:
        change(folder, {"tema": "claro"})
    finally:
        os.umask(before)
    assert (mode(folder), mode(folder / NAME)) == (0o700, 0o600)
    (folder / NAME).chmod(0o666)
    change(folder, {"tema": "oscuro"})
    assert mode(folder / NAME) == 0o600


def test_reading_and_forgetting_nothing_make_no_file(folder: Path) -> None:
    load(folder)
    assert change(folder, {"tema": None}) == ""
    assert not folder.exists()


def test_it_has_a_key_a_line(folder: Path) -> None:
    change(folder, {"tema": "claro", "plano": True})
    assert (folder / NAME).read_text() == '{\n  "tema": "claro",\n  "plano": true\n}\n'


def test_what_changes_nothing_writes_nothing(folder: Path) -> None:
    file = write(folder, '{"tema":"claro"}')
    assert change(folder, {"tema": "claro"}) == ""
    assert file.read_text() == '{"tema":"claro"}'


def test_the_keys_of_other_versions_stay(folder: Path) -> None:
    others: dict[str, Any] = {
        "modelo": "x",
        "atajos": {"F2": ["a", 1.5, None, True]},
        "raro \ud800": "\udfff ñ",
        "grande": 10**400,
        "tema": "uno que aún no existe",
    }
    write(folder, "\ufeff" + json.dumps(others))
    assert load(folder) == (others, "")
    change(folder, {"refresco": 20})
    assert load(folder) == ({**others, "refresco": 20}, "")
    change(folder, {"refresco": None})
    assert load(folder) == (others, "")


def test_no_folder_no_memory() -> None:
    assert load(None) == ({}, "")
    assert "vale hasta que salgas" in change(None, {"tema": "claro"})


# -- what cannot be used -----------------------------------------------------------------------

UNUSABLE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "no es JSON"),
    "cut": (b'{"tema": "cla', "no es JSON"),
    "not UTF-8": (b'{"tema": "\xff"}', "no es JSON"),
    "deep": (DEEP.encode(), "no es JSON"),
    "digits": (b'{"a": ' + b"9" * 6000 + b"}", "no es JSON"),
    "list": (b"[1]", "no es un objeto"),
    "word": (b'"tema"', "no es un objeto"),
    "oversized": (b"{" + b" " * MOST + b"}", "demasiado grande"),
    "nul": (b"\0" * 100, "no es JSON"),
}


@pytest.mark.parametrize(("raw", "why"), UNUSABLE.values(), ids=UNUSABLE)
def test_what_cannot_be_used_is_told_and_kept(folder: Path, raw: bytes, why: str) -> None:
    file = write(folder, raw)
    values, told = load(folder)
    assert values == {} and why in told and str(file) in told and "lo dejo como está" in told
    assert file.read_bytes() == raw  # reading changes nothing
    told = change(folder, {"tema": "claro"})
    assert why in told and f"{NAME}.apartado." in told and "\n" not in told
    assert (folder / f"{NAME}.apartado").read_bytes() == raw
    assert load(folder) == ({"tema": "claro"}, "")


@pytest.mark.parametrize("depth", [50, 300, 900, 980, 1000, 2000])
def test_however_deep_it_is_it_is_not_lost(folder: Path, depth: int) -> None:
    raw = b'{"a": ' + b"[" * depth + b"]" * depth + b"}"
    write(folder, raw)
    load(folder)
    change(folder, {"tema": "claro"})
    assert load(folder)[0]["tema"] == "claro"
    kept = (folder / NAME).read_bytes() + b"".join(file.read_bytes() for file in folder.glob("*.apartado"))
    assert kept.count(b"[") == depth


def test_each_file_that_is_put_aside_has_its_own_name(folder: Path) -> None:
    for number in range(3):
        write(folder, f"roto {number}")
        change(folder, {"tema": "claro"})
    kept = sorted(file.read_text() for file in folder.iterdir() if file.name != NAME)
    assert kept == ["roto 0", "roto 1", "roto 2"]


def test_forgetting_puts_it_aside_too(folder: Path) -> None:
    write(folder, "roto")
    assert "apartado" in change(folder, {"tema": None})
    assert load(folder) == ({}, "") and (folder / f"{NAME}.apartado").read_text() == "roto"


def test_a_folder_in_its_place_is_put_aside(folder: Path) -> None:
    (folder / NAME / "dentro").mkdir(parents=True)
    assert "no es un archivo corriente" in load(folder)[1]
    assert "apartado" in change(folder, {"tema": "claro"})
    assert (folder / f"{NAME}.apartado" / "dentro").is_dir()
    assert load(folder) == ({"tema": "claro"}, "")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe_in_its_place_is_not_waited_for(folder: Path) -> None:
    folder.mkdir(parents=True)
    os.mkfifo(folder / NAME)
    assert "no es un archivo corriente" in load(folder)[1]


def test_a_hostile_path_is_told_in_one_safe_line(tmp_path: Path) -> None:
    folder = tmp_path / "\x1b]0;título\x07\n"
    write(folder, "roto")
    for told in (load(folder)[1], change(folder, {"tema": "claro"})):
        assert "\x1b" not in told and "\n" not in told


# -- links -------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ['{"tema": "oscuro", "otro": 1}', "de otro programa", None])
def test_what_a_link_leads_to_stays_as_it_is(folder: Path, tmp_path: Path, content: str | None) -> None:
    target = tmp_path / "ajeno.json"
    if content is not None:
        target.write_text(content)
    folder.mkdir(parents=True)
    (folder / NAME).symlink_to(target)
    assert change(folder, {"tema": "claro"}) != ""  # it is said that the link is no longer there
    assert load(folder)[0]["tema"] == "claro"
    assert not (folder / NAME).is_symlink()
    assert (target.read_text() if target.exists() else None) == content


def test_a_link_to_itself(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / NAME).symlink_to(folder / NAME)
    assert "no se puede leer" in load(folder)[1]
    assert "apartado" in change(folder, {"tema": "claro"})
    assert load(folder) == ({"tema": "claro"}, "")


# -- what cannot be written --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "no tienes permiso"),
        (OSError(errno.EROFS, "Read-only file system"), "es de solo lectura"),
        (OSError(errno.ENOSPC, "No space left on device"), "no queda espacio"),
        (OSError(errno.EIO, "Input/output error"), "el sistema no lo permite"),
    ],
)
@pytest.mark.parametrize(
    "step", ["os.fsync", "tempfile.mkstemp", "pathlib.Path.replace", "pathlib.Path.mkdir"]
)
def test_a_change_that_cannot_be_kept_is_told_and_harms_nothing(
    folder: Path, mocker: MockerFixture, error: OSError, why: str, step: str
) -> None:
    file = write(folder, '{"tema": "oscuro"}')
    mocker.patch(step, side_effect=error)
    told = change(folder, {"tema": "claro"})
    mocker.stopall()
    assert told.startswith("El cambio vale hasta que salgas") and f"({why})" in told
    assert str(error.strerror) not in told
    assert file.read_text() == '{"tema": "oscuro"}' and [*folder.iterdir()] == [folder / NAME]


def test_a_broken_file_that_was_put_aside_is_told_also_when_the_writing_fails(
    folder: Path, mocker: MockerFixture
) -> None:
    write(folder, "roto")
    mocker.patch("tempfile.mkstemp", side_effect=OSError(errno.ENOSPC, ""))
    told = change(folder, {"tema": "claro"})
    assert "apartado" in told and "vale hasta que salgas" in told
    assert (folder / f"{NAME}.apartado").read_text() == "roto"


def test_a_folder_that_is_read_only(folder: Path) -> None:
    file = write(folder, '{"tema": "oscuro"}')
    folder.chmod(0o500)
    if os.access(folder, os.W_OK):
        pytest.skip("root may write anywhere")
    try:
        assert "no tienes permiso" in change(folder, {"tema": "claro"})
    finally:
        folder.chmod(0o700)
    assert file.read_text() == '{"tema": "oscuro"}'


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "archivo").write_text("mío")
    assert load(tmp_path / "archivo") == ({}, "")
    assert "vale hasta que salgas" in change(tmp_path / "archivo", {"tema": "claro"})
    assert (tmp_path / "archivo").read_text() == "mío"


def test_what_would_not_be_read_again_is_not_written(folder: Path) -> None:
    before = json.dumps({"otro": "x" * (MOST - 100)})
    file = write(folder, before)
    assert "ocuparía demasiado" in change(folder, {"tema": "claro" * 40})
    assert file.read_text() == before


def test_an_interruption_leaves_nothing_behind(folder: Path, mocker: MockerFixture) -> None:
    file = write(folder, "{}")
    mocker.patch("os.fsync", side_effect=KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        change(folder, {"tema": "claro"})
    assert file.read_text() == "{}" and [*folder.iterdir()] == [folder / NAME]


def test_several_writers_leave_a_whole_file(folder: Path) -> None:
    """The file is whole at any time and keeps the entries of others; no writer is told otherwise."""
    change(folder, {"ajeno": "x" * 20_000})
    told: set[str] = set()
    done = threading.Event()

    def writer(name: str) -> None:
        for number in range(40):
            told.add(change(folder, {name: number}))

    def reader() -> None:
        while not done.is_set():
            values, problem = load(folder)
            told.add(problem)
            told.add("" if values["ajeno"] == "x" * 20_000 else "cut")

    looking = threading.Thread(target=reader)
    writers = [threading.Thread(target=writer, args=[f"clave{n}"]) for n in range(4)]
    for thread in (looking, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    looking.join()
    assert told == {""}
    assert [*folder.iterdir()] == [folder / NAME]
