"""Rows of the hot path's statements as what the engine works with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from server.claims import codec
from server.claims.model import Claim
from server.command.books import Held
from server.command.requests import Receipt


class Tampered(Exception):
    """A claim's row is not what was written (F76)."""

    def __init__(self, claim_id: UUID) -> None:
        super().__init__()
        self.claim_id = claim_id


def held_of(row: Sequence[Any]) -> Held:
    """Return a claim under lock; raise `Tampered` when its row was edited by hand."""
    if not row[8]:
        raise Tampered(row[1])
    claim = codec.decode(Claim, json.loads(row[4]), json.loads(row[5]) if row[5] else None)
    return Held(claim, head_hash=row[3], updated_at=row[6], policy_version=row[7])


def receipt_of(row: Sequence[Any]) -> Receipt:
    """Return the first reply to a request."""
    return Receipt(
        tenant_id=row[1],
        request_id=row[2],
        method=row[3],
        actor=row[4],
        payload_hash=row[5],
        claim_id=row[6],
        version=row[7],
        reply=row[8],
        batch_id=row[9],
        created_at=row[10],
        lsn=row[11],
    )
