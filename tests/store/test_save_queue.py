"""What goes through a journal is saved once, wherever the programs are killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAM = '''
import os, shutil, signal, sys
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from stream_core.core.conversation import Turn
from stream_core.core.store_errors import StoreBusy
from stream_core.models.cost import Spent
from stream_core.store import save_queue
from stream_core.store.journal import Journal
from stream_core.store.protocol import FOLDER, Receipt, Spending
from stream_core.store.save_queue import SaveQueue
from stream_core.store.sqlite import SqliteStore
from stream_core.store.unsaved import Unsaved

place, case, stride = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
WATCHED = ("save_queue.py", "journal.py", "journal_reader.py", "sqlite.py", "spending.py", "database.py")
ENTRIES = [Spending(Receipt("p", n), "m", Spent(Decimal(2) ** -n, 1)) for n in (1, 2, 3)]
TURN = Turn("¿Qué?", "Esto.", "complete", "m")


class Busy:
    """A store that can be opened and takes nothing."""

    notes = ()

    def __getattr__(self, name):
        def refuse(*args, **named):
            if name != "close":
                raise StoreBusy()
        return refuse


def queue_of(data, open_store=None):
    return SaveQueue(open_store or (lambda: SqliteStore(data)), lambda _: None, Journal(data / FOLDER))


def hand_over(queue):
    turn = Unsaved("a1234567", TURN.question, "m", 1.0)
    queue.begin(turn)
    turn.turn, turn.ended = TURN, 2.0
    queue.end(turn)
    for entry in ENTRIES:
        queue.spend(entry)


def save_own(data):
    """The store was busy for a while: its own program saves what the journal has."""
    stores = [Busy()]
    queue = queue_of(data, lambda: stores.pop() if stores else SqliteStore(data))
    hand_over(queue)
    queue.close()
    return queue.catch_up


def adopt(data):
    """A program that has exited left a journal: another one adopts it."""
    left = queue_of(data, Busy)
    hand_over(left)
    left._journal.close()
    return lambda: queue_of(data).run(lambda store: None)


def killed_at(line, prepare):
    """Run work in a child that is killed at its n-th line; returns whether it came so far."""
    child = os.fork()
    if child == 0:
        work, seen = prepare(), 0

        def trace(frame, event, arg):
            nonlocal seen
            if os.path.basename(frame.f_code.co_filename) not in WATCHED:
                return None
            if event == "line":
                seen += 1
                if seen == line:
                    os.kill(os.getpid(), signal.SIGKILL)
            return trace

        sys.settrace(trace)
        work()
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def check(data):
    queue = queue_of(data)
    found = queue.run(lambda store: (store.spent(), list(store.turns("a1234567"))))
    assert found == ([("m", Spent(Decimal("0.875"), 3))], [TURN]), found
    assert queue.catch_up()
    queue.close()
    assert not list((data / FOLDER).glob("*.jsonl")), "a journal is left"


line, rounds = 1, 0
while True:
    data = place / str(line)
    with closing(SqliteStore(data)):
        pass
    reached = killed_at(line, lambda: {"adopt": adopt, "own": save_own}[case](data))
    check(data)
    shutil.rmtree(data)
    if not reached:
        break
    line, rounds = line + stride, rounds + 1
print(rounds)
'''


@pytest.mark.skipif(sys.platform == "win32", reason="fork")
@pytest.mark.parametrize("case", ["adopt", "own"])
def test_spending_in_a_journal_is_counted_once_at_whatever_line_the_program_is_killed(
    case: str, quick_path: Path, soaking: bool
) -> None:
    stride = 1 if soaking else 37
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(quick_path), case, str(stride)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) >= 5
