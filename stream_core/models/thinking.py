"""Whether a model thinks and how hard it tries: what was chosen, and what a request says of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from stream_core.core.sanitize import one_line

from .catalogue import Catalogue, Thinking
from .model_list import ListedModel, find_listed

Think: TypeAlias = Literal["auto", "yes", "no", "summary"]
Effort: TypeAlias = Literal["auto", "low", "medium", "high", "xhigh", "max"]

LEAST_BUDGET = 1024
"""Tokens; the API takes no smaller budget, and the whole reply must have more."""

_HARD = ("xhigh", "max")  # refused together with what turns thinking off


@dataclass(frozen=True, slots=True)
class ThinkingChoice:
    """What the person chose about thinking; `auto` says nothing to the model.

    Attributes:
        thinking: whether it thinks before it answers; `summary`: and a summary of it is shown.
        effort: how hard it tries.
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


@dataclass(frozen=True, slots=True)
class ModelCapabilities:
    """What requests to one model may say.

    Attributes:
        name: what people call the model; not sanitised.
        thinking: the types that `thinking` may have.
        efforts: the levels of effort, the lowest first.
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


def takes(model: str, listed: Iterable[ListedModel], catalogue: Catalogue) -> ModelCapabilities | None:
    """Say what a model takes: as the server's list tells it, else as it is known here; None for unknown."""
    told, known = find_listed(listed, model), catalogue.find(model)
    thinking, efforts = _KINDS[known.thinking] if known and known.thinking else (None, ())
    if told is not None:
        thinking = told.thinking if told.thinking is not None else thinking
        efforts = told.efforts if told.efforts is not None else efforts
    if thinking is None:
        return None
    name = (told.name if told else "") or (known.name if known else "") or model
    return ModelCapabilities(one_line(name, 60), thinking, efforts)


def asked(
    mind: ThinkingChoice, model: str, takes: ModelCapabilities | None, max_tokens: int
) -> tuple[dict[str, Any], str]:
    """Say what was chosen as this model takes it: what it does not take is left out.

    Args:
        mind: what was chosen.
        model: whose request it is.
        takes: what it takes, or None where that is not known.
        max_tokens: the most tokens of the reply, thinking included.

    Returns:
        The arguments of the request (`thinking`, `output_config`), and Spanish sentences about what cannot
        be as it was chosen, else "".
    """
    if mind == ThinkingChoice():
        return {}, ""
    if takes is None:
        return {}, f"No sé qué admite «{one_line(model, 60)}»: no le digo nada de pensar ni de esfuerzo."
    thinking, problem = _thinking_of(mind.thinking, takes, max_tokens)
    effort, other = _effort_of(mind.effort, takes, thinking)
    request: dict[str, Any] = {}
    if thinking is not None:
        request["thinking"] = thinking
    if effort is not None:
        request["output_config"] = {"effort": effort}
    return request, " ".join(filter(None, (problem, other)))


def _thinking_of(
    think: Think, takes: ModelCapabilities, max_tokens: int
) -> tuple[dict[str, Any] | None, str]:
    if think == "auto":
        return None, ""
    if think == "no":
        return _not_thinking(takes)
    if "adaptive" in takes.thinking:
        return {"type": "adaptive", **({"display": "summarized"} if think == "summary" else {})}, ""
    if "enabled" not in takes.thinking:
        return None, f"{takes.name} no sabe pensar antes de responder."
    if max_tokens <= LEAST_BUDGET:
        return None, (
            f"{takes.name} no tiene sitio para pensar: con un máximo de {max_tokens} tokens responde sin "
            f"hacerlo. Hacen falta más de {LEAST_BUDGET} (--max-tokens)."
        )
    budget = min(max(LEAST_BUDGET, max_tokens // 2), max_tokens - 1)
    return {"type": "enabled", "budget_tokens": budget}, ""


def _not_thinking(takes: ModelCapabilities) -> tuple[dict[str, Any] | None, str]:
    if "adaptive" not in takes.thinking:
        return None, ""  # it thinks only when it is asked to
    for kind in ("disabled", "between_tools"):
        if kind in takes.thinking:
            return {"type": kind}, ""
    return {"type": "adaptive", "display": "omitted"}, (
        f"{takes.name} piensa siempre y no se le puede quitar: solo no se verá lo que piense."
    )


def _effort_of(
    effort: Effort, takes: ModelCapabilities, thinking: Mapping[str, Any] | None
) -> tuple[str | None, str]:
    if effort == "auto":
        return None, ""
    if not takes.efforts:
        return None, f"{takes.name} no deja elegir el esfuerzo: se queda en el suyo."
    if effort in _HARD and thinking is not None and thinking["type"] not in ("adaptive", "enabled"):
        return (
            None,
            f"{takes.name} no admite un esfuerzo {EFFORT_WORDS[effort]} sin pensar: se queda en el suyo.",
        )
    if effort in takes.efforts:
        return effort, ""
    nearest = _nearest(effort, takes.efforts)
    return nearest, f"{takes.name} no tiene un esfuerzo {EFFORT_WORDS[effort]}: usa {EFFORT_WORDS[nearest]}."


def _nearest(effort: str, efforts: Sequence[str]) -> str:
    """The highest of these below a level that is not among them; where there is none, the lowest."""
    below = [level for level in efforts if _EFFORTS.index(level) < _EFFORTS.index(effort)]
    return below[-1] if below else efforts[0]


def meaning(mind: ThinkingChoice, model: str, takes: ModelCapabilities | None, max_tokens: int) -> str:
    """Tell what comes of it with this model, as Spanish sentences. Arguments as `asked`."""
    if takes is None:
        return f"De «{one_line(model, 60)}» no sé cómo piensa: no le digo nada."
    request, problem = asked(mind, model, takes, max_tokens)
    thinking, effort = request.get("thinking"), request.get("output_config", {}).get("effort")
    words = _unasked(takes) if thinking is None else _comes_of(thinking)
    tries = f"con esfuerzo {EFFORT_WORDS[effort]}" if effort else "con el esfuerzo que tenga de serie"
    return f"{takes.name} {words}, {tries}. {problem}".rstrip()


def _unasked(takes: ModelCapabilities) -> str:
    if "adaptive" not in takes.thinking:
        return "responde sin pensar antes"
    return "piensa siempre" if takes.thinking == ("adaptive",) else "piensa si lo ve conveniente"


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
