"""Reads from Postgres: a claim as it is or was, its events, the log's head, the record of reads.

Each reply is made from one snapshot, in a transaction that names one tenant: row-level security
shows nothing else. Statements always join on (tenant_id, key).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from claimflow.v1 import claim_pb2, errors_pb2
from server.claims import codec, records
from server.claims.evolution import evolve
from server.claims.model import Claim
from server.platform import telemetry
from server.platform.errors import Failure
from server.platform.postgres import classify, open_pool, tenants_setting
from server.query.disclosure import Read
from server.query.history_wire import claim_message

Row = Mapping[str, Any]
Connection = psycopg.AsyncConnection[Any]

_log = telemetry.logger(__name__)

EPOCH_SECONDS = 5.0

_CLAIM_COLUMNS = (
    "claim_id, claim_number, state, version, head_hash, document, sealed, queue, assignee,"
    " lease_until, submitted_by, receipt_date, received_at, updated_at, policy_version, family_id,"
    " duplicate_key"
)
# Where the log was when the snapshot was taken: nothing that it shows lies beyond.
_SNAPSHOT = (
    "SELECT epoch, pg_current_wal_flush_lsn() - '0/0'::pg_lsn AS lsn, now() AS as_of"
    " FROM claimflow.store"
)
_CLAIMS_BY_ID = (
    f"SELECT {_CLAIM_COLUMNS} FROM claimflow.claim"
    " WHERE tenant_id = %(tenant)s AND claim_id = ANY (%(ids)s)"
)
_CLAIM_BY_NUMBER = (
    f"SELECT {_CLAIM_COLUMNS} FROM claimflow.claim"
    " WHERE tenant_id = %(tenant)s AND claim_number = %(number)s"
)
_EVENTS = (
    f"SELECT {', '.join(records.COLUMNS)} FROM claimflow.claim_event"
    " WHERE tenant_id = %(tenant)s AND claim_id = %(id)s"
)
_RECORD_READS = (
    "INSERT INTO claimflow.read_audit (tenant_id, read_id, read_at, actor, role, purpose, method,"
    " claim_ids, classes, terms_hash, break_glass, correlation_id)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a reply from Postgres holds: every change committed before `as_of`."""

    epoch: UUID
    lsn: int
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """A claim's row as its fold, and the columns that say what its last event said."""

    claim: Claim
    row: Row

    def message(self) -> claim_pb2.Claim:
        """Return the claim with everything in it."""
        return claim_message(
            self.claim,
            head_hash=self.row["head_hash"],
            updated_at=self.row["updated_at"],
            policy_version=self.row["policy_version"],
        )


