"""Conversations as files: what is in them, what they are called, and that none is written by half."""

from __future__ import annotations

import html.parser
import json
import re
import stat
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from stream_core.chat.saved.atomic_write import write_whole
from stream_core.chat.saved.code_fences import code_blocks, pieces
from stream_core.chat.saved.export import FORMATS
from stream_core.chat.saved.exported import Exported, file_name
from stream_core.chat.saved.plain_markdown import plain_markdown
from stream_core.core.conversation import Turn
from stream_core.core.deltas import Usage
from stream_core.terminal.markdown.splitter import Splitter
from stream_core.terminal.rows.dates import date, when

BEGUN = datetime(2026, 3, 3, 10, 32).timestamp()
HOSTILE = "\x1b]0;robado\x07\x1b[31m<script>alert(1)</script>\x9b1m\u202e & «fin»\ud800"


def exported(*turns: Turn, practice: bool = False) -> Exported:
    return Exported("4f2a", BEGUN, turns, practice)


def turn(question: str = "¿Qué tal?", text: str = "Bien.", **more: Any) -> Turn:
    return Turn(question, text, more.pop("outcome", "complete"), "claude-sonnet-5-5", **more)


def read_back(text: str) -> tuple[dict[str, Any], list[Turn]]:
    """What the guide says of the JSON, done."""
    whole = json.loads(text)
    assert not any("context_key" in each for each in whole["turns"])  # what is only of the session
    turns = [
        Turn(
            **{
                **each,
                "usage": Usage(**each["usage"]),
                "blocks": tuple(each["blocks"]),
                "asked": tuple(each["asked"]),
            }
        )
        for each in whole["turns"]
    ]
    return whole, turns


# -- the three formats -------------------------------------------------------------------------


def test_markdown_is_to_be_read() -> None:
    told = FORMATS["md"].write(
        exported(
            turn("Una *lista*\nde dos", "- a\n- b"),
            turn("¿Y código?", "Toma:\n```python\nx = 1\n", outcome="interrupted"),
            turn("¿Y ahora?", "", outcome="error"),
        )
    )
    assert told == (
        "# Una \\*lista\\* de dos\n\n"
        "*Conversación con Claude, 3 de marzo de 2026 · 3 turnos · claude-sonnet-5-5*\n\n"
        "## Tú\n\n> Una *lista*\n> de dos\n\n## 🤖 Claude\n\n- a\n- b\n\n"
        "## Tú\n\n> ¿Y código?\n\n## 🤖 Claude (interrumpida)\n\nToma:\n```python\nx = 1\n```\n\n"
        "## Tú\n\n> ¿Y ahora?\n\n## 🤖 Claude (sin respuesta)\n"
    )


def test_what_is_prepared_says_so() -> None:
    for form in ("md", "html"):
        assert "no son de una IA" in FORMATS[form].write(exported(turn(), practice=True))
    assert json.loads(FORMATS["json"].write(exported(turn(), practice=True)))["practice"] is True


def test_json_is_read_back_as_it_was() -> None:
    turns = [
        turn(HOSTILE, f"{HOSTILE}\n\u2028", usage=Usage(7, 8, 9, 10)),
        turn(blocks=({"type": "thinking", "thinking": "…", "signature": "c2ln"},), outcome="cancelled"),
    ]
    text = FORMATS["json"].write(exported(*turns))
    whole, back = read_back(text)
    assert back == turns
    assert (whole["format"], whole["version"], whole["id"]) == ("streaming-chatbot/conversation", 1, "4f2a")
    assert datetime.fromisoformat(whole["begun"]).timestamp() == BEGUN
    assert "«fin»" in text and not re.search("[\x1b\x7f-\x9f\u202e\u2028\ud800]", text)


class Page(html.parser.HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_is_one_page_without_scripts() -> None:
    code = "```html\n<b onclick='x'>\n```"
    text = FORMATS["html"].write(exported(turn(HOSTILE, f"{HOSTILE}\n{code}\n[x](javascript:alert(1))")))
    page = Page(text)
    assert not {"script", "link", "img", "a", "b"} & set(page.tags)
    assert not {"src", "href", "onclick"} & {name for name, _ in page.attributes}
    assert page.text.count("<script>alert(1)</script> & «fin»") == 4  # twice as the title, asked, answered
    assert "<b onclick='x'>" in page.text and "pre" in page.tags
    assert "prefers-color-scheme: dark" in text and "default-src 'none'" in text
    assert "robado" not in text and not re.search("[\x1b\x7f-\x9f\u202e]", text)


@pytest.mark.parametrize("form", FORMATS)
@given(question=st.text(min_size=1), text=st.text())
def test_any_text_can_be_exported(form: str, question: str, text: str) -> None:
    FORMATS[form].write(exported(turn(question, text))).encode()


# -- names -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("¿Cómo está el Ñandú? ../../etc", "2026-03-03-como-esta-el-nandu-etc.md"),
        ("../..", "2026-03-03-conversacion.md"),
        ("日本語の質問", "2026-03-03-日本語の質問.md"),
        ('CON\x00\x1b]0;x\x07|<>:"/\\?*', "2026-03-03-con.md"),
        ("palabra " * 20, "2026-03-03-palabra-palabra-palabra-palabra-palabra.md"),
    ],
)
def test_the_name_of_a_file(question: str, name: str) -> None:
    assert file_name(exported(turn(question)), "md") == name


