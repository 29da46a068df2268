"""Whether the files of a request can be sent, and what is to be said of them before."""

from __future__ import annotations

from collections.abc import Callable

from stream_core.chat.attached.limits import objection, upload_note, warning
from stream_core.core.attachments import attached_in
from stream_core.texts.attachments_es import missing, name_words

from .exchange import Job, Services


class FileChecks:
    """Checks the files of one request after another; each note is given once.

    Args:
        services: know which files are at hand, and whether large ones are uploaded.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._noted: set[str] = set()

    def may_send(self, job: Job, notice: Callable[[str], None]) -> bool:
        """Whether the files can be sent; says why not, or what is missing or in doubt."""
        attached = attached_in(job.messages)
        if not attached:
            return True
        if why_not := objection(attached, job.settings):
            notice(f"{why_not} No se envió nada.")
            return False
        files = self._services.archive.files
        gone = [name_words(each) for each in attached if not (each.data or files.has(each.sha256))]
        upload = upload_note(attached, job.settings) if self._services.uploads is not None else ""
        for note in (warning(attached, job.settings), upload, missing(gone)):
            if note and note not in self._noted:
                self._noted.add(note)
                notice(note)
        return True
