"""The debug log of `--debug`: what happened to each request, and when."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stream_core._version import __version__
from stream_core.config.program import APP
from stream_core.config.settings import Settings
from stream_core.core.errors import StreamCoreError
from stream_core.core.sanitize import one_line

from .file import LogFile, log_folder
from .log_format import LogFormat

if TYPE_CHECKING:
    from stream_core.streaming.retry import RetryPolicy

    from .reply_log import ReplyLog


class DebugLog(LogFile):
    """The log of one run. Without `--debug` it has no file, and every method does nothing."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__()
        settings = settings or Settings()
        self._format = LogFormat(settings)
        self._client_noted = False
        folder = log_folder(settings)
        if settings.invocation.debug and folder is not None:
            import platform  # few have a log, and it takes a while to load

            self.open(folder)
            self.say(
                f"{APP} {__version__} · {_sdk()} · Python {platform.python_version()} · "
                f"{platform.system()} {platform.release()} {platform.machine()}",
                self.started,
            )
            content = "con" if self._format.content else "sin"
            self.say(
                f"empieza {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}, "
                f"{content} el texto de la conversación. Lo que se repite se junta: "
                "la primera vez y cuántas más, con la hora de la última.",
                self.started,
            )

    @property
    def location(self) -> str:
        """A Spanish sentence that says where the log is, or "" when there is none."""
        if self.file is None:
            return ""
        what = "Registro, con el texto de la conversación" if self._format.content else "Registro"
        return f"{what}: {one_line(str(self.file.absolute()), 4096)}"

    @contextmanager
    def opening(self) -> Iterator[None]:
        """Note whether the client could be opened and how long that took; a success only once."""
        begun = time.monotonic()
        try:
            yield
        except StreamCoreError as error:
            self.say(f"cliente no se abrió: {self._format.failure(error)}")
            raise
        if not self._client_noted:
            self._client_noted = True
            self.say(f"cliente listo tras {time.monotonic() - begun:.3f} s · {_sdk()}")

    def reply(self, request: Mapping[str, Any], retry: RetryPolicy) -> ReplyLog:
        """Return the log of a request and its reply, with the request noted."""
        from .reply_log import ReplyLog  # with the first request: the prompt does not wait for it

        return ReplyLog(self, self._format, request, retry)

    def defect(self, error: Exception) -> None:
        """Note an unexpected exception by its place, not its message, which may quote the conversation."""
        frames = traceback.extract_tb(error.__traceback__)
        places = (f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
        content = f" dice={self._format.text(str(error))}" if self._format.content else ""
        self.say(f"defecto {type(error).__name__} en {' < '.join(places)}{content}")

    def library(self, source: str, words: str) -> None:
        """Note what a library said; its words, which may quote the conversation, only with the content."""
        content = f" dice={self._format.text(words)}" if self._format.content else ""
        self.say(f"biblioteca {one_line(source, 120)}{content}")

    def close(self) -> None:
        """Note that the program ends regularly, and close the file."""
        if self.file is not None:
            self.say("fin")
        super().close()


def _sdk() -> str:
    """Return the version of the SDK, without loading it."""
    version = getattr(sys.modules.get("anthropic"), "__version__", None)
    return f"anthropic {version}" if version else "anthropic aún sin cargar"
