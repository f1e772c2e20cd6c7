"""How an appeal ends, and who may decide it: W13, commands 17 and 18."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from server.claims.appeal_rules import AppealLevel
from server.claims.appeals import appeal_deciders
from server.claims.events import AppealDecided, AppealDismissed, AppealWithdrawn, ClaimReopened
from server.claims.model import AppealOutcome, AppealStatus, Claim, State
from server.claims.refusals import Refusal
from tests.server.claims.appealed import APPEALED, OVERTURNED, PARTLY, SECOND_LEVEL, UPHELD, filed
from tests.server.claims.cast import (
    ABE,
    AMY,
    ANA,
    AXEL,
    FIRST_APPEAL,
    MIA,
    NOW,
    ONE_DAY,
    PAYDAY,
    SECOND_APPEAL,
    STRICT,
    TODAY,
    adjudicate,
    close,
    decide_appeal,
    denied,
    dismiss,
    file_appeal,
    finalize,
    issue,
    reopen,
    void,
    with_policy,
    withdraw,
)
from tests.server.claims.dsl import given, play
from tests.server.claims.pasts import CLOSED, DENIED, PAID


def test_17_an_appellant_withdraws_their_own_appeal() -> None:
    given(APPEALED).when(withdraw()).then(
        AppealWithdrawn(appeal_id=FIRST_APPEAL, by="clara", at=NOW)
    )
    (after,) = play(withdraw(), claim=APPEALED).appeals
    assert (after.status, after.closed_by, after.closed_at) == (
        AppealStatus.WITHDRAWN,
        "clara",
        NOW,
    )
    assert (after.outcome, after.late) == (None, False)


def test_17_an_analyst_dismisses_an_appeal() -> None:
    given(APPEALED).when(dismiss()).then(AppealDismissed(appeal_id=FIRST_APPEAL, by="amy", at=NOW))
    (after,) = play(dismiss(), claim=APPEALED).appeals
    assert (after.status, after.closed_by, after.outcome) == (AppealStatus.DISMISSED, "amy", None)


def test_17_only_the_appeal_that_is_named_is_ended() -> None:
    both = play(
        file_appeal(line_numbers=(1,)),
        file_appeal(1, SECOND_APPEAL, line_numbers=(2,)),
        claim=DENIED,
    )
    after = play(withdraw(SECOND_APPEAL), claim=both)
    assert [one.appeal_id for one in after.open_appeals] == [FIRST_APPEAL]


def test_18_a_decision_that_stands_leaves_the_claim() -> None:
    given(APPEALED).when(decide_appeal()).then(
        AppealDecided(appeal_id=FIRST_APPEAL, outcome=UPHELD, by="amy", at=NOW)
    )
    after = play(decide_appeal(), claim=APPEALED)
    assert after.state is State.DENIED
    assert (after.appeals[0].status, after.appeals[0].outcome) == (AppealStatus.DECIDED, UPHELD)


@pytest.mark.parametrize("outcome", [OVERTURNED, PARTLY])
@pytest.mark.parametrize("claim", [DENIED, PAID, CLOSED], ids=lambda claim: claim.state)
def test_18_a_decision_that_is_overturned_is_made_anew(
    claim: Claim, outcome: AppealOutcome
) -> None:
    appealed = play(file_appeal(), claim=claim)
    given(appealed).when(decide_appeal(outcome)).then(
        AppealDecided(appeal_id=FIRST_APPEAL, outcome=outcome, by="amy", at=NOW),
        ClaimReopened(by="amy", at=NOW, appeal_id=FIRST_APPEAL),
    )
    after = play(decide_appeal(outcome), claim=appealed)
    assert (after.state, after.adjudication, after.reopenings) == (State.ACCEPTED, None, 1)
    assert after.remitted == claim.remitted


def test_18_an_overturned_decision_ends_the_appeals_of_its_other_lines() -> None:
    both = play(
        file_appeal(line_numbers=(1,)),
        file_appeal(1, SECOND_APPEAL, line_numbers=(2,)),
        claim=DENIED,
    )
    given(both).when(decide_appeal(OVERTURNED)).then(
        AppealDecided(appeal_id=FIRST_APPEAL, outcome=OVERTURNED, by="amy", at=NOW),
        AppealDismissed(appeal_id=SECOND_APPEAL, by="amy", at=NOW),
        ClaimReopened(by="amy", at=NOW, appeal_id=FIRST_APPEAL),
    )
    given(both).when(decide_appeal(UPHELD)).then(
        AppealDecided(appeal_id=FIRST_APPEAL, outcome=UPHELD, by="amy", at=NOW)
    )


def test_18_an_overturned_decision_is_made_anew_however_old_it_is() -> None:
    facts = with_policy(reopening_days=0)
    later = NOW + timedelta(days=50)
    assert given(APPEALED, facts=facts).when(decide_appeal(OVERTURNED, now=later)).decided()


@pytest.mark.parametrize(("days", "late"), [(59, False), (60, False), (61, True)])
def test_18_a_decision_after_the_due_date_is_noted_as_late(days: int, late: bool) -> None:
    moment = NOW + timedelta(days=days)
    given(APPEALED).when(decide_appeal(now=moment)).then(
        AppealDecided(appeal_id=FIRST_APPEAL, outcome=UPHELD, by="amy", at=moment, late=late)
    )
    assert play(decide_appeal(now=moment), claim=APPEALED).appeals[0].late == late


def test_18_a_medical_reviewer_decides_appeals() -> None:
    assert given(APPEALED).when(decide_appeal(who=MIA)).decided()


def test_w13_nobody_decides_the_appeal_of_a_decision_they_took_part_in() -> None:
    assert APPEALED.deciders == ("ana",)
    took_part = replace(decide_appeal(), actor=ANA.actor)
    given(APPEALED).when(took_part).refuses(Refusal.APPEAL_DECIDER_TOOK_PART)
    assert given(APPEALED).when(decide_appeal(who=AXEL)).decided()


def test_w13_nor_of_an_earlier_determination_of_the_claim() -> None:
    again = play(
        reopen(),
        adjudicate(denied(1, "100.00", "CO-97"), denied(2, "50.00", "CO-97"), who=ABE),
        finalize(ABE),
        file_appeal(),
        claim=DENIED,
    )
    assert again.deciders == ("ana", "abe")
    given(again).when(replace(decide_appeal(), actor=ANA.actor)).refuses(
        Refusal.APPEAL_DECIDER_TOOK_PART
    )


def test_w13_the_deciders_of_all_levels_are_different_people() -> None:
    given(SECOND_LEVEL).when(decide_appeal(appeal_id=SECOND_APPEAL)).refuses(
        Refusal.APPEAL_DECIDER_TOOK_PART
    )
    assert given(SECOND_LEVEL).when(decide_appeal(appeal_id=SECOND_APPEAL, who=AXEL)).decided()


def test_w13_who_dismissed_an_appeal_has_decided_nothing() -> None:
    claim = play(dismiss(), file_appeal(1, SECOND_APPEAL), claim=APPEALED)
    assert appeal_deciders(claim) == frozenset()
    assert given(claim).when(decide_appeal(appeal_id=SECOND_APPEAL)).decided()


def test_w13_who_decided_an_appeal_decides_nothing_else_on_the_claim() -> None:
    after = play(decide_appeal(OVERTURNED), claim=APPEALED)
    assert appeal_deciders(after) == {"amy"}
    given(after).when(replace(adjudicate(), actor=AMY.actor)).refuses(
        Refusal.ADJUDICATOR_DECIDED_APPEAL
    )
    assert given(after).when(adjudicate()).decided()


def test_w13_an_appeal_stands_in_the_way_of_reopening_and_closing() -> None:
    given(APPEALED).when(reopen()).refuses(Refusal.APPEAL_OPEN)
    given(APPEALED).when(close()).refuses(Refusal.CLAIM_HAS_OPEN_WORK)
    ended = play(withdraw(), claim=APPEALED)
    assert given(ended).when(reopen()).decided()
    assert given(play(issue(ended), claim=ended)).when(close()).decided()
    assert given(ended).when(void()).decided()


def test_w13_an_appeal_may_come_after_payment() -> None:
    appeal = filed(PAID, now=PAYDAY)
    assert str(appeal.amount_in_controversy) == "70.00"  # 20.00 cut, 50.00 denied


def test_w13_the_levels_are_rows_of_policy() -> None:
    only = AppealLevel(level=1, name="ONE", file_within_days=1, decide_within_days=2)
    facts = with_policy(appeals=replace(STRICT.policy.appeals, levels=(only,), mail_days=0))
    assert filed(DENIED, facts=facts, now=NOW + ONE_DAY).due_date == TODAY + 3 * ONE_DAY
    given(DENIED, facts=facts).when(file_appeal(now=NOW + 2 * ONE_DAY)).refuses(
        Refusal.APPEAL_DEADLINE_PASSED
    )


def test_w13_staff_files_no_appeals() -> None:
    given(DENIED).when(file_appeal(who=AMY)).refuses(Refusal.PERMISSION_MISSING)
