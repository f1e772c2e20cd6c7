"""Parity: proof that a view is what the store holds, at one position of the log.

The store is read in a snapshot that a slot of its own exports: it shows what was committed before a
position, and nothing else. Once the view is searchable up to there, a point in time is opened on
it, and both sides are added up, slice by slice. What changed behind the position meanwhile has
documents with a later one; they are left out on both sides, after a look that none is older than
the snapshot. Slices that differ are listed, so that every difference has a name.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import uuid4

from psycopg import AsyncConnection, sql

from projections import replication, store
from projections.digest import DIGEST_SQL, SLICE_SQL, SLICES, digest_of, slice_of
from projections.elastic import Elastic
from projections.feed import Position
from projections.history import snapshot
from projections.index import Generation, IndexLost
from projections.kit import Kit
from projections.progress import ProgressStore
from projections.quarantine import Quarantine
from projections.sources import sql as sql_source
from projections.views.subject import Key, document_id, parse_document_id
from projections.views.view import View
from server.platform.positions import Position as Lsn

_PAGE: Final = 5000
# More documents than this that changed during one comparison, and it is put off.
_MOVING_MAX: Final = 50_000
_POLL_S: Final = 0.02
# No document is ahead of the log by more than this.
_LEAD_BYTES_MAX: Final = 1 << 30


class Unproven(Exception):
    """The comparison could not be made now: the view, or a transaction, keeps it waiting."""


class Kind(StrEnum):
    """How a document differs from the store."""

    MISSING = "MISSING"  # the store has it
    BEHIND = "BEHIND"  # the store has a later version
    AHEAD = "AHEAD"  # the store has an earlier version: it was restored, or somebody wrote by hand
    EXTRA = "EXTRA"  # the store has nothing of it


@dataclass(frozen=True, slots=True)
class Difference:
    """One document that is not what the store holds."""

    document_id: str
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a comparison came to."""

    view: str
    index: str
    position: Position
    checked_at: datetime
    documents: int
    quarantined: int  # known to be missing or behind, and not counted as differences
    differences: Sequence[Difference]

    @property
    def is_equal(self) -> bool:
        """Whether every document is what the store holds up to the position."""
        return not self.differences

    def __str__(self) -> str:
        """Say it in a line."""
        where = f"up to position {Lsn(self.position)}"
        parked = f", {self.quarantined} in quarantine" if self.quarantined else ""
        if self.is_equal:
            return (
                f"{self.view}: proved equal {where}: {self.documents} documents in {SLICES} slices"
                f"{parked}"
            )
        return f"{self.view}: {len(self.differences)} documents differ {where}{parked}"


@dataclass(frozen=True, slots=True)
class _Sums:
    """Count and sum of hashes, by slice."""

    counts: list[int]
    sums: list[int]

    @classmethod
    def none(cls) -> _Sums:
        return cls([0] * SLICES, [0] * SLICES)

    def add(self, place: int, count: int, total: int) -> None:
        self.counts[place] += count
        self.sums[place] += total

    def without(self, heads: Mapping[Key, int]) -> _Sums:
        """Leave documents out."""
        left = _Sums(list(self.counts), list(self.sums))
        for key, version in heads.items():
            left.add(slice_of(key), -1, -digest_of(key, version))
        return left

    def differing(self, other: _Sums) -> list[int]:
        return [
            place
            for place in range(SLICES)
            if (self.counts[place], self.sums[place]) != (other.counts[place], other.sums[place])
        ]


async def check(kit: Kit, generation: Generation, progress: ProgressStore) -> Verdict:
    """Compare a generation with the store; `Unproven` when that can't be done now.

    `progress` is read, never written: it may be another process that keeps the generation.
    """
    async with _exact(kit) as (position, end, name):
        await _reached(kit, progress, end)
        # Before the point in time: whatever is parked by now is taken for parked there, too.
        entries = await Quarantine(kit.elastic, generation).entries()
        parked = [parse_document_id(one.document_id) for one in entries]
        async with (
            _point(kit.elastic, generation) as point,
            _reading(kit, name) as connection,
        ):
            # What the index shows was committed before this; what is being mended lies ahead.
            latest = await store.log_head(connection) + _LEAD_BYTES_MAX
            index = _Indexed(kit.elastic, point, position, latest)
            return await _compared(kit, generation, index, _Heads(connection, kit.view), parked)


