"""The recording format: what is written is read again, and what is none is one clear sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_core.core.recording import (
    LONGEST_LINE,
    VERSION,
    Attempt,
    BadRecording,
    Chunk,
    End,
    Head,
    Line,
    Response,
    encode,
    read,
)

HEAD = encode(Head("yo", "2026-11-30T18:00:00Z"))
TIMES = st.floats(0, 1e6).map(lambda at: round(at, 6))
LINES = st.one_of(
    st.builds(
        Attempt, TIMES, st.integers(1, 99), st.integers(1, 9), st.text(), st.just({"question": "¿Qué?"})
    ),
    st.builds(Response, TIMES, st.integers(200, 599), st.just({"retry-after": "3"})),
    st.builds(Chunk, TIMES, st.binary()),
    st.builds(Chunk, TIMES, st.text().map(lambda text: text.encode())),
    st.builds(End, TIMES, st.sampled_from(["end", "cut", "cancel", "timeout"])),
)


def told(*lines: bytes) -> list[Line]:
    return list(read(lines))


def line(**value: Any) -> bytes:
    return json.dumps(value).encode() + b"\n"


@given(lines=st.lists(LINES))
def test_what_is_written_is_read_again(lines: list[Any]) -> None:
    lines.sort(key=lambda each: each.at)
    head = Head("yo", "2026-11-30T18:00:00Z")
    assert told(*map(encode, [head, *lines])) == [head, *lines]
    assert all(encode(each).count(b"\n") == 1 for each in lines)


def test_a_chunk_can_be_read_by_a_person_unless_it_is_no_text() -> None:
    assert encode(Chunk(0.5, "data: ñ\n\n".encode())) == '{"t": 0.5, "text": "data: ñ\\n\\n"}\n'.encode()
    assert encode(Chunk(0.5, b"\xc3")) == b'{"t": 0.5, "base64": "ww=="}\n'


def test_what_this_version_does_not_know_is_passed_over() -> None:
    assert told(HEAD, line(t=1, nuevo=1), b"\n", line(t=2, text="a", más="b")) == [
        Head("yo", "2026-11-30T18:00:00Z"),
        Chunk(2, b"a"),
    ]


def test_a_cut_file_plays_to_where_it_is_cut() -> None:
    assert told(HEAD, encode(Chunk(1, b"a")), b'{"t": 2, "text": "b')[1:] == [Chunk(1, b"a")]
    assert told(HEAD, encode(Chunk(1, b"a"))[:-1])[1:] == [Chunk(1, b"a")]


def test_time_never_goes_back() -> None:
    chunks = told(HEAD, encode(Chunk(2, b"a")), encode(Chunk(1, b"b")))[1:]
    assert chunks == [Chunk(2, b"a"), Chunk(2, b"b")]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([], "La grabación está vacía: no es una grabación."),
        ([b"\n"], "La grabación está vacía: no es una grabación."),
        ([b"hola\n"], "La línea 1 de la grabación no es JSON."),
        ([b"hola"], 'La grabación no es una grabación: no empieza por {"recording": 1}.'),
        ([line(t=1, text="a")], 'La grabación no es una grabación: no empieza por {"recording": 1}.'),
        ([line(recording=True)], 'La grabación no es una grabación: no empieza por {"recording": 1}.'),
        (
            [line(recording=VERSION + 1)],
            "La grabación es de una versión más nueva (2) que la que entiende este programa (1).",
        ),
        ([HEAD, b"{\n", HEAD], "La línea 2 no es JSON."),
        ([HEAD, b"\xff\n"], "La línea 2 no es JSON."),
        ([HEAD, b"[]\n"], "La línea 2 no es un objeto de JSON."),
        ([HEAD, b"[" * 100_000 + b"\n"], "La línea 2 no es JSON."),
        (
            [HEAD, b'{"t": 1, "x": [' + b"[]," * 200_000 + b"0]}\n"],
            "La línea 2 trae demasiados valores.",
        ),
        ([HEAD, line(text="a")], "La línea 2 no dice cuándo llegó: le falta un número en «t»."),
        (
            [HEAD, b'{"t": NaN, "text": ""}\n'],
            "La línea 2 no dice cuándo llegó: le falta un número en «t».",
        ),
        ([HEAD, line(t=-1, text="")], "La línea 2 dice un tiempo que no puede ser: -1 s."),
        ([HEAD, line(t=1e9, text="")], "La línea 2 dice un tiempo que no puede ser: 1000000000.0 s."),
        ([HEAD, line(t=1, text=3)], "La línea 2 no se entiende: mira su «text»."),
        ([HEAD, line(t=1, base64="ñ")], "La línea 2 no se entiende: mira su «base64»."),
        ([HEAD, line(t=1, base64="a")], "La línea 2 no se entiende: mira su «base64»."),
        ([HEAD, line(t=1, status=99)], "La línea 2 no se entiende: mira su «status»."),
        ([HEAD, line(t=1, status=200, headers=[])], "La línea 2 no se entiende: mira su «status»."),
        ([HEAD, line(t=1, request=0)], "La línea 2 no se entiende: mira su «request»."),
        ([HEAD, line(t=1, end="?")], "La línea 2 no se entiende: mira su «end»."),
        ([HEAD, line(t=1, end=[])], "La línea 2 no se entiende: mira su «end»."),
        ([HEAD, b"x" * LONGEST_LINE], "La línea 2 es demasiado larga: pasa de 4 MB."),
    ],
)  # fmt: skip
def test_what_is_no_recording_is_one_sentence_with_its_line(lines: list[bytes], sentence: str) -> None:
    with pytest.raises(BadRecording) as found:
        told(*lines)
    assert str(found.value).replace("La línea 2 de la grabación", "La línea 2") == sentence
