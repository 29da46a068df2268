"""Entry point: from the command line to the chat or the one-shot mode. Heavy modules are imported late."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stream_core.chat.process.collector import resting_collector
from stream_core.core.errors import ConfigError

if TYPE_CHECKING:
    from stream_core.config.settings import Settings


def main(program_dir: Path) -> int:
    """Run the program and end the process with its exit code.

    Exit codes: 0, 1 (no complete reply), 2 (a wrong or missing setting), 130, 143, 129 (INT, TERM, HUP).

    Returns:
        The code, if the interpreter has to end the process (see `leave`): with the user's own tools, whose
        objects may write something when they are destroyed, and with `STREAM_CORE_FULL_EXIT=sí`.
    """
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")  # characters that the terminal cannot show become "?"
    try:
        with resting_collector():
            settings = _settings(program_dir)
            from stream_core.chat.process.leaving import leave
    except ConfigError as error:
        return _tell(error)
    except KeyboardInterrupt:
        return 130
    try:
        code = _code_of(settings)
        return code if settings.invocation.full_exit or settings.tools.user_file is not None else leave(code)
    except KeyboardInterrupt:
        return 130


def _settings(program_dir: Path) -> Settings:
    from stream_core.config.flags import parse_flags

    flags = parse_flags(sys.argv[1:])  # --help and --version end here, without loading what follows
    from stream_core.chat.process.quick_imports import import_quickly

    import_quickly()
    from stream_core.config.settings import Settings

    return Settings.read(flags, os.environ, program_dir=program_dir)


def _code_of(settings: Settings) -> int:
    try:
        return _run(settings)
    except ConfigError as error:
        return _tell(error)
    except KeyboardInterrupt:
        return 130
    except SystemExit as end:  # a signal
        if not isinstance(end.code, int):
            raise
        return end.code


def _tell(error: ConfigError) -> int:
    from stream_core.chat.process.standard_streams import say
    from stream_core.core.sanitize import one_line

    say(one_line(error.hint, 600))
    return 2


def _run(settings: Settings) -> int:
    if settings.invocation.show_paths:
        from stream_core.chat.session.paths import places

        return _print(_listed(list(places(settings))))
    if settings.invocation.copy_to is not None:
        from stream_core.chat.saved.copying import copy_conversations

        return copy_conversations(settings)
    from stream_core.chat.process.standard_streams import has_piped_input

    on_terminal = _is_terminal(sys.stdin) and _is_terminal(sys.stdout)
    replays = bool(settings.wire.replay) and not on_terminal  # it has its own question
    if settings.invocation.question is not None or has_piped_input() or replays:
        with resting_collector():
            from stream_core.chat.oneshot.run import run_once

        return run_once(settings)
    if not on_terminal:
        from stream_core.config.program import command_line

        raise ConfigError(
            f'El chat necesita una terminal. Para una sola respuesta: {command_line()} "tu pregunta".'
        )
    from stream_core.terminal.device.background import QUERY, is_answered, may_be_asked
    from stream_core.terminal.device.keyboard import quiet_keyboard

    with quiet_keyboard(sys.stdin.fileno(), lambda: not settings.preferences.look.plain) as keyboard:
        if keyboard.escapes() and may_be_asked(settings.invocation.terminal):
            keyboard.ask(QUERY, is_answered)  # answered while the rest is loaded
        with resting_collector():
            from . import repl

        return repl.run_chat(settings, keyboard)


def _listed(places: list[tuple[str, str]]) -> str:
    """A line for each kind of file; on a terminal that is too narrow for them two: a path is copied whole."""
    lines = [f"{what}: {where}" for what, where in places]
    if _is_terminal(sys.stdout):
        width = os.get_terminal_size(sys.stdout.fileno()).columns
        if max(map(len, lines)) > width:
            lines = [_two_lines(what, where) for what, where in places]
    return "".join(f"{line}\n" for line in lines)


def _two_lines(what: str, where: str) -> str:
    path, mark, note = where.rpartition(" (")
    return f"{what}{mark}{note}:\n  {path}" if mark and note.endswith(")") else f"{what}:\n  {where}"


def _print(text: str) -> int:
    """Write a text to stdout; return the exit code. A reader that has gone (`| head`) has what it wanted."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # also for what is written at exit
    return 0


def _is_terminal(stream: object) -> bool:
    try:
        return bool(stream is not None and stream.isatty())  # type: ignore[attr-defined]
    except ValueError:
        return False  # it is closed
