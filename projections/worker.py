"""Following the feed: rows to documents, documents to the index, and only then progress.

The order is what makes a restart at any moment harmless: bulk, refresh, progress, confirm. While a
batch is being written the next is folded, if there is a backlog; otherwise it goes on gathering.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from projections.bulk import BulkWriter, Write
from projections.feed import Advance, Feed, Position, Row, Transaction
from projections.folding import Folder
from projections.history import Histories
from projections.inbox import Batch, Inbox
from projections.index import Generation, Generations, IndexLost
from projections.progress import Progress, ProgressStore
from projections.quarantine import Case, Quarantine
from projections.settings import WorkerSettings
from projections.views.view import View
from server.platform.telemetry import logger

_log = logger("projections.worker")

# Without rows to write, progress moves at most so often.
_QUIET_S: Final = 0.05
# How often the worker looks whether its index is still there and served.
_CHECK_S: Final = 2.0
# From this size on what waits is a backlog: folded ahead of the batch that is being written, and
# refreshed now and then only.
_BACKLOG_BYTES: Final = 256 * 1024


class AliasMoved(Exception):
    """Readers are shown another index than the one that is being followed."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch, folded."""

    writes: Sequence[Write]
    cases: Sequence[Case]
    reached: tuple[Position, datetime] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a generation's documents go."""

    generation: Generation
    generations: Generations
    bulk: BulkWriter
    quarantine: Quarantine
    progress: ProgressStore
    serves: bool = True  # whether readers are to see it


