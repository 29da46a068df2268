"""Why a file cannot be read or written, in Spanish."""

from __future__ import annotations

import errno
from collections.abc import Mapping


def why_not(error: OSError, more: Mapping[int, str] | None = None) -> str:
    """Return the reason in Spanish why a file cannot be read or written; `more` adds reasons by errno."""
    if isinstance(error, PermissionError):
        return "no tienes permiso"
    reasons = {errno.ENOSPC: "no queda espacio", errno.EROFS: "es de solo lectura", **(more or {})}
    return reasons.get(error.errno or 0, "el sistema no lo permite")


def why_not_written(error: OSError) -> str:
    """Return the reason in Spanish why a file named by the user cannot be written."""
    return why_not(
        error,
        {
            errno.ENOENT: "esa carpeta no existe",
            errno.ENOTDIR: "esa carpeta no existe",
            errno.ENAMETOOLONG: "el nombre es demasiado largo",
        },
    )


def why_not_read(error: OSError) -> str:
    """Return the reason in Spanish why a file named by the user cannot be read."""
    return why_not(
        error, {errno.ENOENT: "no existe", errno.ENOTDIR: "no existe", errno.EISDIR: "es una carpeta"}
    )
