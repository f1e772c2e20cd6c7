"""A feed kept as files: what another feed said, to be replayed and followed.

For drills, for replaying an incident, and the nearest relative of a topic: a line's position is its
offset, a folder a topic of one partition, a consumer's name its group. Positions are those of the
log that was recorded, so a consumer can change over from one to the other at any of them. Whole
segments go by `prune` alone; a confirmation is only remembered.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections import deque
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Final

from projections.feed import Advance, FeedLost, FeedUnavailable, Identity, Position, Transaction
from projections.sources import segments
from projections.sources.lines import Header, Item, Line, decode, encode

_CHUNK_BYTES: Final = 256 * 1024


class ArchiveWriter:
    """Adds to an archive, alone; a line that a crash has torn is cut off first."""

    def __init__(
        self,
        folder: Path,
        identity: Identity,
        start: Position,
        *,
        segment_bytes: int = 64 * 1024 * 1024,
        advance_every_s: float = 1.0,
    ) -> None:
        """Open the archive, or make it, for a feed that begins at `start`.

        `FeedTaken` while another one writes, `FeedLost` if it is of another log or ends before
        the feed begins. `advance_every_s`: words that nothing happened are kept so seldom.
        """
        # It holds what the event tables hold, so it is for its owner alone.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._identity = identity
        self._segment_bytes = segment_bytes
        self._advance_every_s = advance_every_s
        self._last_advance: Advance | None = None
        self._lock = segments.hold(folder / "writer.lock")
        try:
            found = segments.segments(folder)
            if not found:
                found = [segments.create(folder, Header(identity, start), 0)]
            end = segments.end_of(found[-1])
            segments.same(identity, end.header)
            if start > end.position:
                raise FeedLost("the archive ends before the feed begins")
            os.truncate(found[-1], end.offset)
            self._file = os.open(found[-1], os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        except BaseException:
            os.close(self._lock)
            raise
        # A thread may make durable what was added while the file is changed for the next.
        self._changing = threading.Lock()
        # Everything up to here is in the archive: where a feed to be recorded goes on.
        self.position = end.position
        self._base = end.header.base
        self._size_bytes = end.offset
        self._number = end.number
        self._in_parts = end.in_parts

    def append(self, item: Item) -> None:
        """Add what a feed said, if it is new; `sync` makes it durable."""
        part = segments.is_part(item)
        if isinstance(item, Advance):
            if self._in_parts or not self._is_due(item):
                return
            self._last_advance = item
        elif item.position < self.position or (item.position == self.position and not part):
            return
        data = encode(Line(self._number, item))
        written = os.write(self._file, data)
        if written < len(data):
            os.ftruncate(self._file, self._size_bytes)
            raise OSError("the archive took a line in part")
        self._size_bytes += len(data)
        self._number += 1
        self._in_parts = part
        if not part:
            self.position = item.position
        if self._size_bytes >= self._segment_bytes and not part:
            self.rotate()

    def sync(self) -> None:
        """Make durable what was added before; may be called from a thread of its own."""
        with self._changing:
            if self._file >= 0:
                os.fdatasync(self._file)

    def rotate(self) -> None:
        """Begin another segment, unless this one has nothing yet; not within a transaction."""
        if self.position == self._base or self._in_parts:
            return
        self.sync()
        header = Header(self._identity, self.position)
        segment = segments.create(self._folder, header, self._number)
        with self._changing:
            os.close(self._file)
            self._file = os.open(segment, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        self._base = self.position
        self._size_bytes = segment.stat().st_size
        self._number += 1

    def close(self) -> None:
        """Make everything durable and let the archive go."""
        try:
            self.sync()
        finally:
            with self._changing:
                os.close(self._file)
                self._file = -1
            os.close(self._lock)

    def _is_due(self, advance: Advance) -> bool:
        last = self._last_advance
        if advance.position < self.position:
            return False
        return last is None or (advance.time - last.time).total_seconds() >= self._advance_every_s


def prune(folder: Path, before: Position) -> int:
    """Delete the segments that hold nothing behind a position; return how many."""
    found = segments.segments(folder)
    gone = [one for one, following in pairwise(found) if segments.base_of(following) <= before]
    for one in gone:
        one.unlink()
    return len(gone)


class ArchiveFeed:
    """Reads an archive from a position on, and follows it while it grows."""

    def __init__(
        self, folder: Path, *, consumer: str, start: Position, poll_s: float = 0.05
    ) -> None:
        """`FeedLost` when there is no archive; `consumer` names who confirms."""
        found = segments.segments(folder)
        if not found:
            raise FeedLost("there is no archive")
        self.identity = segments.header_of(found[-1]).identity
        self._folder = folder
        self._consumer = consumer
        self._start = start
        self._poll_s = poll_s
        self._confirmed = self._told = 0
        self._lock: int | None = None
        self._segment = found[0]
        self._offset = 0
        self._number: int | None = None
        self._reached: Advance | None = None
        self._in_parts = False
        self._items: deque[Item] = deque()

    async def earliest(self) -> Position:
        """Return where the oldest segment begins."""
        return segments.base_of(self._segments()[0])

    async def start(self) -> None:
        """Take the consumer's place."""
        self._lock = segments.hold(self._folder / f"{self._consumer}.lock")
        found = self._segments()
        if self._start < segments.base_of(found[0]):
            raise FeedLost("the archive begins behind the start")
        end = await asyncio.to_thread(segments.end_of, found[-1])
        if self._start > end.position:
            raise FeedLost("the start lies past the end of the archive")
        self._segment = [one for one in found if segments.base_of(one) <= self._start][-1]

    async def transactions(self) -> AsyncIterator[Transaction | Advance]:
        """Yield what was recorded, and at its end how far it goes."""
        while True:
            while self._items:
                yield self._items.popleft()
            if await self._read():
                continue
            if self._reached is not None and not self._in_parts:
                yield self._reached
            self._tell()
            await asyncio.sleep(self._poll_s)

    def confirm(self, position: Position) -> None:
        """Remember what need not be read again; written when there is nothing else to do."""
        self._confirmed = max(self._confirmed, position)

    async def close(self) -> None:
        """Write down what was confirmed last and let the consumer's place go."""
        if self._lock is None:
            return
        try:
            self._tell()
        finally:
            os.close(self._lock)
            self._lock = None

    def _segments(self) -> list[Path]:
        found = segments.segments(self._folder)
        if not found:
            raise FeedLost("there is no archive")
        return found

    async def _read(self) -> bool:
        """Take in some lines; False at the end of what is there."""
        following = [one for one in self._segments() if one > self._segment]
        data, at_end = self._chunk()
        if not data:
            if not following:
                return False
            self._segment, self._offset = following[0], 0
            return True
        lines = list(segments.lines_of(data))
        size_bytes = sum(map(len, lines))
        read = [decode(line) for line in lines]
        if at_end and read and read[-1] is None and size_bytes == len(data):
            size_bytes -= len(lines.pop())  # torn with its end: not there yet
            read.pop()
        if at_end and following and size_bytes < len(data):
            raise FeedLost(f"segment {self._segment.name} is torn")
        if not lines:
            return False
        if not following:
            # Only what would survive a power cut is handed over.
            await asyncio.to_thread(_sync, self._segment)
        self._offset += size_bytes
        for line in read:
            self._take(line)
        return True

    def _chunk(self) -> tuple[bytes, bool]:
        """Return what comes next, at least one line if there is one, and whether that is all."""
        size_bytes = _CHUNK_BYTES
        try:
            with self._segment.open("rb") as file:
                file.seek(self._offset)
                while True:
                    data = file.read(size_bytes)
                    if b"\n" in data or len(data) < size_bytes:
                        return data, not file.read(1)
                    file.seek(self._offset)
                    size_bytes *= 2
        except FileNotFoundError:
            raise FeedLost("a segment is gone that was not read yet") from None
        except OSError:
            raise FeedUnavailable("the archive cannot be read") from None

    def _take(self, line: Line | None) -> None:
        if line is None or self._number not in (None, line.number):
            raise FeedLost(f"segment {self._segment.name} is damaged")
        self._number = line.number + 1
        content = line.content
        if isinstance(content, Header):
            segments.same(self.identity, content)
            return
        part = segments.is_part(content)
        if not part:
            time = content.time if isinstance(content, Advance) else content.commit_time
            self._reached = Advance(max(content.position, self._start), time)
        # A part that lies before our start is of a transaction that ends before it.
        if content.position > self._start or (part and content.position == self._start):
            self._in_parts = part
            self._items.append(content)

    def _tell(self) -> None:
        if self._confirmed <= self._told:
            return
        path = self._folder / f"{self._consumer}.json"
        self._confirmed = max(self._confirmed, confirmed(self._folder, self._consumer))
        growing = path.with_suffix(".new")
        growing.write_text(json.dumps({"confirmed": self._confirmed}))
        growing.rename(path)
        self._told = self._confirmed


def confirmed(folder: Path, consumer: str) -> Position:
    """Return what a consumer has confirmed, 0 when nothing."""
    try:
        return int(json.loads((folder / f"{consumer}.json").read_text())["confirmed"])
    except FileNotFoundError:
        return 0


def forget(folder: Path, consumer: str) -> None:
    """Forget what a consumer has confirmed."""
    (folder / f"{consumer}.json").unlink(missing_ok=True)


def _sync(segment: Path) -> None:
    descriptor = os.open(segment, os.O_RDONLY)
    try:
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)
