"""Holds: command 23. They stop payment and closing, never the work on the claim."""

from __future__ import annotations

from typing import Any

import pytest

from server.claims.events import HoldPlaced, HoldReleased
from server.claims.model import Hold, State
from server.claims.refusals import Refusal
from tests.server.claims.cast import (
    CORA,
    FAY,
    NOW,
    ONE_DAY,
    SID,
    Who,
    adjudicate,
    approve,
    close,
    finalize,
    hold,
    issue,
    pend,
    release_hold,
    reopen,
    void,
    with_policy,
)
from tests.server.claims.dsl import given, play
from tests.server.claims.pasts import ACCEPTED, ADJUDICATED, PAID, PARTIAL, PENDING_APPROVAL

HELD = play(hold(), claim=ACCEPTED)


def test_a_hold_is_placed_and_released_by_its_kind() -> None:
    given(ACCEPTED).when(hold()).then(HoldPlaced(kind="LEGAL", by="fay", at=NOW))
    given(HELD).when(release_hold(who=SID)).then(HoldReleased(kind="LEGAL", by="sid", at=NOW))


def test_a_hold_leaves_the_state_as_it_is() -> None:
    assert HELD.state is State.ACCEPTED
    assert HELD.holds == (Hold(kind="LEGAL", placed_by="fay", placed_at=NOW),)
    assert HELD.open_holds == HELD.holds


def test_a_released_hold_stays_on_record() -> None:
    later = NOW + ONE_DAY
    after = play(release_hold(who=SID, now=later), claim=HELD)
    assert after.open_holds == ()
    assert after.holds == (
        Hold(kind="LEGAL", placed_by="fay", placed_at=NOW, released_by="sid", released_at=later),
    )


def test_a_released_hold_may_be_placed_again_and_the_first_stays_released() -> None:
    again = play(release_hold(), hold(), claim=HELD)
    assert [one.released_by for one in again.holds] == ["fay", ""]
    twice = play(release_hold(who=SID), claim=again)
    assert [one.released_by for one in twice.holds] == ["fay", "sid"]


def test_of_several_holds_the_one_that_is_named_is_released() -> None:
    both = play(hold("COB"), claim=HELD)
    after = play(release_hold("COB"), claim=both)
    assert [one.kind for one in after.open_holds] == ["LEGAL"]


@pytest.mark.parametrize(
    ("kind", "who"),
    [("LEGAL", FAY), ("LEGAL", SID), ("FRAUD", SID), ("COB", CORA), ("COB", FAY)],
    ids=lambda one: one if isinstance(one, str) else one.role,
)
def test_a_kind_of_hold_stands_with_its_roles(kind: str, who: Who) -> None:
    held = play(hold(kind, who), claim=ACCEPTED)
    assert play(release_hold(kind, who), claim=held).open_holds == ()


@pytest.mark.parametrize(
    ("kind", "who"),
    [("LEGAL", CORA), ("FRAUD", FAY), ("FRAUD", CORA), ("COB", SID)],
    ids=lambda one: one if isinstance(one, str) else one.role,
)
def test_other_roles_neither_place_nor_release_it(kind: str, who: Who) -> None:
    given(ACCEPTED).when(hold(kind, who)).refuses(Refusal.HOLD_ROLE_NOT_ALLOWED)
    placed_by = SID if kind == "FRAUD" else FAY
    held = play(hold(kind, placed_by), claim=ACCEPTED)
    given(held).when(release_hold(kind, who)).refuses(Refusal.HOLD_ROLE_NOT_ALLOWED)


def test_who_may_not_place_a_hold_learns_not_whether_it_is_placed() -> None:
    given(HELD).when(hold(who=CORA)).refuses(Refusal.HOLD_ROLE_NOT_ALLOWED)


def test_finance_ends_a_hold_whose_kind_left_the_policy() -> None:
    facts = with_policy(hold_kinds={})
    given(HELD, facts=facts).when(release_hold(who=SID)).refuses(Refusal.HOLD_ROLE_NOT_ALLOWED)
    assert play(release_hold(who=FAY), claim=HELD, facts=facts).open_holds == ()
    given(ACCEPTED, facts=facts).when(hold()).refuses(Refusal.HOLD_KIND_UNKNOWN)


def test_a_hold_stops_payment_until_it_is_released() -> None:
    held = play(hold(), claim=PARTIAL)
    given(held).when(issue(held)).refuses(Refusal.PAYMENT_ON_HOLD)
    free = play(release_hold(), claim=held)
    assert given(free).when(issue(free)).decided()


def test_a_hold_stops_closing() -> None:
    held = play(hold(), claim=PAID)
    given(held).when(close()).refuses(Refusal.CLAIM_HAS_OPEN_WORK)
    assert given(play(release_hold(), claim=held)).when(close()).decided()


@pytest.mark.parametrize(
    ("past", "command"),
    [
        (ACCEPTED, pend()),
        (ACCEPTED, adjudicate()),
        (ADJUDICATED, finalize()),
        (PENDING_APPROVAL, approve(PENDING_APPROVAL)),
        (PAID, reopen()),
        (PAID, void()),
    ],
    ids=["pend", "adjudicate", "finalize", "approve", "reopen", "void"],
)
def test_a_hold_stops_nothing_else(past: Any, command: Any) -> None:
    held = play(hold(), claim=past)
    assert given(held).when(command).decided()
