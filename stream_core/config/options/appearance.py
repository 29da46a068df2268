"""Themes, and the options of the chat's look. Pure data.

A theme is one entry of `THEMES`. An option is a field of `Look` and an entry of `OPTIONS`; its flag,
variable, key in the preferences, `/apariencia` and its completion follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from .option import YES_OR_NO, Option
from .values import (
    COLOURS,
    colour,
    colour_word,
    cursor,
    number,
    one_of,
    or_no_word,
    yes_or_no,
    yes_or_no_word,
)

Frame: TypeAlias = Literal["barra", "bordes"]
Keys: TypeAlias = Literal["normales", "vi"]


@dataclass(frozen=True, slots=True)
class Theme:
    """The styles of a theme: strings of attributes and a colour (`bold`, `dim`, `cyan`, `#aa5500`).

    Attributes:
        summary: what it is suited for, in Spanish.
        border: the frame of a reply and its cursor.
        you: the label before the user's input.
        done: the closing edge of a complete reply.
        warning: warnings, and the closing edge of a reply that was cut.
        quiet: unobtrusive text: notes, thinking, the spinner.
        heading: headings in a reply.
        code: inline code.
        link: link text.
        mark: bullets, numbers, quote bars, table lines.
        syntax: Rich's syntax theme for fenced code; "" for no colours.
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
        warning="bold",
        quiet="none",
        heading="bold underline",
        code="bold",
        link="underline",
        mark="bold",
        syntax="",
    ),
}
"""The themes by the names that users type."""


@dataclass(frozen=True, slots=True)
class Look:
    """The look of the chat.

    Attributes:
        theme: a name in `THEMES`.
        frame: `barra` (a bar on the left of each row) or `bordes` (top and bottom only: copied text is
            clean).
        cursor: the character at the end of a reply while it arrives, of one or two cells; "" for none.
        blink: whether the cursor blinks.
        border: the colour of the frame; "" for the theme's own.
        refresh: redraws of a reply's frame per second (5 to 20).
        typing_speed: maximum characters drawn per second; 0 to draw them as they arrive. The stream is never
            slowed.
        keys: the keys of the line editor: `normales` (those of a shell) or `vi`.
        plain: complete lines without escapes, for screen readers, logs and dumb terminals.
    """

    theme: str = "oscuro"
    frame: Frame = "barra"
    cursor: str = "▊"
    blink: bool = False
    border: str = ""
    refresh: int = 10
    typing_speed: int = 0
    keys: Keys = "normales"
    plain: bool = False

    @property
    def colours(self) -> Theme:
        """The theme in force."""
        return THEMES[self.theme]


_THEME_WORDS = tuple((name, theme.summary) for name, theme in THEMES.items())

OPTIONS: tuple[Option, ...] = (
    Option(
        "theme", "tema", "--theme", "STREAM_CORE_THEME",
        summary="los colores",
        possible=" o ".join((", ".join(list(THEMES)[:-1]), list(THEMES)[-1])),
        examples=_THEME_WORDS,
        read=one_of(*THEMES),
    ),
    Option(
        "frame", "marco", "--frame", "STREAM_CORE_FRAME",
        summary="lo que rodea cada respuesta",
        possible=(
            "barra (a la izquierda de cada línea; el código más largo que la ventana se parte) o bordes "
            "(solo arriba y abajo: se copia texto limpio, también una orden más larga que la ventana)"
        ),
        examples=(("barra", "a la izquierda de cada línea"), ("bordes", "solo arriba y abajo")),
        read=one_of("barra", "bordes"),
    ),
    Option(
        "cursor", "cursor", "--cursor", "STREAM_CORE_CURSOR",
        summary="el carácter que marca por dónde va la respuesta",
        possible="un solo carácter, de dos columnas como mucho, o «no» para ninguno",
        examples=(*((char, "") for char in "▊█▌|_●"), ("no", "sin cursor")),
        read=cursor,
        show=or_no_word,
    ),
    Option(
        "blink", "parpadeo", "--blink", "STREAM_CORE_BLINK",
        summary="si el cursor parpadea",
        possible="sí o no",
        examples=YES_OR_NO,
        read=yes_or_no,
        show=yes_or_no_word,
    ),
    Option(
        "border", "borde", "--border", "STREAM_CORE_BORDER",
        summary="el color del marco",
        possible="un color (rojo, verde, azul, naranja…), uno exacto como #ff8700, o «tema» para el del tema",
        examples=(("tema", "el del tema"), *((word, "") for word in COLOURS)),
        read=colour,
        show=colour_word,
    ),
    Option(
        "refresh", "refresco", "--refresh", "STREAM_CORE_REFRESH",
        summary="cuántas veces por segundo se redibuja la respuesta",
        possible="un número de 5 a 20",
        examples=(("5", "para conexiones lentas"), ("10", "lo normal"), ("20", "lo más fluido")),
        read=number(5, 20),
    ),
    Option(
        "typing_speed", "escritura", "--typing-speed", "STREAM_CORE_TYPING_SPEED",
        summary="cuántos caracteres por segundo se escriben como mucho",
        possible="un número de 1 a 10,000, o «no» para verlos según llegan",
        examples=(("no", "según llegan"), ("40", "como quien teclea"), ("200", "ligero")),
        read=number(1, 10_000, none=True),
        show=or_no_word,
    ),
    Option(
        "keys", "teclas", "--keys", "STREAM_CORE_KEYS",
        summary="las teclas con que se edita lo que escribes",
        possible="normales (las de una terminal) o vi",
        examples=(("normales", "las de una terminal"), ("vi", "con sus modos")),
        read=one_of("normales", "vi"),
    ),
    Option(
        "plain", "plano", "--plain", "STREAM_CORE_PLAIN",
        summary="líneas enteras y sin dibujos, para lectores de pantalla",
        possible="sí o no",
        examples=YES_OR_NO,
        read=yes_or_no,
        show=yes_or_no_word,
    ),
)  # fmt: skip
"""The options of the look, in display order."""
