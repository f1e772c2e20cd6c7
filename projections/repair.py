"""Mending single documents: each folded from its rows anew and written with its version.

It may run beside the worker that keeps the generation: external versions let only the newest stand.
A mended document has the log's end as its position, so that whoever watches for changes sees it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from psycopg import AsyncConnection

from projections import store
from projections.bulk import Write
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
        written += await _mend(kit, connection, generation, quarantine, part, epoch)
    await kit.generations.refresh(generation)
    _log.warning("documents mended", index=generation.index, asked=len(keys), written=written)
    return written


async def _mend(
    kit: Kit,
    connection: AsyncConnection[Any],
    generation: Generation,
    quarantine: Quarantine,
    keys: list[Key],
    epoch: UUID,
) -> int:
    histories = Histories(connection, kit.view.subject)
    folder = Folder(kit.view, epoch, Folds(0))
    # Rows first, then the log's end: nothing that is read here lies behind it.
    rows = await histories.whole(keys)
    position = await store.log_head(connection)
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
            writes.append(done)
    outcome = await kit.bulk.write(generation, writes)
    parked = [Case(one.write.id, one.write.version, position, one.kind) for one in outcome.parked]
    await quarantine.record([*cases, *parked], (one.id for one in outcome.written))
    return len(outcome.written) + removed
