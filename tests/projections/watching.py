"""A reader that looks at the served alias all the time, and writers that never rest."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.projections import scribe
from tests.projections.conftest import Place
from tests.server.claims.cast import note


@asynccontextmanager
async def looked_at(place: Place) -> AsyncIterator[list[str]]:
    """Sample what searches see; yield what went wrong: a document went backwards, or vanished."""
    wrong: list[str] = []
    seen: dict[str, int] = {}
    position = 0
    looks = 0

    def look() -> None:
        nonlocal position, looks
        answer = place.client.search(
            index=place.alias, size=10_000, source_includes=["version"], query={"match_all": {}}
        )
        found = {hit["_id"]: hit["_source"]["version"] for hit in answer["hits"]["hits"]}
        wrong.extend(f"{name} vanished" for name in seen.keys() - found.keys())
        for name, version in found.items():
            if version < seen.get(name, 0):
                wrong.append(f"{name}: {version} after {seen[name]}")
            seen[name] = max(version, seen.get(name, 0))
        progress = place.progress()
        assert progress is not None
        if progress["lsn_number"] < position:
            wrong.append(f"progress at {progress['lsn_number']} after {position}")
        position = max(progress["lsn_number"], position)
        looks += 1

    async def go_on() -> None:
        while True:
            await asyncio.to_thread(look)

    looking = asyncio.create_task(go_on())
    try:
        yield wrong
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
    assert looking.cancelled(), "the reader was answered every time"
    assert looks > 3
    assert wrong == []


@asynccontextmanager
async def written_to(place: Place, told: list[scribe.Told], seed: int = 1) -> AsyncIterator[None]:
    """Add rows to claims, and claims, until the end; `told` has them all then."""
    rng = random.Random(seed)
    stopping = asyncio.Event()

    async def go_on() -> None:
        for number in itertools.count():
            if stopping.is_set():
                return
            await asyncio.to_thread(place.write, rng.choice(told).carry_out(note()))
            if number % 4 == 0:
                fresh = scribe.Told(rng.choice(scribe.TENANTS))
                fresh.submitted()
                told.append(fresh)
                await asyncio.to_thread(place.write, fresh.rows)
            await asyncio.sleep(0.01)

    writing = asyncio.create_task(go_on())
    try:
        yield
    finally:
        stopping.set()
        await writing
