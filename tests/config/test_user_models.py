"""A person's own models and prices."""

from __future__ import annotations

import json
import os
import re
from datetime import date
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stream_core.config.json_file import MOST
from stream_core.config.user_models import NAME, load
from stream_core.models.catalogue import BUILT_IN, Catalogue, Model
from stream_core.models.rate_types import Prices, Rates

OPUS = "claude-opus-5-5"
PLAIN = {"input": 2, "output": 10}
UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]")


def said(folder: Path, content: Any) -> tuple[Catalogue, list[str]]:
    """Catalogue and notes of a file; each note is one safe line."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    (folder / NAME).write_bytes(raw)
    catalogue, notes = load(folder, BUILT_IN)
    assert (folder / NAME).read_bytes() == raw
    for note in notes:
        assert not UNSAFE.search(note) and len(note) < 400 and note.endswith((".", "}."))
    return catalogue, notes


def found(folder: Path, content: Any, name: str = "claude-x") -> Model:
    """Catalogue of a file without mistakes."""
    catalogue, notes = said(folder, content)
    model = catalogue.find(name)
    assert notes == [] and model is not None
    return model


# -- as usual ----------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [None, "{}"])
def test_nothing_said(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / NAME).write_text(content)
    for folder in (tmp_path, tmp_path / "no", None):
        assert load(folder, BUILT_IN) == (BUILT_IN, [])


def test_a_new_model(tmp_path: Path) -> None:
    model = found(tmp_path, {"claude-x": PLAIN})
    rates = Rates(D(2), D(10), D("2.5"), D(4), D("0.2"))
    assert model == Model("claude-x", "claude-x", prices=Prices(rates, own=True), source=NAME)


def test_everything_can_be_said(tmp_path: Path) -> None:
    told = {
        "name": "El mío",
        "context": 32_000,
        "max_output": 4_000,
        "input": 0.125,
        "output": 1e1,
        "cache_write_5m": 0,
        "cache_write_1h": 3,
        "cache_read": 0.000001,
        "long": {"over": 9_000, "input": 1, "output": 20, "cache_read": 0.5},
        "retires": "2027-02-28",
        "thinking": "adaptive",
        "prefill": True,
        "forced_tools": False,
        "sampling": True,
    }
    rates = Rates(D("0.125"), D(10), D(0), D(3), D("0.000001"))
    long = Rates(D(1), D(20), D("1.25"), D(2), D("0.5"))
    assert found(tmp_path, {"llama3:8b": told}, "llama3:8b") == Model(
        id="llama3:8b",
        name="El mío",
        context=32_000,
        max_output=4_000,
        prices=Prices(rates, 9_000, long, own=True),
        retires=date(2027, 2, 28),
        thinking="adaptive",
        prefill=True,
        forced_tools=False,
        sampling=True,
        source=NAME,
    )


def test_a_price_is_exact(tmp_path: Path) -> None:
    model = found(tmp_path, b'{"claude-x": {"input": 0.1, "output": 0.300000}}')
    assert model.prices and (model.prices.rates.input, model.prices.rates.output) == (D("0.1"), D("0.3"))


def test_what_is_said_of_a_known_model_wins_and_the_rest_stays(tmp_path: Path) -> None:
    before = BUILT_IN.models[OPUS]
    model = found(tmp_path, {OPUS: {"context": 500_000}}, f"{OPUS}-20260901")
    assert (model.context, model.prices, model.name) == (500_000, before.prices, before.name)
    assert (model.checked, model.source) == (None, NAME)
    model = found(tmp_path, {"claude-haiku-5-5": PLAIN}, "claude-haiku-5-5")
    assert model.prices == Prices(Rates.of("2", "10"), own=True)  # the whole list, the tier included
    assert BUILT_IN.models[OPUS] == before


def test_an_id_with_a_date_by_itself(tmp_path: Path) -> None:
    catalogue, _ = said(tmp_path, {f"{OPUS}-20260901": {"context": 7}})
    dated, other = catalogue.find(f"{OPUS}-20260901"), catalogue.find(f"{OPUS}-20261001")
    assert dated and other and (dated.context, dated.name) == (7, "Claude Opus 5.5")
    assert dated.id == f"{OPUS}-20260901" and other == BUILT_IN.models[OPUS]


# -- what cannot be used -----------------------------------------------------------------------

VALUES: dict[str, list[Any]] = {
    "input": [-1, 10_001, "2", True, None, [2], {"x": 2}, 0.0000001, 10**400],
    "context": [0, -1, 1.5, "7", True, 10**10],
    "max_output": [0, 10**400, []],
    "name": ["", "   ", "a\nb", "\x1b[31mrojo", "a" * 61, 7],
    "retires": ["2027-02-30", "27-02-01", "mañana", 2027, "2027-1-1", "٢٠٢٧-01-01"],
    "thinking": ["siempre", "", 1, ["always"]],
    "prefill": ["true", 1, None],
    "forced_tools": ["no", 0],
    "sampling": [{}, "sí"],
    "long": [
        *(7, None, [], {}, PLAIN, {"over": 1}, {"over": 0, **PLAIN}, {"over": 5, **PLAIN, "x": 1}),
        *({"over": 5, "input": 1}, {"over": 5, "input": 1, "output": -1}),
    ],
    "cache_read": [-0.5, "gratis"],
}
WRONG = [(key, value) for key, values in VALUES.items() for value in values]


@pytest.mark.parametrize(("key", "value"), WRONG)
def test_a_wrong_value_is_told_and_the_others_hold(tmp_path: Path, key: str, value: Any) -> None:
    catalogue, notes = said(tmp_path, {"claude-x": {**PLAIN, "context": 5, key: value}, "claude-y": PLAIN})
    assert notes[0].startswith(f"En {NAME}: «claude-x», {key}: «") and " no sirve; " in notes[0]
    assert "\x1b" not in notes[0]
    one, other = catalogue.find("claude-x"), catalogue.find("claude-y")
    assert other and other.prices
    if key == "input":  # half a price is none
        assert one and one.prices is None and "necesita «input» y «output»" in notes[1]
    else:
        assert one and one.prices == other.prices and len(notes) == 1


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "1e-400", "1.0000001"])
def test_numbers_that_are_no_price(tmp_path: Path, number: str) -> None:
    catalogue, notes = said(tmp_path, f'{{"{OPUS}": {{"input": {number}, "output": 1}}}}'.encode())
    assert len(notes) == 2 and catalogue.find(OPUS) == BUILT_IN.find(OPUS)


@pytest.mark.parametrize("name", ["", "con espacio", "ñ", "a\nb", "\x1b[31m", "a" * 201, "\u202e", "\ud800"])
def test_a_name_that_no_model_has(tmp_path: Path, name: str) -> None:
    catalogue, (note,) = said(tmp_path, {name: PLAIN})
    assert "no sirve como nombre de modelo" in note and catalogue == BUILT_IN


@pytest.mark.parametrize("values", [7, None, [], "x", True])
def test_what_is_no_object(tmp_path: Path, values: Any) -> None:
    catalogue, (note,) = said(tmp_path, {OPUS: values})
    assert f"«{OPUS}» debe ser un objeto" in note and catalogue == BUILT_IN


def test_of_a_model_of_which_nothing_can_be_used_nothing_is_known(tmp_path: Path) -> None:
    catalogue, notes = said(tmp_path, {"claude-x": {"precio": 2}, "claude-y": {}})
    assert catalogue == BUILT_IN and notes == [f"En {NAME}: «claude-x»: no conozco «precio»."]


@pytest.mark.parametrize("half", [{"input": 2}, {"output": 2}, {"cache_read": 0}])
def test_half_a_price_is_none(tmp_path: Path, half: dict[str, int]) -> None:
    catalogue, (note,) = said(tmp_path, {OPUS: half})
    assert "necesita «input» y «output»" in note and catalogue == BUILT_IN


def test_not_more_than_a_few_sentences(tmp_path: Path) -> None:
    _, notes = said(tmp_path, {"claude-x": {f"clave{n}": 1 for n in range(1006)}})
    assert len(notes) == 6 and notes[-1] == f"En {NAME} hay 1,001 valores más sin uso."
    _, notes = said(tmp_path, {"claude-x": {f"clave{n}": 1 for n in range(6)}})
    assert len(notes) == 6 and notes[-1] == f"En {NAME} hay 1 valor más sin uso."


UNUSABLE = {
    "empty": (b"", "no es JSON"),
    "cut": (b'{"claude-x": {', "no es JSON"),
    "not UTF-8": (b'{"\xff": 1}', "no es JSON"),
    "deep": (b"[" * 30_000, "no es JSON"),
    "digits": (b'{"a": ' + b"9" * 6000 + b"}", "no es JSON"),
    "exponent": (b'{"a": {"input": 1e9999999999999999999999}}', "no es JSON"),
    "list": (b"[]", "no es un objeto"),
    "oversized": (b"{" + b" " * MOST + b"}", "demasiado grande"),
}


@pytest.mark.parametrize(("raw", "why"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_file_that_cannot_be_used(tmp_path: Path, raw: bytes, why: str) -> None:
    catalogue, (note,) = said(tmp_path, raw)
    assert catalogue == BUILT_IN and why in note and str(tmp_path / NAME) in note and "sigo sin él" in note


def test_a_folder_a_pipe_and_a_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "uno" / NAME).mkdir(parents=True)
    assert "no es un archivo corriente" in load(tmp_path / "uno", BUILT_IN)[1][0]
    (tmp_path / NAME).symlink_to(tmp_path / NAME)
    assert "no se puede leer" in load(tmp_path, BUILT_IN)[1][0]
    if hasattr(os, "mkfifo"):
        (tmp_path / "dos").mkdir()
        os.mkfifo(tmp_path / "dos" / NAME)
        assert "no es un archivo corriente" in load(tmp_path / "dos", BUILT_IN)[1][0]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    re.findall(
        r"\w+", "input output cache_read cache_write_5m long over context name retires thinking prefill x"
    )
)
OBJECTS = st.dictionaries(KEYS, JSON | st.dictionaries(KEYS, JSON, max_size=4), max_size=6)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from([OPUS, "claude-x", "ñ", "\x1b"]), JSON | OBJECTS, max_size=3))
def test_whatever_is_in_it_it_is_read_and_told_safely(tmp_path: Path, content: dict[str, Any]) -> None:
    catalogue, notes = said(tmp_path, content)
    assert len(notes) <= 6 and catalogue.models.keys() >= BUILT_IN.models.keys()
    for model in catalogue.models.values():
        if model.prices is not None:
            rates = (model.prices.rates, model.prices.long or model.prices.rates)
            assert all(0 <= rate.input <= 10_000 and 0 <= rate.cache_read <= 10_000 for rate in rates)
