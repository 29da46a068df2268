"""How the chat looks: its themes, and what the person can choose. Pure data, known to the settings too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Frame: TypeAlias = Literal["barra", "bordes"]


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a theme. A style is words: attributes and a colour (`bold`, `dim`, `cyan`, `#aa5500`).

    Attributes:
        summary: for whom it is, in Spanish.
        border: the frame of a reply and its cursor.
        you: the label of what the person types.
        done: the closing edge of a complete reply.
        warning: what the person should know, and the edge of a reply that was cut.
        quiet: what may be overlooked: notes, thinking, the spinner.
        heading: headings in a reply.
        code: code inside a line.
        link: the text of a link.
        mark: bullets, numbers, the bar of a quote, the lines of a table.
        syntax: Rich's name of the colours of code in fences; "" for none.
    """

    summary: str
    border: str
    you: str
    done: str
    warning: str
    quiet: str
    heading: str
    code: str
    link: str
    mark: str
    syntax: str


THEMES: dict[str, Theme] = {
    "oscuro": Theme(
        summary="para fondos oscuros",
        border="cyan",
        you="bold green",
        done="green",
        warning="yellow",
        quiet="dim",
        heading="bold cyan",
        code="bright_cyan",
        link="underline bright_blue",
        mark="cyan",
        syntax="ansi_dark",
    ),
    "claro": Theme(
        summary="para fondos claros",
        border="blue",
        you="bold blue",
        done="green",
        warning="red",
        quiet="bright_black",
        heading="bold blue",
        code="magenta",
        link="underline blue",
        mark="blue",
        syntax="ansi_light",
    ),
    "contraste": Theme(
        summary="contraste alto: sin colores que se apaguen",
        border="bold",
        you="bold underline",
        done="bold",
        warning="bold reverse",
        quiet="none",
        heading="bold underline",
        code="bold",
        link="underline",
        mark="bold",
        syntax="",
    ),
}
"""A theme is one entry. The names are what the person types."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the person chose about the screen.

    Attributes:
        theme: a name in `THEMES`.
        frame: `barra` (a bar on the left of each row) or `bordes` (edges only: a selection is clean text).
        cursor: the character at the end of a reply that is arriving; one cell or two, or "" for none.
        blink: whether it blinks.
        border: the colour of the frame, or "" for the theme's.
        refresh: how often the frame of a reply is drawn again, per second (5 to 20).
        typing_speed: characters drawn per second at most, or 0 for as they arrive. Reading is never slowed.
        plain: whole lines as they complete, no escapes: for screen readers, logs and dumb terminals.
    """

    theme: str = "oscuro"
    frame: Frame = "barra"
    cursor: str = "▊"
    blink: bool = False
    border: str = ""
    refresh: int = 10
    typing_speed: int = 0
    plain: bool = False

    @property
    def colours(self) -> Theme:
        """The theme in force."""
        return THEMES[self.theme]
