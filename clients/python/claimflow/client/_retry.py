"""When a failed call is sent again, and after how long."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import grpc

from claimflow.client._failure import ClaimflowError


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """Bounds on sending the same request again, under the same request id.

    UNAVAILABLE is retried, and RESOURCE_EXHAUSTED when the server says after how long.
    """

    # Calls in all, the first one included.
    attempts_max: int = 8
    # Streams opened in a row without one answer between them, before ingestion gives up.
    stream_attempts_max: int = 20
    # Pause after the first failure; it doubles with each further one.
    pause_seconds_first: float = 0.2
    # Longest pause, unless the server asks for a longer one.
    pause_seconds_max: float = 4.0

    def pause_seconds(
        self,
        failure: ClaimflowError,
        attempt: int,
        *,
        attempts_max: int | None = None,
        chance: Callable[[], float] = random.random,
    ) -> float | None:
        """Return how long to wait before attempt + 1, None when this failure is final."""
        if attempt >= (self.attempts_max if attempts_max is None else attempts_max):
            return None
        told = failure.retry_after.total_seconds() if failure.retry_after is not None else None
        exhausted = failure.code is grpc.StatusCode.RESOURCE_EXHAUSTED and told is not None
        if failure.code is not grpc.StatusCode.UNAVAILABLE and not exhausted:
            return None
        doubled = self.pause_seconds_first * 2.0 ** min(attempt - 1, 30)
        pause = min(doubled, self.pause_seconds_max)
        # Half of the pause is left to chance, so that clients who failed together come back apart.
        return (told or 0.0) + pause * (0.5 + chance() / 2)
