"""Predict the SDK's base URL and the source of its credential without importing the SDK."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from stream_core.core.errors import ConfigError
from stream_core.core.hosts import is_loopback, parse_address
from stream_core.core.request_headers import VARIABLE as CUSTOM_HEADERS
from stream_core.core.request_headers import cannot_be_sent, carries_credential
from stream_core.core.sanitize import one_line

_OF_AN_ACCOUNT = (
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_PROFILE",
    "ANTHROPIC_IDENTITY_TOKEN",
    "ANTHROPIC_IDENTITY_TOKEN_FILE",
    "ANTHROPIC_FEDERATION_RULE_ID",
    "ANTHROPIC_ORGANIZATION_ID",
    "ANTHROPIC_CONFIG_DIR",
    CUSTOM_HEADERS,
)  # the variables that say who asks

INSECURE_HTTP = "STREAM_CORE_INSECURE_HTTP"
"""The variable that allows sending a credential unencrypted to another machine."""


def base_url(value: str) -> str | None:
    """Check and normalise a server's URL: http or https, without a credential inside; None if it is empty.

    Raises:
        ConfigError: it is malformed, or contains a credential.
    """
    url = value.strip().rstrip("/").removesuffix("/v1")
    if not url:
        return None
    if "@" in url:  # not shown in the sentence: a password may stand before the @
        raise ConfigError("ANTHROPIC_BASE_URL no debe llevar usuario ni contraseña dentro de la dirección.")
    shown = one_line(url, 100)
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 -- reading it checks it
        _check_host(parts)
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable() or " " in url:
        raise ConfigError(
            f"ANTHROPIC_BASE_URL: «{shown}» no es una dirección. Por ejemplo: http://localhost:11434"
        )
    return url


def is_in_clear(url: str | None) -> bool:
    """Whether requests to a server may cross a network unencrypted: plain http to another machine.

    Only a loopback address or name counts as this machine.
    """
    parts = urlsplit(url or "")
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


def check_clear_text(
    url: str | None, source: str | None, environ: Mapping[str, str], *, allowed: bool
) -> None:
    """Refuse to send a credential unencrypted to another machine, unless that is explicitly allowed.

    Args:
        url: the server's URL, checked, or None for the SDK's default.
        source: the source of the credential, or None without one.
        environ: the variables; a custom header may be a credential, too.
        allowed: whether the user allowed it.

    Raises:
        ConfigError: it would be sent without being allowed.
    """
    if allowed or not is_in_clear(url):
        return
    if source is None and carries_credential(environ.get(CUSTOM_HEADERS, "")):
        source = CUSTOM_HEADERS
    if source is not None:
        raise ConfigError(
            f"ANTHROPIC_BASE_URL: con «{one_line(url or '', 80)}» la clave ({source}) "
            "viajaría sin cifrar. "
            "Usa https://, quita la clave o, si es lo que quieres, añade --insecure-http "
            f"({INSECURE_HTTP}=sí)."
        )


def check_headers(environ: Mapping[str, str]) -> None:
    """Refuse custom headers that cannot be sent.

    Raises:
        ConfigError: with the name of the first one.
    """
    if problem := cannot_be_sent(environ.get(CUSTOM_HEADERS, "")):
        raise ConfigError(problem)


def _check_host(parts: SplitResult) -> None:
    """Refuse what `urlsplit` accepts: any text between the brackets (Python 3.10), and text around them."""
    if "[" in parts.netloc:
        host, port = parts.hostname or "", "" if parts.port is None else f":{parts.port}"
        if parse_address(host).version != 6 or parts.netloc.lower() != f"[{host}]{port}":
            raise ValueError


def credential(environ: Mapping[str, str]) -> str | None:
    """Return the source of the credential the SDK would use, in the SDK's order; None without one.

    Raises:
        ConfigError: the value of a variable is malformed.
    """
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        if value := environ.get(name):
            if not value.isascii() or not value.isprintable() or " " in value:
                raise ConfigError(
                    f"{name} tiene espacios o caracteres que no son válidos. Vuelve a copiar la clave."
                )
            return name
    if environ.get("ANTHROPIC_PROFILE"):
        return "ANTHROPIC_PROFILE"
    identity = environ.get("ANTHROPIC_IDENTITY_TOKEN") or environ.get("ANTHROPIC_IDENTITY_TOKEN_FILE")
    if identity and environ.get("ANTHROPIC_FEDERATION_RULE_ID") and environ.get("ANTHROPIC_ORGANIZATION_ID"):
        return "ANTHROPIC_FEDERATION_RULE_ID"
    if environ.get("ANTHROPIC_CONFIG_DIR"):
        return "ANTHROPIC_CONFIG_DIR"
    home = sdk_config_dir(environ)
    return "el perfil de Anthropic de este equipo" if home is not None and _has_profile(home) else None


def account(environ: Mapping[str, str]) -> str:
    """Return a digest that differs where another credential is used; "" without one in the environment."""
    import hashlib  # only with a cache of answers

    told = [f"{name}={environ[name]}" for name in _OF_AN_ACCOUNT if environ.get(name)]
    return hashlib.sha256("\n".join(told).encode("utf-8", "surrogateescape")).hexdigest() if told else ""


def _has_profile(home: Path) -> bool:
    """Whether the SDK's folder names an active profile or holds the default one; False if unreadable."""
    try:
        if (home / "active_config").is_file() and (home / "active_config").read_text("utf-8").strip():
            return True
        return (home / "configs" / "default.json").is_file()
    except (OSError, ValueError):
        return False


def sdk_config_dir(environ: Mapping[str, str]) -> Path | None:
    """The folder of the SDK's profiles (`lib/credentials/_constants.py` in anthropic 2.13), or None."""
    try:
        if sys.platform == "win32":
            roaming = environ.get("APPDATA")
            return (Path(roaming) if roaming else Path.home() / "AppData" / "Roaming") / "Anthropic"
        return Path.home() / ".config" / "anthropic"
    except RuntimeError:  # no home directory
        return None
