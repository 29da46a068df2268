"""Talk to Claude in the terminal and watch the answer arrive: `python streaming_chatbot.py`."""

import sys
from pathlib import Path

_OURS = "stream_core"


def main() -> int:
    """Run the chat; say in one sentence what to install when something is missing."""
    if sys.version_info < (3, 10):  # noqa: UP036 -- this file alone runs on older ones, to say so
        sys.stderr.write("Se necesita Python 3.10 o posterior.\n")
        return 2
    try:
        from stream_core.chat.app import main as run

        return run(Path(__file__).resolve().parent)
    except ModuleNotFoundError as missing:
        if (missing.name or _OURS).split(".")[0] == _OURS:
            raise
        sys.stderr.write(
            f"Falta el paquete «{missing.name}»: instala todo con "
            "«python3 -m venv .venv && .venv/bin/pip install -e .» y abre el chat con "
            "«.venv/bin/python streaming_chatbot.py».\n"
        )
        return 2


if __name__ == "__main__":
    sys.exit(main())
