"""What the generation that served has shown, its successor shows too before the alias moves."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import psycopg
import pytest

from projections.build import Build
from projections.handover import hand_over
from projections.progress import Progress
from projections.worker import Prepared, Worker
from tests.projections import scribe
from tests.projections.conftest import Place, worker
from tests.projections.generations import only_generation
from tests.projections.planting import kit_of
from tests.projections.proxy import proxy
from tests.projections.watching import looked_at
from tests.server.claims.cast import note


async def test_what_was_shown_ahead_of_the_stored_progress_is_waited_for(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old worker's documents are searchable a moment before its progress says so."""
    told = scribe.many(5, seed=81)
    place.write(*(one.rows for one in told))
    may_write = asyncio.Event()
    may_write.set()
    write = Worker._write

    async def held(self: Worker, prepared: Prepared) -> None:
        if not self._target.serves:
            await may_write.wait()
        await write(self, prepared)

    async def late(*arguments: Any) -> Progress:
        may_write.clear()  # the successor lags from here on
        between.fault = lambda method, path: (
            "reset_before" if method == "PUT" and path.endswith("_doc/claims") else None
        )
        place.write(*(one.carry_out(note()) for one in told))
        await asyncio.to_thread(wait_until_shown, place, told)
        handing = asyncio.create_task(hand_over(*arguments))
        await asyncio.sleep(1.0)
        assert set(place.client.indices.get_alias(name=place.alias)) == {place.first_index}
        may_write.set()
        return await handing

    async with (
        proxy(place.settings.elasticsearch_url) as between,
        worker(place, elasticsearch_url=between.url),
    ):
        await place.caught_up()
        monkeypatch.setattr(Worker, "_write", held)
        monkeypatch.setattr("projections.build.hand_over", late)
        async with looked_at(place), kit_of(place) as kit:
            await Build(kit).run(keep_old=False)
            await asyncio.sleep(0.3)
        between.calm()
        await only_generation(place, 2)
        place.is_the_fold_of(told)


def wait_until_shown(place: Place, told: list[scribe.Told]) -> None:
    """Wait until searches see the newest version of claims."""
    given_up = time.monotonic() + 30
    while True:
        found = place.documents()
        if all(found[one.id]["version"] == one.version for one in told):
            return
        assert time.monotonic() < given_up
        time.sleep(0.02)


async def test_what_ends_a_filling_is_told_as_it_is(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write(*(one.rows for one in scribe.many(3, seed=82)))

    async def broken(*_: object) -> None:
        raise psycopg.OperationalError

    monkeypatch.setattr("projections.fill.Filling._range", broken)
    async with kit_of(place) as kit:
        with pytest.raises(psycopg.OperationalError):
            await Build(kit).run(keep_old=False)
