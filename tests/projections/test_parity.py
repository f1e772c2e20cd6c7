"""A view is proved equal to the store, and every document that differs is named and mended."""

from __future__ import annotations

import asyncio
import itertools
import threading
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from elasticsearch import Elasticsearch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from projections.digest import DIGEST_SQL, SLICE_SQL, SLICES, digest_of, slice_of
from projections.parity import Unproven
from server.claims.events import ClaimQueued
from tests.projections import planting, scribe
from tests.projections.conftest import Place, eventually, worker
from tests.projections.planting import differences, verdict
from tests.server.claims.cast import note

QUIET = {"parity_s": 0.0}  # nobody mends what a test has planted
BUSY = {"parity_s": 0.1}


async def test_equal_views_are_proved_equal_while_writers_go_on(place: Place) -> None:
    told = scribe.many(60, seed=31)
    place.write(*(one.rows for one in told))
    stop = threading.Event()
    written: list[scribe.Told] = []

    def write(own: list[scribe.Told]) -> None:
        for number, one in enumerate(itertools.cycle(own)):
            if stop.is_set():
                return
            place.write(one.carry_out(note()))
            if number % 5 == 0:
                fresh = scribe.Told(scribe.TENANTS[number % 2])
                fresh.submitted()
                place.write(fresh.rows[:1], fresh.rows[1:])
                written.append(fresh)

    async with worker(place, **QUIET) as running:
        await place.caught_up()
        writers = [asyncio.to_thread(write, told[start::2]) for start in range(2)]
        writing = asyncio.gather(*writers)
        found = [await verdict(place) for _ in range(4)]
        stop.set()
        await writing
        await place.caught_up()
        last = await verdict(place)
    assert [one.differences for one in found if not one.is_equal] == []
    assert last.is_equal and last.documents == len(told) + len(written)
    assert {one.tenant_id for one in told} == set(scribe.TENANTS)
    assert running.ended == []


async def test_each_kind_of_difference_is_named_and_nothing_else(place: Place) -> None:
    told = scribe.many(40, seed=32)
    missing, behind, ahead, beyond = told[:4]
    extra, further = scribe.Told(), scribe.Told()
    for one in (behind, ahead):
        one.carry_out(note())
    # Two in one slice, whose sums could make up for each other.
    first = scribe.Told(claim_id=UUID(int=(uuid4().int >> 8 << 8) | 0x77))
    second = scribe.Told(claim_id=UUID(int=(uuid4().int >> 8 << 8) | 0x77))
    first.submitted()
    second.submitted()
    place.write(*(one.rows for one in [*told, first, second]))
    async with worker(place, **QUIET):
        await place.caught_up()
        planting.remove(place, missing)
        planting.put_at(place, behind, behind.version - 1)
        planting.put_at(place, ahead, ahead.version + 1)
        planting.put_at(place, first, first.version + 1)
        planting.put_at(place, second, second.version - 1)
        planting.add(place, extra, told[5])
        planting.add(place, further, told[5], position=1 << 60)
        found = place.documents()[beyond.id]
        planting.write(place, beyond.id, found | {"position": 1 << 60})
        named = differences(await verdict(place))

    assert named == {
        missing.id: "MISSING",
        behind.id: "BEHIND",
        ahead.id: "AHEAD",
        first.id: "AHEAD",
        second.id: "BEHIND",
        beyond.id: "AHEAD",
        extra.id: "EXTRA",
        further.id: "EXTRA",
    }


async def test_the_worker_mends_what_is_missing_behind_or_extra_and_counts_it(
    place: Place,
) -> None:
    told = scribe.many(20, seed=33)
    place.write(*(one.rows for one in told))
    async with worker(place, **QUIET):
        progress = await place.caught_up()
        planting.remove(place, told[0])
        planting.put_at(place, told[1], told[1].version - 1)
        planting.add(place, scribe.Told(), told[2])
    async with worker(place, **BUSY) as running:
        await eventually(lambda: (place.stored("claims-parity") or {}).get("repaired") == 3)
        await eventually(lambda: (place.stored("claims-parity") or {}).get("differing") == 0)
        place.is_the_fold_of(told)
        assert (await place.caught_up())["generation"] == progress["generation"]
        stored = place.stored("claims-parity")
    assert running.ended == []
    assert stored is not None and stored["repaired"] == 3
    assert stored["documents"] == len(told) and stored["slices"] == SLICES
    assert stored["index"] == progress["index"] and stored["lsn_number"] >= progress["lsn_number"]


async def test_a_document_ahead_of_the_store_leads_to_a_new_generation(place: Place) -> None:
    told = scribe.many(6, seed=34)
    place.write(*(one.rows for one in told))
    async with worker(place, **QUIET):
        await place.caught_up()
        planting.put_at(place, told[0], told[0].version + 3)
    async with worker(place, **BUSY):
        await eventually(lambda: (place.progress() or {}).get("generation") == 2)
        await place.caught_up()
        place.is_the_fold_of(told)


