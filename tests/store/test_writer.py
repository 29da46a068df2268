"""Saving on a thread of its own: nobody waits, nothing is lost, trouble is told once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest

from stream_core.core.conversation import Turn
from stream_core.core.deltas import Block, Usage
from stream_core.core.errors import UsageError
from stream_core.core.instructions import NO_INSTRUCTIONS, Instructions
from stream_core.core.store_errors import (
    StoreBusy,
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreMoved,
    StoreReadOnly,
)
from stream_core.models.cost import Spent
from stream_core.store import jobs, save_queue
from stream_core.store import saving as saving_module
from stream_core.store import writer as writer_module
from stream_core.store.memory import MemoryStore
from stream_core.store.protocol import Place, Receipt, Store
from stream_core.store.saving import MAX_WAITING_TEXT, Saving
from stream_core.store.sqlite import SqliteStore
from stream_core.store.writer import Writer

WHOLE = Turn("¿Qué?", "Esto es todo.", "complete", "m")
CUT = Turn("¿Un cuento?", "Había una", "max_tokens", "m")
JOINED = Turn("¿Un cuento?", "Había una vez un sol.", "complete", "m")


class Moody(MemoryStore):
    """A store in memory whose methods fail or wait as told.

    Attributes:
        fails: what each method raises, while it is there.
        open: cleared while the disk hangs.
        calls: what was called, in order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.fails: dict[str, Exception] = {}
        self.open = threading.Event()
        self.open.set()
        self.calls: list[str] = []
        self.closed = 0

    def _called(self, name: str) -> None:
        self.calls.append(name)
        self.open.wait(30)
        if name in self.fails:
            raise self.fails[name]

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
        self._called("begin_turn")
        return super().begin_turn(
            conversation, question, model=model, at=at, instructions=instructions, asked=asked
        )

    def continue_turn(self, conversation: str, turn: Turn, *, at: float) -> Place:
        self._called("continue_turn")
        return super().continue_turn(conversation, turn, at=at)

    def append(self, place: Place, text: str, *, at: float) -> None:
        self._called("append")
        super().append(place, text, at=at)

    def end_turn(self, place: Place, turn: Turn, *, at: float) -> None:
        self._called("end_turn")
        super().end_turn(place, turn, at=at)

    def spend(self, model: str, spent: Spent, *, receipt: Receipt | None = None) -> None:
        self._called("spend")
        super().spend(model, spent, receipt=receipt)

    def close(self) -> None:
        self.closed += 1


class Case:
    """A writer, its store, and what it told."""

    def __init__(self) -> None:
        self.store = Moody()
        self.opened = 0
        self.no_opening: Exception | None = None
        self.told: list[StoreError] = []
        self.writer = Writer(self.open, on_failure=self.told.append)

    def open(self) -> Store:
        self.opened += 1
        if self.no_opening is not None:
            raise self.no_opening
        return self.store

    def begin(self, conversation: str | None = None, question: str = "¿Qué?") -> Saving:
        return self.writer.begin_turn(conversation, question, model="m")

    def ask(self, conversation: str | None = None, whole: Turn = WHOLE) -> Saving:
        saving = self.begin(conversation, whole.question)
        saving.text(whole.text)
        saving.end(whole)
        self.wait()
        return saving

    def go_on(self, saving: Saving, turn: Turn = CUT, text: str = " vez un sol.") -> Saving:
        again = self.writer.continue_turn(saving.conversation, turn)
        again.text(text)
        again.end(replace(turn, text=turn.text + text, outcome="complete"))
        self.wait()
        return again

    def wait(self) -> None:
        """Until everything that was handed over is done."""
        try:
            self.writer.call(lambda _: None)
        except StoreError:
            pass

    def kept(self, saving: Saving) -> list[Turn]:
        return list(self.store.turns(saving.conversation))


@pytest.fixture
def case() -> Iterator[Case]:
    made = Case()
    yield made
    made.store.open.set()
    made.writer.close(seconds=30)


