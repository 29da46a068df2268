"""The documents cannot lie: their commands, fences and variables are compared with the code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import warnings
from pathlib import Path

import anthropic
import pytest
from support import api_page, starting
from support.paths import ROOT

from stream_core.config import user_models
from stream_core.config.options.appearance import OPTIONS, Look
from stream_core.config.options.limits import LIMITS, Limits
from stream_core.config.options.thinking_options import THINKING_OPTIONS
from stream_core.config.preferences import Preferences
from stream_core.models.catalogue import BUILT_IN
from stream_core.tools import must_ask
from stream_core.tools.loader import load_tools

SOURCES = [*ROOT.glob("*.py"), *(ROOT / "stream_core").rglob("*.py")]


def python_fences(name: str) -> list[str]:
    text = (ROOT / name).read_text("utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("code", [*python_fences("README.md"), *python_fences("docs/manual.md")])
def test_every_python_fence_of_readme_and_manual_runs(code: str, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", SyntaxWarning)
        compile(code, "fence", "exec")
    done = starting.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    if "@asks_first" in code:  # a file of tools: it prints nothing, and is to be loaded as one
        file = tmp_path / "mis_herramientas.py"
        file.write_text(code)
        file.chmod(0o600)
        assert [must_ask(tool) for tool in load_tools(file)] == [False, True]
    else:
        assert "tokens en" in done.stdout


def test_the_program_of_the_readme_tells_a_failure() -> None:
    (code,) = (code for code in python_fences("README.md") if "stream_reply(" in code)
    wrong = code.replace("claude-sonnet-5-5", "claude-nope")
    done = starting.run(
        [sys.executable, "-c", wrong], capture_output=True, text=True, timeout=60, check=False
    )
    assert wrong != code and done.returncode == 1
    assert "claude-nope" in done.stderr and "Traceback" not in done.stderr


def test_the_readme_holds_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    run = "python3 -m venv .venv && .venv/bin/pip install -q -e . && .venv/bin/python streaming_chatbot.py"
    test = 'python3 -m venv .venv && .venv/bin/pip install -q -e ".[dev]" && .venv/bin/pytest'
    assert f"\n{run}\n" in readme and f"\n{test}\n" in readme
    assert "`uv run streaming_chatbot.py`" in readme and "`uv run pytest`" in readme


def test_the_example_of_a_dotenv_explains_every_variable_that_is_read() -> None:
    read = set()
    for source in SOURCES:
        read |= set(re.findall(r"\b(?:ANTHROPIC|STREAM_CORE)_[A-Z_]+\b", source.read_text("utf-8")))
    example = (ROOT / ".env.example").read_text("utf-8")
    listed = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))
    assert read <= listed
    pages = [(ROOT / name).read_text("utf-8") for name in ("docs/manual.md", "docs/referencia.md")]
    rows = set(
        re.findall(
            r"`((?:ANTHROPIC|STREAM_CORE)_[A-Z_]+)`", "".join(re.findall(r"^\|.*", "\n".join(pages), re.M))
        )
    )
    assert rows == {name for name in listed if name.startswith(("ANTHROPIC_", "STREAM_CORE_"))} & (
        read | rows
    )
    sdk = Path(anthropic.__file__).parent
    of_the_sdk = "\n".join(
        file.read_text("utf-8") for file in sdk.glob("**/*.py") if "types" not in file.parts
    )
    for name in listed - read:  # what the pieces read: the SDK, its transport, rich
        assert name in of_the_sdk or name in {
            "HTTPS_PROXY",
            "ALL_PROXY",
            "NO_PROXY",
            "SSL_CERT_FILE",
            "NO_COLOR",
        }
    for block in example.split("\n\n"):
        assert block.startswith("# "), "each variable is explained above it"


def test_the_example_of_a_dotenv_shows_the_defaults() -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    shown = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", example, re.MULTILINE))
    for options, defaults in (
        (OPTIONS, Look()),
        (LIMITS, Limits()),
        (THINKING_OPTIONS, Preferences().thinking),
    ):
        for option in options:
            wanted = getattr(defaults, option.field)
            assert option.parse(shown[option.variable]) == wanted, option.variable


def test_the_example_of_models_is_understood_and_shows_every_key(tmp_path: Path) -> None:
    manual = (ROOT / "docs/manual.md").read_text("utf-8")
    (example,) = re.findall(r"^```json\n(.*?)^```", manual, re.DOTALL | re.M)
    (tmp_path / user_models.NAME).write_text(example, "utf-8")
    catalogue, notes = user_models.load(tmp_path, BUILT_IN)
    assert notes == [] and catalogue.models.keys() - BUILT_IN.models.keys() == {"claude-x"}
    assert user_models.KEYS == json.loads(example)["claude-x"].keys()


def test_a_retired_model_is_named_only_where_it_is_refused() -> None:
    for source in [*SOURCES, ROOT / "README.md", ROOT / ".env.example"]:
        if source.name not in ("models.py", "catalogue.py"):
            assert "claude-sonnet-4" not in source.read_text("utf-8"), source


def test_the_sample_prompts_have_prepared_answers() -> None:
    from stream_core.practice.scenarios import choose, load
    from stream_core.texts.errors_es import SAMPLE_PROMPTS

    for prompt in SAMPLE_PROMPTS:
        body = {"messages": [{"role": "user", "content": prompt}]}
        chosen = choose(load("chat"), body)
        assert chosen is not None and chosen.name != "general"


def test_a_missing_package_is_told_in_one_sentence(tmp_path: Path) -> None:
    """Without the packages: an interpreter that sees the standard library only."""
    done = subprocess.run(
        [sys.executable, "-S", str(ROOT / "streaming_chatbot.py"), "--practice", "hola"],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("Falta el paquete «") and "pip install -e ." in done.stderr
    assert done.stderr.count("\n") == 1 and done.stdout == ""


def test_the_script_is_a_composition_root() -> None:
    source = (ROOT / "streaming_chatbot.py").read_text("utf-8")
    assert len(source.splitlines()) < 60
    imported = set(re.findall(r"^\s*(?:from|import) (\w+)", source, re.MULTILINE))
    assert imported == {"sys", "pathlib", "stream_core"}


def test_the_chat_reaches_its_prompt_without_the_sdk() -> None:
    code = (
        "import sys, stream_core.chat.repl, stream_core.terminal.reply.view\n"
        "heavy = {'anthropic', 'httpx2', 'pydantic', 'markdown_it', 'h11', 'anyio', 'sqlite3'}\n"
        "heavy &= set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_examples_of_the_style_are_sentences_of_this_project() -> None:
    """Of each pair the second stands in the code or in a decision record, and the first no longer does."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    pairs = re.findall(r"^\| (.+) \| (.+) \|$", text.partition("| before | after |")[2], re.MULTILINE)
    files = [*SOURCES, *(ROOT / "docs/adr").glob("*.md")]
    everything = " ".join(" ".join(file.read_text("utf-8") for file in files).split())
    assert len(pairs) == 10
    for before, after in pairs:
        assert after in everything and before not in everything, (before, after)


def test_every_command_of_contributing_exists() -> None:
    text, makefile = (ROOT / "CONTRIBUTING.md").read_text("utf-8"), (ROOT / "Makefile").read_text("utf-8")
    named = re.findall(r"^make (\w+)", text, re.MULTILINE)
    assert named and all(re.search(rf"^{name}:", makefile, re.MULTILINE) for name in named)


def test_the_reference_of_the_api_is_what_is_made() -> None:
    assert (ROOT / "docs/api.md").read_text("utf-8") == api_page.page(), "write it anew: make api"


def test_every_promise_of_security_names_tests_that_exist() -> None:
    text = (ROOT / "docs/security.md").read_text("utf-8")
    rows = re.findall(r"^\| .+ \| (.*`.*) \|$", text, re.MULTILINE)
    assert len(rows) > 10
    for row in rows:
        for name in re.findall(r"`((?:tests|benchmarks)/[^`]+)`", row):
            assert (ROOT / name).is_file(), name
