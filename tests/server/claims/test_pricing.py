"""What a claim is worth and what of it is the patient's, as the rules work it out (M1-M16)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.claims.benefits import CostShare, Unlisted
from server.claims.document import ZERO
from server.claims.model import Decision, Provenance, Share
from server.claims.pricing import Priced, price
from server.claims.pricing_rules import AdjustmentReason
from tests.server.claims.cast import SERVICE_DAY, TODAY, money
from tests.server.claims.rates import (
    FEES,
    LAST_YEAR,
    OPEN,
    PLAN,
    POLICY,
    RULES,
    SHARES,
    YEAR,
    Edits,
    Loaded,
    ask,
    bill,
    limit,
    line,
    only,
    pair,
    plan,
    policy,
    question,
    reasons,
    recorded,
    used,
)

ONE_DAY = timedelta(days=1)


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


# What is the patient's (M7, M14, M15)


def test_m7_a_copay_is_the_patients() -> None:
    found = only(ask(bill(line(1, "250.00", "99215"))))
    assert reasons(found) == {"CO-45": "50.00", "PR-3": "25.00"}
    assert found.paid == money("175.00")


def test_m7_a_copay_is_no_more_than_is_allowed() -> None:
    found = only(ask(bill(line(1, "24.99", "99215"))))
    assert (reasons(found), found.paid) == ({"PR-3": "24.99"}, money("0.00"))


def test_m14_the_deductible_takes_what_is_allowed() -> None:
    answer = ask(bill(line(1, "200.00", "99214")))
    assert reasons(only(answer)) == {"CO-45": "80.00", "PR-1": "120.00"}
    assert answer.paid == 0
    assert answer.patient_responsibility == money("120.00")


@pytest.mark.parametrize(
    ("before", "deductible", "coinsurance"),
    [
        ("0.00", "120.00", "0.00"),
        ("380.00", "120.00", "0.00"),
        ("380.01", "119.99", "0.00"),
        ("440.00", "60.00", "12.00"),
        ("499.99", "0.01", "24.00"),
        ("500.00", "0.00", "24.00"),
        ("500.01", "0.00", "24.00"),
    ],
)
def test_m14_the_deductible_is_limited_to_what_remains(
    before: str, deductible: str, coinsurance: str
) -> None:
    answer = price(question(bill(line(1, "120.00", "99214")), used={YEAR: used(before, before)}))
    stated = {"PR-1": deductible, "PR-2": coinsurance}
    assert reasons(only(answer)) == {
        reason: amount for reason, amount in stated.items() if amount != "0.00"
    }


def test_m14_lines_use_up_the_deductible_in_order_of_their_numbers() -> None:
    lines = [line(number, "120.00", "99214") for number in (3, 1, 2)]
    answer = ask(bill(*lines), used={YEAR: used("300.00", "300.00")})
    assert [one.line_number for one in answer.lines] == [1, 2, 3]
    assert [reasons(one) for one in answer.lines] == [
        {"PR-1": "120.00"},
        {"PR-1": "80.00", "PR-2": "8.00"},
        {"PR-2": "24.00"},
    ]


def test_m14_a_category_may_be_free_of_the_deductible() -> None:
    assert reasons(only(ask(bill(line(1, "80.00"))))) == {}


@pytest.mark.parametrize(
    ("copay_first", "expected"),
    [
        # 400: copay 150, deductible 250.
        (True, {"PR-1": "250.00", "PR-3": "150.00"}),
        # 400: deductible 300, copay 100 of 150.
        (False, {"PR-1": "300.00", "PR-3": "100.00"}),
    ],
)
def test_m15_copay_or_deductible_first_is_a_property_of_the_plan(
    copay_first: bool, expected: dict[str, str]
) -> None:
    terms = plan(copay_first=copay_first, deductible=money("300.00"))
    assert reasons(only(ask(bill(line(1, "400.00", "99284")), plan=terms))) == expected


def test_m15_coinsurance_is_of_what_deductible_and_copay_leave() -> None:
    # 400 - 150 - 50 = 200, a fifth of it.
    found = only(ask(bill(line(1, "400.00", "99284")), plan=plan(deductible=money("50.00"))))
    assert reasons(found) == {"PR-1": "50.00", "PR-2": "40.00", "PR-3": "150.00"}
    assert found.paid == money("160.00")


@pytest.mark.parametrize(
    ("charge", "coinsurance"), [("10.02", "2.00"), ("10.03", "2.01"), ("10.07", "2.01")]
)
def test_m15_coinsurance_is_rounded_half_up(charge: str, coinsurance: str) -> None:
    found = only(ask(bill(line(1, charge, "99214")), plan=plan(deductible=money("0.00"))))
    assert reasons(found)["PR-2"] == coinsurance


def coinsured(*charges: str, rate: str) -> Priced:
    terms = plan(
        deductible=money("0.00"),
        cost_shares={"*": CostShare(coinsurance_rate=Decimal(rate))},
        unlisted=Unlisted.PERCENT_OF_CHARGE,
    )
    lines = [line(number, charge, "J7050") for number, charge in enumerate(charges, 1)]
    return ask(bill(*lines), plan=terms)


def coinsurances(answer: Priced) -> list[str]:
    return [reasons(one).get("PR-2", "0.00") for one in answer.lines]


def test_m15_the_residue_of_rounding_stays_on_the_last_line() -> None:
    # A quarter of 10.01 is 2.5025 on each line and 7.5075 on all three.
    assert coinsurances(coinsured("10.01", "10.01", "10.01", rate="0.25")) == [
        "2.50",
        "2.50",
        "2.51",
    ]
    # Half of 0.01 rounds up on each line; together they make a cent and a half.
    assert coinsurances(coinsured("0.01", "0.01", "0.01", rate="0.5")) == ["0.01", "0.01", "0.00"]


def test_m15_m13_a_residue_that_the_last_line_cannot_hold_goes_to_those_before() -> None:
    assert coinsurances(coinsured(*["0.01"] * 6, rate="0.5")) == ["0.01"] * 3 + ["0.00"] * 3
    # 0.4 cents on each of six lines: rounded to nothing, together 2.4 cents.
    assert coinsurances(coinsured(*["0.01"] * 6, rate="0.4")) == ["0.00"] * 4 + ["0.01"] * 2
    # The last line charges nothing and can hold nothing.
    assert coinsurances(coinsured("10.01", "10.01", "10.01", "0.00", rate="0.25")) == [
        "2.50",
        "2.50",
        "2.51",
        "0.00",
    ]


@pytest.mark.parametrize(
    ("before", "expected", "paid"),
    [
        ("3750.00", {"PR-1": "50.00", "PR-2": "40.00", "PR-3": "150.00"}, "160.00"),
        ("3760.00", {"PR-1": "50.00", "PR-2": "40.00", "PR-3": "150.00"}, "160.00"),
        ("3760.01", {"PR-1": "50.00", "PR-2": "39.99", "PR-3": "150.00"}, "160.01"),
        ("3800.00", {"PR-1": "50.00", "PR-3": "150.00"}, "200.00"),
        ("3800.01", {"PR-1": "50.00", "PR-3": "149.99"}, "200.01"),
        ("3950.00", {"PR-1": "50.00"}, "350.00"),
        ("3950.01", {"PR-1": "49.99"}, "350.01"),
        ("4000.00", {}, "400.00"),
        ("4000.01", {}, "400.00"),
    ],
)
def test_m14_the_out_of_pocket_maximum_caps_coinsurance_then_copay_then_deductible(
    before: str, expected: dict[str, str], paid: str
) -> None:
    answer = price(
        question(
            bill(line(1, "400.00", "99284")),
            plan=plan(deductible=money("50.00")),
            used={YEAR: used("0.00", before)},
        )
    )
    assert reasons(only(answer)) == expected
    assert answer.paid == money(paid)


def test_m14_lines_use_up_the_out_of_pocket_maximum_in_order() -> None:
    answer = ask(
        bill(*(line(number, "120.00", "99214") for number in (1, 2, 3))),
        plan=plan(deductible=money("0.00")),
        used={YEAR: used("0.00", "3970.00")},
    )
    assert coinsurances(answer) == ["24.00", "6.00", "0.00"]
    assert answer.shares == (
        Share(plan_id="PLAN", benefit_year=YEAR, out_of_pocket=money("30.00")),
    )


def test_m13_no_more_than_the_charge_is_the_patients_however_much_is_allowed() -> None:
    terms = plan(fee_above_charge=True, deductible=money("100.00"))
    lines = bill(line(1, "70.00", "99214"), line(2, "120.00", "99214"))
    answer = ask(lines, plan=terms)
    # Of 120 allowed, 70 to the deductible; a fifth of the other 50 would be above the charge.
    assert reasons(answer.lines[0]) == {"OA-94": "-50.00", "PR-1": "70.00"}
    assert answer.lines[0].paid == money("50.00")
    # Only what was taken is gone.
    assert reasons(answer.lines[1]) == {"PR-1": "30.00", "PR-2": "18.00"}


def test_m14_a_line_belongs_to_the_benefit_year_of_its_first_day() -> None:
    old = line(1, "120.00", "99214", service_from_date=LAST_YEAR, service_through_date=SERVICE_DAY)
    new = line(2, "120.00", "99214", service_from_date=LAST_YEAR + ONE_DAY)
    last = {YEAR - 1: used("490.00", "490.00"), YEAR: used("400.00", "400.00")}
    answer = ask(bill(old, new), used=last)
    assert [reasons(one) for one in answer.lines] == [
        {"PR-1": "10.00", "PR-2": "22.00"},
        {"PR-1": "100.00", "PR-2": "4.00"},
    ]
    assert answer.shares == (
        Share(
            plan_id="PLAN",
            benefit_year=YEAR - 1,
            deductible=money("10.00"),
            out_of_pocket=money("32.00"),
        ),
        Share(
            plan_id="PLAN",
            benefit_year=YEAR,
            deductible=money("100.00"),
            out_of_pocket=money("104.00"),
        ),
    )


def test_m14_a_benefit_year_may_begin_in_any_month() -> None:
    days = (date(YEAR, 6, 30), date(YEAR, 7, 1))
    lines = [
        line(number, "80.00", "99215", service_from_date=day) for number, day in enumerate(days, 1)
    ]
    answer = ask(bill(*lines), plan=plan(benefit_year_begins_month=7))
    assert [one.benefit_year for one in answer.shares] == [YEAR - 1, YEAR]


def test_m14_a_line_is_priced_by_the_plans_terms_of_its_day() -> None:
    later = plan(version=9, effective_from=LAST_YEAR + ONE_DAY, deductible=money("30.00"))
    old = line(1, "120.00", "99214", service_from_date=LAST_YEAR)
    new = line(2, "120.00", "99214", service_from_date=LAST_YEAR + ONE_DAY)
    answer = ask(
        bill(old, new), benefits=Loaded(plans=(PLAN, later), fees=FEES), used={YEAR: used()}
    )
    assert [reasons(one) for one in answer.lines] == [
        {"PR-1": "120.00"},
        {"PR-1": "30.00", "PR-2": "18.00"},
    ]


@pytest.mark.parametrize("dated", [True, False])
def test_a_line_without_a_day_has_the_claims_first_or_that_of_receipt(dated: bool) -> None:
    undated = line(1, "120.00", "99214", service_from_date=None)
    lines = [undated, line(2, "80.00", service_from_date=LAST_YEAR)] if dated else [undated]
    answer = ask(bill(*lines))
    assert [one.benefit_year for one in answer.shares] == [LAST_YEAR.year if dated else TODAY.year]


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


# Properties

CENTS = st.integers(0, 60_000).map(lambda cents: Decimal(cents).scaleb(-2))
RATES = st.integers(0, 100).map(lambda percent: Decimal(percent) / 100)
COST_SHARES = st.builds(
    CostShare, copay=CENTS, coinsurance_rate=RATES, deductible_applies=st.booleans()
)
PLANS = st.builds(
    plan,
    deductible=CENTS,
    out_of_pocket_max=CENTS,
    copay_first=st.booleans(),
    fee_above_charge=st.booleans(),
    unlisted=st.sampled_from((Unlisted.DENY, Unlisted.PERCENT_OF_CHARGE)),
    unlisted_rate=RATES,
    benefit_year_begins_month=st.integers(1, 12),
    cost_shares=st.fixed_dictionaries(
        {"*": COST_SHARES, "FREE": COST_SHARES, "OFFICE": COST_SHARES}
    ).map(lambda drawn: {**SHARES, **drawn}),
)
FEE_TABLES = st.dictionaries(
    st.sampled_from(("99213", "99214", "99215", "99284")),
    st.tuples(CENTS.map(str), st.sampled_from(("*", "FREE", "OFFICE", "EMERGENCY"))),
)
UNITS = st.sampled_from((None, Decimal(1), Decimal(2), Decimal("0.333")))
DAYS = st.sampled_from((SERVICE_DAY, LAST_YEAR, None))
CODES = st.sampled_from(("99213", "99214", "99215", "99284", "70551", "J7050"))


@st.composite
def bills(draw: st.DrawFn) -> Any:
    count = draw(st.integers(1, 5))
    return bill(
        *(
            line(
                number,
                str(draw(CENTS)),
                draw(CODES),
                units=draw(UNITS),
                service_from_date=draw(DAYS),
            )
            for number in range(1, count + 1)
        )
    )


YEARS = st.dictionaries(
    st.integers(YEAR - 2, YEAR), st.builds(used, CENTS.map(str), CENTS.map(str)), max_size=3
)
LINES = st.frozensets(st.integers(1, 5), max_size=2)
EDITED = st.sampled_from(
    (
        None,
        Edits((pair("99213", "99214", 1), pair("99214", "99215")), (limit("99284", "1", 2),)),
    )
)


@given(bills(), PLANS, FEE_TABLES, YEARS, LINES, LINES, EDITED, RATES)
def test_m1_to_m14_every_price_adds_up(
    document: Any,
    terms: Any,
    fees: Any,
    years: Any,
    duplicates: frozenset[int],
    late: frozenset[int],
    edits: Any,
    reduction: Decimal,
) -> None:
    asked = question(
        document,
        plan=terms,
        policy=policy(replace(RULES, payment_reduction_rate=reduction)),
        benefits=Loaded(plans=(terms,), fees=fees),
        used=years,
        duplicate_lines=duplicates,
        late_lines=late,
        code_edits=edits,
    )
    answer = price(asked)
    assert answer.pends == ()
    assert answer == price(asked)
    adjudication = recorded(asked, answer)
    assert adjudication.shares == answer.shares
    for share in answer.shares:
        before = years.get(share.benefit_year, used())
        assert share.deductible <= max(terms.deductible - before.deductible, 0)
        assert share.out_of_pocket <= max(terms.out_of_pocket_max - before.out_of_pocket, 0)
    for one in answer.lines:
        assert one.denied or one.allowed <= one.charge or terms.fee_above_charge


@given(bills(), PLANS, FEE_TABLES)
def test_m15_the_coinsurance_of_a_claim_is_rounded_once(
    document: Any, terms: Any, fees: Any
) -> None:
    terms = replace(terms, out_of_pocket_max=money("99999999.00"), fee_above_charge=False)
    answer = price(question(document, plan=terms, benefits=Loaded(plans=(terms,), fees=fees)))
    exact = Decimal(0)
    stated = money("0.00")
    for one in answer.lines:
        if not one.denied and one.pricing_method != "ZERO_CHARGE":
            codes = {item.line_number: item for item in document.service_lines}
            fee = fees.get(codes[one.line_number].procedure.code, ("", "*"))
            given_reasons = {key: Decimal(value) for key, value in reasons(one).items()}
            base = one.allowed - given_reasons.get("PR-1", 0) - given_reasons.get("PR-3", 0)
            exact += base * terms.cost_share(fee[1]).coinsurance_rate
            stated += given_reasons.get("PR-2", money("0.00"))
    assert abs(stated - exact) <= Decimal("0.005")
