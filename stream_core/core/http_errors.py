"""Error class of a server's answer, found by the server's name for it, its status and its words. Pure.

The names and statuses are those of https://platform.claude.com/docs/en/api/errors, with what other servers
use beside them. The words count where those say too little: that a prompt is too long is a plain 400 almost
everywhere, and a 404 may be about the model or about the path.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from . import errors as e

BY_API_TYPE: Mapping[str, type[e.ApiError]] = {
    "invalid_request_error": e.BadRequest,
    "request_too_large": e.TooLarge,
    "authentication_error": e.AuthFailed,
    "permission_error": e.AccessDenied,
    "billing_error": e.AccessDenied,
    "rate_limit_error": e.RateLimited,
    "overloaded_error": e.Overloaded,
    "timeout_error": e.ServerError,
    "api_error": e.ServerError,
    # Those of other servers: llama.cpp, vLLM, OpenAI's frame.
    "exceed_context_size_error": e.TooLarge,
    "context_length_exceeded": e.TooLarge,
    "model_not_found": e.ModelNotFound,
    "invalid_api_key": e.AuthFailed,
    "insufficient_quota": e.AccessDenied,
    "rate_limit_exceeded": e.RateLimited,
    "unavailable_error": e.ServerError,
    "server_error": e.ServerError,
    "internal_server_error": e.ServerError,
    "internalservererror": e.ServerError,
    "badrequesterror": e.BadRequest,
}
_BY_STATUS: Mapping[int, type[e.ApiError]] = {
    400: e.BadRequest,
    401: e.AuthFailed,
    402: e.AccessDenied,
    403: e.AccessDenied,
    404: e.EndpointNotFound,
    405: e.EndpointNotFound,
    408: e.ServerError,
    409: e.ServerError,
    410: e.EndpointNotFound,
    413: e.TooLarge,
    415: e.BadRequest,
    422: e.BadRequest,
    425: e.ServerError,
    429: e.RateLimited,
    501: e.EndpointNotFound,
    529: e.Overloaded,
}
_NOTHING_THERE = ("not_found_error", "notfounderror", "not_found")
_NOT_ABOUT_LENGTH = frozenset({401, 402, 403, 429, 529})

# Compiled with the first error, as most sessions have none: `re` keeps what it has compiled.
# How the servers of the field say that what was sent is longer than the model takes.
_TOO_LONG = (
    r"prompt (?:is )?too (?:long|large)"
    r"|(?:input|prompt|message|conversation|request)s? (?:is|are) too (?:long|large) (?:for|to)\b"
    r"|input length and `?max_tokens`? exceed"
    r"|exceed\w* (?:the |this |model'?s? |available |your |limit|max(?:imum)? |its |of |allowed ){0,6}"
    r"(?:context|model length|(?:input |prompt )?length|token limit|(?:number of )?(?:input )?tokens)"
    r"|exceed\w* model token limit|exceeds? max(?:imum)? length"
    r"|context (?:length|window|size|limit)[^.]{0,40}(?:exceed|overflow|not enough|too small)"
    r"|maximum (?:context|model|prompt|input|sequence) length|max_model_len\b|max_position_embeddings"
    r"|longer than (?:the )?(?:model'?s? |maximum )*(?:context|model|input|sequence)?\s*length"
    r"|(?:prompt|input) token count .{0,40}exceeds?|token count exceeds"
    r"|context the overflows|tokens to keep from the initial prompt|reached context length"
    r"|reduce (?:the |your )*length of (?:the |either |your )*(?:messages|prompt|input|one)"
    r"|too many (?:input )?tokens(?! per|, please wait)"
    r"|`?inputs`? tokens \+ `?max_new_tokens`? must be"
    r"|too large for model with \d+ maximum|\bcontext[ _]?window(?:\b|exceeded)"
)
# How they say that there is no such model. What merely mentions one is not enough.
_NO_MODEL = (
    r"^model: "
    r"|\bmodels?\b.{0,220}?\b(?:not found|(?:does not|doesn't|do not) exist|not exist|not available|unknown"
    r"|not supported|not (?:a )?valid|is retired|deprecated"
    r"|not (?:been )?(?:loaded|pulled|deployed|installed))"
    r"|\b(?:unknown|invalid|unrecognized|no such|unsupported|nonexistent|not a valid)\b.{0,20}\bmodel\b"
    r"|no (?:allowed |available )?(?:endpoints|providers|channels?|deployments?) (?:found|available|for)"
    r"|try pulling it first|模型不存在"
)
# How they say that what goes with the question cannot be taken; llama.cpp says it with a 500.
_KINDS = r"(?:images?|image_url|vision|pdfs?|documents?|files?|audio|videos?|multimodal)"
_NO_SUCH_INPUT = (
    rf"\b{_KINDS}\b(?: (?:inputs?|content|data|type|blocks?|understanding|messages?)){{0,2}} "
    r"(?:is|are|was|were)(?: currently)?(?: not|n't) (?:supported|accepted|enabled|allowed)"
    rf"|(?:does not|doesn't|do not|don't|cannot|can't) (?:support|accept|handle|see)\b.{{0,20}}\b{_KINDS}\b"
    rf"|\b(?:no support for|unsupported) {_KINDS}\b|\bnot a (?:multimodal|vision) model"
    r"|\bat most 0 (?:image|audio|video)|\bimage_url is only supported by"
)
_FILE_GONE = r"(?=.*\bfile_\w)(?=.*\b(?:not found|expired|does not exist|no longer|(?:was|been) deleted)\b)"


def kind_of(status: int, name: str, message: str, *, model: str = "", about: str = "") -> type[e.ApiError]:
    """Return the class of an error. Its words win where the status and the name say less than they do.

    Args:
        status: the HTTP status; 200 for what came within a stream.
        name: the server's name for what went wrong, such as `overloaded_error`, or "".
        message: the server's words, or "".
        model: the model that was asked.
        about: the parameter that is to blame, as far as the server says one.
    """
    name = name.lower()
    named = BY_API_TYPE.get(name)
    if status not in _NOT_ABOUT_LENGTH and named not in (e.RateLimited, e.Overloaded):
        if re.search(_TOO_LONG, message, re.IGNORECASE):
            return e.TooLarge
        if status in (400, 404, 410) and (
            name == "file_expired_error" or re.search(_FILE_GONE, message, re.IGNORECASE)
        ):
            return e.FileGone
        if re.search(_NO_SUCH_INPUT, message, re.IGNORECASE):
            return e.InputNotSupported
        if _no_such_model(status, name, message, model, about):
            return e.ModelNotFound
    by_status = _BY_STATUS.get(status)
    if named is not None and named is not e.ModelNotFound:
        # A general name under a status that says more: `invalid_request_error` with 401, 404, 413 or 429.
        general = named in (e.BadRequest, e.ServerError)
        return by_status if general and by_status not in (None, e.BadRequest, e.ServerError) else named
    if name in _NOTHING_THERE:
        return e.EndpointNotFound
    if by_status is not None:
        return by_status
    return e.ServerError if status >= 500 else e.BadRequest if status >= 400 else e.ApiError


def _no_such_model(status: int, name: str, message: str, model: str, about: str) -> bool:
    """Whether an error says that there is no such model."""
    if status not in (200, 400, 404, 410, 422, 501):
        return False
    nothing = status in (404, 410) or name in _NOTHING_THERE
    named = about == "model" or bool(model and model.lower() in message.lower())
    return (
        name == "model_not_found"
        or (nothing and named)
        or bool(re.search(_NO_MODEL, message, re.IGNORECASE | re.DOTALL))
    )
