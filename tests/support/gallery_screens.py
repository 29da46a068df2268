"""The designed screens of the gallery: functions that draw on a canvas, each an entry of `SCREENS`."""

from __future__ import annotations

import sys
from datetime import date
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

from stream_core.chat.commands import find
from stream_core.chat.input.choice import Choice
from stream_core.chat.reply.toolset import Toolset
from stream_core.config.options.appearance import Frame, Look
from stream_core.config.options.effects import EFFECTS
from stream_core.config.options.values import fold
from stream_core.config.settings import Settings
from stream_core.core.conversation import Turn
from stream_core.core.deltas import (
    BlockDone,
    Cancelled,
    Delta,
    Failed,
    Finished,
    Opened,
    Text,
    Usage,
    Waiting,
)
from stream_core.core.errors import ConnectionLost, Overloaded
from stream_core.core.frame_stats import FrameStats
from stream_core.core.reply import Reply
from stream_core.core.stats import ReplyStats, SessionStats
from stream_core.core.story import Episode
from stream_core.models.catalogue import BUILT_IN
from stream_core.models.cost import estimate
from stream_core.store.protocol import Totals
from stream_core.terminal.reply.view import LiveReplyView
from stream_core.terminal.rows.figures import FAULTS
from stream_core.texts.outcomes_es import outcome_note
from support.gallery import Canvas, Drawing
from support.paths import ROOT

REPLY = (
    "## Los robots\n\nUn robot **percibe**, decide y actúa:\n\n"
    "- mide con sus sensores;\n- calcula con `plan()`;\n- mueve sus motores.\n\nEs sencillo de contar"
)


