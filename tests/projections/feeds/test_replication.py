"""The contract on the replication protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from projections import replication
from projections.feed import FeedLost, FeedUnavailable, Position
from projections.replication import PostgresFeed
from tests.projections.feeds.contract import FeedContract
from tests.projections.feeds.rig import reading, until
from tests.projections.feeds.store import PUBLICATION, Store

EPOCH = UUID(int=1)


class ReplicationRig:
    """A slot read by the replication protocol."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @property
    def start(self) -> Position:
        return self.store.start

    @asynccontextmanager
    async def feed(self, start: Position) -> AsyncIterator[PostgresFeed]:
        connection = await replication.connect(self.store.url)
        try:
            identity, _ = await replication.identify(connection, EPOCH)
        except BaseException:
            await connection.close()
            raise
        feed = PostgresFeed(
            connection, identity, slot=self.store.slot, publication=PUBLICATION, start=start,
            status_s=0.05,
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


class TestReplication(FeedContract):
    @pytest.fixture
    def rig(self, fresh_database: str) -> ReplicationRig:
        return ReplicationRig(Store(fresh_database))


async def test_a_lost_connection_is_an_unavailable_source(fresh_database: str) -> None:
    rig = ReplicationRig(Store(fresh_database))
    async with reading(rig) as feed:
        await until(feed, rig.store.head())
        rig.store.sql(
            "SELECT count(pg_terminate_backend(active_pid, 5000)) FROM pg_replication_slots"
            " WHERE slot_name = %s",
            rig.store.slot,
        )
        with pytest.raises(FeedUnavailable):
            await until(feed, rig.store.head() + 1)


async def test_a_slot_that_is_not_there_is_a_lost_feed(fresh_database: str) -> None:
    rig = ReplicationRig(Store(fresh_database))
    rig.store.slot += "_not"
    async with rig.feed(rig.start) as feed:
        with pytest.raises(FeedLost):
            await feed.start()
