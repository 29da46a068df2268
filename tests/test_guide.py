"""The guide cannot lie: its fences run, its lists are those of the code, its quotes are the program's."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from itertools import zip_longest
from pathlib import Path
from typing import Any

import anthropic
import pytest
from support import starting
from support.chats import KEY, chat, leave, wait_for_prompt
from support.fences import Fence, FenceError, fences, run, same, scripted, typed
from support.paths import ROOT

import stream_core
from stream_core import close_client, explain, stream_reply
from stream_core.chat.commands.apariencia import RESET
from stream_core.config.options.appearance import OPTIONS
from stream_core.config.options.effects import EFFECTS, SPINNERS
from stream_core.config.options.limits import LIMITS
from stream_core.config.options.option import Option
from stream_core.config.options.themes import THEMES
from stream_core.config.options.thinking_options import THINKING_OPTIONS
from stream_core.core import errors
from stream_core.core.deltas import Finished, Opened, Text, Usage
from stream_core.core.errors import UsageError
from stream_core.core.frame_stats import FrameStats
from stream_core.core.reply import Reply
from stream_core.core.stats import ReplyStats, SessionStats
from stream_core.lessons import load as load_lessons
from stream_core.models.cost import Spending
from stream_core.practice.events import block_start, message_start, text_delta
from stream_core.practice.request import Body, question
from stream_core.practice.scenarios import Scenario, load
from stream_core.practice.script import Hang, Head, Script, Send
from stream_core.practice.server import PracticeServer, practice_server
from stream_core.terminal.pages.stats_table import Counts
from stream_core.terminal.pages.stats_table import rows as stats_rows
from stream_core.terminal.reply.panel import TITLE
from stream_core.terminal.reply.thinking_summary import Thought
from stream_core.terminal.rows.figures import OUTCOMES, frame_rows, session_rows
from stream_core.terminal.screen import Screen
from stream_core.texts.errors_es import SAMPLE_PROMPTS

PAGES = ("README.md", "STREAMING_GUIDE.md", "docs/manual.md", "docs/referencia.md", "docs/problemas.md")
README, GUIDE, MANUAL, REFERENCE, PROBLEMS = ((ROOT / name).read_text("utf-8") for name in PAGES)
PYTHON = [
    (page, fence)
    for page, text in (("guide", GUIDE), ("reference", REFERENCE))
    for fence in fences(text, "python")
]


def section(title: str, text: str = GUIDE) -> str:
    """A section of a page without its title, as far as the next of the same level."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found is not None, title
    return found.group(1)


def marked(name: str, text: str = GUIDE) -> list[str]:
    """The lines between the markers of a part that is generated."""
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", text, re.DOTALL)
    assert found is not None, name
    return found.group(1).splitlines()


# -- the fences run, and print what stands beneath them ----------------------------------------

ROBOT = SAMPLE_PROMPTS[0]
_CHAT = "python streaming_chatbot.py\n"
_ADDRESS = "url="  # begins the fence of curl


def endless(body: Body) -> Script:
    """A reply that begins and never ends: what is cancelled after some text or some time always is."""
    begun = message_start(body["model"], 5) + block_start() + text_delta(STORY)
    return [Head(), Send(begun), Hang()]


