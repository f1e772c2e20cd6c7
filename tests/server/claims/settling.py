"""How a history is brought to its end: everything decided, told and paid, nothing left open.

That this is possible from wherever a history has come to is a rule as well: no claim is ever stuck.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, replace
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

from server.claims.commands import (
    AdjudicateClaim,
    ApproveAdjudication,
    ExpireInformationRequest,
    FinalizeClaim,
    IssueRemittance,
    Reason,
    ReleaseHold,
    ResolvePend,
    SubmitClaim,
)
from server.claims.document import Payer, Provider, ServiceLine
from server.claims.model import TERMINAL, AdjudicationLine, Claim, State
from server.claims.payees import Account, account_of
from tests.server.claims import scenery
from tests.server.claims.documents import professional, service_line
from tests.server.claims.invariants import Violation
from tests.server.claims.turns import Turn, unpaid
from tests.server.claims.world import NOBODY, World

_UNDECIDED = {
    State.ACCEPTED,
    State.PENDED,
    State.INFO_REQUESTED,
    State.ADJUDICATED,
    State.PENDING_APPROVAL,
}
Must = Callable[[Turn], None]  # takes a turn, and complains when it is refused


class Stuck(Violation):
    """A history that cannot be brought to its end."""


def settle(world: World, must: Must) -> None:
    """Bring all to its end: holds released, claims decided, decisions told, entries taken."""
    for claim_id in [one.claim_id for one in world.claims.values() if one.state not in TERMINAL]:
        for hold in world.claims[claim_id].open_holds:
            (role, *_) = world.policy_of(world.claims[claim_id]).hold_kinds[hold.kind].roles
            must(ReleaseHold(**_asked(world, claim_id, "rita", role), kind=hold.kind))
        if world.claims[claim_id].state in _UNDECIDED:
            _decide(world, must, claim_id)
    world.wait(timedelta(days=40))
    untold = [
        one
        for one in world.claims.values()
        if one.state in (State.APPROVED, State.DENIED) and unpaid(one)
    ]
    while untold:
        together = [
            one for one in untold if account_of(one.document) == account_of(untold[0].document)
        ]
        _remit(world, must, together)
        untold = [one for one in untold if one not in together]
    owing = {
        one.account
        for one in world.entries.values()
        if one.entry_id not in world.taken and one.entry_id not in world.cancelled
    }
    for account in sorted(owing, key=astuple):
        _earn(world, must, account)


def _asked(world: World, claim_id: UUID, actor: str, role: str) -> dict[str, Any]:
    return {
        "claim_id": claim_id,
        "actor": actor,
        "role": role,
        "now": world.now,
        "reason": Reason(code="SETTLED"),
    }


def _decide(world: World, must: Must, claim_id: UUID) -> None:
    """Close what is open, pay in full what is not decided, and find whoever has to approve it."""

    def claim() -> Claim:
        return world.claims[claim_id]

    for pend in claim().open_pends:
        (role, *_) = world.policy_of(claim()).pend_reasons[pend.code].resolvers
        must(ResolvePend(**_asked(world, claim_id, "rita", role), pend_code=pend.code))
    for request in claim().open_information_requests:
        left = request.due_date - world.now.astimezone(UTC).date()
        world.wait(max(left, timedelta(0)) + timedelta(days=1))
        must(
            ExpireInformationRequest(
                **_asked(world, claim_id, "claimflow", "SYSTEM"),
                information_request_id=request.information_request_id,
            )
        )
    if claim().state is State.ACCEPTED:
        world.wait(timedelta(hours=2))  # a lease ends
        _pay_in_full(world, must, claim())
    if claim().state is State.ADJUDICATED:
        world.wait(timedelta(hours=2))
        must(FinalizeClaim(**_asked(world, claim_id, "robot", "SYSTEM")))
    for approver in ("rob", "ron"):
        current = claim().adjudication
        if claim().state is State.PENDING_APPROVAL and current is not None:
            must(
                ApproveAdjudication(
                    **_asked(world, claim_id, approver, "APPROVER"),
                    adjudication_number=current.number,
                    adjudication_hash=current.hash,
                )
            )


def _pay_in_full(world: World, must: Must, claim: Claim) -> None:
    """Pay every line in full; where another payer came before, that one's word is the last."""
    lines = tuple(_in_full(line, claim) for line in claim.document.service_lines)
    must(
        AdjudicateClaim(
            **_asked(world, claim.claim_id, "rita", "EXAMINER"),
            lines=lines,
            paid=sum((line.paid for line in lines), scenery.ZERO),
        )
    )


def _in_full(line: ServiceLine, claim: Claim) -> AdjudicationLine:
    charge = line.charge or scenery.ZERO
    told = AdjudicationLine(line_number=line.line_number, charge=charge)
    if not claim.document.prior_payers:
        return replace(told, allowed=charge, paid=charge)
    earlier = scenery.adjustments(("OA", "23", int(charge * 100)))
    return replace(told, adjustments=earlier)


def _remit(world: World, must: Must, claims: Sequence[Claim]) -> None:
    must(
        IssueRemittance(
            **_asked(world, NOBODY, "fay", "FINANCE"),
            remittance_id=world.new_id(),
            trace_number=f"S{world.made}",
            claim_ids=tuple(one.claim_id for one in claims),
            payment_date=world.now.astimezone(UTC).date(),
        )
    )


def _earn(world: World, must: Must, account: Account) -> None:
    """Let a payee who owes a payer something earn more than that with a new claim."""
    today, name = world.now.astimezone(UTC).date(), account.payee
    while owed := world.open_entries(account):
        claim_id = world.new_id()
        provider = Provider(npi=scenery.PROVIDERS[0])
        line = service_line(1, "249000.00", service_from_date=today)
        document = professional(
            "249000.00",
            service_lines=(line,),
            payer=Payer(payer_id=account.payer_id),
            billing_provider=provider if name == scenery.PAY_TO else Provider(npi=name),
            pay_to_provider=Provider(npi=name) if name == scenery.PAY_TO else None,
        )
        must(
            SubmitClaim(
                **_asked(world, claim_id, "clara", "SUBMITTER"),
                claim_number=world.new_number(),
                document=document,
            )
        )
        _decide(world, must, claim_id)
        world.wait(timedelta(days=40))
        _remit(world, must, [world.claims[claim_id]])
        if len(world.open_entries(account)) >= len(owed) > 1:
            raise Stuck(f"{name} never comes to an end")
