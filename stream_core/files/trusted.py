"""Reading a file that decides what the program does: only if nobody but the person can have written it."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

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
    """Read a file that is obeyed. A link is followed: what counts is the file it leads to.

    Args:
        limit: bytes that it may have.

    Raises:
        Distrusted: it is of another user, or others may write it.
        NotReadable: it is not a regular file, or too large.
        OSError: from the system.
    """
    # A device can act when it is opened, so the kind is looked at before; and after, for a swap in between.
    _check_kind(file.stat())
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
    if found.st_uid not in (0, os.geteuid()):
        raise Distrusted("es de otra persona", "revísalo y usa una copia tuya")
    if found.st_mode & stat.S_IWOTH:
        raise Distrusted("lo puede cambiar cualquiera", "revísalo y protégelo (chmod o-w)")
    if found.st_mode & stat.S_IWGRP and not _is_own_group(found.st_gid):
        raise Distrusted("lo puede cambiar todo su grupo", "revísalo y protégelo (chmod g-w)")


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
