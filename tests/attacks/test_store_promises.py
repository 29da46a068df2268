"""What is promised of conversations that are saved, each promise kept by real chats on real terminals."""

from __future__ import annotations

import os
import random
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event

import pytest
from support.chats import answering, chat, leave, prompts, wait_for_prompt
from support.oneshots import run, started
from support.terminal import Terminal
from support.wire import playing

from stream_core.core.conversation import Turn
from stream_core.practice.events import text_delta
from stream_core.practice.script import Send, Step, Wait
from stream_core.store.open_database import NAME
from stream_core.store.process_state import is_stopped
from stream_core.store.protocol import FOLDER
from stream_core.store.sqlite import SqliteStore

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals, owners and modes of POSIX")
AS_ROOT = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be others"
)
NOBODY = 65534
LOCKS = Path("/proc/locks")  # Linux: proc_locks(5)
WHOLE = Turn("¿Qué?", "Esto es todo.", "complete", "m")
WORDS = [f"palabra{number:03} " for number in range(600)]
"""A hundred a second: when word 60 is on the screen, word 10 is older than what text may be unsaved."""


def slowly(words: list[str] = WORDS) -> list[Step]:
    """A reply that arrives for seconds, so that its text is being saved all the time."""
    whole = answering("", then=())
    return [
        whole[0],
        whole[1],
        *(step for word in words for step in (Send(text_delta(word)), Wait(0.01))),
        whole[-1],
    ]


class Lasting:
    """A reply that arrives until its chat was caught while it saved, and goes on for a while.

    Args:
        more: how many words come after that, a hundred a second.

    Attributes:
        said: its words so far.
    """

    def __init__(self, more: int = 300) -> None:
        self.said: list[str] = []
        self._more = more
        self._caught = Event()

    def caught(self) -> None:
        self._caught.set()

    def __iter__(self) -> Iterator[Step]:
        whole, left = answering("", then=()), self._more
        yield from whole[:2]
        while left:
            left -= self._caught.is_set()
            self.said.append(f"palabra{len(self.said):03} ")
            yield Send(text_delta(self.said[-1]))
            yield Wait(0.01)
        yield whole[-1]


def turns(home: Path) -> dict[str, list[Turn]]:
    """The conversations in the file, last used first."""
    with closing(SqliteStore(home / "data")) as store:
        return {each.id: list(store.turns(each.id)) for each in store.conversations(limit=100)}


def questions(home: Path) -> list[str]:
    return sorted(turn.question for each in turns(home).values() for turn in each)


def flat(terminal: Terminal) -> str:
    return " ".join(terminal.text.split())


def ask(terminal: Terminal, line: str, shows: str) -> None:
    before = prompts(terminal)
    terminal.send(f"{line}\r")
    terminal.wait_for(lambda t: shows in flat(t))
    wait_for_prompt(terminal, before + 1)


