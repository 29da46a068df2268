"""The fault lab: parses `corte:12x2` and holds the faults for the next requests."""

from __future__ import annotations

import re
import threading
from collections import deque
from dataclasses import dataclass
from difflib import get_close_matches

from .faults import PIECES, Fault, load
from .script import Script

_TYPED = re.compile(r"([\w-]+?)(?::(\d{1,5}))?(?:x([1-9]\d?))?")


@dataclass(frozen=True, slots=True)
class Armed:
    """A fault with its number, and for how many requests it is armed."""

    fault: Fault
    number: int
    times: int

    @property
    def announcement(self) -> str:
        """A Spanish sentence about what will happen."""
        requests = (
            "La próxima pregunta tendrá" if self.times == 1 else f"Los {self.times} próximos envíos tendrán"
        )
        return f"{requests} el fallo «{self.fault.name}»{self._place}. {self.fault.summary}"

    @property
    def _place(self) -> str:
        if self.fault.number is None:
            return ""
        word = "tras" if self.fault.counts == PIECES else "de"
        if self.fault.counts == "segundos" and self.number > 0 and self.number % 60 == 0:
            minutes = self.number // 60
            return f" ({word} {minutes} minuto{'s' if minutes > 1 else ''})"
        unit = self.fault.counts if self.number != 1 else self.fault.counts.removesuffix("s")
        return f" ({word} {self.number} {unit})"


def parse(typed: str) -> Armed:
    """Read what was typed: a name, `:` and a number, `x` and how many times: `corte`, `429:20`, `corte:12x2`.

    Raises:
        ValueError: there is no such fault, or it does not take that; the message is a Spanish sentence.
    """
    found = _TYPED.fullmatch(typed.strip().casefold())
    if found is None:
        raise ValueError(
            f"«{typed[:40]}» no se entiende: escribe, por ejemplo, «corte», «corte:12» o «corte:12x2»."
        )
    name, number, times = found.groups()
    faults = {fault.name: fault for fault in load()}
    if name not in faults:
        near = get_close_matches(name[:40], faults, n=1)
        hint = f"¿Querías decir «{near[0]}»?" if near else "En el chat, «/fallos» los muestra todos."
        raise ValueError(f"No conozco el fallo «{name[:40]}». {hint}")
    fault = faults[name]
    if number is not None and fault.number is None:
        raise ValueError(f"El fallo «{name}» no lleva número: escribe «{name}» a secas.")
    return Armed(fault, int(number) if number is not None else fault.number or 0, int(times or 1))


class Lab:
    """The queue of armed faults, oldest first. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Armed] = deque()

    def arm(self, armed: Armed) -> None:
        """Queue a fault for the next requests that would get a reply."""
        with self._lock:
            self._waiting.extend([armed] * armed.times)

    def forget(self) -> None:
        """Empty the queue."""
        with self._lock:
            self._waiting.clear()

    @property
    def next(self) -> Armed | None:
        """The fault of the next request, or None."""
        with self._lock:
            return self._waiting[0] if self._waiting else None

    def apply(self, reply: Script) -> Script:
        """Take the next fault and apply it to `reply`; without one return `reply`."""
        with self._lock:
            armed = self._waiting.popleft() if self._waiting else None
        return reply if armed is None else armed.fault.play(reply, armed.number)