class Clock:
    """A clock that stands still until it is moved on."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def view_of(canvas: Canvas, look: Look, clock: Clock, *asked: str) -> LiveReplyView:
    """The live view on a canvas, drawn by hand."""
    canvas.screen.use(look)
    look = canvas.screen.look
    view = LiveReplyView(
        canvas.screen.console, look, practice=True, clock=clock, asks=lambda name: name in asked
    )
    view.prepare()
    return view


def arriving(canvas: Canvas, look: Look, text: str = REPLY, frames: int = 8, pause: float = 0.0) -> None:
    """A reply as it stands while it arrives, so many seconds after its last piece."""
    clock = Clock()
    view = view_of(canvas, look, clock)
    view.feed(Opened("m", "claude-sonnet-5-5", Usage(10, 0), None, clock.now))
    size = -(-len(text) // frames)
    for at in range(0, len(text), size):
        clock.now += 0.1
        view.feed(Text(text[at : at + size], 0, clock.now))
        view.frame()
    for _ in range(round(pause * 20)):
        clock.now += 0.05
        view.frame()


def ended(
    canvas: Canvas, look: Look, text: str = REPLY, ending: Delta | None = None, attempts: int = 1
) -> None:
    """A reply that has ended, with what is said below it."""
    clock = Clock()
    view = view_of(canvas, look, clock)
    reply, stats = Reply(), ReplyStats(clock.now)
    last = ending or Finished("end_turn", Usage(10, 57), clock.now + 1.5)
    usage = Usage(10, 0)
    waits = [Waiting("retry", attempt, 4, 1.0, 100.1) for attempt in range(2, attempts + 1)]
    for delta in (*waits, Opened("m", "claude-sonnet-5-5", usage, None, 100.3), Text(text, 0, 100.4), last):
        reply.feed(delta)
        stats.feed(delta)
        if isinstance(delta, Text):
            view.feed(delta)
    view.finish(reply, stats)
    if note := outcome_note(reply):
        (canvas.screen.fault if reply.outcome in FAULTS else canvas.screen.notice)(note)


def failure(canvas: Canvas) -> None:
    """A reply that the network cut off, and the next question."""
    canvas.screen.asked("¿Qué es un robot?")
    ended(canvas, Look("oscuro"), ending=Failed(ConnectionLost(), 102.5))
    canvas.screen.line()
    canvas.screen.asked("/continuar")


def cancelled(canvas: Canvas) -> None:
    """A reply that the person cancelled: no failure."""
    canvas.screen.asked("¿Qué es un robot?")
    ended(canvas, Look("oscuro"), ending=Cancelled(102.5))


def retried(canvas: Canvas) -> None:
    """A reply that came at the third attempt, in the light theme."""
    canvas.screen.use(Look("claro"))
    canvas.screen.asked("¿Qué es un robot?")
    ended(canvas, Look("claro"), attempts=3)


def turns(canvas: Canvas) -> None:
    """Three turns, as they are scrolled past."""
    for question, answer in (
        ("¿Qué es un token?", "Un **token** es un trozo de palabra."),
        ("¿Y un delta?", "Un trozo de la respuesta, según llega."),
    ):
        canvas.screen.asked(question)
        ended(canvas, Look("oscuro"), text=answer)
        canvas.screen.line()
    canvas.screen.asked("¿Qué es un robot?")
    arriving(canvas, Look("oscuro"), frames=4)


def permission(canvas: Canvas) -> None:
    """A question for permission while a reply waits: its frame is gone, the call stands above it."""
    canvas.screen.asked("¿Qué tengo que hacer el lunes?")
    call = {"type": "tool_use", "id": "t1", "name": "read_file", "input": {"path": "notas/lunes.txt"}}
    clock = Clock()
    view = view_of(canvas, Look("oscuro"), clock, "read_file")
    view.feed(Text("Lo miro en tus notas.", 0, clock.now))
    view.feed(BlockDone({"type": "text", "text": "Lo miro en tus notas."}, 0, clock.now))
    view.feed(BlockDone(call, 1, clock.now))
    canvas.write("".join(f"{row}\n" for row in view._final_rows()))
    question = "Claude quiere leer el archivo «notas/lunes.txt». ¿Lo permites?"
    choice = Choice(question, [("s", "sí"), ("n", "no"), ("t", "siempre")])
    canvas.write_styled(choice.drawn(canvas.cols))


def told(canvas: Canvas) -> None:
    """The history: a reply that came at the third attempt, and one that was cancelled."""
    usage = Usage(10, 20)
    waits = tuple(Episode("retry", 0.5 * number, 1.0, number, 4, Overloaded(status=529)) for number in (2, 3))
    turns = [
        Turn(
            "¿Qué es un token?", "Un **token** es un trozo de palabra.", "complete", "m", usage, story=waits
        ),
        Turn("¿Y un delta?", "Un trozo de la resp", "cancelled", "m", usage),
    ]
    canvas.screen.asked("contexto")
    canvas.screen.context(turns, practice=True)


def framed(frame: Frame) -> Drawing:
    """A reply as it stands in a frame while it arrives."""
    return lambda canvas: arriving(canvas, Look("oscuro", frame=frame))


def closed(canvas: Canvas) -> None:
    """A whole reply in the closed frame, in the light theme."""
    canvas.screen.use(Look("claro"))
    canvas.screen.asked("¿Qué es un robot?")
    ended(canvas, Look("claro", frame="panel"))


def moving(effect: str) -> Drawing:
    """One frame of an effect."""
    return lambda canvas: arriving(canvas, Look("oscuro", effect=effect), frames=24)


def first_minute(canvas: Canvas) -> None:
    """What a newcomer without a key sees first, and a first reply."""
    canvas.screen.welcome(settings())
    canvas.screen.line()
    canvas.screen.asked("hola")
    ended(canvas, Look("oscuro"), text="¡Hola! Pregúntame, por ejemplo, **qué es un token**.")
    canvas.screen.line()
    canvas.screen.asked("")


def settings(*flags: str) -> Settings:
    """Settings of a person who has configured nothing but these flags."""
    with TemporaryDirectory() as empty:
        environ = {"HOME": empty, "STREAM_CORE_CONFIG_DIR": "/casa/ana/chat", "STREAM_CORE_DATA_DIR": empty}
        return Settings.load(flags, environ, program_dir=Path(empty), today=date(2026, 12, 1))


def command(line: str) -> Drawing:
    """What a command shows, after the line that asks for it."""

    def drawing(canvas: Canvas) -> None:
        found = find(line)
        assert found is not None
        canvas.screen.asked(line)
        session: Any = SimpleNamespace(screen=canvas.screen, settings=settings(), tools=Toolset(settings()))
        found[0].run(session, found[1])

    return drawing


def figures(canvas: Canvas) -> None:
    """The figures of a conversation, of its session and of all that is kept."""
    session, turns = SessionStats(100.0), list[Turn]()
    for length in (490, 1960):
        stats, reply = ReplyStats(100.0), Reply()
        deltas = Text("x" * length, 0, 100.7), Finished("end_turn", Usage(1200, 420), 104.0)
        for delta in (Opened("m", "claude-sonnet-5-5", Usage(1200, 0), None, 100.3), *deltas):
            stats.feed(delta)
            reply.feed(delta)
        session.add(stats)
        turns.append(Turn.of("¿Qué?", reply, model="claude-sonnet-5-5"))
    canvas.screen.asked("stats")
    canvas.screen.stats(
        turns, session, FrameStats(), 165.0, prices=BUILT_IN, spending=estimate([("m", Usage())], BUILT_IN),
        totals=Totals(12, 48, 61_204, 40_118, 15_973, 1_762_171_200.0),
        ever=estimate([("claude-sonnet-5-5", Usage(40_118, 15_973))], BUILT_IN),
    )  # fmt: skip


def menu_of_demos(canvas: Canvas) -> None:
    """The menu of the demos and lessons."""
    found = spec_from_file_location("examples_of_the_gallery", ROOT / "streaming_examples.py")
    assert found is not None and found.loader is not None
    examples = module_from_spec(found)
    sys.modules[found.name] = examples
    found.loader.exec_module(examples)
    examples.offer(canvas.screen.console)
    canvas.write("Elige un número: ")


SCREENS: dict[str, Drawing] = {
    "primer-minuto": first_minute,
    "ayuda": command("ayuda"),
    "ayuda-teclas": command("ayuda teclas"),
    "ayuda-clave": command("ayuda clave"),
    "ayuda-conversaciones": command("ayuda conversaciones"),
    "ayuda-comparar": command("ayuda /comparar"),
    "fallos": command("/fallos"),
    "fallos-red": command("/fallos red"),
    "ajustes": command("/ajustes"),
    "ajustes-aspecto": command("/ajustes aspecto"),
    "estadisticas": figures,
    "demos": menu_of_demos,
    "apariencia": command("/apariencia"),
    "fallo": failure,
    "cancelada": cancelled,
    "permiso": permission,
    "reintento": retried,
    "turnos": turns,
    "contexto": told,
    "marco-barra": framed("barra"),
    "marco-bordes": framed("bordes"),
    "marco-panel": framed("panel"),
    "panel-completo": closed,
    **{f"efecto-{fold(effect)}": moving(effect) for effect in EFFECTS},
}
