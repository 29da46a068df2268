"""Nothing from outside steers the terminal: every way onto a real one, judged by the bytes written there."""

from __future__ import annotations

import io
import json
import os
import re
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from support import starting
from support.chats import KEY, leave, prompts, wait_for_prompt
from support.paths import ROOT
from support.terminal import Terminal
from support.wire import playing

from stream_core.config.options.appearance import Look
from stream_core.core.conversation import Turn
from stream_core.core.deltas import Text, Thinking, Waiting
from stream_core.core.sanitize import sanitize, sanitize_message
from stream_core.practice.events import (
    block_delta,
    block_start,
    block_stop,
    error,
    message_delta,
    message_start,
    message_stop,
    text_delta,
)
from stream_core.practice.scenarios import Scenario
from stream_core.practice.script import Cut, Head, Send, Step, error_reply
from stream_core.practice.server import PracticeServer
from stream_core.terminal.markdown.code import Colours
from stream_core.terminal.markdown.layout import whole_reply
from stream_core.terminal.markdown.syntax import FENCE, TABLE_RULE
from stream_core.terminal.reply.view import LiveReplyView
from stream_core.terminal.rows.styles import Styles
from stream_core.terminal.screen import Screen

CHAT, DEMOS = str(ROOT / "streaming_chatbot.py"), str(ROOT / "streaming_examples.py")

# -- what a program may write ------------------------------------------------------------------

_MAY = re.compile(
    r"\x1b\[(?:"
    r"\?(?:1|7|12|25|2004|2026)[hl]"  # modes: cursor keys, wrapping, cursor, paste, whole frames
    r"|\d{0,3}(?:;\d{1,3}){0,12}m"  # colours
    r"|\d{0,3}[ABCDGLP@]"  # the cursor moves, rows and cells come in or go
    r"|2?K|J"  # erases
    r")"
    r"|\x1b\]11;\?\x1b\\\x1b\[c"  # asks for the colour of the background
    r"|(?P<link>\x1b\]8;;(?P<url>(?:https?://|mailto:)[\x21-\x7e]+)?\x1b\\)"
    r"|[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # the rest of C0, DEL and C1
    r"\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f"  # what turns text around or breaks lines
    r"\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"  # marks and tags that nobody sees
)


def trouble(raw: bytes, also: str = "") -> list[str]:
    """What a program wrote that it may not; `also` are characters that it may."""
    text, at, linked = raw.decode(), 0, False
    found = _disguised(text)
    while at < len(text):
        token = _MAY.match(text, at)
        if token is None and text[at] not in also:
            found.append(ascii(text[max(0, at - 20) : at + 30]))
        elif token is not None and token["link"]:
            if linked == bool(token["url"]):
                found.append(f"a link in a link, or no link to end: {token[0]!a}")
            linked = bool(token["url"])
        elif linked and text[at] == "\n":
            found.append("a link that goes on in the next row")
        at = token.end() if token else at + 1
    return found[:5]


_LINK = re.compile(r"\x1b\]8;;([^\x1b]+)\x1b\\(.*?)\x1b\]8;;\x1b\\", re.DOTALL)


def _disguised(text: str) -> list[str]:
    """Links to where the payloads lead whose visible text is not that very address, whole or over rows.

    A bare address is a link, as terminals make it one themselves; it may hide nothing.
    """
    found, known = [], {""}  # the beginnings of the address that were shown: a later row may be drawn alone
    for url, piece in _LINK.findall(text):
        if not url.startswith("http://robado"):
            continue
        shown = re.sub(r"\x1b\[[\d;]*m", "", piece)
        fitting = {before + shown for before in known if url.startswith(before + shown)}
        if not shown or not fitting:
            found.append(f"a link in disguise: {url!a} {shown!a}")
        known |= fitting
    if known != {""} and not any(re.fullmatch(r"http://robado\S*", whole) for whole in known):
        found.append(f"a link that is not shown whole: {known!a}")
    return found


# -- what comes from outside -------------------------------------------------------------------

