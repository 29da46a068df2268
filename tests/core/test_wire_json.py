"""JSON of a server is parsed within bounds, whatever is in it."""

from __future__ import annotations

import json
import tracemalloc

import pytest

from stream_core.core.errors import ReplyTooLarge
from stream_core.core.wire_json import DEEPEST, MAX_VALUES_BYTES, WireJson, weight

N = 30_000
SHAPES: dict[str, str] = {
    "zeros": "[" + "0," * N + "0]",
    "numbers": "[" + "123456," * N + "0]",
    "fractions": "[" + "0.5," * N + "0]",
    "texts": "[" + '"ab",' * N + "0]",
    "empty texts": "[" + '"",' * N + "0]",
    "empty lists": "[" + "[]," * N + "0]",
    "empty objects": "[" + "{}," * N + "0]",
    "lists of one": "[" + "[0]," * N + "0]",
    "objects of one": "[" + '{"a":1},' * N + "0]",
    "keys": "{" + ",".join(f'"{number}":0' for number in range(N)) + "}",
    "lists in lists": "[" + ("[" * 90 + "]" * 90 + ",") * (N // 90) + "0]",
    "objects in objects": "[" + ('{"a":' * 90 + "0" + "}" * 90 + ",") * (N // 90) + "0]",
}


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_the_memory_of_a_value_is_known_before_it_is_parsed(text: str) -> None:
    tracemalloc.start()
    try:
        value = json.loads(text)
        memory = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert memory <= weight(text)
    wire_json = WireJson()
    wire_json.keep(value)
    assert memory <= MAX_VALUES_BYTES - wire_json.left


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_what_would_take_too_much_is_not_parsed(text: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(ReplyTooLarge):
            WireJson(weight(text) - 1).load(text)
        memory = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert memory < 10_000
    assert WireJson(weight(text)).load(text) == json.loads(text)


def test_what_stays_is_added_up() -> None:
    wire_json = WireJson(1_000)
    wire_json.keep({"a": [1, {}]})
    with pytest.raises(ReplyTooLarge):
        wire_json.keep({"a": [1, {}]})


@pytest.mark.parametrize("begin, end", [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
@pytest.mark.parametrize("times", [1, 2, 30, 1_000, 100_000])
def test_what_is_nested_deeper_than_any_reply_is_no_json(begin: str, end: str, times: int) -> None:
    levels = DEEPEST // len(end)
    assert WireJson().load(begin * levels + "1" + end * levels) is not None
    deep = begin * (levels + times) + "1" + end * (levels + times)
    roomy = WireJson(1 << 40)
    assert roomy.value(deep) is None
    assert roomy.value(f"[[], {deep}]") is None


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a":-Infinity}'])
def test_constants_are_taken_where_that_is_wanted(text: str) -> None:
    assert WireJson().load(text) is not None
    with pytest.raises(ValueError):
        WireJson().load(text, constants=False)


@pytest.mark.parametrize("text", ["{}", ' {"a": 1} '])
def test_a_whole_object(text: str) -> None:
    assert WireJson().is_whole_object(text)


@pytest.mark.parametrize("text", ["", "{", "}", "[]", '"{}"', "{}{}", "{'a': 1}", '{"a":' * 50_000 + "}"])
def test_what_is_no_whole_object(text: str) -> None:
    assert not WireJson().is_whole_object(text)
