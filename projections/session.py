"""One stretch of work: see how things are, fill if needed, then follow until something ends.

Nothing is remembered from one stretch to the next: what Postgres and Elasticsearch hold decides.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, TypeVar

from psycopg import AsyncConnection

from projections import replication, store
from projections.bulk import BulkWriter
from projections.elastic import Elastic
from projections.feed import FeedLost, Identity, Position
from projections.fill import fill, fresh_slot
from projections.folding import Folder
from projections.history import Folds, Histories
from projections.index import Generation, Generations
from projections.progress import FOLLOWING, Progress, ProgressStore
from projections.quarantine import Quarantine
from projections.replication import PostgresFeed, SlotTaken
from projections.settings import WorkerSettings
from projections.views.view import View
from projections.worker import Target, Worker
from server.platform.positions import Position as Lsn
from server.platform.telemetry import logger

_log = logger("projections.session")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Site:
    """What a stretch found: the log's identity and end, and what is stored about the view."""

    identity: Identity
    head: Position
    progress: Progress | None


class Session:
    """Keeps one view of one database in one Elasticsearch."""

    def __init__(self, settings: WorkerSettings, view: View, elastic: Elastic) -> None:
        self._settings = settings
        self._view = view
        self._elastic = elastic
        self.generations = Generations(
            elastic,
            view,
            prefix=settings.index_prefix,
            shards=settings.index_shards,
            replicas=settings.index_replicas,
        )
        self.progress = ProgressStore(
            elastic, view.name, prefix=settings.index_prefix, replicas=settings.index_replicas
        )
        self._bulk = BulkWriter(elastic, bytes_max=settings.bulk_bytes_max)
        # Why the feed cannot be believed until the view is built anew; empty when it can.
        self._distrust = ""

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, or raise what ended the stretch."""
        url = self._settings.database_url
        async with AsyncExitStack() as stack:
            guard = await store.connect(url, self._settings.lease_s)
            stack.push_async_callback(guard.close)
            await stack.enter_async_context(store.only_one(guard, self._settings.slot))
            beating = asyncio.create_task(self._watch(guard))
            stack.push_async_callback(_ended, beating)
            working = asyncio.create_task(self._work(stop))
            stack.push_async_callback(_ended, working)
            # Without its place the worker must not go on, so the end of the heartbeat ends all.
            await asyncio.wait((beating, working), return_when=asyncio.FIRST_COMPLETED)
            for task in (working, beating):
                if task.done():
                    task.result()

    async def _watch(self, guard: AsyncConnection[Any]) -> None:
        """Keep our place, and see that no event passes the feed by (F81)."""
        while True:
            await asyncio.sleep(self._settings.heartbeat_s)
            await store.beat(guard)
            await self._check_publication(guard)

    async def _check_publication(self, connection: AsyncConnection[Any]) -> None:
        try:
            await store.check_publication(connection, self._settings.publication)
        except store.PublicationWrong:
            self._distrust = "the publication was wrong for a while"
            raise

    async def _work(self, stop: asyncio.Event) -> None:
        url = self._settings.database_url
        async with AsyncExitStack() as stack:
            reading = await store.connect(url)
            stack.push_async_callback(reading.close)
            stream = await replication.connect(url)
            stack.push_async_callback(stream.close)
            await until(stop, self.progress.prepare())
            site = await until(stop, self._look(reading, stream))
            if site is None:
                return
            reason = await until(stop, self._reason_to_fill(reading, site))
            if reason is None:
                return
            if reason:
                _log.warning("building anew", reason=reason)
                done = await until(stop, self._fill(reading, stream, site))
            else:
                done = await until(stop, self._take_up(site))
            if done is None:
                return
            await self._follow(stop, stream, reading, site.identity, *done)

    async def _look(self, reading: AsyncConnection[Any], stream: AsyncConnection[Any]) -> Site:
        epoch = await store.store_epoch(reading)
        identity, _ = await replication.identify(stream, epoch)
        return Site(identity, await store.log_head(reading), await self.progress.read())

    async def _reason_to_fill(self, reading: AsyncConnection[Any], site: Site) -> str:
        """Return why the view cannot just be followed, empty when it can (reliability.md 0.2)."""
        try:
            await self._check_publication(reading)
        except store.PublicationWrong:
            # Events pass by unseen until an operator puts it right: remembered beyond our end.
            await self.progress.mark_filling()
            raise
        slot = await store.slot_status(reading, self._settings.slot)
        if slot is not None and not slot.is_ours:
            raise FeedLost("the slot belongs to another database")
        if slot is not None and slot.active:
            raise SlotTaken
        if self._distrust:
            return self._distrust
        progress = site.progress
        if progress is None:
            return "no progress is stored"
        if progress.identity != site.identity:
            return "the index is of another store, system or timeline"
        if progress.phase != FOLLOWING:
            return "a build was not finished"
        if progress.index != self.generations.named(progress.generation).index:
            return "the view has another schema"
        if not await self.generations.exists(self.generations.named(progress.generation)):
            return "the index is missing"
        if slot is None or not slot.usable:
            return "the slot is lost"
        if slot.confirmed > progress.position:
            return "the log was confirmed past the stored progress"
        if progress.position > site.head:
            return "the stored progress lies past the end of the log"
        return ""

    async def _take_up(self, site: Site) -> tuple[Generation, Quarantine, Progress]:
        """Go on where progress says, as the one who writes it from now on."""
        assert site.progress is not None, "without progress the view is built anew"
        generation = self.generations.named(site.progress.generation)
        quarantine = Quarantine(self._elastic, generation)
        await quarantine.load()
        if not await self.generations.serves(generation):
            _log.warning("alias repaired", index=generation.index)
            await self.generations.serve(generation)
        await self.progress.write(site.progress)
        await self.generations.remove_others(generation)  # what a build cut short has left
        return generation, quarantine, site.progress

    async def _fill(
        self, reading: AsyncConnection[Any], stream: AsyncConnection[Any], site: Site
    ) -> tuple[Generation, Quarantine, Progress]:
        """Build a new generation and let it serve."""
        await self.progress.mark_filling()
        stored = site.progress.generation if site.progress else 0
        number = max(stored, await self.generations.newest_number()) + 1
        generation = self.generations.named(number)
        await self.generations.create(generation)
        as_of = await store.now(reading)
        slot = await fresh_slot(stream, reading, self._settings.slot)
        quarantine = Quarantine(self._elastic, generation)
        # Claims come one after the other, so no fold needs to be kept.
        folder = Folder(self._view, site.identity.store_epoch, Folds(0))
        await fill(
            slot,
            reading,
            folder,
            self._bulk,
            generation,
            quarantine,
            bytes_max=self._settings.bulk_bytes_max,
        )
        await self.generations.refresh(generation)
        progress = Progress(
            identity=site.identity,
            position=slot.position,
            generation=number,
            index=generation.index,
            phase=FOLLOWING,
            as_of=as_of,
            quarantined=len(quarantine),
        )
        # Readers first: until progress is written they see more than it claims, never less.
        await self.generations.serve(generation)
        await self.progress.write(progress)
        self._distrust = ""
        await self.generations.remove_others(generation)
        return generation, quarantine, progress

    async def _follow(
        self,
        stop: asyncio.Event,
        stream: AsyncConnection[Any],
        reading: AsyncConnection[Any],
        identity: Identity,
        generation: Generation,
        quarantine: Quarantine,
        progress: Progress,
    ) -> None:
        feed = PostgresFeed(
            stream,
            identity,
            slot=self._settings.slot,
            publication=self._settings.publication,
            start=progress.position,
            status_s=self._settings.feed_status_s,
        )
        worker = Worker(
            self._settings,
            feed,
            Folder(self._view, identity.store_epoch, Folds(self._settings.cache_bytes_max)),
            Histories(reading),
            Target(
                generation=generation,
                generations=self.generations,
                bulk=self._bulk,
                quarantine=quarantine,
                progress=self.progress,
            ),
            progress,
        )
        try:
            await feed.start()
            _log.info("following", index=generation.index, position=str(Lsn(progress.position)))
            await worker.run(stop)
        finally:
            await feed.close()
            _log.info("follow ended", events=worker.events)


async def until(stop: asyncio.Event, work: Awaitable[T]) -> T | None:
    """Return the result of work, or None if `stop` is set before it is done: then it is undone.

    Only for work that may be given up at any point.
    """
    task = asyncio.ensure_future(work)
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((task, stopping), return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        await _ended(task)
        await _ended(stopping)


async def _ended(task: asyncio.Future[Any]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
