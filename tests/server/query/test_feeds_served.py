"""Watches and exports over real gRPC: slow readers, draining, limits, and the SDK over it all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import grpc
import pytest
from elasticsearch import Elasticsearch

from claimflow.client import AsyncClient, RetryPolicy, connect_async, errors
from claimflow.client._parse import failure_of
from claimflow.client.feeds import CaughtUp, Matched
from claimflow.v1 import query_service_pb2 as pb
from claimflow.v1.query_service_pb2_grpc import QueryServiceStub
from server.embedded.tokens import TokenMint
from server.platform.serving import RunningServer
from server.query.process import DESCRIPTOR, open_service
from server.query.settings import QuerySettings
from tests.server.query import sample
from tests.server.query.feeding import Worker, changed, told
from tests.server.query.whole import Base

# A client that takes no more than it must: what it does not read, the server notices soon.
SMALL_WINDOW = (("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 1024))


@dataclass
class Site:
    """A running query server and a credential for it."""

    settings: QuerySettings
    server: RunningServer
    metadata: tuple[tuple[str, str], ...]
    token: str

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    def client(self, **more: Any) -> AsyncClient:
        return connect_async(
            command_addr=self.address, query_addr=self.address, token=self.token, **more
        )


@pytest.fixture
async def site(base: Base, token_mint: TokenMint) -> AsyncIterator[Site]:
    settings = replace(
        base.settings,
        listen="127.0.0.1:0",
        jwks_file=token_mint.jwks_file,
        jwt_issuer=token_mint.issuer,
        streams_max=2,
        drain_wait_s=0.0,
        drain_grace_s=1.0,
        watch_patience_s=0.5,
    )
    token = token_mint.mint(("EXAMINER",), tenant=str(sample.TENANT))
    async with open_service(settings) as service:
        server = RunningServer([(DESCRIPTOR, service)], settings)
        await server.start()
        yield Site(settings, server, (("authorization", f"Bearer {token}"),), token)
        await server.drain()


async def until(holds: Any) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.01)


async def test_a_slow_reader_is_ended_and_misses_nothing_with_its_token(
    base: Base, site: Site
) -> None:
    many = sample.documents(600, seed=5)
    with Elasticsearch(base.elasticsearch_url) as client:
        sample.write(client, base.prefix, many)
    expected = {one["claim_id"]: one["version"] for one in [*base.documents, *many]}
    async with grpc.aio.insecure_channel(site.address, options=SMALL_WINDOW) as channel:
        stub: Any = QueryServiceStub(channel)
        call = stub.WatchClaims(pb.WatchClaimsRequest(page_size=20), metadata=site.metadata)
        messages = [await call.read()]
        streams = site.server.edge.streams
        await until(lambda: streams.taken == 0)  # the place is given back while it sleeps
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            while True:
                messages.append(await call.read())
        failure = failure_of(refused.value)
        assert isinstance(failure, errors.WatchTooSlow)
        assert 1 < len(messages) < len(expected) // 20
        # The message that was under way has come as well.
        assert failure.metadata["resume_token"] in {one.resume_token for one in messages[-2:]}

        request = pb.WatchClaimsRequest(resume_token=failure.metadata["resume_token"])
        again = stub.WatchClaims(request, metadata=site.metadata)
        while messages[-1].event != pb.WATCH_EVENT_CAUGHT_UP:
            messages.append(await again.read())
        again.cancel()
    assert told(messages) == expected


async def test_a_draining_server_ends_its_watches_at_once(site: Site) -> None:
    async with grpc.aio.insecure_channel(site.address) as channel:
        stub: Any = QueryServiceStub(channel)
        call = stub.WatchClaims(pb.WatchClaimsRequest(), metadata=site.metadata)
        while (await call.read()).event != pb.WATCH_EVENT_CAUGHT_UP:
            pass
        draining = asyncio.create_task(site.server.drain())
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call.read()
        assert isinstance(failure_of(refused.value), errors.ShuttingDown)
        await draining


async def test_watches_take_places_of_streams(site: Site) -> None:
    async with grpc.aio.insecure_channel(site.address) as channel:
        stub: Any = QueryServiceStub(channel)
        watches = []
        for _ in range(2):
            watches.append(stub.WatchClaims(pb.WatchClaimsRequest(), metadata=site.metadata))
            await watches[-1].read()
        one_more = stub.WatchClaims(pb.WatchClaimsRequest(), metadata=site.metadata)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await one_more.read()
        assert failure_of(refused.value).reason in ("RATE_LIMITED", "SERVER_OVERLOADED")
        for watch in watches:
            watch.cancel()
        await until(lambda: site.server.edge.streams.taken == 0)  # who leaves gives it back


async def test_the_sdk_watches_on_over_a_server_that_is_started_again(
    base: Base, site: Site
) -> None:
    port = site.server.port
    retry = RetryPolicy(pause_seconds_first=0.05, pause_seconds_max=0.2)
    with Elasticsearch(base.elasticsearch_url) as elasticsearch:
        worker = Worker(elasticsearch, base)
        async with site.client(retry=retry) as client:
            items = client.watch_claims().__aiter__()
            known: dict[str, int] = {}
            while not isinstance(item := await anext(items), CaughtUp):
                assert isinstance(item, Matched)
                known[item.claim.claim_id] = item.claim.version
            assert len(known) == len(base.documents)
            await site.server.drain()
            one = changed(base.documents[0])
            worker.commit(one)
            settings = replace(site.settings, listen=f"127.0.0.1:{port}")
            async with open_service(settings) as service:
                again = RunningServer([(DESCRIPTOR, service)], settings)
                await again.start()
                async with asyncio.timeout(20):
                    item = await anext(items)
                assert isinstance(item, Matched)
                assert (item.claim.claim_id, item.claim.version) == (
                    one["claim_id"],
                    one["version"],
                )
                await again.drain()


async def test_the_sdk_exports(base: Base, site: Site) -> None:
    async with site.client() as client:
        export = client.export_claims(batch_size=10)
        ids = [claim.claim_id async for claim in export]
        assert ids == sorted(one["claim_id"] for one in base.documents)
        assert export.summary is not None
        assert export.summary.claim_count == len(ids)
