"""From one generation to the next: readers never see a document go backwards, nor two at once.

The generation that serves is stopped by a word in its progress, which whoever follows it compares
before writing, and by taking it out of reach of writers. Neither its position nor what searches
see of it can move any more; the successor passes the end of the log of that moment, the alias
moves, and the successor's progress takes the place. Cut short before the alias has moved, the old
one goes on; after that, whoever comes next completes it.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, Final

from psycopg import AsyncConnection

from projections import store
from projections.index import Generation, IndexLost
from projections.kit import Kit
from projections.progress import (
    FOLLOWING,
    HANDING_OVER,
    KEPT,
    UNFIT,
    Progress,
    ProgressStore,
    Superseded,
)
from projections.worker import Worker
from server.platform.telemetry import logger

_log = logger("projections.handover")
_LOOK_S: Final = 0.01


async def hand_over(
    kit: Kit,
    connection: AsyncConnection[Any],
    generation: Generation,
    worker: Worker,
    stored: ProgressStore,
    keep_old: bool,
) -> Progress:
    """Let a generation that has caught up serve, in the place of the one that does."""
    old = await _stopped(kit, generation)
    if old is not None and old.identity == worker.progress.identity:
        try:
            await kit.generations.freeze(kit.generations.of_index(old.index))
        except IndexLost:
            _log.warning("what served is gone", index=old.index)
        # Whatever searches see of the old one was committed before this.
        head = await store.log_head(connection)
        while worker.progress.position < head:
            await asyncio.sleep(_LOOK_S)
    progress = await worker.leave()
    await kit.generations.serve(generation)
    _log.warning("alias moved", index=generation.index)
    return await complete(kit, progress, stored, old, keep_old=keep_old)


async def complete(
    kit: Kit,
    progress: Progress,
    stored: ProgressStore,
    old: Progress | None,
    *,
    keep_old: bool,
) -> Progress:
    """Say that the generation serves which readers are shown already."""
    if keep_old and old is not None and old.phase != UNFIT:
        kept = kit.progress_of(kit.generations.of_index(old.index))
        await kept.read()
        await kept.write(replace(old, phase=KEPT, successor=""))
    serving = kit.serving()
    await serving.read()
    served = replace(progress, phase=FOLLOWING, ranges=(), done=(), successor="")
    await serving.write(served)
    await stored.remove()
    return served


async def settle(kit: Kit) -> None:
    """Complete a handover that was cut short, or let the old generation go on.

    Only for whoever holds the builder's place.
    """
    serving = kit.serving()
    found = await serving.read()
    if found is None:
        return
    if found.successor:
        successor = None
        if found.successor in await kit.generations.serving():
            stored = kit.progress_of(kit.generations.of_index(found.successor))
            successor = await stored.read()
        if successor is not None:
            _log.warning("handover completed", index=found.successor)
            await complete(kit, successor, stored, found, keep_old=False)
        else:
            _log.warning("handover undone", index=found.index)
            await kit.generations.thaw(kit.generations.of_index(found.index))
            phase = UNFIT if found.phase == UNFIT else FOLLOWING
            await serving.write(replace(found, phase=phase, successor=""))
        return
    # Its own progress, from before it served, may be left over.
    await kit.progress_of(kit.generations.of_index(found.index)).remove()


async def _stopped(kit: Kit, successor: Generation) -> Progress | None:
    """Keep the generation that serves from going on; return its last progress, None without one."""
    serving = kit.serving()
    while True:
        found = await serving.read()
        if found is None:
            return None
        phase = UNFIT if found.phase == UNFIT else HANDING_OVER
        try:
            await serving.write(replace(found, phase=phase, successor=successor.index))
        except Superseded:
            continue  # it moved on meanwhile: its newer position counts
        return found
