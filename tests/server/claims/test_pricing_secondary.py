"""What is paid after other payers (C1-C6), and the published examples X1 to X3 of domain.md 5.1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.claims.benefits import CostShare, Unlisted
from server.claims.document import (
    ZERO,
    Adjustment,
    ClaimDocument,
    Payer,
    PriorPayer,
    PriorPayerLine,
    ServiceLine,
)
from server.claims.model import AdjudicationLine, Decision
from server.claims.pricing import Priced, price
from tests.server.claims.cast import adjusted, money
from tests.server.claims.rates import (
    FEES,
    RULES,
    YEAR,
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
    used,
)


def adjustments(stated: Mapping[str, str]) -> tuple[Adjustment, ...]:
    return tuple(adjusted(*one) for one in stated.items())


def prior(
    paid: str | None, stated: Mapping[str, str] | None = None, payer: str = "FIRST", **changes: Any
) -> PriorPayer:
    fields: dict[str, Any] = {
        "payer": Payer(payer_id=payer),
        "payer_sequence": "P",
        "paid_amount": None if paid is None else money(paid),
        "adjustments": adjustments(stated or {}),
    }
    return PriorPayer(**(fields | changes))


def on_line(
    paid: str | None, stated: Mapping[str, str] | None = None, payer: str = "FIRST"
) -> PriorPayerLine:
    return PriorPayerLine(
        payer_id=payer,
        paid_amount=None if paid is None else money(paid),
        adjustments=adjustments(stated or {}),
    )


def after(*priors: PriorPayer, lines: tuple[ServiceLine, ...], **changes: Any) -> ClaimDocument:
    return bill(*lines, **({"payer_sequence": "S", "prior_payers": priors} | changes))


def told(*decisions: PriorPayerLine, number: int = 1, charge: str = "500.00") -> ServiceLine:
    return line(number, charge, "99214", prior_payer_lines=decisions)


PRIMARY = {"PR-1": "75.00", "CO-45": "125.00"}


def paying(allowed: str, deductible: str = "0.00", **changes: Any) -> dict[str, Any]:
    """A plan that allows so much for 99214 and, after the deductible, pays it."""
    terms = plan(deductible=money(deductible), cost_shares={"*": CostShare()}, **changes)
    fees = {**FEES, "99214": (allowed, "*")}
    return {"plan": terms, "benefits": Loaded(plans=(terms,), fees=fees)}


def effects(answer: Priced) -> list[str]:
    return [reasons(one).get("OA-23", "0.00") for one in answer.lines]


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


# Lines and claim (C1 to C3)


def test_c3_each_line_has_its_own_effect_where_lines_are_told() -> None:
    lines = (
        told(on_line("80.00", {"CO-45": "20.00"}), charge="100.00"),
        told(on_line("0.00", {"PR-1": "60.00"}), number=2, charge="60.00"),
    )
    answer = ask(after(prior("80.00"), lines=lines), **paying("50.00"))
    assert [reasons(one) for one in answer.lines] == [{"OA-23": "100.00"}, {"CO-45": "10.00"}]
    assert [one.paid for one in answer.lines] == [ZERO, money("50.00")]


def test_c2_what_the_claim_adjusts_beyond_its_lines_is_spread_over_them() -> None:
    # The published example demo.cob.example3: paid 39.15 of lines 76.04, the rest the patient's.
    lines = (
        told(on_line("40.00", {"CO-42": "3.00"}), charge="43.00"),
        told(on_line("15.00"), number=2, charge="15.00"),
        told(on_line("21.04"), number=3, charge="21.04"),
    )
    document = after(prior("39.15", {"PR-1": "21.89", "PR-2": "15.00"}), lines=lines)
    answer = ask(document, **paying("100.00"))
    assert answer.pends == ()
    # 36.89 are left, by what each line was said to have: 43.00, 15.00 and 21.04 of 79.04.
    assert [str(one.paid) for one in answer.lines] == ["20.07", "7.00", "9.82"]
    assert answer.paid == money("36.89")
    assert effects(answer) == ["22.93", "8.00", "11.22"]


def test_c1_what_only_the_claim_tells_is_spread_by_charges() -> None:
    lines = tuple(told(number=number, charge="33.33") for number in (1, 2, 3))
    document = after(prior("50.00", {"PR-1": "49.99"}), lines=lines)
    answer = ask(document, **paying("100.00"))
    assert effects(answer) == ["16.67", "16.66", "16.67"]
    assert answer.paid == money("49.99")


def test_c1_a_line_that_charges_nothing_takes_nothing_of_it() -> None:
    lines = (told(charge="0.00"), told(number=2, charge="100.00"))
    answer = ask(after(prior("50.00", {"PR-1": "50.00"}), lines=lines), **paying("100.00"))
    assert effects(answer) == ["0.00", "50.00"]


def test_a_payer_may_decide_on_a_line_more_than_once() -> None:
    decisions = (on_line("30.00", {"CO-45": "20.00"}), on_line("20.00", {"PR-1": "30.00"}))
    answer = ask(
        after(prior("50.00"), lines=(told(*decisions, charge="100.00"),)), **paying("100.00")
    )
    assert answer.pends == ()
    assert effects(answer) == ["70.00"]


SECOND = prior("65.00", {"OA-23": "425.00", "CO-45": "10.00"}, "SECOND", payer_sequence="S")


@pytest.mark.parametrize("order", [1, -1])
def test_c5_a_third_payer_counts_the_first_one_once(order: int) -> None:
    left = prior("25.00", {"OA-23": "425.00", "PR-2": "50.00"}, "SECOND", payer_sequence="S")
    priors = [prior("300.00", PRIMARY), left][::order]
    answer = ask(after(*priors, lines=(told(),), payer_sequence="T"), **paying("365.00"))
    assert answer.pends == ()
    assert effects(answer) == ["450.00"]
    assert answer.paid == money("50.00")


def test_c5_when_the_second_paid_the_rest_nothing_is_left() -> None:
    document = after(prior("300.00", PRIMARY), SECOND, lines=(told(),), payer_sequence="T")
    answer = ask(document, **paying("365.00"))
    assert (answer.pends, answer.paid, effects(answer)) == ((), ZERO, ["500.00"])


def test_c5_a_payer_that_knew_of_no_other_adds_its_own() -> None:
    # It balances, and repeats nothing: 300 and 125 of the first, 40 and 10 of its own.
    own = prior("40.00", {"CO-45": "10.00", "PR-2": "450.00"}, "SECOND", payer_sequence="S")
    document = after(prior("300.00", PRIMARY), own, lines=(told(),), payer_sequence="T")
    assert effects(ask(document, **paying("365.00"))) == ["475.00"]


def test_c5_a_payer_that_repeats_more_than_is_known_knows_more() -> None:
    first = prior("300.00", {"CO-45": "100.00", "PR-1": "100.00"})
    second = prior("50.00", {"OA-23": "425.00", "PR-2": "25.00"}, "SECOND", payer_sequence="S")
    document = after(first, second, lines=(told(),), payer_sequence="T")
    assert effects(ask(document, **paying("365.00"))) == ["475.00"]


def test_c1_what_only_the_claim_tells_fills_what_others_left_of_its_lines() -> None:
    lines = (
        told(on_line("80.00", {"PR-1": "20.00"}), charge="100.00"),
        told(on_line("0.00", {"PR-1": "100.00"}), number=2, charge="100.00"),
    )
    second = prior("60.00", {"PR-2": "140.00"}, "SECOND", payer_sequence="S")
    document = after(prior("80.00"), second, lines=lines, payer_sequence="T")
    answer = ask(document, **paying("100.00"))
    assert (answer.pends, effects(answer)) == ((), ["90.00", "50.00"])


@pytest.mark.parametrize("place", ["", "U"])
def test_a_payer_of_an_unknown_place_has_decided_last(place: str) -> None:
    unknown = prior("25.00", {"OA-23": "425.00", "PR-2": "50.00"}, "OTHER", payer_sequence=place)
    document = after(unknown, prior("300.00", PRIMARY), lines=(told(),), payer_sequence="T")
    answer = ask(document, **paying("365.00"))
    assert (answer.pends, effects(answer)) == ((), ["450.00"])


def test_c5_a_payer_that_repeats_others_knows_on_which_lines() -> None:
    first = prior("60.00", {"PR-1": "40.00"})
    second = prior("0.00", None, "SECOND", payer_sequence="S")
    lines = (
        told(on_line("0.00", {"OA-23": "50.00"}, "SECOND"), charge="50.00"),
        told(
            on_line("0.00", {"OA-23": "10.00", "PR-1": "40.00"}, "SECOND"),
            number=2,
            charge="50.00",
        ),
    )
    document = after(first, second, lines=lines, payer_sequence="T")
    assert effects(ask(document, **paying("50.00"))) == ["50.00", "10.00"]


def test_c5_a_payer_that_repeats_less_than_is_known_knows_less() -> None:
    first = prior("60.00", {"PR-1": "40.00"})
    second = prior("0.00", None, "SECOND", payer_sequence="S")
    lines = (
        told(on_line("0.00", {"OA-23": "50.00"}, "SECOND"), charge="50.00"),
        told(
            on_line("0.00", {"OA-23": "9.99", "PR-1": "40.01"}, "SECOND"), number=2, charge="50.00"
        ),
    )
    document = after(first, second, lines=lines, payer_sequence="T")
    assert effects(ask(document, **paying("50.00"))) == ["30.00", "30.00"]


# What is not told, or makes no sense


@pytest.mark.parametrize("place", ["S", "T", "A", "H"])
def test_a_later_payer_without_earlier_decisions_waits_for_a_person(place: str) -> None:
    answer = ask(bill(line(1, "80.00"), payer_sequence=place))
    assert answer.pends == (("COB_REVIEW", "PRIOR_PAYER_MISSING"),)
    assert effects(answer) == ["0.00"]


@pytest.mark.parametrize("place", ["P", "U", ""])
def test_a_first_or_unknown_place_needs_none(place: str) -> None:
    assert ask(bill(line(1, "80.00"), payer_sequence=place)).pends == ()


def test_a_third_payer_needs_two_decisions() -> None:
    one = after(prior("300.00", PRIMARY), lines=(told(),), payer_sequence="T")
    answer = ask(one, **paying("65.00"))
    assert answer.pends == (("COB_REVIEW", "PRIOR_PAYER_MISSING"),)
    assert effects(answer) == ["425.00"]


def test_a_payer_that_tells_nothing_has_not_decided() -> None:
    document = after(prior(None), lines=(told(),), payer_sequence="")
    assert ask(document, **paying("65.00")).pends == (("COB_REVIEW", "PRIOR_PAYER_MISSING"),)


@pytest.mark.parametrize(
    "document",
    [
        after(prior("500.00"), lines=(told(),), payer_sequence=""),
        after(prior(None, {"PR-1": "500.00"}), lines=(told(),)),
        after(prior(None), lines=(told(on_line("0.00", {"PR-1": "500.00"})),)),
    ],
    ids=["paid", "adjusted", "lines"],
)
def test_a_payer_that_tells_anything_has_decided(document: ClaimDocument) -> None:
    assert ask(document, **paying("65.00")).pends == ()


def test_a_payer_may_be_told_of_by_lines_alone_but_a_person_looks() -> None:
    document = after(lines=(told(on_line("300.00", PRIMARY)),))
    answer = price(question(document, **paying("65.00")))
    assert answer.pends == (("COB_REVIEW", "PRIOR_PAYER_UNBALANCED"),)
    assert reasons(only(answer)) == {"CO-45": "10.00", "OA-23": "425.00"}


def test_a_payer_that_is_told_of_by_several_lines_alone_is_one() -> None:
    lines = (
        told(on_line("60.00", {"PR-1": "40.00"}), charge="100.00"),
        told(on_line("30.00", {"PR-1": "20.00"}), number=2, charge="50.00"),
    )
    assert effects(price(question(after(lines=lines), **paying("65.00")))) == ["60.00", "30.00"]


def test_a_payer_without_a_number_is_that_of_lines_without_one() -> None:
    nameless = replace(prior("300.00"), payer=None)
    document = after(nameless, lines=(told(on_line("300.00", PRIMARY, "")),))
    answer = price(question(document, **paying("65.00")))
    assert answer.pends == (("COB_REVIEW", "PRIOR_PAYER_UNBALANCED"),)
    assert effects(answer) == ["425.00"]


def test_c2_the_payment_of_a_claim_follows_from_its_lines_when_it_is_not_told() -> None:
    lines = (told(on_line("80.00", {"CO-45": "20.00"}), charge="100.00"),)
    document = after(prior(None, {"PR-1": "30.00"}), lines=lines)
    assert effects(price(question(document, **paying("100.00")))) == ["70.00"]


UNBALANCED: dict[str, tuple[ClaimDocument, str]] = {
    "c1": (after(prior("300.00", {"PR-1": "75.00"}), lines=(told(),)), "300.00"),
    "c2": (
        after(prior("290.00", {"CO-A2": "10.01"}), lines=(told(on_line("300.00", PRIMARY)),)),
        "425.01",
    ),
    "c3": (after(prior("300.00"), lines=(told(on_line("300.00", {"CO-45": "125.00"})),)), "425.00"),
    "more than the charge": (after(prior("500.01"), lines=(told(),)), "500.00"),
    "less than nothing": (
        after(prior("0.00", {"CO-94": "-0.01", "PR-1": "500.01"}), lines=(told(),)),
        "0.00",
    ),
    "a line beyond its charge": (
        after(
            prior("100.00"), lines=(told(on_line("100.00", {"CO-45": "401.00", "PR-1": "-1.00"})),)
        ),
        "500.00",
    ),
    "a fraction of a cent": (
        after(prior("100.005", {"PR-1": "399.995"}), lines=(told(),)),
        "100.01",
    ),
}


@pytest.mark.parametrize("case", UNBALANCED, ids=lambda case: case.replace(" ", "_"))
def test_c1_c2_c3_decisions_that_make_no_sense_wait_for_a_person(case: str) -> None:
    document, effect = UNBALANCED[case]
    asked = question(document, **paying("65.00"))
    answer = price(asked)
    assert answer.pends == (("COB_REVIEW", "PRIOR_PAYER_UNBALANCED"),)
    assert effects(answer) == [effect]
    # Who has looked and lets it stand gets the nearest that does.
    looked = replace(asked, resolved_pends=frozenset({"COB_REVIEW"}))
    assert price(looked).pends == ()
    recorded(looked, price(looked))


def test_who_has_looked_may_let_a_claim_be_priced_as_a_first_one() -> None:
    asked = question(
        bill(line(1, "80.00"), payer_sequence="S"), resolved_pends=frozenset({"COB_REVIEW"})
    )
    assert (price(asked).pends, price(asked).paid) == ((), money("80.00"))


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


# Properties

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