ESC, ST, BEL = "\x1b", "\x1b\\", "\x07"
PAYLOADS = {
    "title": f"{ESC}]0;robado{BEL}",
    "title by ST": f"{ESC}]2;robado{ST}",
    "title by C1": "\x9d0;robado\x9c",
    "clipboard": f"{ESC}]52;c;cm9iYWRv{BEL}",
    "palette": f"{ESC}]4;1;rgb:00/00/00{BEL}",
    "link in disguise": f"{ESC}]8;;http://robado/{ST}aquí{ESC}]8;;{ST}",
    "notification": f"{ESC}]9;robado{BEL}{ESC}]777;notify;robado;robado{ST}",
    "open OSC": f"{ESC}]0;robado",
    "open DCS": f"{ESC}P+q robado",
    "open APC": f"{ESC}_Gf=100;robado",
    "open PM": f"{ESC}^robado",
    "open SOS": f"{ESC}Xrobado",
    "open C1 strings": "\x90robado\x98robado\x9erobado\x9frobado",
    "erase": f"{ESC}[2J{ESC}[H{ESC}[3J{ESC}c",
    "cursor": f"{ESC}[1;1H{ESC}[99A{ESC}7{ESC}8{ESC}[s{ESC}[u\x9b5A",
    "reports": f"{ESC}[6n{ESC}[c{ESC}[>c{ESC}[?1$p{ESC}[21t{ESC}Z\x05{ESC}P$qm{ST}",
    "modes": f"{ESC}[?1049h{ESC}[?1000h{ESC}[4h{ESC}[?5h{ESC}[!p{ESC}(0{ESC}[20;20r",
    "colours": f"{ESC}[31mrojo{ESC}[8moculto{ESC}[0m",
    "half a sequence": f"{ESC}",
    "half a CSI": f"{ESC}[3",
    "nested": f"{ESC}{ESC}[{ESC}]0;{ESC}[2J{BEL}",
    "C0": "".join(map(chr, [*range(0x09), *range(0x0B, 0x20)])),
    "DEL": "\x7f",
    "C1": "".join(map(chr, range(0x80, 0xA0))),
    "bidi": "\u202ate\u202bxt\u202cos\u202d\u202eodabor\u2066\u2067\u2068\u2069\u200e\u200f\u061c",
    "tags": "\U000e0001" + "".join(chr(0xE0000 + ord(char)) for char in "robado") + "\U000e007f",
    "interlinear": "\ufff9a\ufffab\ufffb\ufeff\u206a\u206f",
    "lone surrogates": "\ud800 \udfff\udbff",
    "separators": "uno\u2028dos\u2029tres",
    "joiners": "\U0001f469" + "\u200d" * 30 + "\U0001f4bb\u200b\u2060\u00ad\u034f",
    "markup": "[/dim][bold]no[/bold][link=http://robado]a[/link][@click=f]:smile:",
    "javascript": "[pulsa](javascript:alert(1)) [pulsa](data:text/html,x) <javascript:alert(1)>",
    "file": "[pulsa](file:///etc/passwd) <file:///etc/passwd>",
    "link with escapes": f"[pulsa](http://e.x/{ESC}]0;robado{BEL}) [p](<http://e.x/a b{ESC}\\>)",
    "link with coded escapes": "<http://e.x/%1b]0;robado%07%1b\\> [a](http://e.x/%1b%5c%07)",
    "link with C1 in code": "<http://e.x/%C2%9b2J%C2%9d0;robado%E2%80%AE%0d%00> <mailto:a%1b[2J@e.x>",
    "link title": "[a](http://e.x '&#x202e;&rlm;&#xe0041;&#12;&#13;&#x2028;') ![a](http://e.x '&lrm;')",
    "link that lies": "[http://bueno.es](http://malo.es) ![http://bueno.es](http://malo.es)",
    "reference": "[a][b]\n\n[b]: javascript:alert(1)",
    "tabs": "\t\ta\tb",
    "code": f"`{ESC}]0;robado{BEL}` ``\u202e``",
    "fence": f"```{ESC}]0;robado{BEL}py\nx = '{ESC}[2J\u202e'\n```",
    "table": f"| a{ESC}]0;robado{BEL} | \u202eb |\n|---|---|\n| \x9b2J | [x](http://e.x/%1b) |",
    "heading": f"# {ESC}[2J\u202eTítulo\x9b",
}
LONG = {
    "combining": "e" + "\u0301" * 10_000,
    "word": "x" * 6_000,
    "brackets": "[" * 5_000,
    "backticks": "`" * 5_000,
    "asterisks": "*" * 5_000,
    "quotes": ">" * 3_000,
}
ALL = "".join(f"m{at:02}a{evil}\nm{at:02}z\n\n" for at, evil in enumerate(PAYLOADS.values()))
MARKS = [f"m{at:02}{end}" for at in range(len(PAYLOADS)) for end in "az"]

# What a call can hold: the SDK takes no other.
CALLS = [evil for evil in PAYLOADS.values() if not re.search("[\ud800-\udfff]", evil)]

# What fits into one line of which the beginning is shown.
LINE = "Marca[/dim]" + "".join(
    PAYLOADS[name]
    for name in (
        "title", "title by C1", "clipboard", "erase", "reports", "colours", "nested", "C0", "DEL", "bidi",
        "tags", "interlinear", "separators", "lone surrogates", "link with coded escapes",
    )
)  # fmt: skip
# What is text all the same: with a NUL and every control character it is none, and is refused.
PIPED = LINE.replace(PAYLOADS["C0"], "").replace(PAYLOADS["DEL"], "") + " y mucho texto corriente" * 20
# What a system takes for an argument, a variable or the name of a folder.
WORD = LINE.encode("utf-8", "replace").replace(b"\0", b"").decode() + "\udcff"
FOLDER = WORD.replace("/", "")[:90]


