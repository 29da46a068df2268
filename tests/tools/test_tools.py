"""The tools: a calculator that agrees with Python and executes nothing, and a clock that knows zones."""

from __future__ import annotations

import ast
import builtins
import math
import sys
import threading
import warnings
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_mock import MockerFixture
from support.generated import up_to

from stream_core import tool_schema
from stream_core.texts.tool_errors_es import ToolError
from stream_core.tools import asks_first, must_ask
from stream_core.tools.calculator import calculate, evaluate
from stream_core.tools.clock import current_time

# -- the calculator agrees with Python ---------------------------------------------------------

_NAMES = {
    "__builtins__": {},
    "sqrt": math.sqrt,
    "abs": abs,
    "round": round,
    "pi": math.pi,
    "e": math.e,
}
_BITS = 10_000


def by_python(expression: str) -> Any:
    """Python's own result of an expression: a value, or the class of the error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "1(2)" and the like
        try:
            return eval(expression, dict(_NAMES))
        except (ArithmeticError, ValueError, TypeError) as error:
            return type(error)


def same(one: Any, other: Any) -> bool:
    """Equal in value, type and sign of zero; one NaN is as good as another."""
    if type(one) is not type(other):
        return False
    return bool(one == other and str(one) == str(other)) or (one != one and other != other)


LEAVES = st.one_of(
    st.integers(0, 9).map(str),
    st.integers(0, 10**30).map(str),
    st.floats(0, allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["0", "0.0", "1e308", "5e-324", ".5", "3.", "1_000", "0xff", "0b101", "0o17", "pi", "e"]),
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operator = st.sampled_from([" + ", "-", "*", " / ", "//", "%", "**", " ** ", " - "])
    return st.one_of(
        st.builds("{}{}{}".format, inner, operator, inner),
        st.builds("({}{}{})".format, inner, operator, inner),
        st.builds("({})**{}".format, inner, st.integers(-4, 9)),
        st.builds("({})**{}".format, inner, st.sampled_from(["0.5", "(1/3)", "2.0"])),
        st.builds("{}{}".format, st.sampled_from(["-", "+", "- ", "--", "-+-"]), inner),
        st.builds("{}({})".format, st.sampled_from(["sqrt", "abs", "round"]), inner),
        st.builds("round({}, {})".format, inner, st.integers(-20, 20)),
    )


EXPRESSIONS = st.recursive(LEAVES, _grown, max_leaves=12)
_MORE_CAREFUL = ("demasiado grande", "tiene más de", "número real", "tantas cifras")


def is_told(told: str, value: float) -> bool:
    """Whether a result reads as its value: whole numbers whole, others with the digits that a float holds."""
    if isinstance(value, int):
        return told == str(value)
    return math.isclose(float(told), value, rel_tol=1e-14) or (math.isnan(value) and told == "nan")


@pytest.mark.parametrize(
    ("expression", "told"),
    [("240 * 15 / 100", "36"), ("0.1 + 0.2", "0.3"), ("1 / 3", "0.333333333333333"), ("2 ** 64", str(2**64))],
)
def test_a_result_has_no_digits_of_noise(expression: str, told: str) -> None:
    assert calculate(expression) == told


@settings(max_examples=up_to(250), deadline=None)
@given(EXPRESSIONS)
def test_it_is_right_or_refuses(expression: str) -> None:
    try:
        value = evaluate(expression)
    except ToolError as refused:
        # Python may refuse too; else only because the calculator is the more careful one, and says so.
        if not any(reason in str(refused) for reason in _MORE_CAREFUL):
            found = by_python(expression)
            assert isinstance(found, type), str(refused)
            assert (found is ZeroDivisionError) == ("entre cero" in str(refused))
    else:
        assert same(value, by_python(expression))
        assert is_told(calculate(expression), value)


@settings(max_examples=up_to(120), deadline=None)
@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9), st.sampled_from("+ - * / // %".split()))
def test_plain_arithmetic_is_never_refused(left: int, right: int, operator: str) -> None:
    expression = f"({left}) {operator} ({right})"
    expected = by_python(expression)
    if expected is ZeroDivisionError:
        with pytest.raises(ToolError, match="entre cero"):
            evaluate(expression)
    else:
        assert same(evaluate(expression), expected)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("(12.5 + 3) * 2 ** 10", 15872.0),
        ("  1 + 1 \n", 2),
        ("-2**2", -4),
        ("2**-1", 0.5),
        ("2**3**2", 512),
        ("-7 // 2", -4),
        ("-7 % 3", 2),
        ("7 % -3", -2),
        ("0.1 + 0.2", 0.1 + 0.2),
        ("round(2.5)", 2),
        ("round(1234, -2)", 1200),
        ("round(pi, 2)", 3.14),
        ("sqrt(16)", 4.0),
        ("abs(-3)", 3),
        ("0**0", 1),
        ("(-1) ** 10000000000000000000000", 1),
        ("1e308 * 10", math.inf),
        ("2 ** 4999", 2**4999),
    ],
)
def test_values(expression: str, value: float) -> None:
    assert same(evaluate(expression), value)


@pytest.mark.parametrize("expression", ["1/0", "1//0", "1%0", "1.0/0", "0**-1", "0.0**-1", "5 % (3 - 3)"])
def test_division_by_zero_is_said(expression: str) -> None:
    with pytest.raises(ToolError, match="no se puede dividir entre cero"):
        calculate(expression)


@pytest.mark.parametrize("expression", ["2 ** -20000", "10 ** -5000"])
def test_a_power_that_is_tiny_is_not_too_large(expression: str) -> None:
    assert evaluate(expression) == 0.0


# -- the calculator executes nothing -----------------------------------------------------------

HOSTILE = [
    "",
    " ",
    "hola",
    "(1).__class__",
    "(1).__class__.__bases__[0].__subclasses__()",
    "abs.__self__",
    "pi.real",
    "__import__('os').system('true')",
    "__builtins__",
    "eval('1')",
    "exec('1')",
    "open('/etc/passwd')",
    "print(1)",
    "sentinel",
    "sentinel()",
    "sentinel + 1",
    "abs(sentinel)",
    "sentinel.x",
    "sentinel[0]",
    "sqrt(*[4])",
    "sqrt(**{})",
    "round(2.5, ndigits=1)",
    "round(number=2.5)",
    "sqrt()",
    "sqrt(1, 2)",
    "abs()",
    "round()",
    "round(1, 2, 3)",
    "round(1.5, 0.5)",
    "round(1.5, 10**100)",
    "sqrt",
    "sqrt(-1)",
    "sqrt(sqrt)",
    "abs(abs)(1)",
    "(lambda: 1)()",
    "lambda: 1",
    "[x for x in (1, 2)]",
    "{x for x in (1, 2)}",
    "{x: x for x in (1, 2)}",
    "(x for x in (1, 2))",
    "f'{1}'",
    "f'{sentinel()}'",
    "(x := 1)",
    "(pi := 3)",
    "'a'",
    "'a' * 3",
    "b'a'",
    "1j",
    "(-8) ** 0.5",
    "(-8) ** (1/3)",
    "True",
    "True + 1",
    "not 1",
    "None",
    "...",
    "1 if 1 else 2",
    "1 and 2",
    "1 or 2",
    "1 < 2",
    "1 == 1",
    "1 is 1",
    "1 in (1,)",
    "~1",
    "1 << 1000",
    "1 >> 1",
    "1 & 1",
    "1 | 1",
    "1 ^ 1",
    "1 @ 1",
    "1,",
    "(1, 2)",
    "[1]",
    "{1}",
    "{}",
    "[1][0]",
    "*a",
    "await x",
    "yield 1",
    "1; 2",
    "1\n2",
    "x = 1",
    "import os",
    "del x",
    "\x00",
    "1\x00",
    "\ud800",
    "1 + \udfff",
    "٣ + ٤",
    "１ + １",
    "1 × 2",
    "½",
    "1'000",
    "1,5",
    "0123",
    "1__0",
    "2 3",
    "nan",
    "inf",
    "float('nan')",
    "9**9**9",
    "9**9**9**9",
    "10**10**10",
    "(10**10)**(10**10)",
    "-10**10**10",
    "2**100000",
    "((2**5000)**2)**2",
    "2**4999 * 2**4999 * 2**4999",
    "*".join(["9" * 36] * 8) + "**99",
    "round(10**400 * 1.0)",
    "10**400 / 3.0",
    "sqrt(10**1000)",
    "1e300 ** 2",
    "round(1e308 * 10)",
    "round(1e308 * 10 - 1e308 * 10)",
    "(" * 150,
    "(" * 140 + "1" + ")" * 140 + "+",
    "1" * 301,
    "1+" * 150 + "1",
    "-" * 300 + "1",
    "1" * 1_000_000,
    "(" * 100_000,
]


@pytest.mark.parametrize("expression", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_not_arithmetic_is_refused_in_words(expression: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ToolError) as refused:
            calculate(expression)
    assert type(refused.value) is ToolError and 0 < len(str(refused.value)) < 200
    assert refused.value.__cause__ is None


class _Sentinel:
    """Anything that is done with it is noted."""

    touched = 0

    def __getattribute__(self, name: str) -> Any:
        type(self).touched += 1
        return object.__getattribute__(self, name)

    def __call__(self, *_: Any, **__: Any) -> int:
        type(self).touched += 1
        return 1

    def __getitem__(self, _: Any) -> int:
        type(self).touched += 1
        return 1

    __add__ = __radd__ = __mul__ = __rmul__ = __getitem__

    def __abs__(self) -> int:
        type(self).touched += 1
        return 1


def test_nothing_is_executed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A builtin named `sentinel` is not even looked at, and no expression reaches a way to run code."""
    from stream_core.tools import calculator

    ran: list[str] = []
    monkeypatch.setattr(_Sentinel, "touched", 0)
    monkeypatch.setattr(builtins, "sentinel", _Sentinel(), raising=False)
    monkeypatch.setattr(calculator, "sentinel", _Sentinel(), raising=False)
    for name in ("eval", "exec", "__import__", "open", "print", "getattr", "input", "breakpoint"):
        # As globals of the calculator: they stand before the builtins for its code, and for no other's.
        monkeypatch.setattr(calculator, name, lambda *_, n=name, **__: ran.append(n), raising=False)
    for expression in HOSTILE:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with pytest.raises(ToolError):
                calculate(expression)
    assert _Sentinel.touched == 0 and ran == []