class History:
    """The read side's door to Postgres."""

    def __init__(self, pool: AsyncConnectionPool[Connection]) -> None:
        self._pool = pool

    async def claims(
        self, tenant_id: UUID, claim_ids: Sequence[UUID]
    ) -> tuple[dict[UUID, Stored], Snapshot]:
        """Return the claims of a tenant that exist, by id."""
        async with self.snapshot(tenant_id) as (connection, snapshot):
            rows = await rows_of(
                connection, _CLAIMS_BY_ID, {"tenant": tenant_id, "ids": list(claim_ids)}
            )
        return {row["claim_id"]: _stored(row) for row in rows}, snapshot

    async def claim_by_number(self, tenant_id: UUID, number: str) -> tuple[Stored | None, Snapshot]:
        """Return a claim of a tenant by its number."""
        async with self.snapshot(tenant_id) as (connection, snapshot):
            rows = await rows_of(
                connection, _CLAIM_BY_NUMBER, {"tenant": tenant_id, "number": number.upper()}
            )
        return (_stored(rows[0]) if rows else None), snapshot

    async def claim_as_of(
        self, tenant_id: UUID, claim_id: UUID, version: int | None, time: datetime | None
    ) -> tuple[Stored | None, Snapshot]:
        """Return a claim as it was after a version, or at a time; None when it does not exist.

        VERSION_NOT_FOUND when it had no such version, or did not exist yet at that time.
        """
        bound = "version <= %(bound)s" if version is not None else "recorded_at <= %(bound)s"
        async with self.snapshot(tenant_id) as (connection, snapshot):
            exists = await rows_of(
                connection, _CLAIMS_BY_ID, {"tenant": tenant_id, "ids": [claim_id]}
            )
            events = await rows_of(
                connection,
                f"{_EVENTS} AND {bound} ORDER BY version",
                {
                    "tenant": tenant_id,
                    "id": claim_id,
                    "bound": version if version is not None else time,
                },
            )
        if not exists:
            return None, snapshot
        if not events or (version is not None and events[-1]["version"] != version):
            raise Failure(errors_pb2.ERROR_REASON_VERSION_NOT_FOUND)
        fold: Claim | None = None
        for event in events:
            fold = evolve(fold, records.recorded(event).event)
        assert fold is not None, "there is at least one event"
        head = events[-1]
        columns = {
            "head_hash": head["hash"],
            "updated_at": head["recorded_at"],
            "policy_version": head["policy_version"],
        }
        return Stored(fold, columns), snapshot

    async def events(
        self, tenant_id: UUID, claim_id: UUID, upto: int | None = None
    ) -> tuple[list[Row], Row | None, Snapshot]:
        """Return the events of a claim by version, up to one when given, and the claim's row."""
        limit = "" if upto is None else " AND version <= %(upto)s"
        async with self.snapshot(tenant_id) as (connection, snapshot):
            rows = await rows_of(
                connection, _CLAIMS_BY_ID, {"tenant": tenant_id, "ids": [claim_id]}
            )
            events = await rows_of(
                connection,
                f"{_EVENTS}{limit} ORDER BY version",
                {"tenant": tenant_id, "id": claim_id, "upto": upto},
            )
        return events, (rows[0] if rows else None), snapshot

    @asynccontextmanager
    async def snapshot(self, tenant_id: UUID) -> AsyncIterator[tuple[Connection, Snapshot]]:
        """Open a transaction that sees one tenant as it is now."""
        async with self._connection() as connection:
            await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            await connection.execute(tenants_setting([tenant_id]).encode())
            snapshot = _of(await rows_of(connection, _SNAPSHOT, {}))
            yield connection, snapshot
            await connection.execute("COMMIT")

    async def head(self) -> Snapshot:
        """Return where the log ends now."""
        async with self.reading() as connection:
            return await self.head_on(connection)

    async def head_on(self, connection: Connection) -> Snapshot:
        """Return where the log ends now, by a connection that is at hand."""
        return _of(await rows_of(connection, _SNAPSHOT, {}))

    def reading(self) -> AbstractAsyncContextManager[Connection]:
        """Lend a connection for what is no tenant's."""
        return self._connection()

    async def record_reads(self, reads: Sequence[Read]) -> None:
        """Store who was shown what; returns when it is on disk."""
        tenants = {read.tenant_id for read in reads}
        async with self._connection() as connection, connection.transaction():
            await connection.execute(tenants_setting(tenants).encode())
            async with connection.cursor() as cursor:
                await cursor.executemany(_RECORD_READS, [read.columns() for read in reads])

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        try:
            async with self._pool.connection() as connection:
                yield connection
        except (psycopg.Error, PoolTimeout, OSError) as error:
            _log.warning("database failed", error=type(error).__name__)
            raise classify(error) from error


@asynccontextmanager
async def open_history(url: str) -> AsyncIterator[History]:
    """Open the door to Postgres, which need not be there yet."""
    pool = open_pool(url, "claimflow_query", application="claimflow query")
    await pool.open(wait=False)
    try:
        yield History(pool)
    finally:
        await pool.close()


class StoreEpoch:
    """The store's identity as Postgres last told it; asking never waits for Postgres."""

    def __init__(self, history: History, clock: Callable[[], float] = time.monotonic) -> None:
        self._history = history
        self._clock = clock
        self._epoch: UUID | None = None
        self._asked = float("-inf")
        self._asking: asyncio.Task[None] | None = None

    async def known(self) -> UUID | None:
        """Return the epoch, None until Postgres has told it; asked again every five seconds."""
        if self._clock() - self._asked > EPOCH_SECONDS:
            self._asked = self._clock()
            self._asking = asyncio.create_task(self._ask())
        return self._epoch

    async def close(self) -> None:
        """Stop asking."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _ask(self) -> None:
        try:
            self._epoch = (await self._history.head()).epoch
        except Failure:
            _log.info("the store's epoch could not be read")


async def rows_of(connection: Connection, statement: str, values: Mapping[str, Any]) -> list[Row]:
    """Return the rows of a statement."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement.encode(), values)
        return list(await cursor.fetchall())


def _of(rows: list[Row]) -> Snapshot:
    row = rows[0]
    return Snapshot(row["epoch"], int(row["lsn"]), row["as_of"])


def _stored(row: Row) -> Stored:
    sealed = None if row["sealed"] is None else json.loads(row["sealed"])
    return Stored(codec.decode(Claim, json.loads(row["document"]), sealed), row)
