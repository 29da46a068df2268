"""Spending, with receipts. Functions over a connection; they raise sqlite3.Error and `Damaged`."""
# See docs/adr/0013-spending-kept-apart.md, docs/adr/0019-journal-beside-the-store.md

from __future__ import annotations

import re
import sqlite3
from decimal import Decimal

from stream_core.core.token_usage import Usage
from stream_core.models.cost import Spent

from .column_codec import Damaged, pack, unpack
from .protocol import Receipt
from .row_mapping import figure
from .schema import SPENT

_PROGRAMS = 1_000
"""Programs whose receipts are remembered. Their journals are adopted by the next program that starts."""
_DOLLARS = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)


def use(db: sqlite3.Connection, receipt: Receipt) -> bool:
    """Use a receipt in the open transaction; returns False if it was used before."""
    row = db.execute("SELECT last FROM receipts WHERE program = ?", (receipt.program,)).fetchone()
    if row is not None and row[0] >= receipt.number:
        return False
    db.execute(
        "INSERT INTO receipts(program, last) VALUES(?, ?)"
        " ON CONFLICT(program) DO UPDATE SET last = excluded.last",
        receipt,
    )
    db.execute("DELETE FROM receipts WHERE key <= (SELECT max(key) FROM receipts) - ?", (_PROGRAMS,))
    return True


def add(db: sqlite3.Connection, model: str, spent: Spent) -> None:
    """Add what requests to a model cost, in the open transaction."""
    key = pack(model)
    for row in db.execute(f"SELECT {SPENT} FROM spent WHERE model = ?", (key,)).fetchall():
        spent = _spent(*row[1:]) + spent
    counts = (spent.priced, spent.uncounted, *spent.usage.billed)
    db.execute(
        f"INSERT OR REPLACE INTO spent({SPENT}) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (key, f"{spent.dollars:f}", *map(figure, counts)),
    )


def read(db: sqlite3.Connection) -> list[tuple[str, Spent]]:
    """Return what was spent for each model, sorted by model."""
    rows = db.execute(f"SELECT {SPENT} FROM spent")
    return sorted(((unpack(model), _spent(*row)) for model, *row in rows), key=lambda entry: entry[0])


def _spent(dollars: object, *counts: object) -> Spent:
    whole = [count for count in counts if isinstance(count, int)]
    if not isinstance(dollars, str) or not _DOLLARS.fullmatch(dollars) or len(whole) < len(counts):
        raise Damaged("dollars or requests")
    priced, uncounted, *tokens = whole
    return Spent(Decimal(dollars), priced, uncounted, Usage(*tokens))