STORY = "## El robot que regaba a deshora\n\nCuando los últimos empleados del vivero se marc"
SCENARIOS = (Scenario("endless", "", lambda body: question(body) == ROBOT, endless), *load("library"))


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Practice servers that make nobody wait, a terminal of 80 columns, and an empty folder."""
    begin = PracticeServer.__init__

    def patched(self: PracticeServer, **options: Any) -> None:
        begin(self, **{**options, "pace": 0.0, "scenarios": options.get("scenarios") or SCENARIOS})

    monkeypatch.setattr(PracticeServer, "__init__", patched)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(("page", "fence"), PYTHON, ids=[f"{page}:{fence.line}" for page, fence in PYTHON])
def test_every_python_fence_stands_alone_and_prints_what_is_shown(
    page: str, fence: Fence, tmp_path: Path
) -> None:
    quick = replace(fence, code=fence.code.replace("(1.8,", "(0.2,"))
    printed = run(quick, input=scripted())
    if fence.output is None:
        assert printed == ""
    else:
        assert same(fence.output, printed), f"{page}:{fence.line} prints:\n{printed}"
    left = {file.name for file in tmp_path.iterdir()}
    assert left == ({"articulo.md"} if "articulo.md" in fence.code else set()), "no fence leaves other files"


def test_every_fence_of_the_guide_shows_its_output() -> None:
    for fence in fences(GUIDE):
        if fence.language != "text":
            assert fence.output, f"line {fence.line}: what does it print?"


def shell(command: str, server: PracticeServer) -> str:
    """What the commands of a fence write; without `--practice` it is `server` that answers, at once."""
    words = shlex.split(command.splitlines()[-1])
    env = dict(os.environ)
    if words[0] != "python":
        env["url"] = server.base_url
        script = ["bash", "-c", command.partition("\n")[2]]  # without the line that says the address
        return subprocess.run(
            script, env=env, stdout=subprocess.PIPE, text=True, timeout=60, check=True
        ).stdout
    if "--practice" not in words:
        env |= {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": server.base_url}
    argv = [sys.executable, str(ROOT / words[1]), *words[2:]]
    told = starting.run(argv, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=True)
    return str((told.stderr + told.stdout).decode())


def test_every_command_of_the_guide_prints_what_is_shown() -> None:
    with PracticeServer(pace=0.0, place="one_shot") as server:
        for fence in fences(GUIDE, "bash"):
            if "-m stream_core.practice" in fence.code:
                continue  # it runs until Ctrl+C: see the test of what it announces
            if fence.code == _CHAT:
                continue  # it asks on the terminal: see the test of the first text
            if fence.code.startswith(_ADDRESS) and shutil.which("curl") is None:
                continue
            printed = shell(fence.code, server)
            assert fence.output is not None and same(fence.output, printed), f"{fence.line}:\n{printed}"


def test_the_first_text_of_the_chat_is_what_is_shown() -> None:
    (fence,) = (fence for fence in fences(GUIDE, "bash") if fence.code == _CHAT)
    asked = (fence.output or "").splitlines()[0].removeprefix("Tú: ")
    with chat(None) as terminal:
        terminal.send(f"{asked}\r")
        wait_for_prompt(terminal, 2)
        shown = terminal.text.partition(f"Tú: {asked}\n")[2].rpartition("\n\nTú:")[0]
        assert same(unprepared(fence.output or ""), unprepared(f"Tú: {asked}\n{shown}")), shown
        leave(terminal)


def unprepared(shown: str) -> str:
    """A reply without the time to get ready, which is told only where it was long, on a row of its own."""
    return re.sub(r" · preparación [\d.]+ m?s", "", shown).replace("práctica\n   primer", "práctica · primer")


def test_what_the_stand_in_announces_is_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    from stream_core.practice import __main__ as stand_in

    (fence,) = (fence for fence in fences(GUIDE, "bash") if "-m stream_core.practice" in fence.code)
    words = shlex.split(fence.code)[3:]
    asked = stand_in._parser().parse_args([*words[:-1], "0"])
    with PracticeServer(pace=0.0) as server:
        announced = stand_in._announcement(server, asked)
    assert words[0] == "--port" and fence.output is not None and same(fence.output, announced)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("for n in range(2):\n    print(n)\nprint()\n", "no blank line after a block"),
        ("def f():\n    a = 1\n\n    return a\n", "a blank line inside"),
    ],
)
def test_what_a_prompt_does_not_take_is_noticed(code: str, why: str) -> None:
    with pytest.raises(FenceError, match="cannot be pasted"):
        list(typed(code))


def test_outputs_differ_in_numbers_only() -> None:
    assert same("total 5.48 s · 306 tokens", "total 0.01 s · 12 tokens")
    assert same("uno\n…\ntres 3", "uno\ndos\ntres 4\n") and same('{"a": 1…', '{"a": 12, "b": 3}')
    assert not same("uno\n…\ntres", "uno\ndos") and not same("uno", "uno dos")
    with pytest.raises(FenceError, match="would show"):
        run(Fence(1, "python", "1 + 1\n", None))


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
    for page, fence in PYTHON:
        assert len(fence.code.splitlines()) <= 45, f"{page}:{fence.line}: too long to be read at once"
        assert not re.search(r"(?<!\w)\.\.\.(?!\w)", fence.code), f"{page}:{fence.line}: a placeholder"
    assert {fence.language for fence in fences(GUIDE)} == {"python", "bash", "text"}


def test_the_guide_is_ten_minutes_and_a_map() -> None:
    lines = GUIDE.splitlines()
    assert len(lines) <= 650
    path = GUIDE.partition("## El mapa")[0]
    minutes = [int(found) for found in re.findall(r"^### Minuto (\d+)", path, re.MULTILINE)]
    assert minutes == sorted(minutes) and minutes[-1] == 10
    assert next(n for n, line in enumerate(lines, 1) if line.startswith("│ Un delta es")) < 60
    assert path.index("cancela") < path.index("### Minuto 5")


# -- what is compared with the code ------------------------------------------------------------


def row_of(option: Option) -> str:
    off = f", `{option.flag.replace('--', '--no-')}`" if option.on_or_off else ""
    first = f"`{option.name}`: {option.summary}"
    return f"| {first} | `{option.flag}`{off} | `{option.variable}` | {option.possible} |"


def test_the_options_are_those_of_the_chat() -> None:
    rows = ["| Ajuste | Opción | Variable | Puede ser |", "|---|---|---|---|", *map(row_of, OPTIONS)]
    assert marked("options", MANUAL) == rows


def test_the_limits_are_those_of_the_chat() -> None:
    rows = ["| Límite | Opción | Variable | Puede ser |", "|---|---|---|---|", *map(row_of, LIMITS)]
    assert marked("limits", MANUAL) == rows


def test_what_is_chosen_of_the_thinking_is_that_of_the_chat() -> None:
    rows = ["| Ajuste | Opción | Variable | Puede ser |", "|---|---|---|---|", *map(row_of, THINKING_OPTIONS)]
    assert marked("minds", MANUAL) == rows


def test_the_themes_are_those_of_the_chat() -> None:
    rows = [f"| `{name}` | {theme.summary} |" for name, theme in THEMES.items()]
    assert marked("themes", MANUAL) == ["| Tema | Para qué |", "|---|---|", *rows]


def test_the_effects_are_those_of_the_chat() -> None:
    rows = [f"| `{name}` | {effect.summary} |" for name, effect in EFFECTS.items()]
    assert marked("effects", MANUAL) == ["| Efecto | Qué hace |", "|---|---|", *rows]


def test_what_the_manual_types_about_the_look_is_understood() -> None:
    typed_lines = re.findall(r"^/apariencia (\w+)(?: (.+))?$", section("Aspecto", MANUAL), re.MULTILINE)
    assert len(typed_lines) == 4
    for name, value in typed_lines:
        if name != RESET:
            next(option for option in OPTIONS if option.name == name).parse(value)


def test_the_demos_and_lessons_are_those_of_the_menu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    import streaming_examples

    demos = [f"{n}. {demo.title}" for n, demo in enumerate(streaming_examples.DEMOS, 1)]
    lessons = [f"{lesson.number}. {lesson.title}" for lesson in load_lessons()]
    pairs = zip_longest(demos, lessons, fillvalue="")  # there are more lessons than demos
    rows = [f"| {demo} | {lesson} |".replace("|  |", "| |") for demo, lesson in pairs]
    assert marked("lessons") == ["| Demos | Lecciones |", "|---|---|", *rows]


def test_the_sample_prompts_are_those_of_demo() -> None:
    found = re.findall(r"«(.+?)»", " ".join(section("Comandos del chatbot").split()))
    assert tuple(found) == SAMPLE_PROMPTS


def test_the_table_of_stats_has_the_rows_of_the_program() -> None:
    told = section("Estadísticas", MANUAL)
    group = Counts(1, 1, 1, 1, 1, Spending(priced=1))
    rows = re.findall(r"^│ (\S.*?) +│ \S", told, re.MULTILINE)
    assert rows == ["Métrica", *(row[0] for row in stats_rows([group]))]
    for name, _ in (*session_rows(SessionStats(0.0), 1.0), *frame_rows(FrameStats())):
        assert name in " ".join(told.split())


def test_the_states_are_those_of_the_panel() -> None:
    states = re.findall(r"^\| `([\w ]+)` \|", section("Cómo acaba una respuesta", MANUAL), re.MULTILINE)
    assert states == list(dict.fromkeys(OUTCOMES.values()))


def test_the_outcomes_are_those_of_a_reply() -> None:
    table = section("Los tres finales", REFERENCE).partition("| `outcome` |")[2]
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
    assert f"\n{first}\n" in text
    assert f"\n{above}\n{last}\n" in text
    assert text.count(f"\n╰─ {TITLE} (Streaming) · ") == 2 and f"│ {SPINNERS['puntos'][3]} Conectando" in text
    manual = section("Cómo acaba una respuesta", MANUAL)
    for thought in (Thought(1.0, 13.5, seen=True), Thought(1.0, 13.5)):
        assert f"`{thought.words()}`" in " ".join(manual.split())


def test_the_comparison_has_the_rows_of_the_demo() -> None:
    rows = re.findall(r"^\| (\w[^|]*) \|", section("Comparación: streaming y no-streaming"), re.MULTILINE)
    demo = (ROOT / "streaming_examples.py").read_text("utf-8").partition("def comparison(")[2]
    at = [demo.index(f'"{row}"') for row in rows]
    assert rows[0] == "Aspecto" and len(rows) == 8 and at == sorted(at)


# -- troubleshooting ---------------------------------------------------------------------------


def quoted() -> list[str]:
    """The sentences of the program that are explained; "…" stands for what differs from time to time."""
    return re.findall(r"^- \*\*«(.+?)»\*\*", PROBLEMS, re.MULTILINE)


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
    "¿Qué es el streaming?",
    "Ventajas del streaming",
    "Respuesta inmediata",
    "Experiencia mejorada",
    "Interactividad",
    "Implementación básica",
    "Streaming simple",
    "Streaming con Rich UI",
    "Archivos del proyecto",
    "Chatbots con streaming",
    "Documentación",
    "Cómo usar",
    "Ejecutar el chatbot con streaming",
    "Ejecutar los ejemplos de streaming",
    "Comandos del chatbot",
    "Comandos especiales",
    "Ejemplos de prompts",
    "Tipos de streaming",
    "Streaming básico",
    "Streaming con panel",
    "Streaming con progreso",
    "Streaming en conversación",
    "Casos de uso",
    "Chat interactivo",
    "Asistente de escritura",
    "Tutorías y explicaciones",
    "Generación de contenido",
    "Configuración avanzada",
    "Control de velocidad",
    "Efectos visuales",
    "Manejo de errores",
    "Estadísticas de streaming",
    "Métricas disponibles",
    "Comando para ver estadísticas",
    "Flujo de trabajo",
    "Solución de problemas",
    "Personalización",
    "Colores y estilos",
    "Velocidad de actualización",
    "Comparación: streaming y no-streaming",
    "Próximas mejoras",
    "Funcionalidades sugeridas",
    "Optimizaciones",
    "Consejos de uso",
    "Para desarrolladores",
    "Para usuarios",
    "Para producción",
    # and what it did not have
    "El cable",
    "Los bytes",
    "Con curl",
    "El SDK a secas",
    "Streaming con herramientas",
    "Por qué se siente más humano",
)


def headings() -> list[str]:
    return re.findall(r"^#{2,3} (.+)$", re.sub(r"^```.*?^```", "", GUIDE, flags=re.S | re.M), re.MULTILINE)


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_has_its_place(topic: str) -> None:
    assert topic in headings()
    assert headings().count("Efectos visuales") == 2


def test_the_seeds_troubles_are_told() -> None:
    assert {"ANTHROPIC_API_KEY no encontrada", "Streaming interrumpido"} <= set(quoted())
    for trouble in ("Panel no se actualiza", "Respuesta muy lenta"):
        assert f"## {trouble}\n" in PROBLEMS and trouble in section("Solución de problemas")


def test_no_retired_model_is_named() -> None:
    from stream_core.models.catalogue import BUILT_IN
    from stream_core.models.lines import DEFAULT_MODEL, KNOWN

    pages = GUIDE + MANUAL + REFERENCE + PROBLEMS
    assert "claude-sonnet-4-" not in pages
    named = set(re.findall(r"claude-[a-z]+-\d[\w-]*", pages))
    assert DEFAULT_MODEL in named and named <= set(KNOWN)
    assert not any(BUILT_IN.models[name].retires for name in named)


# -- links and names ---------------------------------------------------------------------------


def anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def without_fences(text: str) -> str:
    return re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    here = ROOT / page
    for target in re.findall(r"\]\(([^)]+)\)", without_fences(here.read_text("utf-8"))):
        if target.startswith("https://"):
            continue
        file, _, fragment = target.partition("#")
        there = (here.parent / file) if file else here
        assert there.exists(), target
        if fragment:
            text = without_fences(there.read_text("utf-8"))
            known = [anchor(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]
            assert fragment in known, target


def test_every_file_that_is_named_exists() -> None:
    named = set(re.findall(r"[\w./]*\w\.(?:py|md|toml|svg)\b|\.env\.example", GUIDE))
    assert {"streaming_chatbot.py", "streaming_examples.py", "STREAMING_GUIDE.md"} <= named
    for name in named - {"mi_chat.py", "faros.md"}:  # what the reader makes
        assert (ROOT / name).is_file(), name


@pytest.mark.parametrize("page", ["STREAMING_GUIDE.md", "docs/manual.md", "docs/referencia.md"])
def test_every_heading_is_in_the_contents_and_the_other_way_round(page: str) -> None:
    text = without_fences((ROOT / page).read_text("utf-8"))
    contents = section("El mapa", text) if page == "STREAMING_GUIDE.md" else text.partition("\n## ")[0]
    listed = [name for name in re.findall(r"\(#([^)]+)\)", contents)]
    made = [anchor(name) for name in re.findall(r"^## (.+)$", text, re.M)]
    assert listed == [name for name in made if name not in ("los-diez-minutos", "el-mapa")]


def test_every_name_imported_from_the_package_is_public() -> None:
    for _, fence in PYTHON:
        for names in re.findall(r"^from stream_core import (.+)$", fence.code, re.MULTILINE):
            assert {name.strip() for name in names.split(",")} <= set(stream_core.__all__)


def test_what_was_not_tried_is_marked() -> None:
    text = " ".join(section("Servidores compatibles", REFERENCE).split())
    assert "documentado por cada proyecto, no probado aquí" in text
    for name in ("Ollama", "LM Studio", "llama.cpp", "vLLM", "sin `/v1`"):
        assert name in text
