"""The screen: all that the chat draws, in one place. What comes from outside is sanitised here."""
# See docs/adr/0008-resend-final-rows.md

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TYPE_CHECKING

from stream_core.terminal.device.clipboard import copying
from stream_core.terminal.pages.paged_window import PagedWindow
from stream_core.terminal.pages.welcome import welcome

# The prompt does not wait for what draws replies, tables and lists: each loads where it is first drawn.
if TYPE_CHECKING:
    from stream_core.config.settings import Settings
    from stream_core.core.deltas import Usage
    from stream_core.core.trace import Trace
    from stream_core.terminal.pages.comparison_table import Result
    from stream_core.terminal.reply.protocol import ReplyView
    from stream_core.terminal.reply.several_replies import SeveralReplies
    from stream_core.terminal.rows.styles import Pen, Styles


class Screen(PagedWindow):
    """Everything that the chat draws on the person's terminal."""

    @contextmanager
    def loading(
        self,
        taking_part: Callable[[Callable[[], None], Callable[[], None]], AbstractContextManager[object]],
        words: str = "Preparando la conexión…",
    ) -> Iterator[None]:
        """Show what is waited for that is no reply.

        Args:
            taking_part: has what is shown taken away when the program stops, and shown when it goes on.
            words: what is shown.
        """
        if self.look.plain:
            self.line(words)
            yield
            return
        from stream_core.terminal.pages.waiting import WaitingLine

        waiting = WaitingLine(self.console, words, self.shown)
        waiting.start()
        try:
            with taking_part(waiting.stop, waiting.start):
                yield
        finally:
            waiting.stop()

    def reply_view(
        self,
        *,
        practice: bool,
        recorded: bool = False,
        lead: str = "",
        trace: Trace | None = None,
        redact: Callable[[str], str] = str,
        price: Callable[[Usage], str] = lambda usage: "",
        asks: Callable[[str], bool] = lambda name: False,
        say: Callable[[str], None] | None = None,
    ) -> ReplyView:
        """A view for the next reply.

        Args:
            practice: whether it is a prepared one.
            recorded: whether it is that of a recording.
            lead: text of an earlier one that its own goes on from.
            trace: what comes over the wire, for a look that shows that, too.
            redact: takes credentials out of a text of the wire.
            price: what tokens cost, for a look that shows that while they arrive.
            asks: whether the person is asked before a tool runs.
            say: writes a line beside the reply, for the wire in plain mode; None for no such lines.
        """
        if self.look.plain:
            from .reply.plain import PlainView

            tell = None
            if trace is not None and self.look.xray and say is not None:
                from .reply.wire_lines import WireLines

                wire_lines, write = WireLines(trace, redact, self.console.width - 1), say

                def tell() -> None:
                    for line in wire_lines.new():
                        write(line)

            return PlainView(self._stream, practice=practice, recorded=recorded, lead=lead, tell_wire=tell)
        from .reply.view import LiveReplyView

        # A multiplexer tells late that the window has changed, and may have cut or wrapped what stands there.
        late = bool(self.multiplexer)
        wire = None
        if trace is not None and self.look.xray:
            from .reply.wire_view import WireView

            def wire(styles: Styles, pen: Pen) -> WireView:
                return WireView(trace, styles, pen, redact, self.look.refresh)

        return LiveReplyView(
            self.console,
            self.shown,
            practice=practice,
            recorded=recorded,
            lead=lead,
            resend_final_rows=late,
            wire=wire,
            price=price,
            asks=asks,
        )

    def several_replies(self, titles: Sequence[str], *, keys: bool = True) -> SeveralReplies:
        """A view for several replies that arrive at once.

        Args:
            titles: their titles.
            keys: whether a person can stop one by its number.
        """
        if self.look.plain:
            from stream_core.terminal.reply.several_replies import OneAfterAnother
            from stream_core.terminal.rows.word_wrap import wrap_for

            def tell(figures: str) -> None:
                self.note(figures)
                self.line()

            return OneAfterAnother(self.write, titles, tell, wrap_for(self._stream))
        from .reply.comparison_view import LiveComparisonView

        late = bool(self.multiplexer)
        return LiveComparisonView(self.console, self.shown, titles, resend_final_rows=late, keys=keys)

    def comparison(self, results: Sequence[Result]) -> None:
        """The figures of several answers, and which was best at each."""
        from stream_core.terminal.pages.comparison_table import comparison_lines, comparison_table

        if self.look.plain:
            for line in comparison_lines(results):
                self.line(line)
        else:
            self.console.print(comparison_table(results, self.shown))

    def welcome(self, settings: Settings) -> None:
        """Show the welcome: the program, who answers, and how to begin."""
        for line in welcome(settings, self.shown):
            self.console.print(line)

    def warm(self) -> None:
        """Load what the first reply will be drawn with. For a thread that nobody waits for."""
        if self.look.plain:
            return
        with suppress(Exception):  # what fails here fails again, and is told, where it is needed
            from .warming import warm

            warm(self.shown.colours.syntax)

    def copy(self, text: str) -> str:
        """Copy a text through the terminal; return "", or the reason in Spanish why it was not sent."""
        if self.look.plain or not self.console.is_terminal or self.console.is_dumb_terminal:
            return "Aquí no se puede copiar: sería una secuencia de escape, y en modo plano no se usan."
        sequence = copying(text, multiplexer=self.multiplexer)
        if sequence is None:
            return "No cabe en el portapapeles de la terminal: es demasiado largo."
        self.write(sequence)
        return ""
