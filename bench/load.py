"""Load from one asyncio client, and what it measured."""

from __future__ import annotations

import asyncio
import statistics
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

import grpc

from claimflow.v1 import (
    command_service_pb2,
    command_service_pb2_grpc,
    common_pb2,
    document_pb2,
    query_service_pb2,
    query_service_pb2_grpc,
)

Metadata = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Rate:
    """What one closed loop reached."""

    per_second: float
    p50_ms: float
    p99_ms: float


def percentiles(latencies_s: Sequence[float]) -> tuple[float, float]:
    """Return median and 99th percentile in milliseconds."""
    ordered = sorted(latencies_s)
    return (
        statistics.median(ordered) * 1e3,
        ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1e3,
    )


async def closed_loop(calls: int, in_flight: int, call: Callable[[], Awaitable[object]]) -> Rate:
    """Make that many calls, so many at a time, and measure each."""
    latencies: list[float] = []
    numbers = iter(range(calls))

    async def one_lane() -> None:
        for _ in numbers:
            began = time.perf_counter()
            await call()
            latencies.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(one_lane() for _ in range(in_flight)))
    seconds = time.perf_counter() - began
    p50, p99 = percentiles(latencies)
    return Rate(calls / seconds, p50, p99)


def submitter(
    channel: grpc.aio.Channel, documents: Iterator[document_pb2.ClaimDocument], token: str
) -> Callable[[], Awaitable[object]]:
    """Return a call that submits the next document under a new request id.

    A document that comes again is denied as a duplicate, which is other work than intake.
    """
    stub = command_service_pb2_grpc.CommandServiceStub(channel)
    metadata = bearer(token)

    async def submit() -> object:
        request = command_service_pb2.SubmitClaimRequest(
            request_id=str(uuid.uuid4()), document=next(documents)
        )
        return await stub.SubmitClaim(request, metadata=metadata, timeout=60)

    return submit


async def ingest(
    channel: grpc.aio.Channel,
    documents: Sequence[document_pb2.ClaimDocument],
    token: str,
    batch_size: int,
) -> float:
    """Send all documents as a stream of batches; return claims per second, all acknowledged."""
    stub = command_service_pb2_grpc.CommandServiceStub(channel)
    batches = [
        command_service_pb2.IngestClaimsRequest(
            batch_id=str(uuid.uuid4()), documents=documents[start : start + batch_size]
        )
        for start in range(0, len(documents), batch_size)
    ]

    async def requests() -> AsyncIterator[command_service_pb2.IngestClaimsRequest]:
        for batch in batches:
            yield batch

    began = time.perf_counter()
    stored = 0
    async for answer in stub.IngestClaims(requests(), metadata=bearer(token), timeout=600):
        stored += sum(1 for claim in answer.claims if claim.claim_id)
    if stored != len(documents):
        raise RuntimeError(f"{len(documents) - stored} of {len(documents)} claims were refused")
    return len(documents) / (time.perf_counter() - began)


async def commit_to_searchable(
    command: grpc.aio.Channel,
    query: grpc.aio.Channel,
    documents: Iterator[document_pb2.ClaimDocument],
    token: str,
    per_second: float,
    seconds: float,
) -> tuple[float, float]:
    """Submit at a fixed rate; return median and 99th percentile from reply to searchable, in ms.

    The clock starts with the reply and stops when a search that brings its token has answered.
    """
    submit = submitter(command, documents, token)
    queries = query_service_pb2_grpc.QueryServiceStub(query)
    metadata = bearer(token)
    latencies: list[float] = []
    # What was written before is no part of this: begin when the index has it all.
    while await _lag_bytes(queries, metadata):
        await asyncio.sleep(0.5)

    async def one(watch: bool) -> None:
        reply = await submit()
        assert isinstance(reply, command_service_pb2.SubmitClaimResponse)
        if not watch:
            return
        began = time.perf_counter()
        fresh = common_pb2.Consistency.AtLeastAsFresh(token=reply.receipt.consistency_token)
        found = await queries.SearchClaims(
            query_service_pb2.SearchClaimsRequest(
                filter=f'claim_number="{reply.claim.claim_number}"',
                consistency=common_pb2.Consistency(at_least_as_fresh=fresh),
            ),
            metadata=metadata,
            timeout=30,
        )
        if len(found.claims) != 1:
            raise RuntimeError("a search with the write's token did not find the claim")
        latencies.append(time.perf_counter() - began)

    total = int(per_second * seconds)
    began = time.perf_counter()
    tasks = []
    for number in range(total):
        due = began + number / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        # One in ten is followed to the search, so that the searches do not become the load.
        tasks.append(asyncio.create_task(one(number % 10 == 0)))
    await asyncio.gather(*tasks)
    return percentiles(latencies)


async def _lag_bytes(
    queries: query_service_pb2_grpc.QueryServiceAsyncStub, metadata: Metadata
) -> int:
    status = await queries.GetProjectionStatus(
        query_service_pb2.GetProjectionStatusRequest(), metadata=metadata, timeout=30
    )
    return max(projection.lag_bytes for projection in status.projections)


def bearer(token: str) -> Metadata:
    """Return the metadata of a credential."""
    return (("authorization", f"Bearer {token}"),)
