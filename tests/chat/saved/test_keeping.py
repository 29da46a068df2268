"""The commands over what is kept: listing, finding, opening, forgetting, copying, exporting."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import ConsoleDimensions

from stream_core.chat.backend.client import Backend
from stream_core.chat.repl import handle
from stream_core.chat.saved.archive import Archive
from stream_core.chat.saved.recovery import left_behind
from stream_core.chat.saved.reopening import reopen
from stream_core.chat.session.session import Session
from stream_core.chat.signals.interrupts import Interrupts
from stream_core.config.options.appearance import Look
from stream_core.config.settings import Settings
from stream_core.core.conversation import Turn
from stream_core.core.deltas import Block, Text, Usage
from stream_core.core.instructions import NO_INSTRUCTIONS, Instructions
from stream_core.core.store_errors import StoreError
from stream_core.core.wire import Received
from stream_core.store.memory import MemoryStore
from stream_core.store.protocol import Hit, Place, Store
from stream_core.terminal.device.clipboard import MOST, copying, multiplexer_of
from stream_core.terminal.pages.lists import hit_list
from stream_core.terminal.screen import Screen

HOSTILE = "\x1b]0;robado\x07\x1b[31mrojo\x1b[0m\x9b1m \u202ehostil\u202c\nseguido"
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
Say = Callable[[str], str]


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


class Chat:
    """A session over a store in memory; `say` types a line and gives what is shown, as one line."""

    def __init__(self, store: Store | None, *flags: str) -> None:
        settings = Settings.load(flags, os.environ)
        self.archive = Archive((lambda: store) if store is not None else None)
        self.session = Session(
            settings,
            Screen(
                io.StringIO(),
                settings.preferences.look,
                multiplexer=multiplexer_of(settings.invocation.terminal),
            ),
            Backend(settings),
            Interrupts(),
            self.archive,
        )
        self.asked: list[str] = []
        self.answers: list[str] = []
        self.session.decisions.read_answer = self._answer

    def _answer(self, question: str) -> str:
        self.asked.append(question)
        return self.answers.pop(0)

    def say(self, line: str, *answers: str) -> str:
        self.answers[:] = answers
        file = io.StringIO()
        self.session.screen.console.file = file
        handle(self.session, line)
        shown = file.getvalue()
        assert not UNSAFE.search(shown), repr(shown)
        return " ".join(shown.split())

    def talk(self, question: str, text: str, outcome: str = "complete") -> None:
        """A turn, kept as `Session.ask` keeps it."""
        kept = self.archive.begin(question, model="claude-sonnet-5-5")
        kept.feed(Text(text, 0, 0.0))
        turn = Turn(question, text, outcome, "claude-sonnet-5-5", Usage(1000, 234))  # type: ignore[arg-type]
        kept.end(turn)
        self.session.conversation.turns.append(turn)


class Abandoned(MemoryStore):
    """A store in which every turn that has not ended is one of a program that is gone."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[Place] = []

    def begin_turn(
        self,
        conversation: str | None,
        question: str,
        *,
        model: str,
        at: float,
        instructions: Instructions = NO_INSTRUCTIONS,
        asked: Sequence[Block] = (),
    ) -> Place:
        self.open.append(
            super().begin_turn(
                conversation, question, model=model, at=at, instructions=instructions, asked=asked
            )
        )
        return self.open[-1]

    def continue_turn(self, conversation: str, turn: Turn, *, at: float) -> Place:
        self.open.append(super().continue_turn(conversation, turn, at=at))
        return self.open[-1]

    def end_turn(self, place: Place, turn: Turn, *, at: float) -> None:
        super().end_turn(place, turn, at=at)
        self.open.remove(place)

    def recover(self) -> list[Place]:
        found, self.open = self.open, []
        return found


@pytest.fixture
def store() -> Store:
    return Abandoned()


@pytest.fixture
def chat(store: Store) -> Iterator[Chat]:
    chat = Chat(store)
    yield chat
    chat.archive.close()


def ids(chat: Chat) -> list[str]:
    return [summary.id for summary in chat.archive.call(lambda store: store.conversations(limit=100))]


# -- the list, and opening ---------------------------------------------------------------------


