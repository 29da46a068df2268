"""The store in a file: who may read it, and what becomes of it when something goes wrong."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from decimal import Decimal as D
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.generated import up_to
from support.paths import FIXTURES, ROOT

from stream_core.core.conversation import Turn
from stream_core.core.deltas import Usage
from stream_core.core.instructions import Instructions
from stream_core.core.store_errors import (
    StoreBusy,
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreMoved,
    StoreReadOnly,
    StoreRefused,
    StoreTooLarge,
    StoreTooNew,
)
from stream_core.models.cost import Spent
from stream_core.store import column_codec, locks, schema, spending
from stream_core.store import open_database as opening
from stream_core.store.column_codec import LONG, pack
from stream_core.store.open_database import NAME
from stream_core.store.protocol import FOLDER, Place, Receipt
from stream_core.store.sqlite import SqliteStore
from stream_core.store.writer import Writer

FIXTURE = FIXTURES / "store-v1.sqlite3"
WHOLE = Turn("¿Qué?", "Esto es todo.", "complete", "m")
CUT = Turn("¿Un cuento?", "Había una", "max_tokens", "m", Usage(1, 2))
JOINED = Turn("¿Un cuento?", "Había una vez un sol.", "complete", "m", Usage(10, 20))
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="modes and owners of POSIX")
ONLY_ROOT = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="root only")
NOT_ROOT = pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() == 0, reason="nothing is closed to root"
)


@pytest.fixture
def data(quick_path: Path) -> Path:
    return quick_path / "datos"


def keep(data: Path, *turns: Turn, conversation: str | None = None) -> Place:
    """Save turns as a program of its own does, and close the store."""
    with closing(SqliteStore(data)) as store:
        place = Place("", 0)
        for turn in turns or (WHOLE,):
            place = store.begin_turn(conversation, turn.question, model=turn.model, at=1.0)
            store.end_turn(place, turn, at=2.0)
            conversation = place.conversation
    return place


def kept(data: Path) -> list[Turn]:
    with closing(SqliteStore(data)) as store:
        return [turn for one in store.conversations(limit=10**6) for turn in store.turns(one.id)]


def file_in(data: Path) -> Path:
    return data / FOLDER / NAME


def aside(data: Path) -> list[Path]:
    return sorted((data / FOLDER).glob("*apartado*.sqlite3"))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


# -- for its owner only --------------------------------------------------------------------------


@POSIX
def test_every_file_is_for_its_owner_only_from_its_first_byte(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[str, int]] = []
    original = os.open

    def watched(path: str, *args: int, **more: int) -> int:
        handle = original(path, *args, **more)
        made.append((str(path), stat.S_IMODE(os.fstat(handle).st_mode)))
        return handle

    monkeypatch.setattr(os, "open", watched)
    before = os.umask(0)
    try:
        with closing(SqliteStore(data)) as store:
            store.begin_turn(None, "x" * 100_000, model="m", at=1.0)
            there = {path.name: mode(path) for path in (data / FOLDER).iterdir()}
    finally:
        os.umask(before)
    assert mode(data / FOLDER) == 0o700
    assert {f"{NAME}-wal", f"{NAME}-shm", NAME, "lock"} < set(there)
    assert set(there.values()) == {0o600}
    assert {found for path, found in made if Path(path) != data / FOLDER} == {0o600}


@POSIX
def test_what_had_become_open_to_others_is_closed_again(data: Path) -> None:
    keep(data)
    (data / FOLDER).chmod(0o755)
    file_in(data).chmod(0o644)
    assert kept(data) == [WHOLE]
    assert (mode(data / FOLDER), mode(file_in(data))) == (0o700, 0o600)


def test_nothing_is_left_behind_but_the_file_and_its_lock(data: Path) -> None:
    keep(data)
    assert {path.name for path in (data / FOLDER).iterdir()} == {NAME, "lock"}


@POSIX
@pytest.mark.parametrize("name", [NAME, f"{NAME}-wal", f"{NAME}-shm", f"{NAME}-journal", "lock"])
@pytest.mark.parametrize("dangling", [True, False])
def test_a_link_in_place_of_a_file_is_refused(data: Path, tmp_path: Path, name: str, dangling: bool) -> None:
    keep(data)
    other = tmp_path / "ajeno"
    if not dangling:
        other.write_text("ajeno")
    (data / FOLDER / name).unlink(missing_ok=True)
    (data / FOLDER / name).symlink_to(other)
    with pytest.raises(StoreRefused):
        SqliteStore(data)
    assert other.exists() != dangling
    assert dangling or other.read_text() == "ajeno"
    assert (data / FOLDER / name).is_symlink()


@POSIX
def test_a_link_in_place_of_the_folder_is_refused(data: Path, tmp_path: Path) -> None:
    (tmp_path / "ajena").mkdir()
    data.mkdir()
    (data / FOLDER).symlink_to(tmp_path / "ajena")
    with pytest.raises(StoreRefused):
        SqliteStore(data)
    assert list((tmp_path / "ajena").iterdir()) == []


@POSIX
def test_the_data_directory_itself_may_be_a_link(data: Path, tmp_path: Path) -> None:
    (tmp_path / "otro-disco").mkdir()
    data.symlink_to(tmp_path / "otro-disco")
    keep(data)
    assert kept(data) == [WHOLE]


@pytest.mark.parametrize("name", [NAME, "lock"])
def test_a_folder_in_place_of_a_file_is_refused(data: Path, name: str) -> None:
    (data / FOLDER / name).mkdir(parents=True)
    with pytest.raises(StoreRefused):
        SqliteStore(data)


def test_a_file_in_place_of_the_folder_is_refused(data: Path) -> None:
    data.mkdir()
    (data / FOLDER).write_text("otra cosa")
    with pytest.raises(StoreRefused):
        SqliteStore(data)
    assert (data / FOLDER).read_text() == "otra cosa"


@POSIX
def test_a_pipe_in_place_of_the_file_is_refused_and_not_waited_for(data: Path) -> None:
    (data / FOLDER).mkdir(parents=True)
    os.mkfifo(file_in(data))
    with pytest.raises(StoreRefused):
        SqliteStore(data)


@ONLY_ROOT
@pytest.mark.parametrize("name", ["", NAME, "lock"])
def test_what_belongs_to_somebody_else_is_refused(data: Path, name: str) -> None:
    keep(data)
    os.chown(data / FOLDER / name, 12345, 12345)
    with pytest.raises(StoreRefused):
        SqliteStore(data)


# -- damage --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with some conversations, to be copied."""
    data = tmp_path_factory.mktemp("sano")
    for number in range(12):
        texts = (Turn(f"pregunta {number}", f"palabra {number} " * 80, "complete", "m") for _ in range(3))
        keep(data, *texts)
    keep(data, Turn("larga", "palabra " * 3 * LONG, "complete", "m"))
    return data