def until(true: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


# -- as usual ------------------------------------------------------------------------------------


def test_nothing_is_opened_before_there_is_something_to_do(case: Case) -> None:
    before = threading.active_count()
    assert case.writer.close()
    assert (case.opened, threading.active_count()) == (0, before)


def test_a_question_is_safe_when_it_is_about_to_be_sent(case: Case) -> None:
    saving = case.begin()
    assert saving.place == Place(saving.conversation, 1)
    assert case.kept(saving) == [Turn("¿Qué?", "", "interrupted", "m")]


def test_a_turn_is_saved_as_a_whole(case: Case) -> None:
    saving = case.ask()
    again = case.ask(saving.conversation)
    assert again.place == Place(saving.conversation, 2)
    assert case.kept(saving) == [WHOLE, WHOLE]
    assert case.writer.close()
    assert case.store.closed == 1
    assert case.told == []


def test_text_is_saved_while_it_arrives(case: Case) -> None:
    saving = case.begin()
    for piece in ("Es", "to", " es"):
        saving.text(piece)
    until(lambda: case.kept(saving)[0].text == "Esto es")
    assert case.store.calls.count("append") <= 3


def test_much_text_does_not_wait(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving_module, "_BATCH_SECONDS", 3600.0)
    saving = case.begin()
    for _ in range(500):
        saving.text("x" * 10)
    until(lambda: len(case.kept(saving)[0].text) >= 4000)
    assert case.store.calls.count("append") < 20


def test_reading_sees_what_was_handed_over_before(case: Case) -> None:
    saving = case.begin()
    saving.text("Esto")
    assert case.writer.call(lambda store: [turn.text for turn in store.turns(saving.conversation)]) == [
        "Esto"
    ]
    saving.end(WHOLE)
    assert case.writer.call(lambda store: list(store.turns(saving.conversation))) == [WHOLE]


def test_what_is_not_known_when_the_writer_closes_is_saved_too(case: Case) -> None:
    saving = case.begin()
    saving.text("Esto")
    assert case.writer.close()
    assert case.kept(saving)[0].text == "Esto"


def test_two_turns_at_once(case: Case) -> None:
    first, second = case.begin(), case.begin()
    for piece in "abc":
        first.text(piece)
        second.text(piece.upper())
    case.wait()
    assert [case.kept(saving)[0].text for saving in (first, second)] == ["abc", "ABC"]


def test_after_its_end_a_turn_takes_nothing(case: Case) -> None:
    saving = case.ask()
    saving.text("tarde")
    saving.end(Turn("¿Qué?", "otra vez", "complete", "m"))
    case.wait()
    assert case.kept(saving) == [WHOLE]


def test_after_closing_nothing_is_taken_and_nothing_raises(case: Case) -> None:
    assert case.writer.close()
    saving = case.begin()
    saving.text("x")
    saving.end(WHOLE)
    assert saving.place is None
    with pytest.raises(UsageError):
        case.writer.call(lambda _: None)
    assert case.writer.close()


# -- work ----------------------------------------------------------------------------------------


def test_work_gives_its_result_or_raises(case: Case) -> None:
    assert case.writer.call(lambda store: store.totals().turns) == 0
    with pytest.raises(StoreFull):
        case.writer.call(lambda _: exec("raise error", {"error": StoreFull()}))
    with pytest.raises(ZeroDivisionError):
        case.writer.call(lambda _: 1 // 0)
    assert case.told == []
    assert case.writer.failed is None


def test_work_is_done_on_one_thread_which_cannot_wait_for_itself(case: Case) -> None:
    threads = {case.writer.call(lambda _: threading.current_thread()) for _ in range(3)}
    assert len(threads) == 1
    assert threads != {threading.current_thread()}
    with pytest.raises(UsageError):
        case.writer.call(lambda _: case.writer.call(lambda _: None))


def test_a_store_that_cannot_be_opened_is_told_to_the_one_who_asks(case: Case) -> None:
    case.no_opening = StoreReadOnly()
    with pytest.raises(StoreReadOnly):
        case.writer.call(lambda store: store.latest())
    case.no_opening = None
    assert case.writer.call(lambda store: store.latest()) is None


def ctrl_c_once_held(case: Case) -> None:
    """Press Ctrl+C once the store holds up a call: on a busy machine nobody may wait for it any sooner."""
    before = len(case.store.calls)

    def press() -> None:
        while len(case.store.calls) == before:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()


def test_ctrl_c_interrupts_a_wait_but_not_the_thread(case: Case) -> None:
    case.begin()
    case.store.open.clear()
    ctrl_c_once_held(case)
    with pytest.raises(KeyboardInterrupt):
        case.writer.call(lambda store: store.begin_turn(None, "¿?", model="m", at=0.0))
    case.store.open.set()
    assert case.begin().place is not None


def test_ctrl_c_while_a_question_is_saved_ends_its_turn(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "_BEGIN_SECONDS", 30.0)
    case.store.open.clear()
    ctrl_c_once_held(case)
    with pytest.raises(KeyboardInterrupt):
        case.begin()
    case.store.open.set()
    case.wait()
    (conversation,) = case.store.conversations(limit=2)
    assert list(case.store.turns(conversation.id)) == [Turn("¿Qué?", "", "cancelled", "m")]


def test_what_is_given_up_before_it_begins_is_not_done(case: Case) -> None:
    case.store.open.clear()
    flush = case.writer._flush
    case.writer._put(jobs.CallJob(lambda store: store.begin_turn(None, "", model="m", at=0.0), flush))
    given_up = jobs.CallJob(lambda store: case.store.calls.append("no"), flush)
    given_up.abandoned = True
    case.writer._put(given_up)
    case.store.open.set()
    case.wait()
    assert given_up.done.is_set()
    assert "no" not in case.store.calls


# -- trouble -------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["begin_turn", "append", "end_turn"])
def test_trouble_is_told_once_and_a_later_turn_brings_everything(case: Case, method: str) -> None:
    case.store.fails[method] = StoreFull()
    saving = case.begin()
    saving.text("Esto")
    case.wait()
    saving.end(WHOLE)
    case.wait()
    if method != "append":
        case.ask(saving.conversation)
        assert isinstance(case.writer.failed, StoreFull)
    assert [type(error) for error in case.told] == [StoreFull]
    case.store.fails.clear()
    case.ask(saving.conversation)
    assert len(case.kept(saving)) == (2 if method == "append" else 3)
    assert all(turn == WHOLE for turn in case.kept(saving))
    assert case.writer.failed is None
    assert len(case.told) == 1
    assert case.writer.close()


def test_after_it_worked_again_new_trouble_is_told_again(case: Case) -> None:
    for _ in range(2):
        case.store.fails["end_turn"] = StoreFull()
        case.ask()
        case.store.fails.clear()
        case.ask()
    assert len(case.told) == 2


def test_other_trouble_is_told_too(case: Case) -> None:
    for error in (StoreFull(), StoreReadOnly(), StoreReadOnly()):
        case.store.fails["begin_turn"] = error
        case.ask()
    assert [type(error) for error in case.told] == [StoreFull, StoreReadOnly]


def test_turns_that_waited_are_saved_when_the_writer_closes_and_in_order(case: Case) -> None:
    case.no_opening = StoreBusy()
    first = case.ask(None, Turn("uno", "1", "complete", "m"))
    case.ask(first.conversation, Turn("dos", "2", "complete", "m"))
    case.no_opening = None
    assert case.writer.close()
    assert [turn.question for turn in case.kept(first)] == ["uno", "dos"]


def test_closing_says_when_something_is_not_saved(case: Case) -> None:
    case.store.fails["end_turn"] = StoreFull()
    case.ask()
    assert not case.writer.close()


def test_a_gap_is_never_appended(case: Case) -> None:
    saving = case.begin()
    case.store.fails["append"] = StoreBusy()
    saving.text("uno ")
    case.wait()
    case.store.fails.clear()
    saving.text("dos")
    case.wait()
    assert case.kept(saving)[0].text == ""
    saving.end(WHOLE)
    case.wait()
    assert case.kept(saving) == [WHOLE]


def test_a_new_file_takes_the_turn_that_had_begun_in_the_damaged_one(case: Case) -> None:
    saving = case.ask()
    again = case.begin(saving.conversation)
    case.store.fails["append"] = StoreCorrupt(moved_to="x")
    old, case.store = case.store, Moody()
    again.text("Esto")
    case.wait()
    again.end(WHOLE)
    case.wait()
    assert (case.opened, old.closed) == (2, 1)
    assert case.kept(saving) == [WHOLE]
    assert [type(error) for error in case.told] == [StoreCorrupt]


def test_a_defect_in_a_store_neither_ends_the_thread_nor_holds_up_the_next_turn(case: Case) -> None:
    case.store.fails["end_turn"] = TypeError("our own fault")
    case.ask()
    case.store.fails.clear()
    saving = case.ask()
    assert case.kept(saving) == [WHOLE]
    assert [type(error) for error in case.told] == [StoreError]


def test_a_listener_that_raises_does_not_end_the_saving() -> None:
    def raising(_: StoreError) -> None:
        raise RuntimeError

    case = Case()
    case.writer = Writer(case.open, on_failure=raising)
    case.store.fails["begin_turn"] = StoreFull()
    case.ask()
    case.store.fails.clear()
    assert case.kept(case.ask()) == [WHOLE]
    assert case.writer.close()


def test_what_the_store_says_when_it_opens_is_handed_on(case: Case) -> None:
    case.store.notes = ["Algo."]
    assert case.writer.notes() == []
    case.begin()
    assert case.writer.notes() == ["Algo."]
    assert case.writer.notes() == []


# -- a reply that goes on ------------------------------------------------------------------------


def test_a_turn_goes_on_in_its_place(case: Case) -> None:
    first = case.ask()
    saving = case.ask(first.conversation, CUT)
    again = case.writer.continue_turn(first.conversation, CUT)
    assert again.place == saving.place
    assert again.conversation == first.conversation
    assert case.kept(first) == [WHOLE, replace(CUT, outcome="interrupted")]
    again.text(" vez")
    until(lambda: case.kept(first)[1].text == "Había una vez")
    again.text(" un sol.")
    again.end(JOINED)
    again.text("tarde")
    again.end(CUT)
    case.wait()
    assert case.kept(first) == [WHOLE, JOINED]
    assert case.writer.close()
    assert case.told == []


def test_a_turn_goes_on_again_and_again(case: Case) -> None:
    saving, turn = case.ask(None, CUT), CUT
    for number in range(5):
        case.go_on(saving, turn, f" {number}")
        turn = replace(turn, text=f"{turn.text} {number}", outcome="complete")
        assert case.kept(saving) == [turn]


def test_what_goes_on_may_end_while_its_beginning_still_waits(case: Case) -> None:
    saving = case.begin(question=CUT.question)
    case.store.open.clear()
    saving.text(CUT.text)
    saving.end(CUT)
    case.writer._slow_disk = True  # nobody waits for the disk
    again = case.writer.continue_turn(saving.conversation, CUT)
    again.end(JOINED)
    case.store.open.set()
    case.wait()
    assert case.kept(saving) == [JOINED]


def test_without_a_conversation_what_goes_on_begins_one(case: Case) -> None:
    saving = case.writer.continue_turn(None, CUT)
    assert saving.place == Place(saving.conversation, 1)
    assert case.kept(saving) == [replace(CUT, outcome="interrupted")]
    saving.end(JOINED)
    case.wait()
    assert case.kept(saving) == [JOINED]


def test_after_closing_what_goes_on_is_what_it_was(case: Case) -> None:
    saving = case.ask(None, CUT)
    assert case.writer.close()
    again = case.writer.continue_turn(saving.conversation, CUT)
    again.text(" vez un sol.")
    again.end(JOINED)
    assert again.place is None
    assert case.kept(saving) == [CUT]


@pytest.mark.parametrize("method", ["continue_turn", "append", "end_turn"])
def test_trouble_while_a_turn_goes_on_is_told_once_and_neither_doubles_nor_loses_it(
    case: Case, method: str
) -> None:
    saving = case.ask(None, CUT)
    case.store.fails[method] = StoreFull()
    again = case.writer.continue_turn(saving.conversation, CUT)
    again.text(" vez un sol.")
    case.wait()
    assert case.kept(saving)[0].text.startswith("Había una")
    again.end(JOINED)
    case.wait()
    if method == "append":
        assert case.kept(saving) == [JOINED]
    else:
        case.ask(saving.conversation)
        assert isinstance(case.writer.failed, StoreFull)
        assert len(case.kept(saving)) == 1
    case.store.fails.clear()
    case.ask(saving.conversation)
    assert case.kept(saving) == [JOINED, WHOLE] + [WHOLE] * (method != "append")
    assert [type(error) for error in case.told] == [StoreFull]
    assert case.writer.failed is None
    assert case.writer.close()


@pytest.mark.parametrize("method", ["begin_turn", "end_turn"])
def test_a_turn_that_is_not_saved_yet_can_go_on(case: Case, method: str) -> None:
    case.store.fails[method] = StoreFull()
    saving = case.ask(None, CUT)
    case.go_on(saving)
    case.go_on(saving, JOINED, " Y una luna.")
    case.store.fails.clear()
    assert case.writer.close()
    assert case.kept(saving) == [Turn("¿Un cuento?", "Había una vez un sol. Y una luna.", "complete", "m")]


def test_a_gap_in_what_goes_on_is_never_appended(case: Case) -> None:
    saving = case.ask(None, CUT)
    again = case.writer.continue_turn(saving.conversation, CUT)
    case.store.fails["append"] = StoreBusy()
    again.text(" vez")
    case.wait()
    case.store.fails.clear()
    again.text(" un sol.")
    case.wait()
    assert case.kept(saving)[0].text == "Había una"
    again.end(JOINED)
    case.wait()
    assert case.kept(saving) == [JOINED]


@pytest.mark.parametrize("method", ["continue_turn", "append", "end_turn"])
def test_a_new_file_takes_the_whole_of_what_went_on_in_the_damaged_one(case: Case, method: str) -> None:
    saving = case.ask(None, CUT)
    case.store.fails[method] = StoreCorrupt(moved_to="x")
    old, case.store = case.store, Moody()
    again = case.writer.continue_turn(saving.conversation, CUT)
    again.text(" vez un sol.")
    case.wait()
    again.end(JOINED)
    assert case.writer.close()
    assert (case.opened, old.closed) == (2, 1)
    assert case.kept(saving) == [JOINED]
    assert [type(error) for error in case.told] == [StoreCorrupt]


def test_a_file_that_is_opened_again_has_the_turn_that_goes_on(case: Case) -> None:
    saving = case.ask(None, CUT)
    case.store.fails["continue_turn"] = StoreMoved()
    again = case.writer.continue_turn(saving.conversation, CUT)
    case.store.fails.clear()
    again.text(" vez un sol.")
    again.end(JOINED)
    case.wait()
    assert case.opened == 2
    assert case.kept(saving) == [JOINED]
    assert again.place == saving.place


def test_a_defect_while_a_turn_goes_on_leaves_it_as_it_was(case: Case) -> None:
    saving = case.ask(None, CUT)
    case.store.fails["continue_turn"] = TypeError("our own fault")
    case.go_on(saving)
    case.store.fails.clear()
    case.ask(saving.conversation)
    assert case.kept(saving) == [CUT, WHOLE]
    assert [type(error) for error in case.told] == [StoreError]


def test_ctrl_c_before_a_turn_goes_on_leaves_it_as_it_was(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    saving = case.ask(None, CUT)
    monkeypatch.setattr(writer_module, "_BEGIN_SECONDS", 30.0)
    case.store.open.clear()
    ctrl_c_once_held(case)
    with pytest.raises(KeyboardInterrupt):
        case.writer.continue_turn(saving.conversation, CUT)
    case.store.open.set()
    case.wait()
    assert case.kept(saving) == [CUT]
    assert case.store.calls[-2:] == ["continue_turn", "end_turn"]


def test_a_disk_that_hangs_holds_up_nothing_that_goes_on(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    saving = case.ask(None, CUT)
    monkeypatch.setattr(writer_module, "_BEGIN_SECONDS", 0.05)
    case.store.open.clear()
    again = case.writer.continue_turn(saving.conversation, CUT)
    assert again.place is None
    for _ in range(3000):
        again.text("x" * 1000)
    assert again.size <= MAX_WAITING_TEXT
    again.end(JOINED)
    assert not case.writer.close(seconds=0.05)
    assert case.kept(saving) == [CUT]
    case.store.open.set()
    assert case.writer.close(seconds=30)
    assert case.kept(saving) == [JOINED]


def test_two_writers_let_the_same_turn_go_on(quick_path: Path) -> None:
    told: list[StoreError] = []
    first, second = (Writer(lambda: SqliteStore(quick_path), on_failure=told.append) for _ in range(2))
    saving = first.begin_turn(None, CUT.question, model="m")
    saving.end(CUT)
    name = saving.conversation
    one = first.continue_turn(name, CUT)
    other = second.continue_turn(name, CUT)
    assert (one.place, other.place) == (Place(name, 1), Place(name, 2))
    one.text(" vez un sol.")
    other.text(" niña.")
    other.end(replace(CUT, text="Había una niña."))
    assert second.close(seconds=30)
    one.end(JOINED)
    assert first.call(lambda store: list(store.turns(name))) == [JOINED, replace(CUT, text="Había una niña.")]
    assert first.call(lambda store: len(store.search("cuento", limit=5))) == 2
    assert first.close(seconds=30)
    assert told == []


def test_what_another_writer_added_meanwhile_stays(quick_path: Path) -> None:
    told: list[StoreError] = []
    first, second = (Writer(lambda: SqliteStore(quick_path), on_failure=told.append) for _ in range(2))
    saving = first.begin_turn(None, CUT.question, model="m")
    saving.end(CUT)
    first.call(lambda _: None)
    second.begin_turn(saving.conversation, WHOLE.question, model="m").end(WHOLE)
    assert second.close(seconds=30)
    first.continue_turn(saving.conversation, CUT).end(JOINED)
    assert first.call(lambda store: list(store.turns(saving.conversation))) == [CUT, WHOLE, JOINED]
    assert first.close(seconds=30)
    assert told == []


# -- a disk that hangs ---------------------------------------------------------------------------


CENT = Spent(D("0.01"), 1)


def test_what_was_spent_is_saved_before_the_turn_ends(case: Case) -> None:
    saving = case.begin()
    case.writer.spend("m", CENT)
    saving.end(WHOLE)
    assert case.writer.close()
    assert case.store.calls == ["begin_turn", "spend", "end_turn"]
    assert case.store.spent() == [("m", CENT)]


def test_what_could_not_be_saved_of_what_was_spent_comes_later(case: Case) -> None:
    for method in ("begin_turn", "spend", "end_turn"):
        case.store.fails[method] = StoreFull()
    for _ in range(3):
        saving = case.begin()
        case.writer.spend("m", CENT)
        case.writer.spend("otro", Spent(usage=Usage(1)))
        saving.end(WHOLE)
        case.wait()
    assert [type(error) for error in case.told] == [StoreFull]
    case.store.fails.clear()
    assert case.writer.close()
    assert case.store.spent() == [("m", Spent(D("0.03"), 3)), ("otro", Spent(usage=Usage(3)))]
    assert case.store.totals().turns == 3


def test_trouble_with_what_was_spent_alone_is_told_once_and_keeps_no_turn_from_being_saved(
    case: Case,
) -> None:
    case.store.fails["spend"] = StoreFull()
    case.writer.spend("m", CENT)
    case.wait()
    assert [type(error) for error in case.told] == [StoreFull]
    assert case.kept(case.ask()) == [WHOLE]
    case.store.fails.clear()
    assert case.kept(case.ask()) == [WHOLE]
    assert case.store.spent() == [("m", CENT)]
    assert case.writer.failed is None


def test_a_defect_in_saving_what_was_spent_is_not_tried_for_ever(case: Case) -> None:
    case.store.fails["spend"] = ValueError("defecto")
    case.writer.spend("m", CENT)
    assert case.kept(case.ask()) == [WHOLE]
    assert case.store.calls.count("spend") == 1
    assert case.writer.failed is None


def test_a_new_file_takes_what_was_spent_when_the_old_one_was_damaged(case: Case) -> None:
    case.store.fails["spend"] = StoreCorrupt()
    case.writer.spend("m", CENT)
    case.wait()
    case.store = Moody()
    assert case.kept(case.ask()) == [WHOLE]
    assert case.store.spent() == [("m", CENT)]


def test_after_closing_what_is_spent_is_not_taken_and_nothing_raises(case: Case) -> None:
    case.writer.close()
    case.writer.spend("m", CENT)
    assert case.store.spent() == []


def test_a_disk_that_hangs_holds_up_neither_text_nor_end(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "_BEGIN_SECONDS", 0.05)
    case.store.open.clear()
    saving = case.begin()
    assert saving.place is None
    for _ in range(3000):
        saving.text("x" * 1000)
    assert saving.size <= MAX_WAITING_TEXT
    saving.end(WHOLE)
    assert not case.writer.close(seconds=0.05)
    case.store.open.set()
    assert case.writer.close(seconds=30)
    assert case.kept(saving) == [WHOLE]


def test_what_waits_for_a_disk_is_bounded_and_told(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "_BEGIN_SECONDS", 0.0)
    monkeypatch.setattr(writer_module, "_MAX_JOBS", 20)
    case.store.open.clear()
    for _ in range(100):
        saving = case.begin()
        saving.end(WHOLE)
    assert len(case.writer._jobs) <= 20
    assert [type(error) for error in case.told] == [StoreBusy]
    case.store.open.set()
    until(lambda: case.writer.failed is None)
    assert case.kept(case.ask()) == [WHOLE]


def test_what_waits_for_room_is_bounded(case: Case) -> None:
    case.store.fails["begin_turn"] = StoreFull()
    for _ in range(save_queue.MAX_TURNS + 10):
        case.begin().end(WHOLE)
    case.wait()
    assert len(case.writer._queue.unsaved) == save_queue.MAX_TURNS


def test_a_program_can_end_while_the_disk_hangs() -> None:
    program = (
        "import time\n"
        "from stream_core.store.memory import MemoryStore\n"
        "from stream_core.store import writer\n"
        "writer._BEGIN_SECONDS = 0.1\n"
        "made = writer.Writer(lambda: time.sleep(3600) or MemoryStore(), on_failure=print)\n"
        "made.begin_turn(None, 'x', model='m')\n"
        "print(made.close(seconds=0.1))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stdout, run.stderr) == (0, "False\n", "")


def test_the_writer_loads_nothing_of_sqlite() -> None:
    program = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "import stream_core.store.writer, stream_core.store.memory\n"
        "print(sorted({'sqlite3', 'asyncio', 'logging', 'json'} & (set(sys.modules) - before)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert run.stdout == "[]\n"
