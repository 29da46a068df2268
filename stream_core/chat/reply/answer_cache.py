"""The cache of answers: an identical request is answered from the recording of its reply.

A reply is kept when it is complete and no tool had a part in it: a turn with tools is never answered from
here. What is kept is a recording, private, played through the same way as any other reply.
"""
# See docs/adr/0022-recordings-through-the-real-path.md

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stream_core.config.settings import Settings
from stream_core.core.numbers import number
from stream_core.core.store_errors import StoreError
from stream_core.files.private import check_own_file, private_folder
from stream_core.streaming import event_loop

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

    from stream_core.core.turn_result import TurnResult
    from stream_core.core.wire import WireEvent
    from stream_core.files.recorder import Recorder

    from .toolset import Toolset

FOLDER = "respuestas"
MOST_BYTES = 64 * 1024 * 1024
MOST_ANSWERS = 500

_FORM = 1  # of the key
_OURS = re.compile(r"[0-9a-f]{64}\.jsonl(?:\.\d+)?")
_SUFFIX = ".jsonl"


def cache_folder(settings: Settings) -> Path | None:
    """Return the folder of the cache, which may not exist; None without a data directory."""
    return settings.paths.data_dir / FOLDER if settings.paths.data_dir is not None else None


@dataclass(frozen=True, slots=True)
class Cached:
    """An answer that is kept.

    Attributes:
        path: its recording.
        age: seconds since it was recorded.
    """

    path: Path
    age: float


class AnswerCache:
    """The answers that are kept, in a folder of recordings.

    Args:
        settings: say whether it is on, where it is, and how it plays.
        most_bytes, most_answers: its bounds; the answers that were used longest ago go first.

    Attributes:
        on: whether requests are answered from it, and answers kept.
        live: whether an answer comes at its original pace, instead of at once.
    """

    def __init__(
        self, settings: Settings, *, most_bytes: int = MOST_BYTES, most_answers: int = MOST_ANSWERS
    ) -> None:
        self.on = settings.wire.cache and settings.invocation.save
        self.live = settings.wire.cache_live
        self.folder = cache_folder(settings) if settings.invocation.save else None
        self._redact: Callable[[str], str] = settings.invocation.redact
        self._most_bytes, self._most_answers = most_bytes, most_answers
        self._resources = ExitStack()
        self._clients: dict[bool, tuple[Player, AsyncAnthropic]] = {}

    def key(self, settings: Settings, messages: Sequence[Mapping[str, Any]], tools: Toolset) -> str:
        """Identify a request: its server and account, model, messages, tools, system prompt and limits."""
        from .request_parameters import request_of  # behind the prompt

        connection = settings.connection
        server = "practice" if connection.practice else connection.base_url or ""
        if connection.local is not None:
            server = f"local {connection.local.file}"
        asked = {
            "form": _FORM,
            "server": server,
            "account": "" if connection.practice else connection.account(),
            "request": request_of(settings, list(messages)),
            "tools": [_described(entry.name, entry.function) for entry in tools.entries if entry.on],
        }
        text = json.dumps(asked, sort_keys=True, separators=(",", ":"), default=str)
        return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()

    def find(self, key: str) -> Cached | None:
        """Return the answer to a request, or None; one that cannot be played is forgotten."""
        if not self.on or self.folder is None:
            return None
        from stream_core.core.recording import BadRecording  # only with a cache

        path = self.folder / f"{key}{_SUFFIX}"
        try:
            found = check_own_file(path)
            if found is None:
                return None
            _playable(path)
        except BadRecording:
            with suppress(OSError):
                path.unlink()
            return None
        except (OSError, StoreError):
            return None
        with suppress(OSError):  # it was used now: the access time says so; the other is its age
            os.utime(path, (time.time(), found.st_mtime))
        return Cached(path, max(0.0, time.time() - found.st_mtime))

    def writer(self, key: str) -> AnswerWriter | None:
        """Return what writes the answer to a request down, or None where none is kept."""
        if not self.on or self.folder is None:
            return None
        try:
            private_folder(self.folder)
        except (OSError, StoreError):
            return None
        return AnswerWriter(self.folder / f"{key}{_SUFFIX}", self._redact)

    def keep(self, writer: AnswerWriter, reply: TurnResult) -> None:
        """Keep an answer if it may be given again, else drop it; then bound the whole."""
        writer.end(keep=_may_be_kept(reply))
        files = self._files()
        size = sum(stat.st_size for _, stat in files)
        for path, stat in sorted(files, key=lambda each: each[1].st_atime):
            if size <= self._most_bytes and len(files) <= self._most_answers:
                break
            with suppress(OSError):
                path.unlink()
            files, size = files[1:], size - stat.st_size

    def clear(self) -> int:
        """Delete all answers; return how many there were."""
        count = 0
        for path, _ in self._files(every=True):
            with suppress(OSError):
                path.unlink()
                count += path.suffix == _SUFFIX
        return count

    @property
    def contents(self) -> tuple[int, int]:
        """Number of answers in the cache, and their size in bytes."""
        files = self._files()
        return len(files), sum(stat.st_size for _, stat in files)

    def client(self, cached: Cached) -> AsyncAnthropic:
        """Return a client that gets this answer, whatever it asks next."""
        from stream_core.practice.server import PracticeServer
        from stream_core.sdk.client import open_client

        if self.live not in self._clients:
            player = Player()
            server = PracticeServer(replay=player, pace=1.0 if self.live else 0.0)
            client = open_client(base_url=self._resources.enter_context(server).base_url)
            self._resources.callback(lambda: event_loop.submit(client.close()).result())
            self._clients[self.live] = player, client
        player, client = self._clients[self.live]
        player.load(cached.path)
        return client

    def close(self) -> None:
        """Stop the server that plays answers."""
        self._clients.clear()
        self._resources.close()

    def _files(self, *, every: bool = False) -> list[tuple[Path, os.stat_result]]:
        """The files of the cache; `every`: those too that were left half-written."""
        found: list[tuple[Path, os.stat_result]] = []
        with suppress(OSError):
            for path in self.folder.iterdir() if self.folder is not None else ():
                if _OURS.fullmatch(path.name) and (every or path.suffix == _SUFFIX):
                    with suppress(OSError):
                        found.append((path, path.lstat()))
        return found