_SAFE_UNTIL_READ_AS_MARKDOWN = (
    "markup", "javascript", "file", "link with coded escapes", "link with C1 in code", "link title",
    "link that lies", "reference", "tabs", "joiners", "lone surrogates",
)  # fmt: skip


@pytest.mark.parametrize("name", sorted(PAYLOADS.keys() - {*_SAFE_UNTIL_READ_AS_MARKDOWN, "colours"}))
def test_the_judge_knows_it(name: str) -> None:
    assert trouble(PAYLOADS[name].encode("utf-8", "replace"))


def test_the_judge_lets_pass_what_is_ours() -> None:
    ours = f"{ESC}[?2026h{ESC}[1;36m│{ESC}[m {ESC}]8;;https://a.b/?c=d%20{ST}e{ESC}]8;;{ST}\r\n{ESC}[K\tñ 🤖"
    assert not trouble(ours.encode())
    assert trouble(f"{ESC}]8;;http://a b{ST}x{ESC}]8;;{ST}".encode())
    assert trouble(f"{ESC}]8;;http://a{ST}\n{ESC}]8;;{ST}".encode())
    assert trouble(f"{ESC}]8;;http://a{ST}x{ESC}]8;;http://b{ST}".encode())
    assert not trouble(f"{ESC}]8;;http://robado{ST}http://robado{ESC}]8;;{ST}".encode())
    for shown in ("aquí", "robado", "http://bueno.es", "http://robado/", "http://rob", ""):
        assert trouble(f"{ESC}]8;;http://robado{ST}{shown}{ESC}]8;;{ST}".encode())
    assert trouble(b"\b") and not trouble(b"\b", also="\b")


# -- answers -----------------------------------------------------------------------------------


def message(*blocks: bytes, reason: str = "end_turn", **delta: Any) -> list[Step]:
    start = message_start(f"claude-{LINE}", 5, f"msg_{LINE}")
    end = message_delta(reason, {"output_tokens": 7}, **delta) + message_stop()
    return [Head(), Send(start), *map(Send, blocks), Send(end)]


def text_block(text: str, index: int = 0, *, piece: int = 1) -> bytes:
    """A block of text, cut everywhere: inside each escape too."""
    pieces = (text[at : at + piece] for at in range(0, len(text), piece))
    return block_start(index) + b"".join(text_delta(piece, index) for piece in pieces) + block_stop(index)


def thinking_block(text: str, index: int) -> bytes:
    start = block_start(index, {"type": "thinking", "thinking": "", "signature": ""})
    pieces = (text[at : at + 5] for at in range(0, len(text), 5))
    deltas = (block_delta({"type": "thinking_delta", "thinking": piece}, index) for piece in pieces)
    return start + b"".join(deltas) + block_stop(index)


def call(name: str, given: Mapping[str, Any], index: int, kind: str = "tool_use") -> bytes:
    start = {"type": kind, "id": f"id{LINE}", "name": name, "input": {}}
    written = json.dumps(given, ensure_ascii=False)
    deltas = (
        block_delta({"type": "input_json_delta", "partial_json": written[at : at + 7]}, index)
        for at in range(0, len(written), 7)
    )
    return block_start(index, start) + b"".join(deltas) + block_stop(index)


def everything() -> list[Step]:
    """Thinking, calls of the server's tools, blocks of no known kind, then text; all of it hostile."""
    index = 0
    blocks = [thinking_block(f"Pensado {ALL}", index)]
    for evil in CALLS:
        index += 1
        blocks.append(call(f"Llamada{evil}", {f"a{evil}": [evil, {"b": evil}]}, index, "server_tool_use"))
    blocks.append(block_start(index + 1, {"type": LINE, "text": LINE}) + block_stop(index + 1))
    blocks.append(text_block(f"Abierto{ESC}]0;robado", index + 2))
    blocks.append(text_block(f"Seguido {ALL}", index + 3))
    return message(*blocks)


# The words that prove that what may be shown was shown.
ENDINGS: list[tuple[list[Step], str]] = [
    (message(text_block("hola"), reason=f"motivo {LINE}"), "«motivoMarca[/dim]"),
    (message(reason="refusal", stop_details={"type": "refusal", "category": LINE, "explanation": LINE}),
     "categoría:Marca[/dim]"),
    (list(error_reply(400, "invalid_request_error", f"Detalle {LINE}")), "(«DetalleMarca[/dim]"),
    (list(error_reply(418, f"tipo_{LINE}", f"Otro {LINE}")), "(«OtroMarca[/dim]"),
    ([Head(), Send(message_start("x", 5) + text_block("a") + error("rara", f"Medio {LINE}"))],
     "(«MedioMarca[/dim]"),
    ([Head(302, (("location", "http://e.x/%1b]0;robado"),), framing=0)], "mandaaotradirección"),
    ([Head(200, (("content-type", "text/html"),)), Send(LINE.encode("utf-8", "replace"))], "noeslaAPI"),
    ([Head(), Send(b"event: " + LINE.encode("utf-8", "replace") + b"\ndata: {\n\n"), Cut()], "Streaming"),
]  # fmt: skip


