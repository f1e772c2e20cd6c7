"""What the system itself does when time has come: its own commands on a claim."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from server.claims import sla
from server.claims.commands import (
    AdjudicateClaim,
    CloseClaim,
    Command,
    ExpireInformationRequest,
    Reason,
    RecordBreach,
)
from server.claims.decided import SYSTEM_ACTOR, SYSTEM_ROLE
from server.claims.model import AdjudicationMode, Claim
from server.claims.policy import Policy

WINDOWS_ELAPSED = "WINDOWS_ELAPSED"


def due(claim: Claim, policy: Policy, now: datetime) -> list[Command]:
    """Return the commands that are due on a claim, in order; each is decided by the rules again."""
    today = now.date()
    asked: dict[str, Any] = {
        "claim_id": claim.claim_id,
        "actor": SYSTEM_ACTOR,
        "role": SYSTEM_ROLE,
        "now": now,
    }
    commands: list[Command] = [
        ExpireInformationRequest(**asked, information_request_id=one.information_request_id)
        for one in claim.open_information_requests
        if one.due_date < today
    ]
    if sla.is_late(claim, policy, today) and claim.breached_at is None:
        commands.append(RecordBreach(**asked))
    if sla.waits_for_pricing(claim, policy):
        commands.append(AdjudicateClaim(**asked, mode=AdjudicationMode.AUTO))
    closing = sla.closes_on(claim, policy)
    if closing is not None and closing <= today:
        commands.append(CloseClaim(**{**asked, "reason": Reason(code=WINDOWS_ELAPSED)}))
    return commands
