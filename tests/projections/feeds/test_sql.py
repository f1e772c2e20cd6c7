"""The contract on logical decoding through SQL, and what only this source can meet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from projections import replication
from projections.feed import FeedLost, FeedTaken, FeedUnavailable, Position
from projections.sources import sql
from projections.sources.sql import SqlFeed
from tests.projections.feeds.contract import FeedContract
from tests.projections.feeds.rig import ids, reading, until
from tests.projections.feeds.store import PUBLICATION, Store
from tests.projections.feeds.test_replication import ReplicationRig

EPOCH = UUID(int=1)


class SqlRig:
    """A slot read through SQL."""

    def __init__(self, url: str, window: int = 4) -> None:
        self.store = Store(url)
        self.window = window

    @property
    def start(self) -> Position:
        return self.store.start

    @asynccontextmanager
    async def feed(self, start: Position) -> AsyncIterator[SqlFeed]:
        connection = await sql.connect(self.store.url)
        try:
            identity, _ = await sql.identify(connection, EPOCH)
        except BaseException:
            await connection.close()
            raise
        feed = SqlFeed(
            connection, identity, slot=self.store.slot, publication=PUBLICATION, start=start,
            pause_s=0.02, window=self.window,
        )  # fmt: skip
        try:
            yield feed
        finally:
            await feed.close()

    def confirmed(self) -> Position:
        return self.store.confirmed()

    async def forget(self) -> None:
        self.store.advance()

    def held(self) -> int:
        return self.store.readers()


class TestSqlInSmallWindows(FeedContract):
    @pytest.fixture
    def rig(self, fresh_database: str) -> SqlRig:
        return SqlRig(fresh_database)


@pytest.fixture
def rig(fresh_database: str) -> SqlRig:
    return SqlRig(fresh_database, window=4096)


async def test_what_waits_for_its_confirmation_does_not_fill_the_window(rig: SqlRig) -> None:
    expected = [number for _ in range(40) for number in rig.store.write(300)]
    async with reading(rig) as feed:
        assert ids(await until(feed, rig.store.head())) == expected


async def test_a_slot_that_somebody_else_moved_is_lost(rig: SqlRig) -> None:
    async with reading(rig) as feed:
        await until(feed, rig.store.head())
        rig.store.write()
        rig.store.advance()
        with pytest.raises(FeedLost):
            await until(feed, rig.store.head())


async def test_readers_of_either_way_exclude_each_other(rig: SqlRig) -> None:
    other = ReplicationRig(rig.store)
    rig.store.write()
    async with reading(other), rig.feed(rig.start) as feed:
        with pytest.raises(FeedTaken):
            await feed.start()
    async with reading(rig) as feed, reading(other):
        with pytest.raises(FeedTaken):
            await until(feed, rig.store.head())


async def test_a_session_exchanged_by_a_pooler_is_noticed(rig: SqlRig) -> None:
    async with reading(rig) as feed:
        other = await sql.connect(rig.store.url)
        try:
            feed._connection, mine = other, feed._connection  # type: ignore[attr-defined]
            with pytest.raises(FeedUnavailable):
                await until(feed, rig.store.head())
            feed._connection = mine  # type: ignore[attr-defined]
        finally:
            await other.close()


async def test_it_names_the_log_as_the_protocol_does(rig: SqlRig) -> None:
    async with (
        await sql.connect(rig.store.url) as one,
        await replication.connect(rig.store.url) as two,
    ):
        identity, head = await sql.identify(one, EPOCH)
        other, later = await replication.identify(two, EPOCH)
    assert identity == other
    assert head <= later


async def test_a_new_slot_and_its_snapshot_leave_nothing_out(rig: SqlRig) -> None:
    rig.store.slot += "_2"
    stop = asyncio.Event()
    written: list[int] = []

    def work() -> None:
        while not stop.is_set():
            written.extend(rig.store.write())

    writing = asyncio.create_task(asyncio.to_thread(work))
    async with await sql.connect(rig.store.url) as connection:
        await asyncio.sleep(0.05)
        held = rig.store.ids(1)
        with rig.store.held_open(held) as open_one:
            making = asyncio.create_task(sql.create_slot(connection, rig.store.slot))
            await asyncio.sleep(0.2)
            assert not making.done()
            open_one.commit()
        slot = await making
        await asyncio.sleep(0.05)
        stop.set()
        await writing
        with rig.store.connect() as reader:
            reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            reader.execute(f"SET TRANSACTION SNAPSHOT '{slot.snapshot}'".encode())
            seen = {row[0] for row in reader.execute("SELECT id FROM books.event")}
    assert set(held) <= seen < {*written, *held}
    async with reading(rig, slot.position) as feed:
        came = set(ids(await until(feed, rig.store.head())))
    assert seen | came == {*written, *held}
