"""The commands: found by being in the folder, and told apart from messages."""

from __future__ import annotations

import inspect
import io
import json
import os
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from rich.console import Console, ConsoleDimensions
from support.paths import ROOT

from stream_core.chat.backend.client import Backend
from stream_core.chat.commands import (
    Command,
    aliases,
    all_commands,
    by_group,
    find,
    first_words,
    looks_like_command,
    next_words,
    suggestion,
)
from stream_core.chat.commands.ayuda import KEYS, PLAIN_KEYS, _row
from stream_core.chat.input.completion import CommandCompleter
from stream_core.chat.repl import handle
from stream_core.chat.session.session import Session
from stream_core.chat.signals.interrupts import Interrupts
from stream_core.config.options.appearance import OPTIONS, Look
from stream_core.config.options.themes import THEMES
from stream_core.config.settings import Settings
from stream_core.terminal.pages.help_table import help_table
from stream_core.terminal.screen import Screen


@pytest.mark.parametrize(
    ("line", "name", "argument"),
    [
        ("demo", "demo", ""),
        ("demo 2", "demo", "2"),
        ("demo -1", "demo", "-1"),
        ("  /demo   otra cosa ", "demo", "otra cosa"),
        ("Salir", "exit", ""),
        ("EXIT", "exit", ""),
        ("/ayuda", "ayuda", ""),
        ("contexto", "contexto", ""),
        ("/apariencia", "apariencia", ""),
        ("/Apariencia tema  claro", "apariencia", "tema  claro"),
    ],
)
def test_commands(line: str, name: str, argument: str) -> None:
    found = find(line)
    assert found is not None
    assert (found[0].name, found[1]) == (name, argument)


@pytest.mark.parametrize(
    "line",
    [
        "demo de streaming",
        "stats de béisbol",
        "exit()",
        "salir de dudas",
        "hola",
        "//",
        "apariencia",
        "apariencia tema claro",
        "/stats\ntexto",
        "demo\n2",
        "/exit\n\nno es lo mismo que salir",
        "/tmp está lleno",
        "clear",
        "copy",
    ],
)
def test_messages(line: str) -> None:
    assert find(line) is None


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("/stat", True),
        ("/xyz", True),  # alone on its line
        ("/estadisticas de hoy", True),
        ("/modleo opus", True),
        *((line, True) for line in ("/clear?", "/set temperature 0.5", ":q", ":wq", ".exit", "-h", "%quit")),
        ("/etc/hosts", False),
        ("1/2", False),
        (" /stat", False),  # as the refusal says
        ("/stat\ncon más texto", False),
        *(
            (word, True)
            for word in ("stat", "ayudaa", "exti", "hlep", "salri", "limpair", "contxto", "statd", "Demoo")
        ),
        *(
            (word, True)
            for word in ("quit", "Clear", "q", "new", "resume", "modelo", "título", "abrir", "demos ")
        ),
        *(
            (word, False)
            for word in ("hola", "gracias", "sí", "no", "x", "Quito", "éxito", "salida", "ayudante", "¿qué?")
        ),
        *(
            (word, False)
            for word in (
                ":x",
                ":D",
                ".env",
                "--verbose",
                "/tmp?",
                "demo?",
                "contexto?",
                "Stalin",
                "state",
                "contento",
                "memo",
                "persona",
                "prompt",
            )
        ),
        *(
            (line, False)
            for line in (" quit", " stat", "quit ya", "stat\nquit", "clear()", "q.", "no,", "是", "1")
        ),
        *(
            (f"/{folder} está lleno", False)
            for folder in (
                "tmp",
                "home",
                "var",
                "usr",
                "etc",
                "dev",
                "opt",
                "root",
                "mnt",
                "media",
                "api",
                "login",
            )
        ),
    ],
)
def test_what_looks_like_a_command(line: str, meant: bool) -> None:
    assert looks_like_command(line) is meant


