"""What a claim may do: which command is allowed when, what it leads to, what that makes of it.

Read `ALLOWED` (the matrix of domain.md 1.4), `decide`, `evolve`; a topic's rules are in its file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import assert_never

from server.claims import (
    adjudication,
    approvals,
    assignment,
    attachments,
    intake,
    notes,
    pends,
)
from server.claims.commands import (
    AddAttachment,
    AddNote,
    AdjudicateClaim,
    ApproveAdjudication,
    Asked,
    AssignClaim,
    CloseClaim,
    Command,
    ExpireInformationRequest,
    FinalizeClaim,
    PendClaim,
    ReceiveInformation,
    RedactNote,
    ReleaseClaim,
    RequestInformation,
    ResolvePend,
    ReturnForRework,
    SubmitClaim,
    TakeNextClaim,
    TransferClaim,
)
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
    NoteAdded,
    NoteRedacted,
    PendResolved,
)
from server.claims.model import (
    Approval,
    Claim,
    Facts,
    InformationRequestStatus,
    Note,
    Pend,
    State,
)
from server.claims.permissions import require_permission
from server.claims.refusals import Refusal, Refused, require

_UNDECIDED = pends.WORKED_ON | {State.ADJUDICATED, State.PENDING_APPROVAL}
_DECIDED = frozenset({State.APPROVED, State.DENIED, State.PAID, State.CLOSED})

ALLOWED: Mapping[type[Command], frozenset[State]] = MappingProxyType(
    {
        SubmitClaim: frozenset(),  # makes a claim, and is never given to one
        PendClaim: pends.WORKED_ON | {State.ADJUDICATED},
        ResolvePend: frozenset({State.PENDED, State.INFO_REQUESTED}),
        RequestInformation: pends.WORKED_ON,
        ReceiveInformation: frozenset({State.INFO_REQUESTED}),
        ExpireInformationRequest: frozenset({State.INFO_REQUESTED}),
        AdjudicateClaim: frozenset({State.ACCEPTED, State.ADJUDICATED}),
        ApproveAdjudication: frozenset({State.PENDING_APPROVAL}),
        ReturnForRework: frozenset({State.PENDING_APPROVAL}),
        FinalizeClaim: frozenset({State.ADJUDICATED}),
        CloseClaim: frozenset({State.PAID, State.DENIED}),
        AssignClaim: _UNDECIDED,
        TakeNextClaim: _UNDECIDED,
        ReleaseClaim: _UNDECIDED,
        TransferClaim: _UNDECIDED,
        AddNote: frozenset(State),
        RedactNote: frozenset(State),
        AddAttachment: _UNDECIDED | _DECIDED,
    }
)

REASONED: frozenset[type[Command]] = frozenset(
    {PendClaim, ResolvePend, RequestInformation, ReturnForRework, CloseClaim, RedactNote}
)


def _close_guard(asked: Asked, claim: Claim, facts: Facts) -> None:
    require(
        not claim.open_pends and not claim.open_information_requests,
        Refusal.CLAIM_HAS_OPEN_WORK,
    )


Guard = Callable[[Asked, Claim, Facts], None]

# What a command asks of claim and actor before its own fields are looked at.
GUARDS: Mapping[type[Command], tuple[Guard, ...]] = MappingProxyType(
    {
        AdjudicateClaim: (assignment.require_free_for,),
        ApproveAdjudication: (approvals.require_approver,),
        FinalizeClaim: (assignment.require_free_for, approvals.require_finalizer),
        CloseClaim: (_close_guard,),
        AssignClaim: (assignment.require_free_for,),
        ReleaseClaim: (assignment.require_lease,),
        TransferClaim: (assignment.require_free_for,),
    }
)


def decide(command: Command, claim: Claim | None, facts: Facts) -> list[Event]:
    """Return what happens; raise `Refused` with the first rule that is broken."""
    kind = type(command)
    require_permission(kind, command)
    if isinstance(command, SubmitClaim):
        require(claim is None, Refusal.CLAIM_ALREADY_EXISTS)
        return intake.receive(command, facts)
    if isinstance(command, TakeNextClaim) and claim is None:
        return assignment.take_next(command, None, facts)
    if claim is None:
        raise Refused(Refusal.CLAIM_NOT_FOUND)
    require_visible(command, claim)
    require(
        command.expected_version in (0, claim.version),
        Refusal.VERSION_MISMATCH,
        {"current_version": str(claim.version)},
    )
    require_state(kind, claim)
    if kind in REASONED:
        reasoned = command.reason is not None and bool(command.reason.code)
        require(reasoned, Refusal.REASON_REQUIRED, field_path="reason.code")
    for guard in GUARDS.get(kind, ()):
        guard(command, claim, facts)
    return _carry_out(command, claim, facts)


def require_visible(asked: Asked, claim: Claim) -> None:
    """Go on unless a SUBMITTER touches what somebody else submitted: for them it is not there."""
    require(asked.role != "SUBMITTER" or claim.submitted_by == asked.actor, Refusal.CLAIM_NOT_FOUND)


def require_state(kind: type[Command], claim: Claim) -> None:
    """Go on when the claim's state allows commands of this kind (W1, W6)."""
    require(
        claim.state in ALLOWED[kind],
        Refusal.TRANSITION_NOT_ALLOWED,
        {
            "state": claim.state.value,
            "command": kind.__name__,
            "allowed": ",".join(state for state in State if state in ALLOWED[kind]),
        },
    )


