"""Shared parts of `/pensar` and `/esfuerzo`: showing the current value, and changing it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from stream_core.chat.reply.request_parameters import capabilities_of
from stream_core.chat.session.session import Session
from stream_core.config.options.option import Option
from stream_core.config.options.thinking_options import THINKING_OPTIONS
from stream_core.config.settings import Settings
from stream_core.core.sanitize import one_line
from stream_core.models.thinking import describe

from ._fetch_models import fetch_models
from ._option_choice import choose


def option_named(name: str) -> Option:
    """Return the option of thinking with this name."""
    return next(option for option in THINKING_OPTIONS if option.name == name)


def running(option: Option) -> Callable[[Session, str], None]:
    """Return the `run` function of an option's command."""

    def run(session: Session, argument: str) -> None:
        if argument:
            choose(session, option, argument, lambda: _mean(session))
            return
        settings = session.settings
        value, source = (
            option.show(getattr(settings.preferences.thinking, option.field)),
            settings.origin.source(option.field),
        )
        session.screen.note(f"{option.name.capitalize()}: {value} ({source}). Puede ser {option.possible}.")
        _mean(session)

    return run


def completing(option: Option) -> Callable[[Sequence[str], Settings], Iterable[tuple[str, str]]]:
    """Return the `complete` function of an option's command."""
    return lambda before, settings: () if before else option.examples


def _mean(session: Session) -> None:
    problem = ""
    if capabilities_of(session.settings) is None and session.settings.connection.talks_to_anthropic:
        try:
            problem = fetch_models(session)  # the model may be newer than this program
        except KeyboardInterrupt:
            problem = "Cancelaste."
    settings = session.settings
    description = describe(
        settings.preferences.thinking, settings.model, capabilities_of(settings), settings.max_tokens
    )
    session.screen.note(one_line(f"{problem} {description}".lstrip(), 500))
