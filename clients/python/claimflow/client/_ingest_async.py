"""Bulk intake over one stream that survives its servers; the synchronous form is generated."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from contextlib import suppress

import grpc

from claimflow.client import _wire_async as wire
from claimflow.client._connection_async import AsyncConnection
from claimflow.client._failure import ClaimflowError, TransportError
from claimflow.client._parse import failure_of
from claimflow.v1.command_service_pb2 import IngestClaimsRequest, IngestClaimsResponse

IN_FLIGHT_BATCHES = 4


class AsyncIngestion:
    """Sends batches with several in flight and yields each one's answer, in order.

    When the stream is lost, what was not answered is sent again on a new one under the same batch
    ids, so that nothing happens twice.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        batches: Iterable[IngestClaimsRequest] | AsyncIterable[IngestClaimsRequest],
        in_flight: int,
    ) -> None:
        if in_flight < 1:
            raise ValueError("at least one batch must be in flight")
        self._connection = connection
        self._source = wire.each(batches)
        self._in_flight = in_flight
        self._exhausted = False
        self._waiting: deque[IngestClaimsRequest] = deque()  # not answered, oldest first
        self._failures = 0  # in a row

    async def replies(self) -> AsyncIterator[IngestClaimsResponse]:
        """Yield the answer to every batch."""
        while not (self._exhausted and not self._waiting):
            stream = wire.Duplex(
                self._connection.commands.IngestClaims, await self._connection.metadata()
            )
            try:
                async for reply in self._over(stream):
                    self._failures = 0
                    yield reply
            except grpc.RpcError as error:
                await self._recover(failure_of(error), error)
            finally:
                stream.cancel()

    async def _over(
        self, stream: wire.Duplex[IngestClaimsRequest, IngestClaimsResponse]
    ) -> AsyncIterator[IngestClaimsResponse]:
        # The first answer is waited for before more is sent: a server that refuses the stream says
        # why at once, and sends across its refusal would only hide it.
        window = 1
        sent = 0  # of those that wait
        while True:
            await self._fetch(window)
            while sent < min(window, len(self._waiting)):
                await stream.send(self._waiting[sent])
                sent += 1
            if not self._waiting:
                # Everything is answered: how the stream ends makes no difference any more.
                with suppress(grpc.RpcError):
                    await stream.finish()
                return
            reply = await stream.receive()
            if reply is None:
                await self._recover(_ended_early(), None)
                return
            if reply.batch_id != self._waiting[0].batch_id:
                raise TransportError("the answer is not of the batch that was sent first")
            self._waiting.popleft()
            sent -= 1
            window = self._in_flight
            yield reply

    async def _fetch(self, window: int) -> None:
        while len(self._waiting) < window and not self._exhausted:
            try:
                request = await anext(self._source)
            except StopAsyncIteration:
                self._exhausted = True
                return
            if not request.batch_id:
                request.batch_id = str(uuid.uuid4())
            self._waiting.append(request)

    async def _recover(self, failure: ClaimflowError, cause: Exception | None) -> None:
        self._failures += 1
        retry = self._connection.retry
        if self._connection.renews(failure) and self._failures == 1:
            return
        pause = retry.pause_seconds(failure, self._failures, attempts_max=retry.stream_attempts_max)
        if pause is None:
            raise failure from cause
        await wire.sleep(pause)


def _ended_early() -> ClaimflowError:
    return TransportError(
        "the stream ended before every batch was answered", code=grpc.StatusCode.UNAVAILABLE
    )
