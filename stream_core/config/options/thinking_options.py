"""The options of thinking and effort. Pure data.

An option is a field of `ThinkingChoice` and an entry of `THINKING_OPTIONS`; its flag, variable, preference
and command follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stream_core.models.thinking_choice import EFFORT_WORDS, THINKING_WORDS

from .option import Option
from .values import Value, fold, yes_or_no


def _id_of(words: Mapping[str, str]) -> Callable[[str], Value | None]:
    """Return a parser of the Spanish words of some values; it accepts the API's ids as well."""
    ids = {_joined(word): name for name, word in words.items()}

    def read(text: str) -> Value | None:
        word = _joined(text)
        return ids.get(word, word if word in words else None)

    return read


def _joined(text: str) -> str:
    return fold(text).replace(" ", "").replace("-", "")


_read_thinking = _id_of(THINKING_WORDS)


def _thinking(text: str) -> Value | None:
    """Parse a choice about thinking; yes and no in any form that `yes_or_no` accepts."""
    answer = yes_or_no(text)
    return _read_thinking(text) if answer is None else "yes" if answer else "no"


THINKING_OPTIONS: tuple[Option, ...] = (
    Option(
        "thinking", "pensar", "--thinking", "STREAM_CORE_THINKING",
        summary="si el modelo piensa antes de responder",
        possible="auto, sí, no o resumen (piensa y muestra un resumen de lo que pensó)",
        examples=(
            ("auto", "lo que el modelo haga por defecto"),
            ("sí", "que piense"),
            ("no", "que no piense"),
            ("resumen", "que piense y muestre un resumen"),
        ),
        read=_thinking,
        show=THINKING_WORDS.__getitem__,
    ),
    Option(
        "effort", "esfuerzo", "--effort", "STREAM_CORE_EFFORT",
        summary="cuánto se esfuerza el modelo (cuanto más, más tarda y más tokens gasta)",
        possible="auto, bajo, medio, alto, muy alto o máximo",
        examples=(
            ("auto", "el que el modelo tenga por defecto"),
            ("bajo", "rápido y barato"),
            ("medio", ""),
            ("alto", ""),
            ("muyalto", ""),
            ("máximo", "sin mirar lo que tarde ni lo que gaste"),
        ),
        read=_id_of(EFFORT_WORDS),
        show=EFFORT_WORDS.__getitem__,
    ),
)  # fmt: skip
"""The options of thinking, in display order."""
