"""Cost of saving conversations, and what survives when a program is killed while it saves."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from stream_core import Text, stream_reply
from stream_core.core.conversation import Turn
from stream_core.core.store_errors import StoreError
from stream_core.store.column_codec import LONG, pack, unpack
from stream_core.store.sqlite import SqliteStore
from stream_core.store.writer import Writer

from .core import REQUEST, client_for
from .store_kill import kill_rounds
from .table import Row, at, cpu, ratio, rounds
from .wire_server import SPOKEN, wire_server

ROOT = Path(__file__).parent.parent
KILLS, LONGEST = 200, 0.8
STREAMED = 4
TURNS = 10_000  # of a long conversation
KEPT = 100_000  # turns in which words are looked for
SEARCHES = 200
STARTS = 15

_COMMON = "casa luz mar sol niño canción árbol camino noche día agua tiempo palabra mundo vida ciudad".split()


def run() -> list[Row]:
    """Every benchmark of this group."""
    with tempfile.TemporaryDirectory() as folder:
        return [
            *_kills(Path(folder) / "killed"),
            _streaming(Path(folder) / "streamed"),
            *_long_conversation(Path(folder) / "long"),
            *_words(Path(folder) / "words"),
            *_start(Path(folder) / "start"),
            _compression(),
        ]


# -- killed while saving ------------------------------------------------------------------------


def _kills(folder: Path) -> list[Row]:
    found = kill_rounds(folder, KILLS, longest=LONGEST)
    what = f"{found.rounds} x SIGKILL of two that save"
    late = [seconds * 1000 for seconds in found.late]
    damage = f"{found.notes} files put aside, integrity_check {found.damaged}"
    return [
        Row(
            f"{what}: turns lost that were acknowledged",
            f"{found.lost} of {found.acknowledged}",
            "0",
            found.lost == 0,
        ),
        Row(f"{what}: damage", damage, "0", found.notes == 0 and found.damaged == "ok"),
        Row(
            f"{what}: age of the oldest text lost of an arriving reply",
            f"p50 {at(late, 0.5):.0f}, p99 {at(late, 0.99):.0f}, worst {max(late):.0f} ms of {found.cut}",
            "<= 250 ms",
            max(late) <= 250,
        ),
    ]


# -- a reply that streams -----------------------------------------------------------------------


def _streaming(folder: Path) -> Row:
    """CPU of a whole reply with and without saving, both sides in turn, over one connection."""
    writer = Writer(lambda: SqliteStore(folder), on_failure=_raise)
    with wire_server() as wire:
        client = client_for(wire.url("spoken"))

        def plain() -> None:
            with stream_reply(client, **REQUEST) as stream:
                for _ in stream:
                    pass

        def saved() -> None:
            saving = writer.begin_turn(None, "Hola", model="m")
            with stream_reply(client, **REQUEST) as stream:
                for delta in stream:
                    if isinstance(delta, Text):
                        saving.text(delta.text)
            saving.end(Turn.of("Hola", stream.reply, model="m"))
            writer.call(lambda _: None)

        found = rounds({"plain": lambda: cpu(plain), "saved": lambda: cpu(saved)}, STREAMED)
    if not writer.close(seconds=30):
        raise RuntimeError("not everything was saved")
    more = (ratio(found["saved"], found["plain"]) - 1) * 100
    added = statistics.median(a - b for a, b in zip(found["saved"], found["plain"], strict=True)) * 1000
    base = statistics.median(found["plain"]) * 1000
    return Row(
        f"CPU that saving adds to a reply of {SPOKEN:,} deltas, 100 a second",
        f"{more:.1f} % ({added:.0f} ms of {base:.0f} ms)",
        "<= 5 %",
        more <= 5,
    )


def _raise(error: StoreError) -> None:
    raise error


# -- a long conversation ------------------------------------------------------------------------


def _long_conversation(folder: Path) -> list[Row]:
    with closing(SqliteStore(folder)) as store:
        name = _fill(store, TURNS, conversations=1)[0]
    start = time.perf_counter()
    with closing(SqliteStore(folder)) as store:
        count = sum(1 for _ in store.turns(name))
        seconds = time.perf_counter() - start
        if count != TURNS:
            raise RuntimeError(f"{count} turns")
        peaks = [_peak(store, name, part) for part in (TURNS // 10, TURNS)]
    return [
        Row(f"opening a conversation of {TURNS:,} turns", f"{seconds * 1000:.0f} ms", "<= 1 s", seconds <= 1),
        Row(
            f"memory while its first {TURNS // 10:,} and all turns are read",
            " and ".join(f"{peak / 1024:.0f} kB" for peak in peaks),
            "flat",
            peaks[1] <= 1.2 * peaks[0],
        ),
    ]


def _peak(store: SqliteStore, name: str, count: int) -> int:
    tracemalloc.start()
    for number, _ in enumerate(store.turns(name), start=1):
        if number == count:
            break
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


# -- words --------------------------------------------------------------------------------------


def _words(folder: Path) -> list[Row]:
    with closing(SqliteStore(folder)) as store:
        names = _fill(store, KEPT, conversations=2_000)
        chance = random.Random(3)
        waits = {
            "a rare word": [_searched(store, f"raro{chance.randrange(5_000)}") for _ in range(SEARCHES)],
            "a common word": [_searched(store, chance.choice(_COMMON)) for _ in range(SEARCHES)],
            "two common words": [
                _searched(store, " ".join(chance.sample(_COMMON, 2))) for _ in range(SEARCHES)
            ],
            "two letters": [_searched(store, chance.choice(_COMMON)[:2]) for _ in range(SEARCHES)],
        }
        lists = [_timed(lambda: store.conversations(limit=50)) for _ in range(20)]
        totals = _timed(store.totals)
        deleting = _timed(lambda: store.delete(names[0]))
    size = sum(path.stat().st_size for path in folder.rglob("*.sqlite3")) / 1e6
    every = [wait for kind in waits.values() for wait in kind]
    each = ", ".join(f"{kind} {at(found, 0.95):.0f}" for kind, found in waits.items())
    return [
        Row(
            f"looking for words in {KEPT:,} turns, p95",
            f"{at(every, 0.95):.0f} ms ({each})",
            "<= 50 ms",
            at(every, 0.95) <= 50,
        ),
        Row(
            "there: first page of 2,000 conversations; totals; deleting a conversation; size",
            f"{statistics.median(lists):.1f}; {totals:.0f}; {deleting:.0f} ms; {size:.0f} MB",
            "-",
            None,
        ),
    ]


def _fill(store: SqliteStore, count: int, *, conversations: int) -> list[str]:
    """Put turns of about 600 characters into a store, in one transaction: filling is not what is measured."""
    chance = random.Random(1)
    names = [f"c{number:07}" for number in range(conversations)]
    with _one_transaction(store):
        for number in range(count):
            text = " ".join(_word(chance) for _ in range(90))
            question, name = f"pregunta {number}", names[number % conversations]
            place = store.begin_turn(name, question, model="m", at=float(number))
            store.end_turn(place, Turn(question, text, "complete", "m"), at=number + 0.5)
    return names


def _word(chance: random.Random) -> str:
    if chance.random() < 0.02:
        return f"raro{chance.randrange(5_000)}"
    return chance.choice(_COMMON) + chance.choice(("", "s", "ito", "ando"))


@contextmanager
def _one_transaction(store: SqliteStore) -> Iterator[None]:
    held, db = store._file, store._file.db

    @contextmanager
    def joined() -> Iterator[object]:
        yield db

    usual = held.writing
    held.writing = joined  # type: ignore[method-assign,assignment]
    db.execute("BEGIN IMMEDIATE")
    yield
    db.execute("COMMIT")
    held.writing = usual  # type: ignore[method-assign]


def _searched(store: SqliteStore, words: str) -> float:
    return _timed(lambda: store.search(words, limit=20))


def _timed(work: Callable[[], object]) -> float:
    """Milliseconds."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


