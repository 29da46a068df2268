"""Uploads of large files, once each, instead of sending them with every request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from stream_core.config.settings import Settings
from stream_core.core.attachments import Attachment
from stream_core.files.uploads import NAME, UploadRecord

if TYPE_CHECKING:
    from stream_core.files.blobs import Blobs
    from stream_core.sdk.uploads import ServerFile, Uploads

_ANTHROPIC, _PRACTICE = "https://api.anthropic.com", "practice"
_OPTION = "upload_over"


def upload_limit(settings: Settings) -> int:
    """Return the megabytes of a file above which it is uploaded; 0 for never.

    Whether another server than Anthropic's keeps files is not known: there it takes the person's own word.
    """
    connection = settings.connection
    asked_for = connection.talks_to_anthropic or _OPTION in settings.origin.decided_by
    return settings.preferences.limits.upload_over if asked_for and connection.local is None else 0


def is_uploaded(settings: Settings) -> Callable[[Attachment], bool]:
    """Return what tells the files that are uploaded: the large ones, where the server keeps files."""
    most = upload_limit(settings) * 1_000_000
    return lambda attached: bool(most) and attached.size > most


class SessionUploads:
    """The uploads of a session.

    Args:
        files: returns the attached files.
        folder: where the record of uploads is kept; None to keep it in memory only.

    Attributes:
        shown: the list of the server's files shown last; a number typed by the user is a place in it.
    """

    def __init__(self, files: Callable[[], Blobs], folder: Path | None) -> None:
        self._files, self._folder = files, folder
        self.shown: tuple[ServerFile, ...] = ()
        self._of_server: dict[str, tuple[UploadRecord, Uploads]] = {}

    @classmethod
    def of(cls, settings: Settings, files: Callable[[], Blobs]) -> SessionUploads:
        """Make those that the settings call for."""
        return cls(files, settings.paths.data_dir if settings.invocation.save else None)

    def record(self, settings: Settings) -> UploadRecord:
        """Return what was uploaded to the server that answers."""
        return self._find(settings)[0]

    def uploads(self, settings: Settings) -> Uploads:
        """Return what uploads files to the server that answers. Loads the SDK."""
        return self._find(settings)[1]

    def _find(self, settings: Settings) -> tuple[UploadRecord, Uploads]:
        from stream_core.sdk.uploads import Uploads  # behind the prompt

        connection = settings.connection
        server = _PRACTICE if connection.practice else (connection.base_url or _ANTHROPIC).rstrip("/")
        if server not in self._of_server:
            keeps = self._folder is not None and not connection.practice  # its server ends with the program
            record = UploadRecord(self._folder / NAME if keeps and self._folder else None, server)
            self._of_server[server] = record, Uploads(record, lambda sha256: self._files().open(sha256))
        return self._of_server[server]