def test_suggestions() -> None:
    assert "¿Querías decir /limpiar?" in suggestion("/limpia")
    for far in ("/zzzz", "/init", "/import", "/hooks", "/code", "/review"):  # no command is better than any
        assert "«ayuda»" in suggestion(far)
    assert "ponle un espacio delante" in suggestion("/zzzz")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("quit", "exit"),
        ("exti", "exit"),
        ("salri", "salir"),
        ("hlep", "help"),
        ("copy", "/copiar"),
        ("abrir", "/abrir"),
        (":q!", "exit"),
        (r"\q", "exit"),
        (".help", "ayuda"),
        ("--help", "ayuda"),
        (":model", "/modelo"),
    ],
)
def test_a_command_without_its_slash_is_named_as_it_is_typed(word: str, meant: str) -> None:
    assert f"No envié «{word}»: ¿querías decir «{meant}»?" in suggestion(word)
    assert "ponle un espacio delante" in suggestion(word)


MEANT = (
    "modelo haiku", "Modelo 2", "model opus", "esfuerzo bajo", "abrir 2", "apariencia tema claro",
    "comparar sonnet haiku", "fallo corte:20", "presupuesto 0.50", "radiografía 3-7", "cache no",
    "herramientas calculate no", "ajustes aspecto", "compartir no", "adjuntar .",
)  # fmt: skip
SAID = (
    "modelo de datos para una tienda", "modelo haiku de poema", " modelo haiku", "x 12", "buscar vuelos",
    "comparar sonnet y opus", "fallo 3", "modelo haiku\nopus", "stats no", "presupuesto anual",
    "borrar archivos", "persona no", "título de un libro", "copiar y pegar", "adjuntar un archivo",
)  # fmt: skip


def test_a_command_with_a_value_is_meant_without_its_slash() -> None:
    settings = Settings.load(["--practice"], {})
    looked = {line: looks_like_command(line, settings) for line in (*MEANT, *SAID)}
    assert looked == {**dict.fromkeys(MEANT, True), **dict.fromkeys(SAID, False)}
    assert "No envié «modelo haiku»: ¿querías decir «/modelo haiku»?" in suggestion("modelo haiku")
    assert "«/modelo opus»" in suggestion("model opus") and "«/abrir 2»" in suggestion("abrir 2")


def test_what_a_key_does_is_told_with_the_key() -> None:
    for word in ("/cancelar", "/Parar", "/stop", "/detener ya"):
        assert "pulsa Esc o Ctrl+C" in suggestion(word) and "limpiar" not in suggestion(word)
    found = find("ayuda cancelar")
    assert found is not None and found[1] == "cancelar"
    assert "pulsa Ctrl+G" in suggestion("/editor") and "Alt+Enter" in suggestion("/multiline")


def test_a_question_mark_alone_asks_for_help() -> None:
    found = find("?")
    assert found is not None and found[0].name == "ayuda"
    assert find("? hola") is None and find("??") is None and find("¿?") is None


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("guardar", "exportar"),
        ("historial", "conversaciones"),
        ("coste", "stats"),  # not /contexto, whose letters are nearer
        ("precios", "stats"),
        ("colores", "apariencia"),
        ("cerrar", "exit"),  # not /borrar
        ("nueva", "limpiar"),
        ("estadísticas", "stats"),
        ("cler", "limpiar"),
        ("exportat", "exportar"),
        ("modleo", "modelo"),
        ("temperature", "ajustes"),
        ("memory", "cache"),
        ("ayuda?", "ayuda"),
    ],
)
def test_the_nearest_command_is_by_meaning_first_and_letters_second(word: str, name: str) -> None:
    assert f"¿Querías decir /{name}?" in suggestion(f"/{word}")


@pytest.mark.parametrize(
    ("line", "name", "argument"),
    [
        ("/clear", "limpiar", ""),
        ("/caché", "cache", ""),
        ("/métricas sí", "metricas", "sí"),
        ("/Radiografía", "radiografia", ""),
        ("/título Robots", "titulo", "Robots"),
        ("/estadísticas", "stats", ""),
        ("/new", "limpiar", ""),
        ("/model opus", "modelo", "opus"),
        ("/quit", "exit", ""),
        ("/exit", "exit", ""),
        ("/help", "ayuda", ""),
        ("/copy 2", "copiar", "2"),
        ("/resume", "conversaciones", ""),
        ("/history", "conversaciones", ""),
        ("/undo", "deshacer", ""),
        ("/retry", "reintentar", ""),
        ("/export md", "exportar", "md"),
        ("/settings", "ajustes", ""),
        ("/config", "ajustes", ""),
        ("/cost", "stats", ""),
        ("/usage", "stats", ""),
        ("/tools", "herramientas", ""),
        ("/search ñu", "buscar", "ñu"),
        ("/Theme", "apariencia", ""),
        ("ayuda stats", "ayuda", "stats"),
        ("help Comparar", "ayuda", "Comparar"),
    ],
)
def test_what_other_chats_call_it(line: str, name: str, argument: str) -> None:
    found = find(line)
    assert found is not None and (found[0].name, found[1]) == (name, argument)


