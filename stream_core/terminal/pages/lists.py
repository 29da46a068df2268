"""Lists of what is kept: conversations, and lines in which something was found. Safe, whatever is in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.table import Table
from rich.text import Text

from stream_core.config.options.appearance import Look
from stream_core.core.numbers import counted
from stream_core.core.sanitize import Sanitizer, one_line
from stream_core.store.alternatives import alternative_of
from stream_core.store.protocol import Hit, Summary
from stream_core.terminal.rows.dates import when

_TITLE = 70
_GAP = 1


def conversation_list(
    summaries: Sequence[Summary], *, first: int, current: str | None, now: float, look: Look
) -> Table:
    """Make the list of conversations, numbered from `first`; the one that is open is marked."""
    colours = look.colours
    return _numbered(
        first,
        (
            Text.assemble(
                (title_of(each.title), "bold"),
                (" (abierta)" if each.id == current else "", colours.quiet),
                (f"\n{about(each, now)} · id {one_line(each.id, 40)}", colours.quiet),
            )
            for each in summaries
        ),
    )


def brief_list(
    summaries: Sequence[Summary], *, first: int, current: str | None, now: float, look: Look, width: int
) -> Table:
    """Make the same list for a low window: a row for each, with its title and when it was used."""
    used = [when(each.updated, now) + (" (abierta)" if each.id == current else "") for each in summaries]
    room = width - len(f"{first + len(summaries)}.") - max(map(len, used), default=0) - 2 * _GAP
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, _GAP, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(style=look.colours.quiet)
    for row, each in enumerate(summaries):
        title = Text(title_of(each.title), "bold")
        title.truncate(max(1, room), overflow="ellipsis")
        table.add_row(Text(f"{first + row}."), title, Text(used[row]))
    return table


def hit_list(hits: Sequence[Hit], *, now: float, look: Look) -> Table:
    """Make the list of lines in which something was found; that stands out in them."""
    return _numbered(
        1,
        (
            Text.assemble(
                *_lit(hit, look),
                (
                    f"\n«{title_of(hit.title)}», {when(hit.at, now)}{_alternative(hit.place.conversation)}",
                    look.colours.quiet,
                ),
            )
            for hit in hits
        ),
    )


def about(summary: Summary, now: float, turns: int | None = None) -> str:
    """Describe a conversation: when it was last used, its turns and its tokens.

    Args:
        summary: the conversation.
        now: the time.
        turns: how many turns it has, if that is known better: an alternative has those before its own, too.
    """
    tokens = summary.input_tokens + summary.output_tokens
    of_it = alternative_of(summary.id)
    before = of_it.turn - 1 if of_it is not None else 0
    count = counted(turns if turns is not None else before + summary.turns, "turno", "turnos")
    about = f"{when(summary.updated, now)} · {count} · {counted(tokens, 'token', 'tokens')}"
    about += _alternative(summary.id)
    if summary.owner is not None:
        return f"{about} · de {one_line(summary.owner, 40)}"
    return f"{about} · compartida" if summary.shared else about


def _alternative(conversation: str) -> str:
    """A phrase that names the conversation that this one is an alternative of; "" if it is none."""
    found = alternative_of(conversation)
    if found is None:
        return ""
    return f" · alternativa {found.answer}, turno {found.turn} de {one_line(found.conversation, 40)}"


def title_of(title: str) -> str:
    """A title that is safe, and never empty."""
    return one_line(title, _TITLE) or "sin título"


def _numbered(first: int, texts: Iterable[Text]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for row, text in enumerate(texts, first):
        table.add_row(Text(f"{row}."), text)
    return table


def _lit(hit: Hit, look: Look) -> Iterator[tuple[str, str]]:
    """The line of a hit in stretches, each with its style. What was found may stand within what is hostile:
    the line is made safe as one text."""
    sanitizer, at = Sanitizer(), 0
    style = f"{look.colours.heading} reverse"
    for begin, end in hit.found:
        yield _safe(sanitizer, hit.line[at:begin]), ""
        found = _safe(sanitizer, hit.line[max(at, begin) : end])
        yield (f"«{found}»", "") if look.plain else (found, style)
        at = max(at, end)
    yield _safe(sanitizer, hit.line[at:]) + sanitizer.flush(), ""


def _safe(sanitizer: Sanitizer, text: str) -> str:
    return sanitizer.feed(text).replace("\n", " ").replace("\t", " ")
