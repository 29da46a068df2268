"""`/radiografia`: the last reply as it came over the wire, event by event."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from stream_core.chat.commands import Command
from stream_core.chat.session.session import Session
from stream_core.config.options.appearance import OPTIONS
from stream_core.config.options.values import fold, yes_or_no
from stream_core.config.settings import Settings
from stream_core.core.numbers import counted
from stream_core.core.sanitize import one_line
from stream_core.core.trace import Trace

from ._option_choice import choose

_FIRST, _LAST = 12, 8  # entries that are shown of a long reply
_LOW, _AROUND = 24, 8  # rows of a window in which less is shown, and those around the entries
_MOST = 400  # entries that are shown at once
_RAW = 6  # events whose bytes are shown at each end
_ALL = "todo"
_ANSWER = re.compile(r"([1-9])(?:\s+(.*))?")  # of a comparison
_RANGE = re.compile(r"(?:(bytes)\s*)?(?:(\d{1,9})(?:\s*-\s*(\d{1,9}))?)?")


def _run(session: Session, argument: str) -> None:
    word = fold(argument.strip())
    if word and yes_or_no(word) is not None and not word.isdigit():
        (option,) = (option for option in OPTIONS if option.field == "xray")
        choose(session, option, word, lambda: None)
        return
    trace, word, which = _chosen(session, word)
    entries = trace.snapshot()
    if not entries:
        session.screen.note("Todavía no ha llegado ninguna respuesta que mirar por dentro.")
        return
    found = _RANGE.fullmatch("" if word == _ALL else word)
    if found is None:
        session.screen.warning(
            f"«{one_line(argument, 40)}» no se entiende. Prueba «/x», «/x 12», «/x 20-60», «/x bytes», "
            "«/x todo», o «/x sí» para verla mientras llega."
        )
        return
    raw, first, last = bool(found[1]), found[2], found[3]
    if first is None:
        _overview(session, trace, which, raw=raw, every=word == _ALL)
    else:
        _range(session, trace, int(first), int(last or first), raw=raw or last is None)


def _chosen(session: Session, word: str) -> tuple[Trace, str, str]:
    """The wire that is asked for, what of it, and of a comparison how to name its answer again.

    After a comparison, a number of one of its answers at the beginning chooses that; without one it is the
    first.
    """
    beside = session.wire.beside
    found = _ANSWER.fullmatch(word)
    chosen = int(found[1]) if found is not None else 0
    if not beside or chosen > len(beside):
        return session.wire.trace, word, ""
    place, rest = (chosen, found[2] or "") if found is not None else (1, word)
    name, trace = beside[place - 1]
    others = (str(number) for number in range(1, len(beside) + 1) if number != place)
    session.screen.note(
        f"La respuesta {place}, de {one_line(name, 60)}. «/x {next(others)}» muestra otra; "
        f"«/x {place} 12», un evento de esta."
    )
    return trace, rest, f"{place} "


def _overview(session: Session, trace: Trace, which: str, *, raw: bool, every: bool) -> None:
    """The whole reply, or the ends of a long one."""
    entries = trace.snapshot()
    if raw:
        events = [entry for entry in entries if entry.number]
        shown = events if len(events) <= 2 * _RAW else [*events[:_RAW], *events[-_RAW:]]
        session.screen.xray(trace, shown, raw=True, redact=session.settings.invocation.redact)
        if len(shown) < len(events):
            session.screen.note(
                f"Son los del principio y los del final. «/x {which}bytes 7-{len(events)}», los demás."
            )
        return
    height, last = session.screen.console.height, _LAST
    if every:
        most = _MOST
    elif height < _LOW:
        most = max(_LAST, height - _AROUND)
        last = most // 3
    else:
        most = _FIRST + _LAST
    shown = list(entries) if len(entries) <= most + 1 else [*entries[: most - last], *entries[-last:]]
    session.screen.xray(trace, shown, redact=session.settings.invocation.redact)
    if len(shown) < len(entries):
        all_of_it = "" if every or len(entries) > _MOST else f"; «/x {which}todo», entera"
        session.screen.note(
            f"«/x {which}20-60» muestra una parte{all_of_it}; «/x {which}12», los bytes de un evento."
        )


def _range(session: Session, trace: Trace, first: int, last: int, *, raw: bool) -> None:
    """The events from one number to another."""
    screen, entries = session.screen, trace.snapshot()
    shown = [entry for entry in entries if first <= entry.number <= last]
    if not shown:
        numbers = [entry.number for entry in entries if entry.number]
        there = f"Van del {numbers[0]} al {numbers[-1]}." if numbers else "No llegó ninguno."
        screen.warning(f"No hay ningún evento con ese número. {there}")
        return
    screen.xray(trace, shown[:_MOST], raw=raw, redact=session.settings.invocation.redact)
    if len(shown) > _MOST:
        screen.note(f"Y {counted(len(shown) - _MOST, 'más', 'más')}: pide menos a la vez.")


def _complete(before: Sequence[str], settings: Settings) -> Iterable[tuple[str, str]]:
    words = [("bytes", "los bytes, tal como llegaron"), (_ALL, "todos los eventos"), ("sí", "verla en vivo")]
    return () if before else [*words, ("no", "no verla en vivo")]


COMMAND = Command(
    name="radiografia",
    aliases=("x",),
    summary="muestra la última respuesta por dentro: eventos, tiempos y bytes",
    usage=(
        "«/x» la muestra, «/x 12» los bytes de un evento, «/x 20-60» una parte, «/x bytes» los "
        "bytes tal como llegaron y «/x todo» todos los eventos. «/x sí» la muestra mientras "
        "llega y «/x no» deja de hacerlo."
    ),
    brief="muestra eventos y bytes",
    run=_run,
    order=42,
    bare=False,
    argument="[n, n-m, bytes, todo, sí o no]",
    complete=_complete,
    known_as=("xray",),
    related=("cable", "eventos", "events", "sse", "wire", "rayos", "protocolo", "debug"),
)
