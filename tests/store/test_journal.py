"""Turns that the store cannot take are written beside it and saved once, later or by the next program."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from decimal import Decimal as D
from pathlib import Path

import pytest

from stream_core.core.conversation import Turn
from stream_core.core.deltas import Block, Usage
from stream_core.core.instructions import NO_INSTRUCTIONS, Instructions
from stream_core.core.store_errors import StoreBusy, StoreError, StoreFull, StoreHolderStopped
from stream_core.models.cost import Spent
from stream_core.store import locks
from stream_core.store.journal import RESERVE_BYTES, Journal
from stream_core.store.journal_reader import leftovers
from stream_core.store.memory import MemoryStore
from stream_core.store.process_state import is_stopped
from stream_core.store.protocol import FOLDER, PendingTurn, Place, Receipt, Spending, Store
from stream_core.store.sqlite import SqliteStore
from stream_core.store.writer import Writer

WHOLE = Turn(
    "¿Qué?", "Esto es todo.", "complete", "m", Usage(1, 2), ({"type": "text", "text": "Esto es todo."},)
)
ODD = Turn("sin \ud800 par", "a\u2028b\x00\n" * 3, "cancelled", "m", Usage(1, 2, 3, 4), ({"type": "x"},))
CUT = Turn("¿Un cuento?", "Había una", "max_tokens", "m")
JOINED = replace(CUT, text="Había una vez un sol.", outcome="complete")

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals")


@pytest.fixture
def data(quick_path: Path) -> Path:
    return quick_path / "datos"


def writer_of(data: Path, told: list[StoreError] | None = None) -> Writer:
    told = [] if told is None else told
    return Writer(lambda: SqliteStore(data), on_failure=told.append, journal=Journal(data / FOLDER))


def saved(data: Path) -> dict[str, list[Turn]]:
    """Every conversation, as the next program finds it."""
    writer = writer_of(data)
    try:
        return writer.call(
            lambda store: {each.id: list(store.turns(each.id)) for each in store.conversations(limit=99)}
        )
    finally:
        assert writer.close(seconds=30)


def journals(data: Path) -> list[Path]:
    return sorted((data / FOLDER).glob("*.jsonl"))


@contextmanager
def stopped_holder(data: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program that is stopped in the middle of a transaction."""
    with closing(SqliteStore(data)):
        pass
    program = textwrap.dedent(
        f"""
        import os, signal
        from pathlib import Path
        from stream_core.store.sqlite import SqliteStore
        store = SqliteStore(Path({str(data)!r}))
        with store._file.writing() as db:
            db.execute("UPDATE conversations SET updated = updated")
            os.kill(os.getpid(), signal.SIGSTOP)
        store.close()
        """
    )
    running = subprocess.Popen([sys.executable, "-c", program])
    try:
        assert os.WIFSTOPPED(os.waitpid(running.pid, os.WUNTRACED)[1])
        yield running
    finally:
        running.send_signal(signal.SIGCONT)
        running.wait(30)


def ask(writer: Writer, turn: Turn, conversation: str | None = None) -> str:
    saving = writer.begin_turn(conversation, turn.question, model=turn.model)
    saving.text(turn.text)
    saving.end(turn)
    writer.call(lambda _: None) if writer.failed is None else None
    return saving.conversation


# -- a program that is stopped -------------------------------------------------------------------


@posix
def test_a_stopped_holder_is_known_and_not_waited_for(data: Path) -> None:
    with stopped_holder(data) as holder:
        assert is_stopped(holder.pid)
        handle = locks.lock_file(data / FOLDER / "lock")
        with pytest.raises(StoreHolderStopped) as caught, locks.exclusive(handle, data, 600):
            pass
        assert caught.value.pid == holder.pid
        os.close(handle)
    assert not is_stopped(os.getpid())
    assert not is_stopped(2**30)


@posix
def test_beside_a_stopped_program_what_is_saved_can_be_read(data: Path) -> None:
    with closing(SqliteStore(data)) as store:
        store.end_turn(store.begin_turn("a1234567", "¿Qué?", model="m", at=1.0), WHOLE, at=2.0)
    with stopped_holder(data):
        with closing(SqliteStore(data)) as store:
            assert store.latest() == "a1234567"
            assert list(store.turns("a1234567")) == [WHOLE]
            assert [hit.place for hit in store.search("todo", limit=3)] == [Place("a1234567", 1)]
            with pytest.raises(StoreHolderStopped):
                store.begin_turn(None, "x", model="m", at=3.0)
    with closing(SqliteStore(data)) as store:
        store.begin_turn(None, "x", model="m", at=3.0)


