"""The commands: found by being in the folder, and told apart from messages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stream_core.chat.commands import all_commands, find, looks_like_command, suggestion
from stream_core.chat.commands.ayuda import KEYS, PLAIN_KEYS
from stream_core.chat.prompt import CommandCompleter

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("line", "name", "argument"),
    [
        ("demo", "demo", ""),
        ("demo 2", "demo", "2"),
        ("demo -1", "demo", "-1"),
        ("  /demo   otra cosa ", "demo", "otra cosa"),
        ("Salir", "exit", ""),
        ("EXIT", "exit", ""),
        ("/ayuda", "ayuda", ""),
        ("contexto", "contexto", ""),
    ],
)
def test_commands(line: str, name: str, argument: str) -> None:
    found = find(line)
    assert found is not None
    assert (found[0].name, found[1]) == (name, argument)


@pytest.mark.parametrize(
    "line", ["demo de streaming", "stats de béisbol", "exit()", "salir de dudas", "hola", "//"]
)
def test_messages(line: str) -> None:
    assert find(line) is None


@pytest.mark.parametrize(
    ("line", "meant"), [("/stat", True), ("/x y", True), ("/etc/hosts", False), ("1/2", False)]
)
def test_what_looks_like_a_command(line: str, meant: bool) -> None:
    assert looks_like_command(line) is meant


def test_suggestions() -> None:
    assert "¿Querías decir /limpiar?" in suggestion("/limpia")
    assert "«ayuda»" in suggestion("/zzzz")


def test_each_command_is_a_file_and_has_a_place_of_its_own() -> None:
    files = {file.stem for file in (ROOT / "stream_core/chat/commands").glob("*.py")} - {"__init__"}
    commands = all_commands()
    assert {command.name for command in commands} == files
    assert len({command.order for command in commands}) == len(commands)
    words = [word for command in commands for word in (command.name, *command.aliases)]
    assert len(words) == len(set(words))


def test_the_table_of_the_readme_is_that_of_the_code() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    table = re.search(r"<!-- commands -->\n(.*?)<!-- /commands -->", readme, re.DOTALL)
    assert table is not None
    rows = ["| Comando | Qué hace |", "|---|---|"]
    for command in all_commands():
        words = (f"{command.name} {command.argument}".rstrip(), *command.aliases)
        rows.append(f"| {', '.join(f'`{word}`' for word in words)} | {command.summary} |")
    assert table.group(1).splitlines() == rows


def test_the_help_names_the_keys() -> None:
    assert {"Enter", "Ctrl+C", "Esc", "Ctrl+D"} <= {key for key, _ in KEYS}
    assert {"Enter", "Ctrl+C", "Ctrl+D"} == {key for key, _ in PLAIN_KEYS}


def test_completion_is_for_a_first_word_only() -> None:
    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document

    completer = CommandCompleter([("/demo", "d"), ("/stats", "s"), ("/salir", "x")])

    def offered(text: str) -> list[str]:
        return [found.text for found in completer.get_completions(Document(text), CompleteEvent())]

    assert offered("s") == ["stats", "salir"]
    assert offered("/s") == ["/stats", "/salir"]
    assert offered("/") == ["/demo", "/stats", "/salir"]
    assert offered("") == [] and offered("demo s") == [] and offered("hola\ns") == []
