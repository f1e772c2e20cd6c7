"""Who asks for what next: people in character, and now and then out of it.

One number makes one turn. A turn looks at the world and gives a command that fits it, lets time
pass, or does something silly that the rules have to refuse.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from random import Random

from server.claims.commands import SubmitClaim
from server.claims.model import Claim, State
from tests.server.claims import scenery
from tests.server.claims.mischief import spoilt
from tests.server.claims.scenery import STAFF
from tests.server.claims.turns import CLAIMS_MAX, Turn, Turns
from tests.server.claims.world import World

_UNDECIDED = (
    State.ACCEPTED,
    State.PENDED,
    State.INFO_REQUESTED,
    State.ADJUDICATED,
    State.PENDING_APPROVAL,
)
_LIVE = (*_UNDECIDED, State.APPROVED, State.DENIED, State.PAID, State.CLOSED)
_TOLD = (State.DENIED, State.PAID, State.CLOSED)


Move = Callable[[Turns], Turn | None]
T = Turns

_OFTEN: dict[State, list[tuple[int, Move]]] = {
    State.ACCEPTED: [
        (34, T.adjudicate),
        (22, T.price),
        (5, T.pend),
        (5, T.request_information),
        (4, T.earlier_payer),
    ],
    State.PENDED: [(40, T.resolve), (5, T.request_information), (3, T.pend), (4, T.earlier_payer)],
    State.INFO_REQUESTED: [
        (30, T.receive_information),
        (14, T.expire),
        (5, T.resolve),
        (4, T.request_information),
        (3, T.pend),
    ],
    State.ADJUDICATED: [(50, T.finalize), (5, T.pend), (6, T.adjudicate), (4, T.price)],
    State.PENDING_APPROVAL: [(50, T.approve), (5, T.rework)],
    State.APPROVED: [(60, T.remit), (5, T.hold)],
    State.DENIED: [(25, T.remit), (14, T.appeal), (8, T.reopen), (6, T.close), (14, T.fail)],
    State.PAID: [
        (8, T.appeal),
        (14, T.reopen),
        (12, T.overpaid),
        (12, T.recoup),
        (12, T.fail),
        (5, T.close),
    ],
    State.CLOSED: [(6, T.appeal), (8, T.reopen), (6, T.overpaid), (8, T.recoup)],
}
_LEASES: list[tuple[int, Move]] = [
    (2, T.assign),
    (1, T.take_next),
    (2, T.release),
    (1, T.transfer),
    (3, T.breach),
]
_SELDOM: list[tuple[int, Move]] = [
    (1, T.note),
    (1, T.redact),
    (1, T.attach),
    (2, T.hold),
    (2, T.void),
    (4, T.replace),
    (2, T.void_by_claim),
    (2, T.fail_any),
]
_APPEALED: list[tuple[int, Move]] = [
    (40, T.decide_appeal),
    (5, T.dismiss_appeal),
    (5, T.withdraw_appeal),
    (10, T.appeal),
    (40, T.linger),
]


def moves(claim: Claim) -> list[tuple[int, Move]]:
    """What may be done with a claim, and how often it is."""
    if claim.state not in _LIVE:
        return [(1, T.note), (1, T.redact), (8, T.fail_any), (2, T.replace)]
    found = [*_OFTEN[claim.state], *_SELDOM]
    if claim.assignee:
        found.append((6, T.release))
    if claim.open_holds:
        found.append((20, T.release_hold))
    if claim.state in _UNDECIDED:
        found += _LEASES
    if claim.state in _TOLD and claim.open_appeals:
        found += _APPEALED
    elif claim.state in _TOLD and claim.appeals:
        found.append((40, T.appeal))
    return found


def turn(world: World, number: int, mischief: float = 0.05) -> Turn:
    """What happens next, as a number decides; `mischief` is the share of silly commands."""
    r = Random(number)
    live = [one for one in world.claims.values() if one.state in _LIVE]
    room = len(world.claims) < CLAIMS_MAX
    if not world.claims or (room and (not live or r.random() < 0.06)):
        return _arrival(world, r)
    if r.random() < 0.08:
        days = r.choice((0, 0, 1, 1, 4, 4, 12, 12, 35, 35, 70, 130, 380))
        return timedelta(days=days, minutes=r.randint(0, 600))
    among = live if live and r.random() < 0.95 else list(world.claims.values())
    turns = Turns(world, r, r.choice(among))
    found = moves(turns.claim)
    for _ in range(4):
        (chosen,) = r.choices([move for _, move in found], [weight for weight, _ in found])
        taken = chosen(turns)
        if taken is not None:
            if isinstance(taken, timedelta) or r.random() > mischief:
                return taken
            return spoilt(r, taken, list(world.claims), STAFF)
    return timedelta(hours=1)


def _arrival(world: World, r: Random) -> Turn:
    document = scenery.bill(r, world.now.astimezone(UTC).date())
    known = [one for one in world.claims.values() if one.state in _LIVE]
    if known and r.random() < 0.1:
        document = replace(r.choice(known).document, frequency_code="1", original_claim_number="")
    claim_id = world.new_id()
    return SubmitClaim(
        claim_id=claim_id,
        actor=r.choice(STAFF["SUBMITTER"]),
        role="SUBMITTER",
        now=world.now,
        claim_number=world.new_number(),
        document=document,
    )
