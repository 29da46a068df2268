"""Cost of requests: published prices, arithmetic, sums, limits and wording."""

from __future__ import annotations

from dataclasses import astuple, replace
from decimal import Decimal as D
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_core.core.deltas import Usage
from stream_core.core.errors import ConfigError
from stream_core.models.catalogue import BUILT_IN, Model
from stream_core.models.cost import NOTHING, Budget, Cost, Spending, Spent, cost, ever, limit, money
from stream_core.models.rate_types import Prices, Rates

COUNTS = st.integers(0, 5_000_000)
USAGES = st.builds(
    lambda plain, reply, for_5m, read, for_1h, searches: Usage(
        plain, reply, for_5m + for_1h, read, for_1h, searches
    ),
    *[COUNTS] * 5,
    st.integers(0, 100),
)
MODELS = st.sampled_from(sorted(BUILT_IN.models))
ONE_TIER = MODELS.filter(lambda name: "haiku-5" not in name)
AMOUNTS = st.decimals(0, 10**9, allow_nan=False, allow_infinity=False, places=12)


def of(model: str, usage: Usage) -> Cost:
    found = cost(model, usage, BUILT_IN)
    assert found is not None
    return found


# -- the published figures ---------------------------------------------------------------------

# https://platform.claude.com/docs/en/about-claude/pricing, in dollars per million tokens: input, cache writes
# for five minutes, for an hour, cache reads, output. Of Haiku 5.5 the row of long prompts.
PRICE_LIST = {
    "claude-fable-5-2": ("8", "10", "16", "0.20", "40"),
    "claude-fable-5-1": ("10", "12.50", "20", "0.25", "50"),
    "claude-fable-5": ("10", "12.50", "20", "1", "50"),
    "claude-opus-5-5": ("4", "5", "8", "0.20", "20"),
    "claude-opus-5": ("5", "6.25", "10", "0.50", "25"),
    "claude-opus-4-8": ("5", "6.25", "10", "0.50", "25"),
    "claude-opus-4-7": ("5", "6.25", "10", "0.50", "25"),
    "claude-opus-4-6": ("5", "6.25", "10", "0.50", "25"),
    "claude-opus-4-5": ("5", "6.25", "10", "0.50", "25"),
    "claude-sonnet-5-5": ("2", "2.50", "4", "0.10", "10"),
    "claude-sonnet-5": ("2", "2.50", "4", "0.20", "10"),
    "claude-sonnet-4-6": ("3", "3.75", "6", "0.30", "15"),
    "claude-sonnet-4-5": ("3", "3.75", "6", "0.30", "15"),
    "claude-sonnet-4-20250514": ("3", "3.75", "6", "0.30", "15"),
    "claude-haiku-4-5": ("1", "1.25", "2", "0.10", "5"),
    "claude-haiku-5-5": ("0.50", "0.625", "1", "0.05", "2.50"),
}
SHORT_HAIKU = ("0.10", "0.125", "0.20", "0.01", "0.50")
MILLION = 1_000_000


def test_every_model_of_the_table_is_in_the_price_list() -> None:
    assert PRICE_LIST.keys() == BUILT_IN.models.keys()


@pytest.mark.parametrize(("model", "row"), PRICE_LIST.items())
def test_a_million_tokens_cost_what_the_price_list_says(model: str, row: tuple[str, ...]) -> None:
    plain, for_5m, for_1h, read, reply = map(D, row)
    assert of(model, Usage(input_tokens=MILLION)).input == plain
    assert of(model, Usage(cache_creation_input_tokens=MILLION)).cache_writes == for_5m
    written = Usage(cache_creation_input_tokens=MILLION, cache_creation_1h_input_tokens=MILLION)
    assert of(model, written).cache_writes == for_1h
    assert of(model, Usage(cache_read_input_tokens=MILLION)).cache_reads == read
    prompt = Usage(input_tokens=MILLION, output_tokens=MILLION)
    assert of(model, prompt).output == reply


