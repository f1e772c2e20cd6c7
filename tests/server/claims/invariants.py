"""What must hold of every claim after every command: one function for each rule, named by its id.

Nothing here asks the rules under test: sums, classes, approvals and clocks are worked out again
from events and documents. A function returns how many things it has looked at, so that a rule which
nothing was ever held against does not count as kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from decimal import Decimal
from uuid import UUID

from server.claims import sla
from server.claims.commands import (
    AdjudicateClaim,
    ApproveAdjudication,
    AssignClaim,
    FinalizeClaim,
    TransferClaim,
)
from server.claims.document import Adjustment
from server.claims.events import (
    AdjudicationRecorded,
    AppealDecided,
    AppealFiled,
    ApprovalGranted,
    ClaimApproved,
    ClaimBreached,
    ClaimClosed,
    ClaimDenied,
    ClaimLinked,
    ClaimPaid,
    ClaimPartiallyApproved,
    ClaimReceived,
    ClaimRemitted,
    ClaimReopened,
    ClaimReplaced,
    ClaimVoided,
    InformationReceived,
    InformationRequested,
    InformationRequestExpired,
)
from server.claims.model import (
    Adjudication,
    AdjudicationLine,
    AppealStatus,
    Claim,
    Decision,
    State,
)
from server.claims.payees import RemittedClaim
from server.claims.policy import Policy
from tests.server.claims.world import Row, Step, World, fold

Check = Callable[[World, Step], int]

ZERO = Decimal(0)
_TERMINAL = {State.REJECTED, State.VOIDED, State.REPLACED}
_FINAL = (ClaimApproved, ClaimPartiallyApproved, ClaimDenied)
_OF_FAMILIES = (ClaimReceived, ClaimLinked, ClaimReplaced, ClaimVoided)
_AMOUNT_MAX = Decimal("99999999.99")


class Violation(AssertionError):
    """A rule does not hold."""


def hold(condition: bool, message: str) -> None:
    if not condition:
        raise Violation(message)


def total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


@dataclass(frozen=True, slots=True)
class Told:
    """Determinations of a claim, as recorded or as a remittance tells them."""

    charge: Decimal
    paid: Decimal
    patient_responsibility: Decimal
    adjustments: tuple[Adjustment, ...]
    lines: tuple[AdjudicationLine, ...]


def recorded(step: Step) -> Iterator[Adjudication]:
    """The determinations that a step has recorded."""
    for row in step.rows:
        if isinstance(row.event, AdjudicationRecorded):
            yield row.event.adjudication


def _told(step: Step) -> Iterator[Told]:
    """The determinations that a step has recorded or told to a payee."""
    for one in recorded(step):
        charge = total(line.charge for line in one.lines)
        yield Told(charge, one.paid, one.patient_responsibility, one.adjustments, one.lines)
    for each in _remitted(step):
        yield Told(
            each.charge, each.paid, each.patient_responsibility, each.adjustments, each.lines
        )


def _remitted(step: Step) -> tuple[RemittedClaim, ...]:
    return step.decided.remittance.claims if step.decided.remittance else ()


def _payable(step: Step) -> Iterator[AdjudicationLine]:
    return (line for one in recorded(step) for line in one.lines if not line.denied)


def _by_reason(adjustments: Iterable[Adjustment]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for one in adjustments:
        sums[one.reason_code] = sums.get(one.reason_code, ZERO) + one.amount
    return sums


def _of_patient(adjustments: Iterable[Adjustment]) -> Decimal:
    return total(one.amount for one in adjustments if one.group_code == "PR")


def changed(world: World, step: Step) -> Iterator[tuple[Claim | None, Claim, tuple[Row, ...]]]:
    """Every claim that a step changed: as it was, as it is, and all its events."""
    for claim_id, before in step.before.items():
        yield before, world.claims[claim_id], world.rows[claim_id]


def check_m1(world: World, step: Step) -> int:
    amounts: list[Decimal] = []
    for one in _told(step):
        amounts += [one.charge, one.paid, one.patient_responsibility]
        amounts += [each.amount for each in one.adjustments]
        for line in one.lines:
            amounts += [line.charge, line.allowed, line.paid]
            amounts += [each.amount for each in line.adjustments]
    remittance = step.decided.remittance
    if remittance is not None:
        amounts.append(remittance.amount)
        amounts += [each.amount for each in remittance.provider_adjustments]
    amounts += [entry.amount for entry in step.decided.opened]
    for amount in amounts:
        hold(amount.as_tuple().exponent == -2, f"{amount} has not two decimals")
        hold(abs(amount) <= _AMOUNT_MAX, f"{amount} is too wide")
    return len(amounts)


def check_m2(world: World, step: Step) -> int:
    seen = 0
    for row in step.rows:
        if isinstance(row.event, AdjudicationRecorded):
            document = world.claims[row.claim_id].document
            stated = {one.line_number: one.charge for one in document.service_lines}
            decided = {one.line_number: one.charge for one in row.event.adjudication.lines}
            hold(decided == stated, "a determination changes lines or charges")
            hold(total(decided.values()) == document.total_charge, "the lines are not the total")
            seen += 1
    for one in _remitted(step):
        charge = world.claims[one.claim_id].document.total_charge or ZERO
        hold(one.charge == (-charge if one.reverses else charge), "another charge is told")
        seen += 1
    return seen


def check_m3(world: World, step: Step) -> int:
    lines = [line for one in _told(step) for line in one.lines]
    for line in lines:
        adjusted = total(one.amount for one in line.adjustments)
        hold(line.charge - adjusted == line.paid, f"line {line.line_number} does not balance")
    return len(lines)


def check_m4(world: World, step: Step) -> int:
    told = list(_told(step))
    for one in told:
        on_lines = total(each.amount for line in one.lines for each in line.adjustments)
        on_claim = total(each.amount for each in one.adjustments)
        hold(one.charge - (on_lines + on_claim) == one.paid, "the claim does not balance")
        hold(total(line.paid for line in one.lines) - on_claim == one.paid, "nor by its lines")
    return len(told)


def check_m6(world: World, step: Step) -> int:
    told = list(_told(step))
    for one in told:
        patients = total(_of_patient(line.adjustments) for line in one.lines)
        patients += _of_patient(one.adjustments)
        hold(patients == one.patient_responsibility, "not the sum of PR adjustments")
    return len(told)


def check_m7(world: World, step: Step) -> int:
    payable = list(_payable(step))
    for line in payable:
        sums = _by_reason(line.adjustments)
        shares = total(sums.get(code, ZERO) for code in ("1", "2", "3", "253"))
        earlier = sums.get("23", ZERO)
        rest = line.allowed - line.paid - shares
        hold(min(earlier, ZERO) <= rest <= max(earlier, ZERO), "allowed is not explained")
    return len(payable)


def check_m8(world: World, step: Step) -> int:
    payable = list(_payable(step))
    for line in payable:
        sums = _by_reason(line.adjustments)
        written_off, above = sums.get("45", ZERO), sums.get("94", ZERO)
        hold(0 <= written_off <= max(line.charge - line.allowed, ZERO), "CO-45 is out of bounds")
        if set(sums) <= {"1", "2", "3", "253", "45", "94"}:
            hold(written_off + above == line.charge - line.allowed, "CO-45 is not the difference")
        if line.allowed > line.charge:
            hold(any(amount < 0 for amount in sums.values()), "nothing says that it is more")
    return len(payable)


def check_m9(world: World, step: Step) -> int:
    seen = 0
    for one in _told(step):
        for adjustments in (one.adjustments, *(line.adjustments for line in one.lines)):
            pairs = [(each.group_code, each.reason_code) for each in adjustments]
            hold(len(pairs) == len(set(pairs)), "a reason is given twice")
            hold(all(each.amount != 0 for each in adjustments), "an adjustment of nothing")
            seen += len(pairs)
    return seen


def check_m10(world: World, step: Step) -> int:
    denied = [line for one in recorded(step) for line in one.lines if line.denied]
    for line in denied:
        sums = _by_reason(line.adjustments)
        hold(line.paid == 0, "a denied line is paid")
        hold(total(sums.values()) == line.charge, "a denied line keeps something")
        hold(bool(set(sums) - {"1", "2", "3"}), "a denied line has no reason of its own")
    return len(denied)


def check_m11(world: World, step: Step) -> int:
    seen = 0
    for one in recorded(step):
        demanding = set(_policy(world, step).remark_required)
        for line in one.lines:
            seen += 1
            hold(line.paid == line.charge or bool(line.adjustments), "a cut without a reason")
            asked = demanding & {each.reason_code for each in line.adjustments}
            hold(not asked or bool(line.remark_codes), f"{asked} without a remark")
    return seen


def check_m12(world: World, step: Step) -> int:
    groups = {"18": {"OA"}, "1": {"PR"}, "2": {"PR"}, "3": {"PR"}, "23": {"OA"}}
    groups["45"] = {"CO", "PR"}
    seen = 0
    for one in _told(step):
        for adjustments in (one.adjustments, *(line.adjustments for line in one.lines)):
            for each in adjustments:
                allowed = groups.get(each.reason_code, {"CO", "PR", "OA", "PI"})
                hold(each.group_code in allowed, f"{each.group_code}-{each.reason_code}")
                seen += 1
    return seen


def check_m13(world: World, step: Step) -> int:
    lines = [line for one in recorded(step) for line in one.lines]
    for line in lines:
        hold(0 <= line.paid <= line.allowed, "paid is not within nothing and allowed")
        hold(0 <= _of_patient(line.adjustments) <= line.charge, "PR is out of bounds")
    for one in _remitted(step):
        sign = -1 if one.reverses else 1
        hold(all(line.charge * sign >= 0 <= line.paid * sign for line in one.lines), "signs")
    return len(lines)


def check_m16(world: World, step: Step) -> int:
    expected = {"45", "94", "23", "253"}
    decisions = list(recorded(step))
    for one in decisions:
        charged = [line for line in one.lines if line.charge] or list(one.lines)
        every = [*one.adjustments, *(each for line in one.lines for each in line.adjustments)]
        if one.paid == 0 and all(line.denied for line in charged):
            right = Decision.DENIED
        elif not any(line.denied for line in one.lines) and all(
            each.group_code == "PR" or each.reason_code in expected for each in every
        ):
            right = Decision.APPROVED
        else:
            right = Decision.PARTIAL
        hold(one.decision is right, f"{one.decision} where {right} is due")
    said = {
        ClaimApproved: Decision.APPROVED,
        ClaimPartiallyApproved: Decision.PARTIAL,
        ClaimDenied: Decision.DENIED,
    }
    for row in step.rows:
        if isinstance(row.event, _FINAL):
            claim = world.claims[row.claim_id]
            assert claim.adjudication is not None
            hold(said[type(row.event)] is claim.adjudication.decision is claim.decision, "final")
            denied = row.to_state is State.DENIED
            hold(denied == (claim.decision is Decision.DENIED), "the state says otherwise")
    return len(decisions)


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
        if isinstance(row.event, _FINAL):
            _approved_enough(world, row)
            seen += 1
    return seen


def _approved_enough(world: World, final: Row) -> None:
    assert isinstance(final.event, _FINAL)
    rows = world.rows[final.claim_id][: final.version]
    policy = world.policy_of(world.claims[final.claim_id])
    number = final.event.number
    current = _determination(rows, number)
    earlier = [row.event.number for row in rows[:-1] if isinstance(row.event, _FINAL)]
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
        if row.from_state in _TERMINAL:
            kind = type(row.event).__name__
            hold(kind in {"NoteAdded", "NoteRedacted"}, f"{kind} on a {row.from_state} claim")
            hold(row.to_state is row.from_state, "a terminal state was left")
    return len(step.rows)


def check_w7(world: World, step: Step) -> int:
    seen = 0
    for _, claim, _ in changed(world, step):
        pends = any(one.resolved_at is None for one in claim.pends)
        requests = any(one.closed_at is None for one in claim.information_requests)
        if claim.state in _TERMINAL:
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
        live[first] += claim.state not in _TERMINAL
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
            if isinstance(row.event, (AdjudicationRecorded, ApprovalGranted, *_FINAL))
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


def check_k1(world: World, step: Step) -> int:
    breaches = [row for row in step.rows if isinstance(row.event, ClaimBreached)]
    for row in breaches:
        claim = world.claims[row.claim_id]
        today = row.recorded_at.date()
        paused = _paused_days(world.rows[row.claim_id][: row.version - 1], today)
        counted = (today - claim.receipt_date).days - len(
            [day for day in paused if claim.receipt_date <= day < today]
        )
        limit = world.policy_of(claim).clocks.limit_days
        hold(counted > limit, f"a breach after {counted} days")
    return len(breaches)


def check_k4(world: World, step: Step) -> int:
    seen = 0
    for _, claim, rows in changed(world, step):
        if not claim.information_requests:
            continue
        seen += 1
        today = world.now.astimezone(UTC).date()
        pauses = sla.pauses_of(claim, world.policy_of(claim))
        days: set[date] = set()
        for pause in pauses:
            ends = pause.ends or today
            span = {pause.begins + timedelta(days=n) for n in range((ends - pause.begins).days)}
            hold(days.isdisjoint(span), "two pauses overlap")
            days |= span
        hold(days == _paused_days(rows, today), "a pause of no request")
    return seen


def _paused_days(rows: Iterable[Row], today: date) -> set[date]:
    """The days before today on which some request was open, from its events alone."""
    asked: dict[UUID, date] = {}
    days: set[date] = set()

    def add(first: date, last: date) -> None:
        days.update(first + timedelta(days=n) for n in range((last - first).days))

    for row in rows:
        on = row.recorded_at.astimezone(UTC).date()
        if isinstance(row.event, InformationRequested):
            asked[row.event.request.information_request_id] = on
        elif isinstance(row.event, InformationReceived | InformationRequestExpired):
            add(asked.pop(row.event.information_request_id), on)
    for first in asked.values():
        add(first, today)
    return days


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


def check_k3(world: World, step: Step) -> int:
    """K3, and that a hold blocks payment."""
    paid = [row for row in step.rows if isinstance(row.event, ClaimPaid | ClaimRemitted)]
    for row in paid:
        assert isinstance(row.event, ClaimPaid | ClaimRemitted)
        claim, day = world.claims[row.claim_id], row.event.remitted.payment_date
        early = day < claim.receipt_date + timedelta(days=14)
        hold(not early or row.event.remitted.paid == 0, "paid before the floor")
        hold(day >= row.recorded_at.date(), "paid in the past")
        hold(all(one.released_at is not None for one in claim.holds), "paid while on hold")
    return len(paid)


def check_c1(world: World, step: Step) -> int:
    """C1 to C3 of every earlier payer on the claim."""
    seen = 0
    for claim_id in {row.claim_id for row in step.rows}:
        claim = world.claims[claim_id]
        if claim.state is State.REJECTED:
            continue
        document = claim.document
        for prior in document.prior_payers:
            assert prior.payer is not None
            paid = on_lines = ZERO
            by_line = False
            for line in document.service_lines:
                for one in line.prior_payer_lines:
                    if one.payer_id == prior.payer.payer_id:
                        by_line = True
                        adjusted = total(each.amount for each in one.adjustments)
                        hold((one.paid_amount or ZERO) + adjusted == line.charge, "C3")
                        paid += one.paid_amount or ZERO
                        on_lines += adjusted
            on_claim = total(each.amount for each in prior.adjustments)
            stated = prior.paid_amount or ZERO
            hold(stated + on_claim + on_lines == document.total_charge, "C1")
            hold(not by_line or stated == paid - on_claim, "C2")
            seen += 1
    return seen


def check_c6(world: World, step: Step) -> int:
    """C6: all payers together pay no more than the charge, and what an earlier one paid above."""
    seen = 0
    for row in step.rows:
        document = world.claims[row.claim_id].document
        if not isinstance(row.event, AdjudicationRecorded) or not document.prior_payers:
            continue
        adjusted = [each for one in document.prior_payers for each in one.adjustments]
        for line in document.service_lines:
            adjusted += [each for one in line.prior_payer_lines for each in one.adjustments]
        above = total(-each.amount for each in adjusted if each.amount < 0)
        before = total(one.paid_amount or ZERO for one in document.prior_payers)
        ours = row.event.adjudication.paid
        within = before + ours <= (document.total_charge or ZERO) + above
        hold(within or ours == 0, "the payers together pay too much")
        seen += 1
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
        if one.duplicate_key and one.state not in _TERMINAL
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


def _policy(world: World, step: Step) -> Policy:
    return world.policy_of(world.claims[step.command.claim_id])


OF_CLAIMS: Mapping[str, Check] = {
    "M1": check_m1,
    "M2": check_m2,
    "M3": check_m3,
    "M4": check_m4,
    "M6": check_m6,
    "M7": check_m7,
    "M8": check_m8,
    "M9": check_m9,
    "M10": check_m10,
    "M11": check_m11,
    "M12": check_m12,
    "M13": check_m13,
    "M16": check_m16,
    "W2": check_w2,
    "W5": check_w5,
    "W6": check_w6,
    "W7": check_w7,
    "W8": check_w8,
    "W11": check_w11,
    "W13": check_w13,
    "K1": check_k1,
    "K4": check_k4,
    "W10": check_w10,
    "W12": check_w12,
    "K3": check_k3,
    "C1": check_c1,
    "C6": check_c6,
    "CLOSED": check_closed,
    "KEYS": check_keys,
    "REOPENED": check_reopened,
}
