"""The recording format: a stream with its timing, one JSON object a line. Pure: lines to values and back.

    {"recording": 1, "program": "streaming-chatbot 0.1.0", "date": "2026-11-30T18:00:00Z"}
    {"t": 0, "request": 1, "attempt": 1, "model": "claude-…", "asked": {"question": "…", "messages": 1, …}}
    {"t": 0.412, "status": 200, "headers": {"content-type": "text/event-stream"}}
    {"t": 0.431, "text": "event: message_start\\ndata: {…}\\n\\n"}
    {"t": 0.455, "base64": "w7E="}
    {"t": 2.18, "end": "end"}

`t` is in seconds since the recording began. A request that is tried again keeps its number, and each attempt
has its own lines, also one that nobody answered. A chunk of bytes that are UTF-8 is `text`, any other is
`base64`. Keys and lines that a reader does not know are passed over. A file that was cut plays to where it
was cut: a last line without a line feed that is no JSON ends it, as a missing `end` does.
"""

# See docs/adr/0022-recordings-through-the-real-path.md

from __future__ import annotations

import json
import math
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, get_args

from .errors import ReplyTooLarge
from .numbers import number as written
from .wire import How
from .wire_json import WireJson

VERSION = 1
LONGEST_LINE = 4 * 1024 * 1024
"""Bytes of a line that is read; a chunk that this program records has 64 KiB at most."""

_LATEST = 30 * 24 * 3600.0  # seconds; nothing was recorded for longer
_HOWS: tuple[str, ...] = get_args(How)


class BadRecording(ValueError):
    """A file cannot be played; the message is a Spanish sentence.

    Attributes:
        line: the number of the line, from 1.
    """

    def __init__(self, sentence: str, line: int = 1) -> None:
        super().__init__(sentence)
        self.line = line


@dataclass(frozen=True, slots=True)
class Head:
    """The first line.

    Attributes:
        program: what wrote it, or "".
        date: when, as UTC in ISO 8601, or "".
    """

    program: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request was sent.

    Attributes:
        at: seconds since the recording began, as in all lines below.
        request: the number of the request, from 1.
        attempt: how often it had been sent, this time included.
        model: the model that was asked for, or "".
        asked: a summary of the request without credentials: `question`, `messages`, `max_tokens`, `tools`, …;
            `continues` where it asks for the rest of a reply that was cut.
    """

    at: float
    request: int = 1
    attempt: int = 1
    model: str = ""
    asked: Mapping[str, Any] = field(default_factory=dict)

    @property
    def question(self) -> str:
        """The last question, or "" where none was recorded."""
        question = self.asked.get("question")
        return question if isinstance(question, str) else ""

    @property
    def continues(self) -> bool:
        """Whether it asked for the rest of a reply that was cut."""
        return self.asked.get("continues") is True


@dataclass(frozen=True, slots=True)
class Response:
    """The headers came."""

    at: float
    status: int
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes of the body came."""

    at: float
    data: bytes


@dataclass(frozen=True, slots=True)
class End:
    """The attempt ended."""

    at: float
    how: How


Line: TypeAlias = Head | Attempt | Response | Chunk | End


# -- writing -----------------------------------------------------------------------------------


def encode(line: Line) -> bytes:
    """Return a line as it stands in a file, with its line feed."""
    match line:
        case Head(program, date):
            record: dict[str, Any] = {"recording": VERSION, "program": program, "date": date}
            record = {name: value for name, value in record.items() if value}
        case Attempt(at, request, attempt, model, asked):
            record = {"t": at, "request": request, "attempt": attempt, "model": model, "asked": dict(asked)}
        case Response(at, status, headers):
            record = {"t": at, "status": status, "headers": dict(headers)}
        case Chunk(at, data):
            record = {"t": at, **_bytes(data)}
        case End(at, how):
            record = {"t": at, "end": how}
    if "t" in record:
        record["t"] = round(max(0.0, record["t"]), 6)
    text = json.dumps(record, ensure_ascii=False, separators=(", ", ": "), default=str)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def _bytes(data: bytes) -> dict[str, str]:
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode()}


# -- reading -----------------------------------------------------------------------------------