@pytest.mark.parametrize("kind", ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"])
def test_a_short_prompt_of_haiku(kind: str) -> None:
    plain, for_5m, _, read, reply = map(D, SHORT_HAIKU)
    rate = {"input_tokens": plain, "cache_creation_input_tokens": for_5m, "cache_read_input_tokens": read}[
        kind
    ]
    prompts: list[dict[str, Any]] = [{kind: n} for n in (100_000, 100_001)]
    short, long = (of("claude-haiku-5-5", Usage(output_tokens=1000, **prompt)) for prompt in prompts)
    assert short.total == (100_000 * rate + 1000 * reply) / MILLION
    assert long.total == 5 * (100_001 * rate + 1000 * reply) / MILLION


def test_all_kinds_of_prompt_tokens_count_for_the_size_and_the_reply_does_not() -> None:
    short = Usage(40_000, 5_000_000, 30_000, 30_000)
    assert of("claude-haiku-5-5", short).input == D("0.004")
    for one in (
        Usage(input_tokens=1),
        Usage(cache_creation_input_tokens=1),
        Usage(cache_read_input_tokens=1),
    ):
        assert of("claude-haiku-5-5", short + one).input == D("0.02") + one.input_tokens * D("0.0000005")


def test_the_worked_example() -> None:
    """https://platform.claude.com/docs/en/about-claude/pricing#worked-example, without its runtime."""
    plain = of("claude-opus-5", Usage(50_000, 15_000))
    assert (plain.input, plain.output, plain.total) == (D("0.25"), D("0.375"), D("0.625"))
    cached = of("claude-opus-5", Usage(10_000, 15_000, cache_read_input_tokens=40_000))
    assert (cached.input, cached.cache_reads, cached.output) == (D("0.05"), D("0.02"), D("0.375"))
    assert cached.total == D("0.445") == plain.total - cached.saved


def test_writes_for_both_times() -> None:
    """The usage of https://platform.claude.com/docs/en/build-with-claude/prompt-caching#1-hour-cache-duration."""
    usage = Usage(2048, 503, 456 + 100, 1800, cache_creation_1h_input_tokens=100)
    found = of("claude-sonnet-4-6", usage)
    assert found.cache_writes == (456 * D("3.75") + 100 * 6) / MILLION
    assert found.saved == (1800 * D("2.70") - 456 * D("0.75") - 100 * 3) / MILLION


def test_web_searches() -> None:
    """https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool: 10 dollars for 1,000."""
    assert of("claude-sonnet-5-5", Usage(web_search_requests=1000)) == Cost(searches=D(10))


def test_the_cache_pays_from_the_second_use_on() -> None:
    once = of("claude-opus-5", Usage(cache_creation_input_tokens=10_000))
    again = of("claude-opus-5", Usage(cache_read_input_tokens=10_000))
    assert once.saved == D("-0.0125") and again.saved == D("0.045")


# -- the arithmetic ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "model", ["", "llama3", "claude-opus-9", "opus", "claude-opus-5-5-fast", "CLAUDE-OPUS-5-5"]
)
def test_what_is_not_known_has_no_price(model: str) -> None:
    assert cost(model, Usage(1000, 1000), BUILT_IN) is None
    assert cost("claude-opus-5-5", Usage(1000, 1000), BUILT_IN.unpriced()) is None


@given(MODELS, USAGES)
def test_the_parts_are_the_total_and_the_saving_is_what_the_cache_changed(model: str, usage: Usage) -> None:
    found = of(model, usage)
    parts = (found.input, found.output, found.cache_writes, found.cache_reads, found.searches)
    assert found.total == sum(parts) and min(parts) >= 0
    prompt = usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens
    uncached = replace(Usage(prompt, usage.output_tokens), web_search_requests=usage.web_search_requests)
    assert found.total + found.saved == of(model, uncached).total
    assert of(model, uncached).saved == 0


@given(ONE_TIER, USAGES, USAGES)
def test_two_requests_cost_what_both_cost(model: str, one: Usage, other: Usage) -> None:
    assert of(model, one + other) == of(model, one) + of(model, other)


@given(MODELS, USAGES, USAGES)
def test_more_never_costs_less(model: str, usage: Usage, more: Usage) -> None:
    assert of(model, usage + more).total >= of(model, usage).total
    assert of(model, usage + Usage(output_tokens=1)).total > of(model, usage).total


@given(MODELS, st.lists(st.integers(-(10**40), 10**40), min_size=6, max_size=6))
def test_absurd_counts_neither_fail_nor_give_anything_back(model: str, counts: list[int]) -> None:
    found = of(model, Usage(*counts))
    assert found.total == sum(astuple(found)[:5]) and min(astuple(found)[:5]) >= 0


def test_more_tokens_for_an_hour_than_were_written() -> None:
    usage = Usage(cache_creation_input_tokens=MILLION, cache_creation_1h_input_tokens=9 * MILLION)
    assert of("claude-opus-5", usage).cache_writes == 10


