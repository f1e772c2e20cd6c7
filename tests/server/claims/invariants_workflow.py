"""What must hold of states, approvals, families, appeals, leases and keys: W2 to W13."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from uuid import UUID

from server.claims.commands import (
    AdjudicateClaim,
    ApproveAdjudication,
    AssignClaim,
    FinalizeClaim,
    TransferClaim,
)
from server.claims.events import (
    AdjudicationRecorded,
    AppealDecided,
    AppealFiled,
    ApprovalGranted,
    ClaimClosed,
    ClaimLinked,
    ClaimReceived,
    ClaimReopened,
    ClaimReplaced,
    ClaimVoided,
)
from server.claims.model import Adjudication, AppealStatus, State
from tests.server.claims.invariants import (
    FINAL_EVENTS,
    TERMINAL_STATES,
    ZERO,
    Check,
    Violation,
    changed,
    hold,
)
from tests.server.claims.world import Row, Step, World, fold

_OF_FAMILIES = (ClaimReceived, ClaimLinked, ClaimReplaced, ClaimVoided)


def check_w2(world: World, step: Step) -> int:
    for _, claim, rows in changed(world, step):
        hold([row.version for row in rows] == list(range(1, len(rows) + 1)), "a gap")
        hold(claim.version == len(rows), "the stored version is not the last")
        moments = [row.recorded_at for row in rows]
        hold(moments == sorted(moments), "time runs backwards")
    return len(step.rows)


def check_w5(world: World, step: Step) -> int:
    seen = 0
    if isinstance(step.command, ApproveAdjudication):
        before = step.before[step.command.claim_id]
        assert before is not None and before.adjudication is not None
        hold(step.command.adjudication_hash == before.adjudication.hash, "another hash")
        hold(step.command.adjudication_number == before.adjudication.number, "another n")
    for row in step.rows:
        if isinstance(row.event, FINAL_EVENTS):
            _approved_enough(world, row)
            seen += 1
    return seen


def _approved_enough(world: World, final: Row) -> None:
    assert isinstance(final.event, FINAL_EVENTS)
    rows = world.rows[final.claim_id][: final.version]
    policy = world.policy_of(world.claims[final.claim_id])
    number = final.event.number
    current = _determination(rows, number)
    earlier = [row.event.number for row in rows[:-1] if isinstance(row.event, FINAL_EVENTS)]
    last = _determination(rows, earlier[-1]).paid if earlier else ZERO
    basis = max(abs(current.paid), abs(current.paid - last))
    tier = max(
        (one for one in policy.tiers if one.basis_from <= basis), key=lambda one: one.basis_from
    )
    granted = [
        row for row in rows if isinstance(row.event, ApprovalGranted) and row.event.number == number
    ]
    approvers = {row.actor for row in granted}
    hold(len(approvers) == len(granted), "one person approved twice")
    hold(len(approvers) >= tier.approvals, f"{len(approvers)} of {tier.approvals} approvals")
    hold(current.by not in approvers, "the adjudicator approved")
    for row in granted:
        hold(row.role in tier.roles, f"{row.role} may not approve")
    for row in granted or [final]:
        limit = policy.limits.get(row.role)
        hold(limit is not None and basis <= limit, f"{row.role} goes beyond its limit")


def _determination(rows: Iterable[Row], number: int) -> Adjudication:
    for row in rows:
        if isinstance(row.event, AdjudicationRecorded) and row.event.adjudication.number == number:
            return row.event.adjudication
    raise Violation(f"determination {number} was never recorded")


def check_w6(world: World, step: Step) -> int:
    for row in step.rows:
        if row.from_state in TERMINAL_STATES:
            kind = type(row.event).__name__
            hold(kind in {"NoteAdded", "NoteRedacted"}, f"{kind} on a {row.from_state} claim")
            hold(row.to_state is row.from_state, "a terminal state was left")
    return len(step.rows)


def check_w7(world: World, step: Step) -> int:
    seen = 0
    for _, claim, _ in changed(world, step):
        pends = any(one.resolved_at is None for one in claim.pends)
        requests = any(one.closed_at is None for one in claim.information_requests)
        if claim.state in TERMINAL_STATES:
            continue
        seen += pends or requests
        hold((claim.state is State.INFO_REQUESTED) == requests, "INFO_REQUESTED")
        hold((claim.state is State.PENDED) == (pends and not requests), "PENDED")
        hold(claim.adjudication is None or not (pends or requests), "decided while pended")
    return seen


def check_w8(world: World, step: Step) -> int:
    if not any(isinstance(row.event, _OF_FAMILIES) for row in step.rows):
        return 0
    links = {
        row.claim_id: row.event.link
        for rows in world.rows.values()
        for row in rows[:4]  # a link is among the events of a submission
        if isinstance(row.event, ClaimLinked)
    }
    followed = Counter(link.prior_claim_id for link in links.values())
    hold(all(times == 1 for times in followed.values()), "a claim is replaced twice")
    live: Counter[UUID] = Counter()
    for claim_id, claim in world.claims.items():
        first, path = claim_id, {claim_id}
        while first in links:
            first = links[first].prior_claim_id
            hold(first not in path, "a family goes in a circle")
            path.add(first)
        if claim_id in links:
            hold(links[claim_id].original_claim_id == first, "a link to another original")
        live[first] += claim.state not in TERMINAL_STATES
        if claim.next_claim_id is not None:
            hold(links[claim.next_claim_id].prior_claim_id == claim_id, "one way only")
    hold(max(live.values(), default=0) <= 1, "two live claims in a family")
    return len(links)


def check_w11(world: World, step: Step) -> int:
    links = [row for row in step.rows if isinstance(row.event, ClaimLinked)]
    for row in links:
        assert isinstance(row.event, ClaimLinked)
        gone = world.claims[row.event.link.prior_claim_id]
        wanted = {"REPLACES": State.REPLACED, "VOIDS": State.VOIDED}[row.event.link.relation]
        hold(gone.state is wanted, "the new claim is there and the old one lives")
        hold(step.before[gone.claim_id] is not gone, "not in the same step")
    return len(links)


def check_w13(world: World, step: Step) -> int:
    seen = 0
    for _, claim, rows in changed(world, step):
        if not claim.appeals:
            continue
        for row in step.rows:
            if isinstance(row.event, AppealFiled) and row.claim_id == claim.claim_id:
                _filed_in_order(world, row)
                seen += 1
        deciders = [row.actor for row in rows if isinstance(row.event, AppealDecided)]
        hold(len(deciders) == len(set(deciders)), "one person decided two appeals")
        adjudicators = {
            row.actor
            for row in rows
            if isinstance(row.event, (AdjudicationRecorded, ApprovalGranted, *FINAL_EVENTS))
        }
        hold(adjudicators.isdisjoint(deciders), "who decided it decided its appeal")
        disputed = Counter(
            number
            for one in claim.appeals
            if one.status is AppealStatus.OPEN
            for number in one.line_numbers
        )
        hold(max(disputed.values(), default=0) <= 1, "two open appeals of a line")
    return seen


def _filed_in_order(world: World, filed: Row) -> None:
    assert isinstance(filed.event, AppealFiled)
    appeal = filed.event.appeal
    claim = fold(world.rows[filed.claim_id][: filed.version - 1])
    assert claim is not None and claim.decided_at is not None
    rules = world.policy_of(claim).appeals
    level = next(one for one in rules.levels if one.level == appeal.level)
    decided_at, escalated = claim.decided_at, False
    if appeal.level > 1:
        closed = [
            one
            for one in claim.appeals
            if one.level == appeal.level - 1
            and one.adjudication_number == appeal.adjudication_number
            and one.status in {AppealStatus.DECIDED, AppealStatus.ESCALATED}
        ]
        for number in appeal.line_numbers:
            through = [one for one in closed if number in one.line_numbers]
            hold(bool(through), f"line {number} skips a level")
        escalated = any(one.status is AppealStatus.ESCALATED for one in closed)
        decided_at = max(one.closed_at for one in closed if one.closed_at is not None)
    last = decided_at.date() + timedelta(days=rules.mail_days + level.file_within_days)
    late = filed.recorded_at.date() > last
    hold(not late or bool(appeal.good_cause_code) or escalated, "filed too late")


def check_w10(world: World, step: Step) -> int:
    stated = step.command.expected_version
    before = step.before.get(step.command.claim_id)
    hold(not (stated and before) or before.version == stated, "a decision on another version")
    return 1


def check_w12(world: World, step: Step) -> int:
    seen = 0
    for row in step.rows:
        before = step.before[row.claim_id]
        if before is None or before.lease_until is None:
            continue
        if isinstance(step.command, AdjudicateClaim | FinalizeClaim | AssignClaim | TransferClaim):
            leased = step.command.now < before.lease_until
            theirs = row.actor == before.assignee or row.role == "SUPERVISOR"
            hold(theirs or not leased, "somebody else holds the lease")
            seen += leased
    return seen


def check_closed(world: World, step: Step) -> int:
    """19 and 15: closed without open work, reopened while the window is open."""
    seen = 0
    for row in step.rows:
        before = step.before[row.claim_id]
        if isinstance(row.event, ClaimClosed) and before is not None:
            work = [*before.open_appeals, *before.open_holds, *before.open_information_requests]
            hold(not work and not before.open_recovery, "closed over open work")
            seen += 1
        if isinstance(row.event, ClaimReopened) and before is not None:
            assert before.decided_at is not None
            window = timedelta(days=world.policy_of(before).reopening_days)
            by_appeal = row.event.appeal_id is not None
            inside = row.recorded_at.date() <= before.decided_at.date() + window
            hold(inside or by_appeal, "reopened too late")
            seen += 1
    return seen


def check_keys(world: World, step: Step) -> int:
    """What the database holds unique."""
    keys = Counter(
        one.duplicate_key
        for one in world.claims.values()
        if one.duplicate_key and one.state not in TERMINAL_STATES
    )
    hold(max(keys.values(), default=0) <= 1, "two live claims are duplicates")
    remittance = step.decided.remittance
    if remittance is not None:
        told = Counter(
            (one.claim_id, one.adjudication_number, one.reverses) for one in remittance.claims
        )
        hold(max(told.values()) == 1, "a remittance tells a determination twice")
        hold(all(one.amount for one in remittance.provider_adjustments), "an amount of nothing")
        traces = [one.trace_number for one in world.remittances.values()]
        hold(len(traces) == len(set(traces)), "a trace number is used twice")
    return len(keys)


def check_reopened(world: World, step: Step) -> int:
    """A reopened claim keeps what was remitted, and the determination that it was."""
    reopened = [row for row in step.rows if isinstance(row.event, ClaimReopened)]
    for row in reopened:
        before, after = step.before[row.claim_id], world.claims[row.claim_id]
        assert before is not None
        hold(before.remitted == after.remitted, "what was remitted is forgotten")
        if after.remitted is not None:
            kept = after.remitted_adjudication
            hold(kept is not None, "the determination is forgotten")
            assert kept is not None
            hold(kept.number == after.remitted.adjudication_number, "another one is kept")
    return len(reopened)


OF_WORKFLOW: Mapping[str, Check] = {
    "W2": check_w2,
    "W5": check_w5,
    "W6": check_w6,
    "W7": check_w7,
    "W8": check_w8,
    "W10": check_w10,
    "W11": check_w11,
    "W12": check_w12,
    "W13": check_w13,
    "CLOSED": check_closed,
    "KEYS": check_keys,
    "REOPENED": check_reopened,
}
