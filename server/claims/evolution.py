"""What an event makes of a claim: `evolve`, the fold by which a claim is its history.

Applying an event never fails: the past is not up for debate.
"""

from __future__ import annotations

from dataclasses import replace

from server.claims.approvals import standing
from server.claims.events import (
    AdjudicationRecorded,
    AdjudicationWithdrawn,
    ApprovalGranted,
    ApprovalRefused,
    ApprovalRequired,
    AttachmentLinked,
    ClaimAccepted,
    ClaimApproved,
    ClaimAssigned,
    ClaimClosed,
    ClaimDenied,
    ClaimPartiallyApproved,
    ClaimPended,
    ClaimQueued,
    ClaimReceived,
    ClaimRejected,
    ClaimReleased,
    Event,
    InformationReceived,
    InformationRequested,
    InformationRequestExpired,
    LaterEvent,
    NoteAdded,
    NoteRedacted,
    PendResolved,
)
from server.claims.evolution_after import apply_after
from server.claims.model import (
    Approval,
    Claim,
    InformationRequestStatus,
    Note,
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


def _apply(claim: Claim, event: LaterEvent) -> Claim:
    match event:
        case ApprovalRefused():
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
        case _:
            return apply_after(claim, event)


def _took_part(claim: Claim, actor: str) -> Claim:
    if not actor or actor in claim.deciders:
        return claim
    return replace(claim, deciders=(*claim.deciders, actor))


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