def test_what_was_kept_is_listed_and_opened(chat: Chat) -> None:
    assert "Todavía no hay conversaciones guardadas." in chat.say("/conversaciones")
    chat.talk("Un robot", "Había una vez…")
    chat.talk("Sigue", "Y colorín.")
    assert "«/conversaciones» la muestra" in chat.say("limpiar")
    assert chat.archive.conversation is None and not chat.session.conversation.turns
    chat.talk("Otra cosa", "Vale.")
    shown = chat.say("/conversaciones")
    assert re.search(
        r"1\. Otra cosa \(abierta\) hoy a las? \d+:\d\d · 1 turno · 1,234 tokens · id \S+ ", shown
    )
    assert re.search(r"2\. Un robot hoy a las? \d+:\d\d · 2 turnos · 2,468 tokens · id", shown)
    assert "/conversaciones más" not in shown
    shown = chat.say("/abrir 2")
    assert "Sigues en «Un robot»" in shown and "Turno 2" in shown and "Y colorín." in shown
    assert "Turno 1" not in shown
    assert [turn.question for turn in chat.session.conversation.turns] == ["Un robot", "Sigue"]
    chat.talk("Más", "Más.")
    assert len(ids(chat)) == 2 and re.search(
        r"1\. Un robot \(abierta\) .* 3 turnos", chat.say("/conversaciones")
    )


def test_a_reopened_conversation_names_the_way_on_from_a_cut_reply(chat: Chat) -> None:
    for outcome, text, hinted in (
        ("cancelled", "a med", True),
        ("cancelled", "", False),
        ("complete", "a", False),
    ):
        chat.say("limpiar")
        chat.talk("¿Qué?", text, outcome)
        chat.say("limpiar")
        assert ("quedó a medias: «/continuar» la sigue." in chat.say("/abrir 1")) is hinted, (outcome, text)


def test_the_last_reply_goes_with_its_conversation(chat: Chat) -> None:
    chat.talk("¿Qué?", "Esto.")
    for line in ("limpiar", "/abrir 1"):
        chat.session.wire.trace(Received(b"event: ping\ndata: {}\n\n", 1.0))
        assert "ping" in chat.say("/x")
        chat.say("/conversaciones")
        chat.say(line)
        assert "Todavía no ha llegado ninguna respuesta" in chat.say("/x"), line


def test_an_alternative_counts_the_turns_that_it_follows(chat: Chat) -> None:
    chat.talk("uno", "a")
    chat.talk("dos", "b", "cancelled")
    base = chat.archive.conversation

    def beside(store: Store) -> list[None]:
        place = store.begin_turn(f"alt2.1-{base}", "dos", model="m", at=9.0)
        return [store.end_turn(place, Turn("dos", "c", "complete", "m"), at=9.0)]  # type: ignore[func-returns-value]

    chat.archive.call(beside)
    assert re.search(r" · 2 turnos · [\d,]+ tokens · alternativa 1, turno 2 de ", chat.say("/conversaciones"))
    assert re.search(r"^.* · 2 turnos · .*Turno 2 ", chat.say("/abrir alt2"))
    chat.say("/borrar", "no")
    assert "(1 turno de la alternativa 1)" in chat.asked[-1]


def test_what_an_alternative_follows_is_continued_where_it_is(chat: Chat) -> None:
    chat.talk("¿Qué?", "a med", "cancelled")
    chat.session.borrowed = 1
    assert "pertenece a la conversación original" in chat.say("/continuar")


def test_pages(chat: Chat) -> None:
    for number in range(12):
        chat.talk(f"pregunta {number}", "sí")
        chat.session.begin_anew()
    shown = chat.say("/conversaciones")
    assert (
        " 1. " in f" {shown}" and "10. " in shown and "11. " not in shown and "/conversaciones más" in shown
    )
    shown = chat.say("/conversaciones MAS")
    assert shown.startswith("11. ") and "12. " in shown and "/conversaciones más" not in shown
    assert "No hay más conversaciones." in chat.say("/conversaciones más")
    wanted = chat.archive.results.rows[11].conversation
    chat.say("/abrir 12")
    assert chat.archive.conversation == wanted


