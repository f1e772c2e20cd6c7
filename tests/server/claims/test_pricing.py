"""What a claim is worth, as the rules work it out: fees, charges, and the answer as a whole.

What of it is the patient's is in test_cost_shares.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from server.claims.benefits import Unlisted
from server.claims.document import ZERO
from server.claims.model import Decision, Provenance
from server.claims.pricing import price
from server.claims.pricing_rules import AdjustmentReason
from tests.server.claims.documents import money
from tests.server.claims.rates import (
    FEES,
    OPEN,
    POLICY,
    RULES,
    Loaded,
    ask,
    bill,
    line,
    only,
    plan,
    policy,
    question,
    reasons,
    recorded,
)

# Fees and charges


def test_m8_the_fee_is_allowed_and_the_rest_written_off() -> None:
    found = only(ask(bill(line(1, "100.00"))))
    assert (found.allowed, found.paid) == (money("80.00"), money("80.00"))
    assert reasons(found) == {"CO-45": "20.00"}
    assert found.denied is False
    assert (found.pricing_method, found.fee_schedule_reference) == ("FEE_SCHEDULE", "FEES@4")
    assert (found.edit_ids, found.units_paid) == (("FEE_SCHEDULE",), Decimal(1))


@pytest.mark.parametrize("charge", ["79.99", "80.00"])
def test_m8_no_more_than_the_charge_is_allowed(charge: str) -> None:
    found = only(ask(bill(line(1, charge))))
    assert (found.allowed, found.paid, found.adjustments) == (money(charge), money(charge), ())


@pytest.mark.parametrize("charge", ["0.01", "1.00"])
def test_m8_m10_the_smallest_charges_are_paid_and_denied_like_others(charge: str) -> None:
    found = only(ask(bill(line(1, charge))))
    assert (str(found.paid), found.pricing_method) == (charge, "FEE_SCHEDULE")
    lost = only(ask(bill(line(1, charge)), late_lines=frozenset({1})))
    assert (lost.denied, lost.pricing_method) == (True, "DENIED")


def test_m8_a_cent_above_the_fee_is_written_off() -> None:
    assert reasons(only(ask(bill(line(1, "80.01"))))) == {"CO-45": "0.01"}


def test_m8_a_case_rate_above_the_charge_is_a_negative_adjustment() -> None:
    found = only(ask(bill(line(1, "71.00")), plan=plan(fee_above_charge=True)))
    assert (found.allowed, found.paid) == (money("80.00"), money("80.00"))
    assert reasons(found) == {"OA-94": "-9.00"}


def test_m8_a_case_rate_below_the_charge_is_written_off_as_usual() -> None:
    found = only(ask(bill(line(1, "81.00")), plan=plan(fee_above_charge=True)))
    assert reasons(found) == {"CO-45": "1.00"}


def test_m8_the_fee_is_of_one_unit_and_rounded_half_up_once() -> None:
    benefits = Loaded(fees={"99213": ("0.33", "FREE")})
    found = only(ask(bill(line(1, "10.00", units=Decimal("2.5"))), benefits=benefits))
    assert (found.allowed, found.units_paid) == (money("0.83"), Decimal("2.5"))


def test_units_that_are_not_told_are_one() -> None:
    found = only(ask(bill(line(1, "100.00", units=None))))
    assert (found.allowed, found.units_paid) == (money("80.00"), None)


def test_a_modifier_may_have_a_fee_of_its_own() -> None:
    benefits = Loaded(fees={"99213-25": ("60.00", "FREE"), **FEES})
    answer = ask(
        bill(line(1, "100.00", modifiers=("GA", "25")), line(2, "90.00")), benefits=benefits
    )
    assert [one.allowed for one in answer.lines] == [money("60.00"), money("80.00")]


def test_a_room_has_the_fee_of_its_revenue_code() -> None:
    room = replace(line(1, "2000.00", units=Decimal(2)), procedure=None, revenue_code="0120")
    assert only(ask(bill(room))).allowed == money("1400.00")


def test_a_procedure_goes_before_its_revenue_code() -> None:
    both = line(1, "2000.00", revenue_code="0120")
    assert only(ask(bill(both))).allowed == money("80.00")


@pytest.mark.parametrize(
    ("rate", "allowed"), [("0.80", "80.04"), ("0.8001", "80.05"), ("1", "100.05"), ("2", "100.05")]
)
def test_an_unlisted_service_may_be_a_percentage_of_the_charge(rate: str, allowed: str) -> None:
    open_plan = replace(OPEN, unlisted_rate=Decimal(rate), deductible=money("0.00"))
    found = only(ask(bill(line(1, "100.05", "J7050")), plan=open_plan))
    assert found.allowed == money(allowed)
    assert (found.pricing_method, found.fee_schedule_reference) == ("PERCENT_OF_CHARGE", "")
    assert found.edit_ids == ("PERCENT_OF_CHARGE",)


def test_an_unlisted_service_is_denied_where_the_plan_says_so() -> None:
    answer = ask(bill(line(1, "100.00", "J7050")), plan=plan(unlisted=Unlisted.DENY))
    assert reasons(only(answer)) == {"CO-147": "100.00"}
    assert (only(answer).edit_ids, answer.pends) == (("NO_FEE",), ())


def test_an_unlisted_service_waits_for_a_person_otherwise() -> None:
    answer = ask(bill(line(1, "100.00", "J7050"), line(2, "100.00", "J1885"), line(3, "80.00")))
    assert answer.pends == (("PRICING", "NO_FEE"),)
    assert len(answer.lines) == 3


def test_m7_m13_a_payment_reduction_lies_between_allowed_and_paid() -> None:
    reduced = policy(replace(RULES, payment_reduction_rate=Decimal("0.02")))
    found = only(ask(bill(line(1, "100.00", "99215")), policy=reduced))
    assert found.allowed == money("100.00")
    assert reasons(found) == {"PR-3": "25.00", "CO-253": "1.50"}
    assert found.paid == money("73.50")


def test_m7_a_payment_reduction_is_rounded_half_up() -> None:
    reduced = policy(replace(RULES, payment_reduction_rate=Decimal("0.02")))
    found = only(ask(bill(line(1, "20.25")), policy=reduced))
    assert reasons(found) == {"CO-253": "0.41"}


# Charges of nothing (M9)


@pytest.mark.parametrize("charge", ["0.00", None])
def test_m9_a_charge_of_nothing_is_paid_with_nothing(charge: str | None) -> None:
    free = replace(line(1, "0.00", "J7050"), charge=None if charge is None else money(charge))
    found = only(ask(bill(free), plan=plan(fee_above_charge=True)))
    assert (found.charge, found.allowed, found.paid, found.adjustments) == (ZERO, ZERO, ZERO, ())
    assert (found.denied, found.pricing_method) == (False, "ZERO_CHARGE")
    assert found.fee_schedule_reference == ""


def test_m9_a_charge_of_nothing_beside_others_changes_nothing() -> None:
    answer = ask(bill(line(1, "0.00"), line(2, "100.00")))
    assert [one.paid for one in answer.lines] == [0, money("80.00")]


def test_m9_a_charge_of_nothing_cannot_be_denied_but_says_why_it_would_be() -> None:
    free = bill(line(1, "0.00"), line(2, "100.00"))
    asked = question(free, duplicate_lines=frozenset({1, 2}))
    answer = price(asked)
    assert [one.denied for one in answer.lines] == [False, True]
    assert [one.edit_ids for one in answer.lines] == [("E10",), ("E10",)]
    assert answer.lines[0].pricing_method == "ZERO_CHARGE"
    assert recorded(asked, answer).decision is Decision.DENIED


# The answer as a whole


def test_an_answer_says_what_it_was_made_by() -> None:
    lines = bill(line(1, "80.00"), line(2, "80.00", "J7050"), line(3, "80.00"))
    answer = price(question(lines, plan=OPEN))
    assert answer.provenance == Provenance(
        policy_version=POLICY.version,
        plan_id="PLAN",
        plan_version=3,
        fee_schedule_versions=("FEES@4",),
        code_edits_version=0,
    )


def test_m4_m6_an_answer_adds_up_its_lines_and_adjusts_nothing_besides() -> None:
    answer = ask(bill(line(1, "100.00", "99214"), line(2, "250.00", "99215"), line(3, "80.00")))
    assert answer.adjustments == ()
    assert answer.paid == money("255.00")
    assert answer.patient_responsibility == money("125.00")


def test_m16_an_expected_price_is_an_approval() -> None:
    asked = question(bill(line(1, "100.00", "99214"), line(2, "250.00", "99215")))
    assert recorded(asked, price(asked)).decision is Decision.APPROVED


def test_m9_reasons_that_a_policy_gives_to_two_amounts_are_one_adjustment() -> None:
    merged = policy(replace(RULES, coinsurance=RULES.deductible, copay=RULES.deductible))
    terms = plan(deductible=money("50.00"))
    found = only(price(question(bill(line(1, "400.00", "99284")), plan=terms, policy=merged)))
    assert reasons(found) == {"PR-1": "240.00"}


def test_m12_a_policy_chooses_group_and_reason_of_every_amount() -> None:
    chosen = policy(
        replace(
            RULES,
            write_off=AdjustmentReason(group_code="PR", reason_code="45"),
            above_charge=AdjustmentReason(group_code="OA", reason_code="95"),
            deductible=AdjustmentReason(group_code="CO", reason_code="1"),
            coinsurance=AdjustmentReason(group_code="CO", reason_code="2"),
            copay=AdjustmentReason(group_code="CO", reason_code="3"),
            payment_reduction=AdjustmentReason(group_code="OA", reason_code="253"),
            payment_reduction_rate=Decimal("0.5"),
        )
    )
    terms = plan(deductible=money("50.00"))
    found = only(price(question(bill(line(1, "401.00", "99284")), plan=terms, policy=chosen)))
    assert reasons(found) == {
        "PR-45": "1.00",
        "CO-1": "50.00",
        "CO-2": "40.00",
        "CO-3": "150.00",
        "OA-253": "80.00",
    }
