"""Claim documents for tests, as the view writes them, and an index that holds them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from elasticsearch import Elasticsearch, helpers

from projections.views.claims import claims_view
from server.platform.blind import blind

Document = dict[str, Any]

TENANT = UUID("00000000-0000-7000-8000-0000000000a1")
OTHER_TENANT = UUID("00000000-0000-7000-8000-0000000000b2")
EPOCH = UUID("00000000-0000-7000-8000-0000000000e0")
INDEX_KEY = b"k" * 32
STATES = ("REJECTED", "ACCEPTED", "PENDED", "APPROVED", "DENIED")
PROCEDURES = ("99213", "99214", "80053", "G0008")
DIAGNOSES = ("E119", "I10", "J449")
NPIS = ("1234567893", "1993999998", "1558598797")


def amount(name: str, cents: int) -> dict[str, Any]:
    """Return the two fields of an amount."""
    return {name: f"{cents // 100}.{cents % 100:02}", f"{name}_cents": cents}


def line(rng: random.Random, number: int, decided: bool) -> Document:
    charge = rng.randrange(1, 50_000)
    paid = rng.randrange(charge + 1)
    written: Document = {
        "line_number": number,
        "procedure_code": rng.choice(PROCEDURES),
        "procedure_system": "HCPCS",
        "modifiers": rng.sample(["25", "59", "GT"], rng.randrange(3)),
        "procedure_description": "office visit",
        **amount("charge", charge),
        "units": "1",
        "units_number": 1.0,
        "unit_basis_code": "UN",
        "service_from_date": "2026-01-10",
        "service_through_date": "2026-01-12",
        "diagnosis_pointers": [1],
    }
    if rng.random() < 0.7:
        written["place_of_service_code"] = rng.choice(["11", "22"])
    if decided:
        written |= amount("allowed", paid) | amount("paid", paid)
        written["denied"] = paid == 0
        written["remark_codes"] = rng.sample(["M15", "N130"], rng.randrange(3))
        written["adjustments"] = [
            {"group_code": "CO", "reason_code": code, **amount("amount", cents)}
            for code, cents in (("45", charge - paid), ("97", 1))
            if cents
        ]
    return written


def document(rng: random.Random, number: int, tenant: UUID = TENANT) -> Document:
    """Return a random claim document."""
    claim_id = UUID(
        int=(0x0198 << 112) | (7 << 76) | (2 << 62) | (tenant.int & 0xFF) << 32 | number
    )
    state = rng.choice(STATES)
    decided = state in ("APPROVED", "DENIED")
    lines = [line(rng, place, decided) for place in range(1, rng.randrange(2, 5))]
    total = sum(one["charge_cents"] for one in lines)
    received = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=rng.randrange(2000))
    member = blind(INDEX_KEY, tenant, "member", f"M{number % 7}")
    written: Document = {
        "tenant_id": str(tenant),
        "claim_id": str(claim_id),
        "claim_number": f"C{number:08}",
        "version": rng.randrange(1, 9),
        "head_hash": "ab" * 32,
        "store_epoch": str(EPOCH),
        "position": 1000 + number,
        "state": state,
        "type": "PROFESSIONAL",
        "frequency_code": "1",
        "currency_code": "USD",
        "payer_id": rng.choice(["P1", "P2"]),
        "payer_name": "Blue Payer",
        "patient_control_number_hash": blind(
            INDEX_KEY, tenant, "patient_control_number", f"PCN{number}"
        ),
        "member_hash": [member],
        "submitted_by": rng.choice(["submitter-1", "submitter-2"]),
        "billing_npi": rng.choice(NPIS),
        "billing_name": "Hill Clinic",
        "place_of_service_code": "11",
        **amount("total_charge", total),
        "service_from_date": "2026-01-10",
        "service_through_date": "2026-01-12",
        "diagnoses": [
            {"position": place, "qualifier": "OTHER", "code_system": "ICD_10_CM", "code": code}
            for place, code in enumerate(rng.sample(DIAGNOSES, rng.randrange(1, 3)), 1)
        ],
        "service_lines": lines,
        "receipt_date": received.date().isoformat(),
        "receive_time": received.isoformat().replace("+00:00", "Z"),
        "update_time": received.isoformat().replace("+00:00", "Z"),
        "queue": rng.choice(["GENERAL", "HIGH_DOLLAR"]),
        "edit_ids": rng.sample(["E01", "E05"], rng.randrange(3)),
        "policy_version": 1,
        "source": {"system": "CMS_DESYNPUF", "batch": f"file-{number % 3}", "position": number},
        "text": f"Blue Payer Hill Clinic office visit C{number:08} knee",
    }
    if decided:
        written["decision"] = state
        for name in ("allowed", "paid"):
            written |= amount(name, sum(one[f"{name}_cents"] for one in lines))
        written["decide_time"] = written["update_time"]
        written["adjudication"] = {
            "number": 1,
            "hash": "cd" * 32,
            "adjudicator": "examiner-1",
            "adjudicate_time": written["update_time"],
            "approvals_needed": 1,
            "final": True,
            "approvers": ["approver-1"],
        }
    return written


def documents(count: int, *, seed: int = 1, tenant: UUID = TENANT) -> list[Document]:
    """Return random documents, the same ones for the same seed."""
    rng = random.Random(seed)
    return [document(rng, number, tenant) for number in range(1, count + 1)]


def create(client: Elasticsearch, prefix: str, generation: int = 1, *, served: bool = True) -> None:
    """Create a generation of the claims index, behind its alias when it is served."""
    client.indices.create(
        index=f"{prefix}claims-v1-{generation}",
        mappings=claims_view(INDEX_KEY).index_mapping(),
        settings={"number_of_replicas": 0},
        aliases={f"{prefix}claims": {}} if served else {},
    )


def write(client: Elasticsearch, prefix: str, written: Iterable[Document], index: str = "") -> None:
    """Write documents, by the alias or to one generation, and make them searchable."""
    helpers.bulk(
        client,
        (
            {
                "_index": index or f"{prefix}claims",
                "_id": f"{one['tenant_id']}/{one['claim_id']}",
                "_source": one,
            }
            for one in written
        ),
        refresh=True,
    )


def put_progress(
    client: Elasticsearch,
    prefix: str,
    lsn: int,
    *,
    epoch: UUID = EPOCH,
    quarantined: int = 0,
    generation: int = 1,
    base: int | None = None,
) -> None:
    """Write the view's progress, as the worker does."""
    now = datetime.now(UTC).isoformat()
    client.index(
        index=f"{prefix}claimflow-progress",
        id="claims",
        document={
            "view": "claims",
            "store_epoch": str(epoch),
            "system_id": "1",
            "timeline": 1,
            "lsn": f"0/{lsn:X}",
            "lsn_number": lsn,
            "generation": generation,
            "index": f"{prefix}claims-v1-{generation}",
            "phase": "FOLLOWING",
            "as_of_time": now,
            "written_at": now,
            "quarantined": quarantined,
            **({} if base is None else {"base_lsn_number": base}),
        },
        refresh=True,
    )


def park(client: Elasticsearch, prefix: str, claim_id: str, *, instead_of: str = "") -> None:
    """Put a claim into the quarantine of the first generation, in another's place if need be."""
    index = f"{prefix}claims-v1-1-quarantine"
    if instead_of:
        client.delete(index=index, id=f"{TENANT}/{instead_of}")
    client.index(
        index=index,
        id=f"{TENANT}/{claim_id}",
        document={"tenant_id": str(TENANT), "id": claim_id, "version": 9, "kind": "x"},
        refresh=True,
    )