def test_the_tree_is_never_compiled(mocker: MockerFixture) -> None:
    """`ast.parse` is asked for a tree only: there is no code object that could run."""
    parse = mocker.spy(ast, "parse")
    assert calculate("1 + 1") == "2"
    assert isinstance(parse.spy_return, ast.Expression)


WORDS = st.sampled_from(
    "1 2.5 0 9 10 99999999999 1e308 1e-308 pi e sqrt abs round ( ) ( ) , ** ** * / // % + - ~ << >> & | ^ @ "
    "lambda x : if else for in [ ] { } . __class__ __import__ 'a' f'{1}' b'x' 1j True None not and or := = "
    "== is await yield \n \\ # ; ! $ ½ ٣ \x00 \ud800".split(" ")
)


@settings(max_examples=up_to(250), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.one_of(
        st.text(st.characters(codec=None), max_size=320),
        st.text("0123456789.e+-*/%() ,", max_size=320),
        st.lists(WORDS, max_size=60).map(" ".join),
        st.lists(WORDS, max_size=60).map("".join),
    )
)
def test_any_text_gives_a_number_or_is_refused(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            value = evaluate(text)
        except ToolError:
            return
    assert type(value) in (int, float)
    assert not isinstance(value, int) or value.bit_length() <= _BITS
    assert is_told(calculate(text), value)


@settings(max_examples=up_to(120), deadline=None)
@given(
    st.recursive(
        st.sampled_from(["9", "10", "2", "99999999", "9.9", "(-3)"]),
        lambda inner: st.builds("({}{}{})".format, inner, st.sampled_from(["**", "**", "*"]), inner),
        max_leaves=30,
    )
)
def test_towers_and_chains_are_bounded_before_they_are_computed(expression: str) -> None:
    """No number on the way is larger than the bound and one product of two within it."""
    largest = 0

    class Watched(int):
        def __pow__(self, other: Any, modulo: Any = None) -> Any:
            nonlocal largest
            result = int.__pow__(self, other)
            if isinstance(result, int):
                largest = max(largest, result.bit_length())
            return result

    with pytest.MonkeyPatch.context() as patch:
        from stream_core.tools import calculator

        bounded = calculator._bounded
        watched = lambda number: Watched(bounded(number)) if type(number) is int else bounded(number)  # noqa: E731
        patch.setattr(calculator, "_bounded", watched)
        try:
            evaluate(expression)
        except ToolError:
            pass
    assert largest <= _BITS


def test_the_deepest_expression_fits_on_the_stack_of_a_thread() -> None:
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(calculate("-" * 298 + "1")))
    thread.start()
    thread.join()
    assert found == ["1"]


