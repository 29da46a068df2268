"""The settings: flags, environment and `.env` files, read once into one frozen value.

Order: flag > environment > `.env` > what is remembered (of the look, no more) > default. Nothing else in the
project reads the environment. A `.env` is read only beside the program in a checkout and in the user's
configuration directory, never in the working directory or its parents: there, anybody's `.env` could send the
key elsewhere (CVE-2026-21852).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from . import preferences
from .dotenv_file import read_env
from .errors import ConfigError
from .flags import APP, DEFAULT_MAX_TOKENS, parse_flags
from .look import OPTIONS, Look, Option
from .models import DEFAULT_MODEL, retired_on, suggest
from .origin import Origin, changed, remembered_look, told_look
from .redact import Redactor
from .sanitize import one_line
from .values import Value

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

DEFAULT_HOST = "api.anthropic.com"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the program was told, with its defaults.

    Attributes:
        model: the model to ask.
        system: the system prompt, or None.
        max_tokens: the most tokens a reply may have.
        question: a question from the command line (one-shot mode), or None.
        practice: whether the practice server answers.
        practice_asked: whether practice mode was asked for, not fallen back to for want of a credential.
        fault: a fault that the practice server is to play, as it was typed, or None.
        base_url: a server other than the SDK's default, or None.
        credential: where the credential comes from (a variable's name, a profile), or None. Never the
            credential itself.
        data_dir: where the program keeps its files, or None for nowhere.
        config_dir: where it looks for a `.env` and remembers what the person prefers, or None for nowhere.
        env_files: the `.env` files that are read, the stronger first; they need not exist.
        save: whether conversations and what is typed are kept in `data_dir`.
        go_on: whether to go on with the conversation last used.
        resume: the beginning of the id of the conversation to go on with, or None.
        where: whether only to say where the files are.
        debug: whether a log of the requests is written in `data_dir`.
        debug_content: whether what is said goes into it.
        redact: takes credentials out of a text, with `debug` also those of the environment; shows none.
        tmux: whether the terminal is one of tmux.
        look: how the chat looks.
        look_origin: who decided that.
        notes: Spanish sentences about what was remembered and cannot be used.
    """

    model: str = DEFAULT_MODEL
    system: str | None = None
    max_tokens: int = DEFAULT_MAX_TOKENS
    question: str | None = None
    practice: bool = False
    practice_asked: bool = False
    fault: str | None = None
    base_url: str | None = None
    credential: str | None = None
    data_dir: Path | None = None
    config_dir: Path | None = None
    env_files: tuple[Path, ...] = ()
    save: bool = True
    go_on: bool = False
    resume: str | None = None
    where: bool = False
    debug: bool = False
    debug_content: bool = False
    redact: Redactor = field(default_factory=Redactor, compare=False)
    tmux: bool = False
    look: Look = field(default_factory=Look)
    look_origin: Origin = field(default_factory=Origin)
    notes: tuple[str, ...] = ()

    @property
    def server(self) -> str | None:
        """Host (and port) of the server when it is not the SDK's default, to be shown to the person."""
        if self.base_url is None or self.practice:
            return None
        parts = urlsplit(self.base_url)
        return None if parts.hostname == DEFAULT_HOST else parts.netloc

    @property
    def preferences_file(self) -> Path | None:
        """The file of what is remembered, or None for nowhere; it need not exist."""
        return self.config_dir / preferences.NAME if self.config_dir is not None else None

    @classmethod
    def load(
        cls,
        argv: Sequence[str],
        environ: MutableMapping[str, str],
        *,
        program_dir: Path | None = None,
        today: date | None = None,
    ) -> Settings:
        """Read flags, environment and `.env` files. What a `.env` adds is put into `environ` for the SDK.

        Raises:
            ConfigError: a value that cannot be used; its `hint` is the Spanish sentence for the person.
            SystemExit: after `--help` and `--version`, which print and leave.
        """
        flags = parse_flags(argv)
        config_dir = _config_dir(environ)  # before a `.env` is read: one cannot point to another
        env_files = _env_files(config_dir, program_dir)
        for file in env_files:
            for name, value in read_env(file).items():
                environ.setdefault(name, value)  # one that is set to nothing stays so: it was told so
        data_dir = _data_dir(environ)
        if flags.where:  # also when something else is wrong: that may be what is looked for
            return cls(where=True, data_dir=data_dir, config_dir=config_dir, env_files=env_files)
        if flags.debug and data_dir is None:
            raise ConfigError(
                "--debug no tiene dónde escribir: no encuentro tu carpeta de datos. "
                "Indica una en STREAM_CORE_DATA_DIR."
            )
        asked = bool(flags.practice)
        base_url = None if asked else _base_url(environ.get("ANTHROPIC_BASE_URL", ""))
        credential = None if asked else _credential(environ)
        practice = asked or (base_url is None and credential is None)
        if flags.fault is not None and not practice:
            raise ConfigError(
                "--fault ensaya fallos en modo práctica y ahora respondería un servidor de verdad: "
                "añade --practice."
            )
        model = _model(flags.model if flags.model is not None else environ.get("ANTHROPIC_MODEL") or None)
        to_anthropic = base_url is None or urlsplit(base_url).hostname == DEFAULT_HOST
        if to_anthropic and (day := retired_on(model, today or date.today())):
            raise ConfigError(
                f"El modelo «{model}» se retiró el {day:%d/%m/%Y} y ya no responde. "
                f"Prueba con --model {suggest(model)}."
            )
        remembered, problem = preferences.load(config_dir)
        look, origin, notes = remembered_look(told_look(vars(flags), environ), remembered)
        return cls(
            model=model,
            system=flags.system,
            max_tokens=flags.max_tokens,
            question=" ".join(flags.question) if flags.question else None,
            practice=practice,
            practice_asked=asked,
            fault=flags.fault,
            base_url=base_url,
            credential=credential,
            data_dir=data_dir,
            config_dir=config_dir,
            env_files=env_files,
            save=flags.save,
            go_on=flags.go_on,
            resume=flags.resume,
            debug=flags.debug,
            debug_content=flags.debug_content,
            redact=Redactor.of(environ) if flags.debug else Redactor(),
            tmux=bool(environ.get("TMUX")),
            look=look,
            look_origin=origin,
            notes=(*filter(None, [problem]), *(f"En {preferences.NAME}: {note}" for note in notes)),
        )

    def choose(self, option: Option, value: Value) -> tuple[Settings, str]:
        """Choose something about the look and remember it.

        Returns:
            The settings with it, and a Spanish sentence when the file was not to be had as usual, else "".
        """
        chosen = self.look_origin.chosen | {option.field}
        settings = replace(
            self,
            look=changed(self.look, {option.field: value}),
            look_origin=replace(self.look_origin, chosen=chosen),
        )
        return settings, preferences.change(self.config_dir, {option.name: value})

    def forget_look(self) -> tuple[Settings, str]:
        """Forget all that was chosen about the look; what flags and variables say holds.

        Returns:
            As `choose`.
        """
        origin = replace(self.look_origin, chosen=frozenset())
        problem = preferences.change(self.config_dir, {option.name: None for option in OPTIONS})
        return replace(self, look=origin.told, look_origin=origin), problem


