"""What replies cost, as a person has it: on the panel, in `stats`, under a budget; and the cache."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest
from support import starting
from support.chats import answering, chat, leave, wait_for_prompt
from support.continuing import ask, kept
from support.oneshots import command, environment, run
from support.paths import FIXTURES
from support.terminal import Terminal
from support.tool_calls import calling
from support.wire import body, playing, read_sync

from stream_core import Settings
from stream_core.chat.reply.request_parameters import is_long, request_of
from stream_core.chat.reply.session_spending import SessionSpending
from stream_core.config.connection import Connection
from stream_core.core.deltas import Finished, Opened, Text, Usage
from stream_core.core.stats import SessionStats
from stream_core.core.turn_result import TurnResult
from stream_core.models.catalogue import BUILT_IN
from stream_core.models.cost import Spent, estimate
from stream_core.practice.events import (
    block_start,
    block_stop,
    message_delta,
    message_start,
    message_stop,
    text_delta,
)
from stream_core.practice.script import Cut, Hang
from stream_core.practice.server import PracticeServer
from stream_core.store.open_database import NAME
from stream_core.store.protocol import FOLDER
from stream_core.terminal.rows.figures import money_rows, reply_figures

MODEL = "claude-sonnet-5-5"
THREE_CENTS = answering("uno ", "dos")  # five tokens sent, two received
CUT = answering("uno ", then=[Cut()])


@pytest.fixture
def prices(own_environment: Path) -> Path:
    """A person's own prices for the server that answers: 0.2 cents a token sent, a cent a token received."""
    file = own_environment / "config" / "models.json"
    file.parent.mkdir()
    file.write_text(json.dumps({MODEL: {"input": 2_000, "output": 10_000}}))
    return file


def turn(model: str, *rounds: tuple[Usage, bool]) -> TurnResult:
    """A turn of such rounds; the last may not be complete."""
    result = TurnResult(0.0)
    for number, (usage, complete) in enumerate(rounds):
        if number:
            result.rounds.append(
                type(result.rounds[0])(type(result.reply)(), type(result.rounds[0].stats)(0.0))
            )
        for delta in (Opened("m", model, usage, None, 0.1), Text("a", 0, 0.2)):
            result.feed(delta)
        if complete:
            result.feed(Finished("end_turn", usage, 0.3))
    return result


# -- the price of a turn -----------------------------------------------------------------------


def test_each_request_of_a_turn_has_the_price_of_its_own_size() -> None:
    settings, spending = Settings(model="claude-haiku-5-5"), SessionSpending()
    rounds = turn(settings.model, (Usage(60_000, 100), True), (Usage(60_000, 100), True)).rounds
    assert spending.add(rounds, settings) == "0.012 $"  # together they would be over 100,000
    assert spending.so_far.total == D("0.0121")


def test_what_was_not_counted_to_its_end_cost_at_least_so_much() -> None:
    spending = SessionSpending()
    assert spending.add(turn(MODEL, (Usage(100_000, 1), False)).rounds, Settings()) == "al menos 0.20 $"
    assert spending.add(turn(MODEL, (Usage(100_000, 0), True)).rounds, Settings()) == "al menos 0.20 $"


def test_what_arrived_before_a_cut_counts_for_the_budget() -> None:
    spending, cut = SessionSpending(D("0.01")), turn(MODEL, (Usage(10, 1), False))
    cut.feed(Text("palabra " * 2_000, 0, 0.4))
    assert spending.add(cut.rounds, Settings()) == "al menos 0.040 $"  # 16,001 characters, 4,000 tokens
    assert (
        spending.objection(Settings(), conversation("¿Y?")) == "Llevas gastado al menos 0.040 $ de 0.010 $."
    )


def test_of_what_brought_nothing_or_has_no_count_nothing_is_said() -> None:
    spending = SessionSpending()
    assert spending.add(TurnResult(0.0).rounds, Settings()) == ""
    assert spending.add(turn(MODEL, (Usage(), True)).rounds, Settings()) == ""
    assert spending.so_far.total == 0


