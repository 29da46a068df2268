"""The routes: map a request to the script of its answer. Pure except for the state of the cache."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from .caching import Cache, with_usage
from .catalogue import Model, find
from .lab import Lab
from .listing import one, page
from .plain import plain_reply
from .proxy import Proxy
from .refusal import Refused, invalid, no_model
from .replay import Answers
from .request import Body, Request, input_tokens
from .rules import check
from .rules.parameters import check_length
from .rules.shape import require
from .scenarios import Scenario, are_prepared, choose
from .script import Script, error_reply, json_reply
from .uploads import MOST_BYTES, Files

_THREADS_BETA = "message-threads-"
MAX_BODY = 32 * 1024 * 1024
"""Bytes. A larger request is refused, as by the API (https://platform.claude.com/docs/en/api/errors)."""


def most_bytes(path: str) -> int:
    """Return the bytes that the body of a request for a path may have."""
    return MOST_BYTES if path.startswith("/v1/files") else MAX_BODY


def respond(
    request: Request,
    scenarios: Sequence[Scenario],
    lab: Lab,
    cache: Cache,
    request_id: str,
    other: Answers | Proxy | None = None,
    files: Files | None = None,
) -> Script:
    """The answer to a request, as a script.

    Args:
        files: the files that requests may name; None for none.
        other: who answers instead: a recording every question, whatever it asks; a proxy everything.
    """
    try:
        if isinstance(other, Proxy):
            return lab.apply(other.forward(request)) if _is_question(request) else other.forward(request)
        if other is not None and _is_question(request):
            return _recorded(request, lab, other)
        return _route(request, scenarios, lab, cache, files or Files())
    except Refused as refused:
        return error_reply(
            refused.status,
            refused.api_type,
            refused.message,
            request_id=request_id,
            details=refused.details,
        )


def _is_question(request: Request) -> bool:
    return request.method == "POST" and request.path.partition("?")[0] == "/v1/messages"


def _recorded(request: Request, lab: Lab, replay: Answers) -> Script:
    script = lab.apply(replay.answer(request.body))
    try:
        body: Any = request.json()
    except (ValueError, RecursionError) as problem:
        raise invalid(f"The request body is not valid JSON: {problem}") from problem
    whole = isinstance(body, dict) and body.get("stream") is not True
    return plain_reply(script) if whole else script


def too_large(request_id: str) -> Script:
    message = "Request exceeds the maximum allowed number of bytes."
    return error_reply(413, "request_too_large", message, request_id=request_id)


def _route(request: Request, scenarios: Sequence[Scenario], lab: Lab, cache: Cache, files: Files) -> Script:
    path, _, query = request.path.partition("?")
    match path.removeprefix("/").split("/"):
        case ["v1", "messages"]:
            _only("POST", request)
            return _message(request, scenarios, lab, cache, files)
        case ["v1", "messages", "count_tokens"]:
            _only("POST", request)
            return json_reply({"input_tokens": input_tokens(_checked(request, scenarios, files)[0])})
        case ["v1", "models"]:
            _only("GET", request)
            return json_reply(page(query))
        case ["v1", "models", name]:
            _only("GET", request)
            return json_reply(one(unquote(name)))
        case ["v1", "files", *rest] if len(rest) < 2:
            return json_reply(_about_files(request, files, unquote(rest[0]) if rest else None, query))
        case _:
            raise Refused(404, "not_found_error", "Not Found")


def _about_files(request: Request, files: Files, file_id: str | None, query: str) -> dict[str, Any]:
    match request.method, file_id:
        case "POST", None:
            return files.upload(request)
        case "GET", None:
            return files.page(query)
        case "GET", str(name):
            return files.one(name)
        case "DELETE", str(name):
            return files.delete(name)
        case _:
            raise Refused(405, "invalid_request_error", "Method Not Allowed")


def _only(method: str, request: Request) -> None:
    if request.method != method:
        raise Refused(405, "invalid_request_error", "Method Not Allowed")


def _message(request: Request, scenarios: Sequence[Scenario], lab: Lab, cache: Cache, files: Files) -> Script:
    body, model = _checked(request, scenarios, files)
    body = files.described(body)
    check_length(body, model)
    scenario = choose(scenarios, body)
    if scenario is None:
        raise Refused(500, "api_error", "No practice scenario matches this request.")
    script = lab.apply(with_usage(scenario.script(body), cache.use(body, model)))
    return script if body.get("stream") is True else plain_reply(script)


def _refuse_threads(body: Body, request: Request) -> None:
    """Refuse `thread`, a conversation held by the server: the SDK's tool runner then goes on without it."""
    if body.get("thread") is not None and _THREADS_BETA in request.headers.get("anthropic-beta", ""):
        message = "thread: this request cannot be threaded."
        details = {"error_code": "thread_unsupported_request", "unsupported": ["thread"]}
        raise Refused(400, "invalid_request_error", message, details)


def _checked(request: Request, scenarios: Sequence[Scenario], files: Files) -> tuple[Body, Model]:
    """Parse and check the body; return it with the full id of its model, and the model.

    Raises:
        Refused: the API would refuse this body.
    """
    try:
        body: Any = request.json()
    except (ValueError, RecursionError) as problem:
        raise invalid(f"The request body is not valid JSON: {problem}") from problem
    if not isinstance(body, dict):
        raise invalid("The request body is not a JSON object.")
    _refuse_threads(body, request)
    require(body, "model", str, "Input should be a valid string")
    model = find(body["model"])
    if model is None or model.retired:
        require(body, "messages", list, "Input should be a valid list")
        raise no_model(body["model"])
    body["model"] = model.id
    try:
        # Only the prepared replies sign their thinking.
        check(body, model, signed=are_prepared(scenarios))
        files.check(body)
    except RecursionError as problem:
        raise invalid("The request body is nested too deeply.") from problem
    return body, model
