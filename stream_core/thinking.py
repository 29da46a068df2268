"""Whether a model thinks and how hard it tries: what a person chooses, and what a request says of it. Pure.

What can be chosen is a field of `Mind` and an entry of `MINDS`; its flag, its variable, its key in the
preferences and its command follow from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from .models import Catalogue, Thinking
from .option import Option
from .sanitize import one_line
from .values import Value, fold, yes_or_no

Think: TypeAlias = Literal["auto", "yes", "no", "summary"]
Effort: TypeAlias = Literal["auto", "low", "medium", "high", "xhigh", "max"]

LEAST_BUDGET = 1024
"""Tokens; the API takes no smaller budget, and the whole reply must have more."""

_HARD = ("xhigh", "max")  # refused together with what turns thinking off


@dataclass(frozen=True, slots=True)
class Mind:
    """What the person chose about thinking; `auto` says nothing to the model.

    Attributes:
        thinking: whether it thinks before it answers; `summary`: and a summary of it is shown.
        effort: how hard it tries.
    """

    thinking: Think = "auto"
    effort: Effort = "auto"


_THINKING = {"auto": "auto", "yes": "sí", "no": "no", "summary": "resumen"}
_EFFORT = {
    "auto": "auto",
    "low": "bajo",
    "medium": "medio",
    "high": "alto",
    "xhigh": "muy alto",
    "max": "máximo",
}


def _id_of(words: Mapping[str, str]) -> Callable[[str], Value | None]:
    """Make the reader of what a person calls a value; its id in the API does too."""
    ids = {_joined(word): name for name, word in words.items()}

    def read(text: str) -> Value | None:
        word = _joined(text)
        return ids.get(word, word if word in words else None)

    return read


def _joined(text: str) -> str:
    return fold(text).replace(" ", "").replace("-", "")


_read_thinking = _id_of(_THINKING)


def _thinking(text: str) -> Value | None:
    """Read what there is to say about thinking; a yes and a no may be any that is one elsewhere."""
    said = yes_or_no(text)
    return _read_thinking(text) if said is None else "yes" if said else "no"


MINDS: tuple[Option, ...] = (
    Option(
        "thinking", "pensar", "--thinking", "STREAM_CORE_THINKING",
        summary="si el modelo piensa antes de responder",
        possible="auto, sí, no o resumen (piensa y enseña un resumen de lo pensado)",
        examples=(
            ("auto", "lo que el modelo haga de serie"),
            ("sí", "que piense"),
            ("no", "que no piense"),
            ("resumen", "que piense y enseñe un resumen"),
        ),
        read=_thinking,
        show=_THINKING.__getitem__,
    ),
    Option(
        "effort", "esfuerzo", "--effort", "STREAM_CORE_EFFORT",
        summary="cuánto se esmera el modelo: más tarda más y gasta más tokens",
        possible="auto, bajo, medio, alto, muy alto o máximo",
        examples=(
            ("auto", "el que el modelo tenga de serie"),
            ("bajo", "rápido y barato"),
            ("medio", ""),
            ("alto", ""),
            ("muyalto", ""),
            ("máximo", "sin mirar lo que tarde ni lo que gaste"),
        ),
        read=_id_of(_EFFORT),
        show=_EFFORT.__getitem__,
    ),
)  # fmt: skip
"""In the order they are shown."""


def asked(mind: Mind, model: str, catalogue: Catalogue, max_tokens: int) -> tuple[dict[str, Any], str]:
    """Say what was chosen as this model takes it: what it does not take is left out.

    Args:
        mind: what was chosen.
        model: whose request it is.
        catalogue: what is known of it.
        max_tokens: the most tokens of the reply, thinking included.

    Returns:
        The arguments of the request (`thinking`, `output_config`), and Spanish sentences about what cannot
        be as it was chosen, else "".
    """
    if mind == Mind():
        return {}, ""
    known = catalogue.find(model)
    if known is None or known.thinking is None:
        return {}, f"No sé qué admite «{one_line(model, 60)}»: no le digo nada de pensar ni de esfuerzo."
    thinking, problem = _thinking_of(mind.thinking, known.thinking, known.name, max_tokens)
    effort, other = _effort_of(mind.effort, known.thinking, known.name, thinking)
    request: dict[str, Any] = {}
    if thinking is not None:
        request["thinking"] = thinking
    if effort is not None:
        request["output_config"] = {"effort": effort}
    return request, " ".join(filter(None, (problem, other)))


def _thinking_of(
    think: Think, kind: Thinking, name: str, max_tokens: int
) -> tuple[dict[str, Any] | None, str]:
    if think == "auto":
        return None, ""
    if kind == "budget":
        if think == "no":
            return None, ""
        if max_tokens <= LEAST_BUDGET:
            return None, (
                f"{name} no tiene sitio para pensar: con un máximo de {max_tokens} tokens responde sin "
                f"hacerlo. Hacen falta más de {LEAST_BUDGET} (--max-tokens)."
            )
        budget = min(max(LEAST_BUDGET, max_tokens // 2), max_tokens - 1)
        return {"type": "enabled", "budget_tokens": budget}, ""
    if think == "summary":
        return {"type": "adaptive", "display": "summarized"}, ""
    if think == "yes":
        return {"type": "adaptive"}, ""
    if kind == "always":
        return {"type": "adaptive", "display": "omitted"}, (
            f"{name} piensa siempre y no se le puede quitar: solo no se verá lo que piense."
        )
    return {"type": "between_tools" if kind == "between_tools" else "disabled"}, ""


def _effort_of(
    effort: Effort, kind: Thinking, name: str, thinking: Mapping[str, Any] | None
) -> tuple[str | None, str]:
    if effort == "auto":
        return None, ""
    if kind == "budget":
        return None, f"{name} no deja elegir el esfuerzo: se queda en el suyo."
    if effort in _HARD and thinking is not None and thinking["type"] != "adaptive":
        return None, f"{name} no admite un esfuerzo {_EFFORT[effort]} sin pensar: se queda en el suyo."
    return effort, ""


def meaning(mind: Mind, model: str, catalogue: Catalogue, max_tokens: int) -> str:
    """Tell what comes of it with this model, as Spanish sentences. Arguments as `asked`."""
    known = catalogue.find(model)
    if known is None or known.thinking is None:
        return f"De «{one_line(model, 60)}» no sé cómo piensa: no le digo nada."
    request, problem = asked(mind, model, catalogue, max_tokens)
    thinking, effort = request.get("thinking"), request.get("output_config", {}).get("effort")
    words = _UNASKED[known.thinking] if thinking is None else _comes_of(thinking)
    tries = f"con esfuerzo {_EFFORT[effort]}" if effort else "con el esfuerzo que tenga de serie"
    return f"{known.name} {words}, {tries}. {problem}".rstrip()


_UNASKED: Mapping[Thinking, str] = {
    "budget": "responde sin pensar antes",
    "adaptive": "piensa si lo ve conveniente",
    "between_tools": "piensa si lo ve conveniente",
    "always": "piensa siempre",
}


def _comes_of(thinking: Mapping[str, Any]) -> str:
    kind, display = thinking["type"], thinking.get("display")
    if kind == "enabled":
        return f"piensa antes de responder, con hasta {thinking['budget_tokens']} tokens"
    if kind == "disabled":
        return "responde sin pensar antes"
    if kind == "between_tools":
        return "responde sin pensar antes (entre una herramienta y otra puede que sí)"
    if display == "summarized":
        return "piensa lo que ve conveniente y enseña un resumen"
    return "piensa lo que ve conveniente, sin enseñarlo"
