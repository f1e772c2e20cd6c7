"""What the tests of rendered remittances share: builders of what the servers tell."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from claimflow import remittance as x12
from claimflow.client import values
from claimflow.v1 import query_service_pb2 as query
from claimflow.v1.claim_pb2 import Claim
from claimflow.v1.remittance_pb2 import Remittance

REMITTANCE_ID = "01890000-0000-7000-8000-0000000000aa"
NPI = "1234567893"


def a_line(number: int, sign: int = 1, **fields: Any) -> dict[str, Any]:
    """Return a line of 100.00 that pays 70.00, or its reversal."""
    amounts = {"charge": "100.00", "allowed": "90.00", "paid": "70.00"}
    reasons = [("CO", "45", "10.00"), ("PR", "1", "20.00")]
    return {
        "line_number": number,
        **{name: Decimal(amount) * sign for name, amount in amounts.items()},
        "units_paid": 2 * sign,
        "adjustments": [
            {"group_code": group, "reason_code": reason, "amount": Decimal(amount) * sign}
            for group, reason, amount in reasons
        ],
        "remark_codes": ["N130"],
        **fields,
    }


SERVICES: list[dict[str, Any]] = [
    {
        "line_number": 1,
        "line_control_number": "L1",
        "code_system": "HCPCS",
        "procedure_code": "99213",
        "modifiers": ["25"],
        "service_from_date": date(2026, 1, 5),
        "service_through_date": date(2026, 1, 5),
    },
    {
        "line_number": 2,
        "revenue_code": "0301",
        "service_from_date": date(2026, 1, 5),
        "service_through_date": date(2026, 1, 7),
    },
]


def a_remittance(**fields: Any) -> Remittance:
    """Return the reversal of one claim and the payment of two."""
    sums = {"charge": "200.00", "paid": "140.00", "patient_responsibility": "40.00"}
    paid = {
        "claim_number": "PAYER-2", "patient_control_number": "A-2", "status_code": "1", **sums
    }  # fmt: skip
    plain = {
        "remittance_id": REMITTANCE_ID,
        "trace_number": "T1",
        "payee": NPI,
        "payer_id": "PAYER1",
        "currency_code": "USD",
        "payment_date": date(2026, 1, 31),
        "method": "ACH",
        "amount": "130.50",
        "issue_time": datetime(2026, 1, 30, 9, 5, tzinfo=UTC),
        "claims": [
            {
                "claim_id": "c-1",
                "claim_number": "PAYER-1",
                "status_code": "22",
                "reverses": True,
                **{name: -Decimal(amount) for name, amount in sums.items()},
                "lines": [a_line(1, -1), a_line(2, -1)],
                "services": SERVICES,
            },
            {"claim_id": "c-2", **paid, "lines": [a_line(1), a_line(2)], "services": SERVICES},
            {"claim_id": "c-1", **paid, "claim_number": "PAYER-3",
             "lines": [a_line(1), a_line(2)], "services": SERVICES},
        ],
        "provider_adjustments": [
            {"reason_code": "WO", "reference": "o-1", "amount": "10.00"},
            {"reason_code": "L6", "reference": "PAYER-2", "amount": "-0.50"},
        ],
        **fields,
    }  # fmt: skip
    return values.build(Remittance, plain)


def a_claim(claim_id: str, **fields: Any) -> Claim:
    document = {
        "type": "PROFESSIONAL",
        "patient_control_number": "A-1",
        "frequency_code": "1",
        "place_of_service_code": "11",
        "claim_filing_indicator": "CI",
        "payer": {"payer_id": "PAYER1", "name": "Granite: State"},
        "billing_provider": {
            "npi": NPI,
            "name": "Clínica Example",
            "address": {
                "lines": ["1 Main Street"],
                "city": "Springfield",
                "state": "IL",
                "postal_code": "627010001",
            },
        },
        "subscriber": {"member_id": "M1", "last_name": "Muñoz", "first_name": "José"},
        **fields,
    }
    return values.build(Claim, {"claim_id": claim_id, "document": document})


def serve(servers: Any, remittance: Remittance, *claims: Claim) -> None:
    found = claims or (a_claim("c-1"), a_claim("c-2"))
    servers.on("GetRemittance", query.GetRemittanceResponse(remittance=remittance))
    servers.on("BatchGetClaims", query.BatchGetClaimsResponse(claims=found))


def rendered(shell: Any, servers: Any, *arguments: Any) -> str:
    told = shell("remittance", "T1", "--x12", *arguments)
    assert told.exit_code == 0, told.stderr
    text: str = told.stdout
    return text


def advice(text: str) -> x12.Remittance:
    reading = x12.read(io.BytesIO(text.encode()))
    assert list(reading.problems) == []
    (only,) = reading.remittances
    return only


def refused(shell: Any, *arguments: Any) -> str:
    told = shell("remittance", "T1", "--x12", *arguments)
    assert (told.exit_code, told.stdout) == (1, "")
    text: str = told.stderr
    return text
