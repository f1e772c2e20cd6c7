"""`python -m bench.feed`: the change feed against a bare `_bulk`, a backlog, an outage, and tokens.

    python -m bench.feed [--events 100000] [--backlog 1000000] [--pairs 10000] [--outage 300]

Figures are ratios of two things in one run where there are two; a part with 0 is left out.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import grpc
import orjson
import psutil
import psycopg
import uvloop
from elasticsearch import Elasticsearch

from bench import load
from bench.__main__ import ROOT, running_system
from claimflow.importers import generate
from claimflow.v1 import (
    command_service_pb2,
    common_pb2,
    document_pb2,
    query_service_pb2,
    query_service_pb2_grpc,
)
from projections.bulk import BulkWriter, Write
from projections.elastic import Elastic
from projections.kit import Kit
from projections.settings import WorkerSettings
from projections.views.catalogue import all_views
from projections.views.claims import claims_view
from server.platform.elastic import open_client
from server.platform.positions import read_key

PREFIX, SLOT = "bench-", "bench_views"
_SEED_CLAIMS = 2000
_RATE = 40.0  # commands a second beside an outage
# Copies of the claims that are there, as the command side would have written them; the chain's
# hashes are copied too, since no part of the feed looks at them.
_COPY = """
WITH named AS MATERIALIZED (
  SELECT tenant_id, claim_id AS old, md5(claim_id::text || %(salt)s)::uuid AS fresh
    FROM claimflow.claim_event
   WHERE version = 1 AND claim_id = ANY (%(seeds)s)
)
INSERT INTO claimflow.claim_event
SELECT e.tenant_id, n.fresh, e.version, gen_random_uuid(), e.event_type, e.schema_number,
       e.from_state, e.to_state, replace(e.payload, n.old::text, n.fresh::text), e.sealed, e.key_id,
       e.actor, e.role, gen_random_uuid(), e.reason_code, e.policy_version, e.recorded_at,
       e.prev_hash, e.hash
  FROM named AS n JOIN claimflow.claim_event AS e
    ON e.tenant_id = n.tenant_id AND e.claim_id = n.old
