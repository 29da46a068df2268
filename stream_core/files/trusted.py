"""Reading a file that decides what the program does: only if nobody but the person can have written it."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

from stream_core.core.sanitize import one_line

_MOST_LINKS = 40  # as many as Linux follows
_TOO_LARGE = "es demasiado grande"
READ_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)  # a pipe would wait for somebody to write
    | getattr(os, "O_NOCTTY", 0)  # a terminal would become ours
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class Distrusted(Exception):
    """Somebody else can have written the file.

    Attributes:
        why: Spanish, the predicate of a sentence about it.
        remedy: Spanish, what can be done.
    """

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(f"{why}: {remedy}")
        self.why, self.remedy = why, remedy


class NotReadable(Exception):
    """It is no file to be read. Says why, in Spanish, as the predicate of a sentence."""


def read_trusted(file: Path, limit: int) -> bytes:
    """Read a file that the program acts on. A link is followed; its target has to be trusted.

    Args:
        limit: bytes that it may have.

    Raises:
        Distrusted: it is of another user, or others may write it or a folder on the way to it.
        NotReadable: it is not a regular file, or too large.
        OSError: from the system.
    """
    # A device can act when it is opened, so the kind is looked at before; and after, for a swap in between.
    _check_kind(file.stat())
    _check_way(file)
    handle = os.open(file, READ_FLAGS)
    try:
        found = os.fstat(handle)
        _check_kind(found)
        _check_rights(found)
        if found.st_size > limit:
            raise NotReadable(_TOO_LARGE)
        with os.fdopen(handle, "rb", closefd=False) as stream:
            data = stream.read(limit + 1)
    finally:
        os.close(handle)
    if len(data) > limit:
        raise NotReadable(_TOO_LARGE)
    return data


def _check_rights(found: os.stat_result) -> None:
    """Refuse a file by its owner and mode. Windows has other rights: nothing is refused there.

    The system's own files (of root) are trusted. So is what the person's own group may write, where that
    group has no other member: some systems create every file like that.
    """
    if sys.platform == "win32":
        return
    if not _is_trusted(found.st_uid):
        raise Distrusted("es de otra persona", "revísalo y usa una copia tuya")
    if found.st_mode & stat.S_IWOTH:
        raise Distrusted("lo puede cambiar cualquiera", "revísalo y protégelo (chmod o-w)")
    if found.st_mode & stat.S_IWGRP and not _is_own_group(found.st_gid):
        raise Distrusted("lo puede cambiar todo su grupo", "revísalo y protégelo (chmod g-w)")


def _check_way(file: Path) -> None:
    """Refuse a file by the folders that lead to it, those of links included.

    Who may write in one can put a link there to a file of this person that they never meant. In a folder such
    as `/tmp` (sticky) that holds for names that are theirs.

    Raises:
        Distrusted: others may write in one of them.
        OSError: from the system.
    """
    if sys.platform == "win32":
        return
    way = file.absolute()
    folder, left, links = Path(way.anchor), list(way.parts[1:]), 0
    while left:
        name = left.pop(0)
        if name == os.pardir:
            folder = folder.parent
            continue
        entry = folder / name
        found = entry.lstat()
        if not _is_safe(folder.lstat(), found):
            where = one_line(str(folder), 200)
            raise Distrusted("está en una carpeta que pueden cambiar otros", f"protege {where} (chmod go-w)")
        if not stat.S_ISLNK(found.st_mode):
            folder = entry
            continue
        links += 1
        if links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        target = entry.readlink()
        folder = Path(target.anchor) if target.is_absolute() else folder
        left = [*target.parts[target.is_absolute() :], *left]


def _is_safe(folder: os.stat_result, entry: os.stat_result) -> bool:
    """Whether nobody else can have put this entry into its folder."""
    if not _is_trusted(folder.st_uid):
        return False
    shared = folder.st_mode & stat.S_IWOTH or (
        folder.st_mode & stat.S_IWGRP and not _is_own_group(folder.st_gid)
    )
    return not shared or bool(folder.st_mode & stat.S_ISVTX and _is_trusted(entry.st_uid))


def _is_trusted(uid: int) -> bool:
    return uid == 0 or (sys.platform != "win32" and uid == os.geteuid())


def _check_kind(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise NotReadable("no es un archivo corriente")


def _is_own_group(gid: int) -> bool:
    """Whether a group is the private one of this user: its name, and no other member."""
    if sys.platform == "win32":
        return False
    import grp
    import pwd

    try:
        name, group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(gid)
    except KeyError:
        return False
    return group.gr_name == name and set(group.gr_mem) <= {name}
