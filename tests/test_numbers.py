"""Numbers are written in one form, by one function, on the screen and in the documents people read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from stream_core.core.numbers import counted, number

ROOT = Path(__file__).parent.parent
SOURCES = [*sorted((ROOT / "stream_core").rglob("*.py")), ROOT / "streaming_examples.py"]
PAGES = tuple(f"docs/{name}.md" for name in ("manual", "referencia", "problemas", "equipo"))
_ITS_OWN = ("core/numbers.py",)
# A log has plain decimals, for programs; the practice server speaks as the API does, and imports nothing.
_NOT_FOR_READING = ("chat/debug/", "practice/")
_UNITS = (
    "tokens?|caracteres|turnos?|deltas?|mensajes|bloques|fuentes|argumentos|vueltas|avisos|conservados|nombres|"
    "respuestas|conversaciones|bytes|trozos|MB|tok/s|ms|s|veces|próximos|elementos|valores|páginas"
)
_SAID = r"(?:number|counted|seconds|whole_seconds|took|written|str)\("
_BARE = re.compile(rf"\{{(?!{_SAID}|\w+:(?:02|>\d+)\}})[^{{}}]*\}}[  ](?:{_UNITS})\b")

_OTHERWISE = re.compile(r"\b[1-9]\d{0,2}[.  ]\d{3}\b(?![.,]?\d)|\d,\d{1,2}\b(?!\d)|\d{5,}")


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [
        (0, 0, "0"),
        (7, 0, "7"),
        (999, 0, "999"),
        (1000, 0, "1,000"),
        (2450, 0, "2,450"),
        (1234567, 0, "1,234,567"),
        (-2450, 0, "-2,450"),
        (490, 1, "490.0"),
        (0.5, 2, "0.50"),
        (1234.5, 1, "1,234.5"),
        (-0.04, 1, "0.0"),
        (-0.4, 0, "0"),
    ],
)
def test_a_number_is_written_as_the_first_guide_does(value: float, decimals: int, written: str) -> None:
    assert number(value, decimals) == written


@pytest.mark.parametrize(
    ("count", "told"), [(0, "0 turnos"), (1, "1 turno"), (2, "2 turnos"), (2450, "2,450 turnos")]
)
def test_a_count_has_the_form_of_its_noun(count: int, told: str) -> None:
    assert counted(count, "turno", "turnos") == told


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Every node but those of `__repr__`, which is for programmers."""
    for child in ast.iter_child_nodes(node):
        if getattr(child, "name", "") != "__repr__":
            yield child
            yield from _nodes(child)


def _formatted(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every format of a number: a format spec, `format()`, `%`."""
    for node in _nodes(tree):
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            spec = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "{}"
                for part in getattr(node.format_spec, "values", ())
            )
            if re.search(r",|_|\.\d|\.\{|[dgen]$", spec) and "%" not in spec:
                yield node.lineno, ast.unparse(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "format":
            yield node.lineno, ast.unparse(node)
        if (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.Mod)
            and isinstance(node.left, ast.Constant)
        ):
            if isinstance(node.left.value, str):
                yield node.lineno, ast.unparse(node)


def _bare(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """A number put into a sentence as Python writes it."""
    for node in _nodes(tree):
        if isinstance(node, ast.JoinedStr) and (found := _BARE.search(ast.unparse(node))):
            yield node.lineno, found.group()


def test_no_other_code_formats_numbers() -> None:
    wrong = []
    for file in SOURCES:
        name = file.relative_to(ROOT).as_posix()
        if any(part in name for part in (*_ITS_OWN, *_NOT_FOR_READING)):
            continue
        tree = ast.parse(file.read_text("utf-8"))
        wrong += [f"{name}:{line}: {what}" for line, what in (*_formatted(tree), *_bare(tree))]
    assert not wrong, "\n".join(wrong)


def test_documents_write_numbers_the_same() -> None:
    """No `2.450`, no `2 450`, and no `0,5`: a comma parts thousands, a point parts decimals."""
    wrong = []
    for name in ("README.md", "STREAMING_GUIDE.md", ".env.example", *PAGES):
        code = False
        for row, line in enumerate((ROOT / name).read_text("utf-8").splitlines(), 1):
            code ^= line.lstrip().startswith("```")
            bare = re.sub(r"`[^`]*`|https?://\S+", "", line)
            if not code and _OTHERWISE.search(bare):
                wrong.append(f"{name}:{row}: {line}")
    assert not wrong, "\n".join(wrong)
