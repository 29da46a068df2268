"""Reading the journals of programs that have exited.

A line that cannot be read is damage, except half a line at the end: the program was killed while it wrote.
"""
# See docs/adr/0019-journal-beside-the-store.md

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, get_args

from stream_core.core.conversation import Turn
from stream_core.core.errors import ReplyTooLarge
from stream_core.core.instructions import Instructions
from stream_core.core.store_errors import StoreRefused
from stream_core.core.token_usage import Usage
from stream_core.files.private import check_own_file, open_existing, store_error
from stream_core.models.cost import Spent

from .column_codec import split_blocks, story_in
from .journal import PREFIX, SUFFIX
from .locks import try_lock
from .protocol import PendingTurn, Receipt, Spending

MAX_BYTES = 512 << 20
"""Size up to which a journal is read."""
_MOST_MEMORY = 4 * MAX_BYTES  # of a line
_MOST_SIGNS = 3_200_000  # of a line: far more values than any turn of this program has


@dataclass(slots=True)
class Leftover:
    """The content of a journal.

    Attributes:
        turns: its turns, in order; one that did not end is `interrupted`.
        spent: its spending, in order.
        damaged: whether a line other than the last could not be read.
    """

    turns: list[PendingTurn] = field(default_factory=list)
    spent: list[Spending] = field(default_factory=list)
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
        for file in sorted(folder.glob(f"{PREFIX}*{SUFFIX}")):
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
    from stream_core.core.wire_json import WireJson

    if os.fstat(handle).st_size > MAX_BYTES:
        return Leftover(damaged=True)
    with os.fdopen(handle, "rb", closefd=False) as stream:
        *lines, _torn = stream.read().split(b"\n")
    found = _Reader()
    for line in lines:
        try:
            value = WireJson(_MOST_MEMORY, characters=MAX_BYTES, signs=_MOST_SIGNS).load(line.decode())
            found.take(value)
        except (ValueError, TypeError, LookupError, InvalidOperation, ReplyTooLarge):
            found.damaged = True
    return found.leftover()


class _Reader:
    def __init__(self) -> None:
        self.damaged = False
        self._turns: dict[str, PendingTurn] = {}
        self._texts: dict[str, list[str]] = {}
        self._spent: list[Spending] = []

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
        elif "receipt" in record:
            program, number = record["receipt"]
            priced, uncounted, *tokens = map(int, record["counts"])
            spent = Spent(Decimal(_string(record["dollars"])), priced, uncounted, Usage(*tokens))
            receipt = Receipt(_string(program), int(number))
            self._spent.append(Spending(receipt, _string(record["model"]), spent))
        else:
            raise ValueError("an unknown record")

    def leftover(self) -> Leftover:
        for key, pieces in self._texts.items():
            if (pending := self._turns.get(key)) is not None:
                turn = pending.turn
                whole = replace(turn, text=turn.text + "".join(pieces))
                self._turns[key] = _with_turn(pending, whole, pending.ended)
        return Leftover(list(self._turns.values()), self._spent, self.damaged)


def _with_turn(pending: PendingTurn, turn: Turn, ended: float | None) -> PendingTurn:
    return PendingTurn(
        pending.conversation,
        turn,
        pending.begun,
        ended,
        pending.number,
        pending.continues,
        pending.instructions,
    )


def _pending_from_json(record: dict[str, Any]) -> PendingTurn:
    begun, number, continues = float(record["begun"]), record["number"], record["continues"]
    return PendingTurn(
        _string(record["conversation"]),
        _turn_from_json(record["turn"]),
        begun,
        None,
        None if number is None else int(number),
        None if continues is None else _turn_from_json(continues),
        _instructions_from_json(record.get("instructions", ["", ""])),
    )


def _instructions_from_json(values: list[Any]) -> Instructions:
    text, role = map(_string, values)
    return Instructions(text, role)


def _turn_from_json(values: dict[str, Any]) -> Turn:
    from stream_core.core.reply import Outcome  # here, as the prompt does not wait for all of a reply

    outcome, blocks = values["outcome"], values["blocks"]
    if outcome not in get_args(Outcome) or not all(isinstance(block, dict) for block in blocks):
        raise ValueError("no turn")
    usage = Usage(*map(int, values["usage"]))
    question, text, model = (_string(values[name]) for name in ("question", "text", "model"))
    asked, answered = split_blocks(blocks)
    return Turn(question, text, outcome, model, usage, answered, story=story_in(blocks), asked=asked)


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
