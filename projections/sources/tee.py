"""A feed that is recorded on its way: what it says is also added to an archive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from projections.feed import Advance, Feed, FeedUnavailable, Identity, Position, Transaction
from projections.sources.archive import ArchiveWriter
from projections.sources.segments import is_part


class Tee:
    """Passes a feed on and writes it down; nothing is confirmed before it is durable here.

    The feed must begin at the writer's `position` or before. Closes both.
    """

    def __init__(self, feed: Feed, writer: ArchiveWriter) -> None:
        self._feed = feed
        self._writer = writer
        self._confirmed = 0
        self._durable = 0
        self._dirty = asyncio.Event()
        self._syncing: asyncio.Task[None] | None = None

    @property
    def identity(self) -> Identity:
        """That of the feed."""
        return self._feed.identity

    async def earliest(self) -> Position:
        """Return that of the feed."""
        return await self._feed.earliest()

    async def start(self) -> None:
        """Start the feed."""
        await self._feed.start()
        self._syncing = asyncio.create_task(self._keep_syncing())

    async def transactions(self) -> AsyncIterator[Transaction | Advance]:
        """Yield what the feed says, written down but not yet durable."""
        assert self._syncing is not None, "it was started"
        async for item in self._feed.transactions():
            if self._syncing.done():
                self._syncing.result()
            try:
                self._writer.append(item)
            except OSError as error:
                raise _unavailable(error) from None
            self._dirty.set()
            yield item

    def confirm(self, position: Position) -> None:
        """Confirm to the feed, as soon as it is durable here."""
        self._confirmed = max(self._confirmed, position)
        self._pass_on()

    async def close(self) -> None:
        """Make durable what came, pass on what was confirmed, and close feed and archive."""
        if self._syncing is not None:
            self._syncing.cancel()
            await asyncio.gather(self._syncing, return_exceptions=True)
        try:
            # What cannot be made durable any more is not confirmed, so it comes again.
            with suppress(OSError):
                self._writer.close()
                self._durable = self._writer.position
                self._pass_on()
        finally:
            await self._feed.close()

    def _pass_on(self) -> None:
        safe = min(self._confirmed, self._durable)
        if safe > 0:
            self._feed.confirm(safe)

    async def _keep_syncing(self) -> None:
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            reached = self._writer.position
            try:
                await asyncio.to_thread(self._writer.sync)
            except OSError as error:
                raise _unavailable(error) from None
            self._durable = reached
            self._pass_on()


async def record(tee: Tee) -> None:
    """Record a started feed until cancelled, and let the log forget what is recorded."""
    async for item in tee.transactions():
        if not is_part(item):
            tee.confirm(item.position)


def _unavailable(error: OSError) -> FeedUnavailable:
    return FeedUnavailable(f"the archive cannot be written (errno {error.errno})")