@given(MODELS, USAGES)
def test_an_id_with_a_date_costs_the_same(model: str, usage: Usage) -> None:
    if not model.endswith("20250514"):
        assert cost(f"{model}-20260901", usage, BUILT_IN) == of(model, usage)


@given(USAGES)
def test_a_model_that_costs_nothing_has_a_price(usage: Usage) -> None:
    free = Model("mío", "mío", prices=Prices(Rates.of("0", "0")))
    found = cost("mío", replace(usage, web_search_requests=0), BUILT_IN.changed({"mío": free}))
    assert found is not None and found.total == 0


# -- sums --------------------------------------------------------------------------------------


def test_nothing_was_spent() -> None:
    assert str(Spending()) == "0 $" and Spending() == Spending(NOTHING, NOTHING, 0, 0, 0)


@given(st.lists(st.one_of(st.none(), st.tuples(MODELS, USAGES, st.booleans())), max_size=8))
def test_what_a_session_spent(requests: list[tuple[str, Usage, bool] | None]) -> None:
    spending = Spending()
    known = [request for request in requests if request is not None]
    costs = [of(model, usage) for model, usage, _ in known]
    for request in requests:
        if request is None:
            spending.add(None)
        else:
            spending.add(of(request[0], request[1]), complete=request[2])
    assert spending.total == sum((found.total for found in costs), NOTHING)
    assert spending.saved == sum((found.saved for found in costs), NOTHING)
    assert spending.priced + spending.unpriced == len(requests) and spending.priced == len(known)
    if requests and not known:
        assert str(spending) == "sin precio"
    else:
        missing = len(known) < len(requests) or not all(complete for *_, complete in known)
        assert str(spending).startswith("al menos ") == (missing and spending.total >= D("0.0001"))
        assert str(spending).endswith(money(spending.total))


def test_at_least() -> None:
    spending = Spending()
    spending.add(of("claude-opus-5", Usage(50_000, 15_000)))
    assert str(spending) == "0.62 $"
    spending.add(None)
    assert str(spending) == "al menos 0.62 $"
    cut = Spending()
    cut.add(of("claude-opus-5", Usage(50_000)), complete=False)
    assert (str(cut), cut.uncounted) == ("al menos 0.25 $", 1)


# -- of all time -------------------------------------------------------------------------------


@given(st.lists(st.tuples(MODELS, USAGES, st.booleans()), max_size=8))
def test_what_had_a_price_then_stays_exact(requests: list[tuple[str, Usage, bool]]) -> None:
    spending, kept = Spending(), dict[str, Spent]()
    for model, usage, complete in requests:
        price = of(model, usage)
        spending.add(price, complete=complete)
        kept[model] = kept.get(model, Spent()) + Spent.of(price, usage, complete=complete)
    whole = ever(kept.items(), BUILT_IN)
    assert (whole.total, whole.priced) == (spending.total, spending.priced)
    assert (whole.uncounted, whole.unpriced, whole.estimated) == (spending.uncounted, 0, 0)
    assert str(whole) == str(spending)


def test_what_had_no_price_is_estimated_once_it_has_one() -> None:
    kept = [("nuevo", Spent.of(None, Usage(1_000_000)) + Spent.of(None, Usage(0, 1_000_000), complete=False))]
    assert str(ever(kept, BUILT_IN)) == "sin precio"
    known = BUILT_IN.changed({"nuevo": Model("nuevo", "Nuevo", prices=Prices(Rates.of("2", "10")))})
    assert str(ever(kept, known)) == "al menos ≈ 12.00 $"
    assert str(ever([("nuevo", Spent.of(None, Usage(1_000_000)))], known)) == "≈ 2.00 $"
    assert str(ever([("nuevo", Spent.of(None, Usage(1)))], known)) == "< 0.0001 $"


def test_old_and_new_prices_are_told_together() -> None:
    cent = Spent(D("0.01"), 1)
    assert str(ever([("otro", cent)], BUILT_IN)) == "0.010 $"
    assert str(ever([("otro", cent + Spent(usage=Usage(1)))], BUILT_IN)) == "al menos 0.010 $"
    assert str(ever([("otro", cent), ("claude-opus-5", Spent(usage=Usage(50_000)))], BUILT_IN)) == "≈ 0.26 $"
    assert str(ever([("otro", cent + Spent(uncounted=1))], BUILT_IN)) == "al menos 0.010 $"


def test_nothing_was_ever_spent() -> None:
    assert ever([], BUILT_IN) == Spending()
    assert ever([("m", Spent())], BUILT_IN) == Spending()


# -- a limit -----------------------------------------------------------------------------------


