"""What the tests of remittances share: builders of sound values, and of sound text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from claimflow.remittance import (
    Adjustment,
    Interchange,
    Party,
    Problem,
    ProviderAdjustment,
    Remittance,
    RemittanceLine,
    RemittedClaim,
    sums,
)

INTERCHANGE = Interchange(
    sender="PAYER",
    receiver="CLINIC",
    created=datetime(2025, 3, 1, 9, 5),
    control_number=907,
    group_control_number=12,
    first_transaction_control_number=7,
)
PAYER = Party(
    name="A PAYER", address_lines=("1 ROAD",), city="TOWN", state="MD", postal_code="20705",
    contact_name="EDI",
)  # fmt: skip
PAYEE = Party(name="A CLINIC", identifier_qualifier="XX", identifier="1234567893")
FISCAL_DATE = date(2025, 12, 31)


def adjusted(*adjustments: str) -> tuple[Adjustment, ...]:
    """Return adjustments told as "CO-45 10.00"."""
    found = []
    for text in adjustments:
        name, amount = text.split()
        group, reason = name.split("-")
        found.append(Adjustment(group_code=group, reason_code=reason, amount=Decimal(amount)))
    return tuple(found)


def line(charge: str, paid: str, *adjustments: str, **values: Any) -> RemittanceLine:
    return RemittanceLine(
        charge=Decimal(charge),
        paid=Decimal(paid),
        adjustments=adjusted(*adjustments),
        **{"procedure_system": "HC", "procedure_code": "99213", **values},
    )


def claim(
    charge: str,
    paid: str,
    *adjustments: str,
    lines: Sequence[RemittanceLine] = (),
    responsible: str | None = None,
    **values: Any,
) -> RemittedClaim:
    return RemittedClaim(
        charge=Decimal(charge),
        paid=Decimal(paid),
        patient_responsibility=None if responsible is None else Decimal(responsible),
        adjustments=adjusted(*adjustments),
        lines=tuple(lines),
        **{
            "patient_control_number": "P1",
            "status_code": "1",
            "filing_indicator": "12",
            "payer_claim_control_number": "N1",
            **values,
        },
    )


def provider_adjustment(reason: str, amount: str, **values: Any) -> ProviderAdjustment:
    return ProviderAdjustment(
        provider_id="1234567893",
        fiscal_date=FISCAL_DATE,
        reason_code=reason,
        amount=Decimal(amount),
        **values,
    )


def remittance(
    *claims: RemittedClaim, provider: Sequence[ProviderAdjustment] = (), **values: Any
) -> Remittance:
    """Return a remittance; its amount is what it has to be where none is given."""
    whole = Remittance(
        **{
            "payer": PAYER,
            "payee": PAYEE,
            "trace_number": "T1",
            "trace_originator": "1512345678",
            "payment_date": date(2025, 3, 1),
            "amount": Decimal(),
            "claims": claims,
            "provider_adjustments": tuple(provider),
            **values,
        }
    )
    return whole if "amount" in values else replace(whole, amount=sums(whole).due)


# 100.00 = 70.00 paid + 20.00 contractual + 10.00 of the patient; and a claim without lines.
SOUND = remittance(
    claim(
        "100.00", "70.00",
        lines=[
            line("60.00", "40.00", "CO-45 20.00", service_from=date(2025, 1, 2)),
            line("40.00", "30.00", "PR-1 10.00", service_from=date(2025, 1, 3)),
        ],
        responsible="10.00",
    ),
    claim("50.00", "30.00", "CO-45 20.00", payer_claim_control_number="N2"),
    provider=[provider_adjustment("L6", "-1.00")],
)  # fmt: skip


def found(problems: Sequence[Problem]) -> Iterator[tuple[Any, ...]]:
    """Yield what a test compares: rule, severity, place, figures."""
    for problem in problems:
        place = problem.place.claim, problem.place.line
        yield problem.rule, problem.severity.value, place, problem.expected, problem.actual


ISA = (
    "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *250301*0905*^*00501*"
    "000000907*0*P*:~"
)
GS = "GS*HP*PAYER*CLINIC*20250301*0905*12*X*005010X221A1~"
HEAD = (
    "BPR*I*101*C*CHK************20250301~TRN*1*T1*1512345678~N1*PR*A PAYER~N3*1 ROAD~"
    "N4*TOWN*MD*20705~PER*BL*EDI~N1*PE*A CLINIC*XX*1234567893~"
)
CLAIMS = (
    "LX*1~CLP*P1*1*100*70*10*12*N1~NM1*QC*1~SVC*HC:99213*60*40~DTM*472*20250102~CAS*CO*45*20~"
    "SVC*HC:99213*40*30~DTM*472*20250103~CAS*PR*1*10~CLP*P1*1*50*30**12*N2~CAS*CO*45*20~NM1*QC*1~"
)
TAIL = "PLB*1234567893*20251231*L6*-1~"


def a_set(body: str = HEAD + CLAIMS + TAIL, *, control: str = "0007") -> str:
    content = f"ST*835*{control}~{body}"
    return f"{content}SE*{content.count('~') + 1}*{control}~"


def an_835(body: str = HEAD + CLAIMS + TAIL) -> str:
    """Return an interchange with one transaction set, its counts as they have to be."""
    return f"{ISA}{GS}{a_set(body)}GE*1*12~IEA*1*000000907~"
