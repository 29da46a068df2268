"""The figures of the screen as a page: when and on what they were taken, and both tables."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .table import Row, show

_PACKAGES = ("rich", "markdown-it-py", "Pygments", "streamdown")
_CPU = Path("/proc/cpuinfo")

LEGEND = """\
Paced as at 200 deltas a second on a virtual clock, unless it says *at once* (as fast as possible); one render
is of the whole text. *In real time* the same work costs more, with a wake-up for each delta: not to be
compared with the virtual clock. Of a figure with ~, one frame in twenty was drawn and counts for the others.
What was not measured (-) takes too long, is lost in the noise, or is not installed."""


def page(rows: Sequence[Row], ways: str) -> str:
    """The page, as Markdown."""
    return f"""\
# The screen in figures

Written by `python -m benchmarks screen --doc docs/screen-figures.md`.

- When: {date.today().isoformat()}
- Machine: {_machine()}
- Versions: {_versions()}

CPU time, on a pty of 100 x 30 that another process reads; a Spanish Markdown reply in deltas of 4 to 12
characters. Everything was measured side by side in one run: compare ratios, the rest depends on the machine.

{show(rows)}

## Ways and sizes

{LEGEND}

{ways}
"""


def _machine() -> str:
    lines = _CPU.read_text().splitlines() if _CPU.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{os.cpu_count()} cores, {models[0] if models else platform.processor() or platform.machine()}"


def _versions() -> str:
    return ", ".join(
        [f"Python {platform.python_version()}", *(f"{name} {_version(name)}" for name in _PACKAGES)]
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
