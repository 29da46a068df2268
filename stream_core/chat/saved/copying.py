"""`--migrate-store`: copy the saved conversations between this machine and the store of a team."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from stream_core.chat.process.standard_streams import say
from stream_core.config.flags import COPY_TO
from stream_core.config.settings import Settings
from stream_core.core.attachments import attachments_of, data_of, inline
from stream_core.core.deltas import Block
from stream_core.core.errors import ConfigError
from stream_core.core.numbers import counted
from stream_core.core.store_errors import StoreError
from stream_core.files.blobs import Blobs
from stream_core.store.dump import Copied, Dumped, Transferable, copy_all
from stream_core.store.protocol import FOLDER
from stream_core.texts.errors_es import explain

from .place import ATTACHED, open_file, open_team


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
        files = Blobs(folder / FOLDER / ATTACHED)
        if to_team:
            copied = copy_all(local, team, partial(_adapted, form=lambda asked: inline(asked, files.read)))
        else:
            copied = copy_all(team, local, partial(_taken_out, files=files))
    except StoreError as error:
        say(f"{explain(error, in_chat=False)} Lo ya copiado está entero; puedes repetirlo sin miedo.")
        return 1
    finally:
        for store in stores:
            store.close()
    sys.stdout.write(f"{_summary(copied)}\n")
    return 0


def _adapted(dumped: Dumped, form: Callable[[Sequence[Block]], tuple[Block, ...]]) -> Dumped:
    """A conversation with the blocks of its questions in another form."""
    turns = [replace(each, turn=replace(each.turn, asked=form(each.turn.asked))) for each in dumped.turns]
    return replace(dumped, turns=tuple(turns))


def _taken_out(dumped: Dumped, files: Blobs) -> Dumped:
    """A conversation without the bytes of its attached files, which are kept on this machine."""
    hashes: set[str] = set()

    def form(asked: Sequence[Block]) -> tuple[Block, ...]:
        for each in attachments_of(asked):
            if each.data and (data := data_of(each, files.read)) is not None:
                files.put(data)
            hashes.add(each.sha256)
        return tuple({key: value for key, value in block.items() if key != "data"} for block in asked)

    adapted = _adapted(dumped, form)
    files.keep(hashes, dumped.id)
    return adapted


def _summary(copied: Copied) -> str:
    parts = [f"{counted(copied.new, 'conversación copiada', 'conversaciones copiadas')}"]
    if copied.longer:
        parts.append(f"{counted(copied.longer, 'completada', 'completadas')} con turnos que faltaban")
    if copied.same:
        parts.append(f"{counted(copied.same, 'ya estaba', 'ya estaban')}")
    if copied.beside:
        had = (
            "había cambiado en los dos sitios y queda aparte"
            if copied.beside == 1
            else "habían cambiado en los dos sitios y quedan aparte"
        )
        parts.append(f"{copied.beside} {had} con otro id")
    return f"{'; '.join(parts)}."
