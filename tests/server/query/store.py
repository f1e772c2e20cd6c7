"""Claims with real histories in a real Postgres, as the ledger writes them; see also `paying`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg

from server.claims import chain, codec, records
from server.claims.document import (
    Adjustment,
    ClaimDocument,
    ClaimType,
    CodeSystem,
    Diagnosis,
    Payer,
    Person,
    Procedure,
    Provider,
    ServiceLine,
)
from server.claims.events import (
    AdjudicationRecorded,
    ClaimAccepted,
    ClaimApproved,
    ClaimPended,
    ClaimReceived,
    Event,
    NoteAdded,
    PendResolved,
)
from server.claims.evolution import evolve
from server.claims.model import (
    Adjudication,
    AdjudicationLine,
    Claim,
    Decision,
    Note,
    NoteKind,
)
from server.claims.services import payee

BEGAN = datetime(2026, 2, 1, 9, 30, 0, 123456, tzinfo=UTC)
COLUMNS = (
    "tenant_id", "claim_id", "claim_number", "state", "version", "head_hash", "document",
    "sealed", "queue", "assignee", "lease_until", "submitted_by", "receipt_date", "received_at",
    "updated_at", "policy_version", "family_id", "payee", "duplicate_key", "denied_lines",
)  # fmt: skip


@dataclass(frozen=True)
class Written:
    """A claim that was written: its fold after each event, and its event rows."""

    tenant_id: UUID
    claim_id: UUID
    folds: list[Claim]
    rows: list[dict[str, Any]]


def submitted(claim_id: UUID, number: str, *, by: str = "submitter-1") -> ClaimReceived:
    """Return the first event of a claim with names and codes."""
    line = ServiceLine(
        line_number=1,
        procedure=Procedure(code_system=CodeSystem.HCPCS, code="99213", modifiers=("25",)),
        charge=Decimal("125.00"),
        units=Decimal("1"),
        service_from_date=date(2026, 1, 10),
        diagnosis_pointers=(1,),
        note="CANARYNOTE",
    )
    document = ClaimDocument(
        type=ClaimType.PROFESSIONAL,
        patient_control_number="PCN1",
        frequency_code="1",
        total_charge=Decimal("125.00"),
        currency_code="USD",
        payer=Payer(payer_id="P1", name="Blue Payer"),
        billing_provider=Provider(npi="1234567893", name="Hill Clinic", tax_id="123456789"),
        subscriber=Person(
            member_id="M1",
            last_name="CANARYNAME",
            birth_date=date(1950, 1, 2),
            relationship_code="18",
        ),
        diagnoses=(Diagnosis(code_system=CodeSystem.ICD_10_CM, code="E119"),),
        service_lines=(line,),
    )
    return ClaimReceived(
        claim_id=claim_id,
        claim_number=number,
        document=document,
        receipt_date=date(2026, 2, 1),
        received_at=BEGAN,
        submitted_by=by,
        queue="GENERAL",
    )


def life(claim_id: UUID, number: str, *, by: str = "submitter-1") -> list[Event]:
    """Return a claim's life until it is approved."""
    at = BEGAN + timedelta(hours=1)
    adjudication = Adjudication(
        number=1,
        hash="cd" * 32,
        lines=(
            AdjudicationLine(
                line_number=1,
                charge=Decimal("125.00"),
                allowed=Decimal("100.00"),
                paid=Decimal("100.00"),
                adjustments=(
                    Adjustment(group_code="CO", reason_code="45", amount=Decimal("25.00")),
                ),
            ),
        ),
        paid=Decimal("100.00"),
        allowed=Decimal("100.00"),
        decision=Decision.APPROVED,
        by="examiner-1",
        at=at,
    )
    note = Note(
        note_id=UUID(int=77),
        kind=NoteKind.INTERNAL,
        text="CANARYTEXT",
        text_hash="ab" * 32,
        author="examiner-1",
        created_at=at,
    )
    return [
        submitted(claim_id, number, by=by),
        ClaimAccepted(),
        ClaimPended(code="DOCUMENTS", by="examiner-1", at=at),
        PendResolved(code="DOCUMENTS", by="examiner-1", at=at),
        NoteAdded(note=note, salt=b"s" * 32),
        AdjudicationRecorded(adjudication=adjudication),
        ClaimApproved(number=1),
    ]


