"""The wire: the cost of the X-ray beside a reply without it; the exactness and the memory of a replay."""

from __future__ import annotations

import asyncio
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from rich.console import Console

from stream_core import astream_reply, open_client, practice_server
from stream_core.config.options.appearance import Look
from stream_core.core.body_decoder import EventReader
from stream_core.core.deltas import Finished, Text, Usage
from stream_core.core.event_translator import Translator
from stream_core.core.recording import Attempt, Chunk, End, Head, Response, encode
from stream_core.core.redact import Redactor
from stream_core.core.reply import Reply
from stream_core.core.stats import ReplyStats, percentile
from stream_core.core.trace import Trace
from stream_core.core.wire import Answered, Received, Sent
from stream_core.practice import events
from stream_core.terminal.reply.view import LiveReplyView
from stream_core.terminal.reply.wire_view import WireView

from .core import REQUEST, client_for
from .drain import LINES, Terminal
from .screen_ours import DELTAS_A_SECOND, due
from .screen_text import pieces, reply_text
from .table import Row, cpu
from .wire_server import DELTAS, wire_server

_SIZE = 20_000  # characters
_ROUNDS = 7
_TICKS, _DRAWS = Look().refresh, 4 * Look().refresh  # a second, as in a live run
_GAPS = (0.001, 0.004, 0.012, 0.02, 0.035, 0.06)  # seconds
_CHUNKS = 400
_END = events.block_stop() + events.message_delta("end_turn", {}) + events.message_stop()
_LARGE = 10 * 1024 * 1024  # bytes of a recording


def run() -> list[Row]:
    """Every benchmark of this group."""
    return [*_xray_rows(), *_fidelity_rows(), _memory_row()]


# -- the X-ray ---------------------------------------------------------------------------------


def _xray_rows() -> list[Row]:
    """A whole reply, from the socket to the terminal, with the X-ray and without it."""
    text = reply_text(_SIZE)
    count = len(pieces(text))
    reading = _read_cost() * count
    cases = (
        ("a strip below, 100 columns", 100, 100),
        ("beside, 130 columns", 130, 130),
        ("beside, 130 columns, over a reply as narrow", 130, 73),
    )
    rows = []
    for name, columns, bare in cases:
        _drawn(text, columns, xray=True)  # what is loaded once does not count
        pairs = [(_drawn(text, columns, xray=True), _drawn(text, bare, xray=False)) for _ in range(_ROUNDS)]
        more = median((one - other) / (other + reading) for one, other in pairs)
        rows.append(Row(f"X-ray {name}: CPU more, 20 kB", f"{more:+.1%}", "<= +10 %", more <= 0.10))
    bare_cost = median(_drawn(text, 100, xray=False) for _ in range(3))
    each = (reading + bare_cost) / count * 1e6
    rows.append(Row("  beside it: a delta without it, read and drawn", f"{each:.0f} us", "-", None))
    return rows


def _read_cost() -> float:
    """CPU seconds of reading one delta through the SDK, as it comes at a model's pace or faster."""

    async def read() -> float:
        async with client_for(wire.url("paced")) as client:
            begun = time.process_time()
            async with astream_reply(client, **REQUEST) as stream:
                async for _ in stream:
                    pass
            return time.process_time() - begun

    with wire_server() as wire:
        return median(asyncio.run(read()) for _ in range(3)) / DELTAS


def _drawn(text: str, columns: int, *, xray: bool) -> float:
    """CPU seconds of a reply from its bytes to the terminal, on a virtual clock."""
    now, trace = 0.0, Trace()

    def work() -> None:
        nonlocal now
        reader, translator = EventReader(), Translator(None, {}, set())
        chunks = [
            events.message_start("m", 5),
            events.block_start(),
            *map(events.text_delta, pieces(text)),
        ]
        trace(Sent({}, 1, 0.0))
        trace(Answered(200, {}, 0.0))
        for number, chunk in enumerate(chunks, 1):
            now = number / DELTAS_A_SECOND
            if xray:
                trace(Received(chunk, now))
            for event in reader.feed(chunk):
                for delta in translator.translate(event, now):
                    view.feed(delta)
            if due(number, _DRAWS):
                view.frame(tick=due(number, _TICKS))
        reply, stats = Reply(), ReplyStats(0.0)
        for delta in (Text(text, 0, now), Finished("end_turn", Usage(), now)):
            reply.feed(delta)
            stats.feed(delta)
        view.finish(reply, stats)

    with Terminal() as terminal:
        console = Console(
            file=terminal.file, width=columns, height=LINES, force_terminal=True, color_system="truecolor",
            markup=False, emoji=False, highlight=False,
        )  # fmt: skip
        view = LiveReplyView(
            console, Look(), practice=False, clock=lambda: now,
            wire=(lambda styles, pen: WireView(trace, styles, pen, Redactor())) if xray else None,
        )  # fmt: skip
        view.prepare()
        return cpu(work)


