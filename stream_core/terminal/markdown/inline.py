"""Inline Markdown to styled spans. No character that carries meaning is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.style import Style

from stream_core.terminal.rows.styles import Styles

from .links import trimmed_url
from .scanned import Scanned
from .scanner import plain, scan
from .wrapping import Span

_ATTRIBUTES = {"strong": Style(bold=True), "em": Style(italic=True), "strike": Style(strike=True)}
_CLICKABLE = re.compile(r"(?:https?://|mailto:)[\x21-\x7e]*", re.IGNORECASE)
_BARE_URL = re.compile(r"(?<!\w)https?://[^\s<>\"'`|]+", re.IGNORECASE)
_LONGEST_URI = 2_083  # bytes; terminals take no longer one (the description of OSC 8 by its authors)
_HOST = re.compile(r"(https?://)([^/?#@:\[\]]+)(?=[/?#:]|$)", re.IGNORECASE)
_SPACES_AT_THE_END = re.compile(r" +\n")


def spans(text: str, styles: Styles, base: Style | None = None, *, close: bool = False) -> list[Span]:
    """The styled pieces of a text; line breaks stay in it.

    Args:
        text: a text without line breaks that end a block.
        styles: those of the look.
        base: what everything is drawn in.
        close: whether what is open at the end is drawn as if it were closed there: more is arriving.
    """
    if " \n" in text:
        text = _SPACES_AT_THE_END.sub("\n", text)
    if plain(text):
        return [(text, base)]
    return list(_styled(scan(text, close=close), styles, base))


def _styled(found: Scanned, styles: Styles, base: Style | None) -> Iterator[Span]:
    changes: dict[int, list[tuple[Style, int]]] = {}
    for first, last, attribute in found.marks:
        changes.setdefault(first, []).append((_ATTRIBUTES[attribute], 1))
        changes.setdefault(last, []).append((_ATTRIBUTES[attribute], -1))
    links = {link.first: link for link in found.links}
    link, style, active, seen = None, base, dict[Style, int](), ""
    for number, node in enumerate([*found.nodes, None]):
        if link is not None and number == link.last:
            shown = link.target + (f" «{link.title}»" if link.title else "")
            if link.image or shown not in (seen, f"mailto:{seen}", f"http://{seen}"):
                yield f" ({shown})", _over(style, styles.quiet)
            link = None
        for attribute_style, change in changes.get(number, ()):
            active[attribute_style] = active.get(attribute_style, 0) + change
            style = base
            for other, count in active.items():
                style = _over(style, other) if count else style
        if number in links:
            link, seen = links[number], ""
        if node is None or not node.text:
            continue
        seen += node.text
        drawn = style if node.kind != "code" else _over(style, styles.code)
        if link is not None and not link.image:
            drawn = _over(drawn, styles.link, uri(link.target))
        yield node.text, drawn


def linked(line: list[Span]) -> list[Span]:
    """Code with the addresses in it as links."""
    whole = "".join(text for text, _ in line)
    targets = [(url.start(), trimmed_url(url.group())) for url in _BARE_URL.finditer(whole)]
    out: list[Span] = []
    at = 0
    for text, style in line:
        here = at
        for start, target in targets:
            first, last = max(start, here), min(start + len(target), at + len(text))
            if first >= last:
                continue
            if first > here:
                out.append((text[here - at : first - at], style))
            out.append((text[first - at : last - at], (style or Style.null()).update_link(uri(target))))
            here = last
        if here < at + len(text):
            out.append((text[here - at :], style))
        at += len(text)
    return out


def uri(target: str) -> str | None:
    """The target of a link in a terminal's form; None unless it is a web or mail address of a usual length.

    A link that goes on over many rows is written with its whole target in each of them.
    """
    if len(target) > _LONGEST_URI:
        return None
    if not target.isascii():
        target = _HOST.sub(_ascii_host, target, count=1)
    encoded = "".join(
        char if "!" <= char <= "~" else "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))
        for char in target
    )
    return encoded if len(encoded) <= _LONGEST_URI and _CLICKABLE.fullmatch(encoded) else None


def _ascii_host(found: re.Match[str]) -> str:
    """The host of an address as it is looked up: `ñandú.es` is `xn--and-6ma2c.es`."""
    try:
        return found.group(1) + found.group(2).encode("idna").decode("ascii")
    except UnicodeError:
        return found.group()


def _over(base: Style | None, style: Style, link: str | None = None) -> Style:
    whole = style if base is None else base + style
    return whole.update_link(link) if link else whole
