"""Rules for every test: no network but loopback, and no setting of the machine it runs on."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

gc.disable()  # until all is collected: going through what is loaded, again and again, takes time
sys.dont_write_bytecode = False  # else each worker, and each program that is started, compiles all anew
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

import hypothesis
import pytest
from support import starting
from support.day import TODAY, VARIABLE
from support.generated import WHOLE, up_to

hypothesis.settings.register_profile(
    "part",
    max_examples=up_to(100),
    deadline=None,  # a busy machine is no failure; that of CI has neither
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile("soak", max_examples=10_000, deadline=None)
if not WHOLE:  # there hypothesis has a profile of its own
    hypothesis.settings.load_profile("part")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two workers for each core that may be used: many tests wait. With three all were slower."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return 2 * (usable or 1)


def pytest_configure(config: pytest.Config) -> None:
    """When all is run, begin each worker with other files: it finds compiled what the others have read."""
    name = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    if config.args_source is config.ArgsSource.TESTPATHS and name.isdecimal():
        files = sorted(str(file) for file in Path(__file__).parent.rglob("test_*.py"))
        first = int(name) * len(files) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
        config.args[:] = [*files[first:], *files[:first]]


_turn: list[int] = []  # the descriptor of the lock while a worker has it


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files in order again: all workers must have the same. Then go one by one.

    Hypothesis reads the constants of every module here, and keeps them in files: only the first has to.
    """
    items.sort(key=lambda item: item.path)
    if "PYTEST_XDIST_WORKER" in os.environ:
        _turn.append(os.open(__file__, os.O_RDONLY))
        fcntl.flock(_turn[0], fcntl.LOCK_EX)


def pytest_collection_finish() -> None:
    """Leave what is loaded out of every collection to come."""
    while _turn:
        os.close(_turn.pop())
    gc.freeze()
    gc.enable()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="what takes minutes: see the Makefile")


@pytest.fixture(scope="session")
def soaking(pytestconfig: pytest.Config) -> bool:
    """Whether minutes may be taken."""
    return bool(pytestconfig.getoption("--soak"))


_SHM, _ENOUGH = "/dev/shm", 1 << 30  # bytes: in a container it may be tiny
QUICK = _SHM if os.access(_SHM, os.W_OK) and shutil.disk_usage(_SHM).free > _ENOUGH else None
"""Where saving takes no time, if there is such a place: most tests are not about the disk."""


@pytest.fixture
def quick_path() -> Iterator[Path]:
    """A folder of its own there."""
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        yield Path(folder)


@pytest.fixture(autouse=True, scope="session")
def usual_signals() -> None:
    """Undo what a shell does to a program in the background: Ctrl+C and hang-up are ignored there, and every
    program the tests start would inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(autouse=True, scope="session")
def nothing_left() -> Iterator[None]:
    """End what forks the programs."""
    yield
    starting.stop()


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse any connection that would leave this machine."""

    def guard(address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else "unix"
        if host not in ("127.0.0.1", "::1", "localhost", "unix"):
            raise AssertionError(f"a test wanted to connect to {address!r}")

    for name in ("connect", "connect_ex"):
        original = getattr(socket.socket, name)

        def checked(self: socket.socket, address: Any, _original: Any = original) -> Any:
            guard(address)
            return _original(self, address)

        monkeypatch.setattr(socket.socket, name, checked)


@pytest.fixture(autouse=True)
def own_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Hide the machine's credentials, calendar and size of window, and give each test folders of its own.

    Practice mode answers quickly: a test that acts in the middle of an answer asks for `lifelike` (`chat`).
    """
    home = Path(tempfile.mkdtemp(prefix="home-", dir=QUICK or tmp_path_factory.getbasetemp()))
    for name in list(os.environ):
        if name.startswith(("ANTHROPIC_", "STREAM_CORE_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    for name in ("COLUMNS", "LINES"):  # what starts several tests at a time sets them
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv(VARIABLE, TODAY.isoformat())
    monkeypatch.setenv(starting.PRACTICE_SPEED, "50")
    monkeypatch.setenv("STREAM_CORE_DATA_DIR", str(home / "data"))
    monkeypatch.setenv("STREAM_CORE_CONFIG_DIR", str(home / "config"))
    yield home
    shutil.rmtree(home, ignore_errors=True)  # a program that was killed may not have gone yet
