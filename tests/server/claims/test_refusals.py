"""A story for every refusal of the rules, and more where it has several causes.

The stories are in refusals_of_*, by topic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from server.claims.refusals import Refusal
from tests.server.claims.cast import (
    ABE,
    AMY,
    BEA,
    BECAUSE,
    BOB,
    IDA,
    SUE,
    Who,
    adjudicate,
    denied,
    pend,
)
from tests.server.claims.dsl import Story, given, play
from tests.server.claims.pasts import (
    ACCEPTED,
    BIG_LINE,
    MIDDLE_LINE,
    PENDING_APPROVAL,
    PENDING_ONE_APPROVAL,
)
from tests.server.claims.refusals_of_appeals import APPEAL_STORIES, APPEAL_TELLS
from tests.server.claims.refusals_of_determinations import (
    DETERMINATION_STORIES,
    DETERMINATION_TELLS,
    deciding,
)
from tests.server.claims.refusals_of_payments import PAYMENT_STORIES, PAYMENT_TELLS
from tests.server.claims.refusals_of_work import WORK_STORIES, WORK_TELLS

STORIES: Mapping[Refusal, Mapping[str, Story]] = {
    **WORK_STORIES,
    **DETERMINATION_STORIES,
    **PAYMENT_STORIES,
    **APPEAL_STORIES,
}
# What a refusal tells, by refusal or by refusal and cause: metadata, and the field of the request.
# All others tell their name alone.
TELLS: Mapping[str, tuple[Mapping[str, str], str]] = {
    **WORK_TELLS,
    **DETERMINATION_TELLS,
    **PAYMENT_TELLS,
    **APPEAL_TELLS,
}

# Raised where the figures of other records are looked up, before the rules are asked.
NOT_OF_THE_RULES = {Refusal.LINE_OF_BUSINESS_UNKNOWN}

CASES = [
    pytest.param(refusal, cause, id=f"{refusal}-{cause.replace(' ', '_')}")
    for refusal, stories in STORIES.items()
    for cause in stories
]


@pytest.mark.parametrize(("refusal", "cause"), CASES)
def test_it_is_refused(refusal: Refusal, cause: str) -> None:
    refused = STORIES[refusal][cause].refuses(refusal)
    facts, path = TELLS.get(f"{refusal} {cause}", TELLS.get(refusal, ({}, "")))
    assert (refused.facts, refused.field_path) == (facts, path)


def test_what_is_told_is_told_of_a_story() -> None:
    known = {f"{refusal} {cause}" for refusal, told in STORIES.items() for cause in told}
    assert set(TELLS) <= known | set(Refusal)


def test_every_refusal_has_a_story() -> None:
    assert set(STORIES) == set(Refusal) - NOT_OF_THE_RULES


def test_w10_a_mismatch_tells_the_current_version() -> None:
    refused = given(ACCEPTED).when(pend(expected_version=1)).refuses(Refusal.VERSION_MISMATCH)
    assert refused.facts == {"current_version": "2"}


def test_w10_of_two_commands_on_one_version_the_second_is_refused() -> None:
    seen = ACCEPTED.version
    after = play(pend(expected_version=seen), claim=ACCEPTED)
    given(after).when(pend("PRICING", who=ABE, expected_version=seen)).refuses(
        Refusal.VERSION_MISMATCH
    )


def test_a_refusal_tells_lines_and_codes_but_no_amounts() -> None:
    refused = deciding(denied(1, "100.00", "CO-16")).refuses(Refusal.REMARK_REQUIRED)
    assert refused.facts == {"line_number": "1", "reason_code": "16"}
    assert refused.field_path == "lines[0]"


def test_w4_a_reason_lets_a_command_through() -> None:
    for story in STORIES[Refusal.REASON_REQUIRED].values():
        assert given(story.claim).when(replace(story.command, reason=BECAUSE)).decided()


@pytest.mark.parametrize("who", [BOB, BEA, SUE, IDA, AMY], ids=lambda who: who.role)
def test_w5_who_may_not_adjudicate(who: Who) -> None:
    command = replace(adjudicate(), role=who.role)
    given(ACCEPTED).when(command).refuses(Refusal.PERMISSION_MISSING)


def test_w5_big_lines_wait_for_two_and_middle_ones_for_one() -> None:
    assert PENDING_APPROVAL.adjudication is not None
    assert PENDING_ONE_APPROVAL.adjudication is not None
    assert PENDING_APPROVAL.adjudication.approvals_needed == 2
    assert PENDING_ONE_APPROVAL.adjudication.approvals_needed == 1
    assert BIG_LINE.paid > MIDDLE_LINE.paid
