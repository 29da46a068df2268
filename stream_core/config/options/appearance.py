"""The options of the chat's look. Pure data.

An option is a field of `Look` and an entry of `OPTIONS`; its flag,
variable, key in the preferences, `/apariencia` and its completion follow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .effects import EFFECTS, NO_EFFECT, SPINNERS
from .option import YES_OR_NO, Option
from .themes import AUTO, THEMES, Theme
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

Frame: TypeAlias = Literal["barra", "bordes", "panel"]
Notify: TypeAlias = Literal["ninguno", "campana", "osc9", "osc777"]
Keys: TypeAlias = Literal["normales", "vi"]


@dataclass(frozen=True, slots=True)
class Look:
    """The look of the chat.

    Attributes:
        theme: a name in `THEMES`, or `auto`: the one that suits the terminal's background.
        frame: `barra` (a bar on the left of each row), `bordes` (top and bottom only: copied text is clean)
            or `panel` (closed on four sides).
        cursor: the character at the end of a reply while it arrives, of one or two cells; "" for none.
        blink: whether the cursor blinks.
        border: the colour of the frame; "" for the theme's own.
        refresh: redraws of a reply's frame per second (5 to 20).
        typing_speed: maximum characters drawn per second; 0 to draw them as they arrive. The stream is never
            slowed.
        effect: a name in `EFFECTS`: what moves while a reply arrives.
        spinner: a name in `SPINNERS`: what turns while something is waited for.
        notify: how to call when a long reply ends or a question waits while the window is not looked at:
            `ninguno`, `campana` (the bell), `osc9` or `osc777` (a notification of the desktop).
        keys: the keys of the line editor: `normales` (those of a shell) or `vi`.
        xray: whether the wire is shown beside or below a reply while it arrives.
        metrics: whether a line of figures is shown below a reply while it arrives.
        plain: complete lines without escapes, for screen readers, logs and dumb terminals.
    """

    theme: str = AUTO
    frame: Frame = "barra"
    cursor: str = "▊"
    blink: bool = True
    border: str = ""
    refresh: int = 10
    typing_speed: int = 0
    effect: str = NO_EFFECT
    spinner: str = "puntos"
    notify: Notify = "ninguno"
    keys: Keys = "normales"
    xray: bool = False
    metrics: bool = False
    plain: bool = False

    @property
    def colours(self) -> Theme:
        """The theme in force; for `auto`, which whoever knows the background replaces, that for dark ones."""
        return THEMES["oscuro" if self.theme == AUTO else self.theme]


_THEME_WORDS = (
    (AUTO, "según el fondo de la terminal"),
    *((name, theme.summary) for name, theme in THEMES.items()),
)
_EFFECT_WORDS = tuple((name, effect.summary) for name, effect in EFFECTS.items())


def _either(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} o {last}"


OPTIONS: tuple[Option, ...] = (
    Option(
        "theme", "tema", "--theme", "STREAM_CORE_THEME",
        summary="los colores",
        possible=_either((AUTO, *THEMES)),
        examples=_THEME_WORDS,
        read=one_of(AUTO, *THEMES),
    ),
    Option(
        "frame", "marco", "--frame", "STREAM_CORE_FRAME",
        summary="lo que rodea cada respuesta",
        possible=(
            "barra (a la izquierda de cada línea), bordes (solo arriba y abajo: se copia texto limpio, "
            "también un comando más largo que la ventana) o panel (por los cuatro lados)"
        ),
        examples=(
            ("barra", "a la izquierda de cada línea"),
            ("bordes", "solo arriba y abajo"),
            ("panel", "por los cuatro lados"),
        ),
        read=one_of("barra", "bordes", "panel"),
    ),
    Option(
        "cursor", "cursor", "--cursor", "STREAM_CORE_CURSOR",
        summary="el carácter del final mientras llega el texto",
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
        summary="los redibujos por segundo",
        possible="un número de 5 a 20",
        examples=(("5", "para conexiones lentas"), ("10", "lo normal"), ("20", "lo más fluido")),
        read=number(5, 20),
    ),
    Option(
        "typing_speed", "escritura", "--typing-speed", "STREAM_CORE_TYPING_SPEED",
        summary="los caracteres por segundo, como mucho",
        possible="un número de 1 a 10,000, o «no» para verlos según llegan",
        examples=(("no", "según llegan"), ("40", "como quien teclea"), ("200", "ligero")),
        read=number(1, 10_000, none=True),
        show=or_no_word,
    ),
    Option(
        "effect", "efecto", "--effect", "STREAM_CORE_EFFECT",
        summary="lo que se mueve mientras llega el texto",
        possible=_either(EFFECTS),
        examples=_EFFECT_WORDS,
        read=one_of(*EFFECTS),
    ),
    Option(
        "spinner", "indicador", "--spinner", "STREAM_CORE_SPINNER",
        summary="lo que gira mientras se espera",
        possible=_either(SPINNERS),
        examples=tuple((name, " ".join(turns)) for name, turns in SPINNERS.items()),
        read=one_of(*SPINNERS),
    ),
    Option(
        "notify", "aviso", "--notify", "STREAM_CORE_NOTIFY",
        summary="cómo avisarte si miras otra ventana",
        possible="ninguno, campana (el pitido de la terminal), osc9 u osc777 (una notificación)",
        examples=(
            ("ninguno", "sin avisos"),
            ("campana", "el pitido de la terminal"),
            ("osc9", "una notificación: iTerm2, kitty, WezTerm, Windows Terminal"),
            ("osc777", "una notificación: GNOME Terminal, foot, urxvt"),
        ),
        read=one_of("ninguno", "campana", "osc9", "osc777"),
    ),
    Option(
        "keys", "teclas", "--keys", "STREAM_CORE_KEYS",
        summary="las teclas con que editas",
        possible="normales (las de una terminal) o vi",
        examples=(("normales", "las de una terminal"), ("vi", "con sus modos")),
        read=one_of("normales", "vi"),
    ),
    Option(
        "xray", "radiografia", "--xray", "STREAM_CORE_XRAY",
        summary="los eventos y sus tiempos, junto a la respuesta mientras llega",
        possible="sí o no (a la derecha con 120 columnas, si no debajo)",
        examples=YES_OR_NO,
        read=yes_or_no,
        show=yes_or_no_word,
    ),
    Option(
        "metrics", "metricas", "--metrics", "STREAM_CORE_METRICS",
        summary="una línea de cifras en vivo (primer token, ritmo, pausa, deltas y gasto)",
        possible="sí o no",
        examples=YES_OR_NO,
        read=yes_or_no,
        show=yes_or_no_word,
    ),
    Option(
        "plain", "plano", "--plain", "STREAM_CORE_PLAIN",
        summary="solo líneas, para lectores de pantalla",
        possible="sí o no",
        examples=YES_OR_NO,
        read=yes_or_no,
        show=yes_or_no_word,
    ),
)  # fmt: skip
"""The options of the look, in display order."""
