"""The designed screens look as they were designed, at both sizes. `make gallery` writes them again."""

from __future__ import annotations

import pytest
from support.gallery import FOLDER, SIZES, as_text, drawn, file_of
from support.gallery_screens import SCREENS


@pytest.mark.parametrize(("cols", "rows"), SIZES)
@pytest.mark.parametrize("name", SCREENS)
def test_the_screen_looks_as_it_was_designed(name: str, cols: int, rows: int) -> None:
    assert as_text(drawn(SCREENS[name], cols, rows)) == file_of(name, cols).read_text("utf-8")


def test_the_gallery_keeps_no_screen_that_nobody_draws() -> None:
    assert set(FOLDER.iterdir()) == {file_of(name, cols) for name in SCREENS for cols, _ in SIZES}