def test_a_page_fits_a_low_window(chat: Chat) -> None:
    for number in range(11):
        chat.talk(f"pregunta {number} con bastantes palabras para que no quepa en una sola fila", "sí")
        chat.session.begin_anew()
    chat.session.screen.console.size = ConsoleDimensions(60, 20)
    file = chat.session.screen.console.file = io.StringIO()
    handle(chat.session, "/conversaciones")
    rows = file.getvalue().splitlines()
    assert len(rows) <= 17 and sum("hoy a las" in row or "hoy a la " in row for row in rows) == 10
    assert all(len(row) <= 60 for row in rows) and "…" in rows[0]


def test_what_is_meant_by_a_number_or_an_id(chat: Chat) -> None:
    chat.talk("primera", "a")
    first = chat.archive.conversation
    assert first is not None
    chat.session.begin_anew()
    chat.talk("segunda", "b")
    chat.session.begin_anew()
    assert "Sigues en «segunda»" in chat.say("/conversaciones 1")  # without a list: those last used
    assert "Sigues en «primera»" in chat.say(f"/abrir {first}")
    chat.say("/conversaciones")
    assert "En la lista no hay ningún número 9." in chat.say("/abrir 9")
    assert "cuyo id empiece por «zzz»" in chat.say("/abrir zzz\x1b[2J")
    assert "Sigues" not in chat.say("/abrir 0")
    assert chat.archive.conversation == first


# -- finding -----------------------------------------------------------------------------------


def test_what_is_found_is_numbered_and_opened_where_it_stands(chat: Chat) -> None:
    chat.talk("¿Qué hay?", "Nada\nUna CANCIÓN de cuna\nfin")
    chat.talk("¿Y luego?", "Luego.")
    chat.session.begin_anew()
    assert "Escribe qué buscar" in chat.say("/buscar")
    assert "No encuentro «tejado» en lo guardado." in chat.say("/buscar tejado")
    shown = chat.say("/buscar cancion")
    assert "1. Una CANCIÓN de cuna «¿Qué hay?», hoy" in shown and "«/abrir 1»" in shown
    shown = chat.say("/abrir 1")
    assert "Turno 1" in shown and "Turno 2" in shown and "Una CANCIÓN de cuna" in shown


@pytest.mark.parametrize("plain", [False, True])
def test_what_was_found_stands_out(plain: bool) -> None:
    hit = Hit(Place("x", 1), "t", 0.0, "de la canción\ta \x1b]0;ro", [(6, 13), (14, 15), (17, 99)])
    look = Look(plain=plain)
    file = Terminal()
    screen = Screen(file, look)
    screen.console.print(hit_list([hit], now=0.0, look=look))
    shown = file.getvalue()
    assert ("\x1b[1;7;96mcanción\x1b[0m" in shown) is not plain
    assert ("«canción»" in shown) is plain
    assert "ro" not in shown.partition("«t»")[0].partition("canción")[2] and "\x1b]" not in shown


# -- hostile -----------------------------------------------------------------------------------


def test_what_is_stored_is_safe_in_every_list(chat: Chat) -> None:
    chat.talk(HOSTILE, HOSTILE)
    for line in ("/conversaciones", "/abrir 1", "/buscar hostil", "/abrir 1", "contexto", "/deshacer"):
        assert "hostil" in chat.say(line) or line == "/deshacer"  # `say` looks for what is unsafe
    chat.talk(HOSTILE, HOSTILE)
    chat.say("/borrar", "no")
    assert not UNSAFE.search("".join(chat.asked)) and "rojo hostil" in chat.asked[0]


def test_what_was_left_behind_is_told_safely(store: Store) -> None:
    place = store.begin_turn(None, HOSTILE, model="m", at=1.0)
    store.append(place, HOSTILE, at=2.0)
    told = left_behind(store, None)
    assert not UNSAFE.search(told) and "rojo hostil" in told


# -- what was left behind ----------------------------------------------------------------------


