"""Bugs to be planted in the rules, each with the invariant that has to notice it.

A net that catches nothing proves nothing: histories are played with every one of these bugs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from server.claims import (
    accumulators,
    approvals,
    family,
    payment_failure,
    refusals,
    remittance,
    sla,
)
from server.claims.benefits import Used
from server.claims.decided import Decided
from server.claims.events import ClaimPended, ClaimReopened, InformationRequested, PaymentFailed
from server.claims.model import Claim
from server.claims.payees import EntryKind, RemittedClaim
from server.claims.refusals import Refusal
from server.claims.reversal import beside_reversal, reversal
from tests.server.claims import world
from tests.server.claims.games import CHECKS, Tally, numbers_of, play

Plant = Callable[[pytest.MonkeyPatch], None]
ZERO = Decimal("0.00")


def without(refusal: Refusal) -> Plant:
    """The rule of a refusal is forgotten, wherever it stands."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        def lenient(condition: bool, name: Refusal, *more: Any, **others: Any) -> None:
            refusals.require(condition or name is refusal, name, *more, **others)

        for name, module in list(sys.modules.items()):
            known = getattr(module, "require", None) is refusals.require
            if name.startswith("server.claims.") and module is not refusals and known:
                patch.setattr(module, "require", lenient)

    return plant


def changed(module: Any, name: str, change: Callable[[Callable[..., Any]], Any]) -> Plant:
    """A function does something else."""
    return lambda patch: patch.setattr(module, name, change(getattr(module, name)))


def _releases_nothing(original: Callable[..., Any]) -> Callable[..., Any]:
    def change(before: Claim | None, after: Claim) -> dict[Any, Used]:
        return {
            limit: more
            for limit, more in original(before, after).items()
            if more.deductible >= 0 and more.out_of_pocket >= 0
        }

    return change


def _forgets_a_sign(original: Callable[..., Any]) -> Callable[..., Any]:
    def reverse(of: RemittedClaim, policy: Any) -> RemittedClaim:
        back = reversal(of, policy)
        first, *others = back.lines
        kept = tuple(replace(one, amount=-one.amount) for one in first.adjustments)
        return replace(back, lines=(replace(first, adjustments=kept), *others))

    return reverse