@posix
def test_what_is_said_beside_a_stopped_program_is_saved_once_it_continues(data: Path) -> None:
    told: list[StoreError] = []
    writer = writer_of(data, told)
    with stopped_holder(data):
        name = ask(writer, WHOLE)
        ask(writer, ODD, name)
        writer.spend("m", Spent(D("0.5"), 1))
    assert writer.close(seconds=30)
    assert [type(error) for error in told] == [StoreHolderStopped]
    assert journals(data) == []
    assert saved(data) == {name: [WHOLE, ODD]}
    with closing(SqliteStore(data)) as store:
        assert store.spent() == [("m", Spent(D("0.5"), 1))]


@posix
def test_what_could_not_be_saved_at_the_end_is_taken_in_by_the_next_program(data: Path) -> None:
    writer = writer_of(data)
    with stopped_holder(data):
        name = ask(writer, WHOLE)
        ask(writer, ODD, name)
        writer.spend("m", Spent(D("0.5"), 1))
        writer.spend("m", Spent(D("0.25"), 1))
        assert not writer.close(seconds=30)
        assert writer.left() == (2, 0)
        (file,) = journals(data)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    following = writer_of(data)
    assert following.call(lambda store: list(store.turns(name))) == [WHOLE, ODD]
    assert following.notes() == ["La última vez no se pudo guardar todo: recojo ahora 2 respuestas."]
    assert following.call(lambda store: store.spent()) == [("m", Spent(D("0.75"), 2))]
    assert following.call(lambda store: store.latest()) == name
    assert following.close(seconds=30)
    assert journals(data) == []


