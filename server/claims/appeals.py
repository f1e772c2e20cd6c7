"""Appeals: commands 16 to 18, rule W13.

Levels follow each other: level m+1 is open once level m is decided, or overdue where the policy
lets an appellant go on. Whoever took part in any decision on the claim decides no appeal of it, and
whoever decided an appeal decides nothing else on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date
from decimal import Decimal
from uuid import UUID

from server.claims.appeal_rules import AppealLevel, appeal_deadline, appeal_due, minimum_on
from server.claims.approvals import standing
from server.claims.balances import of_reasons, total
from server.claims.commands import (
    Asked,
    DecideAppeal,
    DismissAppeal,
    FileAppeal,
    WithdrawAppeal,
)
from server.claims.events import (
    AppealDecided,
    AppealDismissed,
    AppealEscalated,
    AppealFiled,
    AppealWithdrawn,
    ClaimReopened,
    Event,
)
from server.claims.facts import Facts
from server.claims.model import (
    AdjudicationLine,
    Appeal,
    AppealOutcome,
    AppealStatus,
    Claim,
)
from server.claims.policy import Policy
from server.claims.refusals import Refusal, Refused, require


def file(command: FileAppeal, claim: Claim, facts: Facts) -> list[Event]:
    """Command 16: object to a final decision, on all lines or some."""
    policy = facts.policy
    lines = _disputed(command, claim)
    numbers = tuple(line.line_number for line in lines)
    require(
        _is_appealable(lines, policy), Refusal.DECISION_NOT_APPEALABLE, field_path="line_numbers"
    )
    overdue = _overtaken(command, claim, numbers, policy)
    level = _level(command, claim, numbers, policy, overdue)
    _require_in_time(command, claim, numbers, level, policy, bool(overdue))
    amount = in_controversy(lines, policy)
    least = minimum_on(level, command.now.date())
    require(amount > 0 and amount >= least, Refusal.APPEAL_AMOUNT_TOO_SMALL, {}, "line_numbers")
    filed = AppealFiled(
        appeal=Appeal(
            appeal_id=command.appeal_id,
            level=level.level,
            adjudication_number=standing(claim).number,
            line_numbers=numbers,
            amount_in_controversy=amount,
            filed_by=command.actor,
            filed_at=command.now,
            due_date=appeal_due(command.now.date(), level),
            good_cause_code=command.good_cause_code,
        )
    )
    escalated = [
        AppealEscalated(appeal_id=one.appeal_id, by=command.actor, at=command.now)
        for one in overdue
    ]
    return [*escalated, filed]


def in_controversy(lines: Iterable[AdjudicationLine], policy: Policy) -> Decimal:
    """Return what could be paid more on lines: charge less paid less the patient's shares."""
    return total(
        line.charge - line.paid - of_reasons(line.adjustments, policy.patient_shares)
        for line in lines
    )


def _disputed(command: FileAppeal, claim: Claim) -> tuple[AdjudicationLine, ...]:
    lines = standing(claim).lines
    if not command.line_numbers:
        return lines
    by_number = {line.line_number: line for line in lines}
    for place, number in enumerate(command.line_numbers):
        path = f"line_numbers[{place}]"
        known = number in by_number and number not in command.line_numbers[:place]
        require(known, Refusal.LINE_UNKNOWN, {"line_number": str(number)}, path)
    return tuple(by_number[number] for number in sorted(command.line_numbers))


def _is_appealable(lines: Iterable[AdjudicationLine], policy: Policy) -> bool:
    """Tell whether any line was decided by a reason that carries an appeal right."""
    barred = set(policy.not_appealable)
    return any(
        not line.denied or not barred & {one.reason_code for one in line.adjustments}
        for line in lines
    )


def _overtaken(
    command: FileAppeal, claim: Claim, numbers: tuple[int, ...], policy: Policy
) -> list[Appeal]:
    """Return the overdue open appeals on these lines that the next level takes over."""
    today = command.now.date()
    meeting = [one for one in claim.open_appeals if set(one.line_numbers) & set(numbers)]
    overdue = [
        one
        for one in meeting
        if one.level == command.level - 1
        and one.level in policy.appeals.escalation_levels
        and today > one.due_date
    ]
    require(len(overdue) == len(meeting), Refusal.APPEAL_ALREADY_OPEN)
    return overdue


def _level(
    command: FileAppeal,
    claim: Claim,
    numbers: tuple[int, ...],
    policy: Policy,
    overdue: list[Appeal],
) -> AppealLevel:
    """Return the level, when it is the next one for each of the lines."""
    past = [*_decided(claim, numbers), *overdue]
    last = {
        max((one.level for one in past if number in one.line_numbers), default=0)
        for number in numbers
    }
    found = next((one for one in policy.appeals.levels if one.level == command.level), None)
    require(
        last == {command.level - 1} and found is not None,
        Refusal.APPEAL_LEVEL_OUT_OF_ORDER,
        {"last_decided_level": str(min(last))},
        "level",
    )
    assert found is not None, "required above"
    return found


