"""A text that came with the question, as through a pipe: what can be said of it without reading it."""

from __future__ import annotations

from stream_core.practice.answers import Tries
from stream_core.practice.matching import read, score
from stream_core.practice.request import Body, question
from stream_core.practice.script import Script

from . import Place, Placed, Scenario, reply
from .general import quote

_LONGEST_LINE = 200  # characters of a line that asks
_ASKED = (
    "resume*/resumen/resumir/resumelo/summar*",
    "resume*/resumen/resumir/summar* cambio*/archivo*/texto*/documento*/esto/this/change*/file*",
    "traduce*/traducir/translate*",
    "revisa*/corrige*/corregir/review/fix cambio*/archivo*/texto*/esto/codigo/code/this/change*",
    "explica*/explain cambio*/archivo*/esto/codigo/error/this/change*/code",
)
_TEXT = """\
Me han llegado **{lines} y {characters} caracteres** junto con tu petición, {quoted}. Ha llegado todo, pero \
en el **modo práctica** no hay ninguna IA que pueda leerlo.

Con una clave, Claude recibiría exactamente eso: tus palabras, una línea en blanco y el texto. Y la \
respuesta te llegaría a trozos, como esta.

**Pruébalo:** {tries}"""
_EMPTY = """\
Para {quoted} hace falta un texto, y con tu pregunta no ha venido ninguno; además, en el **modo práctica** \
no hay ninguna IA que pueda leerlo.

**Pruébalo:** {tries}"""
_TRIES = Tries(
    chat="pega un texto de varias líneas en el mensaje: llega entero, como uno solo.",
    one_shot='`git diff | python streaming_chatbot.py --practice "Resume estos cambios"` dice cuánto llegó.',
    demos="la demo 4 admite tus propias preguntas.",
    library='pon el texto en el mensaje: `{"role": "user", "content": pregunta + "\\n\\n" + texto}`.',
)


def _asking(body: Body) -> tuple[str, str]:
    """The line that asks, and the text that came with it; both "" if no line asks."""
    first, _, rest = question(body).strip().partition("\n")
    if len(first) <= _LONGEST_LINE and score(read(first), _ASKED):
        return first, rest.strip()
    return "", ""


def _at(place: Place) -> Scenario:
    def script(body: Body) -> Script:
        asking, text = _asking(body)
        count = text.count("\n") + 1
        lines = "1 línea" if count == 1 else f"{count:,} líneas"
        return reply(
            body,
            (_TEXT if text else _EMPTY).format(
                lines=lines, characters=f"{len(text):,}", quoted=quote(asking, 80), tries=_TRIES.at(place)
            ),
        )

    return Scenario("summary", "Un texto que llegó con la pregunta", lambda body: _fit(body), script)


def _fit(body: Body) -> float:
    asking, text = _asking(body)
    return (0.95 if text else 0.4) if asking else 0.0


SCENARIO = Placed(_at)
