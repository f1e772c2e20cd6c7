"""The read process: its stores, its service, and the door before it.

It answers while Postgres or Elasticsearch is usable, and says NOT_SERVING only when neither is.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from claimflow.v1 import query_service_pb2
from server.platform import telemetry
from server.platform.elastic import open_client
from server.platform.errors import Failure
from server.platform.positions import PageTokenCodec, TokenCodec, read_key
from server.platform.serving import RunningServer, run
from server.query.calls import Calls
from server.query.disclosure import Disclosures
from server.query.feeds import Feeds
from server.query.freshness import Freshness
from server.query.history import History, StoreEpoch, open_history
from server.query.index import Index, IndexRefused
from server.query.points import Points
from server.query.reads import Reader
from server.query.requirement import Requirements
from server.query.search import Searcher
from server.query.service import QueryService
from server.query.settings import QuerySettings

DESCRIPTOR = query_service_pb2.DESCRIPTOR.services_by_name["QueryService"]
READINESS_SECONDS = 2.0

_log = telemetry.logger(__name__)


def serve(settings: QuerySettings) -> int:
    """Serve until told to stop; return the exit status."""
    telemetry.configure(settings.log_level)
    return run(_main(settings))


@asynccontextmanager
async def open_service(settings: QuerySettings) -> AsyncIterator[QueryService]:
    """Open the stores of one process; neither has to be there yet."""
    seal_key = await asyncio.to_thread(read_key, settings.seal_key_file)
    index_key = await asyncio.to_thread(read_key, settings.index_key_file)
    client = open_client(settings.elasticsearch_url, settings.elasticsearch_api_key)
    index = Index(client, settings.index_prefix)
    async with open_history(settings.database_url) as history:
        epoch = StoreEpoch(history)
        freshness = Freshness(index.progress, epoch.known)
        requirements = Requirements(TokenCodec(seal_key), freshness, history)
        points = Points(index)
        points_of_feeds = Points(index, of_generation=True)
        disclosures = Disclosures(history.record_reads)
        calls = Calls(
            index_key=index_key, page_tokens=PageTokenCodec(seal_key), disclosures=disclosures
        )
        try:
            yield QueryService(
                calls=calls,
                index=index,
                history=history,
                requirements=requirements,
                reader=Reader(index, history, requirements),
                searcher=Searcher(index, points),
                feeds=Feeds(
                    calls,
                    index,
                    points_of_feeds,
                    requirements,
                    heartbeat_s=settings.watch_heartbeat_s,
                    patience_s=settings.watch_patience_s,
                ),
            )
        finally:
            await disclosures.close()
            await freshness.close()
            await epoch.close()
            await points.close()
            await points_of_feeds.close()
            await client.close()


async def usable(index: Index, history: History) -> bool:
    """Tell whether at least one of the stores answers."""
    for ask in (index.progress, history.head):
        try:
            await ask()
        except (Failure, IndexRefused):
            continue
        return True
    return False


async def _main(settings: QuerySettings) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    _log.info("settings", **settings.shown())
    async with open_service(settings) as service:
        server = RunningServer([(DESCRIPTOR, service)], settings)
        await server.start()
        _log.info("serving", listen=settings.listen, port=server.port)
        watching = asyncio.create_task(_watch(server, service))
        await told.wait()
        _log.info("draining")
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await server.drain()


async def _watch(server: RunningServer, service: QueryService) -> None:
    """Say SERVING while a store answers."""
    while True:
        now = await usable(service.index, service.history)
        if now != server.health.serving:
            _log.warning("readiness", serving=now)
            server.health.set(now)
        await asyncio.sleep(READINESS_SECONDS)
