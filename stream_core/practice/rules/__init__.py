"""The validation of `POST /v1/messages`: one module a subject, each with a `check`.

As strict as the API and with its messages, so that a request that fails there fails here too.
"""
# See docs/adr/0015-practice-refuses-what-the-api-refuses.md

from __future__ import annotations

from stream_core.practice.catalogue import Model
from stream_core.practice.request import Body
from stream_core.practice.rules import (
    blocks,
    cache_marks,
    output_schema,
    parameters,
    shape,
    signatures,
    sources,
    thinking,
    tools,
    turns,
)


def check(body: Body, model: Model, *, signed: bool) -> None:
    """Refuse a request that the API refuses for this model, with its first error.

    Args:
        signed: whether thinking must have a valid signature of this server.

    Raises:
        Refused: with the API's status, type and message.
    """
    for rule in (shape, blocks, sources, tools, parameters, output_schema, thinking, cache_marks, turns):
        rule.check(body, model)
    if signed:
        signatures.check(body, model)