async def test_what_cannot_be_mended_leads_to_a_new_generation(place: Place) -> None:
    """A document written by hand keeps a version of the engine's that ours never passes."""
    told = scribe.many(6, seed=35)
    place.write(*(one.rows for one in told))
    async with worker(place, **QUIET):
        await place.caught_up()
        found = place.documents()[told[0].id]
        old = found | {"version": 1, "digest": digest_of((told[0].tenant_id, told[0].claim_id), 1)}
        for _ in range(2):
            place.client.index(index=place.alias, id=told[0].id, document=old, refresh=True)
    async with worker(place, **BUSY):
        await eventually(lambda: (place.progress() or {}).get("generation") == 2)
        await place.caught_up()
        place.is_the_fold_of(told)


async def test_claims_in_quarantine_are_no_differences(place: Place) -> None:
    bad, others = scribe.Told(), scribe.many(5, seed=36)
    bad.submitted()
    place.write(bad.rows, *(one.rows for one in others))
    async with worker(place, **QUIET):
        await place.caught_up()
        place.write([bad.record(ClaimQueued(queue="q" * 40_000))])
        await place.caught_up()
        found = await verdict(place)
        assert found.is_equal and found.quarantined == 1
        planting.remove(place, others[0])
        assert differences(await verdict(place)) == {others[0].id: "MISSING"}


async def test_without_a_view_that_far_or_with_open_writes_there_is_no_verdict(
    place: Place,
) -> None:
    told = scribe.many(3, seed=37)
    place.write(*(one.rows for one in told))
    async with worker(place, **QUIET):
        await place.caught_up()
    held = scribe.Told()
    held.submitted()
    hurried = replace(place, settings=replace(place.settings, parity_wait_s=0.7))
    with pytest.raises(Unproven, match="not that far"):
        await verdict(hurried)  # nobody follows
    async with worker(place, **QUIET):
        await place.caught_up()
        with psycopg.connect(place.database) as connection:
            scribe.insert(connection, held.rows)
            with pytest.raises(Unproven, match="open"):
                await verdict(hurried)
            connection.rollback()
        assert (await verdict(place)).is_equal


async def test_two_may_compare_at_once(place: Place) -> None:
    place.write(*(one.rows for one in scribe.many(3, seed=38)))
    async with worker(place, **QUIET):
        await place.caught_up()
        found = await asyncio.gather(verdict(place), verdict(place))
    assert [one.is_equal for one in found] == [True, True]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    keys=st.lists(
        st.tuples(st.uuids(), st.uuids(), st.integers(1, 2**63 - 1)), min_size=1, max_size=20
    )
)
def test_slices_and_digests_are_the_same_in_sql(
    postgres_url: str, keys: list[tuple[UUID, UUID, int]]
) -> None:
    query = sql.SQL(
        "SELECT {}, {} FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[]) WITH ORDINALITY"
        " AS t (tenant_id, id, version, n) ORDER BY n"
    ).format(SLICE_SQL, DIGEST_SQL)
    tenants, ids, versions = (list(column) for column in zip(*keys, strict=True))
    with psycopg.connect(postgres_url) as connection:
        found = connection.execute(query, (tenants, ids, versions)).fetchall()
    ours = [(slice_of((one[0], one[1])), digest_of((one[0], one[1]), one[2])) for one in keys]
    assert found == ours


def test_sums_of_digests_stay_exact(elasticsearch_url: str, index_prefix: str) -> None:
    """As large as the digests of two million documents come to; a float of 32 bits would not."""
    values = [2**32 - 1 - 2 * (one % 3) for one in range(1000)] + [2**53 - 2**43 - 1]
    index = f"{index_prefix}sums"
    with Elasticsearch(elasticsearch_url) as client:
        client.indices.create(index=index, mappings={"properties": {"digest": {"type": "long"}}})
        operations: list[dict[str, Any]] = []
        for one in values:
            operations += [{"index": {}}, {"digest": one}]
        client.bulk(index=index, operations=operations, refresh=True)
        answer = client.search(index=index, size=0, aggs={"d": {"sum": {"field": "digest"}}})
    assert sum(values) < 2**53
    assert int(answer["aggregations"]["d"]["value"]) == sum(values)


async def test_a_mended_document_is_a_change_to_whoever_watches(place: Place) -> None:
    told = scribe.many(5, seed=9)
    place.write(*(one.rows for one in told))
    async with worker(place, parity_s=0.2):
        before = await place.caught_up()
        place.client.delete(index=before["index"], id=told[0].id, refresh=True)
        await eventually(lambda: told[0].id in place.documents())
        mended = place.documents()[told[0].id]
        await eventually(lambda: (place.progress() or {})["lsn_number"] >= mended["position"])
    assert mended["position"] > before["lsn_number"]
    assert scribe.same(mended) == scribe.same(scribe.fold(place.view, told[0].rows))
