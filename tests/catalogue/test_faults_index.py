"""What Elasticsearch's answers come to, one bulk at a time (F39, F40, F41, F45, F46)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson
import pytest

from projections import store
from projections.bulk import BulkWriter, Write
from projections.elastic import Elastic
from projections.index import Generation
from projections.kit import Kit
from projections.parity import Kind, check
from projections.quarantine import Quarantine
from projections.repair import mend
from projections.views.claims import claims_view
from server.platform.elastic import open_client
from tests.projections import scribe
from tests.projections.conftest import Place, worker
from tests.projections.proxy import Proxy, proxy
from tests.server.claims.cast import note

VIEW = claims_view(scribe.INDEX_KEY)
EPOCH = UUID(int=0xE)
BULK = "_bulk"


@dataclass
class Desk:
    """A generation of the view, and somebody who writes to it through a proxy that fails."""

    between: Proxy
    place: Place
    kit: Kit
    generation: Generation

    @property
    def bulk(self) -> BulkWriter:
        return self.kit.bulk

    def stored(self, write: Write) -> dict[str, Any]:
        """The document as the engine has it, with the number of its last change."""
        client = self.place.client.options(ignore_status=404)
        return dict(client.get(index=self.generation.index, id=write.id).body)


@asynccontextmanager
async def desk(place: Place, generation: int = 0, **settings: Any) -> AsyncIterator[Desk]:
    async with proxy(place.settings.elasticsearch_url) as between:
        client = open_client(between.url, timeout_s=5)
        try:
            kit = Kit.of(replace(place.settings, **settings), place.view, Elastic(client))
            one = kit.generations.named(generation or 1)
            if not generation:
                await kit.generations.create(one)
            yield Desk(between, place, kit, one)
        finally:
            await client.close()


def write_of(told: scribe.Told, **more: Any) -> Write:
    """The document that a claim's events come to, as the worker writes it."""
    envelope = {"store_epoch": str(EPOCH), "version": told.version, "position": told.version}
    document = scribe.fold(VIEW, told.rows) | envelope | more
    return Write(told.id, told.version, orjson.dumps(document))


def claims(count: int) -> list[scribe.Told]:
    told = [scribe.Told() for _ in range(count)]
    for one in told:
        one.submitted()
    return told


async def test_f39_a_busy_engine_gets_fewer_requests_at_once(place: Place) -> None:
    told = claims(6)
    async with desk(place, bulk_bytes_max=1) as one:  # a request for each document
        at_once = Watched(one.between)
        await one.bulk.write(one.generation, map(write_of, told))
        assert at_once.most() == 2

        busy = iter([True] * 6)  # every request of the first round, and no other
        one.between.fault = lambda method, path: "429" if next(busy, False) else None
        outcome = await one.bulk.write(one.generation, [write_of(each) for each in told])
        assert at_once.most() == 1, "after a refusal one at a time"
        assert len(outcome.written) == 6 and not outcome.parked
        assert one.bulk.retried_items == 6

        await one.bulk.write(one.generation, map(write_of, told))
        assert at_once.most() == 1
        await one.bulk.write(one.generation, map(write_of, told))
        assert at_once.most() == 2, "a quiet call later as many as before"


class Watched:
    """How many requests were let through at the same time; each takes a moment."""

    def __init__(self, between: Proxy) -> None:
        self._now = self._most = 0
        between.before, between.after = self._begin, self._end

    async def _begin(self, method: str, path: str) -> None:
        self._now += 1
        self._most = max(self._most, self._now)
        await asyncio.sleep(0.1)

    async def _end(self, method: str, path: str) -> None:
        self._now -= 1

    def most(self) -> int:
        found, self._most = self._most, 0
        return found


async def test_f40_each_items_own_status_decides(place: Place) -> None:
    older, newer, odd = claims(3)
    stale = write_of(older)
    older.carry_out(note())
    async with desk(place) as one:
        await one.bulk.write(one.generation, [write_of(older)])
        refused = write_of(odd, claim_number="9" * 40_000)
        one.between.fault = once("masked_429", BULK)
        outcome = await one.bulk.write(one.generation, [stale, write_of(newer), refused])

        assert {each.id for each in outcome.written} == {older.id, newer.id}
        assert [each.write.id for each in outcome.parked] == [odd.id]
        assert one.stored(stale)["_version"] == older.version, "a newer one stays"
        assert one.bulk.retried_items == 1, "the one that was told to be busy, and no other"
        assert not one.stored(refused)["found"]


