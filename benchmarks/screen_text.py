"""The texts that the screen is measured with: Markdown in Spanish, and how it is cut into deltas."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from itertools import count

from stream_core.practice.scenarios import load

_SECTIONS = (
    """\
## Sección {n}: listas dentro de listas 🧭

Antes de empezar, **conviene ordenar** lo que hace falta; cada punto depende del *anterior*:

- Preparar el entorno 🧰
  - instalar `python3` y crear un entorno nuevo
  - comprobar la versión con `python3 --version`
    - si es anterior a la 3.10, actualizarla
- Escribir la primera prueba ✅
  1. pensar qué debería pasar
  2. escribirlo antes que el código
- Repetirlo hasta que sea una costumbre

> Lo que no se prueba, se rompe; y se rompe un viernes por la tarde. 🇪🇸
""",
    """\
### Sección {n}: una función

Así se cuenta cuántas veces aparece cada palabra de un texto:

```python
from collections import Counter


def palabras(texto: str) -> dict[str, int]:
    \"\"\"Cuenta las palabras de un texto, sin mayúsculas.\"\"\"
    contadas = Counter(palabra.strip(".,;:¡!¿?") for palabra in texto.lower().split())
    return {{palabra: veces for palabra, veces in contadas.items() if veces > {n}}}  # las repetidas


print(palabras("El robot mira al jardín y el jardín mira al robot"))
```

Y en la consola, `pip install contador` basta:

```bash
for archivo in *.txt; do
    python3 -m contador "$archivo" --minimo 2 | sort -k2 -n
done
```
""",
    """\
## Sección {n}: una comparación 📊

| Opción | Ventaja | Inconveniente | Precio |
|:-------|:--------|:--------------|-------:|
| Síncrona | se lee de arriba abajo | espera mientras no llega nada | {n} € |
| Asíncrona | muchas cosas a la vez | hay que aprender `await` | 25 € |
| Por lotes 👩‍💻 | la más barata | responde **mañana** | 3 € |

#### En resumen

Si dudas, empieza por la primera: [la guía](https://example.com/guia/{n}) explica el resto, y ~~casi~~ todo lo
demás se puede cambiar después. 👍🏽

---
""",
)

_PYTHON = (
    "def paso_{n}(valor: int, factor: float = 1.5) -> str:",
    '    """Calcula el paso {n} y lo cuenta."""',
    "    total = sum(valor * factor for _ in range({n} % 7)) + {n}",
    "    if total > 100 and valor not in (1, 2, 3):",
    '        raise ValueError(f"demasiado: {{total:.2f}} en el paso {n}")  # no debería pasar',
    "    return str(total).rjust(12)",
    "",
)

_BLOCK = """

## @ @ @ @

@ @ **@ @** @ `@` @ @ @ @, @ @ @ *@* @ @ @ @ @ @ @.

- @ @ @ @ @
- @ **@** @ @
  - @ @ @
  - @ @ @ @

1. @ @ @ @
2. @ @ @

```python
@ = @(@, @)
if @:
    @ = @
```

| @ | @ |
|---|---|
| @ | @ |
| @ | @ |

> @ @ @ @ @"""
_PARAGRAPH = "\n\n@" + " @" * 59

HOSTILE = (
    "\x1b]0;titulo\x07",  # the title of the window
    "\x1b]52;c;cm0gLXJm\x07",  # the clipboard
    "\x1b[97;5;105m",
    "\x1b[?1047h",
    "\x1bP+q544e\x1b\\",
    "\x1b_Ga=T\x1b\\",
    "\x1bc",
    "\x9b31337m",
    "\x9d0;titulo\x9c",
    "\x85",
    "\x7f",
    "\u202e",
    "\u2066",
    "\U000e0041",
)
"""What a text could try on a terminal. The screen itself sends none of these."""


def reply_text(size: int) -> str:
    """A reply of `size` bytes: the practice replies, with the rest of Markdown between them."""
    modules = [import_module(f"stream_core.practice.scenarios.{scenario.name}") for scenario in load()]
    replies = [module.TEXT for module in modules if hasattr(module, "TEXT")]

    def parts() -> Iterator[str]:
        for number in count():
            yield replies[number % len(replies)]
            yield _SECTIONS[number % len(_SECTIONS)].format(n=number + 1)

    return _of(size, parts(), "\n\n")


def table_text(size: int) -> str:
    """One table of `size` bytes."""
    head = ["| Ciudad | Comentario | Valor |", "|:-------|:-----------|------:|"]
    rows = (f"| Ciudad {n} | un comentario **breve** con `código` 🌱 | {n * 37 % 1000} |" for n in count())
    return _of(size, (line for lines in (head, rows) for line in lines), "\n")


def fence_text(size: int) -> str:
    """One fence of Python of `size` bytes."""
    lines = (line.format(n=n) for n in count() for line in _PYTHON)
    return _of(size, (line for part in (["```python"], lines) for line in part), "\n")


def _of(size: int, parts: Iterator[str], between: str) -> str:
    gathered, length = [], 0
    while length < size:
        gathered.append(next(parts) + between)
        length += len(gathered[-1].encode())
    return "".join(gathered).encode()[:size].decode(errors="ignore")


@lru_cache(maxsize=8)
def pieces(text: str) -> tuple[str, ...]:
    """The text in deltas of 4 to 12 characters, always the same; cut once, for that is no part of any way."""
    chance, at, cut = random.Random(1), 0, list[str]()
    while at < len(text):
        end = at + chance.randint(4, 12)
        cut.append(text[at:end])
        at = end
    return tuple(cut)


def words(number: int, *, marked: bool) -> tuple[list[str], list[str]]:
    """Deltas that each end with a word of their own, and these words; `marked`: all kinds of Markdown."""
    chance, deltas, ends = random.Random(2), [], []
    between = ((_BLOCK if marked else _PARAGRAPH) * number).split("@")
    for place in range(number):
        letters = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(1, 7)))
        ends.append(f"{letters}{place:04}")
        deltas.append(between[place] + ends[-1])
    return deltas, ends
