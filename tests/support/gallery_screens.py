"""The designed screens of the gallery: functions that draw on a canvas, each an entry of `SCREENS`."""

from __future__ import annotations

from stream_core.config.options.appearance import Look
from stream_core.core.deltas import Delta, Failed, Finished, Opened, Text, Usage
from stream_core.core.errors import ConnectionLost
from stream_core.core.reply import Reply
from stream_core.core.stats import ReplyStats
from stream_core.terminal.reply.view import LiveReplyView
from stream_core.texts.outcomes_es import outcome_note
from support.gallery import Canvas, Drawing

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


def view_of(canvas: Canvas, look: Look, clock: Clock) -> LiveReplyView:
    """The live view on a canvas, drawn by hand."""
    canvas.screen.use(look)
    view = LiveReplyView(canvas.screen.console, canvas.screen.look, practice=True, clock=clock)
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


def ended(canvas: Canvas, look: Look, text: str = REPLY, ending: Delta | None = None) -> None:
    """A reply that has ended, with what is said below it."""
    clock = Clock()
    view = view_of(canvas, look, clock)
    reply, stats = Reply(), ReplyStats(clock.now)
    last = ending or Finished("end_turn", Usage(10, 57), clock.now + 1.5)
    usage = Usage(10, 0)
    for delta in (Opened("m", "claude-sonnet-5-5", usage, None, 100.3), Text(text, 0, 100.4), last):
        reply.feed(delta)
        stats.feed(delta)
        if isinstance(delta, Text):
            view.feed(delta)
    view.finish(reply, stats)
    if note := outcome_note(reply):
        canvas.screen.warning(note)


def failure(canvas: Canvas) -> None:
    """A reply that the network cut off."""
    canvas.screen.asked("¿Qué es un robot?")
    ended(canvas, Look(), ending=Failed(ConnectionLost(), 102.5))


SCREENS: dict[str, Drawing] = {
    "fallo": failure,
}