def write(url: str, tenant_id: UUID, events: Sequence[Event]) -> Written:
    """Write a claim's events and row, and return them."""
    first = events[0]
    assert isinstance(first, ClaimReceived)
    claim_id = first.claim_id
    previous = chain.genesis_hash(tenant_id, claim_id)
    folds: list[Claim] = []
    rows: list[dict[str, Any]] = []
    for number, event in enumerate(events, 1):
        before = folds[-1] if folds else None
        after = evolve(before, event)
        reason = "CANARYREASON" if isinstance(event, ClaimPended) else ""
        payload, sealed = records.payload_and_sealed(event, reason, os.urandom(32))
        row: dict[str, Any] = {
            "tenant_id": tenant_id,
            "claim_id": claim_id,
            "version": number,
            "event_id": uuid4(),
            "event_type": type(event).__name__,
            "schema_number": 1,
            "from_state": before.state.value if before else None,
            "to_state": after.state.value,
            "payload": payload.decode(),
            "sealed": sealed,
            "key_id": UUID(int=0),
            "actor": "examiner-1",
            "role": "EXAMINER",
            "request_id": uuid4(),
            "reason_code": "DOCUMENTS_MISSING" if reason else None,
            "policy_version": 1,
            "recorded_at": BEGAN + timedelta(hours=number),
            "prev_hash": previous,
        }
        row["hash"] = previous = chain.event_hash(records.link(row))
        folds.append(after)
        rows.append(row)
    with psycopg.connect(url, autocommit=True) as connection, connection.transaction():
        for row in rows:
            insert(connection, "claim_event", row)
        insert(connection, "claim", claim_row(tenant_id, folds[-1], rows[-1]))
    return Written(tenant_id, claim_id, folds, rows)


def claim_row(tenant_id: UUID, claim: Claim, head: dict[str, Any]) -> dict[str, Any]:
    """Return the claim's row."""
    payload, sealed = codec.encode(claim)
    values = (
        tenant_id,
        claim.claim_id,
        claim.claim_number,
        claim.state.value,
        claim.version,
        head["hash"],
        codec.canonical(payload).decode(),
        codec.canonical(sealed) if sealed else None,
        claim.queue,
        claim.assignee or None,
        claim.lease_until,
        claim.submitted_by,
        claim.receipt_date,
        claim.received_at,
        head["recorded_at"],
        head["policy_version"],
        claim.family_id,
        payee(claim.document),
        claim.duplicate_key or None,
        "",
    )
    return dict(zip(COLUMNS, values, strict=True))


def insert(connection: psycopg.Connection[Any], table: str, row: dict[str, Any]) -> None:
    """Insert one row."""
    names = ", ".join(row)
    places = ", ".join(f"%({name})s" for name in row)
    if table == "claim":
        names += ", row_hash"
        hashed = "state", "version", "head_hash", "document", "sealed"
        values = ", ".join(f"%({name})s" for name in hashed)
        places += f", claimflow.claim_row_hash({values})"
    connection.execute(f"INSERT INTO claimflow.{table} ({names}) VALUES ({places})".encode(), row)


def tamper(url: str, statement: str) -> None:
    """Change a store as a superuser can who switches its guards off."""
    with psycopg.connect(url, autocommit=True) as connection, connection.transaction():
        connection.execute("ALTER TABLE claimflow.claim_event DISABLE TRIGGER ALL")
        connection.execute("ALTER TABLE claimflow.claim DISABLE TRIGGER ALL")
        connection.execute(statement.encode())
        connection.execute("ALTER TABLE claimflow.claim_event ENABLE TRIGGER ALL")
        connection.execute("ALTER TABLE claimflow.claim ENABLE TRIGGER ALL")
