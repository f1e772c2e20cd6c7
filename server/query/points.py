"""Points in time, shared: while the index stands still, all first pages look at the same one.

Every first page must come from a point in time, or its later pages could repeat or miss claims. A
point is opened after its progress was read, so it holds at least that; it is used again while the
progress is the same, or for a quarter of a second under a stream of writes. Later pages keep their
point alive; one that no page token names is let go when the next replaces it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from server.platform import telemetry
from server.platform.errors import Failure
from server.query.index import Index, Progress

REUSE_SECONDS = 0.25
RENEW_SECONDS = 60.0  # half of what the engine keeps an unused one
LINGER_SECONDS = 10.0  # searches under way still use it

_log = telemetry.logger(__name__)


@dataclass(slots=True)
class Point:
    """A point in time and the progress that it holds at least."""

    point_id: str
    progress: Progress
    opened: float
    # A page token names it, so only the engine lets it go.
    lent: bool = False


class Points:
    """Hands out the point in time that first pages use.

    With `of_generation` a point is of the very generation that its progress speaks of, also while
    the alias moves to another one.
    """

    def __init__(
        self,
        index: Index,
        clock: Callable[[], float] = time.monotonic,
        *,
        of_generation: bool = False,
    ) -> None:
        self._index = index
        self._clock = clock
        self._of_generation = of_generation
        self._point: Point | None = None
        self._lock = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()

    async def at(self, progress: Progress, required: int, timeout: float) -> Point:
        """Return a point that holds position `required`, and `progress` unless it is very young."""
        if point := self._usable(progress, required):
            return point
        async with self._lock:
            if point := self._usable(progress, required):
                return point
            opened = self._clock()
            generation = progress.index if self._of_generation else ""
            point_id = await self._index.open_point(timeout, generation)
            point = Point(point_id, progress, opened)
            self._replace(point)
            return point

    def forget(self, point: Point) -> None:
        """Stop using a point that the engine has lost."""
        if self._point is point:
            self._point = None

    def lost(self, point_id: str) -> None:
        """Stop using a point by its id, which the engine has lost."""
        if self._point is not None and self._point.point_id == point_id:
            self._point = None

    async def close(self) -> None:
        """Let go of what no page token names."""
        for task in list(self._closing):
            task.cancel()
        await asyncio.gather(*self._closing, return_exceptions=True)
        point, self._point = self._point, None
        if point is not None:
            await self._close(point)

    def _usable(self, progress: Progress, required: int) -> Point | None:
        point = self._point
        if point is None or point.progress.index != progress.index:
            return None
        age = self._clock() - point.opened
        if point.progress.epoch != progress.epoch or age > RENEW_SECONDS:
            return None
        if point.progress.lsn >= progress.lsn:
            return point
        return point if age < REUSE_SECONDS and point.progress.lsn >= required else None

    def _replace(self, point: Point | None) -> None:
        old, self._point = self._point, point
        if old is not None and not old.lent:
            task = asyncio.get_running_loop().create_task(self._let_go(old))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def _let_go(self, point: Point) -> None:
        await asyncio.sleep(LINGER_SECONDS)
        await self._close(point)

    async def _close(self, point: Point) -> None:
        if point.lent:
            return
        try:
            await self._index.close_point(point.point_id)
        except Failure:
            _log.info("a point in time was left to the engine")
