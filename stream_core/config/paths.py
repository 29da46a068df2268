"""The user's directories of data and configuration, and the `.env` files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line

from . import preferences_file, user_models
from .program import APP

_DATA, _CONFIG = "STREAM_CORE_DATA_DIR", "STREAM_CORE_CONFIG_DIR"


@dataclass(frozen=True, slots=True)
class Paths:
    """The directories of one user; None for a directory that does not exist because there is no home.

    Attributes:
        data_dir: what the program saves.
        team_store: the URL of the store of a team; None for a file in `data_dir`. It may hold a password.
        config_dir: the `.env`, the preferences and the user's model list.
        env_files: the `.env` files to read, highest precedence first; they need not exist.
    """

    data_dir: Path | None = None
    config_dir: Path | None = None
    env_files: tuple[Path, ...] = ()
    team_store: str | None = field(default=None, repr=False)

    @classmethod
    def for_config(cls, environ: Mapping[str, str], program_dir: Path | None) -> Paths:
        """Locate the configuration, before any `.env` is read: one `.env` cannot point to another.

        A `.env` is read only beside the program in a checkout and in the configuration directory, never in
        the working directory or its parents, where a stranger's `.env` could send the key elsewhere
        (CVE-2026-21852).

        Raises:
            ConfigError: `STREAM_CORE_CONFIG_DIR` starts with `~` and there is no home directory.
        """
        config = _directory(_CONFIG, environ, "user_config_path")
        checkout = program_dir if program_dir and (program_dir / "pyproject.toml").is_file() else None
        files = tuple(folder / ".env" for folder in (checkout, config) if folder is not None)
        return cls(config_dir=config, env_files=files)

    def with_data_dir(self, environ: Mapping[str, str]) -> Paths:
        """Add the data directory, which a `.env` may name.

        Raises:
            ConfigError: `STREAM_CORE_DATA_DIR` starts with `~` and there is no home directory.
        """
        return replace(self, data_dir=_directory(_DATA, environ, "user_data_path"))

    @property
    def key_file(self) -> Path | None:
        """The `.env` that a key is best written in: the first that is read; None without any."""
        return self.env_files[0] if self.env_files else None

    @property
    def preferences_file(self) -> Path | None:
        """The file of remembered choices, or None without a configuration directory; it need not exist."""
        return self.config_dir / preferences_file.NAME if self.config_dir is not None else None

    @property
    def config_file(self) -> Path | None:
        """The user's `config.toml`, or None without a configuration directory; it need not exist."""
        return self.config_dir / "config.toml" if self.config_dir is not None else None

    @property
    def roles_dir(self) -> Path | None:
        """The folder of roles, or None without a configuration directory; it need not exist."""
        return self.config_dir / "roles" if self.config_dir is not None else None

    @property
    def models_file(self) -> Path | None:
        """The user's model list, or None without a configuration directory; it need not exist."""
        return self.config_dir / user_models.NAME if self.config_dir is not None else None


def resolve_path(source: str, text: str) -> Path:
    """Expand `~` in a path given by the flag or variable `source`.

    Raises:
        ConfigError: it starts with the home directory of a user who has none.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise ConfigError(f"{source}: no encuentro «{one_line(text, 80)}».") from None


def _directory(variable: str, environ: Mapping[str, str], default: str) -> Path | None:
    """The directory that `variable` names, else the one of `platformdirs`; None without a home directory."""
    if text := environ.get(variable):
        return resolve_path(variable, text)
    import platformdirs

    try:
        found: Path = getattr(platformdirs, default)(APP)
    except RuntimeError:  # no home directory
        return None
    return found
