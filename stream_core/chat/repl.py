"""The loop of the chat: read a line, do what it says, until the person leaves."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache

from stream_core.sanitize import one_line
from stream_core.settings import Settings
from stream_core.terminal.keyboard import UsualKeyboard, quiet_keyboard
from stream_core.terminal.screen import Screen

from .backend import Backend
from .commands import all_commands, find, looks_like_command, next_words, suggestion
from .history import open_history
from .interrupts import Interrupts
from .keys import KeyWatch, open_keyboard, typed_ahead
from .plainprompt import PlainPrompt
from .prompt import CommandCompleter, Prompt
from .session import Session


def run_chat(settings: Settings) -> int:
    """Chat in the terminal until the person leaves; give the exit code."""
    screen, backend = Screen(look=settings.look), Backend(settings)
    quiet = quiet_keyboard(sys.stdin.fileno(), escapes=lambda: not screen.look.plain)
    with quiet as usual_keyboard, Interrupts() as interrupts:
        try:
            session = Session(settings, screen, backend, interrupts)
            screen.welcome(settings)
            for note in settings.notes:
                screen.warning(note)
            if backend.lab is not None and (armed := backend.lab.next) is not None:
                screen.note(armed.told)

            def warm() -> None:
                with interrupts.holding():
                    backend.warm()

            ask = _prompts(session, usual_keyboard, warm)
            while not session.leaving:
                _one_line(session, ask)
        finally:
            backend.close()
    screen.note("¡Hasta pronto!")
    return 0


def _prompts(session: Session, usual_keyboard: UsualKeyboard, begin: Callable[[], None]) -> Callable[[], str]:
    """Give what asks for a line, in the way that the look of that moment wants; `begin` is called then."""
    screen, history, keyboard = session.screen, open_history(session.settings.data_dir), open_keyboard()
    plain = PlainPrompt(usual_keyboard, history, begin, lambda: typed_ahead(keyboard))

    @cache  # not made before it is wanted: it takes the terminal for one that understands escapes
    def editor() -> Prompt:
        names = [
            (f"/{name}", command.summary)
            for command in all_commands()
            for name in (command.name, *command.aliases)
        ]
        completer = CommandCompleter(names, next_words)
        return Prompt(completer, history, begin, lambda: screen.look.colours.you, keyboard)

    def watch(cancel: Callable[[], None], hurry: Callable[[], None]) -> AbstractContextManager[object]:
        # The plain prompt reads lines, not keys: what is typed ahead is left to the terminal.
        return nullcontext() if screen.look.plain else KeyWatch(keyboard, cancel, hurry)

    session.watch_keys = watch
    return lambda: plain.ask() if screen.look.plain else editor().ask()


def _one_line(session: Session, ask: Callable[[], str]) -> None:
    try:
        handle(session, ask())
    except KeyboardInterrupt:
        session.screen.note("Para salir escribe exit o pulsa Ctrl+D.")
    except EOFError:
        session.leaving = True
    except Exception as error:  # noqa: BLE001 -- the last resort: a defect of ours must not end the conversation
        session.screen.warning(
            f"Esto es un defecto del programa ({one_line(repr(error))}). La conversación sigue aquí."
        )


def handle(session: Session, line: str) -> None:
    """Do what a line says: a command, a message, or nothing when it is blank."""
    if not line.strip():
        return
    found = find(line)
    if found is not None:
        command, argument = found
        command.run(session, argument)
    elif looks_like_command(line):
        session.screen.warning(suggestion(line))
    else:
        session.ask(line)
