"""Every price after another payer adds up, whatever was decided before: C5 and C6."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from server.claims.benefits import CostShare, Unlisted
from server.claims.document import ZERO, ClaimDocument
from server.claims.pricing import price
from tests.server.claims.prior_payers import after, effects, on_line, prior, told
from tests.server.claims.rates import RULES, YEAR, Loaded, plan, policy, question, recorded, used

CENTS = st.integers(0, 30_000)


def parts_of(draw: st.DrawFn, whole: int, count: int) -> list[int]:
    """Cut cents into parts."""
    cuts = sorted(draw(st.integers(0, whole)) for _ in range(count - 1))
    return [after - before for before, after in zip([0, *cuts], [*cuts, whole], strict=True)]


def stated(codes: Mapping[str, int]) -> dict[str, str]:
    return {code: str(Decimal(amount).scaleb(-2)) for code, amount in codes.items() if amount}


@st.composite
def second_bills(draw: st.DrawFn) -> ClaimDocument:
    """Balanced bills to a second payer: the first told by line, by claim, or by both."""
    charges = draw(st.lists(CENTS, min_size=1, max_size=4))
    by_line = draw(st.booleans())
    lines, paid_of_all, sums = [], 0, dict.fromkeys(("CO-45", "PR-100", "PR-1"), 0)
    on_claim = 0
    for number, charge in enumerate(charges, 1):
        paid, off, to_patient, left = parts_of(draw, charge, 4)
        amounts = {"CO-45": off, "PR-100": to_patient, "PR-1": left}
        paid_of_all += paid
        if by_line:
            # What the claim leaves to the patient was said to be paid on the line.
            moved = draw(st.integers(0, paid))
            on_claim += moved
            decision = on_line(str(Decimal(paid).scaleb(-2)), stated(amounts))
        else:
            sums = {code: sums[code] + amounts[code] for code in sums}
        text = str(Decimal(charge).scaleb(-2))
        decisions = (decision,) if by_line else ()
        lines.append(told(*decisions, number=number, charge=text))
    if by_line:
        first = prior(str(Decimal(paid_of_all - on_claim).scaleb(-2)), stated({"PR-2": on_claim}))
    else:
        first = prior(str(Decimal(paid_of_all).scaleb(-2)), stated(sums))
    return after(first, lines=tuple(lines))


MONEY = CENTS.map(lambda cents: Decimal(cents).scaleb(-2))
PLANS = st.builds(
    plan,
    deductible=MONEY,
    out_of_pocket_max=MONEY,
    copay_first=st.booleans(),
    fee_above_charge=st.booleans(),
    unlisted=st.sampled_from((Unlisted.DENY, Unlisted.PERCENT_OF_CHARGE)),
    cost_shares=st.fixed_dictionaries(
        {
            "*": st.builds(
                CostShare,
                copay=MONEY,
                coinsurance_rate=st.integers(0, 100).map(lambda one: Decimal(one) / 100),
                deductible_applies=st.booleans(),
            )
        }
    ),
)
FEE = st.one_of(st.none(), MONEY.map(str))


@given(second_bills(), PLANS, FEE, MONEY, st.sampled_from(("0", "0.02", "1")), st.booleans())
def test_c5_c6_every_price_after_another_payer_adds_up(
    document: ClaimDocument,
    terms: Any,
    fee: str | None,
    before: Decimal,
    reduction: str,
    late: bool,
) -> None:
    asked = question(
        document,
        plan=terms,
        benefits=Loaded(plans=(terms,), fees={} if fee is None else {"99214": (fee, "*")}),
        policy=policy(replace(RULES, payment_reduction_rate=Decimal(reduction))),
        used={YEAR: used(str(before), str(before))},
        late_lines=frozenset({1}) if late else frozenset(),
    )
    answer = price(asked)
    assert answer.pends == ()
    recorded(asked, answer)
    (first,) = document.prior_payers
    assert first.paid_amount is not None and document.total_charge is not None
    # C6, and C5: what the first payer did stands on our lines to the cent.
    assert answer.paid + first.paid_amount <= document.total_charge
    whole = [first.adjustments] + [
        one.adjustments for each in document.service_lines for one in each.prior_payer_lines
    ]
    left = sum(
        (one.amount for ones in whole for one in ones if one.reason_code in ("1", "2")), ZERO
    )
    effect = sum((Decimal(one) for one in effects(answer)), ZERO)
    assert effect == document.total_charge - left
    # The same claim to us alone would never be paid less.
    alone = replace(
        document,
        prior_payers=(),
        payer_sequence="P",
        service_lines=tuple(replace(one, prior_payer_lines=()) for one in document.service_lines),
    )
    assert answer.paid <= price(replace(asked, document=alone)).paid
