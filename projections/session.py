"""One stretch of work: see how things are, build if needed, then follow until something ends.

Nothing is remembered from one stretch to the next: what Postgres and Elasticsearch hold decides.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

import psycopg
from elasticsearch import ApiError
from psycopg import AsyncConnection

from projections import store
from projections.build import Build
from projections.elastic import Elastic
from projections.feed import FeedLost, Identity, Position
from projections.folding import Folder
from projections.handover import settle
from projections.history import Folds, Histories
from projections.index import Generation
from projections.kit import Kit
from projections.parity import Kind, Unproven, Verdict, check
from projections.parity_log import ParityLog
from projections.progress import FOLLOWING, Progress, ProgressStore
from projections.quarantine import Quarantine
from projections.repair import mend
from projections.replication import SlotTaken
from projections.settings import WorkerSettings
from projections.tidy import keep_tidy
from projections.views.view import View
from projections.worker import Target, Worker
from server.platform.log_settings import read_log_settings, unbounded, unsafe
from server.platform.positions import Position as Lsn
from server.platform.telemetry import logger

_log = logger("projections.session")
T = TypeVar("T")

# Comparing takes at most one part in so many of the time.
_PARITY_SHARE: Final = 20


class Outgrown(Exception):
    """Readers are served by a newer version of the view than this program knows."""


class StoreIsOlder(Exception):
    """The log ends before what readers were shown: a copy of the store was put back.

    Only an operator can say so, by `python -m server.command recover`; until then positions would
    mean one thing before and another one after.
    """


class EpochChanged(Exception):
    """The store has begun another epoch."""


class Diverged(Exception):
    """Documents are ahead of the store: it was put back, or somebody wrote into the index."""


@dataclass(frozen=True, slots=True)
class Site:
    """What a stretch found: the log's identity and end, and what is stored about the view."""

    identity: Identity
    head: Position
    progress: Progress | None


