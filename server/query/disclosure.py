"""The record of reads (R11): what was shown of whom is on disk before the reply leaves.

Records share commits as commands do, without a timer: while one insert is under way the next ones
gather. A read whose record cannot be stored fails. Records name claims and classes, never a value.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

BATCH_MAX = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One reply that released personal, clinical or financial fields."""

    tenant_id: UUID
    read_id: UUID
    read_at: datetime
    actor: str
    role: str
    purpose: str
    method: str
    claim_ids: tuple[UUID, ...]
    classes: tuple[str, ...]
    # Keyed hash of whom a query named, when no claim says of whom the reply was.
    terms_hash: bytes | None = None
    break_glass: str | None
    correlation_id: str

    def columns(self) -> tuple[Any, ...]:
        """Return the values in the order of the table's columns."""
        return (
            self.tenant_id,
            self.read_id,
            self.read_at,
            self.actor,
            self.role,
            self.purpose,
            self.method,
            list(self.claim_ids),
            list(self.classes),
            self.terms_hash,
            self.break_glass,
            self.correlation_id,
        )


Insert = Callable[[Sequence[Read]], Awaitable[None]]


class Disclosures:
    """Stores reads in shared commits."""

    def __init__(self, insert: Insert) -> None:
        self._insert = insert
        self._queue: list[tuple[Read, asyncio.Future[None]]] = []
        self._running: asyncio.Task[None] | None = None

    async def record(self, read: Read) -> None:
        """Return when a read is on disk; raises what the insert raised."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((read, future))
        if self._running is None or self._running.done():
            # A task of its own: a caller who goes away takes nobody's record along.
            self._running = asyncio.create_task(self._drain())
        await future

    async def close(self) -> None:
        """Return when everything asked for is stored."""
        if self._running is not None:
            await asyncio.gather(self._running, return_exceptions=True)

    async def _drain(self) -> None:
        while self._queue:
            batch, self._queue = self._queue[:BATCH_MAX], self._queue[BATCH_MAX:]
            try:
                await self._insert([read for read, _ in batch])
            except Exception as error:  # whatever it was, these reads are not on record
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            for _, future in batch:
                if not future.done():
                    future.set_result(None)
