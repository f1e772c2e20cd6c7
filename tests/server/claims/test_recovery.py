"""Overpayments and their recovery: command 25, R1."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from server.claims.events import OverpaymentRecorded, OverpaymentRecouped
from server.claims.model import Claim, Overpayment
from server.claims.payees import Account, Entry, EntryKind
from server.claims.recovery import left_of_payment
from server.claims.refusals import Refusal
from tests.server.claims.cast import (
    FIRST_ENTRY,
    FIRST_OVERPAYMENT,
    PAYDAY,
    STRICT,
    close,
    overpaid,
    recoup,
    reopen,
    with_policy,
)
from tests.server.claims.documents import money
from tests.server.claims.dsl import given, outcome, play
from tests.server.claims.pasts import CLOSED, PAID, PENDING_APPROVAL, TOLD

SECOND_OVERPAYMENT, SECOND_ENTRY = UUID(int=0xE2), UUID(int=0xF2)
OVERPAID = play(overpaid("30.00"), claim=PAID)


def test_an_overpayment_is_noted_on_the_claim() -> None:
    noted = Overpayment(
        overpayment_id=FIRST_OVERPAYMENT,
        amount=money("30.00"),
        recorded_by="fay",
        recorded_at=PAYDAY,
    )
    given(PAID).when(overpaid("30")).then(OverpaymentRecorded(overpayment=noted))
    assert OVERPAID.overpayments == (noted,)
    assert OVERPAID.state is PAID.state
    assert str(OVERPAID.open_recovery) == "30.00"


def test_an_amount_is_kept_in_cents() -> None:
    (event,) = given(PAID).when(overpaid("30")).decided()
    assert isinstance(event, OverpaymentRecorded) and str(event.overpayment.amount) == "30.00"
    _, entry = _recouped("2.5")
    assert str(entry.amount) == "2.50"


def _recouped(amount: str, claim: Claim = OVERPAID) -> tuple[Any, Entry]:
    decided = outcome(recoup(amount), claim, STRICT)
    (event,), (entry,) = decided.events, decided.opened
    return event, entry


def test_r1_what_is_recouped_waits_for_the_payees_next_remittance() -> None:
    event, entry = _recouped("20.00")
    assert event == OverpaymentRecouped(
        overpayment_id=FIRST_OVERPAYMENT,
        entry_id=FIRST_ENTRY,
        amount=money("20.00"),
        by="fay",
        at=PAYDAY,
    )
    assert entry == Entry(
        entry_id=FIRST_ENTRY,
        account=Account(payer_id="PAYER1", payee="1234567893", currency_code="USD"),
        kind=EntryKind.OVERPAYMENT,
        reference=str(FIRST_OVERPAYMENT),
        amount=money("20.00"),
        claim_id=PAID.claim_id,
        opened_at=PAYDAY,
    )


def test_an_overpayment_is_recouped_in_parts_down_to_nothing() -> None:
    once = play(recoup("20.00"), claim=OVERPAID)
    assert (str(once.overpayments[0].recouped), str(once.open_recovery)) == ("20.00", "10.00")
    twice = play(recoup("10.00", entry_id=SECOND_ENTRY), claim=once)
    assert (str(twice.overpayments[0].recouped), str(twice.open_recovery)) == ("30.00", "0.00")
    given(twice).when(recoup("0.01", entry_id=UUID(int=0xF3))).refuses(
        Refusal.RECOUPMENT_EXCEEDS_OVERPAYMENT
    )


def test_of_several_overpayments_the_one_that_is_named_is_recouped() -> None:
    both = play(overpaid("10.00", SECOND_OVERPAYMENT), claim=OVERPAID)
    after = play(recoup("10.00", SECOND_OVERPAYMENT), claim=both)
    assert [str(one.recouped) for one in after.overpayments] == ["0.00", "10.00"]
    assert str(after.open_recovery) == "30.00"


def test_at_most_what_was_paid_is_overpaid() -> None:
    assert str(left_of_payment(PAID)) == "80.00"
    assert given(PAID).when(overpaid("80.00")).decided()
    given(PAID).when(overpaid("80.01")).refuses(Refusal.OVERPAYMENT_EXCEEDS_PAID)


def test_all_overpayments_together_are_at_most_what_was_paid() -> None:
    assert str(left_of_payment(OVERPAID)) == "50.00"
    assert given(OVERPAID).when(overpaid("50.00", SECOND_OVERPAYMENT)).decided()
    given(OVERPAID).when(overpaid("50.01", SECOND_OVERPAYMENT)).refuses(
        Refusal.OVERPAYMENT_EXCEEDS_PAID
    )


def test_what_was_recouped_cannot_be_overpaid_again() -> None:
    back = play(recoup("30.00"), claim=OVERPAID)
    assert str(left_of_payment(back)) == "50.00"


def test_nothing_is_left_where_nothing_was_paid() -> None:
    assert left_of_payment(play(close(), claim=TOLD)) == 0
    assert left_of_payment(PENDING_APPROVAL) == 0


def test_a_closed_claim_is_recovered_as_well() -> None:
    after = play(overpaid("80.00"), recoup("80.00"), claim=CLOSED)
    assert after.state is CLOSED.state
    assert after.open_recovery == 0


def test_an_overpayment_is_of_the_payment_that_stands() -> None:
    reopened = play(reopen(), claim=OVERPAID)
    assert reopened.overpayments == OVERPAID.overpayments
    given(reopened).when(recoup()).refuses(Refusal.TRANSITION_NOT_ALLOWED)


@pytest.mark.parametrize("amount", ["99999999.99", "80.000", "8E1"])
def test_m1_an_amount_has_two_decimals_and_a_width(amount: str) -> None:
    story = given(PAID).when(overpaid(amount))
    if money(amount) <= 80:
        assert story.decided()
    else:
        story.refuses(Refusal.OVERPAYMENT_EXCEEDS_PAID)
    facts = with_policy(amount_max=money("79.99"))
    given(PAID, facts=facts).when(overpaid(amount)).refuses(Refusal.AMOUNT_OUT_OF_RANGE)


def test_an_open_recovery_keeps_a_claim_from_closing() -> None:
    given(OVERPAID).when(close()).refuses(Refusal.CLAIM_HAS_OPEN_WORK)
    part = play(recoup("29.99"), claim=OVERPAID)
    given(part).when(close()).refuses(Refusal.CLAIM_HAS_OPEN_WORK)
    assert given(play(recoup("30.00"), claim=OVERPAID)).when(close()).decided()