def test_a_deep_expression_on_a_deep_stack_is_refused_in_words() -> None:
    """Wherever the stack ends while it is worked out, what comes is a value or a refusal."""

    def descend(levels: int) -> str:
        return descend(levels - 1) if levels else calculate("-" * 250 + "1")

    used = len(list(_frames()))
    for spare in range(120, 700, 40):  # frames left for the calculator
        try:
            assert descend(sys.getrecursionlimit() - used - spare) == "1"
        except ToolError:
            pass


def _frames() -> Any:
    frame = sys._getframe()
    while frame is not None:
        yield frame
        frame = frame.f_back  # type: ignore[assignment]


@pytest.mark.parametrize(
    "expression",
    [
        *(pytest.param(text) for text in ("'\\d'", "1or 2", "1if 1else 2", "0x1for x in y")),
        "1 is 1",
        "1(2)",
    ],
)
def test_no_warning_reaches_the_screen(expression: str) -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with pytest.raises(ToolError):
            calculate(expression)
    assert [str(warning.message) for warning in seen] == []


# -- the clock ---------------------------------------------------------------------------------


@pytest.fixture
def noon(mocker: MockerFixture) -> None:
    """It is noon in Greenwich, in winter."""
    clock = mocker.patch("stream_core.tools.clock.datetime")
    clock.now.return_value = datetime(2026, 1, 15, 12, 0, 0, tzinfo=timezone.utc)


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("UTC", "2026-01-15 12:00:00 UTC (UTC+0000)"),
        ("Europe/Madrid", "2026-01-15 13:00:00 Europe/Madrid (UTC+0100)"),
        ("America/Mexico_City", "2026-01-15 06:00:00 America/Mexico_City (UTC-0600)"),
        ("Asia/Kolkata", "2026-01-15 17:30:00 Asia/Kolkata (UTC+0530)"),
        ("Pacific/Kiritimati", "2026-01-16 02:00:00 Pacific/Kiritimati (UTC+1400)"),
        ("America/Argentina/Buenos_Aires", "2026-01-15 09:00:00 America/Argentina/Buenos_Aires (UTC-0300)"),
    ],
)
def test_the_time_in_a_zone(zone: str, told: str) -> None:
    assert current_time(zone) == told


