"""The user's choice about thinking and effort, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Think: TypeAlias = Literal["auto", "yes", "no", "summary"]
Effort: TypeAlias = Literal["auto", "low", "medium", "high", "xhigh", "max"]


@dataclass(frozen=True, slots=True)
class ThinkingChoice:
    """The user's choice about thinking; `auto` leaves the request as it is.

    Attributes:
        thinking: whether the model thinks before it answers; `summary` also shows a summary.
        effort: the level of effort.
    """

    thinking: Think = "auto"
    effort: Effort = "auto"


THINKING_WORDS = {"auto": "auto", "yes": "sí", "no": "no", "summary": "resumen"}
EFFORT_WORDS = {
    "auto": "auto",
    "low": "bajo",
    "medium": "medio",
    "high": "alto",
    "xhigh": "muy alto",
    "max": "máximo",
}
