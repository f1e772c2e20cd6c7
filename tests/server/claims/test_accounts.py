"""Who pays whom: the account of a claim and of a remittance, what it comes to, and its hash."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from server.claims.document import Payer
from server.claims.payees import (
    Account,
    PaymentMethod,
    ProviderAdjustment,
    Remittance,
    RemittedClaim,
    account_of,
    balance,
    content_hash,
)
from tests.server.claims.documents import professional


def told(number: int, paid: str, **changes: Any) -> RemittedClaim:
    fields: dict[str, Any] = {
        "claim_id": UUID(int=number),
        "claim_number": f"CF{number}",
        "status_code": "1",
        "adjudication_number": 1,
        "charge": Decimal("100.00"),
        "paid": Decimal(paid),
        "patient_responsibility": Decimal("5.00"),
    }
    return RemittedClaim(**(fields | changes))


CLAIMS = (told(1, "70.00", patient_control_number="PCN-1"), told(2, "-30.25", reverses=True))
ADJUSTMENTS = (
    ProviderAdjustment(reason_code="WO", reference="CF3", amount=Decimal("12.50")),
    ProviderAdjustment(reason_code="L6", reference="CF1", amount=Decimal("-0.75")),
)
REMITTANCE = Remittance(
    remittance_id=UUID(int=0xD1),
    trace_number="T1",
    payee="1234567893",
    payer_id="PAYER1",
    currency_code="USD",
    payment_date=date(2026, 3, 16),
    method=PaymentMethod.ACH,
    amount=Decimal("28.00"),
    claims=CLAIMS,
    provider_adjustments=ADJUSTMENTS,
    issued_by="fay",
    issued_at=datetime(2026, 3, 16, 9, tzinfo=UTC),
)


def test_m5_a_remittance_belongs_to_one_account() -> None:
    account = Account(payer_id="PAYER1", payee="1234567893", currency_code="USD")
    assert REMITTANCE.account == account
    assert account_of(professional()) == account


@pytest.mark.parametrize(
    ("payer", "payer_id"),
    [
        (Payer(payer_id="P9", name="A Plan"), "P9"),
        (Payer(name="A Plan"), "A Plan"),
        (None, ""),
    ],
    ids=["by its number", "by its name", "nobody"],
)
def test_a_payer_without_a_number_is_told_by_its_name(payer: Payer | None, payer_id: str) -> None:
    account = account_of(professional(payer=payer, currency_code="CAD"))
    assert account == Account(payer_id=payer_id, payee="1234567893", currency_code="CAD")


def test_m5_what_is_paid_is_claims_less_provider_adjustments() -> None:
    assert REMITTANCE.claims_paid == Decimal("39.75")
    assert REMITTANCE.adjusted == Decimal("11.75")
    assert balance(CLAIMS, ADJUSTMENTS) == REMITTANCE.amount == Decimal("28.00")
    assert balance((), ()) == 0


def test_w3_the_hash_of_a_remittance_is_of_all_it_tells() -> None:
    small = replace(REMITTANCE, claims=(CLAIMS[0],), provider_adjustments=())
    text = (
        '[{"amount":"28.00","claims":[{"adjudication_number":1,"charge":"100.00","claim_id":'
        '"00000000-0000-0000-0000-000000000001","claim_number":"CF1","paid":"70.00",'
        '"patient_responsibility":"5.00","status_code":"1"}],"currency_code":"USD","issued_at":'
        '"2026-03-16T09:00:00.000000Z","issued_by":"fay","method":"ACH","payee":"1234567893",'
        '"payer_id":"PAYER1","payment_date":"2026-03-16","remittance_id":'
        '"00000000-0000-0000-0000-0000000000d1","trace_number":"T1"},'
        '{"claims":{"0":{"patient_control_number":"PCN-1"}}}]'
    )
    assert content_hash(small) == hashlib.sha256(text.encode()).hexdigest()
    other_patient = replace(CLAIMS[0], patient_control_number="PCN-2")
    assert content_hash(replace(small, claims=(other_patient,))) != content_hash(small)
    assert content_hash(replace(small, amount=Decimal("28.01"))) != content_hash(small)