def test_practice_costs_nothing_and_is_not_told() -> None:
    spending = SessionSpending(D(1))
    assert (
        spending.add(
            turn(MODEL, (Usage(10, 10), True)).rounds, Settings(connection=Connection(practice=True))
        )
        == ""
    )
    assert not spending.so_far.priced and not spending.so_far.unpriced


def test_the_price_is_the_last_of_the_figures() -> None:
    stats = turn(MODEL, (Usage(10, 10), True)).stats
    assert reply_figures(stats, "0.25 $") == [*reply_figures(stats), "0.25 $"]
    cut = turn(MODEL, (Usage(10, 1), False)).stats
    assert reply_figures(cut, "al menos 0.25 $")[-2:] == ["1 delta, tokens sin contar", "al menos 0.25 $"]


def test_the_rows_about_the_cache_are_there_when_it_was_used() -> None:
    session, spending = SessionStats(0.0), SessionSpending()
    assert money_rows(session, spending.so_far) == []
    result = turn(MODEL, (Usage(10, 10, 1_000, 20_000), True))
    session.add(result.stats)
    spending.add(result.rounds, Settings())
    rows = dict(money_rows(session, spending.so_far))
    assert rows["Ahorro con la caché"] == "0.038 $"  # 20,000 × 1.90 $ - 1,000 × 0.50 $, a million
    assert rows["Tokens leídos de la caché"] == "20,000"
    assert rows["Tokens guardados en la caché"] == "1,000"


def test_sums_are_estimated_as_short_prompts() -> None:
    known, unknown, none = ("claude-haiku-5-5", Usage(1_000_000, 0)), ("otro", Usage(1)), ("nada", Usage())
    spending = estimate([known, unknown, none], BUILT_IN)
    assert (spending.total, spending.priced, spending.unpriced) == (D("0.10"), 1, 1)


def test_what_is_kept_of_a_turn_is_what_each_request_cost() -> None:
    kept = list[tuple[str, Spent]]()
    spending = SessionSpending(keep=lambda model, spent: kept.append((model, spent)))
    short, long = Usage(60_000, 100), Usage(200_000, 100)
    haiku, other = Settings(model="claude-haiku-5-5"), Settings(model="otro")
    spending.add(turn(haiku.model, (short, True), (long, False)).rounds, haiku)
    spending.add(turn(other.model, (Usage(1, 2, 3, 4, 3, 1), True), (Usage(1), False)).rounds, other)
    spending.add(turn(MODEL, (Usage(), True)).rounds, Settings())
    spending.add(turn(MODEL, (Usage(1), True)).rounds, Settings(connection=Connection(practice=True)))
    spending.add([], haiku)
    (_, spent), (_, unpriced), (_, uncounted) = kept
    assert [model for model, _ in kept] == [haiku.model, "otro", MODEL]
    assert (spent.dollars, spent.priced, spent.uncounted) == (spending.so_far.total, 2, 1)
    assert (
        spent.usage == Usage() and spent.dollars > estimate([(haiku.model, short + long)], BUILT_IN).total
    )  # the second is over 100,000
    assert unpriced == Spent(uncounted=1, usage=Usage(2, 2, 3, 4, 3, 1))
    assert uncounted == Spent(priced=1, uncounted=1)


# -- in the chat -------------------------------------------------------------------------------


def test_the_cost_stands_on_the_edge_and_in_stats(prices: Path) -> None:
    with playing(THREE_CENTS) as server, chat(server) as terminal:
        ask(terminal, "hola", prompt=2)
        assert "tokens · " in terminal.text and "· 0.030 $" in terminal.text
        ask(terminal, "¿y?", prompt=3)
        ask(terminal, "stats", prompt=4)
        rows = table(terminal)
        assert rows["Gasto"] == "0.060 $"
        assert rows["Gasto de siempre"] == "0.060 $"
        assert "Ahorro con la caché" not in rows
        leave(terminal)


