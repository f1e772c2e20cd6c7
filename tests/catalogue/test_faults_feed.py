"""A feed that nobody reads, that is far behind, quiet, or has a very large transaction in it."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from elasticsearch import AsyncElasticsearch

from server.command.migrate import migrate
from server.embedded.postgres import PrivatePostgres
from server.query.freshness import Freshness
from server.query.index import Index
from tests.catalogue.backlog import copy, measure, status
from tests.projections import scribe
from tests.projections.conftest import Place, eventually, worker
from tests.projections.proxy import proxy
from tests.server.command.support import asked, running, submission

MB = 1024 * 1024
# A mark of a megabyte in the log, which nobody who follows hears of.
FILL = "SELECT count(pg_logical_emit_message(false, 'x', repeat('x', 1048576)))"


CONFIRMED = "confirmed_flush_lsn - '0/0'::pg_lsn"


def fill(place: Place, megabytes: int) -> None:
    place.sql(f"{FILL} FROM generate_series(1, {megabytes})")


async def test_f24_without_a_consumer_commands_go_on_and_the_retained_log_is_told(
    place: Place,
) -> None:
    async with worker(place):
        await place.caught_up()
        followed, before = await status(place)
    async with running(place.database) as engine:
        await engine.submit(asked(submission()))
        fill(place, 4)
        done = await engine.submit(asked(submission()))
    alone, after = await status(place)

    assert (followed, before["followed"]) == (0, True)
    assert (alone, after["followed"], after["slot"]["active"]) == (1, False, False)
    assert done.lsn is not None
    assert after["slot"]["retained_bytes"] > before["slot"]["retained_bytes"] + 4 * MB
    assert after["lag_bytes"] > 4 * MB
    assert (after["slot"]["usable"], after["slot"]["wal_status"]) == (True, "reserved")
    async with worker(place):
        await place.caught_up()
        assert len(place.documents()) == 2


CAP_MB, SEGMENT_MB = 32, 16


@pytest.fixture
def capped(place: Place, tmp_path: Path) -> Iterator[Place]:
    """The same on a Postgres that keeps little of its log for slots."""
    settings = {
        "max_slot_wal_keep_size": f"{CAP_MB}MB",
        "min_wal_size": "32MB",
        "max_wal_size": "48MB",
        "shared_buffers": "16MB",
    }
    with PrivatePostgres(tmp_path / "capped", settings=settings) as server:
        migrate(server.url)
        yield replace(place, settings=replace(place.settings, database_url=server.url))


async def test_f24_f81_a_slot_that_the_cap_took_is_noticed_and_what_it_missed_is_made_good(
    capped: Place,
) -> None:
    told = scribe.many(6, seed=24)
    async with worker(capped):
        capped.write(*(one.rows[:2] for one in told))
        before = await capped.caught_up()
    capped.write(*(one.rows[2:] for one in told if one.rows[2:]))
    for _ in range(2 * (CAP_MB // SEGMENT_MB) + 2):
        fill(capped, SEGMENT_MB)
        capped.sql("CHECKPOINT")  # by which Postgres lets go of what lies behind the cap
    _, lost = await status(capped)
    kept = int(capped.sql("SELECT sum(size) FROM pg_ls_waldir()"))

    assert (lost["slot"]["usable"], lost["slot"]["wal_status"]) == (False, "lost")
    assert lost["lag_bytes"] > CAP_MB * MB, "never told as no lag"
    assert kept < (CAP_MB + 48 + 2 * SEGMENT_MB) * MB
    async with worker(capped):
        await eventually(lambda: (capped.progress() or before)["generation"] == 2)
        after = await capped.caught_up()
        capped.is_the_fold_of(told)
    assert after["lsn_number"] > before["lsn_number"]


async def test_f47_far_behind_memory_is_bounded_batches_are_large_and_the_lag_is_told(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scaled down: 3,000 events behind with an inbox of 64 KiB, for 10 million with 8 MiB."""
    inbox_max, events_max, claims = 64 * 1024, 400, 300
    told = scribe.Told()
    told.worked_on()
    events = len(told.rows) * claims
    async with worker(place):
        place.write(told.rows)
        await place.caught_up()
    copy(place, told, claims=claims, transactions=100)
    _, behind = await status(place)
    inboxes = measure(monkeypatch)
    bulks = 0

    def slow(method: str, path: str) -> str | None:
        nonlocal bulks
        bulks += path.endswith("_bulk")
        return "slow_0.02" if path.endswith("_bulk") else None

    async with proxy(place.settings.elasticsearch_url) as between:
        between.fault = slow
        async with worker(
            place,
            elasticsearch_url=between.url,
            inbox_bytes_max=inbox_max,
            batch_events_max=events_max,
        ):
            done = await place.caught_up(60)
        between.calm()

    assert behind["lag_bytes"] > 10 * inbox_max
    (inbox,) = inboxes
    assert sum(inbox.batches) == events
    assert inbox.most_bytes < inbox_max + inbox.largest_bytes
    assert max(inbox.batches) > events // 100, "transactions are written together"
    assert max(inbox.batches) <= events_max
    assert bulks < events // 10, "events of a claim are written as one document"
    assert done["events"] == behind["progress"]["events"] + events
    assert len(place.documents()) == claims + 1


