"""A turn of the history, whole: what was thought, said and called, in its order. Pure, and safe.

Each block of content is sanitised by itself: an escape that one leaves open hides nothing of the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from stream_core.core.citations import Source, SourceList, marks
from stream_core.core.conversation import Turn
from stream_core.core.deltas import Block
from stream_core.core.numbers import counted, number
from stream_core.core.passage_ends import PassageEnds
from stream_core.core.sanitize import one_line, sanitize
from stream_core.terminal.markdown.parts import Part
from stream_core.terminal.markdown.splitter import Splitter
from stream_core.terminal.reply.assembler import CALL_LEAD, HANG, RESULT_LEAD
from stream_core.terminal.reply.content import compact
from stream_core.terminal.reply.thinking_summary import UNSEEN, is_thinking
from stream_core.terminal.rows.tool_results import is_tool_result, pages_of, result_words
from stream_core.texts.sources_es import SOURCES, source_words

_SHOWN = 400  # characters of a call or a result
_SOURCES = 10  # of a search
_SOURCE_LEAD = "  • "

MOST_SHOWN = 1_000_000
"""Characters of a question, and of a reply with its thinking, that are shown: twice the longest of models."""

_Kind: TypeAlias = Literal["text", "thinking", "call", "result", "error", "source", "cited", "other"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A piece of a turn.

    Attributes:
        kind: what it is; `source` is one of those that a search found, below its `result`, `cited` a row of
            the list of those that the text cites.
        text: its text; "" for thinking that was not shown.
        name: of the tool.
        follows: whether it is the answer to the entry before it.
        target: the address of a source, as it came.
    """

    kind: _Kind
    text: str
    name: str = ""
    follows: bool = False
    target: str = ""


def shortened(turn: Turn) -> tuple[Turn, int]:
    """Cut a turn that would take minutes to show; its thinking and its calls are left out then.

    Returns:
        The turn, whole where it is not too long, and how many characters are not in it.
    """
    thought = sum(len(str(block.get("thinking") or "")) for block in turn.blocks if is_thinking(block))
    left = max(0, len(turn.question) - MOST_SHOWN)
    if len(turn.text) + thought > MOST_SHOWN:
        left += thought + max(0, len(turn.text) - MOST_SHOWN)
        turn = replace(turn, text=turn.text[:MOST_SHOWN], blocks=())
    return replace(turn, question=turn.question[:MOST_SHOWN]), left


def entries(turn: Turn, written: Callable[[Sequence[int]], str] = marks) -> list[Entry]:
    """The turn from its blocks; from its text alone where they tell another text.

    Args:
        turn: the turn.
        written: writes the numbers of the sources that a piece of text cites.
    """
    found: list[Entry] = []
    sources, ends = SourceList(), PassageEnds()
    at, names, newest = 0, dict[str, str](), ""
    for block in turn.blocks:
        kind = str(block.get("type", ""))
        if kind == "text":
            end = _end_of(str(block.get("text") or ""), turn.text, at)
            if end is None:
                return _texts([], sanitize(turn.text))
            if not (found and found[-1].kind == "text"):
                ends = PassageEnds()
            mark = written(sources.cite(block))
            found, at = _texts(found, ends.placed(sanitize(turn.text[at:end]), mark)), end
        elif is_thinking(block):
            found.append(Entry("thinking", sanitize(str(block.get("thinking") or "")).strip()))
        elif kind.endswith("tool_use"):
            newest = str(block.get("id", ""))
            names[newest] = one_line(str(block.get("name") or "sin nombre"), 80)
            found.append(Entry("call", _shortened(compact(block.get("input"))), names[newest]))
        elif is_tool_result(block):
            answered = str(block.get("tool_use_id", ""))
            follows = bool(found) and found[-1].kind == "call" and answered == newest
            found += _results(block, names.get(answered, ""), follows)
        else:
            end = _end_of(str(block.get("text") or ""), turn.text, at)
            if end is not None:  # a block of no known type whose text is part of the reply's
                found, at = _texts(found, sanitize(turn.text[at:end])), end
            found.append(Entry("other", one_line(kind, 80)))
    return _texts(found, sanitize(turn.text[at:])) + _cited(sources.sources)


def _end_of(piece: str, text: str, at: int) -> int | None:
    """The end of a piece that comes next in a text, ignoring white space; None if it does not come next."""
    bare = piece.strip()
    begin = text.find(bare, at) if bare else at
    return None if begin < 0 or text[at:begin].strip() else begin + len(bare)


