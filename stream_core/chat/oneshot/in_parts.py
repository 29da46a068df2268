"""`--chunked`: a long text in parts, one request each; their replies are one document on stdout.

What a part was answered is kept until the whole is done. After a fault the same command goes on from there.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from stream_core.chat.process.piped_input import has_piped_input
from stream_core.chat.process.standard_error import say
from stream_core.chat.reply.presenter import TurnOutcome
from stream_core.config.settings import Settings
from stream_core.core.chunks import Chunker
from stream_core.core.errors import ConfigError, StoreError
from stream_core.core.file_kinds import NotText, encoding_of
from stream_core.core.numbers import counted
from stream_core.core.sanitize import Sanitizer, one_line, sanitize_message
from stream_core.files.attaching import NotAttachable, open_file
from stream_core.files.private import check_own_file, new_file, private_folder

FOLDER = "por-partes"
_READ = 256 * 1024  # bytes
_ASK = "{question}\n\nEsta es la parte {number} de un texto más largo; las demás van aparte:\n\n{text}"


class Answered:
    """The answers of the parts so far, in a private file; nowhere without a folder."""

    def __init__(self, folder: Path | None, key: str) -> None:
        self._file = folder / f"{key}.jsonl" if folder is not None else None
        self._kept: list[tuple[str, str]] = []
        if self._file is not None:
            with suppress(OSError, ValueError, KeyError, StoreError):
                if check_own_file(self._file) is not None:
                    for line in self._file.read_text("utf-8").splitlines():
                        record = json.loads(line)
                        self._kept.append((str(record["part"]), str(record["text"])))

    def find(self, number: int, part: str) -> str | None:
        """Return what a part was answered; None if it was not, or another text stood there."""
        if number <= len(self._kept) and self._kept[number - 1][0] == _hash(part):
            return self._kept[number - 1][1]
        return None

    def keep(self, number: int, part: str, text: str) -> bool:
        """Keep an answer; returns False if that failed."""
        self._kept[number - 1 :] = [(_hash(part), text)]
        if self._file is None:
            return False
        lines = [json.dumps({"part": part, "text": text}) for part, text in self._kept]
        temporary = self._file.with_suffix(f".{os.getpid()}")
        try:
            private_folder(self._file.parent)
            with os.fdopen(new_file(temporary), "w", encoding="utf-8") as stream:
                stream.write("\n".join(lines) + "\n")
            temporary.replace(self._file)
        except (OSError, StoreError):
            with suppress(OSError):
                temporary.unlink()
            return False
        return True

    def forget(self) -> None:
        """Delete the answers: the document is whole."""
        if self._file is not None:
            with suppress(OSError):
                self._file.unlink()


def ask_in_parts(settings: Settings, ask: Callable[[str], TurnOutcome | None]) -> TurnOutcome | None:
    """Ask the question about each part of the text; return what became of the last one.

    Args:
        settings: what the user configured.
        ask: asks a question whose reply goes to stdout.

    Raises:
        ConfigError: there is no question, or no text.
        OSError: stdout takes nothing any more.
    """
    question = sanitize_message(settings.invocation.question or "").strip()
    if not question:
        raise ConfigError("Falta la pregunta: di entre comillas qué hago con cada parte.")
    answered = Answered(_folder(settings), _hash(f"{settings.model}\0{settings.system}\0{question}"))
    outcome: TurnOutcome | None = None
    number = 0
    with _source(settings) as source:
        for number, part in enumerate(_parts(source, settings.invocation.chunk_size), 1):
            if number > 1:
                sys.stdout.write("\n\n")
            if (known := answered.find(number, part)) is not None:
                sys.stdout.write(Sanitizer().feed(known))
                continue
            say(f"Parte {number} ({counted(len(part), 'carácter', 'caracteres')})…")
            outcome = ask(_ASK.format(question=question, number=number, text=part))
            if outcome is None or outcome.reply.outcome not in ("complete", "max_tokens"):
                _tell_where(number, answered.find(1, part) is not None or number > 1)
                return outcome
            answered.keep(number, part, outcome.turn.text)
    if not number:
        raise ConfigError("No hay texto que partir: está vacío.")
    sys.stdout.flush()
    answered.forget()
    say(f"Listo: {counted(number, 'parte', 'partes')}.")
    return outcome


def _tell_where(number: int, some: bool) -> None:
    kept = "Lo anterior está guardado. " if some else ""
    say(f"Se detuvo en la parte {number}. {kept}Repite la misma orden y sigue desde ahí.")


def _folder(settings: Settings) -> Path | None:
    folder = settings.paths.data_dir
    return folder / FOLDER if folder is not None and settings.invocation.save else None


def _source(settings: Settings) -> BinaryIO:
    told = settings.invocation.attach
    if len(told) > 1:
        raise ConfigError("--chunked parte un solo texto: adjunta uno.")
    if not told:
        if not has_piped_input():
            raise ConfigError("--chunked necesita un texto: con -a archivo, o por la tubería.")
        return sys.stdin.buffer
    try:
        return open_file(Path(told[0]).expanduser())
    except (NotAttachable, RuntimeError) as why:
        raise ConfigError(f"No puedo leer «{one_line(told[0], 80)}»: {why}.") from None


def _parts(source: BinaryIO, limit: int) -> Iterator[str]:
    """The parts of a text, read piece by piece: never the whole in memory."""
    head = source.read(_READ)
    try:
        mark, encoding = encoding_of(head)
    except NotText as found:
        raise ConfigError(f"--chunked parte textos, y esto parece {found.kind.name}.") from None
    decoder, chunker = codecs.getincrementaldecoder(encoding)("replace"), Chunker(limit)
    piece = head[mark:]
    while piece:
        yield from map(sanitize_message, chunker.feed(decoder.decode(piece).replace("\r\n", "\n")))
        piece = source.read(_READ)
    yield from map(sanitize_message, [*chunker.feed(decoder.decode(b"", True)), *chunker.finish()])


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
