"""Bugs planted into the worker's own process: `python -m tests.faults.planted NAME run`.

Nothing of the product changes: its classes are patched in this process only. A plant whose place in
the code is gone ends the process with a status of its own, so that it never counts as caught.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any, Final

import orjson
from psycopg import AsyncConnection, sql
from psycopg.rows import dict_row

import projections.bulk
from projections.bulk import BulkWriter, Write
from projections.feed import Advance, Row, Transaction
from projections.index import Generation, Generations
from projections.progress import ProgressStore
from projections.replication import PostgresFeed
from server.claims.records import COLUMNS
from tests.faults.processes import SEAM_GONE


def confirm_before_bulk() -> None:
    """Progress is stored and the log told to forget before the batch is written."""
    write, store = BulkWriter.write, ProgressStore.write
    stores: dict[str, tuple[ProgressStore, Any]] = {}
    feeds: dict[str, PostgresFeed] = {}
    confirm = PostgresFeed.confirm

    async def noting_store(self: ProgressStore, progress: Any) -> None:
        stores[progress.index] = (self, progress)
        await store(self, progress)

    def noting_feed(self: PostgresFeed, position: int) -> None:
        with _seam():
            feeds[self._slot] = self
        confirm(self, position)

    async def confirming(self: BulkWriter, generation: Any, writes: Any) -> Any:
        writes = list(writes)
        if writes and generation.slot in feeds and generation.index in stores:
            with _seam():
                reached = max(orjson.loads(one.source)["position"] for one in writes)
                where, progress = stores[generation.index]
                further = replace(progress, position=max(progress.position, reached))
            await noting_store(where, further)
            confirm(feeds[generation.slot], further.position)
        return await write(self, generation, writes)

    ProgressStore.write = noting_store  # type: ignore[method-assign]
    PostgresFeed.confirm = noting_feed  # type: ignore[method-assign]
    BulkWriter.write = confirming  # type: ignore[method-assign]


def ignore_item_errors() -> None:
    """Whatever the items of a bulk say, everything counts as written."""
    by_item = projections.bulk._by_item

    def ignoring(writes: Any, items: Any) -> Any:
        with _seam():
            return type(by_item(writes[:0], items[:0]))(written=writes)

    projections.bulk._by_item = ignoring


def poll_by_sequence() -> None:
    """Rows come from a query for what lies behind the last one seen, not from the log."""
    transactions = PostgresFeed.transactions

    async def polling(self: PostgresFeed) -> AsyncIterator[Transaction | Advance]:
        with _seam():
            url = os.environ["DATABASE_URL"]
            seen = None
        connection = await AsyncConnection.connect(url, autocommit=True, row_factory=dict_row)
        async with connection:
            async for item in transactions(self):
                rows = await _rows_behind(connection, seen)
                if rows:
                    seen = max(row["recorded_at"] for row in rows)
                with _seam():
                    time = item.time if isinstance(item, Advance) else item.commit_time
                    told = [Row("claimflow.claim_event", row) for row in rows]
                    yield Transaction(item.position, time, told, 512 * len(told) + 1)

    PostgresFeed.transactions = polling  # type: ignore[method-assign]


async def _rows_behind(connection: AsyncConnection[Any], seen: Any) -> list[dict[str, Any]]:
    found = await connection.execute(
        sql.SQL(
            "SELECT {} FROM claimflow.claim_event"
            " WHERE %(seen)s::timestamptz IS NULL OR recorded_at > %(seen)s"
            " ORDER BY recorded_at, version"
        ).format(sql.SQL(", ").join(map(sql.Identifier, COLUMNS))),
        {"seen": seen},
        binary=True,
    )
    return [dict(row) for row in await found.fetchall()]


def no_external_version() -> None:
    """Documents are written whatever version is there."""

    def body(writes: Any) -> bytes:
        with _seam():
            return b"".join(
                b'{"index":{"_id":%b}}\n%b\n' % (orjson.dumps(one.id), one.source) for one in writes
            )

    projections.bulk.body = body


def progress_before_refresh() -> None:
    """Progress claims a position that searches do not see yet."""
    refresh, store = Generations.refresh, ProgressStore.write
    due: dict[str, tuple[Generations, Any]] = {}

    async def postponing(self: Generations, generation: Any) -> None:
        due[generation.index] = (self, generation)

    async def early(self: ProgressStore, progress: Any) -> None:
        await store(self, progress)
        if progress.index in due:
            await refresh(*due.pop(progress.index))

    Generations.refresh = postponing  # type: ignore[method-assign]
    ProgressStore.write = early  # type: ignore[method-assign]


PLANTS: Final[dict[str, Callable[[], None]]] = {
    "confirm-before-bulk": confirm_before_bulk,
    "ignore-item-errors": ignore_item_errors,
    "poll-by-sequence": poll_by_sequence,
    "no-external-version": no_external_version,
    "progress-before-refresh": progress_before_refresh,
}


class _seam:  # noqa: N801 - used as a function
    """Ends the process loudly when planted code meets a product that has changed."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        if kind is not None and issubclass(kind, (AttributeError, TypeError, KeyError, NameError)):
            print(f"the planted bug has lost its place: {kind.__name__}: {error}", file=sys.stderr)
            sys.stderr.flush()
            os._exit(SEAM_GONE)


def _check_seams() -> None:
    """The places that plants change, named where they are used."""
    with _seam():
        for owner, names in (
            (projections.bulk, ("body", "_by_item")),
            (BulkWriter, ("write",)),
            (Generations, ("refresh",)),
            (ProgressStore, ("write",)),
            (PostgresFeed, ("confirm", "transactions")),
            (Generation, ("slot", "index")),
            (Write, ("id", "version", "source")),
        ):
            for name in names:
                getattr(owner, name)
        for function in (projections.bulk.BulkWriter._send,):
            used = function.__code__.co_names
            if "body" not in used or "_by_item" not in used:
                raise NameError("body and _by_item are not what a bulk is made and read with")


def main(arguments: list[str]) -> int:
    """Plant a bug, then be the worker."""
    name, *words = arguments
    _check_seams()
    PLANTS[name]()
    from projections.__main__ import main as worker

    print(f"planted: {name}", file=sys.stderr, flush=True)
    return worker(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
