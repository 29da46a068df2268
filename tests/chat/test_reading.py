"""What the model says is what is read: on a real terminal, in both sizes, dark and light."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from support.chats import answering, chat, leave, wait_for_prompt
from support.terminal import Terminal
from support.wire import playing

from stream_core.practice.scenarios.web_search import PROMPT

TEXT = r"""La energía es $E = mc^2$ y \(\alpha \leq \beta_1\); cuesta $5 y $6.

$$
\begin{pmatrix} a_1 & b \\ c & d \end{pmatrix}
=
- z
$$

```math
x^2 + y^2
```

Quedan 3*4*5, __name__, __init__.py, src/*.c y lib/*.c, MAX_*_SIZE y C:\Users\ana\.ssh.

Mira https://ejemplo.es/una/ruta/muy/larga/que/no/cabe/en/una/fila/de/la/ventana/y/sigue/hasta/aqui?con=parametros.
Y `https://en.codigo.es/x`, o [este](https://a.es) y https://tras.es: fin.

```markdown
# Un README
```python
print("dentro")
```
sigue
```

```bash
curl -fsSL https://ejemplo.es/i.sh --header "Cabecera: valor" --output /tmp/i.sh && bash /tmp/instalar.sh --si
```

| Uno | Dos |
|---|---|
| alfa<br>beta | https://celda.es |
"""  # fmt: skip
PIECES = [TEXT[at : at + 5] for at in range(0, len(TEXT), 5)]
COMMAND = re.search("curl.*", TEXT)


@pytest.mark.parametrize(("rows", "cols"), [(30, 100), (20, 60)])
@pytest.mark.parametrize("theme", ["oscuro", "claro"])
@pytest.mark.parametrize("frame", ["barra", "bordes"])
def test_what_the_model_says_is_what_is_read(rows: int, cols: int, theme: str, frame: str) -> None:
    flags = ("--theme", theme, "--frame", frame)
    with playing(answering(*PIECES)) as server, chat(server, *flags, rows=rows, cols=cols) as terminal:
        terminal.send("hola\r")
        terminal.wait_for("(completa)")
        wait_for_prompt(terminal, 2)
        shown = [row.removeprefix("│").removeprefix(" ") for row in terminal.text.split("\n")]
        text = "\n".join(shown)
        assert "E = mc²" in text and "α ≤ β₁" in text and "x² + y²" in text
        assert r"$$" + "\n" + r"\begin{pmatrix} a_1 & b \\ c & d \end{pmatrix}" + "\n=\n- z\n$$" in text
        one_line = " ".join(text.split())
        for kept in ("$5 y $6", "3*4*5", "__name__", "__init__.py", "src/*.c y lib/*.c", "MAX_*_SIZE"):
            assert kept in one_line
        assert r"C:\Users\ana\.ssh" in "".join(text.split())
        assert "┌─ markdown\n# Un README\n```python\n" in text and "```\nsigue\n└─" in text
        assert re.search(r"^alfa .*https://celda\.es", text, re.MULTILINE) and re.search(r"^beta", text, re.M)
        check_links(terminal)
        check_code(terminal, frame)
        leave(terminal)


def check_links(terminal: Terminal) -> None:
    """Each link leads to its whole address, also where it goes on in the next row."""
    shown: dict[str, str] = {}
    for target, text in re.findall(
        rb"\x1b\]8;;([^\x1b]+)\x1b\\(.*?)\x1b\]8;;\x1b\\", terminal.raw, re.DOTALL
    ):
        bare = re.sub(rb"\x1b\[[0-9;]*m", b"", text).decode()
        shown[target.decode()] = bare
    long = re.search(r"https://ejemplo\.es/una\S+?parametros", TEXT)
    assert long is not None
    assert {"https://en.codigo.es/x", "https://a.es", "https://tras.es", "https://celda.es", long[0]} <= set(
        shown
    )


def check_code(terminal: Terminal, frame: str) -> None:
    """Without a bar, a command is one row of text that the terminal wraps by itself."""
    assert COMMAND is not None
    with terminal.changed:
        buffer = [terminal.screen.buffer[y] for y in range(terminal.screen.lines)]
        history = list(terminal.screen.history.top)
    rows = [*history, *buffer]
    lines, wrapped = [""], False
    for row in rows:
        text = "".join(row[x].data for x in range(max(row, default=-1) + 1))
        lines[-1:] = [lines[-1] + text] if wrapped else [lines[-1], text]
        wrapped = getattr(row, "wrapped", False)
    whole = [line for line in lines if COMMAND[0] in line.rstrip()]
    assert bool(whole) is (frame == "bordes")


def test_every_word_is_there_once_while_long_rows_arrive_and_the_window_changes() -> None:
    words = [f"w{number:04}k" for number in range(240)]
    code = "".join(
        "```sh\n" + " ".join(words[at : at + 40]) + "\n```\n\ntexto\n\n" for at in range(0, 240, 40)
    )
    pieces = [code[at : at + 9] for at in range(0, len(code), 9)]
    with playing(answering(*pieces)) as server, chat(server, "--frame", "bordes") as terminal:
        terminal.send("hola\r")
        terminal.wait_for(words[50])
        terminal.resize(30, 70)
        terminal.wait_for("(completa)")
        wait_for_prompt(terminal, 2)
        found = Counter(re.findall(r"w\d{4}k", terminal.text.replace("\n", "")))
        assert found == dict.fromkeys(words, 1)
        leave(terminal)


@pytest.mark.parametrize("plain", [False, True])
def test_a_cited_sentence_is_whole_and_its_sources_stand_below(own_environment: object, plain: bool) -> None:
    flags = ["--practice", "--web-search", *(["--plain"] if plain else [])]
    with chat(None, *flags) as terminal:
        terminal.send(f"{PROMPT}\r")
        terminal.wait_for("(completa)")
        wait_for_prompt(terminal, 2)
        check_sources(terminal.text)
        terminal.send("/contexto\r")
        terminal.wait_for("La próxima pregunta llevará")
        check_sources(terminal.text.partition("Turno 1")[2])
        leave(terminal)


def check_sources(text: str) -> None:
    rows = "\n".join(row.removeprefix("│").strip() for row in text.split("\n"))
    words = " ".join(rows.split())
    assert "cada otoño sale una versión de Python[1] y dura cinco años[2]." in words.replace("añ os", "años")
    assert "2 fuentes" in words and "encrypted" not in words
    assert "Fuentes: [1] Novedades de Python · example.com [2] Calendario de versiones · example.org" in words
    assert rows.index("web_search") < rows.index("cada otoño") < rows.index("Fuentes:")
