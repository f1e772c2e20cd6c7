"""Choosing a source by a word."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from projections.feed import Feed, FeedLost, Identity, Position
from projections.sources import beginning, open_feed, problem
from tests.projections.feeds.rig import ids, until
from tests.projections.feeds.store import PUBLICATION, Store
from tests.projections.feeds.test_archive import ArchiveRig
from tests.projections.feeds.test_replication import EPOCH


@pytest.fixture
async def rig(fresh_database: str, tmp_path: Path) -> AsyncIterator[ArchiveRig]:
    """A store that is recorded, so that all sources can tell of it."""
    rig = ArchiveRig(Store(fresh_database), tmp_path / "archive")
    async with rig.recorded():
        yield rig


def kinds(rig: ArchiveRig) -> list[str]:
    return ["replication", "sql", f"archive:{rig.folder}"]


async def identity(kind: str, store: Store) -> Identity:
    async with await beginning(kind).connect(store.url) as connection:
        return (await beginning(kind).identify(connection, EPOCH))[0]


@asynccontextmanager
async def opened(kind: str, store: Store, slot: str, start: Position) -> AsyncIterator[Feed]:
    async with open_feed(
        kind, url=store.url, identity=await identity(kind, store), slot=slot,
        publication=PUBLICATION, start=start, status_s=0.05,
    ) as feed:  # fmt: skip
        yield feed


async def test_every_source_begins_with_a_snapshot_and_goes_on_behind_it(rig: ArchiveRig) -> None:
    store = rig.store
    before = store.write(3)
    for number, kind in enumerate(kinds(rig)):
        slot = f"{store.slot}_{number}"
        begin = beginning(kind)
        await rig.caught_up()
        async with await begin.connect(store.url) as connection:
            made = await begin.create_slot(connection, slot)
            after = store.write(2)
            with store.connect() as reader:
                reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                reader.execute(f"SET TRANSACTION SNAPSHOT '{made.snapshot}'".encode())
                seen = [row[0] for row in reader.execute("SELECT id FROM books.event ORDER BY id")]
        assert seen == before
        async with opened(kind, store, slot, made.position) as feed:
            assert ids(await until(feed, store.head())) == after
        async with await begin.connect(store.url) as connection:
            await begin.drop_slot(connection, slot)
        before += after


async def test_progress_with_one_source_can_be_taken_up_with_another(rig: ArchiveRig) -> None:
    store = rig.store
    slot = f"{store.slot}_2"
    async with await beginning("sql").connect(store.url) as connection:
        position = (await beginning("sql").create_slot(connection, slot)).position
    expected: list[int] = []
    found: list[int] = []
    for kind in [*kinds(rig), *reversed(kinds(rig))]:
        expected += store.write(2)
        async with opened(kind, store, slot, position) as feed:
            items = await until(feed, store.head())
            position = items[-1].position
            feed.confirm(position)
        found += ids(items)
    assert found == expected


async def test_an_archive_of_another_log_is_not_read(rig: ArchiveRig) -> None:
    kind = f"archive:{rig.folder}"
    other = Identity(EPOCH, "another", 1)
    with pytest.raises(FeedLost):
        async with open_feed(
            kind, url=rig.store.url, identity=other, slot="x", publication=PUBLICATION,
            start=rig.start,
        ):  # fmt: skip
            pass


@pytest.mark.parametrize("word", ["", "kafka", "archive", "archive:", "SQL"])
def test_other_words_are_refused(word: str) -> None:
    assert problem(word)
    with pytest.raises(ValueError):
        beginning(word)


@pytest.mark.parametrize("word", ["replication", "sql", "archive:/somewhere"])
def test_these_words_are_good(word: str) -> None:
    assert problem(word) is None
