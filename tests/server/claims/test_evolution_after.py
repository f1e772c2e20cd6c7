"""What each event after the decision, or beside it, makes of a claim: every field of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from server.claims.events import (
    AppealDecided,
    AppealDismissed,
    AppealEscalated,
    AppealFiled,
    AppealWithdrawn,
    ClaimBreached,
    ClaimLinked,
    ClaimPaid,
    ClaimRemitted,
    ClaimReopened,
    ClaimReplaced,
    ClaimVoided,
    DecidedLine,
    HoldPlaced,
    HoldReleased,
    OverpaymentRecorded,
    OverpaymentRecouped,
    PaymentFailed,
    PaymentReversed,
    PriorPayerRecorded,
)
from server.claims.evolution import evolve
from server.claims.model import AppealOutcome, AppealStatus, Claim, Hold, Remitted, State
from tests.server.claims.folds import (
    APPROVED_ONCE,
    DECIDED_APPEAL,
    DOCUMENT,
    FULL,
    NOW,
    OPEN_COB,
    OPEN_LEGAL,
    RELEASED_LEGAL,
    Fold,
    adjudication,
    appeal,
    changed,
    link,
    overpayment,
    prior_line,
    prior_payer,
    remitted,
)


def _standing() -> Remitted:
    assert FULL.remitted is not None
    return FULL.remitted


STANDING = _standing()
REVERSED = FULL.reversed
NEXT = UUID(int=99)

# What stands was remitted itself; nothing was remitted; nothing stands.
STANDS_REMITTED = replace(FULL, remitted=replace(STANDING, adjudication_number=3))
NEVER_REMITTED = replace(FULL, remitted=None, remitted_adjudication=None)
NOTHING_STANDS = replace(FULL, adjudication=None)

_REOPENED = ClaimReopened(by="sue", at=NOW, appeal_id=appeal(1).appeal_id)

FAMILY = [
    Fold("linked", FULL, ClaimLinked(link=link(70)), changed(FULL, link=link(70))),
    Fold(
        "replaced",
        FULL,
        ClaimReplaced(by_claim_id=NEXT, by_claim_number="CF99", at=NOW),
        changed(FULL, state=State.REPLACED, next_claim_id=NEXT),
    ),
    Fold(
        "voided by a claim",
        FULL,
        ClaimVoided(by="clara", at=NOW, by_claim_id=NEXT),
        changed(FULL, state=State.VOIDED, next_claim_id=NEXT),
    ),
    Fold(
        "voided by its payer",
        FULL,
        ClaimVoided(by="sue", at=NOW),
        changed(FULL, state=State.VOIDED, next_claim_id=None),
    ),
]

REOPENED = [
    Fold(
        "reopened, an earlier one was remitted",
        FULL,
        _REOPENED,
        changed(FULL, state=State.ACCEPTED, adjudication=None, reopenings=5),
    ),
    Fold(
        "reopened, what stands was remitted",
        STANDS_REMITTED,
        _REOPENED,
        changed(
            STANDS_REMITTED,
            state=State.ACCEPTED,
            adjudication=None,
            remitted_adjudication=APPROVED_ONCE,
            reopenings=5,
        ),
    ),
    Fold(
        "reopened, nothing was remitted",
        NEVER_REMITTED,
        _REOPENED,
        changed(NEVER_REMITTED, state=State.ACCEPTED, adjudication=None, reopenings=5),
    ),
    Fold(
        "reopened, nothing stands",
        NOTHING_STANDS,
        _REOPENED,
        changed(NOTHING_STANDS, state=State.ACCEPTED, reopenings=5),
    ),
]

_PAID = remitted(8, 3, interest=Decimal("0.07"), interest_days=4)
_FAILED = PaymentFailed(
    remittance_id=STANDING.remittance_id, adjudication_number=2, at=NOW, undoes_reversal=False
)

PAYMENT = [
    Fold(
        "reversed",
        FULL,
        PaymentReversed(remitted=STANDING, at=NOW),
        changed(FULL, remitted=None, reversed=STANDING),
    ),
    Fold(
        "paid",
        FULL,
        ClaimPaid(remitted=_PAID, remittance_hash="f" * 64, at=NOW),
        changed(FULL, state=State.PAID, remitted=_PAID),
    ),
    Fold(
        "a denial remitted",
        FULL,
        ClaimRemitted(remitted=_PAID, remittance_hash="f" * 64, at=NOW),
        changed(FULL, remitted=_PAID),
    ),
    Fold(
        "payment failed",
        FULL,
        _FAILED,
        changed(FULL, state=State.APPROVED, remitted=None, reversed=None),
    ),
    Fold(
        "payment failed, and what it reversed stands again",
        FULL,
        replace(_FAILED, undoes_reversal=True),
        changed(FULL, state=State.APPROVED, remitted=REVERSED, reversed=None),
    ),
]

OVERPAID = [
    Fold(
        "overpayment recorded",
        FULL,
        OverpaymentRecorded(overpayment=overpayment(4)),
        changed(
            FULL,
            remitted=replace(
                STANDING, overpayments=(overpayment(1), overpayment(2), overpayment(4))
            ),
        ),
    ),
    Fold(
        "overpayment recouped",
        FULL,
        OverpaymentRecouped(
            overpayment_id=overpayment(2).overpayment_id,
            entry_id=UUID(int=0xF0),
            amount=Decimal("3.50"),
            by="fay",
            at=NOW,
        ),
        changed(
            FULL,
            remitted=replace(
                STANDING,
                overpayments=(overpayment(1), overpayment(2, recouped=Decimal("5.50"))),
            ),
        ),
    ),
]


def _second_closed(
    status: AppealStatus, outcome: AppealOutcome | None = None, late: bool = False
) -> Claim:
    """The claim with its second open appeal closed by axel, the others as they were."""
    closed = appeal(2, status=status, outcome=outcome, closed_by="axel", closed_at=NOW, late=late)
    return changed(FULL, appeals=(DECIDED_APPEAL, appeal(1), closed))


_SECOND = appeal(2).appeal_id

APPEALS = [
    Fold(
        "appealed",
        FULL,
        AppealFiled(appeal=appeal(4)),
        changed(FULL, appeals=(*FULL.appeals, appeal(4))),
    ),
    Fold(
        "appeal withdrawn",
        FULL,
        AppealWithdrawn(appeal_id=_SECOND, by="axel", at=NOW),
        _second_closed(AppealStatus.WITHDRAWN),
    ),
    Fold(
        "appeal dismissed",
        FULL,
        AppealDismissed(appeal_id=_SECOND, by="axel", at=NOW),
        _second_closed(AppealStatus.DISMISSED),
    ),
    Fold(
        "appeal escalated",
        FULL,
        AppealEscalated(appeal_id=_SECOND, by="axel", at=NOW),
        _second_closed(AppealStatus.ESCALATED),
    ),
    Fold(
        "appeal decided late",
        FULL,
        AppealDecided(
            appeal_id=_SECOND, outcome=AppealOutcome.OVERTURNED, by="axel", at=NOW, late=True
        ),
        _second_closed(AppealStatus.DECIDED, outcome=AppealOutcome.OVERTURNED, late=True),
    ),
    Fold(
        "appeal decided in time",
        FULL,
        AppealDecided(
            appeal_id=_SECOND, outcome=AppealOutcome.PARTLY_OVERTURNED, by="axel", at=NOW
        ),
        _second_closed(AppealStatus.DECIDED, outcome=AppealOutcome.PARTLY_OVERTURNED),
    ),
]

_LEGAL_ENDS = HoldReleased(kind="LEGAL", by="sue", at=NOW)
_ENDED = replace(OPEN_LEGAL, released_by="sue", released_at=NOW)
NOT_LEGAL = replace(FULL, holds=(RELEASED_LEGAL, OPEN_COB))

HOLDS = [
    Fold(
        "held",
        FULL,
        HoldPlaced(kind="FRAUD", by="fay", at=NOW),
        changed(FULL, holds=(*FULL.holds, Hold(kind="FRAUD", placed_by="fay", placed_at=NOW))),
    ),
    Fold(
        "hold released",
        FULL,
        _LEGAL_ENDS,
        changed(FULL, holds=(RELEASED_LEGAL, _ENDED, OPEN_COB)),
    ),
    Fold("hold released once more", NOT_LEGAL, _LEGAL_ENDS, changed(NOT_LEGAL)),
]

_FIRST_LINE, _SECOND_LINE, _THIRD_LINE = DOCUMENT.service_lines
_EARLIER = prior_payer("SECOND", "8.00")
_TWICE = (prior_line("SECOND", "5.00"), prior_line("SECOND", "3.00"))
_ON_THIRD = prior_line("SECOND", "2.00")

BESIDE = [
    Fold(
        "late",
        FULL,
        ClaimBreached(due_date=date(2026, 3, 31), at=NOW),
        changed(FULL, breached_at=NOW),
    ),
    Fold(
        "an earlier payer decided on the claim",
        FULL,
        PriorPayerRecorded(prior_payer=_EARLIER),
        changed(
            FULL,
            document=replace(DOCUMENT, prior_payers=(*DOCUMENT.prior_payers, _EARLIER)),
        ),
    ),
    Fold(
        "an earlier payer decided on lines",
        FULL,
        PriorPayerRecorded(
            prior_payer=_EARLIER,
            lines=(
                DecidedLine(line_number=2, decision=_TWICE[0]),
                DecidedLine(line_number=3, decision=_ON_THIRD),
                DecidedLine(line_number=2, decision=_TWICE[1]),
            ),
        ),
        changed(
            FULL,
            document=replace(
                DOCUMENT,
                prior_payers=(*DOCUMENT.prior_payers, _EARLIER),
                service_lines=(
                    _FIRST_LINE,
                    replace(
                        _SECOND_LINE,
                        prior_payer_lines=(*_SECOND_LINE.prior_payer_lines, *_TWICE),
                    ),
                    replace(_THIRD_LINE, prior_payer_lines=(_ON_THIRD,)),
                ),
            ),
        ),
    ),
]

FOLDS = [*FAMILY, *REOPENED, *PAYMENT, *OVERPAID, *APPEALS, *HOLDS, *BESIDE]


@pytest.mark.parametrize("one", [pytest.param(one, id=one.name) for one in FOLDS])
def test_an_event_changes_these_fields_alone(one: Fold) -> None:
    assert evolve(one.before, one.event) == one.after


def test_only_what_was_paid_can_be_overpaid() -> None:
    event = OverpaymentRecorded(overpayment=overpayment(4))
    with pytest.raises(AssertionError, match="only what was paid"):
        evolve(NEVER_REMITTED, event)


def test_a_reopened_claim_keeps_what_was_remitted_for_its_reversal() -> None:
    twice = evolve(evolve(STANDS_REMITTED, _REOPENED), _REOPENED)
    assert twice.remitted_adjudication == APPROVED_ONCE != adjudication(2, final=True)
    assert twice.reopenings == 6
