"""Variables that say yes or no and are no option of the screen."""

from __future__ import annotations

from collections.abc import Mapping

from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line

from .values import yes_or_no


def yes_variable(environ: Mapping[str, str], name: str) -> bool:
    """Whether a variable says yes; one that is missing or empty does not.

    Raises:
        ConfigError: it says neither yes nor no.
    """
    text = environ.get(name) or "no"
    value = yes_or_no(text)
    if value is None:
        raise ConfigError(f"{name}: «{one_line(text, 40)}» no es sí ni no.")
    return bool(value)