def once(name: str, ending: str) -> Any:
    """A fault that is done to the first request of a kind."""
    left = [name]

    def fault(method: str, path: str) -> str | None:
        return left.pop() if left and path.endswith(ending) else None

    return fault


async def test_f41_what_was_applied_and_not_answered_is_sent_again_and_changes_nothing(
    place: Place,
) -> None:
    told = claims(3)
    async with desk(place) as one:
        one.between.fault = once("reset_after", BULK)
        outcome = await one.bulk.write(one.generation, map(write_of, told))

        assert one.between.faults == 1 and len(outcome.written) == 3
        changes = {one.stored(write_of(each))["_seq_no"] for each in told}
        assert changes == {0, 1, 2}, "each was changed by the first request alone"


async def test_f45_a_field_that_nobody_declared_parks_its_document_and_the_mapping_stays(
    place: Place,
) -> None:
    good, odd = claims(2)
    async with desk(place) as one:
        before = place.client.indices.get_mapping(index=one.generation.index).body
        exploding = {f"field_{number}": number for number in range(2000)}
        outcome = await one.bulk.write(one.generation, [write_of(good), write_of(odd, **exploding)])
        after = place.client.indices.get_mapping(index=one.generation.index).body

    assert [each.id for each in outcome.written] == [good.id]
    assert [(each.write.id, each.kind) for each in outcome.parked] == [
        (odd.id, "strict_dynamic_mapping_exception")
    ]
    assert after == before


async def test_f46_nothing_of_a_claims_life_deletes_a_document(place: Place) -> None:
    asked: list[tuple[str, str]] = []
    told = scribe.many(6, seed=46)
    async with proxy(place.settings.elasticsearch_url) as between:
        between.fault = lambda method, path: asked.append((method, path))
        async with worker(place, elasticsearch_url=between.url):
            place.write(*(one.rows[:2] for one in told))
            await place.caught_up()
            asked.clear()
            place.write(*(one.rows[2:] for one in told if one.rows[2:]))
            place.write(*(one.carry_out(note()) for one in told))
            await place.caught_up()
            place.is_the_fold_of(told)

    assert any(path.endswith(BULK) for _, path in asked)
    of_documents = f"/{place.alias}-v"
    assert not [
        path
        for method, path in asked
        if path.startswith(of_documents) and (method == "DELETE" or "_by_query" in path)
    ]


@pytest.mark.parametrize("gc_deletes", ["60s", "0ms"], ids=["remembered", "forgotten"])
async def test_f46_a_late_write_after_a_removal_is_refused_or_found_and_removed_again(
    place: Place, gc_deletes: str
) -> None:
    """The one removal there is: of a document about nothing that the store knows."""
    told, nothing = scribe.many(3, seed=47), scribe.Told()
    nothing.submitted()
    place.write(*(one.rows for one in told))
    async with worker(place):
        await place.caught_up()
        async with desk(place, generation=1) as one:
            limit = {"index.gc_deletes": gc_deletes}
            place.client.indices.put_settings(index=one.generation.index, settings=limit)
            extra = write_of(nothing, slice=0, digest=1)
            await one.bulk.write(one.generation, [extra])
            await one.kit.generations.refresh(one.generation)
            assert await removed(one) == [(nothing.id, Kind.EXTRA)]

            revived = gc_deletes == "0ms"
            # The engine forgets a removal when it gets round to it.
            for _ in range(100 if revived else 1):
                await asyncio.sleep(0.05)
                late = await one.bulk.write(one.generation, [extra])
                await one.kit.generations.refresh(one.generation)
                assert len(late.written) == 1, "there is nothing more to do for it"
                if one.stored(extra)["found"]:
                    break
            assert one.stored(extra)["found"] == revived
            assert await removed(one) == ([(nothing.id, Kind.EXTRA)] if revived else [])
            assert not one.stored(extra)["found"]
        place.is_the_fold_of(told)


async def removed(one: Desk) -> list[tuple[str, Kind]]:
    """Compare and mend; return what differed."""
    verdict = await check(one.kit, one.generation, one.kit.serving())
    ids = [each.document_id for each in verdict.differences]
    quarantine = Quarantine(one.kit.elastic, one.generation)
    async with await store.connect(one.place.database) as connection:
        await mend(one.kit, connection, one.generation, quarantine, ids)
    return [(each.document_id, each.kind) for each in verdict.differences]
