"""What each event up to the decision makes of a claim: every field of it, by `evolve`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from server.claims.events import (
    EVENT_TYPES,
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
    ClaimQueued,
    ClaimReceived,
    ClaimRejected,
    ClaimReleased,
    NoteAdded,
    NoteRedacted,
)
from server.claims.evolution import evolve
from server.claims.model import (
    Approval,
    Claim,
    Decision,
    State,
)
from tests.server.claims import test_evolution_after, test_evolution_open_work
from tests.server.claims.folds import (
    APPROVED_ONCE,
    DOCUMENT,
    FULL,
    NOW,
    Fold,
    adjudication,
    at,
    attachment,
    changed,
    finding,
    note,
)

RECEIVED = Fold(
    "received",
    None,
    ClaimReceived(
        claim_id=UUID(int=70),
        claim_number="CF0000000000070",
        document=DOCUMENT,
        receipt_date=date(2026, 3, 27),
        received_at=at(29),
        submitted_by="otto",
        queue="GENERAL",
    ),
    Claim(
        claim_id=UUID(int=70),
        claim_number="CF0000000000070",
        state=State.RECEIVED,
        version=1,
        document=DOCUMENT,
        receipt_date=date(2026, 3, 27),
        received_at=at(29),
        submitted_by="otto",
        findings=(),
        adjudications=0,
        adjudication=None,
        decision=None,
        final_paid=None,
        pends=(),
        information_requests=(),
        attachments=(),
        notes=(),
        queue="GENERAL",
        assignee="",
        lease_until=None,
        final_shares=(),
        decided_at=None,
        deciders=(),
        duplicate_key="",
        link=None,
        next_claim_id=None,
        remitted=None,
        reversed=None,
        remitted_adjudication=None,
        holds=(),
        appeals=(),
        breached_at=None,
        reopenings=0,
    ),
)

INTAKE = [
    RECEIVED,
    Fold(
        "accepted",
        FULL,
        ClaimAccepted(findings=(finding("E2"),), duplicate_key="after"),
        changed(FULL, state=State.ACCEPTED, findings=(finding("E2"),), duplicate_key="after"),
    ),
    Fold(
        "rejected",
        FULL,
        ClaimRejected(findings=(finding("E3"),)),
        changed(FULL, state=State.REJECTED, findings=(finding("E3"),)),
    ),
]

_FOURTH = adjudication(4, by="abe")
_OWN = adjudication(5, by="bob")
_NOBODYS = adjudication(6, by="")
_BY_BEA = Approval(approver="bea", role="SUPERVISOR", approved_at=NOW)
_BY_BOB = Approval(approver="bob", role="SUPERVISOR", approved_at=NOW)

ADJUDICATION = [
    Fold(
        "adjudicated by another",
        FULL,
        AdjudicationRecorded(adjudication=_FOURTH),
        changed(
            FULL,
            state=State.ADJUDICATED,
            adjudications=4,
            adjudication=_FOURTH,
            deciders=("ana", "bob", "abe"),
        ),
    ),
    Fold(
        "adjudicated by one who took part",
        FULL,
        AdjudicationRecorded(adjudication=_OWN),
        changed(FULL, state=State.ADJUDICATED, adjudications=5, adjudication=_OWN),
    ),
    Fold(
        "adjudicated by nobody named",
        FULL,
        AdjudicationRecorded(adjudication=_NOBODYS),
        changed(FULL, state=State.ADJUDICATED, adjudications=6, adjudication=_NOBODYS),
    ),
    Fold(
        "approvals required",
        FULL,
        ApprovalRequired(number=3, approvals_needed=7),
        changed(FULL, state=State.PENDING_APPROVAL),
    ),
    Fold(
        "approval granted",
        FULL,
        ApprovalGranted(number=3, approver="bea", role="SUPERVISOR", at=NOW),
        changed(
            FULL,
            adjudication=replace(APPROVED_ONCE, approvals=(*APPROVED_ONCE.approvals, _BY_BEA)),
            deciders=("ana", "bob", "bea"),
        ),
    ),
    Fold(
        "approval granted by one who took part",
        FULL,
        ApprovalGranted(number=3, approver="bob", role="SUPERVISOR", at=NOW),
        changed(
            FULL,
            adjudication=replace(APPROVED_ONCE, approvals=(*APPROVED_ONCE.approvals, _BY_BOB)),
        ),
    ),
    Fold("approval refused", FULL, ApprovalRefused(number=3, by="bea", at=NOW), changed(FULL)),
    Fold(
        "adjudication withdrawn",
        FULL,
        AdjudicationWithdrawn(number=3),
        changed(FULL, state=State.ACCEPTED, adjudication=None),
    ),
]

ONCE_PARTIAL = replace(FULL, decision=Decision.PARTIAL)
_FINAL = replace(APPROVED_ONCE, final=True)
_FINAL_FIELDS = {
    "final_paid": Decimal("83"),
    "final_shares": APPROVED_ONCE.shares,
    "adjudication": _FINAL,
}

DECISIONS = [
    Fold(
        "approved",
        FULL,
        ClaimApproved(number=3, by="bea", at=NOW),
        changed(
            FULL,
            state=State.APPROVED,
            decision=Decision.APPROVED,
            decided_at=NOW,
            deciders=("ana", "bob", "bea"),
            **_FINAL_FIELDS,
        ),
    ),
    Fold(
        "partially approved by one who took part",
        FULL,
        ClaimPartiallyApproved(number=3, by="bob", at=NOW),
        changed(
            FULL,
            state=State.APPROVED,
            decision=Decision.PARTIAL,
            decided_at=NOW,
            **_FINAL_FIELDS,
        ),
    ),
    Fold(
        "denied",
        ONCE_PARTIAL,
        ClaimDenied(number=3, by="bea", at=NOW),
        changed(
            ONCE_PARTIAL,
            state=State.DENIED,
            decision=Decision.DENIED,
            decided_at=NOW,
            deciders=("ana", "bob", "bea"),
            **_FINAL_FIELDS,
        ),
    ),
    # The first format told neither who nor when: it was with the adjudication.
    Fold(
        "denied, of the first format",
        ONCE_PARTIAL,
        ClaimDenied(number=3),
        changed(
            ONCE_PARTIAL,
            state=State.DENIED,
            decision=Decision.DENIED,
            decided_at=APPROVED_ONCE.at,
            **_FINAL_FIELDS,
        ),
    ),
]

_NOTED = note(3)

BESIDE = [
    Fold(
        "document linked",
        FULL,
        AttachmentLinked(attachment=attachment(3)),
        changed(FULL, attachments=(attachment(1), attachment(2), attachment(3))),
    ),
    Fold("closed", FULL, ClaimClosed(by="abe", at=NOW), changed(FULL, state=State.CLOSED)),
    Fold(
        "assigned",
        FULL,
        ClaimAssigned(assignee="abe", lease_until=NOW),
        changed(FULL, assignee="abe", lease_until=NOW),
    ),
    Fold(
        "released",
        FULL,
        ClaimReleased(by="sue"),
        changed(FULL, assignee="", lease_until=None),
    ),
    Fold(
        "queued",
        FULL,
        ClaimQueued(queue="COB"),
        changed(FULL, queue="COB", assignee="", lease_until=None),
    ),
    Fold(
        "noted",
        FULL,
        NoteAdded(note=_NOTED, salt=b"salt"),
        changed(FULL, notes=(note(1), note(2), _NOTED)),
    ),
    Fold(
        "a note redacted",
        FULL,
        NoteRedacted(note_id=note(1).note_id, by="sue", at=NOW),
        changed(FULL, notes=(note(1, text="", redacted=True), note(2))),
    ),
    Fold(
        "an unknown note redacted",
        FULL,
        NoteRedacted(note_id=UUID(int=0x799), by="sue", at=NOW),
        changed(FULL),
    ),
]

FOLDS = [*INTAKE, *ADJUDICATION, *DECISIONS, *BESIDE]


@pytest.mark.parametrize("one", [pytest.param(one, id=one.name) for one in FOLDS])
def test_an_event_changes_these_fields_alone(one: Fold) -> None:
    assert evolve(one.before, one.event) == one.after


def test_every_event_has_its_story() -> None:
    stories = (*FOLDS, *test_evolution_open_work.FOLDS, *test_evolution_after.FOLDS)
    assert {type(one.event) for one in stories} == set(EVENT_TYPES.values())


def test_a_history_starts_with_the_receipt() -> None:
    with pytest.raises(AssertionError, match="starts with ClaimReceived"):
        evolve(None, ClaimClosed(by="abe", at=NOW))


def test_what_stands_is_there_to_be_decided() -> None:
    nothing_stands = replace(FULL, adjudication=None)
    for event in (
        ClaimApproved(number=3, by="bea", at=NOW),
        ApprovalGranted(number=3, approver="bea", role="SUPERVISOR", at=NOW),
    ):
        with pytest.raises(AssertionError, match="comes with an adjudication"):
            evolve(nothing_stands, event)
