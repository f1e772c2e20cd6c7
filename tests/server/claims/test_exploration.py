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
from collections.abc import Iterator

import pytest

from server.claims.model import TERMINAL, State
from server.claims.transitions import TRANSITIONS
from server.claims.workflow import ALLOWED
from tests.server.claims.explore import (
    Explored,
    Limits,
    again,
    close,
    current,
    dead_ends,
    explore,
    likeness,
)
from tests.server.claims.games import CHECKS
from tests.server.claims.invariants import Violation

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
    assert {state.value for state in State if state not in never} <= set(found.states)


def test_every_command_is_asked(found: Explored) -> None:
    asked = found.accepted.keys() | found.refused.keys()
    assert asked == {kind.__name__ for kind in ALLOWED}


def test_there_is_no_dead_end(found: Explored) -> None:
    """From every state that was gone on from, an end or the edge of what is known is reached."""
    assert dead_ends(found, found.ways) == set()


def test_every_claim_can_be_told_and_closed_without_a_void(found: Explored) -> None:
    """What the exploration's own bounds left open is brought to its end by hand."""
    left = [*dead_ends(found, found.without_void), *found.frontier]
    stuck: Counter[str] = Counter()
    closed = 0
    for key in left[:: len(left) // CLOSED_MAX + 1]:
        world = again(found, key)
        assert likeness(world) == key
        if current(world).state in TERMINAL:
            continue
        closed += 1
        try:
            close(world)
        except Violation as violation:
            stuck[str(violation)] += 1
    assert closed > 0
    assert stuck == {}