"""


class Place:
    """The system under measure: where it is, and a worker beside its own, which stands still."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = {**os.environ, **env, "CLAIMFLOW_INDEX_PREFIX": PREFIX, "CLAIMFLOW_SLOT": SLOT,
                    "CLAIMFLOW_VIEWS": "claims", "CLAIMFLOW_PARITY_S": "0"}  # fmt: skip
        self.settings = WorkerSettings.from_environ(self.env)
        self.client = Elasticsearch(self.settings.elasticsearch_url, request_timeout=120)
        self.view = claims_view(read_key(self.settings.index_key_file))
        # A backlog is to be caught up with, not to cost the slot.
        self.sql("ALTER SYSTEM SET max_slot_wal_keep_size = '64GB'")
        self.sql("SELECT pg_reload_conf()")
        self.seeds = self.sql(
            "SELECT array_agg(claim_id) FROM (SELECT claim_id FROM claimflow.claim_event"
            f" WHERE version = 1 ORDER BY claim_id LIMIT {_SEED_CLAIMS}) AS first"
        )

    def sql(self, statement: str, **values: Any) -> Any:
        """Return the first value of a statement, if there is one."""
        with psycopg.connect(self.settings.database_url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None

    def multiply(self, events: int) -> int:
        """Add at least so many events, in transactions of some thousands; return how many."""
        added = 0
        with psycopg.connect(self.settings.database_url) as connection:
            connection.execute("SET session_replication_role = replica")
            while added < events:
                values = {"seeds": self.seeds, "salt": uuid.uuid4().hex}
                added += connection.execute(_COPY.encode(), values).rowcount
                connection.commit()
        self.sql("VACUUM (ANALYZE) claimflow.claim_event")
        return added

    def progress(self, views: Sequence[str]) -> int:
        """Return the position up to which everything is searchable."""
        answer = self.client.options(ignore_status=(404, 503)).mget(
            index=f"{PREFIX}claimflow-progress", ids=views
        )
        found = [one.get("_source", {}) for one in answer.get("docs", [{}])]
        return min(int(one.get("lsn_number", 0)) for one in found)

    @contextmanager
    def worker(self, views: Sequence[str] = ("claims",)) -> Iterator[psutil.Process]:
        """Run a worker program."""
        child = subprocess.Popen(
            [sys.executable, "-m", "projections", "run"], cwd=ROOT,
            env={**self.env, "CLAIMFLOW_VIEWS": " ".join(views)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield psutil.Process(child.pid)
        finally:
            child.terminate()
            child.wait(30)

    def caught_up(
        self, worker: psutil.Process, views: Sequence[str] = ("claims",)
    ) -> tuple[float, float]:
        """Wait until all of the log is searchable; return seconds and the worker's peak in MB."""
        head = int(self.sql("SELECT pg_current_wal_flush_lsn() - '0/0'"))
        began, peak = time.perf_counter(), 0.0
        while self.progress(views) < head:
            peak = max(peak, worker.memory_info().rss / 2**20)
            time.sleep(0.1)
        return time.perf_counter() - began, peak


@contextmanager
def still(pid_file: Path) -> Iterator[None]:
    """Keep a process from running."""
    process = psutil.Process(int(pid_file.read_text()))
    every = [process, *process.children(recursive=True)]
    for one in every:
        one.suspend()
    try:
        yield
    finally:
        for one in every:
            one.resume()


async def bare_bulk(place: Place) -> float:
    """Write the same documents, ready as bytes, with versions, into an index like theirs."""
    client = open_client(place.settings.elasticsearch_url)
    try:
        elastic = Elastic(client)
        kit = Kit.of(
            WorkerSettings.from_environ({**place.env, "CLAIMFLOW_INDEX_PREFIX": "bare-"}),
            place.view,
            elastic,
        )
        writes = [one async for one in _documents(elastic)]
        generation = kit.generations.named(1)
        await kit.generations.create(generation)
        bulk = BulkWriter(elastic, bytes_max=place.settings.bulk_bytes_max)
        began = time.perf_counter()
        await bulk.write(generation, writes)
        await kit.generations.refresh(generation)
        seconds = time.perf_counter() - began
        await kit.generations.delete([generation.index, generation.quarantine])
        return len(writes) / seconds
    finally:
        await client.close()


async def _documents(elastic: Elastic) -> AsyncIterator[Write]:
    _, point = await elastic.send("POST", f"/{PREFIX}claims/_pit?keep_alive=5m")
    body: dict[str, Any] = {"size": 2000, "pit": {"id": point["id"]}, "sort": ["_shard_doc"]}
    while True:
        _, answer = await elastic.send("POST", "/_search", body)
        hits = answer["hits"]["hits"]
        for hit in hits:
            source = hit["_source"]
            yield Write(hit["_id"], source["version"], orjson.dumps(source))
        if len(hits) < 2000:
            return
        body["search_after"] = hits[-1]["sort"]


async def catch_up(place: Place, events: int) -> None:
    """Compare catching up, and a rebuild, with the bare `_bulk`."""
    with place.worker() as worker:
        await asyncio.to_thread(place.caught_up, worker)
    before = place.client.count(index=f"{PREFIX}claims")["count"]
    added = await asyncio.to_thread(place.multiply, events)
    with place.worker() as worker:
        seconds, peak = await asyncio.to_thread(place.caught_up, worker)
        documents = place.client.count(index=f"{PREFIX}claims")["count"]
        bare = await bare_bulk(place)
        rate = (documents - before) / seconds
        print(
            f"catch-up of {added} events: {documents - before} documents in {seconds:.1f} s,"
            f" {rate:.0f}/s, {rate / bare:.2f} of a bare _bulk ({bare:.0f}/s); target 0.70;"
            f" worker at most {peak:.0f} MB"
        )
        began = time.perf_counter()
        words = [sys.executable, "-m", "projections", "rebuild", "claims"]
        await asyncio.to_thread(
            subprocess.run, words, cwd=ROOT, env=place.env, check=True, stdout=subprocess.DEVNULL
        )
        rate = documents / (time.perf_counter() - began)
    print(
        f"rebuild of {documents} documents, proof and handover included: {rate:.0f}/s,"
        f" {rate / bare:.2f} of the bare _bulk; target 0.70"
    )


async def backlog(place: Place, events: int) -> None:
    """Let a worker of all views find a backlog."""
    views = list(all_views(read_key(place.settings.index_key_file)))
    with place.worker(views) as worker:
        await asyncio.to_thread(place.caught_up, worker, views)
    added = await asyncio.to_thread(place.multiply, events)
    with place.worker(views) as worker:
        seconds, peak = await asyncio.to_thread(place.caught_up, worker, views)
    print(
        f"a backlog of {added} events for {len(views)} views: gone in {seconds:.0f} s;"
        f" worker at most {peak:.0f} MB, target 300"
    )


async def pairs(
    env: dict[str, str], documents: Iterator[document_pb2.ClaimDocument], count: int
) -> None:
    """Search with the token of each command, while the worker is held up again and again."""
    stale = lagging = 0
    async with _channels(env) as (command, query):
        submit = load.submitter(command, documents, env["CLAIMFLOW_TOKEN"])
        queries = query_service_pb2_grpc.QueryServiceStub(query)
        metadata = load.bearer(env["CLAIMFLOW_TOKEN"])

        async def pair() -> None:
            nonlocal stale, lagging
            reply = await submit()
            assert isinstance(reply, command_service_pb2.SubmitClaimResponse)
            fresh = common_pb2.Consistency.AtLeastAsFresh(token=reply.receipt.consistency_token)
            try:
                found = await queries.SearchClaims(
                    query_service_pb2.SearchClaimsRequest(
                        filter=f'claim_number="{reply.claim.claim_number}"',
                        consistency=common_pb2.Consistency(at_least_as_fresh=fresh),
                    ),
                    metadata=metadata,
                    timeout=30,
                )
                stale += len(found.claims) != 1
            except grpc.aio.AioRpcError as error:
                assert error.code() is grpc.StatusCode.UNAVAILABLE, error.code()
                lagging += 1

        holding = asyncio.create_task(_hold_up(Path(env["CLAIMFLOW_HOME"]) / "run" / "worker.pid"))
        try:
            rate = await load.closed_loop(count, 32, pair)
        finally:
            holding.cancel()
            await asyncio.gather(holding, return_exceptions=True)
    print(
        f"{count} commands each followed by a search with its token, the worker held up at random:"
        f" {stale} stale, {lagging} told PROJECTION_LAGGING, p50 {rate.p50_ms:.0f} ms,"
        f" p99 {rate.p99_ms:.0f} ms"
    )


async def _hold_up(pid_file: Path) -> None:
    rng = random.Random(7)
    while True:
        await asyncio.sleep(rng.uniform(0.1, 0.5))
        with still(pid_file):
            await asyncio.sleep(rng.uniform(0.05, 0.8))


async def outage(
    env: dict[str, str], documents: Iterator[document_pb2.ClaimDocument], seconds: float
) -> None:
    """Compare commands with and without Elasticsearch, and time how long the backlog takes."""
    home = Path(env["CLAIMFLOW_HOME"])
    async with _channels(env) as (command, query):
        submit = load.submitter(command, documents, env["CLAIMFLOW_TOKEN"])
        before = await _open_load(submit, min(seconds, 60.0))
        with still(home / "run" / "elasticsearch.pid"):
            during = await _open_load(submit, seconds)
        began = time.perf_counter()
        queries = query_service_pb2_grpc.QueryServiceStub(query)
        while await _lag(queries, load.bearer(env["CLAIMFLOW_TOKEN"])):
            await asyncio.sleep(0.2)
        drained = time.perf_counter() - began
    print(
        f"Elasticsearch silent for {seconds:.0f} s at {_RATE:.0f} commands/s:"
        f" {during[2]} of {during[3]} commands failed (before {before[2]} of {before[3]}),"
        f" p50 {during[0]:.1f} ms (before {before[0]:.1f}), p99 {during[1]:.1f} ms"
        f" (before {before[1]:.1f}); backlog gone {drained:.1f} s after it is back"
    )


async def _open_load(submit: Any, seconds: float) -> tuple[float, float, int, int]:
    latencies: list[float] = []
    failed = 0

    async def one(due: float) -> None:
        nonlocal failed
        try:
            await submit()
        except grpc.aio.AioRpcError:
            failed += 1
        latencies.append(time.perf_counter() - due)

    began, tasks = time.perf_counter(), []
    for number in range(int(_RATE * seconds)):
        due = began + number / _RATE
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(one(due)))
    await asyncio.gather(*tasks)
    return (*load.percentiles(latencies), failed, len(tasks))


async def _lag(queries: Any, metadata: load.Metadata) -> int:
    try:
        status = await queries.GetProjectionStatus(
            query_service_pb2.GetProjectionStatusRequest(), metadata=metadata, timeout=30
        )
    except grpc.aio.AioRpcError:
        return 1
    return int(max(one.lag_bytes for one in status.projections))


@asynccontextmanager
async def _channels(
    env: dict[str, str],
) -> AsyncIterator[tuple[grpc.aio.Channel, grpc.aio.Channel]]:
    async with (
        grpc.aio.insecure_channel(env["CLAIMFLOW_COMMAND_ADDR"]) as command,
        grpc.aio.insecure_channel(env["CLAIMFLOW_QUERY_ADDR"]) as query,
    ):
        yield command, query


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--backlog", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--outage", type=float, default=300.0)
    options = parser.parse_args()
    needed = _SEED_CLAIMS + options.pairs + int(_RATE * (options.outage + 60)) + 100
    documents = iter(list(generate(needed, seed=11)))
    with running_system() as env:
        async with _channels(env) as (command, _):
            seed = list(islice(documents, _SEED_CLAIMS))
            await load.ingest(command, seed, env["CLAIMFLOW_TOKEN"], 200)
        if options.pairs:
            await pairs(env, documents, options.pairs)
        if options.outage:
            await outage(env, documents, options.outage)
        if options.events or options.backlog:
            with still(Path(env["CLAIMFLOW_HOME"]) / "run" / "worker.pid"):
                place = Place(env)
                if options.events:
                    await catch_up(place, options.events)
                if options.backlog:
                    await backlog(place, options.backlog)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    uvloop.run(main())
