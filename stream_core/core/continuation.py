"""Continues a reply that was cut: what is asked, and how both texts are joined. Pure.

Models up to 4.5 take the reply so far as the beginning of their answer (prefill). Newer ones refuse that with
a 400 (https://platform.claude.com/docs, "Prefill Claude's response"): they are asked, in a turn of its own,
to repeat the last words and to go on from there. What they repeat shows where the texts meet, so that no word
is missing, and none comes twice. To what tools have answered it just answers, on a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from .api_messages import Message, drop_unpaired, is_thinking
from .conversation import Turn
from .deltas import Block, BlockDone, Cancelled, Ending, Text, TurnDelta
from .overlap import OverlapJoiner, end_of
from .prefill import PrefillJoiner
from .reply import ReplyLike
from .turn_result import TurnResult

_LEAD = 60  # characters that are shown again before a continuation, at most: the person has just read them
_RULE = re.compile(r"[|:\s-]*-[|:\s-]*")
_BEGUN_RULE = re.compile(r"[|:\s-]*")
_FENCE = re.compile(r"^ {0,3}(`{3,}(?=[^`\n]*$)|~{3,})[^\n]*$", re.MULTILINE)

_ASK = (
    "Your last answer was cut off before it was finished. It ends like this so far:\n"
    "<interrupted_end>{end}</interrupted_end>\n"
    "Go on from exactly there, in the same language and format. Begin by repeating the text between the tags "
    "letter for letter, without the tags and without quotes, and carry on at once with what comes next, in "
    "the middle of a word if it was cut there. No greeting, no summary, no comment, and do not begin again. "
    "If nothing is missing, repeat that text and stop."
)


def asks_to_continue(text: str) -> bool:
    """Whether a message is the one with which a reply is continued that the model does not begin itself."""
    return text.startswith(_ASK.partition("{end}")[0])


def can_continue(turn: Turn) -> bool:
    """Whether the reply was cut and there is text to continue, or tool results to answer."""
    cut = turn.outcome in ("cancelled", "interrupted", "max_tokens")
    return cut and (bool(turn.text.strip()) or answers_tools(turn))


def answers_tools(turn: Turn) -> bool:
    """Whether the continuation of a cut turn is the answer to its tool results."""
    return bool(turn.unanswered(turn.model))


def messages(
    before: list[Message], turn: Turn, *, model: str, context_key: str = "", prefill: bool = False
) -> list[Message]:
    """Return the messages of the request that continues a reply.

    Args:
        before: those of the turns before it.
        turn: the turn that was cut.
        model: the model that is asked.
        context_key: identifies the system prompt and tools of the request; as in `Turn.messages`.
        prefill: whether the model takes the beginning of its reply.
    """
    if answered := turn.unanswered(model, context_key):
        return [*before, *answered]
    *rounds, last = turn.messages(model, context_key)
    content = last["content"]
    words = content if isinstance(content, str) else "".join(str(block.get("text", "")) for block in content)
    # A prefill may not end with white space; what is taken from its end, `OverlapJoiner` puts back.
    answer: Message = {"role": "assistant", "content": words.rstrip()}
    whole = [*before, *drop_unpaired([*rounds, answer])]
    if prefill:
        return whole
    return [*whole, {"role": "user", "content": _ASK.format(end=end_of(turn.text))}]


def joined(turn: Turn, more: TurnResult, *, model: str) -> Turn:
    """Return the turn joined with its continuation; the same turn if that brought nothing.

    What was thought in the continuation is left out: it was an answer to another question. What another
    model had thought before it is left out, too: the turn is of the model that went on.

    Args:
        turn: the turn that was cut.
        more: the result of `ContinuationStream`, which has ended.
        model: the model that went on.
    """
    outcome, usage = more.outcome or "cancelled", turn.usage + more.usage
    if outcome in ("error", "refused") or not (more.arrived or outcome == "complete"):
        return replace(turn, usage=usage)
    first, *others = more.rounds
    new = "\n\n".join([first.reply.text, *filter(None, (entry.reply.text.strip("\n") for entry in others))])
    between = "\n\n" if new and turn.text.strip() and answers_tools(turn) else ""
    own = [block for block in _blocks(turn) if turn.model == model or not is_thinking(block)]
    blocks = _joined_blocks(own, [block for block in more.blocks if not is_thinking(block)])
    deviations = tuple(dict.fromkeys((*turn.deviations, *more.deviations)))
    text = turn.text + between + new
    return replace(
        turn, text=text, outcome=outcome, model=model, usage=usage, blocks=blocks, deviations=deviations
    )


def _blocks(turn: Turn) -> Sequence[Block]:
    """The blocks of a turn that was cut; its text alone where they do not hold all of that."""
    words = "".join(str(block.get("text", "")) for block in turn.blocks if block.get("type") == "text")
    if "".join(words.split()) == "".join(turn.text.split()):
        return turn.blocks
    return [{"type": "text", "text": turn.text}]


def _joined_blocks(first: Sequence[Block], more: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks of both parts; the text that was cut is one."""
    if first and more and first[-1].keys() == more[0].keys() == {"type", "text"}:
        whole = {"type": "text", "text": first[-1]["text"] + more[0]["text"]}
        return (*first[:-1], whole, *more[1:])
    return (*first, *more)


