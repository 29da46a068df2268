"""How much is generated: a part each time, all of it in CI (which sets the variable `CI`)."""

from __future__ import annotations

import os

WHOLE = bool(os.environ.get("CI"))
PART = 4


def up_to(examples: int) -> int:
    """How many examples a test makes up that makes up `examples` in CI."""
    return examples if WHOLE else max(1, examples // PART)
