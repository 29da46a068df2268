"""Turns that the database could not take, in a file beside it until it can: `pending-ID.jsonl`.

Each program writes a journal of its own, a record a line, and holds a lock on it. When its turns are saved it
deletes the journal; if it ends before, the next program that opens the store finds the journal unlocked and
saves what is in it. A turn is recorded with the text it has, grows by further text, and is replaced by the
whole turn at its end. Spending is recorded with its receipt, which the store remembers.
"""
# See docs/adr/0019-journal-beside-the-store.md

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from stream_core.core.conversation import Turn
from stream_core.core.store_errors import StoreBusy
from stream_core.files.private import new_file, private_folder, store_error

from .column_codec import stored_blocks
from .ids import new_id
from .locks import try_lock
from .protocol import PendingTurn, Spending

PREFIX, SUFFIX = "pending-", ".jsonl"
_LOCK_SECONDS = 1.0  # at the end of the program another thread may be inside
_RESERVE = "reserve"
RESERVE_BYTES = 1 << 20
"""Space for a journal on a full disk: the text of some hundred replies."""


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
        """Occupy some space beside the store, with which a journal can begin when the disk is full."""
        reserve = self.folder / _RESERVE
        if hasattr(os, "posix_fallocate") and not os.path.lexists(reserve):
            try:
                handle = new_file(reserve)
                try:
                    os.posix_fallocate(handle, 0, RESERVE_BYTES)
                finally:
                    os.close(handle)
            except OSError:  # no room, or a file system that reserves none
                with suppress(OSError):
                    reserve.unlink()

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
            if self._file is not None:
                with suppress(OSError):  # read again it does no harm: what is saved is not saved twice
                    self._file.unlink()
                self._file = None
            self._close()

    def close(self) -> None:
        """Release the file, for the next program to take in what is left."""
        with self._locked():
            self._close()

    def _write(self, record: dict[str, Any]) -> None:
        import json  # most programs write none

        line = json.dumps(record, separators=(",", ":")).encode() + b"\n"
        with self._locked():
            try:
                self._append(line)
            except OSError as error:
                if not self._free_reserve():
                    raise store_error(error, self.folder) from error
                try:
                    self._append(line)
                except OSError as again:
                    raise store_error(again, self.folder) from again

    def _free_reserve(self) -> bool:
        try:
            (self.folder / _RESERVE).unlink()
        except OSError:
            return False
        return True

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
