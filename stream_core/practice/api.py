"""The routes: a request becomes a script. Pure, and as strict as the API where a client can go wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, unquote

from .catalogue import MODELS
from .lab import Lab
from .plain import plain_reply
from .request import Body, Request, input_tokens, text_of
from .scenarios import Scenario
from .script import Script, error_reply, json_reply

MAX_BODY = 32 * 1024 * 1024
"""Bytes. A larger request is refused, as by the API (https://platform.claude.com/docs/en/api/errors)."""


class Refused(Exception):
    """The request is answered with an error: HTTP status, the API's error type, message."""

    def __init__(self, status: int, api_type: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.api_type = api_type
        self.message = message


def respond(request: Request, scenarios: Sequence[Scenario], lab: Lab, request_id: str) -> Script:
    """The whole answer to a request, as a script."""
    try:
        return _route(request, scenarios, lab)
    except Refused as refused:
        return error_reply(refused.status, refused.api_type, refused.message, request_id=request_id)


def too_large(request_id: str) -> Script:
    message = "Request exceeds the maximum allowed number of bytes."
    return error_reply(413, "request_too_large", message, request_id=request_id)


def _route(request: Request, scenarios: Sequence[Scenario], lab: Lab) -> Script:
    path, _, query = request.path.partition("?")
    match path.removeprefix("/").split("/"):
        case ["v1", "messages"]:
            _only("POST", request)
            return _message(request, scenarios, lab)
        case ["v1", "messages", "count_tokens"]:
            _only("POST", request)
            return json_reply({"input_tokens": input_tokens(_checked(request))})
        case ["v1", "models"]:
            _only("GET", request)
            return json_reply(_page(query))
        case ["v1", "models", name]:
            _only("GET", request)
            return json_reply(_model(unquote(name)))
        case _:
            raise Refused(404, "not_found_error", "Not Found")


def _only(method: str, request: Request) -> None:
    if request.method != method:
        raise Refused(405, "invalid_request_error", "Method Not Allowed")


def _message(request: Request, scenarios: Sequence[Scenario], lab: Lab) -> Script:
    body = _checked(request)
    _check_max_tokens(body)
    for scenario in scenarios:
        if scenario.match(body):
            script = lab.over(scenario.script(body))
            return script if body.get("stream") is True else plain_reply(script)
    raise Refused(500, "api_error", "No practice scenario matches this request.")


# -- what the API refuses ----------------------------------------------------------------------


def _checked(request: Request) -> Body:
    """The parsed body, or `Refused` with a message like the API's."""
    try:
        body = request.json()
    except (ValueError, RecursionError) as problem:
        raise _invalid(f"The request body is not valid JSON: {problem}") from problem
    if not isinstance(body, dict):
        raise _invalid("The request body is not a JSON object.")
    _require(body, "model", str, "Input should be a valid string")
    _require(body, "messages", list, "Input should be a valid list")
    _model(body["model"])
    _check_messages(body["messages"])
    return body


def _require(body: Body, name: str, kind: type, complaint: str) -> None:
    if name not in body:
        raise _invalid(f"{name}: Field required")
    if not isinstance(body[name], kind) or isinstance(body[name], bool):
        raise _invalid(f"{name}: {complaint}")


def _check_messages(messages: Sequence[Any]) -> None:
    if not messages:
        raise _invalid("messages: at least one message is required")
    for number, message in enumerate(messages):
        _check_message(f"messages.{number}", message)
    if messages[0]["role"] != "user":
        raise _invalid('messages: first message must use the "user" role')
    if messages[-1]["role"] == "assistant" and not _is_paused(messages[-1]):
        raise _invalid(
            "This model does not support assistant message prefill. "
            "The conversation must end with a user message."
        )


def _is_paused(message: Mapping[str, Any]) -> bool:
    """Whether this is a reply that stopped with `pause_turn`, in the middle of a server's own tool."""
    content = message["content"]
    return isinstance(content, list) and any(block.get("type") == "server_tool_use" for block in content)


def _check_message(where: str, message: Any) -> None:
    if not isinstance(message, Mapping):
        raise _invalid(f"{where}: Input should be an object")
    if message.get("role") not in ("user", "assistant", "system"):
        raise _invalid(f"{where}.role: Input should be 'user', 'assistant' or 'system'")
    if not isinstance(message.get("content"), (str, list)):
        raise _invalid(f"{where}.content: Input should be a valid string or list")
    only_text = isinstance(message["content"], str) or not message["content"]
    if only_text and not text_of(message).strip():
        raise _invalid(f"{where}: all messages must have non-empty content")


def _check_max_tokens(body: Body) -> None:
    _require(body, "max_tokens", int, "Input should be a valid integer")
    wanted, most = body["max_tokens"], MODELS[body["model"]]["max_tokens"]
    if wanted < 0:
        raise _invalid("max_tokens: Input should be greater than or equal to 0")
    if wanted > most:
        raise _invalid(
            f"max_tokens: {wanted} > {most}, which is the maximum allowed number of output tokens "
            f"for {body['model']}"
        )


def _invalid(message: str) -> Refused:
    return Refused(400, "invalid_request_error", message)


# -- the models --------------------------------------------------------------------------------


def _model(name: str) -> dict[str, Any]:
    if name not in MODELS:
        raise Refused(404, "not_found_error", f"model: {name}")
    return MODELS[name]


def _page(query: str) -> dict[str, Any]:
    """One page of the list, by the API's cursors: `after_id`, `before_id` and `limit`."""
    asked = {name: values[-1] for name, values in parse_qs(query).items()}
    limit = asked.get("limit", "20")
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit) <= 1000):
        raise _invalid("limit: Input should be between 1 and 1000")
    ids, size = list(MODELS), int(limit)
    if "before_id" in asked:
        rest = ids[: _position(ids, asked["before_id"])]
        shown, more = rest[-size:], len(rest) > size
    else:
        rest = ids[_position(ids, asked["after_id"]) + 1 :] if "after_id" in asked else ids
        shown, more = rest[:size], len(rest) > size
    return {
        "data": [MODELS[name] for name in shown],
        "has_more": more,
        "first_id": shown[0] if shown else None,
        "last_id": shown[-1] if shown else None,
    }


def _position(ids: Sequence[str], name: str) -> int:
    if name not in ids:
        raise _invalid(f"Unknown cursor: {name}")
    return ids.index(name)
