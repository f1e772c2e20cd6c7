"""The small world that is explored, and every command that may be asked in it.

One claim of one line that charges 2.00, with approvals from 1.00 on, and at most one claim that
takes its place; two people in a role where one of them may be barred.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from server.claims.benefits import CostShare, Fee, Plan
from server.claims.commands import (
    AddAttachment,
    AddNote,
    AdjudicateClaim,
    ApproveAdjudication,
    AssignClaim,
    CloseClaim,
    Command,
    DecideAppeal,
    DismissAppeal,
    ExpireInformationRequest,
    FileAppeal,
    FinalizeClaim,
    IssueRemittance,
    NewAttachment,
    PendClaim,
    PlaceHold,
    Reason,
    ReceiveInformation,
    RecordBreach,
    RecordOverpayment,
    RecordPriorPayer,
    RecoupOverpayment,
    RedactNote,
    ReleaseClaim,
    ReleaseHold,
    ReopenClaim,
    ReportPaymentFailure,
    RequestInformation,
    ResolvePend,
    ReturnForRework,
    SubmitClaim,
    TakeNextClaim,
    TransferClaim,
    VoidClaim,
    WithdrawAppeal,
)
from server.claims.document import ClaimDocument, Payer, PriorPayer
from server.claims.model import (
    AdjudicationLine,
    AdjudicationMode,
    AppealOutcome,
    Claim,
    InformationItem,
    InformationParty,
    NoteKind,
    State,
)
from server.claims.policy import Tier
from tests.server.claims.cast import STRICT
from tests.server.claims.scenery import adjustments
from tests.server.claims.world import NOBODY, Rules, World

CHARGE = Decimal("2.00")
ZERO = Decimal("0.00")
# Days after the beginning that the clock is set to: the payment floor has passed; a request is
# overdue, and with it the decision; an appeal is overdue, its deadline and the reopening are past.
CLOCK = (0, 15, 70, 450)


_PLAN = Plan(
    plan_id="PLAN",
    version=1,
    effective_from=date(2000, 1, 1),
    fee_schedule_id="FEES",
    deductible=Decimal("0.40"),
    out_of_pocket_max=Decimal("50.00"),
    cost_shares={"*": CostShare(coinsurance_rate=Decimal("0.50"))},
)
_FEE = Fee(amount=Decimal("1.50"), schedule_id="FEES", version=1)


@dataclass(frozen=True)
class OnePlan:
    """A plan that allows 1.50 of every service, half of it after a deductible of 0.40."""

    def plan(self, plan_id: str, on: date) -> Plan | None:
        return _PLAN

    def fee(
        self, schedule_id: str, procedure_code: str, modifiers: tuple[str, ...], on: date
    ) -> Fee | None:
        return _FEE


def small_rules() -> Rules:
    policy = STRICT.policy
    eyes = ("APPROVER", "SUPERVISOR")
    tiers = (
        Tier(basis_from=ZERO, approvals=0, roles=()),
        Tier(basis_from=Decimal("1.00"), approvals=1, roles=eyes),
        Tier(basis_from=Decimal("2.00"), approvals=2, roles=eyes),
    )
    pricing = replace(policy.pricing, default_plan_id="PLAN")
    rules = replace(policy.appeals, levels=policy.appeals.levels[:2])
    small = replace(policy, tiers=tiers, pricing=pricing, appeals=rules)
    return Rules(policies=((date.min, small),), benefits=OnePlan())


@dataclass(frozen=True)
class Limits:
    """How far an exploration goes."""

    depth: int
    adjudications: int = 2
    remittances: int = 3
    requests: int = 1
    appeals: int = 2
    overpayments: int = 1
    claims: int = 2
    sides: int = 1  # of what stands beside the way, at a time


def current(world: World) -> Claim:
    """The claim that came last and was not rejected."""
    return [one for one in world.claims.values() if one.state is not State.REJECTED][-1]


def asked_by(world: World, claim: Claim, who: str, **fields: Any) -> dict[str, Any]:
    actor, role = who.split()
    return {
        "claim_id": claim.claim_id,
        "actor": actor,
        "role": role,
        "now": world.now,
        "reason": Reason(code="SOME_REASON"),
        **fields,
    }


EXAMINERS = ("ana EXAMINER", "abe EXAMINER")
APPROVERS = ("bob APPROVER", "bea APPROVER")
ANALYSTS = ("amy APPEALS_ANALYST", "art APPEALS_ANALYST")
EQUALS = (("ana", "abe"), ("bob", "bea"), ("amy", "art"))


def submitted(world: World, document: ClaimDocument) -> Command:
    claim_id = world.new_id()
    return SubmitClaim(
        claim_id=claim_id,
        actor="clara",
        role="SUBMITTER",
        now=world.now,
        claim_number=world.new_number(),
        document=document,
    )


def commands(world: World, limits: Limits) -> Iterator[Command]:
    """What anybody might ask next, whatever the rules say to it."""
    claim = current(world)
    for kind in (_work, _decisions, _payments, _appeals, _beside):
        yield from kind(world, claim, limits)
    if len(world.claims) < limits.claims:
        for frequency in ("7", "8"):
            yield submitted(
                world,
                replace(
                    claim.document,
                    frequency_code=frequency,
                    original_claim_number=claim.claim_number,
                ),
            )
    yield VoidClaim(**asked_by(world, claim, "sue SUPERVISOR"))


def _work(world: World, claim: Claim, limits: Limits) -> Iterator[Command]:
    ask = asked_by
    for code, who in (("PRICING", "ana EXAMINER"), ("MEDICAL_REVIEW", "mia MEDICAL_REVIEWER")):
        yield PendClaim(**ask(world, claim, who, pend_code=code))
        yield ResolvePend(**ask(world, claim, who, pend_code=code))
    if len(claim.information_requests) < limits.requests:
        yield RequestInformation(
            **ask(world, claim, "ana EXAMINER"),
            information_request_id=world.new_id(),
            control_number="CN1",
            party=InformationParty.PROVIDER,
            items=(InformationItem(report_type_code="11504-8"),),
            due_date=world.now.date() + timedelta(days=30),
        )
    request_id = (
        claim.information_requests[-1].information_request_id
        if claim.information_requests
        else NOBODY
    )
    yield ReceiveInformation(
        **ask(world, claim, "ida INTAKE"),
        information_request_id=request_id,
        control_number="CN1",
        attachments=(_document(world),),
    )
    expire = ask(world, claim, "claimflow SYSTEM", information_request_id=request_id)
    yield ExpireInformationRequest(**expire)


def _document(world: World) -> NewAttachment:
    return NewAttachment(
        attachment_id=world.new_id(),
        sha256=f"{world.made:064x}",
        media_type="application/pdf",
        size_bytes=1,
        control_number="ACN",
    )


def _line(paid: str, denied: bool = False, share: int = 0) -> AdjudicationLine:
    amount = Decimal(paid)
    cut = int((CHARGE - amount) * 100) - share
    return AdjudicationLine(
        line_number=1,
        charge=CHARGE,
        allowed=amount + Decimal(share).scaleb(-2),
        paid=amount,
        denied=denied,
        adjustments=adjustments(("CO", "97", cut), ("PR", "1", share)),
    )


_DETERMINATIONS = (
    ("ana EXAMINER", _line("2.00")),
    ("mia MEDICAL_REVIEWER", _line("1.00")),
    ("ana EXAMINER", _line("0.50", share=20)),
    ("abe EXAMINER", _line("0.00", denied=True)),
)


def _decisions(world: World, claim: Claim, limits: Limits) -> Iterator[Command]:
    ask = asked_by
    if claim.adjudications < limits.adjudications:
        for who, line in _DETERMINATIONS:
            share = sum((one.amount for one in line.adjustments if one.group_code == "PR"), ZERO)
            yield AdjudicateClaim(
                **ask(world, claim, who, lines=(line,), paid=line.paid),
                patient_responsibility=share,
            )
        yield AdjudicateClaim(**ask(world, claim, "claimflow SYSTEM", mode=AdjudicationMode.AUTO))
    stands = claim.adjudication
    for who in (*APPROVERS, "mia APPROVER"):
        yield ApproveAdjudication(
            **ask(world, claim, who),
            adjudication_number=stands.number if stands else 1,
            adjudication_hash=stands.hash if stands else "",
        )
    yield ReturnForRework(**ask(world, claim, APPROVERS[0]))
    yield FinalizeClaim(**ask(world, claim, EXAMINERS[0]))
    if claim.adjudications < limits.adjudications:
        yield ReopenClaim(**ask(world, claim, "sue SUPERVISOR"))
    yield CloseClaim(**ask(world, claim, EXAMINERS[0]))
    yield RecordBreach(**ask(world, claim, "claimflow SYSTEM"))


def _payments(world: World, claim: Claim, limits: Limits) -> Iterator[Command]:
    ask = asked_by
    if len(world.remittances) < limits.remittances:
        yield IssueRemittance(
            **ask(world, claim, "fay FINANCE", claim_id=NOBODY),
            remittance_id=world.new_id(),
            trace_number=f"T{world.made}",
            claim_ids=(claim.claim_id,),
            payment_date=world.now.date(),
        )
    for remittance in world.remittances.values():
        yield ReportPaymentFailure(
            **ask(world, claim, "fay FINANCE", claim_id=NOBODY),
            remittance_id=remittance.remittance_id,
            trace_number=remittance.trace_number,
        )
    if len(claim.overpayments) < limits.overpayments:
        yield RecordOverpayment(
            **ask(world, claim, "fay FINANCE"),
            overpayment_id=world.new_id(),
            amount=Decimal("0.30"),
        )
    found = claim.overpayments[0] if claim.overpayments else None
    yield RecoupOverpayment(
        **ask(world, claim, "fay FINANCE"),
        overpayment_id=found.overpayment_id if found else NOBODY,
        entry_id=world.new_id(),
        amount=found.amount if found else CHARGE,
    )


def _appeals(world: World, claim: Claim, limits: Limits) -> Iterator[Command]:
    ask = asked_by
    if len(claim.appeals) < limits.appeals:
        for level in (1, 2):
            yield FileAppeal(
                **ask(world, claim, "clara SUBMITTER"), appeal_id=world.new_id(), level=level
            )
    appeal_id = claim.open_appeals[0].appeal_id if claim.open_appeals else NOBODY
    yield WithdrawAppeal(**ask(world, claim, "clara SUBMITTER", appeal_id=appeal_id))
    yield DismissAppeal(**ask(world, claim, ANALYSTS[0], appeal_id=appeal_id))
    for who in (*ANALYSTS, "mia MEDICAL_REVIEWER"):
        for outcome in (AppealOutcome.UPHELD, AppealOutcome.OVERTURNED):
            decided = ask(world, claim, who, appeal_id=appeal_id, outcome=outcome)
            yield DecideAppeal(**decided)


def _beside(world: World, claim: Claim, limits: Limits) -> Iterator[Command]:
    ask = asked_by
    if not claim.notes:
        noted = ask(world, claim, EXAMINERS[0], note_id=world.new_id(), kind=NoteKind.INTERNAL)
        yield AddNote(**noted, text="seen")
    note_id = claim.notes[0].note_id if claim.notes else NOBODY
    yield RedactNote(**ask(world, claim, "sue SUPERVISOR", note_id=note_id))
    if not claim.attachments:
        yield AddAttachment(**ask(world, claim, "ida INTAKE", attachment=_document(world)))
    yield PlaceHold(**ask(world, claim, "sid SIU", kind="FRAUD"))
    yield ReleaseHold(**ask(world, claim, "sid SIU", kind="FRAUD"))
    yield AssignClaim(**ask(world, claim, EXAMINERS[0]))
    queue = TakeNextClaim(**ask(world, claim, EXAMINERS[1], claim_id=NOBODY, queue=claim.queue))
    yield queue
    for who in EXAMINERS:
        yield ReleaseClaim(**ask(world, claim, who))
    if claim.queue == "GENERAL":
        yield TransferClaim(**ask(world, claim, "sue SUPERVISOR", queue="SIU"))
    yield RecordPriorPayer(
        **ask(world, claim, "cob COB_SPECIALIST"),
        prior_payer=PriorPayer(
            payer=Payer(payer_id="OTHER"),
            payer_sequence="P",
            paid_amount=Decimal("0.50"),
            adjustments=adjustments(("CO", "45", 150)),
        ),
    )


def sides(world: World) -> int:
    """How many things there are beside the way from receipt to payment."""
    claim = current(world)
    leased = claim.lease_until is not None and world.now < claim.lease_until
    return sum(
        (
            bool(claim.notes),
            bool(claim.attachments) and not claim.information_requests,
            bool(claim.open_holds),
            leased,
            claim.queue != "GENERAL",
            bool(claim.document.prior_payers),
            claim.breached_at is not None,
        )
    )
