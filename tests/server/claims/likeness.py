"""What tells one explored world from another, and which worlds are the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from server.claims.model import TERMINAL, Claim
from server.claims.payees import account_of
from tests.server.claims.cast import NOW
from tests.server.claims.small_claim import CLOCK, EQUALS, current
from tests.server.claims.world import World


def likeness(world: World) -> Any:
    """A world without ids, exact amounts and the names of equals."""
    names: dict[str, str] = {}

    def name(actor: str) -> str:
        for pair in EQUALS:
            if actor in pair:
                taken = sum(one in names for one in pair)
                return names.setdefault(actor, f"{pair[0]}{taken}")
        return actor

    passed = max(days for days in CLOCK if days <= (world.now.date() - NOW.date()).days)
    claim = current(world)
    entries = sorted(
        (one.kind.value, _size(one.amount))
        for one in world.open_entries(account_of(claim.document))
    )
    remitted = tuple(
        (bool(one.amount), remittance_id in world.failed, _of_now(claim, remittance_id))
        for remittance_id, one in world.remittances.items()
    )
    gone = tuple(one.state for one in world.claims.values() if one is not claim)
    if claim.state in TERMINAL:
        notes = tuple(one.redacted for one in claim.notes)
        return (gone, tuple(entries), remitted, claim.state, notes)
    return (passed, gone, tuple(entries), remitted, _of_claim(claim, world.now, name))


def _of_now(claim: Claim, remittance_id: UUID) -> bool:
    return claim.remitted is not None and claim.remitted.remittance_id == remittance_id


def _age(today: date, moment: datetime) -> int:
    """Which windows have passed: 0 none, 1 to appeal at the first level, 2 at the second, 3 all."""
    days = (today - moment.date()).days
    return (days > 125) + (days > 185) + (days > 365)


def _size(amount: Decimal) -> int:
    return (amount > 0) - (amount < 0)


def _of_claim(claim: Claim, now: datetime, name: Callable[[str], str]) -> tuple[Any, ...]:
    stands, remitted = claim.adjudication, claim.remitted
    determination = stands and (
        stands.paid,
        stands.approvals_needed,
        stands.final,
        stands.number,
        stands.by == "mia",
        not stands.final and tuple(name(one.approver) for one in stands.approvals),
    )
    payment = remitted and (
        remitted.adjudication_number,
        remitted.paid,
        bool(remitted.interest),
        tuple((one.amount, one.recouped) for one in remitted.overpayments),
    )
    today = now.astimezone(UTC).date()
    appeals = tuple(
        (
            one.level,
            one.status,
            one.status == "OPEN" and today > one.due_date,
            one.adjudication_number,
            name(one.closed_by),
            one.closed_at is not None and _age(today, one.closed_at),
        )
        for one in claim.appeals
    )
    return (
        claim.state,
        tuple(sorted(one.code for one in claim.open_pends)),
        tuple((one.status, today > one.due_date) for one in claim.information_requests),
        claim.adjudications,
        determination,
        claim.final_paid,
        claim.decided_at is not None and _age(today, claim.decided_at),
        payment,
        claim.reversed is not None,
        appeals,
        "mia" in claim.deciders,  # who else took part could decide no appeal anyway
        _beside_of(claim, now, name),
    )


def _beside_of(claim: Claim, now: datetime, name: Callable[[str], str]) -> tuple[Any, ...]:
    leased = claim.lease_until is not None and now < claim.lease_until
    return (
        tuple(one.redacted for one in claim.notes),
        bool(claim.attachments),
        tuple(one.kind for one in claim.open_holds),
        leased and name(claim.assignee),
        claim.queue,
        len(claim.document.prior_payers),
        claim.breached_at is not None,
        claim.submitted_by,
    )