def test_a_reply_that_was_cut_cost_at_least_its_question(prices: Path) -> None:
    with playing(answering("uno", then=[Hang()])) as server, chat(server) as terminal:
        terminal.send("hola\r")
        terminal.wait_for("uno")
        terminal.send("\x03")
        wait_for_prompt(terminal, 2)
        assert "al menos 0.0" in terminal.text
        leave(terminal)


def test_without_a_price_it_says_so() -> None:
    with playing(THREE_CENTS) as server, chat(server) as terminal:
        ask(terminal, "hola", prompt=2)
        assert "· sin precio" in " ".join(terminal.text.split())
        ask(terminal, "stats", prompt=3)
        assert (table(terminal)["Gasto"], table(terminal)["Gasto de siempre"]) == ("sin precio", "sin precio")
        leave(terminal)


def of_all_time(*flags: str) -> str | None:
    """What a chat of its own says of all time."""
    with playing() as server, chat(server, *flags, rows=150) as terminal:
        ask(terminal, "stats", prompt=2)
        leave(terminal)
        return table(terminal).get("Gasto de siempre")


def test_what_is_forgotten_was_spent(prices: Path, own_environment: Path) -> None:
    with playing(THREE_CENTS) as server, chat(server, rows=150) as terminal:
        ask(terminal, "uno", prompt=2)
        ask(terminal, "/deshacer", prompt=3)
        ask(terminal, "stats", prompt=4)
        assert (table(terminal)["Mensajes del usuario de siempre"], table(terminal)["Gasto de siempre"]) == (
            "0",
            "0.030 $",
        )
        ask(terminal, "dos", prompt=5)
        terminal.send("/reintentar\r")
        terminal.wait_for("¿Pregunto otra vez? (sí/no)")
        terminal.send("sí\r")
        terminal.wait_for(lambda t: t.text.count("· 0.030 $") == 3)
        wait_for_prompt(terminal, 7)
        terminal.send("/borrar\r")
        terminal.wait_for("No se podrá recuperar.")
        terminal.send("sí\r")
        terminal.wait_for("Borrada.")
        leave(terminal)
    assert kept(own_environment) == []
    assert of_all_time() == "0.090 $"


def test_each_part_of_a_turn_costs_what_its_model_costs(prices: Path) -> None:
    other = {"input": 6_000, "output": 10_000}
    prices.write_text(json.dumps({MODEL: {"input": 2_000, "output": 10_000}, "claude-opus-5-5": other}))
    with playing(CUT) as server, chat(server) as terminal:
        ask(terminal, "uno", prompt=2)
        leave(terminal)
    before = of_all_time()
    with (
        playing(answering("uno dos")) as server,
        chat(server, "--continue", "--model", "claude-opus-5-5") as terminal,
    ):
        ask(terminal, "/continuar", prompt=3)
        assert "· 0.040 $" in " ".join(terminal.text.split())  # five tokens sent, one received
        leave(terminal)
    assert (before, of_all_time()) == ("al menos 0.020 $", "al menos 0.060 $")


def test_what_was_kept_before_costs_were_is_estimated(prices: Path, own_environment: Path) -> None:
    folder = own_environment / "data" / FOLDER
    folder.mkdir(parents=True)
    shutil.copy(FIXTURES / "store-v1.sqlite3", folder / NAME)
    assert of_all_time() == "al menos ≈ 0.23 $"  # a turn of it was never ended
    with playing(THREE_CENTS) as server, chat(server) as terminal:
        ask(terminal, "hola", prompt=2)
        leave(terminal)
    assert of_all_time() == "al menos ≈ 0.26 $"


def test_what_is_not_saved_is_not_told_of_all_time(prices: Path) -> None:
    with playing(THREE_CENTS) as server, chat(server, "--no-save", rows=150) as terminal:
        ask(terminal, "uno", prompt=2)
        ask(terminal, "stats", prompt=3)
        assert table(terminal)["Gasto"] == "0.030 $" and "Gasto de siempre" not in table(terminal)
        leave(terminal)
    assert of_all_time() is None


def test_in_practice_there_is_no_price() -> None:
    with chat(None, "--practice") as terminal:
        ask(terminal, "hola", prompt=2)
        assert "$" not in terminal.text and "sin precio" not in terminal.text
        ask(terminal, "/presupuesto 1", prompt=3)
        assert "no hace falta presupuesto" in terminal.text
        leave(terminal)


