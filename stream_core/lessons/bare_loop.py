"""A streaming loop without this library: bytes, events, JSON, text. Standard library only.

    python -m stream_core.lessons.bare_loop "¿Qué es un token?"

asks the practice server, which this module starts for it; the loop itself knows nothing of this project.
"""

from __future__ import annotations

import http.client
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit


def chunks(url: str, question: str) -> Iterator[bytes]:
    """Los bytes, según llegan."""
    body = {
        "model": "claude-sonnet-5-5",
        "max_tokens": 1024,
        "stream": True,
        "messages": [{"role": "user", "content": question}],
    }
    headers = {"content-type": "application/json", "x-api-key": "tu-clave"}
    headers["anthropic-version"] = "2023-06-01"
    host, path = urlsplit(url).netloc, urlsplit(url).path + "/v1/messages"
    with closing(http.client.HTTPConnection(host)) as connection:
        connection.request("POST", path, json.dumps(body), headers)
        response = connection.getresponse()
        if response.status != 200:
            raise RuntimeError(response.read().decode())
        while chunk := response.read1(65536):
            yield chunk


def events(chunks: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Una línea vacía cierra cada evento, y su JSON va en `data:`."""
    buffer = b""  # lo que aún no está entero
    for chunk in chunks:
        buffer += chunk
        while b"\n\n" in buffer:
            event, buffer = buffer.split(b"\n\n", 1)
            for line in event.split(b"\n"):
                if line.startswith(b"data:"):
                    yield json.loads(line[5:])


def texts(events: Iterable[dict[str, Any]]) -> Iterator[str]:
    """El texto de los deltas; sin `message_stop`, se cortó."""
    last = ""
    for event in events:
        last = event["type"]
        if event.get("delta", {}).get("type") == "text_delta":
            yield event["delta"]["text"]
    if last != "message_stop":
        raise RuntimeError("La respuesta se cortó: no llegó message_stop.")


def main(question: str) -> None:
    """Ask the practice server and print the text as it comes."""
    from stream_core.practice.server import practice_server

    with practice_server() as url:
        for text in texts(events(chunks(url, question))):
            print(text, end="", flush=True)
    print()


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or "¿Qué es un token?")
