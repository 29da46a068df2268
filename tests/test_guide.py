"""The guide cannot lie: its fences run, its lists are those of the code, its quotes are the program's."""

from __future__ import annotations

import codeop
import re
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import AbstractContextManager
from io import StringIO
from pathlib import Path
from types import CodeType
from typing import Any

import anthropic
import pytest
from support.paths import ROOT

import stream_core
from stream_core import close_client, explain, stream_reply
from stream_core.chat.commands import all_commands
from stream_core.chat.commands.apariencia import RESET
from stream_core.config.options.appearance import OPTIONS, THEMES
from stream_core.config.options.effects import EFFECTS
from stream_core.config.options.limits import LIMITS
from stream_core.config.options.option import Option
from stream_core.config.options.thinking_options import THINKING_OPTIONS
from stream_core.core import errors
from stream_core.core.deltas import Finished, Opened, Text, Usage
from stream_core.core.errors import UsageError
from stream_core.core.reply import Reply
from stream_core.core.stats import FrameStats, ReplyStats, SessionStats
from stream_core.lessons import load as load_lessons
from stream_core.models.cost import Spending
from stream_core.practice.request import Body, question
from stream_core.practice.scenarios import Scenario, load
from stream_core.practice.script import Hang, Head, Script, Send, block_start, message_start, text_delta
from stream_core.practice.server import practice_server
from stream_core.streaming import event_loop as bridge
from stream_core.terminal.figures import OUTCOMES, frame_rows, session_rows
from stream_core.terminal.reply.panel import TITLE
from stream_core.terminal.reply.status import SPINNER
from stream_core.terminal.reply.thinking_summary import Thought, heading
from stream_core.terminal.screen import Screen
from stream_core.terminal.stats_table import Counts
from stream_core.terminal.stats_table import rows as stats_rows
from stream_core.texts.errors_es import SAMPLE_PROMPTS

