"""Histories from the tables, and the folds of what was touched lately."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final
from uuid import UUID

import orjson
from psycopg import AsyncConnection, sql
from psycopg.rows import dict_row

from projections.views.subject import EventRow, Key, Subject, key_of
from projections.views.view import Document

# A loop over the primary key whatever the statistics say, so that it never costs more on a table
# that has grown.
_BY_KEY: Final = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off"

_BELOW: Final = sql.SQL(
    "SELECT r.* FROM unnest(%(tenants)b::uuid[], %(ids)b::uuid[], %(below)b::bigint[])"
    " AS w (tenant_id, id, below) JOIN ({}) AS r ON r.tenant_id = w.tenant_id AND r.id = w.id"
    " AND r.version < w.below ORDER BY r.tenant_id, r.id, r.version"
)

_WITHIN: Final = sql.SQL(
    "SELECT * FROM ({}) AS r WHERE (r.tenant_id, r.id) >= (%(from_tenant)s, %(from_id)s)"
    " AND (%(whole)s OR (r.tenant_id, r.id) < (%(to_tenant)s, %(to_id)s))"
    " ORDER BY r.tenant_id, r.id, r.version"
)

_BOUNDS: Final = sql.SQL(
    "SELECT tenant_id, id FROM (SELECT tenant_id, id, row_number() OVER (ORDER BY tenant_id, id)"
    " AS place FROM ({}) AS r WHERE r.version = 1) AS n WHERE place %% %(size)s = 0"
    " ORDER BY tenant_id, id"
)

# A row that came through the log can be invisible to SQL for some milliseconds; with a synchronous
# standby that is slow, for longer.
_WAIT_S: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 1.0, 2.0)


# Later than any version.
_EVER: Final = 2**62


class Histories:
    """Reads the rows of a subject as the worker's role."""

    def __init__(self, connection: AsyncConnection[Any], subject: Subject) -> None:
        self._connection = connection
        self._below = _BELOW.format(subject.rows)
        self._prepared = False

    async def below(self, wanted: Mapping[Key, int]) -> dict[Key, list[EventRow]]:
        """Return the rows of things before a version, all of them, in order.

        Waits for rows that are committed and not visible yet; one whose history has a hole even
        then is left out.
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

    async def whole(self, keys: Iterable[Key]) -> dict[Key, list[EventRow]]:
        """Return all rows of things, in order, as they are visible now."""
        return await self._select(dict.fromkeys(keys, _EVER))

    async def _select(self, wanted: Mapping[Key, int]) -> dict[Key, list[EventRow]]:
        if not self._prepared:
            await self._connection.execute(_BY_KEY)
            self._prepared = True
        arrays = {
            "tenants": [tenant for tenant, _ in wanted],
            "ids": [thing for _, thing in wanted],
            "below": list(wanted.values()),
        }
        rows: dict[Key, list[EventRow]] = {}
        async with self._connection.cursor(binary=True, row_factory=dict_row) as cursor:
            await cursor.execute(self._below, arrays)
            async for row in cursor:
                rows.setdefault(key_of(row), []).append(row)
        return rows


@dataclass(frozen=True, slots=True)
class Range:
    """Things from a key on, up to another and without it; None: to the end."""

    begins: Key
    ends: Key | None


async def ranges(connection: AsyncConnection[Any], subject: Subject, size: int) -> Sequence[Range]:
    """Return ranges of about so many things each, which together are everything there is."""
    cursor = await connection.execute(_BOUNDS.format(subject.rows), {"size": size})
    bounds = [_FIRST, *[(row[0], row[1]) for row in await cursor.fetchall()]]
    return [Range(one, after) for one, after in zip(bounds, [*bounds[1:], None], strict=True)]


@asynccontextmanager
async def snapshot(connection: AsyncConnection[Any], name: str) -> AsyncIterator[None]:
    """Read as of an exported snapshot, or as of now when it has no name."""
    async with connection.transaction():
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        if name:
            await connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(name))
        yield


async def histories_within(
    connection: AsyncConnection[Any], subject: Subject, within: Range
) -> AsyncIterator[list[EventRow]]:
    """Yield the history of one thing after the other; needs a transaction around it."""
    ends = within.ends or _FIRST
    bounds = {
        "from_tenant": within.begins[0], "from_id": within.begins[1],
        "to_tenant": ends[0], "to_id": ends[1], "whole": within.ends is None,
    }  # fmt: skip
    waiting: list[EventRow] = []
    async with connection.cursor("claimflow_fill", binary=True, row_factory=dict_row) as cursor:
        await cursor.execute(_WITHIN.format(subject.rows), bounds)
        while page := await cursor.fetchmany(2000):
            for key, rows in groupby(page, key=key_of):
                if waiting and key_of(waiting[0]) != key:
                    yield waiting
                    waiting = []
                waiting.extend(rows)
    if waiting:
        yield waiting


_FIRST: Final[Key] = (UUID(int=0), UUID(int=0))


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
