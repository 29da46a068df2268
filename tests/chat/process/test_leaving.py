"""The way out: nothing written, saved or restored is lost by not taking every module apart."""

from __future__ import annotations

import gc
import os
import signal
import sqlite3
import subprocess
import sys
import termios
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from support import starting
from support.chats import KEY, answering, prompts
from support.oneshots import command, environment
from support.paths import PROGRAM
from support.terminal import Terminal
from support.wire import playing

from stream_core.chat import app
from stream_core.chat.process import leaving
from stream_core.chat.process.collector import resting_collector
from stream_core.core.conversation import Turn
from stream_core.store.open_database import NAME
from stream_core.store.protocol import FOLDER
from stream_core.store.sqlite import SqliteStore

LEAVE = "import sys, os\nfrom stream_core.chat.process.leaving import leave\n{}\nsys.exit(leave({}))\n"
BUFFERED = {"PYTHONUNBUFFERED": ""}  # set to nothing: what is written waits, as it does for most people
MUCH = 300_000  # characters: more than a pipe holds

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs the signals and pipes of POSIX")


def program(work: str, code: int = 3) -> list[str]:
    """A program that does some work and leaves."""
    return [sys.executable, "-c", LEAVE.format(work, code)]


def ended(work: str, code: int = 3, **options: Any) -> subprocess.CompletedProcess[bytes]:
    options.setdefault("stdout", subprocess.PIPE)
    return subprocess.run(
        program(work, code),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **BUFFERED},
        timeout=60,
        check=False,
        **options,
    )


# -- what the interpreter would do ---------------------------------------------------------------


@pytest.mark.parametrize("code", [0, 1, 2, 129, 130, 143])
def test_the_code_is_kept(code: int) -> None:
    done = ended("print('dicho')", code)
    assert (done.returncode, done.stdout, done.stderr) == (code, b"dicho\n", b"")


def test_modules_are_not_taken_apart() -> None:
    work = "class Late:\n    def __del__(self): os.write(1, b'late')\nlate = Late()"
    assert ended(work).stdout == b""


def test_a_slow_reader_gets_every_byte() -> None:
    work = f"sys.stdout.reconfigure(line_buffering=False)\nsys.stdout.write('ñ' * {MUCH})"
    with subprocess.Popen(program(work), stdout=subprocess.PIPE, env={**os.environ, **BUFFERED}) as process:
        assert process.stdout is not None
        read = b""
        while piece := os.read(process.stdout.fileno(), 10_000):
            read += piece
            time.sleep(0.001)
    assert read.decode() == "ñ" * MUCH and process.returncode == 3


def test_what_atexit_holds_is_done(tmp_path: Path) -> None:
    work = f"""
import atexit, logging, logging.handlers, tempfile
atexit.register(print, "last words")
file = logging.FileHandler({str(tmp_path / "log")!r})
logging.getLogger().addHandler(logging.handlers.MemoryHandler(1000, target=file))
logging.warning("noted")
folder = tempfile.TemporaryDirectory(dir={str(tmp_path)!r})
atexit.register(lambda: 1 / 0)
"""
    done = ended(work)
    assert (done.returncode, done.stdout) == (3, b"last words\n")
    assert b"ZeroDivisionError" in done.stderr  # as the interpreter tells of it
    assert (tmp_path / "log").read_text() == "noted\n" and [f.name for f in tmp_path.iterdir()] == ["log"]


def test_a_thread_that_counts_is_waited_for() -> None:
    work = """
import threading, time
threading.Thread(target=lambda: (time.sleep(0.3), print("done"))).start()
"""
    assert (done := ended(work)).stdout == b"done\n" and done.returncode == 3


def test_a_lookup_that_hangs_is_not_waited_for() -> None:
    work = """
import asyncio, time
from stream_core.streaming import event_loop
async def look_up():
    await asyncio.get_running_loop().run_in_executor(None, time.sleep, 3600)
event_loop.submit(look_up())
time.sleep(0.2)
"""
    assert ended(work).returncode == 3


# -- where nothing can be written ----------------------------------------------------------------


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_reported_as_the_interpreter_does() -> None:
    with Path("/dev/full").open("wb") as full:
        ours = ended("print('x')", stdout=full)
        usual = ended("print('x')\nleave = int", stdout=full)
    assert (ours.returncode, ours.stderr) == (usual.returncode, usual.stderr)
    assert ours.returncode == 120 and b"No space left" in ours.stderr


