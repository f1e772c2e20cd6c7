"""What people are told they may do, and that it is true."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from claimflow.v1 import options_pb2
from server.claims.available import allowed_actions
from server.claims.commands import RecordBreach, SubmitClaim, TakeNextClaim
from server.claims.model import Claim, State
from server.claims.permissions import PERMISSIONS
from server.claims.refusals import Refusal, Refused
from server.claims.workflow import ALLOWED
from tests.server.claims.cast import (
    ABE,
    AMY,
    ANA,
    BOB,
    CLARA,
    FAY,
    MAX,
    NOW,
    OTTO,
    SID,
    STRICT,
    SUE,
    TIMER,
    Who,
    approve,
    assign,
    close,
    file_appeal,
    hold,
    note,
    overpaid,
    pend,
    recoup,
    redact,
)
from tests.server.claims.dsl import outcome, play
from tests.server.claims.lives import next_steps
from tests.server.claims.pasts import (
    ACCEPTED,
    ADJUDICATED,
    DENIED,
    INFO_REQUESTED,
    PAID,
    PARTIAL,
    PASTS,
    PENDED,
    PENDING_APPROVAL,
    TOLD,
)

NOT_THEIR_HOLD = Refusal.HOLD_ROLE_NOT_ALLOWED
NOTHING_IS_LEFT = Refusal.OVERPAYMENT_EXCEEDS_PAID


def blocked(claim: Claim, who: Who, *more: str) -> dict[str, Refusal | None]:
    return dict(allowed_actions(claim, who.actor, (who.role, *more), NOW, STRICT))


NOT_LISTED = (SubmitClaim, TakeNextClaim, RecordBreach)


def test_every_command_on_a_claim_is_told_in_the_order_of_the_matrix() -> None:
    told = [name for name, _ in allowed_actions(ACCEPTED, "ana", ["EXAMINER"], NOW, STRICT)]
    assert told == [kind.__name__ for kind in ALLOWED if kind not in NOT_LISTED]


def test_an_examiner_may_work_on_an_accepted_claim() -> None:
    told = blocked(ACCEPTED, ANA)
    assert {name for name, refusal in told.items() if refusal is None} == {
        "PendClaim",
        "RequestInformation",
        "AdjudicateClaim",
        "AssignClaim",
        "TransferClaim",
        "AddNote",
        "AddAttachment",
    }
    assert told["ApproveAdjudication"] is Refusal.PERMISSION_MISSING
    assert told["FinalizeClaim"] is Refusal.TRANSITION_NOT_ALLOWED
    assert told["ReleaseClaim"] is Refusal.CLAIM_NOT_ASSIGNED
    assert told["RedactNote"] is Refusal.NOTE_NOT_FOUND


def test_roles_add_up() -> None:
    assert blocked(PENDING_APPROVAL, BOB)["AddNote"] is None
    assert blocked(PENDING_APPROVAL, BOB)["AssignClaim"] is Refusal.PERMISSION_MISSING
    assert blocked(PENDING_APPROVAL, BOB, "SUPERVISOR")["AssignClaim"] is None


def test_one_role_may_what_another_may_not() -> None:
    fraud = play(hold("FRAUD", SID), claim=ACCEPTED)
    assert blocked(fraud, FAY)["ReleaseHold"] is Refusal.HOLD_ROLE_NOT_ALLOWED
    assert blocked(fraud, FAY, "SIU")["ReleaseHold"] is None
    cob = play(hold("COB"), claim=ACCEPTED)
    assert blocked(cob, SID, "COB_SPECIALIST")["ReleaseHold"] is None


@pytest.mark.parametrize(
    ("days", "refusal"), [(30, Refusal.INFORMATION_REQUEST_NOT_DUE), (31, None)]
)
def test_a_request_may_be_ended_from_the_day_after_its_due_date(
    days: int, refusal: Refusal | None
) -> None:
    moment = NOW + timedelta(days=days)
    told = allowed_actions(INFO_REQUESTED, "timer", ["SYSTEM"], moment, STRICT)
    assert dict(told)["ExpireInformationRequest"] is refusal


def test_nobody_may_do_anything_without_a_role() -> None:
    told = allowed_actions(ACCEPTED, "ana", [], NOW, STRICT)
    assert {refusal for _, refusal in told} == {Refusal.PERMISSION_MISSING}


@pytest.mark.parametrize(
    ("claim", "who", "command", "refusal"),
    [
        (ACCEPTED, OTTO, "AddAttachment", Refusal.CLAIM_NOT_FOUND),
        (ACCEPTED, CLARA, "AddAttachment", None),
        (play(assign(), claim=ACCEPTED), ABE, "AdjudicateClaim", Refusal.ASSIGNED_TO_ANOTHER),
        (play(assign(), claim=ACCEPTED), SUE, "ReleaseClaim", None),
        (PENDED, SUE, "ResolvePend", None),
        (PENDED, SID, "ResolvePend", Refusal.PEND_RESOLVER_NOT_ALLOWED),
        (INFO_REQUESTED, SUE, "ResolvePend", Refusal.PEND_NOT_OPEN),
        (
            INFO_REQUESTED,
            TIMER,
            "ExpireInformationRequest",
            Refusal.INFORMATION_REQUEST_NOT_DUE,
        ),
        (PENDING_APPROVAL, BOB, "ApproveAdjudication", None),
        (
            play(approve(PENDING_APPROVAL), claim=PENDING_APPROVAL),
            BOB,
            "ApproveAdjudication",
            Refusal.APPROVER_ALREADY_COUNTED,
        ),
        (
            PENDING_APPROVAL,
            replace(BOB, actor="ana"),
            "ApproveAdjudication",
            Refusal.APPROVER_IS_ADJUDICATOR,
        ),
        (ADJUDICATED, ANA, "FinalizeClaim", None),
        (DENIED, ANA, "CloseClaim", Refusal.CLAIM_HAS_OPEN_WORK),
        (TOLD, ANA, "CloseClaim", None),
        (play(note(), claim=ACCEPTED), ANA, "RedactNote", None),
        (
            play(note(), redact(), claim=ACCEPTED),
            ANA,
            "RedactNote",
            Refusal.NOTE_ALREADY_REDACTED,
        ),
        (play(pend("FRAUD_REVIEW"), claim=ACCEPTED), SID, "ResolvePend", None),
        (PARTIAL, FAY, "IssueRemittance", None),
        (play(hold(), claim=PARTIAL), FAY, "IssueRemittance", Refusal.PAYMENT_ON_HOLD),
        (DENIED, FAY, "IssueRemittance", None),
        (TOLD, FAY, "IssueRemittance", Refusal.ALREADY_REMITTED),
        (ACCEPTED, FAY, "ReleaseHold", Refusal.HOLD_NOT_PLACED),
        (play(hold("FRAUD", SID), claim=ACCEPTED), FAY, "ReleaseHold", NOT_THEIR_HOLD),
        (play(hold("FRAUD", SID), hold("COB"), claim=ACCEPTED), FAY, "ReleaseHold", None),
        (play(hold("FRAUD", SID), claim=ACCEPTED), SID, "ReleaseHold", None),
        (PAID, FAY, "RecordOverpayment", None),
        (play(overpaid("79.99"), claim=PAID), FAY, "RecordOverpayment", None),
        (play(overpaid("80.00"), claim=PAID), FAY, "RecordOverpayment", NOTHING_IS_LEFT),
        (play(close(), claim=TOLD), FAY, "RecordOverpayment", NOTHING_IS_LEFT),
        (PAID, FAY, "RecoupOverpayment", Refusal.OVERPAYMENT_NOT_FOUND),
        (play(overpaid(), recoup("29.99"), claim=PAID), FAY, "RecoupOverpayment", None),
        (
            play(overpaid(), recoup(), claim=PAID),
            FAY,
            "RecoupOverpayment",
            Refusal.RECOUPMENT_EXCEEDS_OVERPAYMENT,
        ),
        (PAID, FAY, "ReportPaymentFailure", None),
        (PAID, SUE, "VoidClaim", None),
        (PAID, CLARA, "VoidClaim", None),
        (PAID, OTTO, "VoidClaim", Refusal.CLAIM_NOT_FOUND),
        (play(file_appeal(), claim=DENIED), SUE, "VoidClaim", Refusal.APPEAL_OPEN),
        (play(file_appeal(), claim=DENIED), SUE, "ReopenClaim", Refusal.APPEAL_OPEN),
        (play(file_appeal(), claim=DENIED), ANA, "CloseClaim", Refusal.CLAIM_HAS_OPEN_WORK),
        (DENIED, AMY, "DecideAppeal", Refusal.APPEAL_NOT_OPEN),
        (play(file_appeal(), claim=DENIED), AMY, "DecideAppeal", None),
        (
            play(file_appeal(), claim=DENIED),
            replace(AMY, actor="ana"),
            "DecideAppeal",
            Refusal.APPEAL_DECIDER_TOOK_PART,
        ),
    ],
)
def test_what_blocks(claim: Claim, who: Who, command: str, refusal: Refusal | None) -> None:
    assert blocked(claim, who)[command] is refusal


@pytest.mark.parametrize(
    ("number", "refusal"),
    [("M-1", None), ("M-2", Refusal.CLAIM_NOT_FOUND), ("", Refusal.CLAIM_NOT_FOUND)],
)
def test_a_member_is_told_of_their_own_claims(number: str, refusal: Refusal | None) -> None:
    told = dict(allowed_actions(DENIED, MAX.actor, [MAX.role], NOW, STRICT, number))
    assert told["FileAppeal"] is refusal


@pytest.mark.parametrize("state", State)
def test_what_is_carried_out_was_told_to_be_allowed(state: State) -> None:
    claim = PASTS[state]
    for command in next_steps(claim):
        if isinstance(command, NOT_LISTED):
            continue
        told = dict(allowed_actions(claim, command.actor, [command.role], command.now, STRICT))
        try:
            outcome(command, claim, STRICT)
        except Refused:
            continue
        assert told[type(command).__name__] is None


def test_the_rules_and_the_contract_grant_the_same_permissions() -> None:
    extension: Any = options_pb2.granted
    granted: dict[str, set[str]] = {
        value.name.removeprefix("PERMISSION_"): {
            options_pb2.Role.Name(role).removeprefix("ROLE_")
            for role in value.GetOptions().Extensions[extension].roles
        }
        for value in options_pb2.Permission.DESCRIPTOR.values
    }
    for permission in PERMISSIONS.values():
        assert granted[permission.name] == permission.roles