def until(holds: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def in_journal(home: Path, text: str) -> bool:
    """Whether a journal beside the store holds a text."""
    return any(text.encode() in file.read_bytes() for file in (home / "data" / FOLDER).glob("pending-*"))


@contextmanager
def lock_of(home: Path) -> Iterator[Callable[[], bool]]:
    """Whether the lock of the store is free at this moment."""
    import fcntl

    handle = os.open(home / "data" / FOLDER / "lock", os.O_RDWR)

    def free() -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        fcntl.flock(handle, fcntl.LOCK_UN)
        return True

    try:
        yield free
    finally:
        os.close(handle)


def taken(lock: Path) -> bool:
    """Whether somebody holds the lock, without trying to take it."""
    entry = f":{lock.stat().st_ino} "
    return any(" FLOCK " in line and entry in line for line in LOCKS.read_text("ascii").splitlines())


def stop_while_it_saves(pid: int, home: Path, reply: Lasting) -> None:
    """Stop a chat by force as soon as it saves, until it stands still in the middle of a transaction."""
    lock, end = home / "data" / FOLDER / "lock", time.monotonic() + 60
    with lock_of(home) as free:
        while time.monotonic() < end:
            if LOCKS.exists() and not taken(lock):  # looked at without a pause: a transaction is short
                continue
            os.kill(pid, signal.SIGSTOP)
            until(lambda: is_stopped(pid))
            if not free():
                reply.caught()
                return
            os.kill(pid, signal.SIGCONT)
    raise AssertionError("it was never caught in a transaction")


# -- a chat that is stopped ----------------------------------------------------------------------


def test_a_chat_stopped_while_it_saves_costs_no_other_chat_a_turn(own_environment: Path) -> None:
    home = own_environment
    tale = Lasting(100)
    with playing(tale, answering("uno"), answering("dos"), answering("tres")) as server:
        with chat(server) as stopped, chat(server) as other:
            stopped.send("cuenta\r")
            stopped.wait_for("palabra060")
            stop_while_it_saves(stopped.pid, home, tale)
            ask(other, "primera", "uno")
            ask(other, "segunda", "dos")
            assert f"Otro chat está detenido (proceso {stopped.pid})" in flat(other)
            leave(other)
            assert "Las últimas 2 respuestas están a salvo" in flat(other)
            with chat(server) as third:  # it starts, reads and answers beside the stopped one
                ask(third, "/conversaciones", "cuenta")
                ask(third, "tercera", "tres")
                stopped.signal(signal.SIGCONT)
                until(lambda: questions(home) == ["cuenta", "primera", "segunda", "tercera"])
                ask(third, "stats", "recojo ahora 2 respuestas")
                leave(third)
                assert "a salvo" not in flat(third)
            stopped.wait_for("(completa)", 60)
            wait_for_prompt(stopped, 2)
            leave(stopped)
    found = {turn.question: turn for each in turns(home).values() for turn in each}
    assert found["cuenta"].text == "".join(tale.said) and found["cuenta"].outcome == "complete"
    assert [found[name].text for name in ("primera", "segunda", "tercera")] == ["uno", "dos", "tres"]
    assert list((home / "data" / FOLDER).glob("pending-*")) == []


def test_a_chat_killed_beside_a_stopped_one_loses_nothing_that_was_on_its_screen(
    own_environment: Path,
) -> None:
    home = own_environment
    tale = Lasting()
    with playing(tale, answering("uno"), slowly()) as server:
        with chat(server) as stopped, chat(server) as killed:
            stopped.send("cuenta\r")
            stopped.wait_for("palabra060")
            stop_while_it_saves(stopped.pid, home, tale)
            ask(killed, "primera", "uno")
            killed.send("segunda\r")
            killed.wait_for("palabra040")
            until(lambda: in_journal(home, "palabra020"))  # the reply goes on for seconds
            killed.signal(signal.SIGKILL)
            assert killed.wait_exit() == -signal.SIGKILL
            stopped.signal(signal.SIGKILL)
            stopped.wait_exit()
        with chat(server, "-c") as following:
            following.wait_for(lambda t: "recojo ahora 2 respuestas" in flat(t))
            leave(following)
    found = {turn.question: turn for each in turns(home).values() for turn in each}
    assert found["primera"].text == "uno"
    for name, word in (("segunda", "palabra020"), ("cuenta", "palabra010")):
        assert found[name].outcome == "interrupted" and word in found[name].text


def test_ctrl_z_never_leaves_the_file_locked(own_environment: Path) -> None:
    home = own_environment
    chance = random.Random(3)
    tale = Lasting(30)
    with playing(tale, answering("uno")) as server:
        with chat(server) as suspended:
            suspended.send("cuenta\r")
            suspended.wait_for("palabra060")
            with lock_of(home) as free:
                for _ in range(20):
                    time.sleep(0.05 * chance.random())
                    suspended.signal(signal.SIGTSTP)
                    until(lambda: is_stopped(suspended.pid))
                    assert free()
                    suspended.signal(signal.SIGCONT)
            tale.caught()
            suspended.wait_for("(completa)", 60)
            wait_for_prompt(suspended, 2)
            leave(suspended)
    assert [turn.text for each in turns(home).values() for turn in each] == ["".join(tale.said)]


# -- a clock that was wrong ----------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [4102444800.0, 0.0])
def test_the_conversation_used_last_is_the_one_that_goes_on_whatever_the_clock_said(
    own_environment: Path, wrong: float
) -> None:
    with closing(SqliteStore(own_environment / "data")) as store:
        place = store.begin_turn("futuro11", "del reloj equivocado", model="m", at=wrong)
        store.end_turn(place, WHOLE, at=wrong + 1)
    with playing(answering("uno"), answering("dos"), answering("tres")) as server:
        assert run(server, "la de hoy").stdout == b"uno"
        assert run(server, "-c", "y esta le sigue").stdout == b"dos"
        with chat(server, "-c") as terminal:
            terminal.wait_for("y esta le sigue")
            ask(terminal, "/conversaciones", "del reloj equivocado")
            assert flat(terminal).rindex("la de hoy") < flat(terminal).rindex("del reloj equivocado")
            leave(terminal)


# -- nobody in -----------------------------------------------------------------------------------


def everything(home: Path) -> list[Path]:
    return [path for folder in ("data", "config") for path in (home / folder, *(home / folder).rglob("*"))]


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o277, 0o777])
def test_every_file_and_folder_is_the_persons_alone_whatever_the_umask(
    own_environment: Path, umask: int
) -> None:
    home = own_environment
    before = os.umask(umask)
    try:
        with playing(answering("uno")) as server, chat(server, "--debug") as terminal:
            ask(terminal, "hola", "uno")
            ask(terminal, "/apariencia tema claro", "claro")
            leave(terminal)
    finally:
        os.umask(before)
    modes = {path: stat.S_IMODE(path.lstat().st_mode) for path in everything(home)}
    assert {path.name for path in modes} >= {
        "data",
        "config",
        "history",
        "logs",
        FOLDER,
        NAME,
        "preferences.json",
    }
    assert set(modes.values()) == {0o600, 0o700}, modes
    assert questions(home) == ["hola"]


