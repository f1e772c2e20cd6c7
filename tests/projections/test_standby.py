"""A second worker program beside the first: it takes over, and the first does no harm later."""

from __future__ import annotations

import asyncio
import signal

import psycopg
from psycopg import sql

from tests.projections import scribe
from tests.projections.conftest import Place, eventually, process
from tests.projections.generations import caught_up, only_generation
from tests.projections.planting import verdict
from tests.projections.watching import looked_at, written_to

# The least that the settings allow beside a heartbeat of a second.
LEASE = {"CLAIMFLOW_LEASE_S": "2"}


def writer(place: Place) -> str:
    """Who wrote the progress last."""
    return str((place.progress() or {}).get("writer"))


async def test_a_second_worker_takes_over_from_one_that_was_killed(place: Place) -> None:
    told = scribe.many(10, seed=71)
    place.write(*(one.rows for one in told))
    async with process(place) as first:
        await place.caught_up()
        async with process(place):
            async with looked_at(place), written_to(place, told):
                await asyncio.sleep(1.0)
                before = writer(place)
                await first.end(signal.SIGKILL)
                await eventually(lambda: writer(place) != before)
                await asyncio.sleep(0.5)
            await caught_up(place)
            place.is_the_fold_of(told)
    progress = place.progress()
    assert progress is not None and progress["generation"] == 1


async def test_a_worker_that_was_suspended_for_longer_than_its_lease_does_no_harm(
    place: Place,
) -> None:
    # The sender to a reader that says nothing for so long ends, too.
    with psycopg.connect(place.database, autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("ALTER DATABASE {} SET wal_sender_timeout = '2s'").format(name))
    told = scribe.many(10, seed=72)
    place.write(*(one.rows for one in told))
    async with process(place, **LEASE) as first:
        await place.caught_up()
        async with looked_at(place), written_to(place, told):
            await asyncio.sleep(0.5)
            before = writer(place)
            assert first.child is not None
            first.child.send_signal(signal.SIGSTOP)
            async with process(place, **LEASE):
                await eventually(lambda: writer(place) != before)
                after = writer(place)
                first.child.send_signal(signal.SIGCONT)
                await asyncio.sleep(3.0)
                assert writer(place) == after  # the woken one waits for its turn
                await caught_up(place)
        async with process(place, **LEASE):
            await only_generation(place, 1)
            place.is_the_fold_of(told)
            assert (await verdict(place)).is_equal
