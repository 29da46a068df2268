"""The keys that stop one of the replies of a comparison: its number after Esc, or alone on an empty draft."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prompt_toolkit.keys import Keys


class ComparisonKeys(Mapping[Keys | str, Callable[[], None]]):
    """Maps the keys that do something now to what they do; which they are depends on what came before.

    Args:
        count: how many replies there are.
        stop: stops one by its place, from 0.
        arm: told whether a number is waited for.
        drafting: whether something is typed for the next prompt: then a number belongs to that.
        others: keys that always do something.
    """

    def __init__(
        self,
        count: int,
        stop: Callable[[int], None],
        arm: Callable[[bool], None],
        drafting: Callable[[], bool],
        others: Mapping[Keys | str, Callable[[], None]],
    ) -> None:
        self._stop, self._arm, self._drafting = stop, arm, drafting
        self._numbers: dict[Keys | str, int] = {str(place + 1): place for place in range(count)}
        self._others = others
        self._armed = False
        self._typed = False  # a key that waits for the prompt; the draft shows it a moment later

    def escape(self) -> None:
        """Wait for a number; after a second Esc no longer."""
        self._wait(not self._armed)

    def __getitem__(self, key: Keys | str) -> Callable[[], None]:
        if key == Keys.Escape:  # Alt with a key: Esc, and the key right behind it
            return lambda: self._wait(True)
        if key in self._numbers and (self._armed or not (self._typed or self._drafting())):
            return lambda: self._take(self._numbers[key])
        if self._armed:
            self._wait(False)
        self._typed = self._typed or key not in self._others
        return self._others[key]

    def __iter__(self) -> Iterator[Keys | str]:
        return iter([Keys.Escape, *self._numbers, *self._others])

    def __len__(self) -> int:
        return 1 + len(self._numbers) + len(self._others)

    def _take(self, place: int) -> None:
        self._wait(False)
        self._stop(place)

    def _wait(self, armed: bool) -> None:
        self._armed = armed
        self._arm(armed)
