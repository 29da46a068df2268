"""The store of a team: who sees what, several programs at once, and a server that fails."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support import postgres
from support.postgres import Server

from stream_core.core import store_errors as e
from stream_core.core.attachments import inline, question_blocks
from stream_core.core.conversation import Turn
from stream_core.core.deltas import Usage
from stream_core.files.attaching import take_in_bytes
from stream_core.files.blobs import Blobs
from stream_core.models.cost import Spent
from stream_core.store.journal import Journal
from stream_core.store.protocol import Place, Store
from stream_core.store.writer import Writer

if reason := postgres.missing():
    pytest.skip(reason, allow_module_level=True)

import psycopg

from stream_core.store.postgres import schema, session
from stream_core.store.postgres.store import PostgresStore


def turn(question: str = "¿Qué?", text: str = "Esto.") -> Turn:
    return Turn(question, text, "complete", "m", Usage(1, 2), ({"type": "text", "text": text},))


def asking(*files: bytes) -> Turn:
    """A turn whose question holds files, as it is saved in the store of a team."""
    blobs = Blobs()
    attached = [take_in_bytes(data, f"{at}.txt", blobs)[0] for at, data in enumerate(files)]
    return replace(turn(), asked=inline(question_blocks("¿Qué?", attached), blobs.read))


def keep(store: Store, kept: Turn, conversation: str | None = None) -> str:
    place = store.begin_turn(conversation, kept.question, model="m", at=1.0)
    store.end_turn(place, kept, at=2.0)
    return place.conversation


@pytest.fixture
def ana(team: Server) -> Iterator[PostgresStore]:
    store = PostgresStore(team.url("ana"))
    yield store
    store.close()


@pytest.fixture
def luis(team: Server) -> Iterator[PostgresStore]:
    store = PostgresStore(team.url("luis"))
    yield store
    store.close()


class TestWhoSeesWhat:
    def test_nobody_sees_what_others_say(self, ana: PostgresStore, luis: PostgresStore) -> None:
        name = keep(ana, turn("secreto", "un tesoro"))
        ana.spend("m", Spent(uncounted=1))
        assert luis.conversations(limit=5) == [] and luis.find(name) == [] and luis.latest() is None
        assert luis.search("tesoro", limit=5) == [] and list(luis.turns(name)) == []
        assert luis.spent() == [] and luis.totals().turns == 0
        assert luis.recover() == []
        assert luis.undo(name) is None
        luis.delete(name)
        luis.append(Place(name, 1), "x", at=3.0)
        luis.end_turn(Place(name, 1), turn("otra"), at=3.0)
        assert list(ana.turns(name)) == [turn("secreto", "un tesoro")]

    def test_the_database_itself_keeps_them_apart(self, team: Server, ana: PostgresStore) -> None:
        """Also from somebody who writes SQL."""
        keep(ana, turn("secreto", "un tesoro"))
        arriving = ana.begin_turn(None, "y otra", model="m", at=5.0)
        ana.append(arriving, "a medias", at=6.0)
        ana.spend("m", Spent(uncounted=1))
        with psycopg.connect(team.url("luis"), autocommit=True) as sql:
            for table in ("conversations", "turns", "pieces", "spent"):
                assert sql.execute(f"SELECT count(*) FROM stream_core.{table}").fetchone() == (0,)
                assert sql.execute(f"DELETE FROM stream_core.{table}").rowcount == 0
            assert sql.execute("UPDATE stream_core.conversations SET shared = true").rowcount == 0
            wanted = "SELECT count(*) FROM stream_core.matching('tesoro'::tsquery, 10, 10)"
            assert sql.execute(wanted).fetchone() == (0,)
            for statement in (
                "INSERT INTO stream_core.conversations(owner, id, title, created, updated)"
                " VALUES('ana', 'x', '', 0, 0)",
                "INSERT INTO stream_core.spent(owner, model) VALUES('ana', 'x')",
                "INSERT INTO stream_core.turns(owner, conversation, number, begun, model, question)"
                " VALUES('luis', 1, 99, 0, '', '')",
                "ALTER TABLE stream_core.turns DISABLE ROW LEVEL SECURITY",
                "SET session_authorization TO ana",
                "CREATE TABLE stream_core.mine(a int)",
            ):
                with pytest.raises(psycopg.Error):
                    sql.execute(statement)

    def test_what_is_shared_is_seen_by_all_until_it_is_not(
        self, ana: PostgresStore, luis: PostgresStore
    ) -> None:
        name, other = keep(ana, turn("receta", "un bizcocho")), keep(ana, turn("otra", "un bizcocho secreto"))
        assert ana.share(name, True)
        (seen,) = luis.conversations(limit=5)
        assert (seen.id, seen.owner, seen.shared) == (name, "ana", True)
        assert [(s.id, s.owner, s.shared) for s in ana.conversations(limit=5)] == [
            (other, None, False),
            (name, None, True),
        ]
        assert list(luis.turns(name)) == [turn("receta", "un bizcocho")]
        assert [hit.place for hit in luis.search("bizcocho", limit=5)] == [Place(name, 1)]
        assert luis.find(name[:3]) == [name]
        assert luis.latest() is None and luis.totals().conversations == 0
        assert ana.share(name, False)
        assert luis.conversations(limit=5) == [] and luis.search("bizcocho", limit=5) == []

    def test_only_the_own_can_be_shared(self, ana: PostgresStore, luis: PostgresStore) -> None:
        name = keep(ana, turn())
        assert not luis.share(name, True) and not luis.share("nada0000", True)
        ana.share(name, True)
        assert not luis.share(name, False)
        assert luis.conversations(limit=1)[0].shared

    def test_who_goes_on_with_a_shared_one_has_a_copy(self, ana: PostgresStore, luis: PostgresStore) -> None:
        name = keep(ana, turn("receta", "un bizcocho"))
        ana.share(name, True)
        keep(luis, turn("¿y sin azúcar?", "también"), name)
        assert list(ana.turns(name)) == [turn("receta", "un bizcocho")]
        assert list(luis.turns(name)) == [turn("receta", "un bizcocho"), turn("¿y sin azúcar?", "también")]
        keep(ana, turn("¿y con limón?", "mejor"), name)
        assert [kept.question for kept in ana.turns(name)] == ["receta", "¿y con limón?"]
        assert [kept.question for kept in luis.turns(name)] == ["receta", "¿y sin azúcar?"]
        (mine,) = luis.conversations(limit=5)
        assert (mine.owner, mine.shared, mine.turns) == (None, False, 2)
        assert luis.latest() == name
        assert len(luis.search("bizcocho", limit=5)) == 1
        ana.delete(name)
        assert len(list(luis.turns(name))) == 2

    @pytest.mark.parametrize("change", ["continue", "undo", "adopt"])
    def test_every_change_is_one_of_the_copy(
        self, ana: PostgresStore, luis: PostgresStore, change: str
    ) -> None:
        from stream_core.store.protocol import PendingTurn

        name = keep(ana, turn("receta", "un bizcocho"))
        ana.share(name, True)
        if change == "continue":
            place = luis.continue_turn(name, turn("receta", "un bizcocho"), at=5.0)
            luis.end_turn(place, turn("receta", "un bizcocho y más"), at=6.0)
            assert [kept.text for kept in luis.turns(name)] == ["un bizcocho y más"]
        elif change == "undo":
            assert luis.undo(name) == turn("receta", "un bizcocho")
        else:
            assert luis.adopt(PendingTurn(name, turn("nueva"), 5.0, 6.0))
            assert [kept.question for kept in luis.turns(name)] == ["receta", "nueva"]
        assert list(ana.turns(name)) == [turn("receta", "un bizcocho")]

    def test_attached_files_are_kept_once_and_seen_with_their_turns(
        self, team: Server, ana: PostgresStore, luis: PostgresStore
    ) -> None:
        """By content, for each person; deleted with the last turn that refers to them."""

        def rows(sql: str = "count(*)") -> int:
            with psycopg.connect(team.url("postgres"), autocommit=True) as db:
                row = db.execute(f"SELECT {sql} FROM stream_core.files").fetchone()
                return int(row[0]) if row is not None else 0

        first, second = asking(b"igual" * 1000), asking(b"igual" * 1000, b"otro")
        name, other = keep(ana, first), keep(ana, second)
        assert (rows(), rows("sum(length(data))")) == (2, 5004)
        assert [*ana.turns(name), *ana.turns(other)] == [first, second]
        place = ana.continue_turn(name, first, at=3.0)
        ana.end_turn(place, first, at=4.0)
        assert list(ana.turns(name)) == [first] and rows() == 2
        with psycopg.connect(team.url("luis"), autocommit=True) as sql:
            for table in ("files", "attached"):
                assert sql.execute(f"SELECT count(*) FROM stream_core.{table}").fetchone() == (0,)
            ana.share(other, True)
            assert sql.execute("SELECT count(*) FROM stream_core.files").fetchone() == (2,)
            assert sql.execute("DELETE FROM stream_core.files").rowcount == 0
        assert list(luis.turns(other)) == [second]
        keep(luis, turn("y más"), other)  # a copy of his own
        ana.delete(other)
        assert rows() == 3 and list(luis.turns(other)) == [second, turn("y más")]
        luis.undo(other)
        luis.undo(other)
        assert rows() == 1 and list(ana.turns(name)) == [first]
        ana.delete(name)
        assert rows() == 0

    def test_an_administrator_is_told_that_everything_is_seen(self, team: Server) -> None:
        store = PostgresStore(team.url("postgres"))
        assert "administrador" in store.notes[0]
        store.close()


class TestSearch:
    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("canciones", True),
            ("canción", True),
            ("cantando canciones", False),
            ("la canciones", True),
            ("las", False),
        ],
    )
    def test_words_of_the_same_stem_are_found(self, ana: PostgresStore, words: str, found: bool) -> None:
        keep(ana, turn("¿Cuál?", "La canción del pirata"))
        assert bool(ana.search(words, limit=5)) is found

    def test_whole_words_come_before_stems(self, ana: PostgresStore) -> None:
        for text in ("gatos por la calle", "un gato en el tejado", "gatos y gatas"):
            keep(ana, turn("¿?", text))
        assert ana.search("gato", limit=5)[0].line == "un gato en el tejado"
        assert len(ana.search("gato", limit=5)) == 3

    @pytest.mark.parametrize(
        "text", ["palabra " * 300_000, " ".join(f"w{n:x}" for n in range(200_000)), "x" * 3_000_000]
    )
    def test_a_very_long_turn_can_be_saved_and_found(
        self, ana: PostgresStore, text: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("stream_core.store.postgres.session._ANSWER_SECONDS", 120.0)  # a busy machine
        name = keep(ana, turn("la pregunta", text))
        assert [hit.place.conversation for hit in ana.search("pregunta", limit=5)] == [name]
        assert next(ana.turns(name)).text == text


class TestPrograms:
    def test_turns_of_a_program_that_runs_are_left_alone(self, team: Server, ana: PostgresStore) -> None:
        other = PostgresStore(team.url("ana"))
        place = other.begin_turn(None, "¿Qué?", model="m", at=1.0)
        other.append(place, "a medias", at=2.0)
        assert ana.recover() == []
        other.close()
        until(lambda: ana.recover() == [place])
        assert [(kept.text, kept.outcome) for kept in ana.turns(place.conversation)] == [
            ("a medias", "interrupted")
        ]
        assert ana.spent() == [("m", Spent(uncounted=1))]
        assert ana.recover() == []

    def test_turns_of_a_program_that_was_killed_are_recovered(self, team: Server, ana: PostgresStore) -> None:
        code = (
            "import sys, time\n"
            "from stream_core.store.postgres.store import PostgresStore\n"
            "s = PostgresStore(sys.argv[1])\n"
            "p = s.begin_turn('abc', '¿Qué?', model='m', at=1.0); s.append(p, 'a medias', at=2.0)\n"
            "print('ya', flush=True); time.sleep(60)"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code, team.url("ana")], stdout=subprocess.PIPE
        ) as program:
            assert program.stdout is not None and program.stdout.readline() == b"ya\n"
            program.send_signal(signal.SIGKILL)
        until(lambda: ana.recover() == [Place("abc", 1)])

    def test_two_programs_write_in_one_conversation(self, team: Server) -> None:
        stores = [PostgresStore(team.url("ana")) for _ in range(2)]
        name = keep(stores[0], turn("0"))

        def write(store: PostgresStore, who: str) -> None:
            for number in range(30):
                place = store.begin_turn(name, f"{who}{number}", model="m", at=1.0)
                store.append(place, "x", at=2.0)
                store.end_turn(place, turn(f"{who}{number}"), at=3.0)

        threads = [threading.Thread(target=write, args=pair) for pair in zip(stores, "ab", strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        questions = [kept.question for kept in stores[0].turns(name)]
        assert len(questions) == 61 and len(set(questions)) == 61
        assert [q for q in questions if q[0] == "a"] == [f"a{number}" for number in range(30)]
        for store in stores:
            store.close()


class TestErrors:
    def test_a_server_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(e.StoreUnreachable) as caught:
            PostgresStore(f"postgresql://ana:geheim@/team?host={tmp_path}")
        assert "geheim" not in f"{caught.value} {caught.value.location} {caught.value.__dict__}"
        assert caught.value.location.endswith("/team")

    def test_a_database_or_a_person_that_is_not_there(self, team: Server) -> None:
        with pytest.raises(e.StoreNotSetUp):
            PostgresStore(team.url("ana", "nada"))
        with pytest.raises(e.StoreAccessDenied):
            PostgresStore(team.url("nadie"))

    def test_a_database_without_tables_is_set_up_by_who_may(self, team: Server) -> None:
        team.admin("CREATE DATABASE fresh", database="postgres")
        try:
            with pytest.raises(e.StoreNotSetUp):
                PostgresStore(team.url("ana", "fresh"))
            command = [sys.executable, "-m", "stream_core.store.postgres", team.url("postgres", "fresh")]
            assert subprocess.run(command, capture_output=True, check=True).stdout.startswith(b"Listo")
            store = PostgresStore(team.url("ana", "fresh"))
            keep(store, turn())
            store.close()
        finally:
            team.admin("DROP DATABASE fresh WITH (FORCE)", database="postgres")

    def test_tables_of_a_newer_version_stay_untouched(self, team: Server) -> None:
        team.admin("COMMENT ON SCHEMA stream_core IS '99'")
        try:
            with pytest.raises(e.StoreTooNew):
                PostgresStore(team.url("ana"))
        finally:
            team.admin(f"COMMENT ON SCHEMA stream_core IS '{len(schema.MIGRATIONS)}'")

    def test_a_database_that_only_reads(self, team: Server, ana: PostgresStore) -> None:
        name = keep(ana, turn())
        team.admin("ALTER ROLE ana SET default_transaction_read_only = on")
        try:
            store = PostgresStore(team.url("ana"))
            assert list(store.turns(name)) == [turn()]
            with pytest.raises(e.StoreReadOnly):
                keep(store, turn())
            store.close()
        finally:
            team.admin("ALTER ROLE ana RESET default_transaction_read_only")

    def test_a_connection_that_was_cut_while_nothing_happened_is_not_noticed(
        self, team: Server, ana: PostgresStore
    ) -> None:
        name = keep(ana, turn("uno"))
        team.admin("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ana'")
        time.sleep(0.2)
        keep(ana, turn("dos"), name)
        assert [kept.question for kept in ana.turns(name)] == ["uno", "dos"]


def until(holds: Callable[[], Any]) -> None:
    for _ in range(400):
        if holds():
            return
        time.sleep(0.025)
    raise AssertionError("it never came about")


# -- outages -------------------------------------------------------------------------------------


class Line:
    """A socket in a folder of its own that leads to the server, and can be cut or kept silent."""

    def __init__(self, server: Server, folder: Path) -> None:
        self._target = str(server.folder / ".s.PGSQL.5432")
        self._folder = folder
        self._pairs: list[socket.socket] = []
        self.silent = self.closed = False
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / ".s.PGSQL.5432"))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, person: str) -> str:
        return f"postgresql://{person}@/{postgres.DATABASE}?host={self._folder}"

    def cut(self) -> None:
        """Close all connections, and each new one at once, until `closed` is false again."""
        self.closed = True
        for sock in self._pairs:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        self.cut()
        self._listener.close()
        for sock in self._pairs:
            sock.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listener.accept()
                if self.closed:
                    here.close()
                    continue
                there = socket.socket(socket.AF_UNIX)
                there.connect(self._target)
                self._pairs += [here, there]
                for pair in ((here, there), (there, here)):
                    threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                while self.silent:
                    time.sleep(0.01)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


@pytest.fixture
def line(team: Server, tmp_path: Path) -> Iterator[Line]:
    made = Line(team, tmp_path)
    yield made
    made.end()


@contextmanager
def writer(url: str, folder: Path) -> Iterator[tuple[Writer, list[e.StoreError]]]:
    """A writer with its journal, as a chat has one."""
    failures: list[e.StoreError] = []
    made = Writer(lambda: PostgresStore(url), on_failure=failures.append, journal=Journal(folder))
    try:
        yield made, failures
    finally:
        made.close(seconds=60)  # a chat waits two, and what it is still saving then is in nobody's hands yet


def say(to: Writer, conversation: str | None, kept: Turn) -> str:
    saving = to.begin_turn(conversation, kept.question, model="m")
    for word in kept.text.split(" "):
        saving.text(f"{word} ")
    saving.end(kept)
    return saving.conversation


def test_an_outage_loses_nothing_and_is_told_once(line: Line, ana: PostgresStore, tmp_path: Path) -> None:
    with writer(line.url("ana"), tmp_path / "journal") as (chat, failures):
        name = say(chat, None, turn("uno"))
        chat.call(lambda store: None)
        line.cut()
        for number in range(5):
            say(chat, name, turn(f"durante {number}"))
        until(lambda: chat.failed is not None)
        line.closed = False
        until(lambda: chat.failed is None or not chat_call(chat))
        say(chat, name, turn("después"))
        chat.call(lambda store: None)
    assert [type(failure) for failure in failures] == [e.StoreUnreachable]
    assert [kept.question for kept in ana.turns(name)] == [
        "uno",
        *(f"durante {n}" for n in range(5)),
        "después",
    ]


def chat_call(chat: Writer) -> bool:
    with suppress(e.StoreError):
        chat.call(lambda store: None)
    return chat.failed is not None


def test_what_could_not_be_saved_is_handed_over_by_the_next_program(
    line: Line, ana: PostgresStore, tmp_path: Path
) -> None:
    with writer(line.url("ana"), tmp_path / "journal") as (chat, _):
        name = say(chat, None, turn("uno"))
        chat.call(lambda store: None)
        line.cut()
        say(chat, name, turn("dos"))
        chat.spend("m", Spent(uncounted=1))
    assert [kept.question for kept in ana.turns(name)] == ["uno"]
    line.closed = False
    with writer(line.url("ana"), tmp_path / "journal") as (chat, _):
        chat.call(lambda store: None)
    assert [kept.question for kept in ana.turns(name)] == ["uno", "dos"]
    assert ana.spent() == [("m", Spent(uncounted=1))]


def test_a_network_that_swallows_everything_is_given_up(
    line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "_ANSWER_SECONDS", 0.3)
    store = PostgresStore(line.url("ana"))
    line.silent = True
    with pytest.raises(e.StoreUnreachable):
        keep(store, turn())
    line.silent = False
    monkeypatch.setattr(session, "_QUIET_SECONDS", 0.0)
    keep(store, turn())
    store.close()


@pytest.fixture(scope="module")
def durable() -> Iterator[Server]:
    """A server that waits for the disk."""
    server = Server(durable=True)
    server.set_up()
    yield server
    server.stop()


def test_a_server_that_is_killed_while_it_saves_loses_nothing(
    durable: Server, tmp_path: Path, soaking: bool
) -> None:
    """What was acknowledged is there after each kill; in the end all is, once."""
    acknowledged: list[str] = []
    said: list[str] = []
    with writer(durable.url("ana"), tmp_path / "journal") as (chat, _):
        name = say(chat, None, turn("0"))
        for round_number in range(20 if soaking else 2):
            for number in range(12):
                if number == 3:
                    threading.Timer(0.01 * (round_number % 7), durable.kill).start()
                question = f"{round_number}.{number}"
                said.append(question)
                say(chat, name, turn(question, "una respuesta de varias palabras"))
                with suppress(e.StoreError):
                    chat.call(lambda store: None)
                    if chat.failed is None:
                        acknowledged.append(question)
            durable.kill()
            durable.start()
            store = PostgresStore(durable.url("ana"))
            there = {kept.question for kept in store.turns(name) if kept.outcome == "complete"}
            assert set(acknowledged) <= there
            store.close()
    with writer(durable.url("ana"), tmp_path / "journal") as (chat, _):
        until(lambda: not chat_call(chat))
        questions = [kept.question for kept in chat.call(lambda store: list(store.turns(name)))]
    assert acknowledged
    assert sorted(questions) == sorted(["0", *said])


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="a small disk takes root")
def test_a_full_disk_of_the_server_loses_nothing(tmp_path: Path) -> None:
    disk = Path(tempfile.mkdtemp(prefix="pg-disk-"))
    disk.chmod(0o755)
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=90m,mode=777", "tmpfs", str(disk)],
        check=False,
        capture_output=True,
    ).returncode:
        pytest.skip("no small disk can be mounted here")
    server = None
    try:
        server = Server(folder=disk / "pg", options=["-c", "max_wal_size=32MB", "-c", "min_wal_size=32MB"])
        server.set_up()
        with writer(server.url("ana"), tmp_path / "journal") as (chat, failures):
            name = say(chat, None, turn("0"))
            chat.call(lambda store: None)
            filler = disk / "filler"
            with suppress(OSError), filler.open("wb") as full:
                while True:
                    full.write(b"x" * 65536)
            for number in range(1, 8):
                say(chat, name, turn(str(number), os.urandom(200_000).hex()))
            until(lambda: chat.failed is not None)
            filler.unlink()
            with suppress(AssertionError):
                server.start_if_down()
            until(lambda: not chat_call(chat))
            questions = [kept.question for kept in chat.call(lambda store: list(store.turns(name)))]
        assert questions == [str(number) for number in range(8)]
        assert failures
    finally:
        if server is not None:
            server.stop()
        subprocess.run(["umount", "-l", str(disk)], check=False)
        disk.rmdir()
