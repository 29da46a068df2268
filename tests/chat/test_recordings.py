"""Recording and replaying, in the chat and in one answer."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from support.chats import answering, chat, leave, wait_for_prompt
from support.oneshots import run
from support.paths import ROOT
from support.wire import playing

STORY = ("Uno ", "dos ", "tres.")


def recorded(file: Path) -> Path:
    with playing(answering(*STORY)) as server:
        done = run(server, "--record", str(file), "¿Qué hay?")
    assert done.stdout == b"Uno dos tres." and f"Grabado en {file}: 1 petición".encode() in done.stderr
    return file


def test_one_answer_is_recorded_and_played(tmp_path: Path) -> None:
    file = recorded(tmp_path / "a.jsonl")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    asked = json.loads(file.read_text("utf-8").splitlines()[1])["asked"]
    assert asked["question"] == "¿Qué hay?"
    again = run(None, "--replay", str(file), "--xray")
    assert again.stdout == b"Uno dos tres." and again.stderr.count("«Uno ".encode()) == 1  # a line an event
    assert "Grabación «a.jsonl»: 1 respuesta, claude-".encode() in again.stderr
    cut = run(None, "--replay", str(file), "--replay-cut", "3", "otra cosa")
    assert (cut.stdout, cut.returncode) == (b"Uno ", 1)


def test_what_cannot_be_recorded_or_played_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text("mío")
    told = {
        ("--practice", "--record", str(file), "hola"): f"{file} ya existe: no grabo encima.",
        ("--replay", str(file), "hola"): "--replay: La línea 1 de «a.jsonl» no es JSON.",
        ("--replay", str(tmp_path / "no"), "hola"): "no existe.",
        ("--replay", str(tmp_path), "hola"): "es una carpeta.",
    }
    file.write_text("mío\n")
    for arguments, sentence in told.items():
        done = run(None, *arguments)
        assert done.returncode == 2 and sentence in done.stderr.decode()
    assert file.read_text() == "mío\n"


def test_a_chat_plays_a_recording_step_by_step_and_records_again(tmp_path: Path) -> None:
    file, copy = recorded(tmp_path / "a.jsonl"), tmp_path / "b.jsonl"
    with chat(None, "--replay", str(file), "--replay-step") as terminal:
        terminal.wait_for("¿Qué hay?")
        terminal.send(" ")  # the first chunk is one piece: all events up to the text
        for _ in range(3):
            terminal.send(" ")
            terminal.wait_for(lambda t: True)
        terminal.send("\r")
        terminal.wait_for("Fin de la grabación")
        wait_for_prompt(terminal, 2)
        assert "Uno dos tres." in terminal.text
        assert "🤖 Claude (completa) · grabación" in terminal.text and "práctica" not in terminal.text
        terminal.send(f"/grabar {copy}\r")
        terminal.wait_for("Grabo lo que llegue")
        terminal.send("hola\r")
        wait_for_prompt(terminal, 4)
        terminal.send("/grabar\r")
        terminal.wait_for("Grabando en")
        terminal.send(f"/grabar {copy}\r")
        terminal.wait_for("¿Lo reemplazo?")
        terminal.send("no\r")
        terminal.wait_for("No grabo nada.")
        terminal.send("/grabar no\r")
        terminal.wait_for("Grabado en")
        leave(terminal)
    assert "tres." in copy.read_text("utf-8") and file.exists()


def test_all_answers_of_a_comparison_are_recorded(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    with playing(answering(*STORY), answering(*STORY)) as server:
        done = run(server, "--record", str(file), "--compare", "sonnet haiku", "¿Qué hay?")
    assert "2 peticiones" in done.stderr.decode()
    again = run(None, "--replay", str(file), "--replay-speed", "x100", "--compare", "sonnet,haiku", "hola")
    assert (again.returncode, again.stdout.count(b"Uno dos tres.")) == (0, 2)
    assert "2 respuestas, claude-sonnet" in again.stderr.decode()


def test_what_a_person_did_in_a_recording_is_done_again(tmp_path: Path) -> None:
    """A reply that was cut is continued as one reply, not by the program's own words; a cancel is told."""
    parts = [f"docs/pictures/recordings/{name}.jsonl" for name in ("corte", "historia")]
    files = [word for part in parts for word in ("--replay", str(ROOT / part))]
    with chat(None, *files, "--replay-speed", "x50", rows=60) as terminal:
        terminal.wait_for("Fin de la grabación")
        wait_for_prompt(terminal, 4)
        text = terminal.text
        assert "Tú: /continuar" in text and "interrupted_end" not in text
        assert "1 respuesta, claude-" in text and "La conexión se cortó" in text
        assert text.index("Nilo") < text.index("Cuando se grabó, esa respuesta se canceló ahí.")
        leave(terminal)