def squeezed(terminal: Terminal) -> str:
    """What is on the screen without what wrapping adds."""
    return re.sub(r"[\s│▌┆]", "", terminal.text)


def missing(terminal: Terminal, words: Sequence[str]) -> list[str]:
    shown = squeezed(terminal)
    return [word for word in words if word not in shown]


def typable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def hostile_folders(home: Path) -> dict[str, str]:
    """Folders with hostile names, with a history and preferences that others have written into."""
    data, config = home / f"datos{FOLDER}", home / f"ajustes{FOLDER}"
    data.mkdir()
    config.mkdir()
    lines = [f"\n# x\n+h{at:02}{evil}\n" for at, evil in enumerate(PAYLOADS.values()) if "\n" not in evil]
    (data / "history").write_bytes("".join([*lines, f"\n# x\n+Antes {LINE}\n"]).encode("utf-8", "replace"))
    preferences = {"tema": f"Tema {LINE}", "cursor": "\u202e", "borde": [LINE], "marco": f"Marco {LINE}"}
    (config / "preferences.json").write_text(json.dumps(preferences))
    return {"STREAM_CORE_DATA_DIR": str(data), "STREAM_CORE_CONFIG_DIR": str(config)}


@contextmanager
def on_a_terminal(
    argv: Sequence[str], env: Mapping[str, str] | None = None, cols: int = 100
) -> Iterator[Terminal]:
    whole = {**os.environ, "PYTHONPATH": str(ROOT), **(env or {})}
    with Terminal([sys.executable, *argv], env=whole, cols=cols, answers_cpr=True) as terminal:
        yield terminal
        assert KEY not in terminal.text


def ask(terminal: Terminal, line: str, number: int) -> None:
    terminal.send(line)
    terminal.send("\r")
    wait_for_prompt(terminal, number)


# -- the chat ----------------------------------------------------------------------------------


def test_replies_and_errors_in_the_chat(own_environment: Path) -> None:
    long = message(text_block("\n\n".join(LONG.values()) + "\n\nfinal", piece=500))
    answers = [everything(), long, *(answer for answer, _ in ENDINGS)]
    with playing(*answers) as server:
        env = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": server.base_url}
        with on_a_terminal([CHAT], env | hostile_folders(own_environment)) as terminal:
            terminal.wait_for("Tú:")
            assert not missing(terminal, ["«TemaMarca[/dim]", "«MarcoMarca[/dim]"])
            ask(terminal, "primera", 2)
            assert not trouble(terminal.raw)
            assert not missing(
                terminal, [*MARKS, "Pensómenosde1s", "⚙Llamada", "Seguidom00a", "(http://malo.es)"]
            )
            ask(terminal, "segunda", 3)
            assert not missing(terminal, ["final", "x" * 6_000, "[" * 5_000, "*" * 5_000])
            for number, (_, words) in enumerate(ENDINGS, 4):
                ask(terminal, "otra", number)
                assert not missing(terminal, [words])
            assert not trouble(terminal.raw)
            terminal.send("contexto\r")
            terminal.wait_for("La próxima pregunta llevará")
            assert len(re.findall("m01a", squeezed(terminal))) >= 3
            leave(terminal)
            assert not trouble(terminal.raw)
            assert terminal.screen.title == "" and "robado" not in terminal.screen.icon_name