@posix
@pytest.mark.parametrize("continued", [False, True])
def test_a_program_that_is_killed_beside_a_stopped_one_loses_nothing(data: Path, continued: bool) -> None:
    with closing(SqliteStore(data)) as store:
        store.end_turn(store.begin_turn("a1234567", CUT.question, model="m", at=1.0), CUT, at=2.0)
    begin = f"continue_turn('a1234567', Turn({CUT.question!r}, {CUT.text!r}, 'max_tokens', 'm'))"
    if not continued:
        begin = "begin_turn('a1234567', '¿Otra?', model='m')"
    program = textwrap.dedent(
        f"""
        import os, signal
        from pathlib import Path
        from stream_core.core.conversation import Turn
        from stream_core.store.journal import Journal
        from stream_core.store.sqlite import SqliteStore
        from stream_core.store.writer import Writer
        data = Path({str(data)!r})
        told = []
        writer = Writer(lambda: SqliteStore(data), on_failure=told.append, journal=Journal(data / "{FOLDER}"))
        saving = writer.{begin}
        for piece in (" vez", " un", " sol."):
            saving.text(piece)
            writer.call(lambda _: None)
        os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    with stopped_holder(data):
        assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -signal.SIGKILL
        assert len(journals(data)) == 1
    found = saved(data)["a1234567"]
    if continued:
        assert found == [replace(JOINED, outcome="interrupted")]
    else:
        assert found == [CUT, Turn("¿Otra?", " vez un sol.", "interrupted", "m")]
    assert saved(data)["a1234567"] == found


@posix
def test_before_a_stop_that_is_known_the_file_is_left_to_others(data: Path) -> None:
    writer = writer_of(data)
    name = ask(writer, WHOLE)
    assert locks.hold_back(30)
    try:
        saving = writer.begin_turn(name, CUT.question, model="m")
        program = f"""
from pathlib import Path
from stream_core.store.sqlite import SqliteStore
store = SqliteStore(Path({str(data)!r}))
store.begin_turn({name!r}, "de otro", model="m", at=1.0)
store.close()
"""
        subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
    finally:
        locks.release()
    saving.end(CUT)
    assert writer.close(seconds=30)
    assert [turn.question for turn in saved(data)[name]] == [WHOLE.question, "de otro", CUT.question]


# -- a full disk, a store that refuses -----------------------------------------------------------


class Refusing(MemoryStore):
    """A store that takes nothing while `error` is there."""

    error: StoreError | None = None

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
        if self.error is not None:
            raise self.error
        return super().begin_turn(
            conversation, question, model=model, at=at, instructions=instructions, asked=asked
        )

    def end_turn(self, place: Place, turn: Turn, *, at: float) -> None:
        if self.error is not None:
            raise self.error
        super().end_turn(place, turn, at=at)

    def spend(self, model: str, spent: Spent, *, receipt: Receipt | None = None) -> None:
        if self.error is not None:
            raise self.error
        super().spend(model, spent, receipt=receipt)


def test_what_waits_is_retried_without_a_further_question(quick_path: Path) -> None:
    store, told = Refusing(), list[StoreError]()
    store.error = StoreBusy()
    writer = Writer(lambda: store, on_failure=told.append, journal=Journal(quick_path))
    saving = writer.begin_turn(None, WHOLE.question, model="m")
    saving.end(WHOLE)
    writer.call(lambda _: None)
    assert len(list(quick_path.glob("pending-*"))) == 1
    store.error = None
    while writer.call(lambda store: store.latest()) is None:
        pass
    assert list(store.turns(saving.conversation)) == [WHOLE]
    assert writer.close(seconds=30)
    assert list(quick_path.glob("pending-*")) == []


def test_a_conversation_that_is_deleted_does_not_come_back_from_the_journal(quick_path: Path) -> None:
    store = Refusing()
    store.error = StoreBusy()
    writer = Writer(lambda: store, on_failure=lambda _: None, journal=Journal(quick_path))
    saving = writer.begin_turn(None, WHOLE.question, model="m")
    saving.end(WHOLE)
    writer.call(lambda _: None)
    store.error = None
    writer.call(lambda store: store.delete(saving.conversation))
    assert writer.close(seconds=30)
    assert list(quick_path.glob("pending-*")) == []
    following = Writer(lambda: store, on_failure=lambda _: None, journal=Journal(quick_path))
    assert following.call(lambda store: store.conversations(limit=5)) == []
    assert following.close(seconds=30)


def test_more_turns_than_memory_takes_are_in_the_journal(quick_path: Path) -> None:
    store = Refusing()
    store.error = StoreFull()
    writer = Writer(lambda: store, on_failure=lambda _: None, journal=Journal(quick_path))
    names = set()
    for number in range(450):
        saving = writer.begin_turn(None, f"{number}", model="m")
        saving.end(Turn(f"{number}", "x", "complete", "m"))
        names.add(saving.conversation)
    assert not writer.close(seconds=60)
    assert writer.left() == (450, 0)
    store.error = None
    following = Writer(lambda: store, on_failure=lambda _: None, journal=Journal(quick_path))
    assert following.call(lambda store: {each.id for each in store.conversations(limit=999)}) == names
    assert following.close(seconds=60)
    assert list(quick_path.glob("pending-*")) == []


def test_what_is_nowhere_is_counted(quick_path: Path) -> None:
    store = Refusing()
    store.error = StoreFull()
    place = quick_path / "no"
    place.write_text("a file in place of the folder")
    writer = Writer(lambda: store, on_failure=lambda _: None, journal=Journal(place))
    for _ in range(3):
        writer.begin_turn(None, WHOLE.question, model="m").end(WHOLE)
    assert not writer.close(seconds=30)
    assert writer.left() == (0, 3)


# -- the file ------------------------------------------------------------------------------------


def test_the_journal_of_a_program_that_lives_is_left_alone(data: Path) -> None:
    journal = Journal(data / FOLDER)
    journal.begin("k", PendingTurn("a1234567", WHOLE, 1.0, 1.0))
    assert saved(data) == {}
    journal.close()
    assert list(saved(data)) == ["a1234567"]


def test_half_a_line_at_the_end_is_no_damage_and_a_bad_line_is_put_aside(data: Path) -> None:
    journal = Journal(data / FOLDER)
    journal.begin("k", PendingTurn("a1234567", WHOLE, 1.0, 1.0))
    journal.end("k", WHOLE, 2.0)
    journal.close()
    (file,) = journals(data)
    sound = file.read_bytes()
    file.write_bytes(sound + b'{"begin": "z", "conv')
    assert saved(data) == {"a1234567": [WHOLE]}
    assert journals(data) == []
    for bad in (
        b"\xff\n",
        b"[]\n",
        b'{"end": "q", "turn": {}, "at": 1}\n',
        b'{"more": "k", "text": 5}\n',
        b"[" * 9999,
    ):
        file.write_bytes(bad + b"\n" + sound)
        assert saved(data) == {"a1234567": [WHOLE]}
        assert [each.name for each in journals(data)] == [f"apartado-{file.name}"]
        journals(data)[0].unlink()


@posix
def test_what_is_no_journal_of_ours_is_neither_read_nor_waited_for(data: Path, tmp_path: Path) -> None:
    with closing(SqliteStore(data)):
        pass
    folder = data / FOLDER
    os.mkfifo(folder / "pending-a.jsonl")
    (folder / "pending-b.jsonl").symlink_to("/dev/zero")
    (folder / "pending-c.jsonl").mkdir()
    assert saved(data) == {}
    assert len(journals(data)) == 3


def test_two_programs_take_a_journal_in_once(data: Path) -> None:
    journal = Journal(data / FOLDER)
    journal.begin("k", PendingTurn("a1234567", WHOLE, 1.0, 1.0))
    journal.end("k", WHOLE, 2.0)
    with closing(SqliteStore(data)) as store:
        store.spend("m", Spent(D("0.5"), 1), receipt=Receipt("p", 1))
    journal.spend(Spending(Receipt("p", 1), "m", Spent(D("0.5"), 1)))
    journal.spend(Spending(Receipt("p", 2), "m", Spent(D("0.125"), 1)))
    (file,) = journals(data)
    copy = data / "copia"
    shutil.copy(file, copy)
    journal.close()
    with leftovers(data / FOLDER, None) as first:
        assert len(list(first)) == 1
        with leftovers(data / FOLDER, None) as second:
            assert list(second) == []
    assert saved(data) == {"a1234567": [WHOLE]}
    with closing(SqliteStore(data)) as store:
        assert store.spent() == [("m", Spent(D("0.625"), 2))]
    shutil.copy(copy, file)  # killed between saving and deleting
    assert saved(data) == {"a1234567": [WHOLE]}
    with closing(SqliteStore(data)) as store:
        assert store.spent() == [("m", Spent(D("0.625"), 2))]
    for line in copy.read_text().splitlines():
        json.loads(line)


# -- adopting ------------------------------------------------------------------------------------


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, data: Path) -> Iterator[Store]:
    made: Store = MemoryStore() if request.param == "memory" else SqliteStore(data)
    yield made
    made.close()


def test_a_pending_turn_completes_what_the_store_has_of_it(store: Store) -> None:
    place = store.begin_turn(None, WHOLE.question, model="m", at=1.0)
    store.append(place, "Esto", at=2.0)
    pending = PendingTurn(place.conversation, WHOLE, 9.0, 10.0, number=1)
    assert store.adopt(pending)
    assert list(store.turns(place.conversation)) == [WHOLE]
    assert not store.adopt(pending)
    assert store.conversations(limit=1)[0].updated == 10.0


def test_a_pending_turn_that_the_store_has_not_is_added_once(store: Store) -> None:
    pending = PendingTurn("a1234567", ODD, 9.0, 10.0)
    assert store.adopt(pending)
    assert not store.adopt(pending)
    assert store.adopt(replace(pending, begun=11.0))  # asked again, and answered alike
    assert list(store.turns("a1234567")) == [ODD, ODD]


def test_a_pending_turn_that_never_ended_costs_one_request_that_nobody_counted(store: Store) -> None:
    cut = Turn("¿Otra?", "Había", "interrupted", "m")
    assert store.adopt(PendingTurn("a1234567", cut, 9.0, None))
    assert not store.adopt(PendingTurn("a1234567", cut, 9.0, None))
    place = store.begin_turn(None, "¿Y otra?", model="m", at=1.0)
    assert store.adopt(
        PendingTurn(place.conversation, replace(cut, question="¿Y otra?"), 1.0, None, number=1)
    )
    assert store.spent() == [("m", Spent(uncounted=2))]
    later = replace(cut, text="Había una")  # more of what the store knows to be interrupted already
    assert store.adopt(PendingTurn("a1234567", later, 9.0, None))
    assert store.spent() == [("m", Spent(uncounted=2))]


def test_a_pending_turn_that_goes_on_takes_the_place_of_its_beginning(store: Store) -> None:
    place = store.begin_turn(None, CUT.question, model="m", at=1.0)
    store.end_turn(place, CUT, at=2.0)
    pending = PendingTurn(place.conversation, JOINED, 9.0, 10.0, continues=CUT)
    assert store.adopt(pending)
    assert list(store.turns(place.conversation)) == [JOINED]
    assert not store.adopt(pending)
    store.end_turn(store.begin_turn(place.conversation, "otra", model="m", at=11.0), WHOLE, at=12.0)
    again = replace(pending, turn=replace(JOINED, text="Había una vez otra cosa."))
    assert store.adopt(again)  # another turn came after it: the whole is a turn of its own
    assert [turn.text for turn in store.turns(place.conversation)] == [
        JOINED.text,
        WHOLE.text,
        "Había una vez otra cosa.",
    ]


# -- a full disk ---------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A filesystem of 6 MB."""
    place = tmp_path / "disco"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no filesystem can be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_rounds_of_a_disk_that_fills_up_lose_nothing(
    small_disk: Path, soaking: bool, record_property: Callable[[str, object], None]
) -> None:
    """A program saves while the disk fills up, and ends; the next one has room again."""
    chance, said = random.Random(5), dict[str, str]()
    rounds = 60 if soaking else 3
    for number in range(rounds):
        writer = writer_of(small_disk)
        full = chance.randrange(5)
        for place in range(5):
            if place == full:
                fill(small_disk / "relleno")
            text = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randrange(40_000)))
            saving = writer.begin_turn("a1234567", f"{number}.{place}", model="m")
            saving.text(text)
            saving.end(Turn(f"{number}.{place}", text, "complete", "m"))
            said[f"{number}.{place}"] = text
        writer.close(seconds=30)
        assert writer.left()[1] == 0
        (small_disk / "relleno").unlink()
        following = writer_of(small_disk)
        found = following.call(lambda store: {turn.question: turn.text for turn in store.turns("a1234567")})
        assert found == said
        if number % 10 == 9:  # else the disk is too small for what is said
            following.call(lambda store: store.delete("a1234567"))
            said.clear()
        assert following.close(seconds=30)
    record_property("rounds", rounds)
    assert journals(small_disk) == list((small_disk / FOLDER).glob("*apartado*")) == []


