"""Mending single documents: each folded from its rows anew and written with its version.

It may run beside the worker that keeps the generation: external versions let only the newest stand.
Whoever watches for changes has to see a mended document, so its position lies ahead of the log
until it is searchable; then the log is moved past it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from psycopg import AsyncConnection

from projections import store
from projections.bulk import Write
from projections.feed import Position
from projections.fill import shown_of
from projections.folding import Folder
from projections.history import Folds, Histories
from projections.index import Generation
from projections.kit import Kit
from projections.quarantine import Case, Quarantine
from projections.views.subject import Key, document_id, key_of, parse_document_id
from server.platform.telemetry import logger

_log = logger("projections.repair")
_AT_A_TIME: Final = 500
# How much may be committed while documents are being mended, before it is to be done once more.
_AHEAD_BYTES: Final = 256 * 1024


async def mend(
    kit: Kit,
    connection: AsyncConnection[Any],
    generation: Generation,
    quarantine: Quarantine,
    document_ids: Iterable[str],
) -> int:
    """Write documents anew as the store has them; return how many are right by that.

    What cannot be folded or indexed goes to the quarantine, what can leaves it. A document of
    which the store knows nothing is removed.
    """
    epoch = await store.store_epoch(connection)
    keys = [parse_document_id(one) for one in document_ids]
    written = 0
    # So that the engine forgets the versions of documents that somebody removed.
    await kit.generations.refresh(generation)
    for start in range(0, len(keys), _AT_A_TIME):
        part = keys[start : start + _AT_A_TIME]
        written += await _unseen(kit, connection, generation, quarantine, part, epoch)
    _log.warning("documents mended", index=generation.index, asked=len(keys), written=written)
    return written


async def _unseen(
    kit: Kit,
    connection: AsyncConnection[Any],
    generation: Generation,
    quarantine: Quarantine,
    keys: list[Key],
    epoch: UUID,
) -> int:
    """Mend documents at a position that nobody has looked behind before they are searchable."""
    ahead = _AHEAD_BYTES
    while True:
        position = await store.log_head(connection) + ahead
        written = await _mend(kit, connection, generation, quarantine, keys, epoch, position)
        await kit.generations.refresh(generation)
        progress = await kit.serving().peek()
        if progress is None or progress.position < position:
            await store.push_past(connection, position)
            return written
        ahead *= 4


async def _mend(
    kit: Kit,
    connection: AsyncConnection[Any],
    generation: Generation,
    quarantine: Quarantine,
    keys: list[Key],
    epoch: UUID,
    position: Position,
) -> int:
    histories = Histories(connection, kit.view.subject)
    folder = Folder(kit.view, epoch, Folds(0))
    rows = await histories.whole(keys)
    writes: list[Write] = []
    cases: list[Case] = []
    removed = 0
    for key in keys:
        shown = shown_of(kit.view, rows.get(key, ()))
        if not shown:
            await kit.generations.forget(generation, document_id(key))
            removed += 1
            continue
        done = folder.fold_one(key_of(shown[0]), shown, position)
        assert done is not None, "nothing is known yet"
        if isinstance(done, Case):
            cases.append(done)
        else:
            writes.append(replace(done, again=True))
    outcome = await kit.bulk.write(generation, writes)
    parked = [Case(one.write.id, one.write.version, position, one.kind) for one in outcome.parked]
    await quarantine.record([*cases, *parked], (one.id for one in outcome.written))
    return len(outcome.written) + removed
