"""The flags of recording and replaying."""

from __future__ import annotations

import pytest
from support.places import Place

from stream_core.config.wire_options import WireOptions


@pytest.mark.parametrize(
    ("typed", "speed"),
    [("x2", 2.0), ("2x", 2.0), ("2", 2.0), ("0.1", 0.1), ("x0,1", 0.1), ("1000", 1000.0), ("0.01", 0.01)],
)
def test_a_speed(place: Place, typed: str, speed: float) -> None:
    assert place.load("--replay", "a", "--replay-speed", typed).wire.speed == speed


def test_how_fast_practice_answers(place: Place) -> None:
    fast = {"STREAM_CORE_PRACTICE_SPEED": " x20 "}
    assert place.load(**fast).wire.speed == 20 and not place.load(**fast).wire.slow
    assert place.load(STREAM_CORE_PRACTICE_SPEED="").wire.speed == 1
    assert place.load("--replay", "a", **fast).wire.speed == 1  # that is a person's, as it was
    told = place.refused(STREAM_CORE_PRACTICE_SPEED="0")
    assert told.startswith("STREAM_CORE_PRACTICE_SPEED: «0» no sirve.")


def test_a_replay_is_practice_that_is_not_saved(place: Place) -> None:
    settings = place.load("--replay", "a", "--replay", "b", "--replay-cut", "0")
    assert [path.name for path in settings.wire.replay] == ["a", "b"] and settings.wire.cut == 0
    assert settings.connection.practice and settings.connection.practice_requested
    assert not settings.invocation.save and not settings.wire.slow
    assert place.load("--replay", "a", "--replay-step").wire.slow
    assert place.load().wire == WireOptions()


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--replay-step"], "--replay-step dice cómo se reproduce una grabación: falta cuál, con --replay"),
        (
            ["--replay-cut", "3"],
            "--replay-cut dice cómo se reproduce una grabación: falta cuál, con --replay",
        ),
        (["--replay", "a", "--replay-speed", "0"], "--replay-speed: «0» no sirve. Puede ser x2, x0.1"),
        (["--replay", "a", "--replay-speed", "1e9"], "--replay-speed: «1e9» no sirve."),
        (["--replay", "a", "--replay-speed", "nan"], "--replay-speed: «nan» no sirve."),
        (["--replay", "a", "--replay-speed", "-1"], "--replay-speed: «-1» no sirve."),
        (["--replay", "a", "--replay-speed", "9999"], "--replay-speed: «9999» no sirve."),
        (["--replay", "a", "--replay-cut", "-1"], "--replay-cut: «-1» no es un número de eventos."),
        (["--replay", "a", "--replay-cut", "uno"], "--replay-cut: «uno» no es un número de eventos."),
        (["--replay", "a", "-c"], "--replay no sigue ninguna conversación"),
        (["--replay", "a", "--replay-step", "--replay-speed", "2"], "--replay-step y --replay-speed no van"),
    ],
)
def test_what_makes_no_sense_is_refused(place: Place, argv: list[str], told: str) -> None:
    assert place.refused(*argv).startswith(told)
