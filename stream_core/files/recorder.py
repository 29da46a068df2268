"""Writes a recording: a private file that holds streams with their timing, and no credential."""
# See docs/adr/0022-recordings-through-the-real-path.md

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from typing_extensions import Self

from stream_core._version import __version__
from stream_core.core.continuation import asks_to_continue
from stream_core.core.recording import Attempt, Chunk, End, Head, Line, Response, encode
from stream_core.core.redact import Redactor
from stream_core.core.redact_stream import StreamRedactor, Timed
from stream_core.core.wire import Answered, Ended, Received, Sent, WireEvent

from .private import check_own_file, new_file

_MOST_QUESTION = 4000  # characters
_KEPT_HEADERS = (
    "content-type",
    "cache-control",
    "date",
    "request-id",
    "retry-after",
    "retry-after-ms",
    "server",
    "x-should-retry",
)
_KEPT_FAMILY = "ratelimit"  # `anthropic-ratelimit-…`; other servers say `x-ratelimit-…`


class Recorder:
    """Records streams into a file; a `WireRecorder`: `stream_reply(..., record=recorder)`.

    What it cannot write ends the recording and nothing else: the reply goes on.

    Args:
        path: the file. Only its owner can read it.
        redact: takes credentials out of a text; the key of each request it gets to know by itself.
        replace: whether a file that exists is replaced.

    Attributes:
        path: the file.
        requests: requests so far.
        size: bytes written so far.
        problem: the error that ended the recording, or None.

    Raises:
        FileExistsError: the file exists, and is not to be replaced.
        StoreRefused: it is to be replaced, and is a link, no regular file, or of another user.
        OSError: from the system.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        redact: Callable[[str], str] | None = None,
        replace: bool = False,
    ) -> None:
        self.path = Path(path)
        self.requests = self.size = 0
        self.problem: OSError | None = None
        self._redact = redact or Redactor()
        self._began: float | None = None
        self._body = StreamRedactor(self._redact)
        self._lock = threading.Lock()
        if replace and check_own_file(self.path) is not None:
            self.path.unlink()
        self._handle = new_file(self.path)
        date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        with self._guarded():
            self._write(Head(f"stream_core {__version__}", date))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __call__(self, event: WireEvent) -> None:
        """Write a wire event."""
        with self._guarded():
            if self._handle >= 0:
                self._take(event)

    def close(self) -> None:
        """Write what is still held back, and close the file."""
        with self._guarded():
            if self._handle >= 0:
                self._chunks(self._body.finish())
        self._let_go()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except OSError as error:
                self.problem = self.problem or error
                self._let_go()

    def _take(self, event: WireEvent) -> None:
        at = self._time(event.at)
        match event:
            case Sent(request, attempt, redact=own):
                self.requests += attempt == 1 or not self.requests

                def redact(text: str) -> str:
                    return own(self._redact(text))

                model = redact(str(request.get("model", "")))
                self._write(Attempt(at, self.requests, attempt, model, _summary(request, redact)))
            case Answered(status, headers, redact=own):
                self._body = StreamRedactor(lambda text: own(self._redact(text)))
                kept = {name: own(self._redact(value)) for name, value in headers.items() if _is_kept(name)}
                self._write(Response(at, status, kept))
            case Received(data):
                self._chunks(self._body.feed(data, at))
            case Ended(how):
                self._chunks(self._body.finish())
                self._write(End(at, how))

    def _chunks(self, chunks: Sequence[Timed]) -> None:
        for data, at in chunks:
            self._write(Chunk(at, data))

    def _time(self, at: float) -> float:
        if self._began is None:
            self._began = at
        return at - self._began

    def _write(self, line: Line) -> None:
        data = memoryview(encode(line))
        self.size += len(data)
        while data:
            data = data[os.write(self._handle, data) :]

    def _let_go(self) -> None:
        handle, self._handle = self._handle, -1
        if handle >= 0:
            with suppress(OSError):
                os.close(handle)


def _summary(request: Mapping[str, Any], redact: Callable[[str], str]) -> dict[str, Any]:
    """Summarise a request: enough to send the question again, without the conversation before it."""
    messages = request.get("messages") or ()
    described: dict[str, Any] = {"messages": len(messages)}
    question = _text_of(messages[-1]) if messages else ""
    if question:
        described["question"] = redact(question)[:_MOST_QUESTION]
    if asks_to_continue(question) or (messages and messages[-1].get("role") == "assistant"):
        described["continues"] = True
    if request.get("system"):
        described["system"] = True
    if names := [_name_of(tool) for tool in request.get("tools") or ()]:
        described["tools"] = [redact(name) for name in names]
    described.update({name: request[name] for name in ("max_tokens", "thinking") if name in request})
    return described


def _is_kept(name: str) -> bool:
    return name in _KEPT_HEADERS or _KEPT_FAMILY in name


def _text_of(message: Mapping[str, Any]) -> str:
    """The text of the user in a message; "" for the beginning of a reply, or tool results alone."""
    content = message.get("content")
    if message.get("role") != "user":
        return ""
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, (list, tuple)) else ()
    return "\n".join(str(block["text"]) for block in blocks if isinstance(block, Mapping) and "text" in block)


def _name_of(tool: object) -> str:
    if isinstance(tool, Mapping):
        return str(tool.get("name", ""))
    return str(getattr(tool, "__name__", ""))
