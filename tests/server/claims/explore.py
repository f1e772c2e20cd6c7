"""Every command in every state that a small claim can come to, breadth first.

Two worlds are the same when they differ in ids, amounts of the same size, or in who of two equal
people did what. What stands beside the way from receipt to payment (notes, documents, leases,
holds, ...) is gone to one at a time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from server.claims.commands import (
    CloseClaim,
    Command,
    DismissAppeal,
    RecoupOverpayment,
    SubmitClaim,
    VoidClaim,
)
from server.claims.model import TERMINAL, Claim, Decision, State
from server.claims.refusals import Refusal
from server.claims.workflow import ALLOWED, OF_MANY
from tests.server.claims.cast import NOW
from tests.server.claims.documents import professional
from tests.server.claims.invariants import Check, Violation
from tests.server.claims.likeness import likeness
from tests.server.claims.settling import settle
from tests.server.claims.small_claim import (
    CHARGE,
    CLOCK,
    EXAMINERS,
    Limits,
    asked_by,
    commands,
    current,
    sides,
    small_rules,
    submitted,
)
from tests.server.claims.turns import Turn, unpaid
from tests.server.claims.world import World


@dataclass(slots=True)
class Explored:
    """What an exploration found."""

    limits: Limits
    depth: int = 0
    asked: int = 0
    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)  # worlds by their claim's state
    moves: set[tuple[str, State | None, State]] = field(default_factory=set)
    # World -> worlds, by any command.
    ways: dict[Any, set[Any]] = field(default_factory=dict, repr=False)
    without_void: dict[Any, set[Any]] = field(default_factory=dict, repr=False)
    ended: set[Any] = field(default_factory=set, repr=False)  # terminal, or closed and told
    frontier: dict[Any, World] = field(default_factory=dict, repr=False)  # not gone on from
    # World -> the one before, and the command; none where time has passed.
    came_by: dict[Any, tuple[Any, Command | None]] = field(default_factory=dict, repr=False)
    faults: list[str] = field(default_factory=list)

    @property
    def worlds(self) -> int:
        """How many worlds there are that differ."""
        return sum(self.states.values())

    @property
    def transitions(self) -> int:
        """How many ways there are between them."""
        return sum(map(len, self.ways.values()))


def beginning() -> World:
    """The world in which the claim has just arrived."""
    world = World(rules=small_rules())
    world.ask(submitted(world, professional(str(CHARGE))))
    return world


def explore(limits: Limits, checks: Mapping[str, Check]) -> Explored:
    """Go breadth first from the claim's arrival."""
    found = Explored(limits)
    world = beginning()
    layer = {likeness(world): world}
    known = set(layer)
    while layer and found.depth < limits.depth:
        found.depth += 1
        following: dict[Any, World] = {}
        for key, here in layer.items():
            _note(found, key, here)
            for command, there in successors(here, checks, found):
                after = likeness(there)
                found.ways.setdefault(key, set()).add(after)
                if not isinstance(command, VoidClaim | SubmitClaim):
                    found.without_void.setdefault(key, set()).add(after)
                if after not in known:
                    known.add(after)
                    following[after] = there
                    found.came_by[after] = (key, command)
        layer = following
    for key, here in layer.items():
        _note(found, key, here)
    found.frontier = layer
    return found


def successors(
    world: World, checks: Mapping[str, Check], found: Explored
) -> Iterator[tuple[Command | None, World]]:
    """The worlds that one command leads to, each held against the invariants."""
    later = _later(world)
    if later is not None and current(world).state not in TERMINAL:
        yield None, later
    for command in commands(world, found.limits):
        name = type(command).__name__
        found.asked += 1
        try:
            there = world.after(command)
        except Exception as broken:  # a rule that breaks down is a fault like any other
            found.faults.append(f"{name} breaks down: {broken}")
            continue
        if isinstance(there, Refusal):
            found.refused[name] += 1
            continue
        found.accepted[name] += 1
        _hold(found, command, world, there, checks)
        if sides(there) <= found.limits.sides:
            yield command, there


def _hold(
    found: Explored, command: Command, here: World, there: World, checks: Mapping[str, Check]
) -> None:
    name, step = type(command).__name__, there.last
    assert step is not None
    found.moves.update(
        (type(row.event).__name__, row.from_state, row.to_state) for row in step.rows
    )
    claim = here.claims.get(command.claim_id)
    of_one = claim is not None and type(command) not in OF_MANY
    if of_one and claim is not None and claim.state not in ALLOWED[type(command)]:
        found.faults.append(f"{name} is accepted in {claim.state}")
    for rule, check in checks.items():
        try:
            check(there, step)
        except Violation as violation:
            found.faults.append(f"{rule}: {violation} after {name}")


def _later(world: World) -> World | None:
    passed = (world.now.date() - NOW.date()).days
    coming = [days for days in CLOCK if days > passed]
    if not coming:
        return None
    later = world.copy()
    later.wait(NOW + timedelta(days=coming[0]) - world.now)
    return later


def _note(found: Explored, key: Any, world: World) -> None:
    last = current(world)
    found.states[last.state.value] += 1
    if last.state in TERMINAL or is_over(last):
        found.ended.add(key)


def is_over(claim: Claim) -> bool:
    """Closed, and its determination told, unless it is a denial that was never paid before."""
    if claim.state is not State.CLOSED:
        return False
    return not unpaid(claim) or (claim.decision is Decision.DENIED and claim.remitted is None)


def dead_ends(found: Explored, ways: Mapping[Any, set[Any]]) -> set[Any]:
    """The worlds that were gone on from and lead to no end, nor to where nobody went on."""
    back: defaultdict[Any, list[Any]] = defaultdict(list)
    for here, others in ways.items():
        for there in others:
            back[there].append(here)
    reached = {*found.ended, *found.frontier}
    waiting = list(reached)
    while waiting:
        for before in back[waiting.pop()]:
            if before not in reached:
                reached.add(before)
                waiting.append(before)
    return set(found.ways) - reached


def again(found: Explored, key: Any) -> World:
    """The world of a key, come to anew."""
    commands: list[Command | None] = []
    while key in found.came_by:
        key, command = found.came_by[key]
        commands.append(command)
    world = beginning()
    for command in reversed(commands):
        if command is None:
            later = _later(world)
            assert later is not None
            world = later
        else:
            world.ask(command)
    return world


def close(world: World) -> None:
    """Bring a world's claim to be told and closed without a void, or complain."""

    def must(taken: Turn) -> None:
        assert not isinstance(taken, timedelta)
        outcome = world.ask(taken)
        if isinstance(outcome, Refusal):
            raise Violation(f"{type(taken).__name__}: {outcome}")

    settle(world, must)
    claim = current(world)
    for appeal in claim.open_appeals:
        dismissed = asked_by(world, claim, "ann APPEALS_ANALYST", appeal_id=appeal.appeal_id)
        must(DismissAppeal(**dismissed))
    for overpaid in claim.overpayments:
        if overpaid.recouped < overpaid.amount:
            must(
                RecoupOverpayment(
                    **asked_by(world, claim, "fay FINANCE"),
                    overpayment_id=overpaid.overpayment_id,
                    entry_id=world.new_id(),
                    amount=overpaid.amount - overpaid.recouped,
                )
            )
    if world.claims[claim.claim_id].state is not State.CLOSED:
        must(CloseClaim(**asked_by(world, claim, EXAMINERS[0])))
    if not is_over(world.claims[claim.claim_id]):
        raise Violation("closed and not told")
