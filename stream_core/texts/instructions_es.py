"""The instructions in force, in a few Spanish words. Pure."""

from __future__ import annotations

from stream_core.core.instructions import Instructions
from stream_core.core.sanitize import one_line


def in_force(instructions: Instructions) -> str:
    """Return what is in force: "no", the role, or the beginning of the system prompt."""
    if not instructions:
        return "no"
    if instructions.role:
        return f"rol «{one_line(instructions.role, 60)}»"
    beginning = one_line(instructions.text, 40)
    return f"«{beginning}»"
