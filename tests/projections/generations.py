"""What is there of a view's generations: indices, slots, progress."""

from __future__ import annotations

import asyncio

from tests.projections.conftest import Place, eventually, process


async def word(place: Place, *words: str) -> int:
    """Run a word of the program to its end; return its exit status."""
    async with process(place, word=" ".join(words)) as one:
        assert one.child is not None
        async with asyncio.timeout(120):
            return await one.child.wait()


async def rebuilt(place: Place, *options: str) -> int:
    """Run `rebuild` to its end; return its exit status."""
    return await word(place, "rebuild", place.view.name, *options)


def indices(place: Place) -> set[str]:
    """All indices of the view, quarantines aside."""
    found = set(place.client.indices.get(index=f"{place.alias}-v*"))
    return {name for name in found if not name.endswith("-quarantine")}


def slots(place: Place) -> set[str]:
    """All slots of the database."""
    found = place.sql(
        "SELECT string_agg(slot_name, ' ') FROM pg_replication_slots"
        " WHERE database = current_database()"
    )
    return set((found or "").split())


async def serves(place: Place, number: int) -> None:
    """Wait until a generation serves."""
    await eventually(lambda: (place.progress() or {}).get("generation") == number)
    await eventually(lambda: (place.progress() or {}).get("phase") == "FOLLOWING")


async def only_generation(place: Place, number: int) -> None:
    """Wait until a generation serves, and nothing of any other is left."""
    await serves(place, number)
    progress = await place.caught_up()
    await eventually(
        lambda: indices(place) == {progress["index"]} and slots(place) == {place.slot_name}
    )
    assert set(place.client.indices.get_alias(name=place.alias)) == {progress["index"]}
    assert place.stored(progress["index"]) is None


async def caught_up(place: Place) -> None:
    """Wait until everything committed so far is searchable, whatever else is kept."""
    head = place.head()
    await eventually(
        lambda: (
            (place.progress() or {}).get("lsn_number", 0) >= head
            and (place.progress() or {}).get("phase") == "FOLLOWING"
        )
    )
