"""What was paid and is decided anew: M17 and M19, the reversal before the correction."""

from __future__ import annotations

from server.claims.events import ClaimPaid, PaymentReversed
from server.claims.model import State
from server.claims.refusals import Refusal
from tests.server.claims.cast import (
    PAYDAY,
    SECOND_REMITTANCE,
    STRICT,
    THIRD_REMITTANCE,
    issue,
    void,
)
from tests.server.claims.dsl import house, outcome
from tests.server.claims.pasts import PAID, PARTIAL
from tests.server.claims.paying import adjusted_by, anew, approved, number_of, paid_by, pay


def test_m17_a_reversal_is_about_the_same_services() -> None:
    (entry,) = outcome(void(), PAID, STRICT).opened
    told = outcome(issue(PARTIAL), PARTIAL, STRICT).remittance
    assert told is not None and entry.reversal is not None
    assert entry.reversal.services == told.claims[0].services != ()


def test_m17_a_correction_reverses_and_pays_in_one_remittance_the_reversals_first() -> None:
    lives = house(
        *approved(1, "80.00"),
        *approved(2, "50.00"),
        *approved(3, "30.00"),
        pay(1, 2),
        void(claim_id=number_of(2)),
        *anew(1, "60.00"),
        pay(3, 1, by=SECOND_REMITTANCE),
    )
    told = lives.remittance(SECOND_REMITTANCE)
    assert paid_by(told) == [
        (2, "22", "-50.00", True),
        (1, "22", "-80.00", True),
        (3, "1", "30.00", False),
        (1, "1", "60.00", False),
    ]
    # What they pay is below nothing, and so it is brought forward.
    assert adjusted_by(told) == [("FB", "TD2", "-40.00")]
    assert told.amount == 0


def test_m17_a_correction_reverses_the_determination_that_was_paid() -> None:
    lives = house(*approved(1, "80.00"), pay(1), *anew(1, "90.00"))
    first = lives.claim().remitted
    assert first is not None
    decided_now = lives.outcome(pay(1, by=SECOND_REMITTANCE))
    reversed_, paid = decided_now.others[number_of(1)]
    assert reversed_ == PaymentReversed(
        remitted=first, at=PAYDAY, in_remittance_id=SECOND_REMITTANCE
    )
    assert isinstance(paid, ClaimPaid)
    assert (paid.remitted.adjudication_number, str(paid.remitted.paid)) == (2, "90.00")
    assert decided_now.remittance is not None
    back, again = decided_now.remittance.claims
    assert (back.adjudication_number, again.adjudication_number) == (1, 2)
    assert (str(back.charge), str(again.charge)) == ("-100.00", "100.00")
    assert str(decided_now.remittance.amount) == "10.00"


def test_m17_a_third_determination_reverses_the_second() -> None:
    lives = house(
        *approved(1, "80.00"),
        pay(1),
        *anew(1, "90.00"),
        pay(1, by=SECOND_REMITTANCE),
        *anew(1, "95.00"),
        pay(1, by=THIRD_REMITTANCE),
    )
    back, again = lives.remittance(THIRD_REMITTANCE).claims
    assert [(one.adjudication_number, str(one.paid)) for one in (back, again)] == [
        (2, "-90.00"),
        (3, "95.00"),
    ]
    before = lives.claim().reversed
    assert before is not None
    assert (before.remittance_id, before.adjudication_number) == (SECOND_REMITTANCE, 2)


def test_m17_a_decision_that_was_never_told_is_not_reversed() -> None:
    lives = house(
        *approved(1, "80.00"),
        pay(1),
        *anew(1, "0.00"),
        *anew(1, "90.00"),
        pay(1, by=SECOND_REMITTANCE),
    )
    back, again = lives.remittance(SECOND_REMITTANCE).claims
    assert [(one.adjudication_number, str(one.paid)) for one in (back, again)] == [
        (1, "-80.00"),
        (3, "90.00"),
    ]


def test_a_payment_that_turns_into_a_denial_is_taken_back_whole() -> None:
    lives = house(
        *approved(1, "80.00"),
        *approved(2, "100.00"),
        pay(1),
        *anew(1, "0.00"),
        pay(1, 2, by=SECOND_REMITTANCE),
    )
    told = lives.remittance(SECOND_REMITTANCE)
    assert paid_by(told) == [
        (1, "22", "-80.00", True),
        (1, "4", "0.00", False),
        (2, "1", "100.00", False),
    ]
    assert str(told.amount) == "20.00"
    assert lives.claim().state is State.DENIED


def test_m19_a_determination_is_on_one_remittance() -> None:
    lives = house(*approved(1, "80.00"), pay(1))
    lives.refuses(pay(1, by=SECOND_REMITTANCE), Refusal.TRANSITION_NOT_ALLOWED)
    denial = house(*approved(1, "0.00"), pay(1))
    denial.refuses(pay(1, by=SECOND_REMITTANCE), Refusal.ALREADY_REMITTED)


def test_m19_a_new_determination_is_remitted_anew() -> None:
    denial = house(*approved(1, "0.00"), pay(1), *anew(1, "0.00"))
    assert denial.after(pay(1, by=SECOND_REMITTANCE)).claim().remitted is not None


def test_a_trace_number_is_of_one_remittance() -> None:
    lives = house(*approved(1, "80.00"), *approved(2, "50.00"), pay(1))
    again = issue(number_of(2), remittance_id=SECOND_REMITTANCE, trace_number="TD1")
    lives.refuses(again, Refusal.TRACE_NUMBER_USED)
