"""Contenders of a comparison: models, or one model with other settings, as a person names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from stream_core.config.options.slips import is_slip
from stream_core.config.options.thinking_options import THINKING_OPTIONS
from stream_core.config.options.values import fold
from stream_core.config.settings import Settings
from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line
from stream_core.models.lines import KNOWN, LINES
from stream_core.store.alternatives import MOST_ANSWERS

FEWEST, MOST = 2, MOST_ANSWERS
_EXAMPLE = "«sonnet haiku», o «haiku:esfuerzo=bajo haiku:esfuerzo=alto»"


@dataclass(frozen=True, slots=True)
class Contender:
    """One of those that answer.

    Attributes:
        name: how the person named it, made safe.
        settings: the settings that it answers with.
    """

    name: str
    settings: Settings


def split_models(text: str, settings: Settings) -> tuple[list[str], str]:
    """Split what follows the command into the models and the question, which may be "".

    The models end at the first word that is none; a first word with commas is all of them.
    """
    first, _, rest = text.strip().partition(" ")
    words, left = list[str](), text.strip()
    if "," in first:
        words, left = [word for word in first.split(",") if word], rest.strip()
        if not first.endswith(","):
            return words, left
    while left:
        word, _, rest = left.partition(" ")
        if "\n" in word or not _is_model(word.rstrip(","), settings):
            break
        words.append(word.rstrip(","))
        left = rest.strip()
    return words, left


def check_end(words: Sequence[str], question: str, settings: Settings) -> None:
    """Refuse a question whose first word was meant as one more model.

    Raises:
        ConfigError: it is nearly the name of one, or there are too few models before it.
    """
    word = question.partition(" ")[0].partition("\n")[0].partition(":")[0].rstrip(",")
    names = [*LINES, *KNOWN, *(model.id for model in settings.listed)]
    if any(is_slip(fold(word), name) for name in names):
        raise ConfigError(
            f"«{one_line(word, 60)}» no es un modelo. ¿Querías decir «{_nearest(word, names)}»?"
        )
    if word and word not in names and len(words) < FEWEST:
        near = _nearest(word, names)
        hint = f"¿Querías decir «{near}»?" if near else f"Hay {', '.join(map(_quoted, LINES))}."
        raise ConfigError(
            f"«{one_line(word, 60)}» no es un modelo. {hint} Para comparar hacen falta de {FEWEST} a {MOST}."
        )


def _quoted(name: str) -> str:
    return f"«{name}»"


def _nearest(word: str, names: Sequence[str]) -> str:
    """The name that is nearest to a word; "" if none is near."""
    slips = (name for name in names if is_slip(fold(word), name))
    from difflib import get_close_matches  # most names are right

    near = get_close_matches(fold(word[:60]), names, n=1, cutoff=0.6)
    return one_line(next(slips, near[0] if near else ""), 60)


def contenders(words: Sequence[str], settings: Settings) -> tuple[Contender, ...]:
    """Return who answers.

    Raises:
        ConfigError: there are too few or too many, two are the same, or one does not exist.
    """
    if not FEWEST <= len(words) <= MOST:
        raise ConfigError(f"Para comparar hacen falta de {FEWEST} a {MOST} modelos: {_EXAMPLE}.")
    made = tuple(_contender(word, settings) for word in words)
    for number, each in enumerate(made):
        if any(_same(each.settings, other.settings) for other in made[:number]):
            raise ConfigError(
                f"«{each.name}» es lo mismo que otro de la lista: cambia el modelo o un ajuste."
            )
    return made


def _contender(word: str, settings: Settings) -> Contender:
    model, *choices = word.split(":")
    chosen = settings.with_model(model)
    for choice in choices:
        name, equals, value = choice.partition("=")
        option = next((each for each in THINKING_OPTIONS if fold(name) == fold(each.name)), None)
        if option is None or not equals:
            known = " y ".join(f"{each.name}=…" for each in THINKING_OPTIONS)
            raise ConfigError(f"«{one_line(choice, 40)}» no es un ajuste de un modelo. Hay {known}.")
        preferences = chosen.preferences.changed({option.field: option.parse(value)})
        chosen = replace(chosen, preferences=preferences)
    return Contender(one_line(word, 60), chosen)


def _same(one: Settings, other: Settings) -> bool:
    return (one.model, one.preferences.thinking) == (other.model, other.preferences.thinking)


def _is_model(word: str, settings: Settings) -> bool:
    name = word.partition(":")[0]
    listed = {model.id for model in settings.listed}
    return fold(name) in LINES or name in KNOWN or name in listed or name.startswith("claude-")
