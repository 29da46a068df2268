"""Recording and replaying streams, as the command line asks for."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line

from .options.variables import yes_variable
from .paths import resolve_path

_SPEED = re.compile(r"x?(\d{1,4}(?:[.,]\d{1,4})?)x?", re.IGNORECASE)
_CACHE = "STREAM_CORE_CACHE"
_PRACTICE_SPEED = "STREAM_CORE_PRACTICE_SPEED"
_SLOWEST, _FASTEST = 0.01, 1000.0


@dataclass(frozen=True, slots=True)
class WireOptions:
    """Options of recording and replaying streams.

    Attributes:
        record: the file that streams are recorded in, or None.
        replay: the recordings that answer instead of a server; empty for none.
        speed: how many times as fast as it came a recording is played; without one, how many times as fast as
            usual practice mode answers.
        step: whether each event waits for the space bar.
        cut: the number of events after which the first reply of a recording is cut, or None.
        cache: whether an identical request is answered from the recording of its reply.
        cache_live: whether such an answer comes at its original pace, instead of at once.
    """

    record: Path | None = None
    replay: tuple[Path, ...] = ()
    speed: float = 1.0
    step: bool = False
    cut: int | None = None
    cache: bool = False
    cache_live: bool = False

    @classmethod
    def read(cls, flags: Namespace, environ: Mapping[str, str]) -> WireOptions:
        """Read the options from flags and environment.

        Raises:
            ConfigError: a value is invalid, or a flag needs one that is missing.
        """
        replay = tuple(resolve_path("--replay", name) for name in flags.replay or ())
        given = {
            "--replay-speed": flags.replay_speed is not None,
            "--replay-step": flags.replay_step,
            "--replay-cut": flags.replay_cut is not None,
        }
        alone = next((name for name, used in given.items() if used), "")
        if alone and not replay:
            raise ConfigError(
                f"{alone} dice cómo se reproduce una grabación: falta cuál, con --replay ARCHIVO."
            )
        if replay and (flags.resume_last or flags.resume is not None):
            raise ConfigError("--replay no sigue ninguna conversación: quita --continue o --resume.")
        if (flags.cache or flags.cache_live) and not flags.save:
            raise ConfigError("--cache y --no-save no van juntas: la caché guarda las respuestas.")
        if flags.replay_step and flags.replay_speed is not None:
            raise ConfigError("--replay-step y --replay-speed no van juntas: elige una de las dos.")
        return cls(
            record=resolve_path("--record", flags.record) if flags.record else None,
            replay=replay,
            speed=_speed(flags, environ),
            step=flags.replay_step,
            cut=None if flags.replay_cut is None else _count(flags.replay_cut),
            cache=not replay and _cache(flags, environ),
            cache_live=flags.cache_live,
        )

    @property
    def slow(self) -> bool:
        """Whether a recording may be silent for longer than it was."""
        return bool(self.replay) and (self.step or self.speed < 1)


def _cache(flags: Namespace, environ: Mapping[str, str]) -> bool:
    """Whether the cache of answers is on; a flag wins over the variable."""
    if flags.cache_live or flags.cache is None:
        return flags.cache_live or yes_variable(environ, _CACHE)
    return bool(flags.cache)


def _speed(flags: Namespace, environ: Mapping[str, str]) -> float:
    """How fast the practice server is: the variable is about prepared answers, the flag about recordings."""
    if flags.replay:
        source, text = "--replay-speed", "1" if flags.replay_speed is None else flags.replay_speed
    else:
        source, text = _PRACTICE_SPEED, environ.get(_PRACTICE_SPEED, "").strip() or "1"
    found = _SPEED.fullmatch(text.strip())
    speed = float(found[1].replace(",", ".")) if found else 0.0
    if not _SLOWEST <= speed <= _FASTEST:
        raise ConfigError(
            f"{source}: «{one_line(text, 40)}» no sirve. Puede ser x2, x0.1 o un número de 0.01 a 1000."
        )
    return speed


def _count(text: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text):
        raise ConfigError(f"--replay-cut: «{one_line(text, 40)}» no es un número de eventos.")
    return int(text)
