"""Starts programs for tests: `Popen` and `run` as in `subprocess`, without loading the SDK each time.

A script of this project (or `-c CODE`), started with `sys.executable`, is forked from a process that has
loaded its imports (`forkserver.py`): the same program in the same kind of process for a fifth of the CPU. All
else is really started: other commands, programs whose environment differs in what was read while importing,
options that a fork does not do, and systems without what it takes. Tests about starting, ending and imports
use `subprocess` itself, or `Terminal(..., real=True)`.
"""

from __future__ import annotations

import inspect
import json
import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from support.forkserver import Greeting, Order
from support.paths import ROOT, TESTS

FORKS = hasattr(os, "fork") and hasattr(os, "pidfd_open") and hasattr(socket, "send_fds")
"""Not on macOS, whose system libraries do not bear it. There and on Windows programs are really started."""

AT_START = ("PYTHON", "LC_", "LANG", "LD_", "GLIBC_", "MALLOC_", "TZ")
"""How the variables begin that the interpreter, the C library or the loader read before any import."""

PRACTICE_SPEED = "STREAM_CORE_PRACTICE_SPEED"
"""conftest.py has practice mode answer quickly: most tests are not about its time."""

OURS = ("ANTHROPIC_", "STREAM_CORE_")
_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID")  # one for all workers, that cannot be guessed
_SHARED = f"\0stream_core-tests-{_RUN}" if _RUN and sys.platform == "linux" else None
_BASE = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}


class ForkServer:
    """The process that forks. Each worker of a test run has one, from its first program on.

    That of one of the workers loads what the programs load; those of the others are forks of it.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        greeting = self._connect()
        if greeting is None:
            listener = _listening()
            late = self._connect() if listener is None else None  # another worker was faster
            greeting = late or self._start(listener)
        self.pid, self._read = greeting["pid"], set(greeting["read"])

    def _connect(self) -> Greeting | None:
        """Have the process of another worker fork itself, if there is one."""
        if _SHARED is None:
            return None
        self._control = socket.socket(socket.AF_UNIX)
        try:
            self._control.connect(_SHARED)
            return _greeting(self._control)
        except (OSError, ValueError):  # nobody listens, or not any more
            self._control.close()
            return None

    def _start(self, listener: socket.socket | None) -> Greeting:
        self._control, theirs = socket.socketpair()
        given = [each.fileno() for each in (theirs, listener) if each is not None]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.forkserver", *map(str, given)],
            pass_fds=given,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=_BASE,
            cwd=TESTS,
        )
        theirs.close()
        if listener is not None:
            listener.close()
        try:
            return _greeting(self._control)
        except ValueError:
            raise RuntimeError(f"the process that forks ended with {self._process.wait()}") from None

    def fits(self, env: dict[str, str]) -> bool:
        """Whether a program with this environment would have imported the same."""
        done = {"PYTHONIOENCODING"}  # the forked process does itself as these say
        if {*env.get("PYTHONPATH", "").split(os.pathsep)} <= {"", str(ROOT), str(TESTS)}:
            done.add("PYTHONPATH")  # the modules that are loaded are found there too
        names = {name for name in {*env, *_BASE} if name in self._read or name.startswith(AT_START)} - done
        return all(env.get(name) == _BASE.get(name) for name in names)

    def start(self, order: Order, streams: Sequence[int]) -> tuple[int, IO[str]]:
        """Have a program forked: its process id, and where its status will come.

        Raises:
            OSError, ValueError: there is no process that forks any more.
        """
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.sendall(json.dumps(order).encode() + b"\n")
            socket.send_fds(self._control, [b"."], [theirs.fileno(), *streams])
            theirs.close()
            line = ours.makefile("r")
        return int(line.readline()), line

    def stop(self) -> None:
        """End it, and wait for its end."""
        with suppress(OSError):  # it has gone
            self._control.shutdown(socket.SHUT_WR)
            self._control.recv(1)
        self._control.close()
        if self._process is not None:
            self._process.wait()


def _listening() -> socket.socket | None:
    """The socket at which the other workers ask for forks; None if another has it, or there is none."""
    if _SHARED is None:
        return None
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(_SHARED)
        listener.listen()
    except OSError:
        listener.close()
        return None
    return listener


def _greeting(control: socket.socket) -> Greeting:
    with control.makefile() as words:
        greeting: Greeting = json.loads(words.readline())
    return greeting


_PREPARED = """
import runpy, sys
exec(sys.argv[1])
sys.argv[:] = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


SHORT_SLEEPS = "import time; time.sleep = lambda seconds, sleep=time.sleep: sleep(seconds / 10)"
"""For the demos, one of which lets a person look at each effect."""


