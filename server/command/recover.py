"""A new epoch by hand: after a copy of the database was put back as it was.

A log that was restored to a point in time, or goes on elsewhere, is noticed by itself. A copy of
the same cluster with the same timeline looks as if nothing had happened: only who put it there
knows that answers were given which it does not hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

import psycopg

REASON_CHARACTERS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Recovered:
    """What changed hands."""

    before: UUID
    after: UUID
    epochs: int
    position: str  # where the log ended, as Postgres writes positions


def recover(database_url: str, reason: str) -> Recovered:
    """Begin a new epoch; raise `ValueError` without a reason that can be kept."""
    reason = reason.strip()
    if not 0 < len(reason) <= REASON_CHARACTERS_MAX:
        raise ValueError(f"a reason has 1 to {REASON_CHARACTERS_MAX} characters")
    with psycopg.connect(database_url, application_name="claimflow recover") as connection:
        # One at a time: who waits here begins an epoch of its own after the other's.
        before = connection.execute("SELECT epoch FROM claimflow.store FOR UPDATE").fetchone()
        after = connection.execute("SELECT claimflow.begin_epoch(%s)", (reason,)).fetchone()
        found = connection.execute(
            "SELECT (SELECT count(*) FROM claimflow.store_epoch),"
            " (SELECT lsn::text FROM claimflow.store_epoch WHERE epoch = s.epoch)"
            " FROM claimflow.store AS s"
        ).fetchone()
    assert before is not None and after is not None and found is not None, "a migrated store"
    return Recovered(before[0], after[0], *found)
