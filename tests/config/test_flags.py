"""The command line: what is refused, and its help."""

from __future__ import annotations

import importlib.metadata
import platform
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.day import TODAY
from support.places import UNSAFE, Place

import stream_core
from stream_core.config import spanish_argparse
from stream_core.config.settings import Settings
from stream_core.core.errors import ConfigError
from stream_core.models.lines import DEFAULT_MODEL


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--nada"], "No conozco la opción «--nada»."),
        (["-x"], "No conozco la opción «-x»."),
        (["--mod", "x"], "No conozco la opción «--mod"),  # no abbreviations
        (["--nada: rara"], None),  # with a space it is a question
        (["--nada:rara"], "No conozco la opción «--nada:rara»."),
        (["--\x1b[31mnada\n\u202e"], "No conozco la opción «--nada»."),
        (["--" + "x" * 10_000], "No conozco la opción «--xxx"),
        (["--model"], "A -m/--model le falta su valor."),
        (["-m"], "A -m/--model le falta su valor."),
        (["--system"], "A -s/--system le falta su valor."),
        (["--max-tokens"], "A --max-tokens le falta su valor."),
        (["-r"], "A -r/--resume le falta su valor: el id de una conversación, o cómo empieza"),
        (["--model", "--practice"], "A -m/--model le falta su valor."),
        (["--theme"], "A --theme le falta su valor."),
        (["--blink=sí"], "--blink/--no-blink no lleva ningún valor."),
        (["--practice=sí"], "--practice/--no-practice no lleva ningún valor."),
        (["--version=1"], "--version no lleva ningún valor."),
        (["--max-tokens", "muchos"], "--max-tokens: «muchos» no es un número entero mayor que cero."),
        (["--max-tokens", "0"], "--max-tokens: «0» no es"),
        (["--max-tokens", "-5"], "--max-tokens: «-5» no es"),
        (["--max-tokens", "1.5"], "--max-tokens: «1.5» no es"),
        (["--max-tokens", ""], "--max-tokens: «» no es"),
        (["--max-tokens", "9" * 5000], "--max-tokens: «999"),
        (["--max-tokens", "\x1b[31m7\n"], "--max-tokens: «7» no es"),
        (["--max-tokens", "%s"], "--max-tokens: «%s» no es"),
    ],
)
def test_a_wrong_flag_gets_one_spanish_line(place: Place, argv: list[str], told: str | None) -> None:
    if told is None:
        assert place.load(*argv).invocation.question == argv[0]
        return
    hint = place.refused(*argv)
    assert hint.startswith(told)
    assert hint.endswith(" Mira «python streaming_chatbot.py --help».")


def test_a_message_of_argparse_that_is_not_known_is_still_safe() -> None:
    assert spanish_argparse._in_spanish("argument -m/--model: something new") == "-m/--model: something new"
    assert spanish_argparse._in_spanish("something\x1b[31m\nnew") == "something new"


@given(
    st.lists(
        st.sampled_from(
            [
                "-m",
                "-s",
                "--max-tokens",
                "--practice",
                "--",
                "-",
                "-z",
                "7",
                "a",
                "\udcff",
                "\x1b[1m",
                "%",
                "",
            ]
        ),
        max_size=6,
    )
)
def test_any_flags_are_taken_or_refused_in_one_safe_line(argv: list[str]) -> None:
    environ = {"STREAM_CORE_CONFIG_DIR": "/nada/de/nada", "STREAM_CORE_DATA_DIR": "/nada/de/nada"}
    try:
        settings = Settings.load(argv, environ, today=TODAY)
    except ConfigError as error:
        assert not UNSAFE.search(error.hint)
        assert len(error.hint) < 300
    else:
        assert settings.max_tokens > 0
        assert "\udcff" not in f"{settings.invocation.question}{settings.system}"


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_is_in_spanish(place: Place, flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        place.load("--practice", flag, "--nada")
    out, err = capsys.readouterr()
    assert (left.value.code, err) == (0, "")
    assert out.startswith("uso: python streaming_chatbot.py [opciones] [pregunta]\n")
    for word in (
        "--model",
        "--system",
        "--max-tokens",
        "--practice",
        "--theme",
        "--no-plain",
        "auto, oscuro, claro o contraste",
        "--version",
        "--help",
        "modo práctica",
        DEFAULT_MODEL,
        "8,192",
    ):
        assert word in out
    assert not re.search(r"\b(usage|positional|arguments|options|show|exit|default|the)\b", out)


def test_the_version_is_printed(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        place.load("--version")
    assert left.value.code == 0
    out, err = capsys.readouterr()
    python, sdk = platform.python_version(), importlib.metadata.version("anthropic")
    assert (out, err) == (
        f"streaming-chatbot {stream_core.__version__} (Python {python}, anthropic {sdk})\n",
        "",
    )


@pytest.mark.parametrize(
    ("called", "shown"),
    [
        ("streaming_chatbot.py", "python streaming_chatbot.py"),
        ("/a/b/streaming_chatbot.py", "python streaming_chatbot.py"),
        ("/home/ana/.local/bin/habla", "habla"),
        ("streaming-chatbot", "streaming-chatbot"),
        ("habla.exe", "habla"),
        ("/site-packages/stream_core/__main__.py", "python -m stream_core"),
        ("/site-packages/other/__main__.py", "python streaming_chatbot.py"),
        ("", "python streaming_chatbot.py"),
    ],
)
def test_sentences_name_the_program_as_it_was_called(
    place: Place, monkeypatch: pytest.MonkeyPatch, called: str, shown: str
) -> None:
    monkeypatch.setattr("sys.argv", [called])
    assert place.refused("--nada").endswith(f" Mira «{shown} --help».")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_of_a_shell_knows_flags_and_words(
    place: Place, shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        place.load("--completion", shell)
    out, err = capsys.readouterr()
    assert (left.value.code, err) == (0, "")
    for word in ("streaming-chatbot", "habla", "theme", "contraste", "no-plain", "opus", "muyalto"):
        assert word in out, word
    assert "muy alto" not in re.sub(r"\[.*\]|'.*'", "", out)


def test_the_completion_asks_the_program_for_the_roles(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAM_CORE_CONFIG_DIR", str(place.config))
    (place.config / "roles").mkdir()
    (place.config / "roles" / "poeta.md").write_text("En verso")
    with pytest.raises(SystemExit):
        place.load("--completion", "roles")
    assert capsys.readouterr() == ("poeta\n", "")


def test_a_shell_that_is_not_known_is_named(place: Place) -> None:
    assert place.refused("--completion", "tcsh") == (
        "--completion: «tcsh» no sirve. Puede ser bash, zsh o fish."
    )


def test_surrogates_in_the_arguments_are_repaired(place: Place) -> None:
    told = place.load("-s", "a\udcffb", "\ud83d\ude00", "\udce9")
    assert (told.system, told.invocation.question) == ("a\ufffdb", "\U0001f600 \ufffd")
