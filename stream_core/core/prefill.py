"""Going on with a reply that the request has begun (prefill): what may come back, and who refuses it. Pure.

Anthropic's models up to 4.5 and most other servers take the beginning of a reply and send what follows it.
Some send the beginning once more (llama.cpp does, without streaming), some pass over it and answer anew, and
some refuse the request.
"""

from __future__ import annotations

import re

from .errors import ApiError, BadRequest, InputNotSupported, ServerError, StreamCoreError, TooLarge

_SHORTEST_ECHO = 8  # characters of a beginning that do not come again by coincidence
_SHORTEST_RESTART = 24  # characters after which an answer that then differs has begun anew
_ABOUT_IT = re.compile(r"prefill|assistant|last message|final message|add_generation_prompt", re.IGNORECASE)


def refuses_prefill(error: StreamCoreError | None) -> bool:
    """Whether an error may be the refusal of a request that ends with the beginning of the reply.

    Few servers say so in words that could be relied on, so that any 400 may be; it is known when the same is
    asked in another way.
    """
    if isinstance(error, BadRequest):
        return not isinstance(error, (InputNotSupported, TooLarge))
    general = type(error) in (ApiError, ServerError)  # a rate limit, for one, says something else
    return isinstance(error, ApiError) and general and bool(_ABOUT_IT.search(error.detail))


class PrefillJoiner:
    """Takes the answer to a prefill piece by piece and returns its new part.

    Args:
        base: the beginning that was sent; white space at its end was not.

    Attributes:
        missed: whether the answer does not follow the beginning: it began anew, and differs.
    """

    def __init__(self, base: str) -> None:
        self._base = base.strip()
        self._held = ""
        self._made = len(self._base) < _SHORTEST_ECHO
        self.missed = False

    def feed(self, piece: str) -> str:
        """Take the next piece; return what can be told to be new."""
        if self._made:
            return piece
        self._held += piece
        begun = self._held.lstrip()
        if len(begun) < len(self._base) and self._base.startswith(begun):
            return ""  # it may be the beginning once more
        return self._end()

    def flush(self) -> str:
        """Return the rest: nothing more comes."""
        begun = len(self._held.lstrip())
        if begun >= _SHORTEST_RESTART:
            self._held = ""  # it broke off while repeating the beginning
        return "" if self._made else self._end()

    def _end(self) -> str:
        self._made, held = True, self._held
        self._held = ""
        begun = held.lstrip()
        if begun.startswith(self._base):
            return begun[len(self._base) :]
        self.missed = _alike(begun, self._base) >= _SHORTEST_RESTART
        return held


def _alike(one: str, other: str) -> int:
    """Characters at the beginning that two texts have in common."""
    return next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(one))
