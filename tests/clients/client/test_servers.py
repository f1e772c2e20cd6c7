"""Both clients against a real gRPC server: streams, async calls, a session's bulk intake."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from claimflow.client import RetryPolicy, connect, connect_async, errors
from claimflow.v1.claim_pb2 import Claim
from claimflow.v1.command_service_pb2 import (
    IngestClaimsRequest,
    IngestClaimsResponse,
    PendClaimResponse,
)
from claimflow.v1.common_pb2 import Receipt
from claimflow.v1.query_service_pb2 import GetClaimResponse, SearchClaimsResponse

FAST = RetryPolicy(pause_seconds_first=0.01, pause_seconds_max=0.01)
LOST = grpc.StatusCode.UNAVAILABLE


def batches(count: int) -> Iterator[IngestClaimsRequest]:
    for number in range(count):
        yield IngestClaimsRequest(batch_id=f"b-{number}")


def acknowledge(request: IngestClaimsRequest) -> IngestClaimsResponse:
    return IngestClaimsResponse(
        batch_id=request.batch_id, consistency_token=f"after {request.batch_id}"
    )


def both(servers: Any) -> dict[str, Any]:
    return {
        "command_addr": servers.address,
        "query_addr": servers.address,
        "token": "t",
        "retry": FAST,
    }


def test_every_batch_is_answered_in_order(servers: Any) -> None:
    servers.on("IngestClaims", acknowledge)
    with connect(**both(servers)) as client:
        told = [reply.batch_id for reply in client.ingest_claims(batches(20), in_flight=3)]
    assert told == [f"b-{number}" for number in range(20)]


def test_a_lost_stream_is_taken_up_where_the_answers_ended(servers: Any, refusal: Any) -> None:
    servers.on("IngestClaims", acknowledge, acknowledge, refusal(LOST), acknowledge)
    with connect(**both(servers)) as client:
        told = [reply.batch_id for reply in client.ingest_claims(batches(6), in_flight=2)]
    assert told == [f"b-{number}" for number in range(6)]
    sent = [request.batch_id for request in servers.requests("IngestClaims")]
    assert sent[:4] == ["b-0", "b-1", "b-2", "b-2"]


def test_a_refused_stream_raises_its_reason(servers: Any, refusal: Any) -> None:
    servers.on("IngestClaims", refusal(grpc.StatusCode.INVALID_ARGUMENT, "BATCH_TOO_LARGE"))
    with connect(**both(servers)) as client, pytest.raises(errors.BatchTooLarge):
        list(client.ingest_claims(batches(2)))


def test_batches_without_id_get_one(servers: Any) -> None:
    servers.on("IngestClaims", acknowledge)
    with connect(**both(servers)) as client:
        told = [reply.batch_id for reply in client.ingest_claims([IngestClaimsRequest()])]
    assert told != [""]


def test_a_consumer_may_stop_early(servers: Any) -> None:
    servers.on("IngestClaims", acknowledge)
    with connect(**both(servers)) as client:
        replies = client.ingest_claims(batches(1000), in_flight=2)
        assert next(replies).batch_id == "b-0"
        replies.close()  # type: ignore[attr-defined]
    assert len(servers.requests("IngestClaims")) <= 4


def test_a_session_reads_what_it_brought_in(servers: Any) -> None:
    servers.on("IngestClaims", acknowledge)
    servers.on("SearchClaims", SearchClaimsResponse())
    with connect(**both(servers)) as client:
        session = client.session()
        list(session.ingest_claims(batches(2)))
        list(session.search_claims())
    asked = servers.requests("SearchClaims")[0].consistency.at_least_as_fresh.token
    assert asked == "after b-1"


async def test_the_async_client_retries_under_one_request_id(servers: Any, refusal: Any) -> None:
    servers.on("PendClaim", refusal(LOST, "SHUTTING_DOWN"), PendClaimResponse())
    async with connect_async(**both(servers)) as client:
        await client.pend_claim("c-1", pend_code="X")
    first, second = servers.requests("PendClaim")
    assert first == second
    assert first.request_id


async def test_the_async_client_raises_the_same_errors(servers: Any, refusal: Any) -> None:
    servers.on("GetClaim", refusal(grpc.StatusCode.NOT_FOUND, "CLAIM_NOT_FOUND"))
    async with connect_async(**both(servers)) as client:
        with pytest.raises(errors.ClaimNotFound):
            await client.get_claim("c-1")


async def test_the_async_client_follows_pages(servers: Any) -> None:
    servers.on(
        "SearchClaims",
        SearchClaimsResponse(claims=[Claim(claim_id="a")], next_page_token="P2"),
        SearchClaimsResponse(claims=[Claim(claim_id="b")]),
    )
    async with connect_async(**both(servers)) as client:
        found = [claim.claim_id async for claim in client.search_claims()]
    assert found == ["a", "b"]


async def test_the_async_client_resumes_a_lost_stream(servers: Any, refusal: Any) -> None:
    servers.on("IngestClaims", acknowledge, refusal(LOST), acknowledge)
    async with connect_async(**both(servers)) as client:
        told = [reply.batch_id async for reply in client.ingest_claims(batches(5), in_flight=2)]
    assert told == [f"b-{number}" for number in range(5)]


async def test_the_async_client_hears_why_a_stream_is_refused(servers: Any, refusal: Any) -> None:
    denied = refusal(grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_MISSING")
    servers.on("IngestClaims", acknowledge, denied)
    async with connect_async(**both(servers)) as client:
        with pytest.raises(errors.PermissionMissing):
            async for _ in client.ingest_claims(batches(50), in_flight=8):
                pass


async def test_an_async_session_reads_its_own_writes(servers: Any) -> None:
    servers.on("PendClaim", PendClaimResponse(receipt=Receipt(consistency_token="T1")))
    servers.on("GetClaim", GetClaimResponse())
    async with connect_async(**both(servers)) as client:
        session = client.session()
        await session.pend_claim("c-1", pend_code="X")
        await session.get_claim("c-1")
    asked = servers.requests("GetClaim")[0].consistency.at_least_as_fresh.token
    assert asked == "T1"


async def test_an_async_token_provider_may_wait(servers: Any) -> None:
    servers.on("GetClaim", GetClaimResponse())

    async def provide() -> str:
        return "later"

    options = {**both(servers), "token": None}
    async with connect_async(**options, token_provider=provide) as client:
        await client.get_claim("c-1")
    assert servers.metadata("GetClaim")[0]["authorization"] == "Bearer later"


def test_addresses_and_token_come_from_the_environment(
    servers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers.on("GetClaim", GetClaimResponse())
    monkeypatch.setenv("CLAIMFLOW_COMMAND_ADDR", servers.address)
    monkeypatch.setenv("CLAIMFLOW_QUERY_ADDR", servers.address)
    monkeypatch.setenv("CLAIMFLOW_TOKEN", "from the environment")
    with connect() as client:
        client.get_claim("c-1")
    assert servers.metadata("GetClaim")[0]["authorization"] == "Bearer from the environment"