def test_no_word_means_two_commands() -> None:
    names = [
        word for command in all_commands() for word in (command.name, *command.aliases, *command.known_as)
    ]
    assert len(names) == len(set(names))
    assert all(not set(command.related) & set(names) for command in all_commands())


def test_each_command_is_a_file_and_has_a_place_of_its_own() -> None:
    files = {file.stem for file in (ROOT / "stream_core/chat/commands").glob("[!_]*.py")}
    commands = all_commands()
    assert {command.name for command in commands} == files
    assert len({command.order for command in commands}) == len(commands)
    words = [word for command in commands for word in (command.name, *command.aliases)]
    assert len(words) == len(set(words))


def test_the_table_of_the_readme_is_that_of_the_code() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    table = re.search(r"<!-- commands -->\n(.*?)<!-- /commands -->", readme, re.DOTALL)
    assert table is not None
    rows = ["| Comando | Qué hace |", "|---|---|"]
    for command in all_commands():
        rows.append(f"| {', '.join(f'`{word}`' for word in command.words)} | {command.summary} |")
    assert table.group(1).splitlines() == rows


def test_the_help_names_the_keys() -> None:
    assert {"Enter", "Ctrl+C", "Esc", "Ctrl+D", "Ctrl+L", "Ctrl+S", "Ctrl+Z"} <= {key for key, _ in KEYS}
    assert {"Enter", "\\ y Enter", "Ctrl+C", "Ctrl+D", "Ctrl+Z"} == {key for key, _ in PLAIN_KEYS}


def offered(completer: CommandCompleter, text: str) -> list[str]:
    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document

    return [found.text for found in completer.get_completions(Document(text), CompleteEvent())]


def test_the_first_word_is_completed_and_no_other_that_no_command_knows() -> None:
    completer = CommandCompleter(lambda: [("/demo", "d"), ("/stats", "s"), ("/salir", "x")])
    assert offered(completer, "s") == ["stats", "salir"]
    assert offered(completer, "/s") == ["/stats", "/salir"]
    assert offered(completer, "/") == ["/demo", "/stats", "/salir"]
    completer = CommandCompleter(first_words, hidden=aliases)
    assert not {name for name, _ in aliases()} & set(offered(completer, "/"))
    assert offered(completer, "/") == [f"/{command.name}" for command in all_commands()]
    assert "/salir" in offered(completer, "/s") and "salir" in offered(completer, "sal")
    for word in ("/clear", "/model", "/quit", "/help", "/copy", "/new", "/resume"):
        assert word in offered(completer, word) and word in offered(completer, word[:-1])
    for text in ("", " ", "demo s", "hola\ns", "hola s"):
        assert offered(completer, text) == []


def test_what_a_command_takes_is_completed() -> None:
    completer = CommandCompleter(lambda: [("/apariencia", "a")], lambda line: next_words(line, Settings()))
    assert offered(completer, "/apariencia ") == [*(option.name for option in OPTIONS), "reiniciar"]
    assert offered(completer, "/apariencia p") == ["parpadeo", "plano"]
    assert offered(completer, "/Apariencia  PÁR") == ["parpadeo"]
    assert offered(completer, "/apariencia tema ") == ["auto", *THEMES]
    assert offered(completer, "/apariencia TEMA  c") == ["claro", "contraste"]
    assert offered(completer, "/apariencia parpadeo s") == ["sí"]
    for text in (
        "apariencia ",
        " ",
        "  x",
        "/apariencia nada ",
        "/apariencia tema claro ",
        "/demo ",
        "/nada ",
    ):
        assert offered(completer, text) == []
    for option in OPTIONS:
        for word in offered(completer, f"/apariencia {option.name} "):
            option.parse(word)