class Player:
    """Hands the recordings of answers to a practice server, one after another."""

    def __init__(self) -> None:
        self._path: Path | None = None

    def load(self, path: Path) -> None:
        """Play this recording next."""
        self._path = path

    def answer(self, body: bytes) -> Any:
        """The steps of the answer."""
        from stream_core.practice.replay import Replay

        assert self._path is not None
        return Replay([self._path]).answer(body)


class AnswerWriter:
    """Records one answer beside its place: a `WireRecorder`. Each attempt begins anew."""

    def __init__(self, path: Path, redact: Callable[[str], str]) -> None:
        self._path, self._redact = path, redact
        self._part = path.with_name(f"{path.name}.{os.getpid()}")
        self._recorder: Recorder | None = None
        self._failed = False

    def __call__(self, event: WireEvent) -> None:
        """Write a wire event."""
        from stream_core.core.wire import Sent

        if isinstance(event, Sent):
            self._begin()
            event = Sent(event.request, 1, event.at)
        if self._recorder is not None:
            self._recorder(event)

    def _begin(self) -> None:
        if self._recorder is not None:
            self._recorder.close()
        self._recorder = None
        with suppress(OSError, StoreError):  # what cannot be kept is no loss
            from stream_core.files.recorder import Recorder

            self._recorder = Recorder(self._part, redact=self._redact, replace=True)

    def end(self, *, keep: bool) -> None:
        """Close the recording, and put it in its place or delete it."""
        if self._recorder is None:
            return
        self._recorder.close()
        with suppress(OSError):
            if keep and self._recorder.problem is None:
                # By our clock, which its age is told by: that of a disk in the network may be another.
                os.utime(self._part, (time.time(),) * 2)
                self._part.replace(self._path)
            else:
                self._part.unlink()


def ago(seconds: float) -> str:
    """An age in Spanish: `de ahora mismo`, `de hace 3 min`, `de hace 2 h`, `de hace 5 días`."""
    if seconds < 60:
        return "de ahora mismo"
    if seconds < 3600:
        return f"de hace {number(seconds // 60)} min"
    if seconds < 2 * 86400:
        return f"de hace {number(seconds // 3600)} h"
    return f"de hace {number(seconds // 86400)} días"


def _may_be_kept(reply: TurnResult) -> bool:
    """Whether an answer may be given again: it is complete, and no tool had a part in it."""
    kinds = {str(block.get("type")) for block in reply.blocks}
    return (
        reply.outcome == "complete" and len(reply.rounds) == 1 and not any("tool" in kind for kind in kinds)
    )


def _playable(path: Path) -> None:
    from stream_core.core.recording import BadRecording
    from stream_core.practice.recordings import contents

    if not contents(path).whole:  # a crash may have kept the end of it from the disk
        raise BadRecording("")


def _described(name: str, function: Callable[..., Any] | None) -> list[str]:
    """A tool as the model sees it, about: its name, its parameters and its description."""
    import inspect

    if function is None:
        return [name]
    try:
        signature = str(inspect.signature(function))
    except (TypeError, ValueError):
        signature = ""
    return [name, signature, inspect.getdoc(function) or ""]
