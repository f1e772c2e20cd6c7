"""Leases and queues: command 20, rule W12.

A lease makes one person the claim's worker until a time. The ledger chooses the claim of a
TakeNextClaim under a lock that others skip, so two callers never meet on one claim.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from server.claims.commands import (
    Asked,
    AssignClaim,
    ReleaseClaim,
    TakeNextClaim,
    TransferClaim,
)
from server.claims.events import ClaimAssigned, ClaimQueued, ClaimReleased, Event
from server.claims.facts import Facts
from server.claims.model import Claim
from server.claims.policy import Policy
from server.claims.refusals import Refusal, require


def leased(claim: Claim, now: datetime) -> bool:
    """Tell whether somebody holds an unexpired lease."""
    return claim.lease_until is not None and now < claim.lease_until


def require_free_for(asked: Asked, claim: Claim, facts: Facts) -> None:
    """Go on when nobody else holds the claim; a SUPERVISOR may step in (W12)."""
    require(
        not leased(claim, asked.now) or claim.assignee == asked.actor or asked.role == "SUPERVISOR",
        Refusal.ASSIGNED_TO_ANOTHER,
    )


def require_lease(asked: Asked, claim: Claim, facts: Facts) -> None:
    """Go on when a lease can be ended by this person."""
    require(leased(claim, asked.now), Refusal.CLAIM_NOT_ASSIGNED)
    require_free_for(asked, claim, facts)


def assign(command: AssignClaim, facts: Facts) -> list[Event]:
    """Command 20: lease a claim, an EXAMINER to themselves, a SUPERVISOR to anybody."""
    assignee = command.assignee or command.actor
    require(
        assignee == command.actor or command.role == "SUPERVISOR",
        Refusal.ASSIGNEE_NOT_ALLOWED,
        field_path="assignee",
    )
    return [_assigned(assignee, command, facts.policy)]


def take_next(command: TakeNextClaim, claim: Claim | None, facts: Facts) -> list[Event]:
    """Command 20: lease the claim that the ledger found, or tell that it found none."""
    queue = command.queue or facts.policy.queues[0]
    require(queue in facts.policy.queues, Refusal.QUEUE_UNKNOWN, field_path="queue")
    waits = claim is not None and claim.queue == queue and not leased(claim, command.now)
    require(waits, Refusal.QUEUE_EMPTY)
    return [_assigned(command.actor, command, facts.policy)]


def release(command: ReleaseClaim) -> list[Event]:
    """Command 20: end the lease."""
    return [ClaimReleased(by=command.actor)]


def transfer(command: TransferClaim, facts: Facts) -> list[Event]:
    """Command 20: move the claim to another queue, which ends a lease."""
    require(command.queue in facts.policy.queues, Refusal.QUEUE_UNKNOWN, field_path="queue")
    return [ClaimQueued(queue=command.queue)]


def _assigned(assignee: str, asked: Asked, policy: Policy) -> ClaimAssigned:
    return ClaimAssigned(
        assignee=assignee, lease_until=asked.now + timedelta(minutes=policy.lease_minutes)
    )
