"""The events of an AWS event stream (Bedrock's `application/vnd.amazon.eventstream`). Pure: fed and asked.

The format: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html and
https://smithy.io/2.0/aws/amazon-eventstream.html. A frame is its length, the length of its headers and their
checksum, the headers, the payload, and a checksum over all. Numbers are big-endian, checksums CRC-32.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .errors import ProtocolError
from .text_size import decoded_size
from .wire_json import WireJson

_PRELUDE = struct.Struct(">III")
_TRAILER = 4
_LONGEST = 24 << 20  # bytes of a frame: 16 MiB is the limit of the format, and this is well above
_STRING = 7
_SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}  # types of header values with a fixed size
_SIZED = (6, _STRING)
# https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html
_ERRORS: Mapping[str, str] = {
    "internalServerException": "api_error",
    "modelStreamErrorException": "api_error",
    "modelTimeoutException": "timeout_error",
    "serviceUnavailableException": "overloaded_error",
    "throttlingException": "rate_limit_error",
    "validationException": "invalid_request_error",
}


class AwsEvent(NamedTuple):
    """One event.

    Attributes:
        name: `error`, or None: what it is, its data says.
        data: its data, JSON.
    """

    name: str | None
    data: str


class AwsDecoder:
    """The events of one response."""

    __slots__ = ("_buffer", "_json")

    def __init__(self, wire_json: WireJson | None = None) -> None:
        self._buffer = bytearray()
        self._json = wire_json or WireJson()

    def feed(self, chunk: bytes) -> Iterator[AwsEvent]:
        """Take the next bytes; yield the events that they complete.

        Raises:
            ProtocolError: they are no frames of an event stream.
        """
        self._buffer += chunk
        while len(self._buffer) >= _PRELUDE.size:
            total, headers, check = _PRELUDE.unpack_from(self._buffer)
            if zlib.crc32(self._buffer[:8]) != check or not 16 + headers <= total <= _LONGEST:
                raise ProtocolError("not a frame of an AWS event stream")
            if len(self._buffer) < total:
                break
            with memoryview(self._buffer) as view, view[:total] as frame:
                told, payload = _parts(frame, headers, self._json)
            del self._buffer[:total]  # of a bytearray, that is no copy of the rest
            if (event := _event(told, payload, self._json)) is not None:
                yield event


def _parts(frame: memoryview, headers_size: int, wire_json: WireJson) -> tuple[dict[str, str], list[str]]:
    """The headers of a frame, and its payload in a list that is emptied where it is parsed."""
    begin, end = _PRELUDE.size, _PRELUDE.size + headers_size
    with frame[:-_TRAILER] as checked, frame[end:-_TRAILER] as payload:
        if zlib.crc32(checked) != int.from_bytes(frame[-_TRAILER:], "big"):
            raise ProtocolError("a frame of the AWS event stream is damaged")
        wire_json.expect(decoded_size(payload))
        try:
            return _headers(bytes(frame[begin:end])), [str(payload, "utf-8") or "{}"]
        except (IndexError, KeyError, ValueError, struct.error) as error:
            raise ProtocolError("a frame of the AWS event stream is damaged") from error


def _event(headers: Mapping[str, str], text: list[str], wire_json: WireJson) -> AwsEvent | None:
    """The event in a frame, or None for one that is not part of the reply."""
    try:
        payload = wire_json.load(text.pop())
        value = payload if isinstance(payload, dict) else {}
        if headers.get(":message-type", "event") != "event":
            return _error(headers, value)
        if headers.get(":event-type") != "chunk" or not isinstance(value.get("bytes"), str):
            return None
        data = base64.b64decode(value.pop("bytes"), validate=True)
        wire_json.expect(decoded_size(data))
        return AwsEvent(None, data.decode("utf-8", "replace"))
    except (IndexError, KeyError, ValueError, struct.error) as error:
        raise ProtocolError("a frame of the AWS event stream is damaged") from error


def _error(headers: Mapping[str, str], value: Mapping[str, Any]) -> AwsEvent:
    """An exception or error frame, in the form of the API's own error event."""
    code = headers.get(":exception-type") or headers.get(":error-code") or ""
    message = value.get("message") or value.get("Message") or headers.get(":error-message") or ""
    error = {"type": _ERRORS.get(code, code), "message": str(message)}
    return AwsEvent("error", json.dumps({"type": "error", "error": error}))


def _headers(data: bytes) -> dict[str, str]:
    """The headers whose value is a text, such as `:message-type`."""
    found: dict[str, str] = {}
    at = 0
    while at < len(data):
        size = data[at]
        name, kind = data[at + 1 : at + 1 + size].decode(), data[at + 1 + size]
        at += 2 + size
        if kind in _SIZED:
            (length,) = struct.unpack_from(">H", data, at)
            at += 2
        else:
            length = _SIZES[kind]
        if kind == _STRING:
            found[name] = data[at : at + length].decode()
        at += length
    return found
