"""What the worker asks of Postgres besides the log: identity, publication, slot, heartbeat."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection

from projections.feed import Position
from projections.replication import SlotTaken
from projections.views.subject import TABLES
from server.platform import postgres
from server.platform.positions import Position as Lsn

ROLE = "claimflow_worker"
# Of whoever waits for a place.
_LOOK_S = 0.1

_PUBLISHED = """
SELECT schemaname || '.' || tablename, rowfilter IS NULL, p.pubinsert,
       cardinality(attnames) = (
         SELECT count(*) FROM pg_attribute a
         WHERE a.attrelid = format('%%I.%%I', schemaname, tablename)::regclass
           AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '')
  FROM pg_publication_tables t JOIN pg_publication p ON p.pubname = t.pubname
 WHERE t.pubname = %s
"""

_SLOT = """
SELECT database = current_database(), plugin, active, wal_status, invalidation_reason,
       confirmed_flush_lsn - '0/0'::pg_lsn, pg_current_wal_lsn() - restart_lsn
  FROM pg_replication_slots WHERE slot_name = %s
"""


class PublicationWrong(Exception):
    """The publication does not carry every insert into the event tables."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A replication slot as it is now."""

    is_ours: bool
    active: bool
    usable: bool
    confirmed: Position
    wal_status: str
    retained_bytes: int


async def connect(url: str, lease_s: float = 0.0) -> AsyncConnection[Any]:
    """Return a connection as the worker's role; silent for longer than its lease, it ends."""
    connection = await postgres.connect(url, ROLE, application="claimflow-worker")
    if lease_s:
        await connection.execute(
            "SELECT set_config('idle_session_timeout', %s, false)", (str(int(lease_s * 1000)),)
        )
    return connection


async def store_epoch(connection: AsyncConnection[Any]) -> UUID:
    """Return the store's epoch; a new one, begun by this, when the log is another than it names."""
    query = "SELECT epoch FROM claimflow.follow_identity()"
    row = await (await connection.execute(query)).fetchone()
    if row is None:
        raise psycopg.OperationalError("the store has no epoch: it is not migrated")
    return UUID(str(row[0]))


async def check_publication(connection: AsyncConnection[Any], publication: str) -> None:
    """Go on if the publication carries every insert, whole, of just our tables (F81)."""
    rows = await (await connection.execute(_PUBLISHED, (publication,))).fetchall()
    whole = {row[0] for row in rows if all(row[1:])}
    if whole != TABLES or len(rows) != len(TABLES):
        raise PublicationWrong(f"publication {publication} must carry {', '.join(sorted(TABLES))}")


async def slot_status(connection: AsyncConnection[Any], slot: str) -> Slot | None:
    """Return how the slot is, None when there is none."""
    row = await (await connection.execute(_SLOT, (slot,))).fetchone()
    if row is None:
        return None
    is_ours, plugin, active, wal_status, invalidated, confirmed, retained = row
    usable = plugin == "pgoutput" and invalidated is None and wal_status not in (None, "lost")
    return Slot(
        is_ours=bool(is_ours),
        active=active,
        usable=usable and confirmed is not None,
        confirmed=int(confirmed or 0),
        wal_status=str(wal_status),
        retained_bytes=int(retained or 0),
    )


async def slots_of(connection: AsyncConnection[Any], slots: str, view: str) -> list[str]:
    """Return the names of the slots of a view's generations in this database, the oldest first.

    Before generations had slots of their own there was one, named as they all begin.
    """
    query = (
        "SELECT slot_name FROM pg_replication_slots WHERE database = current_database()"
        " AND NOT active AND (slot_name = %s OR slot_name ~ %s) ORDER BY slot_name"
    )
    rows = await (await connection.execute(query, (slots, f"^{slots}_{view}_[0-9]+$"))).fetchall()
    return [row[0] for row in rows]


async def log_head(connection: AsyncConnection[Any]) -> Position:
    """Return where the log ends."""
    row = await (await connection.execute("SELECT pg_current_wal_flush_lsn()::text")).fetchone()
    assert row is not None, "a function has a value"
    return Lsn.parse(row[0]).lsn


async def now(connection: AsyncConnection[Any]) -> datetime:
    """Return the database's time."""
    row = await (await connection.execute("SELECT clock_timestamp()")).fetchone()
    assert row is not None, "a function has a value"
    moment: datetime = row[0]
    return moment


async def beat(connection: AsyncConnection[Any]) -> None:
    """Leave a mark in the log, which moves the slot of a quiet database and keeps the lease."""
    await connection.execute("SELECT pg_logical_emit_message(false, 'claimflow', '')")


async def push_past(connection: AsyncConnection[Any], position: Position) -> None:
    """Make the log longer than a position, by a word in it that nobody reads."""
    missing = position - await log_head(connection)
    if missing > 0:
        await connection.execute(
            "SELECT pg_logical_emit_message(true, 'claimflow', repeat('.', %s))", (missing,)
        )


@asynccontextmanager
async def only_one(
    connection: AsyncConnection[Any], place: str, wait_s: float = 0.0
) -> AsyncIterator[None]:
    """Hold the place of the one worker, or builder, of a view; `SlotTaken` when somebody has it.

    A slot itself excludes a second reader; this also covers the time when there is none.
    """
    key = f"claimflow:{place}"
    given_up = time.monotonic() + wait_s
    while True:
        row = await (
            await connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (key,))
        ).fetchone()
        if row is not None and row[0]:
            break
        if time.monotonic() >= given_up:
            raise SlotTaken
        await asyncio.sleep(_LOOK_S)
    try:
        yield
    finally:
        # A connection that has ended has let go already.
        with suppress(psycopg.Error):
            await connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", (key,))
