"""Continuing the conversation that the command line asks for."""

from __future__ import annotations

from stream_core.config.settings import Settings
from stream_core.core.errors import ConfigError, StoreError
from stream_core.texts.errors_es import explain

from .archive import Archive
from .reopening import Reopened, reopen_by, reopen_last


def resume_saved(archive: Archive, settings: Settings) -> Reopened | None:
    """Continue the conversation that the command line asks for and return it; None if it asks for none.

    Raises:
        ConfigError: there is no such conversation, or the store cannot be read.
    """
    beginning = settings.invocation.resume
    if not settings.invocation.resumes:
        return None
    if not archive.keeps:
        raise ConfigError("No hay conversaciones guardadas que seguir: no encuentro tu carpeta de datos.")
    try:
        reopened = archive.call(
            lambda store: reopen_last(store) if beginning is None else reopen_by(store, beginning)
        )
    except StoreError as error:
        raise ConfigError(explain(error, in_chat=False)) from None
    archive.go_on(reopened.summary.id)
    return reopened
