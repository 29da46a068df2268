"""Figures of drawing, from the moments that are told. No clock of its own."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class FrameStats:
    """Figures of drawing: deltas are batched, a frame at a time.

    Attributes:
        frames: frames that showed at least one delta that was new.
        deltas: deltas that were shown.
        waits: seconds from the arrival of a delta until it was on the screen, one for each.
    """

    frames: int = 0
    deltas: int = 0
    waits: array[float] = field(default_factory=lambda: array("d"))

    def drawn(self, arrivals: Sequence[float], at: float) -> None:
        """Count a frame, drawn at `at`, with the deltas that arrived at `arrivals` (the same clock)."""
        if arrivals:
            self.frames += 1
            self.deltas += len(arrivals)
            self.waits.extend([at - arrival for arrival in arrivals])

    def add(self, other: FrameStats) -> None:
        """Add the frames of another reply."""
        self.frames += other.frames
        self.deltas += other.deltas
        self.waits.extend(other.waits)

    @property
    def deltas_per_frame(self) -> float | None:
        """Deltas in a frame on average, or None when nothing was drawn."""
        return self.deltas / self.frames if self.frames else None