def test_what_is_typed_pasted_and_remembered(own_environment: Path) -> None:
    with on_a_terminal([CHAT, "--practice"], hostile_folders(own_environment)) as terminal:
        terminal.wait_for("Tú:")
        for _ in PAYLOADS:
            terminal.send("\x1b[A")
        terminal.wait_for("Tú: h0")
        terminal.send("\x03")
        wait_for_prompt(terminal, 2)
        terminal.send("\x12Antes\u202e Ma")  # a search through the history
        terminal.wait_for("Antes Marca[/dim]")
        terminal.send("\x07\x03")
        wait_for_prompt(terminal, 3)
        terminal.send("tecleado\u202e\u2066\U000e0041\ufffb\u2028\x9b\u200f\x11\x1b fin")  # \x11: as it is
        terminal.wait_for("^[ fin")  # \x9b opens a sequence, and is no text
        terminal.send("\x03")
        wait_for_prompt(terminal, 4)
        for number, line in enumerate((f"/demoo {LINE}", f"/demo {LINE}", f"/apariencia {LINE}"), 5):
            terminal.paste(" ".join(typable(line).splitlines()))  # a command is one line
            terminal.send("\r")
            wait_for_prompt(terminal, number)
        assert not missing(terminal, ["«/demoo»", "unademo«Marca[/dim]", "ningúnajuste«Marca[/dim]"])
        terminal.paste(typable(f"Pegado {ALL}\n{LINE}"))
        terminal.send("\r")
        terminal.wait_for("(completa)")
        terminal.wait_for(lambda t: t.text.rstrip().endswith("Tú:"))
        before = prompts(terminal)
        terminal.send("contexto\r")
        terminal.wait_for("La próxima pregunta llevará")
        assert not missing(terminal, [*MARKS, "Pegado"])
        wait_for_prompt(terminal, before + 1)
        terminal.send("/zz\u202e\t\r")
        wait_for_prompt(terminal, before + 2)
        leave(terminal)
        drawn_by_editor = terminal.raw.replace(b"\x1b7", b"").replace(
            b"\x1b8", b""
        )  # it keeps the cursor's place
        assert not trouble(drawn_by_editor, also="\b\a")  # its own, too: one step back, and its bell


def test_the_plain_chat_writes_no_escape_at_all(own_environment: Path) -> None:
    answers = [everything(), *(answer for answer, _ in ENDINGS)]
    with playing(*answers) as server:
        env = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": server.base_url}
        with on_a_terminal([CHAT, "--plain"], env | hostile_folders(own_environment)) as terminal:
            terminal.wait_for("Tú:")
            ask(terminal, "primera", 2)
            assert not missing(terminal, [*MARKS, "Claudepiensa:Pensado", "Seguidom00a"])
            for number, (_, words) in enumerate(ENDINGS, 3):
                ask(terminal, "otra", number)
                assert not missing(terminal, [words])
            terminal.send("contexto\r")
            terminal.wait_for("La próxima pregunta llevará")
            leave(terminal)
            assert not trouble(terminal.raw) and b"\x1b" not in terminal.raw


# -- one question ------------------------------------------------------------------------------


@contextmanager
def raw_server(answer: bytes) -> Iterator[str]:
    """Answers whatever is asked with these bytes: what no HTTP library would write."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


# Runs a list of programs one after the other, each with its environment and what comes through a pipe. What
# was forked itself (`starting.py`) and has loaded nothing since forks them too: starting one costs more.
_RUNS = """
import json, os, subprocess, sys
os.umask(mask := os.umask(0o077))
for env, argv, piped, forks in json.load(open(sys.argv[1])):
    env = {**os.environ, **env}
    piped = None if piped is None else piped.encode("utf-8", "replace")
    if not forks:
        subprocess.run([sys.executable, *argv], env=env, input=piped)
    else:
        comes, goes = os.pipe()
        if not (job := os.fork()):
            from support.forkserver import Order, become
            if piped is not None:
                os.dup2(comes, 0)
            os.closerange(3, 64)
            order = Order(argv=argv, env=env, cwd=os.getcwd(), umask=mask, session=False, terminal=None)
            exec(become(order), sys.modules["__main__"].__dict__)
            sys.exit()
        os.close(comes)
        if piped is not None:
            os.write(goes, piped)
        os.close(goes)
        os.waitpid(job, 0)
    print("---", flush=True)
