"""Watches and exports; the synchronous form is generated."""

from __future__ import annotations

from collections.abc import AsyncIterator

import grpc

from claimflow.client import errors
from claimflow.client._connection_async import AsyncConnection
from claimflow.client._failure import ClaimflowError, TransportError
from claimflow.client._resuming_async import AsyncResuming
from claimflow.client.feeds import Restarted, WatchItem, items_of
from claimflow.v1 import query_service_pb2 as pb
from claimflow.v1.claim_pb2 import Claim


class AsyncWatch:
    """Iterates over the items of a watch, without an end; leave it to end it.

    It goes on by itself after a lost stream, and begins again with a snapshot when its token is no
    longer good, which a `Restarted` tells. Every iteration begins where the watch began.
    """

    def __init__(
        self, connection: AsyncConnection, request: pb.WatchClaimsRequest, timeout: float | None
    ) -> None:
        self._connection = connection
        self._request = request
        self._timeout = timeout

    async def __aiter__(self) -> AsyncIterator[WatchItem]:
        request = pb.WatchClaimsRequest()
        request.CopyFrom(self._request)
        method = self._connection.queries.WatchClaims
        stream = AsyncResuming[pb.WatchClaimsRequest, pb.WatchClaimsResponse](
            self._connection, method, request, self._timeout
        )
        while True:
            token = request.resume_token
            outdated: ClaimflowError | None = None
            try:
                async for reply in stream.replies():
                    for item in items_of(reply, token):
                        yield item
                    token = reply.resume_token
                await stream.recover(_ended(), None)
            except (errors.TokenCompacted, errors.TokenEpochMismatch) as failure:
                if not request.resume_token:
                    raise
                outdated = failure
            if outdated is not None:
                request.resume_token = ""
                request.skip_snapshot = False
                request.ClearField("consistency")
                yield Restarted(cause=outdated)


class AsyncExport:
    """Iterates over all claims of an export, and goes on by itself after a lost stream.

    `resume_token` is that of the last batch, `summary` what the export came to, None before its
    end. Every iteration begins where the export began.
    """

    def __init__(
        self, connection: AsyncConnection, request: pb.ExportClaimsRequest, timeout: float | None
    ) -> None:
        self._connection = connection
        self._request = request
        self._timeout = timeout
        self.resume_token = request.resume_token
        self.summary: pb.ExportSummary | None = None

    async def batches(self) -> AsyncIterator[pb.ExportClaimsResponse]:
        """Yield whole replies, the last one with the summary."""
        request = pb.ExportClaimsRequest()
        request.CopyFrom(self._request)
        self.summary = None
        method = self._connection.queries.ExportClaims
        stream = AsyncResuming[pb.ExportClaimsRequest, pb.ExportClaimsResponse](
            self._connection, method, request, self._timeout
        )
        while True:
            async for reply in stream.replies():
                if reply.HasField("summary"):
                    self.summary = reply.summary
                yield reply
                self.resume_token = reply.resume_token
                if self.summary is not None:
                    return
            await stream.recover(_ended(), None)

    async def __aiter__(self) -> AsyncIterator[Claim]:
        async for batch in self.batches():
            for claim in batch.claims:
                yield claim


def _ended() -> ClaimflowError:
    return TransportError("the stream ended early", code=grpc.StatusCode.UNAVAILABLE)
