"""Paths in what a person types."""

from __future__ import annotations

import pytest

from stream_core.core.mentions import dropped, mentions, opened


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("mira @foto.png", [("foto.png",)]),
        ("@a.md", [("a.md",)]),
        ("(@x/y.md), y @b.", [("x/y.md),", "x/y.md)", "x/y.md"), ("b.", "b")]),
        ("@\"mi foto.png\" @'otra foto.png'", [("mi foto.png",), ("otra foto.png",)]),
        (r"@mi\ foto.png", [("mi foto.png",)]),
        ("@file:///tmp/a%20b.png", [("/tmp/a b.png",)]),
        ("@~/a @../b @/c", [("~/a",), ("../b",), ("/c",)]),
        ("ana@foto.png, a.b+c@foto.png", []),
        ("git@github.com:a/b", []),
        ("`@foto.png` y ``@a ` b``", []),
        ("```python\n@property\n```\n@a", [("a",)]),
        ("~~~\n@a\n~~~", []),
        ("```\n@a", []),
        ("pip install @ y @", []),
        ("quedamos @. o @/ o @..", []),
    ],
)
def test_what_a_message_names(text: str, paths: list[tuple[str, ...]]) -> None:
    assert [mention.paths for mention in mentions(text)] == paths


@pytest.mark.parametrize(
    ("line", "paths", "rest"),
    [
        ("'/tmp/mi foto.png' ", ["/tmp/mi foto.png"], ""),
        (r"/tmp/mi\ foto\(1\).png ¿qué es?", ["/tmp/mi foto(1).png"], "¿qué es?"),
        ('"/tmp/a b" /tmp/c', ["/tmp/a b", "/tmp/c"], ""),
        ("file:///tmp/a%20b.png", ["/tmp/a b.png"], ""),
        ("file://localhost/tmp/a", ["/tmp/a"], ""),
        ("file://otro/tmp/a", [], "file://otro/tmp/a"),
        ("~/a.pdf", ["~/a.pdf"], ""),
        ("mira /tmp/a", [], "mira /tmp/a"),
        ("'no es una ruta'", [], "'no es una ruta'"),
        ("/tmp/a\n/tmp/b", [], "/tmp/a\n/tmp/b"),
        ("'/tmp/sin cerrar", [], "'/tmp/sin cerrar"),
    ],
)
def test_what_a_terminal_writes_for_a_dropped_file(line: str, paths: list[str], rest: str) -> None:
    assert dropped(line) == (paths, rest)


@pytest.mark.parametrize("path", ["a.png", "mi foto.png", 'con "comillas".png', "paréntesis (1).png", "fin."])
def test_a_completed_path_is_read_again(path: str) -> None:
    (mention,) = mentions(f"mira @{opened(path)} y dime")
    assert mention.paths[0] == path
