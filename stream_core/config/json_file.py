"""A small file of the user's that holds one object of JSON: it is read with care and never changed here."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stream_core.texts.errors_es import why_not

MOST = 64 * 1024
"""Bytes; what is larger is not ours."""


class Unusable(Exception):
    """There is something, and it is not an object of JSON that can be read. Says why, in Spanish."""


def read_object(file: Path, number: Callable[[str], Any] = float) -> dict[str, Any]:
    """Give the object in a file; an empty one when there is no such file.

    Args:
        number: what a number with a point or an exponent becomes.

    Raises:
        Unusable: there is something else.
    """
    try:
        raw = _bytes(file)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise Unusable(f"no se puede leer ({why_not(error)})") from None
    if len(raw) > MOST:
        raise Unusable("es demasiado grande")
    try:
        values = json.loads(raw.decode("utf-8-sig"), parse_float=number)
    except (ValueError, ArithmeticError, RecursionError):
        raise Unusable("no es JSON, o no está entero") from None
    if not isinstance(values, dict):
        raise Unusable("no es un objeto de JSON")
    return values


def _bytes(file: Path) -> bytes:
    # Not blocking: a pipe in its place would wait for somebody to write.
    handle = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise Unusable("no es un archivo corriente")
        with os.fdopen(handle, "rb", closefd=False) as stream:
            return stream.read(MOST + 1)
    finally:
        os.close(handle)
