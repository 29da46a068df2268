"""The X-ray: rows that fit, gaps to scale, and nothing of the server's that is not safe."""

from __future__ import annotations

import json

import pytest
from rich.cells import cell_len
from support.paths import FIXTURES

from stream_core.config.options.appearance import Look
from stream_core.core.redact import MARK, Redactor
from stream_core.core.sanitize import sanitize
from stream_core.core.trace import Trace
from stream_core.core.wire import Answered, Ended, Received, Sent
from stream_core.practice.events import error, ping, text_delta
from stream_core.terminal.reply.wire_view import WireView
from stream_core.terminal.rows.styles import Styles, row_text
from stream_core.terminal.rows.xray import bar, listing, raw_lines, sparkline

KEY = "sk-ant-api03-Zq9_x-VwLLaVe"
HOSTILE = "\x1b]0;robado\x07\x1b[2J \u202eal revés \x9b1m"


def trace_of(*chunks: bytes, status: int = 200, how: str = "end") -> Trace:
    trace = Trace()
    trace(Sent({"model": f"m{KEY}{HOSTILE}"}, 1, 0.0))
    trace(Answered(status, {"content-type": HOSTILE}, 0.5))
    for number, chunk in enumerate(chunks, 1):
        trace(Received(chunk, 0.5 + number * 0.01 + (number > 2) * 0.09))
    trace(Ended(how, 2.0))  # type: ignore[arg-type]
    return trace


def usage(kind: str, **counts: int) -> bytes:
    data = {"type": kind, "message": {"usage": counts}, "delta": {"stop_reason": "end_turn"}, "usage": counts}
    return f"event: {kind}\ndata: {json.dumps(data)}\n\n".encode()


def listed(trace: Trace, width: int = 100, *, raw: bool = False, bars: bool = True) -> list[str]:
    return [row.text for row in listing(trace, trace.snapshot(), width, Redactor(), raw=raw, bars=bars)]


@pytest.mark.parametrize("width", [20, 40, 63, 64, 89, 90, 119, 200])
@pytest.mark.parametrize("name", ["text", "thinking_and_tools", "server_tool", "refusal"])
def test_rows_fit(name: str, width: int) -> None:
    rows = listed(trace_of((FIXTURES / f"{name}.sse").read_bytes()), width)[2:]
    assert rows and all(cell_len(row) <= width for row in rows)


def test_each_event_says_when_how_much_and_what() -> None:
    rows = listed(trace_of(ping(), text_delta("¡Hola\n"), text_delta(" año"), error("api_error", "Uf")))
    assert rows[0].startswith("4 eventos · ") and rows[0].endswith(" · 2.00 s desde el envío")
    assert "Barra llena: 100 ms o más, la pausa más larga entre eventos." in rows[1]
    assert (
        rows[4].split() == ["1", "0.510", "s", "▉", "10", "ms", f"{len(ping())}", "B", "ping"]
        or "ping" in rows[4]
    )
    assert "content_block_delta  «¡Hola⏎»" in rows[5]
    assert "« año»" in rows[6] and "█" * 12 in rows[6] and "100 ms" in rows[6]
    assert rows[7].endswith("error  Uf") and rows[8].endswith("fin del cuerpo")


def test_nothing_unsafe_and_no_credential_is_shown() -> None:
    trace = trace_of(
        text_delta(HOSTILE + KEY),
        f"event: {HOSTILE}{KEY}\ndata: {{}}\n\n".encode(),
        HOSTILE.encode() + KEY.encode() + b"\xff\n\n",
        error("x", HOSTILE + KEY),
    )
    for raw in (False, True):
        rows = listed(trace, raw=raw)
        assert all(sanitize(row) == row and KEY not in row for row in rows)
        assert any(MARK in row for row in rows)


def test_gaps_are_drawn_to_scale() -> None:
    assert [bar(seconds, 1.0, 4) for seconds in (0, 0.01, 0.125, 0.5, 1, 9)] == [
        "",
        "",
        "▌",
        "██",
        "████",
        "████",
    ]
    assert sparkline([0, 1, 2, 4]) == "▁▂▄█" and sparkline([0, 0]) == "▁▁" and sparkline([]) == ""


def test_bytes_are_shown_as_they_came() -> None:
    (entry,) = [
        entry for entry in trace_of(b"event: x\r\ndata: \xc3\xb1 \xff\x00\n\n").snapshot() if entry.number
    ]
    assert list(raw_lines(entry, Redactor())) == ["event: x\\r\\n", "data: ñ \\xff\\x00\\n", "\\n"]


# -- beside a reply ----------------------------------------------------------------------------


def test_a_wide_window_has_two_columns_and_another_a_strip() -> None:
    from rich.console import ConsoleDimensions
    from rich.segment import Segment

    trace = trace_of(*(text_delta(f" palabra{number}") for number in range(30)))
    view = WireView(trace, Styles(Look()), row_text, Redactor())
    rows = [[Segment("Uno dos tres")], [], [Segment("cuatro")]]
    bare = [f"│ {row_text(row)}" for row in rows]
    assert view.text_width(119) == 119 and view.final(rows, 119) == view.live(rows, 119) == bare
    view.move_on(ConsoleDimensions(140, 30), tick=False)
    assert view.final(rows[1:2], 140)[0].rstrip().endswith("┊")  # which takes no events from the next row
    first, blank, last = view.final(rows, 140)
    assert "1-14 " in first and "14 delta" in first and blank.rstrip().endswith("┊")
    assert "15-30 " in last and all(cell_len(row) < 140 for row in (first, blank, last))
    live = view.live(rows, 140)
    assert view.strip == [] and "palabra29" in live[0] and "fin del cuerpo" in live[1]
    view.move_on(ConsoleDimensions(100, 30), tick=False)
    assert len(view.strip) == 5 and view.strip[0] == "│ cable · 30 eventos · 3.7 kB"
    assert "palabra29" in view.strip[-2]
    for size, count in ((ConsoleDimensions(60, 20), 3), (ConsoleDimensions(60, 10), 0)):
        view.move_on(size, tick=False)
        assert len(view.strip) == count


@pytest.mark.parametrize("kind", ["message_start", "message_delta"])
def test_words_of_the_protocol_are_never_cut(kind: str) -> None:
    """What has no room is left out as a whole, with a mark; whatever the window."""
    counts = {"input_tokens": 10_123, "cache_read_input_tokens": 2048, "output_tokens": 183}
    trace = trace_of(usage(kind, **counts))
    (whole,) = (row for row in listed(trace, 200) if "tokens:" in row)
    words = {word.strip(",:") for word in whole.split(kind)[1].split()}
    seen = set()
    for width in range(50, 120):
        (row,) = (row for row in listed(trace, width) if kind in row)
        said = row.split(kind)[1].strip()
        assert cell_len(row) <= width and {word.strip(",:…") for word in said.split()} <= words | {""}
        seen.add(said)
    assert any(said.endswith("salida 183") and "tokens" not in said for said in seen)
