"""Closing and reopening: commands 15 and 19."""

from __future__ import annotations

from datetime import UTC, timedelta

from server.claims import sla
from server.claims.commands import Asked, CloseClaim, ReopenClaim
from server.claims.events import ClaimClosed, ClaimReopened, Event
from server.claims.facts import Facts
from server.claims.model import Claim
from server.claims.refusals import Refusal, require


def require_no_open_work(asked: Asked, claim: Claim, facts: Facts) -> None:
    """Go on when no pend, request, appeal, hold or recovery is open; before closing."""
    require(not sla.has_open_work(claim), Refusal.CLAIM_HAS_OPEN_WORK)


def close(command: CloseClaim) -> list[Event]:
    """Command 19: say that no work is left."""
    return [ClaimClosed(by=command.actor, at=command.now)]


def require_reopenable(asked: Asked, claim: Claim, facts: Facts) -> None:
    """Go on when the decision is young enough and no appeal is open that would reopen it itself."""
    require(not claim.open_appeals, Refusal.APPEAL_OPEN)
    assert claim.decided_at is not None, "the state comes with a decision"
    last = claim.decided_at.astimezone(UTC).date() + timedelta(days=facts.policy.reopening_days)
    require(
        asked.now.date() <= last, Refusal.REOPENING_WINDOW_PASSED, {"last_day": last.isoformat()}
    )


def reopen(command: ReopenClaim) -> list[Event]:
    """Command 15: let the decision be made anew; what was paid stands until it is."""
    return [ClaimReopened(by=command.actor, at=command.now)]
