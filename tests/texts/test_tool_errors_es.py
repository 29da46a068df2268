"""Errors for wrong tool arguments: which, and what each may be, in Spanish."""

from __future__ import annotations

import asyncio
import datetime
import enum
from collections.abc import Callable
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel, Field, ValidationError

from stream_core.core.sanitize import sanitize
from stream_core.sdk.tools import Tool
from stream_core.texts.tool_errors_es import ToolError


class Size(enum.Enum):
    SMALL = "chico"
    LARGE = "grande"


class Place(BaseModel):
    lat: float


def _even(number: int) -> int:
    if number % 2:
        raise ValueError("tiene que ser par")
    return number


def order(
    name: Annotated[str, Field(min_length=2, max_length=5)] = "pan",
    kind: Literal["uno", "este or ese", "dos"] = "uno",
    size: Size = Size.SMALL,
    number: Annotated[int, Field(gt=0, le=9)] = 1,
    even: Annotated[int, AfterValidator(_even)] = 2,
    price: float = 1.0,
    gift: bool = False,
    day: datetime.date | None = None,
    at: datetime.datetime | None = None,
    notes: Annotated[list[str], Field(min_length=1, max_length=2)] = [],  # noqa: B006
    more: dict[str, int] = {},  # noqa: B006
    place: Place | None = None,
    wait: datetime.timedelta | None = None,
) -> str:
    """Order something."""
    return name


async def aorder(price: float, gift: bool = False) -> str:
    """Order something, later."""
    return f"{price} {gift}"


def refusal(function: Callable[..., Any], given: object) -> str:
    """Why a call is refused, sync or async."""

    async def called() -> None:
        result = Tool(function).call(given)
        if asyncio.iscoroutine(result):
            await result

    with pytest.raises(ValueError) as refused:
        asyncio.run(called())
    assert type(refused.value) is ToolError and refused.value.__cause__ is None
    return str(refused.value)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": 1}, "«name» tiene que ser un texto"),
        ({"name": "a"}, "«name» es demasiado corto (mínimo: 2)"),
        ({"name": "a" * 6}, "«name» es demasiado largo (máximo: 5)"),
        ({"kind": "tres"}, "«kind» tiene que ser 'uno', 'este or ese' o 'dos'"),
        ({"size": "x"}, "«size» tiene que ser 'chico' o 'grande'"),
        ({"number": "x"}, "«number» tiene que ser un número entero"),
        ({"number": 1.5}, "«number» tiene que ser un número entero"),
        ({"number": 0}, "«number» tiene que ser mayor que 0"),
        ({"number": 10}, "«number» tiene que ser 9 o menos"),
        ({"even": 3}, "«even» no es válido (tiene que ser par)"),
        ({"price": "x"}, "«price» tiene que ser un número"),
        ({"gift": "x"}, "«gift» tiene que ser true o false"),
        ({"day": "x"}, "«day» tiene que ser una fecha, como 2026-01-31"),
        ({"at": "x"}, "«at» tiene que ser una fecha con hora, como 2026-01-31T12:00:00"),
        ({"notes": "x"}, "«notes» tiene que ser una lista"),
        ({"notes": []}, "«notes» tiene muy pocos elementos (mínimo: 1)"),
        ({"notes": ["a", "b", "c"]}, "«notes» tiene demasiados elementos (máximo: 2)"),
        ({"notes": ["a", 1]}, "«notes.1» tiene que ser un texto"),
        ({"more": 1}, "«more» tiene que ser un objeto JSON"),
        ({"more": {"a": "x"}}, "«more.a» tiene que ser un número entero"),
        ({"place": {}}, "«place.lat» falta"),
        ({"place": 3}, "«place» tiene que ser un objeto JSON"),
        ({"otro": 1}, "«otro» no existe"),
        ({"number": 0, "gift": 3}, "«number» tiene que ser mayor que 0; «gift» tiene que ser true o false"),
    ],
)
def test_what_does_not_fit(given: dict[str, Any], told: str) -> None:
    assert refusal(order, given) == f"los argumentos no son válidos: {told}"


def test_what_has_no_words_here_is_told_in_those_of_who_checks() -> None:
    told = refusal(order, {"wait": "x"})
    assert told.startswith("los argumentos no son válidos: «wait» no es válido (") and "duration" in told


def test_an_async_tool_is_told_of_alike() -> None:
    told = "los argumentos no son válidos: «price» falta; «otro» no existe"
    assert refusal(aorder, {"otro": 1}) == told
    assert asyncio.run(Tool(aorder).call({"price": 2})) == "2.0 False"


@pytest.mark.parametrize("function", [order, aorder])
@pytest.mark.parametrize("given", [[1], "price", None, 3])
def test_what_is_no_object(function: Callable[..., Any], given: object) -> None:
    assert refusal(function, given) == "los argumentos tienen que ser un objeto JSON"


def test_many_and_hostile_names_are_bounded() -> None:
    told = refusal(order, {"\x1b[2J\u202e\n" + "x" * 10_000 + str(number): 1 for number in range(13)})
    assert sanitize(told) == told and "\n" not in told
    assert told.endswith("; y 3 más") and told.count("no existe") == 10 and len(told) < 1200


def test_what_a_tool_raises_comes_through_as_it_is() -> None:
    """Also when it looks like a refusal of its arguments."""

    def failing(number: int) -> int:
        """Fail."""
        try:
            Place.model_validate({})
            return number
        except ValidationError as error:
            raise ValueError("no hay sitio") from error

    async def afailing(number: int) -> int:
        """Fail, later."""
        return failing(number)

    with pytest.raises(ValueError, match=r"\Ano hay sitio\Z"):
        Tool(failing).call({"number": 1})
    with pytest.raises(ValueError, match=r"\Ano hay sitio\Z"):
        asyncio.run(Tool(afailing).call({"number": 1}))
