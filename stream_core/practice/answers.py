"""Prepared answers to what learners ask: found by words, fitted to the model's style and to the place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from .catalogue import find
from .matching import is_english, read, score
from .request import Body, question
from .scenarios import PROGRAM, Placed, Scenario, Where, reply
from .script import Script

_LONGEST_READ = 1_000  # characters
_IN_ENGLISH = "{english}\n\n*(This program speaks Spanish. For the whole answer ask: «{question}».)*"
_THOUGHT = """\
La pregunta va de esto: «{question}». Es una de las que tengo preparadas, así que no invento nada. Repaso lo \
que hay que decir: primero la idea en una frase, luego cómo se nota al usarlo, y al final algo que se pueda \
probar aquí mismo. Compruebo que no falte nada y que cada cosa que propongo exista. Ya puedo contestar."""


@dataclass(frozen=True, slots=True)
class Tries:
    """Suggestions of what to try, one sentence for each place.

    Attributes:
        chat: a command or a key of the chat.
        one_shot: a line for the shell.
        demos: a demo or a lesson of `streaming_examples.py`.
        library: a name of the public API.
    """

    chat: str
    one_shot: str
    demos: str
    library: str

    def at(self, where: Where) -> str:
        return str(getattr(self, where.place)).replace(PROGRAM, where.program)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    Attributes:
        question: the question that it answers, in Spanish.
        brief: the idea in one or two sentences.
        text: the rest; a brief model leaves it out.
        more: what only a detailed model adds.
        english: the idea for a question in English; "" if the Spanish answer has to do.
        tries: what to try.
    """

    question: str
    brief: str
    text: str
    more: str
    english: str
    tries: Tries

    def written(self, body: Body, where: Where) -> str:
        """The answer in the style of the request's model."""
        if self.english and is_english(question(body)):
            return _IN_ENGLISH.format(english=self.english, question=self.question)
        model = find(body["model"])
        style = "normal" if model is None else model.style
        parts = {
            "brief": [self.brief],
            "normal": [self.brief, self.text],
            "detailed": [self.brief, self.text, self.more],
        }[style]
        return "\n\n".join([*filter(None, parts), f"**Pruébalo:** {self.tries.at(where)}"])


def answer(
    name: str,
    question: str,
    *,
    asked: Sequence[str],
    brief: str,
    text: str,
    tries: Tries,
    more: str = "",
    english: str = "",
) -> Placed:
    """A scenario for one answer.

    Args:
        name: of its module.
        question: the question that it answers, in Spanish.
        asked: patterns for the ways in which it is asked (`matching`).
        brief: the idea in one or two sentences.
        text: the rest.
        tries: what to try.
        more: what only a detailed model adds.
        english: the idea for a question in English.
    """
    written = Answer(question, brief, text, more, english, tries)

    def at(where: Where) -> Scenario:
        def script(body: Body) -> Script:
            return reply(body, written.written(body, where), thinking=_THOUGHT.format(question=question))

        return Scenario(name, question, lambda body: fit(body, tuple(asked)), script)

    return Placed(at)


def fit(body: Body, asked: Sequence[str]) -> float:
    """Score how well the last message of a request fits these patterns."""
    return score(_read(question(body)[:_LONGEST_READ]), asked)


_read = lru_cache(64)(read)
