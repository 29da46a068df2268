"""Importing the modules of packages with less work for each than `importlib` takes.

Importing the SDK is importing 3,152 modules. For each of them the finder of the standard library asks for the
time of its folder, tries every kind of file in turn, and derives the name of the compiled file twice. Here a
folder is listed once. Which file is a module's, and whether its compiled file is up to date (PEP 552), is
decided by the same rules; what is not a plain Python file is left to the standard library.
"""
# See docs/adr/0023-import-packages-quickly.md

from __future__ import annotations

import marshal
import os
import struct
import sys
from collections.abc import Sequence
from importlib.machinery import EXTENSION_SUFFIXES, BuiltinImporter, ModuleSpec, SourceFileLoader
from importlib.util import MAGIC_NUMBER, cache_from_source, spec_from_file_location
from types import CodeType, ModuleType

# Magic number, flags (0: checked by time), time and size of the source, each of four bytes (PEP 552).
_HEADER = struct.Struct("<4sLLL")
_FOUR_BYTES = 0xFFFFFFFF


def import_quickly() -> None:
    """Import modules of packages quickly from now on, throughout the process.

    Only a program may use this, not a library. Finders that others have installed keep their precedence.
    """
    finders = sys.meta_path
    if BuiltinImporter in finders and not any(isinstance(finder, _Finder) for finder in finders):
        finders.insert(finders.index(BuiltinImporter), _Finder())


class _Finder:
    """Finds modules in packages that have one folder; a `MetaPathFinder`."""

    def __init__(self) -> None:
        self._folders: dict[str, _Folder] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a module; None leaves it to the next finder."""
        if type(path) is not list or len(path) != 1:
            return None
        package, _, module = name.rpartition(".")
        folder = self._folders.get(path[0])
        try:
            if folder is None:
                if not _is_ordinary(sys.modules.get(package)):
                    return None
                folder = self._list(path[0])
            if module not in folder.names:
                return folder.spec(name, module)
            within = f"{path[0]}{os.sep}{module}"
            return self._list(within).spec(name, "__init__", [within])
        except (OSError, NotImplementedError):  # an archive, say; an interpreter without compiled files
            return None

    def invalidate_caches(self) -> None:
        """Forget the lists of folders, for `importlib.invalidate_caches`."""
        self._folders.clear()

    def _list(self, path: str) -> _Folder:
        folder = self._folders[path] = _Folder(path)
        return folder


def _is_ordinary(package: ModuleType | None) -> bool:
    """Whether a package was itself loaded from a plain file: its modules have no loader of their own kind."""
    spec = getattr(package, "__spec__", None)
    return spec is not None and type(spec.loader) in (SourceFileLoader, _Loader)


class _Folder:
    """The folder of a package: the names in it, and where its compiled files are.

    Raises:
        OSError: it cannot be listed.
        NotImplementedError: the interpreter keeps no compiled files.
    """

    def __init__(self, path: str) -> None:
        self.names = frozenset(os.listdir(path))  # noqa: PTH208 -- a Path for each costs more than is won
        self._path = path + os.sep
        self._compiled, self._ending = cache_from_source(f"{self._path}\0.py").split("\0")
        # Python prefers a library to a source of the same name.
        libraries = (name for name in self.names if name.endswith(tuple(EXTENSION_SUFFIXES)))
        self._not_sources = {name.partition(".")[0] for name in libraries}

    def spec(self, name: str, file: str, within: list[str] | None = None) -> ModuleSpec | None:
        """Return the spec of the module in a file; None if it is not a plain one."""
        if f"{file}.py" not in self.names or file in self._not_sources:
            return None
        source, compiled = f"{self._path}{file}.py", f"{self._compiled}{file}{self._ending}"
        loader = _Loader(name, source, compiled)
        spec = spec_from_file_location(name, source, loader=loader, submodule_search_locations=within)
        if spec is not None:
            spec.cached = compiled
        return spec


class _Loader(SourceFileLoader):
    """Loads a module from its compiled file if that is up to date, and otherwise as its base class does."""

    def __init__(self, name: str, source: str, compiled: str) -> None:
        super().__init__(name, source)
        self._compiled = compiled

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the code of the module.

        Raises:
            ImportError: its file has gone.
        """
        try:
            compiled = _read(self._compiled)
            source = os.stat(self.path)  # noqa: PTH116
        except OSError:
            return super().get_code(fullname)
        written, size = int(source.st_mtime) & _FOUR_BYTES, source.st_size & _FOUR_BYTES
        if compiled[: _HEADER.size] == _HEADER.pack(MAGIC_NUMBER, 0, written, size):
            code = marshal.loads(memoryview(compiled)[_HEADER.size :])
            if isinstance(code, CodeType) and code.co_filename == self.path:
                return code
        return super().get_code(fullname)


def _read(file: str) -> bytes:
    """Read a whole file with four calls of the system; a file object takes twice as many."""
    handle = os.open(file, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        return os.read(handle, os.fstat(handle).st_size)
    finally:
        os.close(handle)
