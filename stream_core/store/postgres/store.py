"""The store of a team in PostgreSQL. Import it when it is opened: psycopg takes time to load."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence

from stream_core.core.conversation import Turn
from stream_core.core.deltas import Block
from stream_core.core.instructions import NO_INSTRUCTIONS, Instructions
from stream_core.models.cost import Spent
from stream_core.store.adoption import find_part, has_ended_as, stored_turn
from stream_core.store.conversation_limit import ConversationLimit
from stream_core.store.dump import Dumped
from stream_core.store.ids import new_id
from stream_core.store.protocol import TITLE, Hit, PendingTurn, Place, Receipt, Summary, Totals
from stream_core.store.row_mapping import TURN

from . import files, queries, rows, spending, transfer
from .schema import SCHEMA
from .search import search
from .session import Database, Session
from .text_codec import pack, unpack

_PAGE = 64  # turns in memory at once while a conversation is read


class PostgresStore:
    """A store that several people and machines use at once; see `Store` for its methods.

    Each person sees the own conversations, by row-level security of the role that has logged in, and those
    that others share. Who goes on with a shared one goes on with a copy: nobody changes what others said.

    Attributes:
        notes: Spanish sentences about what was found when it was opened.
    """

    def __init__(self, url: str) -> None:
        """Connect, and create the tables if there are none and this role may do so.

        Args:
            url: `postgresql://user@host/database`, or any other form that libpq knows.

        Raises:
            StoreError: it cannot be opened; see its classes.
        """
        self._program = secrets.randbits(62)
        self._session = Session(url, self._program)
        self.notes: Sequence[str] = self._session.notes

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
        name = conversation or new_id()
        with self._session.writing() as db:
            place, key = self._begin(
                db, name, Turn(question, "", "interrupted", model, asked=tuple(asked)), at
            )
            rows.instruct(db, key, instructions)
        return place

    def continue_turn(self, conversation: str, turn: Turn, *, at: float) -> Place:
        """Reopen a turn."""
        name = conversation or new_id()
        with self._session.writing() as db:
            key = rows.to_write(db, pack(name))
            row = db.execute(
                f"SELECT key, number, outcome, question, text FROM {SCHEMA}.turns WHERE conversation = %s"
                " ORDER BY number DESC LIMIT 1 FOR UPDATE",
                (key,),
            ).fetchone()
            if key is None or row is None or not has_ended_as(unpack, turn, *row[2:]):
                place, _ = self._begin(db, name, turn, at)
                found = rows.turn_key(db, place)
                assert found is not None
                rows.add_piece(db, found[0], turn.text, at)
                return place
            rows.continue_turn(db, int(row[0]), turn, self._program, at)
            rows.use(db, key, at)
            return Place(name, int(row[1]))

    def append(self, place: Place, text: str, *, at: float) -> None:
        """Save more text, in time that does not depend on the text before it."""
        with self._session.writing() as db:
            found = rows.turn_key(db, place)
            if found is not None and not found[2]:
                rows.add_piece(db, found[0], text, at)

    def end_turn(self, place: Place, turn: Turn, *, at: float) -> None:
        """Save the whole turn."""
        with self._session.writing() as db:
            found = rows.turn_key(db, place)
            if found is not None:
                rows.finish(db, found[0], turn, at)
                rows.use(db, found[1], at)

    def adopt(self, pending: PendingTurn) -> bool:
        """Save a turn of a program that has exited."""
        turn = pending.turn
        with self._session.writing() as db:
            conversation = rows.to_write(db, pack(pending.conversation))
            stored = db.execute(
                f"SELECT key, number, begun, outcome, question, text FROM {SCHEMA}.turns"
                " WHERE conversation = %s ORDER BY number DESC",
                (conversation,),
            ).fetchall()
            key, missing = find_part(
                pending, ((int(row[0]), stored_turn(unpack, *row[1:])) for row in stored)
            )
            if not missing:
                return False
            if pending.ended is None and not any(row[0] == key and row[3] for row in stored):
                spending.add(db, turn.model, Spent(uncounted=1))
            if key is None:
                place, conversation = self._begin(db, pending.conversation, turn, pending.begun)
                rows.instruct(db, conversation, pending.instructions)
                found = rows.turn_key(db, place)
                assert found is not None
                key = found[0]
            rows.finish(db, key, turn, pending.last)
            assert conversation is not None
            rows.use(db, conversation, pending.last)
        return True

    def recover(self) -> list[Place]:
        """End the unfinished turns of programs that have exited: the server holds no lock for them."""
        places: list[Place] = []
        with self._session.reading() as db:
            programs = db.execute(
                f"SELECT DISTINCT program FROM {SCHEMA}.turns WHERE outcome IS NULL"
                " AND owner = (session_user)::text AND program IS DISTINCT FROM %s",
                (self._program,),
            ).fetchall()
        for (program,) in programs:
            with self._session.writing() as db:
                free = db.execute("SELECT pg_try_advisory_xact_lock(%s)", (program,)).fetchone()
                if program is None or (free is not None and free[0]):
                    places += self._recover_from(db, program)
        return sorted(places, key=lambda place: (place.conversation, place.number))

    def _recover_from(self, db: Database, program: int | None) -> list[Place]:
        found = db.execute(
            f"SELECT {TURN}, t.begun, c.key, c.id, t.number FROM {rows.OF} WHERE t.outcome IS NULL"
            f" AND {rows.MINE} AND t.program IS NOT DISTINCT FROM %s ORDER BY t.key FOR UPDATE OF t",
            (program,),
        ).fetchall()
        for *row, begun, conversation, _, _ in found:
            last = db.execute(f"SELECT max(at) FROM {SCHEMA}.pieces WHERE turn = %s", row[:1]).fetchone()
            at = begun if last is None or last[0] is None else last[0]
            turn = rows.read_turn(db, row)
            rows.finish(db, row[0], turn, at)
            db.execute(
                f"UPDATE {SCHEMA}.conversations SET updated = greatest(updated, %s) WHERE key = %s",
                (at, conversation),
            )
            spending.add(db, turn.model, Spent(uncounted=1))
        return [Place(unpack(name), number) for *_, name, number in found]

    def turns(self, conversation: str) -> Iterator[Turn]:
        """Yield the turns of a conversation. No transaction is open between pages."""
        number, limit = 0, ConversationLimit()
        while True:
            with self._session.reading() as db:
                page = self._page(db, conversation, number, limit)
            yield from (turn for _, turn in page)
            if len(page) < _PAGE:
                return
            number = page[-1][0]

    def _page(self, db: Database, name: str, after: int, limit: ConversationLimit) -> list[tuple[int, Turn]]:
        found = queries.turns_after(db, rows.checked_key(db, pack(name)), after, _PAGE)
        return [(number, limit.add(rows.read_turn(db, row))) for *row, number in found]

    def instructions(self, conversation: str) -> Instructions:
        """Return the instructions of a conversation."""
        with self._session.reading() as db:
            return rows.instructions_of(db, rows.conversation_key(db, pack(conversation)))

    def conversations(self, *, limit: int, before: Summary | None = None) -> list[Summary]:
        """Return a page of conversations, those that others share among them."""
        with self._session.reading() as db:
            return queries.conversations(db, limit, before)

    def find(self, beginning: str) -> list[str]:
        """Return the ids with a prefix."""
        with self._session.reading() as db:
            return queries.find(db, beginning)

    def latest(self) -> str | None:
        """Return the id of the own conversation last used."""
        with self._session.reading() as db:
            return queries.latest(db)

    def search(self, words: str, *, limit: int) -> list[Hit]:
        """Search for words. Of very many matches, only the newest are ranked."""
        with self._session.reading() as db:
            return search(db, words, limit)

    def rename(self, conversation: str, title: str) -> bool:
        """Rename a conversation of this person; one that somebody else shares keeps its title."""
        with self._session.writing() as db:
            done = db.execute(
                f"UPDATE {SCHEMA}.conversations c SET title = %s WHERE id = %s AND {rows.MINE}",
                (pack(title[:TITLE]), pack(conversation)),
            )
            return done.rowcount == 1

    def delete(self, conversation: str) -> None:
        """Delete a conversation of this person; one that somebody else shares stays."""
        with self._session.writing() as db:
            rows.delete(db, pack(conversation))
            files.drop_unreferred(db)

    def undo(self, conversation: str) -> Turn | None:
        """Delete the last turn of a conversation; if somebody else shares it, of a copy for this person."""
        with self._session.writing() as db:
            key = rows.to_write(db, pack(conversation))
            row = db.execute(
                f"SELECT {TURN} FROM {SCHEMA}.turns t WHERE t.conversation = %s"
                " ORDER BY t.number DESC LIMIT 1 FOR UPDATE",
                (key,),
            ).fetchone()
            if row is None:
                return None
            turn = rows.read_turn(db, row)
            db.execute(f"DELETE FROM {SCHEMA}.turns WHERE key = %s", row[:1])
            db.execute(
                f"DELETE FROM {SCHEMA}.conversations c WHERE key = %s"
                f" AND NOT EXISTS (SELECT 1 FROM {SCHEMA}.turns t WHERE t.conversation = c.key)",
                (key,),
            )
            files.drop_unreferred(db)
        return turn

    def totals(self) -> Totals:
        """Return figures over all own conversations."""
        with self._session.reading() as db:
            return queries.totals(db)

    def spend(self, model: str, spent: Spent, *, receipt: Receipt | None = None) -> None:
        """Add what requests to a model cost."""
        with self._session.writing() as db:
            if receipt is None or spending.use(db, receipt):
                spending.add(db, model, spent)

    def spent(self) -> list[tuple[str, Spent]]:
        """Return what was spent for each model."""
        with self._session.reading() as db:
            return spending.read(db)

    def share(self, conversation: str, shared: bool) -> bool:
        """Let everybody in the database read a conversation, or no longer; False if it is another's."""
        with self._session.writing() as db:
            done = db.execute(
                f"UPDATE {SCHEMA}.conversations c SET shared = %s WHERE id = %s AND {rows.MINE}",
                (shared, pack(conversation)),
            )
            return done.rowcount == 1

    def dump(self) -> Iterator[Dumped]:
        """Yield the own conversations."""
        with self._session.reading() as db:
            names = transfer.ids(db)
        for name in names:
            if (dumped := self.dumped(name)) is not None:
                yield dumped

    def dumped(self, conversation: str) -> Dumped | None:
        """Return one own conversation."""
        with self._session.reading() as db:
            return transfer.read(db, conversation)

    def load(self, dumped: Dumped) -> None:
        """Save a conversation."""
        with self._session.writing() as db:
            transfer.write(db, dumped, self._program)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def _begin(self, db: Database, name: str, turn: Turn, at: float) -> tuple[Place, int]:
        """Begin a turn; returns its place and the key of its conversation."""
        key, number = rows.next_place(db, pack(name), turn.question, at)
        rows.begin(db, key, number, turn, at, self._program)
        rows.use(db, key, at)
        return Place(name, number), key
