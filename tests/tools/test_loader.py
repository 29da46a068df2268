"""A person's own tools from a file: those that can be used, or one clear sentence."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from conftest import QUICK
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_mock import MockerFixture
from support.generated import up_to
from support.turns import PATIENCE, Call, Take, results_sent, said, serving, turn_async, turn_sync

from stream_core import ToolBox, ToolCall, tool_schema
from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import sanitize
from stream_core.tools import must_ask
from stream_core.tools.loader import load_tools


@pytest.fixture(autouse=True)
def known_modules() -> Iterator[None]:
    """Forget the modules that a test loaded."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith("_own_tools_"):
            del sys.modules[name]


def written(folder: Path, source: str | bytes, name: str = "mis.py") -> Path:
    file = folder / name
    file.write_bytes(source if isinstance(source, bytes) else dedent(source).encode())
    return file


def hint(file: Path, taken: tuple[str, ...] = ()) -> str:
    """The one sentence about a file that cannot be used, without its folder."""
    with pytest.raises(ConfigError) as refused:
        load_tools(file, taken)
    told = refused.value.hint
    assert sanitize(told) == told and len(told.splitlines()) == 1 and told.endswith(".")
    assert file.name in told and len(told) < 700
    assert not (file.parent / "__pycache__").exists()
    return told.replace(f"{file.parent}{os.sep}", "")


# -- what is taken -----------------------------------------------------------------------------

GOOD = '''
    from __future__ import annotations

    import asyncio
    from dataclasses import dataclass
    from functools import wraps
    from os.path import join
    from typing import Literal

    from stream_core.tools import asks_first


    @dataclass
    class Lugar:
        lat: float
        lon: float


    def repetido(function):  # a decorator is no tool
        @wraps(function)
        def twice(*args, **kwargs):
            return function(*args, **kwargs) * 2
        return twice
    repetido.__module__ = "otro"


    def tiempo(lugar: Lugar, unidad: Literal["C", "F"] = "C") -> str:
        """Di el tiempo que hace.

        Args:
            lugar: dónde.
            unidad: en qué unidad.
        """
        return f"{lugar.lat + lugar.lon} {unidad}"


    @asks_first
    async def pagar(euros: int) -> str:
        """Paga."""
        await asyncio.sleep(0)
        return _pagado(euros)


    @repetido
    def eco(palabra: str) -> str:
        """Repite."""
        return palabra


    def _pagado(euros):
        return f"pagados {euros}"


    otro_eco = eco
    UNA_CONSTANTE = 3
'''


def test_its_public_functions_are_the_tools(tmp_path: Path) -> None:
    tools = load_tools(written(tmp_path, GOOD))
    assert [tool.__name__ for tool in tools] == ["tiempo", "pagar", "eco"]
    assert [must_ask(tool) for tool in tools] == [False, True, False]
    assert list(tmp_path.iterdir()) == [tmp_path / "mis.py"]
    tiempo, _, eco = tools
    assert eco(palabra="a") == "aa"
    schema = tool_schema(tiempo)
    assert schema["description"] == "Di el tiempo que hace."
    assert schema["input_schema"]["required"] == ["lugar"]
    assert schema["input_schema"]["properties"]["unidad"]["enum"] == ["C", "F"]


@pytest.mark.parametrize("take", [turn_sync, turn_async])
@pytest.mark.parametrize("allowed", [True, False])
def test_they_run_in_a_turn(tmp_path: Path, take: Take, allowed: bool) -> None:
    asked: list[str] = []

    async def approve(call: ToolCall) -> bool:
        asked.append(call.name)
        return allowed

    calls: list[Call] = [
        ("toolu_1", "tiempo", {"lugar": {"lat": 40.5, "lon": 1}, "unidad": "F"}),
        ("toolu_2", "pagar", {"euros": 5}),
        ("toolu_3", "eco", {"palabra": "ñ"}),
        ("toolu_4", "tiempo", {"lugar": "Madrid"}),
    ]
    box = ToolBox(load_tools(written(tmp_path, GOOD)), approve=approve)
    with serving(said("Voy.", *calls), said("Ya.")) as server:
        take(server.base_url, box).check(server)
        sent = {result["tool_use_id"]: result for result in results_sent(server)}
    assert asked == ["pagar"]
    assert sent["toolu_1"]["content"] == "41.5 F" and sent["toolu_3"]["content"] == "ññ"
    assert sent["toolu_2"]["content"] == ("pagados 5" if allowed else "la persona no dio permiso")
    assert sent["toolu_4"]["is_error"] and "«lugar» " in sent["toolu_4"]["content"]


