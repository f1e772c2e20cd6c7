"""W1 and W4: which command is allowed in which state and to whom, and what it may bring about.

Copied by hand from the tables of domain.md 1.4, so that a slip in the rules shows.
"""

from __future__ import annotations

from collections.abc import Mapping

from server.claims.events import AdjudicationRecorded, HoldPlaced, HoldReleased, PendResolved
from server.claims.transitions import TRANSITIONS
from tests.server.claims.invariants import Check, hold
from tests.server.claims.world import Row, Step, World

_OPEN = "ACCEPTED PENDED INFO_REQUESTED ADJUDICATED PENDING_APPROVAL"
_TOLD = "DENIED PAID CLOSED"
_LIVE = f"{_OPEN} APPROVED {_TOLD}"
_EVER = f"RECEIVED REJECTED {_LIVE} VOIDED REPLACED"

# Command: the states in which it is allowed, the events that it may bring about on its claim.
TABLE: Mapping[str, tuple[str, str]] = {
    "PendClaim": (
        "ACCEPTED PENDED INFO_REQUESTED ADJUDICATED",
        "ClaimPended AdjudicationWithdrawn",
    ),
    "ResolvePend": ("PENDED INFO_REQUESTED", "PendResolved"),
    "RequestInformation": ("ACCEPTED PENDED INFO_REQUESTED", "InformationRequested"),
    "ReceiveInformation": ("INFO_REQUESTED", "InformationReceived AttachmentLinked"),
    "ExpireInformationRequest": ("INFO_REQUESTED", "InformationRequestExpired"),
    "AdjudicateClaim": (
        "ACCEPTED ADJUDICATED",
        "AdjudicationRecorded ApprovalRequired ClaimPended AdjudicationWithdrawn"
        " ClaimApproved ClaimPartiallyApproved ClaimDenied",
    ),
    "ApproveAdjudication": (
        "PENDING_APPROVAL",
        "ApprovalGranted ClaimApproved ClaimPartiallyApproved ClaimDenied",
    ),
    "ReturnForRework": ("PENDING_APPROVAL", "ApprovalRefused AdjudicationWithdrawn"),
    "FinalizeClaim": ("ADJUDICATED", "ClaimApproved ClaimPartiallyApproved ClaimDenied"),
    "IssueRemittance": ("APPROVED DENIED", "PaymentReversed ClaimPaid ClaimRemitted"),
    "ReportPaymentFailure": ("PAID", "PaymentFailed"),
    "VoidClaim": (_LIVE, "AppealDismissed PaymentReversed ClaimVoided"),
    # On the claim it names.
    "SubmitClaim": (_LIVE, "AppealDismissed PaymentReversed ClaimReplaced ClaimVoided"),
    "ReopenClaim": (_TOLD, "ClaimReopened"),
    "FileAppeal": (_TOLD, "AppealFiled AppealEscalated"),
    "WithdrawAppeal": (_TOLD, "AppealWithdrawn"),
    "DismissAppeal": (_TOLD, "AppealDismissed"),
    "DecideAppeal": (_TOLD, "AppealDecided AppealDismissed ClaimReopened"),
    "CloseClaim": ("PAID DENIED", "ClaimClosed"),
    "RecordPriorPayer": ("ACCEPTED PENDED", "PriorPayerRecorded"),
    "RecordOverpayment": ("PAID CLOSED", "OverpaymentRecorded"),
    "RecoupOverpayment": ("PAID CLOSED", "OverpaymentRecouped"),
    "AssignClaim": (_OPEN, "ClaimAssigned"),
    "TakeNextClaim": (_OPEN, "ClaimAssigned"),
    "ReleaseClaim": (_OPEN, "ClaimReleased"),
    "TransferClaim": (_OPEN, "ClaimQueued"),
    "AddNote": (_EVER, "NoteAdded"),
    "RedactNote": (_EVER, "NoteRedacted"),
    "AddAttachment": (_LIVE, "AttachmentLinked"),
    "PlaceHold": (_LIVE, "HoldPlaced"),
    "ReleaseHold": (_LIVE, "HoldReleased"),
    "RecordBreach": (_OPEN, "ClaimBreached"),
}
# What a submission may bring about on the new claim. A late or repeated claim that charges nothing
# has nothing to deny, so it is approved at nothing.
ARRIVAL = (
    "ClaimReceived ClaimAccepted ClaimRejected ClaimLinked ClaimPended ClaimVoided"
    " AdjudicationRecorded ApprovalRequired ClaimDenied ClaimApproved"
)


