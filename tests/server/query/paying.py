"""The whole workflow of a claim, its remittances, and what its member has used, in a database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg

from server.claims import codec
from server.claims.document import (
    Adjustment,
    CodeSystem,
    Payer,
    PriorPayer,
    PriorPayerLine,
    Procedure,
    Provider,
)
from server.claims.events import (
    AdjudicationRecorded,
    AdjudicationWithdrawn,
    AppealDecided,
    AppealDismissed,
    AppealEscalated,
    AppealFiled,
    AppealWithdrawn,
    ClaimAccepted,
    ClaimApproved,
    ClaimBreached,
    ClaimDenied,
    ClaimLinked,
    ClaimPaid,
    ClaimPartiallyApproved,
    ClaimRemitted,
    ClaimReopened,
    ClaimReplaced,
    ClaimVoided,
    DecidedLine,
    Event,
    HoldPlaced,
    HoldReleased,
    OverpaymentRecorded,
    OverpaymentRecouped,
    PaymentFailed,
    PaymentReversed,
    PriorPayerRecorded,
)
from server.claims.model import (
    Adjudication,
    AdjudicationLine,
    AdjudicationMode,
    Appeal,
    AppealOutcome,
    Decision,
    Link,
    Overpayment,
    Provenance,
    Relation,
    Remitted,
    Share,
)
from server.claims.payees import (
    PaymentMethod,
    ProviderAdjustment,
    Remittance,
    RemittedClaim,
    content_hash,
)
from server.claims.services import member_key
from tests.server.query.store import insert, submitted

AT = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
FIRST, SECOND = UUID(int=0x11), UUID(int=0x22)
ORIGINAL, NEXT = UUID(int=0x33), UUID(int=0x44)
OVERPAYMENT, APPEAL, HIGHER = UUID(int=0x55), UUID(int=0x66), UUID(int=0x77)


def determination(number: int, paid: str) -> Adjudication:
    """Return a determination as the rules work it out."""
    amount = Decimal(paid)
    line = AdjudicationLine(
        line_number=1,
        charge=Decimal("125.00"),
        allowed=Decimal("100.00"),
        paid=amount,
        units_paid=Decimal(1),
        adjustments=(
            Adjustment(group_code="CO", reason_code="45", amount=Decimal("25.00")),
            Adjustment(group_code="PR", reason_code="1", amount=Decimal("100.00") - amount),
        ),
        remark_codes=("N1",),
        adjudicated_procedure=Procedure(
            code_system=CodeSystem.HCPCS, code="99212", modifiers=("25",), description="a visit"
        ),
        edit_ids=("K5", "PTP:99213/99214"),
        pricing_method="FEE_SCHEDULE",
        fee_schedule_reference="DEMO/99212",
    )
    share = Share(
        plan_id="GOLD",
        benefit_year=2026,
        deductible=Decimal("100.00") - amount,
        out_of_pocket=Decimal("100.00") - amount,
    )
    return Adjudication(
        number=number,
        hash="cd" * 32,
        lines=(line,),
        adjustments=(Adjustment(group_code="CO", reason_code="253", amount=Decimal("1.00")),),
        paid=amount - 1,
        allowed=Decimal("100.00"),
        patient_responsibility=Decimal("100.00") - amount,
        decision=Decision.PARTIAL,
        by="claimflow",
        at=AT,
        mode=AdjudicationMode.AUTO,
        shares=(share,),
        provenance=Provenance(
            policy_version=2,
            plan_id="GOLD",
            plan_version=4,
            fee_schedule_versions=("DEMO@4",),
            code_edits_version=9,
        ),
    )


def remitted(remittance_id: UUID, number: int, paid: str) -> Remitted:
    """Return what a remittance told of a claim."""
    return Remitted(
        adjudication_number=number,
        remittance_id=remittance_id,
        trace_number=f"TRN{remittance_id.int}",
        payment_date=date(2026, 3, 5),
        paid=Decimal(paid),
        interest=Decimal("0.75"),
        interest_rate=Decimal("0.1"),
        interest_days=3,
    )


def whole_life(claim_id: UUID, number: str) -> list[Event]:
    """Return the life of a replacement: paid, recouped, appealed, corrected, failed, replaced."""
    return [*_until_paid(claim_id, number), *_after()]


def _until_paid(claim_id: UUID, number: str) -> Iterator[Event]:
    received = submitted(claim_id, number)
    earlier = PriorPayer(payer=Payer(payer_id="EARLY", name="Early Plan"), payer_sequence="P")
    document = replace(
        received.document,
        frequency_code="7",
        pay_to_provider=Provider(npi="1993999998"),
        prior_payers=(earlier,),
    )
    yield replace(received, document=document)
    yield ClaimAccepted()
    yield ClaimLinked(
        link=Link(
            relation=Relation.REPLACES,
            prior_claim_id=ORIGINAL,
            prior_claim_number="CORIGINAL",
            original_claim_id=ORIGINAL,
            original_claim_number="CORIGINAL",
        )
    )
    yield PriorPayerRecorded(
        prior_payer=PriorPayer(
            payer=Payer(payer_id="LATER", name="Later Plan"),
            payer_sequence="S",
            claim_filing_indicator="CI",
            paid_amount=Decimal("10.00"),
            remaining_patient_liability=Decimal("5.00"),
        ),
        lines=(DecidedLine(line_number=1, decision=PriorPayerLine(payer_id="LATER")),),
    )
    yield ClaimBreached(due_date=date(2026, 2, 28), at=AT)
    yield HoldPlaced(kind="COB", by="cora", at=AT)
    yield AdjudicationRecorded(adjudication=determination(1, "80.00"))
    yield ClaimPartiallyApproved(number=1, by="claimflow", at=AT + timedelta(minutes=1))
    yield HoldReleased(kind="COB", by="cora", at=AT)
    yield ClaimPaid(
        remitted=remitted(FIRST, 1, "79.00"), remittance_hash="ab" * 32, at=AT + timedelta(days=1)
    )


def _after() -> Iterator[Event]:
    at = AT + timedelta(days=2)
    appeal = Appeal(
        appeal_id=APPEAL,
        level=1,
        adjudication_number=1,
        line_numbers=(1,),
        amount_in_controversy=Decimal("20.00"),
        filed_by="submitter-1",
        filed_at=at,
        due_date=date(2026, 5, 1),
        good_cause_code="ILLNESS",
    )
    yield OverpaymentRecorded(
        overpayment=Overpayment(
            overpayment_id=OVERPAYMENT, amount=Decimal("9.00"), recorded_by="fay", recorded_at=at
        )
    )
    yield OverpaymentRecouped(
        overpayment_id=OVERPAYMENT, entry_id=SECOND, amount=Decimal("4.00"), by="fay", at=at
    )
    yield AppealFiled(appeal=appeal)
    yield AppealEscalated(appeal_id=APPEAL, by="submitter-1", at=at)
    yield AppealFiled(appeal=replace(appeal, appeal_id=HIGHER, level=2, good_cause_code=""))
    yield AppealDecided(
        appeal_id=HIGHER, outcome=AppealOutcome.PARTLY_OVERTURNED, by="amy", at=at, late=True
    )
    yield ClaimReopened(by="amy", at=at, appeal_id=HIGHER)
    yield AdjudicationRecorded(adjudication=determination(2, "90.00"))
    yield ClaimApproved(number=2, decision=Decision.PARTIAL, by="ana", at=at)
    yield PaymentReversed(remitted=remitted(FIRST, 1, "79.00"), at=at, in_remittance_id=SECOND)
    yield ClaimPaid(remitted=remitted(SECOND, 2, "89.00"), remittance_hash="ef" * 32, at=at)
    yield PaymentFailed(remittance_id=SECOND, adjudication_number=2, at=at, undoes_reversal=True)
    yield ClaimReplaced(by_claim_id=NEXT, by_claim_number="CNEXT", at=at)


def unlikely(claim_id: UUID) -> list[Event]:
    """Return events that a fold may be given in nearly any order, whether legal or not."""
    more: list[Event] = [
        AdjudicationWithdrawn(number=1),
        AppealDismissed(appeal_id=APPEAL, by="amy", at=AT),
        AppealWithdrawn(appeal_id=HIGHER, by="submitter-1", at=AT),
        ClaimApproved(number=1),
        ClaimDenied(number=1, at=AT),
        ClaimRemitted(remitted=remitted(NEXT, 1, "0.00"), remittance_hash="ab" * 32, at=AT),
        ClaimVoided(by="sue", at=AT),
        PaymentFailed(remittance_id=FIRST, adjudication_number=1, at=AT),
    ]
    return [*whole_life(claim_id, "CANY")[2:], *more]


# -- remittances


def remittance(
    claims: Sequence[tuple[UUID, str, str]], remittance_id: UUID = FIRST, trace: str = "TRN17"
) -> Remittance:
    """Return a remittance that pays claims, each by id, number and amount; interest on the last."""
    told = tuple(
        RemittedClaim(
            claim_id=claim_id,
            claim_number=number,
            patient_control_number="PCN-77",
            status_code="1",
            adjudication_number=1,
            charge=Decimal("125.00"),
            paid=Decimal(paid),
            patient_responsibility=Decimal("20.00"),
            adjustments=(Adjustment(group_code="CO", reason_code="253", amount=Decimal("1.00")),),
            lines=determination(1, "80.00").lines,
        )
        for claim_id, number, paid in claims
    )
    interest = ProviderAdjustment(
        reason_code="L6",
        reference=claims[-1][1],
        amount=Decimal("-0.75"),
        entry_id=SECOND,
        claim_id=claims[-1][0],
    )
    return Remittance(
        remittance_id=remittance_id,
        trace_number=trace,
        payee="1993999998",
        payer_id="P1",
        currency_code="USD",
        payment_date=date(2026, 3, 5),
        method=PaymentMethod.ACH,
        amount=sum((one.paid for one in told), Decimal("0.75")),
        claims=told,
        provider_adjustments=(interest,),
        issued_by="fay",
        issued_at=AT,
    )


def issue(url: str, tenant_id: UUID, issued: Remittance) -> None:
    """Write a remittance with its rows."""
    payload, sealed = codec.encode(issued)
    key = {"tenant_id": tenant_id, "remittance_id": issued.remittance_id}
    by = {"actor": "fay", "role": "FINANCE", "request_id": uuid4()}
    columns = (
        "trace_number", "payee", "payer_id", "currency_code", "payment_date", "amount",
        "claims_paid", "adjusted",
    )  # fmt: skip
    row: dict[str, Any] = {
        **key,
        **by,
        **{name: getattr(issued, name) for name in columns},
        "method": issued.method.value,
        "payload": codec.canonical(payload).decode(),
        "sealed": codec.canonical(sealed) if sealed else None,
        "content_hash": bytes.fromhex(content_hash(issued)),
        "policy_version": 1,
        "recorded_at": issued.issued_at,
    }
    with psycopg.connect(url, autocommit=True) as connection, connection.transaction():
        insert(connection, "remittance", row)
        for position, one in enumerate(issued.claims):
            told: dict[str, Any] = {
                "position": position,
                "claim_id": one.claim_id,
                "adjudication_number": one.adjudication_number,
                "reverses": one.reverses,
                "paid": one.paid,
            }
            insert(connection, "remittance_claim", key | told)
        for position, other in enumerate(issued.provider_adjustments):
            names = ("reason_code", "reference", "amount", "entry_id", "claim_id")
            beside = {name: getattr(other, name) for name in names}
            insert(connection, "provider_adjustment", key | beside | {"position": position})


def fail(url: str, tenant_id: UUID, failed: Remittance, at: datetime) -> None:
    """Write that the money of a remittance did not arrive."""
    row = {
        "tenant_id": tenant_id,
        "remittance_id": failed.remittance_id,
        "reason_code": "ACCOUNT_CLOSED",
        "actor": "fay",
        "role": "FINANCE",
        "request_id": uuid4(),
        "recorded_at": at,
    }
    with psycopg.connect(url, autocommit=True) as connection:
        insert(connection, "remittance_failure", row)


def use(url: str, tenant_id: UUID, member: str, plan_id: str, year: int, amount: str) -> None:
    """Write what a member has used of a plan's deductible and out-of-pocket limit."""
    row = {
        "tenant_id": tenant_id,
        "person_key": member_key(member),
        "plan_id": plan_id,
        "benefit_year": year,
        "deductible_used": Decimal(amount),
        "out_of_pocket_used": Decimal(amount) * 2,
        "updated_at": AT,
    }
    with psycopg.connect(url, autocommit=True) as connection:
        insert(connection, "accumulator", row)
