"""`--chunked`: a long text in parts, one request each; their replies are one document on stdout.

They are saved as one conversation, with a note in place of each part's text. What a part was answered is kept
beside it until the whole is done: after a fault the same command goes on from there.
"""

from __future__ import annotations

import codecs
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from stream_core.chat.process.standard_streams import has_piped_input, say
from stream_core.chat.reply.presenter import TurnOutcome
from stream_core.chat.saved.archive import Archive
from stream_core.chat.saved.part_answers import FOLDER, Answered, text_hash
from stream_core.config.program import command_line
from stream_core.config.settings import Settings
from stream_core.core.chunks import Chunker
from stream_core.core.errors import ConfigError
from stream_core.core.file_kinds import NotText, encoding_of
from stream_core.core.mentions import as_path
from stream_core.core.numbers import counted
from stream_core.core.sanitize import Sanitizer, one_line, sanitize_message
from stream_core.core.store_errors import StoreError
from stream_core.files.attaching import NotAttachable, open_file

if TYPE_CHECKING:
    from stream_core.store.protocol import Store

_READ = 256 * 1024  # bytes
_WHOLE = ("complete", "max_tokens")  # outcomes of a part that is not asked about again
_SAVED = "{question}\n\n[Parte {number} de {what}: {length}, que no se guardan aquí.]"
_ASK = "{question}\n\nEsta es la parte {number} de un texto más largo; las demás van aparte:\n\n{text}"


def ask_in_parts(
    settings: Settings, archive: Archive, ask: Callable[[str, str], TurnOutcome | None]
) -> TurnOutcome | None:
    """Ask the question about each part of the text; return what became of the last one.

    Args:
        settings: what the user configured.
        archive: saves the parts as one conversation.
        ask: asks a question whose reply goes to stdout; given it, and what is saved in its place.

    Raises:
        ConfigError: there is no question, or no text.
        OSError: stdout takes nothing any more.
    """
    question = sanitize_message(settings.invocation.question or "")  # its indentation is content
    if not question.strip():
        raise ConfigError("Falta la pregunta: di entre comillas qué hago con cada parte.")
    answered = Answered(_folder(settings), text_hash(f"{settings.model}\0{settings.system}\0{question}"))
    _reopen(archive, answered)
    what = f"«{_name(settings)}»" if settings.invocation.attach else "lo que llegó por la entrada"
    outcome: TurnOutcome | None = None
    number = 0
    with _source(settings) as source:
        for number, part in enumerate(_parts(source, settings.preferences.limits.chunk_size * 1000), 1):
            if number > 1:
                sys.stdout.write("\n\n")
            if (known := answered.find(number, part)) is not None:
                sys.stdout.write(Sanitizer().feed(known))
                continue
            length = counted(len(part), "carácter", "caracteres")
            say(f"Parte {number} ({length})…")
            outcome = ask(
                _ASK.format(question=question, number=number, text=part),
                _SAVED.format(question=question, number=number, what=what, length=length),
            )
            answered.conversation = archive.conversation
            if outcome is None or outcome.reply.outcome not in _WHOLE:
                _tell_where(number, answered.find(1, part) is not None or number > 1)
                return outcome
            answered.keep(number, part, outcome.turn.text)
    if not number:
        raise ConfigError("No hay texto que partir: está vacío.")
    sys.stdout.flush()
    answered.forget()
    say(f"Listo: {counted(number, 'parte', 'partes')}.{_saved_in(archive)}")
    return outcome


def _reopen(archive: Archive, answered: Answered) -> None:
    """Go on with the conversation of the answers so far, without the turn that failed."""
    conversation = answered.conversation
    if conversation is None or not archive.keeps:
        return

    def drop_failed(store: Store) -> None:
        turns = list(store.turns(conversation))
        if turns and turns[-1].outcome not in _WHOLE:
            store.undo(conversation)

    with suppress(StoreError):  # what cannot be saved is told as usual
        archive.call(drop_failed)
    archive.switch_to(conversation)


def _saved_in(archive: Archive) -> str:
    conversation = archive.conversation
    return f" Guardado: {command_line()} -r {conversation}" if archive.keeps and conversation else ""


def _name(settings: Settings) -> str:
    return one_line(Path(as_path(settings.invocation.attach[0])).name, 80)


def _tell_where(number: int, some: bool) -> None:
    kept = "Lo anterior está guardado. " if some else ""
    say(f"Se detuvo en la parte {number}. {kept}Repite la misma orden y sigue desde ahí.")


def _folder(settings: Settings) -> Path | None:
    folder = settings.paths.data_dir
    return folder / FOLDER if folder is not None and settings.invocation.save else None


def _source(settings: Settings) -> BinaryIO:
    attached = settings.invocation.attach
    if len(attached) > 1:
        raise ConfigError("--chunked parte un solo texto: adjunta uno.")
    if not attached:
        if not has_piped_input():
            raise ConfigError("--chunked necesita un texto: con -a archivo, o por la tubería.")
        return sys.stdin.buffer
    try:
        return open_file(Path(as_path(attached[0])).expanduser())
    except (NotAttachable, RuntimeError) as why:
        raise ConfigError(f"No puedo leer «{one_line(attached[0], 80)}»: {why}.") from None


def _parts(source: BinaryIO, limit: int) -> Iterator[str]:
    """The parts of a text, read piece by piece: never the whole in memory."""
    head = source.read(_READ)
    try:
        mark, encoding = encoding_of(head)
    except NotText as found:
        raise ConfigError(f"--chunked parte textos, y esto parece {found.kind.name}.") from None
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)("replace"), translate=True)
    chunker = Chunker(limit)
    piece = head[mark:]
    while piece:
        yield from map(sanitize_message, chunker.feed(decoder.decode(piece)))
        piece = source.read(_READ)
    yield from map(sanitize_message, [*chunker.feed(decoder.decode(b"", True)), *chunker.finish()])
