"""Waiting for a real progress document that a worker moves."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import pytest
from elasticsearch import AsyncElasticsearch, Elasticsearch

from claimflow.v1 import errors_pb2
from server.platform.errors import Failure
from server.query.freshness import LAZY_SECONDS, POLL_SECONDS, Freshness, wait_seconds
from server.query.history import Snapshot
from server.query.index import Index, Progress
from server.query.requirement import check_not_ahead
from tests.server.query import sample

OTHER_EPOCH = UUID(int=99)


class View:
    """A view whose progress the test moves, as a worker does."""

    def __init__(self, client: Elasticsearch, prefix: str) -> None:
        self._client = client
        self.prefix = prefix

    async def at(self, lsn: int, epoch: UUID = sample.EPOCH) -> None:
        await asyncio.to_thread(sample.put_progress, self._client, self.prefix, lsn, epoch=epoch)


@pytest.fixture
def view(elasticsearch_url: str) -> Iterator[View]:
    prefix = f"test-{uuid.uuid4().hex}-"
    with Elasticsearch(elasticsearch_url) as client:
        yield View(client, prefix)
        client.indices.delete(index=f"{prefix}claimflow-progress", ignore_unavailable=True)


@pytest.fixture
async def index(elasticsearch_url: str, view: View) -> AsyncIterator[Index]:
    async with AsyncElasticsearch(elasticsearch_url) as client:
        yield Index(client, view.prefix)


class Counted:
    """Reads progress and counts how often."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self.reads = 0

    async def __call__(self) -> Progress:
        self.reads += 1
        return await self._index.progress()


async def unknown_epoch() -> UUID | None:
    return None


@pytest.fixture
async def reads(index: Index) -> Counted:
    return Counted(index)


@pytest.fixture
async def freshness(reads: Counted) -> AsyncIterator[Freshness]:
    freshness = Freshness(reads, unknown_epoch)
    yield freshness
    await freshness.close()


async def reason_of(waiting: object) -> int:
    with pytest.raises(Failure) as refused:
        await waiting  # type: ignore[misc]
    return refused.value.reason


async def test_a_view_that_never_wrote_is_unavailable(freshness: Freshness) -> None:
    assert await reason_of(freshness.latest()) == errors_pb2.ERROR_REASON_INDEX_UNAVAILABLE


async def test_progress_is_read_lazily(view: View, reads: Counted) -> None:
    now = [0.0]
    freshness = Freshness(reads, unknown_epoch, clock=lambda: now[0])
    await view.at(100)
    for _ in range(20):
        assert (await freshness.latest()).lsn == 100
    assert reads.reads == 1
    now[0] = LAZY_SECONDS
    await freshness.latest()
    assert reads.reads == 2


async def test_what_is_reached_is_not_waited_for(view: View, freshness: Freshness) -> None:
    await view.at(100)
    assert (await freshness.reach(sample.EPOCH, 100, 0.0)).lsn == 100


async def test_all_who_wait_are_woken_by_one_poll(
    view: View, reads: Counted, freshness: Freshness
) -> None:
    await view.at(100)
    await freshness.latest()
    waiting = [
        asyncio.create_task(freshness.reach(sample.EPOCH, 101 + place % 5, 10.0))
        for place in range(50)
    ]
    await asyncio.sleep(0.05)
    assert not any(task.done() for task in waiting)
    await view.at(103)
    await view.at(200)
    reached = await asyncio.gather(*waiting)
    assert all(progress.lsn >= 101 for progress in reached)
    assert reads.reads < 50 * 3
    done = reads.reads
    await asyncio.sleep(0.1)
    assert reads.reads == done  # nobody waits, nobody asks


async def test_who_watches_is_woken_by_a_move_and_by_nothing_else(
    view: View, freshness: Freshness
) -> None:
    await view.at(100)
    assert await freshness.changed_after(sample.EPOCH, 100, 0.1) is None
    at_once = await freshness.changed_after(sample.EPOCH, 99, 0.0)
    assert at_once is not None
    assert at_once.lsn == 100
    watching = asyncio.create_task(freshness.changed_after(sample.EPOCH, 100, 10.0))
    await asyncio.sleep(0.1)
    await view.at(101)
    moved = await watching
    assert moved is not None
    assert moved.lsn == 101


