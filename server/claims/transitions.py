"""Every legal move: (event type, state before, state after).

The database's table `claim_transition` is filled from here, and refuses any other history. It is
written out by hand and not derived from the rules, so that a slip in either shows in the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

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
from server.claims.model import State

Transition = tuple[str, State | None, State]

_OPEN = (
    State.ACCEPTED,
    State.PENDED,
    State.INFO_REQUESTED,
    State.ADJUDICATED,
    State.PENDING_APPROVAL,
)
_DECIDED = (State.APPROVED, State.DENIED, State.PAID, State.CLOSED)
_TOLD = (State.DENIED, State.PAID, State.CLOSED)
_OF_APPEALS: tuple[type[Event], ...] = (
    AppealFiled,
    AppealWithdrawn,
    AppealDismissed,
    AppealEscalated,
    AppealDecided,
)

_MOVES: tuple[tuple[type[Event], State | None, State], ...] = (
    (ClaimReceived, None, State.RECEIVED),
    (ClaimAccepted, State.RECEIVED, State.ACCEPTED),
    (ClaimRejected, State.RECEIVED, State.REJECTED),
    (ClaimPended, State.ACCEPTED, State.PENDED),
    (ClaimPended, State.PENDED, State.PENDED),
    (ClaimPended, State.INFO_REQUESTED, State.INFO_REQUESTED),
    (PendResolved, State.PENDED, State.PENDED),
    (PendResolved, State.PENDED, State.ACCEPTED),
    (PendResolved, State.INFO_REQUESTED, State.INFO_REQUESTED),
    (InformationRequested, State.ACCEPTED, State.INFO_REQUESTED),
    (InformationRequested, State.PENDED, State.INFO_REQUESTED),
    (InformationRequested, State.INFO_REQUESTED, State.INFO_REQUESTED),
    (InformationReceived, State.INFO_REQUESTED, State.INFO_REQUESTED),
    (InformationReceived, State.INFO_REQUESTED, State.PENDED),
    (InformationReceived, State.INFO_REQUESTED, State.ACCEPTED),
    (InformationRequestExpired, State.INFO_REQUESTED, State.INFO_REQUESTED),
    (InformationRequestExpired, State.INFO_REQUESTED, State.PENDED),
    (InformationRequestExpired, State.INFO_REQUESTED, State.ACCEPTED),
    (AdjudicationRecorded, State.ACCEPTED, State.ADJUDICATED),
    (AdjudicationRecorded, State.ADJUDICATED, State.ADJUDICATED),
    (AdjudicationWithdrawn, State.ADJUDICATED, State.ACCEPTED),
    (AdjudicationWithdrawn, State.PENDING_APPROVAL, State.ACCEPTED),
    (ApprovalRequired, State.ADJUDICATED, State.PENDING_APPROVAL),
    (ApprovalGranted, State.PENDING_APPROVAL, State.PENDING_APPROVAL),
    (ApprovalRefused, State.PENDING_APPROVAL, State.PENDING_APPROVAL),
    (ClaimApproved, State.ADJUDICATED, State.APPROVED),
    (ClaimApproved, State.PENDING_APPROVAL, State.APPROVED),
    (ClaimPartiallyApproved, State.ADJUDICATED, State.APPROVED),
    (ClaimPartiallyApproved, State.PENDING_APPROVAL, State.APPROVED),
    (ClaimDenied, State.ADJUDICATED, State.DENIED),
    (ClaimDenied, State.PENDING_APPROVAL, State.DENIED),
    (ClaimClosed, State.DENIED, State.CLOSED),
    (ClaimClosed, State.PAID, State.CLOSED),
    (ClaimLinked, State.ACCEPTED, State.ACCEPTED),
    *((ClaimReplaced, state, State.REPLACED) for state in _OPEN + _DECIDED),
    *((ClaimVoided, state, State.VOIDED) for state in _OPEN + _DECIDED),
    (ClaimPaid, State.APPROVED, State.PAID),
    (ClaimRemitted, State.DENIED, State.DENIED),
    (PaymentFailed, State.PAID, State.APPROVED),
    *((PaymentReversed, state, state) for state in _OPEN + _DECIDED),
    *((ClaimReopened, state, State.ACCEPTED) for state in _TOLD),
    *((kind, state, state) for kind in _OF_APPEALS for state in _TOLD),
    # A payment failed while its appeal was open, and the claim is replaced or voided.
    (AppealDismissed, State.APPROVED, State.APPROVED),
    *((kind, state, state) for kind in (HoldPlaced, HoldReleased) for state in _OPEN + _DECIDED),
    (PriorPayerRecorded, State.ACCEPTED, State.ACCEPTED),
    (PriorPayerRecorded, State.PENDED, State.PENDED),
    *(
        (kind, state, state)
        for kind in (OverpaymentRecorded, OverpaymentRecouped)
        for state in (State.PAID, State.CLOSED)
    ),
    *((ClaimBreached, state, state) for state in _OPEN),
    *(
        (kind, state, state)
        for kind in (ClaimAssigned, ClaimReleased, ClaimQueued)
        for state in _OPEN
    ),
    *((AttachmentLinked, state, state) for state in _OPEN + _DECIDED),
    *((kind, state, state) for kind in (NoteAdded, NoteRedacted) for state in State),
)

TRANSITIONS: frozenset[Transition] = frozenset(
    (kind.__name__, before, after) for kind, before, after in _MOVES
)

# Why no history goes through some of the legal moves.
RESERVED: Mapping[Transition, str] = MappingProxyType(
    {
        move: "a submission leaves the state before anybody can add a note"
        for move in TRANSITIONS
        if move[1] is State.RECEIVED and move[2] is State.RECEIVED
    }
)
