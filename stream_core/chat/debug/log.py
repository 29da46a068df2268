"""The debug log: what happened to each request, and when. Never a credential; what is said, only if wanted.

What a server names (events, ids, reasons) is written where it looks like a name, else only its length: it can
put anything there, also what it was asked.
"""

from __future__ import annotations

import json
import platform
import re
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stream_core._version import __version__
from stream_core.config.flags import APP
from stream_core.config.settings import Settings
from stream_core.core.errors import StreamCoreError
from stream_core.core.sanitize import one_line
from stream_core.streaming.retry import RetryPolicy

from .file import LogFile, log_folder
from .reply_log import ReplyLog

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,79}")


class DebugLog(LogFile):
    """The log of one run; where none is wanted, nothing happens."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__()
        self._settings = settings or Settings()
        self._client_told = False
        folder = log_folder(self._settings)
        if self._settings.invocation.debug and folder is not None:
            self.open(folder)
            self.say(
                f"{APP} {__version__} · {_sdk()} · Python {platform.python_version()} · "
                f"{platform.system()} {platform.release()} {platform.machine()}",
                self.started,
            )
            self.say(
                f"empieza {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}, "
                f"{'con' if self.content else 'sin'} el texto de la conversación. Lo que se repite se junta: "
                "la primera vez y cuántas más, con la hora de la última.",
                self.started,
            )

    @property
    def content(self) -> bool:
        """Whether what is said goes into the log."""
        return self._settings.invocation.debug_content

    @property
    def told(self) -> str:
        """A Spanish sentence that says where the log is, or "" when there is none."""
        if self.file is None:
            return ""
        what = "Registro, con el texto de la conversación" if self.content else "Registro"
        return f"{what}: {one_line(str(self.file.absolute()), 4096)}"

    @contextmanager
    def opening(self) -> Iterator[None]:
        """Note how the client was opened, and how long that was waited for; once when it was."""
        begun = time.monotonic()
        try:
            yield
        except StreamCoreError as error:
            self.say(f"cliente no se abrió: {self.failure(error)}")
            raise
        if not self._client_told:
            self._client_told = True
            self.say(f"cliente listo tras {time.monotonic() - begun:.3f} s · {_sdk()}")

    def reply(self, request: Mapping[str, Any], retry: RetryPolicy) -> ReplyLog:
        """Begin to note a request and what comes of it."""
        return ReplyLog(self, request, retry)

    def defect(self, error: Exception) -> None:
        """Note a defect of the program: where it is, and not what was being said there."""
        frames = traceback.extract_tb(error.__traceback__)
        places = (f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
        said = f" dice={self.text(str(error))}" if self.content else ""
        self.say(f"defecto {type(error).__name__} en {' < '.join(places)}{said}")

    def close(self) -> None:
        """Note that the program ends by itself, and let go of the file."""
        if self.file is not None:
            self.say("fin")
        super().close()

    # -- how things are written ------------------------------------------------------------------

    def request(self, request: Mapping[str, Any], attempt: int, of: int) -> str:
        """A request in a few words."""
        settings = self._settings
        model = settings.invocation.redact(str(request.get("model")))
        server = " servidor=práctica" if settings.connection.practice else ""
        if settings.connection.server:
            server = f" servidor={settings.invocation.redact(one_line(settings.connection.server))}"
        more = "".join(f" {name}=sí" for name in ("system", "tools") if request.get(name))
        return (
            f"petición modelo={model} max_tokens={request.get('max_tokens')} "
            f"mensajes={len(request.get('messages', ()))}{more} intento={attempt}/{of}{server}"
        )

    def failure(self, error: StreamCoreError) -> str:
        """An error without its words, which may quote what was said, unless that is wanted."""
        facts = [type(error).__name__]
        if error.status is not None:
            facts.append(f"estado={error.status}")
        if api_type := getattr(error, "api_type", ""):
            facts.append(f"tipo={self.name(api_type)}")
        if error.request_id is not None:
            facts.append(f"id={self.name(error.request_id)}")
        if (asked := getattr(error, "retry_after", None)) is not None:
            facts.append(f"pide_esperar={asked:g}s")
        if self.content:
            facts.append(f"dice={self.text(getattr(error, 'detail', '') or str(error))}")
        return " ".join(facts)

    def name(self, value: object) -> str:
        """A name from outside."""
        if value is None:
            return "no"
        name = self._settings.invocation.redact(str(value))
        return name if _NAME.fullmatch(name) else f"({len(name)} caracteres)"

    def text(self, value: object) -> str:
        """What was said, whole, on one line and without a control character."""
        said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        return repr(self._settings.invocation.redact(said))


def _sdk() -> str:
    """The version of the SDK, which is not loaded for this."""
    version = getattr(sys.modules.get("anthropic"), "__version__", None)
    return f"anthropic {version}" if version else "anthropic aún sin cargar"
