"""From committed events to searchable documents (P7, P8)."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter

import psycopg
import pytest

from server.claims.document import Payer
from tests.projections import scribe
from tests.projections.conftest import Place, eventually, worker
from tests.projections.proxy import proxy
from tests.server.claims.cast import note


async def test_what_was_committed_before_the_first_start_is_filled_in(place: Place) -> None:
    told = scribe.many(30)
    place.write(*(one.rows for one in told))

    async with worker(place):
        progress = await place.caught_up()

    place.is_the_fold_of(told)
    assert progress["index"] == place.first_index
    assert progress["quarantined"] == 0


async def test_what_is_committed_while_it_follows_becomes_searchable(place: Place) -> None:
    told = scribe.many(20)
    async with worker(place) as running:
        await place.caught_up()
        for one in told:
            place.write(one.rows[:2], one.rows[2:])
        await place.caught_up()
        place.is_the_fold_of(told)
    assert running.ended == []


async def test_w15_writers_side_by_side_with_rollbacks_and_savepoints_lose_nothing(
    place: Place,
) -> None:
    told = scribe.many(60, seed=2)
    parts = [told[start::6] for start in range(6)]

    def write(part: list[scribe.Told], seed: int) -> None:
        rng = random.Random(seed)
        with psycopg.connect(place.database) as connection:
            for one in part:
                middle = rng.randrange(1, len(one.rows) + 1)
                for rows in (one.rows[:middle], one.rows[middle:]):
                    if rng.random() < 0.3:
                        scribe.insert(connection, rows)
                        connection.rollback()
                    with connection.transaction():
                        connection.execute("SAVEPOINT undone")
                        scribe.insert(connection, rows)
                        connection.execute("ROLLBACK TO SAVEPOINT undone")
                        scribe.insert(connection, rows)
                        threading.Event().wait(rng.random() * 0.02)

    async with worker(place):
        await place.caught_up()
        await asyncio.gather(
            *(asyncio.to_thread(write, part, seed) for seed, part in enumerate(parts))
        )
        await place.caught_up()
        place.is_the_fold_of(told)


async def test_a_transaction_held_open_elsewhere_does_not_stall_the_feed(place: Place) -> None:
    held, others = scribe.Told(), scribe.many(5)
    held.submitted()
    async with worker(place):
        await place.caught_up()
        with psycopg.connect(place.database) as connection:
            scribe.insert(connection, held.rows)
            place.write(*(one.rows for one in others))
            await place.caught_up()
            place.is_the_fold_of(others)
        await place.caught_up()
        place.is_the_fold_of([*others, held])


async def test_a_stopped_worker_goes_on_where_it_was(place: Place) -> None:
    told = scribe.many(20, seed=3)
    async with worker(place):
        place.write(*(one.rows[:2] for one in told))
        before = await place.caught_up()
    place.write(*(one.rows[2:] for one in told if one.rows[2:]))
    place.write(*(one.carry_out(note()) for one in told))

    async with worker(place) as running:
        after = await place.caught_up()
        place.is_the_fold_of(told)
    assert after["index"] == before["index"]
    assert running.ended == []


async def test_a_transaction_larger_than_a_part_arrives_whole(place: Place) -> None:
    told = [scribe.Told() for _ in range(120)]
    description = "x" * 20_000
    rows = []
    for one in told:
        payer = {"payer": Payer(payer_id="P", name=description)}
        rows += one.submitted(**payer)
    async with worker(place, batch_bytes_max=300_000, bulk_bytes_max=500_000):
        await place.caught_up()
        place.write(rows)
        await place.caught_up()
        place.is_the_fold_of(told)


async def test_progress_moves_on_a_quiet_database(place: Place) -> None:
    async with worker(place):
        first = await place.caught_up()
        place.sql("CREATE TABLE other AS SELECT 1 AS one")
        second = await place.caught_up()
    assert second["lsn_number"] > first["lsn_number"]
    assert second["as_of_time"] >= first["as_of_time"]


async def test_what_is_confirmed_is_never_past_the_progress(place: Place) -> None:
    told = scribe.many(15, seed=4)
    async with worker(place):
        await place.caught_up()
        for one in told:
            await asyncio.to_thread(place.write, one.rows)
            confirmed = place.slot("confirmed_flush_lsn - '0/0'")
            progress = place.progress()
            assert progress is not None
            assert int(confirmed) <= progress["lsn_number"]
            await asyncio.sleep(0.02)


async def test_the_log_may_be_read_through_plain_sql(place: Place) -> None:
    told = scribe.many(12, seed=6)
    place.write(*(one.rows[:2] for one in told))
    async with worker(place, feed="sql", parity_s=0.2) as running:
        await place.caught_up()
        place.write(*(one.rows[2:] for one in told if one.rows[2:]))
        await place.caught_up()
        place.is_the_fold_of(told)
        await eventually(lambda: place.stored("claims-parity") is not None)
    assert running.ended == []
    assert (place.stored("claims-parity") or {})["differing"] == 0


async def test_a_backlog_that_fills_the_inbox_is_refreshed_rarely(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.worker._BACKLOG_BYTES", 1)
    told = scribe.many(40)
    async with worker(place):
        await place.caught_up()
    place.write(*(one.rows for one in told))
    asked: Counter[str] = Counter()

    def slowly(_: str, path: str) -> str | None:
        asked[path.rpartition("/")[2].partition("?")[0]] += 1
        return "slow_0.02" if "_bulk" in path else None  # the reader is always ahead

    async with proxy(place.settings.elasticsearch_url) as between:
        between.fault = slowly
        async with worker(
            place,
            elasticsearch_url=between.url,
            inbox_bytes_max=1,  # one transaction fills it
            publish_s=0.001,
            publish_behind_s=3600.0,
        ):
            await place.caught_up()
        between.calm()

    place.is_the_fold_of(told)
    assert asked["_bulk"] >= len(told) // 2
    assert 0 < asked["_refresh"] < asked["_bulk"] // 4
