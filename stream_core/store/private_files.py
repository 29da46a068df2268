"""Files and folders that only their owner can read, from the first byte, and locks that end with a process.

Locks are `flock`; on Windows `msvcrt.locking`. The system releases both when the process ends, however it
ends. No link is followed. A network drive is not a place for the store: neither these locks nor SQLite's
shared memory work reliably there.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stream_core.core.errors import StoreBusy, StoreError, StoreFull, StoreReadOnly, StoreRefused

LOCK_SECONDS = 5.0
"""How many seconds to wait for a lock that another program holds."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)
_ODD = (errno.ELOOP, errno.ENOTDIR, errno.EISDIR)
_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


def store_error(error: OSError, where: Path) -> StoreError:
    """Map an OSError to a StoreError."""
    for numbers, kind in ((_FULL, StoreFull), (_CLOSED, StoreReadOnly), (_ODD, StoreRefused)):
        if error.errno in numbers:
            return kind(str(error), where=str(where))
    return StoreError(str(error), where=str(where))


def private_folder(folder: Path) -> None:
    """Create a folder for its owner only, or check and close an existing one.

    Raises:
        StoreRefused: it is a link, not a folder, or of another user.
        OSError: from the system.
    """
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700, parents=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or not _ours(found):
        raise StoreRefused(where=str(folder))
    if found.st_mode & 0o077 and sys.platform != "win32":
        folder.chmod(0o700)


def check_own_file(file: Path) -> os.stat_result | None:
    """Check a file that may exist, and close it to others.

    Returns:
        Its status, or None when there is no file.

    Raises:
        StoreRefused: it is a link, not a regular file, or of another user.
        OSError: from the system.
    """
    try:
        found = file.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode) or not _ours(found):
        raise StoreRefused(where=str(file))
    if found.st_mode & 0o077 and sys.platform != "win32":
        file.chmod(0o600)
    return found


def _ours(found: os.stat_result) -> bool:
    return sys.platform == "win32" or found.st_uid == os.geteuid()


def new_file(file: Path) -> int:
    """Create a file for its owner only; return its descriptor.

    Raises:
        OSError: from the system; FileExistsError when the name is taken.
    """
    return os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600)


def lock_file(file: Path) -> int:
    """Open a lock file, creating it if needed; return its descriptor.

    Raises:
        StoreRefused: it is a link, not a regular file, or of another user.
        OSError: from the system.
    """
    check_own_file(file)
    return os.open(file, os.O_RDWR | os.O_CREAT | _FLAGS, 0o600)


def open_existing(file: Path) -> int | None:
    """Open a file that may exist; return its descriptor, or None.

    Raises:
        OSError: from the system.
    """
    try:
        return os.open(file, os.O_RDWR | _FLAGS)
    except FileNotFoundError:
        return None


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
def exclusive(handle: int, where: Path) -> Iterator[None]:
    """Hold the lock of the store during the block.

    Raises:
        StoreBusy: another program held it for `LOCK_SECONDS`.
    """
    until, pause = time.monotonic() + LOCK_SECONDS, 0.0005
    while not try_lock(handle):
        if time.monotonic() > until:
            raise StoreBusy(where=str(where))
        time.sleep(pause)
        pause = min(2 * pause, 0.02)
    try:
        yield
    finally:
        unlock(handle)


def quarantine(file: Path, companions: tuple[str, ...]) -> str:
    """Rename a damaged file and its companions, overwriting nothing; return the new name.

    The companions are renamed first: SQLite would apply one that stays behind to the next file.

    Raises:
        OSError: from the system.
    """
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    numbers = ("", *(f"-{number}" for number in range(2, 1000)))
    names = (f"{file.stem}.apartado-{stamp}{number}{file.suffix}" for number in numbers)
    ends = (*companions, "")
    name = next(
        name for name in names if not any(os.path.lexists(file.with_name(name + end)) for end in ends)
    )
    for end in ends:
        with suppress(FileNotFoundError):
            file.with_name(file.name + end).rename(file.with_name(name + end))
    return name


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable, where the system can."""
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