async def _compared(
    kit: Kit, generation: Generation, index: _Indexed, heads: _Heads, parked: Sequence[Key]
) -> Verdict:
    moving, beyond = await index.moving(), await index.beyond()
    aside = {*moving, *beyond, *parked}
    stored_aside = await heads.of(aside)
    stored = (await heads.sums()).without(stored_aside)
    shown = (await index.sums()).without(await index.versions(parked))
    differences = [
        Difference(document_id(key), Kind.BEHIND)
        for key, version in moving.items()
        if version < stored_aside.get(key, 0)
    ]
    differences += [
        Difference(document_id(key), Kind.AHEAD if key in stored_aside else Kind.EXTRA)
        for key in beyond
    ]
    if slices := stored.differing(shown):
        in_store, in_index = await heads.within(slices), await index.within(slices)
        differences += _differences(in_store, in_index, aside)
    return Verdict(
        view=kit.view.name,
        index=generation.index,
        position=index.position,
        checked_at=datetime.now(UTC),
        documents=sum(shown.counts) + len(moving),
        quarantined=len(parked),
        differences=sorted(differences, key=lambda one: one.document_id),
    )


def _differences(
    stored: Mapping[Key, int], shown: Mapping[Key, int], aside: Iterable[Key]
) -> list[Difference]:
    found = []
    for key in (stored.keys() | shown.keys()).difference(aside):
        expected, version = stored.get(key), shown.get(key)
        if expected == version:
            continue
        if expected is None:
            kind = Kind.EXTRA
        elif version is None:
            kind = Kind.MISSING
        else:
            kind = Kind.BEHIND if version < expected else Kind.AHEAD
        found.append(Difference(document_id(key), kind))
    return found


# -- the store


@asynccontextmanager
async def _exact(kit: Kit) -> AsyncIterator[tuple[Position, Position, str]]:
    """Yield a position, a snapshot that shows all that was committed before it, and its end.

    Nothing behind the end is shown. By the replication protocol both are one.
    """
    if kit.settings.feed != "replication":
        async with _nearly_exact(kit) as found:
            yield found
        return
    name = f"{kit.settings.slot}_check_{uuid4().hex[:12]}"
    connection = await replication.connect(kit.settings.database_url)
    try:
        command = sql.SQL(
            "CREATE_REPLICATION_SLOT {} TEMPORARY LOGICAL pgoutput (SNAPSHOT 'export')"
        )
        try:
            async with asyncio.timeout(kit.settings.parity_wait_s):
                made = await connection.execute(command.format(sql.Identifier(name)))
        except TimeoutError:
            raise Unproven("write transactions are open") from None
        row = await made.fetchone()
        assert row is not None, "it answers with name, point, snapshot and plugin"
        point = Lsn.parse(row[1]).lsn
        yield point, point, row[2]
    finally:
        await connection.close()


@asynccontextmanager
async def _nearly_exact(kit: Kit) -> AsyncIterator[tuple[Position, Position, str]]:
    """Yield the same by plain SQL: what is committed while the snapshot is made may be shown."""
    connection = await sql_source.connect(kit.settings.database_url)
    try:
        position = await store.log_head(connection)
        try:
            async with asyncio.timeout(kit.settings.parity_wait_s):
                name = await sql_source.snapshot_after(connection)
        except TimeoutError:
            raise Unproven("transactions are open") from None
        yield position, await store.log_head(connection), name
    finally:
        await connection.close()


@asynccontextmanager
async def _reading(kit: Kit, name: str) -> AsyncIterator[AsyncConnection[Any]]:
    connection = await store.connect(kit.settings.database_url)
    try:
        async with snapshot(connection, name):
            yield connection
    finally:
        await connection.close()


class _Heads:
    """The version at which the store has everything, in a snapshot."""

    def __init__(self, connection: AsyncConnection[Any], view: View) -> None:
        self._connection = connection
        self._kinds = None if view.shown_by is None else sorted(view.shown_by)
        of_kinds = sql.SQL("" if self._kinds is None else "WHERE kind = ANY(%(kinds)s)")
        self._heads = sql.SQL(
            "SELECT tenant_id, id, max(version) AS version FROM ({}) AS r {} GROUP BY tenant_id, id"
        ).format(view.subject.rows, of_kinds)

    async def sums(self) -> _Sums:
        found = _Sums.none()
        query = sql.SQL("SELECT {}, count(*), sum({})::bigint FROM ({}) AS h GROUP BY 1").format(
            SLICE_SQL, DIGEST_SQL, self._heads
        )
        for row in await self._rows(query):
            found.add(*row)
        return found

    async def within(self, slices: Sequence[int]) -> dict[Key, int]:
        query = sql.SQL(
            "SELECT tenant_id, id, version FROM ({}) AS h WHERE {} = ANY(%(slices)s)"
        ).format(self._heads, SLICE_SQL)
        rows = await self._rows(query, slices=list(slices))
        return {(row[0], row[1]): row[2] for row in rows}

    async def of(self, keys: Iterable[Key]) -> dict[Key, int]:
        wanted = list(keys)
        if not wanted:
            return {}
        query = sql.SQL(
            "SELECT h.tenant_id, h.id, h.version FROM ({}) AS h JOIN unnest(%(tenants)s::uuid[],"
            " %(ids)s::uuid[]) AS w (tenant_id, id) USING (tenant_id, id)"
        ).format(self._heads)
        tenants, ids = [one[0] for one in wanted], [one[1] for one in wanted]
        rows = await self._rows(query, tenants=tenants, ids=ids)
        return {(row[0], row[1]): row[2] for row in rows}

    async def _rows(self, query: sql.Composable, **values: Any) -> list[Any]:
        cursor = await self._connection.execute(
            sql.SQL("{}").format(query), {"kinds": self._kinds, **values}
        )
        return await cursor.fetchall()