@pytest.mark.usefixtures("noon")
def test_without_a_zone_it_is_utc() -> None:
    assert current_time() == current_time("UTC")


def test_summer_time(mocker: MockerFixture) -> None:
    clock = mocker.patch("stream_core.tools.clock.datetime")
    clock.now.return_value = datetime(2026, 7, 15, 22, 30, 0, tzinfo=timezone.utc)
    assert current_time("Europe/Madrid") == "2026-07-16 00:30:00 Europe/Madrid (UTC+0200)"


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize(
    ("zone", "near"),
    [
        ("Europe/Madird", "Europe/Madrid"),
        ("europe/madrid", "Europe/Madrid"),
        ("Madrid", "Europe/Madrid"),
        ("America/Mexico City", "America/Mexico_City"),
        ("Asia/Tokio", "Asia/Tokyo"),
    ],
)
def test_an_unknown_zone_is_told_with_its_neighbours(zone: str, near: str) -> None:
    with pytest.raises(ToolError, match="no existe la zona horaria") as refused:
        current_time(zone)
    assert near in str(refused.value) and f"«{zone}»" in str(refused.value)


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize(
    "zone",
    [
        "",
        " ",
        ".",
        "..",
        "/",
        "America",
        "America/",
        "America/Argentina",
        "Europe//Madrid",
        "Europe/./Madrid",
        "Europe/Madrid/",
        "Europe/Madrid/x",
        "../Europe/Madrid",
        "../../../../etc/passwd",
        "/etc/passwd",
        "/usr/share/zoneinfo/UTC",
        "C:\\Windows",
        "tzdata.zi",
        "zone.tab",
        "UTC\x00",
        "\x00",
        "\ud800",
        "Ñandú/Ñu",
        "UTC\n",
        "\x1b[31mUTC",
        "a" * 100_000,
        "a/" * 50_000,
        pytest.param("a/" * 1000 + "a"),
    ],
    ids=range(28),
)
def test_a_hostile_zone_is_refused_briefly(zone: str) -> None:
    with pytest.raises(ToolError, match="no existe la zona horaria") as refused:
        current_time(zone)
    assert type(refused.value) is ToolError and refused.value.__cause__ is None
    assert len(str(refused.value)) < 800
    assert "\x1b" not in str(refused.value) and "\x00" not in str(refused.value)


