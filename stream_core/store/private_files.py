"""The store's folder and files: for their owner only from the first byte, and locks that die with a program.

Locks are `flock`; on Windows `msvcrt.locking`. Both end with the program that holds them, however it ends.
Nothing here follows a link. A folder on a network drive is not a place for the store: neither these locks nor
SQLite's shared memory can be trusted there.
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

PATIENCE = 5.0
"""Seconds that another program may keep the file to itself."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)
_ODD = (errno.ELOOP, errno.ENOTDIR, errno.EISDIR)
_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


def told(error: OSError, where: Path) -> StoreError:
    """Give the error of a store that says what an error of the system means for it."""
    for numbers, kind in ((_FULL, StoreFull), (_CLOSED, StoreReadOnly), (_ODD, StoreRefused)):
        if error.errno in numbers:
            return kind(str(error), where=str(where))
    return StoreError(str(error), where=str(where))


def own_folder(folder: Path) -> None:
    """Make the folder, for its owner only; one that is there must be ours.

    Raises:
        StoreRefused: it is a link, no folder, or somebody else's.
        OSError: as the system says.
    """
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700, parents=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or not _ours(found):
        raise StoreRefused(where=str(folder))
    if found.st_mode & 0o077 and sys.platform != "win32":
        folder.chmod(0o700)


def own_file(file: Path) -> os.stat_result | None:
    """Check a file that may be there, and close it to others.

    Returns:
        What the system knows of it, or None when there is none.

    Raises:
        StoreRefused: it is a link, no ordinary file, or somebody else's.
        OSError: as the system says.
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
    """Make a file for its owner only, where there is none; give its handle.

    Raises:
        OSError: as the system says; FileExistsError when there is something.
    """
    return os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600)


def lock_file(file: Path) -> int:
    """Open a file that serves as a lock, and make it where there is none; give its handle.

    Raises:
        OSError: as the system says.
    """
    own_file(file)
    return os.open(file, os.O_RDWR | os.O_CREAT | _FLAGS, 0o600)


def there_and_open(file: Path) -> int | None:
    """Open a lock that may be there; give its handle, or None.

    Raises:
        OSError: as the system says.
    """
    try:
        return os.open(file, os.O_RDWR | _FLAGS)
    except FileNotFoundError:
        return None


if sys.platform != "win32":
    import fcntl

    def try_lock(handle: int) -> bool:
        """Take a lock that nobody holds; whether it is ours now."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def unlock(handle: int) -> None:
        """Give a lock back."""
        fcntl.flock(handle, fcntl.LOCK_UN)

else:  # pragma: no cover -- Windows
    import msvcrt

    def try_lock(handle: int) -> bool:
        """Take a lock that nobody holds; whether it is ours now."""
        os.lseek(handle, 0, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def unlock(handle: int) -> None:
        """Give a lock back."""
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)


@contextmanager
def exclusive(handle: int, where: Path) -> Iterator[None]:
    """Hold the lock of the whole store meanwhile.

    Raises:
        StoreBusy: somebody else held it for `PATIENCE`.
    """
    until, pause = time.monotonic() + PATIENCE, 0.0005
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
    """Rename a file and what belongs to it, over nothing else; give its new name.

    The companions go first: SQLite would take one that stays behind for that of the next file.

    Raises:
        OSError: as the system says.
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


def keep_names(folder: Path) -> None:
    """Make names in a folder outlast a loss of power, where the system can."""
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