# -- the look ----------------------------------------------------------------------------------

Say = Callable[[str], str]


@pytest.fixture
def session() -> Session:
    settings = Settings.load([], os.environ)
    return Session(
        settings, Screen(io.StringIO(), settings.preferences.look), Backend(settings), Interrupts()
    )


@pytest.fixture
def say(session: Session) -> Say:
    """Type a line; gives what is shown."""

    def say(line: str) -> str:
        file = session.screen.console.file
        assert isinstance(file, io.StringIO)
        before = len(file.getvalue())
        handle(session, line)
        return " ".join(file.getvalue()[before:].split())

    return say


def remembered() -> object:
    file = Path(os.environ["STREAM_CORE_CONFIG_DIR"]) / "preferences.json"
    return json.loads(file.read_text()) if file.exists() else None


def test_the_look_is_shown(say: Say, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAM_CORE_REFRESH", "5")
    session.settings = Settings.load(["--theme", "claro"], os.environ)
    say("/apariencia cursor ●")
    session.screen.console.size = ConsoleDimensions(100, 30)
    shown = say("/apariencia")
    for option in OPTIONS:
        value = option.show(getattr(session.settings.preferences.look, option.field))
        mark = "" if option.field in ("theme", "refresh", "cursor") else " •"
        assert f"{option.name} {value}{mark} {option.summary}: {option.possible}" in shown
    for source in ("[por --theme]", "[por STREAM_CORE_REFRESH]", "[lo elegiste tú]", "• por defecto."):
        assert shown.count(source) == 1
    assert "│ Así se verán las respuestas.●" in shown and "por defecto]" not in shown
    session.screen.console.size = ConsoleDimensions(60, 20)
    assert "tema claro efecto ninguno • marco barra •" in (shown := say("/apariencia"))
    assert "«/apariencia marco» explica uno" in shown
    assert "sí o no [por defecto]" in say("/apariencia plano")


@pytest.mark.parametrize(
    ("line", "look", "told"),
    [
        ("tema claro", Look(theme="claro"), "Tema: claro. Lo recordaré la próxima vez."),
        ("TEMA  Contraste", Look(theme="contraste"), "Tema: contraste."),
        ("marco bordes", Look(frame="bordes"), "Marco: bordes."),
        ("cursor ●", Look(cursor="●"), "Cursor: ●."),
        ("cursor no", Look(cursor=""), "Cursor: no."),
        ("parpadeo sí", Look(blink=True), "Parpadeo: sí."),
        ("borde verde", Look(border="green"), "Borde: verde."),
        ("borde bright red", Look(border="bright_red"), "Borde: bright_red."),
        ("refresco 20", Look(refresh=20), "Refresco: 20."),
        ("escritura 40", Look(typing_speed=40), "Escritura: 40."),
        ("plano SI", Look(plain=True), "Plano: sí."),
    ],
)
def test_the_look_is_changed_at_once_and_remembered(
    say: Say, session: Session, line: str, look: Look, told: str
) -> None:
    assert told in say(f"/apariencia {line}")
    assert session.settings.preferences.look == session.screen.look == look
    assert Settings.load([], os.environ).preferences.look == look
    assert "El aspecto vuelve a sus valores por defecto." in say("/apariencia Reiniciar")
    assert (
        session.settings.preferences.look
        == session.screen.look
        == Settings.load([], os.environ).preferences.look
        == Look()
    )
    assert remembered() == {}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("tema rosa", "⚠ «rosa» no sirve para «tema». Puede ser auto, oscuro, claro o contraste."),
        ("refresco 99", "⚠ «99» no sirve para «refresco». Puede ser un número de 5 a 20."),
        ("cursor \x1b[31mab\u202e", "⚠ «ab» no sirve para «cursor»."),
        ("tama claro", "⚠ No hay ningún ajuste «tama». ¿Querías decir tema?"),
        ("zzz", "⚠ No hay ningún ajuste «zzz». Puedes cambiar tema, marco, cursor,"),
        ("\x1b]0;x\x07zzz", "⚠ No hay ningún ajuste «zzz»."),
    ],
)
def test_what_cannot_be_is_told_and_changes_nothing(say: Say, session: Session, line: str, told: str) -> None:
    shown = say(f"/apariencia {line}")
    assert told in shown and "\x1b" not in shown and "\u202e" not in shown
    assert session.settings.preferences.look == session.screen.look == Look() and remembered() is None


