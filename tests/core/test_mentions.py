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
        ("'/tmp/sin cerrar", [], "'/tmp/sin cerrar"),
        (r"'/a/it'\''s 1.png' '/b' ", ["/a/it's 1.png", "/b"], ""),  # GNOME: g_shell_quote
        ("""'/a/it'"'"'s.png' y""", ["/a/it's.png"], "y"),  # kitty: Python's shlex.quote
        (r"/a/it\'s\ \"q\"\ \$x\ \(1\).png", ["""/a/it's "q" $x (1).png"""], ""),  # iTerm, macOS
        (r"$'/a/l\nn \303\261.txt'", ["/a/l\nn ñ.txt"], ""),
        ("'/a/l\nn.txt' /b", ["/a/l\nn.txt", "/b"], ""),
        (r'"/a/b \"c\" \x"', [r'/a/b "c" \x'], ""),
        (r'"C:\Users\Ana\mi foto.png" ¿y?', [r"C:\Users\Ana\mi foto.png"], "¿y?"),  # Windows Terminal
        (r"C:\a\b.png 'D:\c d.png'", [r"C:\a\b.png", r"D:\c d.png"], ""),
        ("'/mnt/c/mi foto.png'", ["/mnt/c/mi foto.png"], ""),
        ("file:///C:/a%20b.png", ["C:/a b.png"], ""),
        ("file:///a%20b.png\r\nfile:///c.png\r\n", ["/a b.png", "/c.png"], ""),  # a list of URLs
        ("/a/b.png\n/c.png", ["/a/b.png", "/c.png"], ""),
        ("/a/b.png\n¿qué es?", [], "/a/b.png\n¿qué es?"),
        ("'/a/b.png", [], "'/a/b.png"),
        ("'/a'b/c.png", ["/ab/c.png"], ""),
    ],
)
def test_what_a_terminal_writes_for_a_dropped_file(line: str, paths: list[str], rest: str) -> None:
    assert dropped(line) == (paths, rest)


@pytest.mark.parametrize("path", ["a.png", "mi foto.png", 'con "comillas".png', "paréntesis (1).png", "fin."])
def test_a_completed_path_is_read_again(path: str) -> None:
    (mention,) = mentions(f"mira @{opened(path)} y dime")
    assert mention.paths[0] == path
