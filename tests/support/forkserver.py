"""A process that has loaded once what the programs load, and forks each of them: `forkserver.py SOCKET`.

A fork starts as `python SCRIPT ARGUMENT...` (or `python -c CODE ARGUMENT...`) does: environment, folder,
umask, standard streams, session, signals and `__main__` are those of a new interpreter, and it ends as one
does, except that modules are not torn down. Only the imports are spared, and for that to make no difference
the parent reports which variables were read meanwhile: a program whose environment has other values for them
is not for this process (`starting.py`).

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


def serve(control: socket.socket) -> Order | None:
    """Fork a program for each order. Return its order in each of them, None here when no more will come."""
    running: dict[int, tuple[int, socket.socket]] = {}  # by the descriptor that tells of the end
    poll = select.poll()
    poll.register(control, select.POLLIN)
    while True:
        for ready, _ in poll.poll():
            if ready in running:
                pid, line = running.pop(ready)
                poll.unregister(ready)
                os.close(ready)
                tell(line, os.waitpid(pid, 0)[1])
                line.close()
                continue
            called, streams, *_ = socket.recv_fds(control, 1, 4)
            if not called:
                return None
            line = socket.socket(fileno=streams.pop(0))
            order: Order = json.loads(line.makefile().readline())
            pid = os.fork()
            if not pid:
                for each in (control, line, *(line for _, line in running.values())):
                    each.detach()
                for number, stream in enumerate(streams):
                    os.dup2(stream, number)
                os.closerange(3, os.sysconf("SC_OPEN_MAX"))
                return order
            for stream in streams:
                os.close(stream)
            tell(line, pid)
            end = os.pidfd_open(pid)
            running[end] = (pid, line)
            poll.register(end, select.POLLIN)


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


def prepared(control: socket.socket) -> types.CodeType | None:
    """Load, report, serve: returns the code to run in each program, None at the parent's own end."""
    sys.path.insert(1, str(ROOT))  # where it is with PYTHONPATH; without, ours are found there in any case
    gc.disable()
    report = load()
    gc.freeze()  # what is loaded is not gone through again, and its pages stay shared
    gc.enable()
    if threading.active_count() > 1:
        raise RuntimeError("a thread runs: it would be missing in the programs")
    control.sendall(json.dumps(report).encode() + b"\n")
    order = serve(control)
    return None if order is None else become(order)


if __name__ == "__main__":
    try:
        _code = prepared(socket.socket(fileno=int(sys.argv[1])))
    except KeyboardInterrupt:  # whoever stops the tests means all that belongs to them
        sys.exit(130)
    if _code is not None:  # at the top, so that what it raises ends the interpreter as in any script
        run(_code)
