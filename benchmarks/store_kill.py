"""Programs that save and are killed at a random moment; and a look at what is left.

`python -m benchmarks.store_kill FOLDER` is one of them: it saves turns until it is killed, and says on its
output what it has done, a line of JSON each, always after it was done. With `--rounds N` it lets two of them
save at once and kills them, N times.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from stream_core.core.conversation import Turn
from stream_core.core.store_errors import StoreError
from stream_core.models.cost import Spent
from stream_core.store.open_database import NAME
from stream_core.store.protocol import FOLDER
from stream_core.store.sqlite import SqliteStore
from stream_core.store.writer import Writer

ROOT = Path(__file__).parent.parent
PAUSE = 0.004  # seconds between deltas


@dataclass(slots=True)
class Found:
    """Results of all rounds.

    Attributes:
        rounds: how many there were.
        acknowledged: turns that a program was told to be safe.
        lost: of them, those that were not there afterwards, or not whole.
        continued: turns that went on after their end.
        cut: turns that were arriving when their program was killed.
        unfinished: of all, those that nobody ended.
        notes: what the store said when it was opened.
        damaged: what SQLite's own check of the file said at the end, "ok" when nothing.
        late: for each reply that was arriving, the age in seconds of the oldest text that was lost.
    """

    rounds: int = 0
    acknowledged: int = 0
    lost: int = 0
    continued: int = 0
    cut: int = 0
    unfinished: int = 0
    notes: int = 0
    damaged: str = ""
    late: list[float] = field(default_factory=list)


def victim(folder: Path) -> None:
    """Save turns until killed."""

    def failed(error: StoreError) -> None:
        say("failed", why=repr(error))

    def say(what: str, **more: Any) -> None:
        print(json.dumps({"what": what, "at": time.monotonic(), **more}), flush=True)

    chance = random.Random()
    writer = Writer(lambda: SqliteStore(folder), on_failure=failed)
    conversation = None
    while True:
        question = f"pregunta {chance.random()}"
        saving = writer.begin_turn(conversation, question, model="m")
        conversation = saving.conversation if chance.random() < 0.8 else None
        say("begun", id=saving.conversation, question=question)
        text = ""
        while True:
            for number in range(chance.randrange(1, 50)):
                piece = f"{number} palabra "
                saving.text(piece)
                text += piece
                say("text", id=saving.conversation, question=question, length=len(text))
                time.sleep(PAUSE)
            turn = Turn(question, text, "max_tokens", "m")
            writer.spend("m", Spent(priced=1))
            saving.end(turn)
            writer.call(lambda _: None)
            if writer.failed is None:
                say("safe", id=saving.conversation, question=question, text=text)
            if chance.random() < 0.5:
                break
            saving = writer.continue_turn(saving.conversation, turn)
            say("continued", id=saving.conversation, question=question)


def kill_rounds(folder: Path, count: int, *, longest: float, programs: int = 2) -> Found:
    """Let `programs` save at once and kill each at a random moment, `count` times over one store.

    Args:
        longest: seconds that a program lives after its first word, at most.
    """
    found, chance = Found(), random.Random(count)
    for _ in range(count):
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "benchmarks.store_kill", str(folder)], cwd=ROOT, stdout=subprocess.PIPE
            )
            for _ in range(programs)
        ]
        said, killed = list[list[dict[str, Any]]](), list[float]()
        for program in running:
            assert program.stdout is not None
            program.stdout.readline()  # it has begun
        for program in running:
            time.sleep(chance.random() * longest)
            program.kill()
            killed.append(time.monotonic())
        for program in running:
            said.append(_lines(program.communicate()[0]))
        _look(folder, said, killed, found)
        found.rounds += 1
    with closing(sqlite3.connect(folder / FOLDER / NAME)) as connection:
        found.damaged = str(connection.execute("PRAGMA integrity_check").fetchone()[0])
    return found


def _lines(output: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.split(b"\n")[:-1]]


def _look(
    folder: Path, said: Sequence[Sequence[dict[str, Any]]], killed: Sequence[float], found: Found
) -> None:
    """Open the store as the next program does, and compare it with what was said."""
    store = SqliteStore(folder)
    try:
        found.notes += len(store.notes)
        found.unfinished += len(store.recover())
        for lines, end in zip(said, killed, strict=True):
            assert not [line for line in lines if line["what"] == "failed"], lines
            found.continued += sum(line["what"] == "continued" for line in lines)
            for line in {line["question"]: line for line in lines if line["what"] == "safe"}.values():
                text = _kept(store, line) or ""
                if line["question"] == lines[-1]["question"] and line is not lines[-1]:  # it went on
                    text = text[: len(line["text"])]
                found.acknowledged += 1
                found.lost += text != line["text"]
            rest = _arriving(lines)
            if rest:
                found.cut += 1
                found.late.append(_age_of_lost(store, rest, end))
    finally:
        store.close()


def _kept(store: SqliteStore, line: dict[str, Any]) -> str | None:
    texts = [turn.text for turn in store.turns(line["id"]) if turn.question == line["question"]]
    return texts[0] if len(texts) == 1 else None


def _arriving(lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The reported text of the last turn, if it was not safe yet."""
    if not lines or lines[-1]["what"] != "text":
        return []
    return [line for line in lines if line["what"] == "text" and line["question"] == lines[-1]["question"]]


def _age_of_lost(store: SqliteStore, lines: Sequence[dict[str, Any]], end: float) -> float:
    """Seconds between the oldest text that is not there and the end of its program; 0.0 when all is there."""
    text = _kept(store, lines[0])
    if text is None:
        return end - float(lines[0]["at"])
    lost = [float(line["at"]) for line in lines if line["length"] > len(text)]
    return end - min(lost) if lost else 0.0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store_kill")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, help="kill such programs so often, and tell what was found")
    parser.add_argument("--longest", type=float, default=1.0, help="seconds that one lives at most")
    asked = parser.parse_args()
    if asked.rounds is None:
        victim(asked.folder)
    print(json.dumps(asdict(kill_rounds(asked.folder, asked.rounds, longest=asked.longest))))
