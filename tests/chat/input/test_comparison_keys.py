"""The keys that stop one of the replies of a comparison."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.keys import Keys

from stream_core.chat.input.comparison_keys import ComparisonKeys


class Case:
    def __init__(self) -> None:
        self.stopped, self.armed, self.draft, self.paused = list[int](), list[bool](), "", 0
        others: dict[Keys | str, Callable[[], None]] = {Keys.ControlS: self.pause}
        self.keys = ComparisonKeys(
            2, self.stopped.append, self.armed.append, lambda: bool(self.draft), others
        )

    def drafting(self) -> bool:
        return bool(self.draft)

    def pause(self) -> None:
        self.paused += 1

    def press(self, *keys: Keys | str) -> list[Keys | str]:
        """Returns those that wait for the prompt."""
        left = []
        for key in keys:
            if (action := self.keys.get(key)) is not None:
                action()
            else:
                left.append(key)
        return left


def test_a_number_stops_one_alone_or_after_escape_and_others_wait_for_the_prompt() -> None:
    case = Case()
    assert case.press("2") == [] and case.stopped == [1]
    case.keys.escape()
    assert case.armed[-1] and case.press("1") == [] and case.stopped == [1, 0] and not case.armed[-1]
    assert case.press("3", "0", "a", "1") == ["3", "0", "a", "1"] and case.stopped == [1, 0]
    assert case.press(Keys.ControlS) == [] and case.paused == 1


def test_a_number_within_a_draft_is_part_of_it() -> None:
    case = Case()
    case.draft = "los "
    assert case.press("2") == ["2"] and not case.stopped
    case.keys.escape()
    assert case.press("2") == [] and case.stopped == [1]
    case.keys.escape()
    assert case.press("x", "2") == ["x", "2"] and case.stopped == [1]
    case.keys.escape()
    case.keys.escape()
    assert case.press("2") == ["2"] and not case.armed[-1]


def test_alt_with_a_number_is_escape_and_that_number() -> None:
    case = Case()
    case.draft = "los "
    assert case.press(Keys.Escape, "1") == [] and case.stopped == [0]
