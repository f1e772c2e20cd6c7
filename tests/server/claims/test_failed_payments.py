"""What a failed payment undoes, and what it leaves: M18, M19 and R1."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest

from server.claims.commands import Command
from server.claims.events import PaymentFailed
from server.claims.model import State
from server.claims.payees import Entry, EntryKind
from server.claims.refusals import Refusal
from tests.server.claims.cast import (
    FIRST_OVERPAYMENT,
    FIRST_REMITTANCE,
    NOW,
    ONE_DAY,
    PAYDAY,
    SECOND_REMITTANCE,
    THIRD_REMITTANCE,
    adjudicate,
    close,
    correct,
    decided,
    denied,
    fail,
    finalize,
    overpaid,
    recoup,
    reopen,
    void,
)
from tests.server.claims.documents import money
from tests.server.claims.dsl import house
from tests.server.claims.paying import (
    ACCOUNT,
    anew,
    approved,
    failed,
    number_of,
    paid_after,
    paid_by,
    pay,
    submitted,
)


def test_m19_a_failed_payment_is_made_again() -> None:
    lives = house(*approved(1, "80.00"), pay(1))
    told = lives.outcome(fail())
    assert told.others == {
        number_of(1): (
            PaymentFailed(
                remittance_id=FIRST_REMITTANCE, adjudication_number=1, at=PAYDAY + ONE_DAY
            ),
        )
    }
    assert told.failed_remittance_id == FIRST_REMITTANCE
    assert (told.events, told.opened, told.cancelled, told.remittance) == ((), (), (), None)
    lives = lives.after(fail())
    assert (lives.claim().state, lives.claim().remitted) == (State.APPROVED, None)
    again = lives.after(pay(1, by=SECOND_REMITTANCE))
    assert paid_by(again.remittance(SECOND_REMITTANCE)) == [(1, "1", "80.00", False)]


def test_a_payment_fails_once() -> None:
    lives = house(*approved(1, "80.00"), pay(1), fail())
    lives.refuses(fail(), Refusal.PAYMENT_ALREADY_FAILED)


def test_a_remittance_of_nothing_cannot_fail() -> None:
    house(*approved(1, "0.00"), pay(1)).refuses(fail(), Refusal.NOTHING_WAS_PAID)


def test_a_denial_stays_told_when_the_payment_beside_it_fails() -> None:
    lives = house(*approved(1, "80.00"), *approved(2, "0.00"), pay(1, 2))
    told = lives.outcome(fail())
    assert list(told.others) == [number_of(1)]
    after = failed(lives).claim(2)
    assert (after.state, after.remitted) == (State.DENIED, lives.claim(2).remitted)


def test_a_denial_beside_a_charge_of_nothing_is_a_denial_too() -> None:
    about: dict[str, Any] = {"claim_id": number_of(2)}
    lives = house(
        *approved(1, "80.00"),
        submitted(2, "100.00", "0.00"),
        adjudicate(denied(1, "100.00", "CO-97"), decided(2, "0.00", "0.00", "0.00"), **about),
        finalize(**about),
        pay(1, 2),
    )
    assert lives.claim(2).state is State.DENIED
    assert list(lives.outcome(fail()).others) == [number_of(1)]


def test_a_claim_paid_at_nothing_is_to_be_told_again() -> None:
    about: dict[str, Any] = {"claim_id": number_of(2)}
    lives = house(
        *approved(1, "80.00"),
        submitted(2, "100.00"),
        adjudicate(decided(1, "100.00", "100.00", "0.00", {"PR-1": "100.00"}), **about),
        finalize(**about),
        pay(1, 2),
    )
    assert lives.claim(2).state is State.PAID
    assert failed(lives).claim(2).state is State.APPROVED


def test_what_the_failed_remittance_had_taken_stands_open_again() -> None:
    lives = house(
        *approved(1, "80.00"),
        pay(1),
        overpaid("30.00"),
        recoup("30.00"),
        *approved(2, "50.00"),
        pay(2, by=SECOND_REMITTANCE),
    )
    (taken,) = lives.issued[SECOND_REMITTANCE].taken
    (again,) = failed(lives, SECOND_REMITTANCE).entries
    assert again == replace(
        taken,
        entry_id=uuid5(SECOND_REMITTANCE, f"reopened/{taken.entry_id}"),
        opened_at=PAYDAY + ONE_DAY,
        reopens=taken.entry_id,
    )


def test_m18_a_failed_correction_leaves_the_first_payment_standing() -> None:
    lives = house(*approved(1, "80.00"), pay(1), *anew(1, "90.00"), pay(1, by=SECOND_REMITTANCE))
    first = house(*approved(1, "80.00"), pay(1)).claim().remitted
    told = lives.outcome(fail(SECOND_REMITTANCE))
    assert told.others[number_of(1)] == (
        PaymentFailed(
            remittance_id=SECOND_REMITTANCE,
            adjudication_number=2,
            at=PAYDAY + ONE_DAY,
            undoes_reversal=True,
        ),
    )
    assert told.opened == ()
    after = failed(lives, SECOND_REMITTANCE)
    assert (after.claim().state, after.claim().remitted) == (State.APPROVED, first)
    assert after.claim().reversed is None
    again = after.after(pay(1, by=THIRD_REMITTANCE)).remittance(THIRD_REMITTANCE)
    assert paid_by(again) == [(1, "22", "-80.00", True), (1, "1", "90.00", False)]


TURNED_DOWN = [
    *approved(1, "80.00"),
    pay(1, now=NOW + timedelta(days=60)),
    overpaid("30.00"),
    recoup("20.00"),
    *anew(1, "0.00"),
    *approved(2, "500.00", "500.00"),
    pay(1, 2, by=SECOND_REMITTANCE),
]


def test_what_was_reversed_in_vain_for_a_denial_is_still_to_be_taken_back() -> None:
    lives = house(*TURNED_DOWN)
    taken, *_ = lives.issued[SECOND_REMITTANCE].taken
    again, reversal, back, interest = lives.outcome(fail(SECOND_REMITTANCE)).opened
    assert again.reopens == taken.entry_id
    told = uuid5(SECOND_REMITTANCE, f"reversal/{number_of(1)}")
    assert reversal == Entry(
        entry_id=told,
        account=ACCOUNT,
        kind=EntryKind.REVERSAL,
        reference="CF0000000000000",
        claim_id=number_of(1),
        remittance_id=SECOND_REMITTANCE,
        reversal=lives.remittance(SECOND_REMITTANCE).claims[0],
        opened_at=PAYDAY + ONE_DAY,
    )
    assert back == replace(
        reversal,
        entry_id=uuid5(told, f"WO/{FIRST_OVERPAYMENT}"),
        kind=EntryKind.OVERPAYMENT,
        reference=str(FIRST_OVERPAYMENT),
        amount=money("-20.00"),
        reversal=None,
    )
    assert interest == replace(
        reversal,
        entry_id=uuid5(told, "L6/CF0000000000000"),
        kind=EntryKind.INTEREST,
        amount=money("0.30"),
        reversal=None,
    )


def test_m18_the_next_remittance_takes_back_what_was_reversed_in_vain() -> None:
    lives = failed(house(*TURNED_DOWN), SECOND_REMITTANCE).after(pay(2, by=THIRD_REMITTANCE))
    told = lives.remittance(THIRD_REMITTANCE)
    assert paid_by(told) == [(1, "22", "-80.00", True), (2, "1", "500.00", False)]
    # 500.00 less 80.00, and less the interest; what was recovered and given back is even.
    assert str(told.amount) == "419.70"


def test_m18_only_what_was_reversed_for_a_denial_was_reversed_in_vain() -> None:
    lives = house(
        *approved(1, "80.00"),
        *approved(2, "70.00"),
        pay(1, 2),
        *anew(2, "100.00"),
        *anew(1, "0.00"),
        *approved(3, "90.00"),
        pay(3, 2, 1, by=SECOND_REMITTANCE),
    )
    (again,) = lives.outcome(fail(SECOND_REMITTANCE)).opened
    assert (again.claim_id, again.kind) == (number_of(1), EntryKind.REVERSAL)
    after = failed(lives, SECOND_REMITTANCE)
    assert [after.claim(one).state for one in (1, 2, 3)] == [
        State.DENIED,
        State.APPROVED,
        State.APPROVED,
    ]


def test_m18_a_payment_that_failed_after_the_claim_was_voided_is_not_taken_back() -> None:
    lives = paid_after(60).after(void())
    told = lives.outcome(fail(now=NOW + timedelta(days=61)))
    assert told.others == {}
    assert set(told.cancelled) == {one.entry_id for one in lives.entries}
    assert len(told.cancelled) == 2  # the reversal and the interest
    assert failed(lives).entries == ()
    assert failed(lives).claim().state is State.VOIDED


def test_m18_a_payment_that_failed_after_the_claim_was_replaced_is_not_taken_back() -> None:
    lives = house(*approved(1, "80.00"), *approved(2, "10.00"), pay(1, 2))
    lives = lives.after(correct(lives.claim(1), number=3), fail())
    assert lives.entries == ()
    assert lives.claim(2).state is State.APPROVED
    assert lives.claim(1).state is State.REPLACED


def test_m18_each_voided_claims_own_reversal_falls_away() -> None:
    both = [void(claim_id=number_of(1)), void(claim_id=number_of(2))]
    lives = house(
        *approved(1, "80.00"), *approved(2, "70.00"), *approved(3, "60.00"), pay(1, 2), *both
    )
    assert lives.outcome(fail()).cancelled == tuple(one.entry_id for one in lives.entries)
    one_voided = house(*approved(1, "80.00"), *approved(2, "70.00"), pay(1, 2), both[1])
    (waiting,) = one_voided.entries
    assert one_voided.outcome(fail()).cancelled == (waiting.entry_id,)


def test_what_waits_by_another_remittance_stays() -> None:
    lives = house(*approved(1, "80.00"), pay(1), void(claim_id=number_of(1)))
    (waiting,) = lives.entries
    other = replace(waiting, entry_id=UUID(int=0xF9), remittance_id=THIRD_REMITTANCE)
    more = replace(lives, entries=(waiting, other))
    assert more.outcome(fail()).cancelled == (waiting.entry_id,)


def test_a_reversal_that_was_taken_already_keeps_the_payment_from_failing() -> None:
    lives = house(
        *approved(1, "80.00"),
        pay(1),
        void(claim_id=number_of(1)),
        *approved(2, "90.00"),
        pay(2, by=SECOND_REMITTANCE),
    )
    refused = lives.refuses(fail(), Refusal.TRANSITION_NOT_ALLOWED)
    assert refused.facts == {
        "state": "VOIDED",
        "command": "ReportPaymentFailure",
        "allowed": "PAID",
    }
    assert refused.field_path == "remittance_id"


def test_a_reversal_that_stands_open_again_falls_with_the_payment_it_takes_back() -> None:
    lives = house(
        *approved(1, "80.00"),
        pay(1),
        void(claim_id=number_of(1)),
        *approved(2, "90.00"),
        pay(2, by=SECOND_REMITTANCE),
        fail(SECOND_REMITTANCE),
        fail(FIRST_REMITTANCE),
    )
    assert lives.entries == ()


@pytest.mark.parametrize("after", [[close()], [reopen()], anew(1, "90.00")])
def test_a_claim_that_has_moved_on_keeps_its_payment_from_failing(after: list[Command]) -> None:
    lives = house(*approved(1, "80.00"), pay(1), *after)
    refused = lives.refuses(fail(), Refusal.TRANSITION_NOT_ALLOWED)
    assert refused.facts["state"] == lives.claim().state


def test_a_claim_that_another_remittance_pays_keeps_the_first_from_failing() -> None:
    lives = house(*approved(1, "80.00"), pay(1), *anew(1, "90.00"), pay(1, by=SECOND_REMITTANCE))
    refused = lives.refuses(fail(), Refusal.TRANSITION_NOT_ALLOWED)
    assert refused.facts["state"] == "PAID"


def test_r1_what_was_recovered_of_a_payment_that_failed_is_given_back() -> None:
    lives = house(*approved(1, "80.00"), pay(1), overpaid("30.00"), recoup("20.00"))
    told = lives.outcome(fail())
    assert told.opened == (
        Entry(
            entry_id=uuid5(FIRST_REMITTANCE, f"given back/{FIRST_OVERPAYMENT}"),
            account=ACCOUNT,
            kind=EntryKind.OVERPAYMENT,
            reference=str(FIRST_OVERPAYMENT),
            amount=money("-20.00"),
            claim_id=number_of(1),
            remittance_id=FIRST_REMITTANCE,
            opened_at=PAYDAY + ONE_DAY,
        ),
    )


def test_r1_an_overpayment_of_which_nothing_was_recovered_falls_with_its_payment() -> None:
    lives = house(*approved(1, "80.00"), pay(1), overpaid("30.00"), fail())
    assert lives.entries == ()
    assert lives.claim().overpayments == ()


def test_r1_a_recovery_of_a_voided_claim_whose_payment_failed_is_given_back() -> None:
    lives = house(*approved(1, "80.00"), pay(1), overpaid("30.00"), recoup("20.00"), void(), fail())
    assert sorted(str(one.amount) for one in lives.entries) == ["-20.00", "20.00"]
    assert {one.kind for one in lives.entries} == {EntryKind.OVERPAYMENT}


VOIDED_AFTER_CORRECTION = [
    *approved(1, "80.00"),
    pay(1, now=NOW + timedelta(days=60)),
    *anew(1, "90.00"),
    pay(1, by=SECOND_REMITTANCE),
    void(claim_id=number_of(1)),
]


def test_m18_a_claim_voided_after_a_correction_that_failed_gives_the_first_payment_back() -> None:
    lives = house(*VOIDED_AFTER_CORRECTION)
    told = lives.outcome(fail(SECOND_REMITTANCE))
    assert len(told.cancelled) == 2
    reversal, interest = told.opened
    assert reversal.reversal is not None and str(reversal.reversal.paid) == "-80.00"
    # The interest of the first payment goes back; that of the second was never paid.
    assert (interest.kind, str(interest.amount)) == (EntryKind.INTEREST, "0.30")
    assert failed(lives, SECOND_REMITTANCE).entries == (reversal, interest)
