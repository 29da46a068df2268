"""`/v1/files` of the practice server, as the SDK uses it."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest
from support.wire import REQUEST

from stream_core.practice.request import Request
from stream_core.practice.server import PracticeServer
from stream_core.practice.uploads import Files

PDF = ("informe ñ.pdf", b"%PDF-1.7 \r\n--x\r\n", "application/pdf")


def asked(kind: str, file_id: str) -> Any:
    block = {"type": kind, "source": {"type": "file", "file_id": file_id}}
    return {**REQUEST, "messages": [{"role": "user", "content": [block]}]}


def test_a_file_is_uploaded_listed_named_and_deleted() -> None:
    with PracticeServer(pace=0) as server:
        with anthropic.Anthropic(base_url=server.base_url, api_key="x", max_retries=0) as client:
            made = client.files.upload(file=PDF, expires_in_seconds=3600)
            assert (made.filename, made.size_bytes, made.mime_type) == (PDF[0], len(PDF[1]), PDF[2])
            assert made.expires_at is not None and (made.expires_at - made.created_at).total_seconds() == 3600
            second = client.files.upload(file=("b.txt", b"b", "text/plain"))
            assert [each.id for each in client.files.list()] == [
                second.id,
                made.id,
            ] and second.expires_at is None
            assert client.files.retrieve_metadata(made.id) == made
            answer = client.messages.create(**asked("document", made.id)).content[0]
            assert answer.type == "text" and "PDF de 16 bytes, subido una sola vez" in answer.text
            with pytest.raises(anthropic.BadRequestError, match="not supported in a block of type image"):
                client.messages.create(**asked("image", made.id))
            assert client.files.delete(made.id).id == made.id
            for call in (client.files.delete, client.files.retrieve_metadata):
                with pytest.raises(anthropic.NotFoundError, match="File not found"):
                    call(made.id)
            with pytest.raises(anthropic.NotFoundError, match=f"File not found: {made.id}"):
                client.messages.create(**asked("document", made.id))


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        ({"file": ("a", b"", "text/plain")}, "File is empty"),
        ({"file": ("a?", b"a", "text/plain")}, "Invalid filename"),
        ({"file": PDF, "expires_in_seconds": 3599}, "between 3600 and 7776000"),
    ],
)
def test_what_the_api_refuses_to_keep(upload: dict[str, Any], words: str) -> None:
    with PracticeServer(pace=0) as server:
        with anthropic.Anthropic(base_url=server.base_url, api_key="x", max_retries=0) as client:
            with pytest.raises(anthropic.BadRequestError, match=words):
                client.files.upload(**upload)


def test_a_body_that_is_no_form_is_refused() -> None:
    for headers in ({}, {"content-type": "multipart/form-data; boundary=x"}):
        with pytest.raises(Exception, match=r"multipart|Field required"):
            Files().upload(Request("POST", "/v1/files", headers, b"a"))
