"""Slips in `@ruta`: a mention that names no file, but was meant to."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from stream_core.chat.attached.finding import exists
from stream_core.config.options.slips import is_slip
from stream_core.config.options.values import fold
from stream_core.core.mentions import Mention, mentions, opened
from stream_core.core.sanitize import one_line

_MOST_SEEN = 5_000  # entries of a folder that are looked at
_ENDINGS = frozenset(
    """
    txt md rst tex csv tsv json jsonl yaml yml toml ini cfg conf log xml html htm css scss sql sh bash ps1 bat
    py pyi ipynb js mjs ts tsx jsx vue c h cpp hpp cs go rs rb php pl java kt swift scala lua r diff patch
    pdf doc docx odt rtf xls xlsx ods ppt pptx odp epub png jpg jpeg gif webp bmp svg heic tiff
    zip tar gz mp3 wav mp4 mov env
    """.split()
)
"""Endings of files that people ask about; of names, decorators and addresses none has one."""


def slip_in(text: str) -> str:
    """Return the Spanish sentence about the first mention that names no file and was meant to; "" for none.

    A text that begins with a blank is sent as it is.
    """
    if text[:1].isspace():
        return ""
    for mention in mentions(text):
        if not any(map(exists, mention.paths)) and (found := _slip(mention, alone="\n" not in text)):
            return found
    return ""


def _slip(mention: Mention, *, alone: bool) -> str:
    path = mention.paths[-1]
    near = _near(path)
    ends = path.rpartition(".")[2].lower() in _ENDINGS and "." in path
    inside = "/" in path and _begins_somewhere(path)
    if path.startswith("/") and not inside:  # `@/components/Boton.vue` is no path of this machine
        return ""
    if not (ends or inside or (near and alone)):
        return ""
    meant = f": ¿querías decir «@{one_line(opened(near), 120)}»?" if near else "."
    return (
        f"No encuentro el archivo «{one_line(path, 120)}»{meant} "
        "Para enviar el mensaje sin él, ponle un espacio delante."
    )


def _begins_somewhere(path: str) -> bool:
    """Whether the first folder of a path exists."""
    first, _, rest = path.lstrip("/").partition("/")
    return bool(rest) and exists(f"/{first}" if path.startswith("/") else first)


def _near(path: str) -> str:
    """The path that exists in the same folder and has nearly this name, or this name without its ending."""
    parent, slash, name = path.rpartition("/")
    try:
        folder = Path(f"{parent}{slash}" or ".").expanduser()
        names = sorted(entry.name for entry in islice(os.scandir(folder), _MOST_SEEN))
    except (OSError, RuntimeError, ValueError):
        return ""
    wanted = fold(name)
    tests = (
        lambda other: other == wanted,
        lambda other: is_slip(wanted, other),
        lambda other: Path(other).stem == wanted,
        lambda other: _split_alike(wanted, other),
    )
    shown = [each for each in names if not each.startswith(".")]
    return next((f"{parent}{slash}{each}" for test in tests for each in shown if test(fold(each))), "")


def _split_alike(wanted: str, other: str) -> bool:
    """Whether two names are alike but for a slip before or in their ending: `informe.pfd`, `infrome.pdf`."""
    (stem, ending), (stem_of, ending_of) = ((Path(name).stem, Path(name).suffix) for name in (wanted, other))
    if not (ending and ending_of):
        return False
    near_ending = sorted(ending) == sorted(ending_of) or ending in ending_of or ending_of in ending
    return (stem == stem_of and near_ending) or (ending == ending_of and is_slip(stem, stem_of))