class Session:
    """Keeps one view of one database in one Elasticsearch."""

    def __init__(
        self,
        settings: WorkerSettings,
        view: View,
        elastic: Elastic,
        comparing: asyncio.Lock | None = None,
    ) -> None:
        self._settings = settings
        self._view = view
        # Of several views one is compared at a time.
        self._comparing = comparing or asyncio.Lock()
        self.kit = Kit.of(settings, view, elastic)
        self.progress: ProgressStore = self.kit.serving()
        # Why the feed cannot be believed until the view is built anew; empty when it can.
        self._distrust = ""
        self._epoch: UUID | None = None  # of the store that is being followed
        # What the last comparison led to mend.
        self._mended: frozenset[str] = frozenset()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, or raise what ended the stretch."""
        url = self._settings.database_url
        async with AsyncExitStack() as stack:
            guard = await store.connect(url, self._settings.lease_s)
            stack.push_async_callback(guard.close)
            try:
                await stack.enter_async_context(store.only_one(guard, self.kit.place))
            except SlotTaken:
                await self._overtake(stop)
                raise
            beating = asyncio.create_task(self._watch(guard))
            stack.push_async_callback(_ended, beating)
            working = asyncio.create_task(self._work(stop))
            stack.push_async_callback(_ended, working)
            # Without its place the worker must not go on, so the end of the heartbeat ends all.
            await asyncio.wait((beating, working), return_when=asyncio.FIRST_COMPLETED)
            for task in (working, beating):
                if task.done():
                    task.result()

    async def _overtake(self, stop: asyncio.Event) -> None:
        """Build beside a worker of an older version, which goes on until we are ready."""
        found = await until(stop, self.progress.peek())
        if found is None or self._schema_of(found) >= self._view.schema:
            return
        _log.warning("building beside an older worker", index=found.index)
        await until(stop, Build(self.kit).run(keep_old=False))

    def _schema_of(self, progress: Progress) -> int:
        return self.kit.generations.schema_of(progress.index)

    async def _check_settings(self, connection: AsyncConnection[Any]) -> None:
        """Refuse a log that can lose what it told, and say when a slot has no bound (P31)."""
        found = await read_log_settings(connection)
        if faults := unsafe(found):
            raise FeedLost("; ".join(faults))
        for sentence in unbounded(found):
            _log.warning("slots are not protected", reason=sentence)

    async def _watch(self, guard: AsyncConnection[Any]) -> None:
        """Keep our place, and see that no event passes the feed by (F81)."""
        while True:
            await asyncio.sleep(self._settings.heartbeat_s)
            await store.beat(guard)
            await self._check_publication(guard)
            if self._epoch not in (None, await store.store_epoch(guard)):
                raise EpochChanged

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
            stream = await self.kit.source.connect(url)
            stack.push_async_callback(stream.close)
            await until(stop, self.progress.prepare())
            site = await until(stop, self._look(reading, stream))
            if site is None:
                return
            reason = await until(stop, self._reason_to_build(reading, site))
            if reason is None:
                return
            if reason:
                _log.warning("building anew", view=self._view.name, reason=reason)
                await until(stop, self._build(site))
                return  # the next stretch finds the new generation
            done = await until(stop, self._take_up(reading, site))
            if done is None:
                return
            await stream.close()  # the feed has a connection of its own
            await self._follow(stop, reading, site.identity, *done)

    async def _look(self, reading: AsyncConnection[Any], stream: AsyncConnection[Any]) -> Site:
        await self._check_settings(reading)
        self._epoch = epoch = await store.store_epoch(reading)
        identity, _ = await self.kit.source.identify(stream, epoch)
        progress = await self.progress.read()
        if progress is not None and progress.successor:
            async with store.only_one(reading, self.kit.building):
                await settle(self.kit)
            progress = await self.progress.read()
        return Site(identity, await store.log_head(reading), progress)

    async def _reason_to_build(self, reading: AsyncConnection[Any], site: Site) -> str:
        """Return why the view cannot just be followed, empty when it can (reliability.md 0.2)."""
        progress = site.progress
        # First of all: whatever else is wrong is for the newer version to put right.
        if progress is not None and self._schema_of(progress) > self._view.schema:
            raise Outgrown
        try:
            await self._check_publication(reading)
        except store.PublicationWrong:
            # Events pass by unseen until an operator puts it right: remembered beyond our end.
            await self.progress.mark_unfit()
            raise
        if self._distrust:
            return self._distrust
        if progress is None:
            return "no progress is stored"
        if progress.identity != site.identity:
            return "the index is of another store, system or timeline"
        if progress.position > site.head:
            raise StoreIsOlder
        if self._schema_of(progress) < self._view.schema:
            return "the view has another schema"
        if progress.phase != FOLLOWING:
            return "a build was not finished"
        generation = self.kit.generations.of_index(progress.index)
        if not await self.kit.generations.exists(generation):
            return "the index is missing"
        if not self.kit.has_slots:
            return ""
        slot = await store.slot_status(reading, generation.slot)
        if slot is not None and not slot.is_ours:
            raise FeedLost("the slot belongs to another database")
        if slot is not None and slot.active:
            raise SlotTaken
        if slot is None or not slot.usable:
            return "the slot is lost"
        if slot.confirmed > progress.position:
            return "the log was confirmed past the stored progress"
        return ""

    async def _build(self, site: Site) -> None:
        await self.progress.mark_unfit()
        await Build(self.kit).run(keep_old=False)
        self._distrust, self._mended = "", frozenset()

    async def _take_up(
        self, reading: AsyncConnection[Any], site: Site
    ) -> tuple[Generation, Quarantine, Progress]:
        """Go on where progress says, as the one who writes it from now on."""
        assert site.progress is not None, "without progress the view is built anew"
        generation = self.kit.generations.of_index(site.progress.index)
        quarantine = Quarantine(self.kit.elastic, generation)
        await quarantine.load()
        await self.progress.write(site.progress)
        if not await self.kit.generations.serves(generation):
            # Not while a builder is at work: it may just be moving the alias.
            async with store.only_one(reading, self.kit.building):
                await self.progress.write(site.progress)
                _log.warning("alias repaired", index=generation.index)
                await self.kit.generations.serve(generation)
        return generation, quarantine, site.progress

    async def _follow(
        self,
        stop: asyncio.Event,
        reading: AsyncConnection[Any],
        identity: Identity,
        generation: Generation,
        quarantine: Quarantine,
        progress: Progress,
    ) -> None:
        settings = self._settings
        async with self.kit.feed(identity, generation, progress.position) as feed:
            worker = Worker(
                settings,
                self._view,
                feed,
                Folder(self._view, identity.store_epoch, Folds(settings.cache_bytes_max)),
                Histories(reading, self._view.subject),
                Target(
                    generation=generation,
                    generations=self.kit.generations,
                    bulk=self.kit.bulk,
                    quarantine=quarantine,
                    progress=self.progress,
                ),
                progress,
            )
            _log.info("following", index=generation.index, position=str(Lsn(progress.position)))
            proving = asyncio.create_task(self._prove(generation, quarantine))
            tidying = asyncio.create_task(keep_tidy(self.kit, generation))
            tasks = (proving, tidying)
            try:
                following = asyncio.create_task(worker.run(stop))
                await asyncio.wait((following, *tasks), return_when=asyncio.FIRST_COMPLETED)
                if not following.done():
                    await _ended(following)
                for task in (*tasks, following):
                    if task.done() and not task.cancelled():
                        task.result()
            finally:
                for task in tasks:
                    await _ended(task)
                _log.info("follow ended", index=generation.index, events=worker.events)

    async def _prove(self, generation: Generation, quarantine: Quarantine) -> None:
        """Compare the view with the store again and again, and mend what differs."""
        if not self._settings.parity_s:
            await asyncio.Event().wait()
        log = ParityLog(self.kit)
        took = 0.0
        while True:
            await asyncio.sleep(max(self._settings.parity_s, _PARITY_SHARE * took))
            started = time.monotonic()
            try:
                async with self._comparing:
                    verdict = await check(self.kit, generation, self.kit.serving())
                    repaired = await self._mend(generation, quarantine, verdict)
                await log.record(verdict, repaired)
            except (Unproven, psycopg.Error, OSError, ApiError) as error:
                _log.info("not compared", view=self._view.name, error_type=type(error).__name__)
            took = time.monotonic() - started

    async def _mend(self, generation: Generation, quarantine: Quarantine, verdict: Verdict) -> int:
        ids = frozenset(one.document_id for one in verdict.differences)
        mended, self._mended = self._mended, ids
        if verdict.is_equal:
            return 0
        for one in verdict.differences:
            _log.error("document differs", document_id=one.document_id, kind=one.kind.value)
        if any(one.kind is Kind.AHEAD for one in verdict.differences):
            # An older version cannot be written over it: only a new generation helps.
            self._distrust = "documents are ahead of the store"
            raise Diverged
        if ids & mended:
            # Somebody wrote them by hand, and gave them versions of the engine's own.
            self._distrust = "documents cannot be mended"
            raise Diverged
        connection = await store.connect(self._settings.database_url)
        try:
            return await mend(self.kit, connection, generation, quarantine, ids)
        finally:
            await connection.close()


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
