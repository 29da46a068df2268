"""The package as it is imported: cheap, complete and documented."""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import json
import re
import subprocess
import sys
import types
from pathlib import Path
from typing import Any, get_args

import pytest
from support.paths import ROOT

import stream_core
from stream_core.__main__ import main as stream_core_main
from stream_core.config.program import COMMANDS

HEAVY = (
    "anthropic",
    "rich",
    "prompt_toolkit",
    "httpx2",
    "httpcore2",
    "h11",
    "dotenv",
    "platformdirs",
    "asyncio",
)


def loaded_by(statement: str) -> set[str]:
    """The modules that a fresh interpreter has because of this statement."""
    program = (
        "import sys\nbefore = set(sys.modules)\n"
        f"{statement}\n"
        "import json\nprint(json.dumps(sorted(set(sys.modules) - before)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stderr == ""
    return set(json.loads(run.stdout))


# -- what an import costs -----------------------------------------------------------------------


def test_importing_the_package_loads_nothing_of_it_and_nothing_heavy() -> None:
    loaded = loaded_by("import stream_core")
    assert not loaded & set(HEAVY)
    assert {name for name in loaded if name.startswith("stream_core")} == {
        "stream_core",
        "stream_core._version",
    }


def test_looking_around_in_the_package_loads_nothing() -> None:
    assert not loaded_by("import stream_core; dir(stream_core); stream_core.__all__") & set(HEAVY)


@pytest.mark.parametrize(
    "name", ["Reply", "Conversation", "Text", "Settings", "explain", "Sanitizer", "SessionStats"]
)
def test_the_pure_names_load_nothing_heavy(name: str) -> None:
    assert not loaded_by(f"from stream_core import {name}") & set(HEAVY)


def test_the_prompt_does_not_wait_for_what_a_reply_needs() -> None:
    loaded = loaded_by("import stream_core.chat.app, stream_core.config.settings, stream_core.chat.repl")
    later = ("anthropic", "httpx2", "sqlite3", "rich.live", "pygments.lexers", "stream_core.practice")
    rare = (
        "difflib",
        "dotenv",
        "platform",
        "typing_extensions",
    )  # for mistakes, files and logs few people have
    ours = (
        "core.deltas",
        "core.reply",
        "core.wire",
        "terminal.markdown",
        "terminal.reply",
        "texts.errors_es",
    )
    commands = "stream_core.chat.commands."
    early = (*later, *rare, *(f"stream_core.{name}" for name in ours), commands)
    assert [name for name in loaded if name.startswith(early)] == []


def test_a_message_does_not_load_what_commands_work_with() -> None:
    """Each message is looked up among the commands before it is sent."""
    loaded = loaded_by(
        "import stream_core.config.settings\nfrom stream_core.chat.commands import find\nfind('hola')"
    )
    later = ("anthropic", "httpx2", "sqlite3", "html", "rich.table", "rich.live", "pygments.lexers")
    ours = (
        "practice",
        "terminal.pages.lists",
        "terminal.markdown",
        "terminal.reply",
        "chat.saved.export_html",
    )
    early = (*later, *(f"stream_core.{name}" for name in ours))
    assert "stream_core.chat.commands.exportar" in loaded
    assert [name for name in loaded if name.startswith(early)] == []


def test_the_first_request_does_not_wait_for_what_draws_its_reply() -> None:
    """The view is there before the request is sent; what reads and lays out Markdown its thread loads."""
    parts = ("config.settings", "terminal.screen", "terminal.pages.waiting", "terminal.reply.view")
    loaded = loaded_by("\n".join(f"import stream_core.{part}" for part in parts))
    assert "stream_core.terminal.reply.delta_queue" in loaded and not loaded & {"rich.live", "rich.table"}
    assert {name for name in loaded if name.startswith("stream_core.terminal.markdown.")} <= {
        "stream_core.terminal.markdown.parts",
        "stream_core.terminal.markdown.wrapping",
    }


@pytest.mark.parametrize("flag", ["--help", "--version"])
def test_the_help_loads_the_table_of_flags_and_nothing_that_is_set_up_for_a_chat(flag: str) -> None:
    loaded = loaded_by(
        "import contextlib, io, pathlib\n"
        f"sys.argv = ['streaming_chatbot.py', {flag!r}]\n"
        "from stream_core.chat.app import main\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        "    main(pathlib.Path())"
    )
    assert not loaded & {*HEAVY, "decimal", "sqlite3", "stream_core.config.settings"}
    assert flag == "--version" or not loaded & {"shutil", "socket", "tempfile", "datetime", "logging"}
    packages = {name.split(".")[1] for name in loaded if name.startswith("stream_core.")}
    assert packages == {"_version", "chat", "config", "core", "models"}
    assert {name for name in loaded if name.startswith(("stream_core.chat.", "stream_core.models."))} == {
        "stream_core.chat.app",
        "stream_core.chat.process",
        "stream_core.chat.process.collector",
        "stream_core.models.lines",
        "stream_core.models.thinking_choice",
    }


@pytest.mark.parametrize("name", ["stream_reply", "astream_reply", "RetryPolicy"])
def test_the_shells_do_not_load_the_sdk(name: str) -> None:
    assert not loaded_by(f"from stream_core import {name}") & {
        "anthropic",
        "httpx2",
        "rich",
        "prompt_toolkit",
    }


@pytest.mark.parametrize(
    "module",
    ["config.settings", "texts.errors_es", "core.stats", "models.cost", "models.catalogue", "core.sanitize"],
)
def test_the_lower_floors_load_the_standard_library_only(module: str) -> None:
    tops = {name.partition(".")[0] for name in loaded_by(f"import stream_core.{module}")}
    assert tops <= set(sys.stdlib_module_names) | {"stream_core", "typing_extensions"}


# -- the public names ---------------------------------------------------------------------------


def test_the_names_are_sorted_and_unique() -> None:
    assert stream_core.__all__ == sorted(set(stream_core.__all__))


@pytest.mark.parametrize("name", stream_core.__all__)
def test_every_name_is_where_it_says(name: str) -> None:
    value = getattr(stream_core, name)
    home = importlib.import_module(f"stream_core.{stream_core._HOME[name]}")
    assert getattr(home, name) is value
    if isinstance(value, (type, types.FunctionType)):
        assert value.__name__ == name
        assert value.__module__ == home.__name__


def test_every_name_has_its_home_and_no_other_has() -> None:
    assert sorted(stream_core._HOME) == stream_core.__all__
    assert set(stream_core.__all__) <= set(dir(stream_core))


def documented(value: Any) -> bool:
    doc = inspect.getdoc(value)
    return bool(doc) and not str(doc).startswith(f"{getattr(value, '__name__', '')}(")  # dataclass's own


@pytest.mark.parametrize("name", stream_core.__all__)
def test_every_name_has_a_docstring(name: str) -> None:
    value = getattr(stream_core, name)
    if name in ("Delta", "Outcome"):  # an alias: its docstring stands below it in the source
        assert get_args(value)
        source = inspect.getsource(importlib.import_module(f"stream_core.{stream_core._HOME[name]}"))
        after = source.split(f"\n{name}: TypeAlias = ")[1] + "\n\n"
        assert '\n"""' in after[: after.index("\n\n")]
        return
    assert documented(value)
    if isinstance(value, type):
        for member, thing in vars(value).items():
            if not member.startswith("_") and isinstance(thing, (types.FunctionType, property, classmethod)):
                assert documented(getattr(value, member)), f"{name}.{member}"


def test_a_star_import_gives_the_public_names() -> None:
    there: dict[str, object] = {}
    exec("from stream_core import *", there)
    assert set(stream_core.__all__) <= set(there)


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="module 'stream_core' has no attribute 'nada'"):
        _ = stream_core.nada
    assert not hasattr(stream_core, "anthropic")


def test_the_version_is_that_of_the_distribution() -> None:
    assert stream_core.__version__ == importlib.metadata.version("streaming-chatbot")


def test_the_installed_commands_exist_and_are_known_by_name() -> None:
    mine = importlib.metadata.distribution("streaming-chatbot").entry_points
    found = {entry.name: entry.load() for entry in mine if entry.group == "console_scripts"}
    assert set(found) == {*COMMANDS, "streaming-examples"}
    assert all(found[name] is stream_core_main for name in COMMANDS)
    assert not inspect.signature(found["streaming-examples"]).bind().arguments  # called without any


def test_every_file_of_the_package_is_packed() -> None:
    """What is no module has to match a pattern of `package-data`; `.ci/package` compares the wheel itself."""
    listed = subprocess.run(
        ["git", "ls-files", "stream_core"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    data = [Path(name) for name in listed.stdout.split("\n") if name and not name.endswith(".py")]
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    table = text.partition("[tool.setuptools.package-data]\n")[2].partition("\n[")[0]
    patterns = re.findall(r'"([^"]+)"', table)
    missing = [name for name in data if not any(name.match(pattern) for pattern in patterns)]
    assert patterns and not missing
