"""A server's own list of models, as far as it tells, and which of them a name means. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, TypeAlias

from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line

from .catalogue import KNOWN, LINES, Catalogue, resolve, retired_on, suggest, undated

Lifecycle: TypeAlias = Literal["active", "deprecated", "retired"]

LIFECYCLES: tuple[Lifecycle, ...] = ("active", "deprecated", "retired")


@dataclass(frozen=True, slots=True)
class ListedModel:
    """One model of a list. Texts are as they came: not sanitised. None stands for what was not told.

    Attributes:
        id: its name in requests.
        name: what people call it, or "".
        context: the most tokens of a prompt.
        max_output: the most tokens of a reply.
        lifecycle: whether it can be asked: `deprecated` ones still, `retired` ones no more.
        retires: the day from which requests are to fail. Whether they do is what `lifecycle` tells, where
            it is told (see `dated`): a server may put the day off without changing it.
        efforts: the levels of effort that requests may name, the lowest first.
        thinking: the types of `thinking` that requests may name.
    """

    id: str
    name: str = ""
    context: int | None = None
    max_output: int | None = None
    lifecycle: Lifecycle | None = None
    retires: date | None = None
    efforts: tuple[str, ...] | None = None
    thinking: tuple[str, ...] | None = None

    @property
    def answers(self) -> bool:
        """Whether it can be asked, as far as is known."""
        return self.lifecycle != "retired"


def dated(model: ListedModel, today: date) -> ListedModel:
    """Return the model with the lifecycle that its day makes, where the list tells the day alone.

    The one rule for whether a model is retired: the list's lifecycle decides; without one, a day that has
    come (today included, as in `retired_on`) has retired it.
    """
    if model.lifecycle is not None or model.retires is None:
        return model
    return replace(model, lifecycle="deprecated" if model.retires > today else "retired")


def retirement(model: ListedModel, today: date) -> str:
    """Say in Spanish when a model is or was retired, as in «se retiró el 15/06/2026»; "" if unknown."""
    if model.retires is None:
        return {"deprecated": "se retirará", "retired": "ya se retiró"}.get(model.lifecycle or "", "")
    if model.retires > today:
        return f"se retira el {model.retires:%d/%m/%Y}" if model.answers else "ya se retiró"
    still = " y aún responde" if model.answers else ""
    return f"se retiró el {model.retires:%d/%m/%Y}{still}"


def known_models(catalogue: Catalogue, today: date) -> tuple[ListedModel, ...]:
    """Give the models of a catalogue as a list, in its order."""
    return tuple(
        dated(
            ListedModel(
                model.id,
                model.name,
                model.context,
                model.max_output,
                "active" if model.retires is None else None,
                model.retires,
            ),
            today,
        )
        for model in catalogue.models.values()
    )


def filled(model: ListedModel, catalogue: Catalogue) -> ListedModel:
    """Give the model with what its list does not tell and the catalogue knows."""
    known = catalogue.find(model.id)
    if known is None:
        return model
    return replace(
        model,
        name=model.name or known.name,
        context=model.context or known.context,
        max_output=model.max_output or known.max_output,
    )


def find_listed(models: Iterable[ListedModel], name: str) -> ListedModel | None:
    """Give the model that a name means in a list: the one with this id, or with this id and a date."""
    dated = None
    for model in models:
        if model.id == name:
            return model
        if undated(model.id) == name:
            dated = model
    return dated


def choose_model(
    name: str,
    models: Sequence[ListedModel],
    catalogue: Catalogue,
    today: date,
    *,
    whose: str,
) -> str:
    """Give the id of the model to ask. The list, where there is one, wins over what is known here.

    Args:
        name: an id, or the name of a line for its newest model.
        models: the list, or nothing where it is not at hand.
        whose: the list is, in Spanish.

    Raises:
        ConfigError: there is no such model on the list, or it is retired.
    """
    model = newest(name, models, catalogue, today)
    other = suggest(model, names_to_suggest(models)) if models else _in_its_place(model, catalogue, today)
    listed = find_listed(models, model)
    if models and listed is None:
        raise ConfigError(
            f"«{one_line(model, 60)}» no está en la lista de modelos {whose}. ¿Querías decir «{other}»?"
        )
    if listed is None:
        listed = ListedModel(model, retires=retired_on(model, today, catalogue))
    listed = dated(listed, today)
    if not listed.answers:
        when = retirement(listed, today)
        more = "" if when.startswith("ya ") else " y ya no responde"
        raise ConfigError(f"El modelo «{model}» {when}{more}. Prueba con {other}.")
    return model


def _in_its_place(model: str, catalogue: Catalogue, today: date) -> str:
    """The nearest known id that is not retired; on a day when all are, the name of the line, which lasts."""
    able = [name for name in KNOWN if name != model and retired_on(name, today, catalogue) is None]
    return suggest(model, able) if able else next((line for line in LINES if line in model), LINES[0])


def newest(name: str, models: Sequence[ListedModel], catalogue: Catalogue, today: date) -> str:
    """Return the id that the name of a line means: one that is to be retired only where there is no other.

    Args:
        name: a line; any other name comes back as it is.
        models: the list; without one, what the catalogue knows. Where it has none of the line that answers,
            the catalogue's newest is returned, retired or not.
    """
    models = [dated(model, today) for model in models] or known_models(catalogue, today)
    going = {model.id for model in models if model.lifecycle == "deprecated"}
    able = [model.id for model in models if model.answers]
    found = resolve(name, [model for model in able if model not in going], catalogue)
    return found if found in able else resolve(name, able, catalogue)


def on_the_list(name: str, models: Sequence[ListedModel], catalogue: Catalogue, today: date) -> str:
    """Give the id on a list that the name of a line means there; any other name comes back as it is."""
    found = newest(name, models, catalogue, today)
    return found if any(model.id == found for model in models) else name


def names_to_suggest(models: Iterable[ListedModel]) -> tuple[str, ...]:
    """Give the ids that may be suggested: those that are to stay, or else all that answer."""
    able = [model for model in models if model.answers]
    staying = [model for model in able if model.lifecycle != "deprecated"]
    return tuple(model.id for model in staying or able)
