"""The write-ahead log of Postgres through plain SQL, where the replication protocol cannot pass.

A slot is peeked at in windows and moved when something was confirmed: the same log, slot, decoder
and positions as the replication protocol, later by a pause, and each window decoded anew from what
was confirmed last. It needs a session of its own, so a pooler in transaction mode is noticed and
refused; and a role that may replicate.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg
from psycopg import AsyncConnection, pq, sql
from psycopg.rows import args_row

from projections.feed import (
    Advance,
    FeedLost,
    FeedUnavailable,
    Identity,
    Position,
    Transaction,
)
from projections.pgoutput import Assembler
from projections.replication import NewSlot, SlotTaken
from server.platform.positions import Position as Lsn

# Rows of the answer fetched together; what is larger stays with Postgres until it is asked for.
_FETCH_ROWS: Final = 512
_WINDOW_MAX: Final = 1 << 30  # Postgres counts changes in 32 bits
_CLOSE_S: Final = 2.0

_IDENTIFY = """
SELECT system_identifier::text,
       ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int,
       pg_current_wal_flush_lsn()::text
  FROM pg_control_system()
"""

_LOOK = """
SELECT pg_backend_pid(), active,
       confirmed_flush_lsn IS NOT NULL AND invalidation_reason IS NULL AND wal_status <> 'lost',
       (coalesce(confirmed_flush_lsn, '0/0') - '0/0'::pg_lsn)::bigint,
       (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint,
       clock_timestamp()
  FROM pg_replication_slots
 WHERE slot_name = %s AND database = current_database() AND plugin = 'pgoutput'
"""

_PEEK = """
BEGIN READ ONLY;
SET LOCAL idle_in_transaction_session_timeout = 0;
SET LOCAL statement_timeout = 0;
DECLARE feed NO SCROLL CURSOR FOR
SELECT data FROM pg_logical_slot_peek_binary_changes({slot}, NULL, {window},
  'proto_version', '1', 'binary', 'true', 'publication_names', {publication})
"""

_FETCH = f"FETCH {_FETCH_ROWS} FROM feed"
_LOCK = "SELECT pg_try_advisory_lock(hashtextextended('claimflow-feed:' || %s, 0))"
_ADVANCE = "SELECT pg_replication_slot_advance(%s, %s::pg_lsn)"

# Which transactions were running, and whether any of them still is.
_RUNNING = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text"
_ENDED = "SELECT pg_snapshot_xmin(pg_current_snapshot()) >= %s::xid8"


class _Reach(NamedTuple):
    """How the slot is, and where the log ends."""

    backend: int
    active: bool
    usable: bool
    earliest: Position
    head: Position
    time: datetime


async def connect(url: str) -> AsyncConnection[Any]:
    """Return a connection for `identify`, `create_slot` or a feed, one at a time."""
    return await AsyncConnection.connect(
        url,
        autocommit=True,
        application_name="claimflow-worker",
        connect_timeout=5,
        prepare_threshold=None,  # a pooler may not carry prepared statements
        tcp_user_timeout=30_000,
    )


async def identify(connection: AsyncConnection[Any], store_epoch: UUID) -> tuple[Identity, int]:
    """Return which log this is, and where it ends now; the same as the protocol's answer."""
    found = await (await connection.execute(_IDENTIFY)).fetchone()
    assert found is not None, "every server answers this"
    return Identity(store_epoch, found[0], int(found[1])), Lsn.parse(found[2]).lsn


async def create_slot(connection: AsyncConnection[Any], slot: str) -> NewSlot:
    """Create the slot; its snapshot is good until this connection ends its transaction.

    SQL exports no snapshot of the slot's own point. This one is taken later, so it holds all that
    the slot leaves out, and some of what the slot will bring. Both wait for write transactions
    that are open now.
    """
    made = await (
        await connection.execute(
            "SELECT lsn::text FROM pg_create_logical_replication_slot(%s, 'pgoutput')", (slot,)
        )
    ).fetchone()
    assert made is not None, "a slot has a point"
    return NewSlot(Lsn.parse(made[0]).lsn, await snapshot_after(connection))


async def drop_slot(connection: AsyncConnection[Any], slot: str) -> None:
    """Drop the slot; nobody may be reading it."""
    await connection.execute("SELECT pg_drop_replication_slot(%s)", (slot,))


async def snapshot_after(connection: AsyncConnection[Any]) -> str:
    """Export a snapshot that shows all that stands in the log by now, and some more.

    A commit can stand in the log while SQL does not show it yet, so every transaction that runs
    now is waited for. It is good until this connection ends its transaction.
    """
    running = await (await connection.execute(_RUNNING)).fetchone()
    assert running is not None, "a function has a value"
    while True:
        ended = await (await connection.execute(_ENDED, running)).fetchone()
        if ended is not None and ended[0]:
            break
        await asyncio.sleep(0.05)
    await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    snapshot = await (await connection.execute("SELECT pg_export_snapshot()")).fetchone()
    assert snapshot is not None, "a function has a value"
    return str(snapshot[0])


class SqlFeed:
    """Reads a slot from a position on, over a connection of its own."""

    def __init__(
        self,
        connection: AsyncConnection[Any],
        identity: Identity,
        *,
        slot: str,
        publication: str,
        start: Position,
        pause_s: float = 0.1,
        window: int = 4096,
    ) -> None:
        """`window`: changes that Postgres decodes at once, or one transaction if it has more."""
        self.identity = identity
        self._connection = connection
        self._slot = slot
        self._publication = publication
        self._start = start
        self._pause_s = pause_s
        self._window_min = window
        self._window = window
        self._backend = 0
        self._confirmed = start
        # What the slot was confirmed to when we last looked, or by us.
        self._told = start
        self._assembler = Assembler(start)
        # Of the window that is being read: messages at hand, whether Postgres holds more, how many
        # came, how far we were and how things stood before it.
        self._bodies: deque[bytes] = deque()
        self._peeking = False
        self._came = 0
        self._before = start
        self._looked: _Reach | None = None

    async def earliest(self) -> Position:
        """Return what the slot was confirmed to; `FeedLost` when it is gone or of no use."""
        return (await self._look()).earliest

    async def start(self) -> None:
        """Take the slot; `SlotTaken` when another worker reads it, by whichever way."""
        with self._answering():
            found = await (await self._connection.execute(_LOCK, (self._slot,))).fetchone()
        if found is None or not found[0]:
            raise SlotTaken
        reach = await self._look()
        if reach.active:
            raise SlotTaken
        if self._start < reach.earliest:
            raise FeedLost("the log was confirmed past the start")
        if self._start > reach.head:
            raise FeedLost("the start lies past the end of the log")
        self._backend = reach.backend

    async def transactions(self) -> AsyncIterator[Transaction | Advance]:
        """Yield what happened in commit order; not being asked leaves the rest in the log."""
        while True:
            while self._bodies:
                found = self._assembler.take(self._bodies.popleft())
                if found is not None:
                    yield found
            if self._peeking:
                await self._fetch()
                continue
            advance = self._end_window()
            if advance is not None:
                yield advance
                await asyncio.sleep(self._pause_s)
            await self._begin_window()

    def confirm(self, position: Position) -> None:
        """Let Postgres forget what lies before; it hears of it before it is asked again."""
        self._confirmed = max(self._confirmed, position)

    async def close(self) -> None:
        """Say what was confirmed last and let the slot go."""
        try:
            if self._backend:
                with suppress(FeedUnavailable, SlotTaken, FeedLost, TimeoutError):
                    async with asyncio.timeout(_CLOSE_S):
                        await self._end()
        finally:
            await self._connection.close()

    async def _end(self) -> None:
        with self._answering():
            if self._connection.info.transaction_status != pq.TransactionStatus.IDLE:
                await self._connection.execute("ROLLBACK")
        await self._confirm()
        with self._answering():
            await self._connection.execute("SELECT pg_advisory_unlock_all()")

    async def _begin_window(self) -> None:
        await self._confirm()
        reach = await self._look()
        self._check(reach)
        self._looked, self._before, self._came = reach, self._assembler.received, 0
        if reach.head > self._assembler.received:
            await self._peek()

    def _end_window(self) -> Advance | None:
        """Return how far everything is in, None when there may be more at once."""
        reach, self._looked = self._looked, None
        if reach is None:
            return None
        assembler = self._assembler
        if self._came >= self._window:
            # If nothing of it was new, what waits for its confirmation fills the window.
            if assembler.received == self._before:
                self._window = min(2 * self._window, _WINDOW_MAX)
            return None
        # All is here that began before the end as we saw it: where that lies within a record,
        # Postgres has waited for the rest of it.
        assembler.received = max(assembler.received, reach.head)
        return Advance(assembler.received, reach.time)

    async def _look(self) -> _Reach:
        with self._answering():
            cursor = self._connection.cursor(row_factory=args_row(_Reach))
            reach = await (await cursor.execute(_LOOK, (self._slot,))).fetchone()
        if reach is None:
            raise FeedLost("there is no such slot in this database")
        if not reach.usable:
            raise FeedLost("the slot is of no use any more")
        return reach

    def _check(self, reach: _Reach) -> None:
        """See that the slot is where we left it and the lock still ours."""
        if reach.backend != self._backend:
            raise FeedUnavailable("the session was exchanged: no pooler in transaction mode")
        if reach.earliest > self._told:
            raise FeedLost("the log was confirmed by somebody else")

    async def _confirm(self) -> None:
        """Move the slot to what was confirmed."""
        if self._confirmed <= self._told:
            return
        self._check(await self._look())
        confirmed = self._confirmed
        with self._answering():
            await self._connection.execute(_ADVANCE, (self._slot, str(Lsn(confirmed))))
        self._told = confirmed
        self._window = self._window_min

    async def _peek(self) -> None:
        """Ask for a window; a transaction begins that lasts until it is read."""
        query = sql.SQL(_PEEK).format(
            slot=sql.Literal(self._slot),
            window=sql.Literal(self._window),
            publication=sql.Literal(self._publication),
        )
        with self._answering():
            await self._connection.execute(query)
        self._peeking = True

    async def _fetch(self) -> None:
        """Fetch what comes next of the window; the end of it ends the transaction."""
        with self._answering():
            cursor = self._connection.cursor(binary=True)
            rows = await (await cursor.execute(_FETCH)).fetchall()
            if len(rows) < _FETCH_ROWS:
                await self._connection.execute("COMMIT")
                self._peeking = False
        self._bodies.extend(body for (body,) in rows)
        self._came += len(rows)

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Turn the driver's failures into ours; its text goes nowhere."""
        try:
            yield
        except (psycopg.Error, OSError) as error:
            raise _failure(error) from None


def _failure(error: psycopg.Error | OSError) -> Exception:
    state = error.sqlstate if isinstance(error, psycopg.Error) else None
    if state == "55006":  # object_in_use
        return SlotTaken()
    if state in ("42704", "55000"):  # no such slot, or no longer usable: its log is gone
        return FeedLost(f"the slot cannot be read (SQLSTATE {state})")
    return FeedUnavailable(f"decoding through SQL failed (SQLSTATE {state or 'none'})")
