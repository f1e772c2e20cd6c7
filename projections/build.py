"""Blue and green: a new generation is built while the old one serves, proven, and only then shown.

A slot of its own comes first, then the tables as the slot's snapshot has them, then the log from
there on. Once it has caught up and is proved equal by digest, the generation that serves is asked
to stop, the new one passes its last position, and the alias moves. Whatever ends the work in
between, it is taken up again where it was: slot, index and progress of the new generation stay.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from psycopg import AsyncConnection

from projections import store
from projections.feed import Identity
from projections.fill import Filling, bounds
from projections.folding import Folder
from projections.handover import hand_over, settle
from projections.history import Folds, Histories, ranges
from projections.index import Generation
from projections.kit import Kit
from projections.parity import Unproven, check
from projections.progress import FILLING, KEPT, PROVING, TAILING, Progress, ProgressStore
from projections.quarantine import Quarantine
from projections.repair import mend
from projections.replication import SlotTaken
from projections.worker import Target, Worker
from server.platform.telemetry import logger

_log = logger("projections.build")

# Behind by less than this, a generation has caught up.
_NEAR_BYTES: Final = 256 * 1024
_LOOK_S: Final = 0.05
_MENDS_MAX: Final = 2
# Who tidies up has the builder's place for a moment.
_PLACE_WAIT_S: Final = 3.0

Tell = Callable[[Progress, int], None]  # how far a build is, and where the log ends


class NotEqual(Exception):
    """The new generation is not what the store holds; it is not shown to anybody."""


@dataclass(slots=True)
class _Site:
    """The connections of a build, and which store they reach."""

    reading: AsyncConnection[Any]
    stream: AsyncConnection[Any]
    identity: Identity


class Build:
    """Builds the next generation of a view, or takes up the one that was begun."""

    def __init__(self, kit: Kit, tell: Tell | None = None) -> None:
        self._kit = kit
        self._tell = tell
        self._head = 0

    async def run(self, *, keep_old: bool) -> Progress:
        """Build, prove, hand over; return the progress of the generation that serves now.

        `SlotTaken` while another build of the view is under way, `NotEqual` when it cannot be
        proven.
        """
        async with self._site() as site:
            generation, progress, snapshot_name = await self._candidate(site)
            stored = self._kit.progress_of(generation)
            await stored.read()
            await stored.write(progress)
            quarantine = Quarantine(self._kit.elastic, generation)
            await quarantine.load()
            if progress.phase == FILLING:
                progress = await self._fill(
                    site, generation, quarantine, progress, stored, snapshot_name
                )
            try:
                return await self._succeed(
                    site, generation, quarantine, progress, stored, keep_old=keep_old
                )
            except NotEqual:
                await stored.remove()  # the next build begins anew
                raise

    async def bring_back(self) -> Progress:
        """Let the generation that was kept serve again, caught up and proven."""
        async with self._site() as site:
            kept = [one for one in await self._kit.serving().others() if one.phase == KEPT]
            found = max(kept, key=lambda one: one.generation, default=None)
            if found is None:
                raise NotEqual("no generation is kept")
            generation = self._kit.generations.of_index(found.index)
            await self._kit.generations.thaw(generation)
            if not await self._is_usable(site, found):
                raise NotEqual("the generation that is kept cannot follow the log again")
            stored = self._kit.progress_of(generation)
            await stored.read()
            quarantine = Quarantine(self._kit.elastic, generation)
            await quarantine.load()
            return await self._succeed(site, generation, quarantine, found, stored, keep_old=True)

    @asynccontextmanager
    async def _site(self) -> AsyncIterator[_Site]:
        """Hold the place of the one builder."""
        url = self._kit.settings.database_url
        async with AsyncExitStack() as stack:
            guard = await store.connect(url)
            stack.push_async_callback(guard.close)
            await stack.enter_async_context(
                store.only_one(guard, self._kit.building, wait_s=_PLACE_WAIT_S)
            )
            reading = await store.connect(url)
            stack.push_async_callback(reading.close)
            stream = await self._kit.source.connect(url)
            stack.push_async_callback(stream.close)
            await self._kit.serving().prepare()
            await settle(self._kit)
            await store.check_publication(reading, self._kit.settings.publication)
            epoch = await store.store_epoch(reading)
            identity, _ = await self._kit.source.identify(stream, epoch)
            yield _Site(reading, stream, identity)

    # -- the new generation

    async def _candidate(self, site: _Site) -> tuple[Generation, Progress, str]:
        """Return the generation that was begun, or begin one; with the snapshot to fill it from."""
        begun = await self._kit.serving().others()
        for one in begun:
            if one.phase == KEPT:
                continue
            if await self._is_usable(site, one):
                _log.info("build taken up", index=one.index, phase=one.phase)
                return self._kit.generations.of_index(one.index), one, ""
            await discard(self._kit, site.reading, site.stream, one)
        return await self._begin(site, begun)

    async def _begin(self, site: _Site, begun: list[Progress]) -> tuple[Generation, Progress, str]:
        generations = self._kit.generations
        serving = await self._kit.serving().peek()
        numbers = [one.generation for one in begun] + ([serving.generation] if serving else [])
        number = max([await generations.newest_number(), *numbers]) + 1
        kept = [one.index for one in begun if one.phase == KEPT]
        kept += [serving.index] if serving else []
        await sweep(self._kit, site.reading, site.stream, map(generations.of_index, kept))
        generation = generations.named(number)
        await generations.create(generation)
        within = await ranges(site.reading, self._kit.view.subject, self._kit.settings.fill_range)
        as_of = await store.now(site.reading)
        await drop_slot(self._kit, site.reading, site.stream, generation.slot)
        slot = await self._kit.source.create_slot(site.stream, generation.slot)
        progress = Progress(
            identity=site.identity,
            position=slot.position,
            base=slot.position,
            generation=number,
            index=generation.index,
            phase=FILLING,
            as_of=as_of,
            started_at=datetime.now(UTC),
            ranges=bounds(within),
        )
        _log.info("build begun", index=generation.index, ranges=len(within))
        return generation, progress, slot.snapshot

    async def _is_usable(self, site: _Site, found: Progress) -> bool:
        """Tell whether a generation can go on where its progress says."""
        generations = self._kit.generations
        if found.identity != site.identity or generations.schema_of(found.index) != (
            self._kit.view.schema
        ):
            return False
        generation = generations.of_index(found.index)
        if not self._kit.has_slots:
            return await generations.exists(generation)
        slot = await store.slot_status(site.reading, generation.slot)
        if slot is None or not slot.is_ours or not slot.usable:
            return False
        return slot.confirmed <= found.position and await generations.exists(generation)

    async def _fill(
        self,
        site: _Site,
        generation: Generation,
        quarantine: Quarantine,
        progress: Progress,
        stored: ProgressStore,
        snapshot_name: str,
    ) -> Progress:
        self._head = await store.log_head(site.reading)

        async def note(now: Progress) -> None:
            await stored.write(now)
            self._say(now)

        self._say(progress)
        filled = await Filling(self._kit, generation, quarantine, progress, note).run(snapshot_name)
        await self._kit.generations.refresh(generation)
        progress = replace(filled, phase=TAILING, quarantined=len(quarantine))
        await stored.write(progress)
        return progress

    # -- its way to the readers

    async def _succeed(
        self,
        site: _Site,
        generation: Generation,
        quarantine: Quarantine,
        progress: Progress,
        stored: ProgressStore,
        *,
        keep_old: bool,
    ) -> Progress:
        """Follow the log until caught up, prove, and hand over."""
        kit = self._kit
        await site.stream.close()  # the feed has a connection of its own
        async with kit.feed(site.identity, generation, progress.position) as feed:
            worker = Worker(
                kit.settings,
                kit.view,
                feed,
                Folder(kit.view, site.identity.store_epoch, Folds(kit.settings.cache_bytes_max)),
                Histories(site.reading, kit.view.subject),
                Target(
                    generation=generation,
                    generations=kit.generations,
                    bulk=kit.bulk,
                    quarantine=quarantine,
                    progress=stored,
                    serves=False,
                ),
                # One that is kept stays so until it serves, whatever ends this.
                progress if progress.phase == KEPT else replace(progress, phase=TAILING),
            )
            stop = asyncio.Event()
            following = asyncio.create_task(worker.run(stop))
            succeeding = asyncio.create_task(
                self._proven_and_handed_over(generation, quarantine, worker, stored, keep_old)
            )
            tasks = (following, succeeding)
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                if not succeeding.done():
                    following.result()
                done = succeeding.result()
                stop.set()
                await following
                return done
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _proven_and_handed_over(
        self,
        generation: Generation,
        quarantine: Quarantine,
        worker: Worker,
        stored: ProgressStore,
        keep_old: bool,
    ) -> Progress:
        connection = await store.connect(self._kit.settings.database_url)
        try:
            while True:
                self._head = await store.log_head(connection)
                self._say(worker.progress)
                if self._head - worker.progress.position < _NEAR_BYTES:
                    break
                await asyncio.sleep(_LOOK_S)
            if worker.progress.phase != KEPT:
                worker.in_phase(PROVING)
            await self._prove(connection, generation, quarantine, stored)
            done = await hand_over(self._kit, connection, generation, worker, stored, keep_old)
            self._say(done)
            return done
        finally:
            await connection.close()

    async def _prove(
        self,
        connection: AsyncConnection[Any],
        generation: Generation,
        quarantine: Quarantine,
        stored: ProgressStore,
    ) -> None:
        mended = 0
        while True:
            try:
                verdict = await check(self._kit, generation, stored)
            except Unproven as error:
                _log.info("not proven yet", index=generation.index, reason=str(error))
                await asyncio.sleep(_LOOK_S)
                continue
            _log.info("compared", verdict=str(verdict))
            if verdict.is_equal:
                return
            if mended == _MENDS_MAX:
                raise NotEqual(str(verdict))
            mended += 1
            ids = [one.document_id for one in verdict.differences]
            await mend(self._kit, connection, generation, quarantine, ids)

    def _say(self, progress: Progress) -> None:
        if self._tell is not None:
            self._tell(progress, self._head)


async def drop_slot(
    kit: Kit, reading: AsyncConnection[Any], stream: AsyncConnection[Any], slot: str
) -> None:
    """Drop a slot of this database if it is there; `SlotTaken` while somebody reads it.

    The worker's role may look at slots only; `stream` is of the source that they belong to.
    """
    found = await store.slot_status(reading, slot)
    if found is None:
        return
    if found.active or not found.is_ours:
        raise SlotTaken
    await kit.source.drop_slot(stream, slot)


async def discard(
    kit: Kit, reading: AsyncConnection[Any], stream: AsyncConnection[Any], found: Progress
) -> None:
    """Drop a generation that does not serve: index, slot, and at last its progress."""
    generation = kit.generations.of_index(found.index)
    _log.info("generation dropped", index=found.index, phase=found.phase)
    await drop_slot(kit, reading, stream, generation.slot)
    await kit.generations.delete([generation.index, generation.quarantine])
    await kit.progress_of(generation).remove()


async def sweep(
    kit: Kit,
    reading: AsyncConnection[Any],
    stream: AsyncConnection[Any],
    kept: Iterable[Generation],
) -> None:
    """Drop the indices and slots of all generations but these."""
    left = list(kept)
    await kit.generations.remove_others(left)
    slots = {one.slot for one in left}
    for name in await store.slots_of(reading, kit.settings.slot, kit.view.name):
        if name not in slots:
            _log.warning("slot dropped", slot=name)
            await drop_slot(kit, reading, stream, name)
