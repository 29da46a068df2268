"""The window that everything is written in: its look, and sentences in the colours of a theme."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TextIO

from rich.console import Console
from rich.text import Text

from stream_core.config.options.appearance import Look, Notify
from stream_core.config.options.themes import AUTO
from stream_core.core.sanitize import sanitize

from .attention import Attention, notify_of
from .background import Background
from .clipboard import Multiplexer


class Window:
    """The person's terminal.

    Attributes:
        look: what the person chose. With `look.plain` all is lines of text that the terminal wraps.
        shown: the same with the theme that is in force.
        console: where everything is written.
        multiplexer: what stands between the program and the terminal.
        attention: calls the person who looks at another window.
    """

    def __init__(
        self,
        stream: TextIO | None = None,
        look: Look | None = None,
        *,
        multiplexer: Multiplexer = "",
        background: Background = "oscuro",
    ) -> None:
        self._stream, self.multiplexer, self._background = stream or sys.stdout, multiplexer, background
        self.attention = Attention(self.write, self._notify, multiplexer)
        self.use(look or Look())

    def use(self, look: Look) -> None:
        """Show what comes from now on like this."""
        self.look = look
        self.background_is(self._background)
        # Nothing is parsed for markup, emoji codes or highlights: text is text.
        self.console = Console(
            file=self._stream,
            markup=False,
            emoji=False,
            highlight=False,
            soft_wrap=look.plain and not self._stream.isatty(),
            color_system=None if look.plain else "auto",
            force_terminal=False if look.plain else None,
        )

    def background_is(self, background: Background) -> None:
        """Follow the background of the terminal, where the look leaves the theme to that."""
        self._background = background
        self.shown = replace(self.look, theme=background) if self.look.theme == AUTO else self.look

    def write(self, text: str) -> None:
        """Write text with its escapes, at once."""
        self.console.file.write(text)
        self.console.file.flush()

    def _notify(self) -> Notify:
        escapes = self.console.is_terminal and not self.console.is_dumb_terminal
        return notify_of(self.look, terminal=escapes)

    def line(self, text: str = "", style: str = "") -> None:
        """A sentence of ours."""
        self.console.print(Text(text, style))

    def note(self, text: str) -> None:
        """A quiet sentence."""
        self.line(text, self.shown.colours.quiet)

    def command(self, text: str) -> None:
        """A command of the shell: one line, which only the terminal breaks, so that it is copied whole."""
        self.console.print(Text(f"  {text}"), soft_wrap=True)

    def notice(self, text: str) -> None:
        """Write the outcome of a request that did not fail: below a reply, unobtrusive."""
        if self.look.plain:
            self._signed(text, "")
        else:
            self.note(text)

    def warning(self, text: str) -> None:
        """Something the person should not miss, and that is no failure."""
        self._signed(text, self.shown.colours.warning)

    def fault(self, text: str) -> None:
        """Write a failure and what to do about it; nothing else has its colour."""
        self._signed(text, self.shown.colours.fault)

    def _signed(self, text: str, style: str) -> None:
        self.line(f"Aviso: {text}" if self.look.plain else f"⚠ {text}", style)

    def asked(self, prompt: str) -> None:
        """A question that was not typed, shown as if it had been."""
        colours = self.shown.colours
        self.console.print(Text.assemble(("Tú: ", colours.you), (sanitize(prompt), colours.question)))
