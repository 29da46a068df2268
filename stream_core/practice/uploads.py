"""`/v1/files`: files that requests name by their id. Of a file its metadata alone are kept, in memory."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs

from .refusal import Refused, invalid
from .request import Body, Request, blocks_in

MOST_BYTES = 100 * 1000 * 1000
"""Bytes of an upload. The API takes 500 MB; this server holds one in memory while it reads it."""
_SHORTEST, _LONGEST = 3600, 90 * 24 * 3600  # seconds until a file expires
_BOUNDARY = re.compile(r'multipart/form-data;.*\bboundary="?([^";]+)', re.IGNORECASE)
_FIELD = re.compile(r'\bname="([^"]*)"(?:.*\bfilename="([^"]*)")?', re.IGNORECASE | re.DOTALL)
_TYPE = re.compile(r"^content-type:\s*([\w./+-]+)", re.IGNORECASE | re.MULTILINE)
_IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")
_DOCUMENTS = ("application/pdf", "text/plain")


class Files:
    """The files of one server.

    Args:
        clock: seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._numbers = itertools.count(1)
        self._files: dict[str, dict[str, Any]] = {}

    def upload(self, request: Request) -> dict[str, Any]:
        """Keep a file; return its metadata.

        Raises:
            Refused: the request has no file, or a field that cannot be.
        """
        fields = {name: (file, kind, data) for name, file, kind, data in _parts(request)}
        if "file" not in fields:
            raise invalid("file: Field required")
        name, kind, data = fields["file"]
        if not data:
            raise invalid("file: File is empty")
        if not 1 <= len(name) <= 255 or re.search(r'[<>:"|?*\\/\x00-\x1f]', name):
            raise invalid("file: Invalid filename")
        made = datetime.fromtimestamp(self._clock(), timezone.utc)
        file_id = f"file_practice_{next(self._numbers):06d}"
        self._files[file_id] = metadata = {
            "id": file_id,
            "type": "file",
            "filename": name,
            "mime_type": kind,
            "size_bytes": len(data),
            "created_at": made.isoformat(),
            "downloadable": False,
            "expires_at": _expiry(made, fields.get("expires_in_seconds")),
        }
        return metadata

    def page(self, query: str) -> dict[str, Any]:
        """The list, the newest first, without cursors: `limit` only."""
        limit = parse_qs(query).get("limit", ["20"])[-1]
        if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:5]) <= 1000):
            raise invalid("limit: Input should be between 1 and 1000")
        return {"data": [*reversed(self._files.values())][: int(limit)], "next_page": None}

    def one(self, file_id: str) -> dict[str, Any]:
        """The metadata of a file.

        Raises:
            Refused: there is none with this id.
        """
        if file_id not in self._files:
            raise Refused(404, "not_found_error", f"File not found: {file_id}")
        return self._files[file_id]

    def delete(self, file_id: str) -> dict[str, Any]:
        """Delete a file. Raises Refused if there is none with this id."""
        self.one(file_id)
        del self._files[file_id]
        return {"id": file_id, "type": "file_deleted"}

    def check(self, body: Body) -> None:
        """Refuse a request that names a file which is not there or does not fit.

        Raises:
            Refused: with the API's status and message.
        """
        for where, block, source in _named(body):
            kind = self.one(source["file_id"])["mime_type"]
            if kind not in (_IMAGES if block["type"] == "image" else _DOCUMENTS):
                raise invalid(
                    f"{where}: File type {kind} is not supported in a block of type {block['type']}"
                )

    def described(self, body: Body) -> Body:
        """Return a body that says of each file what it is, for the prepared answers."""
        if not any(_named(body)):
            return body
        messages = [
            message
            if isinstance(message.get("content"), str)
            else {**message, "content": [self._described(block) for block in message["content"]]}
            for message in body["messages"]
        ]
        return {**body, "messages": messages}

    def _described(self, block: Any) -> Any:
        source = block.get("source") if isinstance(block, Mapping) else None
        if not isinstance(source, Mapping) or source.get("type") != "file":
            return block
        found = self._files[source["file_id"]]
        more = {"media_type": found["mime_type"], "size_bytes": found["size_bytes"]}
        return {**block, "source": {**source, **more}}


def _named(body: Body) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """The blocks whose source is a file of the server, with where they stand."""
    for number, message in enumerate(body["messages"]):
        for index, block in enumerate(blocks_in(message)):
            source = block.get("source")
            if isinstance(source, Mapping) and source.get("type") == "file":
                yield f"messages.{number}.content.{index}.{block['type']}.source.file", block, source


def _parts(request: Request) -> Iterator[tuple[str, str, str, bytes]]:
    """The fields of a form (RFC 7578): name, file name, media type, content."""
    found = _BOUNDARY.match(request.headers.get("content-type", ""))
    if found is None:
        raise invalid("Content-Type must be multipart/form-data.")
    for part in request.body.split(b"--" + found[1].encode())[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        text = head.decode("utf-8", "replace")
        field, kind = _FIELD.search(text), _TYPE.search(text)
        if field is not None:
            media_type = kind[1] if kind is not None else "application/octet-stream"
            yield field[1], field[2] or "", media_type, content.removesuffix(b"\r\n")


def _expiry(made: datetime, field: tuple[str, str, bytes] | None) -> str | None:
    if field is None:
        return None
    written = field[2]
    seconds = int(written) if written.isdigit() and len(written) < 12 else 0
    if not _SHORTEST <= seconds <= _LONGEST:
        raise invalid(f"expires_in_seconds: Input should be between {_SHORTEST} and {_LONGEST}")
    return (made + timedelta(seconds=seconds)).isoformat()