def context_line(text: str) -> str:
    """Return the lines to show again before a continuation: the cut line, in its fence or table."""
    line = text[text.rfind("\n") + 1 :]
    before = text[: len(text) - len(line)]
    if opening := _open_fence(before):
        # A fence that the line closes would be opened by it.
        return f"{opening}\n{_shortened(line)}" if _open_fence(text) else ""
    if head := _table_head(before, line):
        return f"{head}\n{line}"
    return line if _open_fence(line) else _shortened(line)


def _shortened(line: str) -> str:
    if len(line) <= _LEAD:
        return line
    end = line[-_LEAD:]
    end = end.partition(" ")[2] or end
    return f"… {_open_mark(line[: len(line) - len(end)])}{end}"


def _open_mark(before: str) -> str:
    """The Markdown mark that is still open after `before`, or "": what it marks goes on in the rest."""
    if before.count("`") % 2:
        return "`"
    return "**" if before.count("**") % 2 else ""


def _open_fence(text: str) -> str:
    """The line that opened a fence which is still open, or ""."""
    mark = opening = ""
    for fence in _FENCE.finditer(text):
        if not mark:
            mark, opening = fence[1], fence[0].rstrip()
        elif fence[1].startswith(mark) and fence[0].strip() == fence[1]:
            mark = opening = ""
    return opening


def _table_head(before: str, line: str) -> str:
    """The lines that make what follows a table, as far as they stand before the line that was cut, or ""."""
    if line and not line.lstrip().startswith("|"):
        return ""
    rows: list[str] = []
    for row in reversed(before.removesuffix("\n").split("\n")):
        if not row.lstrip().startswith("|"):
            break
        rows.append(row)
    if len(rows) > 1 and _RULE.fullmatch(rows[-2]):
        return "\n".join(reversed(rows[-2:]))
    return rows[0] if len(rows) == 1 and _BEGUN_RULE.fullmatch(line) else ""


class ContinuationStream:
    """The deltas of a continuation, without the text that they repeat.

    Args:
        turn: the turn that was cut.
        prefill: whether the model was given the beginning of its reply, as in `messages`.

    Attributes:
        result: what is new, as far as it has come.
        apart: whether the new text does not seem to continue the old: it begins a paragraph of its
            own, and the person should hear of it.
    """

    def __init__(self, turn: Turn, *, prefill: bool = False) -> None:
        self.result = TurnResult(0.0)
        # The answer to a tool result repeats nothing.
        self._seam: OverlapJoiner | None = None
        self._echo: PrefillJoiner | None = None
        if not answers_tools(turn):
            self._seam = OverlapJoiner(turn.text, asked=not prefill)
            self._echo = PrefillJoiner(turn.text) if prefill else None
        self._break = "\n" * max(0, 2 - (len(turn.text) - len(turn.text.rstrip("\n"))))
        self._lost = ""  # the beginning of what does not follow the text, while it is a single word
        self._whole = False  # it is known where what comes belongs
        self.apart = False
        self._taken = 0
        self._last: Text | None = None
        self._new = ""  # of the block that is open

    def feed(self, delta: TurnDelta) -> list[TurnDelta]:
        """Take the next delta; return those to show in its place, an ending last."""
        # It may have left text behind that comes before it.
        return [delta] if isinstance(delta, Cancelled) else self._take(delta)

    def _take(self, delta: TurnDelta) -> list[TurnDelta]:
        given: list[TurnDelta] = []
        if isinstance(delta, Text):
            self._taken, self._last = self._taken + len(delta.text), delta
            if new := self._new_text(delta.text):
                given = [replace(delta, text=new)]
        elif isinstance(delta, (BlockDone, Ending)):
            given = [*self._flush(), delta]
        else:
            given = [delta]
        for number, one in enumerate(given):
            if isinstance(one, Text):
                self._new += one.text
            elif isinstance(one, BlockDone) and one.block.get("type") == "text":
                given[number] = replace(one, block={**one.block, "text": self._new})
                self._new = ""
            self.result.feed(given[number])
        return given

    def finish(self, whole: ReplyLike) -> TurnResult:
        """Take the rest that never came as deltas (after a cancel), and return the result."""
        if self.result.ending is None and whole.ending is not None:
            if rest := whole.arrived[self._taken :]:
                self._take(Text(rest, self._last.index if self._last else 0, whole.ending.at))
            self._take(whole.ending)
        return self.result

    def _new_text(self, piece: str) -> str:
        """Return what of a piece is new, and can be told to be."""
        if self._seam is None:
            return piece
        if self._echo is not None:
            piece = self._echo.feed(piece)
        return self._placed(self._seam.feed(piece)) if piece else ""

    def _placed(self, new: str, *, final: bool = False) -> str:
        """Put what does not follow the text apart from it. A word alone may be what was missing."""
        missed = self._seam is not None and (self._seam.missed or bool(self._echo and self._echo.missed))
        if self._whole or not missed:
            return new
        self._lost += new
        words = self._lost.strip(" \n.…")
        if not final and not re.search(r"\s", words):
            return ""
        new, self._lost, self._whole = self._lost, "", bool(self._lost)
        self.apart = bool(re.search(r"\s", words))
        return self._break + new.lstrip() if self.apart else new

    def _flush(self) -> list[Text]:
        rest = ""
        if self._seam is not None:
            echo = self._echo.flush() if self._echo is not None else ""
            rest = (self._seam.feed(echo) if echo else "") + self._seam.flush()
            rest = self._placed(rest, final=True)
        return [replace(self._last, text=rest)] if rest and self._last is not None else []