def dollars(amount: str) -> Cost:
    return Cost(output=D(amount))


@pytest.mark.parametrize(
    ("spent", "standing"),
    [
        ("0", "below"),
        ("0.399999999999", "below"),
        ("0.4", "near"),
        ("0.499999999999", "near"),
        ("0.5", "spent"),
        ("7", "spent"),
    ],
)
def test_how_far_a_budget_is_spent(spent: str, standing: str) -> None:
    budget = Budget(D("0.50"))
    budget.add(dollars(spent))
    assert budget.standing == standing
    assert [budget.to_warn(), budget.to_warn()] == [None if standing == "below" else standing, None]


def test_each_warning_comes_once() -> None:
    budget = Budget(D(1))
    told = []
    for _ in range(7):
        budget.add(dollars("0.19"))
        budget.add(None)
        told.append((budget.standing, budget.to_warn()))
    assert told == [("below", None)] * 4 + [("near", "near"), ("spent", "spent"), ("spent", None)]


@given(st.lists(AMOUNTS, max_size=8))
def test_a_budget_only_ever_fills(amounts: list[D]) -> None:
    budget = Budget(D(1))
    seen = [budget.standing]
    for amount in amounts:
        budget.add(Cost(output=amount))
        seen.append(budget.standing)
    assert seen == sorted(seen, key=["below", "near", "spent"].index)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0.50", "0.50"),
        ("0,50", "0.50"),
        ("$0.50", "0.50"),
        ("0,5 $", "0.5"),
        (" $ 2 ", "2"),
        ("1500", "1500"),
        ("2,75$", "2.75"),
        ("0.125", "0.125"),
        ("0,000001", "0.000001"),
        ("1000000", "1000000"),
        ("007", "7"),
    ],
)
def test_a_limit_as_people_type_it(text: str, amount: str) -> None:
    assert limit(text) == D(amount)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1.000", "de dos formas"),
        ("1,500", "de dos formas"),
        ("$12.125", "de dos formas"),
        ("0", "más que cero"),
        ("0,00 $", "más que cero"),
        ("1000001", "más que cero"),
        *(
            (text, "no es una cantidad")
            for text in ("", "$", "-1", "1.000.000", "1e3", "NaN", "inf", "$1$", "50 €")
        ),
        *(
            (text, "no es una cantidad")
            for text in (".5", "5.", "0x1", "1 000", "٣", "²", "1.1234567", "9" * 5000)
        ),
        ("\x1b[31mmucho\n\u202e", "no es una cantidad"),
    ],
)
def test_what_is_no_limit(text: str, why: str) -> None:
    with pytest.raises(ConfigError) as raised:
        limit(text)
    assert why in raised.value.hint
    assert raised.value.hint.isprintable() and len(raised.value.hint) < 160


# -- words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (None, "sin precio"),
        ("0", "0 $"),
        ("-0.000", "0 $"),
        ("0.000000000001", "< 0.0001 $"),
        ("0.0000999999", "< 0.0001 $"),
        ("0.0001", "0.00010 $"),
        ("0.000123", "0.00012 $"),
        ("0.0096", "0.0096 $"),
        ("0.00996", "0.010 $"),
        ("0.0123", "0.012 $"),
        ("0.0996", "0.10 $"),
        ("0.1", "0.10 $"),
        ("0.125001", "0.13 $"),
        ("0.996", "1.00 $"),
        ("12.3", "12.30 $"),
        ("1234567.891", "1,234,567.89 $"),
        ("-0.0125", "-0.012 $"),
        ("-0.00001", "> -0.0001 $"),
    ],
)
def test_an_amount_in_words(amount: str | None, words: str) -> None:
    assert money(None if amount is None else D(amount)) == words


@given(AMOUNTS)
def test_an_amount_never_looks_like_nothing_and_is_near(amount: D) -> None:
    words = money(amount)
    assert (words == "0 $") == (not amount)
    if amount >= D("0.0001"):
        shown = D(words.removesuffix(" $").replace(",", ""))
        assert (
            shown
            and abs(shown - amount) <= max(amount * D("0.05"), D("0"))
            and abs(shown - amount) <= D("0.005")
        )


@given(AMOUNTS, AMOUNTS)
def test_what_is_more_never_looks_like_less(one: D, other: D) -> None:
    low, high = sorted((one, other))

    def shown(amount: D) -> D:
        return D(money(amount).removeprefix("< ").removesuffix(" $").replace(",", ""))

    assert shown(low) <= shown(high)
