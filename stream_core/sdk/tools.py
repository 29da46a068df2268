"""Plain annotated functions as tools, by the SDK's own helper: schema and checked arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import iscoroutinefunction
from types import FunctionType
from typing import Any, get_type_hints

import anthropic

from stream_core.texts.tool_errors_es import ToolError, wrong_arguments


class Tool:
    """A plain annotated function as a tool, by the SDK's own helper: schema from its signature and docstring.

    Attributes:
        schema: the tool in the API's form (`name`, `description`, `input_schema`).
        function: the function itself.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        wrap: Any = anthropic.beta_async_tool if iscoroutinefunction(function) else anthropic.beta_tool
        self._wrapped = wrap(_with_evaluated_annotations(function))
        self.function = function
        self.schema: dict[str, Any] = dict(self._wrapped.to_dict())

    def call(self, arguments: object) -> Any:
        """Call the function with checked arguments; gives a coroutine when it is one.

        Raises:
            ToolError: the arguments do not fit the signature.
        """
        if not isinstance(arguments, dict):
            raise ToolError("los argumentos tienen que ser un objeto JSON")
        if iscoroutinefunction(self.function):
            return self._later(arguments)
        with self._telling():
            return self._wrapped.call(arguments)

    async def _later(self, arguments: dict[str, Any]) -> Any:
        with self._telling():
            return await self._wrapped.call(arguments)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Describe wrong arguments in our words; the function's own exceptions pass through."""
        try:
            yield
        except ValueError as error:
            details = getattr(error.__cause__, "errors", None)
            if details is None or error.args != (f"Invalid arguments for function {self.schema['name']}",):
                raise
            raise wrong_arguments(details()) from None


def tool_schema(function: Callable[..., Any]) -> dict[str, Any]:
    """The schema of a function in the API's form, for `tools=[...]`."""
    return Tool(function).schema


def _with_evaluated_annotations(function: Callable[..., Any]) -> Callable[..., Any]:
    """A copy of a function whose annotations are no strings any more.

    On Python 3.10 pydantic evaluates them among the names of the SDK's wrapper, where those of the function's
    module (`Annotated`, its own classes) are missing.
    """
    if not isinstance(function, FunctionType) or not any(
        isinstance(annotation, str) for annotation in function.__annotations__.values()
    ):
        return function
    try:
        annotations = get_type_hints(function, include_extras=True)
    except Exception:  # noqa: BLE001 -- names of a scope that is gone: pydantic says what is wrong
        return function
    copy = FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copy.__doc__, copy.__module__, copy.__qualname__ = (
        function.__doc__,
        function.__module__,
        function.__qualname__,
    )
    copy.__dict__.update(function.__dict__)
    copy.__kwdefaults__ = function.__kwdefaults__
    copy.__annotations__ = annotations
    return copy