GUIDE = (ROOT / "STREAMING_GUIDE.md").read_text("utf-8")
FENCES = [
    (GUIDE.count("\n", 0, found.start(1)) + 1, found.group(1))
    for found in re.finditer(r"^```python\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
]
PROSE = re.sub(r"^ *```.*?^ *```", "", GUIDE, flags=re.DOTALL | re.MULTILINE)
FLAT = " ".join(PROSE.split())

LONG = "Cuéntame una historia muy larga"
"""What the fences that cancel ask: here the answer never ends, so that the cancel always comes in time."""


def endless(body: Body) -> Script:
    begun = message_start(body["model"], 5) + block_start() + text_delta("Había una vez")
    return [Head(), Send(begun), Hang()]


def section(title: str) -> str:
    """A section of the guide without its title, as far as the next of the same level."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", GUIDE, re.DOTALL | re.MULTILINE)
    assert found is not None, title
    return found.group(1)


def marked(name: str, text: str = GUIDE) -> list[str]:
    """The lines between the markers of a part that is generated."""
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", text, re.DOTALL)
    assert found is not None, name
    return found.group(1).splitlines()


def typed(line: int, code: str) -> Iterator[CodeType]:
    """Its statements as the prompt of `python` makes them of pasted lines: each as soon as it is complete.

    A block is complete at a blank line and not before: none may stand inside it, and one has to end it.
    """
    pending: list[str] = []
    for number, text in enumerate([*code.splitlines(), ""], line):
        pending.append(text)
        first = number - len(pending) + 1
        try:
            statement = codeop.compile_command("\n".join(pending), f"the guide from line {first}", "single")
        except SyntaxError as error:
            pytest.fail(f"line {number} cannot be pasted into a prompt: {error.msg}: {text!r}")
        if statement is not None:
            yield statement
            pending.clear()
    assert not pending, f"the fence of line {line} does not end: {pending}"


def run_fences(names: dict[str, Any], fences: list[tuple[int, str]] = FENCES) -> None:
    """Run all fences in one namespace; a failure names the number and line of its fence."""
    for number, (line, code) in enumerate(fences, 1):
        for statement in typed(line, code):
            try:
                exec(statement, names)
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    raise
                told = "".join(traceback.format_exception(error))
                pytest.fail(f"fence {number}, line {line}:\n{told}")


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The namespace of the fences. The practice server they open does not make them wait."""
    scenarios = [Scenario("endless", "", lambda body: question(body) == LONG, endless), *load()]

    def at_once(**options: Any) -> AbstractContextManager[str]:
        return practice_server(**{"scenarios": scenarios, "pace": 0.0, **options})

    monkeypatch.setattr(stream_core, "practice_server", at_once)
    answers = iter(["Hola"])

    def typed_answer(prompt: str) -> str:
        try:
            return next(answers)
        except StopIteration:
            raise EOFError from None

    names: dict[str, Any] = {"__name__": "__main__", "input": typed_answer}
    yield names
    for client in ("client", "faulty", "closed_door", "your_client"):
        if client in names:
            bridge.submit(names[client].close()).result(timeout=10)
    if "resources" in names:
        names["resources"].close()


def test_every_python_fence_runs_in_order(
    names: dict[str, Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    echoed: list[object] = []
    monkeypatch.setattr(sys, "displayhook", echoed.append)
    run_fences(names)
    assert {*map(repr, echoed)} <= {"None"}, "the prompt shows values that nobody asked for"
    shown = capsys.readouterr().out
    for expected in (
        "🤖 Claude (completa)",  # the panel
        "[terminó: end_turn,",  # the deltas
        "Mensajes enviados: 3;",  # a conversation
        "la hora…\n⏳ calculate\n⏳ current_time\n",  # tools, which run at once: either may end first
        "✓ calculate: 1512.5",
        "2 peticiones, final: complete",
        "cancelled con 13 caracteres",  # from another thread
        "cancelled 13",  # async
        "assistant -> Había una vez",  # what a partial reply leaves
        "El servidor rechazó la conexión.",  # errors
        "ConnectionRefused · ¿vale la pena repetir? True",
        "Reintento 3/3 en ",
        "tokens de salida; a medias y sin contar: ",  # figures
        "[complete] primer texto ",  # the whole program
        "Respuestas: 1. ¡Hasta pronto!",  # Ctrl+D at its prompt
        "interrupted: «Había una vez un cable»",  # a rehearsed fault
        "caracteres, end_turn",  # the SDK alone
        "'Hola, mundo'",  # sanitised
    ):
        assert expected in shown, f"missing {expected!r} in:\n{shown}"
    assert not list(tmp_path.iterdir()), "no fence leaves files behind"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("for n in range(2):\n    n\nprint()\n", "no blank line after a block"),
        ("def f():\n    a = 1\n\n    return a\n", "a blank line inside"),
    ],
)
def test_what_a_prompt_does_not_take_is_noticed(code: str, why: str) -> None:
    with pytest.raises(pytest.fail.Exception, match="cannot be pasted"):
        list(typed(1, code))


def fence_with(words: str) -> int:
    (found,) = [number for number, (_, code) in enumerate(FENCES) if words in code]
    return found


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signal to one thread")
def test_ctrl_c_leaves_the_panel_with_its_state(
    names: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    last = fence_with("STATES = {")
    run_fences(names, FENCES[:last])
    line, code = FENCES[last]
    assert "Escribe una historia corta sobre un robot" in code
    me = threading.get_ident()
    ctrl_c = threading.Timer(0.7, lambda: signal.pthread_kill(me, signal.SIGINT))
    ctrl_c.start()
    run_fences(names, [(line, code.replace("Escribe una historia corta sobre un robot", LONG))])
    ctrl_c.join()
    panel = capsys.readouterr().out.rpartition("╭")[2]
    assert "🤖 Claude (cancelada)" in panel and "│ Había una vez " in panel


def test_an_interrupted_answer_of_the_whole_program_is_not_counted(
    names: dict[str, Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_fences(names, FENCES[: fence_with("def answer(") + 1])
    waiting = stream_core.stream_reply

    def cut(*args: Any, **request: Any) -> Any:
        stream = waiting(*args, **request)
        threading.Timer(0.3, stream.cancel).start()
        return stream

    names["stream_reply"] = cut
    capsys.readouterr()
    names["answer"](LONG, names["conversation"], names["session"])
    shown = capsys.readouterr().out
    assert "[cancelled] primer texto " in shown and shown.rstrip().endswith("tokens sin contar")


def test_the_client_of_a_sync_loop_is_async() -> None:
    request: dict[str, Any] = {
        "model": "claude-sonnet-5-5",
        "max_tokens": 10,
        "messages": [{"role": "user", "content": "Hola"}],
    }
    with practice_server(pace=0.0) as url:
        own = anthropic.AsyncAnthropic(base_url=url, api_key="x")
        with stream_reply(own, **request) as stream:
            assert [*stream]
        assert stream.reply.outcome == "max_tokens"
        close_client(own)
        plain: Any = anthropic.Anthropic(base_url=url, api_key="x")
        with pytest.raises(UsageError), stream_reply(plain, **request) as stream:
            list(stream)
        plain.close()


def test_the_fences_are_for_a_learner() -> None:
    for line, code in FENCES:
        assert len(code.splitlines()) <= 45, f"line {line}: too long to be read at once"
        assert not re.search(r"(?<!\w)\.\.\.(?!\w)", code), f"line {line}: a placeholder"
    languages = re.findall(r"^ *```(\w*)\n(?:.*?)^ *```$", GUIDE, re.DOTALL | re.MULTILINE)
    assert set(languages) == {"python", "bash", "text", "powershell"}


# -- what is compared with the code ------------------------------------------------------------


def test_the_commands_are_those_of_the_chat() -> None:
    rows = ["| Comando | Qué hace |", "|---|---|"]
    for command in all_commands():
        rows.append(f"| {', '.join(f'`{word}`' for word in command.words)} | {command.summary} |")
    assert marked("commands") == rows


def row_of(option: Option) -> str:
    off = f", `{option.flag.replace('--', '--no-')}`" if option.on_or_off else ""
    first = f"`{option.name}`: {option.summary}"
    return f"| {first} | `{option.flag}`{off} | `{option.variable}` | {option.possible} |"


def test_the_options_are_those_of_the_chat() -> None:
    rows = ["| Ajuste | Opción | Variable | Puede ser |", "|---|---|---|---|", *map(row_of, OPTIONS)]
    assert marked("options") == rows
    assert marked("options", (ROOT / "README.md").read_text("utf-8")) == rows


def test_the_limits_are_those_of_the_chat() -> None:
    rows = ["| Límite | Opción | Variable | Puede ser |", "|---|---|---|---|", *map(row_of, LIMITS)]
    assert marked("limits", (ROOT / "README.md").read_text("utf-8")) == rows


def test_what_is_chosen_of_the_thinking_is_that_of_the_chat() -> None:
    rows = ["| Ajuste | Opción | Variable | Puede ser |", "|---|---|---|---|", *map(row_of, THINKING_OPTIONS)]
    assert marked("minds", (ROOT / "README.md").read_text("utf-8")) == rows


def test_the_themes_are_those_of_the_chat() -> None:
    rows = [f"| `{name}` | {theme.summary} |" for name, theme in THEMES.items()]
    assert marked("themes") == ["| Tema | Para qué |", "|---|---|", *rows]


def test_the_effects_are_those_of_the_chat() -> None:
    rows = [f"| `{name}` | {effect.summary} |" for name, effect in EFFECTS.items()]
    assert marked("effects") == ["| Efecto | Qué hace |", "|---|---|", *rows]


def test_what_the_guide_types_about_the_look_is_understood() -> None:
    typed_lines = re.findall(r"^/apariencia (\w+)(?: (.+))?$", section("Personalización"), re.MULTILINE)
    assert len(typed_lines) == 4
    for name, value in typed_lines:
        if name != RESET:
            next(option for option in OPTIONS if option.name == name).parse(value)


def test_the_demos_are_those_of_the_menu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    import streaming_examples

    assert marked("demos") == [f"{n}. {demo.title}" for n, demo in enumerate(streaming_examples.DEMOS, 1)]


def test_the_lessons_are_those_of_the_menu() -> None:
    assert marked("lessons") == [f"{lesson.number}. {lesson.title}" for lesson in load_lessons()]


def test_the_sample_prompts_are_those_of_demo() -> None:
    found = re.findall(r"^\d\. (.+)$", section("Comandos del chat"), re.MULTILINE)
    assert tuple(found) == SAMPLE_PROMPTS


def test_the_table_of_stats_has_the_rows_of_the_program() -> None:
    rows = re.findall(r"^│ (\S.*?) +│ \S", section("Estadísticas"), re.MULTILINE)
    group = Counts(1, 1, 1, 1, 1, Spending(priced=1))
    assert rows == ["Métrica", *(row[0] for row in stats_rows([group]))]
    inside = " ".join(section("Estadísticas").split())
    for name, _ in (*session_rows(SessionStats(0.0), 1.0), *frame_rows(FrameStats())):
        assert name in inside


def test_the_states_are_those_of_the_panel() -> None:
    states = re.findall(r"^\| `([\w ]+)` \|", section("Flujo de trabajo"), re.MULTILINE)
    assert states == list(dict.fromkeys(OUTCOMES.values()))


def test_the_outcomes_are_those_of_a_reply() -> None:
    table = section("Los deltas y los tres finales").partition("| `outcome` |")[2]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(OUTCOMES)


def test_the_edges_are_those_of_the_chat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    file = StringIO()
    reply, stats = Reply(), ReplyStats(10.0)
    with Screen(file).reply_view(practice=False) as view:
        for delta in (
            Opened("msg_1", "claude-sonnet-5-5", Usage(10), "req_1", 10.1),
            Text("Merece la\npena.", 0, 10.63),
            Finished("end_turn", Usage(10, 306), 15.29),
        ):
            reply.feed(delta)
            stats.feed(delta)
            view.feed(delta)
        view.finish(reply, stats)
    text = section("Flujo de trabajo")
    first, *_, above, last = [line.rstrip() for line in file.getvalue().splitlines()]
    assert f"   {first}\n" in text
    assert f"   {above}\n   {last}\n" in text
    assert text.count(f"   ╰─ {TITLE} (Streaming) · ") == 3
    assert f"{SPINNER[3]} {heading(4.3)}\n" in text
    assert f"`{Thought(1.0, 13.5, seen=True).words()}`" in text and f"`{Thought(1.0, 13.5).words()}`" in text


def test_the_comparison_has_the_rows_of_the_demo() -> None:
    rows = re.findall(r"^\| (\w[^|]*) \|", section("Comparación: con y sin streaming"), re.MULTILINE)
    demo = (ROOT / "streaming_examples.py").read_text("utf-8").partition("def comparison(")[2]
    at = [demo.index(f'"{row}"') for row in rows]
    assert rows[0] == "Aspecto" and len(rows) == 8 and at == sorted(at)


# -- troubleshooting ---------------------------------------------------------------------------


def quoted() -> list[str]:
    """The sentences of the program that are explained; "…" stands for what differs from time to time."""
    return re.findall(r"^- \*\*«(.+?)»\*\*", section("Solución de problemas"), re.MULTILINE)


def test_each_quoted_text_is_one_that_the_program_says() -> None:
    sources = [*(ROOT / "stream_core").rglob("*.py"), *ROOT.glob("streaming_*.py")]
    code = "\n".join(source.read_text("utf-8") for source in sources)
    assert len(quoted()) > 25
    for text in quoted():
        for part in parts(text):
            assert part in code, f"nothing says «{text}»"


def parts(text: str) -> list[str]:
    return [part for part in text.split("…") if part.strip()]


def kinds(root: type[errors.StreamCoreError]) -> Iterator[type[errors.StreamCoreError]]:
    yield root
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from kinds(child)


@pytest.mark.parametrize("kind", list(dict.fromkeys(kinds(errors.StreamCoreError))))
def test_each_error_has_its_entry(kind: type[errors.StreamCoreError]) -> None:
    if kind is errors.ConfigError:
        return  # it says itself what to write instead
    error = kind()
    if isinstance(error, errors.ModelNotFound):
        error.model = "x"
    told = explain(error)
    assert any(all(part in told for part in parts(text)) for text in quoted()), told


# -- the first guide ---------------------------------------------------------------------------

TOPICS = (
    "Qué es el streaming",
    "Ventajas, con cifras",
    "Implementación básica",
    "Streaming simple",
    "Streaming con Rich",
    "Archivos del proyecto",
    "Cómo usar",
    "Comandos del chat",
    "Ejemplos de prompts",
    "Tipos de streaming",
    "Básico y con panel",
    "Con barra de progreso",
    "Conversación",
    "Con herramientas",
    "Casos de uso",
    "Configuración avanzada",
    "Control de velocidad",
    "Efectos visuales",
    "Manejo de errores",
    "Estadísticas",
    "Flujo de trabajo",
    "Solución de problemas",
    "Panel no se actualiza",
    "Respuesta muy lenta",
    "Personalización",
    "Comparación: con y sin streaming",
    "Próximas mejoras",
    "Para desarrolladores",
    "Para usuarios",
    "Para producción",
    # and what it did not have
    "Los deltas y los tres finales",
    "Cancelar",
    "Respuestas parciales",
    "Reintentos visibles",
    "Modo práctica",
    "Servidores compatibles",
    "Directamente con el SDK",
    "Seguridad",
)


def headings() -> list[str]:
    return re.findall(r"^#{2,3} (.+)$", re.sub(r"^```.*?^```", "", GUIDE, flags=re.S | re.M), re.MULTILINE)


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_has_its_place(topic: str) -> None:
    assert topic in headings()


def test_the_seeds_troubles_are_told() -> None:
    assert {"ANTHROPIC_API_KEY no encontrada", "Streaming interrumpido"} <= set(quoted())


def test_no_retired_model_is_named() -> None:
    from stream_core.models.catalogue import DEFAULT_MODEL, KNOWN, RETIRED

    assert "claude-sonnet-4-" not in GUIDE
    named = set(re.findall(r"claude-[a-z]+-\d[\w-]*", GUIDE))
    assert DEFAULT_MODEL in named and named <= set(KNOWN) and not named & set(RETIRED)


# -- links and names ---------------------------------------------------------------------------


def anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", PROSE):
        if target.startswith("https://"):
            continue
        file, _, fragment = target.partition("#")
        assert not file or (ROOT / file).exists(), target
        if fragment:
            text = (ROOT / file).read_text("utf-8") if file else GUIDE
            known = [anchor(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]
            assert fragment in known, target


def test_every_file_that_is_named_exists() -> None:
    named = set(re.findall(r"[\w./]*\w\.(?:py|md|toml)\b|\.env\.example", GUIDE))
    assert {"streaming_chatbot.py", "streaming_examples.py", "STREAMING_GUIDE.md"} <= named
    for name in named:
        assert (ROOT / name).is_file(), name


def test_every_heading_is_in_the_contents_and_the_other_way_round() -> None:
    listed = re.findall(r"^\d+\. \[([^]]+)\]", section("Contenido"), re.MULTILINE)
    assert listed == [heading for heading in re.findall(r"^## (.+)$", GUIDE, re.M) if heading != "Contenido"]


def test_every_name_imported_from_the_package_is_public() -> None:
    for _, code in FENCES:
        for names in re.findall(r"^from stream_core import (.+)$", code, re.MULTILINE):
            assert {name.strip() for name in names.split(",")} <= set(stream_core.__all__)


def test_what_was_not_tried_is_marked() -> None:
    text = " ".join(section("Servidores compatibles").split())
    assert "documentado por cada proyecto, no probado aquí" in text
    for name in ("Ollama", "LM Studio", "llama.cpp", "vLLM", "sin `/v1`"):
        assert name in text
