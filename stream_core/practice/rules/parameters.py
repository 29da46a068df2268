"""The parameters beside the messages: length, sampling, effort, output format, stop sequences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stream_core.practice.catalogue import Model
from stream_core.practice.refusal import invalid
from stream_core.practice.request import Body, input_tokens
from stream_core.practice.rules.shape import no_extras

_SAMPLING = ("temperature", "top_p", "top_k")
_EFFORTS = ("low", "medium", "high", "xhigh", "max")


def check(body: Body, model: Model) -> None:
    _check_sampling(body, model)
    _check_output(body.get("output_config"), model)
    _check_stops(body.get("stop_sequences"))
    tokens = input_tokens(body)
    if tokens > model.max_input_tokens:
        raise invalid(f"prompt is too long: {tokens} tokens > {model.max_input_tokens} maximum")


def _check_sampling(body: Body, model: Model) -> None:
    given = [name for name in _SAMPLING if body.get(name) is not None]
    if given and not model.takes_sampling:
        raise invalid(f"`{given[0]}` is deprecated for this model.")
    for name in given:
        if isinstance(body[name], bool) or not isinstance(body[name], (int, float)):
            raise invalid(f"{name}: Input should be a valid number")
    for name in ("temperature", "top_p"):
        if name in given and not 0 <= body[name] <= 1:
            raise invalid(f"{name}: range: 0..1")
    if {"temperature", "top_p"} <= set(given):
        raise invalid(
            "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
        )


def _check_output(config: Any, model: Model) -> None:
    if config is None:
        return
    if not isinstance(config, Mapping):
        raise invalid("output_config: Input should be an object")
    no_extras("output_config.", config, ("effort", "format"))
    effort = config.get("effort")
    if effort is not None and effort not in _EFFORTS:
        levels = ", ".join(f"'{name}'" for name in _EFFORTS[:-1])
        raise invalid(f"output_config.effort: Input should be {levels} or '{_EFFORTS[-1]}'")
    if effort is not None and not model.efforts:
        raise invalid("This model does not support the effort parameter.")
    if effort is not None and effort not in model.efforts:
        raise invalid(f"This model does not support effort level '{effort}'.")
    form = config.get("format")
    if form is not None and not (isinstance(form, Mapping) and form.get("type") == "json_schema"):
        raise invalid("output_config.format.type: Input should be 'json_schema'")
    if form is not None and not isinstance(form.get("schema"), Mapping):
        raise invalid("output_config.format.schema: Field required")


def _check_stops(stops: Any) -> None:
    if stops is None:
        return
    if not isinstance(stops, list) or not all(isinstance(stop, str) for stop in stops):
        raise invalid("stop_sequences: Input should be a valid list of strings")
    if not all(stop.strip() for stop in stops):
        raise invalid("stop_sequences: each stop sequence must contain non-whitespace")


def check_length(body: Body, model: Model) -> None:
    """Check `max_tokens`, which `count_tokens` does not take."""
    if "max_tokens" not in body:
        raise invalid("max_tokens: Field required")
    wanted = body["max_tokens"]
    if not isinstance(wanted, int) or isinstance(wanted, bool):
        raise invalid("max_tokens: Input should be a valid integer")
    if wanted < 0:
        raise invalid("max_tokens: Input should be greater than or equal to 0")
    if wanted > model.max_tokens:
        raise invalid(
            f"max_tokens: {wanted} > {model.max_tokens}, which is the maximum allowed number of output "
            f"tokens for {body['model']}"
        )
