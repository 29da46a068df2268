"""The chat as a person has it: the real program on a real terminal, against a real server."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.chats import (
    HOSTILE,
    KEY,
    LABEL,
    TOKENS,
    answering,
    chat,
    leave,
    prompts,
    wait_for_live,
    wait_for_prompt,
    wait_for_redrawn,
)
from support.paths import PROGRAM
from support.terminal import Terminal
from support.wire import events, playing, recorded

from stream_core.chat.repl import Exits
from stream_core.practice.events import (
    block_start,
    block_stop,
    message_delta,
    message_start,
    message_stop,
    text_delta,
)
from stream_core.practice.script import Cut, Hang, Head, Send, Step, Wait, error_reply
from stream_core.practice.server import PracticeServer
from stream_core.texts.errors_es import SAMPLE_PROMPTS

# -- practice mode -----------------------------------------------------------------------------


def test_without_a_key_it_says_so_and_practises(own_environment: Path) -> None:
    with chat(None, lifelike=True) as terminal:
        assert "ANTHROPIC_API_KEY no encontrada" in terminal.text
        assert "«ayuda clave»" in terminal.text
        terminal.send("¿de qué color es el mar?\r")
        terminal.wait_for("🤖 Claude (Streaming) · práctica")
        terminal.wait_for("🤖 Claude (completa) · práctica")
        wait_for_prompt(terminal, 2)
        assert re.search(r"primer token [\d.]+ s · total [\d.]+ s · \d+ tokens · [\d.]+ tok/s", terminal.text)
        assert terminal.text.count("aquí no hay ninguna IA leyendo") == 1
        terminal.send("stats\r")
        terminal.wait_for("Por dentro")
        leave(terminal)
    history = own_environment / "data" / "history"
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    assert stat.S_IMODE(history.parent.stat().st_mode) == 0o700


def test_practice_can_be_asked_for_and_does_not_send_the_key() -> None:
    with playing(answering("no")) as server, chat(server, "--practice") as terminal:
        assert "no encontrada" not in terminal.text
        assert "Modo práctica" in terminal.text
        terminal.send("hola\r")
        terminal.wait_for("(completa)")
        leave(terminal)
        assert server.requests == []


@pytest.mark.parametrize("number", [1, 3, len(SAMPLE_PROMPTS)])
def test_each_sample_prompt_has_its_answer(number: int) -> None:
    with PracticeServer(remember=True, pace=0) as server, chat(server) as terminal:
        terminal.send(f"demo {number}\r")
        terminal.wait_for("(completa)")
        wait_for_prompt(terminal, 3)
        assert f"Tú: {SAMPLE_PROMPTS[number - 1]}" in terminal.text
        assert server.requests[0].json()["messages"][-1]["content"] == SAMPLE_PROMPTS[number - 1]
        leave(terminal)


# -- the reply on the screen -------------------------------------------------------------------


@pytest.mark.parametrize(("rows", "cols"), [(30, 100), (20, 60), (12, 20)])
def test_a_long_reply_stands_in_the_scrollback_once(rows: int, cols: int) -> None:
    pieces = [f"{token} " + ("\n\n" if number % 7 == 6 else "") for number, token in enumerate(TOKENS)]
    with playing(answering(*pieces)) as server, chat(server, rows=rows, cols=cols) as terminal:
        terminal.send("hola\r")
        terminal.wait_for("tok299")
        wait_for_prompt(terminal, 2)
        counts = {token: terminal.text.count(token) for token in TOKENS}
        assert set(counts.values()) == {1}
        leave(terminal)


def test_the_newest_lines_are_visible_while_it_streams() -> None:
    lines = [f"línea {number:03}\n\n" for number in range(100)]
    with playing(answering(*lines, then=[Hang()])) as server, chat(server, rows=20) as terminal:
        terminal.send("hola\r")
        terminal.wait_for(lambda t: any("línea 099" in row for row in t.display))
        assert any("🤖 Claude (Streaming)" in row for row in terminal.display)
        assert not any("línea 001" in row for row in terminal.display)
        terminal.send("\x03")
        terminal.wait_for("(cancelada)")
        wait_for_prompt(terminal, 2)
        leave(terminal)


def test_the_cursor_follows_the_text() -> None:
    with playing(answering("hasta aquí", then=[Hang()])) as server, chat(server) as terminal:
        terminal.send("hola\r")
        # Among the bytes, where it stays: on the screen it goes after seconds without more text.
        terminal.wait_for(lambda t: re.search("hasta aquí(\x1b\\[[\\d;]*m)*▊".encode(), t.raw))
        terminal.send("\x03")
        wait_for_prompt(terminal, 2)
        assert "▊" not in terminal.text
        leave(terminal)


def test_a_table_and_generics_lose_nothing_in_a_narrow_window() -> None:
    text = (
        "| una columna larga | otra columna larga |\n|---|---|\n| palabraprimera | palabrasegunda |\n\n"
        "Un `vector<string>` y un vector<int> y <b>negrita</b> y [/dim] y &amp; y [1]: nota\n\n"
        "[2]: definición\n"
    )
    with playing(answering(text)) as server, chat(server, cols=46) as terminal:
        terminal.send("hola\r")
        wait_for_prompt(terminal, 2)
        shown = "".join(terminal.text.split()).replace("│", "")
        for word in (
            "vector<string>",
            "vector<int>",
            "<b>negrita</b>",
            "[/dim]",
            "&amp;",
            "[1]:nota",
            "definición",
        ):
            assert word in shown, word
        assert "…" not in terminal.text
        leave(terminal)


@pytest.mark.parametrize("reflow", [True, False])
def test_resizing_in_the_middle_leaves_no_ghosts_and_loses_nothing(reflow: bool) -> None:
    """A terminal that wraps its rows anew, and one that cuts them."""
    go_on = threading.Event()
    lines = [f"- {token} y algo más de texto\n" for token in TOKENS[:120]]

    def script() -> Iterator[Step]:
        yield Head()
        yield Send(message_start("claude-sonnet-5-5", 5) + block_start())
        for number, line in enumerate(lines):
            yield Send(text_delta(line))
            yield Wait(0.01, fixed=True)
            if number == 100:
                while not go_on.is_set():
                    yield Wait(0.02, fixed=True)
        yield Send(block_stop() + message_delta("end_turn", {"output_tokens": 9}) + message_stop())

    with playing(script()) as server:
        env = {**os.environ, "ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": server.base_url}
        with Terminal([sys.executable, str(PROGRAM)], env=env, cols=100, rows=30, reflow=reflow) as terminal:
            terminal.wait_for("Tú:")
            terminal.send("hola\r")
            terminal.wait_for("tok010")
            for rows, cols in [(30, 80), (20, 60), (25, 90), (12, 45), (30, 100)]:
                wait_for_redrawn(terminal, terminal.resize(rows, cols))
            go_on.set()
            terminal.wait_for("(completa)")
            wait_for_prompt(terminal, 2)
            assert "(Streaming)" not in terminal.text
            assert terminal.text.count("╭─ 🤖 Claude") == 1
            joined = "".join(terminal.text.split())
            assert {token: joined.count(token) for token in TOKENS[:120]} == dict.fromkeys(TOKENS[:120], 1)
            leave(terminal)


def test_hostile_output_never_reaches_the_terminal() -> None:
    with playing(answering(*HOSTILE)) as server, chat(server) as terminal:
        mark = len(terminal.raw)
        terminal.send("hola\r")
        wait_for_prompt(terminal, 2)
        shown = terminal.raw[mark:].decode()
        for forbidden in (
            "robado",
            "\x1b[2J",
            "aG9sYQ",
            "\u202e",
            "\x9b",
            "\x1b]",
            "\x1bP",
            "\x1b_",
            "\x00",
            "AAAA",
        ):
            assert forbidden not in shown, repr(forbidden)
        assert "rojo" in terminal.text and "[bold]no[/bold]" in terminal.text  # a word may be drawn in pieces
        terminal.send("contexto\r")
        terminal.wait_for("llevará 1 de 1 turno")
        assert "\x1b]" not in terminal.raw[mark:].decode()
        leave(terminal)


def test_hostile_errors_are_one_safe_line() -> None:
    error = list(error_reply(400, "invalid_request_error", "mal\x1b[2J\x1b]0;robado\x07 hecho\nde verdad"))
    with playing(error) as server, chat(server) as terminal:
        terminal.send("hola\r")
        terminal.wait_for("mal hecho de verdad")
        assert b"robado" not in terminal.raw
        leave(terminal)


# -- cancelling and failing --------------------------------------------------------------------


def test_ctrl_c_keeps_the_partial_and_the_next_question_sends_it() -> None:
    with (
        playing(answering("Esto llegó", then=[Hang()]), answering("claro")) as server,
        chat(server) as terminal,
    ):
        terminal.send("primera\r")
        terminal.wait_for("Esto llegó")
        terminal.send("\x03")
        terminal.wait_for("🤖 Claude (cancelada)")
        terminal.wait_for("Cancelada por ti. Conservo los 10 caracteres que llegaron")
        wait_for_prompt(terminal, 2)
        assert server.wait_for(lambda: server.hangups == 1)
        assert "^C" not in terminal.text
        terminal.send("segunda\r")
        terminal.wait_for("(completa)")
        assert server.requests[1].json()["messages"] == [
            {"role": "user", "content": "primera"},
            {"role": "assistant", "content": "Esto llegó"},
            {"role": "user", "content": "segunda"},
        ]
        terminal.send("contexto\r")
        terminal.wait_for("La próxima pregunta llevará 2 de 2 turnos.")
        assert "🤖 Claude (cancelada)" in terminal.text and "🤖 Claude (completa)" in terminal.text
        leave(terminal)


@pytest.mark.parametrize("key", ["\x03", "\x1b"])
def test_ctrl_c_before_the_first_token_sends_nothing_of_it_later(key: str) -> None:
    with playing([Hang()], answering("claro")) as server, chat(server) as terminal:
        terminal.send("primera\r")
        assert server.wait_for(lambda: len(server.requests) == 1, timeout=20)
        terminal.send(key)
        terminal.wait_for("esta pregunta no cuenta")
        wait_for_prompt(terminal, 2)
        terminal.send("segunda\r")
        terminal.wait_for("(completa)")
        assert server.requests[1].json()["messages"] == [{"role": "user", "content": "segunda"}]
        leave(terminal)


def test_ctrl_c_at_the_prompt_says_how_to_leave_and_ctrl_d_leaves() -> None:
    with chat(None, real=True) as terminal:
        terminal.send("a medias\x03")
        wait_for_prompt(terminal, 2)
        assert "para salir" not in terminal.text  # a draft was cleared, nothing else was meant
        terminal.send("\x03")
        terminal.wait_for("Pulsa Ctrl+C otra vez para salir.")
        wait_for_prompt(terminal, 3)
        terminal.send("\x04")
        assert terminal.wait_exit() == 0


def test_ctrl_c_twice_at_the_prompt_leaves_and_the_way_back_is_told() -> None:
    with playing(answering("Hola")) as server, chat(server) as terminal:
        terminal.send("hola\r")
        terminal.wait_for("(completa)")
        wait_for_prompt(terminal, 2)
        terminal.send("\x03\x03")
        assert terminal.wait_exit() == 0
        found = re.search(
            r"Conversación (\w+)\. Para seguirla ahora, o más adelante:\n  (.+) -c\n  \2 -r \1\n¡Hasta",
            terminal.text,
        )
        assert found is not None


def test_the_second_ctrl_c_counts_within_two_seconds_and_a_draft_for_nothing() -> None:
    times = iter((10.0, 11.5, 20.0, 22.5, 23.0, 24.0, 25.0))
    exits = Exits(lambda: next(times))
    assert [exits.leaves(draft=False) for _ in range(4)] == [False, True, False, False]
    assert [exits.leaves(draft=draft) for draft in (True, False, False)] == [False, False, True]


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        pytest.param([Head(), Send(b"".join(events("text")[:4])), Cut()], "La conexión se cortó", id="cut"),
        pytest.param([Head(), Send(b"".join(events("text")[:4]))], "llegó incompleta", id="truncated"),
    ],
)
def test_a_cut_is_told_and_the_chat_goes_on(script: list[Step], sentence: str) -> None:
    with playing(script, answering("sigo")) as server, chat(server) as terminal:
        terminal.send("hola\r")
        terminal.wait_for("🤖 Claude (interrumpida)")
        terminal.wait_for(sentence)
        terminal.wait_for("Conservo los")
        wait_for_prompt(terminal, 2)
        terminal.send("otra\r")
        terminal.wait_for("sigo")
        wait_for_prompt(terminal, 3)
        leave(terminal)


def test_a_refused_key_is_named_by_its_source_and_never_shown() -> None:
    error = list(error_reply(401, "authentication_error", "invalid x-api-key"))
    with playing(error) as server, chat(server) as terminal:
        terminal.send("hola\r")
        terminal.wait_for("La API no aceptó la clave (viene de ANTHROPIC_API_KEY)")
        leave(terminal)


def test_a_wrong_model_gets_a_suggestion() -> None:
    with PracticeServer(remember=True, pace=0) as server, chat(server, "-m", "claude-sonet-5-5") as terminal:
        terminal.send("hola\r")
        terminal.wait_for(lambda t: "¿Querías decir «claude-sonnet-5-5»?" in " ".join(t.text.split()))
        leave(terminal)


def test_a_retry_counts_down_where_it_can_be_seen() -> None:
    busy = list(error_reply(529, "overloaded_error", "Overloaded", [("retry-after", "1")]))
    with playing(busy, answering("por fin")) as server, chat(server) as terminal:
        terminal.send("hola\r")
        terminal.wait_for("Reintento 2/4 en")
        terminal.wait_for("por fin")
        wait_for_prompt(terminal, 2)
        leave(terminal)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_leaves_what_arrived_on_screen_and_the_terminal_as_it_was(number: int, code: int) -> None:
    real = number == signal.SIGTERM
    with playing(answering("Esto llegó", then=[Hang()])) as server, chat(server, real=real) as terminal:
        terminal.send("hola\r")
        terminal.wait_for("Esto llegó")
        terminal.signal(number)
        assert terminal.wait_exit() == code
        assert "🤖 Claude (cancelada)" in terminal.text and "Esto llegó" in terminal.text
        assert "Traceback" not in terminal.text
        flags = terminal.termios_now()
        import termios

        assert flags[3] & termios.ECHO and flags[3] & termios.ICANON and flags[0] & termios.ICRNL


# -- typing ------------------------------------------------------------------------------------


def test_what_is_typed_ahead_is_sent_when_the_prompt_returns() -> None:
    with (
        playing(answering("una", then=[Hang()]), answering("respondido")) as server,
        chat(server) as terminal,
    ):
        terminal.send("primera\r")
        wait_for_live(terminal, "una")
        terminal.send("tecleada antes\r")
        terminal.wait_for(lambda t: "tecleada" not in "".join(t.display))
        terminal.send("\x03")
        terminal.wait_for("respondido")
        wait_for_prompt(terminal, 3)
        assert server.requests[1].json()["messages"][-1]["content"] == "tecleada antes"
        leave(terminal)


@pytest.mark.parametrize("keys", ["\n", "\x1b\r"], ids=["ctrl-j", "alt-enter"])
def test_a_message_of_several_lines(keys: str) -> None:
    with playing(answering("vale")) as server, chat(server) as terminal:
        terminal.send(f"una{keys}dos\r")
        terminal.wait_for("(completa)")
        assert server.requests[0].json()["messages"][-1]["content"] == "una\ndos"
        leave(terminal)


def test_a_paste_is_one_message_and_sanitised() -> None:
    rubbish = "pegado \x1b[31mrojo\x1b[0m \x00\x07\n" + "línea\n" * 50 + "fin"
    with playing(answering("vale")) as server, chat(server) as terminal:
        terminal.paste(rubbish)
        terminal.send("\r")
        terminal.wait_for("(completa)")
        assert len(server.requests) == 1
        assert (
            server.requests[0].json()["messages"][-1]["content"] == "pegado rojo \n" + "línea\n" * 50 + "fin"
        )
        wait_for_prompt(terminal, 1)
        leave(terminal)


def test_a_paste_while_a_reply_streams_is_one_message_too() -> None:
    with playing(answering("una", then=[Hang()]), answering("vale")) as server, chat(server) as terminal:
        terminal.send("primera\r")
        wait_for_live(terminal, "una")
        terminal.paste("pegada\nen tres\nlíneas")
        terminal.send("\r\x03")
        terminal.wait_for("(completa)")
        wait_for_prompt(terminal, 3)
        assert len(server.requests) == 2
        assert server.requests[1].json()["messages"][-1]["content"] == "pegada\nen tres\nlíneas"
        leave(terminal)
        assert terminal.raw.rstrip().endswith(b"\x1b[?2004l") or b"\x1b[?2004l" in terminal.raw[-200:]


def test_colours_that_are_typed_are_no_mouse() -> None:
    with playing(answering("vale")) as server, chat(server) as terminal:
        terminal.send("\x1b[31mrojo\x1b[0m\r")
        terminal.wait_for("(completa)")
        assert server.requests[0].json()["messages"][-1]["content"].startswith("rojo")
        assert "Unhandled" not in terminal.text
        wait_for_prompt(terminal, 2)
        leave(terminal)


def test_practice_is_labelled_in_the_narrowest_window() -> None:
    with chat(None, rows=20, cols=24, lifelike=True) as terminal:
        terminal.send("hola\r")
        terminal.wait_for(lambda t: "Streaming" in t.text and "práctica" in " ".join(t.text.split()))
        terminal.wait_for("completa")
        wait_for_prompt(terminal, 2)
        after = " ".join(terminal.text.partition("completa")[2].split())
        assert "práctica" in after
        leave(terminal)


def test_a_paste_of_100_000_characters() -> None:
    huge = "".join(f"{number:09} " for number in range(10_000)).strip()
    with playing(answering("vale")) as server, chat(server) as terminal:
        terminal.paste(huge)
        terminal.send("\r")
        terminal.wait_for("(completa)", timeout=60)
        assert server.requests[0].json()["messages"][-1]["content"] == huge
        leave(terminal)


def test_invalid_utf8_and_nul_on_the_keyboard() -> None:
    with playing(answering("vale")) as server, chat(server) as terminal:
        terminal.send(b"a\xff\xfeb\r")
        terminal.wait_for("(completa)")
        sent = server.requests[0].json()["messages"][-1]["content"]
        assert sent.startswith("a") and sent.endswith("b")
        wait_for_prompt(terminal, 2)
        leave(terminal)


def test_blank_lines_are_not_sent() -> None:
    with playing(answering("vale")) as server, chat(server) as terminal:
        terminal.send("\r   \r\t\r")
        wait_for_prompt(terminal, 4)
        leave(terminal)
        assert server.requests == []


def test_commands_complete_with_tab_and_the_arrow_brings_the_last_message_back() -> None:
    with playing(answering("vale")) as server, chat(server) as terminal:
        terminal.send("repite esto\r")
        terminal.wait_for("(completa)")
        wait_for_prompt(terminal, 2)
        terminal.send("conte\t")
        terminal.wait_for("Tú: contexto")
        terminal.send("\r")
        terminal.wait_for("llevará 1 de 1 turno")
        wait_for_prompt(terminal, 4)
        terminal.send("\x1b[A\x1b[A\r")
        assert server.wait_for(lambda: len(server.requests) == 2)
        assert server.requests[1].json()["messages"][-1]["content"] == "repite esto"
        wait_for_prompt(terminal, 5)
        leave(terminal)


def test_the_history_of_an_earlier_session_is_there() -> None:
    with playing(answering("vale")) as server:
        for expected in (1, 2):
            with chat(server) as terminal:
                terminal.send("de la otra vez\r" if expected == 1 else "\x1b[A\x1b[A\r")
                terminal.wait_for("(completa)")
                assert len(server.requests) == expected
                leave(terminal)
        assert server.requests[1].json()["messages"][-1]["content"] == "de la otra vez"


# -- commands ----------------------------------------------------------------------------------


def test_the_commands_with_and_without_a_slash() -> None:
    with playing(answering("Hola a ti")) as server, chat(server) as terminal:
        terminal.send("hola\r")
        terminal.wait_for("(completa)")
        for command, shows in [
            ("demo", "4. Describe las ventajas del streaming en tiempo real"),
            ("/demo 99", "elige un número del 1 al 9"),
            ("demo 0", "No hay una demo «0»"),
            ("stats", "📊 Estadísticas de streaming"),
            ("STATS", "Promedio de respuesta"),
            ("/contexto", "La próxima pregunta llevará 1 de 1 turno."),
            ("ayuda", "/conversaciones  muestra y sigue las guardadas"),
            ("ayuda teclas", "Alt+Enter, Ctrl+J"),
            ("ayuda /fallo", "/fallo fallo[:n]"),
            ("ayuda práctica", "/fallos [grupo]"),
            ("/ayuda xyz", "No hay ayuda sobre «xyz»"),
            ("/estats", "¿Querías decir /stats?"),
            ("/xyzxyz", "Escribe «ayuda»"),
            ("limpiar", "Conversación nueva"),
            ("contexto", "Todavía no hay conversación."),
        ]:
            before = prompts(terminal)
            terminal.send(f"{command}\r")
            terminal.wait_for(shows)
            wait_for_prompt(terminal, before + 1)
        assert len(server.requests) == 1
        for row in (
            "Mensajes del usuario     │ 1",
            "Total de caracteres      │ 9",
            "Promedio de respuesta    │ 9.0",
        ):
            assert row in terminal.text
        before = prompts(terminal)
        terminal.send("stats de béisbol\r")
        assert server.wait_for(lambda: len(server.requests) == 2)
        assert [m["content"] for m in server.requests[1].json()["messages"]] == ["stats de béisbol"]
        wait_for_prompt(terminal, before + 1)
        terminal.send("salir\r")
        assert terminal.wait_exit() == 0


def test_the_server_is_named_when_it_is_not_the_usual_one() -> None:
    with playing(answering("no")) as server, chat(server) as terminal:
        assert f"Servidor: {urlsplit(server.base_url).netloc}\n" in terminal.text  # not the key
        leave(terminal)


def test_system_prompt_model_and_limit_are_sent() -> None:
    flags = ("-s", "Sé breve", "--max-tokens", "77", "-m", "claude-haiku-5-5")
    with playing(answering("sí")) as server, chat(server, *flags) as terminal:
        terminal.send("hola\r")
        terminal.wait_for("(completa)")
        sent = server.requests[0].json()
        assert (sent["system"], sent["max_tokens"], sent["model"]) == ("Sé breve", 77, "claude-haiku-5-5")
        leave(terminal)


def test_a_reply_in_a_window_of_twenty_columns() -> None:
    with playing([Head(), Send(recorded("text"))]) as server, chat(server, rows=8, cols=20) as terminal:
        terminal.send("hola\r")
        terminal.wait_for("ñandú")
        terminal.wait_for("completa")
        terminal.send("stats\r")
        wait_for_prompt(terminal, 2)
        leave(terminal)


# -- the look ----------------------------------------------------------------------------------


def test_a_theme_is_remembered_from_one_session_to_the_next(own_environment: Path) -> None:
    with chat(None) as terminal:
        assert LABEL["oscuro"] in terminal.raw
        terminal.send("/apariencia tema claro\r")
        terminal.wait_for("Tema: claro. Lo recordaré la próxima vez.")
        wait_for_prompt(terminal, 2)
        assert LABEL["claro"] in terminal.raw
        leave(terminal)
    file = own_environment / "config" / "preferences.json"
    assert json.loads(file.read_text()) == {"tema": "claro"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with chat(None) as terminal:
        assert LABEL["claro"] in terminal.raw and LABEL["oscuro"] not in terminal.raw
        terminal.send("/apariencia tema\r")
        terminal.wait_for("[lo elegiste tú]")
        leave(terminal)
    with chat(None, "--theme", "oscuro") as terminal:
        assert LABEL["oscuro"] in terminal.raw
        leave(terminal)


def test_what_is_remembered_and_broken_is_told_and_kept(own_environment: Path) -> None:
    file = own_environment / "config" / "preferences.json"
    file.parent.mkdir()
    file.write_text("{roto")
    with chat(None) as terminal:
        assert "lo dejo como está y sigo sin él" in " ".join(terminal.text.split())
        leave(terminal)
    assert file.read_text() == "{roto"


def test_the_settings_of_the_look_complete_with_tab() -> None:
    with chat(None) as terminal:
        terminal.send("/apariencia parp")
        terminal.wait_for("si el cursor parpadea")  # offered while it is typed
        terminal.send("\t")
        terminal.wait_for("Tú: /apariencia parpadeo")
        terminal.send(" sí\r")
        terminal.wait_for("Parpadeo: sí.")
        leave(terminal)
