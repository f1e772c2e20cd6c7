"""What of a claim's worth is the patient's: M7, M13, M14 and M15."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from server.claims.benefits import CostShare, Unlisted
from server.claims.model import Share
from server.claims.pricing import Priced, price
from tests.server.claims.cast import TODAY
from tests.server.claims.documents import SERVICE_DAY, money
from tests.server.claims.rates import (
    FEES,
    LAST_YEAR,
    PLAN,
    YEAR,
    Loaded,
    ask,
    bill,
    line,
    only,
    plan,
    question,
    reasons,
    used,
)

ONE_DAY = timedelta(days=1)


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


def test_a_category_has_its_own_terms_those_of_all_others_or_none() -> None:
    own, other = CostShare(copay=money("20.00")), CostShare(copay=money("5.00"))
    terms = plan(cost_shares={"OFFICE": own, "*": other})
    assert (terms.cost_share("OFFICE"), terms.cost_share("SURGERY")) == (own, other)
    assert plan(cost_shares={"OFFICE": own}).cost_share("SURGERY") == CostShare()


@pytest.mark.parametrize("dated", [True, False])
def test_a_line_without_a_day_has_the_claims_first_or_that_of_receipt(dated: bool) -> None:
    undated = line(1, "120.00", "99214", service_from_date=None)
    lines = [undated, line(2, "80.00", service_from_date=LAST_YEAR)] if dated else [undated]
    answer = ask(bill(*lines))
    assert [one.benefit_year for one in answer.shares] == [LAST_YEAR.year if dated else TODAY.year]
