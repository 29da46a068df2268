"""`python -m stream_core.practice`: a stand-in for the API, or a fault proxy in front of it, until Ctrl+C."""

from __future__ import annotations

import argparse
import errno
import os
import re
import signal
import sys
import textwrap
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, NoReturn, TextIO

from stream_core.core.recording import BadRecording
from stream_core.core.redact import Redactor
from stream_core.core.sanitize import one_line
from stream_core.core.wire import Answered, Ended, Received, Sent
from stream_core.files.recorder import Recorder

from .lab import Lab, parse
from .proxy import Proxy, Told
from .replay import Replay
from .request import Request
from .server import PracticeServer

_ANY_KEY = "practica"
_WHY = {
    errno.ENOENT: "no existe",
    errno.EISDIR: "es una carpeta",
    errno.EACCES: "no tienes permiso",
    errno.EADDRINUSE: "ese puerto está ocupado",
}


class _Help(argparse.HelpFormatter):
    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "uso: ")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        told = f"{_in_spanish(message)} Mira «python -m stream_core.practice --help»."
        sys.stderr.write(f"{_wrapped(told, sys.stderr)}\n")
        raise SystemExit(2)


def _wrapped(sentence: str, file: TextIO) -> str:
    """A sentence in rows of the terminal that it is written to, cut between words; elsewhere as it is."""
    try:
        columns = os.get_terminal_size(file.fileno()).columns
    except (ValueError, OSError):
        return sentence
    return textwrap.fill(sentence, max(20, columns), break_long_words=False, break_on_hyphens=False)


def _in_spanish(message: str) -> str:
    """Translate what argparse says is wrong."""
    head, _, rest = message.partition(": ")
    if head == "unrecognized arguments":
        return f"No conozco la opción «{one_line(rest, 60)}»."
    option = head.removeprefix("argument ")
    return f"A {option} le falta su valor." if "expected one argument" in rest else f"{option}: {rest}."


def _whole(text: str) -> int:
    if not re.fullmatch("-?[0-9]{1,9}", text.strip()):
        raise argparse.ArgumentTypeError(f"«{one_line(text, 40)}» no es un número")
    return int(text)


def _times(text: str) -> float:
    """Parse a factor of speed: `2`, `x2`, `0.1`."""
    if not re.fullmatch(r"[0-9]{1,4}([.,][0-9]{1,4})?", text.strip().lower().strip("x")):
        raise argparse.ArgumentTypeError(f"«{one_line(text, 40)}» no es un número como x2 o x0.1")
    return float(text.strip().lower().strip("x").replace(",", "."))


def main(words: Sequence[str] | None = None) -> int:
    """Serve until a signal; return the exit code: 0, or 2 for what cannot be served."""
    asked = _parser().parse_args(words)
    try:
        with ExitStack() as resources:
            server = _server(asked, resources)
            resources.enter_context(server)
            sys.stdout.write(_announcement(server, asked))
            sys.stdout.flush()
            _wait()
    except (ValueError, OSError) as problem:
        sys.stderr.write(f"{_wrapped(_sentence(problem), sys.stderr)}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m stream_core.practice",
        usage="python -m stream_core.practice [opciones]",
        description="Deja en marcha, hasta que pulses Ctrl+C, un servidor de la API de Messages en este "
        "equipo. Contesta con respuestas preparadas o con grabaciones, o reenvía a un servidor de verdad "
        "intercalando fallos.",
        formatter_class=_Help,
        add_help=False,
        allow_abbrev=False,
    )
    _add_options(parser.add_argument_group("opciones"))
    return parser


