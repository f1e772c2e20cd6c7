"""Histories of claims from the event table, and the folds of claims that were touched lately."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

import orjson
from psycopg import AsyncConnection, sql
from psycopg.rows import dict_row

from projections.views.view import Document
from server.claims.records import COLUMNS

Key = tuple[UUID, UUID]  # tenant, claim
EventRow = Mapping[str, Any]

_COLUMNS: Final = sql.SQL(", ").join(sql.Identifier("e", name) for name in COLUMNS)

# A loop over the primary key whatever the statistics say, so that it never costs more on a table
# that has grown.
_BY_KEY: Final = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off"

_BELOW: Final = sql.SQL(
    "SELECT {} FROM unnest(%(tenants)b::uuid[], %(claims)b::uuid[], %(below)b::bigint[])"
    " AS w (tenant_id, claim_id, below)"
    " JOIN claimflow.claim_event e ON e.tenant_id = w.tenant_id AND e.claim_id = w.claim_id"
    " AND e.version < w.below ORDER BY e.tenant_id, e.claim_id, e.version"
).format(_COLUMNS)

_EVERYTHING: Final = sql.SQL(
    "SELECT {} FROM claimflow.claim_event e ORDER BY e.tenant_id, e.claim_id, e.version"
).format(_COLUMNS)

# A row that came through the log can be invisible to SQL for some milliseconds; with a synchronous
# standby that is slow, for longer.
_WAIT_S: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 1.0, 2.0)


class Histories:
    """Reads the event table as the worker's role."""

    def __init__(self, connection: AsyncConnection[Any]) -> None:
        self._connection = connection
        self._prepared = False

    async def below(self, wanted: Mapping[Key, int]) -> dict[Key, list[EventRow]]:
        """Return the events of claims before a version, all of them, in order.

        Waits for rows that are committed and not visible yet; a claim whose history has a hole
        even then is left out.
        """
        found: dict[Key, list[EventRow]] = {}
        missing = dict(wanted)
        for wait in (*_WAIT_S, None):
            rows = await self._select(missing)
            for key, below in list(missing.items()):
                if len(rows.get(key, ())) == below - 1:
                    found[key] = rows.get(key, [])
                    del missing[key]
            if not missing:
                return found
            if wait is not None:
                await asyncio.sleep(wait)
        return found

    async def _select(self, wanted: Mapping[Key, int]) -> dict[Key, list[EventRow]]:
        if not self._prepared:
            await self._connection.execute(_BY_KEY)
            self._prepared = True
        arrays = {
            "tenants": [tenant for tenant, _ in wanted],
            "claims": [claim for _, claim in wanted],
            "below": list(wanted.values()),
        }
        rows: dict[Key, list[EventRow]] = {}
        async with self._connection.cursor(binary=True, row_factory=dict_row) as cursor:
            await cursor.execute(_BELOW, arrays)
            async for row in cursor:
                rows.setdefault((row["tenant_id"], row["claim_id"]), []).append(row)
        return rows


@asynccontextmanager
async def snapshot_events(
    connection: AsyncConnection[Any], snapshot: str
) -> AsyncIterator[AsyncIterator[list[EventRow]]]:
    """Yield all events as of a snapshot, claim by claim in version order, a few thousand a time."""
    async with connection.transaction():
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        await connection.execute(
            sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(snapshot))
        )
        async with connection.cursor("claimflow_fill", binary=True, row_factory=dict_row) as cursor:
            await cursor.execute(_EVERYTHING)

            async def pages() -> AsyncIterator[list[EventRow]]:
                while page := await cursor.fetchmany(2000):
                    yield list(page)

            yield pages()


class Folds:
    """Folded documents as bytes, the least lately used ones dropped beyond a size."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0
        self._kept: OrderedDict[Key, tuple[int, bytes]] = OrderedDict()

    def version(self, key: Key) -> int | None:
        """Return the version a claim is known at, None when it is not known."""
        found = self._kept.get(key)
        return None if found is None else found[0]

    def document(self, key: Key) -> Document | None:
        """Return a known claim's document."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        document: Document = orjson.loads(found[1])
        return document

    def keep(self, key: Key, version: int, source: bytes) -> None:
        """Remember a claim's document."""
        self.forget(key)
        self._kept[key] = (version, source)
        self._bytes += len(source)
        while self._bytes > self._bytes_max:
            _, (_, dropped) = self._kept.popitem(last=False)
            self._bytes -= len(dropped)

    def forget(self, key: Key) -> None:
        """Drop a claim."""
        found = self._kept.pop(key, None)
        if found is not None:
            self._bytes -= len(found[1])
