"""M14: what a person has used of deductible and out-of-pocket maximum, and who may use more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from server.claims import accumulators
from server.claims.accumulators import Key, available, change, shares, used_by
from server.claims.adjudication import plan_of, service_days
from server.claims.benefits import Coverage, Plan, Used
from server.claims.commands import AdjudicateClaim
from server.claims.document import ServiceLine
from server.claims.facts import Facts
from server.claims.model import AdjudicationLine, Claim, Share, State
from server.claims.refusals import Refusal, Refused
from server.claims.services import Service
from tests.server.claims.cast import (
    STRICT,
    TODAY,
    adjudicate,
    correct,
    decided,
    denied,
    finalize,
    issue,
    reopen,
    rework,
    submit,
    void,
    with_policy,
)
from tests.server.claims.documents import SERVICE_DAY, money, professional, service_line
from tests.server.claims.dsl import House, given, house, play
from tests.server.claims.pasts import ACCEPTED
from tests.server.claims.rates import POLICY, Loaded, plan

YEAR = SERVICE_DAY.year
KEY: Key = ("PLAN", YEAR)


def used(deductible: str, out_of_pocket: str | None = None) -> Used:
    return Used(
        deductible=money(deductible),
        out_of_pocket=money(deductible if out_of_pocket is None else out_of_pocket),
    )


def facts(so_far: Used | None = None, *plans: Plan) -> Facts:
    """Facts with a plan of 500.00 deductible and 4000.00 out of pocket."""
    loaded = Loaded(plans=plans or (plan(),))
    return Facts(
        POLICY, STRICT.codes, benefits=loaded, used={} if so_far is None else {KEY: so_far}
    )


def sharing(deductible: str, coinsurance: str = "0.00", **fields: Any) -> AdjudicateClaim:
    """A determination of 100.00 and 50.00 by which the patient bears so much of the first line."""
    parts = {"PR-1": deductible, "PR-2": coinsurance}
    paid = money("100.00") - money(deductible) - money(coinsurance)
    first = decided(
        1, "100.00", "100.00", str(paid), {code: one for code, one in parts.items() if money(one)}
    )
    return adjudicate(first, decided(2, "50.00", "50.00", "50.00"), **fields)


def with_share(deductible: str, coinsurance: str = "0.00", claim: Claim = ACCEPTED) -> Claim:
    return play(sharing(deductible, coinsurance), claim=claim, facts=facts())


def test_m14_a_claim_without_determination_uses_nothing() -> None:
    assert used_by(None) == used_by(ACCEPTED) == {}


def test_m14_a_determination_uses_the_patients_shares() -> None:
    claim = with_share("40.00", "15.00")
    assert claim.adjudication is not None
    assert claim.adjudication.shares == (
        Share(
            plan_id="PLAN",
            benefit_year=YEAR,
            deductible=money("40.00"),
            out_of_pocket=money("55.00"),
        ),
    )
    assert used_by(claim) == {KEY: used("40.00", "55.00")}
    assert used_by(play(finalize(), claim=claim)) == {KEY: used("40.00", "55.00")}


def test_m14_a_determination_that_is_withdrawn_uses_nothing() -> None:
    two_pairs = with_policy(
        facts(), tiers=(replace(STRICT.policy.tiers[1], basis_from=money("0.00")),)
    )
    claim = play(sharing("40.00"), claim=ACCEPTED, facts=two_pairs)
    assert claim.state is State.PENDING_APPROVAL
    assert used_by(claim) == {KEY: used("40.00")}
    assert used_by(play(rework(), claim=claim)) == {}


def test_m14_while_a_decision_is_made_anew_the_last_one_holds_its_share() -> None:
    approved = play(sharing("40.00"), finalize(), claim=ACCEPTED, facts=facts())
    again = play(issue(approved), reopen(), claim=approved)
    assert again.adjudication is None
    assert used_by(again) == {KEY: used("40.00")}


@pytest.mark.parametrize(
    ("before", "after", "held"),
    [
        (("40.00", "0.00"), ("10.00", "0.00"), ("40.00", "40.00")),
        (("10.00", "0.00"), ("40.00", "0.00"), ("40.00", "40.00")),
        (("40.00", "0.00"), ("10.00", "50.00"), ("40.00", "60.00")),
        (("10.00", "50.00"), ("40.00", "0.00"), ("40.00", "60.00")),
    ],
)
def test_m14_until_it_is_final_the_larger_of_two_determinations_is_held(
    before: tuple[str, str], after: tuple[str, str], held: tuple[str, str]
) -> None:
    first = play(sharing(*before), finalize(), claim=ACCEPTED, facts=facts())
    reopened = replace(first, state=State.ACCEPTED, adjudication=None)
    second = play(sharing(*after), claim=reopened, facts=facts())
    assert used_by(second) == {KEY: used(*held)}
    total = str(money(after[0]) + money(after[1]))
    assert used_by(play(finalize(), claim=second)) == {KEY: used(after[0], total)}


def test_m14_years_and_plans_that_only_one_of_two_determinations_uses_are_held_as_well() -> None:
    other = Share(plan_id="OTHER", benefit_year=YEAR, deductible=money("7.00"))
    claim = replace(with_share("40.00"), final_shares=(other,))
    assert used_by(claim) == {KEY: used("40.00"), ("OTHER", YEAR): used("7.00", "0.00")}


@pytest.mark.parametrize("state", [State.VOIDED, State.REPLACED, State.REJECTED])
def test_m14_a_claim_that_is_gone_uses_nothing(state: State) -> None:
    assert used_by(replace(with_share("40.00"), state=state)) == {}


def test_m14_what_changes_is_told_and_nothing_else() -> None:
    small, large = with_share("10.00"), with_share("40.00", "5.00")
    assert change(None, ACCEPTED) == {}
    assert change(ACCEPTED, small) == {KEY: used("10.00")}
    assert change(small, large) == {KEY: used("30.00", "35.00")}
    assert change(large, small) == {KEY: used("-30.00", "-35.00")}
    assert change(small, small) == {}
    assert change(small, play(void(), claim=small)) == {KEY: used("-10.00")}


def test_m14_a_new_determination_builds_on_what_others_use() -> None:
    claim = with_share("40.00")
    other: Key = ("OTHER", YEAR)
    assert available({KEY: used("100.00"), other: used("3.00")}, claim) == {
        KEY: used("60.00"),
        other: used("3.00"),
    }
    assert available({}, claim) == {KEY: used("-40.00")}


def determined(number: int, *, is_denied: bool = False, **amounts: str) -> AdjudicationLine:
    """Shares of a line: PR_1="40.00"."""
    codes = {name.replace("_", "-"): amount for name, amount in amounts.items()}
    return decided(number, "100.00", "100.00", "0.00", codes, denied=is_denied)


def service(number: int, day: date | None) -> Service:
    return Service(line_number=number, provider="P", from_date=day)


def shared(
    lines: list[AdjudicationLine],
    days: list[date | None],
    terms: Plan | None = None,
    adjustments: AdjudicationLine | None = None,
) -> list[tuple[int, str, str]]:
    found = shares(
        lines,
        adjustments.adjustments if adjustments else (),
        [service(number, day) for number, day in enumerate(days, 1)],
        terms or plan(),
        TODAY,
        ("1",),
    )
    assert {one.plan_id for one in found} <= {"PLAN"}
    return [(one.benefit_year, str(one.deductible), str(one.out_of_pocket)) for one in found]


LAST_YEAR, THIS_YEAR = date(2025, 12, 31), date(2026, 1, 1)


def test_m14_each_line_counts_in_the_benefit_year_of_its_day() -> None:
    lines = [determined(1, PR_1="40.00"), determined(2, PR_1="7.00", PR_2="5.00")]
    assert shared(lines, [THIS_YEAR, LAST_YEAR]) == [
        (2025, "7.00", "12.00"),
        (2026, "40.00", "40.00"),
    ]
    assert shared(lines, [THIS_YEAR, THIS_YEAR]) == [(2026, "47.00", "52.00")]


def test_m14_a_benefit_year_may_begin_in_another_month() -> None:
    line = [determined(1, PR_1="40.00")]
    from_july = plan(benefit_year_begins_month=7)
    assert shared(line, [date(2026, 6, 30)], from_july) == [(2025, "40.00", "40.00")]
    assert shared(line, [date(2026, 7, 1)], from_july) == [(2026, "40.00", "40.00")]


def test_m14_what_is_denied_counts_towards_no_limit() -> None:
    lines = [determined(1, PR_1="40.00"), determined(2, is_denied=True, PR_96="100.00")]
    for order in (lines, lines[::-1]):
        assert shared(order, [THIS_YEAR, THIS_YEAR]) == [(2026, "40.00", "40.00")]


def test_m14_only_the_patients_part_counts() -> None:
    lines = [determined(1, CO_1="40.00", CO_45="10.00", PR_3="5.00")]
    assert shared(lines, [THIS_YEAR]) == [(2026, "0.00", "5.00")]
    assert shared([determined(1, CO_45="10.00")], [THIS_YEAR]) == []


def test_m14_what_is_adjusted_on_the_claim_counts_in_the_year_of_its_first_day() -> None:
    on_claim = determined(0, PR_1="3.00", CO_45="9.00")
    lines = [determined(1, PR_1="40.00"), determined(2)]
    assert shared(lines, [THIS_YEAR, LAST_YEAR], adjustments=on_claim) == [
        (2025, "3.00", "3.00"),
        (2026, "40.00", "40.00"),
    ]
    assert shared(lines, [THIS_YEAR, THIS_YEAR], adjustments=on_claim) == [(2026, "43.00", "43.00")]


def test_m14_a_line_without_day_counts_as_of_the_claims_first_or_of_its_receipt() -> None:
    lines = [determined(1, PR_1="40.00"), determined(2, PR_1="7.00")]
    assert shared(lines, [None, LAST_YEAR]) == [(2025, "47.00", "47.00")]
    assert shared(lines, [None, None]) == [(TODAY.year, "47.00", "47.00")]


def test_m14_without_a_plan_nothing_is_used() -> None:
    assert shares([determined(1, PR_1="40.00")], (), [], None, TODAY, ("1",)) == ()
    claim = play(sharing("40.00"), claim=ACCEPTED)
    assert claim.adjudication is not None and claim.adjudication.shares == ()


@pytest.mark.parametrize(
    ("so_far", "refusal"),
    [
        (used("460.00"), None),
        (used("460.01"), Refusal.DEDUCTIBLE_EXCEEDED),
        (used("0.00", "3950.00"), None),
        (used("0.00", "3950.01"), Refusal.OUT_OF_POCKET_EXCEEDED),
    ],
)
def test_m14_a_person_states_no_more_than_the_plan_leaves(
    so_far: Used, refusal: Refusal | None
) -> None:
    story = given(ACCEPTED, facts=facts(so_far)).when(sharing("40.00", "10.00"))
    if refusal is None:
        assert story.decided()
    else:
        assert story.refuses(refusal).facts == {"benefit_year": str(YEAR)}


def test_m14_a_claims_own_share_stands_in_nobodys_way() -> None:
    claim = with_share("40.00")
    mine = facts(used("500.00"))
    assert given(claim, facts=mine).when(sharing("40.00")).decided()
    given(claim, facts=mine).when(sharing("40.01")).refuses(Refusal.DEDUCTIBLE_EXCEEDED)


def test_m14_a_share_that_shrinks_is_fine_even_beyond_the_limit() -> None:
    claim = with_share("40.00", "10.00")
    beyond = facts(used("900.00", "9000.00"))
    assert given(claim, facts=beyond).when(sharing("39.99", "10.00")).decided()
    assert given(claim, facts=beyond).when(sharing("40.00", "10.00")).decided()
    assert given(claim, facts=beyond).when(sharing("10.00", "40.00")).decided()
    given(claim, facts=beyond).when(sharing("40.00", "10.01")).refuses(
        Refusal.OUT_OF_POCKET_EXCEEDED
    )


def test_m14_limits_of_a_plan_that_is_not_loaded_any_more_bind_nobody() -> None:
    claim = with_share("40.00")
    for days in ([SERVICE_DAY], [LAST_YEAR], []):
        accumulators.require_within_limits({}, ACCEPTED, claim, Loaded(plans=()), days)
    small = Loaded(plans=(plan(deductible=money("39.99")),))
    accumulators.require_within_limits({}, ACCEPTED, claim, small, [LAST_YEAR])
    with pytest.raises(Refused):
        accumulators.require_within_limits({}, ACCEPTED, claim, small, [LAST_YEAR, SERVICE_DAY])


def test_m14_a_plan_without_terms_keeps_no_other_plans_limits_from_being_looked_at() -> None:
    claim = with_share("40.00")
    assert claim.adjudication is not None
    gone = Share(plan_id="GONE", benefit_year=YEAR, out_of_pocket=money("1.00"))
    both = replace(claim.adjudication, shares=(gone, *claim.adjudication.shares))
    small = Loaded(plans=(plan(deductible=money("39.99")),))
    with pytest.raises(Refused):
        accumulators.require_within_limits(
            {}, ACCEPTED, replace(claim, adjudication=both), small, [SERVICE_DAY]
        )


def dated(first: date, second: date) -> Claim:
    lines: tuple[ServiceLine, ...] = (
        service_line(1, "100.00", service_from_date=first),
        service_line(2, "50.00", service_from_date=second),
    )
    return play(submit(professional(service_lines=lines)))


def test_m14_each_benefit_year_has_the_terms_of_its_own_days() -> None:
    """A claim over the turn of the year uses the new year's larger deductible."""
    old, new = (
        plan(deductible=money("10.00")),
        plan(deductible=money("30.00"), effective_from=THIS_YEAR),
    )
    claim = dated(THIS_YEAR, LAST_YEAR)
    given(claim, facts=facts(None, old)).when(sharing("30.00")).refuses(Refusal.DEDUCTIBLE_EXCEEDED)
    assert given(claim, facts=facts(None, old, new)).when(sharing("30.00")).decided()
    given(claim, facts=facts(None, old, new)).when(sharing("30.01")).refuses(
        Refusal.DEDUCTIBLE_EXCEEDED
    )
    turned = dated(LAST_YEAR, THIS_YEAR)
    given(turned, facts=facts(None, old, new)).when(sharing("10.01")).refuses(
        Refusal.DEDUCTIBLE_EXCEEDED
    )