def prepared(statements: str, script: Path, *arguments: str) -> list[str]:
    """The command that runs a script after some statements, such as those that shorten its time limits."""
    return [sys.executable, "-c", _PREPARED, statements, str(script), *arguments]


_lock = threading.Lock()
_server: ForkServer | None = None


def server(fresh: bool = False) -> ForkServer:
    """The one of this process; `fresh` when the one there was has gone."""
    global _server
    with _lock:
        if fresh and _server is not None:
            _server.stop()
            _server = None
        if _server is None:
            _server = ForkServer()
        return _server


def stop() -> None:
    """End the process that forks, if there is one."""
    global _server
    with _lock:
        if _server is not None:
            _server.stop()
            _server = None


class Popen(subprocess.Popen[Any]):
    """`subprocess.Popen`, except that a script of ours is forked unless `real`.

    `terminal` is the token of `shell.foreground`: the program becomes a job in front of a terminal.
    """

    _line: IO[str] | None = None  # where the status of a forked program comes

    def __init__(
        self, args: Sequence[str], *, terminal: str | None = None, real: bool = False, **options: Any
    ) -> None:
        self._terminal, self._real = terminal, real
        self._status = threading.Lock()
        super().__init__(args, **options)

    def _execute_child(self, *given: Any) -> None:
        start: Any = getattr(subprocess.Popen, "_execute_child")  # noqa: B009 -- not in the type stubs
        told: dict[str, Any] = inspect.signature(start).bind(self, *given).arguments
        order = None if self._real else ordered(told, self._terminal)
        if order is None:
            if self._terminal is not None:
                shell = str(TESTS / "support" / "shell.py")
                told["args"] = [sys.executable, "-IS", shell, self._terminal, *told["args"]]
            start(*told.values())
            return
        ends = [told[name] for name in ("p2cread", "c2pwrite", "errwrite")]
        streams = [number if end == -1 else end for number, end in enumerate(ends)]
        try:
            self.pid, self._line = server().start(order, streams)
        except (OSError, ValueError):  # it was ended, or died: nobody knows it had been there
            self.pid, self._line = server(fresh=True).start(order, streams)
        names = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")
        self._close_pipe_fds(*(told[name] for name in names))  # type: ignore[attr-defined]

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end: the exit code, or minus the signal."""
        if self._line is None:
            return super().wait(timeout)
        with self._status:
            if self.returncode is None:
                if not select.select([self._line], [], [], timeout)[0]:
                    assert timeout is not None
                    raise subprocess.TimeoutExpired(self.args, timeout)
                told = self._line.readline()
                self._line.close()
                if not told:
                    raise RuntimeError("the process that forks has gone, and the program's status with it")
                self.returncode = os.waitstatus_to_exitcode(int(told))
        return self.returncode

    def poll(self) -> int | None:
        """The exit code, or minus the signal; None while the program runs."""
        if self._line is None:
            return super().poll()
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None


def ordered(told: dict[str, Any], terminal: str | None) -> Order | None:
    """The order for what `Popen` was told; None if it must really be started."""
    argv = list(map(str, told["args"]))
    odd = ("executable", "preexec_fn", "pass_fds", "shell")
    whole = FORKS and len(argv) > 1 and argv[0] == sys.executable and not any(told[name] for name in odd)
    if not whole or not is_ours(argv[1]):
        return None
    env = dict(os.environ if told["env"] is None else told["env"])
    if not server().fits(env):
        return None
    cwd = str(Path(told["cwd"] or ".").resolve())
    session = bool(told["start_new_session"])
    return Order(argv=argv[1:], env=env, cwd=cwd, umask=own_umask(), session=session, terminal=terminal)


def own_umask() -> int:
    """The umask of this process, without setting it meanwhile: other threads make files (proc(5))."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("\nUmask:")[2].split(maxsplit=1)[0], 8)


def is_ours(script: str) -> bool:
    """Whether this script is the project's own and not a copy, which would import another copy."""
    path = Path(script)
    return script == "-c" or (path.is_absolute() and ROOT in path.parents and path.is_file())


def run(
    args: Sequence[str],
    *,
    input: bytes | str | None = None,
    capture_output: bool = False,
    timeout: float | None = None,
    check: bool = False,
    **options: Any,
) -> subprocess.CompletedProcess[Any]:
    """`subprocess.run`, by way of `Popen`."""
    if input is not None:
        options["stdin"] = subprocess.PIPE
    if capture_output:
        options["stdout"] = options["stderr"] = subprocess.PIPE
    with Popen(args, **options) as process:
        try:
            out, err = process.communicate(input, timeout=timeout)
        except BaseException:
            process.kill()
            raise
    done = subprocess.CompletedProcess(process.args, process.returncode, out, err)
    if check:
        done.check_returncode()
    return done
