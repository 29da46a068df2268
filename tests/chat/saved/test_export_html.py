"""The HTML export: what it renders, and what no reply can bring into it."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stream_core.chat.saved.export import FORMATS
from stream_core.chat.saved.export_html import rendered
from stream_core.chat.saved.exported import Exported
from stream_core.chat.saved.inline_html import REL
from stream_core.core.conversation import Turn
from stream_core.core.deltas import Block, Usage
from stream_core.models.catalogue import BUILT_IN, Catalogue

TAGS = set(
    "html head meta title style body header main section h1 h2 h3 h4 h5 h6 p small div pre code em strong s a"
    " ul ol li blockquote hr br table thead tbody tr th td details summary".split()
)
ATTRIBUTES = {
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "class",
    "href",
    "rel",
    "start",
    "style",
    "open",
}


class Seen(HTMLParser):
    """The tags, attributes and text of a page; each tag that is opened must be closed in its order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags = set[str]()
        self.attributes = list[tuple[str, str | None]]()
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in ("meta", "hr", "br"):
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # `<br />` closes nothing that is open

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def is_safe(self) -> bool:
        names = {name for name, _ in self.attributes}
        links = [value or "" for name, value in self.attributes if name == "href"]
        styles = {value for name, value in self.attributes if name == "style"}
        return (
            self.tags <= TAGS
            and names <= ATTRIBUTES
            and all(link.lower().startswith(("http://", "https://", "mailto:")) for link in links)
            and styles <= {"text-align:left", "text-align:center", "text-align:right"}
            and sum(
                value == "noopener noreferrer nofollow" for name, value in self.attributes if name == "rel"
            )
            == len(links)
        )


def page(*turns: Turn, practice: bool = False, prices: Catalogue | None = None) -> str:
    return FORMATS["html"].write(Exported("4f2a", 0.0, turns, practice, prices))


def turn(text: str, *blocks: Block, usage: Usage | None = None) -> Turn:
    return Turn("¿Qué?", text, "complete", "claude-sonnet-5-5", usage or Usage(), blocks)


def test_markdown_is_rendered() -> None:
    seen = rendered(
        "# Uno\n\nEs **fuerte** y `código`.\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n- x\n- [y](https://e.org/?a=1&b=2)\n"
        "\n```python\nprint('<b>')\n```\n\n~~no~~"
    )
    for piece in (
        "<h3>Uno</h3>", "<strong>fuerte</strong>", "<code>código</code>", "<td>1</td>", "<li>x</li>",
        "text-align:right",
        '<a href="https://e.org/?a=1&amp;b=2" rel="noopener noreferrer nofollow">y</a>',
        "print(&#x27;&lt;b&gt;", "<s>no</s>",
    ):  # fmt: skip
        assert piece in seen


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("3*4*5, __name__, src/*.c y lib/*.c", "<p>3*4*5, __name__, src/*.c y lib/*.c</p>"),
        ("$a_i * b_i$ y **`x`**", "<p>aᵢ * bᵢ y <strong><code>x</code></strong></p>"),
        ("$$\nx_1\n- z\n=\n$$", "<p>x₁ - z =</p>"),
        ("> ```math\n> \\vec{ab}\n> ```", "<blockquote>\n<pre><code>\\vec{ab}\n</code></pre>\n</blockquote>"),
        ("```md\n```py\nx\n```\n**y**\n```", "<pre><code>```py\nx\n```\n**y**\n</code></pre>"),
        ("uno\ndos <b>", "<p>uno<br>\ndos &lt;b&gt;</p>"),
        ("|a|\n|-|\n|x<br>y|", "<td>x<br>\ny</td>"),
        (r"**a**\[1\] y https://a.es\[2\]", f'<strong>a</strong>[1] y <a href="https://a.es" rel="{REL}">'),
        ("![foto](f.png)", "<p>foto (f.png)</p>"),
        ("[*a*](https://e.org)", f'<a href="https://e.org" rel="{REL}"><em>a</em></a>'),
    ],
)
def test_what_is_rendered_agrees_with_the_screen(text: str, shown: str) -> None:
    assert shown in rendered(text)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![foto](https://rastro.example/1.png)",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x) [y](file:///etc/passwd) [z](//otro.example/x) [w](/raiz)",
        "<javascript:alert(1)>",
        '[x](https://e.org "t\\" onmouseover=alert(1) x=\\"")',
        "[x]: javascript:alert(1)\n\n[x]",
        '```"><script>alert(1)</script>\nx\n```',
        "</details></section></main></body><script>alert(1)</script>",
        "<style>body{display:none}</style>\n\n<link rel=stylesheet href=https://e.org/x.css>",
        "<!-- --><iframe src=https://e.org></iframe>",
        "[" * 300 + "](" * 300,
        "> " * 200 + "hondo",
    ],
)
def test_nothing_hostile_is_in_a_page(text: str) -> None:
    blocks: tuple[Block, ...] = (
        {"type": "thinking", "thinking": text},
        {"type": "tool_use", "id": "t", "name": text[:60], "input": {"x": text}},
        {"type": "tool_result", "tool_use_id": "t", "content": text},
        {"type": "text", "text": text},
    )
    seen = Seen(page(turn(text, *blocks)))
    assert seen.is_safe()
    assert not any("alert" in (value or "") for name, value in seen.attributes if name != "content")


@given(st.text())
@example("\\\n0")
def test_no_text_brings_a_tag_of_its_own(text: str) -> None:
    assert Seen(page(turn(text, {"type": "thinking", "thinking": text}))).is_safe()


@pytest.mark.parametrize("entity", ["&#27;", "&#x202e;", "&#x9b;", "&rlo;"])
def test_no_entity_brings_back_what_was_sanitised(entity: str) -> None:
    assert entity in Seen(page(turn(f"a{entity}b"))).text


def test_a_citation_mark_begins_no_link() -> None:
    cited = {"type": "web_search_result_location", "url": "https://e.org", "title": "E", "cited_text": "x"}
    first: Block = {"type": "text", "text": "Llueve", "citations": [cited]}
    shown = page(
        turn("Llueve(https://mal.example)", first, {"type": "text", "text": "(https://mal.example)"})
    )
    # A bare address is a link, as on the screen, but under its own words only.
    assert ">[1]</a>" not in shown and "Llueve[1](<a " in shown and ">https://mal.example</a>)" in shown


def test_thinking_tools_and_figures_are_there() -> None:
    shown = Seen(
        page(
            turn(
                "Son 4.",
                {"type": "thinking", "thinking": "Cuento."},
                {"type": "tool_use", "id": "t", "name": "calculate", "input": {"expression": "2+2"}},
                {"type": "tool_result", "tool_use_id": "t", "content": "4"},
                {"type": "text", "text": "Son 4."},
                usage=Usage(2450, 1000),
            ),
            prices=BUILT_IN,
        )
    )
    for piece in ("Pensó", "Cuento.", "calculate", "2+2", "Resultado", "2,450 tokens de entrada", " $"):
        assert piece in shown.text
    assert "details" in shown.tags


def test_practice_says_so_and_has_no_price() -> None:
    shown = page(turn("Hola", usage=Usage(10, 10)), practice=True, prices=BUILT_IN)
    assert "respuestas están preparadas" in shown and " $" not in shown
