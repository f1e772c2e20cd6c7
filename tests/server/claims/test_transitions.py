"""The legal moves, walked through to the last one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from server.claims.commands import Command
from server.claims.events import EVENT_TYPES, Event
from server.claims.facts import Facts, Other
from server.claims.model import TERMINAL, Claim, State
from server.claims.policy import Tier
from server.claims.refusals import Refused
from server.claims.transitions import RESERVED, TRANSITIONS, Transition
from server.claims.workflow import evolve
from tests.server.claims.cast import STRICT, correct, submit, with_policy
from tests.server.claims.documents import money, professional
from tests.server.claims.dsl import events_of, play
from tests.server.claims.lives import next_steps

ALWAYS_TWO_PAIRS_OF_EYES = with_policy(
    tiers=(Tier(basis_from=money("0.00"), approvals=2, roles=("APPROVER", "SUPERVISOR")),)
)
# Large enough to be appealed at the third level, small enough for an examiner to finalize.
BILL = professional("2000.00", "500.00")
FIRST = play(submit(BILL))
CORRECTING = replace(STRICT, original=Other(FIRST, STRICT.policy))
STARTS: tuple[tuple[Facts, Command], ...] = (
    (STRICT, submit(BILL)),
    (STRICT, submit(professional(frequency_code="8"))),
    (CORRECTING, correct(FIRST, "8")),
    (ALWAYS_TWO_PAIRS_OF_EYES, submit(BILL)),
    (with_policy(replace_with_open_appeal=True), submit(BILL)),
)


def moves(claim: Claim | None, events: Iterable[Event]) -> tuple[Claim, set[Transition]]:
    made: set[Transition] = set()
    for event in events:
        before = claim.state if claim else None
        claim = evolve(claim, event)
        made.add((type(event).__name__, before, claim.state))
    assert claim is not None
    return claim, made


def sides(claim: Claim) -> tuple[Any, ...]:
    """What may happen to a claim beside its way from receipt to payment."""
    return (
        bool(claim.assignee),
        claim.queue != "GENERAL",
        tuple(one.redacted for one in claim.notes),
        bool(claim.attachments),
        tuple(one.released_at is None for one in claim.holds),
        tuple((one.level, one.status) for one in claim.appeals),
        tuple(one.recouped > 0 for one in claim.overpayments),
        claim.document.prior_payers != (),
        claim.breached_at is not None,
    )


def likeness(claim: Claim) -> tuple[Any, ...]:
    """What tells one claim from another for the rules, so that the walk ends.

    A claim that has gone to a side is like any other one that has, in its state.
    """
    asked = [one.information_request_id for one in claim.open_information_requests]
    work = (len(claim.open_pends), frozenset(asked))
    if any(sides(claim)):
        return (claim.state, *work, *sides(claim))
    current = claim.adjudication
    return (
        claim.state,
        *work,
        current and (current.decision, frozenset(one.approver for one in current.approvals)),
        claim.remitted is not None,
        claim.reversed is not None,
        claim.reopenings > 0,
    )


def is_plain(claim: Claim) -> bool:
    """Tell whether a claim has gone to one side at most, and not too far."""
    return (
        sum(map(bool, sides(claim))) <= 1
        and len(claim.notes) <= 1
        and len(claim.holds) <= 1
        and len(claim.appeals) <= 3
        and len(claim.overpayments) <= 1
        and len(claim.document.prior_payers) <= 1
    )


def walk(facts: Facts, start: Command) -> set[Transition]:
    """Every move of every history that begins so, one step beyond the plain ones."""
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
            if is_plain(after) and likeness(after) not in seen:
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
    assert {before for _, before, _ in RESERVED} == {State.RECEIVED}
    assert {event for event, _, _ in RESERVED} == {"NoteAdded", "NoteRedacted"}
    assert all(RESERVED.values())
