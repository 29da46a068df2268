"""A conversation as one HTML page: its Markdown rendered, nothing remote, no script. Pure.

What the page shows is untrusted. Raw HTML, images, reference links and character entities are not parsed
(an entity could bring back what sanitising took out), and a link leads to http, https or mailto only.
Blocks are those of CommonMark; within them the text is read as on the screen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping, Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from stream_core.core.attachments import attachments_of
from stream_core.core.citations import Source, marked_text, marks
from stream_core.core.conversation import Turn
from stream_core.core.numbers import counted
from stream_core.core.sanitize import one_line, sanitize
from stream_core.models.cost import estimate
from stream_core.terminal.markdown.maths import DELIMITERS, readable
from stream_core.terminal.pages.history import Entry, entries
from stream_core.terminal.reply.panel import TITLE
from stream_core.terminal.rows.figures import OUTCOMES
from stream_core.texts.attachments_es import listed
from stream_core.texts.sources_es import SOURCES, source_words

from .code_fences import in_fence, pieces
from .inline_html import REL, inline_html

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

    from .exported import Exported

_TARGET = re.compile(r"(?:https?://|mailto:)[!-~]+", re.IGNORECASE)
_DEEPEST_OF_OURS = 2  # levels of heading that the page has
_FORMULA = "$$"  # the language of a formula with what encloses it

_PAGE = """<!DOCTYPE html>
<html lang="es">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>
:root {{ --paper: #ffffff; --ink: #1f2328; --quiet: #59636e; --shade: #f3f5f7; --line: #d5dae0;
  --accent: #0b6e8a; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --paper: #16181c; --ink: #e6e8eb; --quiet: #9aa4af; --shade: #22262c; --line: #3a414a;
    --accent: #5ec8e0; }}
}}
body {{ max-width: 46rem; margin: 2rem auto; padding: 0 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.6 system-ui, sans-serif; overflow-wrap: anywhere; }}
h1 {{ font-size: 1.5rem; line-height: 1.3; }}
h2 {{ font-size: 1rem; color: var(--accent); margin: 2rem 0 0.5rem; }}
h3, h4, h5, h6 {{ font-size: 1.05rem; margin: 1.25rem 0 0.25rem; }}
h2 small, header p, .figures, summary {{ color: var(--quiet); font-weight: normal; }}
a {{ color: var(--accent); }}
.question {{ white-space: pre-wrap; background: var(--shade); border-radius: 0.5rem; padding: 0.75rem 1rem; }}
pre {{ background: var(--shade); border-radius: 0.5rem; padding: 0.75rem 1rem; overflow-x: auto; }}
code {{ font-family: ui-monospace, monospace; font-size: 0.9em; }}
blockquote {{ margin-left: 0; padding-left: 1rem; border-left: 3px solid var(--line); color: var(--quiet); }}
table {{ border-collapse: collapse; display: block; overflow-x: auto; }}
th, td {{ border: 1px solid var(--line); padding: 0.3rem 0.6rem; text-align: left; }}
details {{ border-left: 3px solid var(--line); padding-left: 1rem; margin: 0.75rem 0; }}
.figures {{ font-size: 0.85rem; }}
</style>
</head>
<body>
<header>
<h1>{title}</h1>
<p>{summary}</p>
</header>
<main>
{turns}
</main>
</body>
</html>
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def html(exported: Exported) -> str:
    """Return the conversation as a self-contained HTML page, light or dark as the reader's system."""
    summary = f"{exported.summary}. {exported.no_ai}" if exported.no_ai else exported.summary
    if cost := _cost(exported, exported.turns):
        summary += f" · {cost}"
    turns = "\n".join("\n".join(_turn(exported, turn)) for turn in exported.turns)
    return _PAGE.format(policy=_POLICY, title=escape(exported.title), summary=escape(summary), turns=turns)


def rendered(text: str) -> str:
    """Render sanitised Markdown to safe HTML; code, formulas and emphasis are what they are on the screen."""
    lines: list[str] = []
    for piece in pieces(text):
        if piece.kind == "maths" and not piece.fenced:
            piece = piece._replace(language=_FORMULA)
        lines += piece.text.split("\n") if piece.kind == "text" else in_fence(piece)
    return str(_parser().render("\n".join(lines))).rstrip("\n")


# -- a turn ------------------------------------------------------------------------------------


