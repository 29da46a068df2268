"""Which files a typed path means."""

from __future__ import annotations

from pathlib import Path

import pytest

from stream_core.chat.attached.finding import find
from stream_core.files.attaching import NotAttachable


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "falta el nombre"),  # as of a variable that is not set: not the current folder
        ("  ", "falta el nombre"),
        ("-", "ya va con la pregunta"),
        ("https://ejemplo.es/foto.png", "descarga el archivo"),
        ("*.nada", "no coincide con ningún archivo"),
    ],
)
def test_what_is_no_path(typed: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("a")
    with pytest.raises(NotAttachable, match=why):
        find(typed)


def test_names_that_look_like_something_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is there is meant, whatever its name is."""
    monkeypatch.chdir(tmp_path)
    for name in ("-", "[a].txt", "a b.txt", "ñ*.txt"):
        (tmp_path / name).write_text("a")
        found = find(name)
        assert [file.name for file in found.files] == [name] and not found.several
    assert find(f"file://{tmp_path}/a%20b.txt").files == (tmp_path / "a b.txt",)
    assert len(find("*.txt").files) == 3 and find("*.txt").several
