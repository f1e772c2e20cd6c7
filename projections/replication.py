"""The write-ahead log of Postgres as a feed: slot, stream, keepalives (reliability.md 0.2)."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection, pq, sql

from projections.feed import (
    Advance,
    FeedLost,
    FeedTaken,
    FeedUnavailable,
    Identity,
    Position,
    Transaction,
)
from projections.pgoutput import EPOCH_MICROSECONDS, Assembler, moment
from server.platform.positions import Position as Lsn

_KEEPALIVE = struct.Struct(">QqB")  # end of the log, server clock, reply wanted
_FEEDBACK = struct.Struct(">cQQQqB")  # 'r', written, flushed, applied, clock, reply wanted
# How long to wait at the end for Postgres to let go of the slot, seconds.
_CLOSE_S = 2.0

_SLOT = """
SELECT wal_status, invalidation_reason, confirmed_flush_lsn::text, pg_current_wal_flush_lsn()::text
  FROM pg_replication_slots
 WHERE slot_name = {} AND database = current_database() AND plugin = 'pgoutput'
"""


@dataclass(frozen=True, slots=True)
class NewSlot:
    """A slot just made: the log from `position` on, and the table as it was then."""

    position: Position
    snapshot: str


class SlotTaken(FeedTaken):
    """Another worker reads the slot."""


async def connect(url: str) -> AsyncConnection[Any]:
    """Return a connection that speaks the replication protocol."""
    return await AsyncConnection.connect(
        url,
        autocommit=True,
        replication="database",
        application_name="claimflow-worker",
        connect_timeout=5,
        # Half-open connections are noticed by the system (F20).
        tcp_user_timeout=30_000,
    )


async def identify(connection: AsyncConnection[Any], store_epoch: UUID) -> tuple[Identity, int]:
    """Return which log this is, and where it ends now."""
    found = await (await connection.execute("IDENTIFY_SYSTEM")).fetchone()
    assert found is not None, "every server answers this"
    return Identity(store_epoch, str(found[0]), int(found[1])), Lsn.parse(found[2]).lsn


async def create_slot(connection: AsyncConnection[Any], slot: str) -> NewSlot:
    """Create the slot; its snapshot is good until this connection is asked for anything else.

    It waits for write transactions that are open now.
    """
    command = sql.SQL("CREATE_REPLICATION_SLOT {} LOGICAL pgoutput (SNAPSHOT 'export')")
    made = await (await connection.execute(command.format(sql.Identifier(slot)))).fetchone()
    assert made is not None, "it answers with name, point, snapshot and plugin"
    return NewSlot(Lsn.parse(made[1]).lsn, made[2])


async def drop_slot(connection: AsyncConnection[Any], slot: str) -> None:
    """Drop the slot; nobody may be reading it."""
    await connection.execute(sql.SQL("DROP_REPLICATION_SLOT {}").format(sql.Identifier(slot)))


class PostgresFeed:
    """Reads a slot from a position on, over a connection of its own."""

    def __init__(
        self,
        connection: AsyncConnection[Any],
        identity: Identity,
        *,
        slot: str,
        publication: str,
        start: Position,
        status_s: float,
    ) -> None:
        self.identity = identity
        self._connection = connection
        self._pgconn = connection.pgconn
        self._slot = slot
        self._publication = publication
        self._start = start
        self._status_s = status_s
        self._confirmed = start
        self._assembler = Assembler(start)
        self._readable = asyncio.Event()
        self._watched: int | None = None
        self._streaming = False
        self._reporting: asyncio.Task[None] | None = None

    async def earliest(self) -> Position:
        """Return what the slot was confirmed to; `FeedLost` when it is gone or of no use."""
        return (await self._reach())[0]

    async def start(self) -> None:
        """Start the stream; `SlotTaken` when another worker reads it."""
        earliest, head = await self._reach()
        # Postgres would go on from its own position in the first case, wait in the second.
        if self._start < earliest:
            raise FeedLost("the log was confirmed past the start")
        if self._start > head:
            raise FeedLost("the start lies past the end of the log")
        command = (
            f'START_REPLICATION SLOT "{self._slot}" LOGICAL {Lsn(self._start)} '
            f"(proto_version '1', binary 'true', publication_names '{self._publication}')"
        )
        with self._answering():
            self._pgconn.nonblocking = 1
            self._pgconn.send_query(command.encode())
            self._watched = self._pgconn.socket
            asyncio.get_running_loop().add_reader(self._watched, self._readable.set)
            await self._flush()
            while self._pgconn.is_busy():
                await self._more()
            result = self._pgconn.get_result()
        if result is None or result.status != pq.ExecStatus.COPY_BOTH:
            raise _failure(result)
        self._streaming = True
        self._report()
        self._reporting = asyncio.create_task(self._keep_reporting())

    async def transactions(self) -> AsyncIterator[Transaction | Advance]:
        """Yield what happened in commit order; not being asked leaves the rest in the log."""
        while True:
            with self._answering():
                size, found = self._read()
                if size == 0:
                    await self._more()
            if found is not None:
                yield found
            elif size < 0:
                self._streaming = False
                raise _failure(self._pgconn.get_result())

    def _read(self) -> tuple[int, Transaction | Advance | None]:
        """Take messages that are here, up to the first that says something; return both.

        The last one's size is 0 when there is no more for now, -1 at the end of the stream.
        """
        while True:
            size, data = self._pgconn.get_copy_data(1)
            if size <= 0:
                return size, None
            assert data is not None, "a size comes with data"
            found = self._take(bytes(data))
            if found is not None:
                return size, found

    def confirm(self, position: Position) -> None:
        """Let Postgres forget what lies before; it hears of it with the next status."""
        self._confirmed = max(self._confirmed, position)

    async def close(self) -> None:
        """Say what was confirmed last and end the stream."""
        try:
            if self._reporting is not None:
                self._reporting.cancel()
                await asyncio.gather(self._reporting, return_exceptions=True)
            if self._streaming:
                with suppress(FeedUnavailable, TimeoutError):
                    async with asyncio.timeout(_CLOSE_S):
                        await self._end()
        finally:
            self._unwatch()
            await self._connection.close()

    async def _end(self) -> None:
        """End the stream and read it out, so that the slot is free when the feed is closed."""
        with self._answering():
            self._report()
            self._pgconn.put_copy_end()
            await self._flush()
            while True:
                size, _ = self._pgconn.get_copy_data(1)
                if size < 0:
                    break
                if size == 0:
                    await self._more()
            while True:
                while self._pgconn.is_busy():
                    await self._more()
                if self._pgconn.get_result() is None:
                    return

    async def _reach(self) -> tuple[Position, Position]:
        """Return what the slot was confirmed to, and where the log ends."""
        with self._answering():
            query = sql.SQL(_SLOT).format(sql.Literal(self._slot))
            found = await (await self._connection.execute(query)).fetchone()
        if found is None:
            raise FeedLost("there is no such slot in this database")
        wal_status, invalidated, confirmed, head = found
        if invalidated is not None or wal_status in (None, "lost") or confirmed is None:
            raise FeedLost("the slot is of no use any more")
        return Lsn.parse(confirmed).lsn, Lsn.parse(head).lsn

    def _take(self, message: bytes) -> Transaction | Advance | None:
        if message[:1] == b"k":
            return self._keepalive(message)
        if message[:1] != b"w":
            return None
        return self._assembler.take(message[25:])  # 'w', start, end of the log, server clock

    def _keepalive(self, message: bytes) -> Advance | None:
        end, clock, wanted = _KEEPALIVE.unpack_from(message, 1)
        advance = None
        # Inside a transaction the end of the log says nothing about what we have received; and what
        # was received before goes to the worker ahead of this word, in the same stream.
        assembler = self._assembler
        if not assembler.is_open:
            assembler.received = max(assembler.received, end)
            advance = Advance(assembler.received, moment(clock))
        if wanted:
            with self._answering():
                self._report()
        return advance

    def _report(self, ask: bool = False) -> None:
        """Tell Postgres what came in and what it may forget; ask it where the log ends."""
        clock = int(time.time() * 1e6) - EPOCH_MICROSECONDS
        received, confirmed = self._assembler.received, self._confirmed
        self._pgconn.put_copy_data(
            _FEEDBACK.pack(b"r", received, confirmed, confirmed, clock, 1 if ask else 0)
        )
        self._pgconn.flush()

    async def _keep_reporting(self) -> None:
        # Also while nobody reads, so that a worker with a full inbox is not taken for dead. The
        # answer of a quiet server moves the time up to which everything is in.
        while True:
            await asyncio.sleep(self._status_s)
            try:
                with self._answering():
                    self._report(ask=True)
            except FeedUnavailable:
                self._readable.set()
                return  # the reader meets the error

    async def _more(self) -> None:
        """Wait until there is something to read, and read it in."""
        if self._pgconn.status == pq.ConnStatus.OK:
            await self._readable.wait()
        self._readable.clear()
        self._pgconn.consume_input()

    async def _flush(self) -> None:
        while self._pgconn.flush():
            await asyncio.sleep(0.001)

    def _unwatch(self) -> None:
        if self._watched is not None:
            asyncio.get_running_loop().remove_reader(self._watched)
            self._watched = None

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Turn the driver's failures into ours; its text goes nowhere."""
        try:
            yield
        except (psycopg.Error, OSError) as error:
            # libpq has closed the socket, and its number may be given to another one any time.
            self._unwatch()
            state = error.sqlstate if isinstance(error, psycopg.Error) else None
            raise FeedUnavailable(f"replication failed (SQLSTATE {state or 'none'})") from None


def _failure(result: Any) -> Exception:
    """Return what an answer other than the stream means."""
    state = result.error_field(pq.DiagnosticField.SQLSTATE) if result is not None else None
    if state == b"55006":  # object_in_use
        return SlotTaken()
    if state in (b"42704", b"55000"):  # no such slot, or no longer usable: its log is gone
        return FeedLost(f"the slot cannot be read (SQLSTATE {state.decode()})")
    known = state.decode() if state else "none"
    return FeedUnavailable(f"replication ended (SQLSTATE {known})")