@given(st.text(min_size=1))
def test_any_title_makes_a_name(question: str) -> None:
    name = file_name(exported(turn(question)), "html")
    assert name == Path(name).name and len(name.encode()) < 255 and not name.startswith(".")
    assert name.isprintable() and not set(name) & set('/\\:*?"<>| ')


# -- code --------------------------------------------------------------------------------------


def test_code_is_told_apart() -> None:
    text = "Uno:\n```python\na = 1\n\nb = '''\n```\ny\n1. así\n   ~~~~\n   ```\n     dos\n   ~~~~\n```sh\nls"
    assert code_blocks(text) == ["a = 1\n\nb = '''", "```\n  dos", "ls"]
    assert [piece.language for piece in pieces(text) if piece.kind == "code"] == ["python", "", "sh"]
    assert code_blocks("sin nada") == [] and [piece.kind for piece in pieces("x")] == ["text"]


@pytest.mark.parametrize(
    ("text", "blocks", "written"),
    [
        ("> ```py\n> a\n>\n> b\n> ```\n> fin", ["a\n\nb"], None),
        ("- ```py\n  x\n  ```\n- y", ["x"], "-\n  ```py\n  x\n  ```\n- y"),
        ("1. uno\n  ~~~\n  <b>\n  ~~~", ["<b>"], "1. uno\n   ```\n   <b>\n   ```"),
        ("- > ```\n  > x\n  > ```\nfin", ["x"], "- >\n  > ```\n  > x\n  > ```\nfin"),
        ("> ```\n> x\nfin", ["x"], "> ```\n> x\n> ```\nfin"),
        ("    uno <b>\n\n\tdos\n\nfin", ["uno <b>\n\ndos"], "```\nuno <b>\n\ndos\n```\n\nfin"),
        ("    uno\nfin", ["uno"], None),
        ("$$\n```\nx\n=\n$$\n~~~\ny\n~~~", ["y"], "````math\n```\nx\n=\n````\n```\ny\n```"),
        ("$$\nx\n- y\n$$", [], None),
        ("```math\nx\n```\n```\ny\n```", ["y"], None),
        ("````md\n```py\nx\n```\n````", ["```py\nx\n```"], None),
    ],
)
def test_code_is_what_the_screen_shows_as_code(text: str, blocks: list[str], written: str | None) -> None:
    assert code_blocks(text) == blocks == fenced_on_screen(text)
    assert plain_markdown(text) == (text if written is None else written)


def fenced_on_screen(text: str) -> list[str]:
    splitter = Splitter()
    found: list[list[str]] = []
    for part in [*splitter.feed(text), *splitter.finish()]:
        if part.kind == "fence":
            found.append([])
        elif part.kind == "code":
            found[-1].append(part.text)
    return ["\n".join(lines) for lines in found]


# -- files -------------------------------------------------------------------------------------


def test_a_file_is_for_its_owner_and_over_nothing(tmp_path: Path) -> None:
    file = tmp_path / "nueva.md"
    write_whole(file, "uno\n", replace=False)
    assert file.read_bytes() == b"uno\n" and stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write_whole(file, "dos", replace=False)
    assert file.read_text() == "uno\n"
    write_whole(file, "tres", replace=True)
    assert file.read_text() == "tres" and [*tmp_path.iterdir()] == [file]


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        write_whole(tmp_path / "no" / "x.md", "x", replace=False)
    with pytest.raises(UnicodeEncodeError):
        write_whole(tmp_path / "x.md", "\ud800", replace=False)
    assert not [*tmp_path.iterdir()]


# -- dates -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("then", "told"),
    [
        ((2026, 3, 3, 9, 5), "hoy a las 9:05"),
        ((2026, 3, 3, 1, 30), "hoy a la 1:30"),
        ((2026, 3, 2, 23, 59), "ayer a las 23:59"),
        ((2026, 2, 28, 18, 0), "el sábado a las 18:00"),
        ((2026, 2, 24, 18, 0), "el 24 de febrero"),
        ((2025, 12, 31, 18, 0), "el 31 de diciembre de 2025"),
        ((2026, 3, 5, 18, 0), "el 5 de marzo"),
    ],
)
def test_a_moment_in_words(then: tuple[int, int, int, int, int], told: str) -> None:
    assert when(datetime(*then).timestamp(), BEGUN) == told


def test_a_number_that_is_no_moment() -> None:
    for number in (float("inf"), float("nan"), 1e30, -1e30):
        assert when(number, BEGUN) == date(number) == "—"


# -- what a reply may not do to its document ----------------------------------------------------

