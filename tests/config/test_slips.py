"""What counts as a slip of the keyboard."""

import pytest

from stream_core.config.options.slips import is_slip


@pytest.mark.parametrize(
    ("typed", "name", "slip"),
    [
        ("stat", "stats", True),
        ("statss", "stats", True),
        ("satts", "stats", True),
        ("statd", "stats", True),
        ("opsu", "opus", True),
        ("stats", "stats", False),
        ("state", "stats", False),
        ("contento", "contexto", False),
        ("tsats", "stast", False),  # two slips
        ("dem", "demo", False),  # too short to tell
        ("ayudante", "ayuda", False),
        ("", "", False),
    ],
)
def test_a_slip_is_one_letter_or_two_that_changed_places(typed: str, name: str, slip: bool) -> None:
    assert is_slip(typed, name) is slip is is_slip(name, typed)
