"""Reading a small user file that holds one JSON object, whatever stands in its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stream_core.files.trusted import Distrusted, NotReadable, read_trusted
from stream_core.texts.file_errors_es import why_not

MOST = 64 * 1024
"""Maximum size in bytes; a larger file is not one of ours."""


class Unusable(Exception):
    """The file exists but is not a readable JSON object. The message says why, in Spanish."""


def read_object(file: Path, number: Callable[[str], Any] = float) -> dict[str, Any]:
    """Return the object in a file; an empty one if the file does not exist.

    Args:
        number: converts a number with a decimal point or an exponent.

    Raises:
        Unusable: the file is not a readable JSON object.
    """
    try:
        raw = read_trusted(file, MOST)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except NotReadable as found:
        raise Unusable(str(found)) from None
    except Distrusted as found:
        raise Unusable(f"{found.why} y no lo uso ({found.remedy})") from None
    except OSError as error:
        raise Unusable(f"no se puede leer ({why_not(error)})") from None
    try:
        values = json.loads(raw.decode("utf-8-sig"), parse_float=number)
    except (ValueError, ArithmeticError, RecursionError):
        raise Unusable("no es JSON, o no está entero") from None
    if not isinstance(values, dict):
        raise Unusable("no es un objeto de JSON")
    return values
