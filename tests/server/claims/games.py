"""Histories played and held against the invariants, then settled; and the shortest that break one.

A history is a list of numbers, one for each turn, so that a broken one can be made shorter by
leaving turns out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from random import Random
from typing import Any
from uuid import UUID

from server.claims.commands import (
    AdjudicateClaim,
    ApproveAdjudication,
    Command,
    ExpireInformationRequest,
    FinalizeClaim,
    IssueRemittance,
    Reason,
    ReleaseHold,
    ResolvePend,
    SubmitClaim,
)
from server.claims.document import Provider
from server.claims.model import TERMINAL, AdjudicationLine, Claim, State
from server.claims.refusals import Refusal
from server.claims.services import payee
from tests.server.claims import scenery
from tests.server.claims.cast import professional, service_line
from tests.server.claims.invariants import OF_CLAIMS, Check, Violation
from tests.server.claims.invariants_money import OF_MONEY, settled
from tests.server.claims.legality import check_w1
from tests.server.claims.players import Turn, turn, unpaid
from tests.server.claims.world import NOBODY, World

CHECKS: Mapping[str, Check] = {**OF_CLAIMS, **OF_MONEY, "W1": check_w1}
TURNS = 60
_UNDECIDED = {
    State.ACCEPTED,
    State.PENDED,
    State.INFO_REQUESTED,
    State.ADJUDICATED,
    State.PENDING_APPROVAL,
}


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
    broken: dict[str, tuple[list[int], str]] = field(default_factory=dict)  # by invariant


class Stuck(Violation):
    """A history that cannot be brought to its end."""


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


def play(numbers: Sequence[int], tally: Tally, checks: Mapping[str, Check] = CHECKS) -> Game:
    """Play a history to its end."""
    game = Game(World(rules=scenery.rules(Random(numbers[0]))), checks, tally)
    tally.histories += 1
    try:
        for number in numbers[1:]:
            game.take(turn(game.world, number))
        settle(game)
        tally.looked_at["SETTLED"] += len(settled(game.world))
    except Stuck as stuck:
        game.faults.setdefault("STUCK", str(stuck))
    except Violation as violation:
        game.faults.setdefault("SETTLED", str(violation))
    except Exception as broken:  # a rule that breaks down is a fault like any other
        game.faults.setdefault("BREAKDOWN", f"{type(broken).__name__}: {broken}")
    tally.looked_at["STUCK"] += 1
    tally.looked_at["BREAKDOWN"] += 1
    for name in {type(one).__name__ for one in game.accepted}:
        tally.in_histories[name] += 1
    for rows in game.world.rows.values():
        for state in {row.to_state.value for row in rows}:
            tally.states[state] += 1
    for rule, fault in game.faults.items():
        tally.broken.setdefault(rule, (list(numbers), fault))
    return game


def play_many(count: int, seed: int, checks: Mapping[str, Check] = CHECKS) -> Tally:
    """Play many histories; the same seed plays the same."""
    tally = Tally()
    for number in range(count):
        play(numbers_of(seed, number), tally, checks)
    return tally


def numbers_of(seed: int, number: int) -> list[int]:
    """The turns of one history of a run."""
    r = Random(seed * 1_000_003 + number)
    return [r.getrandbits(48) for _ in range(r.randint(TURNS // 3, TURNS * 4 // 3))]


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


def settle(game: Game) -> None:
    """Bring all to its end: holds released, claims decided, decisions told, entries taken."""
    world = game.world
    for claim_id in [one.claim_id for one in world.claims.values() if one.state not in TERMINAL]:
        for hold in world.claims[claim_id].open_holds:
            (role, *_) = world.policy_of(world.claims[claim_id]).hold_kinds[hold.kind].roles
            game.must(ReleaseHold(**_asked(world, claim_id, "rita", role), kind=hold.kind))
        if world.claims[claim_id].state in _UNDECIDED:
            _decide(game, claim_id)
    world.wait(timedelta(days=40))
    untold = [
        one
        for one in world.claims.values()
        if one.state in (State.APPROVED, State.DENIED) and unpaid(one)
    ]
    while untold:
        together = [one for one in untold if payee(one.document) == payee(untold[0].document)]
        _remit(game, together)
        untold = [one for one in untold if one not in together]
    owing = {
        one.payee
        for one in world.entries.values()
        if one.entry_id not in world.taken and one.entry_id not in world.cancelled
    }
    for name in sorted(owing):
        _earn(game, name)


def _asked(world: World, claim_id: UUID, actor: str, role: str) -> dict[str, Any]:
    return {
        "claim_id": claim_id,
        "actor": actor,
        "role": role,
        "now": world.now,
        "reason": Reason(code="SETTLED"),
    }


def _decide(game: Game, claim_id: UUID) -> None:
    """Close what is open, pay in full what is not decided, and find whoever has to approve it."""
    world = game.world

    def claim() -> Claim:
        return world.claims[claim_id]

    for pend in claim().open_pends:
        (role, *_) = world.policy_of(claim()).pend_reasons[pend.code].resolvers
        game.must(ResolvePend(**_asked(world, claim_id, "rita", role), pend_code=pend.code))
    for request in claim().open_information_requests:
        left = request.due_date - world.now.astimezone(UTC).date()
        world.wait(max(left, timedelta(0)) + timedelta(days=1))
        game.must(
            ExpireInformationRequest(
                **_asked(world, claim_id, "claimflow", "SYSTEM"),
                information_request_id=request.information_request_id,
            )
        )
    if claim().state is State.ACCEPTED:
        world.wait(timedelta(hours=2))  # a lease ends
        _pay_in_full(game, claim())
    if claim().state is State.ADJUDICATED:
        world.wait(timedelta(hours=2))
        game.must(FinalizeClaim(**_asked(world, claim_id, "rita", "EXAMINER")))
    for approver in ("rob", "ron"):
        current = claim().adjudication
        if claim().state is State.PENDING_APPROVAL and current is not None:
            game.must(
                ApproveAdjudication(
                    **_asked(world, claim_id, approver, "APPROVER"),
                    adjudication_number=current.number,
                    adjudication_hash=current.hash,
                )
            )


def _pay_in_full(game: Game, claim: Claim) -> None:
    lines = tuple(
        AdjudicationLine(
            line_number=line.line_number,
            charge=line.charge or scenery.ZERO,
            allowed=line.charge or scenery.ZERO,
            paid=line.charge or scenery.ZERO,
        )
        for line in claim.document.service_lines
    )
    game.must(
        AdjudicateClaim(
            **_asked(game.world, claim.claim_id, "rita", "EXAMINER"),
            lines=lines,
            paid=sum((line.paid for line in lines), scenery.ZERO),
        )
    )


def _remit(game: Game, claims: Sequence[Claim]) -> None:
    world = game.world
    game.must(
        IssueRemittance(
            **_asked(world, NOBODY, "fay", "FINANCE"),
            remittance_id=world.new_id(),
            trace_number=f"T{world.made}",
            claim_ids=tuple(one.claim_id for one in claims),
            payment_date=world.now.astimezone(UTC).date(),
        )
    )


def _earn(game: Game, name: str) -> None:
    """Let a payee who owes something earn more than that with a new claim."""
    world = game.world
    today = world.now.astimezone(UTC).date()
    while owed := world.open_entries(name):
        claim_id = world.new_id()
        provider = Provider(npi=scenery.PROVIDERS[0])
        line = service_line(1, "249000.00", service_from_date=today)
        document = professional(
            "249000.00",
            service_lines=(line,),
            billing_provider=provider if name == scenery.PAY_TO else Provider(npi=name),
            pay_to_provider=Provider(npi=name) if name == scenery.PAY_TO else None,
        )
        game.must(
            SubmitClaim(
                **_asked(world, claim_id, "clara", "SUBMITTER"),
                claim_number=world.new_number(),
                document=document,
            )
        )
        _decide(game, claim_id)
        world.wait(timedelta(days=40))
        _remit(game, [world.claims[claim_id]])
        if len(world.open_entries(name)) >= len(owed) > 1:
            raise Stuck(f"{name} never comes to an end")
