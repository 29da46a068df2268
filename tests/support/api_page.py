"""The public names of `stream_core` as a page, from their signatures and docstrings; see `docs/api.md`.

`PYTHONPATH=.:tests python tests/support/api_page.py > docs/api.md` writes the page (`make api`).
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from typing import Any

import stream_core
from stream_core import StreamCoreError

GROUPS: Mapping[str, str] = {
    "Streams": (
        "stream_reply astream_reply fetch_reply stream_turn astream_turn ReplyStream AsyncReplyStream "
        "WholeReply Timeouts RetryPolicy"
    ),
    "Several streams at once": "compare acompare Comparison AsyncComparison",
    "Turns with tools": "TurnStream AsyncTurnStream ToolBox SchemaTool ToolCall TurnResult tool_schema",
    "Deltas": (
        "Delta TurnDelta Opened Text Thinking Citation ToolInput BlockDone Unknown Waiting ToolAsked "
        "ToolStarted ToolDone RoundDone Finished Cancelled Failed Usage"
    ),
    "Reply and statistics": "Reply Outcome ReplyStats SessionStats",
    "Text on a terminal": "Sanitizer WordWrap wrap_for",
    "Conversation": "Conversation Turn image document",
    "Client, practice and recordings": "open_client close_client practice_server Recorder quiet_libraries",
    "Settings": "Settings",
    "Errors": "explain StreamCoreError",
}
"""The chapters and their names. Classes of errors follow in the last one by themselves, as a tree."""

HEAD = """# API reference of `stream_core`

