"""The sentence about characters that nobody sees and a model reads, in Spanish."""

from __future__ import annotations

from stream_core.core.numbers import counted


def tags_sent(count: int) -> str:
    """Return the sentence for a message with so many tag characters (U+E0000 to U+E007F), which are sent."""
    signs = counted(count, "carácter invisible", "caracteres invisibles")
    return f"El mensaje lleva {signs} (etiquetas de Unicode) que pueden esconder órdenes: se envía tal cual."
