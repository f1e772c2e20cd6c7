"""Replacement and void: commands 2 and 3, rules W8 and W11 (domain.md 1.12).

The claims of a family form a path: each replaces the one before it, and at most one is live. What
a remittance has paid for a claim that goes is reversed first, in full.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid5

from server.claims import filing
from server.claims.commands import Asked, SubmitClaim, VoidClaim
from server.claims.decided import Decided
from server.claims.edits import Original
from server.claims.events import (
    AppealDismissed,
    ClaimReplaced,
    ClaimVoided,
    Event,
    PaymentReversed,
)
from server.claims.facts import Facts, Other
from server.claims.model import TERMINAL, Claim, Link, Relation, State
from server.claims.payees import Entry, EntryKind, account_of
from server.claims.policy import Policy
from server.claims.refusals import Refusal, require
from server.claims.reversal import beside_reversal, remitted_claim, reversal
from server.claims.services import identity, person_key

REPLACEMENT = "7"
VOID = "8"
LIVE = frozenset(State) - TERMINAL - {State.RECEIVED}  # what can be replaced or voided


def original_of(other: Other | None) -> Original | None:
    """Return what the edit E07 compares a replacement or void with."""
    if other is None:
        return None
    document = other.claim.document
    return Original(
        claim_id=other.claim.claim_id,
        payer_id=document.payer.payer_id if document.payer else "",
        billing_provider=identity(document.billing_provider),
        person_key=person_key(document),
    )


def require_replaceable(command: SubmitClaim, named: Other) -> None:
    """Go on when the claim that a frequency 7 or 8 names can still be replaced or voided."""
    path = "document.original_claim_number"
    original = named.claim
    require(
        original.state in LIVE,
        Refusal.ORIGINAL_NOT_REPLACEABLE,
        {"state": original.state.value},
        path,
    )
    require_no_open_appeal(original, named.policy, path)
    if command.document.frequency_code == REPLACEMENT:
        late = filing.late_lines(original.document, command.now.date(), named.policy.filing)
        every = {line.line_number for line in original.document.service_lines}
        require(late != every, Refusal.ORIGINAL_BEYOND_FILING_LIMIT, {}, path)


def require_no_open_appeal(claim: Claim, policy: Policy, path: str = "") -> None:
    """Go on when no appeal stands in the way."""
    allowed = policy.replace_with_open_appeal or not claim.open_appeals
    require(allowed, Refusal.APPEAL_OPEN, field_path=path)


def link_to(original: Claim, relation: Relation) -> Link:
    """Return the link of a claim that takes the place of another."""
    first = original.link
    return Link(
        relation=relation,
        prior_claim_id=original.claim_id,
        prior_claim_number=original.claim_number,
        original_claim_id=first.original_claim_id if first else original.claim_id,
        original_claim_number=first.original_claim_number if first else original.claim_number,
    )


def replaced(original: Other, by: SubmitClaim) -> tuple[list[Event], list[Entry]]:
    """Return what a replacement does to the claim it replaces, and what the payee owes by it."""
    reversed_, entries = reverse_payment(original, by.now)
    taken = ClaimReplaced(by_claim_id=by.claim_id, by_claim_number=by.claim_number, at=by.now)
    return [*_moot(original.claim, by), *reversed_, taken], entries


def voided(
    original: Other, by: Asked, by_claim_id: UUID | None = None
) -> tuple[list[Event], list[Entry]]:
    """Return what a void does to a claim, and what the payee owes by it."""
    reversed_, entries = reverse_payment(original, by.now)
    gone = ClaimVoided(by=by.actor, at=by.now, by_claim_id=by_claim_id)
    return [*_moot(original.claim, by), *reversed_, gone], entries


def _moot(claim: Claim, by: Asked) -> list[Event]:
    """Return the end of appeals that a policy lets a claim go with: nothing is left to decide."""
    return [
        AppealDismissed(appeal_id=one.appeal_id, by=by.actor, at=by.now)
        for one in claim.open_appeals
    ]


def require_voidable(asked: Asked, claim: Claim, facts: Facts) -> None:
    """Go on when no appeal stands in the way of a void."""
    require_no_open_appeal(claim, facts.policy)


def void(command: VoidClaim, claim: Claim, facts: Facts) -> Decided:
    """Command 3: withdraw a claim; what was paid is taken back in full."""
    events, entries = voided(Other(claim, facts.policy), command)
    return Decided(events=tuple(events), opened=tuple(entries))


def reverse_payment(original: Other, now: datetime) -> tuple[list[Event], list[Entry]]:
    """Return the reversal of what was remitted for a claim, nothing when nothing was.

    What was recovered for an overpayment before is given back, since the reversal takes it again;
    interest that was paid is taken back.
    """
    claim, policy = original.claim, original.policy
    remitted = claim.remitted
    if remitted is None:
        return [], []
    name = f"{remitted.remittance_id}/{remitted.adjudication_number}"
    told = Entry(
        entry_id=uuid5(claim.claim_id, f"reversal/{name}"),
        account=account_of(claim.document),
        kind=EntryKind.REVERSAL,
        reference=claim.claim_number,
        claim_id=claim.claim_id,
        remittance_id=remitted.remittance_id,
        reversal=reversal(remitted_claim(claim, policy), policy),
        opened_at=now,
    )
    beside = [
        replace(
            told,
            entry_id=uuid5(claim.claim_id, f"{kind}/{reference}/{name}"),
            kind=kind,
            reference=reference,
            amount=amount,
            reversal=None,
        )
        for kind, reference, amount in beside_reversal(remitted, claim.claim_number)
    ]
    event = PaymentReversed(remitted=remitted, at=now, entry_id=told.entry_id)
    return [event], [told, *beside]
