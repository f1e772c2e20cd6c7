"""What the contract needs of a source, and how it reads one."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from projections.feed import Advance, Feed, Position, Transaction
from tests.projections.feeds.store import Store

Item = Transaction | Advance

# How long anything may take here, seconds; far more than it does.
PATIENCE_S = 30.0
MEGABYTE = 1024 * 1024


class Rig(Protocol):
    """A store, and how to read its log from one kind of source."""

    store: Store

    @property
    def start(self) -> Position:
        """Where the log was before anything was written."""
        ...

    def feed(self, start: Position) -> AbstractAsyncContextManager[Feed]:
        """A feed that is not started; closed at the end."""
        ...

    def confirmed(self) -> Position:
        """Return what the source knows as confirmed."""
        ...

    async def forget(self) -> None:
        """Let the log before its end go, without any feed having confirmed it."""
        ...

    def held(self) -> int:
        """Return how much of the source is held by feeds: connections, locks."""
        ...


@asynccontextmanager
async def reading(rig: Rig, start: Position | None = None) -> AsyncIterator[Feed]:
    """A started feed, from the beginning unless told otherwise."""
    async with rig.feed(rig.start if start is None else start) as feed:
        await feed.start()
        yield feed


async def until(feed: Feed, position: Position) -> list[Item]:
    """Read on until the feed has reached a position; return all it said."""
    found: list[Item] = []
    items = feed.transactions()
    async with asyncio.timeout(PATIENCE_S):
        async for item in items:
            found.append(item)
            if item.position >= position and not is_part(item):
                return found
    raise AssertionError("a feed does not end")


def is_part(item: Item) -> bool:
    return isinstance(item, Transaction) and not item.complete


def ids(items: list[Item]) -> list[int]:
    """Return the ids of all rows, in the order they came."""
    return [row.values["id"] for one in transactions(items) for row in one.rows]


def transactions(items: list[Item]) -> list[Transaction]:
    return [item for item in items if isinstance(item, Transaction)]


def ends(items: list[Item]) -> list[Transaction]:
    """Return the complete transactions that have rows."""
    return [one for one in transactions(items) if one.complete and one.rows]


async def eventually_free(rig: Rig) -> None:
    """Wait until nothing of the source is held, as it is soon after a close."""
    async with asyncio.timeout(5):
        while rig.held():
            gc.collect()  # what the driver was just connecting ends with its object
            await asyncio.sleep(0.02)


async def cut(work: Coroutine[Any, Any, None], after: int) -> bool:
    """Cancel work when it waits for the time after `after` others; False if it is done before."""
    waits = 0

    class Counted:
        def __await__(self) -> Any:
            nonlocal waits
            steps = work.__await__()
            step: Callable[[], Any] = partial(steps.send, None)
            while True:
                try:
                    waiting = step()
                except StopIteration:
                    return
                if waits == after:
                    task = asyncio.current_task()
                    assert task is not None
                    asyncio.get_running_loop().call_soon(task.cancel)
                waits += 1
                try:
                    step = partial(steps.send, (yield waiting))
                except BaseException as error:
                    step = partial(steps.throw, error)

    async def run() -> None:
        await Counted()

    task = asyncio.create_task(run())
    await asyncio.gather(task, return_exceptions=True)
    if task.cancelled():
        return True
    task.result()
    return False


def resident_bytes() -> int:
    """Return how much memory this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096
