"""What an operator asks of the views; each word is a program of its own beside the worker."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from projections import store, triage
from projections.build import Build, Tell
from projections.elastic import Elastic
from projections.index import Generation
from projections.keeper import UnknownView, views_of
from projections.kit import Kit
from projections.parity import check
from projections.parity_log import ParityLog
from projections.progress import FILLING, Progress, shown
from projections.quarantine import Quarantine
from projections.repair import mend
from projections.settings import WorkerSettings
from server.platform.elastic import open_client
from server.platform.positions import Position

__all__ = [
    "UnknownView",
    "list_parked",
    "rebuild",
    "replay",
    "rollback",
    "skip",
    "status",
    "verify",
]

# Of `status`: how long to wait for an answer, seconds.
_STATUS_TIMEOUT_S: Final = 10.0
_BAR: Final = 40


@asynccontextmanager
async def _kits(settings: WorkerSettings, names: list[str]) -> AsyncIterator[list[Kit]]:
    client = open_client(settings.elasticsearch_url, settings.elasticsearch_api_key)
    try:
        elastic = Elastic(client)
        yield [Kit.of(settings, view, elastic) for view in views_of(settings, names).values()]
    finally:
        await client.close()


async def status(settings: WorkerSettings, _: argparse.Namespace) -> int:
    """Print progress, slot and parity of each view as JSON; 1 when one is not being followed."""
    async with (
        asyncio.timeout(_STATUS_TIMEOUT_S),
        _kits(settings, []) as kits,
        await store.connect(settings.database_url) as connection,
    ):
        reports = {kit.view.name: await _status(kit, connection) for kit in kits}
    print(json.dumps(reports, indent=2, default=str))
    return 0 if all(one["followed"] for one in reports.values()) else 1


async def _status(kit: Kit, connection: Any) -> dict[str, Any]:
    stored = kit.serving()
    progress = await stored.peek()
    head = await store.log_head(connection)
    slot = None
    if progress is not None:
        name = kit.generations.of_index(progress.index).slot
        slot = await store.slot_status(connection, name)
    return {
        "followed": slot is not None and slot.active,
        "progress": None if progress is None else shown(progress),
        "head": str(Position(head)),
        "lag_bytes": None if progress is None else head - progress.position,
        "slot": None
        if slot is None
        else {
            "active": slot.active,
            "usable": slot.usable,
            "wal_status": slot.wal_status,
            "confirmed": str(Position(slot.confirmed)),
            "retained_bytes": slot.retained_bytes,
        },
        "parity": await ParityLog(kit).last(),
        "builds": [shown(one) for one in await stored.others()] if progress is not None else [],
    }


async def verify(settings: WorkerSettings, options: argparse.Namespace) -> int:
    """Compare views with the store; print what was proved, and what differs; 1 when any does."""
    equal = True
    async with _kits(settings, options.view) as kits:
        for kit in kits:
            progress = await kit.serving().peek()
            if progress is None:
                print(f"{kit.view.name}: not started")
                equal = False
                continue
            generation = kit.generations.of_index(progress.index)
            verdict = await check(kit, generation, kit.serving())
            print(verdict)
            for one in verdict.differences:
                print(f"  {one.kind.value} {one.document_id}")
            if not verdict.is_equal and options.repair:
                quarantine = Quarantine(kit.elastic, generation)
                await quarantine.load()
                async with await store.connect(settings.database_url) as connection:
                    ids = [one.document_id for one in verdict.differences]
                    count = await mend(kit, connection, generation, quarantine, ids)
                print(f"  {count} written anew")
            equal &= verdict.is_equal
    return 0 if equal else 1


async def rebuild(settings: WorkerSettings, options: argparse.Namespace) -> int:
    """Build views anew beside those that serve, prove them, and let them serve."""
    async with _kits(settings, options.view) as kits:
        for kit in kits:
            build = Build(kit, _bar(kit.view.name))
            done = await build.run(keep_old=options.keep_old)
            _line(f"{kit.view.name}: {done.index} serves, proved equal", end="\n")
    return 0


async def rollback(settings: WorkerSettings, options: argparse.Namespace) -> int:
    """Let the generation that was kept serve again, caught up and proven."""
    async with _kits(settings, [options.view]) as kits:
        for kit in kits:
            done = await Build(kit, _bar(kit.view.name)).bring_back()
            _line(f"{kit.view.name}: {done.index} serves again, proved equal", end="\n")
    return 0


async def list_parked(settings: WorkerSettings, options: argparse.Namespace) -> int:
    """Print what is in quarantine, a document a line; 1 when anything is that nobody gave up."""
    waiting = 0
    async with _kits(settings, options.view) as kits:
        for kit, generation in await _serving(kits):
            for one in await Quarantine(kit.elastic, generation).entries():
                waiting += not one.skipped
                state = "skipped" if one.skipped else "waiting"
                since = one.since.isoformat(timespec="seconds")
                print(
                    f"{kit.view.name} {one.document_id} v{one.version} {one.kind} {since} {state}"
                )
    return 1 if waiting else 0


async def replay(settings: WorkerSettings, options: argparse.Namespace) -> int:
    """Fold and write documents in quarantine once more; 1 when any stays there."""
    async with (
        _kits(settings, [options.view]) as kits,
        await store.connect(settings.database_url) as connection,
    ):
        left = 0
        for kit, generation in await _serving(kits):
            ids, reason = options.document_id, options.reason
            written = await triage.replay(kit, connection, generation, ids, reason)
            left = len(await Quarantine(kit.elastic, generation).entries())
            print(f"{kit.view.name}: {written} written, {left} in quarantine")
    return 1 if left else 0


async def skip(settings: WorkerSettings, options: argparse.Namespace) -> int:
    """Give up on documents in quarantine as they are now; who and why is kept."""
    async with (
        _kits(settings, [options.view]) as kits,
        await store.connect(settings.database_url) as connection,
    ):
        for kit, generation in await _serving(kits):
            ids, reason = options.document_id, options.reason
            count = await triage.skip(kit, connection, generation, ids, reason)
            print(f"{kit.view.name}: {count} given up until they change")
    return 0


async def _serving(kits: list[Kit]) -> list[tuple[Kit, Generation]]:
    """Return the views that have a generation that serves, with it."""
    found = []
    for kit in kits:
        progress = await kit.serving().peek()
        if progress is not None:
            found.append((kit, kit.generations.of_index(progress.index)))
    return found


def _bar(name: str) -> Tell:
    """Return what draws how far a build is, on one line of a terminal."""
    started = time.monotonic()

    def tell(progress: Progress, head: int) -> None:
        spent = time.monotonic() - started
        ranges = len(progress.ranges) + 1
        if progress.phase == FILLING:
            full = _BAR * len(progress.done) // ranges
            bar = "#" * full + "." * (_BAR - full)
            rest = f"{len(progress.done)}/{ranges} ranges, {progress.documents} documents"
        else:
            bar = "#" * _BAR
            rest = f"{progress.phase.lower()}, {max(head - progress.position, 0)} bytes behind"
        _line(f"{name} [{bar}] {rest}, {spent:.0f} s")

    return tell


def _line(text: str, end: str = "") -> None:
    if sys.stdout.isatty():
        print(f"\r\x1b[K{text}", end=end, flush=True)
    else:
        print(text, flush=True)
