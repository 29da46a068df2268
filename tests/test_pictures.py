"""The pictures of the documents show what the program shows today: `make pictures` draws them anew."""

from __future__ import annotations

import re
from itertools import zip_longest
from xml.etree import ElementTree

import pytest
from support import svg
from support.paths import ROOT
from support.pictures import FOLDER, MOVING, RECORDED, RECORDINGS, STILLS, draw
from support.wire import REQUEST, read_sync

from stream_core import practice_server
from stream_core.practice.recordings import contents

NAMES = [*STILLS, MOVING]


def test_the_pictures_are_what_the_chat_draws() -> None:
    """To the letter, figures and dates included: they are those of the recordings."""
    drawn = {name: text.splitlines() for name, text in draw().items()}
    kept = {name: (FOLDER / f"{name}.svg").read_text("utf-8").splitlines() for name in drawn}
    other = [pair for name in drawn for pair in zip_longest(kept[name], drawn[name]) if pair[0] != pair[1]]
    assert not other, f"draw them anew: make pictures; the first lines that differ: {other[:3]}"


@pytest.mark.parametrize("name", RECORDED)
def test_a_recording_says_what_practice_answers(name: str) -> None:
    """Whoever follows the guide sees the answers of its pictures; where they do not: make recordings."""
    file = RECORDINGS / f"{name}.jsonl"
    found = contents(file)
    assert found.whole and found.head.date and len(file.read_bytes()) < 100_000
    asked = {**REQUEST, "messages": [{"role": "user", "content": found.questions[0]}], "max_tokens": 4096}
    with practice_server(pace=0, place="chat") as url:
        answer = read_sync(url, **asked).reply.text
    with practice_server(pace=0, replay=file) as url:
        others = [{**asked, "max_tokens": 1 + number} for number in range(len(found.places))]
        parts = [read_sync(url, **other).reply.text for other in others]
    assert answer.startswith(parts[0]) and all(part in answer for part in parts)


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_small_sound_and_has_both_schemes(name: str) -> None:
    text = (FOLDER / f"{name}.svg").read_text("utf-8")
    root = ElementTree.fromstring(text)
    assert root.find("{http://www.w3.org/2000/svg}title") is not None
    assert len(text) < 100_000 and "prefers-color-scheme:light" in text
    assert ("prefers-reduced-motion" in text) == (name == MOVING)
    assert "<script" not in text and "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_every_picture_is_shown_somewhere_and_the_readme_moves_at_once() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    pages = readme + (ROOT / "STREAMING_GUIDE.md").read_text("utf-8")
    assert {file.stem for file in FOLDER.glob("*.svg")} == set(NAMES)
    assert set(re.findall(r"docs/pictures/([\w-]+)\.svg", pages)) == set(NAMES)
    assert MOVING in "\n".join(readme.splitlines()[:20])


@pytest.mark.parametrize("colour", ["87d787", "ffffff", "ff6b6b", "8a8a95", "000000"])
def test_a_colour_can_be_read_on_white(colour: str) -> None:
    def light(part: int) -> float:
        value = int(svg.readable(colour)[part : part + 2], 16) / 255
        return float(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)

    assert 1.05 / (0.2126 * light(0) + 0.7152 * light(2) + 0.0722 * light(4) + 0.05) > 4.4


def test_a_row_that_stands_for_a_while_is_one_element() -> None:
    first, second = (svg.Run(0, "uno", ""),), (svg.Run(0, "dos", ""),)
    text = svg.moving([(0.0, [first]), (1.0, [first, second]), (2.0, [second])], 10, "x", rest=2.0)
    assert text.count(">uno<") == 1 and text.count(">dos<") == 2
    assert "@keyframes k0{0%{opacity:1}50.00%{opacity:0}100%{opacity:0}}" in text