def test_plain_lines_tell_the_cost_too(prices: Path) -> None:
    with playing(THREE_CENTS) as server, chat(server, "--plain") as terminal:
        ask(terminal, "hola", prompt=2)
        assert ", 0.030 $" in " ".join(terminal.text.split())  # wherever the window breaks it
        leave(terminal)


def table(terminal: Terminal) -> dict[str, str]:
    """The rows of `stats`: the figures of the session by their names, those of the store `… de siempre`."""
    found = {}
    for line in terminal.text.splitlines():
        cells = [cell.strip() for cell in line.strip("│ ").split("│")]
        if line.startswith("│") and len(cells) > 2:
            found[cells[0]] = cells[2]
            found |= {f"{cells[0]} de siempre": cells[3]} if len(cells) > 3 else {}
    inside = " ".join(terminal.text.split("Por dentro")[-1].split())
    found |= dict(re.findall(r"((?:Ahorro|Tokens \w+) (?:con|de|en) la caché) ([\d,.]+(?: \$)?)", inside))
    return found


# -- a budget ----------------------------------------------------------------------------------


def test_it_warns_once_and_then_asks_before_each_question(prices: Path, own_environment: Path) -> None:
    with playing(THREE_CENTS) as server, chat(server, "--budget", "0.07") as terminal:
        ask(terminal, "uno", prompt=2)
        assert "Llevas gastado" not in terminal.text
        ask(terminal, "dos", prompt=3)
        assert "Llevas gastado 0.060 $ de 0.070 $: quedan 0.010 $." in terminal.text
        ask(terminal, "tres", prompt=4)
        assert "Llevas gastado 0.090 $ de 0.070 $: antes de seguir te preguntaré." in terminal.text
        terminal.send("cuatro\r")
        terminal.wait_for("Llevas gastado 0.090 $ de 0.070 $.\nPregunta: ¿Sigo con esta pregunta? (sí/no)")
        terminal.send("no\r")
        terminal.wait_for("No se envió nada.")
        wait_for_prompt(terminal, 5)
        assert len(server.requests) == 3
        terminal.send("\x1b[A")
        terminal.wait_for(lambda t: t.text.rstrip().endswith("Tú: cuatro"))
        terminal.send("\r")
        terminal.wait_for(lambda t: t.text.count("¿Sigo con esta pregunta?") == 2)
        terminal.send("sí\r")
        wait_for_prompt(terminal, 6)
        assert len(server.requests) == 4
        assert terminal.text.count("quedan") == 1
        leave(terminal)
    assert [each.question for each in kept(own_environment)] == ["uno", "dos", "tres", "cuatro"]


def test_ctrl_c_is_a_no(prices: Path) -> None:
    with playing(THREE_CENTS) as server, chat(server, "--budget", "0.01") as terminal:
        ask(terminal, "uno", prompt=2)
        terminal.send("dos\r")
        terminal.wait_for("(sí/no)")
        terminal.send("\x03")
        terminal.wait_for("No se envió nada.")
        wait_for_prompt(terminal, 3)
        assert len(server.requests) == 1
        leave(terminal)


def test_repeating_and_going_on_are_asked_for_too(prices: Path, own_environment: Path) -> None:
    with playing(CUT, THREE_CENTS) as server, chat(server, "--budget", "0.01") as terminal:
        ask(terminal, "uno", prompt=2)
        terminal.send("/continuar\r")
        terminal.wait_for("¿Sigo con la respuesta? (sí/no)")
        terminal.send("no\r")
        wait_for_prompt(terminal, 3)
        terminal.send("/reintentar\r")
        terminal.wait_for("¿Pregunto otra vez? (sí/no)")
        terminal.send("sí\r")
        terminal.wait_for("¿Sigo con esta pregunta? (sí/no)")
        terminal.send("no\r")
        wait_for_prompt(terminal, 4)
        assert len(server.requests) == 1
        leave(terminal)
    assert [each.text for each in kept(own_environment)] == ["uno "]  # what was there stays


