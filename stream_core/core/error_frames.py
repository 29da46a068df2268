"""Reading a server's error message from any of the frames in use. Pure.

The API's own frame is `{"type": "error", "error": {"type": ..., "message": ...}}`
(https://platform.claude.com/docs/en/api/errors). Servers that speak the same protocol say it in others: a
plain string, `detail` (FastAPI: a text, or a list of what is wrong where), a top-level `message` or `msg`,
OpenAI's frame, a list with one of these in it, or a text that is no JSON at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from . import errors as e
from .http_errors import BY_API_TYPE, kind_of
from .sanitize import one_line

LONGEST_DETAIL = 500
"""Characters of a server's words that are kept, at most."""

_MOST_READ = 64 * 1024  # characters of a body that are looked at
_DEEPEST = 6  # frames within frames: a gateway quotes the answer of the server behind it
_WORDS = ("message", "detail", "msg", "error_description", "error_message", "status_msg", "errors", "title")
_KINDS = ("type", "code", "status", "error_code", "__type")
_QUOTED = ("raw", "response", "body")  # what a gateway's `metadata` quotes

# nginx, Go and Apache, when http is spoken to their https port.
_WANTS_TLS = re.compile(
    r"plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server|plain HTTP to an SSL-enabled",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    r"\A\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|title|center)\b",
    re.IGNORECASE | re.DOTALL,
)
_TITLE = re.compile(r"<(title|h1)\b[^>]*>\s*(.*?)\s*</\1", re.IGNORECASE | re.DOTALL)


class ErrorFrame(NamedTuple):
    """A server's error message.

    Attributes:
        message: its words, on one line and bounded; untrusted, or "".
        kind: its name for what went wrong, such as `overloaded_error`, or "".
        about: the parameter that is to blame, as far as it says one, or "".
        status: the HTTP status that it quotes, or None.
    """

    message: str = ""
    kind: str = ""
    about: str = ""
    status: int | None = None


def read_frame(payload: object) -> ErrorFrame:
    """Read what a server says went wrong.

    Args:
        payload: JSON, or a text: JSON in it is read, any other is taken as the server's words.
    """
    return _read(payload, _DEEPEST)


def error_from_frame(
    payload: object,
    status: int = 200,
    *,
    model: str = "",
    request_id: str | None = None,
    redact: Callable[[str], str] = str,
) -> e.StreamCoreError:
    """Return the error that a server's answer stands for.

    Args:
        payload: JSON or text, as in `read_frame`: the body of an error response, or the data of an `error`
            event.
        status: the HTTP status it came with; 200 for what came within a stream.
        model: the model that was asked.
        request_id: the id of the request, if the server gave one.
        redact: takes credentials out of the server's words: there are servers that quote the key.

    Returns:
        `ProxyPage` (or a `ServerError` of a proxy) for a page of HTML, else the `ApiError` for it.
    """
    if isinstance(payload, str) and status == 400 and _WANTS_TLS.search(payload[:_MOST_READ]):
        return e.TlsExpected(status=status)
    if isinstance(payload, str) and is_page(payload):
        return page_error(payload, status, request_id=request_id, redact=redact)
    frame = _redacted(read_frame(payload), redact)
    known = status if status >= 400 else frame.status or status
    kind = kind_of(known, frame.kind, frame.message, model=model, about=frame.about)
    found = kind(
        f"{kind.__name__}: HTTP {status} {frame.kind}".rstrip(),
        status=status,
        request_id=request_id,
        api_type=frame.kind,
        detail=frame.message,
    )
    if isinstance(found, e.ModelNotFound):
        found.model = model
    return found


def is_page(text: str) -> bool:
    """Whether a body is a page for a browser."""
    return bool(_MARKUP.match(text[:_MOST_READ].lstrip("\ufeff")))


def page_error(
    text: str,
    status: int,
    *,
    request_id: str | None = None,
    redact: Callable[[str], str] = str,
) -> e.StreamCoreError:
    """Return the error for a page of HTML: the word of something between here and the API, not the API's."""
    found = _TITLE.search(text[:_MOST_READ])
    title = one_line(redact(_unescaped(found[2])), 100) if found else ""
    if status >= 500:
        failed = e.ServerError(f"ServerError: HTTP {status}, a page", status=status, request_id=request_id)
        failed.from_proxy = True
        failed.detail = title
        return failed
    return e.ProxyPage(status=status, request_id=request_id, title=title)


