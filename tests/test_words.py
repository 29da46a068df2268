"""One word for one thing: what the Spanish of the program and of its documents never says."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CODE = [*sorted((ROOT / "stream_core").rglob("*.py")), ROOT / "streaming_examples.py"]
_DOCS = (f"docs/{page}.md" for page in ("manual", "referencia", "problemas", "equipo", "faults"))
PAGES = [ROOT / name for name in ("README.md", "STREAMING_GUIDE.md", ".env.example", *_DOCS)]
INSTEAD = {
    r"\bde serie\b": "por defecto",
    r"\benseñ\w+": "muestra",
    r"\blínea de órdenes\b": "línea de comandos",
    r"(?<!/)\b(?:C|c)ostes?\b(?!/)": "gasto, or what it costs",
    r"\((?:Completad|Cortad|Cancelad|Rechazad|Interrumpid)o\)": "completa, cortada…: of a reply",
    r"\b(?:ordenador|fichero|computadora)\b": "equipo, archivo",
    r"\b(?:cada|por|entre dos) cuadros?\b": "fotograma",
    r"\bsurrogad\w+": "sustituto",
    r"\bvídeos?\b": "video",
    r"\bDe que \w+ .*\ba que\b": "desde que… hasta que…",
    r"\b(?:[Cc]ort(?:a|an|aste) la respuesta|la cortaste)\b": "cancelar: a reply is cut by the network alone",
    r"\b(?:Streaming|Estadísticas|Conversación|Barra|Panel) (?:de |con |del )?[A-ZÁÉ][a-zá-ú]+": (
        "sentence case"
    ),
}
_NAMES = re.compile(r"Streaming (?:API|SDK)|Panel de Rich|con (?:Rich|Claude|Textual)\b")
_TEACHES = "practice/scenarios/tips.py"  # a library teaches


@cache
def _texts(file: Path) -> list[str]:
    if file.suffix != ".py":
        return _NAMES.sub("", file.read_text("utf-8")).splitlines()
    tree = ast.parse(file.read_text("utf-8"))
    return [
        _NAMES.sub("", node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


@pytest.mark.parametrize("word", INSTEAD)
def test_one_word_for_one_thing(word: str) -> None:
    wrong = []
    for file in (*CODE, *filter(Path.exists, PAGES)):
        name = file.relative_to(ROOT).as_posix()
        for text in _texts(file):
            if name.endswith(_TEACHES) or " " not in text:  # one word is what somebody may type
                continue
            for found in re.finditer(word, text):
                wrong.append(
                    f"{name}: {found.group()!r} in {text[max(0, found.start() - 40) : found.end() + 20]!r}"
                )
    assert not wrong, f"{INSTEAD[word]}:\n" + "\n".join(wrong)
