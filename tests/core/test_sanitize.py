"""Sanitised output: nothing that steers a terminal, and everything that is text."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stream_core.core.invisible import INVISIBLE
from stream_core.core.sanitize import (
    Sanitizer,
    one_line,
    repair_surrogates,
    sanitize,
    sanitize_message,
    tags_in,
)

OPENERS_7BIT = {"CSI": "\x1b[", "OSC": "\x1b]", "DCS": "\x1bP", "SOS": "\x1bX", "PM": "\x1b^", "APC": "\x1b_"}
OPENERS_8BIT = {"CSI": "\x9b", "OSC": "\x9d", "DCS": "\x90", "SOS": "\x98", "PM": "\x9e", "APC": "\x9f"}
STRINGS = ("OSC", "DCS", "SOS", "PM", "APC")

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but for newline and tab, DEL, C1
    "\u202a-\u202e\u2066-\u2069"  # bidirectional controls; RLM and LRM stay in lines they are needed in
    "\u2028\u2029\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e001f\U000e0080-\U000e0fff]"
)
OTHER_MARKS = re.compile(f"[{INVISIBLE}]")  # what shows nothing
WOMAN_TECHNOLOGIST = "\U0001f469\u200d\U0001f4bb"
PIECES_OF_TROUBLE = [
    *"\x1b\x9b\x9d\x90\x98\x9e\x9f\x9c\x07\x18\x1a\x08\r\x00\x7f\x85[]PX^_\\;:?0138hmKJ~ \n\t",
    *(OPENERS_7BIT[name] for name in OPENERS_7BIT),
    "\x1b\\",
    "\x1b[31m",
    "\x1b]0;título\x07",
    "\x1bP1$r\x1b\\",
    "\ud83d",
    "\ude00",
    "\udcff",
    "\u202e",
    "\u2066",
    "\u200f",
    "\u2028",
    "\u2029",
    "\ufeff",
    "\U000e0041",
    "\U000e007f",
    WOMAN_TECHNOLOGIST,
    "\u2764\ufe0f",
    "e\u0301",
    "漢字",
    "שלום",
    "مرحبا",
    "hola",
    "ñ",
]
TROUBLE = st.lists(st.sampled_from(PIECES_OF_TROUBLE), max_size=25).map("".join)
HARMLESS = st.text(st.characters(codec="utf-8")).filter(
    lambda text: not (FORBIDDEN.search(text) or OTHER_MARKS.search(text))
)


@st.composite
def cut_texts(draw: st.DrawFn) -> list[str]:
    """A text as the pieces it arrives in."""
    text = draw(TROUBLE)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


def fed(pieces: list[str]) -> str:
    sanitizer = Sanitizer()
    return "".join([*(sanitizer.feed(piece) for piece in pieces), sanitizer.flush()])


# -- for every text -----------------------------------------------------------------------------


@given(cut_texts())
def test_nothing_that_steers_a_terminal_comes_out(pieces: list[str]) -> None:
    sanitizer = Sanitizer()
    for piece in pieces:
        assert not FORBIDDEN.search(sanitizer.feed(piece))
    assert not FORBIDDEN.search(sanitizer.flush())


@given(st.text(st.characters(codec=None)))
def test_nothing_that_steers_a_terminal_comes_out_of_any_text(text: str) -> None:
    safe = sanitize(text)
    assert not FORBIDDEN.search(safe)
    safe.encode()


@given(cut_texts())
@example(["\x1b", "[", "31", "m", "rojo"])
@example(["\x1b]0;", "título\x1b", "\\", "fin"])
@example(["\ud83d", "", "\ude00"])
@example(["\x1b[\ud83d", "\ude00"])
def test_the_cutting_makes_no_difference(pieces: list[str]) -> None:
    whole = "".join(pieces)
    assert fed(pieces) == sanitize(whole) == fed(list(whole))


def test_the_cutting_makes_no_difference_to_halves_around_a_sequence() -> None:
    assert fed(["\ud83d\x1b[m", "\ude00"]) == sanitize("\ud83d\x1b[m\ude00")


@given(TROUBLE)
def test_sanitising_twice_changes_nothing_more(text: str) -> None:
    assert sanitize(sanitize(text)) == sanitize(text)


@given(HARMLESS)
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert sanitize(text) == text
    assert fed(list(text)) == text


@given(TROUBLE, st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1))
def test_no_opener_swallows_what_stands_after_a_newline(text: str, after: str) -> None:
    assert sanitize(f"{text}\n{after}").endswith("\n" + after)


@pytest.mark.parametrize(
    "text",
    [
        WOMAN_TECHNOLOGIST,
        "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",  # a family
        "\U0001f3f3\ufe0f\u200d\U0001f308",  # the rainbow flag
        "\u2764\ufe0f \u2764\ufe0e 1\ufe0f\u20e3 \U0001f44d\U0001f3fd \U0001f1ea\U0001f1f8",
        "e\u0301 n\u0303 a\u0308\u0332",
        "漢字 かな 한글 ＡＢ",
        "שלום עולם مرحبا بالعالم",
        "می\u200cخواهم",  # a zero-width non-joiner
        "क्\u200dष",
        "¿Qué tal, «señor»?\n\tBien… — ½ €",
        "[dim]no es marcado[/dim] \\[ \\x1b %s {}",
        "\u0378\U0010ffff\ue000",
        "",
    ],
)
def test_text_of_every_script_survives(text: str) -> None:
    assert sanitize(text) == text


# -- escape sequences ---------------------------------------------------------------------------


@pytest.mark.parametrize("openers", [OPENERS_7BIT, OPENERS_8BIT], ids=["7-bit", "8-bit"])
@pytest.mark.parametrize("terminator", ["\x07", "\x1b\\", "\x9c", "\x18", "\x1a"])
@pytest.mark.parametrize("kind", STRINGS)
def test_a_string_sequence_goes_with_its_payload(openers: dict[str, str], terminator: str, kind: str) -> None:
    text = f"antes{openers[kind]}52;c;cGVsaWdybw== ñ漢\t{terminator}después"
    assert sanitize(text) == fed(list(text)) == "antesdespués"


@pytest.mark.parametrize("openers", [OPENERS_7BIT, OPENERS_8BIT], ids=["7-bit", "8-bit"])
@pytest.mark.parametrize(
    "body", ["m", "31m", "1;31m", "?1049h", "2J", "38:2::1:2:3m", " q", "!p", ">0c", "200~"]
)
def test_a_control_sequence_goes_whole(openers: dict[str, str], body: str) -> None:
    assert sanitize(f"antes{openers['CSI']}{body}después") == "antesdespués"


@pytest.mark.parametrize(
    "sequence", ["\x1bc", "\x1b7", "\x1b8", "\x1b=", "\x1b(0", "\x1b#8", "\x1b %G", "\x1bN", "\x1bM"]
)
def test_a_short_sequence_goes_whole(sequence: str) -> None:
    assert sanitize(f"antes{sequence}después") == "antesdespués"


@pytest.mark.parametrize("opener", [*OPENERS_7BIT.values(), *OPENERS_8BIT.values()])
def test_an_unterminated_sequence_ends_at_a_newline(opener: str) -> None:
    assert sanitize(f"uno{opener}0;\ndos") == "uno\ndos"
    assert fed(["uno", opener, "0;", "\n", "dos"]) == "uno\ndos"


@pytest.mark.parametrize("separator", ["\u2028", "\u2029"])
def test_an_unterminated_string_ends_at_a_unicode_line_break_too(separator: str) -> None:
    assert sanitize(f"uno\x1b]0;título{separator}dos") == "uno\ndos"


@pytest.mark.parametrize("opener", ["\x1b", *OPENERS_7BIT.values(), *OPENERS_8BIT.values()])
def test_an_unterminated_sequence_at_the_end_shows_nothing(opener: str) -> None:
    assert sanitize(f"uno{opener}") == "uno"
    assert sanitize(f"uno{opener}0;1") == ("uno;1" if opener == "\x1b" else "uno")


def test_a_sequence_inside_a_string_ends_the_string() -> None:
    assert sanitize("a\x1b]0;t\x1b[31mb") == "ab"
    assert sanitize("a\x1bPt\x9b31mb") == "ab"
    assert sanitize("a\x1bPt\x1b]0;u\x07b") == "ab"


def test_a_broken_control_sequence_shows_the_character_that_broke_it() -> None:
    assert sanitize("a\x1b[31ñb") == "añb"
    assert sanitize("a\x1bñb") == "añb"
    assert sanitize("a\x1b\x1b[31mb") == "ab"
    assert sanitize("a\x9b\x9b31mb") == "ab"


# -- single characters --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a\x00b\x07c\x08d\x0be\x0cf\rg\x7fh\x85i\x84j\xa0k", "abcdefghij\xa0k"),
        ("uno\r\ndos\ttres", "uno\ndos\ttres"),
        ("\u202eoirás\u202c \u2066x\u2069 \u200e\u200f\u061c", "oirás x "),
        ("a\u2028b\u2029c", "a\nb\nc"),
        ("a\ufffbb\ufeffc", "abc"),
        ("\U000e0001\U000e0068\U000e0069\U000e007fx", "x"),
        ("a\ud800b", "a\ufffdb"),
        ("a\udc80b", "a\ufffdb"),
        ("a\ud83d", "a\ufffd"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ("\ud83d\ude00", "\U0001f600"),
    ],
)
def test_what_becomes_of_single_characters(text: str, safe: str) -> None:
    assert sanitize(text) == safe
    assert fed(list(text)) == safe


def test_a_pair_over_two_pieces_is_one_character() -> None:
    sanitizer = Sanitizer()
    assert [sanitizer.feed("hola \ud83d"), sanitizer.feed(""), sanitizer.feed("\ude00!")] == [
        "hola ",
        "",
        "\U0001f600!",
    ]


def test_a_flush_begins_anew() -> None:
    sanitizer = Sanitizer()
    assert sanitizer.feed("a\x1b]0;título") == "a"
    assert sanitizer.flush() == ""
    assert sanitizer.feed("b\ud83d") == "b"
    assert sanitizer.flush() == "\ufffd"
    assert sanitizer.flush() == ""
    assert sanitizer.feed("\ude00c") == "\ufffdc"


# -- what shows nothing -------------------------------------------------------------------------

FLAGS = {name: "\U0001f3f4" + "".join(chr(0xE0000 + ord(c)) for c in name) + "\U000e007f" for name in
         ("gbeng", "gbsct", "gbwls")}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        *FLAGS.values(),
        FLAGS["gbsct"] + FLAGS["gbwls"],
        "\U0001f3f4\u200d\u2620\ufe0f",  # pirates
        "\u2764\ufe0f\u200d\U0001f525",  # a heart on fire
        "\U0001f469\U0001f3fd\u200d\U0001f680",
        "\U0001f9d1\u200d\U0001f91d\u200d\U0001f9d1",
        "*\ufe0f\u20e3 #\ufe0f\u20e3",
        "নির্\u200cবাচন ക്\u200d മലയാളം",
        "ه\u200d، نمی\u200cدانم",
        "\u200fשלום (x)\u200e!",
        "مرحبا\u200f: C++\u200e",
        "\u1820\u180b\u1820",
    ],
)
def test_what_a_script_or_an_emoji_needs_stays(text: str) -> None:
    assert sanitize(text) == text
    assert fed(list(text)) == text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a\u200bb\u2060c\u00add\u180ee\u3164f\u115f\u1160g\uffa0h\u034fi\u2064j", "abcdefghij"),
        ("a\ufe0fb\ufe00c 5\ufe0f\u2764\ufe0f\ufe0f\ufe0e", "abc 5\u2764\ufe0f"),
        ("x\U000e0100\U000e01efy", "xy"),
        ("a\u200db\u200cc ñ\u200d", "abc ñ"),
        ("\U0001f469\u200d hola \U0001f469\u200d", "\U0001f469 hola \U0001f469"),
        ("می\u200c\u200c\u200d\u200cخ", "می\u200cخ"),
        ("hola\u200e mundo\u200f\nשלום\u200f\nhola\u200f", "hola mundo\nשלום\u200f\nhola"),
        ("a\u2800\u2800b", "a  b"),
        ("\u28ff\u2800\u28ff", "\u28ff \u28ff"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0078\U000e007f.", "\U0001f3f4."),
        ("\U0001f3f4\U000e0067\U000e0062", "\U0001f3f4"),
        ("x" + FLAGS["gbeng"][1:], "x"),
        (FLAGS["gbeng"] + FLAGS["gbeng"][1:], FLAGS["gbeng"]),
    ],
)
def test_what_shows_nothing_goes_everywhere_else(text: str, safe: str) -> None:
    assert sanitize(text) == safe
    assert fed(list(text)) == safe


_UNSEEN_AND_NEIGHBOURS = [
    *"a5#\n \u200b\u200c\u200d\u200e\u200f\ufe0f\u20e3\u2800ی\u2764\U0001f469\U0001f3f4שक",
    *FLAGS["gbeng"][1:],
]


@given(st.lists(st.sampled_from(_UNSEEN_AND_NEIGHBOURS), max_size=20))
def test_the_cutting_makes_no_difference_to_what_is_unseen(letters: list[str]) -> None:
    text = "".join(letters)
    assert fed(letters) == sanitize(text)
    assert sanitize(sanitize(text)) == sanitize(text)


# -- what a person sends ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("a\u200bb\u00adc\u2060d\ufeff \u202ee\u2066\u2069 \u2028f\u2029 \u3164\u2800 \ufe0f\u200d", None),
        ("e" + "\u0301" * 40, None),
        ("x\U000e0041\U000e0001\U000e0100y", None),
        ("uno\r\ndos\rtres\r\r\ncuatro", "uno\ndos\ntres\n\ncuatro"),
        ("uno\x0cdos\x0btres\n\x0c\ncuatro", "uno\ndos\ntres\n\ncuatro"),
        ("a\x1b[31mb\x1b]0;t\x07c\x9b1md\0e\x7ff", "abcdef"),
        ("\x1b\u200b[31mx\ud83d", "\u200bx\ufffd"),
    ],
)
def test_what_is_sent_is_what_came_without_controls(text: str, sent: str | None) -> None:
    assert sanitize_message(text) == (text if sent is None else sent)
    assert sanitize_message(sanitize_message(text)) == sanitize_message(text)


def test_tags_are_counted_that_are_not_of_a_flag() -> None:
    assert tags_in(f"hola {FLAGS['gbsct']}\u200b") == 0
    assert tags_in(f"{FLAGS['gbsct']} a\U000e0061\U000e0062b\U000e0001") == 3


# -- helpers ------------------------------------------------------------------------------------


@given(TROUBLE, st.integers(1, 40))
def test_one_line_is_a_safe_line_of_that_length(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert not FORBIDDEN.search(line)
    assert line == " ".join(line.split())


def test_one_line_collapses_white_space_and_marks_what_it_cut() -> None:
    assert one_line("  uno\n\n dos\t\u2028tres ") == "uno dos tres"
    assert one_line("x" * 200) == "x" * 200
    assert one_line("x" * 201) == "x" * 199 + "…"
    assert one_line("abcdef", 4) == "abc…"
    assert one_line("") == ""


@given(st.text(st.characters(codec=None)))
def test_repaired_text_can_be_encoded_and_nothing_else_changes(text: str) -> None:
    repaired = repair_surrogates(text)
    repaired.encode()
    assert repair_surrogates(repaired) == repaired
    if not re.search("[\ud800-\udfff]", text):
        assert repaired == text


def test_repair_joins_pairs_and_replaces_the_rest() -> None:
    assert repair_surrogates("\ud83d\ude00\ud83d-\ude00\x1b") == "\U0001f600\ufffd-\ufffd\x1b"
