"""Promises about exports: nothing in a text can pass for a turn, run in a browser, or change another turn."""

from __future__ import annotations

from collections import Counter

import pytest
from markdown_it import MarkdownIt

from stream_core.chat.saved.export import FORMATS
from stream_core.chat.saved.exported import Exported
from stream_core.core.conversation import Turn

HEADINGS = (
    "## Tú|# x|x\n===|x\n---|x\n-|- ## Tú|> ## Tú|> > # a|1. # Tú|1) ## Tú|* + ## Tú|"
    "- Tú\n  ---|1.  Tú\n    ---|"
    "> Tú\n> ---|> Tú\n> ===|"
    "- > ## Tú|-\t## Tú|- x\n\n  ## Tú|10. x\n\n    ## Tú|10. x\n    ## Tú|   1.  ## Tú|"
    "- - - ## Tú|- x\n\t---|- x\n\t## Tú|"
    "1. x\n\t---|>\t## Tú|>- ## Tú|  - x\n    ---|-\n  ## Tú|-\n  Tú\n  ---|"
    "#\tTú|##|a\n## Tú|\\\n## Tú|\f## Tú|\u2028## Tú|a\r## Tú|```\n```\n## Tú|    x\n## Tú|~~~\nx\n~~~\n- # x"
).split("|")
MARKUP = (
    "<!-- x|a <!-- b --> c|<b>x</b>|- <b>x|> <script>|`a\n<b>x</b>`|``a` <b>x</b> ``|"
    "\\`<b>x</b>`|<?php|<![CDATA[ x|"
    "</div>|<a href=x>|<http://x><b>|<https://a.b><script>|<svg/onload=alert(1)>|`` ` `` <b>|```\nx\n```\n<b>"
).split("|")
DEFINITIONS = (
    "[x]: http://e|> [x]: http://e|- [x]: http://e|[x\ny]: http://e|[x]:\nhttp://e|[^1]: n|[\\]]: /e|"
    "a\n\n  [x]: <e> 'b'"
).split("|")
OPEN = [
    "```",
    "~~~~",
    "- ```",
    "> ```",
    "<pre>",
    "<!--",
    "`",
    "<div>",
    "[x](",
    "|a|b|\n|---|---|\n|",
    "***",
    "---\nt: x",
]
"""What a text begins and does not end."""


def exported(form: str, text: str) -> str:
    turns = [Turn(text, text, "complete", text), Turn("¿[x] [^1]?", "otra", "complete", "m")]
    return FORMATS[form].write(Exported(None, 0.0, turns, False, None, text))


@pytest.mark.parametrize("options", ["commonmark", "tables"])
def test_markdown_has_the_headings_of_its_turns_and_no_others(options: str) -> None:
    parser = MarkdownIt("commonmark")
    if options == "tables":
        parser.enable(["table", "strikethrough"])
    ours = Counter({"h1": 1, "h2": 4})
    for text in (*HEADINGS, *MARKUP, *DEFINITIONS, *OPEN):
        known: dict[str, object] = {}
        tokens = parser.parse(exported("md", text), known)
        found = Counter(
            token.tag for token in tokens if token.type == "heading_open" and token.tag in ("h1", "h2")
        )
        inner = [child.type for token in tokens for child in token.children or ()]
        assert found == ours, text
        assert "html_block" not in [token.type for token in tokens] and "html_inline" not in inner, text
        assert not known.get("references"), text


def test_code_in_lists_stays_as_it_is() -> None:
    for code in (
        "    # instalar\n    [a]: b",
        "- x\n\n      # instalar\n      ---\n      [a]: b",
        "```\n# x\n[a]: b\n```",
    ):
        assert code in exported("md", f"{code}\n\nfin")


@pytest.mark.parametrize(
    "text", [*MARKUP, "\"'><script>x</script>", "</title><script>", "</script><b>", "]]>", "&lt;b&gt;"]
)
def test_a_page_has_no_markup_of_a_text(text: str) -> None:
    from html.parser import HTMLParser

    class Tags(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.seen: Counter[str] = Counter()

        def handle_starttag(self, tag: str, attributes: object) -> None:
            self.seen[tag] += 1

        def handle_comment(self, data: str) -> None:
            self.seen["!--"] += 1

    def tags(page: str) -> Counter[str]:
        parser = Tags()
        parser.feed(page)
        return parser.seen

    found, plain = tags(exported("html", text)), tags(exported("html", "texto"))
    known = {
        "p",
        "span",
        "code",
        "pre",
        "ul",
        "li",
        "blockquote",
        "div",
        "br",
        "strong",
        "em",
        "a",
    }  # of Markdown
    assert {tag: count for tag, count in found.items() if tag not in known} == {
        tag: count for tag, count in plain.items() if tag not in known
    }