def test_what_goes_on_by_itself_is_asked_for(prices: Path) -> None:
    flags = ("--budget", "0.01", "--auto-continue")
    with playing(CUT, THREE_CENTS) as server, chat(server, *flags) as terminal:
        terminal.send("uno\r")
        terminal.wait_for("¿Sigo con la respuesta? (sí/no)")
        assert len(server.requests) == 1
        terminal.send("sí\r")
        wait_for_prompt(terminal, 2)
        assert len(server.requests) == 2
        leave(terminal)


def test_what_alone_costs_more_than_is_left_is_asked_for(prices: Path) -> None:
    flags = ("--budget", "0.05")
    with playing(THREE_CENTS) as server, chat(server, *flags) as terminal:
        terminal.send(f"\x1b[200~{'palabra ' * 19}palabra\x1b[201~\r")
        terminal.wait_for("Solo enviar esto cuesta unos 0.080 $, y del presupuesto quedan 0.050 $.")
        terminal.wait_for("¿Sigo con esta pregunta? (sí/no)")
        terminal.send("no\r")
        wait_for_prompt(terminal, 2)
        assert server.requests == []
        leave(terminal)


def test_what_may_be_read_from_the_cache_is_counted_so() -> None:
    settings, spending = Settings(), SessionSpending(D("0.01"))
    before, last = {"role": "user", "content": "a" * 40_000}, {"role": "user", "content": "hola"}
    assert "cuesta unos 0.020 $" in spending.objection(settings, [before, last])
    assert spending.objection(settings, [before, last], cached=True) == ""
    assert SessionSpending().objection(settings, [before]) == ""
    assert spending.objection(Settings(connection=Connection(practice=True)), [before]) == ""
    assert spending.objection(Settings(model="otro"), [before]) == ""


SUM = calling(("calculate", '{"expression": "6 * 7"}'))  # five tokens sent, nine received: ten cents


@pytest.mark.parametrize("answer", ["sí", "no", "\x03"])
def test_within_a_turn_it_is_asked_for_once(prices: Path, own_environment: Path, answer: str) -> None:
    flags, saying = ("--budget", "0.05"), answering("Son ", "42.")
    again = calling(("calculate", '{"expression": "7 * 7"}'), ids=("toolu_2",))
    with playing(SUM, again, saying) as server, chat(server, *flags, rows=60) as terminal:
        ask(terminal, "/herramientas calculate sí", prompt=2)
        terminal.send("¿cuánto?\r")
        terminal.wait_for("Con esto llevas gastado 0.10 $ de 0.050 $. ¿Sigo con la respuesta? (sí/no)")
        assert len(server.requests) == 1
        terminal.send(answer if answer == "\x03" else f"{answer}\r")
        wait_for_prompt(terminal, 3)
        assert len(server.requests) == (3 if answer == "sí" else 1)
        assert terminal.text.count("¿Sigo") == 1
        ask(terminal, "stats", prompt=4)
        assert table(terminal)["Gasto"] == ("0.23 $" if answer == "sí" else "0.10 $")
        leave(terminal)
    (turn,) = kept(own_environment)
    assert turn.outcome == ("complete" if answer == "sí" else "cancelled")
    assert turn.text.endswith("Son 42." if answer == "sí" else "Voy.")


def test_who_agreed_to_a_question_is_not_asked_again_within_its_turn(prices: Path) -> None:
    flags = ("--budget", "0.01")
    with playing(THREE_CENTS, SUM, THREE_CENTS) as server, chat(server, *flags) as terminal:
        ask(terminal, "/herramientas calculate sí", prompt=2)
        ask(terminal, "uno", prompt=3)
        terminal.send("¿cuánto?\r")
        terminal.wait_for("¿Sigo con esta pregunta? (sí/no)")
        terminal.send("sí\r")
        wait_for_prompt(terminal, 4)
        assert len(server.requests) == 3 and terminal.text.count("¿Sigo") == 1
        leave(terminal)


