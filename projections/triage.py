"""What an operator decides about documents in quarantine: to try again, or to give up."""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from typing import Any

from psycopg import AsyncConnection

from projections.index import Generation
from projections.kit import Kit
from projections.quarantine import Entry, Quarantine
from projections.repair import mend
from projections.views.subject import parse_document_id

REPLAY, SKIP = "REPLAY", "SKIP"

_DECIDED = (
    "INSERT INTO claimflow.quarantine_decision"
    " (view, tenant_id, id, version, kind, action, reason, decided_by)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)


class NotParked(Exception):
    """A document that is named is not in quarantine."""


async def replay(
    kit: Kit,
    connection: AsyncConnection[Any],
    generation: Generation,
    document_ids: Iterable[str],
    reason: str,
) -> int:
    """Fold and write documents once more; return how many went in. All of them when none is named.

    `NotParked` when one is not in quarantine.
    """
    quarantine = Quarantine(kit.elastic, generation)
    await quarantine.load()
    chosen = _chosen(await quarantine.entries(), document_ids)
    await _decide(kit, connection, chosen, REPLAY, reason)
    return await mend(kit, connection, generation, quarantine, [one.document_id for one in chosen])


async def skip(
    kit: Kit,
    connection: AsyncConnection[Any],
    generation: Generation,
    document_ids: Iterable[str],
    reason: str,
) -> int:
    """Give up on documents as they are now; return how many. A later version is tried as ever.

    `NotParked` when one is not in quarantine.
    """
    quarantine = Quarantine(kit.elastic, generation)
    chosen = _chosen(await quarantine.entries(), document_ids)
    await _decide(kit, connection, chosen, SKIP, reason)
    for one in chosen:
        await quarantine.skip(one)
    return len(chosen)


def _chosen(entries: list[Entry], document_ids: Iterable[str]) -> list[Entry]:
    wanted = set(document_ids)
    missing = wanted - {one.document_id for one in entries}
    if missing:
        raise NotParked(", ".join(sorted(missing)))
    return [one for one in entries if not wanted or one.document_id in wanted]


async def _decide(
    kit: Kit, connection: AsyncConnection[Any], chosen: list[Entry], action: str, reason: str
) -> None:
    """Store who decided what and why, before it is done."""
    by = getpass.getuser()
    async with connection.cursor() as cursor:
        await cursor.executemany(
            _DECIDED,
            [
                (
                    kit.view.name,
                    *parse_document_id(one.document_id),
                    one.version,
                    one.kind,
                    action,
                    reason,
                    by,
                )
                for one in chosen
            ],
        )
