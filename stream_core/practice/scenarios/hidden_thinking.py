"""Encrypted thinking (`redacted_thinking`), which is sent back as it came."""

from stream_core.practice.parts import Part
from stream_core.practice.request import Body, question, same_words
from stream_core.practice.script import Script
from stream_core.practice.thinking import display, redacted_parts, thinking_parts

from . import THOUGHT, Scenario, reply, reply_of

PROMPT = "Piensa algo que no se pueda leer"
TEXT = """\
Hecho. Una parte de lo que pensé llega **cifrada**: nadie puede leerla, tampoco este programa, y aun \
así tiene que volver tal cual en la siguiente pregunta para que la conversación siga siendo válida."""
NO_THOUGHT = "Esta vez no pensé nada: la petición no lo pedía. Prueba con el pensamiento activado."


def _script(body: Body) -> Script:
    if display(body) is None:
        return reply(body, NO_THOUGHT)
    text = Part({"type": "text", "text": ""}, TEXT)
    return reply_of(body, [*thinking_parts(body, THOUGHT), *redacted_parts(body, THOUGHT), text])


SCENARIO = Scenario(
    name="hidden_thinking",
    summary="Un pensamiento que llega cifrado",
    match=lambda body: same_words(question(body), PROMPT),
    script=_script,
)
