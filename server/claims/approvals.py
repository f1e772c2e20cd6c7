"""Four-eyes and authority: commands 10 to 12, rule W5."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from server.claims.commands import (
    ApproveAdjudication,
    Asked,
    FinalizeClaim,
    ReturnForRework,
)
from server.claims.events import (
    AdjudicationWithdrawn,
    ApprovalGranted,
    ApprovalRefused,
    ClaimApproved,
    ClaimDenied,
    ClaimPartiallyApproved,
    Event,
)
from server.claims.facts import Facts
from server.claims.model import Adjudication, Claim, Decision
from server.claims.refusals import Refusal, require


def basis(paid: Decimal, last_final_paid: Decimal | None) -> Decimal:
    """Return the amount at stake: the payment, or its change when that is larger (W5)."""
    return max(abs(paid), abs(paid - (last_final_paid or Decimal(0))))


def standing(claim: Claim) -> Adjudication:
    """Return the adjudication of a claim whose state says that it has one."""
    assert claim.adjudication is not None, "the state comes with an adjudication"
    return claim.adjudication


def require_authority(asked: Asked, claim: Claim, facts: Facts) -> None:
    """Go on when the amount at stake is within the role's limit."""
    at_stake = basis(standing(claim).paid, claim.final_paid)
    limit = facts.policy.limits.get(asked.role)
    require(limit is not None and at_stake <= limit, Refusal.AMOUNT_AUTHORITY_EXCEEDED)


def require_approver(asked: Asked, claim: Claim, facts: Facts) -> None:
    """Go on when this person may approve what stands (W5)."""
    current = standing(claim)
    require(asked.actor != current.by, Refusal.APPROVER_IS_ADJUDICATOR)
    require(
        asked.actor not in {one.approver for one in current.approvals},
        Refusal.APPROVER_ALREADY_COUNTED,
    )
    tier = facts.policy.tier(basis(current.paid, claim.final_paid))
    require(asked.role in tier.roles, Refusal.APPROVER_ROLE_NOT_ALLOWED)
    require_authority(asked, claim, facts)


def require_finalizer(asked: Asked, claim: Claim, facts: Facts) -> None:
    """Go on when what stands needs nobody else, and this person has the authority."""
    needed = standing(claim).approvals_needed
    require(needed == 0, Refusal.APPROVALS_REQUIRED, {"approvals_needed": str(needed)})
    require_authority(asked, claim, facts)


def approve(command: ApproveAdjudication, claim: Claim) -> list[Event]:
    """Command 10: approve exactly the adjudication that was read; the last approval decides."""
    current = standing(claim)
    require(
        command.adjudication_number == current.number and command.adjudication_hash == current.hash,
        Refusal.ADJUDICATION_CHANGED,
        field_path="adjudication_hash",
    )
    granted = ApprovalGranted(
        number=current.number, approver=command.actor, role=command.role, at=command.now
    )
    if len(current.approvals) + 1 < current.approvals_needed:
        return [granted]
    return [granted, conclude(current, command.actor, command.now)]


def return_for_rework(command: ReturnForRework, claim: Claim) -> list[Event]:
    """Command 11: refuse approval; the adjudication no longer stands."""
    number = standing(claim).number
    return [
        ApprovalRefused(number=number, by=command.actor, at=command.now),
        AdjudicationWithdrawn(number=number),
    ]


def finalize(command: FinalizeClaim, claim: Claim) -> list[Event]:
    """Command 12: make an adjudication final that needs no approval."""
    return [conclude(standing(claim), command.actor, command.now)]


def conclude(adjudication: Adjudication, by: str, at: datetime) -> Event:
    """Return the final decision that an adjudication comes to (M16)."""
    number = adjudication.number
    match adjudication.decision:
        case Decision.APPROVED:
            return ClaimApproved(number=number, by=by, at=at)
        case Decision.PARTIAL:
            return ClaimPartiallyApproved(number=number, by=by, at=at)
        case Decision.DENIED:
            return ClaimDenied(number=number, by=by, at=at)
