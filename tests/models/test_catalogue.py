"""The built-in catalogue of models."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_core.models.catalogue import (
    BUILT_IN,
    Model,
    resolve,
    retired_on,
    suggest,
)
from stream_core.models.lines import DEFAULT_MODEL, KNOWN, LINES

RETIRED = {name: model.retires for name, model in BUILT_IN.models.items() if model.retires is not None}


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


def test_an_id_with_a_date_retires_with_the_one_without() -> None:
    day = date(2026, 11, 30)
    assert retired_on("claude-sonnet-4-5-20250929", day) == day
    assert retired_on("claude-sonnet-4-5-20250929", day - timedelta(days=1)) is None
    assert retired_on("claude-sonnet-5-5-20260901", date.max) is None


@pytest.mark.parametrize(
    ("model", "near"),
    [
        ("claude-sonet-5-5", "claude-sonnet-5-5"),
        ("CLAUDE-OPUS-5-5", "claude-opus-5-5"),
        ("claude-haiku-5", "claude-haiku-5-5"),
        ("claude-sonnet-4-20250514", "claude-sonnet-5-5"),
        ("opsu", "claude-opus-5-5"),
        ("Hiaku", "claude-haiku-5-5"),
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


# -- what is known of each ---------------------------------------------------------------------


def known(model: str) -> Model:
    found = BUILT_IN.find(model)
    assert found is not None
    return found


def test_the_table_is_complete_and_says_from_when_and_where() -> None:
    assert set(KNOWN) <= BUILT_IN.models.keys()
    for name, model in BUILT_IN.models.items():
        assert model.id == name and None not in (
            model.context,
            model.max_output,
            model.prices,
            model.thinking,
        )
        assert None not in (model.prefill, model.forced_tools, model.sampling, model.checked)
        assert model.context and model.max_output and model.max_output < model.context
        assert model.source.startswith("https://platform.claude.com/docs/en/models/")
    assert len({model.name for model in BUILT_IN.models.values()}) == len(BUILT_IN.models)


# https://platform.claude.com/docs/en/models: context, output, thinking, prefill, forced tools, sampling.
FACTS = {
    "claude-sonnet-5-5": ("Claude Sonnet 5.5", 1_000_000, 128_000, "between_tools", False, False, False),
    "claude-opus-5-5": ("Claude Opus 5.5", 1_000_000, 128_000, "always", False, False, False),
    "claude-haiku-5-5": ("Claude Haiku 5.5", 1_000_000, 128_000, "adaptive", False, True, False),
    "claude-fable-5-2": ("Claude Fable 5.2", 1_000_000, 128_000, "always", False, False, False),
    "claude-opus-5": ("Claude Opus 5", 1_000_000, 128_000, "adaptive", False, True, False),
    "claude-opus-4-6": ("Claude Opus 4.6", 1_000_000, 128_000, "adaptive", False, True, True),
    "claude-haiku-4-5": ("Claude Haiku 4.5", 200_000, 64_000, "budget", True, True, True),
    "claude-sonnet-4-5": ("Claude Sonnet 4.5", 200_000, 64_000, "budget", True, True, True),
}


@pytest.mark.parametrize(("model", "facts"), FACTS.items())
def test_what_a_model_is_and_takes(model: str, facts: tuple[object, ...]) -> None:
    found = known(model)
    told = (found.name, found.context, found.max_output, found.thinking)
    assert (*told, found.prefill, found.forced_tools, found.sampling) == facts


@pytest.mark.parametrize("model", sorted(BUILT_IN.models))
def test_an_id_with_a_date_is_the_one_without(model: str) -> None:
    assert BUILT_IN.find(model) == known(model)
    for wrong in (
        "-2026090",
        "-202609011",
        "-19990101",
        "-latest",
        " ",
        "-20260901\n",
        "-2026٠٩٠١",
        "-20260901-20260901",
    ):
        assert BUILT_IN.find(model + wrong) is None
    if "2025" not in model:
        assert BUILT_IN.find(f"{model}-20260901") == known(model)


@pytest.mark.parametrize("model", ["", "llama3", "claude-haiku-5", "claude-haiku-5-6", "haiku", "-20260901"])
def test_of_other_models_nothing_is_known(model: str) -> None:
    assert BUILT_IN.find(model) is None


def test_a_catalogue_does_not_change_under_anybodys_hands() -> None:
    with pytest.raises(TypeError):
        BUILT_IN.models["claude-x"] = known(DEFAULT_MODEL)  # type: ignore[index]
    more = BUILT_IN.changed({"claude-x": Model("claude-x", "X")})
    assert more.find("claude-x") and not BUILT_IN.find("claude-x")
    bare = more.unpriced()
    assert all(model.prices is None for model in bare.models.values())
    assert {model.context for model in bare.models.values()} == {1_000_000, 200_000, None}
    assert known(DEFAULT_MODEL).prices is not None


# -- names of lines ----------------------------------------------------------------------------


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_its_newest_model(line: str) -> None:
    assert resolve(line) == resolve(f" {line.upper()} ") == resolve(line, []) == resolve(line, ["llama3"])
    assert resolve(line) in KNOWN and f"-{line}-" in resolve(line)


@pytest.mark.parametrize(
    "name", ["", "llama3", "claude", "claude-opus-5", "opus-5", "mythos", "claude-x-20260901"]
)
def test_other_names_stay(name: str) -> None:
    assert resolve(name) == resolve(name, ["claude-opus-5-5"]) == name


@pytest.mark.parametrize(
    ("line", "available", "newest"),
    [
        ("sonnet", ["claude-sonnet-5", "claude-sonnet-5-5"], "claude-sonnet-5-5"),
        ("sonnet", ["claude-sonnet-5", "claude-sonnet-4-6"], "claude-sonnet-5"),
        ("sonnet", ["claude-sonnet-5", "claude-opus-5-5"], "claude-sonnet-5"),
        ("sonnet", ["claude-sonnet-6", "claude-sonnet-5-5"], "claude-sonnet-6"),
        ("sonnet", ["claude-sonnet-5-10", "claude-sonnet-5-9"], "claude-sonnet-5-10"),
        ("opus", ["claude-opus-5-20260724", "claude-opus-4-8"], "claude-opus-5-20260724"),
        ("opus", ["claude-opus-5-5-20260901", "claude-opus-5-5"], "claude-opus-5-5"),
        ("opus", ["claude-opus-5-5-fast", "claude-opus-5-5[1m]", "claude-opus-4-7"], "claude-opus-4-7"),
        ("haiku", ["claude-3-5-haiku-20241022", "claude-haiku-4-5-20251001"], "claude-haiku-4-5-20251001"),
        # One that is to be retired comes after any other; alone, it is better than none.
        ("sonnet", ["claude-sonnet-4-5-20250929", "claude-sonnet-4"], "claude-sonnet-4"),
        ("opus", ["claude-opus-4-5-20251101"], "claude-opus-4-5-20251101"),
        ("opus", ["claude-sonnet-5"], "claude-opus-5-5"),
    ],
)
def test_the_accounts_list_decides(line: str, available: list[str], newest: str) -> None:
    assert resolve(line, available) == resolve(line, available[::-1]) == newest


def test_a_model_that_the_person_adds_counts_and_one_that_retires_does_not() -> None:
    added = BUILT_IN.changed({"claude-opus-6": Model("claude-opus-6", "Claude Opus 6")})
    assert resolve("opus", catalogue=added) == "claude-opus-6"
    ending = BUILT_IN.changed({"claude-opus-5-5": Model("claude-opus-5-5", "X", retires=date(2027, 1, 1))})
    assert resolve("opus", catalogue=ending) == "claude-opus-5"


@given(st.lists(st.text(max_size=30) | st.from_regex(r"claude-(opus|sonnet)-\d\d?(-\d\d?)?", fullmatch=True)))
def test_whatever_the_list_holds_a_line_is_one_of_it_or_known(available: list[str]) -> None:
    found = resolve("opus", available)
    assert found in available or found == "claude-opus-5-5"
    assert ("opus" in found) and resolve(found, available) == found