def _pays_twice(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda of, policy: replace(reversal(of, policy), paid=of.paid)


def _on_the_claim_only(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda of, policy: replace(reversal(of, policy), lines=())


def _skips_an_entry(original: Callable[..., Any]) -> Callable[..., Any]:
    def issue(command: Any, facts: Any) -> Any:
        return original(command, replace(facts, entries=facts.entries[:-1]))

    return issue


def _without_beside(kind: EntryKind) -> Callable[..., Any]:
    def change(original: Callable[..., Any]) -> Callable[..., Any]:
        return lambda remitted, number: [
            one for one in beside_reversal(remitted, number) if one[0] is not kind
        ]

    return change


def _brings_nothing_forward(original: Callable[..., Any]) -> Callable[..., Any]:
    def issue(command: Any, facts: Any) -> Decided:
        decided: Decided = original(command, facts)
        return replace(decided, opened=())

    return issue


def _brings_a_cent_less(original: Callable[..., Any]) -> Callable[..., Any]:
    def issue(command: Any, facts: Any) -> Decided:
        decided: Decided = original(command, facts)
        less = [replace(one, amount=one.amount - Decimal("0.01")) for one in decided.opened]
        return replace(decided, opened=tuple(less))

    return issue


def _opens_not(kind: EntryKind, *, again: bool) -> Callable[..., Any]:
    """A failure opens no entry of a kind: what was taken again, or what it undoes in vain."""

    def change(original: Callable[..., Any]) -> Callable[..., Any]:
        def fail(command: Any, facts: Any) -> Decided:
            decided: Decided = original(command, facts)
            kept = [
                one
                for one in decided.opened
                if one.kind is not kind or (one.reopens is not None) != again
            ]
            return replace(decided, opened=tuple(kept))

        return fail

    return change


def _cancels_nothing(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda command, facts: replace(original(command, facts), cancelled=())


def _pays_the_new_interest(original: Callable[..., Any]) -> Callable[..., Any]:
    """Interest that a failed remittance was to pay comes back with what it reversed in vain."""

    def fail(command: Any, facts: Any) -> Decided:
        decided: Decided = original(command, facts)
        more = list(decided.opened)
        for told in decided.opened:
            if told.kind is not EntryKind.REVERSAL or told.reopens is not None:
                continue
            for item in facts.remittance.provider_adjustments:
                if item.claim_id == told.claim_id and item.reason_code == "L6" and item.amount < 0:
                    changes: dict[str, Any] = {
                        "entry_id": item.claim_id,
                        "kind": EntryKind.INTEREST,
                        "reference": item.reference,
                        "amount": item.amount,
                        "reversal": None,
                    }
                    more.append(replace(told, **changes))
        return replace(decided, opened=tuple(more))

    return fail


def _forgets_what_stood(original: Callable[..., Any]) -> Callable[..., Any]:
    def evolve(claim: Claim | None, event: Any) -> Claim:
        after: Claim = original(claim, event)
        return replace(after, remitted=None) if isinstance(event, PaymentFailed) else after

    return evolve


def _keeps_the_wrong_determination(original: Callable[..., Any]) -> Callable[..., Any]:
    def evolve(claim: Claim | None, event: Any) -> Claim:
        after: Claim = original(claim, event)
        if claim is None or not isinstance(event, ClaimReopened):
            return after
        return replace(after, remitted_adjudication=claim.adjudication)

    return evolve


def _stays_as_it_was(original: Callable[..., Any]) -> Callable[..., Any]:
    def evolve(claim: Claim | None, event: Any) -> Claim:
        after: Claim = original(claim, event)
        opened = claim is not None and isinstance(event, ClaimPended | InformationRequested)
        return replace(after, state=claim.state) if opened and claim else after

    return evolve


def _pays_everyone_interest(original: Callable[..., Any]) -> Callable[..., Any]:
    def terms(claim: Claim, payment_date: Any, policy: Any) -> tuple[Decimal, int]:
        bare = replace(claim, information_requests=(), appeals=(), remitted=None, reversed=None)
        found: tuple[Decimal, int] = original(bare, payment_date, policy)
        return found

    return terms


def _rounds_down(original: Callable[..., Any]) -> Callable[..., Any]:
    def interest(*given: Any) -> Decimal:
        due: Decimal = original(*given)
        return max(due - Decimal("0.01"), ZERO)

    return interest


def _never_needs_two(original: Callable[..., Any]) -> Callable[..., Any]:
    def approve(command: Any, claim: Claim) -> Any:
        current = claim.adjudication
        assert current is not None
        one = replace(current, approvals_needed=min(current.approvals_needed, 1))
        return original(command, replace(claim, adjudication=one))

    return approve


def _replaces_no_payment(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda other, now: ([], [])


def _links_to_the_last(original: Callable[..., Any]) -> Callable[..., Any]:
    def link(claim: Claim, relation: Any) -> Any:
        return replace(original(claim, relation), original_claim_id=claim.claim_id)

    return link


def _never_pauses(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda claim, policy: ()


PLANTED: Mapping[str, tuple[Plant, str]] = {
    "limits_are_never_released": (changed(accumulators, "change", _releases_nothing), "M14"),
    "a_reversal_forgets_a_sign": (changed(remittance, "reversal", _forgets_a_sign), "M17"),
    "a_void_forgets_a_sign": (changed(family, "reversal", _forgets_a_sign), "M17"),
    "a_reversal_pays": (changed(remittance, "reversal", _pays_twice), "M18"),
    "a_reversal_without_lines": (changed(family, "reversal", _on_the_claim_only), "M17"),
    "an_entry_is_skipped": (changed(remittance, "issue", _skips_an_entry), "R1"),
    "nothing_is_brought_forward": (changed(remittance, "issue", _brings_nothing_forward), "M5"),
    "a_cent_less_comes_forward": (changed(remittance, "issue", _brings_a_cent_less), "R1"),
    "interest_of_a_void_is_kept": (
        changed(family, "beside_reversal", _without_beside(EntryKind.INTEREST)),
        "M20",
    ),
    "interest_of_a_correction_is_kept": (
        changed(remittance, "beside_reversal", _without_beside(EntryKind.INTEREST)),
        "M20",
    ),
    "a_recovery_is_not_given_back": (
        changed(family, "beside_reversal", _without_beside(EntryKind.OVERPAYMENT)),
        "R1",
    ),
    "nor_when_the_payment_failed": (
        changed(payment_failure, "fail", _opens_not(EntryKind.OVERPAYMENT, again=False)),
        "R1",
    ),
    "reversals_are_not_opened_again": (
        changed(payment_failure, "fail", _opens_not(EntryKind.REVERSAL, again=True)),
        "M18",
    ),
    "balances_are_not_opened_again": (
        changed(payment_failure, "fail", _opens_not(EntryKind.FORWARD_BALANCE, again=True)),
        "R1",
    ),
    "what_is_taken_back_in_vain_is_lost": (
        changed(payment_failure, "fail", _opens_not(EntryKind.REVERSAL, again=False)),
        "M18",
    ),
    "interest_never_paid_comes_back": (
        changed(payment_failure, "fail", _pays_the_new_interest),
        "M20",
    ),
    "a_void_waits_in_vain": (changed(payment_failure, "fail", _cancels_nothing), "M18"),
    "what_stood_before_a_failure_is_lost": (changed(world, "evolve", _forgets_what_stood), "M18"),
    "reopening_keeps_the_wrong_one": (
        changed(world, "evolve", _keeps_the_wrong_determination),
        "REOPENED",
    ),
    "everyone_earns_interest": (changed(sla, "interest_terms", _pays_everyone_interest), "M20"),
    "interest_is_rounded_down": (changed(sla, "interest", _rounds_down), "M20"),
    "one_approval_is_enough": (changed(approvals, "approve", _never_needs_two), "W5"),
    "a_void_reverses_nothing": (changed(family, "reverse_payment", _replaces_no_payment), "M18"),
    "families_have_no_first": (changed(family, "link_to", _links_to_the_last), "W8"),
    "the_clock_never_pauses": (changed(sla, "pauses_of", _never_pauses), "K4"),
    "open_work_changes_no_state": (changed(world, "evolve", _stays_as_it_was), "W7"),
}

# Rules that may be forgotten one by one, and the invariant that misses them.
FORGOTTEN: Mapping[Refusal, str] = {
    Refusal.AMOUNT_OUT_OF_RANGE: "M9",  # it is rounded to nothing
    Refusal.LINES_INCOMPLETE: "M2",
    Refusal.LINE_CHARGE_CHANGED: "M2",
    Refusal.LINE_NOT_BALANCED: "M3",
    Refusal.CLAIM_NOT_BALANCED: "M4",
    Refusal.PATIENT_RESPONSIBILITY_MISMATCH: "M6",
    Refusal.ALLOWED_MISMATCH: "M7",
    Refusal.CONTRACTUAL_MISMATCH: "M8",
    Refusal.ADJUSTMENT_ZERO: "M9",
    Refusal.ADJUSTMENT_REPEATED: "M9",
    Refusal.DENIED_LINE_INVALID: "M10",
    Refusal.REMARK_REQUIRED: "M11",
    Refusal.GROUP_CODE_NOT_ALLOWED: "M12",
    Refusal.AMOUNT_OUT_OF_BOUNDS: "M13",
    Refusal.DEDUCTIBLE_EXCEEDED: "M14",
    Refusal.OUT_OF_POCKET_EXCEEDED: "M14",
    Refusal.ALREADY_REMITTED: "M19",
    Refusal.PAYEE_MISMATCH: "M5",
    Refusal.TRACE_NUMBER_USED: "KEYS",
    Refusal.PAYMENT_FLOOR_NOT_REACHED: "K3",
    Refusal.PAYMENT_ON_HOLD: "K3",
    Refusal.PAYMENT_DATE_OUT_OF_RANGE: "K3",
    Refusal.OVERPAYMENT_EXCEEDS_PAID: "R1",
    Refusal.RECOUPMENT_EXCEEDS_OVERPAYMENT: "R1",
    Refusal.TRANSITION_NOT_ALLOWED: "W1",
    Refusal.PERMISSION_MISSING: "W4",
    Refusal.REASON_REQUIRED: "W4",
    Refusal.PEND_RESOLVER_NOT_ALLOWED: "W4",
    Refusal.HOLD_ROLE_NOT_ALLOWED: "W4",
    Refusal.MEDICAL_REVIEW_REQUIRED: "W4",
    Refusal.CLAIM_NOT_FOUND: "W4",
    Refusal.APPROVER_IS_ADJUDICATOR: "W5",
    Refusal.APPROVER_ALREADY_COUNTED: "W5",
    Refusal.APPROVER_ROLE_NOT_ALLOWED: "W5",
    Refusal.ADJUDICATION_CHANGED: "W5",
    Refusal.AMOUNT_AUTHORITY_EXCEEDED: "W5",
    Refusal.ORIGINAL_NOT_REPLACEABLE: "W8",
    Refusal.VERSION_MISMATCH: "W10",
    Refusal.ASSIGNED_TO_ANOTHER: "W12",
    Refusal.APPEAL_ALREADY_OPEN: "W13",
    Refusal.APPEAL_LEVEL_OUT_OF_ORDER: "W13",
    Refusal.APPEAL_DEADLINE_PASSED: "W13",
    Refusal.APPEAL_DECIDER_TOOK_PART: "W13",
    Refusal.ADJUDICATOR_DECIDED_APPEAL: "W13",
    Refusal.CLAIM_HAS_OPEN_WORK: "CLOSED",
    Refusal.REOPENING_WINDOW_PASSED: "CLOSED",
    Refusal.BREACH_NOT_DUE: "K1",
}

HISTORIES_MAX = 1_000
# Noticed within a few histories.
QUICK = (
    "limits_are_never_released",
    "a_reversal_forgets_a_sign",
    "a_void_forgets_a_sign",
    "a_reversal_pays",
    "an_entry_is_skipped",
    "nothing_is_brought_forward",
    "a_cent_less_comes_forward",
    "interest_of_a_void_is_kept",
    "a_recovery_is_not_given_back",
    "a_void_waits_in_vain",
    "interest_is_rounded_down",
    "one_approval_is_enough",
    "a_void_reverses_nothing",
    "families_have_no_first",
    "the_clock_never_pauses",
    "open_work_changes_no_state",
)

QUICKLY_MISSED = (
    Refusal.ADJUSTMENT_ZERO,
    Refusal.ALREADY_REMITTED,
    Refusal.PAYMENT_DATE_OUT_OF_RANGE,
    Refusal.OVERPAYMENT_EXCEEDS_PAID,
    Refusal.TRANSITION_NOT_ALLOWED,
    Refusal.PERMISSION_MISSING,
    Refusal.REASON_REQUIRED,
    Refusal.ADJUDICATION_CHANGED,
    Refusal.VERSION_MISMATCH,
    Refusal.ASSIGNED_TO_ANOTHER,
    Refusal.APPEAL_LEVEL_OUT_OF_ORDER,
    Refusal.CLAIM_HAS_OPEN_WORK,
)


def histories_until_noticed(rule: str, most: int) -> int:
    """How many histories it takes until an invariant is broken; more than `most` if it never is."""
    tally = Tally()
    checks = {rule: CHECKS[rule]} if rule in CHECKS else CHECKS
    for number in range(most):
        if rule in play(numbers_of(7, number), tally, checks, mischief=0.35).faults:
            return number + 1
    return most + 1
