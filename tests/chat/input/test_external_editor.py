"""A draft in an external editor: what it leaves is the draft, and what goes wrong is told."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from stream_core.chat.input.external_editor import ExternalEditor


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where drafts are written meanwhile."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def edited(draft: str, **environ: str) -> tuple[str | None, str]:
    told: list[str] = []
    return ExternalEditor(environ, told.append)(draft), " ".join(told)


@pytest.mark.parametrize(
    ("script", "left"),
    [
        ("cat >/dev/null", "  uno\n\u200bñ\u2028\U000e0061"),
        (r'printf "uno\r\n  dos\n\n" >', "uno\n  dos\n"),
        (r'printf "a\361o" >', "año"),
        (": >", ""),
    ],
)
def test_what_the_editor_leaves_is_the_draft(script: str, left: str, folder: Path) -> None:
    draft = "  uno\n\u200bñ\u2028\U000e0061"
    assert edited(draft, VISUAL=f"sh -c '{script} \"$1\"' sh", EDITOR="false") == (left, "")
    assert not [*folder.iterdir()]


@pytest.mark.parametrize(
    ("editor", "told"),
    [
        ("/no/existe", "No pude abrir el editor «/no/existe» ($EDITOR): no existe."),
        ("/", "no tienes permiso"),
        ("sh -c 'exit 3'", "acabó con un error (3)"),
        ("ed 'x", "le falta cerrar una comilla"),
        ("rm", "no dejó ningún texto"),
        ('sh -c \'printf "GIF89a" > "$1"\' sh', "parece una imagen GIF"),
    ],
)
def test_what_goes_wrong_is_told_and_the_draft_stays(editor: str, told: str, folder: Path) -> None:
    text, sentence = edited("borrador", VISUAL=" ", EDITOR=editor)
    assert text is None and told in sentence and sentence.endswith("Tu borrador sigue como estaba.")
    assert not [*folder.iterdir()]


def test_without_any_editor_it_is_told_which_variables_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/no/existe")
    assert "$VISUAL o $EDITOR" in edited("x")[1]
