"""Where the files of a person are: the folders of the data and of the settings, and the `.env` files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line

_DATA, _CONFIG = "STREAM_CORE_DATA_DIR", "STREAM_CORE_CONFIG_DIR"


def data_dir(environ: Mapping[str, str], app: str) -> Path | None:
    """Give the folder of what is kept; None when the person has no home directory."""
    if told := environ.get(_DATA):
        return named(_DATA, told)
    import platformdirs

    try:
        return platformdirs.user_data_path(app)
    except RuntimeError:  # no home directory
        return None


def config_dir(environ: Mapping[str, str], app: str) -> Path | None:
    """Give the folder of the settings; None when the person has no home directory."""
    if told := environ.get(_CONFIG):
        return named(_CONFIG, told)
    import platformdirs

    try:
        return platformdirs.user_config_path(app)
    except RuntimeError:  # no home directory
        return None


def named(name: str, told: str) -> Path:
    """Give the path that a flag or a variable of that name tells.

    Raises:
        ConfigError: it begins with the home directory of somebody who has none.
    """
    try:
        return Path(told).expanduser()
    except RuntimeError:
        raise ConfigError(f"{name}: no encuentro «{one_line(told, 80)}».") from None


def env_files(config: Path | None, program: Path | None) -> tuple[Path, ...]:
    """Give the `.env` files that may be read, the stronger first."""
    beside = program is not None and (program / "pyproject.toml").is_file()
    return tuple(folder / ".env" for folder in (program if beside else None, config) if folder is not None)