def _decided(claim: Claim, numbers: tuple[int, ...]) -> list[Appeal]:
    """Return the decided appeals of the present determination on any of these lines."""
    current = standing(claim).number
    return [
        one
        for one in claim.appeals
        if one.status is AppealStatus.DECIDED
        and one.adjudication_number == current
        and set(one.line_numbers) & set(numbers)
    ]


def _require_in_time(
    command: FileAppeal,
    claim: Claim,
    numbers: tuple[int, ...],
    level: AppealLevel,
    policy: Policy,
    escalates: bool,
) -> None:
    cause = command.good_cause_code
    known = not cause or cause in policy.good_causes
    require(known, Refusal.GOOD_CAUSE_UNKNOWN, field_path="good_cause_code")
    if cause or escalates:
        return
    deadline = appeal_deadline(_decided_on(claim, numbers), level, policy.appeals)
    require(
        command.now.date() <= deadline,
        Refusal.APPEAL_DEADLINE_PASSED,
        {"deadline": deadline.isoformat()},
    )


def _decided_on(claim: Claim, numbers: tuple[int, ...]) -> date:
    """Return the day of the decision that is appealed: of the claim, or of the last level."""
    moments = [one.closed_at for one in _decided(claim, numbers) if one.closed_at is not None]
    decided = max(moments, default=claim.decided_at)
    assert decided is not None, "a final decision has its time"
    return decided.astimezone(UTC).date()


def withdraw(command: WithdrawAppeal, claim: Claim) -> list[Event]:
    """Command 17: take one's own appeal back."""
    appeal = _open(claim, command.appeal_id)
    require(appeal.filed_by == command.actor, Refusal.APPELLANT_IS_ANOTHER)
    return [AppealWithdrawn(appeal_id=appeal.appeal_id, by=command.actor, at=command.now)]


def dismiss(command: DismissAppeal, claim: Claim) -> list[Event]:
    """Command 17: end an appeal without deciding it."""
    appeal = _open(claim, command.appeal_id)
    return [AppealDismissed(appeal_id=appeal.appeal_id, by=command.actor, at=command.now)]


def decide(command: DecideAppeal, claim: Claim) -> list[Event]:
    """Command 18: decide an appeal; one that overturns anything reopens the claim."""
    appeal = _open(claim, command.appeal_id)
    decided = AppealDecided(
        appeal_id=appeal.appeal_id,
        outcome=command.outcome,
        by=command.actor,
        at=command.now,
        late=command.now.date() > appeal.due_date,
    )
    if command.outcome is AppealOutcome.UPHELD:
        return [decided]
    # What other lines are appealed for cannot be decided on a determination that is gone.
    others = [
        AppealDismissed(appeal_id=one.appeal_id, by=command.actor, at=command.now)
        for one in claim.open_appeals
        if one.appeal_id != appeal.appeal_id
    ]
    reopened = ClaimReopened(by=command.actor, at=command.now, appeal_id=appeal.appeal_id)
    return [decided, *others, reopened]


def _open(claim: Claim, appeal_id: UUID) -> Appeal:
    for appeal in claim.open_appeals:
        if appeal.appeal_id == appeal_id:
            return appeal
    raise Refused(Refusal.APPEAL_NOT_OPEN, field_path="appeal_id")


def require_open_appeal(asked: Asked, claim: Claim, facts: Facts) -> None:
    """Go on when some appeal is open."""
    require(bool(claim.open_appeals), Refusal.APPEAL_NOT_OPEN)


def require_outsider(asked: Asked, claim: Claim, facts: Facts) -> None:
    """Go on when this person took part in no decision on the claim, of any level (W13)."""
    took_part = asked.actor in claim.deciders or asked.actor in appeal_deciders(claim)
    require(not took_part, Refusal.APPEAL_DECIDER_TOOK_PART)


def require_no_appeal_decider(asked: Asked, claim: Claim, facts: Facts) -> None:
    """Go on when this person has decided no appeal of the claim (W13)."""
    require(asked.actor not in appeal_deciders(claim), Refusal.ADJUDICATOR_DECIDED_APPEAL)


def appeal_deciders(claim: Claim) -> frozenset[str]:
    """Return everybody who has decided an appeal of the claim."""
    return frozenset(one.closed_by for one in claim.appeals if one.status is AppealStatus.DECIDED)