def _texts(before: list[Entry], safe: str) -> list[Entry]:
    """The entries with one more text, which goes on with the one before it: citations cut sentences."""
    if before and before[-1].kind == "text":
        return [*before[:-1], replace(before[-1], text=before[-1].text + safe)]
    return [*before, Entry("text", safe)] if safe.strip() else before


def _results(block: Block, name: str, follows: bool) -> Iterator[Entry]:
    """The result of a tool, including one that ran on the server."""
    words, failed = result_words(block)
    yield Entry("error" if failed else "result", _shortened(words), name, follows)
    if block.get("type") != "web_search_tool_result":
        return
    pages = pages_of(block)
    for page in pages[:_SOURCES]:
        title, url = (one_line(str(page.get(key) or "")) for key in ("title", "url"))
        yield Entry("source", f"{title} ({url})" if title else url)
    if len(pages) > _SOURCES:
        yield Entry("source", f"y {number(len(pages) - _SOURCES)} más")


def _cited(sources: Sequence[Source]) -> list[Entry]:
    """The list of the sources that the turn cites."""
    listed = [
        Entry("cited", f"[{source.number}] {source_words(source)}", target=source.url) for source in sources
    ]
    return [Entry("cited", f"{SOURCES}:"), *listed] if listed else []


def _shortened(text: str) -> str:
    """The beginning of a text as a line, and how much more there is of it."""
    line = " ".join(sanitize(text).split())
    more = len(line) - _SHOWN
    return f"{line[:_SHOWN].rstrip()}… ({counted(more, 'carácter', 'caracteres')} más)" if more > 0 else line


def _apart(before: Entry, entry: Entry) -> bool:
    """Whether a blank row comes between them; calls made together stand together, with what they gave."""
    answers = ("result", "error", "source")
    if before.kind == entry.kind == "cited":
        return False
    together = before.kind == "call" or (before.kind in answers and entry.kind in answers)
    return not (together and entry.kind in ("call", *answers))


# -- drawn -------------------------------------------------------------------------------------


def parts(entries: Sequence[Entry]) -> list[Part]:
    """The parts to lay out."""
    drawn: list[Part] = []
    for index, entry in enumerate(entries):
        if index and _apart(entries[index - 1], entry):
            drawn.append(Part("label", ""))
        drawn += _parts(entry)
    return drawn


def _parts(entry: Entry) -> Iterator[Part]:
    splitter = Splitter()
    match entry.kind:
        case "text":
            yield from (*splitter.feed(entry.text.strip("\n")), *splitter.finish())
        case "thinking" if entry.text:
            yield Part("label", "Pensó:", is_thinking=True)
            for part in (*splitter.feed(entry.text), *splitter.finish()):
                yield part._replace(is_thinking=True)
        case "thinking":
            yield Part("thought", f"Pensó {UNSEEN}", is_thinking=True)
        case "call":
            yield Part("tool", f"{entry.name} {entry.text}".rstrip(), CALL_LEAD, HANG)
        case "result" | "error":
            name = f"{entry.name}: " if entry.name and not entry.follows else ""
            failed = "no se pudo: " if entry.kind == "error" else ""
            yield Part("tool", f"{name}{failed}{entry.text}", RESULT_LEAD, HANG)
        case "source":
            yield Part("tool", entry.text, _SOURCE_LEAD, " " * len(_SOURCE_LEAD))
        case "cited":
            yield Part("label", entry.text, target=entry.target)
        case "other":
            yield Part("tool", f"[{entry.text}]")


# -- as lines ----------------------------------------------------------------------------------


def lines(entries: Sequence[Entry]) -> list[str]:
    """The same as lines of text; a text is one of them, whole."""
    written: list[str] = []
    for index, entry in enumerate(entries):
        if index and _apart(entries[index - 1], entry):
            written.append("")
        written.append(_line(entry))
    return written


def _line(entry: Entry) -> str:
    of = f" de {entry.name}" if entry.name else ""
    match entry.kind:
        case "text":
            return entry.text.strip("\n")
        case "thinking":
            return f"Claude pensó: {entry.text}" if entry.text else f"(Pensó {UNSEEN})"
        case "call":
            return f"Herramienta {entry.name}: {entry.text or '{}'}"
        case "result" | "error":
            return f"{'Error' if entry.kind == 'error' else 'Resultado'}{of}: {entry.text}"
        case "source":
            return f"- {entry.text}"
        case "cited":
            return entry.text
        case "other":
            return f"[{entry.text}]"
