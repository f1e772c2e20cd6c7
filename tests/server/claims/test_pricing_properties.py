"""Every price adds up, whatever the plan, the fees and the bill: M1 to M15."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from server.claims.benefits import CostShare, Unlisted
from server.claims.pricing import price
from tests.server.claims.documents import SERVICE_DAY, money
from tests.server.claims.rates import (
    LAST_YEAR,
    RULES,
    SHARES,
    YEAR,
    Edits,
    Loaded,
    bill,
    limit,
    line,
    pair,
    plan,
    policy,
    question,
    reasons,
    recorded,
    used,
)

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
