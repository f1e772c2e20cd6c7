"""A small service behind the real edge: enough to see what the edge lets through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from claimflow.v1 import claim_pb2
from claimflow.v1 import command_service_pb2 as wire
from server.platform.call import Call

DESCRIPTOR = wire.DESCRIPTOR.services_by_name["CommandService"]
CANARY = "Zaphod-Canary-4711"


class Desk:
    """Answers; what it does next can be set."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.requests: list[Any] = []
        self.waiting = asyncio.Event()
        self.work: Callable[[Any, Call], Coroutine[Any, Any, Any]] = self.answer
        self.stream: Callable[[Any, Call], AsyncIterator[Any]] = self.acknowledge

    async def answer(self, request: Any, call: Call) -> Any:
        """Answer with a claim that has something of every class."""
        claim = claim_pb2.Claim(claim_id="1", claim_number="C-1", version=3)
        claim.document.subscriber.last_name = CANARY
        claim.document.total_charge = "100.00"
        return wire.PendClaimResponse(claim=claim)

    async def pend_claim(self, request: wire.PendClaimRequest, call: Call) -> Any:
        """Note the call and do the work that was set."""
        self.calls.append(call)
        self.requests.append(request)
        return await self.work(request, call)

    async def list_edits(self, request: wire.ListEditsRequest, call: Call) -> Any:
        """Answer something small."""
        return wire.ListEditsResponse(policy_version=7)

    def ingest_claims(
        self, requests: AsyncIterator[wire.IngestClaimsRequest], call: Call
    ) -> AsyncIterator[wire.IngestClaimsResponse]:
        """Answer with the stream that was set."""
        return self.stream(requests, call)

    async def acknowledge(
        self, requests: AsyncIterator[wire.IngestClaimsRequest], call: Call
    ) -> AsyncIterator[wire.IngestClaimsResponse]:
        """Acknowledge each batch."""
        call.reply_metadata["claimflow-test"] = "first"
        async for batch in requests:
            self.requests.append(batch)
            yield wire.IngestClaimsResponse(batch_id=batch.batch_id)

    def __getattr__(self, name: str) -> Any:
        if name not in OTHERS:
            raise AttributeError(name)
        return self.list_edits


# Every method of the contract needs a handler; these are not used here.
OTHERS = {
    "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in method.name)[1:]
    for method in DESCRIPTOR.methods
}
