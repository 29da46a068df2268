"""The built-in table of models, with date and source. The server's own list takes precedence over it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, TypeAlias

from .lines import DEFAULT_MODEL, KNOWN, LINES
from .rate_types import Prices, Rates

Thinking: TypeAlias = Literal["budget", "adaptive", "between_tools", "always"]
"""How a model thinks.

`budget`: on request, with `budget_tokens`. `adaptive`: as much as it decides; `disabled` turns it off.
`between_tools`: adaptive, but turned off by `between_tools` instead. `always`: cannot be turned off.
"""


@dataclass(frozen=True, slots=True)
class Model:
    """The data of one model; None means unknown.

    Attributes:
        id: its id in the API, without a date.
        name: its display name.
        context: the maximum tokens of a prompt and its reply together.
        max_output: the maximum tokens of a reply.
        prices: its price list, or None without one.
        retires: the date from which requests fail, or None if none is announced.
        thinking: how it thinks.
        prefill: whether it continues an assistant message that ends the request.
        forced_tools: whether `tool_choice` may force a tool call.
        sampling: whether it accepts `temperature`, `top_p` and `top_k`.
        checked: the date on which the source was read.
        source: the page of these data.
    """

    id: str
    name: str
    context: int | None = None
    max_output: int | None = None
    prices: Prices | None = None
    retires: date | None = None
    thinking: Thinking | None = None
    prefill: bool | None = None
    forced_tools: bool | None = None
    sampling: bool | None = None
    checked: date | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Models by id. An id with a date has the data of the id without it."""

    models: Mapping[str, Model] = field(hash=False)

    def find(self, model: str) -> Model | None:
        """Return the data of a model, or None if it is unknown."""
        known = self.models.get(model)
        return known if known is not None else self.models.get(undated(model))

    def changed(self, models: Mapping[str, Model]) -> Catalogue:
        """Return a catalogue with these models added, or replaced by id."""
        return Catalogue(MappingProxyType({**self.models, **models}))

    def unpriced(self, *, keep_own: bool = False) -> Catalogue:
        """Return the catalogue without prices, for a server that does not charge them.

        Args:
            keep_own: whether prices from the user's own file are kept.
        """
        models = {
            name: known if keep_own and known.prices and known.prices.own else replace(known, prices=None)
            for name, known in self.models.items()
        }
        return Catalogue(MappingProxyType(models))


_MAX_ID = 200  # characters of an id
_DATE = re.compile(r"-20[0-9]{6}\Z")
_NAMED = re.compile(r"claude-([a-z]+)-([0-9]{1,2})(?:-([0-9]{1,2}))?(-20[0-9]{6})?")
_PAGES = "https://platform.claude.com/docs/en/models"
_OCTOBER, _NOVEMBER = date(2026, 10, 24), date(2026, 11, 24)


def _model(
    line: str,
    version: str,
    prices: Prices,
    thinking: Thinking,
    *,
    forced_tools: bool = True,
    checked: date = _OCTOBER,
) -> Model:
    """A model with a context of a million tokens, without prefill or sampling; `_table` lists exceptions."""
    page = f"{line}-{version.replace('.', '-')}"
    return Model(
        id=f"claude-{page}",
        name=f"Claude {line.capitalize()} {version}",
        context=1_000_000,
        max_output=128_000,
        prices=prices,
        thinking=thinking,
        prefill=False,
        forced_tools=forced_tools,
        sampling=False,
        checked=checked,
        source=f"{_PAGES}/{page}/overview",
    )


def _of_2025(line: str, version: str, prices: Prices, retires: date | None = None) -> Model:
    """A model of the generation that accepted prefill."""
    model = _model(line, version, prices, "budget")
    return replace(model, context=200_000, max_output=64_000, retires=retires, prefill=True, sampling=True)


def _cached(input: str, output: str, read: str) -> Prices:
    """Prices with a cache read at `read` times the input price."""
    return Prices(Rates.of(input, output, Decimal(read)))