@pytest.mark.parametrize("plain", [[], ["--plain"]])
def test_what_is_no_answer_is_asked_again(prices: Path, plain: list[str]) -> None:
    with playing(THREE_CENTS) as server, chat(server, "--budget", "0.01", *plain) as terminal:
        ask(terminal, "uno", prompt=2)
        terminal.send("dos\r")
        terminal.wait_for("¿Sigo con esta pregunta? (sí/no)")
        terminal.send("quizá\r")
        terminal.wait_for("Responde sí o no:")
        assert len(server.requests) == 1
        terminal.send("sí\r")
        wait_for_prompt(terminal, 3)
        assert len(server.requests) == 2
        leave(terminal)


def test_esc_is_a_no(prices: Path) -> None:
    with playing(THREE_CENTS) as server, chat(server, "--budget", "0.01") as terminal:
        ask(terminal, "uno", prompt=2)
        terminal.send("dos\r")
        terminal.wait_for("(sí/no)")
        terminal.send("s\x1bq\x1b[D\x1b[Cx")  # Alt with a letter and arrows begin with it
        terminal.wait_for("(sí/no) sx")
        terminal.send("\x1b")
        terminal.wait_for("No se envió nada.")
        wait_for_prompt(terminal, 3)
        assert len(server.requests) == 1
        leave(terminal)


def test_the_settings_show_it(prices: Path) -> None:
    with playing(THREE_CENTS) as server, chat(server, "--budget", "0,5", rows=150) as terminal:
        ask(terminal, "/ajustes dinero", prompt=2)
        assert re.search(r"presupuesto +0\.50 \$ +por --budget", terminal.text)
        ask(terminal, "/presupuesto 2", prompt=3)
        ask(terminal, "/ajustes dinero", prompt=4)
        assert re.search(r"presupuesto +2\.00 \$ +lo elegiste tú", terminal.text)
        leave(terminal)


def test_the_command_shows_and_changes_it(prices: Path) -> None:
    with playing(THREE_CENTS) as server, chat(server) as terminal:
        ask(terminal, "/presupuesto", prompt=2)
        assert "No hay presupuesto. En esta sesión llevas gastado 0 $." in terminal.text
        ask(terminal, "hola", prompt=3)
        ask(terminal, "/presupuesto 0,50", prompt=4)
        assert "Presupuesto de la sesión. Llevas gastado 0.030 $ de 0.50 $: quedan 0.47 $." in terminal.text
        ask(terminal, "/presupuesto mucho", prompt=5)
        assert "«mucho» no es una cantidad de dólares" in terminal.text
        ask(terminal, "/presupuesto 0.02", prompt=6)
        assert "no queda nada" in terminal.text
        ask(terminal, "/presupuesto 0", prompt=7)
        assert "«0» no sirve de límite" in terminal.text and "no hay presupuesto" not in terminal.text
        ask(terminal, "/presupuesto no", prompt=8)
        ask(terminal, "¿y?", prompt=9)  # nothing is asked
        leave(terminal)


def test_a_model_without_a_price_is_told_once() -> None:
    with playing(THREE_CENTS) as server, chat(server, "--budget", "1") as terminal:
        ask(terminal, "uno", prompt=2)
        ask(terminal, "dos", prompt=3)
        told = " ".join(terminal.text.split())
        assert told.count(f"No puedo vigilar el presupuesto: «{MODEL}» es un modelo sin precio.") == 1
        leave(terminal)


# -- a single answer ---------------------------------------------------------------------------


def test_a_single_answer_is_not_asked_for_when_it_cannot_be_watched() -> None:
    with playing(THREE_CENTS) as server:
        done = run(server, "--budget", "1", "hola")
        assert server.requests == []
    assert (done.returncode, done.stdout) == (1, b"")
    assert f"No puedo vigilar el presupuesto: «{MODEL}» es un modelo sin precio." in done.stderr.decode()


def test_a_single_answer_within_its_budget(prices: Path) -> None:
    with playing(THREE_CENTS) as server:
        assert run(server, "--budget", "0.01", "hola").stdout == b"uno dos"


