"""The list of models: a table where there is room for one, a few lines for each where there is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from stream_core.config.options.appearance import Look
from stream_core.core.numbers import number
from stream_core.core.sanitize import one_line
from stream_core.models.catalogue import Catalogue
from stream_core.models.cost import money
from stream_core.models.model_list import ListedModel, retirement
from stream_core.terminal.rows.figures import NONE

_LONGEST = 60
_HEADINGS = ("", "Modelo", "Nombre", "Contexto", "Salida", "Estado", "Precio")
_STATE = _HEADINGS.index("Estado")
_FIGURES = ("", "Contexto", "Salida")
_GAP = 1
_UNITS = "Contexto y salida: los tokens que caben."
_UNITS_WITHOUT_HEADINGS = "Tras el nombre, contexto/salida: los tokens que caben."
_PRICES = " Precio: entrada / salida, por millón de tokens"
_DEARER = "; con «*», más en las peticiones largas"


@dataclass(frozen=True, slots=True)
class _Row:
    """A model as it is shown, sanitised."""

    number: str
    id: str
    name: str
    context: str
    output: str
    state: str
    price: tuple[str, str] | None
    dearer: bool
    current: bool
    answers: bool

    @property
    def cells(self) -> tuple[str, ...]:
        mark = "▸ " if self.current else ""
        return (
            f"{mark}{self.number}", self.id, self.name, self.context, self.output, self.state, self.money,
        )  # fmt: skip

    @property
    def money(self) -> str:
        return money(None) if self.price is None else " / ".join(self.price) + "*" * self.dearer

    def style(self, look: Look) -> str:
        return "bold" if self.current else "" if self.answers else look.colours.quiet


def model_list(
    models: Sequence[ListedModel], prices: Catalogue, *, current: str, today: date, look: Look, width: int
) -> Iterator[Table | Text]:
    """Make what shows a list of models, numbered from 1, each with its price where there is one.

    Args:
        prices: the models with the prices that hold.
        current: the id of the model that is marked.
        today: the day that tells whether one is retired already.
        width: cells of a line.
    """
    rows = [_row(number, model, prices, current, today) for number, model in enumerate(models, 1)]
    if look.plain:
        yield from map(_line, rows)
        return
    table = _table(rows, look, width)
    yield table if table is not None else _narrow(rows, look)
    units = _UNITS if table is not None else _UNITS_WITHOUT_HEADINGS
    yield Text(f"{units}{_prices(rows)}", look.colours.quiet)


def state_of(model: ListedModel, today: date) -> str:
    """Format whether a model answers, and until when."""
    if not model.answers:
        return "retirado"
    return retirement(model, today) or ("activo" if model.lifecycle == "active" else NONE)


def _row(number: int, model: ListedModel, catalogue: Catalogue, current: str, today: date) -> _Row:
    known = catalogue.find(model.id)
    prices = known.prices if known is not None else None
    return _Row(
        number=f"{number}.",
        id=one_line(model.id, _LONGEST) or NONE,
        name=one_line(model.name, _LONGEST),
        context=_count(model.context),
        output=_count(model.max_output),
        state=state_of(model, today),
        price=(money(prices.rates.input), money(prices.rates.output)) if prices else None,
        dearer=prices is not None and prices.long is not None,
        current=model.id == current,
        answers=model.answers,
    )


def _count(tokens: int | None) -> str:
    return NONE if tokens is None else number(tokens)


def _prices(rows: Sequence[_Row]) -> str:
    if not any(row.price for row in rows):
        return ""
    return f"{_PRICES}{_DEARER if any(row.dearer for row in rows) else ''}."


def _table(rows: Sequence[_Row], look: Look, width: int) -> Table | None:
    """The table, or None when a line has no room for it. Only the state may take two lines."""
    cells = [_HEADINGS, *(row.cells for row in rows)]
    widths = [max(cell_len(line[column]) for line in cells) for column in range(len(_HEADINGS))]
    room = width - sum(widths) - _GAP * (len(widths) - 1)
    if room < 0:
        words = max(cell_len(word) for line in cells for word in ("se retira el", *line[_STATE].split()))
        room += widths[_STATE] - words
        widths[_STATE] = words
    if room < 0:
        return None
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style=look.colours.quiet)
    for heading, most in zip(_HEADINGS, widths, strict=True):
        table.add_column(heading, width=most, justify="right" if heading in _FIGURES else "left")
    for row in rows:
        table.add_row(*map(Text, row.cells), style=row.style(look))
    return table


def _narrow(rows: Sequence[_Row], look: Look) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, _GAP, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        figures = f"{row.context}/{row.output} · {row.money.replace(' / ', '/')}"
        detail = f"{row.name} · {figures}" if row.name else figures
        text = Text.assemble(f"{row.id} · {row.state}", (f"\n{detail}", look.colours.quiet))
        table.add_row(Text(row.cells[0]), text, style=row.style(look))
    return table


def _line(row: _Row) -> Text:
    in_use = " (en uso)" if row.current else ""
    named = f" {row.name}." if row.name else ""
    price = "{} de entrada y {} de salida por millón".format(*row.price) if row.price else row.money
    return Text(
        f"{row.number} {row.id}{in_use}.{named} Estado: {row.state}. "
        f"Contexto: {row.context}. Salida: {row.output}. Precio: {price}."
    )
