"""Entry point of the installed commands (`streaming-chatbot`, `habla`) and of `python -m stream_core`."""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> int:
    """Run the chat and return its exit code. The `.env` beside the package is read in a checkout only."""
    from stream_core.chat.app import main as run

    return run(Path(__file__).resolve().parent.parent)


if __name__ == "__main__":
    sys.exit(main())
