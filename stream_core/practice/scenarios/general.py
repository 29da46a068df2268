"""The fallback answer: explains practice mode, what to try, and how to use Claude."""

import unicodedata

from stream_core.practice.request import Body, question, questions
from stream_core.practice.scenarios import Scenario, reply

_LONGEST_QUOTE = 80  # characters

_FIRST = "Es lo primero que me escribes en esta conversación."
_FOLLOW_UP = (
    "Es tu mensaje número {number} y con él han llegado los anteriores (el último, {previous}): "
    "así se conserva el contexto."
)
_TEXT = """\
**Modo práctica.** Esta respuesta estaba escrita de antemano: aquí no hay ninguna IA leyendo, así que \
nadie puede contestar de verdad a {quoted}. {turn}

Lo que sí es real es el camino: el texto te llega por *streaming*, trozo a trozo. Puedes probar:

- `demo`: cuatro preguntas con una respuesta preparada
- `stats`: las cifras de esta conversación
- `contexto`: todo lo que se ha dicho hasta ahora
- `/fallos`: lo que puede salir mal, para ensayarlo
- **Ctrl+C** mientras escribo: corta la respuesta y conserva lo que ya llegó

Para hablar con Claude, añade tu clave al archivo `.env` (`--where` dice dónde está) y vuelve a abrir el chat:

```
ANTHROPIC_API_KEY=tu_clave
```"""


def text(body: Body) -> str:
    """The answer, which quotes the last question and the one before it."""
    asked = questions(body)
    quoted = quote(question(body), _LONGEST_QUOTE) or "tu mensaje, que no trae texto"
    if len(asked) < 2:
        return _TEXT.format(quoted=quoted, turn=_FIRST)
    previous = quote(asked[-2], _LONGEST_QUOTE // 2) or "sin texto"
    return _TEXT.format(quoted=quoted, turn=_FOLLOW_UP.format(number=len(asked), previous=previous))


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


SCENARIO = Scenario(
    name="general",
    summary="La respuesta a cualquier otra pregunta",
    match=lambda body: True,
    script=lambda body: reply(body, text(body)),
)
