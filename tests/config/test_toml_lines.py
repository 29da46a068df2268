"""A TOML file by its statements: where each is, and changing one value."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_core.config.toml_lines import NotToml, changed, encoded, statements

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE = '''# lo mío
theme = "claro"   # me gusta "#"

system = """
# no es un comentario
theme = "tampoco"
"""
params = [
    "a=1",  # uno
]
budget = 0.50
'''


def test_statements_have_their_lines() -> None:
    found = [(each.first, each.end, *each.values) for each in statements(FILE)]
    assert found == [(1, 2, "theme"), (3, 7, "system"), (7, 10, "params"), (10, 11, "budget")]
    assert list(statements("")) == list(statements("# nada\n\n")) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [("theme = claro", 1), ('a = 1\n\n"b', 3), ("a = 1\na = 2", 2), ('a = """\nsin fin\n', 3), ("a\n= 1", 1)],
)
def test_what_is_not_toml_is_told_with_its_line(text: str, line: int) -> None:
    with pytest.raises(NotToml) as caught:
        list(statements(text))
    assert caught.value.line in (line, line - 1, line + 1)  # an end of the text is of either line


def test_a_value_changes_and_all_else_stays() -> None:
    after = changed(FILE, {"theme": "oscuro", "params": None, "model": "opus", "budget": 0.5})
    assert after.startswith('# lo mío\ntheme = "oscuro"   # me gusta "#"\n\nsystem = """\n# no es')
    assert after.endswith('"""\nbudget = 0.50\nmodel = "opus"\n')
    assert tomllib.loads(after)["system"] == tomllib.loads(FILE)["system"]
    assert changed(FILE, {}) == FILE and changed("", {"a": True}) == "a = true\n"
    assert changed("a = 1", {"a": None, "b": None}) == ""


VALUES: Any = st.one_of(
    st.text(), st.text(st.sampled_from('"\\\n\r\t\x00\x7f# é')), st.booleans(), st.integers(-(2**60), 2**60)
)


@given(VALUES | st.lists(st.text(), max_size=3))
def test_what_is_written_is_read_back(value: Any) -> None:
    text = changed(FILE, {"theme": value, "nuevo": value})
    assert tomllib.loads(text) == {**tomllib.loads(FILE), "theme": value, "nuevo": value}
    assert tomllib.loads(f"x = {encoded(value)}") == {"x": value}
