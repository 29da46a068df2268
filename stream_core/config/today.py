"""Today's date: the only place of the project that reads the calendar."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line

_VARIABLE = "STREAM_CORE_TODAY"


def read_today(environ: Mapping[str, str]) -> date:
    """Return the day that `STREAM_CORE_TODAY` names, or the system's date where it is unset or empty.

    The variable lets a test, or somebody who tries what a later day brings, give the day to a program that
    runs as a process of its own. It decides only which models count as retired.

    Raises:
        ConfigError: the variable is no date as 2031-01-31.
    """
    told = environ.get(_VARIABLE, "").strip()
    if not told:
        return date.today()
    if re.fullmatch(r"\d{4}-\d\d-\d\d", told, re.ASCII):
        try:
            return date.fromisoformat(told)
        except ValueError:
            pass  # no such day: told below
    raise ConfigError(f"{_VARIABLE}: «{one_line(told, 40)}» no es una fecha como 2031-01-31.")
