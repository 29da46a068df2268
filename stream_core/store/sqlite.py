"""The store in one SQLite file. Import it when a store is opened, not before: sqlite3 takes time to load."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stream_core.core.conversation import Turn
from stream_core.core.instructions import NO_INSTRUCTIONS, Instructions
from stream_core.core.sanitize import repair_surrogates
from stream_core.models.cost import Spent
from stream_core.store.protocol import FOLDER

from . import queries, spending, sqlite_dump
from . import sqlite_rows as rows
from .adoption import find_part, has_ended_as, stored_turn
from .column_codec import pack, unpack
from .conversation_limit import ConversationLimit
from .database import Database
from .ids import new_id
from .liveness import has_exited, live_files
from .protocol import TITLE, Hit, PendingTurn, Place, Receipt, Summary, Totals
from .row_mapping import TURN, turn_of

if TYPE_CHECKING:
    from stream_core.core.deltas import Block

    from .dump import Dumped

_PAGE = 64  # turns in memory at once while a conversation is read
_KEY = f"SELECT t.key FROM {rows.OF} WHERE c.id = ? AND t.number = ?"


class SqliteStore:
    """A store in a file; see `Store` for its methods. Used from the thread that opened it.

    Attributes:
        notes: Spanish sentences about what was found when it was opened.
    """

    def __init__(self, data_dir: Path) -> None:
        """Open the store in a folder of its own in `data_dir`, or create it.

        Raises:
            StoreError: it cannot be opened; see its classes.
        """
        self._file = Database(data_dir / FOLDER)
        self.notes: Sequence[str] = self._file.notes

    def begin_turn(
        self,
        conversation: str | None,
        question: str,
        *,
        model: str,
        at: float,
        instructions: Instructions = NO_INSTRUCTIONS,
        asked: Sequence[Block] = (),
    ) -> Place:
        """Save a question."""
        name = repair_surrogates(conversation) if conversation else new_id()
        with self._file.writing():
            place = rows.next_place(self._file.db, name, question, at)
            rows.begin(self._file, place, question, model, begun=at, at=at, asked=asked)
            sqlite_dump.instruct(self._file.db, name, instructions)
        return place

    def continue_turn(self, conversation: str, turn: Turn, *, at: float) -> Place:
        """Reopen a turn. It gets a new key: without FTS5 the old one cannot be removed from the index."""
        name = repair_surrogates(conversation) if conversation else new_id()
        with self._file.writing() as db:
            row = db.execute(
                "SELECT t.key, t.number, t.begun, t.outcome, t.question, t.text"
                f" FROM {rows.OF} WHERE c.id = ? ORDER BY t.number DESC LIMIT 1",
                (name,),
            ).fetchone()
            if row is not None and has_ended_as(unpack, turn, *row[3:]):
                place, begun = Place(name, row[1]), row[2]
                rows.unindex(self._file, row[0])
                db.execute("DELETE FROM turns WHERE key = ?", row[:1])
            else:
                place, begun = rows.next_place(self._file.db, name, turn.question, at), at
            key = rows.begin(
                self._file, place, turn.question, turn.model, begun=begun, at=at, asked=turn.asked
            )
            db.execute(
                "INSERT INTO pieces(turn, number, at, text) VALUES(?, 1, ?, ?)", (key, at, pack(turn.text))
            )
        return place

    def append(self, place: Place, text: str, *, at: float) -> None:
        """Save more text, in time that does not depend on the text before it."""
        with self._file.writing() as db:
            db.execute(
                "INSERT INTO pieces(turn, number, at, text)"
                " SELECT key, (SELECT ifnull(max(number), 0) + 1 FROM pieces WHERE turn = key), ?, ?"
                f" FROM turns WHERE key = ({_KEY}) AND outcome IS NULL",
                (at, pack(text), *_where(place)),
            )

    def end_turn(self, place: Place, turn: Turn, *, at: float) -> None:
        """Save the whole turn."""
        with self._file.writing() as db:
            found = db.execute(_KEY, _where(place)).fetchone()
            if found is not None:
                rows.finish(self._file, found[0], turn, at)
                db.execute(f"UPDATE conversations SET {rows.USED} WHERE id = ?", (at, _where(place)[0]))

    def adopt(self, pending: PendingTurn) -> bool:
        """Save a turn of a program that has exited."""
        name, turn = repair_surrogates(pending.conversation), pending.turn
        with self._file.writing() as db:
            found = db.execute(
                "SELECT t.key, t.number, t.begun, t.outcome, t.question, t.text"
                f" FROM {rows.OF} WHERE c.id = ? ORDER BY t.number DESC",
                (name,),
            ).fetchall()
            key, missing = find_part(pending, ((row[0], stored_turn(unpack, *row[1:])) for row in found))
            if not missing:
                return False
            if pending.ended is None and not any(row[0] == key and row[3] for row in found):
                spending.add(db, turn.model, Spent(uncounted=1))
            if key is None:
                place = rows.next_place(self._file.db, name, turn.question, pending.begun)
                key = rows.begin(
                    self._file, place, turn.question, turn.model, begun=pending.begun, at=pending.last
                )
                sqlite_dump.instruct(db, name, pending.instructions)
            assert key is not None
            rows.finish(self._file, key, turn, pending.last)
            db.execute(f"UPDATE conversations SET {rows.USED} WHERE id = ?", (pending.last, name))
        return True

    def recover(self) -> list[Place]:
        """End the unfinished turns of programs that have exited."""
        places: list[Place] = []
        with self._file.writing() as db:
            found = db.execute("SELECT DISTINCT owner FROM turns WHERE outcome IS NULL")
            owners = {owner for (owner,) in found}
            for owner in owners.union(live_files(self._file.folder)) - {self._file.owner_id}:
                if has_exited(self._file.folder, owner):
                    places += self._recover_from(owner)
        return sorted(places, key=lambda place: (place.conversation, place.number))

    def _recover_from(self, owner: str) -> list[Place]:
        found = self._file.db.execute(
            f"SELECT {TURN}, t.begun, c.id, t.number FROM {rows.OF} WHERE t.outcome IS NULL AND t.owner = ?",
            (owner,),
        ).fetchall()
        for *row, begun, name, _ in found:
            (last,) = self._file.db.execute("SELECT max(at) FROM pieces WHERE turn = ?", row[:1]).fetchone()
            turn = turn_of(row, rows.pieces(self._file.db, row[0]))
            at = begun if last is None else last
            rows.finish(self._file, row[0], turn, at)
            self._file.db.execute(
                "UPDATE conversations SET updated = max(updated, ?) WHERE id = ?", (at, name)
            )
            spending.add(self._file.db, turn.model, Spent(uncounted=1))
        return [Place(name, number) for *_, name, number in found]

    def turns(self, conversation: str) -> Iterator[Turn]:
        """Yield the turns of a conversation. No read transaction is open between pages."""
        number, limit = 0, ConversationLimit()
        while True:
            with self._file.faults():
                page = self._page(conversation, number, limit)
            yield from (turn for _, turn in page)
            if len(page) < _PAGE:
                return
            number = page[-1][0]

    def _page(self, conversation: str, after: int, limit: ConversationLimit) -> list[tuple[int, Turn]]:
        found = self._file.db.execute(
            f"SELECT {TURN}, t.number FROM {rows.OF} WHERE c.id = ? AND t.number > ?"
            " ORDER BY t.number LIMIT ?",
            (repair_surrogates(conversation), after, _PAGE),
        )  # row by row: together they may be too much
        return [(number, limit.add(rows.read_turn(self._file.db, row))) for *row, number in found]

    def instructions(self, conversation: str) -> Instructions:
        """Return the instructions of a conversation."""
        with self._file.faults():
            return sqlite_dump.instructions_of(self._file.db, repair_surrogates(conversation))

    def conversations(self, *, limit: int, before: Summary | None = None) -> list[Summary]:
        """Return a page of conversations."""
        with self._file.faults():
            return queries.conversations(self._file.db, limit, before)

    def find(self, beginning: str) -> list[str]:
        """Return the ids with a prefix."""
        with self._file.faults():
            return queries.find(self._file.db, repair_surrogates(beginning))

    def latest(self) -> str | None:
        """Return the id of the conversation last used."""
        with self._file.faults():
            return queries.latest(self._file.db)

    def search(self, words: str, *, limit: int) -> list[Hit]:
        """Search for words. Of very many matches, only the newest are ranked."""
        with self._file.faults():
            return queries.search(self._file.db, words, limit, fts5=self._file.fts5)

    def rename(self, conversation: str, title: str) -> bool:
        """Rename a conversation."""
        with self._file.writing() as db:
            done = db.execute(
                "UPDATE conversations SET title = ? WHERE id = ?",
                (pack(title[:TITLE]), repair_surrogates(conversation)),
            )
            return done.rowcount == 1

    def delete(self, conversation: str) -> None:
        """Delete a conversation, and overwrite its data in the file as far as SQLite can."""
        name = repair_surrogates(conversation)
        with self._file.writing() as db:
            keys = db.execute(f"SELECT t.key FROM {rows.OF} WHERE c.id = ?", (name,)).fetchall()
            for (key,) in keys:
                rows.unindex(self._file, key)
            db.execute("DELETE FROM conversations WHERE id = ?", (name,))
            if keys and self._file.fts5:
                queries.purge(db)
        self._file.wipe()

    def undo(self, conversation: str) -> Turn | None:
        """Delete the last turn of a conversation."""
        with self._file.writing() as db:
            found = db.execute(
                f"SELECT {TURN}, t.conversation FROM {rows.OF} WHERE c.id = ? ORDER BY t.number DESC LIMIT 1",
                (repair_surrogates(conversation),),
            ).fetchone()
            if found is None:
                return None
            *row, key = found
            turn = rows.read_turn(self._file.db, row)
            rows.unindex(self._file, row[0])
            db.execute("DELETE FROM turns WHERE key = ?", row[:1])
            db.execute(
                "DELETE FROM conversations WHERE key = ?1"
                " AND NOT EXISTS (SELECT 1 FROM turns WHERE conversation = ?1)",
                (key,),
            )
        self._file.wipe()
        return turn

    def totals(self) -> Totals:
        """Return figures over all conversations."""
        with self._file.faults():
            return queries.totals(self._file.db)

    def spend(self, model: str, spent: Spent, *, receipt: Receipt | None = None) -> None:
        """Add what requests to a model cost."""
        with self._file.writing() as db:
            if receipt is None or spending.use(db, receipt):
                spending.add(db, model, spent)

    def spent(self) -> list[tuple[str, Spent]]:
        """Return what was spent for each model."""
        with self._file.faults():
            return spending.read(self._file.db)

    def dump(self) -> Iterator[Dumped]:
        """Yield all conversations."""
        with self._file.faults():
            names = list(sqlite_dump.ids(self._file.db))
        for name in names:
            if (dumped := self.dumped(name)) is not None:
                yield dumped

    def dumped(self, conversation: str) -> Dumped | None:
        """Return one conversation."""
        with self._file.faults():
            return sqlite_dump.read(self._file.db, conversation)

    def load(self, dumped: Dumped) -> None:
        """Save a conversation."""
        self.delete(dumped.id)
        with self._file.writing() as db:
            sqlite_dump.write(db, dumped, fts5=self._file.fts5)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _where(place: Place) -> tuple[str, int]:
    return repair_surrogates(place.conversation), place.number
