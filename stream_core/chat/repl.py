"""The loop of the chat: read a line and handle it, until the user leaves."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterable

from stream_core.chat.backend.client import Backend
from stream_core.chat.debug.log import DebugLog
from stream_core.chat.input.input_reader import InputReader
from stream_core.chat.input.prompt import CutLineError, DraftCleared
from stream_core.chat.saved.archive import Archive
from stream_core.chat.session.session import Session
from stream_core.chat.signals.interrupts import Interrupts, close_each
from stream_core.chat.signals.suspension import Suspension
from stream_core.config.program import command_line
from stream_core.config.settings import Settings
from stream_core.core.sanitize import one_line
from stream_core.terminal.device.background import LIMIT_SECONDS, background_in, background_of
from stream_core.terminal.device.clipboard import multiplexer_of
from stream_core.terminal.device.keyboard import QuietKeyboard
from stream_core.terminal.device.library_output import quiet_libraries
from stream_core.terminal.screen import Screen

from .commands import aliases, all_commands, find, first_words, looks_like_command, next_words, suggestion

_TWICE_SECONDS = 2.0


def run_chat(settings: Settings, keyboard: QuietKeyboard) -> int:
    """Run the chat in the terminal until the user leaves; return the exit code.

    Args:
        settings: what the user configured.
        keyboard: the terminal, quiet already, which may have been asked for its background.
    """
    terminal = settings.invocation.terminal
    heard = keyboard.hear(LIMIT_SECONDS)
    background = background_in(heard[1].decode("latin-1")) or background_of(terminal)
    screen = Screen(
        look=settings.preferences.look, multiplexer=multiplexer_of(terminal), background=background
    )
    keyboard.escapes = lambda: not screen.look.plain
    backend, archive, debug = Backend(settings), Archive.of(settings), DebugLog(settings)
    with (
        Suspension(sys.stdin.fileno()) as suspension,
        suspension.taking_part(archive.suspend, archive.resume),
        suspension.taking_part(keyboard.restore, keyboard.quiet),
        Interrupts() as interrupts,
        quiet_libraries(debug.library),
    ):
        try:
            session = Session(settings, screen, backend, interrupts, archive, debug, suspension)
            _welcome(session, backend)

            def warm() -> None:
                all_commands()
                screen.warm()

            def begin() -> None:
                with interrupts.holding():
                    backend.warm(warm)
                    archive.recover_unfinished(lambda: asking.interject(session.tell_news))
                    session.look_for_successor(lambda: asking.interject(session.tell_news))

            def complete(line: str) -> Iterable[tuple[str, str]]:
                return next_words(line, session.settings)

            words = first_words, aliases
            asking = InputReader(
                settings,
                screen,
                keyboard,
                suspension,
                begin,
                *words,
                complete,
                typed=heard,
                paths=_complete_mention,
            )
            session.watch_keys, session.write_text = asking.watch, asking.text
            session.watch_several = asking.watch_several
            session.watch_waiting = asking.watch_waiting
            session.decisions.read_answer, session.decisions.read_decision = asking.answer, asking.decision
            session.decisions.read_permission = asking.permission
            asking.stepper = backend.stepper
            interrupts.cancelled = asking.hold
            _record_and_play(session, backend)
            exits = Exits()
            if settings.invocation.compare is not None:
                from .commands.comparar import compare_next

                compare_next(session, f"{settings.invocation.compare},")
            for typed in settings.invocation.attach:
                from stream_core.chat.session.attaching import attach

                attach(session, typed)
            while not session.leaving:
                session.tell_news()
                screen.line()  # between turns
                _one_line(session, asking.message, exits)
        finally:
            if notice := session.wire.stop_recording():
                screen.note(notice)
            close_each(session, backend, archive, debug)
        session.tell_news()
        _tell_way_back(session)
        screen.note("¡Hasta pronto!")
    return 0


def _tell_way_back(session: Session) -> None:
    """Say how to go on with a saved conversation: each command on a row of its own, to be copied."""
    conversation = session.archive.conversation
    if conversation is None or not session.archive.keeps or not session.conversation.turns:
        return
    start = command_line() + (" --practice" if session.settings.connection.practice_requested else "")
    name = one_line(conversation, 40)
    session.screen.note(f"Conversación {name}. Para seguirla ahora, o más adelante:")
    session.screen.command(f"{start} -c")
    session.screen.command(f"{start} -r {name}")


def _complete_mention(word: str) -> Iterable[tuple[str, str]]:
    from .attached.completing import mention_completions

    return mention_completions(word)


def _welcome(session: Session, backend: Backend) -> None:
    """Show what the session begins with; raises `ConfigError` if it cannot."""
    settings, screen = session.settings, session.screen
    tools, reopened = settings.tools, None
    if tools.folder is not None or tools.user_file is not None or tools.only is not None:
        session.tools  # noqa: B018 -- made now, so that an error in them comes first
    if settings.invocation.resumes:
        from stream_core.chat.saved.reopening import reopen_by_flags

        reopened = reopen_by_flags(session.archive, settings)
    screen.welcome(settings)
    if session.debug.location:
        screen.note(session.debug.location)
    for note in settings.notes:
        screen.warning(note)
    if backend.lab is not None and (armed := backend.lab.next) is not None:
        screen.note(armed.announcement)
    if reopened is not None:
        session.reopen(reopened)


def _record_and_play(session: Session, backend: Backend) -> None:
    """Do what the command line says about recordings, before the first prompt."""
    try:
        if session.settings.wire.record is not None:
            from .commands.grabar import start_recording

            start_recording(session, str(session.settings.wire.record))
        if backend.replay is not None:
            from stream_core.chat.session.replaying import play

            play(session, backend.replay, backend.stepper)
    except KeyboardInterrupt:
        session.screen.note("La grabación se queda aquí.")


class Exits:
    """Ctrl+C at the prompt: the second one within two seconds leaves.

    Args:
        clock: seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._latest = clock, -math.inf

    def leaves(self, *, draft: bool) -> bool:
        """Take in a Ctrl+C; one that cleared a draft counts for nothing."""
        now = self._clock()
        twice = not draft and now - self._latest <= _TWICE_SECONDS
        self._latest = -math.inf if draft or twice else now
        return twice


