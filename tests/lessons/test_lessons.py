"""The lessons: each runs to its end by itself, and tells it when a check does not hold."""

from __future__ import annotations

import ast
import inspect
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from rich.console import Console

from stream_core.lessons import Lesson, bare_loop, load, running
from stream_core.practice import server as practice
from stream_core.practice.events import block_delta, text_delta

LESSONS = {lesson.number: lesson for lesson in load()}
TITLES = {
    7: "Cancelar",
    8: "Cortes y continuar",
    9: "Reintentos a la vista",
    10: "Radiografía",
    11: "Pensar y herramientas",
    12: "Tu propio bucle, sin esta biblioteca",
    13: "Comparar",
}


@contextmanager
def nobody_watching(stream: Any) -> Iterator[None]:
    """No signal handler: tests run lessons in threads that may have none."""
    yield


def run(lesson: Lesson, *, width: int = 100, cancelled: bool = True) -> tuple[int, str]:
    """Run a lesson as where there is no terminal; return its exit code and what it wrote."""
    written = io.StringIO()
    console = Console(file=written, width=width, markup=False, highlight=False, emoji=False)
    # Where something is cancelled the reply has to last until it is, also on a machine that is busy.
    pace = 0.5 if lesson.number in (7, 13) and cancelled else 0.1
    code = running.run(lesson, console, nobody_watching, pace=pace)
    return code, written.getvalue()


def test_the_lessons_follow_the_demos_in_the_menu() -> None:
    assert {number: lesson.title for number, lesson in LESSONS.items()} == TITLES


@pytest.mark.parametrize("number", TITLES)
def test_each_lesson_checks_itself_without_a_terminal_and_without_a_key(number: int) -> None:
    code, written = run(LESSONS[number])
    assert written.startswith("Modo práctica: ") and "no responde ninguna IA" in written.splitlines()[0]
    assert "Mira: " in written and "Haz: nada." in written and "\x1b" not in written
    assert code == 0 and "todas bien" in written and "✗" not in written
    assert written.count("✓") >= 4


def test_a_narrow_window_loses_nothing() -> None:
    code, written = run(LESSONS[10], width=40)
    assert code == 0 and "message_stop" in written
    rows = written.partition("Lo mismo, visto por dentro")[2].partition("Los bytes")[0]
    assert max(map(len, rows.splitlines())) <= 40


def test_a_lesson_that_was_not_done_gets_one_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody is there and does not press Ctrl+C."""
    asked: list[str] = []
    monkeypatch.setattr(running, "_is_terminal", lambda stream: True)
    monkeypatch.setattr("builtins.input", asked.append)
    code, written = run(LESSONS[7], cancelled=False)
    assert asked == ["Pulsa Enter para empezar… "], "nothing streams while the explanation is being read"
    assert code == 1 and written.count("✗") == 1 and "La cancelaste" not in written  # no fact that is none
    assert "✗ La respuesta llegó entera. Repite la lección y pulsa Esc o Ctrl+C" in " ".join(written.split())
    told = "Casi: falta una comprobación, y arriba dice qué probar. Repite la lección 7 cuando quieras."
    assert told in " ".join(written.split()) and "Haz: pulsa Esc" in written


def test_a_lesson_is_left_with_ctrl_c_and_a_fault_of_the_settings_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def leave(stage: Any) -> None:
        raise KeyboardInterrupt

    code, written = run(Lesson(99, "Nada", (), "nada", leave))
    assert code == 130 and "Lección cancelada." in written
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "x-nombre: \u2603")
    code, written = run(LESSONS[7])
    assert code == 1 and "ANTHROPIC_CUSTOM_HEADERS" in written


# -- the loop without the library ---------------------------------------------------------------


def test_the_loop_has_forty_lines_and_the_standard_library_only() -> None:
    shown: list[Callable[..., Any]] = [bare_loop.chunks, bare_loop.events, bare_loop.texts]
    assert sum(len(inspect.getsource(each).splitlines()) for each in shown) <= 40
    tree = ast.parse(inspect.getsource(bare_loop))
    imported = [
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert {name.partition(".")[0] for name in imported} <= set(sys.stdlib_module_names)


def test_the_loop_is_run_by_the_learner(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(practice, "practice_server", partial(practice.practice_server, pace=0.0))
    bare_loop.main("¿Quién escribió el Quijote?")
    assert "no sé contestar" in capsys.readouterr().out


def test_the_loop_notices_an_end_that_is_missing() -> None:
    data = text_delta("Hola ñ") + block_delta({"type": "signature_delta", "signature": "x"})
    with pytest.raises(RuntimeError, match="no llegó message_stop"):
        list(bare_loop.texts(bare_loop.events([data])))
    one_by_one = [data[at : at + 1] for at in range(len(data))]
    assert len(list(bare_loop.events(one_by_one))) == 2


def test_the_loop_tells_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    from stream_core.practice.server import PracticeServer

    with PracticeServer() as server, pytest.raises(RuntimeError, match="authentication_error"):
        list(bare_loop.chunks(f"http://127.0.0.1:{server.port}/wrong", "Hola"))


def test_a_wrong_loop_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bare_loop, "texts", lambda events: iter(["otra cosa"]))
    code, written = run(LESSONS[12])
    assert code == 1 and "✗ Los textos no son iguales" in written and "Casi: falta" in written
