"""The checker: whether a remittance balances at every level, and its reasons are in order.

Each rule carries its id in the domain's list: M3, M4 and so on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from claimflow.remittance._policy import CODE_POLICY, CodePolicy
from claimflow.remittance._reversal import Originals, check_reversal
from claimflow.remittance._rules import broken, named, total, warned
from claimflow.remittance.problems import Place, Problem, Severity
from claimflow.remittance.values import (
    ZERO,
    Adjustment,
    Remittance,
    RemittanceLine,
    RemittedClaim,
    is_amount,
)


def check(remittance: Remittance, *, policy: CodePolicy = CODE_POLICY) -> list[Problem]:
    """Return every rule that a remittance breaks, claim by claim, the transaction last."""
    return _check(remittance, Originals(), policy)


def check_all(
    remittances: Iterable[Remittance], *, policy: CodePolicy = CODE_POLICY
) -> list[list[Problem]]:
    """Check remittances in their order, such as those of a file, as one story.

    A reversal is compared with what it takes back where that stands before it, in the same
    remittance or in an earlier one.
    """
    originals = Originals()
    return [_check(remittance, originals, policy) for remittance in remittances]


def _check(remittance: Remittance, originals: Originals, policy: CodePolicy) -> list[Problem]:
    taken_back = [originals.follow(claim) for claim in remittance.claims]
    problems = list(_amounts(remittance))
    if any(not value.is_finite() for _, value in _all_amounts(remittance)):
        return problems  # there is nothing to add up
    for index, (claim, original) in enumerate(zip(remittance.claims, taken_back, strict=True)):
        problems += _claim(claim, index, policy)
        if original is not None:
            problems += check_reversal(claim, original, index)
    problems += _transaction(remittance)
    return problems


def is_balanced(problems: Iterable[Problem]) -> bool:
    """Return the verdict: whether none of the problems is an ERROR."""
    return all(problem.severity is not Severity.ERROR for problem in problems)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sums:
    """What a remittance adds up to, at each level."""

    line_charge: Decimal
    line_adjusted: Decimal
    line_paid: Decimal
    claim_charge: Decimal
    # With the adjustments of the lines.
    claim_adjusted: Decimal
    claim_paid: Decimal
    provider_adjusted: Decimal
    # BPR02.
    amount: Decimal

    @property
    def due(self) -> Decimal:
        """What the payment has to be (M5)."""
        return self.claim_paid - self.provider_adjusted


def sums(remittance: Remittance) -> Sums:
    """Add a remittance up."""
    lines = [line for claim in remittance.claims for line in claim.lines]
    claims = remittance.claims
    return Sums(
        line_charge=total(line.charge for line in lines),
        line_adjusted=total(each.amount for line in lines for each in line.adjustments),
        line_paid=total(line.paid for line in lines),
        claim_charge=total(claim.charge for claim in claims),
        claim_adjusted=total(each.amount for claim in claims for each in claim.all_adjustments()),
        claim_paid=total(claim.paid for claim in claims),
        provider_adjusted=total(each.amount for each in remittance.provider_adjustments),
        amount=remittance.amount,
    )


def forward_balance(remittance: Remittance) -> Decimal | None:
    """Return the amount of the FB entry that brings a payment below zero to zero (M5).

    None when the payment is not below zero. The same amount, with the other sign, belongs into
    a later remittance.
    """
    due = sums(remittance).due
    return due if due < 0 else None


def _all_amounts(remittance: Remittance) -> Iterator[tuple[Place, Decimal]]:
    yield Place(), remittance.amount
    for provider_adjustment in remittance.provider_adjustments:
        yield Place(), provider_adjustment.amount
    for index, claim in enumerate(remittance.claims):
        place = Place(index)
        yield place, claim.charge
        yield place, claim.paid
        if claim.patient_responsibility is not None:
            yield place, claim.patient_responsibility
        for adjustment in claim.adjustments:
            yield place, adjustment.amount
        for number, line in enumerate(claim.lines):
            place = Place(index, number)
            yield place, line.charge
            yield place, line.paid
            if line.allowed is not None:
                yield place, line.allowed
            for adjustment in line.adjustments:
                yield place, adjustment.amount


def _amounts(remittance: Remittance) -> Iterator[Problem]:
    for place, value in _all_amounts(remittance):
        if not is_amount(value):
            yield broken("M1", place, "an amount is not of ten digits, two of them cents")


def _claim(claim: RemittedClaim, index: int, policy: CodePolicy) -> Iterator[Problem]:
    for number, line in enumerate(claim.lines):
        yield from _line(line, claim, Place(index, number), policy)
    place = Place(index)
    yield from _claim_balance(claim, place)
    if claim.paid != claim.charge and not any(claim.all_adjustments()):
        yield broken("M11", place, "the claim is not paid as charged, and no adjustment says why")
    yield from _patient_responsibility(claim, place)
    yield from _adjustments(claim.adjustments, claim.remark_codes, place, policy)
    if claim.is_reversal and claim.charge > 0:
        yield broken("M13", place, "the charge of a reversal is positive", actual=claim.charge)
    if claim.status_code in policy.secondary_statuses and not any(
        (each.group_code, each.reason_code) == policy.earlier_payers
        for each in claim.all_adjustments()
    ):
        earlier = "-".join(policy.earlier_payers)
        yield warned("C5", place, f"a later payer does not say what earlier ones did ({earlier})")


def _line(
    line: RemittanceLine, claim: RemittedClaim, place: Place, policy: CodePolicy
) -> Iterator[Problem]:
    due = line.charge - total(each.amount for each in line.adjustments)
    if due != line.paid:
        text = "the charge less the adjustments is not the payment of the line"
        yield broken("M3", place, text, due, line.paid)
    if line.paid != line.charge and not line.adjustments:
        yield broken("M11", place, "the line is not paid as charged, and no adjustment says why")
    # A remark of the claim may be what explains its lines.
    remarks = (*line.remark_codes, *claim.remark_codes)
    yield from _adjustments(line.adjustments, remarks, place, policy)


def _claim_balance(claim: RemittedClaim, place: Place) -> Iterator[Problem]:
    own = total(each.amount for each in claim.adjustments)
    due = claim.charge - total(each.amount for each in claim.all_adjustments())
    if due != claim.paid:
        text = "the charge less all adjustments is not the payment of the claim"
        yield broken("M4", place, text, due, claim.paid)
    if not claim.lines:
        return
    charged = total(line.charge for line in claim.lines)
    paid = total(line.paid for line in claim.lines)
    if charged != claim.charge:
        # Only where all lines are reported have their payments to add up.
        text = "the charges of the lines are not the charge of the claim"
        yield warned("M2", place, text, charged, claim.charge)
    elif due == claim.paid and paid - own != claim.paid:
        text = "the payments of the lines less the claim's adjustments are not its payment"
        yield broken("M4", place, text, paid - own, claim.paid)


def _patient_responsibility(claim: RemittedClaim, place: Place) -> Iterator[Problem]:
    if claim.is_reversal:
        return
    due = total(each.amount for each in claim.all_adjustments() if each.group_code == "PR")
    stated = claim.patient_responsibility or ZERO
    if due != stated:
        text = "the patient responsibility is not the sum of the PR adjustments"
        yield broken("M6", place, text, due, stated)


def _adjustments(
    adjustments: Sequence[Adjustment], remarks: Sequence[str], place: Place, policy: CodePolicy
) -> Iterator[Problem]:
    counted = Counter((each.group_code, each.reason_code) for each in adjustments)
    for (group, reason), count in counted.items():
        if count > 1:
            yield broken("M9", place, f"{named(group, reason)} stands {count} times")
    for adjustment in adjustments:
        group, reason = adjustment.group_code, adjustment.reason_code
        if adjustment.amount == 0:
            yield broken("M9", place, f"the adjustment {named(group, reason)} is of zero")
    for group, reason in counted:
        if reason in policy.remark_required and not remarks:
            yield warned("M11", place, f"{named(group, reason)} needs a remark code")
        allowed = policy.groups.get(reason)
        if allowed is not None and group not in allowed:
            text = f"{named(group, reason)}: this reason goes only with {'/'.join(sorted(allowed))}"
            yield warned("M12", place, text)


def _transaction(remittance: Remittance) -> Iterator[Problem]:
    place = Place()
    due = sums(remittance).due
    if due < 0:
        text = f"the payment comes to less than zero; a forward balance (FB) of {due} mends it"
        yield broken("M5", place, text, due, remittance.amount)
    elif due != remittance.amount:
        text = "the claims' payments less the provider adjustments are not the payment"
        yield broken("M5", place, text, due, remittance.amount)
    for adjustment in remittance.provider_adjustments:
        if adjustment.reason_code == "L6" and adjustment.amount > 0:
            text = "interest (L6) is positive, so it reduces the payment"
            yield warned("M20", place, text, actual=adjustment.amount)