@settings(max_examples=up_to(60), deadline=None)
@given(st.text(st.characters(codec=None), max_size=40))
def test_any_text_is_a_zone_or_is_refused(zone: str) -> None:
    try:
        assert zone in current_time(zone)
    except ToolError as refused:
        assert "no existe la zona horaria" in str(refused)


# -- what the model is told --------------------------------------------------------------------


def test_the_schema_of_the_calculator() -> None:
    schema = tool_schema(calculate)
    assert schema["name"] == "calculate"
    assert schema["description"] == "Calculate an arithmetic expression exactly as written."
    form = schema["input_schema"]
    assert (form["type"], form["required"], form["additionalProperties"]) == ("object", ["expression"], False)
    assert list(form["properties"]) == ["expression"]
    assert form["properties"]["expression"]["type"] == "string"
    told = form["properties"]["expression"]["description"]
    for word in ("+", "-", "*", "/", "//", "%", "**", "sqrt", "abs", "round", "pi"):
        assert word in told


def test_the_schema_of_the_clock() -> None:
    schema = tool_schema(current_time)
    assert schema["name"] == "current_time"
    assert schema["description"] == "Tell the current date and time in a time zone."
    form = schema["input_schema"]
    assert form["type"] == "object" and "required" not in form
    assert list(form["properties"]) == ["zone"]
    zone = form["properties"]["zone"]
    assert (zone["type"], zone["default"]) == ("string", "UTC") and "IANA" in zone["description"]


def test_the_example_of_the_schema_can_be_calculated() -> None:
    told = tool_schema(calculate)["input_schema"]["properties"]["expression"]["description"]
    assert calculate(told.rpartition("For example: ")[2]) == "15872"


def test_a_tool_asks_first_only_when_it_is_marked() -> None:
    @asks_first
    def pay(amount: int) -> str:
        """Pay."""
        return str(amount)

    assert must_ask(pay) and pay(3) == "3"
    assert not must_ask(calculate) and not must_ask(current_time)
