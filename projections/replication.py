"""The write-ahead log of Postgres as a feed: slot, stream, keepalives (reliability.md 0.2)."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection, pq, sql

from projections.feed import Advance, FeedLost, Identity, Position, Row, Transaction
from projections.pgoutput import EPOCH_MICROSECONDS, Begin, Commit, Decoder, moment
from server.platform.positions import Position as Lsn

_KEEPALIVE = struct.Struct(">QqB")  # end of the log, server clock, reply wanted
_FEEDBACK = struct.Struct(">cQQQqB")  # 'r', written, flushed, applied, clock, reply wanted
_PART_BYTES_MAX = 2 * 1024 * 1024  # a larger transaction is handed over in parts


@dataclass(frozen=True, slots=True)
class NewSlot:
    """A slot just made: the log from `position` on, and the table as it was then."""

    position: Position
    snapshot: str


class SlotTaken(Exception):
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
        self._received = start
        self._confirmed = start
        self._decoder = Decoder()
        self._open: _Open | None = None
        self._readable = asyncio.Event()
        self._reporting: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the stream; `SlotTaken` when another worker reads it."""
        command = (
            f'START_REPLICATION SLOT "{self._slot}" LOGICAL {Lsn(self._start)} '
            f"(proto_version '1', binary 'true', publication_names '{self._publication}')"
        )
        pgconn = self._pgconn
        pgconn.nonblocking = 1
        pgconn.send_query(command.encode())
        loop = asyncio.get_running_loop()
        loop.add_reader(pgconn.socket, self._readable.set)
        await self._flush()
        while pgconn.is_busy():
            await self._more()
        result = pgconn.get_result()
        if result is None or result.status != pq.ExecStatus.COPY_BOTH:
            raise _failure(result)
        self._report()
        self._reporting = asyncio.create_task(self._keep_reporting())

    async def transactions(self) -> AsyncIterator[Transaction | Advance]:
        """Yield what happened in commit order; not being asked leaves the rest in the log."""
        while True:
            size, data = self._pgconn.get_copy_data(1)
            if size > 0:
                assert data is not None, "a size comes with data"
                found = self._take(bytes(data))
                if found is not None:
                    yield found
            elif size == 0:
                await self._more()
            else:
                raise _failure(self._pgconn.get_result())

    def confirm(self, position: Position) -> None:
        """Let Postgres forget what lies before; it hears of it with the next status."""
        self._confirmed = max(self._confirmed, position)

    async def close(self) -> None:
        """Say what was confirmed last and end the stream."""
        if self._reporting is not None:
            self._reporting.cancel()
            await asyncio.gather(self._reporting, return_exceptions=True)
        with suppress(psycopg.Error, OSError):
            loop = asyncio.get_running_loop()
            if self._pgconn.status == pq.ConnStatus.OK:
                if self._reporting is not None:
                    self._report()
                    self._pgconn.put_copy_end()
                    self._pgconn.flush()
                loop.remove_reader(self._pgconn.socket)
        await self._connection.close()

    def _take(self, message: bytes) -> Transaction | Advance | None:
        if message[:1] == b"k":
            return self._keepalive(message)
        if message[:1] != b"w":
            return None
        body = message[25:]  # 'w', start of the data, end of the log, server clock
        decoded = self._decoder.decode(body)
        if isinstance(decoded, Row):
            assert self._open is not None, "rows come within a transaction"
            return self._open.add(decoded, len(body))
        if isinstance(decoded, Begin):
            self._open = _Open(decoded)
        elif isinstance(decoded, Commit):
            assert self._open is not None, "a commit ends a transaction"
            transaction = self._open.end(decoded)
            self._open = None
            self._received = max(self._received, decoded.end_lsn)
            return transaction
        return None

    def _keepalive(self, message: bytes) -> Advance | None:
        end, clock, wanted = _KEEPALIVE.unpack_from(message, 1)
        advance = None
        # Inside a transaction the end of the log says nothing about what we have received; and what
        # was received before goes to the worker ahead of this word, in the same stream.
        if self._open is None:
            self._received = max(self._received, end)
            advance = Advance(self._received, moment(clock))
        if wanted:
            self._report()
        return advance

    def _report(self, ask: bool = False) -> None:
        """Tell Postgres what came in and what it may forget; ask it where the log ends."""
        clock = int(time.time() * 1e6) - EPOCH_MICROSECONDS
        self._pgconn.put_copy_data(
            _FEEDBACK.pack(
                b"r", self._received, self._confirmed, self._confirmed, clock, 1 if ask else 0
            )
        )
        self._pgconn.flush()

    async def _keep_reporting(self) -> None:
        # Also while nobody reads, so that a worker with a full inbox is not taken for dead. The
        # answer of a quiet server moves the time up to which everything is in.
        while True:
            await asyncio.sleep(self._status_s)
            if self._pgconn.status != pq.ConnStatus.OK:
                return  # the reader meets the error
            try:
                self._report(ask=True)
            except psycopg.Error:
                return

    async def _more(self) -> None:
        """Wait until there is something to read, and read it in."""
        await self._readable.wait()
        self._readable.clear()
        self._pgconn.consume_input()

    async def _flush(self) -> None:
        while self._pgconn.flush():
            await asyncio.sleep(0.001)


class _Open:
    """A transaction whose end has not come yet; large ones leave in parts."""

    def __init__(self, begin: Begin) -> None:
        self._begin = begin
        self._rows: list[Row] = []
        self._size_bytes = 0

    def add(self, row: Row, size_bytes: int) -> Transaction | None:
        self._rows.append(row)
        self._size_bytes += size_bytes
        if self._size_bytes < _PART_BYTES_MAX:
            return None
        return self._leave(self._begin.final_lsn, self._begin.commit_time, complete=False)

    def end(self, commit: Commit) -> Transaction:
        return self._leave(commit.end_lsn, commit.commit_time, complete=True)

    def _leave(self, position: int, commit_time: datetime, *, complete: bool) -> Transaction:
        rows, size_bytes = self._rows, self._size_bytes
        self._rows, self._size_bytes = [], 0
        return Transaction(position, commit_time, rows, size_bytes, complete)


def _failure(result: Any) -> Exception:
    """Return what an answer other than the stream means."""
    state = result.error_field(pq.DiagnosticField.SQLSTATE) if result is not None else None
    if state == b"55006":  # object_in_use
        return SlotTaken()
    if state in (b"42704", b"55000"):  # no such slot, or no longer usable: its log is gone
        return FeedLost(f"the slot cannot be read (SQLSTATE {state.decode()})")
    known = state.decode() if state else "none"
    return psycopg.OperationalError(f"replication ended (SQLSTATE {known})")
