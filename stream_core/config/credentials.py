"""Predict the SDK's base URL and the source of its credential without importing the SDK."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from stream_core.core.errors import ConfigError
from stream_core.core.hosts import is_loopback, parse_address
from stream_core.core.sanitize import one_line


def base_url(value: str) -> str | None:
    """A server's URL, checked: https, or plain http on this machine only; no credential inside."""
    url = value.strip().rstrip("/").removesuffix("/v1")
    if not url:
        return None
    if "@" in url:  # whatever else is wrong with it: it is not shown, a password may stand before the @
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
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ConfigError(
            f"ANTHROPIC_BASE_URL: con «{shown}» la clave viajaría sin cifrar. "
            "Usa https:// (http:// solo vale en tu propio equipo)."
        )
    return url


def _check_host(parts: SplitResult) -> None:
    """What `urlsplit` lets pass: any text between the brackets (Python 3.10), and text around them."""
    if "[" in parts.netloc:
        host, port = parts.hostname or "", "" if parts.port is None else f":{parts.port}"
        if parse_address(host).version != 6 or parts.netloc.lower() != f"[{host}]{port}":
            raise ValueError


def credential(environ: Mapping[str, str]) -> str | None:
    """Where the SDK would find a credential, in its order and without loading it; None when it has none."""
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        if value := environ.get(name):
            if not value.isascii() or not value.isprintable() or " " in value:
                raise ConfigError(
                    f"{name} tiene espacios o caracteres que no valen. Vuelve a copiar la clave."
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


def _has_profile(home: Path) -> bool:
    """Whether the SDK's folder names an active profile or holds the default one; what it cannot read, no."""
    try:
        if (home / "active_config").is_file() and (home / "active_config").read_text("utf-8").strip():
            return True
        return (home / "configs" / "default.json").is_file()
    except (OSError, ValueError):
        return False


def sdk_config_dir(environ: Mapping[str, str]) -> Path | None:
    """Where the SDK keeps its profiles (`lib/credentials/_constants.py` in anthropic 2.13)."""
    try:
        if sys.platform == "win32":
            roaming = environ.get("APPDATA")
            return (Path(roaming) if roaming else Path.home() / "AppData" / "Roaming") / "Anthropic"
        return Path.home() / ".config" / "anthropic"
    except RuntimeError:  # no home directory
        return None