def fill(file: Path) -> None:
    with file.open("wb", buffering=0) as stream, pytest.raises(OSError, match="No space"):
        while True:
            stream.write(b"x" * 4096)


def test_what_fills_the_disk_does_not_get_the_space_that_is_kept_for_the_journal(small_disk: Path) -> None:
    folder = small_disk / FOLDER
    folder.mkdir(mode=0o700)
    journal = Journal(folder)
    journal.keep_reserve()
    texts = ["x" * 20_000, "y" * 30_000, "z" * 40_000]
    for number, text in enumerate(texts):
        fill(small_disk / f"relleno-{number}")  # whatever has become free meanwhile
        turn = Turn(f"{number}", text, "complete", "m")
        journal.begin(f"{number}", PendingTurn("a1234567", turn, 1.0, None))
        journal.end(f"{number}", turn, 2.0)
    journal.close()
    with leftovers(folder, None) as found:
        ((_, leftover),) = found
    assert [pending.turn.text for pending in leftover.turns] == texts and not leftover.damaged
    for number in range(len(texts)):
        (small_disk / f"relleno-{number}").unlink()
    journal.clear()
    assert (folder / "reserve").stat().st_size == RESERVE_BYTES


def test_what_is_said_on_a_full_disk_is_there_when_there_is_room_again(small_disk: Path) -> None:
    told: list[StoreError] = []
    writer = writer_of(small_disk, told)
    name = ask(writer, WHOLE)
    fill(small_disk / "relleno")
    signs = random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=250_000)
    large = "".join(signs)  # more than the file has room for, also compressed
    asked = [Turn(f"{number}", large, "complete", "m") for number in range(3)]
    for turn in asked:
        saving = writer.begin_turn(name, turn.question, model="m")
        saving.end(turn)
    saved_all = writer.close(seconds=30)  # with the room of the reserve, if not before
    assert saved_all == (writer.left() == (0, 0)) and writer.left()[1] == 0
    assert {type(error) for error in told} == {StoreFull}
    (small_disk / "relleno").unlink()
    assert saved(small_disk) == {name: [WHOLE, *asked]}
    assert journals(small_disk) == []