"""


def run_all(folder: Path, runs: Sequence[tuple[dict[str, str], list[str], str | None]]) -> Terminal:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    itself = starting.FORKS and starting.server().fits(environment)
    told = [(*run, itself and starting.server().fits({**environment, **run[0]})) for run in runs]
    (folder / "runs.json").write_text(json.dumps(told))
    with on_a_terminal(["-c", _RUNS, str(folder / "runs.json")], cols=400) as terminal:
        assert terminal.wait_exit(timeout=60) == 0
        assert terminal.text.count("---") >= len(runs) and "Traceback" not in terminal.text
        return terminal


def test_one_question_and_its_answers(tmp_path: Path) -> None:
    reason = b"HTTP/1.1 400 \x9b2J\x9d0;robado\x9c mal\r\nrequest-id: \x9b2J\x85\r\n"
    body = json.dumps({"type": "error", "error": {"type": "x", "message": f"Crudo {LINE}"}}).encode()
    head = b"%scontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % (reason, len(body))
    text = Scenario("text", "", lambda _: True, lambda _: everything())
    with PracticeServer(remember=True, scenarios=[text], pace=0) as server, raw_server(head + body) as raw:
        key = {"ANTHROPIC_API_KEY": KEY}
        argv = [CHAT, "--system", f"Sistema {WORD}", f"Pregunta {WORD}"]
        terminal = run_all(
            tmp_path,
            [
                (
                    {**key, "ANTHROPIC_BASE_URL": server.base_url},
                    argv,
                    f"Tubería {PIPED}",
                ),
                ({**key, "ANTHROPIC_BASE_URL": server.base_url}, argv, f"Tubería {LINE}"),
                ({**key, "ANTHROPIC_BASE_URL": raw}, [CHAT, "hola"], None),
            ],
        )
        (sent,) = (request.json() for request in server.requests)
    assert not trouble(terminal.raw)
    assert not missing(terminal, [*MARKS, "Seguidom00a", "parecedatosbinarios", "(«CrudoMarca[/dim]"])
    assert sent["messages"][0]["content"].startswith("Pregunta Marca[/dim]")
    assert sanitize_message(sent["messages"][0]["content"]) == sent["messages"][0]["content"]


def test_wrong_settings_are_told_safely(own_environment: Path, tmp_path: Path) -> None:
    folders: list[dict[str, str]] = []
    for number, content in enumerate((f"sin sentido {LINE}", None, "\udcff\udcfe")):
        folder = tmp_path / f"{number}{FOLDER}"
        folder.mkdir()
        folders.append({"STREAM_CORE_CONFIG_DIR": str(folder)})
        if content is None:
            (folder / ".env").mkdir()
        else:
            (folder / ".env").write_bytes(content.encode("utf-8", "surrogateescape" if number else "replace"))
    key = {"ANTHROPIC_API_KEY": KEY}
    runs: list[tuple[dict[str, str], list[str], str | None]] = [
        (key, [CHAT, "--model", f"modelo{WORD}"], None),
        (key | {"ANTHROPIC_MODEL": f"variable{WORD}"}, [CHAT, "x"], None),
        (key, [CHAT, "--max-tokens", f"tokens{WORD}"], None),
        (key, [CHAT, f"--opción{WORD.replace(' ', '')}"], None),
        (key, [CHAT, f"--practice={WORD}"], None),
        (key, [CHAT, "--theme", f"tema{WORD}"], None),
        ({"STREAM_CORE_CURSOR": f"cursor{WORD}"}, [CHAT, "x"], None),
        ({"STREAM_CORE_DATA_DIR": f"~casa{WORD}"}, [CHAT, "x"], None),
        (key | {"ANTHROPIC_BASE_URL": f"http://servidor{WORD}"}, [CHAT, "x"], None),
        (key | {"ANTHROPIC_BASE_URL": "http://[::1]\u202e:x"}, [CHAT, "x"], None),
        ({"ANTHROPIC_API_KEY": WORD}, [CHAT, "x"], None),
        *((folder, [CHAT, "x"], None) for folder in folders),
        ({"ANTHROPIC_BASE_URL": f"http://demo{WORD}"}, [DEMOS, "1"], None),
        (key, [DEMOS, WORD], None),
        ({"HTTPS_PROXY": f"robado://{WORD}", "ANTHROPIC_PROFILE": WORD}, [CHAT, "x"], None),
    ]
    terminal = run_all(tmp_path, runs)
    assert not trouble(terminal.raw)
    words = [f"«{word}Marca[/dim]" for word in ("modelo", "variable", "tokens", "--opción", "tema", "cursor")]
    words += ["«~casaMarca[/dim]", "«http://servidorMarca[/dim]", "«http://demoMarca[/dim]", "línea1:"]
    assert not missing(terminal, [*words, "noesunarchivocorriente", "noestáenUTF-8"])


# -- the demos ---------------------------------------------------------------------------------


def test_the_demos(own_environment: Path) -> None:
    def script(body: Mapping[str, Any]) -> list[Step]:
        if body.get("tools") and isinstance(body["messages"][-1]["content"], str):
            calls = (call(f"Uso{evil}", {"x": evil}, at) for at, evil in enumerate(CALLS, 1))
            return message(text_block(ALL), *calls, reason="tool_use")
        return message(thinking_block(ALL, 0), text_block(ALL, 1))

    with PracticeServer(
        remember=True, scenarios=[Scenario("all", "", lambda _: True, script)], pace=0
    ) as server:
        env = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": server.base_url}
        command = starting.prepared(starting.SHORT_SLEEPS, Path(DEMOS))
        with on_a_terminal(command[1:], env) as terminal:
            menus = 0

            def menu() -> None:
                nonlocal menus
                menus += 1
                terminal.wait_for(lambda t: t.text.count("Elige un número:") == menus)

            menu()
            terminal.send(f"q{WORD.encode('ascii', 'ignore').decode().translate({27: None, 21: None})[:9]}\r")
            menu()
            for number in "12456":
                terminal.send(f"{number}\r")
                if number == "4":
                    terminal.wait_for("Tú [Hola")
                    terminal.send("\r")
                    terminal.wait_for("Tú [¿Cómo")
                    terminal.send("fin\r")
                terminal.wait_for(lambda t: t.text.count("Pulsa una tecla") == menus - 1)
                terminal.send(" ")
                menu()
                assert not missing(terminal, ["Uso" if number == "5" else MARKS[-1]])
            terminal.send("0\r")
            assert terminal.wait_exit() == 0
            assert "Traceback" not in terminal.text
            assert not missing(terminal, [*MARKS, "🔧Uso", "✗Uso"])
            assert not trouble(terminal.raw, also="\b")


# -- tools, which the chat has not yet ---------------------------------------------------------

_TOOLS = """
import json, sys
from stream_core.core.deltas import *
from stream_core.core.errors import ServerError
from stream_core.config.options.appearance import Look
from stream_core.core.reply import Reply
from stream_core.core.stats import ReplyStats
from stream_core.terminal.screen import Screen
for plain in (False, True):
    view, reply, at = Screen(look=Look(plain=plain)).reply_view(practice=False), Reply(), 0.0
    with view:
        for n, evil in enumerate(json.load(open(sys.argv[1]))):
            given = {evil: f"E{n:02}{evil}"}
            call = {"type": "tool_use", "id": evil, "name": f"N{n:02}{evil}", "input": given}
            why = ServerError("x", status=500, api_type=evil, detail=f"D{n:02}{evil}")
            for delta in (
                Waiting("retry", 1, 2, 1.0, at, why),
                ToolInput("", 2 * n, evil, f"N{n:02}{evil}", at),
                *(ToolInput(piece, 2 * n, evil, f"N{n:02}{evil}", at) for piece in json.dumps(given)),
                BlockDone(call, 2 * n, at),
                ToolStarted(evil, f"N{n:02}{evil}", given, at),
                ToolDone(evil, f"N{n:02}{evil}", f"R{n:02}{evil}", n % 2 == 0, 0.1, at),
                RoundDone(n, evil, Usage(), at),
                Thinking(f"P{n:02}{evil}", 2 * n + 1, at),
                Unknown(evil, at),
            ):
                view.feed(delta)
        reply.feed(Text("fin", 0, at))
        view.feed(Text("fin", 9999, at))
        reply.feed(Finished("end_turn", Usage(), at))
        view.finish(reply, ReplyStats(0.0))
