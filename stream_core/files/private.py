"""Files and folders that only their owner can read, from the first byte. No link is followed."""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from contextlib import suppress
from pathlib import Path

from stream_core.core.store_errors import StoreError, StoreFull, StoreReadOnly, StoreRefused

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)
_ODD = (errno.ELOOP, errno.ENOTDIR, errno.EISDIR)
OPEN_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


def store_error(error: OSError, where: Path) -> StoreError:
    """Map an OSError to a StoreError."""
    for numbers, kind in ((_FULL, StoreFull), (_CLOSED, StoreReadOnly), (_ODD, StoreRefused)):
        if error.errno in numbers:
            return kind(str(error), location=str(where))
    return StoreError(str(error), location=str(where))


def make_folders(folder: Path) -> None:
    """Create a folder and those above it that are missing, for their owner only, whatever the umask.

    One that exists stays as it is: the person may have chosen it.

    Raises:
        OSError: from the system.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return
    except FileNotFoundError:
        make_folders(folder.parent)
        with suppress(FileExistsError):  # another program was faster
            folder.mkdir(mode=0o700)
    if sys.platform != "win32":
        folder.chmod(0o700)  # the umask may have taken rights from the owner


def private_folder(folder: Path) -> None:
    """Create a folder for its owner only, or check and close an existing one.

    Raises:
        StoreRefused: it is a link, not a folder, or of another user.
        OSError: from the system.
    """
    make_folders(folder)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or not _ours(found):
        raise StoreRefused(location=str(folder))
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
        raise StoreRefused(location=str(file))
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
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | OPEN_FLAGS, 0o600)
    own_mode(handle)
    return handle


def own_mode(handle: int) -> None:
    """Set the mode of a new file, since the umask may have removed rights of the owner."""
    if sys.platform != "win32":
        os.fchmod(handle, 0o600)


def open_existing(file: Path) -> int | None:
    """Open a file that may exist; return its descriptor, or None.

    Raises:
        OSError: from the system.
    """
    try:
        return os.open(file, os.O_RDWR | OPEN_FLAGS)
    except FileNotFoundError:
        return None


def replace_file(file: Path, data: bytes) -> None:
    """Write a file whole and atomically, for its owner only, making its folder if that is missing.

    A link in its place is replaced, not followed.

    Raises:
        OSError: from the system; the file is as it was.
    """
    import tempfile

    make_folders(file.parent)
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # readable by its owner only
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            own_mode(handle)
            stream.write(data)
            stream.flush()
            os.fsync(handle)
        temporary.replace(file)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


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
