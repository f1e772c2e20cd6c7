"""The interest that a payment bears: K2 and M20."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from server.claims.interest import InterestRate
from server.claims.model import AppealOutcome
from server.claims.payees import ProviderAdjustment
from server.claims.sla import interest_terms
from tests.server.claims.cast import (
    FIRST_REMITTANCE,
    NOW,
    PAYDAY,
    SECOND_REMITTANCE,
    STRICT,
    THIRD_REMITTANCE,
    decide_appeal,
    file_appeal,
    receive_information,
    request_information,
    with_policy,
)
from tests.server.claims.documents import money
from tests.server.claims.dsl import house
from tests.server.claims.paying import (
    adjusted_by,
    anew,
    approved,
    decision,
    failed,
    number_of,
    paid_after,
    paid_by,
    pay,
    submitted,
)


@pytest.mark.parametrize(
    ("days", "interest"), [(30, "0.00"), (31, "0.01"), (60, "0.30"), (130, "1.01")]
)
def test_k2_interest_begins_after_the_30th_day(days: int, interest: str) -> None:
    remitted = paid_after(days).claim().remitted
    assert remitted is not None
    assert str(remitted.interest) == interest
    assert remitted.interest_days == days - 30
    assert str(remitted.interest_rate) == ("0.04625" if days > 30 else "0")


def test_m20_interest_is_told_apart_and_raises_the_payment() -> None:
    told = paid_after(60).remittance(FIRST_REMITTANCE)
    assert paid_by(told) == [(1, "1", "80.00", False)]
    assert told.provider_adjustments == (
        ProviderAdjustment(
            reason_code="L6",
            reference="CF0000000000000",
            amount=money("-0.30"),
            claim_id=number_of(1),
        ),
    )
    assert str(told.amount) == "80.30"


def test_k2_a_claim_that_needed_outside_development_bears_no_interest() -> None:
    about: dict[str, Any] = {"claim_id": number_of(1)}
    lives = house(
        submitted(1, "100.00"),
        request_information(**about),
        receive_information(**about),
        *decision(1, "80.00"),
        pay(1, now=NOW + timedelta(days=99)),
    )
    assert lives.remittance(FIRST_REMITTANCE).provider_adjustments == ()
    assert interest_terms(lives.claim(), PAYDAY.date(), STRICT.policy) == (money("0"), 0)


def test_k2_what_only_an_appeal_made_payable_bears_no_interest() -> None:
    about: dict[str, Any] = {"claim_id": number_of(1)}
    lives = house(
        *approved(1, "0.00"),
        file_appeal(**about),
        decide_appeal(AppealOutcome.OVERTURNED, **about),
        *decision(1, "80.00"),
        pay(1, now=NOW + timedelta(days=99)),
    )
    assert lives.remittance(FIRST_REMITTANCE).provider_adjustments == ()


def test_k2_a_denial_bears_no_interest() -> None:
    lives = house(*approved(1, "0.00"), pay(1, now=NOW + timedelta(days=99)))
    assert lives.remittance(FIRST_REMITTANCE).provider_adjustments == ()


RATES = replace(
    STRICT.policy.interest,
    rates=(
        InterestRate(effective_from=date(2026, 1, 1), rate=money("0.05")),
        InterestRate(effective_from=date(2026, 7, 1), rate=money("0.10")),
    ),
)
TWO_RATES = with_policy(interest=RATES)


def test_k2_a_reduction_recomputes_the_interest_with_the_rate_and_days_of_the_first_payment() -> (
    None
):
    lives = house(
        *approved(1, "1000.00", "1000.00"), pay(1, now=NOW + timedelta(days=103)), facts=TWO_RATES
    )
    first = lives.claim().remitted
    assert first is not None and str(first.interest) == "10.00"  # 5 percent, 73 days
    lives = lives.after(
        *anew(1, "500.00", "1000.00"),
        *approved(2, "900.00", "900.00"),
        pay(1, 2, by=SECOND_REMITTANCE, now=NOW + timedelta(days=190)),
    )
    second = lives.claim().remitted
    assert second is not None
    assert (str(second.interest), second.interest_days, str(second.interest_rate)) == (
        "5.00",
        73,
        "0.05",
    )
    number = lives.claim().claim_number
    assert adjusted_by(lives.remittance(SECOND_REMITTANCE))[:2] == [
        ("L6", number, "10.00"),
        ("L6", number, "-5.00"),
    ]


def test_k2_a_claim_that_is_denied_later_gives_all_interest_back() -> None:
    lives = paid_after(60).after(
        *anew(1, "0.00"), *approved(2, "100.00"), pay(1, 2, by=SECOND_REMITTANCE)
    )
    told = lives.remittance(SECOND_REMITTANCE)
    assert adjusted_by(told) == [("L6", "CF0000000000000", "0.30")]
    assert str(told.amount) == "19.70"


def test_k2_a_payment_that_is_made_again_bears_interest_to_its_own_day() -> None:
    lives = failed(paid_after(40)).after(pay(1, by=SECOND_REMITTANCE, now=NOW + timedelta(days=60)))
    remitted = lives.claim().remitted
    assert remitted is not None and remitted.interest_days == 30


def test_k2_a_payment_after_a_denial_that_was_told_is_the_first_and_bears_interest_to_its_day() -> (
    None
):
    lives = house(
        *approved(1, "0.00"),
        pay(1, now=NOW + timedelta(days=31)),
        *anew(1, "80.00"),
        pay(1, by=SECOND_REMITTANCE, now=NOW + timedelta(days=60)),
    )
    remitted = lives.claim().remitted
    assert remitted is not None
    assert (remitted.interest_days, str(remitted.interest)) == (30, "0.30")
    assert remitted.first_paid_on == (NOW + timedelta(days=60)).date()


def test_k2_a_payment_that_comes_back_after_a_denial_keeps_the_terms_of_the_first() -> None:
    lives = paid_after(20).after(
        *anew(1, "0.00"),
        *approved(2, "100.00"),
        pay(1, 2, by=SECOND_REMITTANCE),
        *anew(1, "80.00"),
        pay(1, by=THIRD_REMITTANCE, now=NOW + timedelta(days=60)),
    )
    remitted = lives.claim().remitted
    assert remitted is not None
    assert (remitted.interest_days, str(remitted.interest)) == (0, "0.00")
    assert remitted.first_paid_on == (NOW + timedelta(days=20)).date()
