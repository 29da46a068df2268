"""A program that is forked is what one that is started is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import starting
from support.terminal import Terminal

pytestmark = pytest.mark.skipif(not starting.FORKS, reason="programs are really started here")

SAYS = """
import os, signal, sys, threading
print(sys.argv, sys.orig_argv[1:2], sys.executable, sys.path[0], __name__)
print(sys.modules["__main__"].__dict__ is globals())
print(sorted(os.environ.items()))
print(os.getcwd(), os.getsid(0) == os.getpid(), os.getpgid(0) == os.getpid(), threading.active_count())
for stream in (sys.stdin, sys.stdout, sys.stderr):
    print(stream.name, stream.mode, stream.encoding, stream.errors, stream.fileno(), stream.isatty())
    print(stream is getattr(sys, "__%s__" % stream.name[1:-1]), stream.line_buffering, stream.write_through)
print(sorted(int(name) for name in os.listdir("/proc/self/fd"))[:-1])
print([(number, str(signal.getsignal(number))[:30]) for number in sorted(signal.valid_signals())])
print(signal.pthread_sigmask(signal.SIG_BLOCK, []), os.umask(0o77), sys.flags, sys.warnoptions)
"""


def both(*arguments: str, **options: Any) -> Iterator[subprocess.CompletedProcess[bytes]]:
    """Exit status when really started, then when forked."""
    for how in (subprocess.run, starting.run):
        yield how([sys.executable, *arguments], capture_output=True, timeout=60, **options)


@pytest.mark.parametrize("session", [False, True])
def test_all_a_program_can_ask_is_the_same(session: bool, tmp_path: Path) -> None:
    env = {**os.environ, "ODD": "\udcff ñ", "HOME": "/"}
    options = {"env": env, "cwd": tmp_path, "start_new_session": session, "input": b""}
    before = os.umask(0o27)
    try:
        started, forked = both("-c", SAYS, "a", "--b", **options)
    finally:
        os.umask(before)
    assert forked.stdout.decode().split("\n") == started.stdout.decode().split("\n")
    assert (started.stderr, started.returncode) == (forked.stderr, forked.returncode) == (b"", 0)


@pytest.mark.parametrize("coding", ["latin-1", "ascii:replace", ":replace"])
def test_the_encoding_of_the_streams_is_the_same(coding: str) -> None:
    env = {**os.environ, "PYTHONIOENCODING": coding}
    started, forked = both("-c", SAYS, env=env, stdin=subprocess.DEVNULL)
    assert forked.stdout == started.stdout and forked.stderr == b""


def test_on_a_terminal_too() -> None:
    screens = []
    for real in (True, False):
        with Terminal(
            [sys.executable, "-c", SAYS + "print(os.tcgetpgrp(0) == os.getpid())"], real=real
        ) as it:
            assert it.wait_exit() == 0
            screens.append(it.text)
    assert screens[0] == screens[1]


@pytest.mark.parametrize(
    "code",
    [
        "raise SystemExit",
        "raise SystemExit(3)",
        "raise SystemExit('una frase')",
        "import os; os._exit(7)",
        "import os; os.kill(os.getpid(), 15)",
        "import atexit; atexit.register(print, 'last'); print('first', end=' ')",
        "import threading; threading.Timer(0.05, print, ['thread']).start()",
        "raise KeyboardInterrupt",
    ],
)
def test_it_ends_alike(code: str) -> None:
    started, forked = both("-c", code)
    assert (forked.returncode, forked.stdout) == (started.returncode, started.stdout)
    assert forked.stderr.split(b"\n")[-2:] == started.stderr.split(b"\n")[-2:]


def test_an_exception_is_told() -> None:
    forked = starting.run([sys.executable, "-c", "1 / 0"], capture_output=True)
    assert forked.returncode == 1 and forked.stderr.endswith(b"ZeroDivisionError: division by zero\n")


def test_signals_limits_and_pipes(tmp_path: Path) -> None:
    said = tmp_path / "said"
    code = "import sys, time; print(sys.stdin.readline(), end='', flush=True); open(sys.argv[1], 'w').close()"
    code += "; time.sleep(60)"
    options: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with starting.Popen([sys.executable, "-c", code, str(said)], **options) as program:
        assert program.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            program.communicate("eco\n", timeout=0.1)
        while not said.exists():
            with pytest.raises(subprocess.TimeoutExpired):
                program.communicate(timeout=0.1)
        program.send_signal(signal.SIGTERM)
        assert program.communicate(timeout=60) == ("eco\n", None)
    assert program.returncode == program.poll() == program.wait() == -signal.SIGTERM


def test_what_would_import_otherwise_is_really_started() -> None:
    code = "import sys; print('anthropic' in sys.modules)"
    seen = {}
    for name in ("", "ANTHROPIC_LOG", "PYTHONUTF8", "LC_ALL", "OTHER"):
        env = {**os.environ, **({name: "1"} if name else {})}
        seen[name] = starting.run([sys.executable, "-c", code], env=env, capture_output=True).stdout
    assert [name for name in seen if seen[name] == b"True\n"] == ["", "OTHER"]


def test_the_process_that_forks_may_die_serves_other_workers_and_goes_when_it_is_not_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(starting, "_SHARED", f"\0stream_core-tests-{os.getpid()}-{time.monotonic()}")
    server = starting.server()
    os.kill(server.pid, signal.SIGKILL)
    assert starting.run([sys.executable, "-c", "print(1)"], capture_output=True).stdout == b"1\n"
    first, other = starting.server(), starting.ForkServer()  # as another worker makes it
    assert server is not first and first._process is not None and other._process is None
    starting.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(first.pid, 0)
    monkeypatch.setattr(starting, "_server", other)  # it goes on without the one that it is a fork of
    code = "import os, sys; print('anthropic' in sys.modules, os.getppid())"
    forked = starting.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (forked.stdout, forked.returncode) == (f"True {other.pid}\n", 0)
    starting.stop()
