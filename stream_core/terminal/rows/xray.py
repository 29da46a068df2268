"""The X-ray of a reply as rows: each event with its time, its gap to scale, its bytes and its text."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len, set_cell_size

from stream_core.core.numbers import counted, number
from stream_core.core.sanitize import one_line
from stream_core.core.trace import Entry, Meaning, Trace, meaning

_EIGHTHS = "▏▎▍▌▋▊▉█"
_LEVELS = "▁▂▃▄▅▆▇█"
_WIDE, _MIDDLE = 90, 64  # columns from which a row has all, or nearly all, of its fields
_NARROW = 46  # columns from which a row has at least a bar
_SHORT = {
    "content_block_start": "block_start",
    "content_block_delta": "delta",
    "content_block_stop": "block_stop",
}
_ENDED = {
    "end": "fin del cuerpo",
    "cut": "la conexión se cortó",
    "cancel": "cancelada",
    "timeout": "se agotó la espera",
}
_TOKENS = "tokens: "
_MOST_TEXT = 200
_MOST_BYTES = 2000  # shown of one event


@dataclass(frozen=True, slots=True)
class XrayRow:
    """A row, and whether it holds text of the reply (else it is about the protocol)."""

    text: str
    has_text: bool = False


def scale_of(entries: Sequence[Entry]) -> float:
    """Seconds of a full bar: the longest gap between two events, or a millisecond."""
    gaps = [after.at - before.at for before, after in itertools.pairwise(entries) if after.number > 1]
    return max([*gaps, 0.001])


def bar(seconds: float, scale: float, cells: int) -> str:
    """A gap, drawn to scale in eighths of a cell; "" for one that is too short to be seen."""
    eighths = min(round(max(seconds, 0.0) / scale * cells * 8), cells * 8)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (_EIGHTHS[rest - 1] if rest else "")


def sparkline(values: Sequence[float], top: float | None = None) -> str:
    """Values as a row of bars; the highest, or `top`, is a full one."""
    most = max([*values, 0.0]) if top is None else top
    if most <= 0:
        return _LEVELS[0] * len(values)
    return "".join([_LEVELS[min(int(value / most * 7.999), 7) if value > 0 else 0] for value in values])


def short_time(seconds: float) -> str:
    """`3 ms`, `1.204 s`."""
    return f"{number(seconds * 1000)} ms" if seconds < 1 else f"{number(seconds, 2)} s"


def rows(
    entries: Sequence[Entry],
    before: Mapping[int, float],
    scale: float,
    width: int,
    redact: Callable[[str], str],
    *,
    bars: bool = True,
) -> Iterator[XrayRow]:
    """The rows of some entries.

    Args:
        entries: what is shown.
        before: by `id` of an entry, the time of the one before it.
        scale: seconds of a full bar.
        width: cells of a row.
        redact: takes credentials out of a text.
        bars: whether gaps are drawn.
    """
    cells = _bar_cells(width) if bars else 0
    for entry in entries:
        gap = entry.at - before.get(id(entry), entry.at)
        yield _row(entry, gap, bar(gap, scale, cells).ljust(cells), width, redact)


def _bar_cells(width: int) -> int:
    """The cells of a full bar; 0 where rows have no room for any."""
    if width >= _MIDDLE:
        return 12 if width >= _WIDE else 6
    return 4 if width >= _NARROW else 0


def _row(entry: Entry, gap: float, drawn: str, width: int, redact: Callable[[str], str]) -> XrayRow:
    mark = str(entry.number) if entry.number else {"sent": "→", "answered": "←"}.get(entry.kind, "■")
    head = f"{mark:>5} {number(entry.at, 3):>8} s "
    head += f"{drawn} " if drawn else ""
    head += f"{short_time(gap):>7} " if width >= _MIDDLE else ""
    shown, piece = _words(entry, width, redact)
    size = f"{number(entry.size)} B" if entry.number else ""
    head += f"{size:>9}  " if width >= _MIDDLE else f"{size:>7} "
    return XrayRow(_fit(f"{head}{shown}" if piece else _in_whole_words(head, shown, width), width), piece)


def _in_whole_words(head: str, words: str, width: int) -> str:
    """A row about the protocol; of words that have no room, those that have."""
    if cell_len(head + words) <= width:
        return head + words
    words = words.replace(_TOKENS, "")
    while cell_len(head + words) > width and " " in words.strip():
        words = f"{words.removesuffix('…').rpartition(' ')[0].rstrip(' ,:')}…"
    return head + words


def _words(entry: Entry, width: int, redact: Callable[[str], str]) -> tuple[str, bool]:
    """The words of an entry, and whether they are text of the reply."""
    facts = entry.facts
    if entry.kind == "sent":
        again = "" if facts[0] == "1" else f", intento {one_line(facts[0], 10)}"
        return f"petición a {one_line(redact(facts[1]), 60)}{again}", False
    if entry.kind == "answered":
        return f"cabeceras: {one_line(facts[0], 10)} {one_line(redact(facts[1]), 60)}", False
    if entry.kind == "ended":
        return _ENDED.get(facts[0], ""), False
    found = meaning(entry.data)
    name = one_line(redact(found.name), 40) if width >= _WIDE else shown_name(found.name, redact)
    name = name or ("" if found.payload else "sin evento")
    cut = "a medias: " if entry.kind == "rest" and not found.payload else ""
    if found.piece is not None:
        return f"{cut}{name}  «{shown(redact(found.piece))}»", True
    return f"{cut}{name}  {event_words(found, entry.data, redact)}".rstrip(), False


def shown_name(name: str, redact: Callable[[str], str]) -> str:
    """The type of an event, shortened."""
    return _SHORT.get(name) or one_line(redact(name), 40)


def shown(piece: str) -> str:
    """A piece of text on one line, its line feeds and tabs as signs and its blanks kept."""
    marked = piece.replace("\n", "⏎").replace("\t", "⇥")
    lead, trail = marked[:1] == " ", marked[-1:] == " " and len(marked) > 1
    return f"{' ' * lead}{one_line(marked, _MOST_TEXT)}{' ' * trail}"


def event_words(found: Meaning, data: bytes, redact: Callable[[str], str]) -> str:
    """An event without text in a few words."""
    payload = found.payload
    match found.name:
        case "message_start":
            return _usage(_part(payload, "message").get("usage"))
        case "content_block_start":
            block = _part(payload, "content_block")
            return one_line(redact(f"{block.get('type', '')} {block.get('name', '')}"), 80)
        case "message_delta":
            reason = one_line(redact(str(_part(payload, "delta").get("stop_reason"))), 40)
            return f"{reason}, {_usage(payload.get('usage'))}"
        case "error":
            return one_line(redact(str(_part(payload, "error").get("message", ""))), _MOST_TEXT)
        case "ping" | "message_stop" | "content_block_stop":
            return ""
        case _:
            return one_line(redact(data.decode("utf-8", "replace")), _MOST_TEXT) if not payload else ""


def _part(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = payload.get(name)
    return part if isinstance(part, Mapping) else {}


def _usage(usage: object) -> str:
    if not isinstance(usage, Mapping):
        return "sin usage"
    names = {"input_tokens": "entrada", "cache_read_input_tokens": "caché", "output_tokens": "salida"}
    found = [
        f"{word} {number(usage[name])}"
        for name, word in names.items()
        if type(usage.get(name)) is int and usage[name]
    ]
    return f"{_TOKENS}{', '.join(found)}" if found else ""


def _fit(text: str, width: int) -> str:
    """A text in a row: what is too long is cut with a mark."""
    if cell_len(text) <= width:
        return text
    return f"{set_cell_size(text, max(1, width - 1)).rstrip()}…"


def heading(trace: Trace, scale: float, width: int, *, bars: bool) -> list[str]:
    """The totals of a reply, and the scale of the bars, for rows of `width` cells."""
    entries = trace.snapshot()
    seconds = entries[-1].at if entries else 0.0
    tries = f"{counted(trace.attempts, 'petición', 'peticiones')}, " if trace.attempts > 1 else ""
    facts = [
        f"{tries}{counted(trace.events, 'evento', 'eventos')}",
        f"{number(trace.size / 1000, 1)} kB",
        f"{number(seconds, 2)} s{' desde el envío' if width >= _NARROW else ''}",
    ]
    lines = [" · ".join(facts)]
    if trace.dropped:
        lines.append(f"Los {number(trace.dropped)} primeros ya no se conservan.")
    if bars:
        lines.append(f"Barra llena: {short_time(scale)} o más, la pausa más larga entre eventos.")
    return lines


def listing(
    trace: Trace,
    entries: Sequence[Entry],
    width: int,
    redact: Callable[[str], str],
    *,
    raw: bool,
    bars: bool,
) -> Iterator[XrayRow]:
    """The totals and some entries of a reply; with `raw` the bytes of each below it."""
    every = trace.snapshot()
    scale, before, place = scale_of(every), dict[int, float](), -1
    for earlier, after in itertools.pairwise(every):
        before[id(after)] = earlier.at
    places = {id(entry): number for number, entry in enumerate(every)}
    for line in heading(trace, scale, width, bars=bars and width >= _NARROW):
        yield XrayRow(line, has_text=True)
    for entry in entries:
        if place >= 0 and places.get(id(entry), place + 1) > place + 1:
            yield XrayRow(f"      … {counted(places[id(entry)] - place - 1, 'más', 'más')}")
        place = places.get(id(entry), place + 1)
        yield from rows([entry], before, scale, width, redact, bars=bars)
        for line in raw_lines(entry, redact) if raw else ():
            yield XrayRow(f"        {line}", has_text=True)


def raw_lines(entry: Entry, redact: Callable[[str], str]) -> Iterable[str]:
    """The bytes of an event, line by line; what is no printable text is escaped."""
    data = entry.data[:_MOST_BYTES]
    text = redact(data.decode("utf-8", "backslashreplace"))
    for line in text.splitlines(keepends=True):
        end = "".join({"\n": "\\n", "\r": "\\r"}.get(char, "") for char in line[len(line.rstrip("\r\n")) :])
        yield f"{_printable(line.rstrip(chr(13) + chr(10)))}{end}"
    if entry.size > len(data):
        yield f"… ({number(entry.size - len(data))} bytes más)"


def _printable(line: str) -> str:
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)