async def test_who_watches_hears_of_another_store(view: View, freshness: Freshness) -> None:
    await view.at(100)
    watching = asyncio.create_task(freshness.changed_after(sample.EPOCH, 100, 10.0))
    await asyncio.sleep(0.1)
    await view.at(50, OTHER_EPOCH)
    progress = await watching
    assert progress is not None
    assert progress.epoch == OTHER_EPOCH


async def test_who_wants_an_answer_does_not_wait_for_those_who_watch(
    view: View, reads: Counted, freshness: Freshness
) -> None:
    await view.at(100)
    began = time.monotonic()
    watching = asyncio.create_task(freshness.changed_after(sample.EPOCH, 500, 10.0))
    await asyncio.sleep(0.5)
    # Far fewer than if somebody waited for an answer.
    assert reads.reads < (time.monotonic() - began) / POLL_SECONDS / 2
    answer = asyncio.create_task(freshness.reach(sample.EPOCH, 101, 10.0))
    await view.at(101)
    assert (await answer).lsn == 101
    assert not watching.done()
    watching.cancel()


async def test_who_waits_too_long_is_told_the_lag(view: View, freshness: Freshness) -> None:
    await view.at(100)
    with pytest.raises(Failure) as refused:
        await freshness.reach(sample.EPOCH, 101, 0.05)
    assert refused.value.reason == errors_pb2.ERROR_REASON_PROJECTION_LAGGING
    assert float(refused.value.metadata["lag_seconds"]) >= 0
    assert refused.value.retry_after_s


async def test_a_token_of_another_store_is_refused(view: View, freshness: Freshness) -> None:
    await view.at(100)
    waiting = freshness.reach(OTHER_EPOCH, 1, 5.0)
    assert await reason_of(waiting) == errors_pb2.ERROR_REASON_TOKEN_EPOCH_MISMATCH


async def test_a_store_that_changes_while_waiting_is_noticed(
    view: View, freshness: Freshness
) -> None:
    await view.at(100)
    await freshness.latest()
    waiting = asyncio.create_task(freshness.reach(sample.EPOCH, 200, 10.0))
    await asyncio.sleep(0.05)
    await view.at(900, OTHER_EPOCH)
    assert await reason_of(waiting) == errors_pb2.ERROR_REASON_TOKEN_EPOCH_MISMATCH


async def test_an_index_that_goes_away_fails_those_who_wait(
    view: View, index: Index, freshness: Freshness
) -> None:
    await view.at(100)
    await freshness.latest()
    waiting = asyncio.create_task(freshness.reach(sample.EPOCH, 200, 10.0))
    await asyncio.sleep(0.05)
    index.progress_index = "no-such-index"
    assert await reason_of(waiting) == errors_pb2.ERROR_REASON_INDEX_UNAVAILABLE


async def test_f48_a_view_of_another_store_than_the_database_is_an_error(
    view: View, index: Index
) -> None:
    async def database() -> UUID | None:
        return OTHER_EPOCH

    await view.at(100)
    freshness = Freshness(index.progress, database)
    assert await reason_of(freshness.latest()) == errors_pb2.ERROR_REASON_INDEX_UNAVAILABLE
    await freshness.close()


async def test_f48_a_view_ahead_of_the_log_is_an_error(view: View, index: Index) -> None:
    await view.at(100)
    progress = await index.progress()
    check_not_ahead(progress, Snapshot(sample.EPOCH, 100, progress.as_of))
    for epoch, lsn in ((sample.EPOCH, 99), (OTHER_EPOCH, 100)):
        with pytest.raises(Failure) as refused:
            check_not_ahead(progress, Snapshot(epoch, lsn, progress.as_of))
        assert refused.value.reason == errors_pb2.ERROR_REASON_INDEX_UNAVAILABLE


@pytest.mark.parametrize(
    ("max_wait", "remaining", "seconds"),
    [(None, 60.0, 10.0), (2.0, 60.0, 2.0), (60.0, 60.0, 10.0), (5.0, 1.1, 1.0)],
)
def test_nobody_waits_beyond_the_deadline(
    max_wait: float | None, remaining: float, seconds: float
) -> None:
    assert wait_seconds(max_wait, remaining) == pytest.approx(seconds)
