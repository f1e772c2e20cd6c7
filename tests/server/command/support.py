"""Commands on a real ledger, in few words."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count as count_from
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import dict_row

from server.claims import numbers
from server.claims.commands import AddNote, Command, SubmitClaim, TakeNextClaim
from server.claims.document import (
    ClaimDocument,
    ClaimType,
    CodeSystem,
    Diagnosis,
    DiagnosisQualifier,
    Payer,
    Person,
    Procedure,
    Provider,
    ServiceLine,
)
from server.claims.model import NoteKind
from server.command.engine import Engine
from server.command.ids import Ids
from server.command.ledger import Ledger
from server.command.requests import NOBODY, Request, Settled

TENANT, OTHER_TENANT = UUID(int=0xA), UUID(int=0xB)
IDS = Ids()
_PEOPLE = count_from(1)


def document(**changes: Any) -> ClaimDocument:
    """A claim that passes every edit of the strict set, of a person of its own."""
    fields: dict[str, Any] = {
        "type": ClaimType.PROFESSIONAL,
        "patient_control_number": "PCN-1",
        "frequency_code": "1",
        "total_charge": Decimal("100.00"),
        "currency_code": "USD",
        "place_of_service_code": "11",
        "payer": Payer(payer_id="PAY01", name="Payer"),
        "billing_provider": Provider(npi="1234567893", name="Clinic"),
        "subscriber": Person(
            member_id=f"M{next(_PEOPLE):06}",
            last_name="Doe",
            first_name="Jane",
            birth_date=date(1980, 1, 1),
        ),
        "diagnoses": (
            Diagnosis(
                qualifier=DiagnosisQualifier.PRINCIPAL,
                code_system=CodeSystem.ICD_10_CM,
                code="J029",
            ),
        ),
        "service_lines": (
            ServiceLine(
                line_number=1,
                procedure=Procedure(code_system=CodeSystem.HCPCS, code="99213"),
                charge=Decimal("100.00"),
                units=Decimal("1"),
                unit_basis_code="UN",
                service_from_date=date(2026, 1, 5),
                diagnosis_pointers=(1,),
            ),
        ),
    }
    return ClaimDocument(**{**fields, **changes})


def now() -> datetime:
    return datetime.now(UTC)


def submission(**changes: Any) -> SubmitClaim:
    return SubmitClaim(
        claim_id=IDS.new(),
        actor="clinic",
        role="SUBMITTER",
        now=now(),
        claim_number=numbers.claim_number(os.urandom(8)),
        document=document(**changes),
    )


def note(claim_id: UUID, text: str = "seen", expected_version: int = 0) -> AddNote:
    return AddNote(
        claim_id=claim_id,
        actor="eve",
        role="EXAMINER",
        now=now(),
        expected_version=expected_version,
        note_id=IDS.new(),
        kind=NoteKind.INTERNAL,
        text=text,
        salt=bytes(32),
    )


def take_next(actor: str = "eve", queue: str = "GENERAL") -> TakeNextClaim:
    return TakeNextClaim(claim_id=NOBODY, actor=actor, role="EXAMINER", now=now(), queue=queue)


def reply(settled: Settled) -> bytes:
    """A reply that shows what the command made."""
    shown: dict[str, Any] = {
        "events": [row.event_type for row in settled.events],
        "others": {str(one.claim_id): one.state.value for one in settled.others},
    }
    if settled.claim is not None:
        shown |= {
            "claim": str(settled.claim.claim_id),
            "number": settled.claim.claim_number,
            "state": settled.claim.state.value,
            "version": settled.claim.version,
        }
    if settled.remittance is not None:
        shown["remittance"] = str(settled.remittance.remittance_id)
        shown["amount"] = str(settled.remittance.amount)
        shown["claims"] = [[str(c.claim_id), str(c.paid)] for c in settled.remittance.claims]
        shown["adjustments"] = [
            [one.reason_code, one.reference, str(one.amount)]
            for one in settled.remittance.provider_adjustments
        ]
    return json.dumps(shown).encode()


def asked(
    command: Command,
    *,
    request_id: UUID | None = None,
    content: str = "",
    tenant_id: UUID = TENANT,
    validate_only: bool = False,
    seconds: float = 30.0,
) -> Request:
    return Request(
        tenant_id=tenant_id,
        request_id=request_id or uuid4(),
        method=f"/claimflow.v1.CommandService/{type(command).__name__}",
        payload_hash=hashlib.sha256(content.encode()).digest(),
        command=command,
        answer=reply,
        deadline=time.monotonic() + seconds,
        size_bytes=1000,
        validate_only=validate_only,
        purpose="HPAYMT",
        classes=("FINANCIAL", "CLINICAL"),
        correlation_id="test",
    )


@asynccontextmanager
async def running(database: str, ledger: Ledger | None = None) -> AsyncIterator[Engine]:
    engine = Engine(ledger or Ledger(database))
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


def rows(database: str, query: str, *values: Any) -> list[dict[str, Any]]:
    """What the database holds, seen by its owner."""
    with psycopg.connect(database, row_factory=dict_row) as connection:
        return connection.execute(query, values).fetchall()


def count(database: str, table: str) -> int:
    found: int = rows(database, f"SELECT count(*) AS n FROM claimflow.{table}")[0]["n"]
    return found
