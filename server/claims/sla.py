"""A claim's clocks: rules K1, K2 and K4, and what the system has to do when (timers).

The clock counts from the receipt date and stands still while an outside party is asked (K4). A
claim is clean when nobody outside had to be asked; only such a claim earns interest (K2).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from server.claims import clocks
from server.claims.clocks import Pause
from server.claims.commands import Asked, RecordBreach
from server.claims.events import ClaimBreached, Event
from server.claims.facts import Facts
from server.claims.interest import interest_days, rate_on, recomputed
from server.claims.model import Claim, InformationRequest, State
from server.claims.policy import Policy
from server.claims.refusals import Refusal, require

UNDECIDED = frozenset(
    {
        State.ACCEPTED,
        State.PENDED,
        State.INFO_REQUESTED,
        State.ADJUDICATED,
        State.PENDING_APPROVAL,
    }
)


def pauses_of(claim: Claim, policy: Policy) -> tuple[Pause, ...]:
    """Return the days on which the clock stood still, as intervals that do not overlap (K4)."""
    if not policy.clocks.pauses:
        return ()
    merged: list[Pause] = []
    for begins, ends in sorted(map(_asked, claim.information_requests), key=lambda one: one[0]):
        if merged and (merged[-1].ends is None or begins <= merged[-1].ends):
            begins, ends = merged[-1].begins, _later(merged.pop().ends, ends)
        merged.append(Pause(begins=begins, ends=ends))
    return tuple(one for one in merged if one.begins != one.ends)


def _asked(request: InformationRequest) -> tuple[date, date | None]:
    closed = request.closed_at
    asked = request.requested_at.astimezone(UTC).date()
    return asked, closed.astimezone(UTC).date() if closed else None


def _later(one: date | None, other: date | None) -> date | None:
    return None if one is None or other is None else max(one, other)


def due_date(claim: Claim, policy: Policy) -> date | None:
    """Return the last day on which the claim may be decided in time; None while it is paused."""
    rules = policy.clocks
    return clocks.due_date(claim.receipt_date, pauses_of(claim, policy), rules.limit_days)


def is_late(claim: Claim, policy: Policy, on: date) -> bool:
    """Tell whether an undecided claim has passed its due date at the beginning of a day (K1)."""
    if claim.state not in UNDECIDED or claim.decided_at is not None:
        return False  # decided once is decided in time or not, however often it is reopened
    rules = policy.clocks
    return clocks.breached(claim.receipt_date, pauses_of(claim, policy), rules.limit_days, on)


def require_breach(asked: Asked, claim: Claim, facts: Facts) -> None:
    """Go on when the claim is late and nobody has noted it yet."""
    late = is_late(claim, facts.policy, asked.now.date())
    require(late and claim.breached_at is None, Refusal.BREACH_NOT_DUE)


def breach(command: RecordBreach, claim: Claim, facts: Facts) -> list[Event]:
    """Note that the decision was not made in time."""
    due = due_date(claim, facts.policy)
    assert due is not None, "a paused claim is not late"
    return [ClaimBreached(due_date=due, at=command.now)]


def interest_terms(claim: Claim, payment_date: date, policy: Policy) -> tuple[Decimal, int]:
    """Return rate and days of the interest on a payment (K2).

    A correction keeps rate and days of the first payment; a denial that was told before is none.
    None is due when an outside party had to be asked, or when only an appeal brought the payment
    about.
    """
    told = claim.remitted
    if told is not None and told.first_paid_on is not None:
        return told.interest_rate, told.interest_days
    if claim.information_requests or claim.appeals:
        return Decimal(0), 0
    days = interest_days(claim.receipt_date, payment_date, policy.interest)
    return (rate_on(payment_date, policy.interest), days) if days else (Decimal(0), 0)


def interest(paid: Decimal, rate: Decimal, days: int, policy: Policy) -> Decimal:
    """Return the interest on a payment, nothing when there is none (K2, M20)."""
    return recomputed(paid, rate, days, policy.interest)


def wake_at(claim: Claim, policy: Policy) -> datetime | None:
    """Return when the system next has something to do for a claim, None when never.

    The end of a request for information, a breach, the automatic pricing of an accepted claim,
    the closing of a remitted one.
    """
    days: list[date] = []
    if claim.state is State.INFO_REQUESTED:
        days.append(min(one.due_date for one in claim.open_information_requests) + _DAY)
    if claim.state in UNDECIDED and claim.breached_at is None and claim.decided_at is None:
        due = due_date(claim, policy)
        if due is not None:
            days.append(due + _DAY)
    closing = closes_on(claim, policy)
    if closing is not None:
        days.append(closing)
    moments = [datetime.combine(day, time.min, UTC) for day in days]
    if waits_for_pricing(claim, policy):
        moments.append(claim.received_at)
    return min(moments, default=None)


def waits_for_pricing(claim: Claim, policy: Policy) -> bool:
    """Tell whether the system is to price the claim: accepted, and nobody has decided it yet."""
    return policy.auto_adjudicate and claim.state is State.ACCEPTED and claim.adjudications == 0


def closes_on(claim: Claim, policy: Policy) -> date | None:
    """Return the day on which a remitted claim without open work is closed."""
    if claim.state not in {State.PAID, State.DENIED} or claim.remitted is None:
        return None
    if has_open_work(claim):
        return None
    decided = claim.decided_at.astimezone(UTC).date() if claim.decided_at else claim.receipt_date
    return max(decided, claim.remitted.payment_date) + timedelta(days=policy.close_after_days)


def has_open_work(claim: Claim) -> bool:
    """Tell whether a pend, request, appeal, hold or recovery is open.

    A decision that no remittance has told yet is work too: to tell it, and to correct the payment
    that it has changed.
    """
    return bool(
        claim.open_pends
        or claim.open_information_requests
        or claim.open_appeals
        or claim.open_holds
        or claim.open_recovery
        or _waits_for_remittance(claim)
    )


def _waits_for_remittance(claim: Claim) -> bool:
    told, current = claim.remitted, claim.adjudication
    return current is not None and (told is None or told.adjudication_number != current.number)


_DAY = timedelta(days=1)
