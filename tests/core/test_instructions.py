"""Instructions: a system prompt, and a role whose text may be a template."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_core.core.instructions import Instructions, filled, variables


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("nada", ()),
        ("{{idioma}}", ("idioma",)),
        ("{{ idioma }} y {{tono}} y {{idioma}}", ("idioma", "tono")),
        ("{{año}} {{mi-tono}} {{x_2}}", ("año", "mi-tono", "x_2")),
        (r"\{{idioma}} es literal", ()),
        ("{idioma} {{}} {{ }} {{2x}} {{a b}} {{a\nb}}", ()),
        ("{{{idioma}}}", ("idioma",)),
    ],
)
def test_the_variables_of_a_text(text: str, names: tuple[str, ...]) -> None:
    assert variables(text) == names


def test_a_plain_system_prompt_is_sent_as_it_is() -> None:
    text = r"Usa {{input}} y \{{x}} tal cual"
    assert Instructions(text).system == text
    assert Instructions(text).asked("hola") == "hola"
    assert Instructions().system is None and not Instructions() and Instructions(text)


def test_a_role_without_input_is_a_system_prompt() -> None:
    role = Instructions(filled(r"Traduce a {{idioma}}, con \{{llaves}}.", {"idioma": "inglés"}), "traductor")
    assert not role.is_template
    assert role.system == "Traduce a inglés, con {{llaves}}."
    assert role.asked("hola") == "hola"


def test_a_role_with_input_takes_in_each_question_and_sends_no_system_prompt() -> None:
    role = Instructions(filled("A {{idioma}}: «{{ input }}». {{input}}", {"idioma": "inglés"}), "traductor")
    assert role.is_template and role.system is None
    assert role.asked("hola") == "A inglés: «hola». hola"
    assert role.asked(r"con {{input}} y \{{x}} y \1") == r"A inglés: «con {{input}} y \{{x}} y \1». " + (
        r"con {{input}} y \{{x}} y \1"
    )
    assert role.asked("  ") == "  "


@given(value=st.text(st.sampled_from("{}\\ ainput"), max_size=20), asked=st.text(max_size=20))
def test_a_value_is_no_template_itself(value: str, asked: str) -> None:
    role = Instructions(filled("[{{x}}] {{input}}", {"x": value}), "r")
    if not value.endswith("\\") and r"\{{" not in value:
        assert role.asked(asked or "?") == f"[{value}] {asked or '?'}" or not asked.strip()
    assert set(variables(role.text)) == {"input"}
