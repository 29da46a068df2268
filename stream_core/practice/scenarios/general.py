"""The honest answer to what no other scenario knows: says so, and what can be asked and tried."""

import re
import unicodedata

from stream_core.practice.answers import Tries
from stream_core.practice.request import Body, question, questions, text_of
from stream_core.practice.scenarios import Placed, Scenario, Where, reply

_LEAST = 0.01  # below every answer that fits at all
_LONGEST_QUOTE = 80  # characters

_TEXT = """\
A {quoted} no sé contestar: en el **modo práctica** las respuestas están escritas de antemano y aquí no hay \
ninguna IA leyendo.{turn}{instructed}

Sí sé, por ejemplo, «¿Qué es el streaming?», «¿Qué pasa si se corta la conexión?» o «¿Cuánto cuesta?».

**Pruébalo:** {tries}

Para que conteste Claude, escribe `ANTHROPIC_API_KEY=tu_clave` en tu archivo `.env` ({find} dice cuál es)."""
_AGAIN = "A {quoted} tampoco sé contestar.{turn}{instructed} **Pruébalo:** {tries}"
_TURN = (
    " De los que me han llegado es tu mensaje número {number}, y trae los anteriores (el último, "
    "{previous}): así se conserva el contexto."
)
_TURN_AGAIN = " Me llega como tu mensaje número {number}, detrás de {previous}."
_SAID = re.compile("A «.{1,100}» (?:no|tampoco) sé contestar")
_TRIES = Tries(
    chat="`demo` muestra preguntas que sí sé, y `/fallos`, lo que se puede ensayar.",
    one_shot='`python streaming_chatbot.py --practice "¿Qué es el streaming?"`.',
    demos="«¿Qué es un token?», o la lección 7 del menú.",
    library="pregunta «¿Cómo hago streaming en mi programa?».",
)


def text(body: Body, where: Where | None = None) -> str:
    """The answer, which quotes the last question and the one before it; shorter where it was given before."""
    where, asked, again = where or Where("chat"), questions(body), _was_said(body)
    quoted = quote(question(body), _LONGEST_QUOTE) or "tu mensaje, que no trae texto,"
    turn = ""
    if len(asked) > 1:
        previous = quote(asked[-2], _LONGEST_QUOTE // 2) or "sin texto"
        turn = (_TURN_AGAIN if again else _TURN).format(number=len(asked), previous=previous)
    return (_AGAIN if again else _TEXT).format(
        quoted=quoted,
        turn=turn,
        instructed=_instructed(body.get("system")),
        tries=_TRIES.at(where),
        find="`ayuda clave`" if where.place == "chat" else "`--where`",
    )


def _was_said(body: Body) -> bool:
    """Whether an earlier reply of this conversation was this answer."""
    replies = (text_of(message)[:200] for message in body["messages"] if message.get("role") == "assistant")
    return any(_SAID.match(reply) for reply in replies)


def _instructed(system: object) -> str:
    """A sentence about the system prompt; "" without one."""
    if isinstance(system, list):
        system = " ".join(str(block.get("text", "")) for block in system if isinstance(block, dict))
    quoted = quote(system, _LONGEST_QUOTE) if isinstance(system, str) else ""
    return f" También han llegado tus indicaciones, {quoted}: un modelo las seguiría." if quoted else ""


def quote(text: str, longest: int) -> str:
    """Quote untrusted `text` in one short line as a Markdown code span; "" if nothing printable is left.

    Control and format characters and lone surrogates are dropped. A backtick, which would end the span,
    becomes an apostrophe.
    """
    start = unicodedata.normalize("NFC", text.strip()[: 50 * longest]).replace("`", "'")
    kept = (char if char.isprintable() else " " if char.isspace() else "" for char in start)
    line = " ".join("".join(kept).split())
    if len(line) > longest:
        line = line[: longest - 1].rstrip() + "…"
    return f"«`{line}`»" if line else ""


def _at(where: Where) -> Scenario:
    return Scenario(
        name="general",
        summary="La respuesta a cualquier otra pregunta",
        match=lambda body: _LEAST,
        script=lambda body: reply(body, text(body, where)),
    )


SCENARIO = Placed(_at)
