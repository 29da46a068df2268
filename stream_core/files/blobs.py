"""Attached files, each kept once under the SHA-256 of its bytes, in a private folder beside the store.

`SHA` holds the bytes, and an empty `SHA.CONVERSATION` says that a conversation refers to them: so no store
has to be searched to know whether anybody does. The mark is made before the question is saved.
"""
# See docs/adr/0021-attached-files-by-hash.md

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from .private import OPEN_FLAGS, new_file, own_mode, private_folder

_CHUNK = 1 << 20
_HASH = re.compile(r"[0-9a-f]{64}")
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class TooLarge(Exception):
    """The file has more bytes than were allowed."""


class Blobs:
    """The attached files of a store.

    Args:
        folder: where they are; None to keep them in memory only.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._memory: dict[str, bytes] = {}
        self._fresh: set[str] = set()  # taken in by this program, and referred to by no conversation yet

    def put(self, data: bytes) -> str:
        """Keep bytes; return their SHA-256.

        Raises:
            OSError: from the system.
            StoreError: the folder is not ours.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        if self._folder is None:
            self._memory[sha256] = data
        elif not self._has(sha256):
            temporary, handle = self._temporary()
            self._finish(temporary, handle, sha256, data)
        return sha256

    def copy(self, source: BinaryIO, limit: int) -> tuple[str, int]:
        """Keep what a stream brings, in pieces: never the whole in memory. Return its SHA-256 and size.

        Args:
            source: is read to its end.
            limit: bytes that it may have.

        Raises:
            TooLarge: it has more.
            OSError: from the system.
            StoreError: the folder is not ours.
        """
        if self._folder is None:
            data = source.read(limit + 1)
            if len(data) > limit:
                raise TooLarge
            return self.put(data), len(data)
        temporary, handle = self._temporary()
        digest, size = hashlib.sha256(), 0
        try:
            with os.fdopen(handle, "wb", closefd=False) as target:
                while chunk := source.read(_CHUNK):
                    size += len(chunk)
                    if size > limit:
                        raise TooLarge
                    digest.update(chunk)
                    target.write(chunk)
            self._finish(temporary, handle, digest.hexdigest())
        except BaseException:
            with suppress(OSError):
                os.close(handle)
            with suppress(OSError):
                temporary.unlink()
            raise
        return digest.hexdigest(), size

    def read(self, sha256: str) -> bytes | None:
        """Return the bytes with a SHA-256; None if they are not there, or are other bytes by now."""
        if self._folder is None or not _HASH.fullmatch(sha256):
            return self._memory.get(sha256)
        try:
            handle = os.open(self._folder / sha256, os.O_RDONLY | OPEN_FLAGS)
            with os.fdopen(handle, "rb") as stream:
                data = stream.read()
        except OSError:
            return None
        return data if hashlib.sha256(data).hexdigest() == sha256 else None

    def open(self, sha256: str) -> BinaryIO | None:
        """Open the bytes with a SHA-256, which are checked; None as `read` has it."""
        if self._folder is None or not _HASH.fullmatch(sha256):
            data = self._memory.get(sha256)
            return io.BytesIO(data) if data is not None else None
        try:
            stream = os.fdopen(os.open(self._folder / sha256, os.O_RDONLY | OPEN_FLAGS), "rb")
        except OSError:
            return None
        digest = hashlib.sha256()
        with suppress(OSError):
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
            if digest.hexdigest() == sha256:
                stream.seek(0)
                return stream
        stream.close()
        return None

    def has(self, sha256: str) -> bool:
        """Whether the bytes with a SHA-256 are there, as far as can be seen without reading them."""
        return sha256 in self._memory or (bool(_HASH.fullmatch(sha256)) and self._has(sha256))

    def keep(self, hashes: Iterable[str], conversation: str) -> None:
        """Say that a conversation refers to files. Never raises: what has no mark may be lost later."""
        for sha256 in hashes:
            self._fresh.discard(sha256)
            if self._folder is not None and self._has(sha256):
                with suppress(OSError):
                    os.close(new_file(self._folder / f"{sha256}.{_suffix(conversation)}"))

    def forget(self, conversation: str, besides: Iterable[str] = ()) -> None:
        """Delete the files to which a conversation referred, unless another one does.

        Args:
            conversation: its id.
            besides: files to which it still refers.
        """
        if self._folder is None:
            return
        still = set(besides)
        for mark in self._folder.glob(f"*.{_suffix(conversation)}"):
            sha256 = mark.name.partition(".")[0]
            if sha256 not in still:
                with suppress(OSError):
                    mark.unlink()
                self._drop_unreferred(sha256)

    def close(self) -> None:
        """Delete what was taken in and went with no question."""
        for sha256 in self._fresh:
            self._drop_unreferred(sha256)
        self._fresh.clear()

    def _has(self, sha256: str) -> bool:
        return self._folder is not None and (self._folder / sha256).is_file()

    def _drop_unreferred(self, sha256: str) -> None:
        assert self._folder is not None
        if not any(self._folder.glob(f"{sha256}.*")):
            with suppress(OSError):
                (self._folder / sha256).unlink()

    def _temporary(self) -> tuple[Path, int]:
        assert self._folder is not None
        private_folder(self._folder.parent)
        private_folder(self._folder)
        file = self._folder / f"new-{os.getpid()}-{os.urandom(6).hex()}"
        return file, new_file(file)

    def _finish(self, temporary: Path, handle: int, sha256: str, data: bytes = b"") -> None:
        assert self._folder is not None
        own_mode(handle)
        while data:
            data = data[os.write(handle, data) :]
        os.fsync(handle)
        os.close(handle)
        if not self._has(sha256):
            self._fresh.add(sha256)
        temporary.replace(self._folder / sha256)


def _suffix(conversation: str) -> str:
    """A conversation's id as a part of a file name."""
    if _PLAIN_ID.fullmatch(conversation):
        return conversation
    return hashlib.sha256(conversation.encode("utf-8", "surrogatepass")).hexdigest()
