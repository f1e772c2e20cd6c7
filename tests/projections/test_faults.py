"""Elasticsearch misbehaves, workers are killed: nothing is lost, nothing goes backwards (P8)."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace

import pytest

from tests.projections import scribe
from tests.projections.conftest import Place, eventually, process, worker
from tests.projections.proxy import proxy
from tests.server.claims.cast import note

FAULTS = {
    "busy items": ("items_429", "items_503"),
    "blocked items": ("items_403",),
    "busy": ("429", "503"),
    "lost answers": ("reset_after",),
    "lost requests": ("reset_before",),
    "items that were applied": ("masked_429", "masked_503"),
    "late requests": ("late_0.2", "overtaken"),
    "everything": ("items_429", "503", "429", "reset_after", "reset_before"),
}


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS)
async def test_failing_requests_lose_nothing_and_turn_nothing_back(
    place: Place, faults: tuple[str, ...]
) -> None:
    told = scribe.many(40, seed=5)
    async with (
        proxy(place.settings.elasticsearch_url) as between,
        worker(place, elasticsearch_url=between.url),
    ):
        await place.caught_up()
        between.fail_at_random(0.4, 5, *faults)
        watching = asyncio.create_task(never_backwards(place))
        for one in told:
            await asyncio.to_thread(place.write, one.rows[:2], one.rows[2:])
        for one in told:
            await asyncio.to_thread(place.write, one.carry_out(note()))
        await place.caught_up(60)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        place.is_the_fold_of(told)
        assert between.faults > 0
        between.calm()
    assert watching.cancelled()


async def never_backwards(place: Place) -> None:
    """Watch the versions that searches see; ends only when one went down."""
    seen: dict[str, int] = {}
    while True:
        found = await asyncio.to_thread(place.documents)
        for name, document in found.items():
            assert document["version"] >= seen.get(name, 0)
            seen[name] = document["version"]
        assert seen.keys() <= found.keys()
        await asyncio.sleep(0.02)


async def test_an_index_that_takes_no_writes_is_waited_for(place: Place) -> None:
    told = scribe.many(10, seed=6)
    async with worker(place) as running:
        before = await place.caught_up()
        block: dict[str, bool | None] = {"index.blocks.read_only_allow_delete": True}
        place.client.indices.put_settings(index=before["index"], settings=block)
        place.write(*(one.rows for one in told))
        await asyncio.sleep(0.5)
        held = place.progress()
        assert held is not None and held["quarantined"] == 0
        assert place.documents() == {}
        block = {"index.blocks.read_only_allow_delete": None}
        place.client.indices.put_settings(index=before["index"], settings=block)
        await place.caught_up()
        place.is_the_fold_of(told)
    assert running.ended == []


MOMENTS = {
    "before the bulk": ("before", "_bulk"),
    "between bulk and refresh": ("before", "_refresh"),
    "between refresh and progress": ("before", "_doc/claims"),
    "between progress and confirmation": ("after", "_doc/claims"),
}


@pytest.mark.parametrize(("when", "what"), MOMENTS.values(), ids=MOMENTS)
async def test_a_worker_killed_at_any_moment_loses_nothing(
    place: Place, when: str, what: str
) -> None:
    told = scribe.many(20, seed=7)
    async with proxy(place.settings.elasticsearch_url) as between:
        through = replace(place, settings=replace(place.settings, elasticsearch_url=between.url))
        async with process(through, CLAIMFLOW_FEED_STATUS_S="0.05") as first:
            await place.caught_up()
            armed = True

            async def kill(method: str, path: str) -> None:
                nonlocal armed
                if armed and method in ("PUT", "POST") and path.endswith(what):
                    armed = False
                    await first.end(signal.SIGKILL)

            place.write(*(one.rows[:2] for one in told))
            if when == "before":
                between.before = kill
            else:
                between.after = kill
            place.write(*(one.rows[2:] for one in told if one.rows[2:]))
            place.write(*(one.carry_out(note()) for one in told))
            await eventually(lambda: not armed)
        async with process(through):
            await place.caught_up()
            place.is_the_fold_of(told)


async def test_sigterm_finishes_the_batch_in_hand_and_ends_well(place: Place) -> None:
    told = scribe.many(30, seed=8)
    async with process(place) as one:
        await place.caught_up()
        place.write(*(each.rows for each in told))
        await eventually(lambda: bool(place.documents()))
        assert await one.end(signal.SIGTERM) == 0
    async with process(place) as one:
        await eventually(lambda: place.slot("active") is True)
        progress = await place.caught_up()
        assert await one.end(signal.SIGTERM) == 0
    place.is_the_fold_of(told)
    assert progress["generation"] == 1


async def test_a_second_worker_waits_and_takes_over(place: Place) -> None:
    told = scribe.many(10, seed=9)
    async with worker(place) as first:
        await place.caught_up()
        async with worker(place) as second:
            await eventually(lambda: bool(second.ended))
            assert {type(error).__name__ for error in second.ended} == {"SlotTaken"}
            place.write(*(one.rows[:2] for one in told))
            await place.caught_up()
            await first.kill()
            place.write(*(one.rows[2:] for one in told if one.rows[2:]))
            await place.caught_up()
            place.is_the_fold_of(told)
    progress = place.progress()
    assert progress is not None and progress["generation"] == 1


async def test_elasticsearch_away_stops_nothing_for_good(place: Place) -> None:
    told = scribe.many(10, seed=10)
    async with proxy(place.settings.elasticsearch_url) as between:
        between.fault = lambda method, path: "reset_before"
        async with worker(place, elasticsearch_url=between.url):
            place.write(*(one.rows for one in told))
            await asyncio.sleep(0.5)
            between.calm()
            await place.caught_up()
            place.is_the_fold_of(told)
