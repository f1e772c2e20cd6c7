"""From one generation to the next: readers never see a document go backwards, nor two at once.

The generation that serves is stopped by a word in its progress, which whoever follows it compares
before writing. Its position can not move any more; the successor passes it, the alias moves, and
the successor's progress takes the place. Cut short before the alias has moved, the old one goes on;
after that, whoever comes next completes it.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, Final

from psycopg import AsyncConnection

from projections import store
from projections.index import Generation
from projections.kit import Kit
from projections.progress import FOLLOWING, HANDING_OVER, KEPT, Progress, ProgressStore, Superseded
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
    head = await store.log_head(connection)
    if old is not None and old.identity == worker.progress.identity and old.position <= head:
        while worker.progress.position < old.position:
            await asyncio.sleep(_LOOK_S)
    progress = await worker.leave()
    await kit.generations.serve(generation)
    _log.warning("alias moved", index=generation.index)
    return await complete(kit, replace(progress, phase=FOLLOWING), stored, old, keep_old=keep_old)


async def complete(
    kit: Kit,
    progress: Progress,
    stored: ProgressStore,
    old: Progress | None,
    *,
    keep_old: bool,
) -> Progress:
    """Say that the generation serves which readers are shown already."""
    if keep_old and old is not None and old.phase == FOLLOWING:
        kept = kit.progress_of(kit.generations.of_index(old.index))
        await kept.read()
        await kept.write(replace(old, phase=KEPT, successor=""))
    serving = kit.serving()
    await serving.read()
    served = replace(progress, phase=FOLLOWING, ranges=(), done=(), successor="")
    await serving.write(served)
    await stored.remove()
    return served


async def _stopped(kit: Kit, successor: Generation) -> Progress | None:
    """Keep the generation that serves from going on; return its last progress, None without one."""
    serving = kit.serving()
    while True:
        found = await serving.read()
        if found is None:
            return None
        try:
            await serving.write(replace(found, phase=HANDING_OVER, successor=successor.index))
        except Superseded:
            continue  # it moved on meanwhile: its newer position counts
        return found
