"""The story of a reply: attempts and silences, each once, and how it is told."""

from __future__ import annotations

from stream_core.core.deltas import Text, Waiting
from stream_core.core.errors import Overloaded
from stream_core.core.story import Episode, StoryTeller
from stream_core.texts.story_es import story_lines


def test_countdowns_and_silences_are_one_episode_each() -> None:
    teller = StoryTeller(100.0)
    busy = Overloaded("x")
    for left, at in ((2.0, 100.5), (1.0, 101.5)):
        teller.feed(Waiting("retry", 2, 4, left, at, busy))
    teller.feed(Waiting("first_byte", 2, 4, 1.0, 103.0))
    teller.feed(Waiting("upload", 2, 4, 9.0, 103.5, sent=1, size=2))  # no silence: bytes move
    teller.feed(Text("a", 0, 104.0))
    for seconds in (2.0, 3.0, 4.0, 5.0):
        teller.feed(Waiting("idle", 2, 4, seconds, 104.0 + seconds))
    assert teller.episodes == (Episode("retry", 0.5, 2.0, 2, 4, busy), Episode("silence", 4.0, 5.0))
    first, second, third = story_lines((*teller.episodes, Episode("continued")))
    assert first.startswith("A los 0.5 s, intento 2 de 4 tras esperar 2.0 s. ")
    assert second == "A los 4.0 s calló durante 5 s." and third.startswith("Se siguió desde donde se quedó")
