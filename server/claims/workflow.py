"""What a claim may do: which command is allowed when, what it leads to.

Read `ALLOWED` (the matrix of domain.md 1.4), `GUARDS` and `decide`; a topic's rules are in its
file. What an event makes of a claim is in `evolution.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import assert_never

from server.claims import (
    appeals,
    approvals,
    assignment,
    attachments,
    automatic,
    closing,
    coordination,
    family,
    holds,
    intake,
    notes,
    payment_failure,
    pends,
    recovery,
    remittance,
    sla,
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
    DecideAppeal,
    DismissAppeal,
    ExpireInformationRequest,
    FileAppeal,
    FinalizeClaim,
    IssueRemittance,
    PendClaim,
    PlaceHold,
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
from server.claims.decided import Decided
from server.claims.events import Event
from server.claims.evolution import evolve
from server.claims.facts import Facts
from server.claims.model import DECIDED, Claim, State
from server.claims.permissions import require_permission
from server.claims.refusals import Refusal, Refused, require
from server.claims.services import member_number

__all__ = ["ALLOWED", "GUARDS", "REASONED", "decide", "evolve"]

_UNDECIDED = sla.UNDECIDED
_TOLD = frozenset({State.DENIED, State.PAID, State.CLOSED})

ALLOWED: Mapping[type[Command], frozenset[State]] = MappingProxyType(
    {
        SubmitClaim: frozenset(),  # makes a claim, and is never given to one
        VoidClaim: _UNDECIDED | DECIDED,
        PendClaim: pends.WORKED_ON | {State.ADJUDICATED},
        ResolvePend: frozenset({State.PENDED, State.INFO_REQUESTED}),
        RequestInformation: pends.WORKED_ON,
        ReceiveInformation: frozenset({State.INFO_REQUESTED}),
        ExpireInformationRequest: frozenset({State.INFO_REQUESTED}),
        AdjudicateClaim: frozenset({State.ACCEPTED, State.ADJUDICATED}),
        ApproveAdjudication: frozenset({State.PENDING_APPROVAL}),
        ReturnForRework: frozenset({State.PENDING_APPROVAL}),
        FinalizeClaim: frozenset({State.ADJUDICATED}),
        IssueRemittance: remittance.REMITTABLE,
        ReportPaymentFailure: frozenset({State.PAID}),
        ReopenClaim: _TOLD,
        FileAppeal: _TOLD,
        WithdrawAppeal: _TOLD,
        DismissAppeal: _TOLD,
        DecideAppeal: _TOLD,
        CloseClaim: frozenset({State.PAID, State.DENIED}),
        AssignClaim: _UNDECIDED,
        TakeNextClaim: _UNDECIDED,
        ReleaseClaim: _UNDECIDED,
        TransferClaim: _UNDECIDED,
        AddNote: frozenset(State),
        RedactNote: frozenset(State),
        AddAttachment: _UNDECIDED | DECIDED,
        PlaceHold: _UNDECIDED | DECIDED,
        ReleaseHold: _UNDECIDED | DECIDED,
        RecordPriorPayer: frozenset({State.ACCEPTED, State.PENDED}),
        RecordOverpayment: frozenset({State.PAID, State.CLOSED}),
        RecoupOverpayment: frozenset({State.PAID, State.CLOSED}),
        RecordBreach: _UNDECIDED,
    }
)

# Commands of a remittance and not of one claim: they look at the state of each of its claims.
OF_MANY: frozenset[type[Command]] = frozenset({IssueRemittance, ReportPaymentFailure})

REASONED: frozenset[type[Command]] = frozenset(
    {
        VoidClaim,
        PendClaim,
        ResolvePend,
        RequestInformation,
        ReturnForRework,
        ReportPaymentFailure,
        ReopenClaim,
        WithdrawAppeal,
        DismissAppeal,
        DecideAppeal,
        CloseClaim,
        RedactNote,
        PlaceHold,
        ReleaseHold,
        RecordOverpayment,
        RecoupOverpayment,
    }
)

Guard = Callable[[Asked, Claim, Facts], None]

# What a command asks of claim and actor before its own fields are looked at.
GUARDS: Mapping[type[Command], tuple[Guard, ...]] = MappingProxyType(
    {
        VoidClaim: (family.require_voidable,),
        AdjudicateClaim: (assignment.require_free_for, appeals.require_no_appeal_decider),
        ApproveAdjudication: (approvals.require_approver, appeals.require_no_appeal_decider),
        FinalizeClaim: (
            assignment.require_free_for,
            appeals.require_no_appeal_decider,
            approvals.require_finalizer,
        ),
        ReopenClaim: (closing.require_reopenable,),
        WithdrawAppeal: (appeals.require_open_appeal,),
        DismissAppeal: (appeals.require_open_appeal,),
        DecideAppeal: (appeals.require_open_appeal, appeals.require_outsider),
        CloseClaim: (closing.require_no_open_work,),
        AssignClaim: (assignment.require_free_for,),
        ReleaseClaim: (assignment.require_lease,),
        TransferClaim: (assignment.require_free_for,),
        RecordBreach: (sla.require_breach,),
    }
)


def decide(command: Command, claim: Claim | None, facts: Facts) -> Decided:
    """Return what happens; raise `Refused` with the first rule that is broken."""
    kind = type(command)
    require_permission(kind, command)
    if isinstance(command, SubmitClaim):
        require(claim is None, Refusal.CLAIM_ALREADY_EXISTS)
        return intake.receive(command, facts)
    if isinstance(command, TakeNextClaim) and claim is None:
        return _of_one(assignment.take_next(command, None, facts))
    if isinstance(command, IssueRemittance):
        return remittance.issue(command, facts)
    if isinstance(command, ReportPaymentFailure):
        _require_reason(command)
        return payment_failure.fail(command, facts)
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
        _require_reason(command)
    for guard in GUARDS.get(kind, ()):
        guard(command, claim, facts)
    outcome = _carry_out(command, claim, facts)
    return outcome if isinstance(outcome, Decided) else _of_one(outcome)


def _of_one(events: list[Event]) -> Decided:
    return Decided(events=tuple(events))


def require_visible(asked: Asked, claim: Claim) -> None:
    """Go on unless an outside party touches what is not theirs: for them it is not there."""
    match asked.role:
        case "SUBMITTER":
            theirs = claim.submitted_by == asked.actor
        case "MEMBER":
            theirs = bool(asked.member_number) and asked.member_number == member_number(
                claim.document
            )
        case _:
            theirs = True
    require(theirs, Refusal.CLAIM_NOT_FOUND)


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


def _require_reason(command: Asked) -> None:
    reasoned = command.reason is not None and bool(command.reason.code)
    require(reasoned, Refusal.REASON_REQUIRED, field_path="reason.code")


def _carry_out(command: Command, claim: Claim, facts: Facts) -> list[Event] | Decided:
    match command:
        case VoidClaim():
            return family.void(command, claim, facts)
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
            return automatic.adjudicate(command, claim, facts)
        case ApproveAdjudication():
            return approvals.approve(command, claim)
        case ReturnForRework():
            return approvals.return_for_rework(command, claim)
        case FinalizeClaim():
            return approvals.finalize(command, claim)
        case ReopenClaim():
            return closing.reopen(command)
        case CloseClaim():
            return closing.close(command)
        case RecordBreach():
            return sla.breach(command, claim, facts)
        case FileAppeal() | WithdrawAppeal() | DismissAppeal() | DecideAppeal():
            return _appeal(command, claim, facts)
        case AssignClaim():
            return assignment.assign(command, facts)
        case TakeNextClaim():
            return assignment.take_next(command, claim, facts)
        case ReleaseClaim():
            return assignment.release(command)
        case TransferClaim():
            return assignment.transfer(command, facts)
        case _:
            return _annotate(command, claim, facts)


def _appeal(
    command: FileAppeal | WithdrawAppeal | DismissAppeal | DecideAppeal, claim: Claim, facts: Facts
) -> list[Event]:
    match command:
        case FileAppeal():
            return appeals.file(command, claim, facts)
        case WithdrawAppeal():
            return appeals.withdraw(command, claim)
        case DismissAppeal():
            return appeals.dismiss(command, claim)
        case DecideAppeal():
            return appeals.decide(command, claim)
        case _:
            assert_never(command)


def _annotate(
    command: AddNote
    | RedactNote
    | AddAttachment
    | PlaceHold
    | ReleaseHold
    | RecordPriorPayer
    | RecordOverpayment
    | RecoupOverpayment
    | SubmitClaim
    | IssueRemittance
    | ReportPaymentFailure,
    claim: Claim,
    facts: Facts,
) -> list[Event] | Decided:
    match command:
        case AddNote():
            return notes.add(command)
        case RedactNote():
            return notes.redact(command, claim)
        case AddAttachment():
            return attachments.add(command, claim, facts)
        case PlaceHold():
            return holds.place(command, claim, facts)
        case ReleaseHold():
            return holds.release(command, claim, facts)
        case RecordPriorPayer():
            return coordination.record(command, claim)
        case RecordOverpayment():
            return recovery.record(command, claim, facts)
        case RecoupOverpayment():
            return recovery.recoup(command, claim, facts)
        case SubmitClaim() | IssueRemittance() | ReportPaymentFailure():
            raise AssertionError("carried out before a claim is looked at")
        case _:
            assert_never(command)
