"""Histories played and held against the invariants, then settled; and the shortest that break one.

A history is a list of numbers, one for each turn, so that a broken one can be made shorter by
leaving turns out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from traceback import extract_tb

from server.claims import records
from server.claims.commands import Command
from server.claims.events import AppealEscalated, PaymentFailed
from server.claims.refusals import Refusal
from tests.server.claims import scenery
from tests.server.claims.invariants import Check, Violation
from tests.server.claims.invariants_clocks import OF_CLOCKS
from tests.server.claims.invariants_determinations import OF_DETERMINATIONS
from tests.server.claims.invariants_money import OF_MONEY, settled
from tests.server.claims.invariants_workflow import OF_WORKFLOW
from tests.server.claims.legality import OF_MOVES
from tests.server.claims.players import turn
from tests.server.claims.settling import Stuck, settle
from tests.server.claims.turns import Turn
from tests.server.claims.world import Row, Step, World, fold

CHECKS: Mapping[str, Check] = {
    **OF_DETERMINATIONS,
    **OF_WORKFLOW,
    **OF_CLOCKS,
    **OF_MONEY,
    **OF_MOVES,
}
TURNS = 60
NUMBERS_MAX = 1 << 48


@dataclass(slots=True)
class Tally:
    """What was seen over all histories."""

    histories: int = 0
    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    in_histories: Counter[str] = field(default_factory=Counter)  # with the command accepted
    states: Counter[str] = field(default_factory=Counter)  # claims that ever were in one
    looked_at: Counter[str] = field(default_factory=Counter)  # by invariant
    situations: Counter[str] = field(default_factory=Counter)  # that are rare and hard to get right
    broken: dict[str, tuple[list[int], str]] = field(default_factory=dict)  # by invariant


@dataclass(slots=True)
class Game:
    """One history, held against the invariants step by step."""

    world: World
    checks: Mapping[str, Check]
    tally: Tally
    accepted: list[Command] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)

    def take(self, taken: Turn) -> bool:
        """Take a turn; tell whether it was carried out."""
        if isinstance(taken, timedelta):
            self.world.wait(taken)
            return True
        name = type(taken).__name__
        before = self.world.fingerprint()
        outcome = self.world.ask(taken)
        if isinstance(outcome, Refusal):
            self.tally.refused[name] += 1
            self.tally.refusals[outcome.value] += 1
            self.tally.looked_at["REFUSED"] += 1
            if self.world.fingerprint() != before:
                self.faults.setdefault("REFUSED", f"a refused {name} changed something")
            return False
        self.tally.accepted[name] += 1
        self.accepted.append(taken)
        step = self.world.last
        assert step is not None
        self.tally.situations.update(situations(self.world, step))
        for rule, check in self.checks.items():
            try:
                self.tally.looked_at[rule] += check(self.world, step)
            except Violation as violation:
                self.faults.setdefault(rule, f"{violation} after {name}")
        return True

    def must(self, taken: Turn) -> None:
        """Take a turn that nothing speaks against."""
        if isinstance(taken, timedelta) or self.take(taken):
            return
        outcome = self.world.ask(taken)
        raise Stuck(f"{type(taken).__name__} is refused while settling: {outcome}")


def play(
    numbers: Sequence[int],
    tally: Tally,
    checks: Mapping[str, Check] = CHECKS,
    mischief: float = 0.05,
) -> Game:
    """Play a history to its end."""
    game = Game(World(rules=scenery.rules(Random(numbers[0]))), checks, tally)
    tally.histories += 1
    try:
        for number in numbers[1:]:
            game.take(turn(game.world, number, mischief))
        settle(game.world, game.must)
        tally.looked_at["SETTLED"] += len(settled(game.world))
    except Stuck as stuck:
        game.faults.setdefault("STUCK", str(stuck))
    except Violation as violation:
        game.faults.setdefault("SETTLED", str(violation))
    except Exception as broken:  # a rule that breaks down is a fault like any other
        place = extract_tb(broken.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        game.faults.setdefault("BREAKDOWN", f"{type(broken).__name__}: {broken} ({where})")
    tally.looked_at.update(("STUCK", "BREAKDOWN"))
    for claim_id, rows in game.world.rows.items():
        tally.looked_at["FOLD"] += len(rows)
        if fold(map(_stored, rows)) != game.world.claims[claim_id]:
            game.faults.setdefault("FOLD", "the claim is not the fold of its stored events")
    for name in {type(one).__name__ for one in game.accepted}:
        tally.in_histories[name] += 1
    for rows in game.world.rows.values():
        for state in {row.to_state.value for row in rows}:
            tally.states[state] += 1
    for rule, fault in game.faults.items():
        tally.broken.setdefault(rule, (list(numbers), fault))
    return game


def _stored(row: Row) -> Row:
    """The event as it is read again from its row."""
    payload, sealed = records.payload_and_sealed(row.event, "", bytes(32))
    event = records.event_of(type(row.event).__name__, payload.decode(), sealed)
    return replace(row, event=event)


def situations(world: World, step: Step) -> Iterator[str]:
    """What is rare and hard to get right, by name."""
    decided = step.decided
    for entry in decided.opened:
        opened = f"{entry.kind} opened"
        yield f"{opened} below zero" if entry.amount < 0 else opened
        if entry.reopens is not None:
            yield f"{entry.kind} opened again"
        elif decided.failed_remittance_id and entry.reversal is not None:
            yield "reversed in vain"
    if decided.remittance is not None:
        yield "remittance of nothing" if not decided.remittance.amount else "remittance"
        for one in decided.remittance.provider_adjustments:
            taken = world.entries.get(one.entry_id) if one.entry_id else None
            yield f"{one.reason_code} of {taken.kind if taken else 'a claim'}"
        if any(one.reverses for one in decided.remittance.claims):
            yield "reversal told"
    if decided.cancelled:
        yield "entry cancelled"
    if decided.by_system and decided.events:
        yield "denied on arrival"
    for row in step.rows:
        if isinstance(row.event, PaymentFailed):
            yield "payment failed, reversal undone" if row.event.undoes_reversal else "failed"
        if isinstance(row.event, AppealEscalated):
            yield "appeal escalated"


def play_many(count: int, seed: int, checks: Mapping[str, Check] = CHECKS) -> Tally:
    """Play many histories; the same seed plays the same."""
    tally = Tally()
    for number in range(count):
        play(numbers_of(seed, number), tally, checks)
    return tally


def numbers_of(seed: int, number: int) -> list[int]:
    """The turns of one history of a run."""
    r = Random(seed * 1_000_003 + number)
    return [r.randrange(NUMBERS_MAX) for _ in range(r.randint(TURNS // 3, TURNS * 4 // 3))]


def shortest(numbers: Sequence[int], breaks: Callable[[Sequence[int]], bool]) -> list[int]:
    """Leave out turns while a history still breaks the rule."""
    kept = list(numbers)
    span = len(kept) // 2
    while span:
        place = 1
        while place < len(kept):
            shorter = kept[:place] + kept[place + span :]
            if breaks(shorter):
                kept = shorter
            else:
                place += span
        span //= 2
    return kept


def story(rule: str, numbers: Sequence[int]) -> str:
    """The shortest history that breaks a rule, told in commands."""

    def breaks(shorter: Sequence[int]) -> bool:
        return rule in play(shorter, Tally()).faults

    kept = shortest(numbers, breaks)
    game = play(kept, Tally())
    told = [f"{rule}: {game.faults[rule]}", f"numbers = {kept}"]
    names = {claim_id: number for number, claim_id in enumerate(game.world.claims, 1)}
    for command in game.accepted:
        which = names.get(command.claim_id, "-")
        told.append(f"  {command.now:%m-%d %H:%M} {type(command).__name__} claim {which}")
    return "\n".join(told)