def _unescaped(markup: str) -> str:
    from html import unescape

    return unescape(re.sub(r"<[^>]*>", " ", markup))


def _redacted(frame: ErrorFrame, redact: Callable[[str], str]) -> ErrorFrame:
    message, kind = one_line(redact(frame.message), LONGEST_DETAIL), one_line(redact(frame.kind), 100)
    return ErrorFrame(message, kind, one_line(frame.about, 100), frame.status)


def _read(payload: object, left: int) -> ErrorFrame:
    if left <= 0:
        return ErrorFrame()
    if isinstance(payload, str):
        return _read_text(payload, left)
    if isinstance(payload, Mapping):
        return _read_object(payload, left)
    if isinstance(payload, Sequence) and not isinstance(payload, (bytes, bytearray)):
        frames = [_read(entry, left - 1) for entry in payload[:5]]
        first = next((frame for frame in frames if frame.kind), ErrorFrame())
        words = "; ".join(frame.message for frame in frames if frame.message)
        return ErrorFrame(words, first.kind, first.about, first.status)
    return ErrorFrame()


def _read_text(text: str, left: int) -> ErrorFrame:
    """A text, and what stands in it where it is JSON: servers quote each other."""
    whole = text[:_MOST_READ].lstrip("\ufeff").strip()
    if whole[:1] in ("{", "["):
        try:
            inner = _read(json.loads(whole), left - 1)
        except (ValueError, RecursionError):
            inner = ErrorFrame()
        if inner.message:
            return inner
    return ErrorFrame("" if is_page(whole) else whole)


def _read_object(payload: Mapping[str, Any], left: int) -> ErrorFrame:
    own = ErrorFrame(_words(payload, left), _named(payload), _text(payload.get("param")), _status(payload))
    for name in ("error", "base_resp", "detail", "Error", "errors", "data"):
        inner = payload.get(name)
        if isinstance(inner, (Mapping, str)) or (isinstance(inner, Sequence) and inner):
            within = _read(inner, left - 1)
            # OAuth's frame: `error` is a word, and `error_description` (or `message`) the sentence.
            if own.message and isinstance(inner, str):
                return ErrorFrame(own.message, own.kind or _word(inner), own.about, own.status)
            if within.message or within.kind:
                return ErrorFrame(
                    within.message or own.message,
                    within.kind or own.kind,
                    within.about or own.about,
                    within.status or own.status,
                )
    return own


def _words(payload: Mapping[str, Any], left: int) -> str:
    """The sentence of a frame, with where it is about (FastAPI) and what a gateway quotes (OpenRouter)."""
    quoted = payload.get("metadata")
    if isinstance(quoted, Mapping):
        for name in _QUOTED:
            if (
                isinstance(quoted.get(name), (str, Mapping))
                and (behind := _read(quoted[name], left - 1)).message
            ):
                return behind.message
    lowered = {str(name).lower(): value for name, value in payload.items()}
    for name in _WORDS:
        value = lowered.get(name)
        if isinstance(value, str) and value.strip():
            message = _read_text(value, left).message
            where = payload.get("loc")
            if isinstance(where, Sequence) and not isinstance(where, str) and where:
                return f"{'.'.join(str(step) for step in where[:8])}: {message}"
            return message
        if isinstance(value, (Mapping, list)) and value and (within := _read(value, left - 1)).message:
            return within.message
    return ""


def _named(payload: Mapping[str, Any]) -> str:
    """The name that a frame gives to what went wrong; "error" is only the frame's own."""
    for name in _KINDS:
        word = _word(payload.get(name))
        if word and word.lower() not in ("error", "none", "null"):
            code = _word(payload.get("code"))
            return code if code.lower() in BY_API_TYPE and word.lower() != code.lower() else word
    return ""


def _word(value: object) -> str:
    """A word such as `overloaded_error`; "" for a number or a sentence."""
    text = value.strip() if isinstance(value, str) else ""
    return text if text and not text.isdigit() and not re.search(r"\s", text) and len(text) <= 80 else ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _status(payload: Mapping[str, Any]) -> int | None:
    for name in ("code", "status", "status_code", "statusCode"):
        value = payload.get(name)
        number = int(value) if isinstance(value, str) and re.fullmatch(r"[45][0-9]{2}", value) else value
        if type(number) is int and 400 <= number <= 599:
            return number
    return None