def test_what_was_left_behind_is_told_with_the_way_back(store: Store) -> None:
    assert left_behind(store, None) == ""
    place = store.begin_turn(None, "¿Qué tal?", model="m", at=1.0)
    store.append(place, "x" * 1234, at=2.0)
    assert left_behind(store, None) == (
        "La última vez se interrumpió una respuesta, en «¿Qué tal?». "
        "Conservo los 1,234 caracteres que llegaron. "
        f"Para seguirla: «/abrir {place.conversation}», o abre el chat con --continue. "
        "«/conversaciones» muestra las demás."
    )
    other = store.begin_turn(None, "Otra", model="m", at=3.0)
    store.end_turn(other, Turn("Otra", "b", "complete", "m"), at=4.0)
    silent = store.begin_turn(place.conversation, "Sigue", model="m", at=3.5)
    store.append(silent, "", at=3.5)
    assert left_behind(store, place.conversation) == (
        "La última vez una pregunta se quedó sin respuesta, en «¿Qué tal?». "
        "Es la conversación que tienes abierta: sigue preguntando."
    )
    for _ in range(2):
        store.begin_turn(None, "x", model="m", at=5.0)
    assert left_behind(store, None).startswith("La última vez se interrumpieron 2 respuestas.")


def test_one_that_is_not_the_last_is_gone_on_with_by_its_id(store: Store) -> None:
    place = store.begin_turn(None, "Una", model="m", at=1.0)
    store.append(place, "y", at=1.0)
    other = store.begin_turn(None, "Otra", model="m", at=2.0)
    store.end_turn(other, Turn("Otra", "b", "complete", "m"), at=3.0)
    told = left_behind(store, None)
    assert "Conservo el carácter que llegó." in told and f"--resume {place.conversation}" in told


# -- forgetting --------------------------------------------------------------------------------


def test_a_conversation_is_forgotten_after_asking(chat: Chat) -> None:
    assert "No hay conversación que borrar." in chat.say("/borrar")
    chat.talk("primera", "a")
    chat.session.begin_anew()
    chat.talk("segunda", "b")
    chat.say("/conversaciones")
    for answers in (("no",), ("",), ("quizá", "exit", "no"), ("borra", "")):
        assert "No se borró nada." in chat.say("/borrar 2", *answers)
    assert chat.asked.count("Responde sí o no: ") == 3
    assert chat.asked[0] == "¿Borro «primera» (1 turno)? No se podrá recuperar. (sí/no) "
    assert "Borrada." in chat.say("/borrar 2", "Sí")
    assert len(ids(chat)) == 1 and chat.session.conversation.turns
    assert "ya no está" in chat.say("/borrar 2") and "ya no está" in chat.say("/abrir 2")
    assert "Borrada." in chat.say("/borrar", "si")
    assert ids(chat) == [] and not chat.session.conversation.turns and chat.archive.conversation is None


@pytest.mark.parametrize("refusal", [EOFError, KeyboardInterrupt])
def test_ctrl_c_and_ctrl_d_are_a_no(chat: Chat, refusal: type[BaseException]) -> None:
    def answer(question: str) -> str:
        raise refusal

    chat.talk("primera", "a")
    chat.session.decisions.read_answer = answer
    assert "No se borró nada." in chat.say("/borrar")
    assert len(ids(chat)) == 1


def test_the_last_turn_is_undone_here_and_in_what_is_kept(chat: Chat) -> None:
    assert "No hay ningún turno que deshacer." in chat.say("/deshacer")
    chat.talk("primera", "a")
    chat.talk("segunda", "b")
    first = chat.archive.conversation
    assert first is not None
    assert "Quité el último turno: «segunda»." in chat.say("/deshacer")
    kept = chat.archive.call(lambda store: reopen(store, first))
    assert kept is not None and [turn.question for turn in kept.turns] == ["primera"]
    assert "«primera»" in chat.say("/deshacer")
    assert ids(chat) == [] and chat.archive.conversation is None
    chat.talk("tercera", "c")
    assert len(ids(chat)) == 1


def test_a_turn_of_another_terminal_is_not_undone(chat: Chat, store: Store) -> None:
    chat.talk("primera", "a")
    first = chat.archive.conversation
    assert first is not None

    def other(store: Store) -> None:
        place = store.begin_turn(first, "la de allí", model="m", at=9e9)
        store.end_turn(place, Turn("la de allí", "x", "complete", "m"), at=9e9)

    chat.archive.call(other)
    assert "quizá siguió en otra terminal" in chat.say("/deshacer")
    assert [turn.question for turn in chat.archive.call(lambda store: list(store.turns(first)))] == [
        "primera",
        "la de allí",
    ]
    assert not chat.session.conversation.turns


