"""Which generation serves: kept and brought back, of another schema, and none left lying about."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from projections.build import Build
from projections.fill import Filling
from tests.projections import planting, scribe
from tests.projections.conftest import Place, Running, eventually, worker
from tests.projections.generations import (
    caught_up,
    indices,
    only_generation,
    rebuilt,
    serves,
    slots,
    word,
)
from tests.projections.planting import kit_of
from tests.projections.watching import looked_at, written_to
from tests.server.claims.cast import note


def index(place: Place, number: int) -> str:
    return f"{place.alias}-v{place.view.schema}-{number}"


async def test_what_was_kept_can_be_brought_back_also_after_more_writes(place: Place) -> None:
    told = scribe.many(20, seed=51)
    place.write(*(one.rows for one in told))
    async with worker(place):
        await place.caught_up()
        async with looked_at(place), written_to(place, told):
            assert await rebuilt(place, "--keep-old") == 0
            await serves(place, 2)
            await asyncio.sleep(0.5)
            assert indices(place) == {index(place, 1), index(place, 2)}
            assert await word(place, "rollback", "claims") == 0
            await serves(place, 1)
            await asyncio.sleep(0.5)
            assert await word(place, "rollback", "claims") == 0
            await serves(place, 2)
        await caught_up(place)
        place.is_the_fold_of(told)
        assert (await planting.verdict(place)).is_equal
        assert indices(place) == {index(place, 1), index(place, 2)}

        # Of what was kept only the last is, and nothing after a rebuild that keeps nothing more.
        assert await rebuilt(place, "--keep-old") == 0
        await serves(place, 3)
        await eventually(lambda: indices(place) == {index(place, 2), index(place, 3)})
        await eventually(lambda: len(slots(place)) == 2)
        place.is_the_fold_of(told)


async def test_a_rollback_without_anything_kept_is_refused(place: Place) -> None:
    async with worker(place):
        await place.caught_up()
        assert await word(place, "rollback", "claims") == 1
        await only_generation(place, 1)


async def test_a_rollback_that_is_cut_short_keeps_what_was_kept(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = scribe.many(5, seed=52)
    place.write(*(one.rows for one in told))
    async with worker(place):
        await place.caught_up()
        assert await rebuilt(place, "--keep-old") == 0
        await serves(place, 2)
        proving = asyncio.Event()

        async def never(*_: object) -> None:
            proving.set()
            await asyncio.Event().wait()

        async with kit_of(place) as kit:
            with monkeypatch.context() as patched:
                patched.setattr("projections.build.check", never)
                bringing = asyncio.create_task(Build(kit).bring_back())
                async with asyncio.timeout(60):
                    await proving.wait()
                place.write(*(one.carry_out(note()) for one in told))
                await caught_up(place)
                bringing.cancel()
                await asyncio.gather(bringing, return_exceptions=True)
            await Build(kit).bring_back()
        await serves(place, 1)
        await caught_up(place)
        place.is_the_fold_of(told)


def newer(place: Place) -> Place:
    """The same, as the next version of the program has it."""
    project = place.view.project

    def with_mark(document: Any, event: Any) -> Any:
        return project(document, event) | {"mark": "new"}

    mapping = place.view.mapping
    properties = mapping["properties"] | {"mark": {"type": "keyword"}}
    view = replace(
        place.view,
        schema=place.view.schema + 1,
        mapping={**mapping, "properties": properties},
        project=with_mark,
    )
    return replace(place, view=view)


@asynccontextmanager
async def both(place: Place, told: list[scribe.Told]) -> AsyncIterator[tuple[Running, Running]]:
    """An older worker at work, and a newer one that has taken over."""
    place.write(*(one.rows for one in told))
    async with worker(place) as old:
        await place.caught_up()
        async with looked_at(place), written_to(place, told), worker(newer(place)) as new:
            await eventually(
                lambda: f"-v{place.view.schema + 1}-" in (place.progress() or {}).get("index", "")
            )
            await serves(place, 2)
            await asyncio.sleep(1.0)
            yield old, new


async def test_another_schema_is_built_beside_an_older_worker_that_goes_on(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = scribe.many(20, seed=53)
    fill = Filling.run
    served = asyncio.Event()

    async def slow(self: Filling, name: str) -> Any:
        if self.progress.generation == 2:
            fresh = scribe.Told()
            fresh.submitted()
            told.append(fresh)
            await asyncio.to_thread(place.write, fresh.rows)
            while fresh.id not in await asyncio.to_thread(place.documents):
                await asyncio.sleep(0.02)
            served.set()  # by the older one, while the newer fills
        return await fill(self, name)

    monkeypatch.setattr(Filling, "run", slow)
    async with both(place, told) as (old, _):
        assert served.is_set()
        await eventually(lambda: "Outgrown" in {type(one).__name__ for one in old.ended})
    after = newer(place)
    async with worker(after):
        await only_generation(after, 2)
        after.is_the_fold_of(told)
    async with worker(place) as outgrown:
        await eventually(lambda: len(outgrown.ended) > 1)
    assert {type(one).__name__ for one in outgrown.ended} == {"Outgrown"}
    progress = place.progress()
    assert progress is not None and progress["generation"] == 2
    assert progress["phase"] == "FOLLOWING"


async def test_an_outgrown_worker_touches_nothing_whatever_else_is_wrong(place: Place) -> None:
    async with worker(newer(place)):
        await newer(place).caught_up()
    before = place.progress()
    place.sql("ALTER PUBLICATION claimflow DROP TABLE claimflow.claim_event")
    async with worker(place) as outgrown:
        await eventually(lambda: len(outgrown.ended) > 1)
    assert {type(one).__name__ for one in outgrown.ended} == {"Outgrown"}
    assert place.progress() == before


async def test_slots_of_generations_that_are_gone_go_too(place: Place) -> None:
    name = place.settings.slot
    create = "SELECT pg_create_logical_replication_slot(%s, 'pgoutput')"
    place.sql(create, name)  # of before there was one for each generation
    place.sql(create, f"{name}_claims_77")
    place.sql(create, f"{name}_remittances_1")  # of another view
    place.sql(create, f"{name[:-1]}_claims_5")  # of another installation
    async with worker(place):
        await place.caught_up()
        others = {f"{name}_remittances_1", f"{name[:-1]}_claims_5"}
        await eventually(lambda: slots(place) == {place.slot_name, *others})


async def test_a_build_that_nobody_takes_up_is_dropped_after_a_day(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with worker(place):
        await place.caught_up()

    async def never(*_: object) -> None:
        raise RuntimeError

    async with kit_of(place) as kit:
        with monkeypatch.context() as patched:
            patched.setattr(Filling, "run", never)
            with pytest.raises(RuntimeError):
                await Build(kit).run(keep_old=False)
        async with worker(place):
            await caught_up(place)
            await asyncio.sleep(0.5)
            assert len(indices(place)) == len(slots(place)) == 2
        (begun,) = await kit.serving().others()
        stored = kit.progress_of(kit.generations.of_index(begun.index))
        await stored.read()
        await stored.write(replace(begun, started_at=datetime.now(UTC) - timedelta(days=1.1)))
    async with worker(place):
        await only_generation(place, 1)


async def test_what_a_resumed_filling_shows_is_not_older_than_it_says(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever watches for changes by position must see what came in between."""
    told = scribe.many(3, seed=54)
    place.write(*(one.rows for one in told))

    async def never(*_: object) -> None:
        raise RuntimeError

    async with kit_of(place) as kit:
        with monkeypatch.context() as patched:
            patched.setattr(Filling, "run", never)
            with pytest.raises(RuntimeError):
                await Build(kit).run(keep_old=False)
        place.write(*(one.carry_out(note()) for one in told))
        written = place.head()
        done = await Build(kit).run(keep_old=False)
    assert done.base < written
    found = place.documents()
    assert {one.id: one.version for one in told} == {
        name: document["version"] for name, document in found.items()
    }
    assert all(document["position"] >= written for document in found.values())
