"""Export formats of a conversation: Markdown, JSON and HTML. Pure.

The JSON is lossless, with invisible characters escaped. The Markdown and HTML are for reading: their texts
are sanitised as on the screen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from stream_core.core.attachments import attachments_of
from stream_core.core.citations import Source, marked_text, marks
from stream_core.core.conversation import Turn
from stream_core.core.invisible import INVISIBLE
from stream_core.core.sanitize import sanitize
from stream_core.terminal.reply.panel import TITLE
from stream_core.terminal.rows.dates import local
from stream_core.terminal.rows.figures import OUTCOMES
from stream_core.texts.attachments_es import listed
from stream_core.texts.sources_es import SOURCES, source_words

from .export_html import html
from .exported import Exported
from .plain_markdown import plain_markdown

# Valid in JSON but unsafe on a terminal: C1 and bidirectional controls, invisible characters, surrogates.
_UNSEEN = re.compile(f"[\x7f-\x9f\u2028-\u202e\ud800-\udfff{INVISIBLE}]")

_LINK = re.compile(r"https?://[!-;=?-~]+")  # visible ASCII but for the brackets that end a link


def markdown(exported: Exported) -> str:
    """The conversation to be read, with the Markdown of the replies; only our own headings begin a turn."""
    parts = [f"# {_literal(exported.title)}", f"*{_literal(exported.summary)}*"]
    if exported.no_ai:
        parts.append(f"*{exported.no_ai}*")
    for turn in exported.turns:
        parts += ["## Tú", _quoted(turn.question), *_files(turn), f"## {TITLE}{_state(turn)}"]
        if turn.text.strip():
            text, sources = marked_text(turn.text, turn.blocks, _literal_marks)
            parts.append(plain_markdown(text.strip("\n")))
            if sources:
                parts += [f"**{SOURCES}**", "\n".join(map(_source_item, sources))]
    return "\n\n".join(parts) + "\n"


def _files(turn: Turn) -> list[str]:
    """The names of the files of a question, as a paragraph; none without files."""
    names = listed(attachments_of(turn.asked))
    return [f"*{_literal(names)}*"] if names else []


def _literal(text: str) -> str:
    """Escape a text for Markdown."""
    return re.sub(r"([\\`*_\[\]<>#&~|])", r"\\\1", text)


def _literal_marks(numbers: Sequence[int]) -> str:
    return _literal(marks(numbers))  # bare brackets may begin a link


def _source_item(source: Source) -> str:
    words = _literal(source_words(source))
    link = f"[{words}](<{source.url}>)" if _is_link(source) else words
    return f"{source.number}. {link}"


def _is_link(source: Source) -> bool:
    return bool(_LINK.fullmatch(source.url))


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in plain_markdown(sanitize(text)).split("\n"))


def _state(turn: Turn) -> str:
    return "" if turn.outcome == "complete" else f" ({OUTCOMES[turn.outcome]})"


# -- JSON --------------------------------------------------------------------------------------


def as_json(exported: Exported) -> str:
    """Return the conversation as lossless JSON."""
    begun = local(exported.begun)
    whole = {
        "format": "streaming-chatbot/conversation",
        "version": 1,
        "id": exported.id,
        "title": exported.title,
        "begun": begun.isoformat(timespec="seconds") if begun else None,
        "practice": exported.practice,
        "turns": [_kept(turn) for turn in exported.turns],
    }
    text = json.dumps(whole, ensure_ascii=False, indent=2)
    return _UNSEEN.sub(lambda found: json.dumps(found.group())[1:-1], text) + "\n"


def _kept(turn: Turn) -> dict[str, Any]:
    """The saved fields of a turn."""
    values = asdict(turn)
    values["asked"] = [{**block, "data": ""} if block.get("data") else block for block in turn.asked]
    del values["context_key"], values["deviations"], values["story"]
    return values


@dataclass(frozen=True, slots=True)
class Format:
    """An export format.

    Attributes:
        summary: its purpose, in Spanish.
        write: returns the content of the file.
    """

    summary: str
    write: Callable[[Exported], str]


FORMATS: Mapping[str, Format] = {
    "md": Format("para leer: texto con su formato", markdown),
    "json": Format("para otros programas: todo, tal como llegó", as_json),
    "html": Format("una página para el navegador", html),
}
"""By what is typed, which is also how the name of the file ends."""
