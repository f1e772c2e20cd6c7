"""Two workers, of which the paused one wakes when the other has taken over (F5)."""

from __future__ import annotations

import asyncio

import psycopg
from psycopg import sql

from tests.catalogue.programs import paused
from tests.projections import scribe
from tests.projections.conftest import Place, eventually, process
from tests.projections.proxy import proxy
from tests.projections.test_faults import never_backwards
from tests.server.claims.cast import note

LEASE_S = 2.0
WORKER = {"CLAIMFLOW_LEASE_S": str(LEASE_S), "CLAIMFLOW_VIEWS": "claims"}


def writer_of(place: Place) -> str:
    progress = place.progress()
    assert progress is not None
    return str(progress["writer"])


def sender_gives_up_soon(place: Place) -> None:
    """Let Postgres take the slot from a reader that says nothing, after the lease."""
    with psycopg.connect(place.database, autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        value = sql.Literal(f"{LEASE_S:.0f}s")
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET wal_sender_timeout = {}").format(name, value)
        )


async def test_f5_a_worker_that_wakes_after_another_took_over_turns_nothing_back(
    place: Place,
) -> None:
    """It stands still with a bulk under way, which reaches the index after newer documents."""
    told = scribe.many(10, seed=5)
    sender_gives_up_soon(place)
    async with (
        proxy(place.settings.elasticsearch_url) as between,
        process(place, **WORKER, ELASTICSEARCH_URL=between.url) as first,
    ):
        place.write(*(one.rows[:1] for one in told))
        await place.caught_up(60)
        before = writer_of(place)
        hung = asyncio.Event()

        async def hold(method: str, path: str) -> None:
            if path.endswith("_bulk") and not hung.is_set():
                hung.set()
                await passed.wait()

        passed = asyncio.Event()
        between.before = hold
        place.write(*(one.rows[1:2] for one in told))
        await asyncio.wait_for(hung.wait(), 20)
        assert first.child is not None
        async with process(place, **WORKER):
            async with paused(first.child.pid):
                place.write(*(one.rows[2:] for one in told if one.rows[2:]))
                place.write(*(one.carry_out(note()) for one in told))
                await eventually(lambda: writer_of(place) != before)
                await place.caught_up(60)
                watching = asyncio.create_task(never_backwards(place))
                passed.set()  # the late bulk of the one that sleeps
            # Both are awake; the slot is one's alone.
            place.write(*(one.carry_out(note()) for one in told))
            progress = await place.caught_up(60)
            await asyncio.sleep(2 * LEASE_S)
            place.is_the_fold_of(told)
            assert not watching.done()
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
    assert watching.cancelled()
    assert progress["generation"] == 1 and progress["writer"] != before
