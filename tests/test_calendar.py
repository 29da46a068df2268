"""Nothing reads the calendar behind the back of `config/today.py`: what is right today is right in years."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted(
    source
    for folder in (ROOT, *(ROOT / name for name in ("stream_core", "tests", "benchmarks")))
    for source in (folder.glob("*.py") if folder == ROOT else folder.rglob("*.py"))
)
READERS = {
    "datetime.date.today",
    *(f"datetime.datetime.{name}" for name in ("now", "today", "utcnow")),
    *(
        f"time.{name}"
        for name in (
            "time",
            "time_ns",
            "localtime",
            "gmtime",
            "strftime",
            "ctime",
            "asctime",
        )
    ),
}
TODAY = "stream_core/config/today.py"
MOMENTS = {
    "stream_core/terminal/pages/paged_window.py": "«ayer» is told of a moment that is kept",
    "stream_core/chat/debug/file.py": "the name of a file",
    "stream_core/chat/debug/log.py": "when the log begins",
    "stream_core/chat/commands/exportar.py": "when a conversation that is not kept is exported",
    "stream_core/practice/uploads.py": "when a file was uploaded to the practice server",
    "stream_core/files/private.py": "the name of a file put aside",
    "stream_core/chat/commands/grabar.py": "the name of a file",
    "stream_core/chat/reply/answer_cache.py": "when an answer was used, and how old it is",
    "stream_core/chat/session/alternatives.py": "when an answer of a comparison ended",
    "stream_core/files/recorder.py": "when a recording begins",
    "stream_core/store/writer.py": "when a turn begins and ends",
    "stream_core/store/save_queue.py": "when a turn ends",
    "stream_core/tools/clock.py": "the clock that the model asks for",
    "stream_core/sdk/error_map.py": "a server's retry-after may be a date: how far away it is",
    "benchmarks/screen_doc.py": "when the figures were measured",
}
"""Moments that are kept, named or told as they are: no choice of the program hangs on which day they are."""


def readings(source: str) -> Iterator[str]:
    """The names by which a source reads the calendar, whatever it calls them."""
    if not re.search(r"\b(?:time|datetime)\b", source):  # most do not even name the modules
        return
    names: dict[str, str] = {}
    for node in ast.walk(tree := ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update({alias.asname or alias.name: alias.name for alias in node.names})
        elif isinstance(node, ast.ImportFrom) and node.module in ("time", "datetime") and not node.level:
            names.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Name)) and (name := _full(node, names)) in READERS:
            yield name


def _full(node: ast.expr, names: dict[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_full(node.value, names)}.{node.attr}"
    return names.get(node.id, "") if isinstance(node, ast.Name) else ""


def test_one_place_reads_the_calendar() -> None:
    found = {}
    for source in SOURCES:
        if read := sorted(set(readings(source.read_text("utf-8")))):
            found[source.relative_to(ROOT).as_posix()] = read
    assert found.pop(TODAY) == ["datetime.date.today"]
    assert {name: read for name, read in found.items() if name not in MOMENTS} == {}, (
        "take `Settings.today`, or say in MOMENTS why this is a moment and no day"
    )
    assert found.keys() == MOMENTS.keys()  # what is allowed is needed
    assert "datetime.date.today" not in {
        name for source, read in found.items() if source.startswith("stream_core") for name in read
    }


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import date\ndate.today()",
        "from datetime import date as day\nf = day.today",
        "import datetime\ndatetime.date.today()",
        "import datetime as d\nd.datetime.now(d.timezone.utc)",
        "from datetime import datetime\nx = [datetime.utcnow()]",
        "import time\ntime.localtime()",
        "import time as t\nt.strftime('%Y')",
        "from time import time\nf(now=time)",
        "from time import time as clock\nclock()",
    ],
)
def test_every_way_to_read_it_is_seen(source: str) -> None:
    assert list(readings(source))


@pytest.mark.parametrize(
    "source",
    [
        "import time\ntime.monotonic(), time.sleep(1), time.process_time()",
        "from datetime import date\ndate(2026, 11, 25), date.fromisoformat('2031-01-31')",
        "settings.today, self.now(), time.time()",
        "from .today import read_today\nread_today({})",
    ],
)
def test_what_does_not_read_it_is_left_alone(source: str) -> None:
    assert not list(readings(source))
