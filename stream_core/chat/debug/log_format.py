"""The form of a request's facts in the debug log.

What a server names (events, ids, reasons) is written where it looks like a name, otherwise only its length:
it can put anything there, including what it was asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from stream_core.config.settings import Settings
from stream_core.core.errors import StreamCoreError
from stream_core.core.sanitize import one_line

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,79}")


class LogFormat:
    """Words for the log; without credentials, and without the conversation unless that is wanted.

    Attributes:
        content: whether the text of the conversation is written.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.content = settings.invocation.debug_content

    def request(self, request: Mapping[str, Any], attempt: int, of: int) -> str:
        """Return a request in a few words."""
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
        """Return an error without its message, which may quote the conversation, unless that is wanted."""
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
        """Return an untrusted name, or its length where it does not look like one."""
        if value is None:
            return "no"
        name = self._settings.invocation.redact(str(value))
        return name if _NAME.fullmatch(name) else f"({len(name)} caracteres)"

    def text(self, value: object) -> str:
        """Return a text of the conversation, whole, on one line and without control characters."""
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        return repr(self._settings.invocation.redact(text))
