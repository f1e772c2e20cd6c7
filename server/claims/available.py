"""What a person may do to a claim now, and what blocks the rest.

The answer is as good as it can be without the fields of each command; `decide` has the last word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from server.claims import holds, pends, recovery, remittance
from server.claims.commands import (
    Asked,
    Command,
    ExpireInformationRequest,
    IssueRemittance,
    RecordBreach,
    RecordOverpayment,
    RecoupOverpayment,
    RedactNote,
    ReleaseHold,
    ResolvePend,
    SubmitClaim,
    TakeNextClaim,
)
from server.claims.facts import Facts
from server.claims.model import Claim
from server.claims.permissions import PERMISSIONS
from server.claims.refusals import Refusal, Refused, require
from server.claims.workflow import ALLOWED, GUARDS, require_state, require_visible


def _require_overdue_request(asked: Asked, claim: Claim, facts: Facts) -> None:
    overdue = any(
        asked.now.date() > request.due_date for request in claim.open_information_requests
    )
    require(overdue, Refusal.INFORMATION_REQUEST_NOT_DUE)


def _require_readable_note(asked: Asked, claim: Claim, facts: Facts) -> None:
    require(bool(claim.notes), Refusal.NOTE_NOT_FOUND)
    require(any(not note.redacted for note in claim.notes), Refusal.NOTE_ALREADY_REDACTED)


def _require_unpaid(asked: Asked, claim: Claim, facts: Facts) -> None:
    remittance.require_not_remitted(claim)
    require(not claim.open_holds, Refusal.PAYMENT_ON_HOLD)


def _require_paid(asked: Asked, claim: Claim, facts: Facts) -> None:
    left = recovery.left_of_payment(claim)
    require(left > 0, Refusal.OVERPAYMENT_EXCEEDS_PAID)


def _require_recovery(asked: Asked, claim: Claim, facts: Facts) -> None:
    require(bool(claim.overpayments), Refusal.OVERPAYMENT_NOT_FOUND)
    require(claim.open_recovery > 0, Refusal.RECOUPMENT_EXCEEDS_OVERPAYMENT)


# What some of the command's fields could satisfy at best.
_PROSPECTS: Mapping[type[Command], Callable[[Asked, Claim, Facts], None]] = MappingProxyType(
    {
        ResolvePend: pends.require_resolvable_pend,
        ExpireInformationRequest: _require_overdue_request,
        RedactNote: _require_readable_note,
        IssueRemittance: _require_unpaid,
        ReleaseHold: holds.require_releasable_hold,
        RecordOverpayment: _require_paid,
        RecoupOverpayment: _require_recovery,
    }
)


def allowed_actions(
    claim: Claim,
    actor: str,
    roles: Iterable[str],
    now: datetime,
    facts: Facts,
    member_number: str = "",
) -> list[tuple[str, Refusal | None]]:
    """Return every command on an existing claim with the refusal that blocks it, None when allowed.

    A person with several roles may do what any of them may. TakeNextClaim is asked of a queue and
    not of a claim, and RecordBreach is the system's own, so neither is listed.
    """
    asked = [
        Asked(claim_id=claim.claim_id, actor=actor, role=role, now=now, member_number=member_number)
        for role in sorted(set(roles))
    ]
    return [
        (kind.__name__, _blocked_by(kind, asked, claim, facts))
        for kind in ALLOWED
        if kind not in (SubmitClaim, TakeNextClaim, RecordBreach)
    ]


def _blocked_by(
    kind: type[Command], asked: Iterable[Asked], claim: Claim, facts: Facts
) -> Refusal | None:
    blocked: Refusal | None = Refusal.PERMISSION_MISSING
    for one in asked:
        if one.role not in PERMISSIONS[kind].roles:
            continue
        blocked = _refusal(kind, one, claim, facts)
        if blocked is None:
            break
    return blocked


def _refusal(kind: type[Command], asked: Asked, claim: Claim, facts: Facts) -> Refusal | None:
    try:
        require_visible(asked, claim)
        require_state(kind, claim)
        for guard in GUARDS.get(kind, ()):
            guard(asked, claim, facts)
        if kind in _PROSPECTS:
            _PROSPECTS[kind](asked, claim, facts)
    except Refused as refused:
        return refused.refusal
    return None
