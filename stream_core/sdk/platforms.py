"""The response of a streaming request, whichever client of the SDK sends it: also Bedrock, Vertex, Foundry.

What those of other platforms need may not be installed (`boto3` to sign, `google-auth`): that is told before
anything is sent.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import anthropic
from anthropic import AsyncAnthropic

from stream_core.core.errors import UsageError

_EXTRAS = {"boto3": "bedrock", "botocore": "bedrock", "google": "vertex"}  # each with the extra it is in
_NEEDS = "missing required dependency"  # how the SDK says it, where it says it itself


@asynccontextmanager
async def open_response(client: AsyncAnthropic, request: Mapping[str, Any]) -> AsyncIterator[Any]:
    """Send a request that streams, and give its response once the headers are there.

    Raises:
        UsageError: the client needs something that is not installed or configured; nothing was sent.
    """
    async with AsyncExitStack() as stack:
        with explaining_needs(client):
            if isinstance(client, anthropic.AsyncAnthropicBedrock):
                # Its `stream` makes a decoder of its own at once, for which botocore must be installed.
                plain = client.messages.with_streaming_response.create(**request, stream=True)
                response = (await stack.enter_async_context(plain)).http_response
            else:
                response = (await stack.enter_async_context(client.messages.stream(**request))).response
        yield response


@contextmanager
def explaining_needs(client: AsyncAnthropic) -> Iterator[None]:
    """Turn what a client of another platform lacks into the caller's mistake.

    Raises:
        UsageError: something is not installed or not configured.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get((error.name or "").partition(".")[0])
        if extra is None:
            raise
        raise UsageError(f"{error}; this client needs: pip install 'anthropic[{extra}]'") from error
    except anthropic.AnthropicError as error:
        if _NEEDS in str(error):
            raise UsageError(" ".join(str(error).split())) from error
        raise
    except (RuntimeError, ValueError) as error:
        if isinstance(client, AsyncAnthropic):
            raise
        raise UsageError(str(error)) from error  # no region, no project, no credential
