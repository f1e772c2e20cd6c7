"""What is paid after other payers (C5, C6), and the examples X1 to X3 of domain.md 5.1."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from server.claims.document import ZERO
from server.claims.model import AdjudicationLine, Decision
from server.claims.pricing import price
from tests.server.claims.documents import money
from tests.server.claims.prior_payers import PRIMARY, after, effects, on_line, paying, prior, told
from tests.server.claims.rates import (
    RULES,
    ask,
    line,
    only,
    plan,
    policy,
    question,
    reasons,
    recorded,
)

# X1 to X3


@pytest.mark.parametrize("level", ["claim", "line"])
def test_x2_the_earlier_effect_and_the_rest_of_our_write_off(level: str) -> None:
    if level == "claim":
        document = after(prior("300.00", PRIMARY), lines=(told(),))
    else:
        document = after(prior("300.00"), lines=(told(on_line("300.00", PRIMARY)),))
    answer = ask(document, **paying("65.00"))
    found = only(answer)
    assert answer.pends == ()
    assert reasons(found) == {"CO-45": "10.00", "OA-23": "425.00"}
    assert (found.charge, found.allowed, found.paid) == (
        money("500.00"),
        money("65.00"),
        money("65.00"),
    )
    assert (answer.paid, answer.patient_responsibility) == (money("65.00"), ZERO)


def test_x2_the_whole_difference_written_off_by_an_earlier_payer_makes_no_sense() -> None:
    wrong = prior("65.00", {"CO-45": "435.00"}, "SECOND", payer_sequence="S")
    document = after(prior("300.00", PRIMARY), wrong, lines=(told(),), payer_sequence="T")
    answer = price(question(document, **paying("200.00")))
    assert answer.pends == (("COB_REVIEW", "PRIOR_PAYER_UNBALANCED"),)
    assert effects(answer) == ["500.00"]


@pytest.mark.parametrize("level", ["claim", "line"])
def test_x3_what_went_to_the_patient_counts_as_earlier_payment(level: str) -> None:
    stated = {"PR-100": "7.85", "PR-2": "1.96", "PR-45": "1.47"}
    if level == "claim":
        document = after(prior("0.00", stated), lines=(told(charge="11.28"),))
    else:
        document = after(prior("0.00"), lines=(told(on_line("0.00", stated), charge="11.28"),))
    answer = ask(document, **paying("11.28"))
    assert answer.pends == ()
    assert reasons(only(answer)) == {"OA-23": "7.85"}
    assert answer.paid == money("3.43")


def test_x3_a_policy_may_know_other_reasons_of_payments_to_patients() -> None:
    document = after(
        prior("0.00", {"PR-100": "7.85", "PR-2": "3.43"}), lines=(told(charge="11.28"),)
    )
    terms = paying("11.28") | {"policy": policy(replace(RULES, paid_to_patient=()))}
    assert ask(document, **terms).paid == money("11.28")


def test_x1_a_payer_that_repeats_others_tells_what_they_did_by_lines_and_claim() -> None:
    # The published remittance, as the decision of a secondary payer that a tertiary one is sent.
    lines = (
        told(on_line("460.92", {"OA-23": "1339.08"}, "SECOND"), charge="1800.00"),
        told(on_line("33.68", {"OA-23": "29.32"}, "SECOND"), number=2, charge="63.00"),
    )
    second = prior("98.92", {"OA-23": "395.68"}, "SECOND", payer_sequence="S")
    answer = price(question(after(second, lines=lines), **paying("5000.00")))
    # Everything is paid or taken off: nothing is left.
    assert effects(answer) == ["1800.00", "63.00"]
    assert (answer.paid, answer.patient_responsibility) == (ZERO, ZERO)


# What is left, and whose it is (C5)


def test_c5_we_pay_what_is_left_when_our_benefit_is_higher() -> None:
    document = after(prior("300.00", PRIMARY), lines=(told(),))
    answer = ask(document, **paying("365.00"))
    found = only(answer)
    assert reasons(found) == {"OA-23": "425.00"}
    assert (found.allowed, found.paid) == (money("365.00"), money("75.00"))


@pytest.mark.parametrize(
    ("deductible", "expected", "paid"),
    [
        # Of 365 allowed we would pay 365 less the deductible; 75 are left.
        ("290.00", {"OA-23": "425.00"}, "75.00"),
        ("290.01", {"OA-23": "425.00", "PR-1": "0.01"}, "74.99"),
        ("300.00", {"OA-23": "425.00", "PR-1": "10.00"}, "65.00"),
        ("365.00", {"OA-23": "425.00", "PR-1": "75.00"}, "0.00"),
    ],
)
def test_c5_the_patients_is_only_what_our_terms_make_it(
    deductible: str, expected: dict[str, str], paid: str
) -> None:
    document = after(prior("300.00", PRIMARY), lines=(told(),))
    answer = ask(document, **paying("365.00", deductible))
    assert reasons(only(answer)) == expected
    assert answer.paid == money(paid)
    assert sum(one.out_of_pocket for one in answer.shares) == answer.patient_responsibility


def test_c5_and_what_is_neither_is_written_off() -> None:
    document = after(prior("300.00", PRIMARY), lines=(told(),))
    answer = ask(document, **paying("60.00", "25.00"))
    assert reasons(only(answer)) == {"CO-45": "15.00", "OA-23": "425.00", "PR-1": "25.00"}
    assert answer.paid == money("35.00")


def test_c5_deductible_then_copay_then_coinsurance_are_assigned() -> None:
    document = after(
        prior("100.00", {"PR-1": "200.00", "CO-45": "100.00"}),
        lines=(line(1, "400.00", "99284"),),
    )
    # By itself 400 would be 150 copay, 50 deductible, 40 coinsurance, 160 paid. 200 are left.
    answer = ask(document, plan=plan(deductible=money("50.00")))
    assert reasons(only(answer)) == {"OA-23": "200.00", "PR-1": "40.00"}
    less = replace(document, prior_payers=(prior("50.00", {"PR-1": "250.00", "CO-45": "100.00"}),))
    answer = ask(less, plan=plan(deductible=money("50.00")))
    assert reasons(only(answer)) == {"OA-23": "150.00", "PR-1": "50.00", "PR-3": "40.00"}
    least = replace(document, prior_payers=(prior("40.00", {"PR-1": "360.00"}),))
    answer = ask(least, plan=plan(deductible=money("50.00")))
    assert reasons(only(answer)) == {"OA-23": "40.00", "PR-1": "50.00", "PR-3": "150.00"}
    most = replace(document, prior_payers=(prior("39.99", {"PR-1": "360.01"}),))
    answer = ask(most, plan=plan(deductible=money("50.00")))
    assert reasons(only(answer))["PR-2"] == "0.01"


def test_c5_an_earlier_payer_that_left_all_to_the_patient_leaves_no_trace() -> None:
    document = after(prior("0.00", {"PR-1": "500.00"}), lines=(told(),))
    found = only(ask(document, **paying("365.00")))
    assert reasons(found) == {"CO-45": "135.00"}
    assert found.paid == money("365.00")


def test_c6_after_an_earlier_payer_no_case_rate_is_paid_above_the_charge() -> None:
    document = after(prior("0.00", {"PR-1": "500.00"}), lines=(told(),))
    found = only(ask(document, **paying("600.00", fee_above_charge=True)))
    assert (found.allowed, found.paid, found.adjustments) == (money("500.00"),) * 2 + ((),)


def test_c5_a_payment_reduction_is_of_what_we_would_pay() -> None:
    document = after(prior("300.00", PRIMARY), lines=(told(),))
    reduced = policy(replace(RULES, payment_reduction_rate=Decimal("0.02")))
    answer = ask(document, policy=reduced, **paying("365.00"))
    assert reasons(only(answer)) == {"OA-23": "425.00", "CO-253": "1.50"}
    assert answer.paid == money("73.50")


def test_m14_the_deductible_of_a_later_payer_is_used_up_by_what_it_assigns() -> None:
    document = after(prior("300.00", PRIMARY), lines=(told(),))
    answer = ask(document, **paying("365.00", "300.00"))
    (share,) = answer.shares
    assert (share.deductible, share.out_of_pocket) == (money("10.00"), money("10.00"))


def test_m16_an_earlier_payers_effect_is_to_be_expected() -> None:
    asked = question(after(prior("500.00"), lines=(told(),)), **paying("365.00"))
    assert recorded(asked, price(asked)).decision is Decision.APPROVED


# Denied lines


def denied_after(effect: str, **changes: Any) -> AdjudicationLine:
    left = money("500.00") - money(effect)
    stated = {"PR-1": str(left)} if left else {}
    document = after(prior(effect, stated), lines=(told(),))
    return only(ask(document, **paying("65.00"), **changes))


def test_m10_x2_a_denied_line_keeps_the_earlier_effect() -> None:
    found = denied_after("425.00", late_lines=frozenset({1}))
    assert reasons(found) == {"OA-23": "425.00", "CO-29": "75.00"}
    assert (found.denied, found.allowed, found.paid) == (True, ZERO, ZERO)


def test_m10_nothing_is_left_to_deny_when_the_effect_is_the_whole_charge() -> None:
    found = denied_after("500.00", late_lines=frozenset({1}))
    assert (reasons(found), found.denied) == ({"OA-23": "500.00"}, True)
    assert found.edit_ids == ("K5",)


def test_e10_a_duplicate_tells_nothing_of_an_earlier_payer() -> None:
    found = denied_after("425.00", duplicate_lines=frozenset({1}))
    assert reasons(found) == {"OA-18": "500.00"}
