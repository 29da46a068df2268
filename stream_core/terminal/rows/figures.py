"""Figures as a person reads them. Numbers keep the form of the project's first guide: `2,450` and `490.0`."""

from __future__ import annotations

from collections.abc import Sequence

from stream_core.core.frame_stats import FrameStats
from stream_core.core.numbers import counted, number
from stream_core.core.reply import Outcome
from stream_core.core.stats import ReplyStats, SessionStats, percentile
from stream_core.models.cost import Spending, money

NONE = "—"

FAULTS: tuple[Outcome, ...] = ("interrupted", "error")
"""The outcomes that are failures, and look like it."""

OUTCOMES: dict[Outcome, str] = {
    "complete": "completa",
    "max_tokens": "cortada",
    "refused": "rechazada",
    "cancelled": "cancelada",
    "interrupted": "interrumpida",
    "error": "sin respuesta",
}
"""The state of a reply that has ended, in one word, on its edge and in the history."""


def labels_of(*, practice: bool, recorded: bool) -> tuple[str, ...]:
    """The label of a reply on its edge: none, where a model answers."""
    if recorded:
        return ("grabación",)
    return ("práctica",) if practice else ()


def seconds(value: float | None) -> str:
    """`0.84 s`, `12.3 s`, `3 min 05 s`, `2 h 10 min`."""
    if value is None:
        return NONE
    if value < 10:
        return f"{number(value, 2)} s"
    return f"{number(value, 1)} s" if value < 60 else whole_seconds(value)


def took(value: float) -> str:
    """The same for what may take next to no time: `menos de 0.01 s`."""
    return "menos de 0.01 s" if value < 0.01 else seconds(value)


def whole_seconds(value: float) -> str:
    """`menos de 1 s`, `12 s`, `3 min 05 s`, `2 h 10 min`: what is over is left out, as on a clock."""
    if value < 1:
        return "menos de 1 s"
    minutes, rest = divmod(int(value), 60)
    if not minutes:
        return f"{number(rest)} s"
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    return f"{number(minutes // 60)} h {minutes % 60:02} min"


_LEAST_TOLD = 0.05  # seconds of something else that are worth telling


def retries_words(retries: int) -> str:
    """`al 3.er intento, tras 2 esperas`; "" for the first attempt."""
    if not retries:
        return ""
    ordinal = "er" if retries % 10 in (0, 2) and retries != 10 else "º"
    return f"al {number(retries + 1)}.{ordinal} intento, tras {counted(retries, 'espera', 'esperas')}"


def reply_figures(stats: ReplyStats, price: str = "", *, prepared: bool = True) -> list[str]:
    """The figures of one reply that has ended, for the edge of its panel; its cost last, if that is known.

    Tokens are the API's count; it gives none for a reply that did not complete, nor does every server. What
    the program took to get ready, and a person to decide, is told apart: neither is the reply's.
    """
    parts = [f"primer token {seconds(stats.time_to_first_token)}", f"total {seconds(stats.working_time)}"]
    if not stats.complete or not stats.usage.output_tokens:
        parts.append(f"{counted(stats.deltas, 'delta', 'deltas')}, tokens sin contar")
    else:
        parts.append(counted(stats.usage.output_tokens, "token", "tokens"))
        if stats.tokens_per_second:
            parts.append(f"{number(stats.tokens_per_second, 1)} tok/s")
    if retried := retries_words(stats.retries):
        parts.append(retried)
    if stats.awaited >= _LEAST_TOLD:
        parts.append(f"{seconds(stats.awaited)} esperándote")
    if prepared and stats.prepared >= _LEAST_TOLD:
        parts.append(f"preparación {seconds(stats.prepared)}")
    return [*parts, price] if price else parts


def live_figures(elapsed: float, writing: float, characters: int) -> list[str]:
    """The figures of a reply that is arriving; tokens, which the API counts last, are a guess marked so.

    Args:
        elapsed: seconds since the question was sent.
        writing: seconds since the first text.
        characters: characters of text so far.
    """
    figures = [f"{number(elapsed, 1)} s"]
    if characters:
        tokens = max(1, characters // 4)
        figures.append(f"≈{counted(tokens, 'token', 'tokens')}")
        if writing >= 1:
            figures.append(f"≈{number(tokens / writing)} tok/s")
    return figures


def frame_rows(frames: FrameStats) -> Sequence[tuple[str, str]]:
    """The rows of the table `stats` about the screen."""
    each, wait = frames.deltas_per_frame, percentile(frames.waits, 0.95)
    return (
        ("Deltas por fotograma", number(each, 1) if each is not None else NONE),
        ("Espera en pantalla (p95)", f"{number(wait * 1000)} ms" if wait is not None else NONE),
    )


def money_rows(stats: SessionStats, spending: Spending) -> Sequence[tuple[str, str]]:
    """The rows about what is not in the sum of the cost, and about the cache, as far as it was used."""
    rows = []
    if spending.priced and spending.unpriced:
        rows.append(("Peticiones sin precio", number(spending.unpriced)))
    if spending.saved:
        rows.append(("Ahorro con la caché", money(spending.saved)))
    if stats.cache_read_tokens or stats.cache_written_tokens:
        rows.append(("Tokens leídos de la caché", number(stats.cache_read_tokens)))
        rows.append(("Tokens guardados en la caché", number(stats.cache_written_tokens)))
    return rows


def session_rows(stats: SessionStats, now: float) -> Sequence[tuple[str, str]]:
    """The rows of the second table of `stats`: how the replies of the session arrived."""
    retried = f" (en {counted(stats.retried, 'respuesta', 'respuestas')})" if stats.retries else ""
    speed = stats.tokens_per_second
    gap = percentile(stats.gaps, 0.95)
    retries = (("Reintentos", f"{number(stats.retries)}{retried}"),) if stats.retries else ()
    return (
        ("Tiempo de sesión", seconds(stats.elapsed(now))),
        *retries,
        ("Primer token (p50)", seconds(percentile(stats.first_tokens, 0.5))),
        ("Primer token (p95)", seconds(percentile(stats.first_tokens, 0.95))),
        ("Velocidad", f"{number(speed, 1)} tok/s" if speed else NONE),
        ("Pausa entre deltas (p95)", f"{number(gap * 1000)} ms" if gap is not None else NONE),
    )
