"""The pictures of the documents: `make pictures` writes them into `docs/pictures`.

The chat itself draws them, in practice mode on a terminal of the emulator. A still is a part of the window of
one session; the moving one is what the window showed while a reply arrived.
"""

from __future__ import annotations

import html
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from support import svg
from support.paths import ROOT
from support.terminal import Terminal, row_text

FOLDER = ROOT / "docs" / "pictures"
COLS, ROWS = 84, 170  # a window in which the whole session stands
MOVING = "chat-animado"
_STORY = "Escribe una historia corta sobre un robot"
_TOKEN = "¿Qué es un token?"
SESSION = (_TOKEN, "/x", "/fallo corte:20", _TOKEN, "/continuar", "stats", _STORY)
"""What is typed; the last reply is cancelled as soon as it says `vivero`."""
STILLS = {  # the places of the first and the last line of the session that are seen, and the title
    "radiografia": (1, 1, "La radiografía de una respuesta: eventos, pausas y bytes"),
    "corte": (2, 4, "Una respuesta cortada por la red y su continuación"),
    "stats": (5, 5, "Las estadísticas de la conversación, de la sesión y de todo lo guardado"),
    "cancelar": (6, 6, "Una respuesta cancelada con Esc: lo que llegó se queda"),
}
_AT_ONCE = """
import runpy, sys
from stream_core.practice.server import PracticeServer
begin = PracticeServer.__init__
PracticeServer.__init__ = lambda self, **options: begin(self, **{**options, "pace": 0.0})
sys.argv[:] = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@contextmanager
def chat(cols: int, rows: int, *, at_once: bool = False) -> Iterator[Terminal]:
    """The chat in practice mode, with folders of its own; `at_once` without the waits of its server."""
    program = str(ROOT / "streaming_chatbot.py")
    argv = [sys.executable, "-c", _AT_ONCE, program] if at_once else [sys.executable, program]
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
        }
        env |= {"COLORTERM": "truecolor"}
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
            terminal.wait_for("vivero")
            terminal.send("\x1b")
        terminal.wait_for(_prompt(number + 1), 60)
    with terminal.changed:
        screen = terminal.screen
        texts = [row_text(screen.buffer[y]) for y in range(screen.lines)]
        begins = [y for y, text in enumerate(texts) if text.startswith("Tú:")]
        rows = [svg.runs(screen.buffer[y], screen.columns) for y in range(screen.lines)]
    return [rows[begin:end] for begin, end in pairwise(begins)]


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


def frames(question: str, cols: int, rows: int) -> list[tuple[float, list[svg.Row]]]:
    """What the window shows from before the question to after the reply, each frame with its second."""
    shown: list[tuple[float, list[svg.Row]]] = []
    with chat(cols, rows) as terminal:
        begun = time.monotonic()

        def keep() -> None:
            with terminal.changed:
                screen = terminal.screen
                now = [svg.runs(screen.buffer[y], cols) for y in range(rows)]
            if not shown or shown[-1][1] != now:
                shown.append((time.monotonic() - begun if shown else 0.0, now))

        keep()
        for letter in question:
            terminal.send(letter)
            time.sleep(0.05)
            keep()
        terminal.send("\r")
        done, end = _prompt(2), time.monotonic() + 60
        while not done(terminal) and time.monotonic() < end:
            time.sleep(0.12)
            keep()
        time.sleep(0.3)
        keep()
    return shown


def words(text: str) -> str:
    """What a picture says, without what differs between sessions: numbers, bars, line ends, borders.

    How long the program took to get ready is a figure only where it took long enough to be told.
    """
    plain = re.sub(r"[█▉▊▋▌▍▎▏]", "", text)
    plain = re.sub(r"\d+ de \w+ de \d+|\d(?:[\d.,]*\d)?", "#", plain)
    joined = " ".join(re.sub(r"[─┬┼┴┌┐├┤└┘│╰╭]", " ", plain).split())
    return re.sub(r" (?:· )?preparación # s", "", joined)


def words_of_rows(rows: list[svg.Row]) -> str:
    """What rows say, as `words`."""
    return words("\n".join(" ".join(run.text for run in row) for row in rows))


def words_of_file(name: str) -> str:
    """What a picture of the documents says, as `words`."""
    text = (FOLDER / f"{name}.svg").read_text("utf-8")
    lines = re.findall(r"<text.*?</text>", text)
    return words("\n".join(html.unescape(re.sub(r"<[^>]+>", " ", line)) for line in lines))


def _main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with chat(COLS, ROWS) as terminal:
        parts = type_session(terminal)
    for name, (first, last, title) in STILLS.items():
        (FOLDER / f"{name}.svg").write_text(svg.still(cut(parts, first, last), COLS, title), "utf-8")
    moved = svg.moving(
        frames("¿Qué es el streaming?", COLS, 22), COLS, "El chat: la respuesta llega palabra a palabra"
    )
    (FOLDER / f"{MOVING}.svg").write_text(moved, "utf-8")


if __name__ == "__main__":
    _main()
