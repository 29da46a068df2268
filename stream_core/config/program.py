"""The program itself: how it was called, and which versions it consists of."""

from __future__ import annotations

import sys
from pathlib import Path

from stream_core._version import __version__

APP = "streaming-chatbot"
"""The name of the distribution, of its command, and of the user's directories."""
COMMANDS = (APP, "habla")
"""The installed commands that open the chat (`[project.scripts]` in `pyproject.toml`)."""


def command_line() -> str:
    """Return how this program is called, to be named in a sentence: `habla`, `python -m stream_core`…"""
    called = Path(sys.argv[0]) if sys.argv else Path()
    name = called.name.removesuffix(".exe")
    if name in COMMANDS:
        return name
    if (called.parent.name, name) == ("stream_core", "__main__.py"):
        return "python -m stream_core"
    return "python streaming_chatbot.py"


def versions() -> str:
    """Return in one line the versions of the program, of Python and of the SDK, without importing the SDK."""
    import platform  # both take a while to load
    from importlib.metadata import PackageNotFoundError, version

    try:
        sdk = version("anthropic")
    except PackageNotFoundError:
        sdk = "no instalado"
    return f"{APP} {__version__} (Python {platform.python_version()}, anthropic {sdk})"
