"""Paying: command 13, rules M5, M17 to M20, K2, K3 and R1.

A remittance pays the final decisions of one account's claims: of one payer to one payee. It takes
everything that stands open there: reversals first, then the corrections and payments, then
provider-level amounts. A sum below zero becomes nothing and is brought forward.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from server.claims import sla
from server.claims.approvals import standing
from server.claims.clocks import earliest_payment_date
from server.claims.commands import IssueRemittance
from server.claims.decided import Decided
from server.claims.events import (
    ClaimPaid,
    ClaimRemitted,
    Event,
    PaymentReversed,
)
from server.claims.facts import Facts, Other
from server.claims.model import Claim, Remitted, State
from server.claims.payees import (
    Entry,
    EntryKind,
    PaymentMethod,
    ProviderAdjustment,
    Remittance,
    RemittedClaim,
    account_of,
    balance,
    content_hash,
)
from server.claims.refusals import Refusal, Refused, require
from server.claims.reversal import (
    beside_reversal,
    provider_level_codes,
    remitted_claim,
    reversal,
    told,
)

REMITTABLE = frozenset({State.APPROVED, State.DENIED})
_PAPER = "PAPER"


@dataclass(frozen=True, slots=True)
class _Payment:
    """One claim on its way into a remittance."""

    other: Other
    tells: RemittedClaim
    reverses: RemittedClaim | None  # the determination that was remitted before
    remitted: Remitted


def issue(command: IssueRemittance, facts: Facts) -> Decided:
    """Command 13: pay and tell the final decisions of one payee's claims."""
    claims = _payable(command, facts)
    require(not facts.trace_number_used, Refusal.TRACE_NUMBER_USED, field_path="trace_number")
    first = claims[0]
    account = account_of(first.claim.document)
    payments = [_payment(other, command) for other in claims]
    told_claims = (
        *(one.reversal for one in facts.entries if one.reversal is not None),
        *(one.reverses for one in payments if one.reverses is not None),
        *(one.tells for one in payments),
    )
    assert all(one.account == account for one in facts.entries), "debts stay in their account"
    adjustments, opened = _provider_level(command, payments, facts.entries, told_claims, first)
    amount = balance(told_claims, adjustments)
    assert amount >= 0, "what is below zero was brought forward"
    remittance = Remittance(
        remittance_id=command.remittance_id,
        trace_number=command.trace_number,
        payee=account.payee,
        payer_id=account.payer_id,
        currency_code=account.currency_code,
        payment_date=command.payment_date,
        method=_method(command.method, amount),
        amount=amount,
        claims=told_claims,
        provider_adjustments=adjustments,
        issued_by=command.actor,
        issued_at=command.now,
    )
    told_hash = content_hash(remittance)
    return Decided(
        others={one.other.claim.claim_id: _events(one, command, told_hash) for one in payments},
        remittance=remittance,
        opened=opened,
    )


def _method(asked: PaymentMethod, amount: Decimal) -> PaymentMethod:
    """Return how the money moves; no payment is said of nothing alone (BPR04)."""
    if not amount:
        return PaymentMethod.NON_PAYMENT
    return PaymentMethod.ACH if asked is PaymentMethod.NON_PAYMENT else asked


def _payable(command: IssueRemittance, facts: Facts) -> list[Other]:
    """Return the claims, when each may be paid and all go to one payee."""
    require(bool(command.claim_ids), Refusal.REMITTANCE_CLAIMS_REQUIRED, field_path="claim_ids")
    found: list[Other] = []
    seen: set[UUID] = set()
    for place, claim_id in enumerate(command.claim_ids):
        path = f"claim_ids[{place}]"
        require(claim_id not in seen, Refusal.REMITTANCE_CLAIM_REPEATED, field_path=path)
        seen.add(claim_id)
        other = facts.others.get(claim_id)
        if other is None:
            raise Refused(Refusal.CLAIM_NOT_FOUND, field_path=path)
        _require_payable(command, other, path)
        found.append(other)
        account = account_of(other.claim.document)
        same = account == account_of(found[0].claim.document)
        # Whom nobody knows cannot be paid.
        require(same and bool(account.payee), Refusal.PAYEE_MISMATCH, field_path=path)
    return found


