"""Turns that the database could not take, in a file beside it until it can: `pending-ID.jsonl`.

Each program writes a journal of its own, a record a line, and holds a lock on it. When its turns are saved it
deletes the journal; if it ends before, the next program that opens the store finds the journal unlocked and
saves what is in it. A turn is recorded with the text it has, grows by further text, and is replaced by the
whole turn at its end. Spending is recorded with its receipt, which the store remembers.
"""
# See docs/adr/0019-journal-beside-the-store.md

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from stream_core.core.conversation import Turn
from stream_core.core.store_errors import StoreBusy, StoreRefused
from stream_core.files.private import check_own_file, new_file, open_existing, private_folder, store_error

from .column_codec import stored_blocks
from .ids import new_id
from .locks import try_lock
from .protocol import PendingTurn, Spending

PREFIX, SUFFIX = "pending-", ".jsonl"
_LOCK_SECONDS = 1.0  # at the end of the program another thread may be inside
_RESERVE = "reserve"
RESERVE_BYTES = 1 << 20
"""Space for a journal on a full disk: the text of some hundred replies."""
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_HEADROOM = 64 * 1024  # bytes released beside those of a record: others may be quicker to take some


class Journal:
    """The journal of this program. The file is created with the first record.

    Args:
        folder: the folder of the store.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file: Path | None = None
        self._handle = -1
        self._lock = threading.Lock()

    def keep_reserve(self) -> None:
        """Occupy some space beside the store, which a journal on a full disk grows into."""
        if not hasattr(os, "posix_fallocate"):
            return
        with suppress(OSError, StoreRefused), self._reserve(create=True) as handle:
            if os.fstat(handle).st_size < RESERVE_BYTES:
                os.posix_fallocate(handle, 0, RESERVE_BYTES)  # no room, or none is reserved here: it is less

    @contextmanager
    def _reserve(self, *, create: bool = False) -> Iterator[int]:
        """Open the reserve. Raises OSError or StoreRefused, also where there is none to be opened."""
        file = self.folder / _RESERVE
        there = check_own_file(file) is not None
        handle = open_existing(file) if there else new_file(file) if create else None
        if handle is None:
            raise FileNotFoundError(file)
        try:
            yield handle
        finally:
            os.close(handle)

    @property
    def file(self) -> Path | None:
        """The file, also after `close`, or None when nothing is recorded."""
        return self._file

    def begin(self, turn: str, pending: PendingTurn) -> None:
        """Record a turn with the text that it has.

        Args:
            turn: its key in this journal.

        Raises:
            StoreError: it could not be written.
        """
        self._write({"begin": turn, **_pending_to_json(pending)})

    def more(self, turn: str, text: str) -> None:
        """Record more text of a turn. Raises StoreError if it could not be written."""
        self._write({"more": turn, "text": text})

    def end(self, turn: str, whole: Turn, at: float) -> None:
        """Record the whole of a turn that has ended. Raises StoreError if it could not be written."""
        self._write({"end": turn, "turn": _turn_to_json(whole), "at": at})

    def spend(self, spending: Spending) -> None:
        """Record what requests cost. Raises StoreError if it could not be written."""
        spent = spending.spent
        record = {
            "receipt": list(spending.receipt),
            "model": spending.model,
            "dollars": f"{spent.dollars:f}",
            "counts": [spent.priced, spent.uncounted, *spent.usage.billed],
        }
        self._write(record)

    def clear(self) -> None:
        """Delete the file: everything in it is saved."""
        with self._locked():
            file, self._file = self._file, None
            if file is not None:
                with suppress(OSError):  # read again it does no harm: what is saved is not saved twice
                    file.unlink()
            self._close()
            if file is not None:
                self.keep_reserve()

    def close(self) -> None:
        """Release the file, for the next program to take in what is left."""
        with self._locked():
            self._close()

    def _write(self, record: dict[str, Any]) -> None:
        import json  # most programs write none

        line = json.dumps(record, separators=(",", ":")).encode() + b"\n"
        with self._locked():
            room = len(line) + _HEADROOM
            while True:
                try:
                    return self._append(line)
                except OSError as error:
                    if error.errno not in _NO_ROOM or not self._release(room):
                        raise store_error(error, self.folder) from error
                room *= 2

    def _release(self, room: int) -> bool:
        """Release some bytes of the reserve and no more: whatever fills the disk would take them all.

        Returns:
            Whether there were any left.
        """
        with suppress(OSError, StoreRefused), self._reserve() as handle:
            size = os.fstat(handle).st_size
            os.ftruncate(handle, max(0, size - room))
            return size > 0
        return False

    def _append(self, line: bytes) -> None:
        if self._handle < 0:
            private_folder(self.folder)
            file = self.folder / f"{PREFIX}{new_id()}{SUFFIX}"
            self._handle, self._file = new_file(file), file
            try_lock(self._handle)
        before = os.fstat(self._handle).st_size
        try:
            os.lseek(self._handle, before, os.SEEK_SET)
            while line:
                line = line[os.write(self._handle, line) :]
            os.fsync(self._handle)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._handle, before)  # half a line would spoil the next one
            raise

    def _close(self) -> None:
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=_LOCK_SECONDS):
            raise StoreBusy("the disk hangs", location=str(self.folder))
        try:
            yield
        finally:
            self._lock.release()


def _pending_to_json(pending: PendingTurn) -> dict[str, Any]:
    return {
        "conversation": pending.conversation,
        "turn": _turn_to_json(pending.turn),
        "begun": pending.begun,
        "number": pending.number,
        "instructions": [pending.instructions.text, pending.instructions.role],
        "continues": None if pending.continues is None else _turn_to_json(pending.continues),
    }


def _turn_to_json(turn: Turn) -> dict[str, Any]:
    return {
        "question": turn.question,
        "text": turn.text,
        "outcome": turn.outcome,
        "model": turn.model,
        "usage": turn.usage.billed,
        "blocks": stored_blocks(turn),
    }
