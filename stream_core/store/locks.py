"""The lock of the store, which one program at a time holds while it writes.

Locks are `flock`; on Windows `msvcrt.locking`. The system releases both when the process ends, however it
ends, but not when it is stopped (Ctrl+Z, SIGSTOP, a debugger). So a program that knows that it is about to
stop does not take the lock (`hold_back`), and the holder signs with its process id: others see that it is
stopped and do not wait for it. A network drive is not a place for the store: neither these locks nor SQLite's
shared memory work reliably there.
"""
# See docs/adr/0019-journal-beside-the-store.md

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stream_core.core.store_errors import StoreBusy, StoreHolderStopped
from stream_core.files.private import OPEN_FLAGS, check_own_file, new_file

from .process_state import is_stopped

LOCK_SECONDS = 5.0
"""How many seconds to wait for a lock that another program holds."""
_FIRST_LOOK, _LOOK_AGAIN = 0.1, 0.05  # seconds of waiting after which the state of the holder is read
_SIGNATURE = 20  # bytes of a process id in the lock file

_GATE = threading.Lock()  # held with the lock of the store, and while this process must not take it


def lock_file(file: Path) -> int:
    """Open a lock file, creating it if needed; return its descriptor.

    Raises:
        StoreRefused: it is a link, not a regular file, or of another user.
        OSError: from the system.
    """
    if check_own_file(file) is None:
        with suppress(FileExistsError):  # another program was faster
            return new_file(file)
    return os.open(file, os.O_RDWR | OPEN_FLAGS)


if sys.platform != "win32":
    import fcntl

    def try_lock(handle: int) -> bool:
        """Take a lock without waiting; returns False if another holds it."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def unlock(handle: int) -> None:
        """Release a lock."""
        fcntl.flock(handle, fcntl.LOCK_UN)

else:  # pragma: no cover -- Windows
    import msvcrt

    def try_lock(handle: int) -> bool:
        """Take a lock without waiting; returns False if another holds it."""
        os.lseek(handle, 0, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def unlock(handle: int) -> None:
        """Release a lock."""
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)


@contextmanager
def exclusive(handle: int, where: Path, seconds: float | None = None) -> Iterator[None]:
    """Hold the lock of the store during the block.

    Args:
        seconds: how long to wait for it; None for `LOCK_SECONDS`.

    Raises:
        StoreHolderStopped: another program holds it and is stopped.
        StoreBusy: another program held it for all that time.
    """
    _acquire(handle, where, LOCK_SECONDS if seconds is None else seconds)
    try:
        yield
    finally:
        unlock(handle)
        _GATE.release()


def hold_back(seconds: float) -> bool:
    """Keep this process from taking the lock of any store, once it is free; call it before the process stops.

    Args:
        seconds: how long to wait for a transaction to end.

    Returns:
        False if a transaction took longer; then nothing is held back, and `release` must not be called.
    """
    return _GATE.acquire(timeout=seconds)


def release() -> None:
    """Allow this process to take locks again, after `hold_back`."""
    _GATE.release()


def _acquire(handle: int, where: Path, seconds: float) -> None:
    begun = time.monotonic()
    pause, look, suspect = 0.0005, begun + _FIRST_LOOK, 0
    while not _try_both(handle):
        now = time.monotonic()
        if now >= look:
            holder = _signature(handle)
            stopped = holder not in (0, os.getpid()) and is_stopped(holder)
            if stopped and holder == suspect:
                raise StoreHolderStopped(location=str(where), pid=holder)
            look, suspect = now + _LOOK_AGAIN, holder if stopped else 0
        if now - begun > seconds:
            raise StoreBusy(location=str(where))
        time.sleep(pause)
        pause = min(2 * pause, 0.02)
    _sign(handle)


def _try_both(handle: int) -> bool:
    if not _GATE.acquire(blocking=False):
        return False
    try:
        held = try_lock(handle)
    except BaseException:
        _GATE.release()
        raise
    if not held:
        _GATE.release()
    return held


def _sign(handle: int) -> None:
    """Write the process id into the lock file, unless it is there. Windows: a locked file is unreadable."""
    if sys.platform != "win32":
        mine = str(os.getpid()).encode().ljust(_SIGNATURE)
        with suppress(OSError):  # a full disk: nobody can tell then that this program is stopped
            if os.pread(handle, _SIGNATURE, 0) != mine:
                os.pwrite(handle, mine, 0)


def _signature(handle: int) -> int:
    """Return the process id of who holds the lock, or held it last; 0 if it is not known."""
    if sys.platform == "win32":
        return 0
    try:
        return int(os.pread(handle, _SIGNATURE, 0))
    except (OSError, ValueError):
        return 0
