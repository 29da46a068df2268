"""`python -m benchmarks` runs every group and prints one table; `python -m benchmarks core` runs one."""

from __future__ import annotations

import sys
from importlib import import_module

from .table import Row, show

GROUPS = ("core", "cancel", "startup", "screen")


def main(asked: list[str]) -> int:
    """Run the groups. A missed target is shown; only a benchmark that breaks is an error."""
    unknown = [name for name in asked if name not in GROUPS]
    if unknown:
        print(f"unknown group {unknown[0]!r}; there are: {' '.join(GROUPS)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    for name in asked or GROUPS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        rows += import_module(f"{__package__}.{name}").run()
    print(show(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
