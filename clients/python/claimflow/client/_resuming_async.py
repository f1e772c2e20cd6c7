"""Streams of replies that are taken up where they were cut; the synchronous form is generated."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any, Generic, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message

from claimflow.client import _wire_async as wire
from claimflow.client._connection_async import AsyncConnection
from claimflow.client._failure import ClaimflowError, TransportError
from claimflow.client._parse import failure_of

Q = TypeVar("Q", bound=Message)
R = TypeVar("R", bound=Message)

# The server had nothing against the stream itself.
_RESUMABLE = frozenset({"WATCH_TOO_SLOW", "DEADLINE_PASSED"})


class AsyncResuming(Generic[Q, R]):
    """The replies to one request, whose resume token moves on with them.

    A stream that is lost is opened again with the last token, after pauses that grow and are left
    to chance by half, and given up after as many failures in a row as the policy has for streams.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        method: grpc.aio.UnaryStreamMultiCallable[Q, R],
        request: Q,
        timeout: float | None,
    ) -> None:
        self.request: Any = request
        self._connection = connection
        self._method = method
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._failures = 0  # in a row

    async def replies(self) -> AsyncIterator[R]:
        """Yield the replies until the server ends the stream."""
        while True:
            metadata = await self._connection.metadata()
            stream = wire.Inflow(self._method, self.request, self._seconds_left(), metadata)
            try:
                while (reply := await stream.receive()) is not None:
                    self._failures = 0
                    told: Any = reply
                    self.request.resume_token = told.resume_token
                    yield reply
                return
            except grpc.RpcError as error:
                await self.recover(failure_of(error), error)
            finally:
                stream.cancel()

    async def recover(self, failure: ClaimflowError, cause: Exception | None) -> None:
        """Wait until the stream may be opened again, or raise what keeps it from that."""
        self._failures += 1
        if self._connection.renews(failure) and self._failures == 1:
            return
        retry = self._connection.retry
        lost = failure
        if failure.reason in _RESUMABLE:
            lost = TransportError(failure.message, code=grpc.StatusCode.UNAVAILABLE)
        pause = retry.pause_seconds(lost, self._failures, attempts_max=retry.stream_attempts_max)
        left = self._seconds_left()
        if pause is None or (left is not None and pause >= left):
            raise failure from cause
        await wire.sleep(pause)

    def _seconds_left(self) -> float | None:
        if self._deadline is None:
            return None
        return max(self._deadline - time.monotonic(), 0.001)
