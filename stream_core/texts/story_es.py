"""The story of a reply as Spanish sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stream_core.core.numbers import number
from stream_core.core.story import Episode

from .errors_es import cause


def story_lines(story: Iterable[Episode]) -> Iterator[str]:
    """Tell each episode in a sentence."""
    for episode in story:
        when = f"A los {number(max(0.0, episode.at), 1)} s"
        match episode.what:
            case "retry":
                why = f" {cause(episode.cause)}" if episode.cause is not None else ""
                waited = f" tras esperar {number(episode.seconds, 1)} s" if episode.seconds >= 0.05 else ""
                yield f"{when}, intento {number(episode.attempt)} de {number(episode.of)}{waited}.{why}"
            case "silence":
                yield f"{when} calló durante {number(episode.seconds)} s."
            case "continued":
                yield "Se siguió desde donde se quedó, con otra petición."
