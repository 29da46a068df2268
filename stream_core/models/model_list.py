"""A server's own list of models, and which of them a name stands for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal, NamedTuple, TypeAlias

from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line

from .catalogue import Catalogue, resolve, retired_on, suggest, undated
from .lines import KNOWN, LINES

Lifecycle: TypeAlias = Literal["active", "deprecated", "retired"]

LIFECYCLES: tuple[Lifecycle, ...] = ("active", "deprecated", "retired")


class ListedModel(NamedTuple):
    """One model of a list, untrusted. None means that the list does not say.

    Attributes:
        id: its id in requests.
        name: its display name, or "".
        context: the maximum tokens of a prompt.
        max_output: the maximum tokens of a reply.
        lifecycle: `active`, `deprecated` (still answers) or `retired`.
        retires: the announced date of retirement. If `lifecycle` is given, that decides whether the model
            answers: a server may postpone the date without changing it.
        efforts: the accepted levels of effort, lowest first.
        thinking: the accepted types of `thinking`.
        accepts: the accepted kinds of files: `image_input`, `pdf_input`.
    """

    id: str
    name: str = ""
    context: int | None = None
    max_output: int | None = None
    lifecycle: Lifecycle | None = None
    retires: date | None = None
    efforts: tuple[str, ...] | None = None
    thinking: tuple[str, ...] | None = None
    accepts: tuple[str, ...] | None = None

    @property
    def answers(self) -> bool:
        """Whether it answers requests, as far as is known."""
        return self.lifecycle != "retired"


def dated(model: ListedModel, today: date) -> ListedModel:
    """Return the model with a lifecycle derived from its date, if the list gives only the date.

    This is the one rule for whether a model is retired: the list's lifecycle decides; without one, the
    model is retired from its date on, that date included (as in `retired_on`).
    """
    if model.lifecycle is not None or model.retires is None:
        return model
    return model._replace(lifecycle="deprecated" if model.retires > today else "retired")


def retirement(model: ListedModel, today: date) -> str:
    """Describe in Spanish when a model is or was retired («se retiró el 15/06/2026»); "" if unknown."""
    if model.retires is None:
        return {"deprecated": "se retirará", "retired": "ya se retiró"}.get(model.lifecycle or "", "")
    if model.retires > today:
        return f"se retira el {model.retires:%d/%m/%Y}" if model.answers else "ya se retiró"
    still = " y aún responde" if model.answers else ""
    return f"se retiró el {model.retires:%d/%m/%Y}{still}"


def known_models(catalogue: Catalogue, today: date) -> tuple[ListedModel, ...]:
    """Return the models of a catalogue as a list, in its order."""
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
    """Return the model with missing values filled in from the catalogue."""
    known = catalogue.find(model.id)
    if known is None:
        return model
    return model._replace(
        name=model.name or known.name,
        context=model.context or known.context,
        max_output=model.max_output or known.max_output,
    )


def find_listed(models: Iterable[ListedModel], name: str) -> ListedModel | None:
    """Return the model with this id, or with this id and a date; None if there is none."""
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
    """Return the id of the model to ask. A list takes precedence over the catalogue.

    Args:
        name: an id, or a line for its newest model.
        models: the server's list; empty if it is not available.
        catalogue: the known models.
        today: the date that decides which models are retired.
        whose: the owner of the list in Spanish, for the error.

    Raises:
        ConfigError: the model is not on the list, or is retired.
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
    """The closest known id that is not retired; if all are, the name of the line, which never expires."""
    able = [name for name in KNOWN if name != model and retired_on(name, today, catalogue) is None]
    return suggest(model, able) if able else next((line for line in LINES if line in model), LINES[0])


def newest(name: str, models: Sequence[ListedModel], catalogue: Catalogue, today: date) -> str:
    """Return the id that a line stands for; a deprecated model only if there is no other.

    Args:
        name: a line; any other name is returned as it is.
        models: the server's list, or empty to use the catalogue. If no model of the line answers, the
            catalogue's newest is returned, retired or not.
        catalogue: the known models.
        today: the date that decides which models are retired.
    """
    models = [dated(model, today) for model in models] or known_models(catalogue, today)
    deprecated = {model.id for model in models if model.lifecycle == "deprecated"}
    able = [model.id for model in models if model.answers]
    found = resolve(name, [model for model in able if model not in deprecated], catalogue)
    return found if found in able else resolve(name, able, catalogue)


def on_the_list(name: str, models: Sequence[ListedModel], catalogue: Catalogue, today: date) -> str:
    """Return the id on the list that a line stands for; any other name is returned as it is."""
    found = newest(name, models, catalogue, today)
    return found if any(model.id == found for model in models) else name


def names_to_suggest(models: Iterable[ListedModel]) -> tuple[str, ...]:
    """Return the ids to suggest: those not deprecated, or else all that answer."""
    able = [model for model in models if model.answers]
    staying = [model for model in able if model.lifecycle != "deprecated"]
    return tuple(model.id for model in staying or able)
