"""Recalls earlier messages: the answer reads them from the request, where the context is."""

from __future__ import annotations

import re

from stream_core.practice.answers import fit
from stream_core.practice.request import Body, question, questions
from stream_core.practice.script import Script

from . import Scenario, reply
from .general import quote

_LONGEST_QUOTE = 60  # characters
_MOST_QUOTED = 5  # messages

_NAME = re.compile(
    r"(?:\bme llamo|\bmi nombre es|\bmy name is|\bi am called)\s+([^\W\d_][\w'-]{0,30})", re.IGNORECASE
)
_ASKS_NAME = (
    "como/cual llamo/nombre mi/me",
    "como me llamo",
    "sabes/recuerdas/dime mi nombre",
    "what my name",
)
_ASKS_ALL = (
    "que/what te/tu/me he/habia contado/dicho/preguntado",
    "he contado/dicho/preguntado",
    "te conte/dije/pregunte",
    "de que hablabamos/hablamos/estabamos/hablando",
    "what did say/tell/told/said",
    "como seguia",
    "resume/resumelo/resumen/resumeme/summarize frase/sentence/dicho/conversacion/charla",
    "resumelo/resumemelo",
)
_GREETS = (
    "hola/buenas/buenos/saludos/hello/hi/hey/holi",
    "buenas/buenos tardes/dias/noches",
    "gracias/thanks",
    "adios/chao/bye",
    "que tal",
    "como estas",
)

_GREETING = """\
¡Hola{name}! Esto es el **modo práctica**: mis respuestas están preparadas y no hay ninguna IA, pero te \
llegan por *streaming*, como las de verdad.

Pregúntame, por ejemplo, «¿Qué es el streaming?», «¿Qué es un token?» o «¿Qué pasa si se corta la conexión?».\
{later}"""
_LATER = " Y más tarde, «¿Cómo me llamo?»: lo sabré, porque tu programa me reenvía toda la conversación."
_KNOWN = """\
Te llamas **{name}**: lo dijiste en tu mensaje número {number}.

No lo recuerdo yo: la API no guarda nada. Tu programa ha vuelto a enviar ese mensaje junto con esta \
pregunta, y de ahí lo he leído. Eso es el **contexto**."""
_UNKNOWN = """\
No lo sé: en los mensajes que han llegado con esta pregunta no aparece tu nombre. Escribe «Me llamo…» y \
vuelve a preguntar: entonces sí, porque tu programa me reenviará ese mensaje."""
_TOLD = """\
Con esta pregunta me {have}:

{quotes}

No es memoria: la API no guarda nada entre peticiones. Tu programa envía cada vez **toda la conversación**, \
y por eso los tokens de entrada crecen en cada turno.

**Modo práctica:** sé repetir lo que llegó; para entenderlo y resumirlo hace falta Claude."""
_NOTHING = """\
Todavía nada: esta petición trae un solo mensaje, el tuyo. Cuéntame algo y vuelve a preguntarlo: verás que \
tu programa me lo reenvía entero, y que de ahí lo leo."""


def _match(body: Body) -> float:
    if _presents(question(body)):
        return 0.9
    return max(fit(body, _ASKS_NAME), fit(body, _ASKS_ALL), fit(body, _GREETS))


def _presents(text: str) -> bool:
    """Whether a message says its writer's name and asks nothing."""
    return len(text) < 200 and "?" not in text and _NAME.search(text) is not None


def _script(body: Body) -> Script:
    return reply(body, answer(body))


def answer(body: Body) -> str:
    """The text of the answer."""
    *before, last = questions(body) or [""]
    if _presents(last) or fit(body, _GREETS) > max(fit(body, _ASKS_NAME), fit(body, _ASKS_ALL)):
        name = _name_in(last)
        return _GREETING.format(name=f", {name}" if name else "", later=_LATER if name else "")
    if fit(body, _ASKS_NAME):
        named = [(number, name) for number, text in enumerate(before, 1) if (name := _name_in(text))]
        return _KNOWN.format(name=named[-1][1], number=named[-1][0]) if named else _UNKNOWN
    return _recalled(before) if before else _NOTHING


def _recalled(before: list[str]) -> str:
    numbered = list(enumerate(before, 1))
    shown = numbered if len(numbered) <= _MOST_QUOTED else [*numbered[:2], *numbered[-(_MOST_QUOTED - 2) :]]
    quotes = "\n".join(
        f"{number}. {quote(text, _LONGEST_QUOTE) or 'un mensaje sin texto'}" for number, text in shown
    )
    have = (
        "ha llegado otro mensaje tuyo"
        if len(before) == 1
        else f"han llegado otros {len(before)} mensajes tuyos"
    )
    return _TOLD.format(have=have, quotes=quotes)


def _name_in(text: str) -> str:
    """The name that somebody gives in a text, or ""."""
    found = _NAME.search(text[:1_000])
    return found[1].title() if found else ""


SCENARIO = Scenario(
    "recall", "Lo que ha dicho la persona, leído de los mensajes que llegaron", _match, _script
)
