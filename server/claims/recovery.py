"""Overpayments and their recovery: command 25, rule R1.

An overpayment is noted on the claim. What is recouped of it becomes an entry that the payee's next
remittance takes as a provider-level amount (WO) under the overpayment's reference.
"""

from __future__ import annotations

from decimal import Decimal

from server.claims.balances import total
from server.claims.commands import RecordOverpayment, RecoupOverpayment
from server.claims.decided import Decided
from server.claims.document import ZERO
from server.claims.events import Event, OverpaymentRecorded, OverpaymentRecouped
from server.claims.facts import Facts
from server.claims.model import Claim, Overpayment
from server.claims.payees import Entry, EntryKind, account_of
from server.claims.ranges import cents, in_range
from server.claims.refusals import Refusal, require


def record(command: RecordOverpayment, claim: Claim, facts: Facts) -> list[Event]:
    """Command 25: note that more was paid than was due, at most what was paid so far."""
    _require_amount(command.amount, facts)
    within = command.amount <= left_of_payment(claim)
    require(within, Refusal.OVERPAYMENT_EXCEEDS_PAID, field_path="amount")
    overpayment = Overpayment(
        overpayment_id=command.overpayment_id,
        amount=cents(command.amount),
        recorded_by=command.actor,
        recorded_at=command.now,
    )
    return [OverpaymentRecorded(overpayment=overpayment)]


def left_of_payment(claim: Claim) -> Decimal:
    """Return what was paid so far and is not recorded as overpaid."""
    paid = claim.remitted.paid if claim.remitted else ZERO
    return paid - total(one.amount for one in claim.overpayments)


def recoup(command: RecoupOverpayment, claim: Claim, facts: Facts) -> Decided:
    """Command 25: hand an amount of an overpayment to the payee's next remittance."""
    _require_amount(command.amount, facts)
    found = next(
        (one for one in claim.overpayments if one.overpayment_id == command.overpayment_id), None
    )
    require(found is not None, Refusal.OVERPAYMENT_NOT_FOUND, field_path="overpayment_id")
    assert found is not None, "required above"
    require(
        found.recouped + command.amount <= found.amount,
        Refusal.RECOUPMENT_EXCEEDS_OVERPAYMENT,
        field_path="amount",
    )
    amount = cents(command.amount)
    event = OverpaymentRecouped(
        overpayment_id=found.overpayment_id,
        entry_id=command.entry_id,
        amount=amount,
        by=command.actor,
        at=command.now,
    )
    entry = Entry(
        entry_id=command.entry_id,
        account=account_of(claim.document),
        kind=EntryKind.OVERPAYMENT,
        reference=str(found.overpayment_id),
        amount=amount,
        claim_id=claim.claim_id,
        opened_at=command.now,
    )
    return Decided(events=(event,), opened=(entry,))


def _require_amount(amount: Decimal, facts: Facts) -> None:
    require(
        in_range(amount, facts.policy.amount_max), Refusal.AMOUNT_OUT_OF_RANGE, field_path="amount"
    )
    require(amount > 0, Refusal.AMOUNT_NOT_POSITIVE, field_path="amount")
