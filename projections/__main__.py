"""`python -m projections run` keeps the views; `python -m projections status` says how they are."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from typing import Final

import psycopg
import uvloop
from elasticsearch import ApiError

from projections import store
from projections.elastic import Backoff, Elastic
from projections.progress import ProgressStore, shown
from projections.replication import SlotTaken
from projections.session import Session
from projections.settings import WorkerSettings
from projections.views.claims import NAME, claims_view
from server.platform.elastic import open_client
from server.platform.positions import Position, read_key
from server.platform.settings import SettingsError
from server.platform.telemetry import configure, log_exception, logger

_log = logger("projections")

# Of `status`: how long to wait for an answer, seconds.
_STATUS_TIMEOUT_S: Final = 10.0


def main(arguments: list[str]) -> int:
    """Run a word of the command line and return the exit status."""
    words = {"run": run, "status": status}
    if len(arguments) != 1 or arguments[0] not in words:
        print("usage: python -m projections run | status", file=sys.stderr)
        return 2
    try:
        settings = WorkerSettings.from_environ(os.environ)
    except SettingsError as error:
        print(f"settings: {error}", file=sys.stderr)
        return 2
    configure(settings.log_level)
    return uvloop.run(words[arguments[0]](settings))


async def run(settings: WorkerSettings) -> int:
    """Keep the views until SIGTERM or SIGINT, whatever is away in between."""
    _log.info("worker starts", **settings.shown())
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    view = claims_view(read_key(settings.index_key_file))
    client = open_client(settings.elasticsearch_url, settings.elasticsearch_api_key)
    session = Session(settings, view, Elastic(client))
    backoff = Backoff(0.1, 5.0)
    try:
        while not stop.is_set():
            started = loop.time()
            try:
                await session.run(stop)
            except SlotTaken:
                _log.info("another worker is at work; waiting")
            except Exception as error:
                # Whatever it is, the feed keeps what is not confirmed, and the next stretch begins
                # with a look at how things are.
                log_exception(_log, "stretch ended", error, sqlstate=_sqlstate(error))
            if loop.time() - started > 30:
                backoff.reset()
            await _pause(stop, backoff)
    finally:
        await client.close()
    _log.info("worker stopped")
    return 0


async def _pause(stop: asyncio.Event, backoff: Backoff) -> None:
    if stop.is_set():
        return
    stopping = asyncio.create_task(stop.wait())
    pausing = asyncio.create_task(backoff.pause())
    await asyncio.wait((stopping, pausing), return_when=asyncio.FIRST_COMPLETED)
    for task in (stopping, pausing):
        task.cancel()


def _sqlstate(error: BaseException) -> str | None:
    return error.sqlstate if isinstance(error, psycopg.Error) else None


async def status(settings: WorkerSettings) -> int:
    """Print progress and slot as JSON; exit status 1 when the view is not being followed."""
    client = open_client(settings.elasticsearch_url, settings.elasticsearch_api_key)
    try:
        async with asyncio.timeout(_STATUS_TIMEOUT_S):
            stored = ProgressStore(Elastic(client), NAME, prefix=settings.index_prefix, replicas=0)
            progress = await stored.read()
            async with await store.connect(settings.database_url) as connection:
                slot = await store.slot_status(connection, settings.slot)
                head = await store.log_head(connection)
    except (psycopg.Error, OSError, ApiError) as error:
        print(f"no answer in time, or a refusal: {type(error).__name__}", file=sys.stderr)
        return 1
    finally:
        await client.close()
    report = {
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
    }
    print(json.dumps(report, indent=2, default=str))
    return 0 if progress is not None and slot is not None and slot.active else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
