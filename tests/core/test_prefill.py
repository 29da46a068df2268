"""Going on after a beginning that the request holds, and what does not follow the text it was to follow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_core.core import errors as e
from stream_core.core.continuation import ContinuationStream, joined
from stream_core.core.conversation import Turn
from stream_core.core.deltas import Cancelled, Finished, Opened, Text, TurnDelta, Usage
from stream_core.core.prefill import PrefillJoiner, refuses_prefill
from stream_core.models.catalogue import BUILT_IN, Model, tries_prefill

BASE = "La capital de Francia es Par"
LONG = "Érase una vez un farero que vivía solo, y cada noche encendía la luz"


def through(joiner: PrefillJoiner, pieces: list[str]) -> str:
    return "".join([*map(joiner.feed, pieces), joiner.flush()])


@pytest.mark.parametrize(
    ("base", "answer", "new", "missed"),
    [
        (BASE, "ís.", "ís.", False),
        (BASE, BASE + "ís.", "ís.", False),  # the beginning once more
        (BASE, f"\n {BASE}ís.", "ís.", False),
        (BASE + " ", BASE + "ís.", "ís.", False),
        (BASE, BASE, "", False),
        (BASE, "La capital de Fran", "La capital de Fran", False),
        (BASE, "La ciudad de la luz", "La ciudad de la luz", False),
        (LONG, LONG[:30], "", False),  # it broke off while repeating
        (LONG, LONG[:40] + "es y ya está.", LONG[:40] + "es y ya está.", True),  # it began anew
        ("ja", "jaja", "jaja", False),  # too short to be told
        ("", "hola", "hola", False),
        (BASE, "", "", False),
    ],
)
def test_what_of_an_answer_is_new(base: str, answer: str, new: str, missed: bool) -> None:
    for pieces in ([answer], list(answer)):
        joiner = PrefillJoiner(base)
        assert (through(joiner, pieces), joiner.missed) == (new, missed)


@given(
    st.text("ab .\n", max_size=40), st.text("ab .\n", max_size=60), st.lists(st.integers(1, 5), max_size=30)
)
def test_nothing_is_made_up_and_only_the_beginning_is_left_out(
    base: str, answer: str, sizes: list[int]
) -> None:
    pieces, rest = [], answer
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    whole = through(PrefillJoiner(base), [answer])
    assert through(PrefillJoiner(base), [*pieces, rest]) == whole
    assert answer.endswith(whole)
    left_out = answer[: len(answer) - len(whole)].strip()
    assert not left_out or base.strip().startswith(left_out)


@pytest.mark.parametrize(
    ("error", "refused"),
    [
        (e.BadRequest(detail="This model does not support assistant message prefill."), True),
        (e.BadRequest(detail=""), True),
        (e.ServerError(detail="Cannot have 2 or more assistant messages at the end of the list."), True),
        (e.ApiError(detail="Expected last message to be of role user"), True),
        (e.ApiError(detail="The last message must be of the user"), True),
        (e.ServerError(detail="Out of memory"), False),
        (e.TooLarge(detail="prompt is too long"), False),
        (e.RateLimited(detail="assistant"), False),
        (e.ConnectionLost(), False),
        (None, False),
    ],
)
def test_who_refuses_it(error: e.StreamCoreError | None, refused: bool) -> None:
    assert refuses_prefill(error) is refused


def test_other_servers_are_tried_with_it_first() -> None:
    assert tries_prefill("llama3.2", BUILT_IN, anthropic=False)
    assert not tries_prefill("claude-nuevo-9", BUILT_IN, anthropic=True)
    for anthropic in (True, False):
        assert tries_prefill("claude-sonnet-4-5", BUILT_IN, anthropic=anthropic)
        assert not tries_prefill("claude-sonnet-5-5", BUILT_IN, anthropic=anthropic)
    own = BUILT_IN.changed({"llama3.2": Model("llama3.2", "Llama", prefill=False)})
    assert not tries_prefill("llama3.2", own, anthropic=False)


# -- what does not follow --------------------------------------------------------------------------


def play(base: str, *pieces: str, prefill: bool = False) -> tuple[str, str, bool]:
    """What is shown, the text of the whole turn, and whether it is kept apart."""
    turn = Turn("¿Un cuento?", base, "interrupted", "m", Usage(1, 1))
    continued = ContinuationStream(turn, prefill=prefill)
    arrived: list[TurnDelta] = [
        Opened("m", "m", Usage(), None, 1.0),
        *(Text(piece, 0, 1.0) for piece in pieces),
    ]
    shown = [one for delta in arrived for one in continued.feed(delta)]
    shown += continued.feed(Finished("end_turn", Usage(1, 2), 2.0))
    text = "".join(delta.text for delta in shown if isinstance(delta, Text))
    return text, joined(turn, continued.result, model="m").text, continued.apart


@pytest.mark.parametrize(
    ("base", "answer", "apart"),
    [
        ("El faro se", "Claro, aquí tienes un cuento.", "\n\nClaro, aquí tienes un cuento."),
        ("El faro se\n", "Claro, aquí tienes un cuento.", "\nClaro, aquí tienes un cuento."),
        ("El faro se\n\n", "Claro, aquí tienes un cuento.", "Claro, aquí tienes un cuento."),
        ("El faro se", "\n\nClaro, otro cuento.", "\n\nClaro, otro cuento."),
    ],
)
def test_what_does_not_follow_is_a_paragraph_of_its_own(base: str, answer: str, apart: str) -> None:
    for pieces in ([answer], list(answer)):
        assert play(base, *pieces) == (apart, base + apart, True)


@pytest.mark.parametrize(
    ("base", "answer", "new"),
    [
        ("El faro se", "El faro se apagó.", " apagó."),
        ("Fin de", "l", " l"),  # a word alone may be what was missing
        ("El faro se", "El faro se", ""),
        ("El faro se", "", ""),
    ],
)
def test_what_follows_is_not(base: str, answer: str, new: str) -> None:
    for pieces in ([answer], list(answer)):
        assert play(base, *pieces) == (new, base + new, False)


def test_after_a_beginning_what_comes_follows_unless_it_began_anew() -> None:
    assert play(LONG, " del faro.", prefill=True) == (" del faro.", f"{LONG} del faro.", False)
    assert play(LONG, LONG, " del faro.", prefill=True) == (" del faro.", f"{LONG} del faro.", False)
    anew = f"{LONG[:40]}es, y nada más."
    assert play(LONG, *anew, prefill=True) == (f"\n\n{anew}", f"{LONG}\n\n{anew}", True)


def test_a_cancel_loses_nothing_of_it() -> None:
    turn = Turn("¿Un cuento?", "El faro se", "interrupted", "m", Usage(1, 1))
    continued = ContinuationStream(turn)
    continued.feed(Opened("m", "m", Usage(), None, 1.0))
    assert continued.feed(Text("Claro", 0, 1.0)) == []

    class Whole:
        text = arrived = "Claro, otro"
        ending = Cancelled(2.0)

    whole = joined(turn, continued.finish(Whole()), model="m")  # type: ignore[arg-type]
    assert (whole.text, whole.outcome, continued.apart) == ("El faro se\n\nClaro, otro", "cancelled", True)
