"""Scripts of completion for a shell, written by shtab from the flags."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from typing import Any

from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line
from stream_core.models.lines import LINES

from .options.option import Option
from .program import APP, COMMANDS

SHELLS = ("bash", "zsh", "fish")
ROLES = "roles"
"""In place of a shell: asks for the names of the roles, as a script of completion does."""
_FILES = {"attach": "file", "tools": "file", "files": "directory"}


def completion(parser: argparse.ArgumentParser, shell: str, options: Iterable[Option]) -> str:
    """Return what `--completion` prints: a script for a shell, or the names of the roles.

    Raises:
        ConfigError: there is no script for this shell.
    """
    if shell == ROLES:
        from . import paths, roles

        config_dir = paths.Paths.for_config(os.environ, None).config_dir
        return "".join(f"{name}\n" for name in roles.names(config_dir))
    if shell not in SHELLS:
        known = f"{', '.join(SHELLS[:-1])} o {SHELLS[-1]}"
        raise ConfigError(f"--completion: «{one_line(shell, 40)}» no sirve. Puede ser {known}.")
    return _script(parser, shell, options)


def _script(parser: argparse.ArgumentParser, shell: str, options: Iterable[Option]) -> str:
    """The script for a shell of `SHELLS`; it completes every installed command of the chat.

    Args:
        parser: has the flags. It parses nothing afterwards: its flags get choices that only the shell uses.
        shell: whose completion it is.
        options: the options with a flag, for the words that are offered as their values.
    """
    import shtab

    words: dict[str, Iterable[str]] = {
        option.field: [word for word, _ in option.examples if word.isalnum()] for option in options
    }
    words.update(model=LINES, completion=SHELLS)
    for action in parser._actions:
        target: Any = action  # an attribute of shtab's
        if action.dest in words and action.nargs != 0:
            action.choices = tuple(words[action.dest]) or None
        elif action.dest == "role":
            target.complete = shtab.cmd(f"{APP} --completion {ROLES}")
        elif action.dest in _FILES:
            target.complete = shtab.CHOICE_FUNCTIONS[_FILES[action.dest]]
    scripts = []
    for name in COMMANDS:
        parser.prog = name
        scripts.append(shtab.complete(parser, shell))
    if shell == "zsh":  # a file of zsh completes what its first line names
        return scripts[0].replace(f"#compdef {APP}", f"#compdef {' '.join(COMMANDS)}", 1)
    return "\n".join(scripts)
