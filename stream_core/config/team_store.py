"""`STREAM_CORE_STORE`: the store of a team, instead of the file on this machine."""

from __future__ import annotations

from importlib.util import find_spec

from stream_core.core.errors import ConfigError

VARIABLE = "STREAM_CORE_STORE"
_SCHEMES = ("postgresql://", "postgres://")


def check_team_store(url: str | None) -> None:
    """Check the URL of a team's store, which may hold a password; None for the file on this machine.

    Raises:
        ConfigError: it is no PostgreSQL URL, or psycopg is not installed.
    """
    if url is None:
        return
    if not url.startswith(_SCHEMES):
        raise ConfigError(
            f"{VARIABLE} empieza por «postgresql://», como en postgresql://ana@servidor/equipo. "
            "Sin esa variable, las conversaciones se guardan en esta máquina."
        )
    if find_spec("psycopg") is None:
        raise ConfigError(
            f"Para guardar en el almacén de un equipo ({VARIABLE}) falta psycopg: "
            "pip install 'streaming-chatbot[postgres]'"
        )
