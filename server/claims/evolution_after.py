"""What an event after the decision, or beside it, makes of a claim; part of `evolution.py`."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from server.claims.coordination import with_prior_payer
from server.claims.events_after import (
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
    EventAfter,
    HoldPlaced,
    HoldReleased,
    OverpaymentRecorded,
    OverpaymentRecouped,
    PaymentFailed,
    PaymentReversed,
    PriorPayerRecorded,
)
from server.claims.model import (
    Appeal,
    AppealOutcome,
    AppealStatus,
    Claim,
    Hold,
    Overpayment,
    State,
)


def apply_after(claim: Claim, event: EventAfter) -> Claim:
    """Apply what happened; `claim` counts the event already."""
    match event:
        case ClaimLinked():
            return replace(claim, link=event.link)
        case ClaimReplaced():
            return replace(claim, state=State.REPLACED, next_claim_id=event.by_claim_id)
        case ClaimVoided():
            return replace(claim, state=State.VOIDED, next_claim_id=event.by_claim_id)
        case ClaimReopened():
            return _reopened(claim)
        case ClaimBreached():
            return replace(claim, breached_at=event.at)
        case HoldPlaced():
            placed = Hold(kind=event.kind, placed_by=event.by, placed_at=event.at)
            return replace(claim, holds=(*claim.holds, placed))
        case HoldReleased():
            return replace(claim, holds=_released(claim, event))
        case PriorPayerRecorded():
            return replace(claim, document=with_prior_payer(claim.document, event))
        case (
            PaymentReversed()
            | ClaimPaid()
            | ClaimRemitted()
            | PaymentFailed()
            | OverpaymentRecorded()
            | OverpaymentRecouped()
        ):
            return _paid(claim, event)
        case (
            AppealFiled()
            | AppealWithdrawn()
            | AppealDismissed()
            | AppealEscalated()
            | AppealDecided()
        ):
            return replace(claim, appeals=_appealed(claim, event))
        case _:
            assert_never(event)


def _paid(
    claim: Claim,
    event: PaymentReversed
    | ClaimPaid
    | ClaimRemitted
    | PaymentFailed
    | OverpaymentRecorded
    | OverpaymentRecouped,
) -> Claim:
    match event:
        case PaymentReversed():
            return replace(claim, remitted=None, reversed=claim.remitted)
        case ClaimPaid():
            return replace(claim, state=State.PAID, remitted=event.remitted)
        case ClaimRemitted():
            return replace(claim, remitted=event.remitted)
        case PaymentFailed():
            stands_again = claim.reversed if event.undoes_reversal else None
            return replace(claim, state=State.APPROVED, remitted=stands_again, reversed=None)
        case OverpaymentRecorded():
            return _with_overpayments(claim, (*claim.overpayments, event.overpayment))
        case OverpaymentRecouped():
            return _with_overpayments(claim, _recouped(claim, event))
        case _:
            assert_never(event)


def _with_overpayments(claim: Claim, overpayments: tuple[Overpayment, ...]) -> Claim:
    assert claim.remitted is not None, "only what was paid can be overpaid"
    return replace(claim, remitted=replace(claim.remitted, overpayments=overpayments))


def _recouped(claim: Claim, event: OverpaymentRecouped) -> tuple[Overpayment, ...]:
    return tuple(
        replace(one, recouped=one.recouped + event.amount)
        if one.overpayment_id == event.overpayment_id
        else one
        for one in claim.overpayments
    )


def _appealed(
    claim: Claim,
    event: AppealFiled | AppealWithdrawn | AppealDismissed | AppealEscalated | AppealDecided,
) -> tuple[Appeal, ...]:
    match event:
        case AppealFiled():
            return (*claim.appeals, event.appeal)
        case AppealWithdrawn():
            return _appeal_closed(claim, event, AppealStatus.WITHDRAWN)
        case AppealDismissed():
            return _appeal_closed(claim, event, AppealStatus.DISMISSED)
        case AppealEscalated():
            return _appeal_closed(claim, event, AppealStatus.ESCALATED)
        case AppealDecided():
            return _appeal_closed(
                claim, event, AppealStatus.DECIDED, outcome=event.outcome, late=event.late
            )
        case _:
            assert_never(event)


def _appeal_closed(
    claim: Claim,
    event: AppealWithdrawn | AppealDismissed | AppealEscalated | AppealDecided,
    status: AppealStatus,
    outcome: AppealOutcome | None = None,
    late: bool = False,
) -> tuple[Appeal, ...]:
    return tuple(
        replace(
            one,
            status=status,
            outcome=outcome,
            closed_by=event.by,
            closed_at=event.at,
            late=late,
        )
        if one.appeal_id == event.appeal_id
        else one
        for one in claim.appeals
    )


def _reopened(claim: Claim) -> Claim:
    """Let the decision be made anew; the determination that was remitted is kept for reversal."""
    current, remitted = claim.adjudication, claim.remitted
    kept = claim.remitted_adjudication
    if current is not None and remitted and remitted.adjudication_number == current.number:
        kept = current
    return replace(
        claim,
        state=State.ACCEPTED,
        adjudication=None,
        remitted_adjudication=kept,
        reopenings=claim.reopenings + 1,
    )


def _released(claim: Claim, event: HoldReleased) -> tuple[Hold, ...]:
    return tuple(
        replace(one, released_by=event.by, released_at=event.at)
        if one.kind == event.kind and one.released_at is None
        else one
        for one in claim.holds
    )
