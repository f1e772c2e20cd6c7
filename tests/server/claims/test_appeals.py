"""Which decisions may be appealed, until when and from which amount: W13 and X13."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from server.claims.appeals import in_controversy
from server.claims.events import AppealEscalated, AppealFiled
from server.claims.model import Appeal, AppealStatus, Claim
from server.claims.refusals import Refusal
from tests.server.claims.appealed import APPEALED, FIRST_UPHELD, UPHELD, filed
from tests.server.claims.cast import (
    AXEL,
    FIRST_APPEAL,
    MAX,
    NOW,
    ONE_DAY,
    SECOND_APPEAL,
    STRICT,
    TODAY,
    Who,
    adjudicate,
    decide_appeal,
    decided,
    denied,
    dismiss,
    file_appeal,
    finalize,
    issue,
    reopen,
    submit,
    with_policy,
    withdraw,
)
from tests.server.claims.documents import money, professional
from tests.server.claims.dsl import given, play
from tests.server.claims.pasts import ACCEPTED, CLOSED, DENIED, PAID

THIRD_APPEAL = UUID(int=0xA3)
LARGE = play(submit(professional("2000.00")), adjudicate(denied(1, "2000.00", "CO-97")), finalize())


def large_at(level: int, facts: Any = STRICT) -> Claim:
    """A denial of 2000.00 that was upheld at all levels below this one, by one person each."""
    claim = LARGE
    for below in range(1, level):
        appeal = UUID(int=0xA0 + below)
        claim = play(
            file_appeal(below, appeal),
            decide_appeal(UPHELD, appeal, Who(f"analyst {below}", "APPEALS_ANALYST")),
            claim=claim,
            facts=facts,
        )
    return claim


def test_w13_an_appeal_tells_what_is_in_dispute_and_until_when_it_is_to_be_decided() -> None:
    assert filed(DENIED) == Appeal(
        appeal_id=FIRST_APPEAL,
        level=1,
        adjudication_number=1,
        line_numbers=(1, 2),
        amount_in_controversy=money("150.00"),
        filed_by="clara",
        filed_at=NOW,
        due_date=TODAY + timedelta(days=60),
    )


@pytest.mark.parametrize("claim", [DENIED, PAID, CLOSED], ids=lambda claim: claim.state)
def test_w13_an_appeal_leaves_the_state_as_it_is(claim: Claim) -> None:
    after = play(file_appeal(), claim=claim)
    assert after.state is claim.state
    assert after.open_appeals == after.appeals != ()


def test_w13_some_lines_may_be_appealed() -> None:
    appeal = filed(DENIED, line_numbers=(2,))
    assert (appeal.line_numbers, str(appeal.amount_in_controversy)) == ((2,), "50.00")
    assert filed(DENIED, line_numbers=(2, 1)).line_numbers == (1, 2)


def test_w13_what_the_patient_owes_is_not_in_controversy() -> None:
    line = decided(
        1,
        "100.00",
        "90.00",
        "50.00",
        {"CO-45": "10.00", "PR-1": "20.00", "PR-2": "15.00", "PR-3": "5.00"},
    )
    assert str(in_controversy([line], STRICT.policy)) == "10.00"
    other = decided(2, "50.00", "0.00", "0.00", {"PR-96": "50.00"}, denied=True)
    assert str(in_controversy([line, other], STRICT.policy)) == "60.00"


def test_w13_a_member_appeals_their_own_claim() -> None:
    assert filed(DENIED, who=MAX, member_number="M-1").filed_by == "max"


@pytest.mark.parametrize(
    ("code", "appealable"), [("CO-29", False), ("CO-97", True), ("CO-45", True)]
)
def test_w13_a_denial_for_late_filing_carries_no_appeal_right(code: str, appealable: bool) -> None:
    lines = (denied(1, "100.00", code), denied(2, "50.00", "CO-29"))
    story = given(play(adjudicate(*lines), finalize(), claim=ACCEPTED)).when(file_appeal())
    if appealable:
        assert story.decided()
    else:
        story.refuses(Refusal.DECISION_NOT_APPEALABLE)


def test_w13_a_line_that_is_not_denied_is_appealable_whatever_it_says() -> None:
    cut = decided(1, "100.00", "90.00", "90.00", {"CO-29": "10.00"})
    paid = play(adjudicate(cut, denied(2, "50.00")), finalize(), issue(ACCEPTED), claim=ACCEPTED)
    assert filed(paid).line_numbers == (1, 2)


def test_w13_which_denials_carry_no_appeal_right_is_policy() -> None:
    facts = with_policy(not_appealable=("97",))
    given(DENIED, facts=facts).when(file_appeal()).refuses(Refusal.DECISION_NOT_APPEALABLE)


@pytest.mark.parametrize(
    ("decision_day", "deadline"),
    [(date(2026, 5, 15), date(2026, 9, 17)), (date(2026, 8, 15), date(2026, 12, 18))],
)
def test_w13_x13_an_appeal_is_in_time_through_the_printed_deadline(
    decision_day: date, deadline: date
) -> None:
    moment = datetime.combine(decision_day, NOW.time(), UTC)
    claim = play(
        adjudicate(denied(1, "100.00", "CO-97"), denied(2, "50.00", "CO-97")),
        finalize(now=moment),
        claim=ACCEPTED,
    )
    last = datetime(deadline.year, deadline.month, deadline.day, 23, 59, tzinfo=UTC)
    assert filed(claim, now=last)
    refused = (
        given(claim).when(file_appeal(now=last + ONE_DAY)).refuses(Refusal.APPEAL_DEADLINE_PASSED)
    )
    assert refused.facts == {"deadline": deadline.isoformat()}


def test_w13_the_time_for_the_second_level_counts_from_the_first_ones_decision() -> None:
    decided_on = NOW + timedelta(days=40)
    upheld = play(decide_appeal(now=decided_on), claim=APPEALED)
    last = decided_on + timedelta(days=185)
    assert filed(upheld, level=2, now=last)
    given(upheld).when(file_appeal(2, now=last + ONE_DAY)).refuses(Refusal.APPEAL_DEADLINE_PASSED)


def test_w13_the_days_that_count_are_those_of_utc() -> None:
    late = datetime.fromisoformat("2026-03-02T23:30:00-05:00")  # the 3rd in UTC
    claim = play(
        adjudicate(denied(1, "100.00", "CO-97"), denied(2, "50.00", "CO-97")),
        finalize(now=late),
        claim=ACCEPTED,
    )
    assert filed(claim, now=datetime(2026, 7, 6, tzinfo=UTC))
    given(claim).when(file_appeal(now=datetime(2026, 7, 7, tzinfo=UTC))).refuses(
        Refusal.APPEAL_DEADLINE_PASSED
    )


@pytest.mark.parametrize("cause", STRICT.policy.good_causes)
def test_w13_a_good_cause_lets_a_late_appeal_in_and_is_remembered(cause: str) -> None:
    late = NOW + timedelta(days=300)
    appeal = filed(DENIED, now=late, good_cause_code=cause)
    assert (appeal.good_cause_code, appeal.filed_at) == (cause, late)
    assert appeal.due_date == late.date() + timedelta(days=60)


@pytest.mark.parametrize(("level", "days"), [(1, 60), (2, 60), (3, 90), (4, 90)])
def test_w13_each_level_is_to_be_decided_in_its_time(level: int, days: int) -> None:
    appeal = filed(large_at(level), level=level, appeal_id=UUID(int=0xAF))
    assert appeal.level == level
    assert appeal.due_date == TODAY + timedelta(days=days)


def test_w13_nothing_binds_the_court() -> None:
    assert filed(large_at(5), level=5, appeal_id=UUID(int=0xAF)).due_date == date.max


def test_w13_there_is_no_level_beyond_the_policys() -> None:
    above = play(
        file_appeal(5, UUID(int=0xA5)),
        decide_appeal(UPHELD, UUID(int=0xA5), Who("judge", "APPEALS_ANALYST")),
        claim=large_at(5),
    )
    refused = given(above).when(file_appeal(6)).refuses(Refusal.APPEAL_LEVEL_OUT_OF_ORDER)
    assert refused.facts == {"last_decided_level": "5"}


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5])
def test_w13_a_level_follows_the_last_one_that_was_decided(level: int) -> None:
    claim = large_at(level)
    for wrong in {1, 2, 3, 4, 5} - {level}:
        refused = (
            given(claim)
            .when(file_appeal(wrong, UUID(int=0xAF)))
            .refuses(Refusal.APPEAL_LEVEL_OUT_OF_ORDER)
        )
        assert refused.facts == {"last_decided_level": str(level - 1)}


def test_w13_a_line_reaches_the_next_level_by_the_one_before() -> None:
    first = play(file_appeal(line_numbers=(1,)), decide_appeal(), claim=DENIED)
    assert filed(first, level=2, appeal_id=SECOND_APPEAL, line_numbers=(1,)).level == 2
    assert filed(first, level=1, appeal_id=SECOND_APPEAL, line_numbers=(2,)).level == 1
    for level in (1, 2):
        given(first).when(file_appeal(level, SECOND_APPEAL)).refuses(
            Refusal.APPEAL_LEVEL_OUT_OF_ORDER
        )


def test_w13_lines_that_were_decided_apart_may_go_on_together() -> None:
    both = play(
        file_appeal(line_numbers=(1,)),
        file_appeal(1, SECOND_APPEAL, line_numbers=(2,)),
        decide_appeal(),
        decide_appeal(appeal_id=SECOND_APPEAL, who=AXEL),
        claim=DENIED,
    )
    assert filed(both, level=2, appeal_id=THIRD_APPEAL).line_numbers == (1, 2)


def test_w13_of_the_last_decisions_the_latest_begins_the_time() -> None:
    later = NOW + timedelta(days=30)
    both = play(
        file_appeal(line_numbers=(1,)),
        file_appeal(1, SECOND_APPEAL, line_numbers=(2,)),
        decide_appeal(now=later),
        decide_appeal(appeal_id=SECOND_APPEAL, who=AXEL),
        claim=DENIED,
    )
    assert filed(both, level=2, appeal_id=THIRD_APPEAL, now=later + timedelta(days=185))
    given(both).when(
        file_appeal(2, THIRD_APPEAL, line_numbers=(2,), now=later + timedelta(days=185))
    ).refuses(Refusal.APPEAL_DEADLINE_PASSED)


@pytest.mark.parametrize("ended", [withdraw(), dismiss()])
def test_w13_an_appeal_that_ended_without_decision_may_be_filed_again(ended: Any) -> None:
    after = play(ended, claim=APPEALED)
    assert filed(after, appeal_id=SECOND_APPEAL).level == 1
    given(after).when(file_appeal(2)).refuses(Refusal.APPEAL_LEVEL_OUT_OF_ORDER)


def test_w13_a_new_determination_is_appealed_from_the_first_level_on() -> None:
    again = play(
        reopen(),
        adjudicate(denied(1, "100.00", "CO-97"), denied(2, "50.00", "CO-97")),
        finalize(),
        claim=FIRST_UPHELD,
    )
    appeal = filed(again, appeal_id=SECOND_APPEAL)
    assert (appeal.level, appeal.adjudication_number) == (1, 2)
    given(again).when(file_appeal(2)).refuses(Refusal.APPEAL_LEVEL_OUT_OF_ORDER)


def test_w13_other_lines_may_be_appealed_at_the_same_time() -> None:
    first = play(file_appeal(line_numbers=(1,)), claim=DENIED)
    assert filed(first, appeal_id=SECOND_APPEAL, line_numbers=(2,)).line_numbers == (2,)


@pytest.mark.parametrize(("year", "least"), [(2024, "180.00"), (2025, "190.00"), (2026, "200.00")])
def test_w13_the_third_level_has_a_least_amount_of_its_year(year: int, least: str) -> None:
    at_stake = money(least)
    for amount, enough in ((at_stake, True), (at_stake - money("0.01"), False)):
        now = datetime(year, 6, 1, tzinfo=UTC)
        claim = replace(
            play(
                submit(professional(str(amount))),
                adjudicate(denied(1, str(amount), "CO-97")),
                finalize(now=now),
            )
        )
        claim = play(
            file_appeal(1, FIRST_APPEAL, now=now),
            decide_appeal(now=now),
            file_appeal(2, SECOND_APPEAL, now=now),
            decide_appeal(appeal_id=SECOND_APPEAL, who=AXEL, now=now),
            claim=claim,
        )
        story = given(claim).when(file_appeal(3, THIRD_APPEAL, now=now))
        if enough:
            assert story.decided()
        else:
            story.refuses(Refusal.APPEAL_AMOUNT_TOO_SMALL)


def test_w13_a_cent_is_enough_where_no_least_amount_is_set_and_nothing_is_not() -> None:
    def paid(cents: str) -> Claim:
        cut = {"CO-45": cents} if cents != "0.00" else {}
        line = decided(1, "100.00", str(100 - money(cents)), str(100 - money(cents)), cut)
        full = decided(2, "50.00", "50.00", "50.00")
        return play(adjudicate(line, full), finalize(), issue(ACCEPTED), claim=ACCEPTED)

    assert str(filed(paid("0.01")).amount_in_controversy) == "0.01"
    given(paid("0.00")).when(file_appeal()).refuses(Refusal.APPEAL_AMOUNT_TOO_SMALL)


OVERDUE = NOW + timedelta(days=61)


def test_w13_an_appeal_that_is_not_decided_in_time_may_go_to_the_next_level() -> None:
    claim = play(file_appeal(2, SECOND_APPEAL), claim=large_at(2))
    escalated, next_one = given(claim).when(file_appeal(3, THIRD_APPEAL, now=OVERDUE)).decided()
    assert escalated == AppealEscalated(appeal_id=SECOND_APPEAL, by="clara", at=OVERDUE)
    assert isinstance(next_one, AppealFiled) and next_one.appeal.level == 3
    after = play(file_appeal(3, THIRD_APPEAL, now=OVERDUE), claim=claim)
    assert [one.status for one in after.appeals] == [
        AppealStatus.DECIDED,
        AppealStatus.ESCALATED,
        AppealStatus.OPEN,
    ]
    assert (after.appeals[1].closed_by, after.appeals[1].closed_at) == ("clara", OVERDUE)


def test_w13_an_escalation_needs_no_deadline_and_no_good_cause() -> None:
    claim = play(file_appeal(2, SECOND_APPEAL), claim=large_at(2))
    years_later = NOW + timedelta(days=999)
    assert given(claim).when(file_appeal(3, THIRD_APPEAL, now=years_later)).decided()


@pytest.mark.parametrize(("days", "open_"), [(60, True), (61, False)])
def test_w13_an_appeal_is_overdue_from_the_day_after_its_due_date(days: int, open_: bool) -> None:
    claim = play(file_appeal(2, SECOND_APPEAL), claim=large_at(2))
    story = given(claim).when(file_appeal(3, THIRD_APPEAL, now=NOW + timedelta(days=days)))
    if open_:
        story.refuses(Refusal.APPEAL_ALREADY_OPEN)
    else:
        assert story.decided()


def test_w13_which_levels_an_appellant_may_leave_is_policy() -> None:
    rules = replace(STRICT.policy.appeals, escalation_levels=(1,))
    facts = with_policy(appeals=rules)
    assert len(given(APPEALED, facts=facts).when(file_appeal(2, now=OVERDUE)).decided()) == 2
    claim = play(file_appeal(2, SECOND_APPEAL), claim=large_at(2))
    given(claim, facts=facts).when(file_appeal(3, THIRD_APPEAL, now=OVERDUE)).refuses(
        Refusal.APPEAL_ALREADY_OPEN
    )


def test_w13_an_escalation_takes_no_line_along_that_never_came_so_far() -> None:
    rules = replace(STRICT.policy.appeals, escalation_levels=(1,))
    facts = with_policy(appeals=rules)
    claim = play(file_appeal(line_numbers=(1,)), claim=DENIED)
    refused = (
        given(claim, facts=facts)
        .when(file_appeal(2, SECOND_APPEAL, now=OVERDUE))
        .refuses(Refusal.APPEAL_LEVEL_OUT_OF_ORDER)
    )
    assert refused.facts == {"last_decided_level": "0"}


def test_w13_of_two_appeals_on_the_lines_both_must_be_overdue() -> None:
    rules = replace(STRICT.policy.appeals, escalation_levels=(1,))
    facts = with_policy(appeals=rules)
    first = file_appeal(line_numbers=(1,))
    for filed_later, taken in ((NOW, True), (NOW + ONE_DAY, False)):
        second = file_appeal(1, SECOND_APPEAL, line_numbers=(2,), now=filed_later)
        story = given(play(first, second, claim=DENIED), facts=facts).when(
            file_appeal(2, THIRD_APPEAL, now=OVERDUE)
        )
        if taken:
            assert len(story.decided()) == 3
        else:
            story.refuses(Refusal.APPEAL_ALREADY_OPEN)