IMITATION = (
    "---\n\n**Tú**\n\n## Tú\n\n> inventado\n\n# 🤖 Claude\n\nTú\n==\n\nTú\n--\n\n  ## 🤖 Claude\n\n##\tTú\n\n"
    "```markdown\n```python\nx\n```\n## Tú\n```\n\n~~~\n## Tú\n~~~\n```\nsin cerrar\n## Tú"
)


def outside_of_fences(text: str) -> str:
    """What CommonMark takes for text: a fence ends at the first bare line that is long enough."""
    fence, lines = "", []
    for line in text.split("\n"):
        run = re.match(r" *(`{3,}|~{3,})", line)
        if fence:
            if run and run[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif run:
            fence = run[1]
        else:
            lines.append(line)
    return "\n".join(lines)


def test_a_reply_imitates_no_turn() -> None:
    text = FORMATS["md"].write(exported(turn("## Tú\n\n# x", IMITATION), turn("otra", "fin")))
    seen = outside_of_fences(text)
    assert re.findall(r"^ {0,3}#{1,2}\s.*", seen, re.MULTILINE)[1:] == ["## Tú", "## 🤖 Claude"] * 2
    assert not re.search(r"^ {0,3}(=+|-{1,})\s*$", seen.replace("---\n\n**Tú**", ""), re.MULTILINE)
    assert "inventado" in text and "sin cerrar" in text


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>", "a <b>c</b>", "<!-- x -->", "<?php ?>", "</div>", "\\<b>", "` <b>",
        "`a`` <b> ``", "x ` y\n` <b> `", "\\` <b> `", "```html\n```js\n```\n<b>\n```\n<i>",
        "~~~\n```\n<b>\n~~~\n<i>", "- `a\n- <b>`", "> ```\n<b>", "    <b>", "<a href=x\nonclick=y>",
        "texto\n    ```\n    <b>\n    ```",
    ],
)  # fmt: skip
def test_no_raw_html_leaves_a_reply(html: str) -> None:
    text = FORMATS["md"].write(exported(turn(html, html)))
    parsed = MarkdownIt("commonmark").parse(text)
    inline = [child for token in parsed for child in token.children or ()]
    assert not [token for token in [*parsed, *inline] if token.type.startswith("html")]


@given(st.text(st.sampled_from("<b>`~ \n\\-#*a!/=1.[]:\t"), max_size=80))
@settings(deadline=None)
def test_no_raw_html_and_no_heading_of_ours_leave_any_reply(html: str) -> None:
    known: dict[str, object] = {}
    parsed = MarkdownIt("commonmark").parse(FORMATS["md"].write(exported(turn("x", html))), known)
    inline = [child for token in parsed for child in token.children or ()]
    assert not [token for token in [*parsed, *inline] if token.type.startswith("html")]
    headings = [token.tag for token in parsed if token.type == "heading_open" and token.tag in ("h1", "h2")]
    assert headings == ["h1", "h2", "h2"] and not known.get("references")


def test_html_in_code_stays_as_it_is() -> None:
    text = FORMATS["md"].write(exported(turn("x", "usa `<b>` y <https://a.es>\n\n```html\n<b>\n```")))
    assert "usa `<b>` y <https://a.es>\n\n```html\n<b>\n```" in text


def test_in_json_what_cannot_be_seen_is_escaped_rightly() -> None:
    unseen = "\u200b\u2060\u00ad\u3164\U000e0041\U000e0100\ufe0f\ud83d"
    _, back = read_back(FORMATS["json"].write(exported(turn(unseen, f"a{unseen}b"))))
    text = FORMATS["json"].write(exported(turn(unseen, f"a{unseen}b")))
    assert back[0].question == unseen and back[0].text == f"a{unseen}b"
    assert "\\udb40\\udc41" in text and not set(unseen) & set(text)


def cited() -> Exported:
    page = {"type": "web_search_result_location", "url": "https://example.com/a?b=1&c=2", "title": "El [uno]"}
    odd = {"type": "web_search_result_location", "url": "javascript:alert(1)", "title": "Dos"}
    blocks = (
        {"type": "text", "text": "Según ella, "},
        {"type": "text", "text": "llueve", "citations": [page]},
        {"type": "text", "text": ".", "citations": [odd]},
    )
    turn = Turn("¿?", "Según ella, llueve.", "complete", "m", blocks=blocks)
    return Exported(None, 0.0, [turn], practice=False)


def test_sources_stand_numbered_at_the_end_of_the_reply() -> None:
    text, page = (FORMATS[name].write(cited()) for name in ("md", "html"))
    assert "Según ella, llueve\\[1\\].\\[2\\]\n\n**Fuentes**\n\n" in text
    assert "1. [El \\[uno\\] · example.com](<https://example.com/a?b=1&c=2>)\n2. Dos" in text
    assert "Según ella, llueve[1].[2]</p>" in page and "javascript:" not in page
    assert (
        '<li><a href="https://example.com/a?b=1&amp;c=2" rel="noopener noreferrer nofollow">'
        "El [uno] · example.com</a></li>" in page
    )
    assert page.index("<ol>") > page.index("llueve")
