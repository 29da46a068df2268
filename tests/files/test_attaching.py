"""Files taken in: what they are by content, and their bytes kept once."""

from __future__ import annotations

import os
import stat
import tracemalloc
from pathlib import Path

import pytest

from stream_core.core.attachments import question_blocks, resolved
from stream_core.core.file_kinds import PDF, TEXT
from stream_core.files.attaching import MOST, NotAttachable, take_in, take_in_bytes
from stream_core.files.blobs import Blobs

GIF = b"GIF89a\x40\x01\xf0\x00"
CONTENTS = {
    "text": ("Año ñandú".encode(), TEXT),
    "latin": ("Año".encode("latin-1"), TEXT),
    "utf-16": ("Año".encode("utf-16"), TEXT),
    "utf-32": ("Año".encode("utf-32"), TEXT),
    "gif": (GIF, "image/gif"),
    "jpeg": (b"\xff\xd8\xff\xe0", "image/jpeg"),
    "webp": (b"RIFF....WEBPVP8 ", "image/webp"),
    "pdf": (b"%PDF-1.7 /Type /Page /Type/Page /Type /Pages", PDF),
}


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("kept", [True, False])
def test_the_kind_is_read_from_the_content(content: str, kept: bool, tmp_path: Path) -> None:
    data, media_type = CONTENTS[content]
    file = tmp_path / "a.zip"
    file.write_bytes(data)
    blobs = Blobs(tmp_path / "conversations" / "attachments" if kept else None)
    attached, _ = take_in(file, blobs)
    assert (attached.name, attached.media_type, attached.size) == ("a.zip", media_type, len(data))
    assert blobs.read(attached.sha256) == data and blobs.has(attached.sha256)
    assert take_in_bytes(data, "otro", blobs)[0].sha256 == attached.sha256
    if media_type == PDF:
        assert attached.detail == "2 páginas"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "vacío"),
        (b"PK\x03\x04", "ZIP"),
        (b"\x7fELF", "ELF"),
        (b"\0\1\2\3" * 40, "no es texto"),
        (b"....ftypheic", "HEIC"),
    ],
)
def test_what_cannot_be_sent_is_named(data: bytes, why: str, tmp_path: Path) -> None:
    file = tmp_path / "foto.png"
    file.write_bytes(data)
    with pytest.raises(NotAttachable, match=why):
        take_in(file, Blobs())


def test_what_is_no_file_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("fifo")
    with (tmp_path / "large").open("wb") as stream:
        stream.truncate(MOST + 1)
    for name, why in (
        ("fifo", "tubería"),
        ("link", "tubería"),
        ("/dev/zero", "dispositivo"),
        (".", "carpeta"),
        ("nada", "no existe"),
        ("a\0b", "no es un nombre"),
        ("large", "500 MB"),
    ):
        with pytest.raises(NotAttachable, match=why):
            take_in(tmp_path / name, Blobs())


def test_bytes_are_kept_as_long_as_a_conversation_refers_to_them(tmp_path: Path) -> None:
    folder = tmp_path / "conversations" / "attachments"
    blobs = Blobs(folder)
    one, both, none = (blobs.put(data) for data in (b"uno", b"los dos", b"ninguna"))
    blobs.keep([one, both], "aaaa")
    blobs.keep([both], "../bbbb")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    blobs.close()
    assert blobs.read(none) is None
    blobs.forget("aaaa", besides=[one])
    assert blobs.read(one) == b"uno" and blobs.read(both) == b"los dos"
    blobs.forget("aaaa")
    assert blobs.read(one) is None and blobs.read(both) == b"los dos"
    blobs.forget("../bbbb")
    assert list(folder.iterdir()) == []


def test_other_bytes_are_not_what_was_attached(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "attachments")
    sha256 = blobs.put(b"uno")
    (tmp_path / "attachments" / sha256).write_bytes(b"dos")
    assert blobs.read(sha256) is None
    assert blobs.read("../../etc/passwd") is None


def test_an_image_that_is_too_large_is_scaled_where_pillow_is(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    image.new("RGB", (9000, 90)).save(tmp_path / "a.png")
    blobs = Blobs(tmp_path / "attachments")
    attached, note = take_in(tmp_path / "a.png", blobs)
    assert attached.detail == "1568×16" and "reducida" in note
    assert attached.media_type == "image/jpeg" and blobs.has(attached.sha256)


def test_a_large_text_is_read_once_and_never_whole_before_it_is_sent(tmp_path: Path) -> None:
    """Taken in by pieces; for a request its bytes and its text, and no copy of either."""
    file, blobs = tmp_path / "libro.txt", Blobs(tmp_path / "attachments")
    file.write_bytes(b"Una frase corriente.\n\n" * 300_000)
    size = file.stat().st_size
    tracemalloc.start()
    try:
        attached, _ = take_in(file, blobs)
        assert tracemalloc.get_traced_memory()[1] < size / 2
        tracemalloc.reset_peak()
        (message,) = resolved([{"role": "user", "content": question_blocks("¿Qué?", [attached])}], blobs.read)
        assert tracemalloc.get_traced_memory()[1] < 2.3 * size
    finally:
        tracemalloc.stop()
    assert len(message["content"][0]["source"]["data"]) == size


@pytest.mark.parametrize(
    ("data", "why"),
    [(b" \n\t\n", "vacío"), (b"%PDF-1.7 /Type /Page trailer << /Encrypt 9 0 R >>", "contraseña")],
)
def test_what_the_model_could_not_read_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(NotAttachable, match=why):
        take_in_bytes(data, "a", Blobs())
