"""Refusals of appeals, of reopening, and of those who take part in both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from server.claims.model import AppealOutcome
from server.claims.policy import Tier
from server.claims.refusals import Refusal
from tests.server.claims.appealed import APPEALED
from tests.server.claims.cast import (
    ABE,
    AMY,
    ANA,
    AXEL,
    BOB,
    MAX,
    NOW,
    PAYS_NOTHING,
    SECOND_APPEAL,
    STRICT,
    adjudicate,
    approve,
    correct,
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
from tests.server.claims.documents import money
from tests.server.claims.dsl import Story, given, play
from tests.server.claims.pasts import ACCEPTED, ADJUDICATED, DENIED, PAID
from tests.server.claims.refusal_pasts import OTHER

UPHELD = play(decide_appeal(), claim=APPEALED)
SECOND_LEVEL = play(file_appeal(2, SECOND_APPEAL), claim=UPHELD)
THIRD_LEVEL_NEXT = play(decide_appeal(appeal_id=SECOND_APPEAL, who=AXEL), claim=SECOND_LEVEL)
OVERTURNED = play(decide_appeal(AppealOutcome.OVERTURNED), claim=APPEALED)
DENIED_AS_LATE = play(
    adjudicate(denied(1, "100.00"), denied(2, "50.00")), finalize(), claim=ACCEPTED
)
HALF_LATE = play(
    adjudicate(denied(1, "100.00", "CO-97"), denied(2, "50.00")), finalize(), claim=ACCEPTED
)
# A reduction to nothing of so large a payment needs approvals.
_REOPENED_BIG = replace(play(reopen(), claim=DENIED), final_paid=money("6000.00"))
_PENDING_DENIAL = play(adjudicate(*PAYS_NOTHING), claim=_REOPENED_BIG)
DENIED_BIG = play(approve(_PENDING_DENIAL), claim=_PENDING_DENIAL)
ALWAYS_APPROVED = with_policy(
    tiers=(Tier(basis_from=money("0.00"), approvals=1, roles=("APPROVER",)),)
)
OVERTURNED_PENDING = play(adjudicate(), claim=OVERTURNED, facts=ALWAYS_APPROVED)
PAID_IN_FULL = play(finalize(), issue(ADJUDICATED), claim=ADJUDICATED)
APPEAL_STORIES: Mapping[Refusal, Mapping[str, Story]] = {
    Refusal.APPEAL_OPEN: {
        "replaced": given(APPEALED).when(correct(APPEALED)),
        "voided by its provider": given(APPEALED).when(correct(APPEALED, "8")),
        "voided by its payer": given(APPEALED).when(void()),
        "reopened": given(APPEALED).when(reopen()),
    },
    Refusal.ADJUDICATOR_DECIDED_APPEAL: {
        "adjudicates": given(OVERTURNED).when(replace(adjudicate(), actor=AMY.actor)),
        "approves": given(OVERTURNED_PENDING, facts=ALWAYS_APPROVED).when(
            replace(approve(OVERTURNED_PENDING), actor=AMY.actor)
        ),
        "finalizes": given(play(adjudicate(), claim=OVERTURNED)).when(
            replace(finalize(), actor=AMY.actor)
        ),
    },
    Refusal.REOPENING_WINDOW_PASSED: {
        "a day late": given(PAID).when(
            reopen(now=NOW + timedelta(days=STRICT.policy.reopening_days + 1))
        )
    },
    Refusal.DECISION_NOT_APPEALABLE: {
        "filed late": given(DENIED_AS_LATE).when(file_appeal()),
        "the late line alone": given(HALF_LATE).when(file_appeal(line_numbers=(2,))),
    },
    Refusal.APPEAL_LEVEL_OUT_OF_ORDER: {
        "the second first": given(DENIED).when(file_appeal(2)),
        "the first again": given(UPHELD).when(file_appeal(1)),
        "the third after the first": given(UPHELD).when(file_appeal(3)),
        "another line was never appealed": given(
            play(file_appeal(line_numbers=(1,)), decide_appeal(), claim=DENIED)
        ).when(file_appeal(2, SECOND_APPEAL)),
        "there is no sixth": given(
            UPHELD, facts=with_policy(appeals=replace(STRICT.policy.appeals, levels=()))
        ).when(file_appeal(2)),
    },
    Refusal.APPEAL_ALREADY_OPEN: {
        "on the claim": given(APPEALED).when(file_appeal(1, SECOND_APPEAL)),
        "on one of the lines": given(play(file_appeal(line_numbers=(2,)), claim=DENIED)).when(
            file_appeal(1, SECOND_APPEAL)
        ),
        "not yet overdue": given(SECOND_LEVEL).when(
            file_appeal(3, OTHER, now=NOW + timedelta(days=60))
        ),
        "overdue at a level that is not left": given(APPEALED).when(
            file_appeal(2, OTHER, now=NOW + timedelta(days=61))
        ),
        "overdue, but not of the level before": given(SECOND_LEVEL).when(
            file_appeal(4, OTHER, now=NOW + timedelta(days=61))
        ),
    },
    Refusal.APPEAL_DEADLINE_PASSED: {
        "a day late": given(DENIED).when(file_appeal(now=NOW + timedelta(days=126)))
    },
    Refusal.APPEAL_AMOUNT_TOO_SMALL: {
        "paid in full": given(PAID_IN_FULL).when(file_appeal()),
        "below the minimum": given(THIRD_LEVEL_NEXT).when(file_appeal(3, OTHER)),
    },
    Refusal.GOOD_CAUSE_UNKNOWN: {
        "not in the policy": given(DENIED).when(file_appeal(good_cause_code="FORGOT")),
    },
    Refusal.APPEAL_NOT_OPEN: {
        "withdrawn, none is": given(DENIED).when(withdraw()),
        "dismissed, none is": given(DENIED).when(dismiss()),
        "decided, none is": given(DENIED).when(decide_appeal()),
        "withdrawn, another is": given(APPEALED).when(withdraw(OTHER)),
        "dismissed, another is": given(APPEALED).when(dismiss(OTHER)),
        "decided, another is": given(APPEALED).when(decide_appeal(appeal_id=OTHER)),
        "decided before": given(UPHELD).when(decide_appeal(who=AXEL)),
    },
    Refusal.APPELLANT_IS_ANOTHER: {
        "a member's": given(play(file_appeal(who=MAX, member_number="M-1"), claim=DENIED)).when(
            withdraw()
        )
    },
    Refusal.APPEAL_DECIDER_TOOK_PART: {
        "adjudicated": given(APPEALED).when(replace(decide_appeal(), actor=ANA.actor)),
        "approved": given(play(file_appeal(), claim=DENIED_BIG)).when(
            replace(decide_appeal(), actor=BOB.actor)
        ),
        "finalized": given(
            play(adjudicate(*PAYS_NOTHING), finalize(ABE), file_appeal(), claim=ACCEPTED)
        ).when(replace(decide_appeal(), actor=ABE.actor)),
        "decided the level before": given(SECOND_LEVEL).when(
            decide_appeal(appeal_id=SECOND_APPEAL)
        ),
    },
}
APPEAL_TELLS: Mapping[str, tuple[Mapping[str, str], str]] = {
    "APPEAL_OPEN": ({}, "document.original_claim_number"),
    "APPEAL_OPEN voided by its payer": ({}, ""),
    "APPEAL_OPEN reopened": ({}, ""),
    "REOPENING_WINDOW_PASSED": ({"last_day": "2027-03-02"}, ""),
    "DECISION_NOT_APPEALABLE": ({}, "line_numbers"),
    "APPEAL_LEVEL_OUT_OF_ORDER": ({"last_decided_level": "1"}, "level"),
    "APPEAL_LEVEL_OUT_OF_ORDER the second first": ({"last_decided_level": "0"}, "level"),
    "APPEAL_LEVEL_OUT_OF_ORDER another line was never appealed": (
        {"last_decided_level": "0"},
        "level",
    ),
    "APPEAL_DEADLINE_PASSED": ({"deadline": "2026-07-05"}, ""),
    "APPEAL_AMOUNT_TOO_SMALL": ({}, "line_numbers"),
    "GOOD_CAUSE_UNKNOWN": ({}, "good_cause_code"),
    "APPEAL_NOT_OPEN withdrawn, another is": ({}, "appeal_id"),
    "APPEAL_NOT_OPEN dismissed, another is": ({}, "appeal_id"),
    "APPEAL_NOT_OPEN decided, another is": ({}, "appeal_id"),
}
