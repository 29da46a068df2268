"""A home, a checkout and a configuration directory for a test of the settings."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from stream_core.config.settings import Settings
from stream_core.core.errors import ConfigError
from support.day import TODAY

KEY = "sk-ant-api03-SECRETO"
UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]")


class Place:
    """A home, a checkout and a configuration directory that are this test's own."""

    def __init__(self, root: Path) -> None:
        self.home, self.program, self.config = root / "home", root / "program", root / "config"
        for directory in (self.home, self.program, self.config):
            directory.mkdir()
        (self.program / "pyproject.toml").touch()
        self.environ: dict[str, str] = {
            "STREAM_CORE_CONFIG_DIR": str(self.config),
            "STREAM_CORE_DATA_DIR": str(root / "data"),
        }

    def load(self, *argv: str, **environ: str) -> Settings:
        self.environ.update(environ)
        return Settings.load(list(argv), self.environ, program_dir=self.program, today=TODAY)

    def refused(self, *argv: str, **environ: str) -> str:
        """The hint of what could not be used, which is always one safe Spanish line."""
        with pytest.raises(ConfigError) as raised:
            self.load(*argv, **environ)
        hint = raised.value.hint
        assert not UNSAFE.search(hint)
        assert re.match("[A-ZÁÉÍÓÚ«¿/-]", hint)  # a path or a flag may come first
        assert hint.split()[0] != "argument"
        assert KEY not in hint
        assert len(hint) < 300
        return hint


def remember(place: Place, **values: object) -> Path:
    file = place.config / "preferences.json"
    file.write_text(json.dumps(values))
    return file