def copied(sound: Path, data: Path) -> Path:
    shutil.copytree(sound, data)
    return file_in(data)


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: b"\0" * len(content),
        lambda content: b"not a database at all",
        lambda content: content[:50],
        lambda content: content[:4096],
        lambda content: content[: len(content) // 2],
        lambda content: content[:4096] + b"\0" * (len(content) - 4096),
        lambda content: content[:100] + b"\xff" * (len(content) - 100),
        lambda content: content[:68] + b"XXXX" + content[72:],
        lambda content: content[4096:],
    ],
)
def test_a_damaged_file_is_put_aside_and_a_new_one_begun_and_both_are_said(
    sound: Path, data: Path, damage: Callable[[bytes], bytes]
) -> None:
    file = copied(sound, data)
    damaged = damage(file.read_bytes())
    file.write_bytes(damaged)
    with closing(SqliteStore(data)) as store:
        (note,) = store.notes
        assert store.conversations(limit=5) == []
        store.begin_turn(None, "sigo", model="m", at=1.0)
    (saved,) = aside(data)
    assert saved.read_bytes() == damaged
    assert saved.name in note
    assert "uno nuevo" in note
    with closing(SqliteStore(data)) as store:
        assert list(store.notes) == []
        assert len(store.conversations(limit=5)) == 1


def test_two_damaged_files_do_not_take_each_others_place(sound: Path, data: Path) -> None:
    copied(sound, data)
    for content in (b"uno", b"dos", b"tres"):
        file_in(data).write_bytes(content)
        SqliteStore(data).close()
    assert {path.read_bytes() for path in aside(data)} == {b"uno", b"dos", b"tres"}


def test_what_was_not_in_the_file_yet_goes_aside_with_it(data: Path) -> None:
    store = SqliteStore(data)
    store.begin_turn(None, "en el -wal", model="m", at=1.0)
    wal = (data / FOLDER / f"{NAME}-wal").read_bytes()
    copy = data.with_name("copia")
    shutil.copytree(data, copy)
    store.close()
    file_in(copy).write_bytes(b"")
    with closing(SqliteStore(copy)) as after:
        assert len(after.notes) == 1
    beside = list((copy / FOLDER).glob("*apartado*-wal"))
    assert [path.read_bytes() for path in beside] == [wal]
    file_in(copy).unlink()
    (copy / FOLDER / f"{NAME}-wal").write_bytes(wal)
    with closing(SqliteStore(copy)) as after:
        assert len(after.notes) == 1
    assert len(list((copy / FOLDER).glob("*apartado*-wal"))) == 2


def used(data: Path) -> None:
    """Do everything a chat does; a `StoreError` may come of it."""
    with closing(SqliteStore(data)) as store:
        store.recover()
        for one in store.conversations(limit=100):
            list(store.turns(one.id))
        store.search("palabra", limit=50)
        store.totals()
        store.spent()
        store.spend("m", Spent(D("0.25"), 1))
        place = store.begin_turn(store.latest(), "y ahora", model="m", at=5.0)
        store.append(place, "algo", at=6.0)
        store.end_turn(place, WHOLE, at=7.0)
        store.undo(place.conversation)
        store.delete(store.find("a")[0] if store.find("a") else place.conversation)


