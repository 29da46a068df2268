"""Attaching files in the chat: by command, by `@ruta` in a message, or dropped on the terminal."""

from __future__ import annotations

from stream_core.chat.attached.finding import exists
from stream_core.chat.attached.limits import attached_to, may_be_refused
from stream_core.chat.attached.slips import slip_in
from stream_core.chat.attached.tray import Taken, rows, take, without_doubles
from stream_core.chat.backend.successor import PATIENCE_SECONDS
from stream_core.core.attachments import Attachment, question_blocks
from stream_core.core.errors import StreamCoreError
from stream_core.core.mentions import dropped, mentions
from stream_core.core.sanitize import sanitize_message
from stream_core.texts.attachments_es import listed, short

from .session import Session

_KEPT = "Tu mensaje está en el historial"


def attach(session: Session, typed: str) -> bool:
    """Take files in for the next message and say so; False, after a message to the user, if none was."""
    taken = take(typed, session.archive.files, session.decisions.confirm)
    return _add(session, taken)


def _add(session: Session, taken: Taken) -> bool:
    _tell(session, taken)
    if taken.refused or taken.declined:
        return False
    session.tray.add(taken.attached)
    for line in rows(taken.attached, session.settings):
        session.screen.note(line)
    return True


def _tell(session: Session, taken: Taken) -> None:
    if taken.refused:
        session.screen.warning(taken.refused)
    for note in taken.notes:
        session.screen.note(note)


def send(session: Session, line: str) -> None:
    """Send a message with the files that wait for it and those that it names; offer those dropped on it."""
    line = _without_dropped(session, line)
    if not line.strip():
        return
    mentioned = _mentioned(session, line)
    if mentioned is None:
        arrow = "" if session.screen.look.plain else " (flecha arriba)"
        session.screen.note(f"No se envió nada. {_KEPT}{arrow}.")
        return
    waiting = session.tray.waiting
    attached = without_doubles([*waiting, *mentioned])
    shown = attached if len(attached) > len(waiting) else []  # what waits was shown when it was added
    for row in rows(shown, session.settings):
        session.screen.note(row)
    if not _ask_server(session, attached):
        return
    asked = sanitize_message(session.settings.instructions.asked(line))
    if session.ask(question_blocks(asked, attached) or asked):
        session.tray.clear()


def _ask_server(session: Session, attached: list[Attachment]) -> bool:
    """Ask another server once what files its models take; False, after a message, if that was cancelled."""
    every = [*attached, *attached_to(session.conversation.turns)]
    if session.tray.asked_server or not may_be_refused(every, session.settings):
        return True
    try:
        listed = session.account.models(patience=PATIENCE_SECONDS)
        session.settings = session.settings.with_list(listed)
    except StreamCoreError:
        pass  # it does not say
    except KeyboardInterrupt:
        session.screen.note(f"No se envió nada. {_KEPT}.")
        return False
    session.tray.asked_server = True
    return True


def _mentioned(session: Session, line: str) -> list[Attachment] | None:
    """The files that a message names with an `@`; None, after a message, if one cannot be attached."""
    if slip := slip_in(line):
        session.screen.warning(slip)
        return None
    found: list[Attachment] = []
    for mention in mentions(line):
        path = next(filter(exists, mention.paths), None)
        if path is None:
            continue  # an address, a name, code: text
        taken = take(path, session.archive.files, session.decisions.confirm)
        _tell(session, taken)
        if taken.refused:
            return None
        found += taken.attached
    return found


def _without_dropped(session: Session, line: str) -> str:
    """A line without the paths that it begins with, if they exist and the person wants them attached."""
    paths, rest = dropped(line)
    if not paths or not all(map(exists, paths)):
        return line
    taken = [take(path, session.archive.files, session.decisions.confirm) for path in paths]
    attached = [each for one in taken for each in one.attached]
    if not attached:  # a path that somebody asks about is a message, too
        for one in taken:
            _tell(session, one)
        return line
    names = ", ".join(map(short, attached[:3])) + (", …" if len(attached) > 3 else "")
    if not session.decisions.confirm(f"¿Adjunto {names}?"):
        return line
    for one in taken:
        _tell(session, one)
    session.tray.add(attached)
    for row in rows(attached, session.settings):
        session.screen.note(row)
    if not rest:
        session.screen.note("Irá con tu próximo mensaje: escribe qué quieres saber.")
    return rest


def tell_waiting(session: Session) -> None:
    """Say what waits for the next message."""
    waiting = session.tray.waiting
    if waiting:
        session.screen.note(f"Va con tu próximo mensaje. {listed(waiting)}. «/adjuntar no» lo quita.")
    else:
        session.screen.note(
            "No hay nada adjunto. «/adjuntar foto.png» lo manda con tu próximo mensaje; dentro de un mensaje "
            "basta @foto.png, y también puedes soltar el archivo sobre la terminal."
        )
