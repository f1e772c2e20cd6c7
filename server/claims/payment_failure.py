"""When money does not arrive: command 14, which undoes what a remittance did (M19, R1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from uuid import UUID, uuid5

from server.claims.adjudication import is_denial
from server.claims.commands import ReportPaymentFailure
from server.claims.decided import Decided
from server.claims.events import Event, PaymentFailed
from server.claims.facts import Facts
from server.claims.model import TERMINAL, Claim, State
from server.claims.payees import Entry, EntryKind, Remittance
from server.claims.refusals import Refusal, Refused, require
from server.claims.reversal import provider_level_codes


def fail(command: ReportPaymentFailure, facts: Facts) -> Decided:
    """Command 14: the money did not arrive; its claims are to be paid again.

    What the remittance had taken from the payee stands open again, and what was recovered of it
    since is given back. A claim that has been voided or replaced since is not paid again: its
    waiting reversal falls away instead. Denials stay told.
    """
    failed = facts.remittance
    if failed is None:
        raise Refused(Refusal.REMITTANCE_NOT_FOUND, field_path="remittance_id")
    same = command.trace_number == failed.trace_number
    require(same, Refusal.TRACE_NUMBER_MISMATCH, field_path="trace_number")
    require(not facts.payment_failed, Refusal.PAYMENT_ALREADY_FAILED)
    require(failed.amount > 0, Refusal.NOTHING_WAS_PAID)
    others: dict[UUID, tuple[Event, ...]] = {}
    cancelled: list[UUID] = []
    given_back: list[Entry] = []
    for one in failed.claims:
        claim = facts.others[one.claim_id].claim
        if one.reverses or is_denial(one.lines, one.paid):
            continue
        if claim.state in TERMINAL:
            cancelled.extend(_waiting(claim, failed, facts.entries))
        else:
            others[claim.claim_id] = _failed(claim, failed, command)
            given_back.extend(_given_back(claim, failed, command))
    return Decided(
        others=others,
        failed_remittance_id=failed.remittance_id,
        opened=(
            *_open_again(facts.taken, command),
            *_reversed_in_vain(failed, others, facts, command),
            *given_back,
        ),
        cancelled=tuple(cancelled),
    )


def _given_back(claim: Claim, failed: Remittance, command: ReportPaymentFailure) -> Iterator[Entry]:
    """Yield entries that give back what was recovered of a payment that never arrived (R1)."""
    for one in claim.overpayments:
        if one.recouped:
            yield Entry(
                entry_id=uuid5(failed.remittance_id, f"given back/{one.overpayment_id}"),
                account=failed.account,
                kind=EntryKind.OVERPAYMENT,
                reference=str(one.overpayment_id),
                amount=-one.recouped,
                claim_id=claim.claim_id,
                remittance_id=failed.remittance_id,
                opened_at=command.now,
            )


def _open_again(taken: tuple[Entry, ...], command: ReportPaymentFailure) -> list[Entry]:
    """Return what the failed remittance had taken from the payee, open again under new ids."""
    return [
        replace(
            one,
            entry_id=uuid5(command.remittance_id, f"reopened/{one.entry_id}"),
            opened_at=command.now,
            reopens=one.entry_id,
        )
        for one in taken
    ]


def _reversed_in_vain(
    failed: Remittance,
    undone: Mapping[UUID, tuple[Event, ...]],
    facts: Facts,
    command: ReportPaymentFailure,
) -> list[Entry]:
    """Return entries for what the failed remittance reversed in favour of a denial.

    The denial stands, so the earlier payment is still to be taken back. So it is of a claim that
    has been voided or replaced since. Interest that was to be paid has never been.
    """
    entered = {one.claim_id for one in facts.taken if one.kind is EntryKind.REVERSAL}
    kinds = {code: kind for kind, code in provider_level_codes(facts.policy).items()}
    again: list[Entry] = []
    for one in failed.claims:
        if not one.reverses or one.claim_id in entered or one.claim_id in undone:
            continue
        told = Entry(
            entry_id=uuid5(failed.remittance_id, f"reversal/{one.claim_id}"),
            account=failed.account,
            kind=EntryKind.REVERSAL,
            reference=one.claim_number,
            claim_id=one.claim_id,
            remittance_id=failed.remittance_id,
            reversal=one,
            opened_at=command.now,
        )
        again.append(told)
        again.extend(
            replace(
                told,
                entry_id=uuid5(told.entry_id, f"{item.reason_code}/{item.reference}"),
                kind=kinds[item.reason_code],
                reference=item.reference,
                amount=item.amount,
                reversal=None,
            )
            for item in failed.provider_adjustments
            if item.claim_id == one.claim_id
            and not (kinds[item.reason_code] is EntryKind.INTEREST and item.amount < 0)
        )
    return again


def _failed(claim: Claim, failed: Remittance, command: ReportPaymentFailure) -> tuple[Event, ...]:
    paid_by_it = (
        claim.state is State.PAID
        and claim.remitted is not None
        and claim.remitted.remittance_id == failed.remittance_id
    )
    require(
        paid_by_it,
        Refusal.TRANSITION_NOT_ALLOWED,
        {"state": claim.state.value, "command": "ReportPaymentFailure", "allowed": "PAID"},
        "remittance_id",
    )
    assert claim.remitted is not None, "required above"
    undoes = any(one.reverses and one.claim_id == claim.claim_id for one in failed.claims)
    return (
        PaymentFailed(
            remittance_id=failed.remittance_id,
            adjudication_number=claim.remitted.adjudication_number,
            at=command.now,
            undoes_reversal=undoes,
        ),
    )


def _waiting(claim: Claim, failed: Remittance, entries: tuple[Entry, ...]) -> list[UUID]:
    """Return the entries that wait to take back what the failed remittance never paid.

    What gives back a recovery stays: the recovery has been, or will be, taken all the same.
    """
    waiting = [
        one.entry_id
        for one in entries
        if one.claim_id == claim.claim_id
        and one.remittance_id == failed.remittance_id
        and one.kind is not EntryKind.OVERPAYMENT
    ]
    require(
        bool(waiting),
        Refusal.TRANSITION_NOT_ALLOWED,
        {"state": claim.state.value, "command": "ReportPaymentFailure", "allowed": "PAID"},
        "remittance_id",
    )
    return waiting