Written by `make api` from the signatures and docstrings of the public names; not by hand.
Every name is imported from `stream_core` itself. An attribute that is listed is public, all else is not.
"""
_WIDTH = 100
_SECTION = re.compile(r"(Args|Attributes|Returns|Raises|Yields):")
_ENTRY = re.compile(r"(\*{0,2}\w[\w.]*): (.*)")


def page() -> str:
    """The page."""
    names = {name for names in GROUPS.values() for name in names.split()}
    errors = {name for name in stream_core.__all__ if _is_error(getattr(stream_core, name))}
    assert names | errors == set(stream_core.__all__), names ^ set(stream_core.__all__) ^ errors
    lines = [HEAD]
    for group, members in GROUPS.items():
        lines.append(f"## {group}\n")
        for name in members.split():
            lines += _entry(name)
    lines += _error_tree(StreamCoreError, 0)
    return "\n".join(lines).rstrip() + "\n"


def _entry(name: str) -> Iterator[str]:
    value = getattr(stream_core, name)
    yield f"### {name}\n"
    if inspect.isclass(value):
        yield _fence(_class_signature(name, value))
        yield from _prose(inspect.getdoc(value) or "")
        for member, kind in _members(value):
            yield from _member(member, kind)
    elif inspect.isfunction(value):
        yield _fence(_signature(f"def {name}", value))
        yield from _prose(inspect.getdoc(value) or "")
    else:
        definition, doc = _alias(name)
        yield _fence(definition)
        yield from _prose(doc)


def _class_signature(name: str, value: type) -> str:
    own = value.__init__ if "__init__" in vars(value) or is_dataclass(value) else None  # type: ignore[misc]
    public_init = is_dataclass(value) or (own is not None and not _made_by_us(value))
    return _signature(f"class {name}", value) if public_init else f"class {name}"


def _made_by_us(value: type) -> bool:
    """Whether callers get it from a function instead of making it: the streams."""
    return value.__name__.endswith("Stream")


def _members(value: type) -> Iterator[tuple[str, Any]]:
    """The public methods and properties, those of bases of this project too, in the order of the source."""
    seen: set[str] = set()
    data = {field.name for field in fields(value)} if is_dataclass(value) else set()
    for base in value.__mro__:
        if not base.__module__.startswith("stream_core"):
            continue
        for name, member in vars(base).items():
            function = isinstance(member, (property, classmethod, staticmethod)) or inspect.isfunction(member)
            if function and not name.startswith("_") and name not in seen | data:
                seen.add(name)
                yield name, member


def _member(name: str, member: Any) -> Iterator[str]:
    if isinstance(member, property):
        returned = _annotation(inspect.signature(member.fget).return_annotation) if member.fget else ""
        yield f"#### .{name}: `{returned}`\n"
        yield from _prose(inspect.getdoc(member) or "")
        return
    function = member.__func__ if isinstance(member, (classmethod, staticmethod)) else member
    decorator = f"@{type(member).__name__}\n" if function is not member else ""
    prefix = "async def" if inspect.iscoroutinefunction(function) else "def"
    yield f"#### .{name}()\n"
    yield _fence(decorator + _signature(f"{prefix} {name}", function))
    yield from _prose(inspect.getdoc(function) or "")


def _signature(head: str, function: Callable[..., Any]) -> str:
    signature = inspect.signature(function)
    parts: list[str] = []
    kinds = [parameter.kind for parameter in signature.parameters.values()]
    starred = inspect.Parameter.VAR_POSITIONAL in kinds
    for parameter in signature.parameters.values():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and not starred:
            parts.append("*")
            starred = True
        parts.append(_parameter(parameter))
    returned = "" if head.startswith("class") else f" -> {_annotation(signature.return_annotation)}"
    line = f"{head}({', '.join(parts)}){returned}"
    if len(line) <= _WIDTH:
        return line
    return f"{head}(\n" + "".join(f"    {part},\n" for part in parts) + f"){returned}"


def _parameter(parameter: inspect.Parameter) -> str:
    text = str(parameter).partition(":")[0].partition("=")[0].strip()  # the name, with its stars
    if parameter.annotation is not inspect.Parameter.empty:
        text += f": {_annotation(parameter.annotation)}"
    if parameter.default is inspect.Parameter.empty:
        return text
    default = repr(parameter.default)
    return f"{text} = {'...' if default.startswith('<') or len(default) > 60 else default}"


def _annotation(annotation: Any) -> str:
    if annotation is inspect.Signature.empty:
        return "None"
    return annotation if isinstance(annotation, str) else str(inspect.formatannotation(annotation))


def _alias(name: str) -> tuple[str, str]:
    """The definition of an alias, and the docstring below it in the source."""
    source = inspect.getsource(import_module(f"stream_core.{stream_core._HOME[name]}"))
    found = re.search(rf'^{name}: TypeAlias = (.+?)\n"""(.+?)"""', source, re.MULTILINE | re.DOTALL)
    assert found, name
    return f"{name} = {found[1]}", inspect.cleandoc(found[2])


def _error_tree(kind: type[StreamCoreError], depth: int) -> Iterator[str]:
    """The public classes of errors, each below its base."""
    if depth == 0:
        yield "#### The tree of errors\n"
    else:
        (first, *_) = (inspect.getdoc(kind) or "").split("\n\n")
        yield f"{'  ' * (depth - 1)}- `{kind.__name__}`: {' '.join(first.split())}"
    public = [name for name in stream_core.__all__ if getattr(stream_core, name) in kind.__subclasses__()]
    for name in public:
        yield from _error_tree(getattr(stream_core, name), depth + 1)


def _is_error(value: object) -> bool:
    return inspect.isclass(value) and issubclass(value, StreamCoreError)


def _fence(code: str) -> str:
    return f"```text\n{code}\n```\n"


def _prose(doc: str) -> Iterator[str]:
    """A docstring as Markdown: its sections become lists."""
    section = ""
    for line in doc.splitlines():
        if found := _SECTION.fullmatch(line):
            section = found[1]
            yield f"**{section}**\n"
        elif not line.startswith(" "):
            section = section if not line else ""
            yield line
        else:
            yield _in_section(line, section)
    yield ""


def _in_section(line: str, section: str) -> str:
    entry = _ENTRY.match(line[4:])
    if section in ("Args", "Attributes", "Raises") and entry:
        return f"- `{entry[1]}`: {entry[2]}"
    if section in ("Returns", "Yields"):
        return line.removeprefix("    ")
    return f"  {line.strip()}" if section else line


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(page())