@pytest.mark.parametrize(("limit", "requests"), [("0.01", 1), ("1", 2)])
def test_a_single_answer_goes_on_by_itself_only_within_its_budget(
    prices: Path, limit: str, requests: int
) -> None:
    with playing(CUT, answering("uno dos")) as server:
        done = run(server, "--auto-continue", "--budget", limit, "hola")
        assert len(server.requests) == requests
    assert done.returncode == (requests == 1)
    assert ("No sigo por mi cuenta" in done.stderr.decode()) == (requests == 1)


def test_a_single_answer_whose_question_alone_costs_more_is_not_sent(prices: Path) -> None:
    with playing(THREE_CENTS) as server:
        done = run(server, "--budget", "0.05", "palabra " * 20)
        assert server.requests == []
    assert (done.returncode, done.stdout) == (1, b"")
    assert "quedan 0.050 $. No se envió nada." in done.stderr.decode()


def test_a_single_answer_with_tools_stops_when_its_budget_is_spent(
    prices: Path, own_environment: Path, tmp_path: Path
) -> None:
    own = tmp_path / "mis.py"
    own.write_text('def six() -> int:\n    """Give six."""\n    return 6\n')
    own.chmod(0o600)
    with playing(calling(("six", "{}")), THREE_CENTS) as server:
        done = run(server, "--tools", str(own), "--budget", "0.05", "hola")
        assert len(server.requests) == 1
    assert (done.returncode, done.stdout.strip()) == (1, b"Voy.")
    assert "Con esto llevas gastado 0.10 $ de 0.050 $. No sigo por mi cuenta." in done.stderr.decode()
    assert done.stderr.decode().count("gastado") == 1


def test_a_single_answer_tells_when_it_cost_more_than_it_should(prices: Path) -> None:
    with playing(THREE_CENTS) as server:
        done = run(server, "--budget", "0.02", "hola")
    assert (done.returncode, done.stdout) == (0, b"uno dos")
    assert done.stderr.decode().endswith("Llevas gastado 0.030 $ de 0.020 $.\n")


def test_a_single_answer_says_what_is_wrong_with_the_prices(prices: Path) -> None:
    prices.write_text("{")
    with playing(THREE_CENTS) as server:
        done = run(server, "hola")
    assert done.returncode == 0 and "models.json" in done.stderr.decode()


def test_a_single_answer_counts_what_its_conversation_has_cost(prices: Path, own_environment: Path) -> None:
    with playing(THREE_CENTS) as server:
        first, second, third = (
            run(server, *flags, "--budget", "0.05", question)
            for flags, question in (((), "a"), (("-c",), "b"), (("-c",), "c"))
        )
        assert len(server.requests) == 2
    assert [first.returncode, second.returncode, third.returncode] == [0, 0, 1]
    assert "Llevas gastado 0.060 $ de 0.050 $. No se envió nada." in third.stderr.decode()
    assert [each.question for each in kept(own_environment)] == ["a", "b"]


def test_a_single_answer_counts_for_all_time(prices: Path) -> None:
    with playing(THREE_CENTS) as server:
        run(server, "hola")
    assert of_all_time() == "0.030 $"
    with playing(CUT, answering("uno dos")) as server:
        run(server, "--auto-continue", "hola")
    assert of_all_time() == "al menos 0.070 $"


