"""What is owed and taken by the next remittance: M5, R1 and X4."""

from __future__ import annotations

from uuid import uuid5

from server.claims.document import Payer, Provider
from server.claims.payees import Entry, EntryKind, PaymentMethod, ProviderAdjustment
from tests.server.claims.cast import (
    FIRST_OVERPAYMENT,
    PAYDAY,
    SECOND_REMITTANCE,
    THIRD_REMITTANCE,
    overpaid,
    recoup,
    void,
)
from tests.server.claims.documents import money
from tests.server.claims.dsl import house
from tests.server.claims.paying import ACCOUNT, adjusted_by, anew, approved, number_of, paid_by, pay

BELOW = [*approved(1, "25.00"), pay(1), void(claim_id=number_of(1)), *approved(2, "0.00")]


def test_x4_m5_a_sum_below_nothing_is_brought_forward() -> None:
    lives = house(*BELOW, pay(2, by=SECOND_REMITTANCE))
    told = lives.remittance(SECOND_REMITTANCE)
    assert paid_by(told) == [(1, "22", "-25.00", True), (2, "4", "0.00", False)]
    (entry,) = lives.entries
    assert told.provider_adjustments == (
        ProviderAdjustment(
            reason_code="FB",
            reference="TD2",
            amount=money("-25.00"),
            entry_id=entry.entry_id,
        ),
    )
    assert (told.claims_paid, told.adjusted, told.amount) == (
        money("-25.00"),
        money("-25.00"),
        money("0.00"),
    )
    assert told.method is PaymentMethod.NON_PAYMENT
    assert entry == Entry(
        entry_id=uuid5(SECOND_REMITTANCE, "forward balance"),
        account=ACCOUNT,
        kind=EntryKind.FORWARD_BALANCE,
        reference="TD2",
        amount=money("25.00"),
        remittance_id=SECOND_REMITTANCE,
        opened_at=PAYDAY,
    )


def test_r1_a_forward_balance_returns_with_the_opposite_sign_in_the_next_remittance() -> None:
    lives = house(
        *BELOW,
        *approved(3, "100.00"),
        pay(2, by=SECOND_REMITTANCE),
        pay(3, by=THIRD_REMITTANCE),
    )
    told = lives.remittance(THIRD_REMITTANCE)
    assert adjusted_by(told) == [("FB", "TD2", "25.00")]
    assert told.provider_adjustments[0].entry_id == uuid5(SECOND_REMITTANCE, "forward balance")
    assert str(told.amount) == "75.00"
    assert lives.entries == ()


def test_m5_a_sum_of_exactly_nothing_brings_nothing_forward() -> None:
    lives = house(
        *approved(1, "25.00"),
        pay(1),
        void(claim_id=number_of(1)),
        *approved(2, "25.00"),
        pay(2, by=SECOND_REMITTANCE),
    )
    told = lives.remittance(SECOND_REMITTANCE)
    assert told.amount == 0
    assert (told.provider_adjustments, lives.entries) == ((), ())


def test_a_remittance_takes_what_is_open_with_its_payee_alone() -> None:
    other = Provider(npi="1993999998")
    lives = house(
        *approved(1, "25.00"),
        pay(1),
        void(claim_id=number_of(1)),
        *approved(2, "50.00", billing_provider=other),
        pay(2, by=SECOND_REMITTANCE),
    )
    assert paid_by(lives.remittance(SECOND_REMITTANCE)) == [(2, "1", "50.00", False)]
    assert len(lives.entries) == 1


def test_m5_what_is_owed_to_one_payer_is_not_taken_by_the_remittance_of_another() -> None:
    owed = [*approved(1, "25.00"), pay(1), void(claim_id=number_of(1))]
    elsewhere = approved(2, "50.00", payer=Payer(payer_id="PAYER2"))
    lives = house(*owed, *elsewhere, *approved(3, "60.00"), pay(2, by=SECOND_REMITTANCE))
    assert paid_by(lives.remittance(SECOND_REMITTANCE)) == [(2, "1", "50.00", False)]
    assert [one.account for one in lives.entries] == [ACCOUNT]
    after = lives.after(pay(3, by=THIRD_REMITTANCE))
    assert str(after.remittance(THIRD_REMITTANCE).amount) == "35.00"
    assert after.entries == ()


def test_r1_a_recoupment_reduces_the_next_payment_under_its_reference() -> None:
    lives = house(
        *approved(1, "80.00"),
        pay(1),
        overpaid("30.00"),
        recoup("30.00"),
        *approved(2, "50.00"),
        pay(2, by=SECOND_REMITTANCE),
    )
    told = lives.remittance(SECOND_REMITTANCE)
    assert adjusted_by(told) == [("WO", str(FIRST_OVERPAYMENT), "30.00")]
    assert told.provider_adjustments[0].claim_id is None
    assert (told.adjusted, told.amount) == (money("30.00"), money("20.00"))


def test_r1_a_correction_gives_back_what_was_recovered_of_the_payment_it_reverses() -> None:
    lives = house(
        *approved(1, "80.00"),
        pay(1),
        overpaid("30.00"),
        recoup("30.00"),
        *anew(1, "50.00"),
        pay(1, by=SECOND_REMITTANCE),
    )
    told = lives.remittance(SECOND_REMITTANCE)
    reference = str(FIRST_OVERPAYMENT)
    assert adjusted_by(told)[:2] == [("WO", reference, "30.00"), ("WO", reference, "-30.00")]
    assert told.provider_adjustments[1].claim_id == number_of(1)
    assert told.provider_adjustments[1].entry_id is None
    assert lives.claim().overpayments == ()
