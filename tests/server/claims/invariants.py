"""How rules are held against what happened; the rules themselves are in invariants_*, by topic.

Nothing there asks the rules under test: sums, classes, approvals and clocks are worked out again
from events and documents. A function returns how many things it has looked at, so that a rule which
nothing was ever held against does not count as kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from server.claims.events import (
    AdjudicationRecorded,
    ClaimApproved,
    ClaimDenied,
    ClaimPartiallyApproved,
)
from server.claims.model import Adjudication, Claim, State
from tests.server.claims.world import Row, Step, World

Check = Callable[[World, Step], int]

ZERO = Decimal(0)
TERMINAL_STATES = {State.REJECTED, State.VOIDED, State.REPLACED}
FINAL_EVENTS = (ClaimApproved, ClaimPartiallyApproved, ClaimDenied)


class Violation(AssertionError):
    """A rule does not hold."""


def hold(condition: bool, message: str) -> None:
    if not condition:
        raise Violation(message)


def total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def recorded(step: Step) -> Iterator[Adjudication]:
    """The determinations that a step has recorded."""
    for row in step.rows:
        if isinstance(row.event, AdjudicationRecorded):
            yield row.event.adjudication


def changed(world: World, step: Step) -> Iterator[tuple[Claim | None, Claim, tuple[Row, ...]]]:
    """Every claim that a step changed: as it was, as it is, and all its events."""
    for claim_id, before in step.before.items():
        yield before, world.claims[claim_id], world.rows[claim_id]