# -- values ------------------------------------------------------------------------------------


def _model(name: str | None) -> str:
    if name is None:
        return DEFAULT_MODEL
    if not name or not name.isascii() or not name.isprintable() or " " in name or len(name) > 200:
        raise ConfigError(
            f"«{one_line(name, 60)}» no sirve como nombre de modelo. Por ejemplo: {DEFAULT_MODEL}."
        )
    return name


def _base_url(value: str) -> str | None:
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
        if _address(host).version != 6 or parts.netloc.lower() != f"[{host}]{port}":
            raise ValueError


def is_loopback(host: str) -> bool:
    """Whether a host name is this very machine."""
    try:
        return host == "localhost" or _address(host).is_loopback
    except ValueError:
        return False


def _address(host: str) -> IPv4Address | IPv6Address:
    import ipaddress

    return ipaddress.ip_address(host)


def _credential(environ: Mapping[str, str]) -> str | None:
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
    home = _sdk_config_dir(environ)
    return "el perfil de Anthropic de este equipo" if home is not None and _has_profile(home) else None


def _has_profile(home: Path) -> bool:
    """Whether the SDK's folder names an active profile or holds the default one; what it cannot read, no."""
    try:
        if (home / "active_config").is_file() and (home / "active_config").read_text("utf-8").strip():
            return True
        return (home / "configs" / "default.json").is_file()
    except (OSError, ValueError):
        return False


def _sdk_config_dir(environ: Mapping[str, str]) -> Path | None:
    """Where the SDK keeps its profiles (`lib/credentials/_constants.py` in anthropic 2.13)."""
    try:
        if sys.platform == "win32":
            roaming = environ.get("APPDATA")
            return (Path(roaming) if roaming else Path.home() / "AppData" / "Roaming") / "Anthropic"
        return Path.home() / ".config" / "anthropic"
    except RuntimeError:  # no home directory
        return None


# -- files -------------------------------------------------------------------------------------


def _data_dir(environ: Mapping[str, str]) -> Path | None:
    if told := environ.get("STREAM_CORE_DATA_DIR"):
        return _folder("STREAM_CORE_DATA_DIR", told)
    import platformdirs

    try:
        return platformdirs.user_data_path(APP)
    except RuntimeError:  # no home directory
        return None


def _folder(name: str, told: str) -> Path:
    try:
        return Path(told).expanduser()
    except RuntimeError:
        raise ConfigError(
            f"{name}: «{one_line(told, 80)}» no es una carpeta que se pueda encontrar."
        ) from None


def _config_dir(environ: Mapping[str, str]) -> Path | None:
    if told := environ.get("STREAM_CORE_CONFIG_DIR"):
        return _folder("STREAM_CORE_CONFIG_DIR", told)
    import platformdirs

    try:
        return platformdirs.user_config_path(APP)
    except RuntimeError:  # no home directory
        return None


def _env_files(config_dir: Path | None, program_dir: Path | None) -> tuple[Path, ...]:
    """The `.env` files that may be read, the stronger first."""
    beside = program_dir is not None and (program_dir / "pyproject.toml").is_file()
    folders = (program_dir if beside else None, config_dir)
    return tuple(folder / ".env" for folder in folders if folder is not None)
