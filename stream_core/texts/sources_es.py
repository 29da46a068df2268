"""The sources that a reply cites, in Spanish."""

from __future__ import annotations

from stream_core.core.citations import Source
from stream_core.core.sanitize import one_line

SOURCES = "Fuentes"
"""The heading of their list."""

_TITLE_LENGTH, _HOST_LENGTH = 120, 80


def source_words(source: Source) -> str:
    """Return title and host of a source, safe for a line."""
    title, host = one_line(source.title, _TITLE_LENGTH), one_line(source.host, _HOST_LENGTH)
    if not host:
        return title or one_line(source.url, _TITLE_LENGTH) or "un documento sin título"
    return f"{title} · {host}" if title else host
