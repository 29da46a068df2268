"""The pictures of the documents: `make pictures` writes them into `docs/pictures`.

The chat itself draws them on a terminal of the emulator, from recordings of its replies and on their time
(`recorded_time.py`): the same recordings, the same pictures, figures included. A still is a part of the
window of one session; the moving one is what the window showed while a reply arrived.
`make recordings` records the replies anew, at the pace of practice mode.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path

from pyte import ByteStream

from support import svg
from support.day import TODAY, VARIABLE
from support.paths import PROGRAM, ROOT, TESTS
from support.recorded_time import HELD, MARK
from support.terminal import Screen, Terminal, row_text

FOLDER = ROOT / "docs" / "pictures"
RECORDINGS = FOLDER / "recordings"
COLS, ROWS = 84, 170  # a window in which the whole session stands
MOVING, MOVING_ROWS = "chat-animado", 22
_STORY = "Escribe una historia corta sobre un robot"
_TOKEN = "¿Qué es un token?"
_FAULT, _GO_ON = "/fallo corte:20", "/continuar"
QUESTION = "¿Qué es el streaming?"
"""What is asked in the moving picture."""
SESSION = (_TOKEN, "/x", _FAULT, _TOKEN, _GO_ON, "stats", _STORY)
"""What is typed for the stills; the last reply is cancelled where it was when it was recorded."""
STILLS = {  # the places of the first and the last line of the session that are seen, and the title
    "radiografia": (1, 1, "La radiografía de una respuesta: eventos, pausas y bytes"),
    "corte": (2, 4, "Una respuesta cortada por la red y su continuación"),
    "stats": (5, 5, "Las estadísticas de la conversación, de la sesión y de todo lo guardado"),
    "cancelar": (6, 6, "Una respuesta cancelada con Esc: lo que llegó se queda"),
}
RECORDED = {  # what is typed for each recording; the session gets their replies in this order
    "token": (_TOKEN,),
    "corte": (_FAULT, _TOKEN, _GO_ON),
    "historia": (_STORY,),
    "streaming": (QUESTION,),
}
_TYPING_SECONDS, _REST_SECONDS = 0.05, 0.3
_MARK = re.compile(re.escape(MARK).replace(r"\{\}", r"([\d.]+)").encode())


@contextmanager
def chat(cols: int, rows: int, *recordings: str) -> Iterator[Terminal]:
    """The chat in practice mode, with folders of its own; with recordings on their time."""
    argv = [sys.executable, str(PROGRAM)]
    if recordings:
        files = [str(RECORDINGS / f"{name}.jsonl") for name in recordings]
        argv = [sys.executable, str(TESTS / "support" / "recorded_time.py"), *files, "--", str(PROGRAM)]
    with tempfile.TemporaryDirectory() as folder:
        env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ANTHROPIC_", "STREAM_CORE_"))
        }
        env |= {
            "HOME": folder,
            "STREAM_CORE_DATA_DIR": f"{folder}/d",
            "STREAM_CORE_CONFIG_DIR": f"{folder}/c",
            VARIABLE: TODAY.isoformat(),
        }
        env |= {
            "COLORTERM": "truecolor",
            "STREAM_CORE_THEME": "oscuro",
        }  # the terminal is not asked, which may be late
        with Terminal(argv, cols=cols, rows=rows, env=env, cwd=Path(folder)) as terminal:
            terminal.wait_for("Tú:")
            yield terminal
            terminal.send("exit\r")
            terminal.wait_exit()


def type_session(terminal: Terminal, lines: Sequence[str] = SESSION) -> list[list[svg.Row]]:
    """Type lines; return for each its rows, from the prompt to the last before the next."""
    for number, line in enumerate(lines, 1):
        terminal.send(f"{line}\r")
        if line == _STORY:
            terminal.wait_for(lambda t: HELD in t.raw, 120)
            terminal.send("\x1b")
        terminal.wait_for(_prompt(number + 1), 120)
    with terminal.changed:
        screen = terminal.screen
        texts = [row_text(screen.buffer[y]) for y in range(screen.lines)]
        begins = [y for y, text in enumerate(texts) if text.startswith("Tú:")]
        rows = _rows(screen)
    return [rows[begin:end] for begin, end in pairwise(begins)]


def _rows(screen: Screen) -> list[svg.Row]:
    return [svg.runs(screen.buffer[y], screen.columns) for y in range(screen.lines)]


def _cursor_at(cell: int, terminal: Terminal) -> bool:
    return terminal.cursor[1] == cell


def _prompt(number: int) -> Callable[[Terminal], object]:
    """Whether the n-th prompt stands alone on its line."""

    def stands(terminal: Terminal) -> bool:
        text = terminal.text
        return len(re.findall(r"^Tú:", text, re.MULTILINE)) >= number and text.rstrip().endswith("Tú:")

    return stands


def cut(parts: list[list[svg.Row]], first: int, last: int) -> list[svg.Row]:
    """The rows of a still."""
    rows = [row for part in parts[first : last + 1] for row in part]
    while rows and not rows[-1]:
        rows.pop()
    return rows


def stills() -> dict[str, str]:
    """The stills, by their names."""
    with chat(COLS, ROWS, *list(RECORDED)[:-1]) as terminal:
        parts = type_session(terminal)
    return {
        name: svg.still(cut(parts, first, last), COLS, title) for name, (first, last, title) in STILLS.items()
    }


def moving() -> str:
    """The moving picture: the question is typed letter by letter, the reply comes as it was recorded."""
    shown: list[tuple[float, list[svg.Row]]] = []

    def keep(at: float, screen: Screen) -> None:
        if not shown or shown[-1][1] != (now := _rows(screen)):
            shown.append((round(at, 3), now if shown else _rows(screen)))

    with chat(COLS, MOVING_ROWS, "streaming") as terminal:
        terminal.wait_for(_prompt(1))
        keep(0.0, terminal.screen)
        for number, letter in enumerate(QUESTION, 1):
            terminal.send(letter)
            cell = len(f"Tú: {QUESTION[:number]}")
            terminal.wait_for(partial(_cursor_at, cell))
            with terminal.changed:
                keep(number * _TYPING_SECONDS, terminal.screen)
        terminal.send("\r")
        terminal.wait_for(_prompt(2), 120)
        raw, end = terminal.raw, terminal.screen
        with terminal.changed:
            last = _rows(end)
    sent, again = len(QUESTION) * _TYPING_SECONDS, Screen(MOVING_ROWS, COLS, 20_000, True, lambda _: None)
    stream, begun, at = ByteStream(again), None, sent
    for drawn, second in zip(*[iter(_MARK.split(raw)[:-1])] * 2, strict=True):
        stream.feed(drawn)
        begun = float(second) if begun is None else begun
        at = sent + float(second) - begun
        keep(at, again)
    shown.append((round(at + _REST_SECONDS, 3), last))
    return svg.moving(shown, COLS, "El chat: la respuesta llega palabra a palabra")


def draw() -> dict[str, str]:
    """All pictures, by their names."""
    return {**stills(), MOVING: moving()}


def record(folder: Path) -> None:
    """Record anew what the pictures are made from."""
    for name, lines in RECORDED.items():
        file = folder / f"{name}.jsonl"
        file.unlink(missing_ok=True)
        with chat(COLS, ROWS) as terminal:
            terminal.send(f"/grabar {file}\r")
            terminal.wait_for(_prompt(2))
            for number, line in enumerate(lines, 3):
                terminal.send(f"{line}\r")
                if line == _STORY:
                    terminal.wait_for("vivero")
                    terminal.send("\x1b")
                terminal.wait_for(_prompt(number), 60)
        file.chmod(0o644)


def _main() -> None:
    if sys.argv[1:] == ["--record"]:
        RECORDINGS.mkdir(exist_ok=True)
        record(RECORDINGS)
    for name, text in draw().items():
        (FOLDER / f"{name}.svg").write_text(text, "utf-8")


if __name__ == "__main__":
    _main()
