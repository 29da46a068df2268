"""`demo`: list the sample questions; `demo 2` asks the second."""

from __future__ import annotations

from stream_core.chat.commands import Command
from stream_core.chat.session.session import Session
from stream_core.core.sanitize import one_line
from stream_core.texts.errors_es import SAMPLE_PROMPTS


def _run(session: Session, argument: str) -> None:
    if not argument:
        session.screen.samples(SAMPLE_PROMPTS)
        return
    number = int(argument) if argument.isascii() and argument.isdigit() and len(argument) < 5 else 0
    if not 1 <= number <= len(SAMPLE_PROMPTS):
        last = len(SAMPLE_PROMPTS)
        session.screen.warning(
            f"No hay una demo «{one_line(argument, 20)}»: elige un número del 1 al {last}."
        )
        return
    prompt = SAMPLE_PROMPTS[number - 1]
    session.screen.asked(prompt)
    session.ask(prompt)


COMMAND = Command(
    name="demo",
    summary="muestra preguntas de ejemplo, o hace la de ese número",
    usage=("«demo 2» hace la segunda; también puedes escribir cualquier otra cosa."),
    brief="muestra preguntas de ejemplo",
    everyday=True,
    run=_run,
    order=10,
    argument="[n]",
    bare_argument=r"|-?\d+",
    known_as=("examples",),
    related=("ejemplos", "ejemplo", "muestras", "samples", "prueba"),
)
