"""The errors of saved conversations. The store raises them; `texts.explain` tells a person in Spanish."""

from __future__ import annotations

from .errors import StreamCoreError


class StoreError(StreamCoreError):
    """Saved conversations could not be read or written.

    Attributes:
        location: the file, folder or server that it is about, or "".
        moved_to: the new name of a file that was quarantined, or "".
    """

    def __init__(self, message: str = "", *, location: str = "", moved_to: str = "") -> None:
        super().__init__(message)
        self.location = location
        self.moved_to = moved_to


class StoreFull(StoreError):
    """There is no room left to save."""

    retryable = True


class StoreReadOnly(StoreError):
    """The file or its folder cannot be written."""

    retryable = True


class StoreBusy(StoreError):
    """Another program kept the file to itself for too long, or the disk does not answer."""

    retryable = True


class StoreHolderStopped(StoreBusy):
    """Another program holds the file and is stopped: it lets go when it continues or ends.

    Attributes:
        pid: its process id.
    """

    def __init__(self, message: str = "", *, location: str = "", moved_to: str = "", pid: int = 0) -> None:
        super().__init__(message, location=location, moved_to=moved_to)
        self.pid = pid


class StoreCorrupt(StoreError):
    """The file is damaged; it was put aside if that was possible."""

    retryable = True  # with a new file


class StoreTooLarge(StoreError):
    """A text is larger than what a store saves or unpacks; see `MAX_TEXT` in `store/column_codec.py`."""


class StoreMoved(StoreError):
    """The file is not where it was: somebody moved, put aside or deleted it meanwhile."""

    retryable = True  # with a new file


class StoreTooNew(StoreError):
    """The file is of a newer version of this program, and stays untouched."""


class StoreUnreachable(StoreError):
    """The server of the store does not answer, or the connection to it was lost."""

    retryable = True


class StoreAccessDenied(StoreError):
    """The server of the store refuses this person, or what they may do there is not enough."""


class StoreNotSetUp(StoreError):
    """The database has no tables of this program, and this person may not create them."""


class StoreRefused(StoreError):
    """The file or its folder is not what it should be: a link, somebody else's, or no ordinary file."""
