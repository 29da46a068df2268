"""Runs a program in practice on the time of recordings: `recorded_time.py RECORDING... -- SCRIPT WORD...`.

Its practice server plays the recordings, and what stamps times or draws gets its time from them: a clock that
stands still until the program has taken in all that was sent, and then moves on to the next recorded moment.
So what the program shows, figures and dates included, is a function of the recordings. Frames are drawn at
their rate in recorded time; `MARK` follows each at which spinner and figures move on. A reply that was
cancelled waits, where it was, for whoever cancels it again.

What waits itself (the keyboard, the store, back-off between attempts) does so in the machine's time.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import pkgutil
import runpy
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import stream_core
from stream_core.practice.recordings import Place, contents
from stream_core.practice.replay import Replay
from stream_core.practice.script import At, Cut, Hang, Head, Step, Wait
from stream_core.practice.server import PracticeServer
from stream_core.sdk.byte_tap import Tap
from stream_core.streaming.handles import SyncHandle
from stream_core.terminal.reply.frame_loop import FrameLoop
from stream_core.terminal.reply.view import LiveReplyView

MARK = "\x1b]777;{}\x07"
"""A string for the terminal, which no terminal shows; its place is for the recorded second."""

HELD = MARK.format("held").encode()
"""Follows what is drawn where a reply waits for whoever cancels it."""

_STAMPS = ("sdk", "streaming", "chat.commands", "chat.reply", "chat.session", "terminal.reply.document")
_DATES = ("store",)
_DRAWN_A_SECOND, _DRAWN_A_TICK = 40, 4  # frames, in recorded time, as the view draws them
_POLL_SECONDS = 0.001


class Clock:
    """The recorded time.

    Attributes:
        now: the seconds that `time.monotonic` tells.
        begun: noon of the day of the first recording, in seconds since 1970.
    """

    def __init__(self, date: str) -> None:
        self.now = self._first = 1000.0
        self.begun = datetime.strptime(f"{date[:10]} 12", "%Y-%m-%d %H").timestamp()  # that day everywhere

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.begun + self.now - self._first

    def replace_in(self, name: str, module: object) -> None:
        """Have a module tell this time instead of the machine's."""
        replaced: dict[str, Any] = {"time": self.time}
        if name.startswith(_STAMPS):
            replaced["monotonic"] = self.monotonic
        elif not name.startswith(_DATES):
            return
        if getattr(module, "time", None) is time:
            setattr(module, "time", SimpleNamespace(**{**vars(time), **replaced}))  # noqa: B010


class Progress:
    """How far the program has taken in what was sent to it.

    Attributes:
        answered: whether the headers of the newest request have come.
        size: bytes of its body that have been decoded.
        put: deltas of the newest stream that were put into its mailbox.
        asked: how often the next one was asked for.
        frames: what draws the newest reply.
    """

    def __init__(self) -> None:
        self.answered, self.size = False, 0
        self.put = self.asked = 0
        self.frames: FrameLoop | None = None

    def has_taken(self, *, answered: bool, size: int) -> bool:
        """Whether everything was taken in, and the program waits for more."""
        return (self.answered, self.size) == (answered, size) and self.asked > self.put

    def watch(self) -> None:
        """Have the program tell."""
        sent, heard, noted, made, next_one = (
            Tap.sent, Tap.answered, Tap.note, SyncHandle.__init__, SyncHandle.__next__
        )  # fmt: skip

        def begin(tap: Tap, *given: Any) -> None:
            self.answered, self.size = False, 0
            sent(tap, *given)

        def answer(tap: Tap, response: Any) -> None:
            heard(tap, response)
            self.answered = True

        def note(tap: Tap, chunk: bytes) -> None:
            noted(tap, chunk)
            asyncio.get_running_loop().call_soon(self._add, len(chunk))  # when it has been decoded

        def make(handle: SyncHandle[Any], task: Any, accumulator: Any) -> None:
            made(handle, task, accumulator)
            self.put = self.asked = 0

            def put(item: Any) -> None:
                self.put += 1
                handle._items.put(item)

            task.deliver_to(put, handle._close)

        def ask(handle: SyncHandle[Any]) -> Any:
            self.asked += 1
            return next_one(handle)

        def start(loop: FrameLoop) -> None:
            loop._prepare()
            loop._prepared.set()
            self.frames = loop

        changed: Any = (
            (Tap, "sent", begin), (Tap, "answered", answer), (Tap, "note", note),
            (SyncHandle, "__init__", make), (SyncHandle, "__next__", ask), (FrameLoop, "start", start),
        )  # fmt: skip
        for owner, name, function in changed:
            setattr(owner, name, function)

    def _add(self, size: int) -> None:
        self.size += size


class TimedReplay(Replay):
    """Answers with recordings, and moves the clock on as they say."""

    def __init__(self, files: Sequence[str], clock: Clock, progress: Progress) -> None:
        super().__init__(files)
        self._clock, self._progress = clock, progress

    def _script(self, place: Place, cut: int | None) -> Iterator[Step]:
        return self._timed(super()._script(place, cut), cancelled=place.how == "cancel")

    def _timed(self, steps: Iterator[Step], *, cancelled: bool) -> Iterator[Step]:
        self._begun = due = self._clock.now
        self._drawn = 0
        answered, size = False, 0
        for step in steps:
            if isinstance(step, At):
                due = max(due, self._begun + step.seconds)
                continue
            while not self._progress.has_taken(answered=answered, size=size):
                yield Wait(_POLL_SECONDS, fixed=True)
            self._draw_until(due)
            if isinstance(step, Cut) and cancelled:
                os.write(1, HELD)
                yield Hang()
            yield step
            answered, size = answered or isinstance(step, Head), size + len(getattr(step, "data", b""))

    def _draw_until(self, due: float) -> None:
        """Draw the frames up to a time, which is then the time."""
        while (at := self._begun + self._drawn / _DRAWN_A_SECOND) <= due:
            self._clock.now, tick = at, self._drawn % _DRAWN_A_TICK == 0
            self._drawn += 1
            frames = self._progress.frames
            if frames is not None and (tick or frames._pending()):
                frames._step(tick)
                if tick:
                    os.write(1, MARK.format(f"{at:.3f}").encode())
        self._clock.now = due


def _run(files: Sequence[str], argv: Sequence[str]) -> None:
    progress = Progress()
    clock = Clock(contents(Path(files[0])).head.date)
    for module in pkgutil.walk_packages(stream_core.__path__, "stream_core."):
        name = module.name.removeprefix("stream_core.")
        if name.startswith((*_STAMPS, *_DATES)):
            clock.replace_in(name, importlib.import_module(module.name))
    cast(Any, LiveReplyView.__init__).__kwdefaults__["clock"] = clock.monotonic
    progress.watch()
    begin, replay = PracticeServer.__init__, TimedReplay(files, clock, progress)

    def play(server: PracticeServer, **options: Any) -> None:
        begin(server, **{**options, "replay": replay, "pace": 0.0})

    setattr(PracticeServer, "__init__", play)  # noqa: B010
    sys.argv[:] = argv
    runpy.run_path(argv[0], run_name="__main__")


if __name__ == "__main__":
    _end = sys.argv.index("--")
    _run(sys.argv[1:_end], sys.argv[_end + 1 :])
