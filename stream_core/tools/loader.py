"""A person's own tools, from one Python file that they name: it is run, as they asked, in this process.

The file is read once, from the handle that was checked, and leaves nothing behind (`__pycache__`). Its folder
is not added to where modules are looked for: nothing beside it can take the place of one of this program.
"""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Callable, Collection, Iterator
from functools import cache
from inspect import Parameter, isasyncgenfunction, isgeneratorfunction, signature, unwrap
from itertools import count
from pathlib import Path
from types import FunctionType, ModuleType, TracebackType
from typing import Any

from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line
from stream_core.files.trusted import Distrusted, NotReadable, read_trusted
from stream_core.texts.file_errors_es import why_not

_MOST = 1024 * 1024  # bytes; what is larger was not written by hand
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # of a tool, by the API
_FUNCTIONS: tuple[type, ...] = (FunctionType, type(cache(len)))
_NUMBERS = count(1)


def load_tools(file: Path, taken: Collection[str] = ()) -> tuple[Callable[..., Any], ...]:
    """Load the tools of a file, in its order: those its `__all__` names, else its own public functions.

    Sync or async, each with a docstring and an annotation for each parameter. They run without a question
    unless they are marked with `asks_first`: who wrote them decides. Loads the SDK, which makes the schemas.

    Args:
        file: a Python file of this person or of the system, that not everybody can write (POSIX); it is run.
        taken: names of tools that there are already.

    Raises:
        ConfigError: the file cannot be used; the hint names it, and the line and the function it is about.
    """
    shown = one_line(str(file), 200)
    module = _run(file, shown)
    functions = _chosen(module, shown)
    if not functions:
        raise ConfigError(
            f"En {shown} no hay ninguna herramienta: faltan funciones públicas, con anotaciones y docstring."
        )
    named = dict.fromkeys(taken, "otra herramienta que ya está")
    for function in functions:
        name, line = function.__name__, _line(function, module)
        problem = next(_problems(function), "") or _schema_problem(function)
        if not problem and name in named:
            problem = f"se llama como {named[name]}: cámbiale el nombre"
        if problem:
            raise ConfigError(f"{_at(shown, line)}: la función «{one_line(name, 80)}» {problem}.")
        named[name] = f"la de la línea {line}"
    return functions


def _at(shown: str, line: int | None) -> str:
    return f"En {shown}, línea {line}" if line else f"En {shown}"


# -- the file ----------------------------------------------------------------------------------


def _source(file: Path, shown: str) -> bytes:
    if file.suffix.lower() != ".py":
        raise ConfigError(f"{shown} no es un archivo de Python: su nombre tiene que acabar en .py.")
    try:
        return read_trusted(file, _MOST)
    except NotReadable as found:
        what = " para ser un archivo de herramientas" if "grande" in str(found) else ""
        raise ConfigError(f"{shown} {found}{what}.") from None
    except Distrusted as found:
        raise ConfigError(f"{shown} {found.why} y no lo ejecuto: {found.remedy}.") from None
    except (FileNotFoundError, NotADirectoryError):
        raise ConfigError(f"No existe el archivo de herramientas {shown}.") from None
    except (OSError, ValueError) as error:
        why = why_not(error) if isinstance(error, OSError) else "no es una ruta"
        raise ConfigError(f"No se puede leer {shown}: {why}.") from None


def _run(file: Path, shown: str) -> ModuleType:
    """Run the file as a module of a private name, which stays known: annotations are looked up in it."""
    source = _source(file, shown)
    try:
        tree = ast.parse(source, str(file))
        code = compile(tree, str(file), "exec", dont_inherit=True)
    except SyntaxError as error:
        problem = f"Python no lo entiende ({one_line(error.msg)})"
        raise ConfigError(f"{_at(shown, error.lineno)}: {problem}.") from None
    except (ValueError, RecursionError, MemoryError):  # zero bytes before 3.12; nested too deeply
        raise ConfigError(f"En {shown}: Python no lo entiende.") from None
    _no_name_twice(tree, shown)
    module = ModuleType(f"_own_tools_{next(_NUMBERS)}")
    module.__file__ = str(file)
    sys.modules[module.__name__] = module
    try:
        exec(code, module.__dict__)
    except BaseException as error:
        sys.modules.pop(module.__name__, None)
        if isinstance(error, KeyboardInterrupt):
            raise
        where = _at(shown, _line_in(error.__traceback__, str(file)))
        raise ConfigError(f"{where}: falló al ejecutarlo ({_words_of(error)}).") from None
    return module


