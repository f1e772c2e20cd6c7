"""Every command in every state that a small claim can come to, up to a depth.

The core is gone through deeper, without what stands beside the way (notes, documents, leases,
queues, holds, earlier payers); with one of these at a time it is gone through less deep.
CLAIMFLOW_HISTORIES (`make test-long`) asks for more depth, and for one exploration without any
bound but that nothing is done too often.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from server.claims import pends
from server.claims.model import TERMINAL, State
from server.claims.refusals import Refusal, Refused
from server.claims.transitions import TRANSITIONS
from server.claims.workflow import ALLOWED
from tests.server.claims import planted
from tests.server.claims.explore import Explored, again, close, dead_ends, explore
from tests.server.claims.games import CHECKS
from tests.server.claims.invariants import Violation
from tests.server.claims.likeness import likeness
from tests.server.claims.small_claim import Limits, current

LONG = int(os.environ.get("CLAIMFLOW_HISTORIES", "0")) > 1_000
CLOSED_MAX = 3_000 if LONG else 300  # worlds that are brought to their end by hand
EXPLORATIONS = {
    "core": Limits(depth=9 if LONG else 7, sides=0),
    "with_sides": Limits(depth=6 if LONG else 4, sides=1),
}
if LONG:
    EXPLORATIONS["whole"] = Limits(
        depth=60, sides=0, requests=0, appeals=1, remittances=2, claims=1
    )


@pytest.fixture(scope="module", params=EXPLORATIONS)
def found(request: pytest.FixtureRequest) -> Iterator[Explored]:
    """One exploration."""
    began = time.process_time()
    explored = explore(EXPLORATIONS[request.param], CHECKS)
    seconds = time.process_time() - began
    print(
        f"\n{request.param}: depth {explored.depth}, {explored.worlds} states,"
        f" {explored.transitions} transitions, {explored.asked} commands of which"
        f" {sum(explored.accepted.values())} carried out, {len(explored.moves)} of"
        f" {len(TRANSITIONS)} moves, {seconds:.1f} s of CPU"
    )
    print("by state:", dict(explored.states))
    yield explored


def test_every_move_is_legal(found: Explored) -> None:
    assert found.moves <= TRANSITIONS


def test_nothing_is_broken_and_nothing_accepted_where_it_is_not_allowed(found: Explored) -> None:
    assert Counter(found.faults) == {}


def test_every_state_from_acceptance_on_is_reached(found: Explored) -> None:
    never = {State.RECEIVED, State.REJECTED, State.REPLACED}  # left at once, or left behind
    if not found.limits.requests:
        never.add(State.INFO_REQUESTED)
    assert {state.value for state in State if state not in never} == set(found.states)


def test_every_command_is_asked(found: Explored) -> None:
    asked = found.accepted.keys() | found.refused.keys()
    kinds = {kind.__name__ for kind in ALLOWED}
    bounded = set() if found.limits.requests else {"RequestInformation"}
    if found.limits.claims < 2:
        bounded.add("SubmitClaim")
    assert asked == kinds - bounded


def test_there_is_no_dead_end(found: Explored) -> None:
    """From every state an end is reached: here, where nobody went on, or beyond the bounds."""
    assert brought_to_no_end(found, dead_ends(found, found.ways)) == {}


def test_every_claim_can_be_told_and_closed_without_a_void(found: Explored) -> None:
    left = [*dead_ends(found, found.without_void), *found.frontier]
    assert left
    assert brought_to_no_end(found, left) == {}


def brought_to_no_end(found: Explored, keys: Iterable[Any]) -> Counter[str]:
    """What refuses to go on when worlds are brought to their end by hand, beyond all bounds."""
    stuck: Counter[str] = Counter()
    left = list(keys)
    for key in left[:: len(left) // CLOSED_MAX + 1]:
        world = again(found, key)
        assert likeness(world) == key
        if current(world).state not in TERMINAL:
            try:
                close(world)
            except Violation as violation:
                stuck[str(violation)] += 1
    return stuck


def test_a_command_that_is_allowed_everywhere_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    planted.without(Refusal.TRANSITION_NOT_ALLOWED)(monkeypatch)
    explored = explore(Limits(depth=1), {"W1": CHECKS["W1"]})
    assert "CloseClaim is accepted in ACCEPTED" in explored.faults
    assert not explored.moves <= TRANSITIONS


def test_a_pend_that_nobody_can_resolve_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(command: object, claim: object, facts: object) -> None:
        raise Refused(Refusal.PEND_NOT_OPEN)

    monkeypatch.setattr(pends, "resolve", refuse)
    explored = explore(Limits(depth=2, sides=0), {})
    stuck = brought_to_no_end(explored, explored.frontier)
    assert stuck["ResolvePend: PEND_NOT_OPEN"] > 0
