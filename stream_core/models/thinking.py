"""Thinking and effort: a model's capabilities, and the request fields of a choice. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stream_core.core.numbers import counted, number
from stream_core.core.sanitize import one_line

from .catalogue import Catalogue, Thinking
from .model_list import ListedModel, find_listed
from .thinking_choice import EFFORT_WORDS, Effort, Think, ThinkingChoice

LEAST_BUDGET = 1024
"""Tokens: the API's minimum for `budget_tokens`, which must be less than `max_tokens`."""

_HARD = ("xhigh", "max")  # the API refuses these with thinking turned off


@dataclass(frozen=True, slots=True)
class ModelCapabilities:
    """The thinking parameters that one model accepts.

    Attributes:
        name: the model's display name, sanitised.
        thinking: the accepted types of `thinking`.
        efforts: the accepted levels of effort, lowest first.
    """

    name: str
    thinking: tuple[str, ...]
    efforts: tuple[str, ...] = ()


_EFFORTS = tuple(level for level in EFFORT_WORDS if level != "auto")
_KINDS: Mapping[Thinking, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "budget": (("disabled", "enabled"), ()),
    "adaptive": (("adaptive", "disabled"), _EFFORTS),
    "between_tools": (("adaptive", "between_tools"), _EFFORTS),
    "always": (("adaptive",), _EFFORTS),
}


def find_capabilities(
    model: str, listed: Iterable[ListedModel], catalogue: Catalogue
) -> ModelCapabilities | None:
    """Return a model's capabilities: from the server's list, else from the catalogue; None if unknown."""
    entry, known = find_listed(listed, model), catalogue.find(model)
    thinking, efforts = _KINDS[known.thinking] if known and known.thinking else (None, ())
    if entry is not None:
        thinking = entry.thinking if entry.thinking is not None else thinking
        efforts = entry.efforts if entry.efforts is not None else efforts
    if thinking is None:
        return None
    name = (entry.name if entry else "") or (known.name if known else "") or model
    return ModelCapabilities(one_line(name, 60), thinking, efforts)


def request_fields(
    choice: ThinkingChoice, model: str, capabilities: ModelCapabilities | None, max_tokens: int
) -> tuple[dict[str, Any], str]:
    """Return the request fields of a choice; what the model does not accept is left out.

    Args:
        choice: the user's choice.
        model: the id of the model.
        capabilities: the model's capabilities, or None if unknown.
        max_tokens: the maximum tokens of the reply, including thinking.

    Returns:
        The fields (`thinking`, `output_config`), and Spanish sentences about each part of the choice that
        is not possible, else "".
    """
    if choice == ThinkingChoice():
        return {}, ""
    if capabilities is None:
        return {}, f"No sé qué admite «{one_line(model, 60)}»: no le digo nada de pensar ni de esfuerzo."
    thinking, problem = _thinking_of(choice.thinking, capabilities, max_tokens)
    effort, other = _effort_of(choice.effort, capabilities, thinking)
    request: dict[str, Any] = {}
    if thinking is not None:
        request["thinking"] = thinking
    if effort is not None:
        request["output_config"] = {"effort": effort}
    return request, " ".join(filter(None, (problem, other)))


def _thinking_of(
    think: Think, capabilities: ModelCapabilities, max_tokens: int
) -> tuple[dict[str, Any] | None, str]:
    if think == "auto":
        return None, ""
    if think == "no":
        return _not_thinking(capabilities)
    if "adaptive" in capabilities.thinking:
        return {"type": "adaptive", **({"display": "summarized"} if think == "summary" else {})}, ""
    if "enabled" not in capabilities.thinking:
        return None, f"{capabilities.name} no sabe pensar antes de responder."
    if max_tokens <= LEAST_BUDGET:
        most = counted(max_tokens, "token", "tokens")
        return None, (
            f"{capabilities.name} no tiene sitio para pensar: con un máximo de {most} responde "
            f"sin hacerlo. Hacen falta más de {number(LEAST_BUDGET)} (--max-tokens)."
        )
    budget = min(max(LEAST_BUDGET, max_tokens // 2), max_tokens - 1)
    return {"type": "enabled", "budget_tokens": budget}, ""


def _not_thinking(capabilities: ModelCapabilities) -> tuple[dict[str, Any] | None, str]:
    if "adaptive" not in capabilities.thinking:
        return None, ""  # such a model thinks only on request
    for kind in ("disabled", "between_tools"):
        if kind in capabilities.thinking:
            return {"type": kind}, ""
    return {"type": "adaptive", "display": "omitted"}, (
        f"{capabilities.name} piensa siempre y no se le puede quitar: solo no se verá lo que piense."
    )


def _effort_of(
    effort: Effort, capabilities: ModelCapabilities, thinking: Mapping[str, Any] | None
) -> tuple[str | None, str]:
    if effort == "auto":
        return None, ""
    if not capabilities.efforts:
        return None, f"{capabilities.name} no deja elegir el esfuerzo: se queda en el suyo."
    if effort in _HARD and thinking is not None and thinking["type"] not in ("adaptive", "enabled"):
        word = EFFORT_WORDS[effort]
        return None, f"{capabilities.name} no admite un esfuerzo {word} sin pensar: se queda en el suyo."
    if effort in capabilities.efforts:
        return effort, ""
    nearest = _nearest(effort, capabilities.efforts)
    return (
        nearest,
        f"{capabilities.name} no tiene un esfuerzo {EFFORT_WORDS[effort]}: usa {EFFORT_WORDS[nearest]}.",
    )


def _nearest(effort: str, efforts: Sequence[str]) -> str:
    """The highest accepted level below a level that is not accepted; if there is none, the lowest."""
    below = [level for level in efforts if _EFFORTS.index(level) < _EFFORTS.index(effort)]
    return below[-1] if below else efforts[0]


def describe(
    choice: ThinkingChoice, model: str, capabilities: ModelCapabilities | None, max_tokens: int
) -> str:
    """Describe in Spanish what a choice means for a model. The arguments are those of `request_fields`."""
    if capabilities is None:
        return f"De «{one_line(model, 60)}» no sé cómo piensa: no le digo nada."
    request, problem = request_fields(choice, model, capabilities, max_tokens)
    thinking, effort = request.get("thinking"), request.get("output_config", {}).get("effort")
    words = _describe_default(capabilities) if thinking is None else _describe_thinking(thinking)
    tries = f"con esfuerzo {EFFORT_WORDS[effort]}" if effort else "con el esfuerzo que tenga por defecto"
    return f"{capabilities.name} {words}, {tries}. {problem}".rstrip()


def _describe_default(capabilities: ModelCapabilities) -> str:
    if "adaptive" not in capabilities.thinking:
        return "responde sin pensar antes"
    return "piensa siempre" if capabilities.thinking == ("adaptive",) else "piensa si lo ve conveniente"


def _describe_thinking(thinking: Mapping[str, Any]) -> str:
    kind, display = thinking["type"], thinking.get("display")
    if kind == "enabled":
        return f"piensa antes de responder, con hasta {counted(thinking['budget_tokens'], 'token', 'tokens')}"
    if kind == "disabled":
        return "responde sin pensar antes"
    if kind == "between_tools":
        return "responde sin pensar antes (entre una herramienta y otra puede que sí)"
    if display == "summarized":
        return "piensa lo que ve conveniente y muestra un resumen"
    return "piensa lo que ve conveniente, sin mostrarlo"