async def test_f82_beside_a_busy_neighbour_a_quiet_database_keeps_up_with_the_log(
    place: Place, create_database: Callable[[], str]
) -> None:
    neighbour = create_database()
    stop = threading.Event()

    def write() -> None:
        with psycopg.connect(neighbour, autocommit=True) as connection:
            connection.execute("CREATE TABLE busy (body text)")
            while not stop.wait(0.01):
                connection.execute("INSERT INTO busy VALUES (repeat('x', 10000))")

    heartbeat_s = 1.0
    async with (
        worker(place, heartbeat_s=heartbeat_s),
        AsyncElasticsearch(place.settings.elasticsearch_url) as client,
    ):
        await place.caught_up()
        before = place.head()
        busy = asyncio.create_task(asyncio.to_thread(write))
        try:
            for _ in range(3):
                await asyncio.sleep(0.3)
                await waits_no_longer_than(place, client, heartbeat_s + 2.0)
            head = place.head()
            await eventually(lambda: place.slot(CONFIRMED) >= head, 10)
        finally:
            stop.set()
            await busy
    assert head > before
    assert place.sql("SELECT count(*) FROM claimflow.claim_event") == 0, "nothing but heartbeats"


async def waits_no_longer_than(place: Place, client: AsyncElasticsearch, seconds: float) -> None:
    """Wait as a search with a token does, for where the log ends now."""
    epoch = uuid.UUID(str(place.sql("SELECT epoch FROM claimflow.store")))

    async def known() -> uuid.UUID:
        return epoch

    freshness = Freshness(Index(client, place.settings.index_prefix).progress, known)
    head = place.head()
    try:
        reached = await freshness.reach(epoch, head, seconds)
    finally:
        await freshness.close()
    assert reached.lsn >= head


async def test_f83_a_very_large_transaction_comes_in_parts_and_counts_at_its_end_only(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scaled down: 20,000 events in one transaction, for a million."""
    told = scribe.Told()
    told.worked_on()
    claims = 20_000 // len(told.rows) + 1
    inboxes = measure(monkeypatch)
    seen: list[int] = []  # progress whenever something was written

    async def look(method: str, path: str) -> None:
        if path.endswith("_bulk"):
            progress = await asyncio.to_thread(place.progress)
            assert progress is not None
            seen.append(progress["lsn_number"])

    async with (
        proxy(place.settings.elasticsearch_url) as between,
        worker(
            place,
            elasticsearch_url=between.url,
            inbox_bytes_max=MB,
            batch_events_max=2000,
            bulk_bytes_max=512 * 1024,
            heartbeat_s=0.2,
        ),
    ):
        place.write(told.rows)
        await place.caught_up()
        between.after = look
        end = await asyncio.to_thread(copy, place, told, claims=claims)
        await place.caught_up(60)
        inbox = inboxes[-1]

    assert len(seen) > 3 and max(seen) < end
    assert inbox.largest_bytes < 2.1 * MB, "a part"
    assert inbox.most_bytes < MB + inbox.largest_bytes
    assert len(inbox.batches) > 3
    assert len(place.documents()) == claims + 1
