"""Holds: command 23. A hold stops payment and closing, never adjudication."""

from __future__ import annotations

from server.claims.commands import Asked, PlaceHold, ReleaseHold
from server.claims.events import Event, HoldPlaced, HoldReleased
from server.claims.facts import Facts
from server.claims.model import Claim
from server.claims.policy import Policy
from server.claims.refusals import Refusal, Refused, require


def place(command: PlaceHold, claim: Claim, facts: Facts) -> list[Event]:
    """Command 23: stop payment, by a role that stands with the kind of hold."""
    kind = facts.policy.hold_kinds.get(command.kind)
    if kind is None:
        raise Refused(Refusal.HOLD_KIND_UNKNOWN, field_path="kind")
    require(command.role in kind.roles, Refusal.HOLD_ROLE_NOT_ALLOWED, field_path="kind")
    placed = {one.kind for one in claim.open_holds}
    require(command.kind not in placed, Refusal.HOLD_ALREADY_PLACED, field_path="kind")
    return [HoldPlaced(kind=command.kind, by=command.actor, at=command.now)]


def release(command: ReleaseHold, claim: Claim, facts: Facts) -> list[Event]:
    """Command 23: let payment go on, by a role that stands with the kind of hold."""
    placed = {one.kind for one in claim.open_holds}
    require(command.kind in placed, Refusal.HOLD_NOT_PLACED, field_path="kind")
    allowed = _may_release(command.kind, command.role, facts.policy)
    require(allowed, Refusal.HOLD_ROLE_NOT_ALLOWED, field_path="kind")
    return [HoldReleased(kind=command.kind, by=command.actor, at=command.now)]


def require_releasable_hold(asked: Asked, claim: Claim, facts: Facts) -> None:
    """Go on when at least one hold is open that the role may release."""
    require(bool(claim.open_holds), Refusal.HOLD_NOT_PLACED)
    allowed = any(_may_release(one.kind, asked.role, facts.policy) for one in claim.open_holds)
    require(allowed, Refusal.HOLD_ROLE_NOT_ALLOWED)


def _may_release(name: str, role: str, policy: Policy) -> bool:
    # A kind that has left the policy since then would stay for ever: who pays ends it.
    kind = policy.hold_kinds.get(name)
    return role in kind.roles if kind else role == "FINANCE"
