"""A process that has loaded once what the programs load, and forks each: `forkserver.py SOCKET [LISTENER]`.

A fork starts as `python SCRIPT ARGUMENT...` (or `python -c CODE ARGUMENT...`) does: environment, folder,
umask, standard streams, session, signals and `__main__` are those of a new interpreter, and it ends as one
does, except that modules are not torn down. Only the imports are spared, and for that to make no difference
the parent reports which variables were read meanwhile: a program whose environment has other values for them
is not for this process (`starting.py`).

Who connects to `LISTENER` gets a fork of the process itself, whose `SOCKET` is that connection. On each goes
first a `Greeting` as JSON.

On `SOCKET` comes a byte for each program, with four descriptors: a socket for this one program, and its
stdin, stdout and stderr. On the program's socket comes an `Order` as JSON; back go its process id and, once
it has ended, its status as `waitpid` has it. The end of `SOCKET` ends the parent.
"""

from __future__ import annotations

import atexit
import codecs
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import struct
import sys
import sysconfig  # reads HOME when it is loaded, for folders that no program of ours asks for
import threading
import types
import zoneinfo  # noqa: F401 -- loads more of sysconfig
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TypedDict

from support.paths import ROOT
from support.shell import foreground

LIBRARIES = (  # what a chat has loaded at its end, as far as nothing is read or started by it
    "anthropic.resources.beta.messages",
    "anthropic.resources.messages",
    "anyio._backends._asyncio",
    "dotenv",
    "httpcore2",
    "opentelemetry.propagate",
    "platformdirs",
    "prompt_toolkit.input.vt100",
    "prompt_toolkit.key_binding.bindings.search",
    "prompt_toolkit.patch_stdout",
    "pydantic.validate_call_decorator",
    "pygments.lexers.python",
    "rich.live",
    "rich.status",
    "truststore",
)


class Order(TypedDict):
    """A program to run: `argv` follows the interpreter; `terminal` is the token of `shell.foreground`."""

    argv: list[str]
    env: dict[str, str]
    cwd: str
    umask: int
    session: bool
    terminal: str | None


class Greeting(TypedDict):
    """The first words of a process that forks: its id, and the variables that were read while it loaded."""

    pid: int
    read: list[str]