# -- replaying ---------------------------------------------------------------------------------


def _fidelity_rows() -> list[Row]:
    """A recording with known gaps, played through the server and the SDK; beside it, plain sleeps."""
    with tempfile.TemporaryDirectory() as folder:
        file, at = Path(folder) / "a.jsonl", [0.0]
        for number in range(_CHUNKS):
            at.append(at[-1] + _GAPS[number % len(_GAPS)])
        chunks = [events.message_start("m", 5) + events.block_start()]
        chunks += [events.text_delta(f" {number}") for number in range(_CHUNKS - 1)]
        _write(file, list(zip(at[1:], chunks, strict=True)))
        found = _received(file)
    recorded = [after - before for before, after in pairwise(at[1:])]
    played = [after - before for before, after in pairwise(found)]
    errors = [abs(one - other) for one, other in zip(recorded, played, strict=True)]
    bare = [abs(one - other) for one, other in zip(recorded, _bare(at[1:]), strict=True)]
    worst, own = percentile(errors, 0.95) or 0.0, percentile(bare, 0.95) or 0.0
    drift = abs((found[-1] - found[0]) - (at[-1] - at[1]))
    return [
        Row("replay: error of a gap, p95", f"{worst * 1000:.2f} ms", "<= 5 ms", worst <= 0.005),
        Row("  beside it: a byte over a socket at such times, p95", f"{own * 1000:.2f} ms", "-", None),
        Row("replay: drift at the end", f"{drift * 1000:.2f} ms", "<= 5 ms", drift <= 0.005),
    ]


def _bare(times: Sequence[float]) -> list[float]:
    """The gaps of bytes that one thread sends at these times and another gets: what the machine can do."""
    sender, receiver = socket.socketpair()
    found: list[float] = []

    def receive() -> None:
        while receiver.recv(1):
            found.append(time.monotonic())

    thread = threading.Thread(target=receive)
    thread.start()
    began = time.monotonic()
    for at in times:
        time.sleep(max(0.0, began + at - time.monotonic()))
        sender.send(b"x")
    sender.close()
    thread.join()
    receiver.close()
    return [after - before for before, after in pairwise(found)]


def _received(file: Path) -> list[float]:
    times: list[float] = []

    def record(event: object) -> None:
        if isinstance(event, Received):
            times.append(event.at)

    async def read() -> None:
        with practice_server(replay=file) as url:
            async with open_client(base_url=url) as client:
                async with astream_reply(client, record=record, **REQUEST) as stream:
                    async for _ in stream:
                        pass

    asyncio.run(read())
    return times[:_CHUNKS]


def _write(file: Path, chunks: list[tuple[float, bytes]]) -> None:
    end = chunks[-1][0]
    with file.open("wb") as out:
        out.write(encode(Head("benchmark")))
        out.write(encode(Attempt(0.0)))
        out.write(encode(Response(0.0, 200, {"content-type": "text/event-stream"})))
        for at, data in chunks:
            out.write(encode(Chunk(at, data)))
        out.write(
            encode(
                Chunk(
                    end,
                    events.block_stop() + events.message_delta("end_turn", {}) + events.message_stop(),
                )
            )
        )
        out.write(encode(End(end, "end")))


# -- memory ------------------------------------------------------------------------------------


def _memory_row() -> Row:
    """Peak memory of a server that plays 10 MB beside one that plays 100 kB, each in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        peaks = []
        for size in (100_000, _LARGE):
            file = Path(folder) / f"{size}.jsonl"
            piece = events.text_delta("palabra " * 60)
            _write(
                file,
                [(0.0, events.message_start("m", 5) + events.block_start())]
                + [(0.0, piece)] * (size // len(piece)),
            )
            argv = [sys.executable, "-m", "benchmarks.wire", str(file)]
            runs = [int(subprocess.run(argv, capture_output=True, check=True).stdout) for _ in range(3)]
            peaks.append(median(runs))
    more = (peaks[1] - peaks[0]) / 1e6
    return Row("replay of 10 MB beside 100 kB: peak memory more", f"{more:.1f} MB", "<= 2 MB", more <= 2)


def _peak(file: str) -> int:
    """Play a recording to a plain socket; return the peak memory of this process in bytes."""
    with practice_server(replay=file, pace=0) as url:
        parts = urlsplit(url)
        body = b'{"stream": true}'
        lines = (
            f"POST {parts.path}/v1/messages HTTP/1.1",
            f"host: {parts.netloc}",
            f"content-length: {len(body)}",
        )
        head = "\r\n".join([*lines, "", ""])
        with socket.create_connection((parts.hostname or "", parts.port or 0)) as wire:
            wire.sendall(head.encode() + body)
            tail = b""
            while not tail.endswith(b"0\r\n\r\n"):
                tail = (tail + wire.recv(65536))[-65536:]
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    sys.stdout.write(str(_peak(sys.argv[1])))
