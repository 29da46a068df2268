"""Answers to the parts of a long text (`--chunked`), kept until the document is complete."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path

from stream_core.core.errors import StreamCoreError
from stream_core.core.store_errors import StoreError
from stream_core.core.wire_json import WireJson
from stream_core.files.private import check_own_file, new_file, private_folder

FOLDER = "por-partes"
"""The folder of these answers, in that of the data."""
_MOST = 64 << 20  # bytes that are read


class Answered:
    """The answers of the parts so far, in a private file; nowhere without a folder.

    Attributes:
        conversation: the id of the conversation that they are saved in, or None.
    """

    def __init__(self, folder: Path | None, key: str) -> None:
        self._file = folder / f"{key}.jsonl" if folder is not None else None
        self._kept: list[tuple[str, str]] = []
        self.conversation: str | None = None
        if self._file is not None:
            with suppress(OSError, ValueError, LookupError, TypeError, AttributeError, StreamCoreError):
                found = check_own_file(self._file)
                if found is not None and found.st_size <= _MOST:
                    for line in self._file.read_text("utf-8").split("\n"):
                        record = WireJson(_MOST, characters=_MOST).load(line)
                        self._kept.append((str(record["part"]), str(record["text"])))
                        self.conversation = record.get("conversation")

    def find(self, number: int, part: str) -> str | None:
        """Return what a part was answered; None if it was not, or another text stood there."""
        if number <= len(self._kept) and self._kept[number - 1][0] == text_hash(part):
            return self._kept[number - 1][1]
        return None

    def keep(self, number: int, part: str, text: str) -> bool:
        """Keep an answer; returns False if that failed."""
        self._kept[number - 1 :] = [(text_hash(part), text)]
        if self._file is None:
            return False
        lines = [
            json.dumps({"part": part, "text": text, "conversation": self.conversation})
            for part, text in self._kept
        ]
        temporary = self._file.with_suffix(f".{os.getpid()}")
        try:
            private_folder(self._file.parent)
            with os.fdopen(new_file(temporary), "w", encoding="utf-8") as stream:
                stream.write("\n".join(lines) + "\n")
            temporary.replace(self._file)
        except (OSError, StoreError):
            with suppress(OSError):
                temporary.unlink()
            return False
        return True

    def forget(self) -> None:
        """Delete the answers: the document is whole."""
        if self._file is not None:
            with suppress(OSError):
                self._file.unlink()


def text_hash(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