def load() -> list[str]:
    """Import what the programs import; return the names of the variables that were read meanwhile."""
    sysconfig.get_config_vars()
    read: set[str] = set()
    kind: Any = type(os.environ)
    look_up, go_through = kind.__getitem__, kind.__iter__

    def getting(self: Any, name: str) -> str:
        read.add(name)
        return str(look_up(self, name))

    def iterating(self: Any) -> Iterator[str]:
        read.update(go_through(self))
        return iter(list(go_through(self)))

    kind.__getitem__, kind.__iter__ = getting, iterating
    try:
        for name in LIBRARIES:
            importlib.import_module(name)
        import stream_core

        for module in pkgutil.walk_packages(stream_core.__path__, "stream_core."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
        from stream_core.terminal.warming import warm

        warm("monokai")  # whatever the theme, the lexers are the same
    finally:
        kind.__getitem__, kind.__iter__ = look_up, go_through
    return sorted(read)


class Server:
    """Forks what it is asked for on `control`, and itself for whoever connects to `listener`."""

    def __init__(
        self, control: socket.socket, read: list[str], listener: socket.socket | None = None
    ) -> None:
        self._control, self._read, self._listener = control, read, listener
        self._running: dict[int, tuple[int, socket.socket]] = {}  # by the descriptor that tells of the end
        self._poll = select.poll()
        for each in filter(None, (control, listener)):
            self._poll.register(each, select.POLLIN)
        greeting = Greeting(pid=os.getpid(), read=read)
        control.sendall(json.dumps(greeting).encode() + b"\n")

    def serve(self) -> Order | None:
        """Fork for each order. Return its order in each program, None here when no more will come."""
        while True:
            for ready, _ in self._poll.poll():
                if ready in self._running:
                    self._reap(ready)
                    continue
                if self._listener is not None and ready == self._listener.fileno():
                    if (other := self._itself(self._listener.accept()[0])) is not None:
                        return other.serve()
                    continue
                called, streams, *_ = socket.recv_fds(self._control, 1, 4)
                if not called:
                    return None
                line = socket.socket(fileno=streams.pop(0))
                order: Order = json.loads(line.makefile().readline())
                if not self._program(line, streams):
                    return order

    def _program(self, line: socket.socket, streams: list[int]) -> int:
        """Fork a program. Return its process id, 0 in the program."""
        pid = os.fork()
        if not pid:
            for each in (line, *self._sockets()):
                each.detach()
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
            os.closerange(3, os.sysconf("SC_OPEN_MAX"))
            return 0
        for stream in streams:
            os.close(stream)
        tell(line, pid)
        self._watch(pid, line)
        return pid

    def _itself(self, line: socket.socket) -> Server | None:
        """Fork this process. Return the server of the fork in there, None here."""
        _, user, _ = struct.unpack("3i", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        if user != os.getuid():
            line.close()
            return None
        if pid := os.fork():
            self._watch(pid, line)
            return None
        for end in self._running:
            os.close(end)
        for each in self._sockets():
            each.close()
        return Server(line, self._read)

    def _sockets(self) -> Iterator[socket.socket]:
        yield from filter(None, (self._control, self._listener))
        yield from (line for _, line in self._running.values())

    def _watch(self, pid: int, line: socket.socket) -> None:
        end = os.pidfd_open(pid)
        self._running[end] = (pid, line)
        self._poll.register(end, select.POLLIN)

    def _reap(self, end: int) -> None:
        pid, line = self._running.pop(end)
        self._poll.unregister(end)
        os.close(end)
        tell(line, os.waitpid(pid, 0)[1])
        line.close()


def tell(line: socket.socket, number: int) -> None:
    """Report to the waiting process, if it still waits."""
    try:
        line.sendall(b"%d\n" % number)
    except BrokenPipeError:
        pass


def become(order: Order) -> types.CodeType:
    """Make this process what a new interpreter is before it runs the script; return its code."""
    if order["session"]:
        os.setsid()
    os.chdir(order["cwd"])
    os.umask(order["umask"])
    if order["terminal"] is not None:
        foreground(order["terminal"])
    for name in ("PIPE", "XFSZ"):  # as the interpreter has them
        signal.signal(getattr(signal, f"SIG{name}"), signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(order["env"])
    more = order["env"].get("PYTHONPATH", "").split(os.pathsep)
    sys.path[1:1] = [folder for folder in more if folder and folder not in sys.path[1:]]
    sys.orig_argv[:] = [sys.executable, *order["argv"]]
    renew_streams()
    main = types.ModuleType("__main__")
    main.__dict__["__builtins__"] = __builtins__
    sys.modules["__main__"] = main
    script, *arguments = order["argv"]
    if script == "-c":
        code = arguments.pop(0)
        sys.argv[:], sys.path[0] = ["-c", *arguments], ""
        return compile(code, "<string>", "exec")
    sys.argv[:], sys.path[0] = order["argv"], str(Path(script).resolve().parent)
    main.__file__ = script
    return compile(Path(script).read_bytes(), script, "exec")


def renew_streams() -> None:
    """Open the standard streams as the interpreter does when it starts."""
    coding, _, errors = os.environ.get("PYTHONIOENCODING", "").partition(":")
    at_once: bool = getattr(sys.stdout, "write_through")  # noqa: B009 -- PYTHONUNBUFFERED; not in the stubs
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        old: TextIOWrapper = getattr(sys, name)
        mode, size = ("wb", 0 if at_once else -1) if number else ("rb", -1)
        buffer: Any = open(number, mode, size, closefd=False)
        raw = getattr(buffer, "raw", buffer)
        raw.name = f"<{name}>"
        by_line = not at_once and (number == 2 or raw.isatty())
        encoding = codecs.lookup(coding).name if coding else old.encoding
        chosen = errors or ("strict" if coding else old.errors)
        kept = old.errors if number == 2 else chosen
        stream = TextIOWrapper(buffer, encoding, kept, "\n", by_line, at_once)
        stream.mode = "w" if number else "r"  # type: ignore[misc]
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def run(code: types.CodeType) -> None:
    """Run it as `__main__`, and end as an interpreter does after it, but for the last step of that.

    Going through all that is loaded would copy its pages, which takes ten times the CPU of the rest.
    """
    status: Any = None
    try:
        exec(code, sys.modules["__main__"].__dict__)
    except SystemExit as leaving:
        status = leaving.code
    threads = (each for each in threading.enumerate() if each is not threading.main_thread())
    if not isinstance(status, (int, types.NoneType)) or not all(each.daemon for each in threads):
        sys.exit(status)  # a sentence for stderr, or threads to wait for
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except OSError:  # the interpreter tells of it
            sys.exit(status)
    os._exit((status or 0) & 0xFF)


def prepared(control: socket.socket, listener: socket.socket | None) -> types.CodeType | None:
    """Load and serve: returns the code to run in each program, None at the parent's own end."""
    sys.path.insert(1, str(ROOT))  # where it is with PYTHONPATH; without, ours are found there in any case
    gc.disable()
    read = load()
    gc.freeze()  # what is loaded is not gone through again, and its pages stay shared
    gc.enable()
    if threading.active_count() > 1:
        raise RuntimeError("a thread runs: it would be missing in the programs")
    order = Server(control, read, listener).serve()
    return None if order is None else become(order)


if __name__ == "__main__":
    try:
        _control, *_listener = (socket.socket(fileno=int(number)) for number in sys.argv[1:])
        _code = prepared(_control, _listener[0] if _listener else None)
    except KeyboardInterrupt:  # whoever stops the tests means all that belongs to them
        sys.exit(130)
    if _code is not None:  # at the top, so that what it raises ends the interpreter as in any script
        run(_code)