def _no_name_twice(tree: ast.Module, shown: str) -> None:
    """Refuse two public functions of one name: the second would silently replace the first."""
    seen: dict[str, int] = {}
    for node in tree.body:
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or node.name.startswith("_"):
            continue
        if any(ast.unparse(decorator).endswith("overload") for decorator in node.decorator_list):
            continue
        first = seen.setdefault(node.name, node.lineno)
        if first != node.lineno:
            where, name = _at(shown, node.lineno), one_line(node.name, 80)
            raise ConfigError(f"{where}: ya hay una función «{name}» en la línea {first}; cambia un nombre.")


def _line_in(traceback: TracebackType | None, name: str) -> int | None:
    """Return the last line of the file that an exception came through."""
    line = None
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == name:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def _words_of(error: BaseException) -> str:
    try:
        return one_line(f"{type(error).__name__}: {error}".removesuffix(": "))
    except Exception:  # noqa: BLE001 -- its __str__ is as foreign as the rest of it
        return type(error).__name__


# -- its functions -----------------------------------------------------------------------------


def _chosen(module: ModuleType, shown: str) -> tuple[Callable[..., Any], ...]:
    """Return the functions that are meant to be tools, each once."""
    held = vars(module)
    if "__all__" not in held:
        own = (
            value
            for name, value in held.items()
            if not name.startswith("_") and type(value) in _FUNCTIONS and value.__module__ == module.__name__
        )
        return tuple(dict.fromkeys(own))
    names = held["__all__"]
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise ConfigError(f"En {shown}: __all__ tiene que ser una lista de nombres entre comillas.")
    for name in names:
        if type(held.get(name)) not in _FUNCTIONS:
            why = "no es una función" if name in held else "no existe"
            raise ConfigError(f"En {shown}: __all__ nombra «{one_line(name, 80)}», que {why}.")
    return tuple(dict.fromkeys(held[name] for name in names))


def _line(function: Callable[..., Any], module: ModuleType) -> int | None:
    """Return the line where a function begins; None if it is in another file."""
    code = getattr(unwrap(function), "__code__", None)
    return code.co_firstlineno if code and code.co_filename == module.__file__ else None


def _problems(function: Callable[..., Any]) -> Iterator[str]:
    if not _NAME.fullmatch(function.__name__):
        yield "no puede llamarse así: valen letras sin tilde ni eñe, cifras, _ y -, hasta 64"
    if not isinstance(function.__doc__, str) or not function.__doc__.strip():
        yield (
            "no tiene docstring, que es donde Claude lee para qué sirve (si no es una herramienta, "
            "ponle un _ delante)"
        )
    if type(function) is not FunctionType:
        yield "lleva un decorador (functools.cache o parecido) que esconde sus parámetros"
    if isgeneratorfunction(unwrap(function)) or isasyncgenfunction(unwrap(function)):
        yield "es un generador: una herramienta devuelve su resultado con return"
    for parameter in signature(function).parameters.values():
        if parameter.kind in (Parameter.POSITIONAL_ONLY, Parameter.VAR_POSITIONAL):
            yield f"recibe «{parameter.name}» por su posición, y Claude da los argumentos por su nombre"
        if parameter.annotation is Parameter.empty:
            yield f"no dice de qué tipo es «{parameter.name}» (por ejemplo, {parameter.name}: str)"


def _schema_problem(function: Callable[..., Any]) -> str:
    """Describe why the SDK cannot make a schema of a function, or return ""."""
    from stream_core.sdk.tools import tool_schema

    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # it would be printed in the middle of every turn
        try:
            schema = tool_schema(function)
        except Exception as error:  # noqa: BLE001 -- whatever pydantic makes of a foreign annotation
            problem = _words_of(error).partition(" For further information")[0]
            return f"no se le puede explicar a Claude por sus anotaciones ({problem})"
    if not schema["description"]:
        return "tiene una docstring que no dice para qué sirve"
    return ""
