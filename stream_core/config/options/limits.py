"""Timeouts, attempts and sizes as options. Pure data.

An option is a field of `Limits` and an entry of `LIMITS`; its flag and variable follow.
"""

from __future__ import annotations

from dataclasses import dataclass

from .option import YES_OR_NO, Option
from .values import number, number_word, or_no_word, size, size_word, yes_or_no, yes_or_no_word


@dataclass(frozen=True, slots=True)
class Limits:
    """Timeouts in whole seconds, the number of attempts, and what a reply may hold.

    Attributes:
        attempts: maximum attempts before the first text, including the first one.
        connect: until a connection is made.
        first_byte: from sending to the first byte of a reply.
        idle: without new content in the middle of a reply.
        total: for a whole reply, including waits and retries; 0 for no limit.
        reply_size: megabytes (2**20 bytes) of a response after which no more of it is read.
        upload_over: megabytes (10**6 bytes) of a file above which it is uploaded once; 0 for never.
        chunk_size: thousands of characters of a part of a long text (`--chunked`).
        auto_continue: whether a reply that was cut is continued automatically, once.
    """

    attempts: int = 4
    connect: int = 10
    first_byte: int = 120
    idle: int = 120
    total: int = 0
    reply_size: int = 32
    upload_over: int = 10
    chunk_size: int = 200
    auto_continue: bool = False


_HOUR = 3600

LIMITS: tuple[Option, ...] = (
    Option(
        "attempts", "intentos", "--attempts", "STREAM_CORE_ATTEMPTS",
        summary="cuántas veces se envía una pregunta antes de darla por fallida",
        possible="un número de 1 a 10",
        examples=(("1", "sin reintentos"), ("4", "lo normal")),
        read=number(1, 10),
        show=number_word,
    ),
    Option(
        "connect", "conexión", "--connect-timeout", "STREAM_CORE_CONNECT_TIMEOUT",
        summary="los segundos que se espera a que el servidor acepte la conexión",
        possible="un número de 1 a 300",
        examples=(("10", "lo normal"),),
        read=number(1, 300),
        show=number_word,
    ),
    Option(
        "first_byte", "comienzo", "--first-byte-timeout", "STREAM_CORE_FIRST_BYTE_TIMEOUT",
        summary="los segundos que se espera a que empiece la respuesta",
        possible="un número de 1 a 3,600",
        examples=(("120", "lo normal"),),
        read=number(1, _HOUR),
        show=number_word,
    ),
    Option(
        "idle", "silencio", "--idle-timeout", "STREAM_CORE_IDLE_TIMEOUT",
        summary="los segundos que puede estar en silencio una respuesta a medias",
        possible="un número de 1 a 3,600",
        examples=(("120", "lo normal"),),
        read=number(1, _HOUR),
        show=number_word,
    ),
    Option(
        "total", "total", "--total-timeout", "STREAM_CORE_TOTAL_TIMEOUT",
        summary="los segundos que puede durar una respuesta entera",
        possible="un número de 1 a 86,400, o «no» para no ponerle límite",
        examples=(("no", "sin límite"),),
        read=number(1, 24 * _HOUR, none=True),
        show=or_no_word,
    ),
    Option(
        "reply_size", "tamaño", "--max-reply-size", "STREAM_CORE_MAX_REPLY_SIZE",
        summary="los megabytes que se leen de una respuesta como mucho",
        possible="un número de 1 a 256",
        examples=(("32", "lo normal"),),
        read=size(1, 256, "MB"),  # a store saves texts of as much
        show=size_word("MB"),
    ),
    Option(
        "upload_over", "subida", "--upload-over", "STREAM_CORE_UPLOAD_OVER",
        summary="los megabytes desde los que un archivo se sube una sola vez, y no va en cada petición",
        possible="un número de 1 a 500, o «no» para que vaya siempre en la petición",
        examples=(("10", "lo normal"), ("no", "nunca")),
        read=size(1, 500, "MB", none=True),
        show=size_word("MB"),
    ),
    Option(
        "chunk_size", "parte", "--chunk-size", "STREAM_CORE_CHUNK_SIZE",
        summary="los miles de caracteres de cada parte de un texto largo, con --chunked",
        possible="un número de 1 a 10,000",
        examples=(("200", "lo normal"),),
        read=size(1, 10_000, "kB"),
        show=size_word("kB"),
    ),
    Option(
        "auto_continue", "seguir", "--auto-continue", "STREAM_CORE_AUTO_CONTINUE",
        summary="si una respuesta interrumpida sigue sola, una vez",
        possible="sí o no",
        examples=YES_OR_NO,
        read=yes_or_no,
        show=yes_or_no_word,
    ),
)  # fmt: skip
"""The options of the limits, in display order."""
