"""What was read from the feed and is not folded yet: bounded; a backlog waits in the log."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from projections.feed import Advance, Position, Row, Transaction


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows in commit order, each with its position, and how far they reach.

    `reached` is None when no transaction ends in it.
    """

    rows: Sequence[tuple[Position, Row]]
    reached: tuple[Position, datetime] | None


class Inbox:
    """A queue between feed and worker; words that nothing happened are merged."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._items: deque[Transaction | Advance] = deque()
        self._transactions = 0
        self.size_bytes = 0
        self._changed = asyncio.Event()
        self._space = asyncio.Event()
        self._space.set()

    @property
    def has_rows(self) -> bool:
        """Whether there is anything to write."""
        return self._transactions > 0

    @property
    def is_full(self) -> bool:
        """Whether the feed waits for space."""
        return not self._space.is_set()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing at all."""
        return not self._items

    async def put(self, item: Transaction | Advance) -> None:
        """Add an item, waiting while there is too much."""
        await self._space.wait()
        if isinstance(item, Advance):
            if self._items and isinstance(self._items[-1], Advance):
                self._items.pop()
        else:
            self._transactions += 1
            self.size_bytes += item.size_bytes
            if self.size_bytes >= self._bytes_max:
                self._space.clear()
        self._items.append(item)
        self._changed.set()

    async def changed(self, timeout_s: float | None = None) -> None:
        """Wait for the next item to come in, at most so long."""
        self._changed.clear()
        try:
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()
        except TimeoutError:
            return

    def take(self, *, events_max: int, bytes_max: int) -> Batch:
        """Take what is there, up to limits; at least one item is taken whole."""
        rows: list[tuple[Position, Row]] = []
        reached: tuple[Position, datetime] | None = None
        size_bytes = 0
        while self._items:
            item = self._items[0]
            if isinstance(item, Advance):
                reached = (item.position, item.time)
            else:
                if rows and (
                    len(rows) + len(item.rows) > events_max
                    or size_bytes + item.size_bytes > bytes_max
                ):
                    break
                size_bytes += item.size_bytes
                self.size_bytes -= item.size_bytes
                self._transactions -= 1
                rows.extend((item.position, row) for row in item.rows)
                if item.complete:
                    reached = (item.position, item.commit_time)
            self._items.popleft()
        if self.size_bytes < self._bytes_max:
            self._space.set()
        return Batch(rows, reached)
