"""Errors of compatible servers: frames, words and classes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stream_core.core import errors as e
from stream_core.core.error_frames import error_from_frame, read_frame

MODEL = "llama3.2"


def found(payload: object, status: int = 200, **more: Any) -> e.StreamCoreError:
    return error_from_frame(payload, status, **{"model": MODEL, **more})


def openai(message: str, kind: str | None = "BadRequestError", code: object = 400, param: Any = None) -> Any:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def anthropic(kind: str, message: str) -> Any:
    return {"type": "error", "error": {"type": kind, "message": message}}


@pytest.mark.parametrize(
    ("status", "payload", "kind", "words"),
    [
        # Anthropic
        (400, anthropic("invalid_request_error", "messages: mal"), e.BadRequest, "messages: mal"),
        (401, anthropic("authentication_error", "invalid x-api-key"), e.AuthFailed, "invalid x-api-key"),
        (404, anthropic("not_found_error", "model: llama3.2"), e.ModelNotFound, "model: llama3.2"),
        (404, anthropic("not_found_error", "Not Found"), e.EndpointNotFound, "Not Found"),
        (404, anthropic("not_found_error", "File not found: file_0"), e.FileGone, "File not found"),
        (200, anthropic("overloaded_error", "Overloaded"), e.Overloaded, "Overloaded"),
        (200, anthropic("brand_new_error", "¿?"), e.ApiError, "¿?"),
        # Ollama
        (404, {"error": "model 'llama3.2' not found"}, e.ModelNotFound, "model 'llama3.2' not found"),
        (404, {"error": 'model "x" not found, try pulling it first'}, e.ModelNotFound, "try pulling it"),
        (404, "404 page not found", e.EndpointNotFound, "404 page not found"),
        (500, {"error": "llama runner process has terminated"}, e.ServerError, "llama runner"),
        (400, {"error": "model is required"}, e.BadRequest, "model is required"),
        # llama.cpp
        (
            503,
            {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}},
            e.ServerError,
            "Loading model",
        ),
        (
            404,
            {"error": {"code": 404, "message": "File Not Found", "type": "not_found_error"}},
            e.EndpointNotFound,
            "File Not Found",
        ),
        (
            501,
            {"error": {"code": 501, "message": "not supported", "type": "not_supported_error"}},
            e.EndpointNotFound,
            "not supported",
        ),
        # vLLM: the new frame and the old one
        (404, openai("The model `llama3.2` does not exist.", "NotFoundError", 404), e.ModelNotFound, "exist"),
        (
            400,
            {
                "object": "error",
                "message": "Bad thing",
                "type": "BadRequestError",
                "param": None,
                "code": 400,
            },
            e.BadRequest,
            "Bad thing",
        ),
        (500, openai("EngineCore died", "InternalServerError", 500), e.ServerError, "EngineCore died"),
        # FastAPI
        (404, {"detail": "Not Found"}, e.EndpointNotFound, "Not Found"),
        (405, {"detail": "Method Not Allowed"}, e.EndpointNotFound, "Method Not Allowed"),
        (401, {"detail": "Invalid token"}, e.AuthFailed, "Invalid token"),
        (
            422,
            {
                "detail": [
                    {"type": "missing", "loc": ["body", "messages"], "msg": "Field required", "input": {}}
                ]
            },
            e.BadRequest,
            "body.messages: Field required",
        ),
        (
            422,
            {"detail": [{"loc": ["a", 0], "msg": "one"}, {"loc": ["b"], "msg": "two"}]},
            e.BadRequest,
            "a.0: one; b: two",
        ),
        (400, {"detail": {"error": "no such tool"}}, e.BadRequest, "no such tool"),
        (400, {"detail": {"message": "no such tool"}}, e.BadRequest, "no such tool"),
        # OpenRouter
        (402, openai("Insufficient credits.", None, 402), e.AccessDenied, "Insufficient credits."),
        (401, openai("No auth credentials found", None, 401), e.AuthFailed, "No auth credentials found"),
        (404, openai("No endpoints found for foo/bar.", None, 404), e.ModelNotFound, "No endpoints found"),
        (400, openai("foo/bar is not a valid model ID", None, 400), e.ModelNotFound, "not a valid model ID"),
        (
            429,
            openai("Rate limit exceeded: free-models-per-day", None, 429),
            e.RateLimited,
            "free-models-per-day",
        ),
        (
            502,
            {
                "error": {
                    "message": "Provider returned error",
                    "code": 502,
                    "metadata": {"raw": '{"error": {"message": "upstream is down"}}', "provider_name": "X"},
                }
            },
            e.ServerError,
            "upstream is down",
        ),
        (200, {"type": "error", "data": {"message": "no hay sitio"}}, e.ApiError, "no hay sitio"),
        (200, {"error": {"code": 429, "message": "Slow down"}}, e.RateLimited, "Slow down"),
        (200, {"error": {"code": "502", "message": "Provider disconnected"}}, e.ServerError, "disconnected"),
        # LiteLLM
        (
            400,
            openai("{'error': 'Invalid model name passed in model=foo'}", "None", "400"),
            e.ModelNotFound,
            "Invalid model name",
        ),
        (401, openai("Authentication Error, no key", "auth_error", "401"), e.AuthFailed, "no key"),
        # LM Studio: also with a success
        (200, {"error": "Unexpected endpoint or method. (POST /v1/v1/messages)"}, e.ApiError, "Unexpected"),
        (404, openai("Model not found", "invalid_request_error", "model_not_found"), e.ModelNotFound, "not"),
        # Gateways
        (403, {"message": "Forbidden"}, e.AccessDenied, "Forbidden"),
        (500, {"Message": "Oh no"}, e.ServerError, "Oh no"),
        (200, {"code": 500, "msg": "404 NOT_FOUND", "success": False}, e.ServerError, "404 NOT_FOUND"),
        (200, {"base_resp": {"status_code": 1004, "status_msg": "login fail"}}, e.ApiError, "login fail"),
        (
            400,
            [{"error": {"code": 400, "message": "bad", "status": "INVALID_ARGUMENT"}}],
            e.BadRequest,
            "bad",
        ),
        (401, {"error": "invalid_token", "error_description": "It expired"}, e.AuthFailed, "It expired"),
        (429, openai("Too many tokens, please wait", "throttling", 429), e.RateLimited, "please wait"),
        # Neighbours
        (415, {"detail": "Unsupported Media Type"}, e.BadRequest, "Unsupported Media Type"),
        (418, "short and stout", e.BadRequest, "short and stout"),
        (503, "", e.ServerError, ""),
        (400, "", e.BadRequest, ""),
        (400, None, e.BadRequest, ""),
        (400, 7, e.BadRequest, ""),
        (400, {"error": None}, e.BadRequest, ""),
        (400, {"error": {}}, e.BadRequest, ""),
        (401, "no key", e.AuthFailed, "no key"),
        (200, "the words of an event", e.ApiError, "the words of an event"),
        (200, json.dumps(anthropic("overloaded_error", "Busy")), e.Overloaded, "Busy"),
        (400, json.dumps(json.dumps({"detail": "twice"})), e.BadRequest, "twice"),
    ],
)
def test_a_server_says_what_went_wrong(
    status: int, payload: object, kind: type[e.StreamCoreError], words: str
) -> None:
    error = found(payload, status)
    assert type(error) is kind and error.status == status
    assert isinstance(error, e.ApiError) and words in error.detail
    assert bool(words) == bool(error.detail)


@pytest.mark.parametrize(
    "message",
    [
        "prompt is too long: 1204518 tokens > 1000000 maximum",
        "input length and `max_tokens` exceed context limit: 198000 + 8192 > 200000, decrease input length",
        "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4500 in the "
        "messages, 500 in the completion). Please reduce the length of the messages or completion.",
        "'max_tokens' or 'max_completion_tokens' is too large: 8192. This model's maximum context length is "
        "4096 tokens and your request has 10 input tokens (8192 > 4096 - 10).",
        "The decoder prompt (length 9000) is longer than the maximum model length of 8192. Make sure that "
        "`max_model_len` is no smaller than the number of text tokens.",
        "the request exceeds the available context size, try increasing it",
        "request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it",
        "This endpoint's maximum context length is 8192 tokens. However, you requested about 10000 tokens.",
        "litellm.ContextWindowExceededError: litellm.BadRequestError: too much",
        "Trying to keep the first 4242 tokens when context the overflows. However, the model is loaded with "
        "context length of only 4096 tokens, which is not enough.",
        "The number of tokens to keep from the initial prompt is greater than the context length.",
        "Reached context length of 4096 tokens with model (arch: llama).",
        "input length exceeds maximum context length",
        "the input length exceeds the context length",
        "prompt too long; exceeded max context length by 12 tokens",
        "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
        "Requested token count exceeds the model's maximum context length of 4096 tokens.",
        "The input token count (1300000) exceeds the maximum number of tokens allowed (1048576).",
        "Input is too long for requested model.",
        "Your input exceeds the context window of this model. Please adjust your input and try again.",
        "This model's maximum prompt length is 131072 but the request contains 200000 tokens.",
        "prompt token count of 150000 exceeds the limit of 128000",
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097. Given: 5000",
        "Invalid request: Your request exceeded model token limit: 8192",
        "Please reduce the length of the messages or completion.",
        "Prompt exceeds max length",
        "invalid params, context window exceeds limit (2013)",
        "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context "
        "length",
        "too many tokens: total number of tokens in the prompt cannot exceed 4081",
    ],
)
def test_a_context_that_is_too_long_is_told_so_whatever_the_server(message: str) -> None:
    for payload in (
        openai(message),
        openai(message, "invalid_request_error"),
        {"error": message},
        {"detail": message},
        anthropic("invalid_request_error", message),
        message,
    ):
        for status in (400, 413, 500, 200):
            assert type(found(payload, status)) is e.TooLarge
    assert type(found({"error": {"type": "exceed_context_size_error", "message": "?"}}, 400)) is e.TooLarge
    assert type(found(openai("?", None, "context_length_exceeded"), 400)) is e.TooLarge


@pytest.mark.parametrize(
    "message",
    [
        "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
        "This model does not support images",
        "This model does not support PDF input.",
        "At most 0 image(s) may be provided in one prompt.",
        "Invalid content type. image_url is only supported by certain models.",
        "qwen3:8b is not a multimodal model",
        "Unsupported document type",
        "messages.0: documents are not supported",
        "The model doesn't accept audio.",
    ],
)
def test_a_model_that_does_not_take_what_was_sent_is_told_so(message: str) -> None:
    for status in (400, 422, 500):
        error = found(openai(message), status)
        assert type(error) is e.InputNotSupported and not error.retryable


def test_a_file_that_is_gone_is_told_from_a_model_and_a_path_that_are_not_there() -> None:
    assert type(found(anthropic("not_found_error", "File not found: file_1"), 404)) is e.FileGone
    assert type(found(anthropic("file_expired_error", "?"), 410)) is e.FileGone
    assert type(found(anthropic("invalid_request_error", "The file file_1 has expired."), 400)) is e.FileGone
    assert type(found(anthropic("not_found_error", "Not Found"), 404)) is e.EndpointNotFound


@pytest.mark.parametrize(
    "message",
    [
        "messages.0.content.0.image.source.base64.data: Could not process image",
        "The PDF specified was not valid.",
        "A maximum of 600 PDF pages may be provided.",
        "image exceeds 5 MB maximum: 9 bytes > 5 bytes",
        "tool use is not supported; images are",
        "Your file is too large",
    ],
)
def test_a_file_that_is_wrong_is_no_kind_that_is_not_taken(message: str) -> None:
    assert type(found(openai(message), 400)) is e.BadRequest


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (429, "Too many tokens per minute: you exceeded the token limit"),
        (400, "max_tokens: 300000 > 128000, which is the maximum allowed number of output tokens"),
        (400, "system: text content blocks must be non-empty"),
        (400, "temperature exceeds 1"),
        (403, "You have exceeded your quota of context windows"),
        (400, "The model is not able to call tools"),
        (400, "tools: the name is too long"),
    ],
)
def test_what_is_not_about_the_length_is_not_told_so(status: int, message: str) -> None:
    error = found(openai(message, None, None), status)
    assert type(error) not in (e.TooLarge, e.ModelNotFound)


def test_the_words_are_bounded_and_safe_and_hold_no_key() -> None:
    key = "sk-ant-api03-secret-secret"
    loud = found(
        {"error": f"\x1b[2J{key} " + "ja" * 100_000}, 400, redact=lambda text: text.replace(key, "·")
    )
    assert isinstance(loud, e.ApiError)
    assert len(loud.detail) <= 500 and "\x1b" not in loud.detail and key not in loud.detail
    deep: Any = "words"
    for _ in range(2000):
        deep = {"error": deep}
    assert type(found(deep, 400)) is e.BadRequest
    assert type(found("[" * 100_000, 400)) is e.BadRequest
    assert type(found([[]] * 1000, 400)) is e.BadRequest


CLOUDFLARE = (
    "<!DOCTYPE html>\n<!--[if lt IE 7]> <html class='no-js ie6'> <![endif]-->\n<html lang='en-US'><head>"
    "<title>Attention Required! | Cloudflare</title></head><body>prompt is too long</body></html>"
)


@pytest.mark.parametrize(
    ("page", "title"),
    [
        (CLOUDFLARE, "Attention Required! | Cloudflare"),
        ("<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body></body></html>", "403 Forbidden"),
        (
            "\ufeff\n<HTML><BODY><H1>Access &amp; <b>denied</b></H1></BODY></HTML>".lstrip("\ufeff"),
            "Access &",
        ),
        ("<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC 'x'><html><body/></html>", ""),
        ("<center>nginx</center>", ""),
    ],
)
def test_a_page_is_the_word_of_a_proxy(page: str, title: str) -> None:
    for status in (400, 401, 403, 404, 413):
        error = found(page, status)
        assert type(error) is e.ProxyPage and title in error.title and not error.retryable
    for status in (408, 429):
        assert found(page, status).retryable
    for status in (500, 502, 503, 504, 520):
        error = found(page, status)
        assert type(error) is e.ServerError and error.from_proxy and error.retryable


def test_a_name_is_no_sentence() -> None:
    assert read_frame({"error": {"type": "error", "code": 404, "message": "no"}}).kind == ""
    assert read_frame(openai("x", "two words", None)).kind == ""
    assert read_frame(openai("x", "invalid_request_error", "model_not_found")).kind == "model_not_found"
    assert read_frame({"error": {"code": "1211", "message": "模型不存在"}}).kind == ""