def test_a_single_answer_that_nobody_reads_was_spent_too(prices: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with playing(answering("uno ", then=[Hang()])) as server, os.fdopen(writing, "wb") as closed:
        program = starting.run(
            command("hola"), env=environment(server), stdin=subprocess.DEVNULL, stdout=closed,
            stderr=subprocess.PIPE, timeout=60, check=False,
        )  # fmt: skip
    assert program.returncode == 1 and b"Traceback" not in program.stderr
    assert of_all_time() == "al menos 0.020 $"


def test_practice_needs_no_price_for_a_budget() -> None:
    assert run(None, "--practice", "--budget", "0.01", "hola").returncode == 0


@pytest.mark.parametrize("told", ["--budget", "STREAM_CORE_BUDGET"])
def test_what_is_no_amount_is_refused(told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    flags = ("--budget", "1.000") if told.startswith("--") else ()
    monkeypatch.setenv("STREAM_CORE_BUDGET", "1.000")
    done = run(None, "--practice", *flags, "hola")
    assert done.returncode == 2
    assert f"{told}: «1.000» se puede leer de dos formas" in done.stderr.decode()


def test_a_flag_is_stronger_than_the_variable() -> None:
    load: Callable[..., Settings] = lambda *flags, value="0,50": Settings.load(  # noqa: E731
        ["--practice", *flags], {"STREAM_CORE_BUDGET": value}
    )
    assert (load().budget, load("--budget", "2").budget, load(value="").budget) == (D("0.50"), D(2), None)


# -- the cache ---------------------------------------------------------------------------------

LONG = "palabra " * 600  # 4,800 characters


def conversation(*texts: str) -> list[dict[str, Any]]:
    roles = ("user", "assistant")
    return [{"role": roles[number % 2], "content": text} for number, text in enumerate(texts)]


def test_long_is_more_than_the_least_that_is_cached() -> None:
    assert not is_long(conversation("a" * 4095))  # with its role it is 4099, which is 1,024 whole tokens
    assert is_long(conversation("a" * 4096))
    assert is_long(conversation("a"), "a" * 4096)
    blocks = [{"type": "text", "text": "a" * 4096}]
    assert is_long([{"role": "user", "content": blocks}])


def test_only_what_goes_on_with_anthropics_server_is_marked() -> None:
    def marked(settings: Settings, text: str = LONG, *, cached: bool = True) -> bool:
        return "cache_control" in request_of(settings, conversation(text), cached=cached)

    assert marked(Settings()) and marked(
        Settings(connection=Connection(practice=True, base_url="http://127.0.0.1:9"))
    )
    assert not marked(Settings(), "corto")
    assert not marked(Settings(), cached=False)
    assert not marked(Settings(connection=Connection(base_url="http://127.0.0.1:9")))


def test_the_second_turn_of_a_long_conversation_is_read_from_the_cache() -> None:
    with PracticeServer(remember=True, pace=0) as server:
        settings = Settings(connection=Connection(practice=True, base_url=server.base_url))
        usages = []
        for messages in (conversation(LONG), conversation(LONG, "Vale.", "¿Y ahora?")):
            request = request_of(settings, messages, cached=True)
            usages.append(read_sync(server.base_url, **request).reply.usage)
    first, second = usages
    assert first.cache_creation_input_tokens > 512 and not first.cache_read_input_tokens
    assert second.cache_read_input_tokens == first.cache_creation_input_tokens


def test_the_chat_shows_what_the_cache_did_once_a_conversation_is_long() -> None:
    with chat(None, "--practice", rows=150) as terminal:
        ask(terminal, "hola", prompt=2)
        ask(terminal, "stats", prompt=3)
        assert "caché" not in terminal.text
        terminal.send(f"\x1b[200~{LONG}\x1b[201~\r")
        wait_for_prompt(terminal, 4)
        ask(terminal, "¿y ahora?", prompt=5)
        ask(terminal, "stats", prompt=6)
        assert int(table(terminal)["Tokens leídos de la caché"].replace(",", "")) > 512
        leave(terminal)


def test_what_the_cache_saved_is_in_stats(prices: Path) -> None:
    usage = {"input_tokens": 1, "cache_read_input_tokens": 10, "cache_creation_input_tokens": 0}
    start = message_start(MODEL, 1).replace(b'"cache_read_input_tokens":0', b'"cache_read_input_tokens":10')
    assert b'"cache_read_input_tokens":10' in start
    end = message_delta("end_turn", {**usage, "output_tokens": 1}) + message_stop()
    reply = body(start + block_start() + text_delta("uno") + block_stop() + end)
    with playing(reply) as server, chat(server) as terminal:
        ask(terminal, "hola", prompt=2)
        ask(terminal, "stats", prompt=3)
        assert table(terminal)["Ahorro con la caché"] == "0.018 $"  # ten tokens at a tenth
        leave(terminal)
