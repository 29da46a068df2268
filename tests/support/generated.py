"""Number of generated examples: a part by default, all of them in CI (which sets `CI`)."""

from __future__ import annotations

import os

WHOLE = bool(os.environ.get("CI"))
PART = int(os.environ.get("GENERATED_PART", "4"))
"""A fourth, or less where our own code is not what is tried: with other packages (`.ci/versions`)."""


def up_to(examples: int) -> int:
    """Number of examples for a test that generates `examples` in CI."""
    return examples if WHOLE else max(1, examples // PART)
