"""Number of generated examples: a part by default, all of them in CI (which sets `CI`)."""

from __future__ import annotations

import os

WHOLE = bool(os.environ.get("CI"))
PART = 4


def up_to(examples: int) -> int:
    """Number of examples for a test that generates `examples` in CI."""
    return examples if WHOLE else max(1, examples // PART)
