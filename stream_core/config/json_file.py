"""A small file of the user's that holds one object of JSON: it is read with care and never changed here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stream_core.files.trusted import Distrusted, NotReadable, read_trusted
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
        raw = read_trusted(file, MOST)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except NotReadable as found:
        raise Unusable(str(found)) from None
    except Distrusted as found:
        raise Unusable(f"{found.why} y no lo obedezco ({found.remedy})") from None
    except OSError as error:
        raise Unusable(f"no se puede leer ({why_not(error)})") from None
    try:
        values = json.loads(raw.decode("utf-8-sig"), parse_float=number)
    except (ValueError, ArithmeticError, RecursionError):
        raise Unusable("no es JSON, o no está entero") from None
    if not isinstance(values, dict):
        raise Unusable("no es un objeto de JSON")
    return values
