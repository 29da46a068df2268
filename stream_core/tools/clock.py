"""A clock that knows time zones."""

from __future__ import annotations

from datetime import datetime, timezone
from zoneinfo import ZoneInfo, available_timezones

from stream_core.core.sanitize import one_line
from stream_core.texts.tool_errors_es import ToolError

_LONGEST = 60  # characters of a zone's name; the longest one today has 32


def current_time(zone: str = "UTC") -> str:
    """Tell the current date and time in a time zone.

    Args:
        zone: an IANA time zone, such as Europe/Madrid or America/Mexico_City. UTC if it is left out.
    """
    now = datetime.now(timezone.utc).astimezone(_zone(zone))
    return f"{now:%Y-%m-%d %H:%M:%S} {zone} (UTC{now:%z})"


def _zone(name: str) -> ZoneInfo:
    try:
        if len(name) > _LONGEST:
            raise ValueError
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # not there, not a name, a path out of the folder, a directory
        from difflib import get_close_matches  # most names are right

        near = get_close_matches(name[:_LONGEST], available_timezones(), n=3)
        hint = f"; parecidas: {', '.join(near)}" if near else ""
        raise ToolError(f"no existe la zona horaria «{one_line(name, _LONGEST)}»{hint}") from None
