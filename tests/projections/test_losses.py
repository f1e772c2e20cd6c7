"""What is lost, swapped or put back is noticed and built anew, never "from now" (F44, F48, F81)."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from projections.session import StoreIsOlder
from tests.projections import scribe
from tests.projections.conftest import Place, eventually, worker

PROGRESS = "claimflow-progress"


def lose_index(place: Place) -> None:
    place.client.indices.delete(index=place.first_index)


def lose_everything(place: Place) -> None:
    for index in place.client.indices.get(index=f"{place.settings.index_prefix}*"):
        place.client.indices.delete(index=index)


def lose_progress(place: Place) -> None:
    place.client.delete(index=f"{place.settings.index_prefix}{PROGRESS}", id="claims")


def lose_slot(place: Place) -> None:
    place.sql("SELECT pg_drop_replication_slot(%s)", place.slot_name)


def slot_made_by_hand(place: Place) -> None:
    name = place.slot_name
    lose_slot(place)
    place.sql("SELECT pg_logical_emit_message(true, 'x', 'x')")
    place.sql("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", name)


def another_store(place: Place) -> None:
    place.sql("UPDATE claimflow.store SET epoch = %s", uuid.uuid4())


def progress_of(**changes: object) -> Callable[[Place], None]:
    def change(place: Place) -> None:
        place.client.update(
            index=f"{place.settings.index_prefix}{PROGRESS}", id="claims", doc=changes
        )

    return change


LOSSES: dict[str, Callable[[Place], None]] = {
    "index": lose_index,
    "whole Elasticsearch": lose_everything,
    "progress": lose_progress,
    "slot": lose_slot,
    "slot made by hand": slot_made_by_hand,
    "another store": another_store,
    "another system": progress_of(system_id="1"),
    "another timeline": progress_of(timeline=99),
    "an older copy of the index": progress_of(lsn_number=1),
    "a build cut short": progress_of(phase="FILLING"),
}


@pytest.mark.parametrize("lose", LOSSES.values(), ids=LOSSES)
async def test_a_loss_while_nobody_works_is_made_good(
    place: Place, lose: Callable[[Place], None]
) -> None:
    told = scribe.many(8, seed=11)
    async with worker(place):
        place.write(*(one.rows[:2] for one in told))
        await place.caught_up()
    lose(place)
    place.write(*(one.rows[2:] for one in told if one.rows[2:]))

    async with worker(place):
        generation = 1 if lose is lose_everything else 2
        await eventually(lambda: (place.progress() or {}).get("generation") == generation)
        progress = await place.caught_up()
        place.is_the_fold_of(told)
    assert progress["store_epoch"] == str(place.sql("SELECT epoch FROM claimflow.store"))
    assert set(place.client.indices.get(index=place.alias)) == {progress["index"]}


async def test_f48_a_store_that_ends_before_the_progress_waits_for_an_operator(
    place: Place,
) -> None:
    told = scribe.many(4, seed=15)
    async with worker(place):
        place.write(*(one.rows for one in told))
        await place.caught_up()
    progress_of(lsn_number=1 << 60)(place)
    async with worker(place) as running:
        await eventually(lambda: any(isinstance(one, StoreIsOlder) for one in running.ended))
        before = place.progress()
        assert before is not None and before["generation"] == 1
        place.sql("SELECT claimflow.begin_epoch('put back by the test')")
        await eventually(lambda: (place.progress() or {}).get("generation") == 2)
        await place.caught_up()
        place.is_the_fold_of(told)


async def test_an_epoch_that_begins_under_a_worker_is_noticed(place: Place) -> None:
    told = scribe.many(4, seed=16)
    place.write(*(one.rows for one in told))
    async with worker(place):
        await place.caught_up()
        epoch = place.sql("SELECT claimflow.begin_epoch('said by the test')")
        await eventually(lambda: (place.progress() or {}).get("store_epoch") == str(epoch))
        place.is_the_fold_of(told)


@pytest.mark.parametrize("lose", [lose_index, lose_everything, lose_progress])
async def test_a_loss_under_a_worker_is_made_good(
    place: Place, lose: Callable[[Place], None]
) -> None:
    told = scribe.many(8, seed=12)
    async with worker(place):
        place.write(*(one.rows[:2] for one in told))
        await place.caught_up()
        lose(place)
        place.write(*(one.rows[2:] for one in told if one.rows[2:]))
        await eventually(lambda: place.documents().keys() == {one.id for one in told})
        await place.caught_up()
        place.is_the_fold_of(told)


async def test_a_lost_alias_is_put_back(place: Place) -> None:
    told = scribe.many(3, seed=13)
    place.write(*(one.rows for one in told))
    async with worker(place):
        first = await place.caught_up()
        place.client.indices.delete_alias(index=first["index"], name=place.alias)
        await eventually(lambda: bool(place.documents()))
        place.is_the_fold_of(told)
        last = await place.caught_up()
    assert last["generation"] == first["generation"]


async def test_events_that_passed_a_wrong_publication_by_are_made_good(place: Place) -> None:
    told = scribe.many(6, seed=14)
    async with worker(place):
        place.write(*(one.rows[:2] for one in told))
        await place.caught_up()
    place.sql("ALTER PUBLICATION claimflow DROP TABLE claimflow.claim_event")
    place.write(*(one.rows[2:] for one in told if one.rows[2:]))

    async with worker(place) as running:
        await eventually(lambda: bool(running.ended))
        assert type(running.ended[0]).__name__ == "PublicationWrong"
        place.sql("ALTER PUBLICATION claimflow ADD TABLE claimflow.claim_event")
        await place.caught_up()
        place.is_the_fold_of(told)


async def test_a_publication_that_goes_wrong_under_a_worker_is_noticed(place: Place) -> None:
    told = scribe.many(6, seed=16)
    async with worker(place, heartbeat_s=0.1) as running:
        place.write(*(one.rows[:2] for one in told))
        await place.caught_up()
        place.sql("ALTER PUBLICATION claimflow DROP TABLE claimflow.claim_event")
        place.write(*(one.rows[2:] for one in told if one.rows[2:]))
        await eventually(lambda: bool(running.ended))
        place.sql("ALTER PUBLICATION claimflow ADD TABLE claimflow.claim_event")
        await eventually(lambda: (place.progress() or {}).get("generation") == 2)
        await place.caught_up()
        place.is_the_fold_of(told)


async def test_a_broken_connection_is_mended(place: Place) -> None:
    told = scribe.many(10, seed=15)
    async with worker(place) as running:
        await place.caught_up()
        for one in told:
            place.write(one.rows)
            place.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'claimflow-worker'"
            )
        await place.caught_up()
        place.is_the_fold_of(told)
    assert running.ended
    progress = place.progress()
    assert progress is not None and progress["generation"] == 1
