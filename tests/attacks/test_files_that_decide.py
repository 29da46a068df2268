"""Promises about files that decide: who else may write in a folder on the way to one decides nothing."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from support.oneshots import run

from stream_core.files.trusted import Distrusted, NotReadable, read_trusted

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the rights of POSIX")
AS_ROOT = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="gives files away")
NOBODY = 65534
LIMIT = 1000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file in a folder of two that are ours alone."""
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    (folder / "f").write_text("mío")
    return folder / "f"


def obeyed(file: Path) -> bool:
    try:
        return read_trusted(file, LIMIT) == "mío".encode()
    except Distrusted as found:
        assert "carpeta" in found.why
        return False


def test_a_file_in_folders_of_ours_is_obeyed(file: Path, tmp_path: Path) -> None:
    file.chmod(0o644)
    assert obeyed(file)
    for link, target in (("whole", file), ("near", Path("a/../a/b/f")), ("folder", file.parent)):
        (tmp_path / link).symlink_to(target)
    assert obeyed(tmp_path / "whole") and obeyed(tmp_path / "near") and obeyed(tmp_path / "folder" / "f")


@pytest.mark.parametrize("above", [0, 1])
@pytest.mark.parametrize("mode", [0o777, 0o773, 0o775])
def test_a_folder_that_others_may_write_to(file: Path, above: int, mode: int) -> None:
    folder = file.parents[above]
    if AS_ROOT.args[0]:
        pytest.skip("the group may be the person's own")
    os.chown(folder, -1, NOBODY)
    folder.chmod(mode)
    assert not obeyed(file)
    folder.chmod(0o755)
    assert obeyed(file)


def test_of_a_shared_folder_only_names_of_ours_are_taken(file: Path) -> None:
    file.parent.chmod(0o1777)
    assert obeyed(file)


@AS_ROOT
def test_a_link_that_another_user_made(file: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    (shared / "link").symlink_to(file)
    assert obeyed(shared / "link")
    os.lchown(shared / "link", NOBODY, NOBODY)
    assert not obeyed(shared / "link")
    os.lchown(shared / "link", 0, 0)
    os.chown(shared, NOBODY, NOBODY)
    assert not obeyed(shared / "link")


@AS_ROOT
@pytest.mark.parametrize("above", [0, 1])
def test_a_folder_of_another_user(file: Path, above: int) -> None:
    os.chown(file.parents[above], NOBODY, NOBODY)
    assert not obeyed(file)


def test_the_way_of_a_link_counts_too(file: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(file)
    file.parent.chmod(0o777)
    assert not obeyed(tmp_path / "link")


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "f")
    (tmp_path / "link").symlink_to("f")
    (tmp_path / "loop").symlink_to("loop")
    for name in ("f", "link", "."):
        with pytest.raises(NotReadable):
            read_trusted(tmp_path / name, LIMIT)
    for name in ("loop", "none"):
        with pytest.raises(OSError):
            read_trusted(tmp_path / name, LIMIT)


def test_nothing_in_a_configuration_that_all_can_change_is_obeyed(own_environment: Path) -> None:
    config = own_environment / "config"
    config.mkdir()
    (config / "preferences.json").write_text('{"modelo": "claude-ajeno"}')
    (config / "models.json").write_text('{"claude-x": {"input": 0}}')
    config.chmod(0o777)
    done = run(None, "hola", "--practice")
    told = done.stderr.decode()
    assert done.returncode == 0 and "ajeno" not in told + done.stdout.decode()
    assert "está en una carpeta que pueden cambiar otros" in told and "chmod go-w" in told
    tools = config / "mías.py"
    tools.write_text('def uno() -> str:\n    """Uno."""\n    return "1"\n')
    done = run(None, "hola", "--practice", "--tools", str(tools))
    assert done.returncode == 2 and "no lo ejecuto" in done.stderr.decode()
