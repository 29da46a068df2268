"""Pages: everything that is shown whole, written into the window. Text from outside is sanitised here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from time import time
from typing import TYPE_CHECKING

from rich.text import Text

from stream_core.core.numbers import counted
from stream_core.terminal.device.window import Window

# The prompt does not wait for what draws tables and lists: each loads where it is first drawn.
if TYPE_CHECKING:
    from stream_core.core.conversation import Turn
    from stream_core.core.frame_stats import FrameStats
    from stream_core.core.stats import SessionStats
    from stream_core.core.trace import Entry, Trace
    from stream_core.models.catalogue import Catalogue
    from stream_core.models.cost import Spending
    from stream_core.models.model_list import ListedModel
    from stream_core.store.protocol import Hit, Summary, Totals
    from stream_core.terminal.pages.help_table import Groups
    from stream_core.terminal.pages.option_list import OptionRow


_AROUND = 3  # rows of a window around a list: what was typed, a note, the next prompt
_NOTES = 2  # rows of a longer note
_NO_AI = "Modo práctica: son respuestas preparadas, no de una IA."
_RECORDED = "Las respuestas son de una grabación."


class PagedWindow(Window):
    """A window with a method for each page that the chat shows."""

    def samples(self, prompts: Sequence[str]) -> None:
        """The sample prompts, numbered."""
        self.line("Preguntas de ejemplo", "bold")
        for number, prompt in enumerate(prompts, 1):
            self.line(f"  {number}. {prompt}")
        self.note("Con «demo 2» preguntas la segunda.")

    def stats(
        self,
        turns: Sequence[Turn],
        stats: SessionStats,
        frames: FrameStats,
        now: float,
        *,
        prices: Catalogue | None,
        spending: Spending,
        totals: Totals | None = None,
        ever: Spending | None = None,
    ) -> None:
        """The figures of the conversation, of the session and of all that is kept; then how replies arrived.

        Args:
            turns: those of the conversation.
            stats: of the session.
            frames: of its drawing.
            now: on the clock of `stats`.
            prices: the prices that hold, or None in practice mode.
            spending: of the session.
            totals: of the store, or None if it is not known.
            ever: what was ever spent.
        """
        from stream_core.terminal.rows.figures import frame_rows, money_rows, session_rows

        from .stats_table import GROUPS, Counts, notes, rows, stats_table

        cost = spending if prices is not None else None
        groups = [Counts.of_turns(turns, prices), Counts.of_session(stats, cost)]
        groups += [Counts.of_store(totals, ever)] if totals is not None else []
        if self.look.plain:
            for at, group in enumerate(GROUPS[: len(groups)], 1):
                self.line(group)
                self._pairs((row[0], row[at]) for row in rows(groups))
        else:
            self.console.print(stats_table(groups, self.console.width))
        for note in notes(turns, stats, totals):
            self.note(note)
        more = (*session_rows(stats, now), *money_rows(stats, spending), *frame_rows(frames))
        if self.look.plain:
            self.line("Cómo llegaron las respuestas")
            self._pairs(more)
        else:
            self.packed([("Por dentro", [f"{name} {value}" for name, value in more])])

    def context(self, turns: Sequence[Turn], *, practice: bool, recorded: bool = False) -> None:
        """The whole history, each reply with its outcome."""
        if not turns:
            self.note("Todavía no hay conversación.")
            return
        for number, turn in enumerate(turns, 1):
            self.turn(number, turn)
        self._rule()
        sent = sum(turn.is_sent for turn in turns)
        words = _RECORDED if recorded else _NO_AI if practice else ""
        of = counted(len(turns), "turno", "turnos")
        self.note(f"La próxima pregunta llevará {sent} de {of}. {words}".rstrip())

    def turn(self, number: int, turn: Turn) -> None:
        """One turn of the history, with what was thought and called in it."""
        from stream_core.terminal.markdown.layout import whole
        from stream_core.terminal.reply.panel import TITLE
        from stream_core.terminal.reply.protocol import left_out
        from stream_core.terminal.rows.figures import OUTCOMES, retries_words
        from stream_core.texts.deviations_es import deviations_line
        from stream_core.texts.story_es import story_lines

        from .history import entries, lines, parts, shortened

        colours, (turn, left) = self.shown.colours, shortened(turn)
        self._rule(f"Turno {number}")
        self.asked(turn.question)
        if turn.asked:
            from stream_core.core.attachments import attachments_of
            from stream_core.texts.attachments_es import listed

            self.note(listed(attachments_of(turn.asked)))
        unsent = "" if turn.is_sent else "; no se envía"
        again = retries_words(sum(episode.what == "retry" for episode in turn.story))
        tries = f", {again}" if again else ""
        state = f" ({OUTCOMES[turn.outcome]}{tries}{unsent})"
        title = "Claude" if self.look.plain else TITLE
        self.console.print(Text.assemble((title, colours.heading), (state, colours.quiet)))
        for line in (*story_lines(turn.story), deviations_line(turn.deviations)):
            if line:
                self.note(line)
        shown = entries(turn)
        rows = lines(shown) if self.look.plain else whole(parts(shown), self.console, self.shown)
        self.console.file.write("".join(f"{row}\n" for row in rows))
        if left:
            self.note(left_out(left))

    def opened(self, summary: Summary, turns: Sequence[Turn], found: int | None = None) -> None:
        """A conversation that goes on: what it is, the turn it was found by, and its last one."""
        from .lists import about, title_of

        self.line(f"Sigues en «{title_of(summary.title)}»", "bold")
        self.note(about(summary, time(), len(turns)))
        for number in sorted({found or len(turns), len(turns)}):
            if 1 <= number <= len(turns):
                self.turn(number, turns[number - 1])
        self._rule()

    def conversations(self, summaries: Sequence[Summary], *, first: int, current: str | None) -> None:
        """A page of the list of conversations, numbered from `first`."""
        from .lists import brief_list, conversation_list

        room, now = self.console.height - _AROUND - _NOTES, time()
        table = conversation_list(summaries, first=first, current=current, now=now, look=self.shown)
        if not self.look.plain and len(self.console.render_lines(table)) > room:
            width = self.console.width
            table = brief_list(summaries, first=first, current=current, now=now, look=self.shown, width=width)
        self.console.print(table)

    def hits(self, hits: Sequence[Hit]) -> None:
        """Show numbered search results."""
        from .lists import hit_list

        self.console.print(hit_list(hits, now=time(), look=self.shown))

    def models(self, models: Sequence[ListedModel], prices: Catalogue, *, current: str, today: date) -> None:
        """The models that can be asked, numbered, with their prices; the one with this id is marked."""
        from .model_table import model_list

        width = self.console.width
        for shown in model_list(models, prices, current=current, today=today, look=self.shown, width=width):
            self.console.print(shown)

    def appearance(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Show the options of the look: names, values and descriptions."""
        if self.look.plain:
            self._pairs((name, f"{value}. {meaning}".removesuffix(". ")) for name, value, meaning in rows)
        else:
            from .groups import choices

            self.console.print(choices(rows, self.console.width))

    def options(self, rows: Sequence[OptionRow], *, below: int) -> bool:
        """Options with their values; return whether the window had room for what they mean.

        Args:
            rows: the options.
            below: rows that something else takes below them.
        """
        if self.look.plain:
            self._pairs(
                (row.name, f"{row.value}. {row.meaning} [{row.source or 'por defecto'}]") for row in rows
            )
            return True
        from .option_list import option_list

        table, whole = option_list(rows, self.console, self.console.height - _AROUND - below)
        self.console.print(table)
        return whole

    def sample(self) -> None:
        """A few lines that look as a reply would."""
        from .appearance import sample

        self.console.print(sample(self.shown, self.console.width))

    def commands(self, rows: Iterable[tuple[str, str]]) -> None:
        """The commands and keys."""
        if self.look.plain:
            self._pairs(rows)
            return
        from .groups import described

        self.console.print(described(rows, self.console.width))

    def summaries(self, rows: Sequence[tuple[str, str]], names: Sequence[str]) -> bool:
        """Names with their descriptions, or alone where the window has no room; return whether it had."""
        if self.look.plain:
            self._pairs(rows)
            return True
        from .groups import described, filled

        table = described(rows, self.console.width)
        whole = len(self.console.render_lines(table)) <= self.console.height - _AROUND - 1  # a long note
        if whole:
            self.console.print(table)
        else:
            for row in filled(names, self.console.width - 1):
                self.line(row)
        return whole

    def help_of(self, groups: Groups) -> bool:
        """Commands by groups, as many as the window has room for; return whether that is all of them."""
        if self.look.plain:
            for title, commands in groups:
                self.line(f"{title}:")
                self._pairs((command.name, command.summary) for command in commands)
            return True
        from .help_table import help_table

        table, whole = help_table(groups, self.shown, self.console.width, self.console.height - _AROUND)
        self.console.print(table)
        return whole

    def packed(self, groups: Iterable[tuple[str, Sequence[str]]]) -> None:
        """Entries by groups, side by side."""
        if not self.look.plain:
            from .groups import packed

            self.console.print(packed(groups, self.shown, self.console.width))
            return
        for title, names in groups:
            self.line(f"{title}: {'; '.join(names)}")

    def xray(
        self, trace: Trace, entries: Sequence[Entry], *, redact: Callable[[str], str], raw: bool = False
    ) -> None:
        """Show entries of the trace of a reply: a row each, with `raw` the bytes of each below it."""
        from stream_core.terminal.rows.xray import listing

        quiet = self.shown.colours.quiet
        width = self.console.width - 1
        for row in listing(trace, entries, width, redact, raw=raw, bars=not self.look.plain):
            self.console.print(Text(row.text, "" if row.has_text else quiet), soft_wrap=True)

    def histogram(self, title: str, values: Sequence[float]) -> None:
        """Times as a histogram; a sentence where there are none."""
        from .histogram import histogram

        self.line(title, "bold")
        for row in histogram(values, bars=not self.look.plain):
            self.line(row)
        if not values:
            self.note("  (ninguna)")

    def _rule(self, title: str = "") -> None:
        if self.look.plain:
            self.line(title)
        else:
            self.console.rule(Text(title), style=self.shown.colours.quiet)

    def _pairs(self, rows: Iterable[tuple[str, str]]) -> None:
        """Format rows as plain lines instead of a table of two columns."""
        for name, value in rows:
            self.line(f"{name}: {value}")