# -- the store that fails, and none at all -----------------------------------------------------


def test_without_a_store_everything_else_goes_on() -> None:
    chat = Chat(None)
    chat.talk("primera", "a")
    for line in ("/conversaciones", "/buscar a", "/abrir 1"):
        assert "Ahora no se guarda nada" in chat.say(line)
    assert "guardada desde" not in chat.say("stats")
    assert "Quité el último turno" in chat.say("/deshacer")
    chat.talk("primera", "a")
    assert "No se borró nada." in chat.say("/borrar", "no")
    assert "Borrada." in chat.say("/borrar", "sí") and not chat.session.conversation.turns
    assert "guardada" not in chat.say("limpiar")


def test_a_failure_is_told_once_and_the_chat_goes_on() -> None:
    def broken() -> Store:
        raise StoreError("no")

    chat = Chat(MemoryStore())
    chat.archive = chat.session.archive = Archive(broken)
    chat.talk("primera", "a")
    chat.talk("segunda", "b")
    assert len(chat.archive.pending_notices()) == 1 and chat.archive.pending_notices() == []
    assert chat.say("/conversaciones").startswith("⚠") and "guardada desde" not in chat.say("stats")
    assert len(chat.session.conversation.turns) == 2


def test_a_conversation_is_renamed(chat: Chat) -> None:
    assert "Todavía no hay ninguna conversación guardada" in chat.say("/titulo x")
    chat.talk("¿Qué es un robot?", "a")
    assert "Título: «¿Qué es un robot?»." in chat.say("/titulo")
    assert "Ahora se llama «Un vivero, de noche»." in chat.say("/Título   Un \x1b[31mvivero, de noche")
    assert "Un vivero, de noche" in chat.say("/conversaciones")
    assert "«Un vivero, de noche»" in chat.say("/buscar VIVERO")
    chat.say("/borrar", "no")
    assert "«Un vivero, de noche» (1 turno)" in chat.asked[-1]


def test_the_figures_of_all_that_is_kept(chat: Chat) -> None:
    chat.talk("primera", "a" * 1234)
    shown = chat.say("stats")
    assert "Guardado" in shown and "1 conversación guardada desde" in shown
    assert "Total de caracteres 1,234 0 1,234" in shown  # what was said before this session is none of it


# -- the clipboard -----------------------------------------------------------------------------


def copied(chat: Chat, line: str) -> tuple[str, str]:
    """What a line puts onto the clipboard, and what else is shown."""
    file = Terminal()
    chat.session.screen.console.file = file
    handle(chat.session, line)
    found = re.search("\x1b]52;c;([A-Za-z0-9+/=]*)\x07", file.getvalue())
    text = base64.b64decode(found.group(1)).decode() if found else ""
    shown = file.getvalue().replace(found.group(), "") if found else file.getvalue()
    assert "\x1b]" not in shown
    return text, " ".join(re.sub("\x1b\\[[0-9;]*m", "", shown).split())


