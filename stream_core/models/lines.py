"""The names of the current models and of their lines: what the command line needs to know of models."""

from __future__ import annotations

KNOWN = ("claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5", "claude-fable-5-2")
"""The current models; the first is the default."""

DEFAULT_MODEL = KNOWN[0]

LINES = ("sonnet", "opus", "haiku", "fable")
"""Names that stand for the newest model of a line."""

DEFAULT_LINE = LINES[0]
"""The line of the default model; once that is retired, the newest of the line replaces it."""
