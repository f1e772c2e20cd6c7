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
from tests.faults.processes import SLOT

PROGRESS: Final = "claimflow-progress"
VIEW: Final = "claims"
_PAGE: Final = 5000
_AWAY: Final = (ApiError, TransportError, OSError)


class Seen(NamedTuple):
    """A document as a search shows it."""

    version: int
    position: int


class Watcher:
    """Samples what readers see, over alias moves too, and what progress and slots say."""

    def __init__(self, database_url: str, elasticsearch_url: str, recorder: Recorder) -> None:
        self._url = database_url
        self._recorder = recorder
        self._client = AsyncElasticsearch(
            elasticsearch_url, request_timeout=10, max_retries=0, retry_on_timeout=False
        )
        self._seen: dict[str, Seen] = {}
        self._progress: dict[str, Any] | None = None
        # Commits whose position progress has not reached yet.
        self._followed: list[tuple[dict[str, int], int]] = []
        self._looking: list[asyncio.Task[None]] = []
        self.samples = 0
        self.documents = 0
        self.slots_compared = 0
        # Commits whose position was waited for and then looked for in a search.
        self.followed = 0
        self.rebuilds = 0
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
                self._compare(await self.scan())
            except _AWAY:
                await asyncio.sleep(0.2)
            # A third of the time at most, whatever a sample costs.
            await asyncio.sleep(max(0.1, 2 * (time.monotonic() - started)))

    async def scan(self) -> dict[str, Seen]:
        """Return every document that a search sees now, at one point in time."""
        client = self._client
        point = (await client.open_point_in_time(index=VIEW, keep_alive="1m"))["id"]
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

    def _compare(self, found: dict[str, Seen]) -> None:
        self.samples += 1
        self.documents = len(found)
        for name, before in self._seen.items():
            now = found.get(name)
            if now is None:
                self._recorder.violation("a document disappeared", id=name, was=before.version)
            elif now.version < before.version or now.position < before.position:
                self._recorder.violation(
                    "a document went backwards", id=name, was=list(before), now=list(now)
                )
        self._seen = found

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
        progress = await self.progress()
        if progress is None:
            return
        self._look_for(progress)
        before, self._progress = self._progress, progress
        if before is not None and progress["generation"] != before["generation"]:
            self.rebuilds += 1
        elif before is not None and progress["lsn_number"] < before["lsn_number"]:
            self._recorder.violation(
                "progress went backwards", was=before["lsn_number"], now=progress["lsn_number"]
            )
        names = (SLOT, f"{SLOT}_{VIEW}_{progress['generation']}")
        for slot, confirmed in rows:
            if slot not in names or progress["phase"] == "FILLING":
                continue
            self.slots_compared += 1
            # Progress was read after the slot, and only grows.
            if confirmed > progress["lsn_number"]:
                self._recorder.violation(
                    "the log was confirmed past the stored progress",
                    slot=slot, confirmed=int(confirmed), progress=progress["lsn_number"],
                )  # fmt: skip

    async def progress(self) -> dict[str, Any] | None:
        """Return the progress of the serving generation as it is stored now."""
        answer = await self._client.options(ignore_status=404).get(index=PROGRESS, id=VIEW)
        source: dict[str, Any] | None = answer.get("_source")
        return source

    def follow(self, claims: dict[str, int], lsn: int) -> None:
        """Look for claims, by version, as soon as progress claims their commit's position."""
        self._followed.append((claims, lsn))

    def _look_for(self, progress: dict[str, Any]) -> None:
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
async def watcher(
    database_url: str, elasticsearch_url: str, recorder: Recorder
) -> AsyncIterator[Watcher]:
    """A watcher at work."""
    one = Watcher(database_url, elasticsearch_url, recorder)
    one.task = watching = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await one.close()
