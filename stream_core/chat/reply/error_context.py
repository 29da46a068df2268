"""Details of an API error that only the settings know, added before its sentence is shown."""

from __future__ import annotations

from stream_core.config.settings import Settings
from stream_core.core.errors import AuthFailed, ModelNotFound, StreamCoreError
from stream_core.models.model_list import names_to_suggest


def add_context(error: StreamCoreError | None, settings: Settings) -> None:
    """Add to an error what only the settings know: the source of the credential, the available models."""
    if isinstance(error, AuthFailed):
        error.source = settings.connection.credential or ""
    elif isinstance(error, ModelNotFound):
        error.available = names_to_suggest(settings.listed)
