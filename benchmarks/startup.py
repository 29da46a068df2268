"""Cost of starting and leaving, against a plain script of the SDK and the drawing libraries."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from .program import CHAT, PROMPT, ROOT, Chat, NotThere, cpu_of, environ
from .table import Row, ratio_row, rounds
from .wire_server import CODE_LINES, CODE_PACE, Wire, wire_server

LIBRARIES = [sys.executable, "-c", "import prompt_toolkit, rich.live"]
NOTHING = [sys.executable, "-c", "pass"]
ONE_SHOT = [*CHAT, "hola"]
PLAIN = [
    sys.executable,
    "-c",
    """
import sys, anthropic
messages = [{"role": "user", "content": "hola"}]
with anthropic.Anthropic(max_retries=0).messages.stream(
    model="claude-sonnet-5-5", max_tokens=1000, messages=messages
) as stream:
    for text in stream.text_stream:
        sys.stdout.write(text)
        sys.stdout.flush()
""",
]
ROUNDS = int(os.environ.get("BENCHMARK_ROUNDS", "9"))

_Environ = Mapping[str, str]


def run() -> list[Row]:
    """Every benchmark of this group."""
    with tempfile.TemporaryDirectory() as folder, wire_server() as wire:
        alone = environ(Path(folder))  # without a key
        keyed = {**alone, "ANTHROPIC_API_KEY": "clave-de-prueba"}
        timed = {**keyed, "ANTHROPIC_BASE_URL": wire.url("timed")}
        code = {**keyed, "ANTHROPIC_BASE_URL": wire.url("code")}
        return [
            _ratio(
                "CPU of a one-shot answer / a plain script of the SDK",
                lambda: cpu_of(ONE_SHOT, timed, speaks=True),
                lambda: cpu_of(PLAIN, timed, speaks=True),
                0.7,
            ),
            _time("one-shot: last byte of the server -> process gone", lambda: _gone(wire, timed), 150),
            _time("«salir» -> process gone, all of it loaded", lambda: _left(timed), 100),
            _ratio(
                f"CPU to the prompt {PROMPT.strip()!r} / importing prompt_toolkit and rich.live",
                lambda: _cpu_to_prompt(alone),
                lambda: cpu_of(LIBRARIES, alone),
                1.4,
            ),
            _ratio(
                "start -> request of a line typed at the first prompt / of a plain script of the SDK",
                lambda: _asked_by_chat(wire, timed),
                lambda: _asked_by_script(wire, timed),
                1.1,
            ),
            _time("first code of a session: worst delta -> screen", lambda: _worst_line(wire, code), 40),
            _ratio(
                "CPU of --help / python -c pass",
                lambda: cpu_of([*CHAT, "--help"], alone, speaks=True),
                lambda: cpu_of(NOTHING, alone),
                6,
            ),
        ]


def _ratio(what: str, side: Callable[[], float], base: Callable[[], float], most: float) -> Row:
    try:
        found = rounds({"base": base, "side": side}, ROUNDS)
    except NotThere as why:
        return Row(what, f"not there ({why})", f"<= {most:g}x", None)
    return ratio_row(what, found["side"], found["base"], "ms", most)


def _time(what: str, measure: Callable[[], float], most: float) -> Row:
    try:
        found = rounds({"side": measure}, ROUNDS)["side"]
    except NotThere as why:
        return Row(what, f"not there ({why})", f"<= {most:g} ms", None)
    middle = statistics.median(found)
    measured = f"{middle:.0f} ms (best {min(found):.0f}, worst {max(found):.0f})"
    return Row(what, measured, f"<= {most:g} ms", middle <= most)


def _cpu_to_prompt(env: _Environ) -> float:
    """Milliseconds of CPU of the chat, all threads, when the prompt is on the screen; then it is killed."""
    with Chat(env) as chat:
        chat.until(PROMPT)
        return chat.cpu_until(PROMPT)


def _told(wire: Wire, word: str) -> float:
    """When the server says something happened."""
    line = wire.told(word, 20.0)
    if line is None:
        raise NotThere(f"the server says nothing of {word!r}")
    return float(line.split()[-1])


def _quietly(command: list[str], env: _Environ) -> subprocess.Popen[bytes]:
    nowhere = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=ROOT, env=env, stdin=nowhere, stdout=nowhere, stderr=nowhere)


def _gone(wire: Wire, env: _Environ) -> float:
    wire.forget()
    with _quietly(ONE_SHOT, env) as child:
        child.wait()
        gone = time.monotonic()
    return (gone - _told(wire, "sent")) * 1000


def _left(env: _Environ) -> float:
    with Chat(env) as chat:
        chat.until(PROMPT)
        chat.settle()
        chat.type("salir\r")
        begun = time.monotonic()
        return (chat.end() - begun) * 1000


def _asked_by_chat(wire: Wire, env: _Environ) -> float:
    wire.forget()
    with Chat(env) as chat:
        chat.until(PROMPT)
        chat.type("hola\r")
        return (_told(wire, "asked") - chat.begun) * 1000


def _asked_by_script(wire: Wire, env: _Environ) -> float:
    wire.forget()
    begun = time.monotonic()
    with _quietly(PLAIN, env) as child:
        asked = _told(wire, "asked")
        child.wait()
    return (asked - begun) * 1000


def _worst_line(wire: Wire, env: _Environ) -> float:
    """Milliseconds from a line of code on the wire to the terminal: the worst of the first block."""
    with Chat(env) as chat:
        chat.until(PROMPT)
        chat.settle()
        wire.forget()
        chat.type("hola\r")
        _told(wire, "asked")
        sent = [_told(wire, "sent") for _ in range(3 + CODE_LINES)][
            3:
        ]  # before: two of the start, and the words
        time.sleep(5 * CODE_PACE)
        return max(chat.when(f"linea_{number:03d}") - at for number, at in enumerate(sent)) * 1000
