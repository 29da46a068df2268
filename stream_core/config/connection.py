"""The server that answers, and the source of its credential."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from stream_core.core.errors import ConfigError

from . import credentials
from .local_model import LocalModel
from .options.variables import yes_variable

DEFAULT_HOST = "api.anthropic.com"


@dataclass(frozen=True, slots=True)
class Connection:
    """The server that answers.

    Attributes:
        base_url: a server other than the SDK's default, or None.
        credential: the source of the credential (the name of a variable or profile), or None. Never the
            credential itself.
        practice: whether the practice server answers.
        practice_requested: whether practice mode was requested, instead of being the fallback without a
            credential.
        insecure_http: whether a credential may travel unencrypted to another machine.
        local: a model on this machine that answers instead, or None.
        account: returns what tells one credential from another, and nothing else about it; "" without one.
    """

    base_url: str | None = None
    credential: str | None = None
    practice: bool = False
    practice_requested: bool = False
    insecure_http: bool = False
    local: LocalModel | None = None
    account: Callable[[], str] = field(default=str, compare=False, repr=False)

    @classmethod
    def read(cls, flags: Namespace, environ: Mapping[str, str]) -> Connection:
        """Read the connection from flags and environment.

        Raises:
            ConfigError: the URL, the credential or a custom header is malformed, the credential would travel
                unencrypted, or a fault was requested of a real server.
        """
        credentials.check_headers(environ)
        local = LocalModel.read(flags, environ)
        if flags.local is not None and local is not None and flags.practice:
            raise ConfigError("--local y --practice no van juntas: elige una de las dos.")
        if flags.practice or flags.replay:
            return cls(practice=True, practice_requested=True)
        if local is not None:
            if flags.fault is not None:
                raise ConfigError("--fault ensaya fallos en modo práctica: con --local responde un modelo.")
            return cls(local=local)
        base_url = credentials.base_url(environ.get("ANTHROPIC_BASE_URL", ""))
        credential = credentials.credential(environ)
        insecure_http = flags.insecure_http or yes_variable(environ, credentials.INSECURE_HTTP)
        credentials.check_clear_text(base_url, credential, environ, allowed=insecure_http)
        practice = base_url is None and credential is None
        if flags.fault is not None and not practice:
            raise ConfigError(
                "--fault ensaya fallos en modo práctica y ahora respondería un servidor de verdad: "
                "añade --practice."
            )

        def account() -> str:  # a closure shows nothing of what it knows
            return credentials.account(environ)

        return cls(base_url, credential, practice, insecure_http=insecure_http, account=account)

    @property
    def server(self) -> str | None:
        """Host and port of a server that is not Anthropic's, to be shown to the user; else None."""
        if self.local is not None:
            return f"modelo {self.local.name}, en esta máquina"
        if self.base_url is None or self.practice:
            return None
        parts = urlsplit(self.base_url)
        return None if parts.hostname == DEFAULT_HOST else parts.netloc

    @property
    def shown_server(self) -> str:
        """The server as it is shown, with whether what is said travels unencrypted; "" for Anthropic's."""
        clear = credentials.is_in_clear(self.base_url)
        return f"{self.server}{' (sin cifrar)' if clear else ''}" if self.server else ""

    @property
    def talks_to_anthropic(self) -> bool:
        """Whether the server is Anthropic's own, or the practice server, which behaves as it does."""
        if self.local is not None:
            return False
        return self.base_url is None or urlsplit(self.base_url).hostname == DEFAULT_HOST