def read(
    lines: Iterable[bytes],
    name: str = "la grabación",
    *,
    first: int = 1,
    damaged: Callable[[BadRecording], None] | None = None,
) -> Iterator[Line]:
    """Read a recording line by line, in the memory of one line.

    Args:
        lines: the file's lines with their line feeds, each cut after `LONGEST_LINE` bytes.
        name: what the sentences call the file.
        first: the number of the first of these lines; before another one than the first, no head is due.
        damaged: gets a later line that is none of a recording, where the attempt then ends as cut; None to
            raise it.

    Raises:
        BadRecording: a line that is none of a recording, or a recording of a later version.
    """
    begun, latest, number = first > 1, 0.0, 0
    for number, raw in enumerate(lines, first):
        if not raw.strip():
            continue
        fault = f"La línea {number} de {name}"
        if not begun:
            yield _head(_object(raw, fault, number), name, number)
            begun = True
            continue
        line: Line | None
        try:
            value = _object(raw, fault, number)
            if value is None:
                return
            line = _line(value, fault, number, 0.0 if "request" in value else latest)
        except BadRecording as problem:
            if damaged is None:
                raise
            damaged(problem)
            line = End(latest, "cut")
        if line is not None:
            latest = line.at
            yield line
    if not begun:
        raise BadRecording(f"{_capital(name)} está vacía: no es una grabación.", max(1, number))


def _object(raw: bytes, fault: str, number: int) -> dict[str, Any] | None:
    """The JSON object of a line; None for a last line that was cut."""
    if len(raw) >= LONGEST_LINE and not raw.endswith(b"\n"):
        raise BadRecording(f"{fault} es demasiado larga: pasa de {written(LONGEST_LINE >> 20)} MB.", number)
    try:
        value = WireJson(characters=LONGEST_LINE).load(raw.decode("utf-8-sig", "surrogatepass"))
    except ReplyTooLarge:
        raise BadRecording(f"{fault} trae demasiados valores.", number) from None
    except ValueError:
        if not raw.endswith(b"\n"):
            return None
        raise BadRecording(f"{fault} no es JSON.", number) from None
    if not isinstance(value, dict):
        raise BadRecording(f"{fault} no es un objeto de JSON.", number)
    return value


def _head(value: Mapping[str, Any] | None, name: str, number: int) -> Head:
    version = (value or {}).get("recording")
    if type(version) is not int or version < 1:
        begins = f'no empieza por {{"recording": {VERSION}}}'
        raise BadRecording(f"{_capital(name)} no es una grabación: {begins}.", number)
    if version > VERSION:
        newer = f"más nueva ({version}) que la que entiende este programa ({VERSION})"
        raise BadRecording(f"{_capital(name)} es de una versión {newer}.", number)
    assert value is not None
    return Head(_text(value.get("program")), _text(value.get("date")))


def _line(
    value: Mapping[str, Any], fault: str, number: int, latest: float
) -> Attempt | Response | Chunk | End | None:
    """The value of a line after the first; None for a kind that is not known here."""
    kind = next((key for key in _READERS if key in value), None)
    if kind is None:
        return None
    at = value.get("t")
    if isinstance(at, bool) or not isinstance(at, (int, float)) or not math.isfinite(at):
        raise BadRecording(f"{fault} no dice cuándo llegó: le falta un número en «t».", number)
    if not 0 <= at <= _LATEST:
        raise BadRecording(f"{fault} dice un tiempo que no puede ser: {str(at)[:20]} s.", number)
    try:
        return _READERS[kind](max(float(at), latest), value)
    except (ValueError, TypeError, AttributeError):
        raise BadRecording(f"{fault} no se entiende: mira su «{kind}».", number) from None


def _attempt(at: float, value: Mapping[str, Any]) -> Attempt:
    request, attempt = value["request"], value.get("attempt", 1)
    if type(request) is not int or type(attempt) is not int or min(request, attempt) < 1:
        raise ValueError
    asked = value.get("asked")
    return Attempt(at, request, attempt, _text(value.get("model")), asked if isinstance(asked, dict) else {})


def _response(at: float, value: Mapping[str, Any]) -> Response:
    status, headers = value["status"], value.get("headers", {})
    if type(status) is not int or not 200 <= status <= 599:
        raise ValueError
    checked = {_checked(name).lower(): _checked(text) for name, text in headers.items()}
    return Response(at, status, checked)


def _chunk(at: float, value: Mapping[str, Any]) -> Chunk:
    if "text" in value:
        return Chunk(at, _checked(value["text"]).encode("utf-8", "surrogatepass"))
    return Chunk(at, b64decode(_checked(value["base64"]), validate=True))


def _end(at: float, value: Mapping[str, Any]) -> End:
    if value["end"] not in _HOWS:
        raise ValueError
    return End(at, value["end"])


_Reader: TypeAlias = Callable[[float, Mapping[str, Any]], Attempt | Response | Chunk | End]
_READERS: dict[str, _Reader] = {
    "request": _attempt,
    "status": _response,
    "text": _chunk,
    "base64": _chunk,
    "end": _end,
}


def _checked(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
