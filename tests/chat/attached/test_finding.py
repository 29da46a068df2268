"""Which files a typed path means."""

from __future__ import annotations

from pathlib import Path

import pytest

from stream_core.chat.attached.finding import find
from stream_core.chat.attached.slips import slip_in
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


SLIPS = {
    "Lee @infrome.pdf": "«@informe.pdf»",
    "Lee @Informe": "«@informe.pdf»",
    "Lee @informe.pfd.": "«@informe.pdf»",
    "Lee @notsa/lunes.txt": "«notsa/lunes.txt».",
    "Lee @notas/lunse.txt": "«@notas/lunes.txt»",
    "Lee @notas/otra": "«notas/otra».",
    'Lee @"mi informe.docx"': "«mi informe.docx».",
    "Compara @informe.pdf con @nada.csv": "«nada.csv».",
}
TEXTS = (
    "Lee @informe.pdf", " Lee @infrome.pdf", "@ana, ¿qué tal?", "ana@ejemplo.es", "@app.route('/x')",
    "¿Qué es @angular/core?", "import x from '@/components/Boton.vue'", "`@infrome.pdf`",
    "@property\ndef f():",
    "@user.bsky.social", "@informe\nclass A", "¿Qué es @media?", "@pytest.mark.parametrize",
)  # fmt: skip


def test_a_slip_in_a_mention_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notas").mkdir()
    for name in ("informe.pdf", "notas/lunes.txt", "otro.txt"):
        (tmp_path / name).write_text("x")
    for text, told in SLIPS.items():
        assert told in slip_in(text) and "un espacio delante" in slip_in(text), text
    assert {text: slip_in(text) for text in TEXTS} == dict.fromkeys(TEXTS, "")
