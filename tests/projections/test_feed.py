"""The log of the event table as a feed; what any source must do stands in feeds/contract.py."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import pytest
from elasticsearch import AsyncElasticsearch

from projections import replication
from projections.elastic import Elastic
from projections.feed import Identity, Transaction
from projections.progress import FOLLOWING, Progress, ProgressStore, Superseded
from projections.replication import PostgresFeed
from tests.projections import scribe
from tests.projections.conftest import Place


@asynccontextmanager
async def reading(place: Place, start: int) -> AsyncIterator[PostgresFeed]:
    connection = await replication.connect(place.database)
    identity, _ = await replication.identify(connection, UUID(int=1))
    feed = PostgresFeed(
        connection, identity, slot=place.slot_name, publication="claimflow", start=start,
        status_s=0.05,
    )  # fmt: skip
    try:
        await feed.start()
        yield feed
    finally:
        await feed.close()


async def create(place: Place) -> int:
    connection = await replication.connect(place.database)
    made = await replication.create_slot(connection, place.slot_name)
    await connection.close()
    return made.position


async def until(feed: PostgresFeed, position: int) -> list[Transaction]:
    """Read on until the feed has reached a position."""
    found = []
    async with asyncio.timeout(20):
        async for item in feed.transactions():
            if isinstance(item, Transaction):
                found.append(item)
            if item.position >= position:
                return found
    raise AssertionError("a feed does not end")


async def test_events_come_as_they_are_stored(place: Place) -> None:
    start = await create(place)
    told = scribe.Told()
    told.worked_on()
    place.write(told.rows)
    async with reading(place, start) as feed:
        found = await until(feed, place.head())
    assert [row.values for one in found for row in one.rows] == told.rows
    assert {row.table for one in found for row in one.rows} == {"claimflow.claim_event"}


async def test_progress_is_written_by_one_worker_only(place: Place) -> None:
    async with AsyncElasticsearch(place.settings.elasticsearch_url) as client:
        old, new = (
            ProgressStore(Elastic(client), "claims", prefix=place.settings.index_prefix, replicas=0)
            for _ in range(2)
        )
        await old.prepare()
        await new.prepare()
        progress = Progress(
            identity=Identity(UUID(int=1), "1", 1), position=5, generation=1, index="x",
            phase=FOLLOWING, as_of=datetime.now(UTC),
        )  # fmt: skip
        assert await old.read() is None
        await old.write(progress)
        assert await new.read() == progress
        await new.write(progress)
        with pytest.raises(Superseded):
            await old.write(progress)