# -- starting -----------------------------------------------------------------------------------

_CHAT = "import stream_core.chat.repl, stream_core.chat.session.session\n"
_BEFORE = "import time; before = time.process_time()\n"
_AFTER = "print((time.process_time() - before) * 1000)"
_PREPARED = (
    "from pathlib import Path\nfrom stream_core.store.writer import Writer\n"
    "def opened():\n    from stream_core.store.sqlite import SqliteStore\n"
    "    return SqliteStore(Path({folder!r}))\n"
    "writer = Writer(opened, on_failure=print)\n"
)
_OPENED = "writer.call(lambda store: (store.recover(), store.latest()))\n"


def _start(folder: Path) -> list[Row]:
    """Import cost of the store in a program that has loaded the chat already."""
    prepared = _PREPARED.format(folder=str(folder))
    with closing(SqliteStore(folder)) as store:
        _fill(store, 500, conversations=50)
    found = rounds(
        {
            "prepared": lambda: _cpu_of(_CHAT + _BEFORE + prepared + _AFTER),
            "opened": lambda: _cpu_of(_CHAT + _BEFORE + prepared + _OPENED + _AFTER),
        },
        STARTS,
    )
    opened, ready = statistics.median(found["opened"]), statistics.median(found["prepared"])
    return [
        Row("CPU of a writer before the prompt, nothing opened", f"{ready:.1f} ms", "<= 20 ms", ready <= 20),
        Row(
            "CPU when the store is opened and turns recovered there (500 turns)",
            f"{opened:.1f} ms",
            "<= 20 ms",
            opened <= 20,
        ),
    ]


def _cpu_of(program: str) -> float:
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return float(run.stdout)


# -- compression --------------------------------------------------------------------------------


def _compression() -> Row:
    """Sample text as models write it: the project's own documents."""
    text = "".join(path.read_text("utf-8") for path in sorted(ROOT.glob("*.md")))
    parts = [text[place : place + 2 * LONG] for place in range(0, len(text) - 2 * LONG, 2 * LONG)]
    packed = [pack(part) for part in parts]
    before, after = sum(len(part.encode()) for part in parts), sum(map(len, packed))
    there = min(_timed(lambda: [pack(part) for part in parts]) for _ in range(5)) / len(parts)
    back = min(_timed(lambda: [unpack(part) for part in packed]) for _ in range(5)) / len(parts)
    return Row(
        f"compression of texts of {2 * LONG // 1024} kB: ratio; CPU there and back, a text",
        f"{before / after:.1f} : 1; {there:.2f} and {back:.2f} ms",
        "-",
        None,
    )
