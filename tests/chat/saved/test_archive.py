"""What the chat keeps of the conversation that goes on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from stream_core.chat.saved.archive import Archive
from stream_core.core.conversation import Turn
from stream_core.core.deltas import Text
from stream_core.core.store_errors import StoreFull
from stream_core.store.memory import MemoryStore
from stream_core.store.protocol import Place, Store
from stream_core.store.sqlite import SqliteStore

WHOLE = Turn("¿Qué?", "Esto es todo.", "complete", "m")
CUT = Turn("¿Un cuento?", "Había una", "cancelled", "m")
JOINED = Turn("¿Un cuento?", "Había una vez un sol.", "complete", "m")


@pytest.fixture
def archive(quick_path: Path) -> Iterator[Archive]:
    made = Archive(lambda: SqliteStore(quick_path))
    yield made
    made.close()


def ask(archive: Archive, turn: Turn) -> None:
    kept = archive.begin(turn.question, model=turn.model)
    kept.feed(Text(turn.text, 0, 0.0))
    kept.end(turn)


def turns(archive: Archive, conversation: str | None = None) -> list[Turn]:
    name = conversation or archive.conversation
    assert name is not None
    return archive.call(lambda store: list(store.turns(name)))


def test_a_reply_that_goes_on_stays_one_turn_of_the_conversation(archive: Archive) -> None:
    ask(archive, WHOLE)
    ask(archive, CUT)
    conversation = archive.conversation
    kept = archive.continue_turn(CUT)
    kept.feed(Text(" vez", 0, 0.0))
    assert [turn.text for turn in turns(archive)] == ["Esto es todo.", "Había una vez"]
    kept.feed(Text(" un sol.", 0, 0.0))
    kept.end(JOINED)
    assert turns(archive) == [WHOLE, JOINED]
    assert archive.conversation == conversation
    ask(archive, WHOLE)
    assert turns(archive) == [WHOLE, JOINED, WHOLE]
    assert archive.safe and archive.pending_notices() == []


def test_a_reply_of_an_earlier_program_goes_on(archive: Archive, quick_path: Path) -> None:
    earlier = Archive(lambda: SqliteStore(quick_path))
    ask(earlier, CUT)
    earlier.close()
    archive.switch_to(earlier.conversation)
    archive.continue_turn(CUT).end(JOINED)
    assert turns(archive) == [JOINED]
    assert archive.conversation == earlier.conversation


def test_in_a_conversation_that_has_not_begun_the_whole_is_its_first_turn(archive: Archive) -> None:
    ask(archive, CUT)
    before = archive.conversation
    archive.switch_to(None)
    archive.continue_turn(CUT).end(JOINED)
    assert archive.conversation not in (None, before)
    assert turns(archive) == [JOINED]
    assert turns(archive, before) == [CUT]


def test_where_nothing_is_kept_nothing_happens_when_a_reply_goes_on() -> None:
    archive = Archive(None)
    kept = archive.continue_turn(CUT)
    kept.feed(Text(" vez", 0, 0.0))
    kept.end(JOINED)
    assert archive.conversation is None and not archive.safe and archive.pending_notices() == []


def test_a_reply_that_goes_on_without_room_is_told_once(quick_path: Path) -> None:
    room = False

    def opened() -> Store:
        if not room:
            raise StoreFull
        return SqliteStore(quick_path)

    archive = Archive(opened)
    ask(archive, CUT)
    archive.continue_turn(CUT).end(JOINED)
    with pytest.raises(StoreFull):
        turns(archive)
    assert len(archive.pending_notices()) == 1 and not archive.safe
    room = True
    ask(archive, WHOLE)
    assert turns(archive) == [JOINED, WHOLE]
    assert archive.safe and archive.pending_notices() == []
    archive.close()


@pytest.mark.parametrize("first", ["looked", "asked"])
def test_looking_for_what_was_left_and_saving_fail_as_one(first: str) -> None:
    """The two fail on different threads, in any order."""
    full = True

    def opened() -> Store:
        if full:
            raise StoreFull
        return MemoryStore()

    archive = Archive(opened)
    for step in ("looked", "asked") if first == "looked" else ("asked", "looked"):
        if step == "asked":
            ask(archive, WHOLE)
        else:
            looked = threading.Event()
            archive.recover_unfinished(looked.set)
            assert looked.wait(20)
    assert len(archive.pending_notices()) == 1
    full = False
    ask(archive, WHOLE)
    assert len(turns(archive)) == 2 and archive.pending_notices() == []
    archive.close()


def test_saving_that_fails_after_it_has_worked_again_is_told_anew() -> None:
    full = True
    refused: list[str] = []

    class Filled(MemoryStore):
        def end_turn(self, place: Place, turn: Turn, *, at: float) -> None:
            if turn.question in refused:
                raise StoreFull
            super().end_turn(place, turn, at=at)

    def opened() -> Store:
        if full:
            raise StoreFull
        return Filled()

    archive, looked = Archive(opened), threading.Event()
    archive.recover_unfinished(looked.set)
    assert looked.wait(20) and len(archive.pending_notices()) == 1
    full = False
    ask(archive, WHOLE)
    assert turns(archive) == [WHOLE] and archive.pending_notices() == []
    refused.append(CUT.question)
    ask(archive, CUT)
    assert turns(archive) and len(archive.pending_notices()) == 1
    archive.close()


@pytest.mark.parametrize("in_chat", [True, False])
def test_only_a_chat_promises_to_go_on(in_chat: bool) -> None:
    def opened() -> Store:
        raise StoreFull

    archive = Archive(opened, in_chat=in_chat)
    ask(archive, WHOLE)
    archive.close()
    told, *at_the_end = archive.pending_notices()
    assert (
        len(at_the_end) == in_chat
    )  # nobody leaves without knowing; without a chat it was told a moment ago
    assert all("No se pudo guardar una respuesta de esta sesión" in sentence for sentence in at_the_end)
    assert ("El chat sigue" in told) is in_chat and (
        "hasta entonces no se guarda nada" in told
    ) is not in_chat
