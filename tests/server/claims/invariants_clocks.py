"""What must hold of ages, pauses and the days of payment: K1, K3 and K4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, timedelta
from uuid import UUID

from server.claims import sla
from server.claims.events import (
    ClaimBreached,
    ClaimPaid,
    ClaimRemitted,
    InformationReceived,
    InformationRequested,
    InformationRequestExpired,
)
from tests.server.claims.invariants import Check, changed, hold
from tests.server.claims.world import Row, Step, World


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


OF_CLOCKS: Mapping[str, Check] = {
    "K1": check_k1,
    "K3": check_k3,
    "K4": check_k4,
}
