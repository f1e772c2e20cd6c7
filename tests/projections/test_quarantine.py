"""A claim that cannot be indexed parks alone, is counted, and comes back (P27, F12, F40, F45)."""

from __future__ import annotations

from typing import Any

from server.claims.events import ClaimQueued
from tests.projections import scribe
from tests.projections.conftest import Place, eventually, worker
from tests.server.claims.cast import note

# Longer than any keyword of Lucene may be.
IMMENSE = "q" * 40_000


def parked(place: Place) -> dict[str, Any]:
    progress = place.progress()
    assert progress is not None
    answer = place.client.search(index=f"{progress['index']}-quarantine", size=100)
    return {hit["_id"]: hit["_source"] for hit in answer["hits"]["hits"]}


async def test_a_refused_document_parks_its_claim_alone(place: Place) -> None:
    bad, others = scribe.Told(), scribe.many(5, seed=20)
    bad.submitted()
    async with worker(place) as running:
        place.write(bad.rows, *(one.rows for one in others[:3]))
        await place.caught_up()
        place.write([bad.record(ClaimQueued(queue=IMMENSE))], *(one.rows for one in others[3:]))
        await place.caught_up()
        progress = await place.caught_up()

        assert progress["quarantined"] == 1
        assert parked(place).keys() == {bad.id}
        assert parked(place)[bad.id]["version"] == bad.version
        assert place.documents().keys() == {bad.id, *(one.id for one in others)}
        assert place.documents()[bad.id]["version"] == bad.version - 1
    assert running.ended == []


async def test_a_parked_claim_comes_back_with_a_version_that_fits(place: Place) -> None:
    bad = scribe.Told()
    bad.submitted()
    async with worker(place):
        place.write([*bad.rows, bad.record(ClaimQueued(queue=IMMENSE))])
        assert (await place.caught_up())["quarantined"] == 1
    async with worker(place):  # the list outlives the worker
        place.write(bad.carry_out(note()))
        await place.caught_up()
        assert (await place.caught_up())["quarantined"] == 1
        place.write([bad.record(ClaimQueued(queue="GENERAL"))])
        await place.caught_up()
        await eventually(lambda: (place.progress() or {}).get("quarantined") == 0)
        assert parked(place) == {}
        place.is_the_fold_of([bad])


async def test_an_event_that_cannot_be_folded_parks_its_claim_alone(place: Place) -> None:
    poison, others = scribe.Told(), scribe.many(4, seed=21)
    poison.submitted()
    place.sql("INSERT INTO claimflow.claim_transition VALUES ('Unheard', 'ACCEPTED', 'ACCEPTED')")
    row = poison.carry_out(note())[0] | {"event_type": "Unheard"}
    async with worker(place) as running:
        place.write(poison.rows[:2], [row], *(one.rows for one in others))
        await place.caught_up()
        assert (await place.caught_up())["quarantined"] == 1
        assert parked(place)[poison.id]["kind"] == "fold_failed"
        assert {one.id for one in others} <= place.documents().keys()
    assert running.ended == []


async def test_a_first_fill_parks_what_it_cannot_index(place: Place) -> None:
    bad, others = scribe.Told(), scribe.many(4, seed=22)
    bad.submitted()
    place.write([*bad.rows, bad.record(ClaimQueued(queue=IMMENSE))])
    place.write(*(one.rows for one in others))
    async with worker(place):
        progress = await place.caught_up()
    assert progress["quarantined"] == 1
    assert parked(place).keys() == {bad.id}
    place.is_the_fold_of(others)
