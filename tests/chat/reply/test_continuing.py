"""Going on after a fault as a person has it: `/continuar`, `/reintentar`, and what goes on by itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from support.chats import answering, chat, leave, wait_for_prompt
from support.continuing import ask, kept
from support.oneshots import run
from support.wire import playing

from stream_core.practice.events import block_stop, message_delta, message_stop
from stream_core.practice.script import Cut, Hang, Send, error_reply
from stream_core.practice.server import PracticeServer

CUT = answering("Érase una ", "vez un fa", then=[Cut()])
REST = answering("Érase una vez ", "un faro.")
OLD = "claude-sonnet-4-5-20250929"  # takes the beginning of a reply, as most other servers do
QUESTION = {"role": "user", "content": "cuento"}


def messages(server: PracticeServer, number: int) -> list[Any]:
    sent: list[Any] = server.requests[number].json()["messages"]
    return sent


# -- /continuar --------------------------------------------------------------------------------


def test_a_reply_that_was_cut_goes_on_and_is_one_turn(own_environment: Path) -> None:
    with playing(CUT, REST, answering("vale")) as server, chat(server) as terminal:
        ask(terminal, "cuento", prompt=2)
        assert "«/continuar» sigue desde ahí" in terminal.text
        ask(terminal, "/continuar", prompt=3)
        assert re.search(
            "Érase una vez un faro\\.$", terminal.text, re.MULTILINE
        )  # with the line that was cut
        question, said, asked = messages(server, 1)
        assert (question, said) == (QUESTION, {"role": "assistant", "content": "Érase una vez un fa"})
        assert asked["role"] == "user" and "Érase una vez un fa</" in asked["content"]
        ask(terminal, "¿y luego?", prompt=4)
        assert messages(server, 2)[:2] == [
            QUESTION,
            {"role": "assistant", "content": [{"type": "text", "text": "Érase una vez un faro."}]},
        ]
        ask(terminal, "contexto", prompt=5)
        assert "llevará 2 de 2 turnos" in terminal.text
        leave(terminal)
    first, _ = kept(own_environment)
    assert (first.question, first.text, first.outcome) == ("cuento", "Érase una vez un faro.", "complete")


def test_it_goes_on_as_often_as_it_is_cut(own_environment: Path) -> None:
    more = answering("una vez un fa", "ro y un ma", then=[Cut()])
    with playing(CUT, more, answering("un mar.")) as server, chat(server) as terminal:
        ask(terminal, "cuento", prompt=2)
        ask(terminal, "/continuar", prompt=3)
        ask(terminal, "/continuar", prompt=4)
        assert messages(server, 2)[1]["content"] == "Érase una vez un faro y un ma"
        leave(terminal)
    assert [turn.text for turn in kept(own_environment)] == ["Érase una vez un faro y un mar."]


def test_a_reply_that_was_cancelled_goes_on(own_environment: Path) -> None:
    hanging = answering("Érase una vez", then=[Hang()])
    with (
        playing(hanging, answering("Érase una vez un", then=[Hang()]), REST) as server,
        chat(server) as terminal,
    ):
        terminal.send("cuento\r")
        terminal.wait_for("Érase una vez")
        terminal.send("\x03")
        wait_for_prompt(terminal, 2)
        terminal.send("/continuar\r")
        terminal.wait_for("Érase una vez un")
        terminal.send("\x03")
        wait_for_prompt(terminal, 3)
        assert messages(server, 1)[1]["content"] == "Érase una vez"
        ask(terminal, "/continuar", prompt=4)
        assert messages(server, 2)[1]["content"] == "Érase una vez un"
        leave(terminal)
    assert [(turn.text, turn.outcome) for turn in kept(own_environment)] == [
        ("Érase una vez un faro.", "complete")
    ]


def test_the_most_tokens_are_no_end(own_environment: Path) -> None:
    with PracticeServer(remember=True, pace=0) as server, chat(server, "--max-tokens", "30") as terminal:
        ask(terminal, "Escribe una historia corta sobre un robot", prompt=2)
        assert "quedó cortada: «/continuar» la sigue" in terminal.text
        ask(terminal, "/continuar", prompt=3)
        leave(terminal)
    (turn,) = kept(own_environment)
    assert turn.text.startswith("## El robot que regaba a deshora\n\nCuando los últimos empleados")
    assert turn.outcome == "max_tokens" and len(turn.text) > 100


def test_a_continuation_is_tried_again_before_its_first_text(own_environment: Path) -> None:
    busy = error_reply(529, "overloaded_error", "x")
    with playing(CUT, busy, REST) as server, chat(server) as terminal:
        ask(terminal, "cuento", prompt=2)
        ask(terminal, "/continuar", prompt=3)
        assert messages(server, 2) == messages(server, 1)
        assert re.search("Érase una vez un faro\\.$", terminal.text, re.MULTILINE)
        leave(terminal)
    assert [turn.text for turn in kept(own_environment)] == ["Érase una vez un faro."]


def test_what_claude_refused_is_not_gone_on_with() -> None:
    end = block_stop() + message_delta("refusal", {"output_tokens": 1}) + message_stop()
    refused = answering("No.", then=[Send(end)])
    with playing(refused) as server, chat(server) as terminal:
        ask(terminal, "cuento", prompt=2)
        ask(terminal, "/continuar", prompt=3)
        assert "Claude no quiso responder a eso" in terminal.text and "no llegó texto" not in terminal.text
        assert len(server.requests) == 1
        leave(terminal)


def test_a_model_that_takes_a_prefill_gets_one() -> None:
    model = "claude-sonnet-4-5"
    with playing(CUT, answering("ro.")) as server, chat(server, "-m", model) as terminal:
        ask(terminal, "cuento", prompt=2)
        ask(terminal, "/continuar", prompt=3)
        assert messages(server, 1) == [QUESTION, {"role": "assistant", "content": "Érase una vez un fa"}]
        terminal.wait_for("Érase una vez un faro.")
        leave(terminal)


@pytest.mark.parametrize("trouble", ["error", "cancel"])
def test_a_continuation_that_fails_takes_nothing_away(own_environment: Path, trouble: str) -> None:
    second = error_reply(400, "invalid_request_error", "mal") if trouble == "error" else [Hang()]
    with playing(CUT, second, REST) as server, chat(server) as terminal:
        ask(terminal, "cuento", prompt=2)
        terminal.send("/continuar\r")
        if trouble == "cancel":
            assert server.wait_for(lambda: len(server.requests) == 2)
            terminal.send("\x03")
        wait_for_prompt(terminal, 3)
        told = " ".join(terminal.text.split())
        assert "Conservo lo que había (19 caracteres)" in told and "no cuenta" not in told
        assert [(turn.text, turn.outcome) for turn in kept(own_environment)] == [
            ("Érase una vez un fa", "interrupted")
        ]
        ask(terminal, "/continuar", prompt=4)
        leave(terminal)
    assert [turn.text for turn in kept(own_environment)] == ["Érase una vez un faro."]


def test_a_conversation_that_was_opened_again_goes_on(own_environment: Path) -> None:
    with playing(CUT, REST) as server:
        with chat(server) as terminal:
            ask(terminal, "cuento", prompt=2)
            leave(terminal)
        with chat(server, "-c") as terminal:
            before = terminal.text.count("Tú:")
            ask(terminal, "/continuar", prompt=before + 1)
            leave(terminal)
    assert [turn.text for turn in kept(own_environment)] == ["Érase una vez un faro."]


def test_without_anything_to_go_on_with_it_says_so() -> None:
    failed = error_reply(400, "invalid_request_error", "mal")
    with playing(answering("Hola."), failed) as server, chat(server) as terminal:
        ask(terminal, "/continuar", prompt=2)
        assert "Todavía no hay ninguna respuesta que continuar" in terminal.text
        ask(terminal, "hola", prompt=3)
        ask(terminal, "/continuar", prompt=4)
        assert "La última respuesta está completa" in terminal.text
        ask(terminal, "otra", prompt=5)
        ask(terminal, "/continuar", prompt=6)
        assert "no llegó texto: «/reintentar» repite la pregunta" in terminal.text
        assert len(server.requests) == 2
        leave(terminal)


def test_the_continuation_of_a_fence_is_code_on_the_screen() -> None:
    cut = answering("```python\nfor x in y:\n", "    print(", then=[Cut()])
    rest = answering("for x in y:\n    print(x)\n```\nFin")
    with playing(cut, rest) as server, chat(server) as terminal:
        ask(terminal, "código", prompt=2)
        ask(terminal, "/continuar", prompt=3)
        assert "print(x)" in terminal.text and terminal.text.count("```") == 0
        leave(terminal)


@pytest.mark.parametrize("flags", [["--plain"], []])
def test_it_reads_well_in_plain_lines_too(flags: list[str]) -> None:
    with playing(CUT, REST) as server, chat(server, *flags) as terminal:
        ask(terminal, "cuento", prompt=2)
        ask(terminal, "/continuar", prompt=3)
        assert "Érase una vez un faro." in terminal.text
        leave(terminal)


# -- by itself ---------------------------------------------------------------------------------


def test_what_was_cut_goes_on_by_itself_once(own_environment: Path) -> None:
    more = answering("Érase una vez un faro y un ma", then=[Cut()])
    with playing(CUT, more, REST) as server, chat(server, "--auto-continue") as terminal:
        ask(terminal, "cuento", prompt=2)
        assert "por mi cuenta, como pediste" in terminal.text
        assert len(server.requests) == 2
        leave(terminal)
    assert [(turn.text, turn.outcome) for turn in kept(own_environment)] == [
        ("Érase una vez un faro y un ma", "interrupted")
    ]


def test_a_single_answer_goes_on_by_itself(own_environment: Path) -> None:
    with playing(CUT, REST) as server:
        done = run(server, "--auto-continue", "cuento")
    assert done.returncode == 0 and done.stdout.decode() == "Érase una vez un faro."
    assert "Sigo desde ahí" in done.stderr.decode()
    assert [(turn.text, turn.outcome) for turn in kept(own_environment)] == [
        ("Érase una vez un faro.", "complete")
    ]


def test_a_single_answer_that_lacked_nothing_says_so() -> None:
    with playing(CUT, answering("Érase una vez un fa")) as server:
        done = run(server, "--auto-continue", "cuento")
    assert done.returncode == 0 and done.stdout.decode() == "Érase una vez un fa"
    assert "No faltaba nada" in done.stderr.decode() and "no cuenta" not in done.stderr.decode()


def test_a_single_answer_that_is_cut_again_says_so() -> None:
    with playing(CUT, answering("Érase una vez un faro", then=[Cut()])) as server:
        done = run(server, "--auto-continue", "cuento")
    assert done.returncode == 1 and done.stdout.decode() == "Érase una vez un faro"


def test_without_the_setting_nothing_goes_on_by_itself() -> None:
    with playing(CUT) as server:
        done = run(server, "cuento")
        assert len(server.requests) == 1
    assert done.returncode == 1 and done.stdout.decode() == "Érase una vez un fa"


def test_a_cancelled_reply_does_not_go_on_by_itself() -> None:
    with playing(answering("Érase", then=[Hang()])) as server, chat(server, "--auto-continue") as terminal:
        terminal.send("cuento\r")
        terminal.wait_for("Érase")
        terminal.send("\x03")
        wait_for_prompt(terminal, 2)
        assert len(server.requests) == 1
        leave(terminal)


# -- /reintentar -------------------------------------------------------------------------------


def test_a_question_that_failed_is_asked_again(own_environment: Path) -> None:
    failed = error_reply(400, "invalid_request_error", "mal")
    with playing(answering("Hola."), failed, answering("Érase.")) as server, chat(server) as terminal:
        ask(terminal, "hola", prompt=2)
        ask(terminal, "cuento", prompt=3)
        terminal.send("/reintentar\r")
        terminal.wait_for("Tú: cuento\n")
        terminal.wait_for("Érase.")
        wait_for_prompt(terminal, 5)
        assert messages(server, 2) == messages(server, 1)
        leave(terminal)
    assert [turn.text for turn in kept(own_environment)] == ["Hola.", "Érase."]


@pytest.mark.parametrize("answer", ["no", "\x03", "sí"])
def test_a_reply_is_not_replaced_without_a_question(own_environment: Path, answer: str) -> None:
    with playing(answering("Una."), answering("Otra.")) as server, chat(server) as terminal:
        ask(terminal, "cuento", prompt=2)
        terminal.send("/reintentar\r")
        terminal.wait_for("¿Pregunto otra vez? (sí/no)")
        terminal.send(answer if answer == "\x03" else f"{answer}\r")
        terminal.wait_for("Otra." if answer == "sí" else "Todo queda como estaba.")
        wait_for_prompt(terminal, 4 if answer == "sí" else 3)
        leave(terminal)
    assert [turn.text for turn in kept(own_environment)] == ["Otra." if answer == "sí" else "Una."]


def test_without_a_question_there_is_none_to_repeat() -> None:
    with playing(answering("no")) as server, chat(server) as terminal:
        ask(terminal, "/reintentar", prompt=2)
        assert "Todavía no hay ninguna pregunta que repetir" in terminal.text
        leave(terminal)


# -- limits, as settings -----------------------------------------------------------------------


def test_how_long_is_waited_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    with playing(answering("Érase", then=[Hang()])) as server:
        done = run(server, "--idle-timeout", "1", "cuento")
        assert done.returncode == 1 and "se acabó la espera" in done.stderr.decode()
        monkeypatch.setenv("STREAM_CORE_TOTAL_TIMEOUT", "1")
        done = run(server, "cuento")
        assert done.returncode == 1 and "pasó del tiempo máximo" in done.stderr.decode()
    with playing([Hang()]) as server:
        done = run(server, "--first-byte-timeout", "1", "--attempts", "1", "--total-timeout", "no", "cuento")
        assert done.returncode == 1 and "se acabó la espera" in done.stderr.decode()
        assert len(server.requests) == 1


def test_how_often_is_tried_can_be_chosen() -> None:
    with playing(list(error_reply(529, "overloaded_error", "x"))) as server:
        done = run(server, "--attempts", "2", "cuento")
        assert len(server.requests) == 2
    assert "Reintento 2/2" in done.stderr.decode()
    with playing(list(error_reply(529, "overloaded_error", "x"))) as server:
        assert "Reintento" not in run(server, "--attempts", "1", "cuento").stderr.decode()
        assert len(server.requests) == 1


def test_a_wrong_limit_is_told() -> None:
    done = run(None, "--idle-timeout", "0", "cuento")
    assert done.returncode == 2
    assert done.stderr.decode().startswith("--idle-timeout: «0» no sirve para «silencio»")


# -- with other servers ------------------------------------------------------------------------

REFUSES = list(error_reply(400, "invalid_request_error", "Assistant message prefill is not supported."))


def test_another_server_is_given_the_beginning_first(own_environment: Path) -> None:
    with (
        playing(CUT, answering("ro."), answering("vale")) as server,
        chat(server, "-m", OLD) as terminal,
    ):
        ask(terminal, "cuento", prompt=2)
        ask(terminal, "/continuar", prompt=3)
        assert re.search("Érase una vez un faro\\.$", terminal.text, re.MULTILINE)
        assert messages(server, 1) == [QUESTION, {"role": "assistant", "content": "Érase una vez un fa"}]
        leave(terminal)
    assert [turn.text for turn in kept(own_environment)] == ["Érase una vez un faro."]


def test_one_that_refuses_it_is_asked_in_a_turn_of_its_own(own_environment: Path) -> None:
    again = answering("una vez un fa", "ro y un ma", then=[Cut()])
    with (
        playing(CUT, REFUSES, again, answering("un mar.")) as server,
        chat(server, "-m", OLD) as terminal,
    ):
        ask(terminal, "cuento", prompt=2)
        ask(terminal, "/continuar", prompt=3)
        assert "se lo pido de otra forma" in terminal.text
        assert "La API no aceptó" not in terminal.text  # that was no failure
        assert [messages(server, number)[-1]["role"] for number in (1, 2)] == ["assistant", "user"]
        ask(terminal, "/continuar", prompt=4)
        assert len(server.requests) == 4 and messages(server, 3)[-1]["role"] == "user"  # it is remembered
        leave(terminal)
    assert [turn.text for turn in kept(own_environment)] == ["Érase una vez un faro y un mar."]


def test_what_does_not_follow_is_kept_apart_and_said_so(own_environment: Path) -> None:
    with playing(CUT, answering("Claro, ", "te cuento otro.")) as server, chat(server) as terminal:
        ask(terminal, "cuento", prompt=2)
        ask(terminal, "/continuar", prompt=3)
        assert "en un párrafo aparte" in terminal.text
        assert not re.search("fa ?Claro", terminal.text)
        leave(terminal)
    assert [turn.text for turn in kept(own_environment)] == ["Érase una vez un fa\n\nClaro, te cuento otro."]


def test_so_it_is_for_a_single_answer() -> None:
    with playing(CUT, REFUSES, answering("Claro, te cuento otro.")) as server:
        done = run(server, "--auto-continue", "-m", OLD, "cuento")
    assert done.stdout.decode() == "Érase una vez un fa\n\nClaro, te cuento otro."
    told = done.stderr.decode()
    assert "de otra forma" in told and "párrafo aparte" in told and done.returncode == 0
