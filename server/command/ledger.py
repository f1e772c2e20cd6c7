"""The batch's way into Postgres: open its books under lock, write them, commit, know how it ended.

One connection, one batch at a time. What can go wrong is told in three words: `Aborted`, nothing
was written and the batch may be tried again; `Lost`, the same, and the connection is gone;
`Unclear`, it may be written and could not be looked up.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from uuid import UUID

import psycopg
from psycopg import AsyncConnection, errors

from server.claims.commands import TakeNextClaim
from server.command import reference, statements
from server.command.arrays import Uuids, register, uuid_literal
from server.command.books import Books, Held
from server.command.columns import columns_of
from server.command.columns_money import money_columns_of
from server.command.ids import Ids
from server.command.lookups import Lookups
from server.command.requests import Inquiry, Key, Receipt, Request, Trouble, touches
from server.command.stored import Tampered, held_of, receipt_of
from server.platform.postgres import UNAVAILABLE, cut

log = logging.getLogger(__name__)
T = TypeVar("T")

RETRYABLE: Final = (
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.LockNotAvailable,
    errors.UniqueViolation,  # two processes met on a request id: the second finds a receipt
)
# What the database refuses when events do not continue what it holds of their claim.
_BROKEN: Final = frozenset(
    {
        "claim_event_pkey", "claim_event_version_follows", "claim_event_state_follows",
        "claim_event_hash_follows", "claim_event_time_follows",
    }
)  # fmt: skip
_NOT_REPLICATED: Final = "01000"  # the warning of a COMMIT whose wait for a standby was cancelled
_ONLY_WHEN_ASKED: Final = 1_000_000_000  # several statements in one trip cannot be prepared


class Aborted(Exception):
    """Nothing of the batch was written."""

    def __init__(self, trouble: Trouble, *, again: bool = False) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble
        self.again = again  # another try may succeed


class Lost(Aborted):
    """Nothing of the batch was written, and the connection is gone."""

    def __init__(self) -> None:
        super().__init__(Trouble.DATABASE_UNAVAILABLE, again=True)


class Unclear(Exception):
    """The batch may be written; it could not be found out, or not on every machine it should."""


class Ledger:
    """The one connection through which a process writes."""

    def __init__(
        self,
        database_url: str,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        ids: Ids | None = None,
        trip_seconds_max: float = 30.0,
        resolve_seconds_max: float = 10.0,
    ) -> None:
        self._url = database_url
        self._clock = clock
        self._ids = ids or Ids()
        self._trip_seconds_max = trip_seconds_max
        self._resolve_seconds_max = resolve_seconds_max
        self._connection: AsyncConnection[Any] | None = None
        self._warnings: list[str] = []
        self._acknowledged: tuple[UUID | None, int] = (None, 0)  # the furthest, and its epoch
        self.epoch: UUID | None = None  # of the store, as this connection has it
        self.reference = reference.EMPTY
        self.replicated = False  # whether a commit waits for a synchronous standby

    async def connect(self) -> None:
        """Connect when there is no connection, and see which store is there.

        Raises `Lost` when the database is not there, or has forgotten what was acknowledged.
        """
        if self._connection is not None and not self._connection.broken:
            return
        await self.close()
        try:
            connection = await AsyncConnection.connect(
                self._url,
                autocommit=True,
                application_name="claimflow command",
                connect_timeout=5,
            )
        except psycopg.Error as error:
            log.warning("cannot connect: %s", type(error).__name__)
            raise Lost from error
        connection.prepare_threshold = _ONLY_WHEN_ASKED
        connection.add_notice_handler(lambda note: self._warnings.append(note.sqlstate or ""))
        register(connection)
        self._connection = connection
        try:
            await self._trip(connection.execute(statements.SESSION))
            await self._follow_identity(connection)
            if self.reference is reference.EMPTY:
                self.reference = await self._trip(reference.load(connection))
        except psycopg.Error as error:
            await self.close()
            raise Lost from error

    async def close(self) -> None:
        """Let go of the connection; a transaction that is open is rolled back by the server."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _follow_identity(self, connection: AsyncConnection[Any]) -> None:
        """Learn the store's epoch, and begin a new one when its log is another (R12, F25)."""
        row = await (await self._trip(connection.execute(statements.IDENTITY))).fetchone()
        assert row is not None, "the first migration makes the row"
        self.epoch, same, end, standbys = row
        self.replicated = bool(standbys)
        if not same:
            cursor = await self._trip(connection.execute(statements.FOLLOW_IDENTITY))
            self.epoch, reason, epochs = await cursor.fetchone() or (None, None, 0)
            if reason is not None:
                log.warning("a new epoch begins: %s; the store has had %d", reason, epochs)
        epoch, acknowledged = self._acknowledged
        if self.epoch == epoch and end < acknowledged:
            # An older copy was put in the database's place (F77): to write on would fork history.
            log.error("the log ends before what was acknowledged: no command until `recover`")
            await self.close()
            raise Lost

    async def open(self, batch: Sequence[Request]) -> Books:
        """Begin: lock and load what the batch touches, then receipts and facts."""
        await self.connect()
        try:
            return await self._load(batch)
        except psycopg.Error as error:
            raise await self._undone(error) from error
        except Tampered as tampered:
            log.error("the row of claim %s was edited by hand", tampered.claim_id)
            await self.rollback()
            raise Aborted(Trouble.HISTORY_BROKEN) from None

    async def write(self, books: Books) -> dict[UUID, int]:
        """Write and commit; return the log position of every batch whose replies go out."""
        if books.empty:
            await self._rollback()
            return {}
        connection = self._open_connection()
        try:
            cursor = connection.cursor(binary=True)
            if books.replayed:
                again = _pairs(sorted(books.replayed))
                await self._trip(cursor.execute(statements.TOUCH, again, prepare=False))
            if not books.money.empty:
                await self._write_money(cursor, books)
            await self._trip(cursor.execute(statements.WRITE, columns_of(books), prepare=True))
            row = await cursor.fetchone()
            assert row is not None, "the statement ends in one row"
            transaction, claims = row
            if claims != len(books.changed()):
                raise errors.SerializationFailure("a claim moved on although it was locked")
        except psycopg.Error as error:
            raise await self._undone(error) from error
        positions = await self._commit(books, transaction)
        epoch, furthest = self._acknowledged
        furthest = furthest if epoch == self.epoch else 0
        self._acknowledged = (self.epoch, max((furthest, *positions.values())))
        return positions

    async def _write_money(self, cursor: psycopg.AsyncCursor[Any], books: Books) -> None:
        columns, entries = money_columns_of(books.money)
        await self._trip(cursor.execute(statements.WRITE_MONEY, columns, prepare=True))
        row = await cursor.fetchone()
        if row is None or row[0] != entries:
            raise errors.SerializationFailure("an entry was taken although its payee was locked")

    async def _load(self, batch: Sequence[Request]) -> Books:
        connection = self._open_connection()
        tenants = sorted({str(request.tenant_id) for request in batch})
        await self._trip(connection.execute(statements.BEGIN.format(tenants=",".join(tenants))))
        cursor = connection.cursor(binary=True)
        held: dict[Key, Held] = {}
        lookups = Lookups(cursor, self._trip, batch)
        named = await lookups.named()
        keys = sorted(named | {(r.tenant_id, claim_id) for r in batch for claim_id in touches(r)})
        if keys:
            columns = _pairs(keys)
            await self._trip(cursor.execute(statements.LOCK_CLAIMS, columns, prepare=True))
            held = {(row[0], row[1]): held_of(row) for row in await cursor.fetchall()}
        picks = await self._pick(cursor, batch, held)
        await lookups.lock_names(held)
        columns = _pairs([request.receipt_key for request in batch])
        await self._trip(cursor.execute(statements.RECEIPTS, columns, prepare=True))
        rows = await cursor.fetchall()
        if rows[0][0] != self.reference.version:
            self.reference = await self._trip(reference.load(connection, self.reference))
            cursor = await self._trip(connection.execute(statements.EPOCH))
            (self.epoch,) = await cursor.fetchone() or (None,)
        receipts = {(row[1], row[2]): receipt_of(row) for row in rows if row[1] is not None}
        await lookups.figures(held, self.reference)
        return Books(
            batch_id=self._ids.new(),
            now=self._clock(),
            ids=self._ids,
            reference=self.reference,
            held=held,
            receipts=receipts,
            loaded=lookups.loaded,
            picks=picks,
            histories=await self._histories(cursor, batch, receipts),
        )

    async def _pick(
        self, cursor: psycopg.AsyncCursor[Any], batch: Sequence[Request], held: dict[Key, Held]
    ) -> dict[tuple[UUID, str], list[UUID]]:
        wanted = Counter(
            (request.tenant_id, request.command.queue)
            for request in batch
            if isinstance(request.command, TakeNextClaim)
        )
        picks: dict[tuple[UUID, str], list[UUID]] = {}
        for (tenant_id, queue), number in wanted.items():
            touched = Uuids(claim_id for owner, claim_id in held if owner == tenant_id)
            query = (tenant_id, queue, self._clock(), touched, number)
            await self._trip(cursor.execute(statements.PICK_CLAIMS, query, prepare=True))
            rows = await cursor.fetchall()
            held.update({(row[0], row[1]): held_of(row) for row in rows})
            picks[tenant_id, queue] = [row[1] for row in rows]
        return picks

    async def _histories(
        self,
        cursor: psycopg.AsyncCursor[Any],
        batch: Sequence[Request],
        receipts: Mapping[Key, Receipt],
    ) -> dict[Key, list[tuple[int, str, UUID]]]:
        """Return what the commands that somebody asks after have caused."""
        histories: dict[Key, list[tuple[int, str, UUID]]] = {}
        for request in batch:
            receipt = receipts.get(request.receipt_key)
            if isinstance(request.command, Inquiry) and receipt is not None:
                query = (receipt.tenant_id, receipt.claim_id, receipt.request_id)
                await self._trip(cursor.execute(statements.EVENTS_OF_REQUEST, query))
                histories[request.receipt_key] = [
                    (row[0], row[1], row[2]) for row in await cursor.fetchall()
                ]
        return histories

    async def _commit(self, books: Books, transaction: str) -> dict[UUID, int]:
        batches = {receipt.batch_id for receipt in books.replayed.values() if receipt.lsn is None}
        if books.entered:
            batches.add(books.batch_id)
        known = {r.batch_id: r.lsn for r in books.replayed.values() if r.lsn is not None}
        statement = statements.COMMIT.format(batches=uuid_literal(batches))
        self._warnings.clear()
        try:
            cursor = await self._trip(self._open_connection().execute(statement))
            committed = cursor.statusmessage == "COMMIT"
            found = await _positions(cursor)
        except psycopg.Error as error:
            log.warning("the answer to COMMIT is lost: %s", type(error).__name__)
            return known | await self._resolve(books, transaction, batches)
        if not committed:
            raise Aborted(Trouble.WRITE_CONFLICT, again=True)
        if _NOT_REPLICATED in self._warnings:
            raise Unclear
        return known | found

    async def _resolve(self, books: Books, transaction: str, batches: set[UUID]) -> dict[UUID, int]:
        """Find out on a new connection how a commit ended, and go on as if it had answered."""
        await self.close()
        if not books.entered:
            raise Lost  # only replays: to give them out again is safe, and touches them again
        deadline = asyncio.get_running_loop().time() + self._resolve_seconds_max
        while asyncio.get_running_loop().time() < deadline:
            with suppress(Lost, psycopg.Error):
                await self.connect()
                if await self._is_stored(books.entered[0]):
                    statement = statements.POSITION.format(batches=uuid_literal(batches))
                    cursor = await self._trip(self._open_connection().execute(statement))
                    return await _positions(cursor)
                if await self._has_ended(transaction) and not await self._is_stored(
                    books.entered[0]
                ):
                    raise Aborted(Trouble.DATABASE_UNAVAILABLE, again=True)
            await asyncio.sleep(0.1)
        raise Unclear

    async def _is_stored(self, receipt: Receipt) -> bool:
        connection = self._open_connection()
        async with connection.transaction():
            await connection.execute(
                "SELECT set_config('app.tenants', %s, true)", (f"{{{receipt.tenant_id}}}",)
            )
            key = (receipt.tenant_id, receipt.request_id, receipt.batch_id)
            row = await (await connection.execute(statements.BATCH_IS_STORED, key)).fetchone()
        return row is not None and bool(row[0])

    async def _has_ended(self, transaction: str) -> bool:
        """Say whether a transaction can no longer commit; one lost in a crash never began."""
        connection = self._open_connection()
        try:
            cursor = await connection.execute(statements.TRANSACTION_STATUS, (transaction,))
        except errors.InvalidParameterValue:  # in the future: its number was lost with it
            return True
        row = await cursor.fetchone()
        return row is None or row[0] != "in progress"

    async def _undone(self, error: psycopg.Error) -> Aborted:
        """Roll back and say what an error before COMMIT means; a broken connection is closed."""
        connection = self._connection
        if connection is not None and not connection.broken:
            with suppress(psycopg.Error):
                await self._trip(connection.execute("ROLLBACK"))
        if connection is None or connection.broken or not _idle(connection):
            await self.close()
            return Lost()
        detail = error.diag.constraint_name or ""
        log.warning("batch undone: %s %s %s", type(error).__name__, error.sqlstate, detail)
        if detail in _BROKEN:
            return Aborted(Trouble.HISTORY_BROKEN)
        if isinstance(error, RETRYABLE):
            return Aborted(Trouble.WRITE_CONFLICT, again=True)
        if isinstance(error, errors.DiskFull):
            return Aborted(Trouble.STORAGE_FULL)
        if (error.sqlstate or "").startswith(UNAVAILABLE):
            return Aborted(Trouble.DATABASE_UNAVAILABLE)
        return Aborted(Trouble.UNEXPECTED)

    async def rollback(self) -> None:
        """Give up a batch that was opened."""
        with suppress(Aborted):
            await self._rollback()

    async def _rollback(self) -> None:
        connection = self._open_connection()
        try:
            await self._trip(connection.execute("ROLLBACK"))
        except psycopg.Error as error:
            raise await self._undone(error) from error

    def _open_connection(self) -> AsyncConnection[Any]:
        if self._connection is None:
            raise Lost
        return self._connection

    async def _trip(self, work: Awaitable[T]) -> T:
        """Wait for one round trip; one without an end is ended by closing the socket under it."""
        connection = self._open_connection()
        loop = asyncio.get_running_loop()
        watchdog = loop.call_later(self._trip_seconds_max, cut, connection)
        try:
            return await work
        finally:
            watchdog.cancel()


def _idle(connection: AsyncConnection[Any]) -> bool:
    return connection.info.transaction_status is psycopg.pq.TransactionStatus.IDLE


async def _positions(cursor: psycopg.AsyncCursor[Any]) -> dict[UUID, int]:
    while cursor.description is None:
        if not cursor.nextset():
            return {}
    return dict(await cursor.fetchall())


def _pairs(keys: Sequence[Key]) -> tuple[Uuids, Uuids]:
    return Uuids(key[0] for key in keys), Uuids(key[1] for key in keys)
