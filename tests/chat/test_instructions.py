"""Instructions and roles in the program itself: what the server gets, and what comes back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from support.chats import answering, chat, leave, wait_for_prompt
from support.oneshots import run
from support.places import Place
from support.wire import playing

from stream_core.chat.reply.toolset import Toolset
from stream_core.chat.session.role_in_force import RoleInForce
from stream_core.config.roles import load
from stream_core.practice.server import PracticeServer

TEMPLATE = "---\nmodel: claude-haiku-5-5\neffort: bajo\ntools: no\n---\nTraduce a {{idioma}}: {{input}}\n"


def write_role(own_environment: Path, name: str, text: str) -> None:
    folder = own_environment / "config" / "roles"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(text, "utf-8")


def asked(server: PracticeServer) -> list[tuple[Any, Any]]:
    """The system prompt and the last message of each request for a reply."""
    sent = [request.json() for request in server.requests if request.method == "POST"]
    return [(body.get("system"), body["messages"][-1]["content"]) for body in sent]


def test_a_single_question_with_a_role_and_the_conversation_that_goes_on(own_environment: Path) -> None:
    write_role(own_environment, "traductor", TEMPLATE)
    write_role(own_environment, "poeta", "En verso.")
    with playing(answering("Hi")) as server:
        run(server, "--role", "traductor", "-p", "idioma=inglés", input=b"hola")
        first = server.requests[-1].json()
        assert "haiku" in first["model"] and "tools" not in first
        run(server, "-c", "adiós")  # the template comes back
        run(server, "-c", "--role", "poeta", "otra")  # what is told now is stronger
        run(server, "-c", "y otra")
        assert asked(server) == [
            (None, "Traduce a inglés: hola"),
            (None, "Traduce a inglés: adiós"),
            ("En verso.", "otra"),
            ("En verso.", "y otra"),
        ]
        done = run(server, "--role", "traductor", "hola")
    assert done.returncode == 2 and "le falta «idioma»: añade -p idioma=…" in done.stderr.decode()


def test_a_role_of_the_start_can_be_taken_back(tmp_path: Path) -> None:
    place = Place(tmp_path)
    (place.config / "roles").mkdir()
    (place.config / "roles" / "r.md").write_text("---\nmodel: opus\neffort: bajo\ntools: no\n---\nx")
    (place.config / "config.toml").write_text('model = "haiku"\n')
    started = place.load("--role", "r")
    tools = Toolset(started)
    role = RoleInForce(started)
    assert (started.line, started.preferences.thinking.effort, tools.names) == ("opus", "low", [])
    left = role.drop(started, lambda: tools)
    assert (left.line, left.preferences.thinking.effort) == ("haiku", "auto")
    assert left.origin.source("model") == "por config.toml"
    assert tools.names == Toolset(place.load()).names
    taken = role.take(load(place.config, "r"), left, lambda: tools).with_model("sonnet")
    assert role.drop(taken, lambda: tools).line == "sonnet"  # chosen after it


def test_roles_and_instructions_in_the_chat(own_environment: Path) -> None:
    write_role(own_environment, "traductor", TEMPLATE)
    config = own_environment / "config" / "config.toml"
    with playing(answering("Hi")) as server:
        with chat(server, "--system", "Sé breve") as terminal:
            assert "Indicaciones: «Sé breve»" in terminal.text
            lines = [
                "uno", "/rol", "/rol traductor", '/rol traductor idioma="el inglés"', "/ajustes guardar",
                "dos", "/indicaciones", "/rol no", "/indicaciones Con @ y tilde", "tres", "/ajustes guardar",
            ]  # fmt: skip
            for number, line in enumerate(lines, 2):
                terminal.send(f"{line}\r")
                wait_for_prompt(terminal, number)
                if line == "/ajustes guardar" and number == 6:
                    assert 'role = "traductor"\nparam = ["idioma=el inglés"]\n' in config.read_text("utf-8")
            told = " ".join(terminal.text.split())
            leave(terminal)
        for words in (
            "Traduce a {{idioma}}: {{input}}",
            "Al rol «traductor» le falta «idioma»",
            "Desde ahora, rol «traductor»; cada mensaje se envía dentro de su texto. Responde «claude-haiku",
            "El rol «traductor» (por config.toml): Traduce a el inglés: {{input}}",
            "ya no está en uso. Responde «claude-sonnet",
            "Desde ahora, con estas indicaciones.",
            f"Guardado en {config}: ",
        ):
            assert words in told, words
        assert asked(server) == [
            ("Sé breve", "uno"),
            (None, "Traduce a el inglés: dos"),
            ("Con @ y tilde", "tres"),
        ]
        assert re.search('^system = "Con @ y tilde"$', config.read_text("utf-8"), re.M)
        assert "role" not in config.read_text("utf-8")
        config.unlink()
        with chat(server, "-c") as terminal:
            terminal.wait_for("Indicaciones: «Con @ y tilde» (por la conversación).")
            terminal.send("limpiar\r")
            terminal.wait_for("Indicaciones: no (por defecto).")
            leave(terminal)
