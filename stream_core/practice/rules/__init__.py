"""What a request to `/v1/messages` must be: one file a matter, each with a `check`.

As strict as the API where a client can go wrong, and told in its words, so that what would fail there fails
here.
"""
# See docs/adr/0015-practice-refuses-what-the-api-refuses.md

from __future__ import annotations

from stream_core.practice.catalogue import Model
from stream_core.practice.request import Body
from stream_core.practice.rules import (
    blocks,
    cache_marks,
    parameters,
    shape,
    signatures,
    thinking,
    tools,
    turns,
)


def check(body: Body, model: Model, *, signed: bool) -> None:
    """Refuse what the API refuses of a request with this model; the first fault is told.

    Args:
        signed: whether thinking must bear a signature of this server.

    Raises:
        Refused: with the API's status, type and message.
    """
    for rule in (shape, blocks, tools, parameters, thinking, cache_marks, turns):
        rule.check(body, model)
    if signed:
        signatures.check(body, model)
