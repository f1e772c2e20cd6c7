"""What the rules deny by themselves, and what they leave to a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from server.claims.benefits import CostShare, Unlisted
from server.claims.codes import GROUP_CODES
from server.claims.document import ZERO
from server.claims.policy import Policy
from server.claims.pricing import price
from server.claims.pricing_rules import DENIALS, PENDS
from server.claims.services import services_of
from tests.server.claims.cast import TODAY, shipped
from tests.server.claims.documents import SERVICE_DAY, money
from tests.server.claims.rates import (
    LAST_YEAR,
    OPEN,
    PLAN,
    POLICY,
    RULES,
    Edits,
    Loaded,
    ask,
    bill,
    covered,
    limit,
    line,
    only,
    pair,
    plan,
    policy,
    question,
    reasons,
)

ONE_DAY = timedelta(days=1)


# Rules that deny, in their order


def test_m10_e10_an_exact_duplicate_is_denied_at_its_whole_charge() -> None:
    answer = ask(bill(line(1, "100.00"), line(2, "90.00")), duplicate_lines=frozenset({2}))
    found = answer.lines[1]
    assert (found.denied, found.allowed, found.paid) == (True, ZERO, ZERO)
    assert reasons(found) == {"OA-18": "90.00"}
    assert (found.edit_ids, found.pricing_method) == (("E10",), "DENIED")
    assert (found.units_paid, found.fee_schedule_reference) == (ZERO, "")
    assert answer.lines[0].denied is False
    assert answer.paid == money("80.00")


def test_k5_a_late_line_is_denied() -> None:
    found = only(ask(bill(line(1, "100.00")), late_lines=frozenset({1})))
    assert (reasons(found), found.edit_ids) == ({"CO-29": "100.00"}, ("K5",))


def test_m11_a_denial_brings_the_remarks_that_its_reason_demands() -> None:
    found = only(price(question(bill(line(1, "100.00", "15780")))))
    assert reasons(found) == {"PR-96": "100.00"}
    assert (found.remark_codes, found.edit_ids) == (("N130", "N30"), ("NOT_COVERED",))


def test_an_authorization_is_asked_for_by_category() -> None:
    without = bill(line(1, "300.00", "70551"))
    assert reasons(only(ask(without))) == {"CO-197": "300.00"}
    assert only(ask(without)).edit_ids == ("AUTHORIZATION",)
    assert only(ask(replace(without, prior_authorization_number="A1"))).paid == money("300.00")


def test_what_the_patient_owes_of_a_denied_line_counts_towards_no_limit() -> None:
    answer = price(question(bill(line(1, "120.00", "99214"), line(2, "9000.00", "15780"))))
    assert answer.patient_responsibility == money("9120.00")
    (share,) = answer.shares
    assert (share.deductible, share.out_of_pocket) == (money("120.00"), money("120.00"))


@pytest.mark.parametrize(
    ("first", "last", "rule"),
    [
        (SERVICE_DAY, None, ""),
        (SERVICE_DAY, SERVICE_DAY, ""),
        (SERVICE_DAY + ONE_DAY, None, "COVERAGE_BEFORE"),
        (None, SERVICE_DAY, ""),
        (None, SERVICE_DAY - ONE_DAY, "COVERAGE_AFTER"),
    ],
)
def test_coverage_includes_its_first_and_last_day(
    first: date | None, last: date | None, rule: str
) -> None:
    found = only(price(question(bill(line(1, "100.00")), coverage=(covered(first, last),))))
    assert found.edit_ids == ((rule,) if rule else ("FEE_SCHEDULE",))


def test_coverage_before_after_and_without_have_reasons_of_their_own() -> None:
    spans = (covered(SERVICE_DAY, SERVICE_DAY),)
    days = (SERVICE_DAY - ONE_DAY, SERVICE_DAY, SERVICE_DAY + ONE_DAY)
    lines = [line(n, "80.00", service_from_date=day) for n, day in enumerate(days, 1)]
    answer = price(question(bill(*lines), coverage=spans))
    assert [reasons(one) for one in answer.lines] == [
        {"PR-26": "80.00"},
        {},
        {"PR-27": "80.00"},
    ]
    assert answer.pends == ()
    nobody = price(question(bill(*lines), coverage=()))
    assert [reasons(one) for one in nobody.lines] == [{"PR-31": "80.00"}] * 3
    assert nobody.pends == ()


def test_coverage_a_day_between_two_spans_comes_after_the_first() -> None:
    spans = (
        covered(SERVICE_DAY + ONE_DAY, None),
        covered(None, SERVICE_DAY - ONE_DAY),
    )
    assert only(price(question(bill(line(1, "80.00")), coverage=spans))).edit_ids == (
        "COVERAGE_AFTER",
    )


def test_coverage_outside_every_span_needs_no_plan() -> None:
    answer = price(
        question(bill(line(1, "80.00")), plan=None, coverage=(covered(LAST_YEAR, LAST_YEAR),))
    )
    assert only(answer).edit_ids == ("COVERAGE_AFTER",)
    assert answer.pends == ()


def test_coverage_of_one_day_may_be_told_twice() -> None:
    spans = (covered(plan_id="OTHER"), covered())
    assert only(ask(bill(line(1, "80.00")), coverage=spans)).denied is False


ORDER: dict[str, dict[str, Any]] = {
    "E10": {"duplicate_lines": frozenset({1})},
    "K5": {"late_lines": frozenset({1})},
    "NO_COVERAGE": {"coverage": ()},
    "PTP:99213/15780": {"code_edits": Edits((pair("99213", "15780"),))},
    "NOT_COVERED": {},
}


@pytest.mark.parametrize("place", range(len(ORDER)), ids=lambda place: list(ORDER)[place])
def test_the_first_rule_that_speaks_against_a_line_decides(place: int) -> None:
    changes: dict[str, Any] = {}
    for one in list(ORDER.values())[place:]:
        changes |= one
    answer = price(question(bill(line(1, "100.00", "15780"), line(2, "80.00")), **changes))
    assert answer.lines[0].edit_ids == (list(ORDER)[place],)


def test_an_uncovered_service_is_asked_for_no_authorization() -> None:
    neither = plan(cost_shares={"*": CostShare(covered=False, authorization_required=True)})
    found = only(price(question(bill(line(1, "80.00", "J7050")), plan=neither)))
    assert found.edit_ids == ("NOT_COVERED",)


def test_an_unauthorized_service_is_asked_for_no_price() -> None:
    strict = plan(cost_shares={"*": CostShare(authorization_required=True)})
    answer = ask(bill(line(1, "80.00", "J7050")), plan=strict)
    assert (only(answer).edit_ids, answer.pends) == (("AUTHORIZATION",), ())


# Code edits within a price


def test_ptp_mue_edits_deny_with_reasons_of_their_own() -> None:
    edits = Edits((pair("99213", "99214"),), (limit("99215", "1", 2),))
    answer = ask(
        bill(
            line(1, "80.00"),
            line(2, "120.00", "99214"),
            line(3, "200.00", "99215", units=Decimal(2)),
        ),
        code_edits=edits,
    )
    assert [reasons(one) for one in answer.lines] == [{}, {"CO-97": "120.00"}, {"CO-151": "200.00"}]
    assert [one.edit_ids for one in answer.lines[1:]] == [("PTP:99213/99214",), ("MUE:99215",)]
    assert answer.provenance.code_edits_version == 5


def test_ptp_what_is_denied_before_takes_nothing_away() -> None:
    edits = Edits((pair("99213", "99214"),))
    lines = bill(line(1, "80.00"), line(2, "120.00", "99214"))
    assert ask(lines, code_edits=edits, late_lines=frozenset({1})).lines[1].denied is False


def test_ptp_mue_other_claims_modifiers_and_documents_are_taken_into_account() -> None:
    edits = Edits((pair("99213", "99214", 1),), (limit("99214", "1", 3),))
    lines = bill(line(1, "120.00", "99214"))
    (own,) = services_of(lines)
    earlier = replace(own, procedure_code="99213", units=Decimal(1))
    assert only(ask(lines, code_edits=edits, services=(earlier,))).denied is True
    apart = replace(earlier, modifiers=("XS",))
    assert only(ask(lines, code_edits=edits, services=(apart,))).denied is False
    two = bill(line(1, "120.00", "99214", units=Decimal(2)))
    assert only(ask(two, code_edits=edits)).denied is True
    assert only(ask(two, code_edits=edits, documented=True)).denied is False


# What a person must look at


def test_no_plan_asks_for_a_look_at_eligibility() -> None:
    answer = ask(bill(line(1, "80.00")), plan=None)
    assert answer.pends == (("ELIGIBILITY", "NO_PLAN"),)
    assert (answer.provenance.plan_id, answer.provenance.plan_version) == ("", 0)
    assert answer.shares == ()


def test_a_day_before_the_plans_terms_asks_as_well() -> None:
    young = plan(effective_from=SERVICE_DAY)
    lines = bill(line(1, "80.00"), line(2, "80.00", service_from_date=SERVICE_DAY - ONE_DAY))
    assert ask(bill(line(1, "80.00")), plan=young).pends == ()
    answer = ask(lines, plan=young)
    assert answer.pends == (("ELIGIBILITY", "NO_PLAN"),)
    assert [one.edit_ids for one in answer.lines] == [("FEE_SCHEDULE",), ("NO_COVERAGE",)]


def test_coverage_by_a_plan_without_terms_asks_as_well() -> None:
    answer = ask(bill(line(1, "80.00")), plan=None, coverage=(covered(plan_id="UNKNOWN"),))
    assert answer.pends == (("ELIGIBILITY", "NO_PLAN"),)


@pytest.mark.parametrize(
    ("spans", "rule"),
    [
        ((covered(None, LAST_YEAR), covered(LAST_YEAR + ONE_DAY, None, "OTHER")), "COVERAGE_AFTER"),
        ((covered(TODAY, None), covered(None, LAST_YEAR, "OTHER")), "COVERAGE_BEFORE"),
    ],
)
def test_a_change_of_plans_within_a_claim_asks_for_a_look_at_eligibility(
    spans: tuple[Any, ...], rule: str
) -> None:
    days = (LAST_YEAR, LAST_YEAR + ONE_DAY)
    day = days[1] if rule == "COVERAGE_AFTER" else days[0]
    lines = bill(line(1, "80.00", service_from_date=day))
    answer = ask(lines, coverage=spans)
    assert answer.pends == (("ELIGIBILITY", "PLAN_CHANGES"),)
    looked = price(question(lines, coverage=spans, resolved_pends=frozenset({"ELIGIBILITY"})))
    assert (looked.pends, only(looked).edit_ids) == ((), (rule,))


@pytest.mark.parametrize(("charge", "pended"), [("80.00", False), ("80.01", True)])
def test_a_charge_above_the_limit_asks_for_a_supervisors_look(charge: str, pended: bool) -> None:
    careful = policy(replace(RULES, charge_max=money("80.00")))
    expected = (("HIGH_DOLLAR", "CHARGE_MAX"),) if pended else ()
    assert ask(bill(line(1, charge)), policy=careful).pends == expected
    stated = bill(line(1, "10.00"), total_charge=money(charge))
    assert ask(stated, policy=careful).pends == expected


def test_the_charge_of_all_lines_counts_towards_the_limit() -> None:
    careful = policy(replace(RULES, charge_max=money("80.00")))
    lines = bill(line(1, "40.00"), line(2, "40.01"), total_charge=None)
    assert ask(lines, policy=careful).pends == (("HIGH_DOLLAR", "CHARGE_MAX"),)


def test_several_pends_are_told_each_once_in_order() -> None:
    careful = policy(replace(RULES, charge_max=money("1.00")))
    lines = bill(line(1, "80.00", "J7050"), line(2, "80.00", "J1885"), payer_sequence="S")
    assert ask(lines, policy=careful).pends == (
        ("COB_REVIEW", "PRIOR_PAYER_MISSING"),
        ("HIGH_DOLLAR", "CHARGE_MAX"),
        ("PRICING", "NO_FEE"),
    )


def test_the_first_rule_of_a_pend_is_told() -> None:
    answer = ask(bill(line(1, "80.00", "J7050"), line(1, "80.00")))
    assert answer.pends == (("PRICING", "UNUSABLE"),)


def reattaching(code: str) -> Policy:
    reason = replace(POLICY.pend_reasons[code], reattach=True)
    return replace(POLICY, pend_reasons={**POLICY.pend_reasons, code: reason})


@pytest.mark.parametrize(
    ("code", "rule", "after"),
    [("PRICING", "NO_FEE", "NO_FEE"), ("ELIGIBILITY", "NO_PLAN", "NO_COVERAGE")],
)
def test_a_resolved_pend_is_raised_again_only_where_it_reattaches(
    code: str, rule: str, after: str
) -> None:
    lines = bill(line(1, "80.00", "J7050"))
    changes: dict[str, Any] = {"plan": PLAN if rule == "NO_FEE" else None}
    changes["resolved_pends"] = frozenset({code})
    kept = replace(POLICY.pend_reasons[code], reattach=False)
    quiet = replace(POLICY, pend_reasons={**POLICY.pend_reasons, code: kept})
    looked = price(question(lines, policy=quiet, **changes))
    assert looked.pends == ()
    assert only(looked).edit_ids == (after,)
    again = price(question(lines, policy=reattaching(code), **changes))
    assert again.pends == ((code, rule),)


def test_a_resolved_pend_that_the_policy_has_forgotten_is_not_raised_again() -> None:
    forgetful = replace(POLICY, pend_reasons={})
    lines = bill(line(1, "80.00", "J7050"))
    looked = question(lines, policy=forgetful, resolved_pends=frozenset({"PRICING"}))
    assert price(looked).pends == ()
    assert price(replace(looked, resolved_pends=frozenset({"ELIGIBILITY"}))).pends == (
        ("PRICING", "NO_FEE"),
    )


UNUSABLE = {
    "no lines": bill(),
    "a number twice": bill(line(1, "80.00"), line(1, "80.00")),
    "a negative charge": bill(line(1, "-0.01")),
    "a fraction of a cent": bill(line(1, "80.001")),
    "too large": bill(line(1, "100000000.00")),
    "no units": bill(line(1, "80.00", units=Decimal(0))),
    "negative units": bill(line(1, "80.00", units=Decimal(-1))),
}


@pytest.mark.parametrize("case", UNUSABLE, ids=lambda case: case.replace(" ", "_"))
def test_m1_m2_e13_numbers_that_make_no_determination_are_always_pended(case: str) -> None:
    rich = policy(replace(RULES, charge_max=money("999999999.00")))
    for settled in (frozenset[str](), frozenset({"PRICING"})):
        answer = price(question(UNUSABLE[case], policy=rich, resolved_pends=settled))
        assert answer.pends == (("PRICING", "UNUSABLE"),)
        assert (answer.lines, answer.paid, answer.patient_responsibility) == ((), ZERO, ZERO)
        assert answer.provenance.plan_id == "PLAN"


def test_m1_the_largest_amount_can_still_be_determined() -> None:
    rich = policy(replace(RULES, charge_max=money("999999999.00")))
    largest = line(1, "99999999.99", "J7050")
    answer = ask(bill(largest), plan=replace(OPEN, unlisted_rate=Decimal(1)), policy=rich)
    assert answer.pends == ()
    two = bill(largest, line(2, "99999999.99", "J7050"))
    over = price(question(two, plan=replace(OPEN, unlisted_rate=Decimal(1)), policy=rich))
    assert (over.pends, over.lines) == ((("PRICING", "UNUSABLE"),), ())
    assert over.provenance.plan_id == "PLAN"
    denied = replace(OPEN, unlisted=Unlisted.DENY)
    assert ask(two, plan=denied, policy=rich).pends == ()


def test_m1_patient_responsibility_and_allowed_have_to_fit_as_well() -> None:
    rich = policy(replace(RULES, charge_max=money("999999999.00")))
    poor = replace(OPEN, cost_shares={"*": CostShare(covered=False)})
    two = bill(line(1, "99999999.99", "J7050"), line(2, "0.01", "J7050"))
    assert price(question(two, plan=poor, policy=rich)).pends == (("PRICING", "UNUSABLE"),)
    case_rate = plan(
        fee_above_charge=True,
        deductible=money("99999999.99"),
        out_of_pocket_max=money("99999999.99"),
    )
    benefits = Loaded(plans=(case_rate,), fees={"99214": ("99999999.99", "*")})
    asked = question(
        bill(line(1, "0.01", "99214", units=Decimal("1.001"))), plan=case_rate, benefits=benefits
    )
    assert price(asked).pends == (("PRICING", "UNUSABLE"),)


# Rules of the policy


@pytest.mark.parametrize("rule", sorted(DENIALS))
def test_every_denial_has_a_reason(rule: str) -> None:
    some = {name: one for name, one in RULES.denials.items() if name != rule}
    with pytest.raises(ValueError, match=f"no answer for {rule}$"):
        replace(RULES, denials=some)


@pytest.mark.parametrize("rule", sorted(PENDS))
def test_every_question_has_a_pend(rule: str) -> None:
    some = {name: one for name, one in RULES.pends.items() if name != rule}
    with pytest.raises(ValueError, match=f"no answer for {rule}$"):
        replace(RULES, pends=some)


def test_all_that_is_missing_is_told() -> None:
    fewer = {name: one for name, one in RULES.denials.items() if name not in ("E10", "K5")}
    with pytest.raises(ValueError, match=r"^no answer for E10, K5, NO_FEE$"):
        replace(
            RULES,
            denials=fewer,
            pends={name: one for name, one in RULES.pends.items() if name != "NO_FEE"},
        )


@pytest.mark.parametrize("rate", ["-0.01", "1.01"])
def test_a_payment_is_reduced_by_a_rate(rate: str) -> None:
    with pytest.raises(ValueError, match=r"^a payment is reduced by a rate between 0 and 1$"):
        replace(RULES, payment_reduction_rate=Decimal(rate))


@pytest.mark.parametrize("rate", ["0", "1"])
def test_a_payment_may_be_reduced_to_nothing_or_not_at_all(rate: str) -> None:
    whole = policy(replace(RULES, payment_reduction_rate=Decimal(rate)))
    assert ask(bill(line(1, "80.00")), policy=whole).paid == (1 - int(rate)) * money("80.00")


def test_m14_the_deductibles_reason_is_what_uses_it_up() -> None:
    assert RULES.deductible_codes == ("1",)


@pytest.mark.parametrize("name", ["strict", "sandbox"])
def test_m11_m12_the_shipped_policies_have_reasons_and_pends_that_stand(name: str) -> None:
    policy = shipped(name)
    rules = policy.pricing
    assert set(rules.pends.values()) <= set(policy.pend_reasons)
    for reason in rules.denials.values():
        assert reason.group_code in policy.reason_groups.get(reason.reason_code, GROUP_CODES)
        assert reason.remark_codes or reason.reason_code not in policy.remark_required
        assert reason.reason_code not in policy.medical_necessity
    for share in (rules.deductible, rules.coinsurance, rules.copay):
        assert share.reason_code in policy.patient_shares
    assert rules.write_off.reason_code in policy.contractual
    assert rules.above_charge.reason_code in policy.above_charge
    assert rules.prior_payer.reason_code in policy.prior_payer
    assert rules.payment_reduction.reason_code in policy.payment_reductions