def test_a_history_that_others_could_read_is_closed(own_environment: Path) -> None:
    history = own_environment / "data" / "history"
    history.parent.mkdir()
    history.write_text("\n# 2026-01-01\n+lo de antes\n")
    history.chmod(0o644)
    with chat(None) as terminal:
        leave(terminal)
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    assert "lo de antes" in history.read_text() and "exit" in history.read_text()


@AS_ROOT
def test_another_user_of_the_machine_can_read_none_of_it(own_environment: Path) -> None:
    home = own_environment
    with playing(answering("uno")) as server, chat(server, "--debug") as terminal:
        ask(terminal, "hola", "uno")
        leave(terminal)
    opened = tuple(home.parents)[:-1]
    for folder in (home, *opened):
        if folder.stat().st_uid == os.geteuid() and folder.name.startswith(("home", "pytest", "popen")):
            folder.chmod(0o711)
    for path in (path for path in everything(home) if path.is_file()):
        tried = subprocess.run(["/bin/cat", str(path)], user=NOBODY, capture_output=True, check=False)
        assert (tried.returncode, tried.stdout) == (1, b""), path


@AS_ROOT
@pytest.mark.parametrize("theirs", [FOLDER, f"{FOLDER}/{NAME}", f"{FOLDER}/lock"])
def test_what_another_user_has_put_there_is_not_used(own_environment: Path, theirs: str) -> None:
    data = own_environment / "data"
    with closing(SqliteStore(data)):
        pass
    os.chown(data / theirs, NOBODY, NOBODY)
    with playing(answering("uno")) as server:
        done = run(server, "hola")
    assert (done.stdout, done.returncode) == (b"uno", 0)
    assert "es de otra persona" in done.stderr.decode()


@pytest.mark.parametrize("kind", ["pipe", "device", "socket", "folder", "loop"])
@pytest.mark.parametrize(
    "place",
    [
        f"data/{FOLDER}",
        f"data/{FOLDER}/{NAME}",
        f"data/{FOLDER}/{NAME}-wal",
        f"data/{FOLDER}/lock",
        f"data/{FOLDER}/pending-x.jsonl",
        "data/history",
        "data/logs",
        "config/preferences.json",
        "config/models.json",
        "config/.env",
    ],
)
def test_what_is_no_file_in_any_of_our_places_is_not_waited_for(
    own_environment: Path, place: str, kind: str
) -> None:
    file = own_environment / place
    if kind == "folder" and file.name in (FOLDER, "logs"):
        pytest.skip("that is what it is to be")
    if kind == "device" and os.geteuid():
        pytest.skip("only root makes devices")
    file.parent.mkdir(parents=True, exist_ok=True)
    make_odd(file, kind)
    with Terminal([sys.executable, *command_line(), "--debug", "--practice"]) as terminal:
        terminal.wait_for(lambda t: "Tú:" in t.text or t.status is not None)
        if terminal.status is None:
            leave(terminal)
        else:
            assert place == "config/.env" and terminal.status == 2 and ".env" in terminal.text
    assert "Traceback" not in terminal.text


def command_line() -> list[str]:
    from support.paths import PROGRAM

    return [str(PROGRAM)]


def make_odd(file: Path, kind: str) -> None:
    import socket

    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "device":
        os.mknod(file, stat.S_IFCHR | 0o600, os.makedev(1, 5))  # /dev/zero, which never ends
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as made:
            before = Path.cwd()
            os.chdir(file.parent)  # the path of a socket is short
            try:
                made.bind(file.name)
            finally:
                os.chdir(before)
    elif kind == "folder":
        file.mkdir()
    else:
        file.symlink_to(file.name)