def _require_payable(command: IssueRemittance, other: Other, path: str) -> None:
    claim, policy = other.claim, other.policy
    require(
        claim.state in REMITTABLE,
        Refusal.TRANSITION_NOT_ALLOWED,
        {
            "state": claim.state.value,
            "command": "IssueRemittance",
            "allowed": ",".join(state for state in State if state in REMITTABLE),
        },
        path,
    )
    adjudication = standing(claim)
    require_not_remitted(claim, path)
    require(not claim.open_holds, Refusal.PAYMENT_ON_HOLD, field_path=path)
    today = command.now.date()
    latest = today + timedelta(days=policy.payment.days_ahead_max)
    in_range = today <= command.payment_date <= latest
    require(in_range, Refusal.PAYMENT_DATE_OUT_OF_RANGE, field_path="payment_date")
    if adjudication.paid > 0:
        floor = earliest_payment_date(claim.receipt_date, is_electronic(claim), policy.clocks)
        require(
            command.payment_date >= floor,
            Refusal.PAYMENT_FLOOR_NOT_REACHED,
            {"earliest_payment_date": floor.isoformat()},
            path,
        )


def require_not_remitted(claim: Claim, path: str = "") -> None:
    """Go on when no remittance has told the present determination (M19)."""
    number = standing(claim).number
    again = claim.remitted is not None and claim.remitted.adjudication_number == number
    require(not again, Refusal.ALREADY_REMITTED, field_path=path)


def is_electronic(claim: Claim) -> bool:
    """Tell whether a claim came in by wire; paper waits longer for its payment (K3)."""
    source = claim.document.source
    return source is None or source.system.upper() != _PAPER


def _payment(other: Other, command: IssueRemittance) -> _Payment:
    claim, policy = other.claim, other.policy
    adjudication = standing(claim)
    rate, days = sla.interest_terms(claim, command.payment_date, policy)
    first_paid_on = claim.remitted.first_paid_on if claim.remitted else None
    if first_paid_on is None and adjudication.paid:
        first_paid_on = command.payment_date
    remitted = Remitted(
        adjudication_number=adjudication.number,
        remittance_id=command.remittance_id,
        trace_number=command.trace_number,
        payment_date=command.payment_date,
        paid=adjudication.paid,
        interest=sla.interest(adjudication.paid, rate, days, policy),
        interest_rate=rate,
        interest_days=days,
        first_paid_on=first_paid_on,
    )
    earlier = None
    if claim.remitted is not None:
        earlier = reversal(remitted_claim(claim, policy), policy)
    return _Payment(other, told(claim, adjudication, policy), earlier, remitted)


def _provider_level(
    command: IssueRemittance,
    payments: list[_Payment],
    entries: tuple[Entry, ...],
    claims: tuple[RemittedClaim, ...],
    first: Other,
) -> tuple[tuple[ProviderAdjustment, ...], tuple[Entry, ...]]:
    """Return the provider-level amounts, and the balance that is brought forward, if any."""
    codes = provider_level_codes(first.policy)
    adjustments = [
        ProviderAdjustment(
            reason_code=codes[one.kind],
            reference=one.reference,
            amount=one.amount,
            entry_id=one.entry_id,
        )
        for one in entries
        if one.kind is not EntryKind.REVERSAL
    ]
    for payment in payments:
        adjustments.extend(_beside(payment, codes))
    below = balance(claims, adjustments)
    if below >= 0:
        return tuple(adjustments), ()
    forward = Entry(
        entry_id=uuid5(command.remittance_id, "forward balance"),
        account=account_of(first.claim.document),
        kind=EntryKind.FORWARD_BALANCE,
        reference=command.trace_number,
        amount=-below,
        remittance_id=command.remittance_id,
        opened_at=command.now,
    )
    adjustments.append(
        ProviderAdjustment(
            reason_code=codes[EntryKind.FORWARD_BALANCE],
            reference=command.trace_number,
            amount=below,
            entry_id=forward.entry_id,
        )
    )
    return tuple(adjustments), (forward,)


def _beside(payment: _Payment, codes: Mapping[EntryKind, str]) -> list[ProviderAdjustment]:
    """Return what a payment brings at provider level: what goes with its reversal, interest."""
    claim = payment.other.claim
    beside = beside_reversal(claim.remitted, claim.claim_number) if claim.remitted else []
    if payment.remitted.interest:
        beside.append((EntryKind.INTEREST, claim.claim_number, -payment.remitted.interest))
    return [
        ProviderAdjustment(
            reason_code=codes[kind], reference=reference, amount=amount, claim_id=claim.claim_id
        )
        for kind, reference, amount in beside
    ]


def _events(payment: _Payment, command: IssueRemittance, told_hash: str) -> tuple[Event, ...]:
    claim = payment.other.claim
    events: list[Event] = []
    if claim.remitted is not None:
        events.append(
            PaymentReversed(
                remitted=claim.remitted, at=command.now, in_remittance_id=command.remittance_id
            )
        )
    kind = ClaimPaid if claim.state is State.APPROVED else ClaimRemitted
    events.append(kind(remitted=payment.remitted, remittance_hash=told_hash, at=command.now))
    return tuple(events)
