"""Today's date, from the variable or the system."""

from __future__ import annotations

from datetime import date

import pytest
from pytest_mock import MockerFixture
from support.day import TODAY, VARIABLE
from support.places import UNSAFE, Place

from stream_core.config.settings import Settings
from stream_core.core.errors import ConfigError


def test_the_day_is_that_of_the_variable_or_of_the_system(place: Place, mocker: MockerFixture) -> None:
    calendar = mocker.patch("stream_core.config.today.date", wraps=date)
    calendar.today.return_value = date(2029, 2, 3)
    for told in ("", " "):
        place.environ[VARIABLE] = told
        assert Settings.load([], place.environ).today == date(2029, 2, 3)
    place.environ[VARIABLE] = "2031-01-31"
    assert Settings.load([], place.environ).today == date(2031, 1, 31)
    assert Settings.load([], place.environ, today=TODAY).today == TODAY
    assert Settings().today == TODAY  # as the environment of this process says


@pytest.mark.parametrize(
    "wrong",
    ["mañana", "31/01/2031", "2031-1-31", "2031-02-30", "20310131", "٢٠٣١-01-31", "\x1b[31m", "x" * 99],
)
def test_a_day_that_is_none_is_refused(place: Place, wrong: str) -> None:
    place.environ[VARIABLE] = wrong
    with pytest.raises(ConfigError) as refused:
        Settings.load([], place.environ)
    assert f"{VARIABLE}: «" in refused.value.hint and "no es una fecha como 2031-01-31." in refused.value.hint
    assert not UNSAFE.search(refused.value.hint) and len(refused.value.hint) < 150
    assert Settings.load(
        ["--where"], place.environ
    ).invocation.show_paths  # works also when something else is wrong