class Worker:
    """Follows a feed into one generation of a view until it is stopped or cannot go on."""

    def __init__(
        self,
        settings: WorkerSettings,
        view: View,
        feed: Feed,
        folder: Folder,
        histories: Histories,
        target: Target,
        progress: Progress,
    ) -> None:
        self._settings = settings
        self._view = view
        self._feed = feed
        self._folder = folder
        self._histories = histories
        self._target = target
        self._progress = progress
        self._inbox = Inbox(settings.inbox_bytes_max)
        self._reached: tuple[Position, datetime] = (progress.position, progress.as_of)
        self._unrefreshed = False
        self._published_at = 0.0
        self._checked_at = time.monotonic()
        self.events = 0
        self._counted = 0  # of them in the progress
        self._publishing = asyncio.Lock()
        self._has_left = False

    @property
    def progress(self) -> Progress:
        """What was published last."""
        return self._progress

    def in_phase(self, phase: str) -> None:
        """Say so in the progress from now on."""
        self._progress = replace(self._progress, phase=phase)

    async def leave(self) -> Progress:
        """Publish nothing more, and return what was published last.

        What is written behind it is searchable before anybody says so, which does no harm.
        """
        async with self._publishing:
            self._has_left = True
            return self._progress

    async def run(self, stop: asyncio.Event) -> None:
        """Follow until `stop` is set; what is in hand then is finished and confirmed."""
        reading = asyncio.create_task(self._read())
        stopping = asyncio.create_task(stop.wait())
        working = asyncio.create_task(self._work(stop))
        try:
            await asyncio.wait((reading, stopping, working), return_when=asyncio.FIRST_COMPLETED)
            if stop.is_set() and not reading.done():
                async with asyncio.timeout(self._settings.stop_grace_s):
                    await working
            for ended in (working, reading):
                if ended.done():
                    ended.result()
        finally:
            for task in (reading, stopping, working):
                task.cancel()
            await asyncio.gather(reading, stopping, working, return_exceptions=True)

    async def _read(self) -> None:
        async for item in self._feed.transactions():
            ours = self._ours(item)
            if ours is not None:
                await self._inbox.put(ours)

    def _ours(self, item: Transaction | Advance) -> Transaction | Advance | None:
        """Leave of a transaction the rows that the view shows, in the shape of its subject.

        Without any it says only how far the feed is, a part of one not even that.
        """
        if isinstance(item, Advance):
            return item
        subject, rows = self._view.subject, []
        for table, values in item.rows:
            if table in subject.tables:
                row = subject.of_log(table, values)
                if self._view.shows(row):
                    rows.append(Row(table, row))
        if rows:
            return replace(item, rows=rows)
        return Advance(item.position, item.commit_time) if item.complete else None

    async def _work(self, stop: asyncio.Event) -> None:
        writing: asyncio.Task[None] | None = None
        try:
            while not stop.is_set():
                if writing is not None and (writing.done() or not self._has_backlog()):
                    await self._either(writing, stop)
                    if not writing.done():
                        continue
                    writing.result()
                    writing = None
                if not await self._ready():
                    continue
                prepared = await self._fold(self._take())
                if writing is not None:
                    await writing
                writing = asyncio.create_task(self._write(prepared))
            if writing is not None:
                await writing
            if self._unrefreshed:
                await self._publish()
        finally:
            if writing is not None and not writing.done():
                writing.cancel()
                await asyncio.gather(writing, return_exceptions=True)

    async def _either(self, writing: asyncio.Task[None], stop: asyncio.Event) -> None:
        """Wait for the batch being written, or for enough to fold ahead of it."""
        if writing.done() or stop.is_set():
            await asyncio.wait((writing,))
            return
        changed = asyncio.create_task(self._inbox.changed())
        try:
            await asyncio.wait((writing, changed), return_when=asyncio.FIRST_COMPLETED)
        finally:
            changed.cancel()

    def _has_backlog(self) -> bool:
        return self._inbox.size_bytes >= _BACKLOG_BYTES

    async def _ready(self) -> bool:
        """Wait until there is something to do; False when it is worth another look."""
        if self._inbox.has_rows:
            return True
        if self._inbox.is_empty:
            await self._inbox.changed(0.25)
            return False
        rest = self._published_at + _QUIET_S - time.monotonic()
        if rest > 0:
            await self._inbox.changed(rest)
            return False
        return True

    def _take(self) -> Batch:
        return self._inbox.take(
            events_max=self._settings.batch_events_max, bytes_max=self._settings.batch_bytes_max
        )

    async def _fold(self, batch: Batch) -> Prepared:
        if not batch.rows:
            return Prepared((), (), batch.reached)
        rows = [(position, row.values) for position, row in batch.rows]
        folded = await self._folder.fold(rows, self._histories)
        self.events += len(rows)
        return Prepared(folded.writes, folded.unfoldable, batch.reached)

    async def _write(self, prepared: Prepared) -> None:
        target = self._target
        if prepared.writes or prepared.cases:
            outcome = await target.bulk.write(target.generation, prepared.writes)
            cases = [
                *prepared.cases,
                *(
                    Case(one.write.id, one.write.version, self._reached[0], one.kind)
                    for one in outcome.parked
                ),
            ]
            await target.quarantine.record(cases, (one.id for one in outcome.written))
            self._unrefreshed = True
        if prepared.reached is not None:
            self._reached = max(self._reached, prepared.reached)
        # With a backlog a refresh for every batch would only make everybody wait longer.
        wait_s = self._settings.publish_s
        if self._inbox.is_full:
            wait_s = max(wait_s, self._settings.publish_behind_s)
        if time.monotonic() - self._published_at > wait_s or not self._has_backlog():
            await self._publish()

    async def _publish(self) -> None:
        async with self._publishing:
            if not self._has_left:
                await self._publish_now()

    async def _publish_now(self) -> None:
        """Make what was written searchable, then say so, then let the log forget it."""
        target = self._target
        if self._unrefreshed:
            await target.generations.refresh(target.generation)
            self._unrefreshed = False
        if time.monotonic() - self._checked_at > _CHECK_S:
            await self._check()
        position, as_of = self._reached
        self._progress = replace(
            self._progress,
            position=position,
            events=self._progress.events + self.events - self._counted,
            as_of=max(as_of, self._progress.as_of),
            quarantined=len(target.quarantine),
        )
        self._counted = self.events
        await target.progress.write(self._progress)
        self._feed.confirm(position)
        self._published_at = time.monotonic()

    async def _check(self) -> None:
        """See that the index is there and that readers see it; end the stretch otherwise."""
        target = self._target
        self._checked_at = time.monotonic()
        if not await target.generations.exists(target.generation):
            raise IndexLost(target.generation.index)
        if target.serves and not await target.generations.serves(target.generation):
            raise AliasMoved(target.generation.index)
        await target.quarantine.load()  # an operator may have taken something out of it
