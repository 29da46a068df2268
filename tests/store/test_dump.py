"""Copying conversations between stores."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support.postgres import missing

from stream_core.core.conversation import Turn
from stream_core.core.deltas import Usage
from stream_core.core.instructions import Instructions
from stream_core.models.cost import Spent
from stream_core.store.dump import Copied, Dumped, Transferable, copy_all
from stream_core.store.sqlite import SqliteStore


def turn(question: str, text: str, **more: Any) -> Turn:
    return Turn(
        question,
        text,
        more.pop("outcome", "complete"),
        "m",
        Usage(1, 2, 3, 4),
        ({"type": "text", "text": text},),
    )


def fill(store: Transferable) -> str:
    """Conversations with everything that a copy could lose; returns the id of the first one."""
    place = store.begin_turn(None, "uno", model="m", at=4e9)  # a clock that was wrong
    store.end_turn(place, turn("uno", "1\x00\ud83d\x1a"), at=11.0)
    for number in range(2, 80):
        kept = store.begin_turn(place.conversation, f"{number}", model="m", at=10.0 + number)
        store.end_turn(kept, turn(f"{number}", f"t{number}", outcome="cancelled"), at=20.0 + number)
    store.undo(place.conversation)  # a gap in the numbers
    other = store.begin_turn(None, "otra " * 100, model="m", at=1.0)
    blocks = ({"type": "thinking", "thinking": "hm", "signature": "s"}, {"type": "text", "text": "ñ"})
    store.end_turn(other, Turn("otra " * 100, "ñ" * 9000, "complete", "otro", Usage(5), blocks), at=2.0)
    store.end_turn(
        store.begin_turn(
            place.conversation, "fin", model="m", at=3.0, instructions=Instructions("Sé\x00", "r")
        ),
        turn("fin", "f"),
        at=4.0,
    )
    store.spend("m", Spent(Decimal("1.25"), 2, 1, Usage(1, 2, 3, 4, 5, 6)))
    store.spend("\ud83d", Spent(uncounted=3))
    return place.conversation


def everything(store: Transferable) -> tuple[list[Dumped], Any, Any, Any]:
    summaries = store.conversations(limit=50)
    return list(store.dump()), summaries, store.totals(), store.spent()


@pytest.fixture
def local(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "a")
    yield store
    store.close()


@pytest.fixture(params=["sqlite", "postgres"])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Transferable]:
    if request.param == "postgres" and (reason := missing()):
        pytest.skip(reason)
    is_file = request.param == "sqlite"
    store: Transferable = (
        SqliteStore(tmp_path / "b") if is_file else request.getfixturevalue("postgres_store")
    )
    yield store
    store.close()


def test_over_and_back_everything_is_as_it_was(
    local: SqliteStore, other: Transferable, tmp_path: Path
) -> None:
    fill(local)
    assert copy_all(local, other) == Copied(new=2)
    back = SqliteStore(tmp_path / "c")
    assert copy_all(other, back) == Copied(new=2)
    assert everything(back) == everything(other) == everything(local)
    assert [hit.line for hit in back.search("fin", limit=5)] == [
        hit.line for hit in local.search("fin", limit=5)
    ]
    back.close()


def test_a_second_time_changes_nothing(local: SqliteStore, other: Transferable) -> None:
    fill(local)
    copy_all(local, other)
    before = everything(other)
    assert copy_all(local, other) == Copied(same=2)
    assert copy_all(other, local) == Copied(same=2)
    assert everything(other) == before


def test_what_went_on_is_completed_and_what_went_apart_stays_beside(
    local: SqliteStore, other: Transferable
) -> None:
    name = fill(local)
    copy_all(local, other)
    local.end_turn(local.begin_turn(name, "más", model="m", at=9.0), turn("más", "x"), at=9.5)
    assert copy_all(local, other) == Copied(longer=1, same=1)
    assert [kept.question for kept in other.turns(name)][-1] == "más"
    assert copy_all(other, local) == Copied(same=2)
    for store, text in ((local, "aquí"), (other, "allí")):
        store.end_turn(store.begin_turn(name, text, model="m", at=10.0), turn(text, text), at=10.5)
    assert copy_all(local, other) == Copied(same=1, beside=1)
    assert [kept.question for kept in other.turns(name)][-1] == "allí"
    assert sorted(next(iter(reversed(d.turns))).turn.question for d in other.dump()) == sorted(
        ["allí", "aquí", "otra " * 100]
    )


def test_unfinished_turns_stay_where_they_are(local: SqliteStore, other: Transferable) -> None:
    local.append(local.begin_turn(None, "¿?", model="m", at=1.0), "a medias", at=2.0)
    assert copy_all(local, other) == Copied(new=1)
    (dumped,) = other.dump()
    assert dumped.turns == ()