def _turn(exported: Exported, turn: Turn) -> Iterator[str]:
    state = "" if turn.outcome == "complete" else f" <small>({escape(OUTCOMES[turn.outcome])})</small>"
    yield "<section>"
    yield "<h2>Tú</h2>"
    yield f'<div class="question">{escape(sanitize(turn.question))}</div>'
    if names := listed(attachments_of(turn.asked)):
        yield f'<p class="figures">{escape(names)}</p>'
    yield f"<h2>{TITLE}{state}</h2>"
    for entry in entries(turn, _marks):
        yield from _entry(entry)
    _, sources = marked_text(turn.text, turn.blocks)
    if sources:
        yield f"<p>{SOURCES}</p>\n<ol>"
        yield from map(_source, sources)
        yield "</ol>"
    yield f'<p class="figures">{escape(_figures(exported, turn))}</p>'
    yield "</section>"


def _entry(entry: Entry) -> Iterator[str]:
    match entry.kind:
        case "text":
            yield rendered(entry.text.strip("\n"))
        case "thinking":
            inner = rendered(entry.text) if entry.text else "<p>Sin mostrarlo.</p>"
            yield f"<details><summary>Pensó</summary>\n{inner}\n</details>"
        case "call":
            words = escape(entry.text or "sin argumentos")
            yield f"<details open><summary>Herramienta {escape(entry.name)}</summary>\n<pre>{words}</pre>"
            yield "</details>"
        case "result" | "error":
            of = f" de {entry.name}" if entry.name and not entry.follows else ""
            what = "Error" if entry.kind == "error" else "Resultado"
            yield f"<details open><summary>{what}{escape(of)}</summary>\n<pre>{escape(entry.text)}</pre>"
            yield "</details>"
        case "source":
            yield f'<p class="figures">• {escape(entry.text)}</p>'
        case "other":
            yield f'<p class="figures">[{escape(entry.text)}]</p>'
        case "cited":
            pass  # listed with their addresses


def _marks(numbers: Sequence[int]) -> str:
    return re.sub(r"([\[\]])", r"\\\1", marks(numbers))  # bare brackets may begin a link


def _source(source: Source) -> str:
    words = escape(source_words(source))
    if not _TARGET.fullmatch(source.url):
        return f"<li>{words}</li>"
    return f'<li><a href="{escape(source.url)}" rel="{REL}">{words}</a></li>'


def _figures(exported: Exported, turn: Turn) -> str:
    usage = turn.usage
    sent = usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens
    parts = [one_line(turn.model, 60)]
    if sent or usage.output_tokens:
        parts.append(f"{counted(sent, 'token', 'tokens')} de entrada")
        parts.append(f"{counted(usage.output_tokens, 'token', 'tokens')} de salida")
    if cost := _cost(exported, (turn,)):
        parts.append(cost)
    return " · ".join(parts)


def _cost(exported: Exported, turns: Sequence[Turn]) -> str:
    """The cost of turns, from their tokens; "" in practice mode and without prices."""
    if exported.practice or exported.prices is None:
        return ""
    spending = estimate(((turn.model, turn.usage) for turn in turns), exported.prices)
    return str(spending) if spending.priced or spending.unpriced else ""


# -- Markdown ----------------------------------------------------------------------------------


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # it takes a while to load, and few conversations are exported

    parser = MarkdownIt("commonmark", {"html": False})
    parser.enable("table")
    parser.disable(["html_block", "reference"])
    for name, rule in (("heading_open", _heading), ("heading_close", _heading)):
        parser.add_render_rule(name, rule)
    for name in ("fence", "code_block"):
        parser.add_render_rule(name, _code)
    parser.core.ruler.at("inline", _inline)
    return parser


def _inline(state: Any) -> None:
    """Read the text of blocks as the screen does, instead of the parser's own rules."""
    before = ""
    for token in state.tokens:
        if token.type == "inline":
            token.children = [type(token)("html_inline", "", 0)]
            token.children[0].content = inline_html(token.content, cell=before in ("td_open", "th_open"))
        before = token.type


def _heading(renderer: Any, tokens: Any, at: int, options: Any, env: MutableMapping[str, Any]) -> str:
    level = min(6, int(tokens[at].tag[1]) + _DEEPEST_OF_OURS)
    return f"<h{level}>" if tokens[at].nesting > 0 else f"</h{level}>\n"


def _code(renderer: Any, tokens: Any, at: int, options: Any, env: MutableMapping[str, Any]) -> str:
    content, language = tokens[at].content, tokens[at].info.strip()
    if language.lower() in ("math", _FORMULA) and (formula := readable(DELIMITERS.sub("", content))):
        return f"<p>{escape(formula)}</p>\n"
    return f"<pre><code>{escape(content)}</code></pre>\n"
