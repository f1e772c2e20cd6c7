"""What any source of the change feed must do; each source runs all of it on a rig of its own.

The rigs write to a real Postgres. A test says what is written there, and what the feed must make of
it, however its source comes by the log.
"""

from __future__ import annotations

import asyncio
import gc
import random
import time
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest

from projections.feed import Advance, FeedLost, FeedTaken
from tests.projections.feeds.rig import (
    MEGABYTE,
    PATIENCE_S,
    Rig,
    cut,
    ends,
    eventually_free,
    ids,
    is_part,
    reading,
    resident_bytes,
    transactions,
    until,
)
from tests.projections.feeds.store import insert


class FeedContract:
    """The tests; a class of a source derives from this and has a fixture `rig`."""

    async def test_order_is_that_of_commits_not_of_beginnings(self, rig: Rig) -> None:
        slow = rig.store.ids(2)
        with rig.store.held_open(slow) as connection:
            quick = rig.store.write(2)
            connection.commit()
        last = rig.store.write()
        async with reading(rig) as feed:
            found = await until(feed, rig.store.head())
        assert ids(found) == [*quick, *slow, *last]

    async def test_an_open_transaction_holds_nobody_back(self, rig: Rig) -> None:
        held = rig.store.ids(1)
        async with reading(rig) as feed:
            with rig.store.held_open(held) as connection:
                others = rig.store.write(3)
                before = await until(feed, rig.store.head())
                connection.commit()
            after = await until(feed, rig.store.head())
        assert ids(before) == others
        assert ids(after) == held

    async def test_what_was_rolled_back_never_comes(self, rig: Rig) -> None:
        undone, partly, kept = rig.store.ids(2), rig.store.ids(2), rig.store.ids(2)
        with rig.store.held_open(undone):
            pass
        with rig.store.connect() as connection:
            insert(connection, kept[:1])
            connection.execute("SAVEPOINT one")
            insert(connection, partly[:1])
            connection.execute("ROLLBACK TO one")
            connection.execute("SAVEPOINT two")
            insert(connection, kept[1:])
            connection.execute("RELEASE two")
            connection.execute("SAVEPOINT three")
            insert(connection, partly[1:])
            connection.execute("ROLLBACK TO three")
        async with reading(rig) as feed:
            found = await until(feed, rig.store.head())
        assert ids(found) == kept
        assert len(ends(found)) == 1

    async def test_a_large_transaction_comes_in_parts(self, rig: Rig) -> None:
        large, small = rig.store.ids(8_000), rig.store.ids(1)
        with rig.store.connect() as connection:
            insert(connection, large[:4_000], "y" * 1_000)
            with rig.store.connect() as other:
                insert(other, small)
            insert(connection, large[4_000:], "y" * 1_000)
        last = rig.store.write()
        async with reading(rig) as feed:
            found = await until(feed, rig.store.head())
        assert ids(found) == [*small, *large, *last]
        parts = [one for one in transactions(found) if one.rows][1:-1]
        assert len(parts) > 2
        assert [one.complete for one in parts] == [False] * (len(parts) - 1) + [True]
        assert all(one.size_bytes < 3 * MEGABYTE for one in parts)
        assert {one.commit_time for one in parts} == {parts[0].commit_time}
        at = [found.index(one) for one in parts]
        assert at == list(range(at[0], at[0] + len(parts))), "nothing comes in between"
        before = ends(found)[0].position
        assert before <= parts[0].position <= parts[-2].position < parts[-1].position

    async def test_transactions_without_rows_move_the_feed_too(self, rig: Rig) -> None:
        for _ in range(3):
            rig.store.sql("INSERT INTO books.unpublished VALUES (1)")
        async with reading(rig) as feed:
            found = await until(feed, rig.store.head())
        assert ids(found) == []
        assert found[-1].position > rig.start

    async def test_rows_of_two_tables_come_as_they_were_written(self, rig: Rig) -> None:
        with rig.store.connect() as connection:
            for number in range(3):
                connection.execute("INSERT INTO books.event (id) VALUES (%s)", (number,))
                connection.execute("INSERT INTO books.note VALUES (%s, 'n')", (number,))
        async with reading(rig) as feed:
            (one,) = ends(await until(feed, rig.store.head()))
        assert [(row.table, row.values["id"]) for row in one.rows] == [
            (table, number) for number in range(3) for table in ("books.event", "books.note")
        ]

    async def test_values_are_those_that_sql_shows(self, rig: Rig) -> None:
        rows: list[dict[str, Any]] = [
            {
                "tenant": uuid4(), "flag": True, "small": -32_768, "amount": 2_147_483_647,
                "price": Decimal("-12345678.0900"), "price_text": "10.10", "name": "Ωmega",
                "body": "žluťoučký \u0007 \u2028 🂡 \\ \"x\"\n", "sealed": bytes(range(256)),
                "day": date(1912, 2, 29),
                "at": datetime(2026, 3, 4, 5, 6, 7, 123_457, timezone(timedelta(hours=-7))),
            },
            {
                "tenant": None, "flag": None, "small": None, "amount": None, "price": None,
                "price_text": None, "name": None, "body": None, "sealed": None, "day": None,
                "at": None,
            },
            {
                "flag": False, "price": Decimal("10000.0001"), "name": "", "body": "",
                "sealed": b"", "at": datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC),
            },
            {"price": Decimal(0), "body": "é" * (MEGABYTE // 2), "sealed": b"\0" * MEGABYTE},
        ]  # fmt: skip
        numbers = rig.store.ids(len(rows))
        with rig.store.connect() as connection:
            for number, row in zip(numbers, rows, strict=True):
                names = ", ".join(["id", *row])
                marks = ", ".join(["%s"] * (len(row) + 1))
                connection.execute(
                    f"INSERT INTO books.event ({names}) VALUES ({marks})".encode(),
                    (number, *row.values()),
                )
        async with reading(rig) as feed:
            found = await until(feed, rig.store.head())
        came = [row.values for one in transactions(found) for row in one.rows]
        stored = rig.store.rows(numbers)
        assert came == stored
        assert [str(row["price"]) for row in came] == [str(row["price"]) for row in stored]
        assert [{k: type(v) for k, v in row.items() if v is not None} for row in came[:1]] == [
            {k: type(v) for k, v in row.items()} for row in stored[:1]
        ]
        assert came[0]["at"].utcoffset() == timedelta(0)

    async def test_what_was_confirmed_need_not_come_again(self, rig: Rig) -> None:
        rig.store.write(2)
        async with reading(rig) as feed:
            (one,) = ends(await until(feed, rig.store.head()))
            feed.confirm(one.position)
        assert rig.confirmed() == one.position
        later = rig.store.write()
        async with reading(rig, one.position) as feed:
            assert ids(await until(feed, rig.store.head())) == later

    async def test_from_any_end_the_rest_comes_and_nothing_else(self, rig: Rig) -> None:
        for count in (1, 3, 2):
            rig.store.write(count)
            rig.store.sql("INSERT INTO books.unpublished VALUES (1)")
        async with reading(rig) as feed:
            first = await until(feed, rig.store.head())
        done: list[int] = []
        for item in first:
            if is_part(item):
                continue
            done += ids([item])
            async with reading(rig, item.position) as feed:
                rest = await until(feed, first[-1].position)
            assert done + ids(rest) == ids(first)

    async def test_what_was_not_confirmed_is_kept_whatever_was_read(self, rig: Rig) -> None:
        expected = [number for _ in range(3) for number in rig.store.write(2)]
        async with reading(rig) as feed:
            await until(feed, rig.store.head())
            for _ in range(3):  # words that nothing more happened, past the last transaction
                rig.store.sql("SELECT pg_logical_emit_message(false, 'x', 'x', true)")
                await until(feed, rig.store.head())
        assert rig.confirmed() <= rig.start
        async with reading(rig) as feed:
            again = await until(feed, rig.store.head())
            assert ids(again) == expected
            first = ends(again)[0].position
            feed.confirm(first)
            for _ in range(3):
                rig.store.sql("SELECT pg_logical_emit_message(false, 'x', 'x', true)")
                await until(feed, rig.store.head())
                assert rig.confirmed() <= first
        assert rig.confirmed() == first
        async with reading(rig, first) as feed:
            assert ids(await until(feed, rig.store.head())) == expected[2:]

    async def test_an_older_confirmation_takes_nothing_back(self, rig: Rig) -> None:
        rig.store.write()
        rig.store.write()
        async with reading(rig) as feed:
            one, two = ends(await until(feed, rig.store.head()))
            feed.confirm(two.position)
            feed.confirm(one.position)
        assert rig.confirmed() == two.position

    async def test_a_quiet_log_says_again_and_again_how_far_it_is(self, rig: Rig) -> None:
        async with reading(rig) as feed, asyncio.timeout(PATIENCE_S):
            items = feed.transactions()
            found = [await anext(items) for _ in range(4)]
        assert all(isinstance(one, Advance) for one in found)
        for earlier, later in pairwise(found):
            assert later.position >= earlier.position >= rig.start

    async def test_writers_at_once_are_all_heard_in_order(self, rig: Rig) -> None:
        rng = random.Random(5)
        plans = [[(rig.store.ids(2), rng.random() < 0.2) for _ in range(30)] for _ in range(4)]

        def work(plan: list[tuple[list[int], bool]]) -> None:
            with rig.store.connect() as connection:
                for mine, undone in plan:
                    insert(connection, mine[:1])
                    time.sleep(0.002)
                    insert(connection, mine[1:])
                    connection.rollback() if undone else connection.commit()

        async with reading(rig) as feed:
            writing = asyncio.gather(*(asyncio.to_thread(work, plan) for plan in plans))
            found = []
            while not writing.done():
                found += await until(feed, rig.store.head())
            await writing
            found += await until(feed, rig.store.head())
        came = ids(found)
        assert len(came) == len(set(came))
        for plan in plans:
            expected = [number for mine, undone in plan if not undone for number in mine]
            mine = {number for numbers, _ in plan for number in numbers}
            assert [number for number in came if number in mine] == expected
        for earlier, later in pairwise(found):
            if isinstance(later, Advance):
                assert later.position >= earlier.position
            else:
                assert later.position > earlier.position
        async with reading(rig) as feed:
            assert ids(await until(feed, found[-1].position)) == came

    async def test_commits_that_wait_for_no_flush_are_not_passed_by(self, rig: Rig) -> None:
        # Then the log is flushed by pages, and its flushed end lies within a record most times.
        async with reading(rig) as feed:
            writing = asyncio.create_task(asyncio.to_thread(rig.store.write_unflushed, 6_000))
            found = []
            while not writing.done():
                found += await until(feed, rig.store.head())
                feed.confirm(found[-1].position)
            expected = await writing
            found += await until(feed, rig.store.head())
        assert ids(found) == expected

    async def test_the_identity_is_the_same_after_a_restart(self, rig: Rig) -> None:
        async with reading(rig) as feed:
            first = feed.identity
        rig.store.write()
        async with reading(rig) as feed:
            assert feed.identity == first
        assert first.system_id

    async def test_it_can_start_from_the_earliest(self, rig: Rig) -> None:
        expected = rig.store.write()
        async with rig.feed(rig.start) as feed:
            earliest = await feed.earliest()
        assert earliest <= rig.start
        async with reading(rig, earliest) as feed:
            assert ids(await until(feed, rig.store.head())) == expected

    async def test_a_log_that_has_forgotten_our_start_is_lost(self, rig: Rig) -> None:
        rig.store.write()
        await rig.forget()
        async with rig.feed(rig.start) as feed:
            earliest = await feed.earliest()
            assert earliest > rig.start
            with pytest.raises(FeedLost):
                await feed.start()
        later = rig.store.write()
        async with reading(rig, earliest) as feed:
            assert ids(await until(feed, rig.store.head())) == later

    async def test_a_start_past_the_end_is_lost(self, rig: Rig) -> None:
        async with rig.feed(rig.store.head() + (1 << 40)) as feed:
            with pytest.raises(FeedLost):
                await feed.start()

    async def test_it_has_one_reader_at_a_time(self, rig: Rig) -> None:
        async with reading(rig) as feed:
            async with rig.feed(rig.start) as second:
                with pytest.raises(FeedTaken):
                    await second.start()
            expected = rig.store.write()
            assert ids(await until(feed, rig.store.head())) == expected
        async with reading(rig) as feed:
            assert ids(await until(feed, rig.store.head())) == expected

    async def test_it_closes_quickly_with_a_backlog_unread(self, rig: Rig) -> None:
        for _ in range(8):
            rig.store.write(1_000, "y" * 1_000)
        async with rig.feed(rig.start) as feed:
            await feed.start()
            items = feed.transactions()
            async with asyncio.timeout(PATIENCE_S):
                await anext(items)
            began = time.monotonic()
            await feed.close()
            assert time.monotonic() - began < 3.0
        await eventually_free(rig)
        async with reading(rig) as feed:
            assert len(ids(await until(feed, rig.store.head()))) == 8_000

    async def test_it_closes_without_having_been_started(self, rig: Rig) -> None:
        async with rig.feed(rig.start):
            pass
        await eventually_free(rig)

    async def test_cut_off_at_any_wait_it_leaves_nothing_behind(self, rig: Rig) -> None:
        expected = rig.store.write(3)
        head = rig.store.head()

        async def work() -> None:
            async with reading(rig) as feed:
                feed.confirm(rig.start)
                await until(feed, head)

        tasks = asyncio.all_tasks()
        after = 0
        while await cut(work(), after):
            await eventually_free(rig)
            assert asyncio.all_tasks() == tasks
            after += 1
        assert after > 1
        async with reading(rig) as feed:
            assert ids(await until(feed, head)) == expected

    async def test_what_is_not_asked_for_stays_in_the_log(self, rig: Rig) -> None:
        async with reading(rig) as feed:
            items = feed.transactions()
            async with asyncio.timeout(PATIENCE_S):
                await anext(items)
                for _ in range(64):
                    await asyncio.to_thread(rig.store.write, 1_000, "y" * 1_000)
                while not (first := await anext(items)).position > rig.start or is_part(first):
                    pass
                gc.collect()
                before = resident_bytes()
                await asyncio.sleep(1.0)
                assert resident_bytes() - before < 16 * MEGABYTE
            found = await until(feed, rig.store.head())
        assert len(ids([first, *found])) >= 63_000
