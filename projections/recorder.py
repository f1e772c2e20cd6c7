"""The recorder program: writes the log down into an archive, until it is told to stop.

An archive can be followed instead of the log (`CLAIMFLOW_FEED=archive:FOLDER`): in a drill, to play
an incident again, or by workers that are not let near the database's log.
"""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

from projections import replication, store
from projections.replication import PostgresFeed
from projections.settings import WorkerSettings
from projections.sources.archive import ArchiveWriter
from projections.sources.tee import Tee, record
from server.platform.positions import Position as Lsn
from server.platform.telemetry import logger

_log = logger("projections.recorder")


async def record_into(settings: WorkerSettings, folder: Path) -> int:
    """Record until SIGTERM or SIGINT, through a slot of the archive's own.

    `FeedTaken` while another recorder writes, `FeedLost` when the archive is of another log or the
    log before its end is gone.
    """
    slot = f"{settings.slot}_archive"
    url = settings.database_url
    async with await store.connect(url) as reading, await replication.connect(url) as stream:
        identity, _ = await replication.identify(stream, await store.store_epoch(reading))
        there = await store.slot_status(reading, slot)
        if there is None:
            begin = (await replication.create_slot(stream, slot)).position
        else:
            begin = there.confirmed
    writer = ArchiveWriter(folder, identity, begin)
    feed = PostgresFeed(
        await replication.connect(url),
        identity,
        slot=slot,
        publication=settings.publication,
        start=writer.position,
        status_s=settings.feed_status_s,
    )
    tee = Tee(feed, writer)
    recording = asyncio.create_task(_record(tee))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, recording.cancel)
    _log.info("recording", folder=str(folder), position=str(Lsn(writer.position)))
    try:
        await recording
    except asyncio.CancelledError:
        _log.info("recording stopped")
    finally:
        await tee.close()
    return 0


async def _record(tee: Tee) -> None:
    await tee.start()
    await record(tee)
