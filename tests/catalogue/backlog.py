"""Many events in little time, and what an operator is told about them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any, Final

import psycopg
import pytest

from projections import worker as worker_module
from projections.feed import Advance, Transaction
from projections.inbox import Batch, Inbox
from tests.projections import scribe
from tests.projections.conftest import Place

# A claim's history again, under another id. The chain's hashes are copied too: no part of the feed
# looks at them.
_COPY: Final = """
WITH fresh AS MATERIALIZED (SELECT gen_random_uuid() AS id FROM generate_series(1, %(count)s))
INSERT INTO claimflow.claim_event
SELECT tenant_id, f.id, version, gen_random_uuid(), event_type, schema_number, from_state, to_state,
       replace(payload, claim_id::text, f.id::text), sealed, key_id, actor, role,
       gen_random_uuid(), reason_code, policy_version, recorded_at, prev_hash, hash
  FROM fresh AS f CROSS JOIN claimflow.claim_event AS e WHERE e.claim_id = %(claim_id)s
 ORDER BY f.id, version
"""


def copy(place: Place, told: scribe.Told, *, claims: int, transactions: int = 1) -> int:
    """Add claims like one that is stored, in so many transactions; return a position in the last.

    The position lies behind the last row and before the commit.
    """
    position = 0
    with psycopg.connect(place.database, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        values = {"count": claims // transactions, "claim_id": told.claim_id}
        for _ in range(transactions):
            with connection.transaction():
                connection.execute(_COPY, values)
                row = connection.execute(
                    "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"
                ).fetchone()
                assert row is not None
                position = int(row[0])
    return position


async def status(place: Place) -> tuple[int, dict[str, Any]]:
    """Return the exit status of `python -m projections status`, and what it says of claims."""
    settings = place.settings
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "ELASTICSEARCH_URL": settings.elasticsearch_url,
        "CLAIMFLOW_INDEX_PREFIX": settings.index_prefix,
        "CLAIMFLOW_INDEX_KEY_FILE": str(settings.index_key_file),
        "CLAIMFLOW_SLOT": settings.slot,
        "CLAIMFLOW_VIEWS": "claims",
    }
    asked = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "projections", "status", env=environment,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(60):
        said, _ = await asked.communicate()
    assert asked.returncode is not None
    found: dict[str, Any] = json.loads(said)["claims"]
    return asked.returncode, found


class Measured(Inbox):
    """The worker's inbox, which remembers how full it was and what was taken from it."""

    most_bytes = 0
    largest_bytes = 0
    batches: list[int]

    def __init__(self, bytes_max: int) -> None:
        super().__init__(bytes_max)
        self.batches = []

    async def put(self, item: Transaction | Advance) -> None:
        await super().put(item)
        if isinstance(item, Transaction):
            self.largest_bytes = max(self.largest_bytes, item.size_bytes)
        self.most_bytes = max(self.most_bytes, self.size_bytes)

    def take(self, *, events_max: int, bytes_max: int) -> Batch:
        batch = super().take(events_max=events_max, bytes_max=bytes_max)
        self.batches.append(len(batch.rows))
        return batch


def measure(monkeypatch: pytest.MonkeyPatch) -> list[Measured]:
    """Return the inboxes that workers of this process will have, the latest last."""
    made: list[Measured] = []

    def make(bytes_max: int) -> Measured:
        made.append(Measured(bytes_max))
        return made[-1]

    monkeypatch.setattr(worker_module, "Inbox", make)
    return made
