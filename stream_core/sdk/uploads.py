"""Files uploaded once and named by their id in every request that needs them (the API's Files).

Source: https://platform.claude.com/docs/en/build-with-claude/files. The header of its beta is for servers
that still want it; the API takes it, too.
"""

from __future__ import annotations

import asyncio
import io
import re
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from stream_core.core import errors as e
from stream_core.core.attachments import (
    REFERENCE,
    Attachment,
    attachment_of,
    placeholder,
    text_of,
    uploaded_block,
)
from stream_core.core.file_kinds import TEXT
from stream_core.core.sanitize import one_line
from stream_core.files.uploads import KEPT_DAYS, Uploaded, UploadRecord

from .client import with_our_timeouts
from .error_map import failure_to_open

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

_BETA = {"anthropic-beta": "files-api-2025-04-14"}
_PATIENCE_SECONDS = 30.0
_NO_FILES = (404, 405, 410, 501)
_NO_NAME = re.compile(r'[<>:"|?*\\/\x00-\x1f\x7f]')  # characters that the API takes in no name
_MOST = 1000  # files of a list


class Uploads:
    """Uploads the files that requests refer to, each once.

    Args:
        record: remembers what was uploaded.
        open_file: opens the bytes with a SHA-256; None if they are not there.
    """

    def __init__(self, record: UploadRecord, open_file: Callable[[str], BinaryIO | None]) -> None:
        self._record, self._open = record, open_file
        self._busy: asyncio.Lock | None = None  # two requests with the same file upload it once

    async def prepared(self, client: AsyncAnthropic, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a request whose references name files of the server, uploading those that it has not.

        Raises:
            NoFiles: the server keeps none.
            StreamCoreError: what else went wrong, as for a stream.
        """
        if not any(map(_refers, request["messages"])):
            return request
        self._busy = self._busy or asyncio.Lock()
        async with self._busy:
            messages = [await self._message(client, message) for message in request["messages"]]
        headers = dict(request.get("extra_headers") or {})
        betas = [headers.pop("anthropic-beta", ""), *_BETA.values()]
        return {
            **request,
            "messages": messages,
            "extra_headers": {**headers, "anthropic-beta": ",".join(filter(None, betas))},
        }

    def forget(self, request: Mapping[str, Any]) -> None:
        """Forget the uploads that a request names: the server does not know one of them."""
        for message in request["messages"]:
            for block in _blocks(message):
                source = block.get("source")
                if isinstance(source, Mapping) and source.get("type") == "file":
                    self._record.forget(str(source.get("file_id")))

    async def _message(self, client: AsyncAnthropic, message: Mapping[str, Any]) -> Mapping[str, Any]:
        if not _refers(message):
            return message
        return {**message, "content": [await self._block(client, block) for block in message["content"]]}

    async def _block(self, client: AsyncAnthropic, block: Mapping[str, Any]) -> Mapping[str, Any]:
        if block.get("type") != REFERENCE:
            return block
        attached = attachment_of(block)
        file_id = None if attached is None else self._record.find(attached.sha256)
        if attached is not None and file_id is None:
            file_id = await self._upload(client, attached)
        if attached is None or file_id is None:
            return placeholder(str(block.get("name") or "un archivo"))
        return uploaded_block(attached, file_id)

    async def _upload(self, client: AsyncAnthropic, attached: Attachment) -> str | None:
        """Upload a file and return its id; None if its bytes are not there any more."""
        stream = io.BytesIO(b64decode(attached.data)) if attached.data else self._open(attached.sha256)
        if stream is None:
            return None
        with stream:
            if attached.media_type == TEXT:  # as it is sent otherwise: in UTF-8, and sanitised
                stream = io.BytesIO(text_of(stream.read()).encode("utf-8", "replace"))
            name = _NO_NAME.sub("_", one_line(attached.name, 200)) or "archivo"
            try:
                made = await client.files.upload(
                    file=(name, stream, attached.media_type),
                    expires_in_seconds=KEPT_DAYS * 24 * 3600,
                    extra_headers=_BETA,
                )
            except Exception as error:
                raise _mapped(error) from error
        if not isinstance(made.id, str) or not made.id:
            raise e.NotTheApi
        self._record.keep(Uploaded(made.id, attached.sha256, name, attached.size))
        return made.id


@dataclass(frozen=True, slots=True)
class ServerFile:
    """A file on the server.

    Attributes:
        file_id: its id.
        name: its name; untrusted, or "".
        size: its bytes, or None if it does not say.
        created: when it was uploaded, or None.
        expires: when the server deletes it, or None.
    """

    file_id: str
    name: str = ""
    size: int | None = None
    created: datetime | None = None
    expires: datetime | None = None


async def list_files(client: AsyncAnthropic) -> list[ServerFile]:
    """Fetch the list of the files that the server has, in its order; at most 1,000.

    Raises:
        NoFiles: the server keeps none.
        StreamCoreError: what else went wrong, as for a stream.
    """
    patient = with_our_timeouts(client, None, _PATIENCE_SECONDS)
    try:
        page: Any = await asyncio.wait_for(
            patient.files.list(limit=_MOST, extra_headers=_BETA), _PATIENCE_SECONDS
        )
    except asyncio.TimeoutError:
        raise e.IdleTimeout from None
    except Exception as error:
        raise _mapped(error) from error
    entries = page.data if isinstance(getattr(page, "data", None), list) else ()
    return [found for entry in entries if (found := _entry(entry)) is not None]


async def delete_file(client: AsyncAnthropic, file_id: str) -> None:
    """Delete a file of the server; one that is not there is no error.

    Raises:
        StreamCoreError: it failed.
    """
    patient = with_our_timeouts(client, None, _PATIENCE_SECONDS)
    try:
        await asyncio.wait_for(patient.files.delete(file_id, extra_headers=_BETA), _PATIENCE_SECONDS)
    except asyncio.TimeoutError:
        raise e.IdleTimeout from None
    except Exception as error:
        found = failure_to_open(error, "") or e.NotTheApi()
        if found.status not in (404, 410):
            raise found from error


def _mapped(error: Exception) -> e.StreamCoreError:
    """The error of a request about files; a server has them or it has not, whatever its words for it."""
    found = failure_to_open(error, "") or e.NotTheApi()
    if found.status in _NO_FILES:
        return e.NoFiles(status=found.status, request_id=found.request_id)
    if isinstance(found, e.TooLarge):  # the file, not the conversation
        return e.InputNotSupported(status=found.status, request_id=found.request_id, detail=found.detail)
    return found


def _entry(entry: Any) -> ServerFile | None:
    file_id, name, size = (getattr(entry, key, None) for key in ("id", "filename", "size_bytes"))
    if not isinstance(file_id, str) or not file_id:
        return None
    created, expires = (getattr(entry, key, None) for key in ("created_at", "expires_at"))
    return ServerFile(
        file_id,
        name if isinstance(name, str) else "",
        size if type(size) is int else None,
        created if isinstance(created, datetime) else None,
        expires if isinstance(expires, datetime) else None,
    )


def _refers(message: Mapping[str, Any]) -> bool:
    return any(block.get("type") == REFERENCE for block in _blocks(message))


def _blocks(message: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    content = message.get("content")
    blocks = content if isinstance(content, (list, tuple)) else ()
    return [block for block in blocks if isinstance(block, Mapping)]
