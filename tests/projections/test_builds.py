"""A new generation beside the one that serves: proven, handed over, taken up again after kills."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from projections.build import Build, NotEqual
from projections.fill import Filling
from projections.progress import Progress
from projections.repair import mend
from projections.replication import SlotTaken
from tests.projections import planting, scribe
from tests.projections.conftest import Place, eventually, process, worker
from tests.projections.generations import only_generation, rebuilt
from tests.projections.planting import kit_of
from tests.projections.proxy import proxy
from tests.projections.watching import looked_at, written_to
from tests.server.claims.cast import note


async def test_readers_notice_nothing_of_a_rebuild(place: Place) -> None:
    told = scribe.many(40, seed=41)
    place.write(*(one.rows for one in told))
    async with worker(place):
        await place.caught_up()
        async with looked_at(place), written_to(place, told):
            assert await rebuilt(place) == 0
            assert await rebuilt(place) == 0
            await eventually(lambda: (place.progress() or {}).get("phase") == "FOLLOWING")
            await asyncio.sleep(0.5)
        await only_generation(place, 3)
        place.is_the_fold_of(told)
        assert (await planting.verdict(place)).is_equal


async def test_a_generation_that_differs_is_never_shown(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = scribe.many(20, seed=42)
    place.write(*(one.rows for one in told))
    async with worker(place):
        await place.caught_up()
        async with kit_of(place) as kit:
            fill = Filling.run

            async def spoilt(self: Filling, name: str) -> Progress:
                done = await fill(self, name)
                await kit.generations.forget(
                    kit.generations.of_index(self.progress.index), told[0].id
                )
                return done

            async def left_alone(*_: object) -> int:
                return 0

            monkeypatch.setattr(Filling, "run", spoilt)
            monkeypatch.setattr("projections.build.mend", left_alone)
            with pytest.raises(NotEqual, match="1 documents differ"):
                await Build(kit).run(keep_old=False)
            assert (place.progress() or {})["generation"] == 1
            assert set(place.client.indices.get_alias(name=place.alias)) == {place.first_index}
            place.is_the_fold_of(told)

            # With mending the same slip is put right, and another generation serves.
            monkeypatch.setattr("projections.build.mend", mend)
            done = await Build(kit).run(keep_old=False)
        await only_generation(place, done.generation)
        place.is_the_fold_of(told)


@dataclass(frozen=True)
class Moment:
    """A request of a build, at which it is killed."""

    method: str
    path: str  # a pattern of its end
    occurrence: int = 1
    passed_on: bool = False  # whether the request reaches Elasticsearch


MOMENTS = {
    "filling": Moment("POST", "-2-write/_bulk", 3),
    "filled": Moment("POST", "-2/_refresh"),
    "tailing": Moment("PUT", "_doc/[^/]*-2", 6, passed_on=True),
    "proving": Moment("POST", "-2/_pit", passed_on=True),
    "about to stop the old one": Moment("PUT", "_doc/claims"),
    "old one stopped": Moment("PUT", "_doc/claims", passed_on=True),
    "old one frozen": Moment("PUT", "_block/write", passed_on=True),
    "before the alias moves": Moment("POST", "/_aliases", 2),
    "after the alias moved": Moment("POST", "/_aliases", 2, passed_on=True),
    "after progress moved": Moment("DELETE", "_doc/[^/]*-2", 1),
}


@asynccontextmanager
async def killed(place: Place, moment: Moment) -> AsyncIterator[None]:
    """Run a rebuild as a program of its own, and kill it at a moment."""
    async with proxy(place.settings.elasticsearch_url) as between:
        through = replace(place, settings=replace(place.settings, elasticsearch_url=between.url))
        async with process(
            through, word="rebuild claims", CLAIMFLOW_FILL_RANGE="10", CLAIMFLOW_FILL_PARALLEL="1"
        ) as one:
            left = moment.occurrence
            dead = asyncio.Event()

            async def look(method: str, path: str) -> None:
                nonlocal left
                if method != moment.method or not re.search(f"{moment.path}$", path):
                    return
                left -= 1
                if left == 0:
                    await one.end(signal.SIGKILL)
                    dead.set()
                    raise ConnectionResetError

            if moment.passed_on:
                between.after = look
            else:
                between.before = look
            async with asyncio.timeout(120):
                await dead.wait()
            yield


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
async def test_a_build_that_is_killed_is_taken_up_and_nothing_is_left_over(
    place: Place, moment: Moment
) -> None:
    told = scribe.many(40, seed=43)
    place.write(*(one.rows for one in told))
    moved = moment in (MOMENTS["after the alias moved"], MOMENTS["after progress moved"])
    async with worker(place):
        await place.caught_up()
        async with looked_at(place), written_to(place, told):
            async with killed(place, moment):
                pass
            await asyncio.sleep(0.5)
            assert await rebuilt(place) == 0
        await only_generation(place, 3 if moved else 2)
        place.is_the_fold_of(told)
        assert (await planting.verdict(place)).is_equal


@pytest.mark.parametrize("name", ["before the alias moves", "after the alias moved"])
async def test_the_worker_alone_settles_a_handover_that_was_cut_short(
    place: Place, name: str
) -> None:
    told = scribe.many(12, seed=44)
    place.write(*(one.rows for one in told))
    async with worker(place):
        await place.caught_up()
        async with looked_at(place), killed(place, MOMENTS[name]):
            place.write(*(one.carry_out(note()) for one in told))
            await eventually(lambda: (place.progress() or {}).get("phase") == "FOLLOWING")
            number = 2 if name == "after the alias moved" else 1
            assert (place.progress() or {})["generation"] == number
            await eventually(
                lambda: all(place.documents()[one.id]["version"] == one.version for one in told)
            )
    place.is_the_fold_of(told)


async def test_a_mark_that_the_old_one_is_unfit_outlives_a_handover_that_was_cut_short(
    place: Place,
) -> None:
    told = scribe.many(5, seed=45)
    place.write(*(one.rows for one in told))
    async with worker(place):
        await place.caught_up()
    async with kit_of(place) as kit:
        serving = kit.serving()
        await serving.read()
        await serving.mark_unfit()
    async with killed(place, MOMENTS["old one frozen"]):
        pass
    place.client.indices.delete(index=f"{place.alias}-v{place.view.schema}-2")
    async with worker(place):
        await eventually(lambda: (place.progress() or {}).get("generation", 0) > 1)
        await place.caught_up()
        place.is_the_fold_of(told)


async def test_a_second_builder_is_refused(place: Place) -> None:
    place.write(*(one.rows for one in scribe.many(3, seed=46)))
    async with worker(place):
        await place.caught_up()
        async with kit_of(place) as kit, kit_of(place) as other:
            async with Build(kit)._site():
                with pytest.raises(SlotTaken):
                    await Build(other).run(keep_old=False)
                assert await rebuilt(place) == 1
            assert await rebuilt(place) == 0


async def test_a_build_whose_slot_was_lost_begins_anew(place: Place) -> None:
    told = scribe.many(20, seed=47)
    place.write(*(one.rows for one in told))
    async with worker(place):
        await place.caught_up()
        async with killed(place, MOMENTS["filled"]):
            pass
        lost = f"{place.settings.slot}_claims_2"
        await eventually(
            lambda: (
                not place.sql("SELECT active FROM pg_replication_slots WHERE slot_name = %s", lost)
            )
        )
        place.sql("SELECT pg_drop_replication_slot(%s)", lost)
        assert await rebuilt(place) == 0
        await only_generation(place, 3)
        place.is_the_fold_of(told)