"""


def test_tools_and_what_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "evil.json").write_text(json.dumps(list(PAYLOADS.values())))
    with on_a_terminal(["-c", _TOOLS, str(tmp_path / "evil.json")]) as terminal:
        assert terminal.wait_exit() == 0
        assert "Traceback" not in terminal.text
        assert not trouble(terminal.raw)
        assert not missing(terminal, [f"{kind}{at:02}" for kind in "NRP" for at in range(len(PAYLOADS))])


# -- without a terminal: what needs many tries -------------------------------------------------


def drawn(text: str, width: int = 80) -> str:
    console = Console(file=io.StringIO(), force_terminal=True, color_system="standard", width=width)
    return "".join(f"{row}\n" for row in whole_reply(text, console, Look()))


@pytest.mark.parametrize("name", PAYLOADS)
@pytest.mark.parametrize(
    "around", ["{}", "**{}**", "[{}](http://e.x)", "- > {}", "| a | b |\n|-|-|\n| {} | x |"]
)
def test_a_reply_of_markdown(name: str, around: str) -> None:
    for width in (80, 12):
        assert not trouble(drawn(sanitize(around.format(PAYLOADS[name])), width).encode())


@pytest.mark.parametrize("name", PAYLOADS)
@pytest.mark.parametrize("width", [80, 20])
def test_thinking_while_it_comes(name: str, width: int) -> None:
    """Each frame of it: with every letter, and while another is waited for."""
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, color_system="standard", width=width, height=20)
    view = LiveReplyView(console, Look(), practice=False, resend_final_rows=True)
    view._live = True
    view.prepare()
    for index, text in enumerate((f"a{PAYLOADS[name]}\nz", f"b{PAYLOADS[name]}")):
        for at, letter in enumerate(text):
            view.feed(Thinking(letter, index, float(at)))
            view.frame()
        view.feed(Waiting("idle", 1, 1, 8.0, 9.0))
        view.frame()
    view.feed(Text("fin", 2, 99.0))
    view.frame()
    view._painter.close()
    assert not trouble(file.getvalue().encode())
    assert "fin" in file.getvalue() and file.getvalue().count("Pensó") >= 2


@pytest.mark.parametrize("name", PAYLOADS)
@pytest.mark.parametrize("plain", [False, True])
def test_a_turn_of_the_history(name: str, plain: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    evil = PAYLOADS[name]
    page = {"type": "web_search_result", "title": f"título{evil}", "url": f"http://e.x/{evil}"}
    blocks = (
        {"type": "thinking", "thinking": f"pienso{evil}"},
        {"type": "text", "text": f"digo{evil}"},
        {"type": "tool_use", "id": evil, "name": f"uso{evil}", "input": {evil: f"doy{evil}"}},
        {"type": "tool_result", "tool_use_id": evil, "content": [{"type": "text", "text": f"tomo{evil}"}]},
        {"type": "tool_result", "tool_use_id": evil, "content": [{"type": evil}], "is_error": True},
        {"type": "server_tool_use", "id": evil, "name": evil, "input": {"query": evil}},
        {"type": "web_search_tool_result", "tool_use_id": evil, "content": [page]},
        {"type": "web_search_tool_result", "content": {"type": "x_error", "error_code": evil}},
        {"type": f"otro{evil}"},
        {"type": "text", "text": "fin"},
    )
    file = io.StringIO()
    Screen(file, Look(plain=plain)).turn(1, Turn(evil, f"digo{evil}\n\nfin", "complete", evil, blocks=blocks))
    written = file.getvalue()
    assert not trouble(written.encode()) and ("\x1b" in written) != plain
    words = ["pienso", "digo", "uso", "doy", "tomo", "título", "otro", "fin"]
    assert [word for word in words if word not in written] == []


SIZE = 40_000
COSTLY = {
    "brackets": "[" * SIZE,
    "brackets and a target": ("[" * 3_900 + "](x)\n") * 10,
    "images": "![" * (SIZE // 2),
    "backticks": "`" * SIZE,
    "backticks apart": "` `` ``` " * (SIZE // 9),
    "asterisks": "*" * SIZE,
    "asterisks apart": ("* " * 1_900 + "_x\n") * 10,
    "underscores": "_ " * (SIZE // 2),
    "angles": "<a" * (SIZE // 2),
    "bars": "|" * SIZE,
    "spaces": " " * SIZE,
    "combining": "e\u0301\u0301" * (SIZE // 3),
    "deep quotes": ">" * 3_900 + "x " * (SIZE // 2),
    "quotes in quotes": "> " * (SIZE // 2),
    "lists in lists": "".join(" " * 2 * depth + "- x\n" for depth in range(150)) + "x " * 5_000,
    "numbers in numbers": "123456789) " * 15 + "palabra " * (SIZE // 8),
    "dashes": ("- " * 1_900 + "x\n") * 10,
    "wide table": "|" * 3_990 + "\n-|-\n" + "|\n" * (SIZE // 2),
    "table of 100,000 columns": "|a" * 100_000 + "\n" + "|-" * 100_000 + "\n|b|c|d",
    "long headings": "|".join(["h" * 280] * 14) + "\n-|-\n" + "x|x|x|x|x|x|x|x|x|x|x|x|x|x\n" * 1_000,
    "unknown languages": "".join(f"```q{number}\n```\n" for number in range(SIZE // 13)),
    "open code": "```lisp\n" + "(a b c\n" * (SIZE // 7),
    "long code": ("```make\n" + "a" * 1_990 + "\n```\n") * 20,
}


@pytest.mark.parametrize("name", COSTLY)
def test_no_text_takes_long_or_grows_on_its_way(name: str) -> None:
    begun = time.process_time()
    shown = drawn(COSTLY[name])
    size = len(COSTLY[name])
    assert time.process_time() - begun < 25e-6 * size  # seconds; most take a tenth of that
    assert len(shown) < 30 * size


@pytest.mark.parametrize("name", COSTLY)
def test_no_thinking_takes_long_while_it_comes(name: str) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=80, height=40)
    view = LiveReplyView(console, Look(), practice=False)
    view._live = True
    view.prepare()
    text = COSTLY[name]
    begun = time.process_time()
    for at in range(0, len(text), 2_000):
        view.feed(Thinking(text[at : at + 2_000], 0, 1.0))
        view.frame()
    assert time.process_time() - begun < 50e-6 * len(text)


@pytest.mark.parametrize("shape", [FENCE, TABLE_RULE])
@pytest.mark.parametrize("line", ["```{}`", "~~~{}`", "{}`", ":-{}x", "|-{}x", "-{}"])
@pytest.mark.parametrize("filling", [" ", "~", "`", "-", "|", ":-", "|:-", "- "])
def test_no_line_is_looked_at_again_and_again(shape: re.Pattern[str], line: str, filling: str) -> None:
    begun = time.process_time()
    shape.match(line.format(filling * 20_000))
    assert time.process_time() - begun < 0.2


def test_code_that_opens_and_never_closes_keeps_no_growing_state() -> None:
    colours = Colours("lisp", "ansi_dark", Styles(Look()).code)
    for _ in range(1_000):
        colours.line("(")
    assert len(colours._stack or ()) <= 100
