"""Watches index, progress and slots all along, directly: nothing ever goes backwards."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

import psycopg
from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch
from psycopg import AsyncConnection

from tests.faults.history import Recorder
from tests.faults.processes import PROGRESS, SLOT, System

Progress = dict[str, Any]
VIEW: Final = "claims"
_PAGE: Final = 5000
_AWAY: Final = (ApiError, TransportError, OSError)


class Seen(NamedTuple):
    """A document as a search shows it."""

    version: int
    position: int


class Watcher:
    """Samples what readers see, over alias moves too, and what progress and slots say."""

    def __init__(self, system: System, recorder: Recorder) -> None:
        self._url = system.database_url
        self._views = system.views
        self._recorder = recorder
        self._client = AsyncElasticsearch(
            system.elasticsearch_url, request_timeout=10, max_retries=0, retry_on_timeout=False
        )
        self._seen: dict[str, dict[str, Seen]] = {view: {} for view in self._views}
        self._progress: dict[str, Progress] = {}
        self._compared_at: dict[str, str] = {}
        # Commits whose position progress has not reached yet.
        self._followed: list[tuple[dict[str, int], int]] = []
        self._looking: list[asyncio.Task[None]] = []
        self.samples = 0
        self.documents = 0
        self.slots_compared = 0
        # Commits whose position was waited for and then looked for in a search.
        self.followed = 0
        self.rebuilds = 0
        self.parity_checks = 0
        # The watching itself; it only ends when something is wrong with the watcher.
        self.task: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Watch; never returns."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch_documents())
            group.create_task(self._watch_slots())

    async def _watch_documents(self) -> None:
        while True:
            started = time.monotonic()
            try:
                for view in self._views:
                    self._compare(view, await self.scan(view))
                self.samples += 1
            except _AWAY:
                await asyncio.sleep(0.2)
            # Half of the time at most, whatever a sample costs.
            await asyncio.sleep(max(0.1, time.monotonic() - started))

    async def scan(self, view: str) -> dict[str, Seen]:
        """Return every document that a search sees now, at one point in time."""
        client = self._client
        point = (await client.open_point_in_time(index=view, keep_alive="1m"))["id"]
        found: dict[str, Seen] = {}
        after: list[Any] | None = None
        try:
            while True:
                answer = await client.search(
                    pit={"id": point}, size=_PAGE, sort=[{"_shard_doc": "asc"}], search_after=after,
                    source=False, docvalue_fields=[{"field": "version"}, {"field": "position"}],
                    track_total_hits=False, allow_partial_search_results=False,
                )  # fmt: skip
                hits = answer["hits"]["hits"]
                for hit in hits:
                    fields = hit["fields"]
                    found[hit["_id"]] = Seen(fields["version"][0], fields["position"][0])
                if len(hits) < _PAGE:
                    return found
                after = hits[-1]["sort"]
        finally:
            await client.close_point_in_time(id=point)

    def _compare(self, view: str, found: dict[str, Seen]) -> None:
        for name, before in self._seen[view].items():
            now = found.get(name)
            if now is None:
                self._recorder.violation(
                    "a document disappeared", view=view, id=name, was=before.version
                )
            elif now.version < before.version or now.position < before.position:
                self._recorder.violation(
                    "a document went backwards",
                    view=view,
                    id=name,
                    was=list(before),
                    now=list(now),
                )
        self._seen[view] = found
        self.documents = sum(map(len, self._seen.values()))

    async def _watch_slots(self) -> None:
        while True:
            try:
                async with await AsyncConnection.connect(
                    self._url, autocommit=True, connect_timeout=5
                ) as connection:
                    while True:
                        await self._compare_slots(connection)
                        await asyncio.sleep(0.05)
            except (*_AWAY, psycopg.Error):
                await asyncio.sleep(0.2)

    async def _compare_slots(self, connection: AsyncConnection[Any]) -> None:
        """See that the log was told to forget only what progress says is in (0.2 point 2)."""
        rows = await (
            await connection.execute(
                "SELECT slot_name, confirmed_flush_lsn - '0/0'::pg_lsn FROM pg_replication_slots"
                " WHERE slot_name LIKE %s AND confirmed_flush_lsn IS NOT NULL",
                (f"{SLOT}%",),
            )
        ).fetchall()
        confirmed = {str(name): int(position) for name, position in rows}
        # Read after the slots, and it only grows.
        for view, progress in (await self.progress()).items():
            if progress is not None:
                self._compare_progress(view, progress, confirmed)
                if view == VIEW:
                    self._look_for(progress)

    def _compare_progress(self, view: str, progress: Progress, confirmed: dict[str, int]) -> None:
        before = self._progress.get(view, progress)
        self._progress[view] = progress
        if progress["generation"] != before["generation"]:
            self.rebuilds += 1
        elif progress["lsn_number"] < before["lsn_number"]:
            self._recorder.violation(
                "progress went backwards",
                view=view, was=before["lsn_number"], now=progress["lsn_number"],
            )  # fmt: skip
        slot = f"{SLOT}_{view}_{progress['generation']}"
        if slot not in confirmed:
            return
        self.slots_compared += 1
        if confirmed[slot] > progress["lsn_number"]:
            self._recorder.violation(
                "the log was confirmed past the stored progress",
                slot=slot, confirmed=confirmed[slot], progress=progress["lsn_number"],
            )  # fmt: skip

    async def progress(self) -> dict[str, Progress | None]:
        """Return the progress of each view's serving generation as it is stored now."""
        names = [*self._views, *(f"{view}-parity" for view in self._views)]
        answer = await self._client.options(ignore_status=404).mget(index=PROGRESS, ids=names)
        found = {one["_id"]: one.get("_source") for one in answer.get("docs", ())}
        for view in self._views:
            self._hear(view, found.get(f"{view}-parity"))
        return {view: found.get(view) for view in self._views}

    def _hear(self, view: str, verdict: dict[str, Any] | None) -> None:
        """Hear what the worker's own comparison came to: it mends, but there was something."""
        if verdict is None or verdict["checked_at"] == self._compared_at.get(view):
            return
        self._compared_at[view] = verdict["checked_at"]
        self.parity_checks += 1
        if verdict["differing"]:
            self._recorder.violation(
                "the worker's own comparison found a difference",
                view=view, documents=verdict["differing"],
            )  # fmt: skip

    def follow(self, claims: dict[str, int], lsn: int) -> None:
        """Look for claims, by version, as soon as progress claims their commit's position."""
        self._followed.append((claims, lsn))

    def _look_for(self, progress: Progress) -> None:
        """Look at once for everything that progress claims by now."""
        due = [one for one in self._followed if one[1] <= progress["lsn_number"]]
        if due:
            self._followed = [one for one in self._followed if one[1] > progress["lsn_number"]]
            self._looking = [one for one in self._looking if not one.done()]
            self._looking.append(asyncio.create_task(self._see([claims for claims, _ in due])))

    async def _see(self, commits: list[dict[str, int]]) -> None:
        wanted: dict[str, int] = {}
        for claims in commits:
            for name, version in claims.items():
                wanted[name] = max(version, wanted.get(name, 0))
        try:
            answer = await self._client.search(
                index=VIEW, query={"ids": {"values": list(wanted)}}, size=len(wanted),
                source={"includes": ["version"]}, allow_partial_search_results=False,
            )  # fmt: skip
        except _AWAY:
            return
        self.followed += len(commits)
        found = {hit["_id"]: hit["_source"]["version"] for hit in answer["hits"]["hits"]}
        stale = [name for name, version in wanted.items() if found.get(name, 0) < version]
        if stale:
            self._recorder.violation(
                "progress claims what a search does not see", claims=len(stale), first=stale[0]
            )

    async def settled(self) -> None:
        """Wait for what is being followed, once progress has passed it all."""
        async with asyncio.timeout(60):
            while self._followed or not all(one.done() for one in self._looking):
                await asyncio.sleep(0.05)

    async def close(self) -> None:
        """Stop looking, let the client go."""
        for task in self._looking:
            task.cancel()
        await asyncio.gather(*self._looking, return_exceptions=True)
        await self._client.close()


@asynccontextmanager
async def watcher(system: System, recorder: Recorder) -> AsyncIterator[Watcher]:
    """A watcher at work."""
    one = Watcher(system, recorder)
    one.task = watching = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await one.close()
