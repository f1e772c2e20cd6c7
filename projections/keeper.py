"""The worker program: keeps each view until it is told to stop, whatever is away in between."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping
from dataclasses import replace

import psycopg

from projections.elastic import Backoff, Elastic
from projections.feed import FeedTaken
from projections.session import Outgrown, Session
from projections.settings import WorkerSettings
from projections.views.catalogue import all_views
from projections.views.view import View
from server.platform.elastic import open_client
from server.platform.positions import read_key
from server.platform.telemetry import log_exception, logger

_log = logger("projections")


class UnknownView(Exception):
    """There is no view of this name."""


def views_of(settings: WorkerSettings, names: list[str] | None = None) -> Mapping[str, View]:
    """Return the views that are named, or those of the settings, or all."""
    every = all_views(read_key(settings.index_key_file))
    wanted = names or settings.views.replace(",", " ").split() or list(every)
    for name in wanted:
        if name not in every:
            raise UnknownView(name)
    return {name: every[name] for name in wanted}


async def keep(settings: WorkerSettings) -> int:
    """Keep the views until SIGTERM or SIGINT."""
    _log.info("worker starts", **settings.shown())
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    views = views_of(settings).values()
    shared = replace(settings, cache_bytes_max=settings.cache_bytes_max // len(views))
    client = open_client(settings.elasticsearch_url, settings.elasticsearch_api_key)
    comparing = asyncio.Lock()
    try:
        async with asyncio.TaskGroup() as group:
            for view in views:
                session = Session(shared, view, Elastic(client), comparing)
                group.create_task(_keep(session, view, stop))
    finally:
        await client.close()
    _log.info("worker stopped")
    return 0


async def _keep(session: Session, view: View, stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    backoff = Backoff(0.1, 5.0)
    while not stop.is_set():
        started = loop.time()
        try:
            await session.run(stop)
        except FeedTaken:
            _log.info("another worker, or a build, is at work; waiting", view=view.name)
        except Outgrown:
            _log.info("a newer version serves; waiting", view=view.name)
        except Exception as error:
            # Whatever it is, the feed keeps what is not confirmed, and the next stretch begins with
            # a look at how things are.
            sqlstate = error.sqlstate if isinstance(error, psycopg.Error) else None
            log_exception(_log, "stretch ended", error, view=view.name, sqlstate=sqlstate)
        if loop.time() - started > 30:
            backoff.reset()
        await _pause(stop, backoff)


async def _pause(stop: asyncio.Event, backoff: Backoff) -> None:
    if stop.is_set():
        return
    stopping = asyncio.create_task(stop.wait())
    pausing = asyncio.create_task(backoff.pause())
    await asyncio.wait((stopping, pausing), return_when=asyncio.FIRST_COMPLETED)
    for task in (stopping, pausing):
        task.cancel()
