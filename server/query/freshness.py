"""How fresh the index is, and waiting until it is fresh enough.

One poll of the progress document serves the whole process: a loop runs only while somebody waits,
every 12 ms for those who want an answer, every 50 ms for those who watch; otherwise the last answer
is good for a fifth of a second. A position counts only with its store's epoch: a view of another
store is an error, never a lag of nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from claimflow.v1 import errors_pb2
from server.platform import telemetry
from server.platform.errors import Failure
from server.query.index import Progress, unavailable

POLL_SECONDS = 0.012
WATCH_POLL_SECONDS = 0.05
LAZY_SECONDS = 0.2
WAIT_SECONDS_MAX = 10.0
MARGIN_SECONDS = 0.1  # left of the deadline for the answer itself

_log = telemetry.logger(__name__)


@dataclass(frozen=True, slots=True)
class _Wish:
    """What somebody waits for; `watches` when nobody is kept from an answer meanwhile."""

    epoch: UUID
    lsn: int
    watches: bool = False

    def met_by(self, progress: Progress) -> bool:
        return progress.lsn >= self.lsn or progress.epoch != self.epoch


class Freshness:
    """Knows the view's progress."""

    def __init__(
        self,
        read: Callable[[], Awaitable[Progress]],
        store_epoch: Callable[[], Awaitable[UUID | None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._store_epoch = store_epoch
        self._clock = clock
        self._progress: Progress | None = None
        self._read_at = float("-inf")
        self._polling: asyncio.Task[Progress] | None = None
        self._waiting: dict[asyncio.Future[Progress], _Wish] = {}
        self._hurry = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    async def latest(self) -> Progress:
        """Return the progress, at most a fifth of a second old; INDEX_UNAVAILABLE without one."""
        if self._progress is not None and self._clock() - self._read_at < LAZY_SECONDS:
            return self._progress
        return await self.now()

    async def now(self) -> Progress:
        """Return the progress as it is now; callers at the same time share one poll."""
        if self._polling is None or self._polling.done():
            self._polling = asyncio.create_task(self._poll())
        return await asyncio.shield(self._polling)

    async def reach(self, epoch: UUID, lsn: int, seconds: float) -> Progress:
        """Wait until a position is searchable and return the progress.

        TOKEN_EPOCH_MISMATCH for another store's position; PROJECTION_LAGGING after `seconds`.
        """
        progress = await self.latest()
        if progress.epoch != epoch:
            progress = await self.now()
            if progress.epoch != epoch:
                raise Failure(errors_pb2.ERROR_REASON_TOKEN_EPOCH_MISMATCH)
        if progress.lsn >= lsn:
            return progress
        met = await self._until(_Wish(epoch, lsn), seconds)
        if met is None:
            raise lagging(self._progress or progress)
        if met.epoch != epoch:
            raise Failure(errors_pb2.ERROR_REASON_TOKEN_EPOCH_MISMATCH)
        return met

    async def changed_after(self, epoch: UUID, lsn: int, seconds: float) -> Progress | None:
        """Return the progress once it lies behind a position; None after `seconds`.

        A store that is another one now ends the wait too: the caller compares the epochs.
        """
        wish = _Wish(epoch, lsn + 1, watches=True)
        progress = await self.latest()
        return progress if wish.met_by(progress) else await self._until(wish, seconds)

    async def close(self) -> None:
        """Stop polling."""
        tasks = [task for task in (self._loop, self._polling) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _until(self, wish: _Wish, seconds: float) -> Progress | None:
        future: asyncio.Future[Progress] = asyncio.get_running_loop().create_future()
        self._waiting[future] = wish
        if not wish.watches:
            self._hurry.set()
        if self._loop is None or self._loop.done():
            self._loop = asyncio.create_task(self._poll_while_waiting())
        try:
            async with asyncio.timeout(max(seconds, 0.0)):
                return await future
        except TimeoutError:
            return None
        finally:
            self._waiting.pop(future, None)

    async def _poll(self) -> Progress:
        asked = self._clock()
        progress = await self._read()
        known = await self._store_epoch()
        if known is not None and known != progress.epoch:
            _log.error("the view follows another store than the database is")
            raise unavailable()
        self._progress, self._read_at = progress, asked
        return progress

    async def _poll_while_waiting(self) -> None:
        while self._waiting:
            started = self._clock()
            try:
                progress = await self._poll()
            except Exception as error:  # each of those who wait is told, and the loop goes on
                for future in list(self._waiting):
                    if not future.done():
                        future.set_exception(error)
                self._waiting.clear()
                return
            for future, wish in list(self._waiting.items()):
                if not future.done() and wish.met_by(progress):
                    future.set_result(progress)
                    del self._waiting[future]
            if self._waiting:
                await self._pause(self._clock() - started)

    async def _pause(self, spent: float) -> None:
        """Wait for the next poll; those who want an answer do not wait for those who watch."""
        await asyncio.sleep(max(POLL_SECONDS - spent, 0.001))
        self._hurry.clear()
        if all(wish.watches for wish in self._waiting.values()):
            with suppress(TimeoutError):
                async with asyncio.timeout(max(WATCH_POLL_SECONDS - POLL_SECONDS - spent, 0.001)):
                    await self._hurry.wait()


def lagging(progress: Progress) -> Failure:
    """Return the failure that says how far the index is behind."""
    seconds = lag_seconds(progress)
    return Failure(
        errors_pb2.ERROR_REASON_PROJECTION_LAGGING,
        metadata={"lag_seconds": f"{seconds:.3f}"},
        retry_after_s=min(max(seconds, 0.1), 5.0),
    )


def lag_seconds(progress: Progress) -> float:
    """Return how far the index may be behind now; never below zero, whatever the clocks say."""
    return max((datetime.now(UTC) - progress.as_of).total_seconds(), 0.0)


def wait_seconds(max_wait: float | None, remaining: float) -> float:
    """Return how long to wait: as asked, at most 10 s and until shortly before the deadline."""
    longest = WAIT_SECONDS_MAX if max_wait is None else min(max_wait, WAIT_SECONDS_MAX)
    return min(longest, remaining - MARGIN_SECONDS)