# -- bounded -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place", ["data/history", "config/preferences.json", "config/models.json", "config/.env"]
)
def test_a_file_of_an_absurd_size_is_not_read(own_environment: Path, place: str) -> None:
    file = own_environment / place
    file.parent.mkdir(parents=True)
    with file.open("wb") as stream:
        stream.truncate(1 << 40)
    done = run(None, "hola", "--practice")
    assert done.returncode == (2 if place.endswith(".env") else 0)
    if place != "data/history":
        assert b"demasiado grande" in done.stderr


# -- files that decide ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("config/.env", "ANTHROPIC_BASE_URL=http://127.0.0.1:1\nANTHROPIC_API_KEY=sk-ant-ajena"),
        ("config/models.json", '{"claude-x": {"input": 0}}'),
        ("config/preferences.json", '{"modelo": "claude-ajeno"}'),
    ],
)
@pytest.mark.parametrize("how", ["anybody", "another user"])
def test_a_file_that_others_may_have_written_is_not_obeyed(
    own_environment: Path, place: str, text: str, how: str
) -> None:
    file = own_environment / place
    file.parent.mkdir()
    file.write_text(text)
    if how == "anybody":
        file.chmod(0o666)
    elif os.geteuid():
        pytest.skip("only root gives files away")
    else:
        os.chown(file, NOBODY, NOBODY)
    done = run(None, "hola", "--practice")
    assert b"no lo uso" in done.stderr and done.stderr.count(b"no lo uso") == 1
    assert b"ajen" not in done.stdout + done.stderr


def test_ctrl_z_never_leaves_the_file_locked_without_a_chat_either(own_environment: Path) -> None:
    home = own_environment
    chance = random.Random(5)
    with playing(slowly(WORDS[:200])) as server, started(server, "cuenta") as process:
        until((home / "data" / FOLDER / "lock").exists, 60)
        with lock_of(home) as free:
            for _ in range(10):
                time.sleep(0.05 * chance.random())
                process.send_signal(signal.SIGTSTP)
                until(lambda: is_stopped(process.pid) or process.poll() is not None)
                assert free() or process.poll() is not None
                process.send_signal(signal.SIGCONT)
        text, _ = process.communicate(timeout=60)
    assert text.decode() == "".join(WORDS[:200])
    assert [turn.text for each in turns(home).values() for turn in each] == [text.decode()]


def test_rounds_of_stops_and_kills_lose_nothing(
    own_environment: Path, soaking: bool, record_property: Callable[[str, object], None]
) -> None:
    """Two chats save at once; one is stopped while it saves, the other answers and leaves, or is killed."""
    home, chance = own_environment, random.Random(11)
    rounds, asked = 40 if soaking else 2, list[str]()
    for number in range(rounds):
        tale = Lasting()
        with playing(tale, answering(f"respuesta {number}")) as server:
            with chat(server) as stopped, chat(server) as other:
                stopped.send(f"cuento {number}\r")
                stopped.wait_for("palabra060")
                stop_while_it_saves(stopped.pid, home, tale)
                ask(other, f"pregunta {number}", f"respuesta {number}")
                if chance.random() < 0.5:
                    leave(other)
                    assert "a salvo" in flat(other)
                else:
                    until(lambda: in_journal(home, f"respuesta {number}"))  # noqa: B023 -- asked at once
                    other.signal(signal.SIGKILL)
                    other.wait_exit()
                if chance.random() < 0.5:
                    stopped.signal(signal.SIGKILL)
                    stopped.wait_exit()
                else:
                    stopped.signal(signal.SIGCONT)
                    stopped.send("\x03")
                    wait_for_prompt(stopped, 2)
                    leave(stopped)
        asked += [f"cuento {number}", f"pregunta {number}"]
    with chat(None) as last:
        leave(last)
    with playing(answering("fin")) as server:
        assert run(server, "última").stdout == b"fin"  # takes in what is left
    found = {turn.question: turn for each in turns(home).values() for turn in each}
    lost = [question for question in asked if question not in found]
    short = [name for name in asked if "cuento" in name and "palabra010" not in found[name].text]
    record_property("rounds", rounds)
    assert (lost, short) == ([], [])
    texts = {number: found[f"pregunta {number}"].text for number in range(rounds)}
    assert texts == {number: f"respuesta {number}" for number in range(rounds)}
    assert list((home / "data" / FOLDER).glob("*apartado*")) == []
