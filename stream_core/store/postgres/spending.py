"""Spending, with receipts. Functions over a connection; they raise psycopg.Error."""
# See docs/adr/0013-spending-kept-apart.md, docs/adr/0019-journal-beside-the-store.md

from __future__ import annotations

from stream_core.core.token_usage import Usage
from stream_core.models.cost import Spent
from stream_core.store.protocol import Receipt
from stream_core.store.row_mapping import figure

from .schema import SCHEMA
from .session import Database
from .text_codec import pack, unpack

_COUNTS = (
    "priced, uncounted, input_tokens, output_tokens, cache_creation_input_tokens, cache_read_input_tokens,"
    " cache_creation_1h_input_tokens, web_search_requests"
)
"""The columns of the counts, in the order of the fields of `Spent` and `Usage`."""
_MOST = 1 << 53


def use(db: Database, receipt: Receipt) -> bool:
    """Use a receipt in the open transaction; returns False if it was used before."""
    done = db.execute(
        f"INSERT INTO {SCHEMA}.receipts AS r(program, last) VALUES(%s, %s)"
        " ON CONFLICT(owner, program) DO UPDATE SET last = excluded.last WHERE r.last < excluded.last",
        (pack(receipt.program), receipt.number),
    )
    return done.rowcount == 1


def add(db: Database, model: str, spent: Spent) -> None:
    """Add what requests to a model cost, in the open transaction."""
    counts = [figure(count) for count in (spent.priced, spent.uncounted, *spent.usage.billed)]
    names = _COUNTS.replace("\n", " ").split(", ")
    sums = ", ".join(f"{name} = least(s.{name} + excluded.{name}, {_MOST})" for name in names)
    db.execute(
        f"INSERT INTO {SCHEMA}.spent AS s(model, dollars, {_COUNTS})"
        f" VALUES(%s, %s, {', '.join(['%s'] * len(counts))}) ON CONFLICT(owner, model)"
        f" DO UPDATE SET dollars = s.dollars + excluded.dollars, {sums}",
        (pack(model), spent.dollars, *counts),
    )


def read(db: Database) -> list[tuple[str, Spent]]:
    """Return what was spent for each model, sorted by model."""
    found = db.execute(f"SELECT model, dollars, {_COUNTS} FROM {SCHEMA}.spent").fetchall()
    entries = []
    for model, dollars, priced, uncounted, *tokens in found:
        entries.append((unpack(model), Spent(dollars, priced, uncounted, Usage(*tokens))))
    return sorted(entries, key=lambda entry: entry[0])
