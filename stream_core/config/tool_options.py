"""Which tools the model is offered, as the command line says."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path

from .paths import resolve_path


@dataclass(frozen=True, slots=True)
class ToolOptions:
    """Which tools the model is offered.

    Attributes:
        enabled: whether the model may call tools at all.
        user_file: a Python file with the user's own tools, or None.
        folder: the folder whose files the model may ask to read, or None.
        web_search: whether the model may search the web, on the server.
    """

    enabled: bool = True
    user_file: Path | None = None
    folder: Path | None = None
    web_search: bool = False

    @classmethod
    def read(cls, flags: Namespace) -> ToolOptions:
        """Read the tool options from flags.

        Raises:
            ConfigError: a path starts with `~` and there is no home directory.
        """
        return cls(
            enabled=flags.use_tools,
            user_file=resolve_path("--tools", flags.tools) if flags.tools else None,
            folder=resolve_path("--files", flags.files) if flags.files else None,
            web_search=flags.web_search and flags.use_tools,
        )
