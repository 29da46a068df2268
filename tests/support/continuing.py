"""Asking in a chat, and what was kept of it."""

from __future__ import annotations

from pathlib import Path

from stream_core.core.conversation import Turn
from stream_core.store.sqlite import SqliteStore
from support.chats import wait_for_prompt
from support.terminal import Terminal


def kept(environment: Path) -> list[Turn]:
    """All turns that are kept of the conversation last used."""
    store = SqliteStore(environment / "data")
    try:
        return list(store.turns(store.latest() or ""))
    finally:
        store.close()


def ask(terminal: Terminal, line: str, *, prompt: int) -> None:
    terminal.send(f"{line}\r")
    wait_for_prompt(terminal, prompt)