def _one_line(session: Session, ask: Callable[[], str], exits: Exits) -> None:
    line = ""
    try:
        try:
            line = ask()
        except KeyboardInterrupt as pressed:
            draft = isinstance(pressed, DraftCleared)
            if exits.leaves(draft=draft):
                session.leaving = True
            elif not draft:
                session.screen.note("Pulsa Ctrl+C otra vez para salir. También sirven exit y Ctrl+D.")
            return
        handle(session, line)
    except CutLineError:
        session.screen.warning(
            "Tu línea era tan larga que la terminal perdió el final: en modo plano admite 4,095 bytes por "
            "línea. No se envió nada. Manda el texto en un archivo, con @ruta o /adjuntar, o pártelo en "
            "varias líneas."
        )
    except KeyboardInterrupt:
        if _leaves(line):
            session.leaving = True
        else:
            session.screen.note("Cancelaste.")
    except EOFError:
        session.leaving = True
    except Exception as error:  # noqa: BLE001 -- the last resort: a defect of ours must not end the conversation
        session.debug.defect(error)
        session.screen.fault(
            f"Esto es un error del programa ({one_line(repr(error))}). La conversación sigue aquí."
        )


def _leaves(line: str) -> bool:
    """Whether a line is the command that leaves: Ctrl+C while it is carried out should not cancel leaving."""
    found = find(line)
    return found is not None and found[0].name == "exit"


def handle(session: Session, line: str) -> None:
    """Handle a line: a command, a message, or nothing if it is blank."""
    if not line.strip():
        return
    found = find(line)
    if found is not None:
        command, argument = found
        command.run(session, argument)
    elif looks_like_command(line, session.settings):
        session.screen.warning(suggestion(line))
    else:
        from stream_core.chat.session.attaching import send  # behind the prompt

        send(session, line)
