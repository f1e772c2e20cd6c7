"""A claim's clocks: K1, K4, what the system has to do when, and closing and reopening."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from server.claims import sla, timers
from server.claims.clocks import Pause
from server.claims.commands import (
    AdjudicateClaim,
    CloseClaim,
    Command,
    ExpireInformationRequest,
    Reason,
    RecordBreach,
)
from server.claims.events import ClaimBreached, ClaimClosed, ClaimReopened
from server.claims.model import AdjudicationMode, Claim, State
from server.claims.policy import Policy
from server.claims.refusals import Refusal
from tests.server.claims.cast import (
    CLAIM_ID,
    FIRST_REQUEST,
    NOW,
    ONE_DAY,
    PAYS_NOTHING,
    STRICT,
    TIMER,
    TODAY,
    adjudicate,
    approve,
    breach,
    close,
    expire,
    file_appeal,
    finalize,
    hold,
    issue,
    overpaid,
    pend,
    receive_information,
    recoup,
    release_hold,
    reopen,
    request_information,
    void,
    with_policy,
    withdraw,
)
from tests.server.claims.dsl import given, play
from tests.server.claims.pasts import (
    ACCEPTED,
    ADJUDICATED,
    APPROVED,
    CLOSED,
    DENIED,
    INFO_REQUESTED,
    PAID,
    PASTS,
    PENDED,
    PENDING_APPROVAL,
    REJECTED,
    TOLD,
    VOIDED,
)

POLICY = STRICT.policy
SECOND_REQUEST, THIRD_REQUEST = UUID(int=0x62), UUID(int=0x63)


def day(number: int) -> date:
    """The so many-th day after the receipt."""
    return TODAY + timedelta(days=number)


def at(number: int) -> datetime:
    return NOW + timedelta(days=number)


def asked(claim: Claim, *spans: tuple[int, int | None]) -> Claim:
    """A claim that asked for information on one day and was answered on another, or not yet."""
    for number, (begins, ends) in enumerate(spans):
        request = UUID(int=0x61 + number)
        claim = play(
            request_information(request, now=at(begins), due_date=day(begins + 60)), claim=claim
        )
        if ends is not None:
            claim = play(receive_information(request, now=at(ends)), claim=claim)
    return claim


def test_k1_a_claim_is_due_on_the_thirtieth_day_after_its_receipt() -> None:
    assert sla.due_date(ACCEPTED, POLICY) == day(30)
    assert not sla.is_late(ACCEPTED, POLICY, day(30))
    assert sla.is_late(ACCEPTED, POLICY, day(31))


def test_k1_how_long_a_decision_may_take_is_policy() -> None:
    policy = replace(POLICY, clocks=replace(POLICY.clocks, limit_days=10))
    assert sla.due_date(ACCEPTED, policy) == day(10)
    assert sla.is_late(ACCEPTED, policy, day(11))


@pytest.mark.parametrize(
    "claim",
    [ACCEPTED, PENDED, ADJUDICATED, PENDING_APPROVAL],
    ids=lambda claim: claim.state,
)
def test_k1_a_breach_is_noted_from_the_day_after_the_due_date(claim: Claim) -> None:
    given(claim).when(breach(now=at(31))).then(ClaimBreached(due_date=day(30), at=at(31)))
    given(claim).when(breach(now=at(30))).refuses(Refusal.BREACH_NOT_DUE)
    after = play(breach(now=at(31)), claim=claim)
    assert (after.breached_at, after.state) == (at(31), claim.state)


def test_k1_a_breach_is_noted_once() -> None:
    after = play(breach(), claim=ACCEPTED)
    given(after).when(breach(now=at(99))).refuses(Refusal.BREACH_NOT_DUE)


def test_k1_a_claim_that_was_decided_is_not_late_however_often_it_is_reopened() -> None:
    again = play(reopen(), claim=DENIED)
    assert again.state is State.ACCEPTED
    assert not sla.is_late(again, POLICY, day(999))
    assert sla.wake_at(again, POLICY) is None


@pytest.mark.parametrize("state", sorted(set(State) - sla.UNDECIDED - {State.RECEIVED}))
def test_k1_a_claim_that_nobody_has_to_decide_is_not_late(state: State) -> None:
    assert not sla.is_late(replace(PASTS[state], decided_at=None), POLICY, day(999))


@pytest.mark.parametrize(
    ("spans", "pauses"),
    [
        ([], []),
        ([(5, None)], [(5, None)]),
        ([(5, 10)], [(5, 10)]),
        ([(5, 10), (15, 20)], [(5, 10), (15, 20)]),
        ([(5, 10), (10, 12)], [(5, 12)]),
        ([(5, 10), (11, 12)], [(5, 10), (11, 12)]),
        ([(5, 5)], []),
        ([(5, 5), (7, 9)], [(7, 9)]),
    ],
)
def test_k4_the_clock_pauses_from_a_request_to_its_answer(
    spans: list[tuple[int, int | None]], pauses: list[tuple[int, int | None]]
) -> None:
    assert sla.pauses_of(asked(ACCEPTED, *spans), POLICY) == tuple(
        Pause(begins=day(begins), ends=None if ends is None else day(ends))
        for begins, ends in pauses
    )


@pytest.mark.parametrize(
    ("first", "second", "pause"),
    [
        ((5, 20), (10, 12), (5, 20)),
        ((5, 12), (10, 20), (5, 20)),
        ((5, 20), (10, None), (5, None)),
        ((5, None), (10, 20), (5, None)),
        ((10, 20), (5, 12), (5, 20)),
    ],
)
def test_k4_pauses_that_overlap_are_one(
    first: tuple[int, int | None], second: tuple[int, int | None], pause: tuple[int, int | None]
) -> None:
    claim = ACCEPTED
    for request, (begins, _) in ((FIRST_REQUEST, first), (SECOND_REQUEST, second)):
        claim = play(
            request_information(request, now=at(begins), due_date=day(begins + 60)), claim=claim
        )
    for request, (_, ends) in ((FIRST_REQUEST, first), (SECOND_REQUEST, second)):
        if ends is not None:
            claim = play(receive_information(request, now=at(ends)), claim=claim)
    begins, ends = pause
    assert sla.pauses_of(claim, POLICY) == (
        Pause(begins=day(begins), ends=None if ends is None else day(ends)),
    )


def test_k4_a_request_that_expires_ends_its_pause() -> None:
    claim = play(expire(now=at(31)), claim=INFO_REQUESTED)
    assert sla.pauses_of(claim, POLICY) == (Pause(begins=day(0), ends=day(31)),)
    assert sla.due_date(claim, POLICY) == day(61)


def test_k4_the_due_date_moves_by_the_days_of_the_pause() -> None:
    assert sla.due_date(asked(ACCEPTED, (5, 10)), POLICY) == day(35)
    assert sla.due_date(asked(ACCEPTED, (5, 10), (15, 17)), POLICY) == day(37)


def test_k4_while_the_clock_is_paused_nothing_is_due() -> None:
    waiting = asked(ACCEPTED, (5, None))
    assert sla.due_date(waiting, POLICY) is None
    assert not sla.is_late(waiting, POLICY, day(999))
    given(waiting).when(breach(now=at(999))).refuses(Refusal.BREACH_NOT_DUE)


def test_k4_a_question_that_is_asked_too_late_helps_no_more() -> None:
    waiting = asked(ACCEPTED, (40, None))
    given(waiting).when(breach(now=at(41))).then(ClaimBreached(due_date=day(30), at=at(41)))


def test_k4_a_policy_may_let_the_clock_run_on() -> None:
    policy = replace(POLICY, clocks=replace(POLICY.clocks, pauses=False))
    waiting = asked(ACCEPTED, (5, None))
    assert sla.pauses_of(waiting, policy) == ()
    assert sla.due_date(waiting, policy) == day(30)


def test_k4_the_days_of_a_pause_are_those_of_utc() -> None:
    evening = datetime.fromisoformat("2026-03-07T23:00:00-05:00")  # the 8th in UTC
    claim = play(request_information(now=evening, due_date=day(50)), claim=ACCEPTED)
    claim = play(receive_information(now=evening + ONE_DAY), claim=claim)
    assert sla.pauses_of(claim, POLICY) == (Pause(begins=date(2026, 3, 8), ends=date(2026, 3, 9)),)


def midnight(number: int) -> datetime:
    begins = day(number)
    return datetime(begins.year, begins.month, begins.day, tzinfo=UTC)


def auto(policy: Policy = POLICY) -> Policy:
    return replace(policy, auto_adjudicate=True)


@pytest.mark.parametrize(
    ("claim", "wakes"),
    [
        (ACCEPTED, midnight(31)),
        (PENDED, midnight(31)),
        (ADJUDICATED, midnight(31)),
        (PENDING_APPROVAL, midnight(31)),
        (play(breach(), claim=ACCEPTED), None),
        (INFO_REQUESTED, midnight(31)),  # the request's end; the claim is paused
        (asked(ACCEPTED, (20, None)), midnight(81)),
        (asked(ACCEPTED, (5, 25)), midnight(51)),
        (asked(ACCEPTED, (40, None)), midnight(31)),
        (REJECTED, None),
        (APPROVED, None),
        (DENIED, None),
        (TOLD, midnight(14 + 366)),
        (PAID, midnight(14 + 366)),
        (CLOSED, None),
        (VOIDED, None),
        (play(void(), claim=INFO_REQUESTED), None),
        (play(hold(), claim=PAID), None),
    ],
)
def test_k1_the_system_wakes_when_it_has_something_to_do(
    claim: Claim, wakes: datetime | None
) -> None:
    assert sla.wake_at(claim, POLICY) == wakes


def test_k1_of_several_requests_the_first_that_ends_wakes_the_system() -> None:
    claim = play(
        request_information(due_date=day(20)),
        request_information(SECOND_REQUEST, due_date=day(10)),
        claim=ACCEPTED,
    )
    assert sla.wake_at(claim, POLICY) == midnight(11)
    answered = play(receive_information(SECOND_REQUEST), claim=claim)
    assert sla.wake_at(answered, POLICY) == midnight(21)


def test_the_system_prices_what_is_accepted_at_once_where_the_policy_says_so() -> None:
    assert sla.wake_at(ACCEPTED, auto()) == NOW
    assert sla.waits_for_pricing(ACCEPTED, auto())
    assert not sla.waits_for_pricing(ACCEPTED, POLICY)


@pytest.mark.parametrize(
    "claim",
    [PENDED, ADJUDICATED, play(reopen(), claim=DENIED), play(pend(), claim=ADJUDICATED)],
    ids=["pended", "adjudicated", "reopened", "pended after"],
)
def test_the_system_prices_nothing_else(claim: Claim) -> None:
    assert not sla.waits_for_pricing(claim, auto())


@pytest.mark.parametrize(
    ("claim", "closes"),
    [
        (PAID, day(14 + 366)),
        (TOLD, day(14 + 366)),
        (DENIED, None),
        (APPROVED, None),
        (CLOSED, None),
        (VOIDED, None),
        (play(file_appeal(), claim=PAID), None),
        (play(file_appeal(), withdraw(), claim=PAID), day(14 + 366)),
        (play(hold(), claim=PAID), None),
        (play(hold(), release_hold(), claim=PAID), day(14 + 366)),
        (play(overpaid(), claim=PAID), None),
        (play(overpaid(), recoup(), claim=PAID), day(14 + 366)),
        (play(reopen(), adjudicate(*PAYS_NOTHING), finalize(), claim=PAID), None),
    ],
)
def test_19_a_remitted_claim_is_closed_when_its_windows_have_passed(
    claim: Claim, closes: date | None
) -> None:
    assert sla.closes_on(claim, POLICY) == closes


def test_19_the_later_of_decision_and_payment_counts() -> None:
    later = play(
        reopen(now=at(100)),
        adjudicate(now=at(100)),
        finalize(now=at(101)),
        issue(PAID, now=at(101), remittance_id=UUID(int=0xD2), payment_date=day(110)),
        claim=PAID,
    )
    assert sla.closes_on(later, POLICY) == day(110 + 366)
    moved = replace(later, decided_at=at(200))
    assert sla.closes_on(moved, POLICY) == day(200 + 366)
    assert sla.closes_on(replace(later, decided_at=None), POLICY) == day(110 + 366)


def names(commands: Sequence[Command]) -> list[str]:
    return [type(one).__name__ for one in commands]


def due(claim: Claim, on: int, policy: Policy = POLICY) -> list[Command]:
    return timers.due(claim, policy, midnight(on))


SYSTEM: dict[str, Any] = {"claim_id": CLAIM_ID, "actor": "claimflow", "role": "SYSTEM"}


def test_8_a_request_is_ended_after_its_due_date() -> None:
    assert due(INFO_REQUESTED, 30) == []
    assert due(INFO_REQUESTED, 31) == [
        ExpireInformationRequest(**SYSTEM, now=midnight(31), information_request_id=FIRST_REQUEST)
    ]


def test_k1_a_breach_is_due_on_the_day_after() -> None:
    assert due(ACCEPTED, 30) == []
    assert due(ACCEPTED, 31) == [RecordBreach(**SYSTEM, now=midnight(31))]
    assert due(play(breach(), claim=ACCEPTED), 32) == []


def test_9_pricing_is_due_at_once() -> None:
    assert due(ACCEPTED, 0, auto()) == [
        AdjudicateClaim(**SYSTEM, now=midnight(0), mode=AdjudicationMode.AUTO)
    ]
    assert due(ACCEPTED, 0) == []
    assert names(due(ACCEPTED, 31, auto())) == ["RecordBreach", "AdjudicateClaim"]


def test_19_closing_is_due_on_its_day() -> None:
    assert due(PAID, 14 + 365) == []
    assert due(PAID, 14 + 366) == [
        CloseClaim(**SYSTEM, now=midnight(14 + 366), reason=Reason(code="WINDOWS_ELAPSED"))
    ]
    assert names(due(PAID, 999)) == ["CloseClaim"]


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("on", [0, 31, 380, 999])
def test_what_is_due_is_carried_out(state: State, on: int) -> None:
    claim = PASTS[state]
    for command in due(claim, on):
        claim = play(command, claim=claim)
    assert due(claim, on) == [] or state is State.INFO_REQUESTED


@pytest.mark.parametrize("state", State)
def test_the_system_wakes_no_sooner_and_no_later_than_something_is_due(state: State) -> None:
    claim = PASTS[state]
    wakes = sla.wake_at(claim, POLICY)
    if wakes is None:
        assert due(claim, 9999) == []
    else:
        assert timers.due(claim, POLICY, wakes) != []
        assert timers.due(claim, POLICY, wakes - timedelta(seconds=1)) == []


def test_19_an_examiner_closes_what_is_paid_or_denied_for_good() -> None:
    given(PAID).when(close()).then(ClaimClosed(by="ana", at=NOW))
    given(TOLD).when(close(TIMER)).then(ClaimClosed(by="timer", at=NOW))


def test_m18_a_claim_whose_payment_is_yet_to_be_corrected_is_not_closed() -> None:
    changed = play(reopen(), adjudicate(*PAYS_NOTHING), finalize(), claim=PAID)
    given(changed).when(close()).refuses(Refusal.CLAIM_HAS_OPEN_WORK)
    corrected = play(issue(changed, remittance_id=UUID(int=0xD2)), claim=changed)
    assert given(corrected).when(close()).decided()


@pytest.mark.parametrize("claim", [DENIED, PAID, CLOSED], ids=lambda claim: claim.state)
def test_15_a_decision_is_reopened_and_what_was_paid_stands(claim: Claim) -> None:
    given(claim).when(reopen()).then(ClaimReopened(by="sue", at=NOW))
    after = play(reopen(), claim=claim)
    assert (after.state, after.adjudication, after.reopenings) == (State.ACCEPTED, None, 1)
    assert after.remitted == claim.remitted
    assert after.decision is claim.decision


def test_15_a_reopened_claim_is_adjudicated_under_the_next_number() -> None:
    again = play(reopen(), adjudicate(), claim=DENIED)
    assert again.adjudication is not None and again.adjudication.number == 2


@pytest.mark.parametrize(("days", "open_"), [(365, True), (366, False)])
def test_15_a_decision_is_reopened_within_the_policys_window(days: int, open_: bool) -> None:
    story = given(DENIED).when(reopen(now=at(days)))
    if open_:
        assert story.decided()
    else:
        refused = story.refuses(Refusal.REOPENING_WINDOW_PASSED)
        assert refused.facts == {"last_day": "2027-03-02"}


def test_15_the_window_begins_anew_with_each_decision() -> None:
    again = play(reopen(now=at(300)), adjudicate(now=at(300)), finalize(now=at(300)), claim=DENIED)
    paid = play(issue(again, now=at(300)), claim=again)
    assert given(paid).when(reopen(now=at(600))).decided()


def test_15_the_day_of_the_decision_is_that_of_utc() -> None:
    late = datetime.fromisoformat("2026-03-02T23:30:00-05:00")  # the 3rd in UTC
    claim = play(finalize(now=late), claim=play(adjudicate(*PAYS_NOTHING), claim=ACCEPTED))
    facts = with_policy(reopening_days=0)
    assert given(claim, facts=facts).when(reopen(now=at(1))).decided()
    given(claim, facts=facts).when(reopen(now=at(2))).refuses(Refusal.REOPENING_WINDOW_PASSED)


def test_15_the_last_approval_is_the_time_of_the_decision() -> None:
    assert APPROVED.decided_at == NOW
    once = play(approve(PENDING_APPROVAL), claim=PENDING_APPROVAL)
    assert once.decided_at is None
