"""Files in a question: references in the conversation, bytes in the request only."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from stream_core.core.api_messages import to_messages
from stream_core.core.attachments import (
    REFERENCE,
    Attachment,
    attached_in,
    attachment_of,
    image_tokens,
    inline,
    question_blocks,
    resolved,
)
from stream_core.core.conversation import Conversation, Turn
from stream_core.core.file_kinds import PDF, TEXT
from stream_core.core.image_size import image_size
from stream_core.core.reply import Reply

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (640).to_bytes(4, "big") + (480).to_bytes(4, "big")


def attached(name: str = "a.txt", media_type: str = TEXT, sha256: str = "0" * 64, **more: Any) -> Attachment:
    return Attachment(name, media_type, 3, sha256, 7, **more)


def sent(each: Attachment, data: bytes | None, **more: Any) -> list[Any]:
    """The content of a message with one file and a question."""
    messages = Conversation().messages(question_blocks("¿Qué?", [each]), model="m")
    (message,) = resolved(messages, lambda sha256: data if sha256 == each.sha256 else None, **more)
    *files, question = message["content"]
    assert question == {"type": "text", "text": "¿Qué?"}
    return list(files)


def test_files_become_blocks_when_they_are_sent() -> None:
    assert sent(attached(), "Año".encode("latin-1")) == [
        {
            "type": "document",
            "source": {"type": "text", "media_type": TEXT, "data": "Año"},
            "title": "a.txt",
        }
    ]
    assert sent(attached(), b"Hola", documents=False) == [
        {"type": "text", "text": "Archivo «a.txt»:\n\nHola"}
    ]
    (pdf,) = sent(attached("i.pdf", PDF), b"%PDF-1.4")
    assert pdf["source"]["media_type"] == PDF and base64.b64decode(pdf["source"]["data"]) == b"%PDF-1.4"
    name, image = sent(attached("f.png", "image/png"), PNG)
    assert "f.png" in name["text"] and image["source"]["media_type"] == "image/png"
    assert "source" in image and image["type"] == "image"


@pytest.mark.parametrize("data", [None, b"", b" \n", b"\x7fELF\0"])
def test_a_file_that_is_gone_or_empty_has_a_placeholder(data: bytes | None) -> None:
    (block,) = sent(attached("se\x1b[31mcreto.txt"), data)
    assert block["type"] == "text" and "«secreto.txt»" in block["text"]


def test_what_a_file_holds_is_harmless_on_a_terminal() -> None:
    (block,) = sent(attached(), b"a\x1b]0;x\x07b\x1b[2Jc")
    assert block["source"]["data"] == "abc"


def test_a_conversation_sends_its_files_again() -> None:
    reply = Reply()
    turn = Turn(
        "¿Qué?", "Un año.", "complete", "m", blocks=({"type": "text", "text": "Un año."},),
        asked=question_blocks("¿Qué?", [attached()]),
    )  # fmt: skip
    messages = Conversation([turn]).messages("¿Y?", model="m")
    assert attached_in(messages) == [attached()]
    assert Turn.of(turn.content, reply, model="m").asked == turn.asked
    assert Turn.of(turn.content, reply, model="m").question == "¿Qué?"


@pytest.mark.parametrize(
    "changed",
    [
        {"sha256": "../../etc/passwd"},
        {"sha256": "0" * 63},
        {"media_type": "text/html"},
        {"size": "3"},
        {"name": None},
        {"type": "text"},
    ],
)
def test_a_reference_that_nobody_here_has_written_is_none(changed: dict[str, Any]) -> None:
    assert attachment_of({**attached().reference(), **changed}) is None
    assert attachment_of(attached().reference()) == attached()


def test_a_reference_in_a_reply_is_never_sent() -> None:
    """A server could name a file by its hash, and have it sent elsewhere."""
    said = {"type": "text", "text": "Hola"}
    turn = Turn("¿Qué?", "Hola", "complete", "m", blocks=(attached().reference(), said))
    assert REFERENCE not in str(Conversation([turn]).messages("¿Y?", model="m"))
    assert to_messages([said], whole=True)


def test_a_store_of_several_machines_holds_the_bytes_itself() -> None:
    (reference,) = inline([attached().reference()], lambda _: b"Hola")
    each = attachment_of(reference)
    assert each is not None
    assert sent(each, None)[0]["source"]["data"] == "Hola"
    assert inline([attached().reference()], lambda _: None) == (attached().reference(),)


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (PNG, (640, 480)),
        (b"GIF89a" + bytes([64, 1, 240, 0]), (320, 240)),
        (b"\xff\xd8\xff\xe0\0\4ab\xff\xff\xc2\0\x11\x08\0\x10\0\x20\3", (32, 16)),
        (b"RIFF....WEBPVP8X" + bytes(8) + bytes([9, 0, 0, 4, 0, 0]), (10, 5)),
        (b"RIFF....WEBPVP8L" + bytes(4) + b"\x2f" + (9 | 4 << 14).to_bytes(4, "little") + bytes(5), (10, 5)),
        (b"RIFF....WEBPVP8 " + bytes(10) + bytes([10, 0, 5, 0]), (10, 5)),
        (PNG[:20], None),
        (b"\xff\xd8\xff\xe0\xff\xff", None),
        (b"\xff\xd8ab", None),
        (b"Hola", None),
    ],
)
def test_the_size_of_an_image(data: bytes, size: tuple[int, int] | None) -> None:
    assert image_size(data) == size


def test_the_tokens_of_an_image_end_where_the_api_scales_it() -> None:
    assert image_tokens((1000, 1000)) == 1333
    assert image_tokens((8000, 8000)) == image_tokens(None) == 1600
    assert image_tokens((1, 1)) == 1
