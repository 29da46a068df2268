"""Quick imports find what the standard library finds, also where compiled files are stale."""

from __future__ import annotations

import importlib
import importlib.util
import os
import py_compile
import sys
from collections.abc import Iterator
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

from stream_core.chat.process.quick_imports import import_quickly

NAME = "package_of_quick_imports"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a package, while modules are imported quickly."""
    folder = tmp_path / NAME
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    import_quickly()
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
        del sys.modules[name]


def load(name: str) -> ModuleType:
    importlib.invalidate_caches()
    sys.modules.pop(f"{NAME}.{name}", None)
    return importlib.import_module(f"{NAME}.{name}")


def quick(module: ModuleType) -> bool:
    """Whether it was found quickly."""
    return type(module.__loader__) is not SourceFileLoader


def compiled(file: Path) -> Path:
    return Path(importlib.util.cache_from_source(str(file)))


def compile_as(file: Path, text: str, mode: py_compile.PycInvalidationMode) -> None:
    """Write a compiled file of another text than that of `file`, as if of the same time and size."""
    written, source = file.stat(), file.read_text()
    file.write_text(text.ljust(len(source)))
    os.utime(file, ns=(written.st_atime_ns, written.st_mtime_ns))
    py_compile.compile(str(file), doraise=True, invalidation_mode=mode)
    file.write_text(source)
    os.utime(file, ns=(written.st_atime_ns, written.st_mtime_ns))


BY_TIME = py_compile.PycInvalidationMode.TIMESTAMP


def test_a_module_is_what_the_standard_library_makes_of_it(package: Path) -> None:
    (package / "inner").mkdir()
    (package / "inner" / "__init__.py").write_text("from . import deep")
    (package / "inner" / "deep.py").write_text("def f():\n    return 1 / 0\n")
    for name in ("inner", "inner.deep"):
        module = load(name)
        assert quick(module)
        file = package.joinpath(*name.split(".")).with_suffix(".py")
        standard = PathFinder.find_spec(module.__name__, [str(file.parent)])
        assert standard is not None and module.__spec__ is not None
        for attribute in ("name", "origin", "cached", "has_location", "parent", "submodule_search_locations"):
            assert getattr(module.__spec__, attribute) == getattr(standard, attribute), attribute
        assert module.__file__ == standard.origin
    assert importlib.util.find_spec(f"{NAME}.absent") is None
    with pytest.raises(ModuleNotFoundError) as missing:
        load("absent")
    assert missing.value.name == f"{NAME}.absent"


def test_a_compiled_file_is_used_by_the_rule_of_its_header(package: Path) -> None:
    file = package / "module.py"
    file.write_text("which = 'source'      ")
    assert load("module").which == "source" and compiled(file).exists()
    compile_as(file, "which = 'compiled'", BY_TIME)
    assert load("module").which == "compiled"  # time and size are the source's: it is not read
    file.write_text("which = 'longer source, another size'")
    assert load("module").which == "longer source, another size"
    compile_as(file, "which = 'compiled'", BY_TIME)
    os.utime(file, (1, 1))
    assert load("module").which == "longer source, another size"
    compile_as(file, "which = 'compiled'", py_compile.PycInvalidationMode.CHECKED_HASH)
    assert load("module").which == "longer source, another size"
    compile_as(file, "which = 'compiled'", py_compile.PycInvalidationMode.UNCHECKED_HASH)
    assert load("module").which == "compiled"
    compiled(file).write_bytes(b"")
    assert load("module").which == "longer source, another size"


def test_a_compiled_file_that_was_moved_tells_the_place_where_it_is(package: Path) -> None:
    file = package / "module.py"
    file.write_text("def f(): pass")
    py_compile.compile(str(file), dfile="/elsewhere/module.py", doraise=True, invalidation_mode=BY_TIME)
    assert load("module").f.__code__.co_filename == str(file)


@pytest.mark.parametrize("suffix", EXTENSION_SUFFIXES)
def test_a_library_goes_before_a_source_of_its_name(package: Path, suffix: str) -> None:
    (package / "module.py").write_text("")
    (package / f"module{suffix}").write_bytes(b"no library")
    with pytest.raises(ImportError):
        load("module")


def test_what_is_no_plain_module_is_left_to_the_standard_library(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (package / "folder_alone").mkdir()
    (package / "folder_alone" / "within.py").write_text("")
    assert getattr(load("folder_alone"), "__file__", None) is None
    assert not quick(load("folder_alone.within"))
    (package / "module.py").write_text("")
    package_module = sys.modules[NAME]
    monkeypatch.setattr(package_module, "__path__", [*package_module.__path__, str(package.parent)])
    assert not quick(load("module"))  # a package in two places


def test_who_was_asked_before_is_asked_before(package: Path) -> None:
    class Other:
        @staticmethod
        def find_spec(name: str, path: object, target: object = None) -> ModuleSpec | None:
            return (
                importlib.util.spec_from_loader(name, loader=None, is_package=True)
                if name.endswith(".replaced")
                else None
            )

    (package / "replaced.py").write_text("")
    sys.meta_path.insert(0, Other)
    before = [*sys.meta_path]
    import_quickly()
    assert sys.meta_path == before  # once is enough
    assert getattr(load("replaced"), "__file__", None) is None


def test_a_source_that_has_gone_is_missed_as_ever(package: Path) -> None:
    (package / "module.py").write_text("")
    load("module")
    (package / "module.py").unlink()
    with pytest.raises(ModuleNotFoundError):
        load("module")
