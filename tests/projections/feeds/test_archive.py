"""The contract on an archive, recorded while it is read, and what only files can meet."""

from __future__ import annotations

import asyncio
import os
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from projections.feed import (
    Advance,
    Feed,
    FeedLost,
    FeedTaken,
    Identity,
    Position,
    Row,
    Transaction,
)
from projections.sources import segments
from projections.sources.archive import ArchiveFeed, ArchiveWriter, confirmed, prune
from projections.sources.lines import Header, decode
from projections.sources.tee import Tee, record
from tests.projections.feeds.contract import FeedContract
from tests.projections.feeds.rig import Item, ids, reading
from tests.projections.feeds.store import Store
from tests.projections.feeds.test_replication import ReplicationRig

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_901, UTC)
LOG = Identity(UUID(int=1), "log", 1)


class ArchiveRig:
    """An archive that is recorded from a slot by the replication protocol."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.folder = folder
        self.writer: ArchiveWriter | None = None

    @property
    def start(self) -> Position:
        return self.store.start

    @asynccontextmanager
    async def recorded(self, start: Position | None = None) -> AsyncIterator[None]:
        """Record as long as this lasts."""
        start = self.start if start is None else start
        async with ReplicationRig(self.store).feed(start) as source:
            self.writer = ArchiveWriter(
                self.folder, source.identity, start, segment_bytes=100_000,
                advance_every_s=0.05,
            )  # fmt: skip
            tee = Tee(source, self.writer)
            await tee.start()
            recording = asyncio.create_task(record(tee))
            try:
                yield
                assert not recording.done()
            finally:
                recording.cancel()
                await asyncio.gather(recording, return_exceptions=True)
                await tee.close()

    @asynccontextmanager
    async def feed(self, start: Position) -> AsyncIterator[Feed]:
        feed = ArchiveFeed(self.folder, consumer="test", start=start, poll_s=0.02)
        try:
            yield feed
        finally:
            await feed.close()

    def confirmed(self) -> Position:
        return confirmed(self.folder, "test")

    async def caught_up(self) -> None:
        """Wait until everything so far is recorded."""
        assert self.writer is not None
        async with asyncio.timeout(20):
            while self.writer.position < self.store.head():
                await asyncio.sleep(0.02)

    async def forget(self) -> None:
        await self.caught_up()
        assert self.writer is not None
        self.writer.rotate()
        assert prune(self.folder, self.writer.position) > 0

    def held(self) -> int:
        try:
            lock = segments.hold(self.folder / "test.lock")
        except FeedTaken:
            return 1
        os.close(lock)
        return 0


class TestArchive(FeedContract):
    @pytest.fixture
    async def rig(self, fresh_database: str, tmp_path: Path) -> AsyncIterator[ArchiveRig]:
        rig = ArchiveRig(Store(fresh_database), tmp_path / "archive")
        async with rig.recorded():
            yield rig


def transaction(position: Position, number: int, *, complete: bool = True) -> Transaction:
    return Transaction(position, NOW, [Row("books.event", {"id": number})], 10, complete)


def writer(folder: Path, start: Position = 100, **changes: int) -> ArchiveWriter:
    return ArchiveWriter(folder, LOG, start, **changes)


async def all_of(folder: Path, start: Position = 100) -> list[Item]:
    """Replay an archive nobody writes to, up to its end."""
    found: list[Item] = []
    feed = ArchiveFeed(folder, consumer="test", start=start, poll_s=0.01)
    try:
        await feed.start()
        async with asyncio.timeout(10):
            last: Item | None = None
            async for item in feed.transactions():
                if item == last and isinstance(item, Advance):
                    return found  # only the end says the same again
                last = item
                if isinstance(item, Transaction):
                    found.append(item)
    finally:
        await feed.close()
    raise AssertionError("a feed does not end")


def filled(folder: Path, count: int = 5) -> Path:
    """Write an archive of a few transactions in one segment, and return that."""
    one = writer(folder)
    for number in range(count):
        one.append(transaction(110 + number, number))
    one.close()
    (segment,) = segments.segments(folder)
    return segment


async def test_a_line_torn_by_a_crash_was_never_there(tmp_path: Path) -> None:
    segment = filled(tmp_path)
    whole = segment.read_bytes()
    start_of_last = whole.rindex(b"\n", 0, -1) + 1
    for end in range(start_of_last, len(whole)):
        segment.write_bytes(whole[:end])
        assert ids(await all_of(tmp_path)) == [0, 1, 2, 3]
    segment.write_bytes(whole[:-20] + bytes(19) + b"\n")
    assert ids(await all_of(tmp_path)) == [0, 1, 2, 3]
    again = writer(tmp_path)
    assert again.position == 113
    again.append(transaction(114, 4))
    again.close()
    assert segment.read_bytes() == whole


async def test_a_damaged_or_missing_line_in_the_middle_is_a_lost_feed(tmp_path: Path) -> None:
    segment = filled(tmp_path)
    lines = segment.read_bytes().splitlines(keepends=True)
    damaged = lines[2].replace(b'"id":1', b'"id":7')
    assert damaged != lines[2]
    for broken in ([*lines[:2], damaged, *lines[3:]], [*lines[:2], *lines[3:]]):
        segment.write_bytes(b"".join(broken))
        with pytest.raises(FeedLost):
            await all_of(tmp_path)
        with pytest.raises(FeedLost):
            writer(tmp_path)


async def test_a_segment_that_ends_in_a_torn_line_has_no_successor(tmp_path: Path) -> None:
    one = writer(tmp_path, segment_bytes=1)
    for number in range(3):
        one.append(transaction(110 + number, number))
    one.close()
    first, second, *_ = segments.segments(tmp_path)
    assert ids(await all_of(tmp_path)) == [0, 1, 2]
    second.write_bytes(second.read_bytes()[:-5])
    with pytest.raises(FeedLost):
        await all_of(tmp_path)
    assert first.exists()


async def test_what_comes_again_is_written_once(tmp_path: Path) -> None:
    filled(tmp_path)
    again = writer(tmp_path)
    for number in range(7):
        again.append(transaction(110 + number, number))
    again.close()
    assert ids(await all_of(tmp_path)) == list(range(7))


async def test_a_transaction_whose_parts_were_cut_off_comes_whole_again(tmp_path: Path) -> None:
    one = writer(tmp_path)
    one.append(transaction(110, 0))
    one.append(transaction(115, 1, complete=False))
    one.close()
    again = writer(tmp_path)
    assert again.position == 110
    again.append(Advance(110, NOW))
    again.append(transaction(115, 1, complete=False))
    again.append(transaction(120, 2))
    again.append(Advance(125, NOW))
    again.close()
    (segment,) = segments.segments(tmp_path)
    with segment.open("rb") as file:
        written = [line.content for line in map(decode, file) if line is not None]
    assert [type(one) for one in written] == [Header, *[Transaction] * 4, Advance]
    assert ids(await all_of(tmp_path)) == [0, 1, 1, 2]
    assert ids(await all_of(tmp_path, 110)) == [1, 1, 2]
    assert await all_of(tmp_path, 120) == []


async def test_an_archive_is_for_its_owner_alone(tmp_path: Path) -> None:
    segment = filled(tmp_path / "archive")
    assert segment.stat().st_mode & 0o777 == 0o600
    assert segment.parent.stat().st_mode & 0o777 == 0o700


async def test_a_format_of_another_time_is_not_guessed_at(tmp_path: Path) -> None:
    segment = filled(tmp_path)
    first, *rest = segment.read_bytes().splitlines(keepends=True)
    body = first[12:-2].replace(b'"format":1', b'"format":2')
    segment.write_bytes(b"".join([b'["%08x",%b]\n' % (zlib.crc32(body), body), *rest]))
    with pytest.raises(FeedLost):
        await all_of(tmp_path)


async def test_an_archive_is_of_one_log_without_a_gap(tmp_path: Path) -> None:
    filled(tmp_path)
    with pytest.raises(FeedLost):
        ArchiveWriter(tmp_path, Identity(LOG.store_epoch, LOG.system_id, 2), 100)
    with pytest.raises(FeedLost):
        writer(tmp_path, 115)
    one = writer(tmp_path, 114)
    with pytest.raises(FeedTaken):
        writer(tmp_path)
    one.close()


async def test_nothing_is_confirmed_to_the_log_before_it_is_durable(
    fresh_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = ArchiveRig(Store(fresh_database), tmp_path / "archive")
    durable = asyncio.Event()
    loop = asyncio.get_running_loop()
    sync = ArchiveWriter.sync

    def slow_sync(one: ArchiveWriter) -> None:
        asyncio.run_coroutine_threadsafe(durable.wait(), loop).result(10)
        sync(one)

    with monkeypatch.context() as patched:
        patched.setattr(ArchiveWriter, "sync", slow_sync)
        async with rig.recorded():
            rig.store.write()
            head = rig.store.head()
            async with reading(rig, rig.start):
                assert rig.writer is not None
                while rig.writer.position < head:
                    await asyncio.sleep(0.01)
            await asyncio.sleep(0.3)
            assert rig.store.confirmed() == rig.start
            durable.set()
            async with asyncio.timeout(10):
                while rig.store.confirmed() < head:
                    await asyncio.sleep(0.01)
            patched.undo()


async def test_a_recording_goes_on_where_it_ended(fresh_database: str, tmp_path: Path) -> None:
    rig = ArchiveRig(Store(fresh_database), tmp_path / "archive")
    expected: list[int] = []
    for _ in range(3):
        start = rig.writer.position if rig.writer else rig.start
        async with rig.recorded(start):
            expected += rig.store.write(2)
            await rig.caught_up()
    assert ids(await all_of(rig.folder, rig.start)) == expected
