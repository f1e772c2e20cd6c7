"""The log as a feed: order, keepalives, confirmation (reliability.md 0.2)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest
from elasticsearch import AsyncElasticsearch

from projections import replication
from projections.elastic import Elastic
from projections.feed import Advance, Identity, Transaction
from projections.progress import FOLLOWING, Progress, ProgressStore, Superseded
from projections.replication import PostgresFeed, SlotTaken
from tests.projections import scribe
from tests.projections.conftest import Place


@asynccontextmanager
async def reading(place: Place, start: int) -> AsyncIterator[PostgresFeed]:
    connection = await replication.connect(place.database)
    identity, _ = await replication.identify(connection, UUID(int=1))
    feed = PostgresFeed(
        connection, identity, slot=place.settings.slot, publication="claimflow", start=start,
        status_s=0.05,
    )  # fmt: skip
    try:
        await feed.start()
        yield feed
    finally:
        await feed.close()


async def create(place: Place) -> int:
    connection = await replication.connect(place.database)
    made = await replication.create_slot(connection, place.settings.slot)
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


async def test_rows_come_whole_and_in_commit_order(place: Place) -> None:
    start = await create(place)
    first, second = scribe.Told(), scribe.Told()
    first.submitted()
    second.submitted()
    with psycopg.connect(place.database) as slow:
        scribe.insert(slow, first.rows)  # begun first, committed last
        place.write(second.rows)
    async with reading(place, start) as feed:
        found = await until(feed, place.head())

    rows = [row.values for transaction in found for row in transaction.rows]
    assert rows == [*second.rows, *first.rows]
    assert {row.table for transaction in found for row in transaction.rows} == {
        "claimflow.claim_event"
    }
    positions = [transaction.position for transaction in found]
    assert positions == sorted(positions)


async def test_what_was_not_confirmed_comes_again_whatever_keepalives_said(place: Place) -> None:
    start = await create(place)
    told = scribe.Told()
    told.submitted()
    place.write(told.rows)
    async with reading(place, start) as feed:
        await until(feed, place.head())
        for _ in range(5):  # words that nothing more happened, past the transaction
            place.sql("SELECT pg_logical_emit_message(false, 'x', 'x', true)")
            await until(feed, place.head())
    assert int(place.slot("confirmed_flush_lsn - '0/0'")) == start
    async with reading(place, start) as feed:
        again = await until(feed, place.head())
    assert [row.values for one in again for row in one.rows] == told.rows


async def test_what_was_confirmed_does_not_come_again(place: Place) -> None:
    start = await create(place)
    told = scribe.Told()
    told.submitted()
    place.write(told.rows)
    async with reading(place, start) as feed:
        (transaction,) = await until(feed, place.head())
        feed.confirm(transaction.position)
    assert int(place.slot("confirmed_flush_lsn - '0/0'")) == transaction.position
    async with reading(place, transaction.position) as feed:
        assert await until(feed, place.head()) == []


async def test_a_quiet_log_says_how_far_it_is(place: Place) -> None:
    start = await create(place)
    async with reading(place, start) as feed, asyncio.timeout(20):
        items = feed.transactions()
        first, second = await anext(items), await anext(items)
    assert isinstance(first, Advance) and isinstance(second, Advance)
    assert second.position >= first.position >= start


async def test_a_slot_has_one_reader(place: Place) -> None:
    start = await create(place)
    async with reading(place, start):
        with pytest.raises(SlotTaken):
            async with reading(place, start):
                pass


async def test_rolled_back_rows_never_come(place: Place) -> None:
    start = await create(place)
    kept, undone = scribe.Told(), scribe.Told()
    kept.submitted()
    undone.submitted()
    with psycopg.connect(place.database) as connection:
        scribe.insert(connection, undone.rows)
        connection.rollback()
        scribe.insert(connection, kept.rows)
    async with reading(place, start) as feed:
        found = await until(feed, place.head())
    assert [row.values for one in found for row in one.rows] == kept.rows


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
