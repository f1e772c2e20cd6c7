"""What holds for every history that plausible people make (P3-P5, W1, W2, W5-W7)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from server.claims import records
from server.claims.balances import total
from server.claims.document import Adjustment
from server.claims.events import Event
from server.claims.model import TERMINAL, AdjudicationLine, Claim, Decision, State
from server.claims.refusals import Refused
from server.claims.transitions import TRANSITIONS
from server.claims.workflow import evolve
from tests.server.claims.cast import STRICT, adjudicate, submit
from tests.server.claims.documents import professional
from tests.server.claims.dsl import events_of, fold
from tests.server.claims.lives import charges, next_steps

CENTS = st.integers(0, 4_000_000)
CHARGES = st.lists(CENTS.map(lambda cents: Decimal(cents) / 100), min_size=1, max_size=3)
CHOICES = st.lists(st.integers(0, 10**6), max_size=25)


def amount(cents: int) -> Decimal:
    return (Decimal(cents) / 100).quantize(Decimal("0.01"))


@st.composite
def determinations(draw: st.DrawFn, claim: Claim) -> list[AdjudicationLine]:
    """Balanced lines: charge, less write-off, less what is not covered, less the patient's."""
    lines = []
    for number, charge in charges(claim):
        whole = int(charge * 100)
        off = draw(st.integers(0, whole))
        cut = draw(st.integers(0, whole - off))
        shares = draw(st.integers(0, whole - off - cut))
        first = draw(st.integers(0, shares))
        stated = {
            ("CO", "45"): off,
            ("CO", "97"): cut,
            ("PR", "1"): first,
            ("PR", "2"): shares - first,
        }
        lines.append(
            AdjudicationLine(
                line_number=number,
                charge=charge,
                allowed=amount(whole - off - cut),
                paid=amount(whole - off - cut - shares),
                adjustments=tuple(
                    Adjustment(group_code=group, reason_code=reason, amount=amount(cents))
                    for (group, reason), cents in stated.items()
                    if cents
                ),
            )
        )
    return lines


def history(stated: list[Decimal], choices: list[int]) -> list[list[Event]]:
    """What each step of a life adds; refused steps add nothing."""
    document = professional(*(str(one.quantize(Decimal("0.01"))) for one in stated))
    steps = [events_of(submit(document), None, STRICT)]
    claim = fold(*steps[0])
    for choice in choices:
        assert claim is not None
        commands = next_steps(claim)
        before = claim
        try:
            events = events_of(commands[choice % len(commands)], claim, STRICT)
        except Refused:
            assert claim == before
            continue
        steps.append(events)
        claim = fold(*events, claim=claim)
    return steps


@given(CHARGES, CHOICES)
def test_w1_w2_every_event_is_one_version_and_a_legal_move(
    stated: list[Decimal], choices: list[int]
) -> None:
    claim: Claim | None = None
    events = [event for step in history(stated, choices) for event in step]
    for count, event in enumerate(events, 1):
        before = claim.state if claim else None
        claim = evolve(claim, event)
        assert claim.version == count
        assert (type(event).__name__, before, claim.state) in TRANSITIONS
        assert before not in TERMINAL or before == claim.state


@given(CHARGES, CHOICES)
def test_w7_the_state_follows_from_what_is_open(stated: list[Decimal], choices: list[int]) -> None:
    claim: Claim | None = None
    for step in history(stated, choices):
        claim = fold(*step, claim=claim)
        assert claim is not None
        if claim.state in TERMINAL:
            return  # what was open when it was voided or replaced is nobody's work any more
        requests, pends = bool(claim.open_information_requests), bool(claim.open_pends)
        assert (claim.state is State.INFO_REQUESTED) == requests
        assert (claim.state is State.PENDED) == (pends and not requests)
        assert claim.adjudication is None or not (pends or requests)


@given(CHARGES, CHOICES)
def test_w5_every_final_decision_has_its_approvals(
    stated: list[Decimal], choices: list[int]
) -> None:
    claim: Claim | None = None
    for step in history(stated, choices):
        claim = fold(*step, claim=claim)
    assert claim is not None
    current = claim.adjudication
    if current is not None and current.final:
        approvers = {one.approver for one in current.approvals}
        assert len(approvers) == len(current.approvals) >= current.approvals_needed
        assert current.by not in approvers
        assert claim.decision is current.decision
        assert claim.final_paid == current.paid


@given(CHARGES, CHOICES)
def test_w16_the_fold_of_what_was_stored_is_the_fold(
    stated: list[Decimal], choices: list[int]
) -> None:
    events = [event for step in history(stated, choices) for event in step]
    read = []
    for event in events:
        payload, sealed = records.payload_and_sealed(event, "", bytes(32))
        read.append(records.event_of(type(event).__name__, payload.decode(), sealed))
    assert fold(*read) == fold(*events)


@settings(deadline=None)
@given(st.data(), CHARGES)
def test_m3_m4_m6_m7_m8_m13_hold_after_every_adjudication(
    data: st.DataObject, stated: list[Decimal]
) -> None:
    claim = fold(*history(stated, [])[0])
    assert claim is not None
    lines = data.draw(determinations(claim))
    after = fold(*events_of(adjudicate(*lines), claim, STRICT), claim=claim)
    assert after is not None and after.adjudication is not None
    recorded = after.adjudication
    for line in recorded.lines:
        reasons = {one.reason_code: one.amount for one in line.adjustments}
        assert line.charge - total(reasons.values()) == line.paid
        assert 0 <= line.paid <= line.allowed <= line.charge
        shares = reasons.get("1", Decimal(0)) + reasons.get("2", Decimal(0))
        assert line.allowed == line.paid + shares
    assert recorded.paid == total(line.paid for line in recorded.lines)
    assert recorded.allowed == total(line.allowed for line in recorded.lines)
    assert recorded.paid + recorded.patient_responsibility == recorded.allowed
    assert recorded.decision in (Decision.APPROVED, Decision.PARTIAL)


@settings(deadline=None)
@given(st.data(), CHARGES, st.integers(-500, 500).filter(bool))
def test_m3_m4_m6_a_cent_astray_is_refused(
    data: st.DataObject, stated: list[Decimal], astray: int
) -> None:
    claim = fold(*history(stated, [])[0])
    assert claim is not None
    right = adjudicate(*data.draw(determinations(claim)))
    line = right.lines[0]
    off = amount(astray)
    for wrong in (
        replace(right, paid=right.paid + off),
        replace(right, patient_responsibility=right.patient_responsibility + off),
        replace(right, lines=(replace(line, charge=line.charge + off), *right.lines[1:])),
        replace(right, lines=(replace(line, paid=line.paid + off), *right.lines[1:])),
        replace(right, lines=(replace(line, allowed=line.allowed + off), *right.lines[1:])),
    ):
        try:
            events_of(wrong, claim, STRICT)
        except Refused:
            continue
        raise AssertionError("an adjudication that does not add up was recorded")
