"""Building a generation from the event table: slot first, then the table as the slot saw it.

Never "from now": whatever was lost, the new generation begins with everything that was committed
before the slot's first position, and the feed brings the rest. The old one goes on answering, with
its old position, until the new one is complete.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from itertools import groupby
from typing import Any

from psycopg import AsyncConnection, sql

from projections.bulk import BulkWriter, Write
from projections.feed import Position
from projections.folding import Folder
from projections.history import EventRow, Key, snapshot_events
from projections.index import Generation
from projections.quarantine import Case, Quarantine
from projections.replication import NewSlot, SlotTaken, create_slot
from projections.store import slot_status
from server.platform.telemetry import logger

_log = logger("projections.fill")


async def fresh_slot(
    replication: AsyncConnection[Any], reading: AsyncConnection[Any], slot: str
) -> NewSlot:
    """Drop the slot if there is one, and make it anew; `SlotTaken` while somebody reads it."""
    found = await slot_status(reading, slot)
    if found is not None:
        if found.active or not found.is_ours:
            raise SlotTaken
        await replication.execute(sql.SQL("DROP_REPLICATION_SLOT {}").format(sql.Identifier(slot)))
    return await create_slot(replication, slot)


async def fill(
    slot: NewSlot,
    reading: AsyncConnection[Any],
    folder: Folder,
    bulk: BulkWriter,
    generation: Generation,
    quarantine: Quarantine,
    *,
    bytes_max: int,
) -> None:
    """Write every claim as the slot's snapshot shows it."""
    started = time.monotonic()
    claims = events = 0
    writes: list[Write] = []
    cases: list[Case] = []
    size_bytes = 0

    async def write() -> None:
        outcome = await bulk.write(generation, writes)
        cases.extend(
            Case(one.write.id, one.write.version, slot.position, one.kind) for one in outcome.parked
        )
        await quarantine.record(cases, ())

    async with snapshot_events(reading, slot.snapshot) as pages:
        async for history in _claims(pages):
            claims += 1
            events += len(history)
            done = _folded(folder, history, slot.position)
            if isinstance(done, Case):
                cases.append(done)
                continue
            writes.append(done)
            size_bytes += len(done.source)
            if size_bytes >= bytes_max:
                await write()
                writes, cases, size_bytes = [], [], 0
                _log.info("filling", index=generation.index, claims=claims, events=events)
        await write()
    _log.info(
        "filled",
        index=generation.index,
        claims=claims,
        events=events,
        seconds=round(time.monotonic() - started, 3),
    )


def _folded(folder: Folder, history: list[EventRow], position: Position) -> Write | Case:
    done = folder.fold_claim(_key(history[0]), history, position)
    assert done is not None, "nothing of a new generation is known yet"
    return done


async def _claims(pages: AsyncIterator[list[EventRow]]) -> AsyncIterator[list[EventRow]]:
    """Yield the events of one claim after the other."""
    waiting: list[EventRow] = []
    async for page in pages:
        for key, rows in groupby(page, key=_key):
            group = list(rows)
            if waiting and _key(waiting[0]) != key:
                yield waiting
                waiting = []
            waiting.extend(group)
    if waiting:
        yield waiting


def _key(row: EventRow) -> Key:
    return row["tenant_id"], row["claim_id"]
