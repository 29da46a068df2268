"""`python -m benchmarks` runs every group and prints one table; `python -m benchmarks core` runs one.

`python -m benchmarks screen --doc docs/screen-figures.md` also writes the figures of the screen as a page.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

from .table import Row, show

GROUPS = ("core", "cancel", "crowd", "startup", "screen", "store", "gateway", "linear", "team", "wire")


def main(words: list[str]) -> int:
    """Run the groups. A missed target is shown; only a benchmark that breaks is an error."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=" ".join(GROUPS))
    parser.add_argument("--doc", type=Path, metavar="FILE", help="where to write the figures of the screen")
    asked = parser.parse_args(words)
    unknown = [name for name in asked.groups if name not in GROUPS]
    if unknown:
        parser.error(f"unknown group {unknown[0]!r}; there are: {' '.join(GROUPS)}")
    groups = asked.groups or GROUPS
    if asked.doc and "screen" not in groups:
        parser.error("--doc belongs to the group screen")
    rows: list[Row] = []
    for name in groups:
        print(f"{name} ...", file=sys.stderr, flush=True)
        run = import_module(f"{__package__}.{name}").run
        rows += run(asked.doc) if name == "screen" else run()
    print(show(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
