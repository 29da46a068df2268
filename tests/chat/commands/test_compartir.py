"""`/compartir`: what of an alternative others can read, and what not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from stream_core.chat.commands.compartir import COMMAND
from stream_core.core.conversation import Turn
from stream_core.core.instructions import Instructions
from stream_core.store.memory import MemoryStore
from stream_core.store.protocol import Store, Summary


class Team(MemoryStore):
    """A store that can share."""

    def __init__(self) -> None:
        super().__init__()
        self.shared: set[str] = set()

    def share(self, conversation: str, shared: bool) -> bool:
        (self.shared.add if shared else self.shared.discard)(conversation)
        return True

    def conversations(self, *, limit: int, before: Summary | None = None) -> list[Summary]:
        found = super().conversations(limit=limit, before=before)
        return [replace(each, shared=each.id in self.shared) for each in found]


def share(store: Team, conversation: str, argument: str = "") -> list[str]:
    """What the command says."""
    told: list[str] = []

    def from_archive(work: Callable[[Store], Any]) -> Any:
        return work(store)

    session: Any = SimpleNamespace(
        screen=SimpleNamespace(note=told.append, warning=told.append),
        archive=SimpleNamespace(conversation=conversation),
        from_archive=from_archive,
    )
    COMMAND.run(session, argument)
    return told


@pytest.fixture
def store() -> Team:
    team = Team()
    for name in ("k3x9abcd", "alt1.2-k3x9abcd", "alt3.2-k3x9abcd", "alt4.1-alt3.2-k3x9abcd"):
        place = team.begin_turn(name, "hola", model="m", at=1.0, instructions=Instructions())
        team.end_turn(place, Turn("hola", "sí", "complete", "m"), at=1.0)
    return team


def test_what_precedes_a_shared_alternative_is_said_not_to_be_shared(store: Team) -> None:
    told = share(store, "alt3.2-k3x9abcd")
    assert "alt3.2-k3x9abcd" in store.shared and "k3x9abcd" not in store.shared
    assert len(told) == 2 and "(2 turnos) está en k3x9abcd, que sigue siendo solo tuya" in told[1]
    deeper = share(store, "alt4.1-alt3.2-k3x9abcd")  # of an alternative: the nearest that is not shared
    assert "está en k3x9abcd," in deeper[1]


def test_nothing_more_is_said_where_nothing_is_missing(store: Team) -> None:
    assert len(share(store, "k3x9abcd")) == 1
    assert len(share(store, "alt3.2-k3x9abcd")) == 1  # what precedes it is shared now
    assert len(share(store, "alt3.2-k3x9abcd", "no")) == 1
    share(store, "k3x9abcd", "no")
    assert len(share(store, "alt1.2-k3x9abcd")) == 1  # nothing precedes the first question
