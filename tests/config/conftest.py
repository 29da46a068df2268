"""What the tests of the configuration share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytest_mock import MockerFixture
from support.day import TODAY, VARIABLE
from support.places import Place


@pytest.fixture
def place(tmp_path: Path, mocker: MockerFixture, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(tmp_path)
    home = str(place.home)
    mocker.patch.dict(
        os.environ,
        {"HOME": home, "USERPROFILE": home, "APPDATA": home, VARIABLE: TODAY.isoformat()},
        clear=True,
    )
    monkeypatch.chdir(place.home)
    return place
