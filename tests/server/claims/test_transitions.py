"""The legal moves, walked through to the last one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from server.claims.commands import Command
from server.claims.events import EVENT_TYPES, Event
from server.claims.facts import Facts
from server.claims.model import TERMINAL, Claim, State
from server.claims.policy import Tier
from server.claims.refusals import Refused
from server.claims.transitions import RESERVED, TRANSITIONS, Transition
from server.claims.workflow import evolve
from tests.server.claims.cast import (
    STRICT,
    money,
    professional,
    submit,
    with_policy,
)
from tests.server.claims.dsl import events_of
from tests.server.claims.lives import next_steps

ALWAYS_TWO_PAIRS_OF_EYES = with_policy(
    tiers=(Tier(basis_from=money("0.00"), approvals=2, roles=("APPROVER", "SUPERVISOR")),)
)
STARTS: tuple[tuple[Facts, Command], ...] = (
    (STRICT, submit()),
    (STRICT, submit(professional(frequency_code="8"))),
    (ALWAYS_TWO_PAIRS_OF_EYES, submit()),
)


def moves(claim: Claim | None, events: Iterable[Event]) -> tuple[Claim, set[Transition]]:
    made: set[Transition] = set()
    for event in events:
        before = claim.state if claim else None
        claim = evolve(claim, event)
        made.add((type(event).__name__, before, claim.state))
    assert claim is not None
    return claim, made


def likeness(claim: Claim) -> tuple[Any, ...]:
    """What tells one claim from another for the rules, so that the walk ends."""
    current = claim.adjudication
    return (
        claim.state,
        tuple(sorted(one.code for one in claim.open_pends)),
        tuple(one.status for one in claim.information_requests),
        bool(claim.assignee),
        claim.queue,
        current and (current.decision, tuple(one.approver for one in current.approvals)),
        tuple(one.redacted for one in claim.notes[:2]),
        bool(claim.attachments),
    )


def walk(facts: Facts, start: Command) -> set[Transition]:
    """Every move of every history that begins so."""
    claim, made = moves(None, events_of(start, None, facts))
    seen = {likeness(claim)}
    waiting = [claim]
    while waiting:
        claim = waiting.pop()
        for step in next_steps(claim):
            try:
                events = events_of(step, claim, facts)
            except Refused:
                continue
            after, more = moves(claim, events)
            made |= more
            if len(after.notes) <= 1 and likeness(after) not in seen:
                seen.add(likeness(after))
                waiting.append(after)
    return made


def test_w1_histories_make_exactly_the_legal_moves() -> None:
    made = set().union(*(walk(facts, start) for facts, start in STARTS))
    assert made == TRANSITIONS - set(RESERVED)


def test_every_event_has_a_move() -> None:
    assert {event for event, _, _ in TRANSITIONS} == set(EVENT_TYPES)


def test_w6_a_terminal_state_is_left_by_no_move() -> None:
    left = {(event, after) for event, before, after in TRANSITIONS if before in TERMINAL}
    assert {event for event, _ in left} == {"NoteAdded", "NoteRedacted"}
    assert all(before == after for _, before, after in TRANSITIONS if before in TERMINAL)


def test_only_the_first_event_comes_from_nowhere() -> None:
    assert {one for one in TRANSITIONS if one[1] is None} == {
        ("ClaimReceived", None, State.RECEIVED)
    }


def test_what_is_reserved_is_legal_and_says_why() -> None:
    assert set(RESERVED) <= TRANSITIONS
    assert all(RESERVED.values())
