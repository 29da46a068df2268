"""Today's date: the only place in the project that reads the calendar."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line

_VARIABLE = "STREAM_CORE_TODAY"


def read_today(environ: Mapping[str, str]) -> date:
    """Return the date in `STREAM_CORE_TODAY`, or the system's date if that is unset or empty.

    The variable lets a test, or a user who wants to see a later day, set the date of a program that runs as
    its own process. The date only decides which models count as retired.

    Raises:
        ConfigError: the variable is not a date such as 2031-01-31.
    """
    text = environ.get(_VARIABLE, "").strip()
    if not text:
        return date.today()
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass  # no such day: reported below
    raise ConfigError(f"{_VARIABLE}: «{one_line(text, 40)}» no es una fecha como 2031-01-31.")
