"""Changing an option in the chat: it takes effect at once and is remembered."""

from __future__ import annotations

from collections.abc import Callable

from stream_core.chat.session.session import Session
from stream_core.config.options.option import Option
from stream_core.core.errors import ConfigError


def choose(session: Session, option: Option, text: str, show: Callable[[], None]) -> None:
    """Set an option to the typed value and report it; an invalid value is reported and changes nothing.

    Args:
        session: the session whose settings change.
        option: the option to set.
        text: the value as it was typed.
        show: shows the effect.
    """
    screen = session.screen
    try:
        value = option.parse(text)
    except ConfigError as error:
        screen.warning(error.hint)
        return
    session.settings, problem = session.settings.choose(option, value)
    screen.use(session.settings.preferences.look)
    who = session.settings.origin.decided_by.get(option.field)
    kept = "" if problem or who else " Lo recordaré la próxima vez."
    screen.note(f"{option.name.capitalize()}: {option.show(value)}.{kept}")
    show()
    if problem:
        screen.warning(problem)
    if who:
        screen.note(
            f"Al abrir el chat manda {who}: si sigue ahí la próxima vez, tendrá prioridad sobre este cambio."
        )
