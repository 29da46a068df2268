"""Credentials leave a stream however it is cut, and all else stays as it came."""

from __future__ import annotations

import json
from base64 import b64encode
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.paths import FIXTURES

from stream_core.core.redact import MARK, Redactor
from stream_core.core.redact_stream import StreamRedactor, Timed

KEY = "sk-ant-api03-Zq9_x-VwLLaVe"
OWN = "una-clave-mía"


def through(chunks: list[bytes]) -> list[Timed]:
    redactor = StreamRedactor(Redactor([OWN]))
    found = [chunk for number, data in enumerate(chunks) for chunk in redactor.feed(data, float(number))]
    return found + redactor.finish()


def delta(text: str, kind: str = "text_delta", field: str = "text") -> bytes:
    event = {"type": "content_block_delta", "index": 0, "delta": {"type": kind, field: text}}
    return f"event: content_block_delta\ndata: {json.dumps(event)}\n\n".encode()


def text_of(chunks: list[Timed]) -> str:
    lines = b"".join(data for data, _ in chunks).splitlines()
    return "".join(json.loads(line[5:])["delta"]["text"] for line in lines if line.startswith(b"data:"))


@pytest.mark.parametrize("name", sorted(file.name for file in FIXTURES.glob("*.sse")))
def test_what_holds_no_credential_passes_as_it_came(name: str) -> None:
    data = (FIXTURES / name).read_bytes()
    for size in (7, 100, len(data)):
        chunks = [data[at : at + size] for at in range(0, len(data), size)]
        assert through(chunks) == [(chunk, float(number)) for number, chunk in enumerate(chunks)]


@given(cuts=st.lists(st.integers(0, 120), max_size=8), key=st.sampled_from([KEY, OWN]))
def test_a_credential_that_chunks_cut_is_found(cuts: list[int], key: str) -> None:
    data = b": antes\ndata: " + key.encode() + b" y ya\n\n" + b"event: ping\ndata: {}\n\n"
    places = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    chunks = through([data[start:end] for start, end in pairwise(places)])
    assert b"".join(chunk for chunk, _ in chunks) == data.replace(key.encode(), MARK.encode())
    assert [at for _, at in chunks] == [float(number) for number in range(len(places) - 1)]


@given(cuts=st.lists(st.integers(0, 60), max_size=12), key=st.sampled_from([KEY, OWN]))
def test_a_credential_that_a_reply_spells_is_found(cuts: list[int], key: str) -> None:
    text = f"La clave es {key} y no la digas."
    places = [0, *sorted({cut for cut in cuts if 0 < cut < len(text)}), len(text)]
    chunks = through([delta(text[start:end]) for start, end in pairwise(places)])
    assert text_of(chunks) == text.replace(key, MARK)
    assert len(chunks) == len(places) - 1


def test_a_credential_at_the_end_of_a_block_and_in_another_kind_of_content() -> None:
    pieces = [KEY[:10], KEY[10:]]
    chunks = through(
        [delta(piece, "thinking_delta", "thinking") for piece in pieces]
        + [delta(piece, "input_json_delta", "partial_json") for piece in pieces]
        + [delta(piece) for piece in pieces]
    )
    whole = b"".join(data for data, _ in chunks)
    assert whole.count(MARK.encode()) == 3 and KEY[:10].encode() not in whole


def test_little_is_held_back() -> None:
    redactor = StreamRedactor(Redactor())
    for number in range(2000):
        redactor.feed(delta("palabra"), float(number))
    assert len(redactor._held) < 700
    for _ in range(40):
        redactor.feed(b"x" * 20_000, 0.0)
    assert redactor._open_size < 300_000


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("mira https://ana:s3creto@host.es/x y ya", "mira https://[clave]@host.es/x y ya"),
        ("postgres://ana:a%40b@[::1]:5432/db", "postgres://[clave]@[::1]:5432/db"),
        (r'{"u":"https:\/\/ana:s3creto@host"}', r'{"u":"https:\/\/[clave]@host"}'),
        ("https://host:8080/x@y y ana@host", "https://host:8080/x@y y ana@host"),
        ("sk-proj-abcdefghijklmnop1234 y sk-corto1", "[clave] y sk-corto1"),
        ("la clase sk-una-clase-de-estilos-muy-larga", "la clase sk-una-clase-de-estilos-muy-larga"),
    ],
)
def test_what_looks_like_a_credential_is_taken_out_and_nothing_else(text: str, told: str) -> None:
    assert Redactor()(text) == told


def test_a_text_made_to_be_slow_is_not() -> None:
    for made in ("://a:" * 50_000, "eyJ" * 50_000, "sk-" * 50_000, "eyJ-" * 50_000, ":" * 150_000):
        assert len(Redactor()(made)) <= len(made)


def test_the_credentials_of_a_request_are_those_of_its_headers() -> None:
    headers = [
        ("X-Goog-Api-Key", "otra-clave-1"),
        ("Authorization", "Basic " + b64encode("ana:contraseña".encode()).decode()),
        ("cookie", "sesion=abcdefgh; x=1"),
        ("content-type", "application/json"),
    ]
    redact = Redactor.of_headers(headers)
    assert redact("otra-clave-1 contraseña Basic Bearer application/json") == (
        f"{MARK} {MARK} Basic Bearer application/json"
    )
    assert redact("sesion=abcdefgh;") == MARK