@settings(max_examples=up_to(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), flips=st.integers(1, 40), header=st.booleans())
def test_flipped_bits_never_give_a_traceback_and_nothing_is_lost_silently(
    sound: Path, quick_path: Path, seed: int, flips: int, header: bool
) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(dir=quick_path) as folder:
        file = copied(sound, Path(folder) / "datos")
        content = bytearray(file.read_bytes())
        for _ in range(flips):
            content[chance.randrange(100 if header else len(content))] ^= 1 << chance.randrange(8)
        file.write_bytes(content)
        said: list[StoreError] = []
        for _ in range(2):
            try:
                used(file.parent.parent)
            except StoreError as error:
                said.append(error)
        quarantine = aside(file.parent.parent)
        assert file.exists() or quarantine  # what shows in the last use: the next one begins a new file
        assert all(error.moved_to for error in said if isinstance(error, StoreCorrupt))
        assert bool(quarantine) or not any(isinstance(error, StoreCorrupt) for error in said)


def test_damage_that_shows_later_puts_the_file_aside_then(
    sound: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "QUICK_CHECK_BYTES", 0)
    file = copied(sound, data)
    with closing(sqlite3.connect(file)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'turns'").fetchone()
    content = bytearray(file.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    file.write_bytes(content)
    with closing(SqliteStore(data)) as store:
        assert list(store.notes) == []
        with pytest.raises(StoreCorrupt) as raised:
            for one in store.conversations(limit=100):
                list(store.turns(one.id))
        with pytest.raises(StoreError):
            store.latest()
    assert [path.name for path in aside(data)] == [raised.value.moved_to]
    keep(data)
    assert kept(data) == [WHOLE]


def test_a_body_that_cannot_be_unpacked_is_damage_too(sound: Path, data: Path) -> None:
    file = copied(sound, data)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE turns SET text = x'00ff' WHERE typeof(text) = 'blob'")
    with closing(SqliteStore(data)) as store, pytest.raises(StoreCorrupt):
        for one in store.conversations(limit=100):
            list(store.turns(one.id))
    assert len(aside(data)) == 1


def test_another_program_does_not_put_the_new_file_aside(sound: Path, data: Path) -> None:
    copied(sound, data)
    with closing(SqliteStore(data)) as first:
        (data / FOLDER / f"{NAME}").rename(data / FOLDER / "lejos")  # as a second program puts it aside
        keep(data)
        with pytest.raises(StoreMoved):
            first.begin_turn(None, "x", model="m", at=1.0)
    assert kept(data) == [WHOLE]


# -- versions ------------------------------------------------------------------------------------


def test_a_file_of_the_first_version_can_always_be_opened(data: Path) -> None:
    (data / FOLDER).mkdir(parents=True)
    shutil.copy(FIXTURE, file_in(data))
    with closing(SqliteStore(data)) as store:
        assert list(store.notes) == []
        first, second = store.conversations(limit=5)
        assert (first.id, first.title, first.turns, first.input_tokens) == ("n0mbre02", "¿Y una larga?", 1, 0)
        assert [len(turn.text) for turn in store.turns("n0mbre02")] == [30_000]
        assert [turn.outcome for turn in store.turns(second.id)] == ["complete", "interrupted"]
        assert [hit.place for hit in store.search("cancion", limit=5)] == [Place("n0mbre01", 1)]
        assert store.spent() == [("claude-sonnet-5-5", Spent(usage=Usage(10, 20, 3, 4)))]
        assert store.recover() == [Place("n0mbre01", 2)]
        store.spend("claude-sonnet-5-5", Spent(D("0.25"), 1))
    with closing(SqliteStore(data)) as store:
        assert store.spent() == [("claude-sonnet-5-5", Spent(D("0.25"), 1, 1, Usage(10, 20, 3, 4)))]


def first_version(data: Path) -> sqlite3.Connection:
    """A file of the first version, to be changed."""
    (data / FOLDER).mkdir(parents=True)
    shutil.copy(FIXTURE, file_in(data))
    return sqlite3.connect(file_in(data))


def test_a_file_of_the_second_version_is_put_in_the_order_of_what_happened(data: Path) -> None:
    (data / FOLDER).mkdir(parents=True)
    shutil.copy(Path(__file__).parents[1] / "fixtures" / "store-v2.sqlite3", file_in(data))
    with closing(SqliteStore(data)) as store:
        assert store.notes == []
        listed = store.conversations(limit=9)
        assert [each.id for each in listed] == ["hoy11111", "largo111", "antes111", "futuro11"]
        assert [each.updated for each in listed] == [1750000301.0, 1750000101.0, 1750000001.0, 4102444801.0]
        assert store.latest() == "hoy11111"
        assert [turn.text for turn in store.turns("largo111")] == ["Había una vez un sol. " * 1000]
        assert [hit.place.conversation for hit in store.search("reloj", limit=3)] == ["futuro11"]
        assert [(place.conversation, place.number) for place in store.recover()] == [("hoy11111", 2)]
        assert store.latest() == "hoy11111"
        place = store.begin_turn("antes111", "¿Otra?", model="m", at=5.0)
        assert [each.id for each in store.conversations(limit=2)] == ["antes111", "hoy11111"]
        store.end_turn(place, WHOLE, at=6.0)
        spent = dict(store.spent())["claude-x"]
        assert (spent.dollars, spent.priced, spent.uncounted) == (D("0.25"), 4, 1)


def test_a_file_of_the_third_version_gets_receipts(data: Path) -> None:
    (data / FOLDER).mkdir(parents=True)
    shutil.copy(Path(__file__).parents[1] / "fixtures" / "store-v3.sqlite3", file_in(data))
    entry = Spent(D("0.5"), 1)
    with closing(SqliteStore(data)) as store:
        assert store.notes == []
        assert [each.id for each in store.conversations(limit=9)] == ["b2222222", "a1111111"]
        store.spend("m", entry, receipt=Receipt("p", 1))
        store.spend("m", entry, receipt=Receipt("p", 1))
        assert store.spent() == [("m", Spent(D("0.75"), 3, 1, Usage(3, 4)))]


def test_a_file_of_the_fourth_version_gets_instructions(data: Path) -> None:
    (data / FOLDER).mkdir(parents=True)
    shutil.copy(Path(__file__).parents[1] / "fixtures" / "store-v4.sqlite3", file_in(data))
    with closing(SqliteStore(data)) as store:
        assert store.notes == [] and list(store.turns("a4444444")) == [WHOLE]
        assert store.instructions("a4444444") == Instructions()
        store.begin_turn("a4444444", "¿Otra?", model="m", at=5.0, instructions=Instructions("Sé breve"))
        assert store.instructions("a4444444") == Instructions("Sé breve")


def test_receipts_of_a_thousand_programs_are_remembered(data: Path) -> None:
    with closing(SqliteStore(data)) as store, store._file.writing() as db:
        assert all(spending.use(db, Receipt(f"p{number}", 1)) for number in range(1_005))
        assert db.execute("SELECT count(*) FROM receipts").fetchone() == (1_000,)
        assert not spending.use(db, Receipt("p5", 1))


def test_odd_figures_and_models_of_the_first_version_do_not_hinder_the_next(data: Path) -> None:
    most, model = (1 << 63) - 1, pack("m\ud800" * 10_000)
    with closing(first_version(data)) as connection, connection:
        connection.execute("UPDATE turns SET input_tokens = ?, output_tokens = -5", (most,))
        connection.execute("UPDATE turns SET model = ? WHERE key = 1", (model,))
    with closing(SqliteStore(data)) as store:
        assert dict(store.spent()) == {
            "m\ud800" * 10_000: Spent(usage=Usage(1 << 53, 0, 3, 4)),
            "claude-sonnet-5-5": Spent(usage=Usage(1 << 53)),
        }


@pytest.mark.parametrize("forget", [SqliteStore.undo, SqliteStore.delete])
def test_what_is_forgotten_is_not_in_a_copy_of_an_older_version_either(
    data: Path, forget: Callable[[SqliteStore, str], object]
) -> None:
    first_version(data).close()
    with closing(SqliteStore(data)) as store:
        assert copies(data) == ["conversations.version-1.sqlite3"]
        forget(store, "n0mbre02")
        assert copies(data) == []


@pytest.mark.parametrize("change", ["dollars = 'NaN'", "dollars = x'35'", "dollars = '-1'", "priced = 'x'"])
def test_money_that_is_not_what_was_put_there_is_damage(data: Path, change: str) -> None:
    keep(data)
    with closing(SqliteStore(data)) as store:
        store.spend("m", Spent(D(1), 1))
        store._file.db.execute(f"UPDATE spent SET {change}")
        with pytest.raises(StoreCorrupt):
            store.spent()
    assert len(aside(data)) == 1


def test_a_newer_file_is_not_touched(data: Path) -> None:
    keep(data)
    with closing(sqlite3.connect(file_in(data))) as connection:
        connection.execute(f"PRAGMA user_version = {schema.newest() + 1}")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = file_in(data).read_bytes()
    for _ in range(2):
        with pytest.raises(StoreTooNew):
            SqliteStore(data)
    assert file_in(data).read_bytes() == before
    assert {path.name for path in (data / FOLDER).iterdir()} == {NAME, "lock"}


def copies(data: Path) -> list[str]:
    return sorted(path.name for path in (data / FOLDER).glob("*version*"))


def test_a_next_version_is_reached_after_a_copy_was_made(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(data)
    before = schema.newest()
    monkeypatch.setattr(
        schema, "MIGRATIONS", [*schema.MIGRATIONS, ["ALTER TABLE conversations ADD COLUMN star INTEGER"]]
    )
    assert kept(data) == [WHOLE]
    with closing(sqlite3.connect(file_in(data))) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (before + 1,)
        assert connection.execute("SELECT star FROM conversations").fetchall() == [(None,)]
    (copy,) = copies(data)
    assert mode(data / FOLDER / copy) == 0o600
    with closing(sqlite3.connect(data / FOLDER / copy)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (before,)
        assert connection.execute("SELECT text FROM turns").fetchall() == [("Esto es todo.",)]
    assert kept(data) == [WHOLE]


def test_a_next_version_that_fails_changes_nothing(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(data)
    first = schema.MIGRATIONS
    broken = ["ALTER TABLE conversations ADD COLUMN star INTEGER", "DELETE FROM turns", "INSERT INTO nowhere"]
    monkeypatch.setattr(schema, "MIGRATIONS", [*first, broken])
    for _ in range(2):
        with pytest.raises(StoreError):
            SqliteStore(data)
    assert aside(data) == []
    assert copies(data) == [f"conversations.version-{len(first)}.sqlite3"]
    monkeypatch.setattr(schema, "MIGRATIONS", first)
    assert kept(data) == [WHOLE]


# -- without FTS5 --------------------------------------------------------------------------------


def test_without_fts5_words_are_found_all_the_same(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_it = schema.has_fts5
    keep(data, Turn("¿Una canción?", "Con índice.", "complete", "m"))
    monkeypatch.setattr(schema, "has_fts5", lambda _: False)
    without = keep(data, Turn("¿Otra canción?", "Sin índice. " + "relleno " * LONG, "complete", "m"))
    with closing(SqliteStore(data)) as store:
        assert len(store.search("CANCION", limit=5)) == 2
        assert len(store.search("cancion", limit=1)) == 1
        assert [hit.place for hit in store.search("sin indice", limit=5)] == [without]
        assert store.search("nada", limit=5) == []
    monkeypatch.setattr(schema, "has_fts5", with_it)
    with closing(SqliteStore(data)) as store:
        assert len(store.search("cancion", limit=5)) == 2
        store.delete(without.conversation)
        assert len(store.search("cancion", limit=5)) == 1


def entered(data: Path) -> tuple[list[int], list[int]]:
    """The turns in the index of words, and all that have ended; raises if the index is damaged."""
    with closing(sqlite3.connect(file_in(data))) as connection:
        connection.execute("INSERT INTO words(words) VALUES('integrity-check')")
        words = connection.execute("SELECT rowid FROM words ORDER BY rowid").fetchall()
        ended = connection.execute("SELECT key FROM turns WHERE outcome IS NOT NULL ORDER BY key").fetchall()
    return [key for (key,) in words], [key for (key,) in ended]


@pytest.mark.parametrize("ends_there", [True, False])
def test_what_goes_on_without_fts5_is_found_by_its_new_words_only(
    data: Path, monkeypatch: pytest.MonkeyPatch, ends_there: bool
) -> None:
    with_it = schema.has_fts5
    old = Turn("¿Qué?", "el tesoro perdido", "cancelled", "m")
    place = keep(data, old)
    monkeypatch.setattr(schema, "has_fts5", lambda _: False)
    with closing(SqliteStore(data)) as store:
        assert store.continue_turn(place.conversation, old, at=3.0) == place
        assert store.search("tesoro", limit=5) == []
        store.append(place, " y hallado", at=4.0)
        if ends_there:
            store.end_turn(place, replace(old, text="el tesoro hallado"), at=5.0)
    monkeypatch.setattr(schema, "has_fts5", with_it)
    with closing(SqliteStore(data)) as store:
        assert store.recover() == ([] if ends_there else [place])
        assert len(store.search("perdido", limit=5)) == (0 if ends_there else 1)
        assert [hit.place for hit in store.search("tesoro hallado", limit=5)] == [place]
        store.delete(place.conversation)
        assert store.search("tesoro", limit=5) == []


# -- no room, no right, no time ------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A filesystem of 2 MB."""
    place = tmp_path / "disco"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no filesystem can be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@ONLY_ROOT
def test_a_full_disk(small_disk: Path) -> None:
    place = keep(small_disk)
    filler = small_disk / "relleno"
    with closing(SqliteStore(small_disk)) as store:
        arriving = store.begin_turn(place.conversation, "¿Y ahora?", model="m", at=3.0)
        with filler.open("wb", buffering=0) as stream, pytest.raises(OSError, match="No space"):
            while True:
                stream.write(b"x" * 4096)
        long = Turn("¿Y ahora?", "".join(map(str, range(100_000))), "complete", "m")
        for _ in range(3):
            with pytest.raises(StoreFull):
                store.end_turn(arriving, long, at=4.0)
        assert [turn.text for turn in store.turns(place.conversation)] == ["Esto es todo.", ""]
        filler.unlink()
        store.end_turn(arriving, long, at=5.0)
    assert kept(small_disk) == [WHOLE, long]
    assert aside(small_disk) == []


@ONLY_ROOT
def test_a_disk_that_is_full_when_a_reply_goes_on(small_disk: Path) -> None:
    text = "tesoro " + "".join(map(str, range(60_000)))
    old = Turn("¿Y ahora?", text, "max_tokens", "m")
    joined = replace(old, text=f"{text} y más", outcome="complete")
    place = keep(small_disk, WHOLE, old)
    told: list[StoreError] = []
    writer = Writer(lambda: SqliteStore(small_disk), on_failure=told.append)
    writer.call(lambda store: store.latest())
    with (small_disk / "relleno").open("wb", buffering=0) as stream, pytest.raises(OSError, match="No space"):
        while True:
            stream.write(b"x" * 4096)
    saving = writer.continue_turn(place.conversation, old)
    saving.text(" y más")
    writer.spend("m", Spent(D("0.5"), 1))
    assert writer.call(lambda store: list(store.turns(place.conversation))) == [WHOLE, old]
    assert [hit.place for hit in writer.call(lambda store: store.search("tesoro", limit=5))] == [place]
    saving.end(joined)
    assert writer.call(lambda store: list(store.turns(place.conversation))) == [WHOLE, old]
    assert [type(error) for error in told] == [StoreFull]
    (small_disk / "relleno").unlink()
    assert writer.close(seconds=30)
    assert saving.place == place
    assert kept(small_disk) == [WHOLE, joined]
    assert aside(small_disk) == []
    with closing(SqliteStore(small_disk)) as store:
        assert store.spent() == [("m", Spent(D("0.5"), 1))]


@ONLY_ROOT
def test_a_full_disk_from_the_beginning(small_disk: Path) -> None:
    (small_disk / "relleno").write_bytes(b"x" * ((2 << 20) - 8192))
    with pytest.raises(StoreFull):
        SqliteStore(small_disk)
    (small_disk / "relleno").unlink()
    keep(small_disk)
    assert kept(small_disk) == [WHOLE]


@ONLY_ROOT
def test_a_disk_that_can_only_be_read(small_disk: Path) -> None:
    keep(small_disk)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(StoreReadOnly):
        SqliteStore(small_disk)
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    assert kept(small_disk) == [WHOLE]


@POSIX
def test_a_limit_on_the_size_of_files(data: Path) -> None:
    keep(data)
    program = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from stream_core.core.store_errors import StoreError\n"
        "from stream_core.store.sqlite import SqliteStore\n"
        "store = SqliteStore(Path(sys.argv[1]))\n"
        "place = store.begin_turn(None, 'x', model='m', at=1.0)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try:\n"
        "    store.append(place, ''.join(map(str, range(200_000))), at=2.0)\n"
        "except StoreError as error:\n"
        "    print(type(error).__name__)\n"
        "store.append(place, 'poco', at=2.0)\n"
        "store.close()\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(data)], capture_output=True, text=True, timeout=60
    )
    assert run.stderr == ""
    assert run.stdout in ("StoreError\n", "StoreFull\n")
    assert sorted(turn.text for turn in kept(data)) == ["Esto es todo.", "poco"]


@POSIX
@NOT_ROOT
@pytest.mark.parametrize("closed", [FOLDER, "."])
def test_a_folder_that_cannot_be_written(data: Path, closed: str) -> None:
    data.mkdir()
    if closed == FOLDER:
        keep(data)
        file_in(data).chmod(0o400)
    (data / closed).chmod(0o500)
    try:
        with pytest.raises(StoreReadOnly):
            SqliteStore(data)
    finally:
        (data / closed).chmod(0o700)


def test_another_program_that_keeps_the_file_to_itself(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(SqliteStore(data)) as store:
        monkeypatch.setattr(locks, "LOCK_SECONDS", 0.1)
        handle = locks.lock_file(data / FOLDER / "lock")
        with locks.exclusive(handle, data):
            with pytest.raises(StoreBusy):
                store.begin_turn(None, "x", model="m", at=1.0)
            with pytest.raises(StoreBusy):
                SqliteStore(data)
            assert store.latest() is None  # reading goes on
        os.close(handle)
        store.begin_turn(None, "x", model="m", at=1.0)


def test_a_folder_that_was_deleted_meanwhile(data: Path) -> None:
    with closing(SqliteStore(data)) as store:
        shutil.rmtree(data)
        with pytest.raises(StoreMoved):
            store.begin_turn(None, "x", model="m", at=1.0)
    keep(data)
    assert kept(data) == [WHOLE]


def test_a_closed_store_says_so(data: Path) -> None:
    store = SqliteStore(data)
    store.close()
    store.close()
    with pytest.raises(StoreError):
        store.latest()
    with pytest.raises(StoreError):
        store.begin_turn(None, "x", model="m", at=1.0)


# -- several programs ----------------------------------------------------------------------------


def test_turns_of_a_program_that_is_alive_are_left_alone(data: Path) -> None:
    with closing(SqliteStore(data)) as second:
        first = SqliteStore(data)
        place = first.begin_turn(None, "¿Qué?", model="m", at=1.0)
        first.append(place, "Es", at=2.0)
        assert second.recover() == []
        assert [turn.text for turn in second.turns(place.conversation)] == ["Es"]
        first.end_turn(place, WHOLE, at=3.0)
        lost = first.begin_turn(place.conversation, "¿Y?", model="m", at=4.0)
        first.append(lost, "A", at=5.0)
        first.append(lost, "sí.", at=6.0)
        first.close()
        assert second.recover() == [lost]
        assert second.recover() == []
        assert list(second.turns(place.conversation)) == [WHOLE, Turn("¿Y?", "Así.", "interrupted", "m")]
        assert second.conversations(limit=1)[0].updated == 6.0
        assert [hit.place for hit in second.search("así", limit=5)] == [lost]


def test_what_goes_on_when_its_program_ends_keeps_all_that_came(data: Path) -> None:
    place = keep(data, WHOLE, CUT)
    with closing(SqliteStore(data)) as second:
        first = SqliteStore(data)
        assert first.continue_turn(place.conversation, CUT, at=3.0) == place
        first.append(place, " vez", at=4.0)
        first.append(place, " un sol", at=5.0)
        assert second.recover() == []
        first.close()
        assert second.search("cuento", limit=5) == []
        assert second.recover() == [place]
        lost = Turn("¿Un cuento?", "Había una vez un sol", "interrupted", "m")
        assert list(second.turns(place.conversation)) == [WHOLE, lost]
        assert second.conversations(limit=1)[0].updated == 5.0
        assert [hit.place for hit in second.search("cuento sol", limit=5)] == [place]
        assert second.continue_turn(place.conversation, lost, at=6.0) == place
        second.end_turn(place, JOINED, at=7.0)
    assert kept(data) == [WHOLE, JOINED]
    words, ended = entered(data)
    assert words == ended


def test_what_goes_on_when_its_program_ends_at_once_is_what_it_was(data: Path) -> None:
    place = keep(data, CUT)
    with closing(SqliteStore(data)) as store:
        store.continue_turn(place.conversation, CUT, at=3.0)
    with closing(SqliteStore(data)) as store:
        assert store.recover() == [place]
    assert kept(data) == [Turn("¿Un cuento?", "Había una", "interrupted", "m")]


def test_at_every_step_of_going_on_the_file_has_all_that_came(data: Path) -> None:
    long = replace(CUT, text="Había una vez un sol. " * LONG)
    place = keep(data, WHOLE, long)
    steps = 0

    def died_here(_: str) -> None:
        nonlocal steps
        steps += 1
        shutil.copytree(data, data.with_name(f"muerto-{steps}"))

    with closing(SqliteStore(data)) as store:
        store._file.db.set_trace_callback(died_here)
        store.continue_turn(place.conversation, long, at=3.0)
        store._file.db.set_trace_callback(None)
    assert steps > 5
    for number in range(1, steps + 1):
        dead = data.with_name(f"muerto-{number}")
        with closing(SqliteStore(dead)) as store:
            store.recover()
            first, second = store.turns(place.conversation)
            assert (first, second.text) == (WHOLE, long.text)
            assert [hit.place for hit in store.search("cuento", limit=5)] == [place]
        words, ended = entered(dead)
        assert words == ended


def test_of_two_programs_only_one_takes_a_turn_up_and_neither_loses_its_reply(data: Path) -> None:
    place = keep(data, CUT)
    with closing(SqliteStore(data)) as first, closing(SqliteStore(data)) as second:
        assert first.continue_turn(place.conversation, CUT, at=3.0) == place
        other = second.continue_turn(place.conversation, CUT, at=4.0)
        assert other == Place(place.conversation, 2)
        first.append(place, " vez", at=5.0)
        second.append(other, " niña", at=5.0)
        assert [turn.text for turn in second.turns(place.conversation)] == ["Había una vez", "Había una niña"]
        second.end_turn(other, replace(CUT, text="Había una niña"), at=6.0)
        first.end_turn(place, JOINED, at=7.0)
    assert kept(data) == [JOINED, replace(CUT, text="Había una niña")]


def test_signs_of_life_of_the_dead_are_cleared_away(data: Path) -> None:
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from stream_core.store.sqlite import SqliteStore\n"
        "store = SqliteStore(Path(sys.argv[1]))\n"
        "os._exit(0)\n"
    )
    for _ in range(2):
        subprocess.run([sys.executable, "-c", program, str(data)], check=True, timeout=60)
    with closing(SqliteStore(data)) as store:
        assert len(list((data / FOLDER).glob("alive-*"))) == 3
        assert store.recover() == []
        assert len(list((data / FOLDER).glob("alive-*"))) == 1


def test_two_threads_with_a_store_each_write_at_once(data: Path) -> None:
    def write(name: str) -> None:
        keep(data, *(Turn(f"{name} {number}", "t", "complete", "m") for number in range(30)))

    threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    questions = [turn.question for turn in kept(data)]
    assert sorted(questions) == sorted(f"{name} {number}" for name in "ab" for number in range(30))


def test_what_a_turn_took_whose_program_ended_is_not_counted_to_its_end(data: Path) -> None:
    first = SqliteStore(data)
    first.begin_turn(None, "¿Qué?", model="m", at=1.0)
    first.spend("m", Spent(D("0.5"), 1))
    first.close()
    with closing(SqliteStore(data)) as store:
        assert store.spent() == [("m", Spent(D("0.5"), 1))]
        for _ in range(2):
            store.recover()
            assert store.spent() == [("m", Spent(D("0.5"), 1, 1))]


def test_two_threads_with_a_store_each_spend_at_once(data: Path) -> None:
    def spend() -> None:
        with closing(SqliteStore(data)) as store:
            for _ in range(30):
                store.spend("m", Spent(D("0.01"), 1))

    threads = [threading.Thread(target=spend) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with closing(SqliteStore(data)) as store:
        assert store.spent() == [("m", Spent(D("0.60"), 60))]


@POSIX
def test_programs_that_are_killed_lose_nothing_that_was_safe(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "benchmarks.store_kill",
        str(tmp_path),
        "--rounds",
        "10",
        "--longest",
        "0.5",
    ]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert run.stderr == ""
    found = json.loads(run.stdout)
    assert (found["lost"], found["notes"], found["damaged"]) == (0, 0, "ok")
    with closing(SqliteStore(tmp_path)) as store:
        ((_, spent),) = store.spent()
    assert spent.priced >= found["acknowledged"] > 0
    assert found["rounds"] == 10
    assert found["cut"] > 0
    assert found["continued"] > 0
    # The age of what was lost is measured in benchmarks/store.py: here, a busy machine may hold a thread up.
    assert all(late < 5.0 for late in found["late"])


# -- how it is kept ------------------------------------------------------------------------------


def test_long_texts_are_compressed_and_short_ones_can_be_read_by_other_tools(data: Path) -> None:
    keep(data, WHOLE, Turn("¿Y?", "palabra " * LONG, "complete", "m"))
    with closing(sqlite3.connect(file_in(data))) as connection:
        rows = connection.execute("SELECT text, blocks FROM turns ORDER BY key").fetchall()
    assert rows[0] == ("Esto es todo.", "[]")
    assert isinstance(rows[1][0], bytes)
    assert len(rows[1][0]) < LONG


def test_a_text_that_goes_on_is_in_the_file_once(data: Path) -> None:
    place = keep(data, CUT)
    with closing(SqliteStore(data)) as store:
        for _ in range(2):
            store.continue_turn(place.conversation, CUT, at=3.0)
            store.end_turn(place, CUT, at=4.0)
        store.continue_turn(place.conversation, CUT, at=5.0)
        rows = store._file.db.execute("SELECT text, blocks, ended, outcome FROM turns").fetchall()
        assert rows == [(None, None, None, None)]
        assert store._file.db.execute("SELECT number, text FROM pieces").fetchall() == [(1, "Había una")]


def test_blocks_that_only_repeat_the_text_are_not_kept_twice(data: Path) -> None:
    keep(data, Turn("¿Y?", "Así.", "complete", "m", blocks=({"type": "text", "text": "Así."},)))
    with closing(sqlite3.connect(file_in(data))) as connection:
        assert connection.execute("SELECT text, blocks FROM turns").fetchall() == [("Así.", None)]
    assert kept(data)[0].blocks == ({"type": "text", "text": "Así."},)


def test_what_was_deleted_is_not_in_the_file_any_more(data: Path) -> None:
    with closing(SqliteStore(data)) as store:
        place = store.begin_turn(None, "contraseñasecreta", model="m", at=1.0)
        store.append(place, "respuestasecreta", at=2.0)
        store.end_turn(place, Turn("contraseñasecreta", "respuestasecreta", "complete", "m"), at=3.0)
        store.delete(place.conversation)
        content = b"".join(path.read_bytes() for path in (data / FOLDER).iterdir())
    assert "contraseñasecreta".encode() not in content
    assert b"respuestasecreta" not in content


# -- what would not fit into memory --------------------------------------------------------------


def bomb(size: int) -> bytes:
    """Bytes that unpack to `size` bytes."""
    packer = zlib.compressobj(9)
    block = b"a" * (1 << 20)
    return b"".join([*(packer.compress(block) for _ in range(size >> 20)), packer.flush()])


@pytest.mark.parametrize("column", ["text", "question", "blocks"])
def test_a_text_that_unpacks_to_more_than_a_text_may_have_is_not_unpacked(
    data: Path, column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(column_codec, "MAX_TEXT", 1 << 20)
    place, sound = keep(data), keep(data, replace(WHOLE, question="¿La sana?"))
    with closing(sqlite3.connect(file_in(data))) as connection:
        connection.execute(f"UPDATE turns SET {column} = ? WHERE key = 1", (bomb(64 << 20),))
        connection.commit()
    with closing(SqliteStore(data)) as store:
        tracemalloc.start()
        with pytest.raises(StoreTooLarge):
            list(store.turns(place.conversation))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 3 << 20
        assert [turn.question for turn in store.turns(sound.conversation)] == ["¿La sana?"]
        assert len(store.conversations(limit=5)) == 2
        assert len(store.search("todo", limit=5)) == (2 if column == "blocks" else 1)
    assert aside(data) == []


def test_a_title_that_unpacks_to_too_much_does_not_hide_the_others(data: Path) -> None:
    keep(data)
    keep(data)
    with closing(sqlite3.connect(file_in(data))) as connection:
        connection.execute("UPDATE conversations SET title = ? WHERE key = 1", (bomb(64 << 20),))
        connection.commit()
    with closing(SqliteStore(data)) as store:
        assert [each.title for each in store.conversations(limit=5)] == ["¿Qué?", ""]


def test_a_text_that_could_not_be_read_again_is_not_saved_and_told(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(column_codec, "MAX_TEXT", 20_000)
    told: list[StoreError] = []
    writer = Writer(lambda: SqliteStore(data), on_failure=told.append)
    saving = writer.begin_turn(None, "¿Qué?", model="m")
    saving.end(Turn("¿Qué?", "ñ" * 10_001, "complete", "m"))
    later = writer.begin_turn(saving.conversation, "¿Qué?", model="m")
    later.end(WHOLE)
    assert not writer.close(seconds=30)
    assert [type(error) for error in told] == [StoreTooLarge]
    assert writer.left() == (0, 1)
    assert [turn.text for turn in kept(data)][-1] == WHOLE.text