def test_m14_of_terms_that_change_within_a_year_the_more_generous_bind() -> None:
    old = plan(deductible=money("30.00"), out_of_pocket_max=money("30.00"))
    new = plan(
        deductible=money("10.00"),
        out_of_pocket_max=money("10.00"),
        effective_from=date(2026, 2, 1),
    )
    claim = dated(date(2026, 1, 31), date(2026, 2, 1))
    assert given(claim, facts=facts(None, old, new)).when(sharing("30.00")).decided()
    given(claim, facts=facts(None, old, new)).when(sharing("0.00", "30.01")).refuses(
        Refusal.OUT_OF_POCKET_EXCEEDED
    )


def test_m14_the_plan_is_that_of_the_claims_first_day() -> None:
    covered = (
        Coverage(plan_id="OTHER", from_date=date(2026, 1, 1), through_date=date(2026, 1, 31)),
        Coverage(plan_id="PLAN", from_date=date(2026, 2, 1)),
    )
    other = plan(plan_id="OTHER")
    both = replace(facts(None, plan(), other), coverages=covered)
    assert service_days(dated(date(2026, 2, 1), date(2026, 1, 31))) == [
        date(2026, 1, 31),
        date(2026, 2, 1),
    ]
    assert plan_of(dated(date(2026, 2, 1), date(2026, 1, 31)), both) == other
    assert plan_of(dated(date(2026, 2, 1), date(2026, 2, 2)), both) == plan()
    assert plan_of(dated(date(2025, 12, 31), date(2026, 2, 2)), both) is None
    assert plan_of(ACCEPTED, replace(both, coverages=())) is None
    assert plan_of(ACCEPTED, replace(both, coverages=None)) == plan()


