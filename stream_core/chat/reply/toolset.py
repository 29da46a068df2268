"""The tools of the chat, and which of them are on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stream_core.config.settings import Settings
from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line
from stream_core.streaming.turn import Approve, BeforeNextRequest, ToolBox
from stream_core.tools import must_ask
from stream_core.tools.calculator import calculate
from stream_core.tools.clock import current_time

WEB_SEARCH = "web_search"
_OF_FILES = ("read_file", "list_files")


def names(settings: Settings) -> tuple[str, ...]:
    """Return the names of the built-in tools; the user's own file is not read for this."""
    return ("calculate", "current_time", *(_OF_FILES if settings.tools.folder else ()), WEB_SEARCH)


# https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool
_ON_THE_SERVER: Mapping[str, Mapping[str, Any]] = {
    WEB_SEARCH: {"type": "web_search_20250305", "name": WEB_SEARCH, "max_uses": 5}
}


@dataclass(slots=True)
class Entry:
    """One tool.

    Attributes:
        name: its name for the model.
        summary: a description in Spanish.
        on: whether the model may call it.
        function: the function, or None for a tool that runs on the server.
    """

    name: str
    summary: str
    on: bool
    function: Callable[..., Any] | None = None

    @property
    def asks(self) -> bool:
        """Whether the user is asked before it runs."""
        return self.function is not None and must_ask(self.function)


class Toolset:
    """The tools of a session.

    Args:
        settings: decide which tools there are. Those that only compute are on, except with another server
            than Anthropic's, which may not support tools.

    Attributes:
        entries: all tools, in order.
        changed: whether somebody turned one on or off in the chat.

    Raises:
        ConfigError: the folder or the file with the user's own tools is unusable.
    """

    def __init__(self, settings: Settings) -> None:
        self.changed = False
        wanted = settings.tools.enabled
        usual = wanted and settings.connection.server is None
        self.entries = [
            Entry("calculate", "hace cuentas", usual, calculate),
            Entry("current_time", "dice qué hora es, en cualquier huso", usual, current_time),
        ]
        if settings.tools.folder is not None:
            from stream_core.tools.files import file_lister, file_reader

            self.entries += [
                Entry(
                    "read_file", "lee un archivo de tu carpeta", wanted, file_reader(settings.tools.folder)
                ),
                Entry("list_files", "mira qué hay en tu carpeta", wanted, file_lister(settings.tools.folder)),
            ]
        if settings.tools.user_file is not None:
            from stream_core.tools.loader import load_tools

            taken = [*(entry.name for entry in self.entries), WEB_SEARCH]
            for function in load_tools(settings.tools.user_file, taken):
                self.entries.append(Entry(function.__name__, "de tu archivo", wanted, function))
        self.entries.append(
            Entry(WEB_SEARCH, "busca en la web, desde el servidor", settings.tools.web_search)
        )
        if settings.tools.only is not None:
            self.keep_only(settings.tools.only, settings.origin.decided_by.get("only_tools", "--only-tools"))

    @property
    def names(self) -> list[str]:
        """The names of the tools that are on."""
        return [entry.name for entry in self.entries if entry.on]

    def keep_only(self, names: Iterable[str], source: str) -> None:
        """Turn on the tools with these names, and all others off.

        Args:
            names: their names.
            source: who says so, in Spanish, for the sentence of an error.

        Raises:
            ConfigError: there is no tool of that name; nothing changes then.
        """
        wanted, known = set(names), [entry.name for entry in self.entries]
        if unknown := sorted(wanted.difference(known)):
            from difflib import get_close_matches  # most names are right

            near = get_close_matches(unknown[0][:40], known, n=1)
            hint = f"¿Querías decir «{near[0]}»?" if near else f"Hay {', '.join(known)}."
            who = source[0].upper() + source[1:]
            raise ConfigError(f"{who}: no hay ninguna herramienta «{one_line(unknown[0], 40)}». {hint}")
        for entry in self.entries:
            entry.on = entry.name in wanted

    def box(
        self, approve: Approve | None = None, before_next_request: BeforeNextRequest | None = None
    ) -> ToolBox:
        """Return the tools that are on, with the functions that decide about calls and further requests."""
        on = [entry.function or _ON_THE_SERVER[entry.name] for entry in self.entries if entry.on]
        return ToolBox(on, approve=approve, before_next_request=before_next_request)
