"""What is known of the models."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_core.models import DEFAULT_MODEL, KNOWN, RETIRED, retired_on, suggest


def test_the_default_is_known_and_no_known_model_is_retired() -> None:
    assert DEFAULT_MODEL in KNOWN
    assert not set(KNOWN) & set(RETIRED)
    assert len(set(KNOWN)) == len(KNOWN)


@pytest.mark.parametrize(("model", "day"), RETIRED.items())
def test_a_model_is_retired_from_its_day_on(model: str, day: date) -> None:
    assert retired_on(model, day - timedelta(days=1)) is None
    assert retired_on(model, day) == day
    assert retired_on(model, day + timedelta(days=400)) == day


@pytest.mark.parametrize("model", [*KNOWN, "", "llama3", "claude-sonnet-4-5 "])
def test_other_models_are_not_retired(model: str) -> None:
    assert retired_on(model, date.max) is None


@pytest.mark.parametrize(
    ("model", "near"),
    [
        ("claude-sonet-5-5", "claude-sonnet-5-5"),
        ("CLAUDE-OPUS-5-5", "claude-opus-5-5"),
        ("claude-haiku-5", "claude-haiku-5-5"),
        ("claude-sonnet-4-20250514", "claude-sonnet-5-5"),
        ("gpt", DEFAULT_MODEL),
        ("", DEFAULT_MODEL),
    ],
)
def test_the_nearest_model_is_suggested(model: str, near: str) -> None:
    assert suggest(model) == near


@given(st.text(st.characters(codec=None), max_size=60))
def test_whatever_is_asked_for_a_known_model_is_suggested(model: str) -> None:
    assert suggest(model) in KNOWN
    if model not in RETIRED:
        assert retired_on(model, date.max) is None