def _table() -> Iterable[Model]:
    opus, sonnet, fable = (Prices(Rates.of(*dollars)) for dollars in (("5", "25"), ("3", "15"), ("10", "50")))
    haiku = Prices(Rates.of("0.10", "0.50"), over=100_000, long=Rates.of("0.50", "2.50"))
    yield _model("sonnet", "5.5", _cached("2", "10", "0.05"), "between_tools", forced_tools=False)
    yield _model("opus", "5.5", _cached("4", "20", "0.05"), "always", forced_tools=False)
    yield _model("haiku", "5.5", haiku, "adaptive")
    yield _model("fable", "5.2", _cached("8", "40", "0.025"), "always", forced_tools=False, checked=_NOVEMBER)
    yield _model("fable", "5.1", _cached("10", "50", "0.025"), "always", forced_tools=False)
    yield _model("fable", "5", fable, "always")
    yield _model("opus", "5", opus, "adaptive")
    yield _model("sonnet", "5", Prices(Rates.of("2", "10")), "adaptive")
    yield _model("opus", "4.8", opus, "adaptive")
    yield _model("opus", "4.7", opus, "adaptive")
    yield replace(_model("opus", "4.6", opus, "adaptive"), sampling=True)
    yield replace(_model("sonnet", "4.6", sonnet, "adaptive"), sampling=True)
    yield _of_2025("haiku", "4.5", Prices(Rates.of("1", "5")))
    yield _of_2025("opus", "4.5", opus, date(2027, 1, 22))
    yield _of_2025("sonnet", "4.5", sonnet, date(2026, 11, 30))
    yield replace(_of_2025("sonnet", "4", sonnet, date(2026, 6, 15)), id="claude-sonnet-4-20250514")


BUILT_IN = Catalogue(MappingProxyType({model.id: model for model in _table()}))
"""The models, from their pages and https://platform.claude.com/docs/en/about-claude/pricing.

Prices are list prices: no contracts, regions or faster modes.
"""


def retired_on(model: str, today: date, catalogue: Catalogue = BUILT_IN) -> date | None:
    """Return the date on which a model was retired; None if it is not, as far as the catalogue knows."""
    known = catalogue.find(model)
    day = known.retires if known is not None else None
    return day if day is not None and day <= today else None


def undated(model: str) -> str:
    """Return an id without a trailing date."""
    return _DATE.sub("", model)


def suggest(model: str, known: Sequence[str] = KNOWN) -> str:
    """Return the known id closest to one that does not exist; if none is close, the default model.

    Args:
        model: the id, or the line, that does not exist.
        known: the existing ids, untrusted; malformed ones are not suggested. If the default model is not
            among them, the first one replaces it.
    """
    ids = [name for name in known if name.isascii() and name.isprintable() and len(name) <= _MAX_ID] or KNOWN
    from difflib import get_close_matches  # most names are right

    if line := get_close_matches(model[:_MAX_ID].lower(), LINES, n=1, cutoff=0.7):
        ranked = [(rank, name) for name in ids if (rank := _rank(name, line[0], BUILT_IN)) is not None]
        if ranked:
            return max(ranked)[1]
    near = get_close_matches(model[:_MAX_ID].lower(), ids, n=1, cutoff=0.6)
    return near[0] if near else DEFAULT_MODEL if DEFAULT_MODEL in ids else ids[0]


def tries_prefill(model: str, catalogue: Catalogue, *, anthropic: bool) -> bool:
    """Whether a continuation tries prefill first; for an unknown model the server decides.

    Args:
        model: the model that is asked.
        catalogue: what is known of the models.
        anthropic: whether Anthropic's API answers: its newer models refuse it. Most other servers take it.
    """
    known = catalogue.find(model)
    return known.prefill if known is not None and known.prefill is not None else not anthropic


def resolve(name: str, available: Iterable[str] | None = None, catalogue: Catalogue = BUILT_IN) -> str:
    """Return the id that a line such as `sonnet` stands for: its newest model.

    Models with an announced retirement rank below those without, and an id with a date below the same id
    without.

    Args:
        name: a line; any other name is returned as it is.
        available: the ids of the account's list, or None; ignored if it has none of the line.
        catalogue: the known models.
    """
    line = name.strip().lower()
    if line not in LINES:
        return name
    for ids in (available or (), catalogue.models, BUILT_IN.models):
        ranked = [(rank, model) for model in ids if (rank := _rank(model, line, catalogue)) is not None]
        if ranked:
            return max(ranked)[1]
    raise AssertionError("each line has a model in the table")  # pragma: no cover


def _rank(model: str, line: str, catalogue: Catalogue) -> tuple[bool, int, int, bool] | None:
    """Sort key of a model within a line, newest last; None for a model of another line."""
    match = _NAMED.fullmatch(model)
    if match is None or match[1] != line:
        return None
    known = catalogue.find(model)
    lasts = known is None or known.retires is None
    return lasts, int(match[2]), int(match[3] or 0), match[4] is None
