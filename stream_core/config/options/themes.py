"""The themes: each is one entry of `THEMES`. Pure data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Theme:
    """The styles of a theme: strings of attributes and a colour (`bold`, `underline`, `#aa5500`).

    Each colour is one of the 256 that terminals have, and has a contrast of 4.5:1 on the usual backgrounds.

    Attributes:
        summary: what it is suited for, in Spanish.
        border: the frame of a reply and its cursor.
        you: the label before the user's input.
        question: the user's input.
        ask: a question that waits for the user.
        done: the closing edge of a complete reply.
        fault: failures, and the closing edge of a reply that one cut short; nothing else looks like that.
        warning: what is no failure, and should not be missed.
        quiet: unobtrusive text: notes, thinking, the spinner.
        heading: headings in a reply.
        code: inline code.
        link: link text.
        mark: bullets, numbers, quote bars, table lines.
        glow: text that came this moment, with an effect.
        fading: text that came a little earlier.
        sheen: the second colour of a gradient on the border; "" for no gradient.
        syntax: the colours of fenced code, by their name in `terminal/markdown/syntax_colours.py`; "" for
            none.
    """

    summary: str
    border: str
    you: str
    question: str
    ask: str
    done: str
    fault: str
    warning: str
    quiet: str
    heading: str
    code: str
    link: str
    mark: str
    glow: str
    fading: str
    sheen: str
    syntax: str


AUTO = "auto"
"""The theme that is chosen by the background of the terminal."""

THEMES: dict[str, Theme] = {
    "oscuro": Theme(
        summary="para fondos oscuros",
        border="#5fd7d7",
        you="bold #87d787",
        question="bold",
        ask="bold #ffd787",
        done="#87d787",
        fault="#ff8787",
        warning="#ffd787",
        quiet="#a8a8a8",
        heading="bold #5fd7d7",
        code="#87d7ff",
        link="underline #87afff",
        mark="#5fd7d7",
        glow="#afffff",
        fading="#d7ffff",
        sheen="#d7afff",
        syntax="oscuro",
    ),
    "claro": Theme(
        summary="para fondos claros",
        border="#005faf",
        you="bold #005f00",
        question="bold",
        ask="bold #875f00",
        done="#005f00",
        fault="#af0000",
        warning="#875f00",
        quiet="#5f5f5f",
        heading="bold #005faf",
        code="#870087",
        link="underline #0000af",
        mark="#005faf",
        glow="#0000af",
        fading="#005f87",
        sheen="#870087",
        syntax="claro",
    ),
    "contraste": Theme(
        summary="contraste alto: sin colores apagados",
        border="bold",
        you="bold underline",
        question="bold",
        ask="bold underline",
        done="none",
        fault="bold",
        warning="none",
        quiet="none",
        heading="bold underline",
        code="bold",
        link="underline",
        mark="bold",
        glow="bold",
        fading="none",
        sheen="",
        syntax="",
    ),
}
"""The themes by the names that users type."""
