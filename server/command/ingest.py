"""Bulk intake: a stream of batches through the same engine and the same rules.

Each claim has its own request id, made of the batch's id and its place, so a batch that is sent
again meets its own receipts. While one batch commits the next ones are read and decided; how many
is bounded, so a client that does not read its answers is not read either.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from claimflow.v1 import command_service_pb2 as wire
from claimflow.v1 import errors_pb2
from server.command import replies
from server.command.builders import submission
from server.command.engine import Engine, Outcome
from server.command.errors import OF_ALL, failure_of, status_of
from server.command.ids import Ids
from server.command.mapping import Caller, method_of, payload_hash
from server.command.requests import Done, NotDone, Request, Trouble
from server.command.shape import Invalid, Shape
from server.platform.errors import Failure

CLAIMS_MAX: Final = 500
BYTES_MAX: Final = 2 * 1024 * 1024
_OUTSTANDING_BATCHES_MAX: Final = 4
_METHOD: Final = method_of("IngestClaims")
_ROOM_SECONDS: Final = 0.02

# A claim on its way: its outcome to come, or why it was never put in.
_Coming = asyncio.Future[Outcome] | Invalid


@dataclass(frozen=True, slots=True)
class _Batch:
    batch_id: str
    coming: Sequence[_Coming]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingest:
    """One stream."""

    engine: Engine
    caller: Caller
    deadline: float
    ids: Ids
    clock: Callable[[], datetime]
    durability: int
    token: Callable[[UUID | None, int], str]
    redact: Callable[[Any], None]
    purpose: str
    correlation_id: str

    async def answers(
        self, requests: AsyncIterator[wire.IngestClaimsRequest]
    ) -> AsyncIterator[bytes]:
        """Yield the answer to each batch, in order; raise `Failure` where the stream ends."""
        outstanding: asyncio.Queue[_Batch | Failure | None] = asyncio.Queue(
            _OUTSTANDING_BATCHES_MAX
        )
        reader = asyncio.create_task(self._read(requests, outstanding))
        try:
            while (batch := await outstanding.get()) is not None:
                if isinstance(batch, Failure):
                    raise batch
                yield await self._answer(batch)
            await reader
        finally:
            reader.cancel()
            with suppress(asyncio.CancelledError):
                await reader

    async def _read(
        self,
        requests: AsyncIterator[wire.IngestClaimsRequest],
        outstanding: asyncio.Queue[_Batch | Failure | None],
    ) -> None:
        try:
            async for request in requests:
                await outstanding.put(await self._put_in(request))
            await outstanding.put(None)
        except Failure as failure:
            await outstanding.put(failure)
        except (Invalid, NotDone) as error:
            await outstanding.put(failure_of(error))

    async def _put_in(self, request: wire.IngestClaimsRequest) -> _Batch:
        if len(request.documents) > CLAIMS_MAX:
            raise _too_large(CLAIMS_MAX)
        if request.ByteSize() > BYTES_MAX:
            raise _too_large(BYTES_MAX)
        shape = Shape()
        batch_id = shape.uuid("batch_id", request.batch_id)
        shape.length("documents", request.documents, CLAIMS_MAX, 1)
        shape.done()
        common = {
            "actor": self.caller.actor,
            "role": self.caller.role,
            "now": self.clock(),
            "reason": None,
            "member_number": "",
        }
        work: list[Request | Invalid] = []
        for position, document in enumerate(request.documents):
            work.append(self._claim(batch_id, position, document, common))
            if position % 32 == 31:
                await asyncio.sleep(0)
        coming = iter(await self._enqueue([one for one in work if isinstance(one, Request)]))
        return _Batch(
            request.batch_id,
            [one if isinstance(one, Invalid) else next(coming) for one in work],
        )

    def _claim(
        self, batch_id: UUID, position: int, document: Any, common: dict[str, Any]
    ) -> Request | Invalid:
        shape = Shape()
        path = f"documents[{position}]"
        command = submission(document, path, shape, common, self.ids.new())
        if shape.problems:
            return Invalid(shape.problems)
        return Request(
            tenant_id=self.caller.tenant_id,
            request_id=uuid5(batch_id, str(position)),
            method=_METHOD,
            payload_hash=payload_hash(_METHOD, self.caller.actor, document, without=""),
            command=command,
            answer=replies.ingested_builder(position),
            deadline=self.deadline,
            size_bytes=document.ByteSize(),
            purpose=self.purpose,
            correlation_id=self.correlation_id,
        )

    async def _enqueue(self, work: Sequence[Request]) -> list[asyncio.Future[Outcome]]:
        while True:
            try:
                return self.engine.enqueue(work)
            except NotDone as error:
                if error.trouble is not Trouble.SERVER_OVERLOADED:
                    raise
                if time.monotonic() >= self.deadline:
                    raise NotDone(Trouble.DEADLINE_PASSED) from None
            await asyncio.sleep(_ROOM_SECONDS)

    async def _answer(self, batch: _Batch) -> bytes:
        reply = wire.IngestClaimsResponse(batch_id=batch.batch_id)
        end = 0
        epoch: UUID | None = None
        for position, coming in enumerate(batch.coming):
            outcome = coming if isinstance(coming, Invalid) else await coming
            if isinstance(outcome, Done):
                reply.claims.append(replies.parse_ingested(outcome.reply))
                epoch = epoch or outcome.epoch
                if outcome.epoch == epoch:  # of one store: no position of another is compared
                    end = max(end, outcome.lsn or 0)
                continue
            if isinstance(outcome, NotDone) and outcome.trouble in OF_ALL:
                raise failure_of(outcome)
            reply.claims.add(position=position).error.CopyFrom(
                status_of(outcome, self.correlation_id)
            )
        if end:
            reply.consistency_token = self.token(epoch, end)
            reply.durability = self.durability  # type: ignore[assignment]
        self.redact(reply)
        return reply.SerializeToString()


def _too_large(limit: int) -> Failure:
    return Failure(errors_pb2.ERROR_REASON_BATCH_TOO_LARGE, metadata={"limit": str(limit)})