def _carry_out(command: Command, claim: Claim, facts: Facts) -> list[Event]:
    match command:
        case PendClaim():
            return pends.pend(command, claim, facts)
        case ResolvePend():
            return pends.resolve(command, claim, facts)
        case RequestInformation():
            return pends.request_information(command, claim, facts)
        case ReceiveInformation():
            return pends.receive_information(command, claim, facts)
        case ExpireInformationRequest():
            return pends.expire_information_request(command, claim)
        case AdjudicateClaim():
            return adjudication.adjudicate(command, claim, facts)
        case ApproveAdjudication():
            return approvals.approve(command, claim)
        case ReturnForRework():
            return approvals.return_for_rework(command, claim)
        case FinalizeClaim():
            return approvals.finalize(command, claim)
        case CloseClaim():
            return [ClaimClosed(by=command.actor, at=command.now)]
        case AssignClaim():
            return assignment.assign(command, facts)
        case TakeNextClaim():
            return assignment.take_next(command, claim, facts)
        case ReleaseClaim():
            return assignment.release(command)
        case TransferClaim():
            return assignment.transfer(command, facts)
        case AddNote():
            return notes.add(command)
        case RedactNote():
            return notes.redact(command, claim)
        case AddAttachment():
            return attachments.add(command, claim, facts)
        case SubmitClaim():
            raise Refused(Refusal.CLAIM_ALREADY_EXISTS)
        case _:
            assert_never(command)


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
            return replace(claim, state=State.ACCEPTED, findings=event.findings)
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
            return replace(
                claim,
                state=State.ADJUDICATED,
                adjudications=event.adjudication.number,
                adjudication=event.adjudication,
            )
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
            assert_never(event)


def _by_open_work(claim: Claim) -> Claim:
    return replace(claim, state=pends.state_by_open_work(claim))


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
    current = approvals.standing(claim)
    counted = Approval(approver=event.approver, role=event.role, approved_at=event.at)
    return replace(claim, adjudication=replace(current, approvals=(*current.approvals, counted)))


def _decided(
    claim: Claim, event: ClaimApproved | ClaimPartiallyApproved | ClaimDenied, state: State
) -> Claim:
    current = approvals.standing(claim)
    return replace(
        claim,
        state=state,
        decision=event.decision,
        final_paid=current.paid,
        adjudication=replace(current, final=True),
    )


def _redacted(claim: Claim, event: NoteRedacted) -> tuple[Note, ...]:
    return tuple(
        replace(one, text="", redacted=True) if one.note_id == event.note_id else one
        for one in claim.notes
    )
