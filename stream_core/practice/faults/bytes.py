"""Broken bytes, and unusual ones that are valid."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from stream_core.practice.events import event, text_delta
from stream_core.practice.faults import Fault, Group, after, midway
from stream_core.practice.script import Script, Send, Step

GROUP = Group("bytes", "Los bytes", 2)

_NOT_UTF8 = text_delta(" (?) ").replace(b"?", b"\xff\xfe")


def _resent(change: Callable[[bytes, bool], list[bytes]]) -> Callable[[Script, int], Iterator[Step]]:
    """Send the bytes of a reply differently; `change` gets them and whether they are the first."""

    def play(reply: Script, number: int) -> Iterator[Step]:
        first = True
        for step in reply:
            if isinstance(step, Send):
                yield from map(Send, change(step.data, first))
                first = False
            else:
                yield step

    return play


def _with_comments(data: bytes, first: bool) -> list[bytes]:
    return [b": un comentario\r\n\r\n", data.replace(b"\n", b"\r\n")]


def _giant(reply: Script, megabytes: int) -> Iterator[Step]:
    """Insert one delta with little text in many bytes."""
    delta = {"type": "text_delta", "text": " (y un trozo enorme) "}
    padded = {"type": "content_block_delta", "index": 0, "delta": delta, "relleno": "x" * megabytes * 2**20}
    return after(reply, 5, [Send(event("content_block_delta", padded))], goes_on=True)


FAULTS = (
    midway("json-roto", 16, "Un trozo trae JSON roto.", Send(b"event: content_block_delta\ndata: {roto\n\n")),
    midway("utf8", 17, "Un trozo trae bytes que no son texto.", Send(_NOT_UTF8), goes_on=True),
    midway(
        "sustituto",
        18,
        "Un trozo trae medio emoji, que por sí solo no es ningún carácter.",
        Send(text_delta(" (\ud83d) ")),
        goes_on=True,
    ),
    Fault(
        "bom",
        19,
        "La respuesta empieza con una marca invisible (BOM).",
        _resent(lambda data, first: [b"\xef\xbb\xbf" * first + data]),
    ),
    Fault("gigante", 22, "Un trozo ocupa varios megabytes.", _giant, number=4, counts="megas"),
    Fault(
        "crlf",
        23,
        "Los finales de línea son otros, y entre los eventos hay comentarios.",
        _resent(_with_comments),
    ),
    Fault(
        "goteo",
        23,
        "La respuesta llega de byte en byte.",
        _resent(lambda data, first: [data[at : at + 1] for at in range(len(data))]),
    ),
)
