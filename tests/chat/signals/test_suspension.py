"""Ctrl+Z, `fg` and `bg`: in a real shell, and on a terminal that nobody puts right but the program."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from pyte import modes
from support.chats import KEY, TOKENS, answering, leave, permit, wait_for_live, wait_for_prompt
from support.paths import PROGRAM
from support.terminal import BRACKETED_PASTE, Terminal
from support.wire import playing, read_sync

from stream_core import Timeouts
from stream_core.core.deltas import Delta, Text
from stream_core.practice.events import (
    block_start,
    block_stop,
    message_delta,
    message_start,
    message_stop,
    text_delta,
)
from stream_core.practice.script import Cut, Hang, Head, Send, Step, Wait
from stream_core.practice.server import PracticeServer
from stream_core.streaming import event_loop

STOP = "\x1a"


class Gate:
    """A reply that stands still in the middle until it is opened, and the word that all of it was sent."""

    def __init__(self, *, cut: bool = False) -> None:
        self.opened, self.sent = Event(), Event()
        self._cut = cut

    def reply(self, first: Sequence[str], then: Sequence[str]) -> Iterator[Step]:
        yield Head()
        yield Send(message_start("claude-sonnet-5-5", 5) + block_start())
        yield from (Send(text_delta(piece)) for piece in first)
        while not self.opened.is_set():
            yield Wait(0.02, fixed=True)
        yield from (Send(text_delta(piece)) for piece in then)
        if not self._cut:
            yield Send(block_stop() + message_delta("end_turn", {"output_tokens": 5}) + message_stop())
        self.sent.set()
        if self._cut:
            yield Cut()

    def open(self) -> None:
        """Have the rest sent, and wait until it is."""
        self.opened.set()
        assert self.sent.wait(20)


def environment(server: PracticeServer) -> dict[str, str]:
    return {**os.environ, "ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": server.base_url}


@contextmanager
def shell(server: PracticeServer, folder: Path) -> Iterator[Terminal]:
    """A shell in a window, in which the program is called `chat`."""
    program = folder / "chat"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{PROGRAM}" "$@"\n')
    program.chmod(0o700)
    inputrc = folder / "inputrc"
    inputrc.write_text("set enable-bracketed-paste off\n")  # what is on then, is our doing
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    env = {**environment(server), "PATH": path, "PS1": "$ ", "INPUTRC": str(inputrc), "HISTFILE": ""}
    with Terminal(["bash", "--norc", "-i"], env=env) as terminal:
        terminal.wait_for("$")
        yield terminal
        assert "Traceback" not in terminal.text and "defecto" not in terminal.text


def shell_asks(terminal: Terminal, number: int = 1) -> None:
    """Wait until the shell has told of the n-th stop and asks; it can be used."""
    terminal.wait_for(lambda t: t.text.count("Stopped") >= number and t.text.rstrip().endswith("\n$"))
    assert BRACKETED_PASTE not in terminal.screen.mode and not terminal.screen.cursor.hidden
    terminal.send(f"echo shell-$((40+{number}))\r")
    terminal.wait_for(f"\nshell-{40 + number}\n$")


def stopped_in_background(terminal: Terminal, number: int) -> None:
    """Wait until the job has stopped, and have the shell tell of it."""
    terminal.send(f"echo job-{number}-$(jobs -p)\r")
    terminal.wait_for(lambda t: re.search(rf"^job-{number}-\d+$", t.text, re.MULTILINE))
    pid = int(terminal.text.rpartition(f"\njob-{number}-")[2].partition("\n")[0])
    terminal.wait_for(lambda t: state(pid).startswith("T"))
    # The shell tells of it before it asks next; it may hear of it later than we do.
    terminal.send('until [ "$(jobs -sp)" ]; do sleep 0.05; done\r')
    shell_asks(terminal, number)


def leave_both(terminal: Terminal) -> None:
    terminal.send("exit\r")
    terminal.wait_for("¡Hasta pronto!\n$")
    terminal.send("exit\r")
    assert terminal.wait_exit() == 0


def counts(terminal: Terminal, tokens: Iterable[str]) -> set[int]:
    return {terminal.text.count(token) for token in tokens}


# -- in a shell --------------------------------------------------------------------------------


class Job:
    """The chat as a job of a shell, which tells of each stop."""

    def __init__(self, terminal: Terminal, command: str) -> None:
        self.terminal, self.stops = terminal, 0
        terminal.send(f"{command}\r")
        terminal.wait_for("Tú:")

    def asks(self) -> None:
        """Wait until the shell has told of the next stop, and asks."""
        self.stops += 1
        shell_asks(self.terminal, self.stops)

    def stop(self) -> None:
        self.terminal.send(STOP)
        self.asks()

    def to_background(self) -> None:
        before = self.told_of()
        self.terminal.send("bg\r")
        self.terminal.wait_for(lambda t: self.told_of() > before)

    def told_of(self) -> int:
        """How often the shell has told that the job runs in the background."""
        return len(re.findall(r"\s&\n", self.terminal.text))  # the path before it may fill a row

    def has_stopped(self) -> None:
        """Wait until it has stopped by itself, in the background."""
        self.stops += 1
        stopped_in_background(self.terminal, self.stops)

    def to_front(self, ends: str) -> None:
        """Bring it back, and wait until the window ends in a row."""
        self.terminal.send("fg\r")
        self.terminal.wait_for(lambda t: t.text.rstrip().endswith(ends))

    def ask(self, question: str, shows: str) -> None:
        """Ask, and wait for a text of the answer."""
        self.terminal.send(f"{question}\r")
        self.terminal.wait_for(shows)

    def answered(self) -> None:
        """Wait until it asks again, with nothing typed."""
        self.terminal.wait_for(lambda t: t.text.rstrip().endswith("\nTú:"))


def half_a_line(job: Job, server: PracticeServer) -> None:
    """It is there again, and so is an empty prompt."""
    terminal = job.terminal
    terminal.send("media lín")
    terminal.wait_for("Tú: media lín")
    job.stop()
    job.to_front("\nTú: media lín")
    terminal.send("ea\r")
    terminal.wait_for("(completa)")
    assert server.requests[0].json()["messages"][-1]["content"] == "media línea"
    job.answered()
    job.stop()
    job.to_front("\nTú:")


def rows(number: int) -> tuple[list[str], list[str]]:
    """The first rows of the n-th reply, more than a screen, and those that come later."""
    tokens = [f"{token} y algo más\n\n" for token in TOKENS[number * 60 :][:60]]
    return tokens[:40], tokens[40:]


def once(terminal: Terminal, number: int) -> bool:
    """Whether each row of the n-th reply is there, and once."""
    return counts(terminal, TOKENS[number * 60 :][:60]) == {1}


def reply_goes_on(job: Job, gate: Gate, number: int, *, cut: bool = False, plain: bool = False) -> None:
    """What arrived meanwhile is below what the shell wrote, once; also when the server has hung up."""
    terminal, label = job.terminal, "Claude (" if plain else "🤖 Claude ("
    whole, begun = terminal.text.count("(completa)"), terminal.text.count(label)
    job.ask("hola", TOKENS[number * 60 + 39])
    terminal.send("luego" + STOP)  # typed ahead, it is the program's and not the shell's
    job.asks()
    assert "(Streaming)" not in terminal.text and "▊" not in terminal.text
    gate.open()
    job.to_front("\nTú: luego")
    assert once(terminal, number) and terminal.text.count(label) == begun + 1
    assert plain or terminal.text.count("╭─ 🤖 Claude") == begun + 1
    assert ("La conexión se cortó" in terminal.text) == cut
    assert terminal.text.count("(completa)") == whole + (not cut)
    terminal.send("\x03" if plain else "\x15")
    job.answered()


def listens_in_the_background(job: Job, gate: Gate, number: int) -> None:
    """It draws in the foreground only."""
    terminal = job.terminal
    job.ask("hola", TOKENS[number * 60 + 39])
    job.stop()
    job.to_background()
    mark = len(terminal.raw)
    gate.open()  # the reply ends, and then the program cannot do without the terminal
    job.has_stopped()
    assert "tok" not in terminal.raw[mark:].decode()
    job.to_front("\nTú:")
    assert once(terminal, number)
    job.stop()
    job.to_background()  # at the prompt it has to read
    job.has_stopped()
    job.to_front("\nTú:")


def comes_back_while_it_streams(job: Job, gate: Gate, number: int) -> None:
    """Out of the background: of a program that is running, no signal tells it."""
    terminal = job.terminal
    job.ask("hola", TOKENS[number * 60 + 39])
    job.stop()
    job.to_background()
    terminal.send("fg\r")
    terminal.wait_for("(Streaming)")
    gate.open()
    job.answered()
    assert once(terminal, number)


def asking(gate: Gate, name: str) -> Iterator[Step]:
    """A reply that calls a tool which asks first, once the gate is opened."""
    block = {"type": "tool_use", "id": f"toolu_{name}", "name": "list_files", "input": {}}
    yield from (step for step in gate.reply([f"{name}."], []) if not isinstance(step, Cut))
    called = block_stop() + block_start(1, block) + block_stop(1)
    yield Send(called + message_delta("tool_use", {"output_tokens": 5}) + message_stop())


QUESTION = "¿Lo permites?"


def question_is_there_again(job: Job, gate: Gate, name: str, *, plain: bool, background: bool) -> None:
    """Below what it is about. Nothing is drawn over it; one of the background waits for the foreground."""
    terminal = job.terminal
    asked, called = terminal.text.count(QUESTION), terminal.text.count("⚙ list_files")
    job.ask("hola", f"{name}.")
    if background:
        job.stop()
        job.to_background()
        mark = len(terminal.raw)
        gate.open()
        job.has_stopped()
        assert plain or "list_files" not in terminal.raw[mark:].decode()
    else:
        gate.open()
        terminal.wait_for(lambda t: t.text.count(QUESTION) > asked)
        job.stop()
    job.to_front("(sí/no/siempre)" if plain else "siempre")
    assert terminal.text.count(QUESTION) - asked == (2 if plain and not background else 1)
    if plain:
        terminal.send("sí\r")
    else:
        assert terminal.text.count("⚙ list_files") == called + 1
        permit(terminal, "s")
    terminal.wait_for(f"Listo {name}.")
    job.answered()


def test_in_a_shell(tmp_path: Path) -> None:
    """One chat for all of it: there the program is really started."""
    gates = [Gate(), Gate(cut=True), Gate(), Gate(), Gate(cut=True), Gate(cut=True)]
    replies = [gate.reply(*rows(number)) for number, gate in enumerate(gates[:4])]
    questions = [asking(gates[4], "Primero"), answering("Listo Primero.")]
    questions += [asking(gates[5], "Segundo"), answering("Listo Segundo.")]
    with (
        playing(answering("una"), replies[0], *replies[2:], *questions, replies[1]) as server,
        shell(server, tmp_path) as terminal,
    ):
        job = Job(terminal, f"chat --files {tmp_path}")
        half_a_line(job, server)
        reply_goes_on(job, gates[0], 0)
        listens_in_the_background(job, gates[2], 2)
        comes_back_while_it_streams(job, gates[3], 3)
        question_is_there_again(job, gates[4], "Primero", plain=False, background=False)
        question_is_there_again(job, gates[5], "Segundo", plain=False, background=True)
        reply_goes_on(job, gates[1], 1, cut=True)
        leave_both(terminal)


def test_in_a_shell_without_any_escape(tmp_path: Path) -> None:
    gates = [Gate(), Gate(cut=True), Gate(cut=True)]
    questions = [asking(gates[1], "Primero"), answering("Listo Primero.")]
    questions += [asking(gates[2], "Segundo"), answering("Listo Segundo.")]
    with (
        playing(answering("una"), gates[0].reply(*rows(0)), *questions) as server,
        shell(server, tmp_path) as terminal,
    ):
        job = Job(terminal, f"chat --files {tmp_path} --plain")
        half_a_line(job, server)
        reply_goes_on(job, gates[0], 0, plain=True)
        question_is_there_again(job, gates[1], "Primero", plain=True, background=False)
        question_is_there_again(job, gates[2], "Segundo", plain=True, background=True)
        leave_both(terminal)


def test_it_can_be_ended_while_it_is_stopped(tmp_path: Path) -> None:
    with playing(answering("a medias", then=[Hang()])) as server, shell(server, tmp_path) as terminal:
        terminal.send("chat\r")
        terminal.wait_for("Tú:")
        terminal.send("hola\r")
        wait_for_live(terminal, "a medias")
        terminal.send(STOP)
        shell_asks(terminal)
        terminal.send("chat=$(jobs -p); kill %1\r")
        terminal.wait_for("(cancelada)")
        assert "│ a medias" in terminal.text
        # `wait` would not wait: a shell takes a job for stopped until it hears of its end.
        terminal.send("while kill -0 $chat 2>/dev/null; do sleep 0.1; done\r")
        terminal.wait_for("Exit 143")
        terminal.send("stty -a\r")
        terminal.wait_for(" icanon ")
        assert " echo " in terminal.text
        terminal.send("exit\r")
        assert terminal.wait_exit() == 0


def test_a_single_answer_goes_on(tmp_path: Path) -> None:
    gate = Gate()
    with playing(gate.reply(*rows(0))) as server, shell(server, tmp_path) as terminal:
        terminal.send("chat hola\r")
        terminal.wait_for(TOKENS[39])
        terminal.send(STOP)
        shell_asks(terminal)
        gate.open()
        terminal.send("fg && echo con-$?\r")
        terminal.wait_for("\ncon-0\n$")
        assert counts(terminal, TOKENS[:60]) == {1}
        terminal.send("exit\r")
        assert terminal.wait_exit() == 0


# -- on a terminal that nobody else puts right -------------------------------------------------


def usual_modes() -> list[Any]:
    """Those of a terminal that has just been made."""
    master, slave = pty.openpty()
    try:
        return termios.tcgetattr(slave)
    finally:
        os.close(slave)
        os.close(master)


def state(pid: int) -> str:
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return done.stdout.strip()


@contextmanager
def stopped(terminal: Terminal, by: Sequence[int] = ()) -> Iterator[None]:
    """The program, stopped by Ctrl+Z or a signal."""
    if by:
        terminal.signal(*by)
    else:
        terminal.send(STOP)
    terminal.wait_for(lambda t: state(t.pid).startswith("T"))
    yield
    terminal.signal(signal.SIGCONT)


def assert_given_back(terminal: Terminal) -> None:
    assert terminal.termios_now() == usual_modes()
    # What the program wrote before it stopped may be on its way.
    terminal.wait_for(
        lambda t: (
            {BRACKETED_PASTE, modes.DECAWM} & t.screen.mode == {modes.DECAWM} and not t.screen.cursor.hidden
        )
    )


def quiet(terminal: Terminal) -> bool:
    return not terminal.termios_now()[3] & (termios.ECHO | termios.ICANON)


@pytest.mark.parametrize("by", [(), (signal.SIGTSTP,)])
def test_the_terminal_is_given_back_and_taken_again(by: Sequence[int]) -> None:
    gate = Gate()
    with playing([Hang()], gate.reply(["a medias"], [" y entera"])) as server:
        with Terminal([sys.executable, str(PROGRAM)], env=environment(server)) as terminal:
            terminal.wait_for("Tú:")
            terminal.send("dos\x1b\rlíneas")  # the prompt
            terminal.wait_for("líneas")
            with stopped(terminal, by):
                assert_given_back(terminal)
                terminal.wait_for(lambda t: "líneas" not in t.text)
            terminal.wait_for(lambda t: t.text.rstrip().endswith("Tú: dos\n    líneas"))
            assert quiet(terminal) and BRACKETED_PASTE in terminal.screen.mode
            terminal.send("\r")
            terminal.wait_for("Esperando a que Claude empiece")  # nothing has come yet
            with stopped(terminal, by):
                assert_given_back(terminal)
                terminal.wait_for(lambda t: "Esperando" not in t.text)
            terminal.wait_for("Esperando a que Claude empiece")
            assert quiet(terminal) and BRACKETED_PASTE in terminal.screen.mode
            terminal.send("\x03")
            wait_for_prompt(terminal, 2)
            terminal.send("otra\r")
            wait_for_live(terminal, "a medias")  # in the middle
            with stopped(terminal, by):
                assert_given_back(terminal)
                terminal.wait_for(lambda t: "a medias" not in t.text)
            wait_for_live(terminal, "a medias")
            assert quiet(terminal) and BRACKETED_PASTE in terminal.screen.mode
            gate.open()
            terminal.wait_for("a medias y entera")
            wait_for_prompt(terminal, 3)
            leave(terminal)


def test_a_plain_prompt_gives_the_terminal_back_too() -> None:
    with playing(answering("una")) as server:
        command = [sys.executable, str(PROGRAM), "--plain"]
        with Terminal(command, env=environment(server)) as terminal:
            terminal.wait_for("Tú:")
            terminal.send("hola")
            terminal.wait_for("Tú: hola")
            with stopped(terminal):
                assert_given_back(terminal)
            terminal.wait_for("^ZTú: hola")
            terminal.send("\x03")  # throws away what was typed
            wait_for_prompt(terminal, 2)
            terminal.send("otra\r")
            terminal.wait_for("Claude (completa)")
            assert server.requests[0].json()["messages"][-1]["content"] == "otra"
            leave(terminal)
            assert b"\x1b" not in terminal.raw


def test_stopped_by_force_it_puts_itself_right() -> None:
    """Another program stops it, and a shell then sets the terminal as it likes."""
    gate = Gate()
    with playing(gate.reply(["a medias"], [" y entera"])) as server:
        with Terminal([sys.executable, str(PROGRAM)], env=environment(server)) as terminal:
            terminal.wait_for("Tú:")
            for typed in ("ho", "la"):
                terminal.send(typed)
                terminal.wait_for(typed)
                with stopped(terminal, (signal.SIGSTOP,)):
                    terminal.set_modes(usual_modes())
                terminal.wait_for(quiet)
            terminal.send("\r")
            wait_for_live(terminal, "a medias")
            with stopped(terminal, (signal.SIGSTOP,)):
                terminal.set_modes(usual_modes())
            terminal.wait_for(quiet)
            gate.open()
            wait_for_prompt(terminal, 2)
            assert terminal.text.count("Tú: hola") == 1 and terminal.text.count("a medias y entera") == 1
            assert "(Streaming)" not in terminal.text
            leave(terminal)


# -- silence -----------------------------------------------------------------------------------


def test_a_time_without_running_is_no_silence() -> None:
    """What came while the program was stopped counts, however long that was."""
    gate, limits = Gate(), Timeouts(idle=0.4, first_byte=60.0, notice=0.1)

    async def be_stopped() -> None:
        gate.open()
        time.sleep(3 * limits.idle)  # nothing else runs on this loop meanwhile

    def watch(stream: Any, delta: Delta) -> None:
        if isinstance(delta, Text) and not gate.opened.is_set():
            event_loop.submit(be_stopped()).result()

    with playing(gate.reply(["una "], ["dos"])) as server:
        result = read_sync(server.base_url, watch, timeouts=limits)
    assert result.reply.outcome == "complete" and result.reply.text == "una dos"