# -- the index


async def _reached(kit: Kit, progress: ProgressStore, position: Position) -> None:
    """Wait until everything up to a position is searchable."""
    try:
        async with asyncio.timeout(kit.settings.parity_wait_s):
            while True:
                found = await progress.peek()
                if found is not None and found.position >= position:
                    return
                await asyncio.sleep(_POLL_S)
    except TimeoutError:
        raise Unproven("the view is not that far") from None


@asynccontextmanager
async def _point(elastic: Elastic, generation: Generation) -> AsyncIterator[str]:
    status, answer = await elastic.send(
        "POST", f"/{generation.index}/_pit?keep_alive=5m", accepted=frozenset({404})
    )
    if status == 404:
        raise IndexLost(generation.index)
    try:
        yield answer["id"]
    finally:
        await elastic.send("DELETE", "/_pit", {"id": answer["id"]}, accepted=frozenset({404}))


class _Indexed:
    """What a point in time shows of a generation, up to a position, and after it."""

    def __init__(self, elastic: Elastic, point: str, position: Position, latest: Position) -> None:
        self.position = position
        self._elastic = elastic
        self._point = point
        self._until: dict[str, Any] = {"range": {"position": {"lte": position}}}
        self._after: dict[str, Any] = {"range": {"position": {"gt": position, "lte": latest}}}
        self._beyond: dict[str, Any] = {"range": {"position": {"gt": latest}}}

    async def sums(self) -> _Sums:
        found = _Sums.none()
        answer = await self._search(
            {
                "size": 0,
                "query": self._until,
                "aggs": {
                    "slices": {
                        "terms": {"field": "slice", "size": SLICES},
                        "aggs": {"digest": {"sum": {"field": "digest"}}},
                    }
                },
            }
        )
        for one in answer["aggregations"]["slices"]["buckets"]:
            found.add(int(one["key"]), int(one["doc_count"]), int(one["digest"]["value"]))
        return found

    async def moving(self) -> dict[Key, int]:
        """Return the documents that changed behind the position."""
        return await self._list(self._after, _MOVING_MAX)

    async def beyond(self) -> dict[Key, int]:
        """Return the documents that claim to be later than anything the log can hold."""
        return await self._list(self._beyond)

    async def within(self, slices: Sequence[int]) -> dict[Key, int]:
        of_slices = {"terms": {"slice": list(slices)}}
        return await self._list({"bool": {"filter": [self._until, of_slices]}})

    async def versions(self, keys: Sequence[Key]) -> dict[Key, int]:
        if not keys:
            return {}
        ids = {"ids": {"values": [document_id(key) for key in keys]}}
        return await self._list({"bool": {"filter": [self._until, ids]}})

    async def _list(self, query: dict[str, Any], most: int | None = None) -> dict[Key, int]:
        found: dict[Key, int] = {}
        body: dict[str, Any] = {
            "size": _PAGE, "query": query, "_source": ["version"], "sort": ["_shard_doc"],
        }  # fmt: skip
        while True:
            hits = (await self._search(body))["hits"]["hits"]
            found |= {parse_document_id(one["_id"]): one["_source"]["version"] for one in hits}
            if len(hits) < _PAGE:
                return found
            if most is not None and len(found) > most:
                raise Unproven("too much is changing")
            body["search_after"] = hits[-1]["sort"]

    async def _search(self, body: dict[str, Any]) -> Any:
        whole = {"pit": {"id": self._point, "keep_alive": "5m"}, "track_total_hits": False, **body}
        path = "/_search?allow_partial_search_results=false"
        _, answer = await self._elastic.send("POST", path, whole)
        if answer["timed_out"] or answer["_shards"]["failed"]:
            raise Unproven("some shard did not answer")
        return answer
