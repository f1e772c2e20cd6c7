"""What is read ahead of the folding is bounded, and says so."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from projections.feed import Advance, Row, Transaction
from projections.inbox import Inbox

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def transaction(position: int, rows: int, size_bytes: int, *, complete: bool = True) -> Transaction:
    """So many rows."""
    return Transaction(position, NOON, [Row("t", {})] * rows, size_bytes, complete)


async def test_a_full_inbox_lets_the_feed_wait_until_something_is_taken() -> None:
    inbox = Inbox(bytes_max=100)
    await inbox.put(transaction(1, 1, 60))
    assert not inbox.is_full
    await inbox.put(transaction(2, 1, 60))
    assert inbox.is_full
    third = asyncio.create_task(inbox.put(transaction(3, 1, 60)))
    await asyncio.sleep(0)
    assert not third.done()

    batch = inbox.take(events_max=10, bytes_max=60)

    assert [position for position, _ in batch.rows] == [1]
    assert batch.reached == (1, NOON)
    assert not inbox.is_full
    await third
    assert inbox.is_full


async def test_a_batch_ends_where_the_next_transaction_would_be_too_much() -> None:
    inbox = Inbox(bytes_max=1000)
    for position, rows in ((1, 3), (2, 3), (3, 30)):
        await inbox.put(transaction(position, rows, 10))
    sizes = []
    while inbox.has_rows:
        sizes.append(len(inbox.take(events_max=6, bytes_max=1000).rows))
    assert sizes == [6, 30]  # one that is larger than a batch comes alone


async def test_a_part_of_a_transaction_moves_no_progress_and_quiet_words_are_merged() -> None:
    inbox = Inbox(bytes_max=1000)
    await inbox.put(transaction(1, 2, 10, complete=False))
    assert inbox.take(events_max=10, bytes_max=1000).reached is None
    for position in (2, 3, 4):
        await inbox.put(Advance(position, NOON))
    assert not inbox.has_rows
    assert inbox.take(events_max=10, bytes_max=1000).reached == (4, NOON)
    assert inbox.is_empty
