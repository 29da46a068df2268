"""A text that came with the question, as through a pipe: what can be said of it without reading it."""

from __future__ import annotations

from stream_core.practice.answers import Tries
from stream_core.practice.attached import asking_line
from stream_core.practice.request import Body, question
from stream_core.practice.script import Script

from . import Placed, Scenario, Where, reply
from .general import quote

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
    one_shot='`python streaming_chatbot.py --practice -a archivo.txt "¿Qué dice?"`: así va como archivo, '
    "con su nombre.",
    demos="la demo 4 admite tus propias preguntas.",
    library='pon el texto en el mensaje: `{"role": "user", "content": pregunta + "\\n\\n" + texto}`.',
)


def _at(where: Where) -> Scenario:
    def script(body: Body) -> Script:
        asking, text = asking_line(question(body))
        count = text.count("\n") + 1
        lines = "1 línea" if count == 1 else f"{count:,} líneas"
        return reply(
            body,
            (_TEXT if text else _EMPTY).format(
                lines=lines, characters=f"{len(text):,}", quoted=quote(asking, 80), tries=_TRIES.at(where)
            ),
        )

    return Scenario("summary", "Un texto que llegó con la pregunta", lambda body: _fit(body), script)


def _fit(body: Body) -> float:
    asking, text = asking_line(question(body))
    return (0.95 if text else 0.4) if asking else 0.0


SCENARIO = Placed(_at)
