"""Record of uploads: the ids by which servers know uploaded files, kept in a private file."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from stream_core.core.errors import ReplyTooLarge
from stream_core.core.store_errors import StoreError
from stream_core.core.wire_json import WireJson

from .private import check_own_file, private_folder, replace_file

KEPT_DAYS = 30
"""Days after which a server deletes an upload by itself; the API takes 90 at most."""

NAME = "uploads.json"
_MOST = 4 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file that a server has.

    Attributes:
        file_id: its id there.
        sha256: the SHA-256 of the bytes that were attached.
        name: its name there.
        size: the bytes that were uploaded.
    """

    file_id: str
    sha256: str
    name: str
    size: int


class UploadRecord:
    """The files that a server has from us. Losing the record costs an upload, so that nothing here raises.

    Args:
        file: where it is kept; None to keep it in memory only.
        server: the base URL of the server; ids mean nothing to another one.
    """

    def __init__(self, file: Path | None, server: str) -> None:
        self._file, self._server = file, server
        self._memory: dict[str, list[dict[str, Any]]] = {}

    def files(self) -> list[Uploaded]:
        """Return what was uploaded, the oldest first."""
        found = []
        for entry in self._read().get(self._server, []):
            with suppress(TypeError):
                found.append(Uploaded(**entry))
        return found

    def find(self, sha256: str) -> str | None:
        """Return the id of the file with these bytes; None if it was not uploaded."""
        return next((each.file_id for each in self.files() if each.sha256 == sha256), None)

    def keep(self, uploaded: Uploaded) -> None:
        """Remember an upload."""
        others = [each for each in self.files() if each.sha256 != uploaded.sha256]
        self._write([*others, uploaded])

    def forget(self, file_id: str) -> None:
        """Forget an upload that is not there any more."""
        files = self.files()
        left = [each for each in files if each.file_id != file_id]
        if len(left) < len(files):
            self._write(left)

    def _read(self) -> dict[str, list[dict[str, Any]]]:
        if self._file is None:
            return self._memory
        with suppress(OSError, ValueError, ReplyTooLarge, StoreError):
            found = check_own_file(self._file)
            if found is not None and found.st_size <= _MOST:
                read = WireJson(characters=_MOST).load(self._file.read_text("utf-8"))
                if isinstance(read, dict) and all(isinstance(each, list) for each in read.values()):
                    return read
        return {}

    def _write(self, files: list[Uploaded]) -> None:
        whole = {**self._read(), self._server: [asdict(each) for each in files]}
        self._memory = whole
        if self._file is not None:
            with suppress(OSError, StoreError):
                private_folder(self._file.parent)
                replace_file(self._file, json.dumps(whole, ensure_ascii=False).encode("utf-8", "replace"))
