"""The contract on the replication protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from projections import replication
from projections.feed import Position
from projections.replication import PostgresFeed
from tests.projections.feeds.contract import FeedContract
from tests.projections.feeds.store import PUBLICATION, Store

EPOCH = UUID(int=1)


class ReplicationRig:
    """A slot read by the replication protocol."""

    def __init__(self, url: str) -> None:
        self.store = Store(url)

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
        return ReplicationRig(fresh_database)
