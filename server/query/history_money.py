"""Payments and limits from Postgres: a remittance as it was written, what a member has used."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from claimflow.v1 import query_service_pb2, remittance_pb2
from server.claims import codec
from server.claims.payees import Remittance
from server.claims.services import member_key
from server.query.history import History, Row, Snapshot, rows_of
from server.query.history_wire import remittance_message

_CENT = Decimal("0.01")

# A remittance is written once; whether its money arrived is known beside it.
_REMITTANCES = (
    "SELECT r.payload, r.sealed, r.content_hash, f.recorded_at AS failed_at"
    " FROM claimflow.remittance AS r LEFT JOIN claimflow.remittance_failure AS f"
    " ON f.tenant_id = r.tenant_id AND f.remittance_id = r.remittance_id"
    " WHERE r.tenant_id = %(tenant)s"
)
_BY_ID = f"{_REMITTANCES} AND r.remittance_id = %(key)s"
_BY_TRACE_NUMBER = f"{_REMITTANCES} AND r.trace_number = %(key)s"
_ACCUMULATORS = (
    "SELECT plan_id, benefit_year, deductible_used, out_of_pocket_used FROM claimflow.accumulator"
    " WHERE tenant_id = %(tenant)s AND person_key = %(person)s ORDER BY plan_id, benefit_year"
)


@dataclass(frozen=True, slots=True)
class Paid:
    """A remittance's row."""

    remittance: Remittance
    content_hash: bytes
    failed_at: datetime | None

    @property
    def claim_ids(self) -> list[UUID]:
        """The claims on it, each once."""
        return list(dict.fromkeys(one.claim_id for one in self.remittance.claims))

    def message(self) -> remittance_pb2.Remittance:
        """Return the remittance with everything in it."""
        return remittance_message(
            self.remittance, content_hash=self.content_hash, failed_at=self.failed_at
        )


async def remittance_of(
    history: History, tenant_id: UUID, key: UUID | str
) -> tuple[Paid | None, Snapshot]:
    """Return a remittance of a tenant by its id, or by its trace number when the key is a text."""
    statement = _BY_ID if isinstance(key, UUID) else _BY_TRACE_NUMBER
    async with history.snapshot(tenant_id) as (connection, snapshot):
        rows = await rows_of(connection, statement, {"tenant": tenant_id, "key": key})
    return (_paid(rows[0]) if rows else None), snapshot


async def accumulators_of(
    history: History, tenant_id: UUID, member_number: str
) -> tuple[Sequence[query_service_pb2.Accumulator], Snapshot]:
    """Return what the member of a number has used of each plan's limits, by plan and year."""
    person = member_key(member_number)
    async with history.snapshot(tenant_id) as (connection, snapshot):
        rows = await rows_of(connection, _ACCUMULATORS, {"tenant": tenant_id, "person": person})
    return [_accumulator(row) for row in rows], snapshot


def _paid(row: Row) -> Paid:
    sealed = None if row["sealed"] is None else json.loads(row["sealed"])
    remittance = codec.decode(Remittance, json.loads(row["payload"]), sealed)
    return Paid(remittance, row["content_hash"], row["failed_at"])


def _accumulator(row: Row) -> query_service_pb2.Accumulator:
    return query_service_pb2.Accumulator(
        plan_id=row["plan_id"],
        benefit_year=row["benefit_year"],
        deductible_used=f"{row['deductible_used'].quantize(_CENT)}",
        out_of_pocket_used=f"{row['out_of_pocket_used'].quantize(_CENT)}",
    )
