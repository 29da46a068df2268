"""The wire events: what passes between this program and a server, attempt by attempt. Pure values.

An attempt is one `Sent`, then at most one `Answered` with any number of `Received`, then one `Ended`. The
bytes are those of the body once `content-encoding` is undone. `at` is in seconds on the monotonic clock,
stamped when the bytes were read.
"""
# See docs/adr/0022-recordings-through-the-real-path.md

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

from .redact import Redactor

How: TypeAlias = Literal["end", "cut", "cancel", "timeout"]
"""How an attempt ended: the body ended or was read as far as it matters; the connection failed; it was
cancelled; a limit on silence or on the whole passed."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A request is sent.

    Attributes:
        request: the arguments of `client.messages.stream`.
        attempt: its number, from 1.
        redact: takes the key of the client out of a text.
    """

    request: Mapping[str, Any]
    attempt: int
    at: float
    redact: Redactor = field(default_factory=Redactor, compare=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """The status line and the headers have come.

    Attributes:
        headers: names in lower case.
        redact: takes the key of this request out of a text.
    """

    status: int
    headers: Mapping[str, str]
    at: float
    redact: Redactor = field(default_factory=Redactor, compare=False)


class Received(NamedTuple):
    """A chunk of the body has been read."""

    data: bytes
    at: float


class Ended(NamedTuple):
    """The attempt is over."""

    how: How
    at: float


WireEvent: TypeAlias = Sent | Answered | Received | Ended

WireRecorder: TypeAlias = Callable[[WireEvent], None]
"""Is given each wire event as it happens; runs on the loop's thread and must not block it."""
