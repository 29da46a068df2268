"""The form of an explained error: what happened, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Advice: TypeAlias = str | tuple[str, str]
"""The advice, or a pair of the advice in the chat and elsewhere."""

Explanation: TypeAlias = tuple[str, Advice]
"""The sentence that says what happened, and the advice."""

Explainer: TypeAlias = Callable[[Any], Explanation]
"""Explains an error of one class."""

AGAIN = ("«/reintentar» repite la pregunta.", "Vuelve a preguntar cuando quieras.")
SOON = (
    "Espera un poco y usa «/reintentar», o cambia de modelo con «/modelo».",
    "Espera un poco y vuelve a preguntar.",
)
