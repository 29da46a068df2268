"""The files that go with the next question."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from stream_core.config.settings import Settings
from stream_core.core.attachments import Attachment
from stream_core.core.deltas import Usage
from stream_core.core.numbers import counted
from stream_core.core.sanitize import one_line
from stream_core.core.store_errors import StoreError
from stream_core.files.attaching import NotAttachable, take_in
from stream_core.files.blobs import Blobs
from stream_core.models.cost import cost, money
from stream_core.texts.attachments_es import row, size_words, total
from stream_core.texts.errors_es import explain

from .finding import Found, find

_NAMED = 3  # files of several that are named in a sentence
Confirm = Callable[[str], bool]


@dataclass(slots=True)
class Taken:
    """The result of taking files in.

    Attributes:
        attached: the files.
        notes: what the person should know, in Spanish.
        refused: why a file that was named was not taken in, as a Spanish sentence; "" if all were.
        declined: whether the person said no.
    """

    attached: list[Attachment] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    refused: str = ""
    declined: bool = False


def take(typed: str, blobs: Blobs, confirm: Confirm) -> Taken:
    """Take in what a path, a folder or a pattern means.

    Args:
        typed: as it was typed.
        blobs: keeps the bytes.
        confirm: asks the person a question; for a folder or a pattern only.
    """
    shown = one_line(typed, 80)
    try:
        found = find(typed)
        if found.several:
            return _take_several(shown, found, blobs, confirm)
        attached, note = take_in(found.files[0], blobs)
    except NotAttachable as why:
        return Taken(refused=f"No puedo adjuntar «{shown}»: {why}.")
    except StoreError as error:
        return Taken(refused=explain(error))
    notes = [f"«{one_line(attached.name, 60)}» {note}."] if note else []
    return Taken([attached], notes)


def _take_several(shown: str, found: Found, blobs: Blobs, confirm: Confirm) -> Taken:
    count = counted(len(found.files), "archivo", "archivos")
    one = len(found.files) == 1
    are, them = ("es", "Lo") if one else ("son", "Los")
    if not confirm(f"«{shown}» {are} {count} ({size_words(found.size)}). ¿{them} adjunto?"):
        return Taken(declined=True)
    taken, left_out = Taken(), list[Path]()
    for file in found.files:
        try:
            taken.attached.append(take_in(file, blobs)[0])
        except NotAttachable:
            left_out.append(file)
    if left_out:
        names = _names(file.name for file in left_out)
        taken.notes.append(f"Sin adjuntar, porque no se pueden enviar o están vacíos: {names}.")
    if found.secrets:
        names = _names(found.secrets)
        taken.notes.append(f"Sin adjuntar, porque son archivos ocultos o parecen secretos: {names}.")
    if not taken.attached:
        taken.refused = f"De «{shown}» no se puede adjuntar nada."
    return taken


def _names(names: Iterable[str]) -> str:
    first = [one_line(name, 40) for name in names]
    return ", ".join(first[:_NAMED]) + (", …" if len(first) > _NAMED else "")


class Tray:
    """The files that wait for the next question.

    Attributes:
        waiting: the files, each once.
        asked_server: whether the server was asked what files its models take.
    """

    def __init__(self) -> None:
        self.waiting: list[Attachment] = []
        self.asked_server = False

    def add(self, attached: Iterable[Attachment]) -> None:
        """Add files that are not there yet."""
        self.waiting = without_doubles([*self.waiting, *attached])

    def clear(self) -> None:
        """Take all files out."""
        self.waiting = []


def without_doubles(attached: Iterable[Attachment]) -> list[Attachment]:
    """Return files without those that have the same name and the same bytes as one before them."""
    return list({(each.name, each.sha256): each for each in attached}.values())


def rows(attached: Sequence[Attachment], settings: Settings) -> list[str]:
    """Return what is shown of files before they are sent: each on a line, and the sum of several."""
    lines = [row(each, price(each.tokens, settings)) for each in attached]
    if len(attached) > 1:
        lines.append(total(attached, price(sum(each.tokens for each in attached), settings)))
    return lines


def price(tokens: int, settings: Settings) -> str:
    """Return what sending tokens costs, roughly; "" where nothing is charged or no price is known."""
    found = cost(settings.model, Usage(input_tokens=tokens), settings.priced)
    return "" if found is None else f"≈ {money(found.total)}".replace("≈ <", "<")
