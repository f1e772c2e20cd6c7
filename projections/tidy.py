"""Dropping what nobody will take up again: indices and slots of generations that are past.

A slot that nobody reads holds the log, so this is done while following too, not at a start only.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Final

import psycopg
from elasticsearch import ApiError

from projections import store
from projections.build import discard, sweep
from projections.handover import settle
from projections.index import Generation
from projections.kit import Kit
from projections.progress import KEPT, Progress
from projections.replication import SlotTaken
from server.platform.telemetry import logger

_log = logger("projections.tidy")

# A build that nobody has taken up for so long is dropped, for the log it holds.
_STALE_AFTER: Final = timedelta(days=1)
# When all is tidy, how long until the next look, seconds.
_LOOK_S: Final = 600.0


async def keep_tidy(kit: Kit, generation: Generation) -> None:
    """Tidy up beside a generation that serves, again and again, until cancelled."""
    while True:
        try:
            await _tidy(kit, generation)
        except SlotTaken:
            _log.info("a build is under way", view=kit.view.name)
            await asyncio.sleep(kit.settings.heartbeat_s)
        except (psycopg.Error, OSError, ApiError) as error:
            # What is left lying about keeps nobody from following.
            _log.warning("not tidied", view=kit.view.name, error_type=type(error).__name__)
            await asyncio.sleep(kit.settings.heartbeat_s)
        else:
            await asyncio.sleep(_LOOK_S)


async def _tidy(kit: Kit, generation: Generation) -> None:
    async with AsyncExitStack() as stack:
        reading = await store.connect(kit.settings.database_url)
        stack.push_async_callback(reading.close)
        await stack.enter_async_context(store.only_one(reading, kit.building))
        await settle(kit)
        serving = await kit.serving().peek()
        if serving is None or serving.index != generation.index:
            return  # readers are shown another by now: this is for whoever follows that one
        stream = await kit.source.connect(kit.settings.database_url)
        stack.push_async_callback(stream.close)
        others = await kit.serving().others()
        past = [one for one in others if _is_past(one, others)]
        for one in past:
            await discard(kit, reading, stream, one)
        left = [kit.generations.of_index(one.index) for one in others if one not in past]
        await sweep(kit, reading, stream, [generation, *left])


def _is_past(one: Progress, others: list[Progress]) -> bool:
    """Tell whether nobody takes it up again; of those that were kept, only the last can be."""
    if one.phase == KEPT:
        return any(other.phase == KEPT and other.generation > one.generation for other in others)
    return one.started_at is None or datetime.now(UTC) - one.started_at > _STALE_AFTER