def test_the_last_reply_is_copied(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    chat = Chat(None)
    assert "Todavía no hay respuesta que copiar." in copied(chat, "/copiar")[1]
    chat.talk("primera", f"Ñandú:\n```sh\nls\n```\ny\n```\n{HOSTILE}\n```\n")
    chat.talk("segunda", "", "error")
    text, shown = copied(chat, "/copiar")
    assert text.startswith("Ñandú:\n```sh\nls\n```\ny\n```\nrojo hostil\nseguido")
    assert "al portapapeles" in shown and "tmux" not in shown
    assert copied(chat, "/copiar 1")[0] == "ls"
    assert copied(chat, "/copiar 2")[0] == "rojo hostil\nseguido"
    assert copied(chat, "/copiar 3") == (
        "",
        "⚠ No hay un bloque de código «3»: la última respuesta tiene 2: elige un número del 1 al 2.",
    )
    chat.talk("tercera", "nada")
    assert "no tiene bloques de código" in copied(chat, "/copiar x\x1b[2J")[1]
    chat.talk("cuarta", "a" * MOST)
    text, shown = copied(chat, "/copiar")
    assert text == "" and "demasiado largo" in shown and "/exportar md" in shown


def test_tmux_is_given_it_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    assert copying("a", multiplexer="tmux") == "\x1b]52;c;YQ==\x07\x1bPtmux;\x1b\x1b]52;c;YQ==\x07\x1b\\"
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("TMUX", "/tmp/x,1,0")
    chat = Chat(None)
    chat.talk("primera", "a")
    file = Terminal()
    chat.session.screen.console.file = file
    handle(chat.session, "/copiar")
    assert "\x1bPtmux;" in file.getvalue() and "allow-passthrough" in file.getvalue()


def test_nothing_is_copied_where_no_escapes_belong(chat: Chat) -> None:
    chat.talk("primera", "a")
    assert "no se puede copiar" in chat.say("/copiar")  # no terminal
    chat.session.screen.look = Look(plain=True)
    assert "no se puede copiar" in copied(chat, "/copiar")[1]


# -- exporting ---------------------------------------------------------------------------------


def test_a_conversation_is_exported(chat: Chat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "Todavía no hay conversación que exportar." in chat.say("/exportar")
    chat.talk("Un robot", "Había…")
    for form in ("", "json", "HTML"):
        assert "Exportada a" in chat.say(f"/exportar {form}")
    assert "No se exportó nada." in chat.say("/exportar md", "no")
    assert {file.suffix for file in tmp_path.iterdir()} == {".md", ".json", ".html"}
    for file in tmp_path.iterdir():
        assert re.fullmatch(r"\d{4}-\d\d-\d\d-un-robot\.\w+", file.name)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (file,) = tmp_path.glob("*.json")
    assert json.loads(file.read_text("utf-8"))["id"] == chat.archive.conversation


def test_where_it_is_exported_to(chat: Chat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "carpeta").mkdir()
    chat.talk("Un robot", "Había…")
    for line in ("json carpeta", "html con espacios.txt", 'md "~/casa.md"', "otra.json"):
        assert "Exportada a" in chat.say(f"/exportar {line}")
    names = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert {"con espacios.txt", "casa.md", "otra.json"} < names and len(names) == 4
    assert (tmp_path / "con espacios.txt").read_text().startswith("<!DOCTYPE html>")
    assert json.loads((tmp_path / "otra.json").read_text())["turns"]


def test_nothing_is_written_over_without_a_yes(chat: Chat, tmp_path: Path) -> None:
    file = tmp_path / "mía.md"
    file.write_text("lo mío")
    chat.talk("Un robot", "Había…")
    assert "No se exportó nada." in chat.say(f"/exportar {file}", "no")
    assert file.read_text() == "lo mío" and "ya existe. ¿Lo reemplazo? (sí/no) " in chat.asked[0]
    assert "Exportada a" in chat.say(f"/exportar {file}", "sí")
    assert "Había…" in file.read_text() and [*tmp_path.iterdir()] == [file]


@pytest.mark.parametrize(
    ("argument", "told"),
    [
        ("pdf", "«pdf» no es un formato. Puede ser md, json o html."),
        ("\x1b[2Jdocx cosa", "«docx» no es un formato."),
        ("md no/hay/x.md", "esa carpeta no existe"),
        ("md /dev/null", "no es un archivo corriente"),
        ("md ~nadie-de-nadie/x.md", "no sirve como nombre de archivo"),
        ("md a\x00b", "no sirve como nombre de archivo"),
        ("md " + "x" * 300, "no sirve como nombre de archivo"),
    ],
)
def test_what_cannot_be_exported_to(
    chat: Chat, argument: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    chat.talk("Un robot", "Había…")
    assert told in chat.say(f"/exportar {argument}")
    assert not [*tmp_path.iterdir()]


def test_one_that_is_not_kept_is_exported_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    chat = Chat(None)
    chat.session.settings = replace(
        chat.session.settings, connection=replace(chat.session.settings.connection, practice=True)
    )
    chat.talk("Un robot", "Había…")
    chat.say("/exportar json")
    (file,) = tmp_path.iterdir()
    whole = json.loads(file.read_text())
    assert whole["id"] is None and whole["practice"] is True