def test_m14_a_claim_without_days_is_of_the_day_of_its_receipt() -> None:
    line = service_line(1, "150.00", service_from_date=None)
    document = replace(ACCEPTED.document, service_lines=(line,))
    undated = replace(ACCEPTED, document=document)
    assert service_days(undated) == [TODAY]
    stated = adjudicate(decided(1, "150.00", "150.00", "110.00", {"PR-1": "40.00"}))
    assert used_by(play(stated, claim=undated, facts=facts())) == {KEY: used("40.00")}


def person_used(lives: House, document: Any) -> dict[Key, Used]:
    return dict(lives.facts_for(submit(document, numbered=99)).used)


def billed(number: int, day: int) -> list[Any]:
    line = service_line(1, "100.00", service_from_date=date(2026, 2, day))
    about: dict[str, Any] = {"claim_id": submit(numbered=number).claim_id}
    return [
        submit(professional("100.00", service_lines=(line,)), numbered=number),
        adjudicate(decided(1, "100.00", "100.00", "60.00", {"PR-1": "40.00"}), **about),
        finalize(**about),
    ]


def test_m14_the_claims_of_a_person_share_one_deductible() -> None:
    small = facts(None, plan(deductible=money("100.00")))
    lives = house(*billed(1, 1), *billed(2, 2), facts=small)
    assert person_used(lives, professional()) == {KEY: used("80.00")}
    lives.after(billed(3, 3)[0]).refuses(billed(3, 3)[1], Refusal.DEDUCTIBLE_EXCEEDED)


@pytest.mark.parametrize("how", ["void", "replace"])
def test_m14_a_void_and_a_replacement_free_what_the_claim_has_used(how: str) -> None:
    small = facts(None, plan(deductible=money("100.00")))
    lives = house(*billed(1, 1), *billed(2, 2), facts=small)
    gone = void() if how == "void" else correct(lives.claim(1), number=9)
    after = lives.after(gone)
    assert person_used(after, professional()) == {KEY: used("40.00")}
    assert after.after(*billed(3, 3)).claim(3).state is State.APPROVED


def test_m14_a_denied_claim_uses_nothing() -> None:
    lines = (denied(1, "100.00", "PR-96"), denied(2, "50.00", "CO-97"))
    remarked = tuple(replace(one, remark_codes=("N130",)) for one in lines)
    claim = play(adjudicate(*remarked), finalize(), claim=ACCEPTED, facts=facts())
    assert claim.state is State.DENIED
    assert used_by(claim) == {}
    assert claim.adjudication is not None
    assert claim.adjudication.patient_responsibility == Decimal("100.00")