_STAFF = (
    "INTAKE EXAMINER MEDICAL_REVIEWER SUPERVISOR APPROVER FINANCE"
    " APPEALS_ANALYST COB_SPECIALIST SIU"
)
WHO: Mapping[str, str] = {
    "SubmitClaim": "SUBMITTER",
    "VoidClaim": "SUBMITTER SUPERVISOR",
    "PendClaim": "EXAMINER MEDICAL_REVIEWER SIU SYSTEM",
    "ResolvePend": "EXAMINER MEDICAL_REVIEWER SUPERVISOR SIU COB_SPECIALIST SYSTEM",
    "RequestInformation": "EXAMINER MEDICAL_REVIEWER APPEALS_ANALYST",
    "ReceiveInformation": "SUBMITTER INTAKE",
    "ExpireInformationRequest": "SYSTEM",
    "AdjudicateClaim": "EXAMINER MEDICAL_REVIEWER SYSTEM",
    "ApproveAdjudication": "APPROVER SUPERVISOR MEDICAL_REVIEWER",
    "ReturnForRework": "APPROVER SUPERVISOR",
    "FinalizeClaim": "EXAMINER SYSTEM",
    "IssueRemittance": "FINANCE SYSTEM",
    "ReportPaymentFailure": "FINANCE",
    "ReopenClaim": "SUPERVISOR",
    "FileAppeal": "SUBMITTER MEMBER",
    "WithdrawAppeal": "SUBMITTER MEMBER",
    "DismissAppeal": "APPEALS_ANALYST",
    "DecideAppeal": "APPEALS_ANALYST MEDICAL_REVIEWER",
    "CloseClaim": "EXAMINER SYSTEM",
    "RecordPriorPayer": "COB_SPECIALIST",
    "RecordOverpayment": "FINANCE",
    "RecoupOverpayment": "FINANCE",
    "AssignClaim": "EXAMINER SUPERVISOR",
    "TakeNextClaim": "EXAMINER SUPERVISOR",
    "ReleaseClaim": "EXAMINER SUPERVISOR",
    "TransferClaim": "EXAMINER SUPERVISOR",
    "AddNote": _STAFF,
    "RedactNote": _STAFF,
    "AddAttachment": f"SUBMITTER {_STAFF}",
    "PlaceHold": "SIU COB_SPECIALIST FINANCE",
    "ReleaseHold": "SIU COB_SPECIALIST FINANCE",
    "RecordBreach": "SYSTEM",
}
# The commands marked (R).
REASONED = (
    "VoidClaim PendClaim ResolvePend RequestInformation ReturnForRework ReportPaymentFailure"
    " ReopenClaim WithdrawAppeal DismissAppeal DecideAppeal CloseClaim RedactNote PlaceHold"
    " ReleaseHold RecordOverpayment RecoupOverpayment"
)


def check_w1(world: World, step: Step) -> int:
    name = type(step.command).__name__
    states, events = TABLE[name]
    for claim_id, before in step.before.items():
        if before is not None:
            hold(before.state in states.split(), f"{name} in {before.state}")
        new = before is None
        hold(not new or name == "SubmitClaim", f"{name} makes a claim")
        for row in step.rows:
            if row.claim_id == claim_id:
                kind = type(row.event).__name__
                hold(kind in (ARRIVAL if new else events).split(), f"{name} makes {kind}")
    for row in step.rows:
        move = (type(row.event).__name__, row.from_state, row.to_state)
        hold(move in TRANSITIONS, f"{move} is no legal move")
    return len(step.rows)


def check_w4(world: World, step: Step) -> int:
    command = step.command
    name = type(command).__name__
    hold(command.role in WHO[name].split(), f"{command.role} may not: {name}")
    for row in step.rows:
        by_system = (row.actor, row.role) == ("claimflow", "SYSTEM")
        same = (row.actor, row.role) == (command.actor, command.role)
        hold(same or by_system, "somebody else is said to have done it")
        hold(name not in REASONED.split() or bool(row.reason_code), "no reason")
        claim = world.claims[row.claim_id]
        outside = row.role == "SUBMITTER" and name != "SubmitClaim"
        hold(not outside or row.actor == claim.submitted_by, "not their claim")
        _by_those_named(world, row)
    return len(step.rows)


def _by_those_named(world: World, row: Row) -> None:
    """Whom the policy names for a pend, a hold, a clinical reason."""
    policy = world.policy_of(world.claims[row.claim_id])
    match row.event:
        case PendResolved():
            hold(row.role in policy.pend_reasons[row.event.code].resolvers, "not their pend")
        case HoldPlaced() | HoldReleased():
            hold(row.role in policy.hold_kinds[row.event.kind].roles, "not their hold")
        case AdjudicationRecorded():
            codes = {
                each.reason_code
                for line in row.event.adjudication.lines
                for each in line.adjustments
            }
            clinical = bool(codes & set(policy.medical_necessity))
            hold(not clinical or row.role == "MEDICAL_REVIEWER", "no clinician")
        case _:
            pass


OF_MOVES: Mapping[str, Check] = {"W1": check_w1, "W4": check_w4}
