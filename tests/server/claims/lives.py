"""What sensible people may ask of a claim next: the steps of plausible histories."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from server.claims.commands import Command
from server.claims.document import ZERO, Adjustment, Payer, PriorPayer
from server.claims.model import AdjudicationLine, AppealOutcome, Claim
from tests.server.claims.cast import (
    ABE,
    AMY,
    ANA,
    AXEL,
    BEA,
    BOB,
    FIRST_NOTE,
    IDA,
    NOW,
    SUE,
    TODAY,
    adjudicate,
    approve,
    assign,
    attach,
    breach,
    close,
    correct,
    decide_appeal,
    dismiss,
    expire,
    fail,
    file_appeal,
    finalize,
    hold,
    issue,
    note,
    overpaid,
    pend,
    receive_information,
    recoup,
    redact,
    release,
    release_hold,
    reopen,
    request_information,
    resolve,
    rework,
    take_next,
    transfer,
    void,
    withdraw,
)
from tests.server.claims.prior_payers import record_prior_payer

_SOON, _LATE = UUID(int=0x61), UUID(int=0x62)  # requests: at once, and when it is too late
_MONTHS_LATER = NOW + timedelta(days=200)


def next_steps(claim: Claim) -> list[Command]:
    """Commands in character; the rules may still refuse some of them."""
    return [*_work(claim), *_decisions(claim), *_payments(claim), *_appeals(claim)]


def _work(claim: Claim) -> list[Command]:
    requests = [one.information_request_id for one in claim.information_requests]
    late = NOW + timedelta(days=40)
    return [
        pend("SUSPECT_DUPLICATE"),
        pend("PRICING"),
        resolve("SUSPECT_DUPLICATE"),
        resolve("PRICING", SUE),
        *([] if _SOON in requests else [request_information(_SOON)]),
        *(
            []
            if _LATE in requests
            else [request_information(_LATE, now=late, due_date=TODAY + timedelta(days=70))]
        ),
        *(receive_information(one, now=late) for one in requests),
        *(expire(one, now=_MONTHS_LATER) for one in requests),
        record_prior_payer(_earlier(claim)),
        breach(now=late),
        assign(who=ANA),
        take_next(who=ABE),
        release(SUE, now=NOW + timedelta(minutes=1)),
        transfer("SIU", SUE),
        note(),
        redact(FIRST_NOTE),
        attach(1, IDA),
        hold(),
        release_hold(),
    ]


def _decisions(claim: Claim) -> list[Command]:
    return [
        adjudicate(*(_paid_in_full(*line) for line in charges(claim))),
        adjudicate(*(_cut(*line) for line in charges(claim))),
        adjudicate(*(_refused(*line) for line in charges(claim))),
        approve(claim, BOB),
        approve(claim, BEA),
        approve(claim, SUE),
        rework(BEA),
        finalize(ANA),
        reopen(),
        close(ABE),
        void(),
        correct(claim, "7"),
        correct(claim, "8"),
    ]


def _payments(claim: Claim) -> list[Command]:
    remitted = claim.remitted
    failures = [fail(remitted.remittance_id)] if remitted else []
    return [
        issue(claim, remittance_id=UUID(int=0x5000 + claim.version)),
        *failures,
        overpaid("1.00", UUID(int=0x6000 + claim.version)),
        *(
            recoup("1.00", one.overpayment_id, UUID(int=0x7000 + claim.version))
            for one in claim.overpayments
        ),
    ]


def _appeals(claim: Claim) -> list[Command]:
    level = max((one.level for one in claim.appeals), default=0) + 1
    filed = UUID(int=0x8000 + claim.version)
    upheld, overturned = AppealOutcome.UPHELD, AppealOutcome.OVERTURNED
    return [
        file_appeal(1, filed),
        file_appeal(level, filed),
        file_appeal(level, filed, now=_MONTHS_LATER),
        *(withdraw(one.appeal_id) for one in claim.open_appeals),
        *(dismiss(one.appeal_id) for one in claim.open_appeals),
        *(decide_appeal(upheld, one.appeal_id, AMY) for one in claim.open_appeals),
        *(decide_appeal(overturned, one.appeal_id, AXEL) for one in claim.open_appeals),
    ]


def charges(claim: Claim) -> list[tuple[int, Decimal]]:
    """The numbers and charges of the lines."""
    return [(line.line_number, line.charge or ZERO) for line in claim.document.service_lines]


def _earlier(claim: Claim) -> PriorPayer:
    """An earlier payer that left all of the claim to us."""
    whole = claim.document.total_charge or ZERO
    left = Adjustment(group_code="PR", reason_code="1", amount=whole)
    return PriorPayer(
        payer=Payer(payer_id="EARLIER"),
        payer_sequence="P",
        paid_amount=ZERO,
        adjustments=(left,),
    )


def _paid_in_full(number: int, charge: Decimal) -> AdjudicationLine:
    return AdjudicationLine(line_number=number, charge=charge, allowed=charge, paid=charge)


def _cut(number: int, charge: Decimal) -> AdjudicationLine:
    cut = (charge / 10).quantize(Decimal("0.01"))
    return AdjudicationLine(
        line_number=number,
        charge=charge,
        allowed=charge - cut,
        paid=charge - cut,
        adjustments=(Adjustment(group_code="CO", reason_code="97", amount=cut),) if cut else (),
    )


def _refused(number: int, charge: Decimal) -> AdjudicationLine:
    return AdjudicationLine(
        line_number=number,
        charge=charge,
        denied=True,
        adjustments=(Adjustment(group_code="CO", reason_code="97", amount=charge),),
    )
