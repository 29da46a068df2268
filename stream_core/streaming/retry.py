"""`RetryPolicy`: which failures are retried, and the back-off between attempts."""

from __future__ import annotations

import random
from dataclasses import dataclass

from stream_core.core.errors import StreamCoreError


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Policy of retries: when a request that failed before its first text is sent again.

    Attributes:
        attempts: attempts in all, the first included.
        base: seconds before the second attempt; doubled for each one after it, less a random part.
        longest: seconds that all waits together take at most; one that would go beyond is not begun.
    """

    attempts: int = 4
    base: float = 0.5
    longest: float = 60.0

    def delay(self, failed: int, error: StreamCoreError, waited: float = 0.0) -> float | None:
        """Seconds to wait after `failed` attempts of which the last ended with `error`; None: give up.

        Args:
            failed: attempts so far.
            error: what the last one ended with.
            waited: seconds that were waited before.
        """
        if not error.retryable or failed >= self.attempts:
            return None
        left = self.longest - waited
        asked: float | None = getattr(error, "retry_after", None)
        if asked is not None:
            return asked if asked <= left else None
        # Jitter: many clients that failed together do not come back together.
        delay = min(self.base * 2.0 ** (failed - 1), self.longest) * random.uniform(0.5, 1.0)
        return delay if delay <= left else None