def test_a_closed_pipe_is_reported_as_the_interpreter_does() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ours = ended("print('x')", stdout=writer)
        usual = ended("print('x')\nleave = int", stdout=writer)
    finally:
        os.close(writer)
    assert (ours.returncode, ours.stderr) == (usual.returncode, usual.stderr)


@pytest.mark.parametrize("work", ["sys.stdout.close()", "sys.stdout = None", "sys.stderr.close()"])
def test_a_stream_that_is_closed_is_no_matter(work: str) -> None:
    assert ended(work).returncode == 3


# -- signals -------------------------------------------------------------------------------------


def full_pipe() -> tuple[int, int]:
    """A pipe that takes nothing more until somebody reads."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writer, bytes(4096))
    os.set_blocking(writer, True)
    return reader, writer


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_a_wait_for_the_reader(name: str) -> None:
    number = getattr(signal, name)
    reader, writer = full_pipe()
    # The last thing that is done before the streams are flushed tells that it is done.
    work = "import atexit; atexit.register(os.write, 2, b'.'); sys.stdout.write('x')"
    with subprocess.Popen(
        program(work), stdout=writer, stderr=subprocess.PIPE, env={**os.environ, **BUFFERED}
    ) as process:
        assert process.stderr is not None
        assert process.stderr.read(1) == b"."
        process.send_signal(number)
        assert process.wait(30) == 128 + number
        assert process.stderr.read() == b""
    os.close(reader)
    os.close(writer)


def test_what_waits_for_a_full_pipe_arrives() -> None:
    reader, writer = full_pipe()
    work = "import atexit; atexit.register(os.write, 2, b'.'); sys.stdout.write('ñ')"
    with subprocess.Popen(
        program(work), stdout=writer, stderr=subprocess.PIPE, env={**os.environ, **BUFFERED}
    ) as process:
        os.close(writer)
        assert process.stderr is not None
        assert process.stderr.read(1) == b"."
        with os.fdopen(reader, "rb") as pipe:
            assert pipe.read().strip(bytes(1)).decode() == "ñ"
    assert process.returncode == 3


def test_a_hangup_that_is_ignored_stays_ignored() -> None:
    work = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    work += "\nimport atexit; atexit.register(lambda: os.kill(os.getpid(), signal.SIGHUP))"
    assert ended(work).returncode == 3


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("after", [0.0, 0.01, 0.03])
def test_a_signal_while_the_chat_is_left_loses_nothing(
    own_environment: Path, name: str, after: float
) -> None:
    number = getattr(signal, name)
    with playing(answering("una respuesta")) as server, on_terminal(server) as terminal:
        modes = terminal.termios_now()
        terminal.send("hola\r")
        terminal.wait_for("(completa)")
        terminal.wait_for(lambda t: t.text.rstrip().endswith("Tú:"))
        terminal.send("exit\r")
        time.sleep(after)
        with suppress(ProcessLookupError):  # it has ended already
            terminal.signal(number)
        # Ctrl+C before the line was read clears it, as it does with any draft: the chat asks again.
        terminal.wait_for(lambda t: t.status is not None or prompts(t) > 2)
        if terminal.status is None:
            assert name == "SIGINT"
            terminal.send("exit\r")
        code = terminal.wait_exit()
        assert code in (0, 128 + number, -number) and "Traceback" not in terminal.text
        assert terminal.termios_now()[3] & modes[3] & termios.ECHO == modes[3] & termios.ECHO
        flags = terminal.termios_now()
        assert flags[3] & termios.ECHO and flags[3] & termios.ICANON and flags[0] & termios.ICRNL
    assert [(turn.question, turn.text, turn.outcome) for turn in kept(own_environment)] == [
        ("hola", "una respuesta", "complete")
    ]
    assert "+hola" in (own_environment / "data" / "history").read_text("utf-8")


def kept(home: Path) -> list[Turn]:
    """The turns of every conversation that is kept."""
    store = SqliteStore(home / "data")
    try:
        return [turn for each in store.conversations(limit=9) for turn in store.turns(each.id)]
    finally:
        store.close()


# -- the real program ----------------------------------------------------------------------------


def on_terminal(server: Any, **more: str) -> Terminal:
    env = {**environment(server), **more}
    terminal = Terminal([sys.executable, str(PROGRAM)], env=env)
    terminal.wait_for("Tú:")
    return terminal


IMPATIENT = """
from stream_core.store import writer
writer.Writer.close.__kwdefaults__["seconds"] = 0.8
"""
"""Less than the slower disk takes."""


@pytest.mark.parametrize("seconds", [0.4, 1.5])
def test_a_slow_disk_is_waited_for_and_told_of(own_environment: Path, seconds: float) -> None:
    with playing(answering("una"), answering("otra")) as server:
        first = starting.run(
            command("primera"),
            env=environment(server),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        )
        assert first.stdout == b"una"
        with sqlite3.connect(own_environment / "data" / FOLDER / NAME, check_same_thread=False) as lock:
            lock.execute("BEGIN EXCLUSIVE")
            free = threading.Timer(seconds, lock.rollback)
            process = starting.Popen(
                starting.prepared(IMPATIENT, PROGRAM, "segunda"),
                env=environment(server),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            server.wait_for(lambda: len(server.requests) == 2)
            free.start()
            out, err = process.communicate(timeout=60)
            free.join()
    assert (out, process.returncode) == (b"otra", 0) and b"Traceback" not in err
    saved = [turn.text for turn in kept(own_environment)]
    # What the store did not take in time is in the journal beside it, and that is said.
    assert "otra" in saved or "a salvo" in err.decode()
    if seconds < 1:
        assert "otra" in saved


def test_the_terminal_and_the_history_are_in_order_when_the_real_program_leaves(
    own_environment: Path,
) -> None:
    with playing(answering("una")) as server:
        env = environment(server)
        with Terminal([sys.executable, str(PROGRAM)], env=env, real=True) as terminal:
            terminal.wait_for("Tú:")
            terminal.send("hola\r")
            terminal.wait_for("(completa)")
            terminal.wait_for(lambda t: t.text.rstrip().endswith("Tú:"))
            terminal.send("salir\r")
            assert terminal.wait_exit() == 0
            assert terminal.text.rstrip().endswith("¡Hasta pronto!") and KEY not in terminal.text
            flags = terminal.termios_now()
            assert flags[3] & termios.ECHO and flags[3] & termios.ICANON and flags[0] & termios.ICRNL
            assert terminal.raw.rfind(b"\x1b[?2004l") > terminal.raw.rfind(b"\x1b[?2004h")
    history = (own_environment / "data" / "history").read_text("utf-8")
    assert "+hola" in history and "+salir" in history
    (turn,) = kept(own_environment)
    assert (turn.text, turn.outcome) == ("una", "complete")


@pytest.mark.parametrize(
    ("full", "flags", "left"),
    [
        (None, [], [5]),
        ("", [], [5]),
        ("no", [], [5]),
        ("sí", [], []),
        ("1", [], []),
        (None, ["--tools", "mine.py"], []),
    ],
)
def test_it_can_be_switched_off_and_is_where_tools_of_a_person_run(
    monkeypatch: pytest.MonkeyPatch, full: str | None, flags: list[str], left: list[int]
) -> None:
    told: list[int] = []

    def leave(code: int) -> int:
        told.append(code)
        return code

    monkeypatch.setattr(leaving, "leave", leave)
    monkeypatch.setattr(app, "_run", lambda settings: 5)
    monkeypatch.setattr(sys, "argv", ["chat", "--practice", *flags, "hola"])
    if full is not None:
        monkeypatch.setenv("STREAM_CORE_FULL_EXIT", full)
    assert app.main(Path()) == 5 and told == left


def test_a_switch_that_is_neither_yes_nor_no(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["chat", "--practice", "hola"])
    monkeypatch.setenv("STREAM_CORE_FULL_EXIT", "quizá")
    assert app.main(Path()) == 2
    assert capsys.readouterr().err == "STREAM_CORE_FULL_EXIT: «quizá» no es sí ni no.\n"


# -- the collector -------------------------------------------------------------------------------


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_is_afterwards_as_it_was(on: bool) -> None:
    was_on = gc.isenabled()
    try:
        (gc.enable if on else gc.disable)()
        with resting_collector():
            assert not gc.isenabled()
        assert gc.isenabled() == on and gc.get_freeze_count() > 0
        gc.unfreeze()
        with pytest.raises(ImportError), resting_collector():
            import stream_core.not_there  # type: ignore[import-not-found]  # noqa: F401
        assert gc.isenabled() == on and gc.get_freeze_count() == 0
    finally:
        gc.unfreeze()
        (gc.enable if was_on else gc.disable)()


def test_the_library_leaves_the_collector_alone() -> None:
    work = (
        "import gc, stream_core\nbefore = gc.get_freeze_count()\nfrom stream_core import stream_reply\n"
        "import stream_core.sdk.client\nprint(gc.isenabled(), gc.get_freeze_count() == before == 0)"
    )
    assert ended(work).stdout == b"True True\n"
