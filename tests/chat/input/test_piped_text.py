"""What comes through a pipe: its encoding is recognised, and what is no text is refused by its name."""

from __future__ import annotations

import gzip
import io
import random
import sqlite3
import tarfile
import zipfile
from pathlib import Path

import pytest
from support.chats import answering, chat, leave, wait_for_prompt
from support.oneshots import run
from support.wire import playing

from stream_core.chat.input.piped_text import decode
from stream_core.core.errors import ConfigError

TEXT = "El año del ñandú: 3 €, «sí»\n\tfin\n"
NUL_FREE = bytes(random.Random(3).choices(range(1, 256), k=4000))


def zipped(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "hola")
    return file.getvalue()


def tarred() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("hola"))
    return file.getvalue()


BINARY = [
    (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "una imagen PNG"),
    (b"\xff\xd8\xff\xe0\x00\x10JFIF", "una imagen JPEG"),
    (b"GIF89a\x01\x00", "una imagen GIF"),
    (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "una imagen WebP"),
    (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "un PDF"),
    (zipped("a.txt"), "un archivo ZIP"),
    (zipped("[Content_Types].xml"), "un documento de Office"),
    (gzip.compress(b"hola"), "gzip"),
    (tarred(), "un archivo tar"),
    (b"\x7fELF\x02\x01\x01\x00", "ELF"),
    (b"MZ\x90\x00\x03\x00", "un programa de Windows"),
    (b"SQLite format 3\x00\x10\x00", "una base de datos SQLite"),
    (b"8BPS\x00\x01", "una imagen de Photoshop"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"!<arch>\ndebian-binary", "un paquete de Debian"),
    (b"\x93NUMPY\x01\x00", "NumPy"),
    (b"hola\x00adi\xc3\xb3s", "datos binarios"),
    (bytes(range(256)) * 4, "datos binarios"),
    (NUL_FREE, "datos binarios"),
]


@pytest.mark.parametrize(("data", "name"), BINARY, ids=[name for _, name in BINARY])
def test_what_is_no_text_is_refused_by_its_name(data: bytes, name: str) -> None:
    with pytest.raises(ConfigError) as refused:
        decode(data)
    assert name in refused.value.hint and refused.value.hint.count(".") <= 2


def test_a_real_database_is_one(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "a.db")
    database.execute("create table t (x)")
    database.close()
    with pytest.raises(ConfigError, match="SQLite"):
        decode((tmp_path / "a.db").read_bytes())


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "cp1252"],
)
def test_the_encoding_is_recognised(encoding: str) -> None:
    text, note = decode(TEXT.encode(encoding))
    assert text == TEXT
    assert ("Latin-1" in note) is (encoding == "cp1252")


def test_latin_1_is_read_and_said() -> None:
    assert decode("año".encode("latin-1"))[0] == "año"


@pytest.mark.parametrize(
    "text", ["", "a", "日本語のテキスト", "\x1b[31mrojo\x1b[0m y \x1b]0;x\x07 fin", "MZ Wallbar", "BMW", "PK"]
)
def test_text_is_text(text: str) -> None:
    assert decode(text.encode()) == (text, "")


def test_text_that_is_cut_within_a_character_and_text_with_a_bad_byte() -> None:
    assert decode("mañana ñ".encode()[:-1]) == ("mañana \ufffd", "")
    text, note = decode("mañana, camión, ".encode() + b"\xff.")
    assert text == "mañana, camión, \ufffd." and "UTF-8" in note


def test_in_the_program_a_sentence_says_it_and_nothing_is_sent(tmp_path: Path) -> None:
    with playing(answering("vale")) as server:
        done = run(server, "¿qué es?", input=b"PK\x03\x04" + bytes(40))  # an image would be attached
        assert done.returncode == 2 and "un archivo ZIP" in done.stderr.decode()
        assert not server.requests
        done = run(server, input=TEXT.encode("cp1252"))
        assert done.returncode == 0 and "Latin-1" in done.stderr.decode()
        assert server.requests[0].json()["messages"][0]["content"] == TEXT.rstrip("\n")
        assert not done.stdout.count(b"Latin")


FLAGS = " ".join(
    "🏴" + "".join(chr(0xE0000 + ord(letter)) for letter in region) + "\U000e007f"
    for region in ("gbsct", "gbwls", "gbeng")
)
MARKS = "uno\u200f(א)\u200e dos \u061c."


UNSEEN = "ca\u00adsa\u200b \u2060a\ufeffb c\u202ed\u2066e\u2069 f\u2028g\u2800h x\u0301\u0301\u0301\u0301"
TAGS = "hola\U000e0061\U000e0062"
SENTENCE = "caracteres invisibles"


def test_what_nobody_sees_survives_in_what_is_sent() -> None:
    texts = [FLAGS, MARKS, UNSEEN, TAGS]
    with playing(answering("vale")) as server:
        told = [run(server, input=text.encode()).stderr.decode() for text in texts]
        for text in texts:
            run(server, text)
        with chat(server) as terminal:
            for number, text in enumerate(texts, 2):
                terminal.paste(text)
                terminal.send("\r")
                wait_for_prompt(terminal, number)
            leave(terminal)
        with chat(server, "--plain") as terminal:
            for number, text in enumerate(texts, 2):
                terminal.send(f"{text}\r")
                wait_for_prompt(terminal, number)
            leave(terminal)
        sent = [request.json()["messages"][-1]["content"] for request in server.requests]
    assert sent == texts * 4
    assert [SENTENCE in words for words in told] == [text == TAGS for text in texts]
