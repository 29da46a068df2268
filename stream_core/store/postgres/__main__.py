"""`python -m stream_core.store.postgres URL`: sets up the tables of a team, as an administrator."""

from __future__ import annotations

import sys

from stream_core.core.store_errors import StoreError
from stream_core.texts.errors_es import explain


def main(words: list[str]) -> int:
    """Set up the database that the only argument names. Returns the status for the shell."""
    if len(words) != 1 or words[0] in ("-h", "--help"):
        sys.stderr.write(
            "uso: python -m stream_core.store.postgres postgresql://administrador@servidor/base\n"
        )
        return 2
    try:
        from .session import Session

        session = Session(words[0], 0)
    except ModuleNotFoundError:
        sys.stderr.write("Falta psycopg: pip install 'streaming-chatbot[postgres]'\n")
        return 1
    except StoreError as error:
        sys.stderr.write(f"{explain(error, in_chat=False)}\n")
        return 1
    sys.stdout.write(f"Listo: {session.where} puede guardar las conversaciones de un equipo.\n")
    session.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
