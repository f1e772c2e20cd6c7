"""A moment's day is the one of UTC, wherever the server stands."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from server.claims import codec, sla
from server.claims.clocks import Pause
from server.claims.refusals import Refusal
from tests.server.claims.cast import (
    NOW,
    ONE_DAY,
    STRICT,
    TODAY,
    file_appeal,
    receive_information,
    reopen,
    request_information,
)
from tests.server.claims.dsl import given, play
from tests.server.claims.pasts import ACCEPTED, PAID, TOLD

POLICY = STRICT.policy


@pytest.fixture(autouse=True)
def far_in_the_west(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ten hours behind UTC: at nine it is still yesterday."""
    monkeypatch.setenv("TZ", "WEST10")
    time.tzset()
    assert NOW.astimezone(None).date() == TODAY - ONE_DAY
    yield
    monkeypatch.undo()
    time.tzset()


def test_an_instant_is_stored_in_utc() -> None:
    assert codec.instant(NOW) == "2026-03-02T09:00:00.000000Z"


def test_k4_a_pause_has_the_days_of_utc() -> None:
    claim = play(request_information(), receive_information(now=NOW + 5 * ONE_DAY), claim=ACCEPTED)
    assert sla.pauses_of(claim, POLICY) == (Pause(begins=TODAY, ends=TODAY + 5 * ONE_DAY),)


def test_a_claim_decided_after_its_payment_closes_by_the_decision() -> None:
    late = replace(PAID, decided_at=NOW + 90 * ONE_DAY)
    closed_on = TODAY + timedelta(days=90 + POLICY.close_after_days)
    assert sla.closes_on(late, POLICY) == closed_on


def test_the_last_day_to_reopen_is_counted_in_utc() -> None:
    last = NOW + timedelta(days=POLICY.reopening_days)
    assert given(TOLD).when(reopen(now=last)).decided()
    refused = given(TOLD).when(reopen(now=last + ONE_DAY)).refuses(Refusal.REOPENING_WINDOW_PASSED)
    assert refused.facts == {"last_day": last.date().isoformat()}


def test_w13_the_days_to_appeal_are_counted_in_utc() -> None:
    level = POLICY.appeals.levels[0]
    last = NOW + timedelta(days=level.file_within_days + POLICY.appeals.mail_days)
    assert given(TOLD).when(file_appeal(now=last)).decided()
    given(TOLD).when(file_appeal(now=last + ONE_DAY)).refuses(Refusal.APPEAL_DEADLINE_PASSED)
