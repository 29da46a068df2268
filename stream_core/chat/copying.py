"""`--migrate-store`: copy the saved conversations between this machine and the store of a team."""

from __future__ import annotations

import sys

from stream_core.config.invocation import COPY_TO
from stream_core.config.settings import Settings
from stream_core.core.errors import ConfigError, StoreError
from stream_core.core.numbers import counted
from stream_core.store.dump import Copied, Transferable, copy_all
from stream_core.texts.errors_es import explain

from .saved.place import open_file, open_team
from .standard_error import say


def copy_conversations(settings: Settings) -> int:
    """Copy them and tell how many there were. Returns the status for the shell.

    Raises:
        ConfigError: there are no two stores to copy between.
    """
    url, folder = settings.paths.team_store, settings.paths.data_dir
    if url is None or folder is None:
        raise ConfigError("Para copiar hace falta el almacén de un equipo: ponlo en STREAM_CORE_STORE.")
    stores: list[Transferable] = []
    try:
        for opened in (open_file(folder), open_team(url)):
            assert isinstance(opened, Transferable)
            opened.recover()
            stores.append(opened)
        local, team = stores
        to_team = settings.invocation.copy_to == COPY_TO[0]
        copied = copy_all(local, team) if to_team else copy_all(team, local)
    except StoreError as error:
        say(f"{explain(error, in_chat=False)} Lo ya copiado está entero; puedes repetirlo sin miedo.")
        return 1
    finally:
        for store in stores:
            store.close()
    sys.stdout.write(f"{_told(copied)}\n")
    return 0


def _told(copied: Copied) -> str:
    parts = [f"{counted(copied.new, 'conversación copiada', 'conversaciones copiadas')}"]
    if copied.longer:
        parts.append(f"{counted(copied.longer, 'completada', 'completadas')} con turnos que faltaban")
    if copied.same:
        parts.append(f"{counted(copied.same, 'ya estaba', 'ya estaban')}")
    if copied.beside:
        had = "había seguido distinta y queda" if copied.beside == 1 else "habían seguido distintas y quedan"
        parts.append(f"{copied.beside} {had} con otro id al lado")
    return f"{'; '.join(parts)}."
