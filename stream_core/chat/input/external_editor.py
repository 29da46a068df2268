"""A draft in the editor of the person's choice: `$VISUAL`, else `$EDITOR`, else one that is there."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import mkstemp

from stream_core.core.file_kinds import NotText, decode_text
from stream_core.core.sanitize import one_line

_USUAL = ("editor", "nano", "vim", "vi", "emacs", "notepad")


class _NoEditorError(Exception):
    """Why there is no edited draft, as a Spanish sentence."""


class ExternalEditor:
    """Opens drafts in an editor.

    Args:
        environ: has `VISUAL` and `EDITOR`.
        warn: tells a Spanish sentence, where the editor cannot be opened or leaves no text.
    """

    def __init__(self, environ: Mapping[str, str], warn: Callable[[str], None]) -> None:
        self._environ, self._warn = environ, warn

    def __call__(self, draft: str) -> str | None:
        """Return the draft as the editor leaves it; None if it stays as it was. Waits for the editor."""
        try:
            return self._edited(draft)
        except _NoEditorError as why:
            self._warn(f"{why} Tu borrador sigue como estaba.")
        return None

    def _edited(self, draft: str) -> str:
        command, name = self._command()
        descriptor, named = mkstemp(suffix=".md")  # readable by its owner only
        path = Path(named)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(draft.encode("utf-8", "replace"))
            try:
                status = subprocess.call([*command, named])
            except OSError as error:
                raise _NoEditorError(f"No pude abrir el editor {name}: {_reason(error)}.") from None
            if status:
                raise _NoEditorError(f"El editor {name} acabó con un error ({status}).")
            return _read(path)
        finally:
            path.unlink(missing_ok=True)

    def _command(self) -> tuple[list[str], str]:
        """The command, and the name of the editor."""
        for variable in ("VISUAL", "EDITOR"):
            value = self._environ.get(variable, "").strip()
            if not value:
                continue
            try:
                return shlex.split(value), f"«{one_line(value, 60)}» (${variable})"
            except ValueError:
                raise _NoEditorError(
                    f"A ${variable} le falta cerrar una comilla: {one_line(value, 60)}."
                ) from None
        found = next(filter(shutil.which, _USUAL), None)
        if found is None:
            raise _NoEditorError("No encuentro ningún editor: di cuál usas en $VISUAL o $EDITOR.")
        return [found], f"«{found}»"


def _read(path: Path) -> str:
    try:
        text = decode_text(path.read_bytes())[0]
    except OSError:
        raise _NoEditorError("El editor no dejó ningún texto.") from None
    except NotText as found:
        raise _NoEditorError(f"Lo que dejó el editor no es texto: parece {found.kind.name}.") from None
    return text.replace("\r\n", "\n").removesuffix("\n")


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no existe"
    return "no tienes permiso" if isinstance(error, PermissionError) else "el sistema no lo permite"
