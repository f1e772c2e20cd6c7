"""What was paid and is reversed when a claim is voided or replaced: M17, M18, M20 and R1."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest

from server.claims.events import ClaimReplaced, ClaimVoided, PaymentReversed
from server.claims.model import Claim
from server.claims.payees import EntryKind, RemittedClaim
from tests.server.claims.cast import (
    CLAIM_ID,
    FIRST_OVERPAYMENT,
    FIRST_REMITTANCE,
    NOW,
    PAYS_NOTHING,
    PAYS_SOME,
    STRICT,
    adjudicate,
    close,
    correct,
    finalize,
    issue,
    overpaid,
    recoup,
    reopen,
    submit,
    void,
)
from tests.server.claims.documents import money
from tests.server.claims.dsl import given, house, outcome, play
from tests.server.claims.pasts import ACCEPTED, PAID, TOLD
from tests.server.claims.paying import paid_house

REMITTED = PAID.remitted
assert REMITTED is not None


def test_every_entry_of_a_void_has_an_id_that_its_payment_makes() -> None:
    late = NOW + timedelta(days=50)
    lives = house(
        submit(),
        adjudicate(*PAYS_SOME),
        finalize(),
        issue(CLAIM_ID, now=late),
        overpaid(now=late),
        recoup(now=late),
        void(),
    )
    _, *opened = lives.entries
    payment = f"{FIRST_REMITTANCE}/1"
    assert [one.entry_id for one in opened] == [
        uuid5(CLAIM_ID, f"reversal/{payment}"),
        uuid5(CLAIM_ID, f"OVERPAYMENT/{FIRST_OVERPAYMENT}/{payment}"),
        uuid5(CLAIM_ID, f"INTEREST/CF0000000000000/{payment}"),
    ]


@pytest.mark.parametrize("command", [void(), correct(PAID, "8"), correct(PAID, "7")])
def test_m17_what_was_paid_is_reversed_before_the_claim_goes(command: Any) -> None:
    reversed_, gone = given(PAID).when(command).decided()
    assert isinstance(reversed_, PaymentReversed)
    assert (reversed_.remitted, reversed_.at) == (REMITTED, NOW)
    assert reversed_.in_remittance_id is None
    assert isinstance(gone, ClaimVoided | ClaimReplaced)


def told(claim: Claim, status: str = "1") -> RemittedClaim:
    current = claim.adjudication
    assert current is not None
    return RemittedClaim(
        claim_id=claim.claim_id,
        claim_number=claim.claim_number,
        patient_control_number="PCN-1",
        status_code=status,
        adjudication_number=current.number,
        charge=money("150.00"),
        paid=current.paid,
        patient_responsibility=current.patient_responsibility,
        adjustments=current.adjustments,
        lines=current.lines,
    )


def test_m17_the_reversal_waits_for_the_payees_next_remittance() -> None:
    decided = outcome(void(), PAID, STRICT)
    (event, _) = decided.events
    (entry,) = decided.opened
    assert isinstance(event, PaymentReversed) and event.entry_id == entry.entry_id
    assert REMITTED is not None
    assert (entry.kind, entry.account.payee) == (EntryKind.REVERSAL, "1234567893")
    assert str(entry.amount) == "0.00"
    assert (entry.claim_id, entry.reference) == (CLAIM_ID, PAID.claim_number)
    assert (entry.remittance_id, entry.opened_at) == (REMITTED.remittance_id, NOW)
    assert entry.reopens is None
    assert entry.reversal is not None and entry.reversal.paid == -REMITTED.paid


def test_m17_a_reversal_negates_every_amount_at_the_same_level_of_detail() -> None:
    (entry,) = outcome(void(), PAID, STRICT).opened
    taken_back, original = entry.reversal, told(PAID)
    assert taken_back is not None
    assert taken_back.reverses and taken_back.status_code == "22"
    assert taken_back.claim_number == original.claim_number
    assert taken_back.patient_control_number == "PCN-1"
    assert taken_back.adjudication_number == original.adjudication_number
    assert taken_back.charge == -original.charge != 0
    assert taken_back.paid == -original.paid != 0
    assert taken_back.patient_responsibility == -original.patient_responsibility
    assert len(taken_back.lines) == len(original.lines)
    for line, told_line in zip(taken_back.lines, original.lines, strict=True):
        assert line.line_number == told_line.line_number
        assert (line.charge, line.allowed, line.paid) == (
            -told_line.charge,
            -told_line.allowed,
            -told_line.paid,
        )
        assert [(one.group_code, one.reason_code, one.amount) for one in line.adjustments] == [
            (one.group_code, one.reason_code, -one.amount) for one in told_line.adjustments
        ]
        assert line.charge - sum(one.amount for one in line.adjustments) == line.paid


def test_m17_units_and_claim_level_adjustments_are_negated_as_well() -> None:
    lines = (
        replace(PAYS_SOME[0], units_paid=money("1")),
        replace(PAYS_SOME[1], units_paid=None),
    )
    claim = play(
        adjudicate(*lines, adjustments={"CO-A2": "5.00", "PR-3": "1.00"}),
        finalize(),
        issue(ACCEPTED),
        claim=ACCEPTED,
    )
    (entry,) = outcome(void(), claim, STRICT).opened
    taken_back = entry.reversal
    assert taken_back is not None
    assert [str(one.amount) for one in taken_back.adjustments] == ["-5.00", "-1.00"]
    assert str(taken_back.patient_responsibility) == "-1.00"
    assert str(taken_back.paid) == "-74.00"
    assert [one.units_paid for one in taken_back.lines] == [-1, None]


def test_m17_a_reversal_has_no_negative_nothing() -> None:
    (entry,) = outcome(void(), TOLD, STRICT).opened
    assert entry.reversal is not None
    assert str(entry.reversal.paid) == "0.00"
    assert str(entry.reversal.patient_responsibility) == "0.00"
    assert {str(line.paid) for line in entry.reversal.lines} == {"0.00"}


def test_m17_of_a_claim_that_is_decided_anew_what_was_paid_is_reversed() -> None:
    again = play(reopen(), adjudicate(*PAYS_NOTHING), finalize(), claim=PAID)
    (entry,) = outcome(void(), again, STRICT).opened
    assert entry.reversal is not None
    assert (entry.reversal.adjudication_number, str(entry.reversal.paid)) == (1, "-80.00")


@pytest.mark.parametrize("past", [(), (reopen(),), (close(),)], ids=["paid", "reopened", "closed"])
def test_m18_after_a_void_nothing_is_paid_for_the_family(past: tuple[Any, ...]) -> None:
    lives = paid_house(*past, void())
    (entry,) = lives.entries
    assert entry.reversal is not None
    first = lives.remittance(FIRST_REMITTANCE)
    assert first.claims_paid + entry.reversal.paid == 0
    assert lives.claim().remitted is None


def test_r1_a_recovery_before_the_void_is_given_back_since_the_reversal_takes_all() -> None:
    lives = paid_house(overpaid(), recoup("20.00"), void())
    taken, reversal, back = lives.entries
    assert (taken.kind, str(taken.amount)) == (EntryKind.OVERPAYMENT, "20.00")
    assert reversal.kind is EntryKind.REVERSAL
    assert (back.kind, str(back.amount)) == (EntryKind.OVERPAYMENT, "-20.00")
    assert back.reference == taken.reference
    assert (back.account, back.claim_id, back.reversal) == (taken.account, CLAIM_ID, None)
    assert len({taken.entry_id, reversal.entry_id, back.entry_id}) == 3
    assert {type(one.entry_id) for one in lives.entries} == {UUID}


def test_m20_interest_that_was_paid_is_taken_back_with_the_claim() -> None:
    late = NOW + timedelta(days=50)
    paid = house(submit(), adjudicate(*PAYS_SOME), finalize(), issue(CLAIM_ID, now=late))
    remitted = paid.claim().remitted
    assert remitted is not None
    _, interest = paid.after(void()).entries
    assert (interest.kind, interest.reference) == (EntryKind.INTEREST, paid.claim().claim_number)
    # 80.00 at 4.625 percent for 20 of 365 days
    assert str(interest.amount) == "0.20" == str(remitted.interest)
