"""Turns that the database could not take, in a file beside it until it can: `pending-ID.jsonl`.

Each program writes a journal of its own, a record a line, and holds a lock on it. When its turns are saved it
deletes the journal; if it ends before, the next program that opens the store finds the journal unlocked and
saves what is in it. A turn is recorded with the text it has, grows by further text, and is replaced by the
whole turn at its end. Spending is recorded as it comes; `settled` says that all spending before it is saved.
"""
# See docs/adr/0019-journal-beside-the-store.md

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, get_args

from stream_core.core.conversation import Turn
from stream_core.core.deltas import Usage
from stream_core.core.errors import StoreBusy, StoreRefused
from stream_core.core.reply import Outcome
from stream_core.files.private import check_own_file, new_file, open_existing, private_folder, store_error
from stream_core.models.cost import Spent

from .ids import new_id
from .locks import try_lock
from .protocol import PendingTurn

_PREFIX, _SUFFIX = "pending-", ".jsonl"
_LOCK_SECONDS = 1.0  # at the end of the program another thread may be inside
_RESERVE = "reserve"
RESERVE_BYTES = 1 << 20
"""Space for a journal on a full disk: the text of some hundred replies."""
MAX_BYTES = 512 << 20
"""Size up to which a journal is read."""


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

    def spend(self, model: str, spent: Spent) -> None:
        """Record what requests cost. Raises StoreError if it could not be written."""
        counts = [spent.priced, spent.uncounted, *spent.usage.billed]
        self._write({"model": model, "dollars": f"{spent.dollars:f}", "counts": counts})

    def settle(self) -> None:
        """Record that the spending recorded so far is saved. Raises StoreError if it could not be written."""
        self._write({"settled": True})

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
            file = self.folder / f"{_PREFIX}{new_id()}{_SUFFIX}"
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
            raise StoreBusy("the disk hangs", where=str(self.folder))
        try:
            yield
        finally:
            self._lock.release()


# -- what others left ------------------------------------------------------------------------------


@dataclass(slots=True)
class Leftover:
    """The content of a journal.

    Attributes:
        turns: its turns, in order; one that did not end is `interrupted`.
        spent: spending that is not saved, by model.
        damaged: whether a line other than the last could not be read.
    """

    turns: list[PendingTurn] = field(default_factory=list)
    spent: dict[str, Spent] = field(default_factory=dict)
    damaged: bool = False


@contextmanager
def leftovers(folder: Path, own: Path | None) -> Iterator[Iterator[tuple[Path, Leftover]]]:
    """Find the journals of programs that have exited; each stays locked until the block ends.

    Args:
        own: the journal of this program, which is left out.

    Raises:
        StoreError: one of them cannot be read.
    """
    handles: list[int] = []

    def found() -> Iterator[tuple[Path, Leftover]]:
        for file in sorted(folder.glob(f"{_PREFIX}*{_SUFFIX}")):
            handle = open_existing(file) if file != own and _is_ours(file) else None
            if handle is None:
                continue
            handles.append(handle)
            if try_lock(handle) and file.exists():
                yield file, _read(handle)

    try:
        yield found()
    except OSError as error:
        raise store_error(error, folder) from error
    finally:
        for handle in handles:
            os.close(handle)


def _is_ours(file: Path) -> bool:
    try:
        return check_own_file(file) is not None
    except StoreRefused:
        return False  # a link, a pipe, another user's: it stays where it is


def _read(handle: int) -> Leftover:
    import json

    if os.fstat(handle).st_size > MAX_BYTES:
        return Leftover(damaged=True)
    with os.fdopen(handle, "rb", closefd=False) as stream:
        *lines, _torn = stream.read().split(b"\n")
    found = _Reader()
    for line in lines:
        try:
            found.take(json.loads(line))
        except (ValueError, TypeError, KeyError, LookupError, InvalidOperation, RecursionError):
            found.damaged = True
    return found.leftover()


class _Reader:
    def __init__(self) -> None:
        self.damaged = False
        self._turns: dict[str, PendingTurn] = {}
        self._texts: dict[str, list[str]] = {}
        self._spent: dict[str, Spent] = {}

    def take(self, record: dict[str, Any]) -> None:
        if "begin" in record:
            self._turns[record["begin"]] = _pending_from_json(record)
        elif "more" in record:
            self._texts.setdefault(str(record["more"]), []).append(_string(record["text"]))
        elif "end" in record:
            key, turn = record["end"], _turn_from_json(record["turn"])
            before = self._turns[key]
            self._turns[key] = _with_turn(before, turn, float(record["at"]))
            self._texts.pop(key, None)
        elif "model" in record:
            priced, uncounted, *tokens = map(int, record["counts"])
            spent = Spent(Decimal(_string(record["dollars"])), priced, uncounted, Usage(*tokens))
            model = _string(record["model"])
            self._spent[model] = self._spent.get(model, Spent()) + spent
        elif "settled" in record:
            self._spent.clear()
        else:
            raise ValueError("an unknown record")

    def leftover(self) -> Leftover:
        for key, pieces in self._texts.items():
            if (pending := self._turns.get(key)) is not None:
                turn = pending.turn
                whole = Turn(turn.question, turn.text + "".join(pieces), turn.outcome, turn.model)
                self._turns[key] = _with_turn(pending, whole, pending.ended)
        return Leftover(list(self._turns.values()), self._spent, self.damaged)


def _with_turn(pending: PendingTurn, turn: Turn, ended: float) -> PendingTurn:
    return PendingTurn(pending.conversation, turn, pending.begun, ended, pending.number, pending.resumes)


def _pending_to_json(pending: PendingTurn) -> dict[str, Any]:
    return {
        "conversation": pending.conversation,
        "turn": _turn_to_json(pending.turn),
        "begun": pending.begun,
        "number": pending.number,
        "resumes": None if pending.resumes is None else _turn_to_json(pending.resumes),
    }


def _pending_from_json(record: dict[str, Any]) -> PendingTurn:
    begun, number, resumes = float(record["begun"]), record["number"], record["resumes"]
    return PendingTurn(
        _string(record["conversation"]),
        _turn_from_json(record["turn"]),
        begun,
        begun,
        None if number is None else int(number),
        None if resumes is None else _turn_from_json(resumes),
    )


def _turn_to_json(turn: Turn) -> dict[str, Any]:
    return {
        "question": turn.question,
        "text": turn.text,
        "outcome": turn.outcome,
        "model": turn.model,
        "usage": turn.usage.billed,
        "blocks": list(turn.blocks),
    }


def _turn_from_json(values: dict[str, Any]) -> Turn:
    outcome, blocks = values["outcome"], values["blocks"]
    if outcome not in get_args(Outcome) or not all(isinstance(block, dict) for block in blocks):
        raise ValueError("no turn")
    usage = Usage(*map(int, values["usage"]))
    question, text, model = (_string(values[name]) for name in ("question", "text", "model"))
    return Turn(question, text, outcome, model, usage, tuple(blocks))


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("no text")
    return value


def delete(file: Path, *, damaged: bool) -> None:
    """Delete a journal whose turns are saved; one with lines that could not be read is renamed and stays.

    Raises:
        StoreError: the system refused.
    """
    try:
        if damaged:
            file.rename(file.with_name(f"apartado-{file.name}"))
        else:
            file.unlink()
    except OSError as error:
        raise store_error(error, file) from error
