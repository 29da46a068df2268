"""Lessons that check themselves, one module each with a `LESSON`; a new module is found by itself.

Each talks to a practice server of its own, with or without a key, and asks that server afterwards what it
saw. Where nobody can press a key (a log, a CI job) a lesson does by itself what it would ask of the person.

    stage.py      what a lesson is given: the server, a client, the screen, and `check`
    running.py    runs one lesson and sums up its checks
    bare_loop.py  the program of the last lesson: a streaming loop of the standard library alone
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .stage import Stage


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson.

    Attributes:
        number: its number in the menu, after those of the demos.
        title: in the menu.
        look: what to look at, a line each.
        do: what to do.
        run: shows it and checks it.
    """

    number: int
    title: str
    look: tuple[str, ...]
    do: str
    run: Callable[[Stage], None]


@cache
def load() -> tuple[Lesson, ...]:
    """All lessons, by number."""
    modules = (import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    found = (getattr(module, "LESSON", None) for module in modules)
    return tuple(sorted((each for each in found if isinstance(each, Lesson)), key=lambda each: each.number))
