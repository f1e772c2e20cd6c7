"""Filling a generation from the tables, range by range, as a slot's snapshot has them.

Never "from now": the slot is made first, and the generation begins with everything that was
committed before the slot's first position; the feed brings the rest. Ranges are filled side by side
and noted when done, so that a filling that was cut short goes on where it was. It reads a later
snapshot then, which shows a range newer than the slot's first position: what the feed repeats of it
is refused by its version.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace

from projections import store
from projections.bulk import Write
from projections.feed import Position
from projections.folding import AT_A_TIME, Folder
from projections.history import Folds, Range, histories_within, snapshot
from projections.index import Generation
from projections.kit import Kit
from projections.progress import Progress
from projections.quarantine import Case, Quarantine
from projections.views.subject import EventRow, document_id, key_of, parse_document_id
from projections.views.view import View
from server.platform.telemetry import logger

_log = logger("projections.fill")

Note = Callable[[Progress], Awaitable[None]]


def bounds(within: Sequence[Range]) -> tuple[str, ...]:
    """Return ranges as they are kept: the keys at which those after the first begin."""
    return tuple(document_id(one.begins) for one in within[1:])


def ranges_of(kept: Sequence[str]) -> list[Range]:
    """Return the ranges that were kept."""
    begins = [parse_document_id(text) for text in (_FIRST, *kept)]
    return [Range(one, after) for one, after in zip(begins, [*begins[1:], None], strict=True)]


class Filling:
    """Fills what is left of a generation's ranges."""

    def __init__(
        self,
        kit: Kit,
        generation: Generation,
        quarantine: Quarantine,
        progress: Progress,
        note: Note,
    ) -> None:
        self._kit = kit
        self._generation = generation
        self._quarantine = quarantine
        self._note = note
        self._noting = asyncio.Lock()
        self.progress = progress

    async def run(self, snapshot_name: str) -> Progress:
        """Fill all ranges that are not done; return the progress that says so."""
        started = time.monotonic()
        left = [
            (place, within)
            for place, within in enumerate(ranges_of(self.progress.ranges))
            if place not in self.progress.done
        ]
        left.reverse()  # taken from the end

        async def lane() -> None:
            connection = await store.connect(self._kit.settings.database_url)
            try:
                while left:
                    place, within = left.pop()
                    async with snapshot(connection, snapshot_name):
                        position = self.progress.base
                        if not snapshot_name:
                            # What this snapshot shows may be later than the slot's beginning, and
                            # a document never says that it is older than it is.
                            await connection.execute("SELECT 1")
                            position = await store.log_head(connection)
                        documents = await self._range(
                            histories_within(connection, self._kit.view.subject, within), position
                        )
                    await self._done(place, documents)
            finally:
                await connection.close()

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._kit.settings.fill_parallel, len(left))):
                    group.create_task(lane())
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        _log.info(
            "filled",
            index=self._generation.index,
            documents=self.progress.documents,
            seconds=round(time.monotonic() - started, 3),
        )
        return self.progress

    async def _range(self, histories: AsyncIterator[list[EventRow]], position: Position) -> int:
        folder = Folder(self._kit.view, self.progress.identity.store_epoch, Folds(0))
        documents, size_bytes = 0, 0
        writes: list[Write] = []
        cases: list[Case] = []
        async for history in histories:
            shown = shown_of(self._kit.view, history)
            if not shown:
                continue
            done = folder.fold_one(key_of(shown[0]), shown, position)
            assert done is not None, "nothing of a new generation is known yet"
            documents += 1
            if documents % AT_A_TIME == 0:
                await asyncio.sleep(0)
            if isinstance(done, Case):
                cases.append(done)
                continue
            writes.append(done)
            size_bytes += len(done.source)
            if size_bytes >= self._kit.settings.bulk_bytes_max:
                await self._write(writes, cases, position)
                writes, cases, size_bytes = [], [], 0
        await self._write(writes, cases, position)
        return documents

    async def _write(self, writes: list[Write], cases: list[Case], position: Position) -> None:
        outcome = await self._kit.bulk.write(self._generation, writes)
        parked = [
            Case(one.write.id, one.write.version, position, one.kind) for one in outcome.parked
        ]
        await self._quarantine.record([*cases, *parked], ())

    async def _done(self, place: int, documents: int) -> None:
        async with self._noting:
            self.progress = replace(
                self.progress,
                done=(*self.progress.done, place),
                documents=self.progress.documents + documents,
                quarantined=len(self._quarantine),
            )
            await self._note(self.progress)


def shown_of(view: View, history: Sequence[EventRow]) -> Sequence[EventRow]:
    """Return a history up to the last row that the view shows, nothing when it shows none."""
    for place in range(len(history), 0, -1):
        if view.shows(history[place - 1]):
            return history[:place]
    return ()


_FIRST = "00000000-0000-0000-0000-000000000000/00000000-0000-0000-0000-000000000000"
