"""Programs are killed around a commit, and stopped and continued (F1, F2, F6)."""

from __future__ import annotations

import asyncio
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest

from claimflow.v1 import common_pb2
from claimflow.v1.command_service_pb2 import SubmitClaimRequest, SubmitClaimResponse
from claimflow.v1.query_service_pb2 import SearchClaimsRequest, SearchClaimsResponse
from server.embedded.elasticsearch import PrivateElasticsearch
from server.embedded.postgres import PrivatePostgres
from server.embedded.tokens import TokenMint
from tests.catalogue.line import Line
from tests.catalogue.programs import Program, paused, program
from tests.projections.conftest import Place, process
from tests.server.command.door import claim_document
from tests.server.command.support import count, rows

SUBMIT = "/claimflow.v1.CommandService/SubmitClaim"
SEARCH = "/claimflow.v1.QueryService/SearchClaims"
GONE = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}


@pytest.fixture
def folder() -> Iterator[Path]:
    # A socket's path has a limit.
    with tempfile.TemporaryDirectory(prefix="claimflow-faults-") as name:
        yield Path(name)


def submission() -> bytes:
    document = claim_document()
    return SubmitClaimRequest(request_id=str(uuid.uuid4()), document=document).SerializeToString()


async def outcome(call: asyncio.Task[bytes]) -> grpc.StatusCode:
    with pytest.raises(grpc.aio.AioRpcError) as ended:
        await call
    return ended.value.code()


async def killed_at_commit(one: Program, line: Line, fault: str, request: bytes) -> None:
    """Kill the command server while it waits for the answer to COMMIT; start it again."""
    line.at_commit = fault
    call = asyncio.create_task(one.call(SUBMIT, request, "SUBMITTER", 20))
    await asyncio.wait_for(line.committing.wait(), 20)
    one.kill()
    assert await outcome(call) is grpc.StatusCode.UNAVAILABLE
    await one.start()


async def test_f1_killed_before_its_commit_a_command_has_no_effect_until_it_is_sent_again(
    line: Line, database: str, token_mint: TokenMint, folder: Path
) -> None:
    request = submission()
    async with program("command", folder, token_mint, DATABASE_URL=line.url) as command:
        await killed_at_commit(command, line, "hold the request", request)
        tables = ("claim", "claim_event", "command_receipt")
        assert [count(database, table) for table in tables] == [0, 0, 0]
        reply = await command.call(SUBMIT, request, "SUBMITTER", 20)

    claim = SubmitClaimResponse.FromString(reply).claim
    (row,) = rows(database, "SELECT claim_id, version FROM claimflow.claim")
    assert (str(row["claim_id"]), row["version"]) == (claim.claim_id, claim.version)
    assert count(database, "claim_event") == claim.version


async def test_f2_killed_between_commit_and_reply_a_repeat_gets_the_original_bytes(
    line: Line, database: str, token_mint: TokenMint, folder: Path
) -> None:
    request = submission()
    async with program("command", folder, token_mint, DATABASE_URL=line.url) as command:
        await killed_at_commit(command, line, "withhold", request)
        (stored,) = rows(database, "SELECT reply FROM claimflow.command_receipt")
        events = count(database, "claim_event")
        replies = [await command.call(SUBMIT, request, "SUBMITTER", 20) for _ in range(3)]

    assert len(set(replies)) == 1
    reply = SubmitClaimResponse.FromString(replies[0])
    assert reply.receipt.consistency_token
    reply.receipt.ClearField("consistency_token")
    assert reply == SubmitClaimResponse.FromString(stored["reply"])
    assert (count(database, "claim"), count(database, "claim_event")) == (1, events)


