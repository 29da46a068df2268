"""Flags that were not given, and flags that contradict each other."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from stream_core.core.errors import ConfigError

from .flags import COPY_TO

_DEFAULTS: Mapping[str, Any] = {
    "practice": False,
    "insecure_http": False,
    "resume_last": False,
    "save": True,
    "web_search": False,
    "cache_live": False,
    "use_tools": True,
    "debug": False,
    "debug_content": False,
}


def complete(flags: Namespace, others: Mapping[str, Any]) -> None:
    """Fill in, in place, the flags that were not given: from `others` (by their `dest`), then the defaults.

    Raises:
        ConfigError: two flags contradict each other.
    """
    for name, default in {**dict.fromkeys(vars(flags)), **_DEFAULTS, **others}.items():
        if getattr(flags, name) is None:
            setattr(flags, name, default)
    _check_saving(flags)
    _check_debug(flags)
    if flags.compare is not None and flags.chunked:
        raise ConfigError("--compare y --chunked no van juntas: elige una de las dos.")
    if flags.chunked and (flags.resume_last or flags.resume is not None):
        other = "--continue" if flags.resume_last else "--resume"
        raise ConfigError(f"{other} y --chunked no van juntas: las partes son una conversación nueva.")
    if flags.migrate_store not in (None, *COPY_TO):
        raise ConfigError(f"--migrate-store: puede ser {COPY_TO[0]} o {COPY_TO[1]}.")


def _check_saving(flags: Namespace) -> None:
    """Refuse contradictory flags about saving and reopening."""
    reopening = "--continue" if flags.resume_last else "--resume" if flags.resume is not None else ""
    if flags.resume_last and flags.resume is not None:
        raise ConfigError("--continue y --resume no van juntas: elige una de las dos.")
    if reopening and not flags.save:
        raise ConfigError(f"{reopening} y --no-save no van juntas: una conversación se sigue guardándola.")


def _check_debug(flags: Namespace) -> None:
    """Refuse contradictory flags of the debug log."""
    if flags.debug_content and not flags.debug:
        raise ConfigError("--debug-content añade el texto al registro de --debug: escribe las dos.")
    if flags.debug_content and not flags.save:
        raise ConfigError(
            "--debug-content y --no-save no van juntas: el registro guardaría la conversación. "
            "Con --debug a secas no la guarda."
        )
