"""Money moves once, whatever happens: M5, M18, M19 and R1 over any steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st

from server.claims.commands import Command
from server.claims.model import State
from server.claims.refusals import Refused
from tests.server.claims.cast import (
    NOW,
    STRICT,
    correct,
    fail,
    issue,
    overpaid,
    recoup,
    void,
    with_policy,
)
from tests.server.claims.dsl import House
from tests.server.claims.paying import anew, approved, decision


def balances(lives: House) -> Mapping[str, Any]:
    """What each family and each reference comes to, over all that was paid or is still open."""
    sums: dict[str, Any] = {}

    def add(name: str, amount: Any) -> None:
        sums[name] = sums.get(name, 0) + amount

    for one in lives.issued.values():
        if one.failed:
            continue
        for told in one.remittance.claims:
            add(f"family/{lives.claims[told.claim_id].family_id}", told.paid)
        for item in one.remittance.provider_adjustments:
            add(f"{item.reason_code}/{item.reference}", item.amount)
    codes = {"OVERPAYMENT": "WO", "FORWARD_BALANCE": "FB", "INTEREST": "L6"}
    for entry in lives.entries:
        if entry.reversal is not None:
            add(f"family/{lives.claims[entry.reversal.claim_id].family_id}", entry.reversal.paid)
        else:
            add(f"{codes[entry.kind]}/{entry.reference}", entry.amount)
    return sums


def standing(lives: House) -> Mapping[str, Any]:
    """What they should come to: what stands on the claims."""
    sums: dict[str, Any] = {}
    for claim in lives.claims.values():
        remitted = claim.remitted
        if remitted is None:
            continue
        family = f"family/{claim.family_id}"
        sums[family] = sums.get(family, 0) + remitted.paid
        if remitted.interest:
            sums[f"L6/{claim.claim_number}"] = -remitted.interest
        for one in remitted.overpayments:
            if one.recouped:
                sums[f"WO/{one.overpayment_id}"] = one.recouped
    return sums


PAYMENTS = ["100.00", "80.00", "31.07", "0.00"]
STEPS = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 4), st.integers(0, 3)), min_size=6, max_size=30
)
NO_FLOOR = with_policy(
    clocks=replace(
        STRICT.policy.clocks, payment_floor_electronic_days=0, payment_floor_paper_days=0
    )
)


def to_be_told(lives: House) -> list[UUID]:
    """The claims that the next remittance may tell."""
    return [
        one.claim_id
        for one in lives.claims.values()
        if one.state is State.APPROVED or (one.state is State.DENIED and one.remitted is None)
    ]


def step(lives: House, kind: int, which: int, choice: int, count: int) -> list[Command]:
    """A step in the life of a payer with some claims; it may be refused."""
    new = len(lives.claims) + 1
    if kind == 0 or not lives.claims:
        return approved(new, PAYMENTS[choice])
    later = NOW + timedelta(days=20 + 3 * count)
    if kind in (1, 2):
        by = UUID(int=0xD00 + count)
        return [issue(*to_be_told(lives)[: which + 1], remittance_id=by, now=later)]
    if kind == 3:
        paid = [one for one, told in lives.issued.items() if told.remittance.amount]
        return [fail(one, now=later) for one in paid[-1 - choice :][:1]]
    claim = list(lives.claims.values())[which % len(lives.claims)]
    about: dict[str, Any] = {"claim_id": claim.claim_id, "now": later}
    match kind:
        case 4:
            return [void(**about)]
        case 5:
            return [correct(claim, number=new, now=later), *decision(new, PAYMENTS[choice])]
        case 6 | 7:
            return anew(claim.claim_id.int, PAYMENTS[choice])
        case _:
            found = UUID(int=0xE00 + count)
            entry = UUID(int=0xF00 + count)
            return [overpaid("10.00", found, **about), recoup("4.00", found, entry, **about)]


@settings(deadline=None, max_examples=60)
@given_any(STEPS)
def test_m18_m19_r1_m5_money_moves_once_whatever_happens(steps: list[tuple[int, int, int]]) -> None:
    lives = House(facts=NO_FLOOR)
    for count, chosen in enumerate(steps):
        try:
            lives = lives.after(*step(lives, *chosen, count))
        except Refused:
            continue
        for one in lives.issued.values():
            told = one.remittance
            assert told.amount == told.claims_paid - told.adjusted >= 0
        comes_to, should = balances(lives), standing(lives)
        for name in comes_to.keys() | should.keys():
            assert comes_to.get(name, 0) == should.get(name, 0), name
        paid = [
            (told.claim_id, told.adjudication_number)
            for one in lives.issued.values()
            if not one.failed
            for told in one.remittance.claims
            if not told.reverses
        ]
        assert len(paid) == len(set(paid))