def test_what_all_names_is_taken_in_its_order(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        '''
        from stream_core.tools.calculator import calculate

        __all__ = ["uno", "calculate", "_dos", "uno"]

        def ayuda(x): ...

        def _dos() -> str:
            """Dos."""
            return "2"

        def uno() -> str:
            """Uno."""
            return "1"
        ''',
    )
    assert [tool.__name__ for tool in load_tools(file)] == ["uno", "calculate", "_dos"]


def test_two_files_do_not_get_in_each_others_way(tmp_path: Path) -> None:
    source = 'T = {}\ndef f(x: "T") -> str:\n    """F."""\n    return "{}"\n'
    one = load_tools(written(tmp_path, source.format("int", 1), "uno.py"))
    two = load_tools(written(tmp_path, source.format("str", 2), "dos.py"))
    assert [tool(x=0) for tool in (*one, *two)] == ["1", "2"]
    types = [tool_schema(tool)["input_schema"]["properties"]["x"]["type"] for tool in (*one, *two)]
    assert types == ["integer", "string"]


def test_nothing_beside_the_file_takes_the_place_of_a_module(tmp_path: Path) -> None:
    written(tmp_path, "raise AssertionError", "colorsys.py")
    file = written(tmp_path, 'import colorsys\ndef f() -> str:\n    """F."""\n    return colorsys.__file__\n')
    (tool,) = load_tools(file)
    assert not tool().startswith(str(tmp_path)) and str(tmp_path) not in sys.path


@pytest.mark.parametrize(
    "prefix", [b"\xef\xbb\xbf", b"# -*- coding: utf-8 -*-\r\n", b"#!/usr/bin/env python\n"]
)
def test_the_usual_beginnings_of_a_file(tmp_path: Path, prefix: bytes) -> None:
    source = prefix + 'def f() -> str:\n    """Eñe."""\n    return "ñ"\n'.encode()
    (tool,) = load_tools(written(tmp_path, source))
    assert tool() == "ñ" and tool.__doc__ == "Eñe."


def test_a_file_in_another_encoding_that_says_so(tmp_path: Path) -> None:
    source = '# coding: latin-1\ndef f() -> str:\n    """F."""\n    return "ñ"\n'.encode("latin-1")
    assert load_tools(written(tmp_path, source))[0]() == "ñ"


def test_a_link_to_a_file_is_the_file(tmp_path: Path) -> None:
    (tmp_path / "enlace.py").symlink_to(written(tmp_path, 'def f() -> str:\n    """F."""\n'))
    assert len(load_tools(tmp_path / "enlace.py")) == 1


# -- what is wrong with it ---------------------------------------------------------------------