def test_what_a_flag_says_is_changed_for_now(say: Say, session: Session) -> None:
    session.settings = Settings.load(["--theme", "claro", "--no-blink"], os.environ)
    shown = say("/apariencia tema contraste")
    assert session.screen.look.theme == "contraste"
    assert "Lo recordaré" not in shown
    assert (
        "Al abrir el chat manda --theme: si sigue ahí la próxima vez, tendrá prioridad sobre este cambio."
        in shown
    )
    assert "Al abrir el chat manda --no-blink:" in say("/apariencia parpadeo sí")
    assert "Sigue en vigor lo que dicen --theme, --no-blink." in say("/apariencia reiniciar")
    assert session.screen.look == Look(theme="claro", blink=False)


def test_a_change_that_cannot_be_kept_holds_and_is_told(
    say: Say, session: Session, own_environment: Path
) -> None:
    (own_environment / "config").write_text("un archivo en el sitio de la carpeta")
    shown = say("/apariencia tema claro")
    assert "Tema: claro." in shown and "Lo recordaré" not in shown
    assert "⚠ El cambio vale hasta que salgas: no se pudo guardar en" in shown
    assert session.screen.look.theme == "claro"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("frame", ["barra", "bordes"])
def test_the_sample_looks_as_chosen(say: Say, session: Session, theme: str, frame: str) -> None:
    say(f"/apariencia marco {frame}")
    shown = say(f"/apariencia tema {theme}")
    assert ("│" in shown) is (frame == "barra")
    assert "╭─ 🤖 Claude" in shown and "▊" in shown
    plain = say("/apariencia plano sí")
    assert "Así se verán las respuestas." in plain and not re.search("[╭│╰▊]", plain)


def test_the_list_says_what_each_command_is_for_in_every_window() -> None:
    groups = [(title, [_row(command) for command in of]) for title, of in by_group()]
    for width, height, whole in ((200, 60, True), (100, 27, True), (60, 17, False), (30, 17, False)):
        table, has_all = help_table(groups, Look(), width, height)
        console = Console(width=width, file=io.StringIO())
        rows = console.render_lines(table, pad=False)
        text = "\n".join("".join(segment.text for segment in row).rstrip() for row in rows)
        assert has_all == whole and (len(rows) <= height or width < 60)
        for command in all_commands():
            shown = whole or command.everyday
            assert (command.spelt in text) == shown
            assert not shown or width < 60 or command.brief in text or command.summary in text
    assert all(len(command.brief) <= 29 for command in all_commands())


def sentences(command: Command) -> str:
    """All that a command's file says, with the values of its constants."""
    module = import_module(f"stream_core.chat.commands.{command.name}")
    known = {f"{{{name}}}": str(value) for name, value in vars(module).items() if isinstance(value, str)}
    source = re.sub(r'"\s*\n\s*f?"', "", inspect.getsource(module))
    return re.sub(r"\{\w+\}", lambda found: known.get(found[0], found[0]), source)


@pytest.mark.parametrize("command", all_commands(), ids=lambda command: command.name)
def test_the_help_on_a_command_says_what_the_command_says_of_its_use(command: Command, say: Say) -> None:
    told = say(f"ayuda {command.spelt}")
    assert command.summary in told and " ".join(command.usage.split()) in told
    names = "|".join(map(re.escape, (command.name, *command.aliases)))
    words = "no|sí|guardar|reiniciar|editar|vaciar|todo|más"  # what is typed as it stands
    options = re.findall(rf"«(/(?:{names}) (?:{words}))»", sentences(command))
    assert set(options) <= set(re.findall("«(.*?)»", command.usage))
    assert not command.argument or f"«{'' if command.bare else '/'}" in command.usage