def _add_options(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--port", type=_whole, default=0, metavar="N", help="escucha en ese puerto; si no, en uno libre")
    add(
        "--replay",
        action="append",
        default=[],
        metavar="ARCHIVO",
        help="contesta con una grabación; con varias, por turno",
    )
    add(
        "--speed",
        type=_times,
        default=1.0,
        metavar="VECES",
        help="elige la velocidad: x2, el doble; x0.1, diez veces más despacio",
    )
    add("--cut", type=_whole, metavar="N", help="con --replay, corta la primera respuesta tras N eventos")
    add(
        "--fault",
        action="append",
        default=[],
        metavar="FALLO",
        help="ensaya un fallo en la próxima respuesta, como «corte:12» o «529x2»; varios, uno tras otro",
    )
    add("--proxy", metavar="URL", help="reenvía las peticiones a un servidor de verdad")
    add("--record", metavar="ARCHIVO", help="con --proxy, graba lo que pasa, sin la clave")
    add("-h", "--help", action="help", help="muestra esta ayuda")


def _check(asked: argparse.Namespace) -> None:
    """Refuse options that contradict each other or are out of range; the messages are Spanish sentences."""
    if asked.proxy and asked.replay:
        raise ValueError("--proxy y --replay no van juntas: elige quién responde.")
    if asked.record and not asked.proxy:
        raise ValueError("--record graba lo que pasa por --proxy: falta su dirección.")
    if asked.cut is not None and not asked.replay:
        raise ValueError("--cut corta una grabación: falta cuál, con --replay ARCHIVO.")
    if asked.cut is not None and asked.cut < 0:
        raise ValueError("--cut puede ser 0 o más.")
    if not 0.01 <= asked.speed <= 1000:
        raise ValueError("--speed puede ser de 0.01 a 1,000.")
    if not 0 <= asked.port <= 65535:
        raise ValueError("--port puede ser de 0 a 65535.")


def _server(asked: argparse.Namespace, resources: ExitStack) -> PracticeServer:
    _check(asked)
    lab = Lab()
    for typed in asked.fault:
        lab.arm(parse(typed))
    proxy = None
    if asked.proxy:
        record = _Record(resources.enter_context(Recorder(asked.record))) if asked.record else None
        proxy = Proxy(asked.proxy, record, lambda sentence: sys.stderr.write(f"{sentence}\n"))
    replay = Replay(asked.replay, cut=asked.cut) if asked.replay else None
    for each in replay.contents if replay is not None else ():
        if each.damage:
            sys.stderr.write(f"{each.damage}\n")
    return PracticeServer(lab=lab, pace=1 / asked.speed, replay=replay, proxy=proxy, port=asked.port)


def _announcement(server: PracticeServer, asked: argparse.Namespace) -> str:
    what = "Reenvío a un servidor de verdad" if asked.proxy else "Servidor de práctica"
    key = "la tuya" if asked.proxy else _ANY_KEY
    lead = f"{what} en marcha; Ctrl+C lo para. En tu programa, con el SDK de Anthropic:"
    return f"{_wrapped(lead, sys.stdout)}\nANTHROPIC_BASE_URL={server.base_url}\nANTHROPIC_API_KEY={key}\n"


def _wait() -> None:
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()


def _sentence(problem: ValueError | OSError) -> str:
    if isinstance(problem, FileExistsError):
        return f"{problem.filename} ya existe: no grabo encima."
    if isinstance(problem, OSError):
        where = f"{problem.filename}: " if problem.filename else ""
        told = f"{where}{_WHY.get(problem.errno or 0, 'el sistema no lo permite')}."
        return told[:1].upper() + told[1:] if not where else told
    return f"--replay: {problem}" if isinstance(problem, BadRecording) else str(problem)


class _Record:
    """Writes what passes through a proxy into a recording, one request after another."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def __call__(self, passed: list[Told]) -> None:
        """Write one request with its answer."""
        request: Any = passed[0][1]
        if not isinstance(request, Request) or request.path.partition("?")[0] != "/v1/messages":
            return
        redact = Redactor.of_headers(request.headers.items())
        for kind, value, at in passed:
            item: Any = value
            match kind:
                case "sent":
                    self._recorder(Sent(_body(request), 1, at, redact))
                case "answered":
                    self._recorder(Answered(item[0], item[1], at, redact))
                case "received":
                    self._recorder(Received(item, at))
                case _:
                    self._recorder(Ended(item, at))


def _body(request: Request) -> dict[str, Any]:
    try:
        body = request.json()
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


if __name__ == "__main__":
    sys.exit(main())
