"""The figures of `stats` side by side: this conversation, the session, and everything saved. Pure.

The three count the same things in the same way, so that they agree where they are about the same replies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.table import Table
from rich.text import Text

from stream_core.core.conversation import Turn
from stream_core.core.numbers import counted, number
from stream_core.core.stats import SessionStats
from stream_core.models.catalogue import Catalogue
from stream_core.models.cost import Spending, estimate
from stream_core.store.protocol import Totals
from stream_core.terminal.rows.dates import date
from stream_core.terminal.rows.figures import NONE

GROUPS = ("Esta conversación", "Esta sesión", "Todo lo guardado")
"""The names of the groups; in a narrow window `_SHORT`."""
_SHORT = ("Conversación", "Sesión", "Guardado")
_NAMES = (
    "Mensajes del usuario",
    "Respuestas del asistente",
    "Total de caracteres",
    "Promedio de respuesta",
    "Tokens de entrada",
    "Tokens de salida",
    "Gasto",
)
_UNCOUNTED = ("cancelled", "interrupted", "error")  # outcomes of replies whose tokens are not all counted
_WIDE = 90  # cells from which on the groups have their whole names


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of one group.

    Attributes:
        messages: questions.
        replies: replies that brought text, or None if they are not told apart.
        characters: characters of text in all replies.
        input_tokens: tokens sent, cached ones included, as the API reported them.
        output_tokens: tokens of the replies, as the API reported them.
        spending: the cost, or None if it is not shown.
        uncounted: replies of which the API reported only the beginning.
    """

    messages: int
    replies: int | None
    characters: int
    input_tokens: int
    output_tokens: int
    spending: Spending | None = None
    uncounted: int = 0

    @classmethod
    def of_turns(cls, turns: Sequence[Turn], prices: Catalogue | None) -> Counts:
        """Count the turns of a conversation; with prices also what they cost, as an estimate."""
        usages = [turn.usage for turn in turns]
        return cls(
            messages=len(turns),
            replies=sum(bool(turn.text.strip()) for turn in turns),
            characters=sum(len(turn.text) for turn in turns),
            input_tokens=sum(
                usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens
                for usage in usages
            ),
            output_tokens=sum(usage.output_tokens for usage in usages),
            spending=estimate(((turn.model, turn.usage) for turn in turns), prices) if prices else None,
        )

    @classmethod
    def of_session(cls, stats: SessionStats, spending: Spending | None) -> Counts:
        """Return what a session has counted."""
        return cls(
            messages=stats.user_messages,
            replies=stats.replies,
            characters=stats.characters,
            input_tokens=stats.input_tokens,
            output_tokens=stats.reported_tokens,
            spending=spending,
            uncounted=stats.uncounted,
        )

    @classmethod
    def of_store(cls, totals: Totals, ever: Spending | None) -> Counts:
        """Return what a store has counted."""
        return cls(
            totals.turns, None, totals.characters, totals.input_tokens, totals.output_tokens, ever
        )  # fmt: skip

    def cells(self) -> tuple[str, ...]:
        """The figures, in the order of the rows."""
        replies = self.replies
        average = NONE if replies is None else number(self.characters / replies if replies else 0.0, 1)
        spent = self.spending
        return (
            number(self.messages),
            NONE if replies is None else number(replies),
            number(self.characters),
            average,
            number(self.input_tokens),
            number(self.output_tokens),
            str(spent) if spent is not None and (spent.priced or spent.unpriced) else NONE,
        )


def rows(groups: Sequence[Counts]) -> list[tuple[str, ...]]:
    """The rows of the groups: a name and a figure for each; without cost if no group has any."""
    columns = [group.cells() for group in groups]
    made = [(name, *(column[at] for column in columns)) for at, name in enumerate(_NAMES)]
    return [row for row in made if row[0] != "Gasto" or set(row[1:]) != {NONE}]


def stats_table(groups: Sequence[Counts], width: int) -> Table:
    """Make the table of two or three groups."""
    names = GROUPS if width >= _WIDE else _SHORT
    look = box.SQUARE if width >= _WIDE else box.SIMPLE_HEAD
    table = Table(title=Text("📊 Estadísticas de streaming"), title_justify="left", box=look)
    table.add_column("Métrica", overflow="fold")
    for name in names[: len(groups)]:
        table.add_column(name, overflow="fold")
    for row in rows(groups):
        table.add_row(*row)
    return table


def notes(turns: Sequence[Turn], session: SessionStats, totals: Totals | None) -> list[str]:
    """Return sentences about limits of the figures.

    Those of a conversation are told also when another session had them; where this session had more, in other
    conversations, both numbers are told.
    """
    sentences = []
    here = sum(turn.outcome in _UNCOUNTED and bool(turn.text or turn.blocks) for turn in turns)
    if here or session.uncounted:
        most = max(here, session.uncounted)
        cut = counted(most, "respuesta que no terminó", "respuestas que no terminaron")
        if session.uncounted > here:
            cut += f" ({number(here)} en esta conversación, {number(session.uncounted)} en esta sesión)"
        sentences.append(f"La API no llegó a contar todos los tokens de {cut}.")
    if totals is not None and totals.first is not None:
        kept = counted(totals.conversations, "conversación guardada", "conversaciones guardadas")
        since = date(totals.first)  # by a clock that was wrong it is no day
        sentences.append(f"{kept}." if since == NONE else f"{kept} desde el {since}.")
    return sentences