F = 'def f() -> str:\n    """F."""\n'


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (
            "",
            "En mis.py no hay ninguna herramienta: faltan funciones públicas, con anotaciones y docstring.",
        ),
        ("from os.path import join\nx = 3\nclass A:\n    def f(self): ...\n", "no hay ninguna herramienta"),
        ("__all__ = []\n" + F, "no hay ninguna herramienta"),
        ("x = (\n", "En mis.py, línea 1: Python no lo entiende ('(' was never closed)."),
        ("x = 1\n  y = 2\n", "En mis.py, línea 2: Python no lo entiende (unexpected indent)."),
        ("x\0", "En mis.py: Python no lo entiende"),
        ("(" * 5000, "Python no lo entiende"),
        ("-" * 100_000 + "1", "Python no lo entiende"),
        (b"# coding: nada\n", "Python no lo entiende (unknown encoding: nada)"),
        (b"x = '\xff'\n", "Python no lo entiende"),
        ("\n\n1 / 0\n", "En mis.py, línea 3: falló al ejecutarlo (ZeroDivisionError: division by zero)."),
        ("def f():\n    1 / 0\n\nf()\n", "En mis.py, línea 2: falló al ejecutarlo (ZeroDivisionError"),
        ("import nada_de_nada\n", "línea 1: falló al ejecutarlo (ModuleNotFoundError: No module named"),
        ("import json\njson.loads('')\n", "línea 2: falló al ejecutarlo (JSONDecodeError"),
        ("import sys\nsys.exit(3)\n", "línea 2: falló al ejecutarlo (SystemExit: 3)"),
        ("raise SystemExit\n", "línea 1: falló al ejecutarlo (SystemExit)."),
        ("raise GeneratorExit\n", "línea 1: falló al ejecutarlo (GeneratorExit)."),
        ("def f(): f()\nf()\n", "línea 1: falló al ejecutarlo (RecursionError"),
        ("raise ValueError('\\x1b[2J\\u202e\\ud800\\n' * 999)\n", "falló al ejecutarlo (ValueError: \ufffd"),
        ("class E(Exception):\n    def __str__(self): 1 / 0\nraise E\n", "línea 3: falló al ejecutarlo (E)."),
        ("eval('(')\n", "línea 1: falló al ejecutarlo (SyntaxError"),
        ("import sys\ndel sys.modules[__name__]\n1 / 0\n", "línea 3: falló al ejecutarlo"),
        (F + "\n" + F, "En mis.py, línea 4: ya hay una función «f» en la línea 1; cambia un nombre."),
        ("def f(x):\n    return x\nasync " + F, "En mis.py, línea 3: ya hay una función «f» en la línea 1"),
        ("__all__ = 3\n", "En mis.py: __all__ tiene que ser una lista de nombres entre comillas."),
        ("__all__ = 'f'\n" + F, "__all__ tiene que ser una lista"),
        ("__all__ = ['f', 3]\n" + F, "__all__ tiene que ser una lista"),
        ("__all__ = ['nada']\n" + F, "En mis.py: __all__ nombra «nada», que no existe."),
        ("__all__ = ['x']\nx = None\n", "En mis.py: __all__ nombra «x», que no es una función."),
        ("__all__ = ['A']\nclass A: ...\n", "__all__ nombra «A», que no es una función"),
        ("__all__ = ['len']\nlen = len\n", "__all__ nombra «len», que no es una función"),
        ("def f(x: int) -> str: ...\n", "En mis.py, línea 1: la función «f» no tiene docstring"),
        ('def f() -> str:\n    "  "\n', "la función «f» no tiene docstring"),
        ('def f(x: int) -> str:\n    """:param x: a"""\n', "tiene una docstring que no dice para qué sirve"),
        (
            F + 'def g(x, y: int) -> str:\n    """G."""\n',
            "En mis.py, línea 3: la función «g» no dice de qué tipo es «x»",
        ),
        ('def f(*, x) -> str:\n    """F."""\n', "no dice de qué tipo es «x» (por ejemplo, x: str)"),
        ('def f(**x) -> str:\n    """F."""\n', "no dice de qué tipo es «x»"),
        ('def f(*x: int) -> str:\n    """F."""\n', "recibe «x» por su posición"),
        ('def f(x: int, /) -> str:\n    """F."""\n', "recibe «x» por su posición"),
        (
            'def año() -> str:\n    """F."""\n',
            "la función «año» no puede llamarse así: valen letras sin tilde ni eñe",
        ),
        (f'def {"f" * 65}() -> str:\n    """F."""\n', "no puede llamarse así"),
        ("f = lambda: 3\n", "En mis.py, línea 1: la función «<lambda>» no puede llamarse así"),
        ('def f(x: int):\n    """F."""\n    yield x\n', "la función «f» es un generador"),
        ('async def f(x: int):\n    """F."""\n    yield x\n', "la función «f» es un generador"),
        (f'from contextlib import contextmanager\n@contextmanager\n{F}    yield "1"\n', "es un generador"),
        (f"from functools import cache\n@cache\n{F}", "la función «f» lleva un decorador (functools.cache"),
        ('def f(x: "Nada") -> str:\n    """F."""\n', "anotaciones (NameError: name 'Nada' is not defined)"),
        (
            'class A: ...\ndef f(x: A) -> str:\n    """F."""\n',
            "no se le puede explicar a Claude por sus anotaciones",
        ),
        ('def f(x: object = object()) -> str:\n    """F."""\n', "is not JSON serializable"),
        (
            'from typing import Callable\ndef f(x: Callable[[int], int]) -> str:\n    """F."""\n',
            "no se le puede explicar a Claude",
        ),
        (
            'def make(name: str) -> object:\n    """M."""\n    def inner() -> str:\n        """I."""\n'
            "    return inner\na, b = make('a'), make('b')\n",
            "En mis.py, línea 3: la función «inner» se llama como la de la línea 3: cámbiale el nombre.",
        ),
    ],
)
def test_each_fault_is_one_sentence(tmp_path: Path, source: str | bytes, told: str) -> None:
    assert told in hint(written(tmp_path, source))


def test_overloads_are_one_function(tmp_path: Path) -> None:
    source = "import typing\n" + 2 * "@typing.overload\ndef f(x: int) -> str: ...\n" + F
    assert len(load_tools(written(tmp_path, source))) == 1


def test_a_name_that_is_taken(tmp_path: Path) -> None:
    file = written(tmp_path, F)
    told = hint(file, taken=("calculate", "f"))
    assert told.startswith("En mis.py, línea 1: la función «f» se llama como otra herramienta que ya está: ")
    assert len(load_tools(file, taken=("calculate",))) == 1


def test_an_interrupt_is_the_persons(tmp_path: Path) -> None:
    before = set(sys.modules)
    with pytest.raises(KeyboardInterrupt):
        load_tools(written(tmp_path, "raise KeyboardInterrupt\n"))
    assert not {name for name in set(sys.modules) - before if name.startswith("_own_tools_")}


