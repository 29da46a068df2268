"""A text that comes along with a request, as `git diff | … "Resume estos cambios"` sends it. Pure."""

from __future__ import annotations

from .matching import read, score

_LONGEST_LINE = 200  # characters of a line that asks
_ASKED = (
    "resume*/resumen/resumir/resumelo/summar*",
    "resume*/resumen/resumir/summar* cambio*/archivo*/texto*/documento*/esto/this/change*/file*",
    "traduce*/traducir/translate*",
    "traduce*/traducir/translate* ingles/espanol/castellano/frances/aleman/portugues/english/spanish/french",
    "revisa*/corrige*/corregir/review/fix cambio*/archivo*/texto*/esto/codigo/code/this/change*",
    "haz/hazlo/reescrib*/mejora*/make/rewrite/improve mas/menos/tono/texto/esto/cercano/more/less/it",
    "explica*/explain cambio*/archivo*/esto/codigo/error/this/change*/code",
)


def asking_line(text: str) -> tuple[str, str]:
    """The first line, if it asks for something to be done with a text, and the text; else "" and ""."""
    first, _, rest = text.strip().partition("\n")
    if len(first) <= _LONGEST_LINE and score(read(first), _ASKED):
        return first, rest.strip()
    return "", ""
