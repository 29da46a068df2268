"""Files with a question, in the real program: in one shot and in the chat."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.chats import answering, chat, leave, wait_for_prompt
from support.oneshots import run
from support.wire import playing

from stream_core.practice.request import text_of
from stream_core.practice.script import error_reply
from stream_core.practice.server import PracticeServer

GIF = b"GIF89a\x40\x01\xf0\x00"
UNSEEN = (
    "ca\u00adsa\u200b \u2060a\ufeffb c\u202ed\u2066e\u2069 f\u2028g\u2029h\u2800 x\u0301\u0301\u0301\u0301 "
    "\u200f(\u05d0)\u200e \u061c \U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
)


def questions(server: PracticeServer) -> list[Any]:
    """The bodies of the questions, without what else the server was asked."""
    return [request.json() for request in server.requests if request.path.startswith("/v1/messages")]


def test_one_shot(tmp_path: Path) -> None:
    """The files are shown on stderr, sent, kept once, and sent again with `-c`."""
    (tmp_path / "foto.png").write_bytes(GIF)
    (tmp_path / "nota.txt").write_bytes("Año".encode("latin-1"))
    with playing(answering("Sí.")) as server:
        done = run(server, "-a", "foto.png", "¿Qué es @nota.txt?", cwd=tmp_path)
        assert done.returncode == 0, done.stderr.decode()
        (first,) = [body["messages"] for body in questions(server)]
        more = run(server, "-c", "¿Seguro?", cwd=tmp_path)
        again = server.requests[-1].json()["messages"]
        refused = run(server, "-a", str(tmp_path), "¿Qué?", cwd=tmp_path)
        piped = run(server, "¿Qué?", input=GIF)
        assert questions(server)[-1]["messages"][0]["content"][1]["source"]["media_type"] == "image/gif"
        assert len(questions(server)) == 3
    told = done.stderr.decode()
    assert "Adjunto: foto.png (imagen GIF de 320×240, 10 bytes, ≈ 102 tokens" in told
    assert "«nota.txt» no es UTF-8" in told and "2 adjuntos en total" in told
    assert [block["type"] for block in first[0]["content"]] == ["text", "image", "text", "text"]
    assert again[0] == first[0] and b"No s\xc3\xa9" not in more.stderr, "its list says that it sees images"
    assert refused.returncode == 2 and "2 archivos" in refused.stderr.decode()
    assert piped.returncode == 0


def test_chat(tmp_path: Path) -> None:
    """By command, with an `@` and dropped; in the history by name; deleted with the conversation."""
    image, note = tmp_path / "mi foto.png", tmp_path / "nota.md"
    image.write_bytes(GIF)
    note.write_text(f"# Hola\r\n{UNSEEN}\n", encoding="utf-8", newline="")
    data = Path.home()
    with playing(answering("Sí.")) as server, chat(server) as terminal:
        terminal.send(f"/adjuntar {image}\r")
        wait_for_prompt(terminal, 2)
        terminal.send(f"ana@nota.md @usuario mira @{note}\r")
        wait_for_prompt(terminal, 3)
        terminal.send(f"'{image}' y esta\r")
        terminal.wait_for("¿Adjunto mi foto.png")
        terminal.send("sí\r")
        wait_for_prompt(terminal, 4)
        terminal.send("contexto\r")
        terminal.wait_for("La próxima pregunta")
        assert "Adjunto: mi foto.png (imagen GIF" in terminal.text
        asked = [body["messages"][-1]["content"] for body in questions(server)]
        assert [block["type"] for block in asked[0]] == ["text", "image", "text", "text"]
        assert any(
            f"# Hola\n{UNSEEN}" in block.get("text", "") for block in asked[0]
        )  # what nobody sees, too
        assert asked[1][-1]["text"] == "y esta"
        terminal.send("/borrar\r")
        terminal.wait_for("¿Borro")
        terminal.send("sí\r")
        terminal.wait_for("Borrada.")
        leave(terminal)
    assert [file for file in data.rglob("attachments/*")] == []


def test_a_large_file_is_uploaded_once(tmp_path: Path) -> None:
    """Named in the next request, after a restart, too; listed and deleted by a command."""
    (tmp_path / "informe.pdf").write_bytes(b"%PDF-1.7 /Type/Page " + bytes(1_100_000))
    over = ("--upload-over", "1")
    with playing(answering("Sí.")) as server:
        done = run(server, *over, "-a", "informe.pdf", "¿Qué?", cwd=tmp_path)
        run(server, *over, "-c", "¿Seguro?", cwd=tmp_path)
        asked = [request.path.partition("?")[0] for request in server.requests if request.method == "POST"]
        sent = [body["messages"][0]["content"][0]["source"] for body in questions(server)]
        with chat(server, *over) as terminal:
            terminal.send("/archivos\r")
            terminal.wait_for("informe.pdf, 1.1 MB, subido el")
            terminal.send("/archivos borrar 1\r")
            terminal.wait_for("¿Borro «informe.pdf» del servidor?")
            terminal.send("sí\r")
            terminal.wait_for("Borrado del servidor")
            leave(terminal)
    assert asked == ["/v1/files", "/v1/messages", "/v1/messages"]
    assert sent == [{"type": "file", "file_id": "file_practice_000001"}] * 2
    assert "«informe.pdf» se sube una sola vez al servidor" in done.stderr.decode()


def test_a_long_text_goes_in_parts_and_goes_on_after_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part is a request of its own; what was answered is not asked again; all is one conversation."""
    paragraph = "Una frase que se repite. " * 30
    (tmp_path / "libro.txt").write_text(f"{paragraph}\n\n{paragraph}\n\n{paragraph}")
    monkeypatch.setenv("STREAM_CORE_CHUNK_SIZE", "1 kB")
    order = ("--chunked", "--attempts", "1", "-a", "libro.txt", "  Resume")
    overloaded = error_reply(529, "overloaded_error", "Overloaded")
    with playing(answering("Uno."), list(overloaded), answering("Dos."), answering("Tres.")) as server:
        cut = run(server, *order, cwd=tmp_path)
        whole = run(server, *order, cwd=tmp_path)
        asked = [request.json()["messages"][0]["content"] for request in server.requests]
        run(server, "-c", "¿Y en conjunto?", cwd=tmp_path)
        resumed = [*map(text_of, server.requests[-1].json()["messages"])]
    assert cut.returncode == 1 and "Repite la misma orden" in cut.stderr.decode()
    assert (whole.returncode, whole.stdout.decode()) == (0, "Uno.\n\nDos.\n\nTres.")
    assert [text.partition("la parte ")[2][0] for text in asked] == ["1", "2", "2", "3"]
    assert list(Path.home().rglob("por-partes/*")) == []
    assert resumed[1::2] == ["Uno.", "Dos.", "Tres."]
    assert resumed[2].startswith("  Resume\n\n[Parte 2 de «libro.txt»: ") and len(resumed) == 7
    assert "Guardado: python streaming_chatbot.py -r " in whole.stderr.decode()
