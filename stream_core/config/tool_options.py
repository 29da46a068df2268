"""Tools that the model is offered, from the command line."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path

from .options.values import fold
from .paths import resolve_path


@dataclass(frozen=True, slots=True)
class ToolOptions:
    """Tools that the model is offered.

    Attributes:
        enabled: whether the model may call tools at all.
        user_file: a Python file with the user's own tools, or None.
        folder: the folder whose files the model may ask to read, or None.
        web_search: whether the model may search the web, on the server.
        only: the names of the tools that are on, all others being off; None for the usual ones.
    """

    enabled: bool = True
    user_file: Path | None = None
    folder: Path | None = None
    web_search: bool = False
    only: tuple[str, ...] | None = None

    @classmethod
    def read(cls, flags: Namespace) -> ToolOptions:
        """Read the tool options from flags.

        A tool of the server that is named in `--only-tools` is on without its own flag.

        Raises:
            ConfigError: a path starts with `~` and there is no home directory.
        """
        return cls(
            enabled=flags.use_tools,
            user_file=resolve_path("--tools", flags.tools) if flags.tools else None,
            folder=resolve_path("--files", flags.files) if flags.files else None,
            web_search=flags.web_search and flags.use_tools,
            only=read_names(flags.only_tools) if flags.only_tools is not None and flags.use_tools else None,
        )


def read_names(text: str) -> tuple[str, ...]:
    """Parse names of tools with commas between them; `no` means none."""
    if fold(text.strip()) == "no":
        return ()
    return tuple(name.strip() for name in text.split(",") if name.strip())
