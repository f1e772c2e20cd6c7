"""W1: which command is allowed in which state, and what it may bring about.

Copied by hand from the tables of domain.md 1.4, so that a slip in the rules shows.
"""

from __future__ import annotations

from collections.abc import Mapping

from server.claims import commands
from server.claims.commands import Command
from server.claims.model import State
from server.claims.transitions import TRANSITIONS
from tests.server.claims.invariants import hold
from tests.server.claims.world import Step, World

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
    "VoidClaim": (_LIVE, "PaymentReversed ClaimVoided"),
    "SubmitClaim": (_LIVE, "PaymentReversed ClaimReplaced ClaimVoided"),  # on the claim it names
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


COMMANDS: Mapping[str, type[Command]] = {
    **{name: getattr(commands, name) for name in TABLE},
}
STATES = frozenset(State)