@dataclass
class Installation:
    """Everything at work, each part as a program of its own."""

    place: Place
    command: Program
    query: Program
    pids: dict[str, int]  # by the name of the part

    async def submit(self, request: bytes, seconds: float) -> SubmitClaimResponse:
        reply = await self.command.call(SUBMIT, request, "SUBMITTER", seconds)
        return SubmitClaimResponse.FromString(reply)

    async def search(self, token: str, seconds: float) -> list[str]:
        request = SearchClaimsRequest(
            page_size=500,
            consistency=common_pb2.Consistency(at_least_as_fresh={"token": token}),
        )
        reply = await self.query.call(SEARCH, request.SerializeToString(), "EXAMINER", seconds)
        return [claim.claim_id for claim in SearchClaimsResponse.FromString(reply).claims]

    async def not_answered(self, request: bytes, token: str) -> set[str]:
        """Submit a claim and search for it, or for what was there before; return what failed."""
        failed: set[str] = set()
        try:
            token = (await self.submit(request, 1.5)).receipt.consistency_token
        except grpc.aio.AioRpcError as error:
            assert error.code() in GONE
            failed.add("submit")
        try:
            await self.search(token, 1.5)
        except grpc.aio.AioRpcError as error:
            assert error.code() in GONE
            failed.add("search")
        return failed


# The worker stands still for longer, so that it has lost its place when it wakes.
LEASE_S = 2.0
# What cannot answer while a part stands still; a search asks for what was just written.
STOPPED_BY = {
    "command": {"submit"},
    "query": {"search"},
    "worker": {"search"},
    "postgres": {"submit", "search"},
    "elasticsearch": {"search"},
}


@pytest.fixture
async def installation(
    place: Place,
    token_mint: TokenMint,
    folder: Path,
    private_postgres: PrivatePostgres,
    private_elasticsearch: PrivateElasticsearch,
) -> AsyncIterator[Installation]:
    settings = place.settings
    stores = {
        "DATABASE_URL": settings.database_url,
        "ELASTICSEARCH_URL": settings.elasticsearch_url,
        "CLAIMFLOW_INDEX_PREFIX": settings.index_prefix,
        "CLAIMFLOW_INDEX_KEY_FILE": str(settings.index_key_file),
    }
    async with AsyncExitStack() as stack:
        lease = {"CLAIMFLOW_LEASE_S": str(LEASE_S), "CLAIMFLOW_VIEWS": "claims"}
        worker = await stack.enter_async_context(process(place, **lease))
        command = await stack.enter_async_context(program("command", folder, token_mint, **stores))
        query = await stack.enter_async_context(program("query", folder, token_mint, **stores))
        await place.caught_up(60)
        postmaster, engine = private_postgres.child.pid, private_elasticsearch.child.pid
        assert worker.child is not None and postmaster is not None and engine is not None
        yield Installation(
            place,
            command,
            query,
            {
                "command": command.pid,
                "query": query.pid,
                "worker": worker.child.pid,
                "postgres": postmaster,
                "elasticsearch": engine,
            },
        )


async def test_f6_each_process_may_stand_still_and_go_on(installation: Installation) -> None:
    first = await installation.submit(submission(), 20)
    token, submitted = first.receipt.consistency_token, [first.claim.claim_id]
    for part in STOPPED_BY:
        request = submission()
        async with paused(installation.pids[part]):
            stopped = await installation.not_answered(request, token)
            if part == "worker":
                await asyncio.sleep(LEASE_S)
        assert stopped == STOPPED_BY[part], part
        # It goes on by itself, and what was sent while it stood still is there once.
        done = await until_done(installation, request)
        token = done.receipt.consistency_token
        submitted.append(done.claim.claim_id)
        found = await installation.search(token, 30)
        assert sorted(found) == sorted(submitted), part
        assert count(installation.place.database, "claim") == len(submitted), part


async def until_done(installation: Installation, request: bytes) -> SubmitClaimResponse:
    """Send a request again until it is answered; a part that woke may need a moment."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return await installation.submit(request, 5)
        except grpc.aio.AioRpcError as error:
            assert error.code() in GONE and time.monotonic() < deadline
            await asyncio.sleep(0.1)
