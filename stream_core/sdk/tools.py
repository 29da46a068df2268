"""Plain annotated functions as tools, by the SDK's own helper: schema and checked arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial, update_wrapper
from inspect import iscoroutinefunction
from types import FunctionType
from typing import Any, get_type_hints

import anthropic

from stream_core.core.tool_call import SchemaTool, must_ask
from stream_core.texts.tool_errors_es import ToolError, wrong_arguments


class Tool:
    """A plain annotated function as a tool, by the SDK's own helper: schema from its signature and docstring.

    Of a `functools.partial` the arguments that are given already are not in the schema. A `SchemaTool` has
    its own schema, and its handler gets the arguments as they are.

    Attributes:
        schema: the tool in the API's form (`name`, `description`, `input_schema`).
        function: the function itself; of a `SchemaTool` the handler.
        asks_first: whether a person must agree before it runs.
    """

    def __init__(self, tool: Callable[..., Any] | SchemaTool) -> None:
        self._wrapped: Any = None
        if isinstance(tool, SchemaTool):
            self.function: Callable[..., Any] = tool.handler
            self.asks_first = tool.asks_first
            schema = {"type": "object", **tool.input_schema}
            described = {"description": tool.description} if tool.description else {}
            self.schema: dict[str, Any] = {"name": tool.name, **described, "input_schema": schema}
            return
        function = _of_partial(tool) if isinstance(tool, partial) else tool
        wrap: Any = anthropic.beta_async_tool if iscoroutinefunction(function) else anthropic.beta_tool
        self._wrapped = wrap(_with_evaluated_annotations(function))
        self.function, self.asks_first = function, must_ask(tool) or must_ask(function)
        self.schema = dict(self._wrapped.to_dict())

    def call(self, arguments: object) -> Any:
        """Call the function with checked arguments; gives a coroutine when it is one.

        Raises:
            ToolError: the arguments do not fit the signature.
        """
        if not isinstance(arguments, dict):
            raise ToolError("los argumentos tienen que ser un objeto JSON")
        if self._wrapped is None:
            return self.function(arguments)
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


def tool_schema(function: Callable[..., Any] | SchemaTool) -> dict[str, Any]:
    """The schema of a tool in the API's form, for `tools=[...]`."""
    return Tool(function).schema


def _of_partial(given: partial[Any]) -> Callable[..., Any]:
    """A function of the arguments that a partial has not been given."""
    function: Any = given.func
    signature = inspect.signature(given)
    left = [each for each in signature.parameters.values() if each.name not in given.keywords]
    with suppress(Exception):  # names of a scope that is gone: pydantic says what is wrong
        hints = get_type_hints(function, include_extras=True)
        left = [each.replace(annotation=hints.get(each.name, each.annotation)) for each in left]
    if iscoroutinefunction(function):

        async def call_later(*args: Any, **kwargs: Any) -> Any:
            return await given(*args, **kwargs)

        call: Any = call_later
    else:

        def call_now(*args: Any, **kwargs: Any) -> Any:
            return given(*args, **kwargs)

        call = call_now
    update_wrapper(call, function)
    del call.__wrapped__  # its signature is another
    call.__signature__ = signature.replace(parameters=left)
    call.__annotations__ = {each.name: each.annotation for each in left}
    return call  # type: ignore[no-any-return]


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