def test_no_warning_of_a_schema_is_left_for_the_turn(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    for tool in load_tools(written(tmp_path, GOOD)):
        tool_schema(tool)
    assert not recwarn.list


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nada.py", "No existe el archivo de herramientas nada.py."),
        ("mis.py/x.py", "No existe el archivo de herramientas"),
        ("mis.txt", "mis.txt no es un archivo de Python: su nombre tiene que acabar en .py."),
        ("mis", "no es un archivo de Python"),
        ("carpeta.py", "carpeta.py no es un archivo corriente."),
        ("vuelta.py", "No se puede leer vuelta.py: el sistema no lo permite."),
        ("x" * 300 + ".py", "No se puede leer"),
    ],
)
def test_what_is_no_file_of_python(tmp_path: Path, name: str, told: str) -> None:
    written(tmp_path, F)
    (tmp_path / "carpeta.py").mkdir()
    (tmp_path / "vuelta.py").symlink_to("vuelta.py")
    with pytest.raises(ConfigError) as refused:
        load_tools(tmp_path / name)
    assert told in refused.value.hint.replace(f"{tmp_path}{os.sep}", "")


def test_a_name_that_is_none_and_one_that_would_write_to_the_terminal(tmp_path: Path) -> None:
    for name in ("a\0.py", "\x1b[2J\u202e.py", "\ud800.py"):
        with pytest.raises(ConfigError) as refused:
            load_tools(tmp_path / name)
        assert sanitize(refused.value.hint) == refused.value.hint


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    file = written(tmp_path, F)
    with file.open("r+b") as stream:
        stream.truncate(1 << 36)
    assert hint(file) == "mis.py es demasiado grande para ser un archivo de herramientas."


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in a folder")
def test_a_pipe_makes_nobody_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "tubo.py")
    told: list[str] = []
    thread = threading.Thread(target=lambda: told.append(hint(tmp_path / "tubo.py")), daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert told == ["tubo.py no es un archivo corriente."]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
@pytest.mark.parametrize(
    ("mode", "run"), [(0o666, False), (0o602, False), (0o664, True), (0o644, True), (0o400, True)]
)
def test_a_file_that_everybody_can_write_is_not_run(tmp_path: Path, mode: int, run: bool) -> None:
    marker = tmp_path / "marca"
    file = written(tmp_path, f"open({str(marker)!r}, 'w').close()\n{F}")
    file.chmod(mode)
    if run:
        assert len(load_tools(file)) == 1
    else:
        assert (
            hint(file)
            == "mis.py lo puede cambiar cualquiera y no lo ejecuto: revísalo y protégelo (chmod o-w)."
        )
    assert marker.exists() is run


@pytest.mark.skipif(sys.platform == "win32", reason="owners of POSIX")
def test_a_file_of_somebody_else_is_not_run(tmp_path: Path, mocker: MockerFixture) -> None:
    marker = tmp_path / "marca"
    file = written(tmp_path, f"open({str(marker)!r}, 'w').close()\n{F}")
    if os.geteuid() == 0:
        os.chown(file, 12345, -1)
    else:
        mocker.patch("os.geteuid", return_value=os.geteuid() + 1)
    assert hint(file) == "mis.py es de otra persona y no lo ejecuto: revísalo y usa una copia tuya."
    assert not marker.exists()
    mocker.patch("os.geteuid", return_value=file.stat().st_uid)
    assert len(load_tools(file)) == 1


# -- any file ----------------------------------------------------------------------------------

LINES = st.sampled_from(
    [
        *("def f(x: int) -> str:", "async def g() -> str:", "def año(x):", "    '''F.'''", "    return 'x'"),
        *(
            "    yield 1",
            "__all__ = ['f']",
            "__all__ += ['g']",
            "x = 1",
            "x = (",
            "class A:",
            "    def f(self): ...",
        ),
        *(
            "@staticmethod",
            "f = g",
            "del f",
            "1 / 0",
            "import math",
            "from math import *",
            "g = lambda: 1",
            "\0",
            "ñ",
        ),
        *(
            "raise SystemExit",
            "    pass",
            "try:",
            "finally:",
            "f.__doc__ = 3",
            "f.__name__ = 'f f'",
            "g.__module__ = 3",
        ),
    ]
)


@settings(max_examples=up_to(150), deadline=None)
@given(st.one_of(st.lists(LINES, max_size=8).map("\n".join).map(str.encode), st.binary(max_size=40)))
def test_any_file_gives_tools_or_one_sentence(source: bytes) -> None:
    with tempfile.TemporaryDirectory(dir=QUICK) as made:
        file = written(Path(made), source)
        try:
            tools: tuple[Any, ...] = load_tools(file)
        except ConfigError:
            hint(file)
        else:
            schemas = [tool_schema(tool) for tool in tools]
            assert schemas and len({schema["name"] for schema in schemas}) == len(schemas)
            assert all(schema["description"] for schema in schemas)
