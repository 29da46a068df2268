"""The instructions for the model: a system prompt, or a role that may be a template for questions. Pure.

In the text of a role `{{name}}` is a variable and `{{input}}` the place of what is asked; `\\{{` is a plain
`{{`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

INPUT = "input"
"""The variable that stands for what is asked."""
_VARIABLE = re.compile(r"(?<!\\)\{\{[ \t]*([^\W\d][\w-]*)[ \t]*\}\}")


@dataclass(frozen=True, slots=True)
class Instructions:
    """The instructions in force.

    Attributes:
        text: the system prompt, or the text of a role with its variables filled in; "" for none.
        role: the name of the role, or "" for a plain system prompt.
        params: the values that were filled in, as (name, value). Not stored, and not compared.
    """

    text: str = ""
    role: str = ""
    params: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    def __bool__(self) -> bool:
        return bool(self.text)

    @property
    def is_template(self) -> bool:
        """Whether the text is a template: it takes in each question, and there is no system prompt."""
        return bool(self.role) and INPUT in variables(self.text)

    @property
    def system(self) -> str | None:
        """The system prompt of a request, or None."""
        if not self.text or self.is_template:
            return None
        return _plain(self.text) if self.role else self.text

    def asked(self, question: str) -> str:
        """Return what is sent for a question: itself, or the template with the question in it."""
        if not self.is_template or not question.strip():
            return question
        parts = _VARIABLE.split(self.text)[::2]  # without the names, which are all INPUT
        return question.join(map(_plain, parts))


NO_INSTRUCTIONS = Instructions()


def variables(text: str) -> tuple[str, ...]:
    """Return the names of the variables in the text of a role, each once, in order."""
    return tuple(dict.fromkeys(found[1] for found in _VARIABLE.finditer(text)))


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return the text of a role with the variables that have a value filled in."""

    def value(found: re.Match[str]) -> str:
        return values[found[1]].replace("{{", r"\{{") if found[1] in values else found[0]

    return _VARIABLE.sub(value, text)


def _plain(text: str) -> str:
    return text.replace(r"\{{", "{{")
