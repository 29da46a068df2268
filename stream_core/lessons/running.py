"""Runs one lesson: its heading, the server, the lesson itself, and what its checks came to."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from stream_core.core.errors import StreamCoreError
from stream_core.core.numbers import counted, number
from stream_core.practice.server import PracticeServer
from stream_core.texts.errors_es import explain

from . import Lesson
from .stage import Stage

if TYPE_CHECKING:
    from rich.console import Console

    from .stage import Watching

_PRACTICE = "Modo práctica: respuestas preparadas, no responde ninguna IA y no se gasta nada."
_ALONE = "nada. Aquí nadie puede pulsar teclas, así que la lección va sola."


def run(lesson: Lesson, console: Console, watching: Watching, *, pace: float = 1.0) -> int:
    """Run a lesson.

    Args:
        lesson: which one.
        console: the screen.
        watching: a context in which Ctrl+C and Esc cancel a stream.
        pace: factor of the server's waits.

    Returns:
        0 if all of its checks hold, 1 if one does not or it could not run, 130 if it was left with Ctrl+C.
    """
    interactive = _is_terminal(sys.stdin) and _is_terminal(sys.stdout)
    console.print(_PRACTICE, style="yellow")
    console.rule(f"{lesson.number}. {lesson.title}")
    for line in lesson.look:
        console.print(f"Mira: {line}", style="dim")
    console.print(f"Haz: {lesson.do if interactive else _ALONE}", style="dim")
    console.print()
    try:
        return _run(lesson, console, watching, interactive, pace)
    except StreamCoreError as error:
        console.print(f"⚠ {explain(error)}", style="yellow")
        return 1
    except KeyboardInterrupt:
        console.print("\nLección cancelada.", style="yellow")
        return 130


def _run(lesson: Lesson, console: Console, watching: Watching, interactive: bool, pace: float) -> int:
    with console.status("Preparando el servidor…"):
        from stream_core.sdk.client import open_client  # loads the SDK, which takes a while
        from stream_core.streaming.reply import close_client

        server = PracticeServer(place="demos", remember=True, pace=pace)
        server.start()
        client = open_client(base_url=server.base_url)
    try:
        stage = Stage(console, server, client, interactive, watching)
        stage.pause("Pulsa Enter para empezar… ")
        lesson.run(stage)
    finally:
        close_client(client)
        server.stop()
    return _sum_up(stage, lesson.number)


def _sum_up(stage: Stage, number_of_lesson: int) -> int:
    failed = [check for check in stage.checks if not check.holds]
    if not failed:
        good = len(stage.checks)
        stage.say(
            f"\nLección superada: {counted(good, 'comprobación', 'comprobaciones')}, todas bien.",
            "bold green",
        )
        return 0
    wrong = f"{number(len(failed))} de las {number(len(stage.checks))} comprobaciones"
    wrong = "una comprobación" if len(stage.checks) == 1 else wrong
    lacks = "falta" if len(failed) == 1 else "faltan"
    stage.say(
        f"\nCasi: {lacks} {wrong}, y arriba dice qué probar. Repite la lección {number_of_lesson} cuando "
        "quieras.",
        "bold yellow",
    )
    return 1


def _is_terminal(stream: object) -> bool:
    try:
        return bool(stream is not None and stream.isatty())  # type: ignore[attr-defined]
    except ValueError:
        return False  # it is closed
