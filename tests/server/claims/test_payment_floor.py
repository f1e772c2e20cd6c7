"""When a claim may be paid: K3, and the payment dates of the policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from server.claims.document import Source
from server.claims.refusals import Refusal
from server.claims.remittance import is_electronic
from tests.server.claims.cast import (
    NOW,
    PAYDAY,
    STRICT,
    adjudicate,
    decided,
    finalize,
    issue,
    submit,
)
from tests.server.claims.documents import professional
from tests.server.claims.dsl import given, outcome, play
from tests.server.claims.pasts import DENIED, PARTIAL


@pytest.mark.parametrize("after_receipt", [14, 15, 30])
def test_k3_a_claim_by_wire_is_paid_from_the_14th_day_on(after_receipt: int) -> None:
    paid = issue(PARTIAL, now=NOW + timedelta(days=after_receipt))
    assert given(PARTIAL).when(paid).decided()


@pytest.mark.parametrize(("source", "wire"), [("paper", False), ("PAPER", False), ("", True)])
def test_k3_paper_waits_longer_than_wire(source: str, wire: bool) -> None:
    document = replace(PARTIAL.document, source=Source(system=source))
    claim = replace(PARTIAL, document=document)
    assert is_electronic(claim) == wire
    assert is_electronic(PARTIAL)
    assert given(claim).when(issue(claim, now=NOW + timedelta(days=29))).decided()
    story = given(claim).when(issue(claim, now=NOW + timedelta(days=28)))
    if wire:
        assert story.decided()
    else:
        story.refuses(Refusal.PAYMENT_FLOOR_NOT_REACHED)


def test_k3_the_floor_holds_for_a_cent_and_not_for_nothing() -> None:
    cent = play(
        submit(professional("0.01")), adjudicate(decided(1, "0.01", "0.01", "0.01")), finalize()
    )
    given(cent).when(issue(cent, now=NOW)).refuses(Refusal.PAYMENT_FLOOR_NOT_REACHED)
    assert given(DENIED).when(issue(DENIED, now=NOW)).decided()


def test_k3_the_day_of_payment_counts_and_not_that_of_the_command() -> None:
    ahead = issue(PARTIAL, now=NOW + timedelta(days=4), payment_date=PAYDAY.date())
    assert given(PARTIAL).when(ahead).decided()


def test_k3_what_pays_nothing_is_told_at_once() -> None:
    assert given(DENIED).when(issue(DENIED, now=NOW)).decided()


@pytest.mark.parametrize("ahead", [0, 10])
def test_a_payment_date_within_the_policy(ahead: int) -> None:
    day = (PAYDAY + timedelta(days=ahead)).date()
    told = outcome(issue(PARTIAL, payment_date=day), PARTIAL, STRICT).remittance
    assert told is not None and told.payment_date == day
