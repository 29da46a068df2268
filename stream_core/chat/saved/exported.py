"""A conversation to export: its title, its head, and the name of its file. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from stream_core.config.options.values import fold
from stream_core.core.conversation import Turn
from stream_core.core.numbers import counted
from stream_core.core.sanitize import one_line
from stream_core.models.catalogue import Catalogue
from stream_core.terminal.rows.dates import date, local

_TITLE_LENGTH, _NAME_LENGTH = 80, 40


PREPARED = "Modo práctica: las respuestas están preparadas, no son de una IA."
RECORDED = "Las respuestas son de una grabación."


@dataclass(frozen=True, slots=True)
class Exported:
    """A conversation to export.

    Attributes:
        id: its id, or None if it is not saved.
        begun: its start, in seconds since the epoch.
        turns: its turns; at least one.
        practice: whether its answers are prepared ones.
        prices: the models with the prices that hold, or None if nothing is said of cost.
        name: its title in the store, or "".
        recorded: whether its answers are those of a recording.
    """

    id: str | None
    begun: float
    turns: Sequence[Turn]
    practice: bool
    prices: Catalogue | None = None
    name: str = ""
    recorded: bool = False

    @property
    def no_ai(self) -> str:
        """The Spanish sentence that no AI answered now; "" if one did."""
        if self.recorded:
            return RECORDED
        return PREPARED if self.practice else ""

    @property
    def title(self) -> str:
        """The title that it was given or the beginning of the first question, sanitised, on one line."""
        return one_line(self.name or self.turns[0].question, _TITLE_LENGTH)

    @property
    def summary(self) -> str:
        """Date, number of turns and models, on a line."""
        models = dict.fromkeys(one_line(turn.model, 60) for turn in self.turns)
        count = counted(len(self.turns), "turno", "turnos")
        return f"Conversación con Claude, {date(self.begun)} · {count} · {', '.join(models)}"


def file_name(exported: Exported, suffix: str) -> str:
    """Return a file name from date and title, in characters that any system accepts."""
    words = re.findall(r"[^\W_]+", fold(exported.title))
    title = "-".join(words)[:_NAME_LENGTH].strip("-") or "conversacion"
    day = local(exported.begun)
    return f"{day:%Y-%m-%d}-{title}.{suffix}" if day else f"{title}.{suffix}"


# -- Markdown ----------------------------------------------------------------------------------
