"""The program, with the loopback server of a test taken for Anthropic's own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from stream_core.chat.app import main
from stream_core.chat.backend import successor
from stream_core.config import connection

if __name__ == "__main__":
    connection.DEFAULT_HOST = "127.0.0.1"
    successor.PATIENCE_SECONDS = float(os.environ.get("TEST_PATIENCE_SECONDS", successor.PATIENCE_SECONDS))
    sys.exit(main(Path(__file__).parent))
