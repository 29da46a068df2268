"""Moments as a person tells them, in Spanish and in the time of this machine."""

from __future__ import annotations

from datetime import datetime

from .figures import NONE

_MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip
_WEEKDAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")


def when(at: float, now: float) -> str:
    """`hoy a las 9:05`, `ayer a la 1:30`, `el lunes a las 18:00`; further away, `el 3 de marzo de 2025`."""
    then, today = local(at), local(now)
    if then is None or today is None:
        return NONE
    days = (today.date() - then.date()).days
    if not 0 <= days < 7:
        return f"el {_day(then)}" if then.year == today.year else f"el {_day(then)} de {then.year}"
    named = {0: "hoy", 1: "ayer"}.get(days, f"el {_WEEKDAYS[then.weekday()]}")
    return f"{named} {_hour(then)}"


def date(at: float) -> str:
    """`3 de marzo de 2025`."""
    then = local(at)
    return NONE if then is None else f"{_day(then)} de {then.year}"


def local(at: float) -> datetime | None:
    """Convert seconds since the epoch to the local time; None if they are out of range."""
    try:
        return datetime.fromtimestamp(at).astimezone()
    except (OverflowError, OSError, ValueError):
        return None


def _day(then: datetime) -> str:
    return f"{then.day} de {_MONTHS[then.month - 1]}"


def _hour(then: datetime) -> str:
    return f"a la{'' if then.hour == 1 else 's'} {then.hour}:{then:%M}"
