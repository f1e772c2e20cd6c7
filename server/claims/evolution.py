"""What an event makes of a claim: `evolve`, the fold by which a claim is its history.

Applying an event never fails: the past is not up for debate.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from server.claims.approvals import standing
from server.claims.coordination import with_prior_payer
from server.claims.events import (
    AdjudicationRecorded,
    AdjudicationWithdrawn,
    AppealDecided,
    AppealDismissed,
    AppealEscalated,
    AppealFiled,
    AppealWithdrawn,
    ApprovalGranted,
    ApprovalRefused,
    ApprovalRequired,
    AttachmentLinked,
    ClaimAccepted,
    ClaimApproved,
    ClaimAssigned,
    ClaimBreached,
    ClaimClosed,
    ClaimDenied,
    ClaimLinked,
    ClaimPaid,
    ClaimPartiallyApproved,
    ClaimPended,
    ClaimQueued,
    ClaimReceived,
    ClaimRejected,
    ClaimReleased,
    ClaimRemitted,
    ClaimReopened,
    ClaimReplaced,
    ClaimVoided,
    Event,
    HoldPlaced,
    HoldReleased,
    InformationReceived,
    InformationRequested,
    InformationRequestExpired,
    NoteAdded,
    NoteRedacted,
    OverpaymentRecorded,
    OverpaymentRecouped,
    PaymentFailed,
    PaymentReversed,
    PendResolved,
    PriorPayerRecorded,
)
from server.claims.model import (
    Appeal,
    AppealOutcome,
    AppealStatus,
    Approval,
    Claim,
    Hold,
    InformationRequestStatus,
    Note,
    Overpayment,
    Pend,
    State,
)
from server.claims.pends import state_by_open_work


def evolve(claim: Claim | None, event: Event) -> Claim:
    """Apply what happened. It never refuses: the past is not up for debate."""
    if isinstance(event, ClaimReceived):
        return Claim(
            claim_id=event.claim_id,
            claim_number=event.claim_number,
            state=State.RECEIVED,
            version=1,
            document=event.document,
            receipt_date=event.receipt_date,
            received_at=event.received_at,
            submitted_by=event.submitted_by,
            queue=event.queue,
        )
    assert claim is not None, "every history starts with ClaimReceived"
    return _apply(replace(claim, version=claim.version + 1), event)


def _apply(claim: Claim, event: Event) -> Claim:
    match event:
        case ClaimReceived() | ApprovalRefused():
            return claim
        case ClaimAccepted():
            return replace(
                claim,
                state=State.ACCEPTED,
                findings=event.findings,
                duplicate_key=event.duplicate_key,
            )
        case ClaimRejected():
            return replace(claim, state=State.REJECTED, findings=event.findings)
        case ClaimPended():
            opened = Pend(code=event.code, opened_by=event.by, opened_at=event.at)
            return _by_open_work(replace(claim, pends=(*claim.pends, opened)))
        case PendResolved():
            return _by_open_work(replace(claim, pends=_resolved(claim, event)))
        case InformationRequested():
            asked = (*claim.information_requests, event.request)
            return _by_open_work(replace(claim, information_requests=asked))
        case InformationReceived():
            return _request_closed(claim, event, InformationRequestStatus.RECEIVED)
        case InformationRequestExpired():
            return _request_closed(claim, event, InformationRequestStatus.EXPIRED)
        case AttachmentLinked():
            return replace(claim, attachments=(*claim.attachments, event.attachment))
        case AdjudicationRecorded():
            decided = replace(
                claim,
                state=State.ADJUDICATED,
                adjudications=event.adjudication.number,
                adjudication=event.adjudication,
            )
            return _took_part(decided, event.adjudication.by)
        case ApprovalRequired():
            return replace(claim, state=State.PENDING_APPROVAL)
        case ApprovalGranted():
            return _approval_counted(claim, event)
        case AdjudicationWithdrawn():
            return replace(claim, state=State.ACCEPTED, adjudication=None)
        case ClaimApproved() | ClaimPartiallyApproved():
            return _decided(claim, event, State.APPROVED)
        case ClaimDenied():
            return _decided(claim, event, State.DENIED)
        case ClaimClosed():
            return replace(claim, state=State.CLOSED)
        case ClaimAssigned():
            return replace(claim, assignee=event.assignee, lease_until=event.lease_until)
        case ClaimReleased():
            return replace(claim, assignee="", lease_until=None)
        case ClaimQueued():
            return replace(claim, queue=event.queue, assignee="", lease_until=None)
        case NoteAdded():
            return replace(claim, notes=(*claim.notes, event.note))
        case NoteRedacted():
            return replace(claim, notes=_redacted(claim, event))
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
            kept = None if event.undoes_reversal else claim.reversed
            return replace(claim, state=State.APPROVED, remitted=stands_again, reversed=kept)
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


def _took_part(claim: Claim, actor: str) -> Claim:
    if not actor or actor in claim.deciders:
        return claim
    return replace(claim, deciders=(*claim.deciders, actor))


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


def _by_open_work(claim: Claim) -> Claim:
    return replace(claim, state=state_by_open_work(claim))


def _resolved(claim: Claim, event: PendResolved) -> tuple[Pend, ...]:
    return tuple(
        replace(one, resolved_by=event.by, resolved_at=event.at)
        if one.code == event.code and one.resolved_at is None
        else one
        for one in claim.pends
    )


def _request_closed(
    claim: Claim,
    event: InformationReceived | InformationRequestExpired,
    status: InformationRequestStatus,
) -> Claim:
    requests = tuple(
        replace(one, status=status, closed_at=event.at)
        if one.information_request_id == event.information_request_id
        else one
        for one in claim.information_requests
    )
    return _by_open_work(replace(claim, information_requests=requests))


def _approval_counted(claim: Claim, event: ApprovalGranted) -> Claim:
    current = standing(claim)
    counted = Approval(approver=event.approver, role=event.role, approved_at=event.at)
    approved = replace(current, approvals=(*current.approvals, counted))
    return _took_part(replace(claim, adjudication=approved), event.approver)


def _decided(
    claim: Claim, event: ClaimApproved | ClaimPartiallyApproved | ClaimDenied, state: State
) -> Claim:
    current = standing(claim)
    decided = replace(
        claim,
        state=state,
        decision=event.decision,
        final_paid=current.paid,
        final_shares=current.shares,
        decided_at=event.at or current.at,  # events of the first format have no time of their own
        adjudication=replace(current, final=True),
    )
    return _took_part(decided, event.by)


def _redacted(claim: Claim, event: NoteRedacted) -> tuple[Note, ...]:
    return tuple(
        replace(one, text="", redacted=True) if one.note_id == event.note_id else one
        for one in claim.notes
    )
