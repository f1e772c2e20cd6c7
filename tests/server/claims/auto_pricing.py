"""Claims that the rules can price, the facts they are priced by, and what is recorded."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from server.claims.document import ClaimDocument
from server.claims.events import AdjudicationRecorded
from server.claims.facts import Facts
from server.claims.model import Adjudication, Claim
from tests.server.claims.cast import Tables, price, submit
from tests.server.claims.dsl import given, play
from tests.server.claims.rates import FEES, POLICY, Loaded, bill, line, plan

EARLIER, LATER = UUID(int=0), UUID(int=7)
VISIT = line(1, "100.00")  # 80.00, and nothing of it the patient's


def loaded(
    fees: dict[str, tuple[str, str]] | None = None, *, terms: Any = None, **changes: Any
) -> Facts:
    """Facts with a plan and fees."""
    benefits = Loaded(plans=(terms or plan(),), fees=FEES | (fees or {}))
    fields: dict[str, Any] = {"policy": POLICY, "codes": Tables(), "benefits": benefits}
    return Facts(**(fields | changes))


FULL = loaded()


def received(document: ClaimDocument | None = None, facts: Facts = FULL) -> Claim:
    return play(submit(document or bill(VISIT)), facts=facts)


def worth(amount: str) -> tuple[Claim, Facts]:
    """A claim that the rules pay so much for, and the facts that say so."""
    facts = loaded({"99213": (amount, "FREE")})
    return received(bill(line(1, amount)), facts), facts


def recorded(claim: Claim, facts: Facts = FULL, **fields: Any) -> Adjudication:
    event = given(claim, facts=facts).when(price(**fields)).decided()[0]
    assert isinstance(event, AdjudicationRecorded)
    return event.adjudication
