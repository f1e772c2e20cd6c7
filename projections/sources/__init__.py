"""Sources of the change feed, chosen by a word: what to connect to, how to begin, what to read.

`replication` is the write-ahead log by the replication protocol, `sql` the same through plain SQL,
`archive:FOLDER` what was recorded of it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from psycopg import AsyncConnection

from projections import replication
from projections.feed import Feed, FeedLost, Identity, Position
from projections.replication import NewSlot, PostgresFeed
from projections.sources import archive, segments, sql
from projections.sources.archive import ArchiveFeed
from projections.sources.sql import SqlFeed

_ARCHIVE: Final = "archive:"


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a new generation begins: a connection, which log it is, a place in it and a snapshot.

    `create_slot` returns a position and a snapshot that shows everything before it. `drop_slot`
    is for a slot that exists; of an archive there is none, so it forgets the consumer.
    """

    connect: Callable[[str], Awaitable[AsyncConnection[Any]]]
    identify: Callable[[AsyncConnection[Any], UUID], Awaitable[tuple[Identity, Position]]]
    create_slot: Callable[[AsyncConnection[Any], str], Awaitable[NewSlot]]
    drop_slot: Callable[[AsyncConnection[Any], str], Awaitable[None]]


def problem(kind: str) -> str | None:
    """Return what is wrong with a word for a source, None when nothing is."""
    if kind in ("replication", "sql") or kind.removeprefix(_ARCHIVE) not in (kind, ""):
        return None
    return "must be replication, sql or archive:FOLDER"


def beginning(kind: str) -> Beginning:
    """Return how a generation begins that is to follow a source."""
    _check(kind)
    if kind == "replication":
        return Beginning(
            replication.connect,
            replication.identify,
            replication.create_slot,
            replication.drop_slot,
        )
    if kind == "sql":
        return Beginning(sql.connect, sql.identify, sql.create_slot, sql.drop_slot)
    folder = _folder(kind)
    return Beginning(
        sql.connect,
        sql.identify,
        partial(_archive_point, folder),
        partial(_forget_consumer, folder),
    )


@asynccontextmanager
async def open_feed(
    kind: str,
    *,
    url: str,
    identity: Identity,
    slot: str,
    publication: str,
    start: Position,
    status_s: float = 1.0,
    connection: AsyncConnection[Any] | None = None,
) -> AsyncIterator[Feed]:
    """Start the feed of a source and close it at the end.

    `connection`: one that `beginning(kind).connect` made, to be used and closed; else one is made
    to `url`. Of an archive `slot` names the consumer. `status_s`: seconds between words to the
    source, or between looks at it. Raises as `Feed.start` does.
    """
    _check(kind)
    if kind.startswith(_ARCHIVE):
        if connection is not None:
            await connection.close()
        feed: Feed = ArchiveFeed(_folder(kind), consumer=slot, start=start)
        if feed.identity != identity:
            raise FeedLost("the archive is of another store, system or timeline")
    else:
        if connection is None:
            connection = await beginning(kind).connect(url)
        if kind == "replication":
            feed = PostgresFeed(
                connection,
                identity,
                slot=slot,
                publication=publication,
                start=start,
                status_s=status_s,
            )
        else:
            feed = SqlFeed(
                connection,
                identity,
                slot=slot,
                publication=publication,
                start=start,
                pause_s=min(status_s, 0.1),
            )
    try:
        await feed.start()
        yield feed
    finally:
        await feed.close()


def _check(kind: str) -> None:
    wrong = problem(kind)
    if wrong is not None:
        raise ValueError(f"a source {wrong}")


def _folder(kind: str) -> Path:
    return Path(kind.removeprefix(_ARCHIVE))


async def _archive_point(folder: Path, connection: AsyncConnection[Any], slot: str) -> NewSlot:
    """Return where an archive ends now, and a snapshot that shows all before."""
    found = segments.segments(folder)
    if not found:
        raise FeedLost("there is no archive")
    position = segments.end_of(found[-1]).position
    return NewSlot(position, await sql.snapshot_after(connection))


async def _forget_consumer(folder: Path, connection: AsyncConnection[Any], slot: str) -> None:
    archive.forget(folder, slot)
