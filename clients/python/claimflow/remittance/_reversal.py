"""Reversals: what takes an earlier payment back negates all of it, at the same level of detail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from claimflow.remittance._rules import broken, named
from claimflow.remittance.problems import Place, Problem
from claimflow.remittance.values import (
    REVERSAL,
    ZERO,
    Adjustment,
    RemittanceLine,
    RemittedClaim,
)

_RULE = "M17"


def reversal_of(claim: RemittedClaim) -> RemittedClaim:
    """Return the reversal of a paid claim: all its amounts negated, line by line."""
    return replace(
        claim,
        status_code=REVERSAL,
        charge=-claim.charge,
        paid=-claim.paid,
        patient_responsibility=_negated(claim.patient_responsibility),
        adjustments=_negated_adjustments(claim.adjustments),
        lines=tuple(_negated_line(line) for line in claim.lines),
    )


def _negated_line(line: RemittanceLine) -> RemittanceLine:
    return replace(
        line,
        charge=-line.charge,
        paid=-line.paid,
        allowed=_negated(line.allowed),
        adjustments=_negated_adjustments(line.adjustments),
    )


def _negated_adjustments(adjustments: Sequence[Adjustment]) -> tuple[Adjustment, ...]:
    return tuple(
        replace(each, amount=-each.amount, quantity=_negated(each.quantity)) for each in adjustments
    )


def _negated(number: Decimal | None) -> Decimal | None:
    return None if number is None else -number


class Originals:
    """The paid claims that a reversal may take back, of all remittances so far."""

    def __init__(self) -> None:
        # Those not yet taken back, the latest at the end, by the payer's number.
        self._claims: dict[str, list[RemittedClaim]] = {}

    def follow(self, claim: RemittedClaim) -> RemittedClaim | None:
        """Remember a claim, or return what it takes back; None when that is not known."""
        number = claim.payer_claim_control_number
        if not number:
            return None
        known = self._claims.setdefault(number, [])
        if claim.is_reversal:
            return known.pop() if known else None
        known.append(claim)
        return None


def check_reversal(
    reversal: RemittedClaim, original: RemittedClaim, index: int
) -> Iterator[Problem]:
    """Yield where a reversal, the claim at the index, does not negate the original."""
    place = Place(index)
    yield from _amount(place, "charge", original.charge, reversal.charge)
    yield from _amount(place, "payment", original.paid, reversal.paid)
    # Many payers state none on a reversal.
    if reversal.patient_responsibility:
        responsibility = original.patient_responsibility or ZERO
        yield from _amount(
            place, "patient responsibility", responsibility, reversal.patient_responsibility
        )
    yield from _adjustments(place, original.adjustments, reversal.adjustments)
    if len(reversal.lines) != len(original.lines):
        yield broken(_RULE, place, "the reversal has not as many lines as what it reverses")
        return
    if Counter(_key(line, 1) for line in reversal.lines) == Counter(
        _key(line, -1) for line in original.lines
    ):
        return  # perhaps in another order
    for number, (line, reversed_line) in enumerate(
        zip(reversal.lines, original.lines, strict=True)
    ):
        yield from _compare_lines(line, reversed_line, Place(index, number))


def _compare_lines(
    line: RemittanceLine, reversed_line: RemittanceLine, place: Place
) -> Iterator[Problem]:
    if _service(line) != _service(reversed_line):
        yield broken(_RULE, place, "the line is not of the service that it reverses")
    yield from _amount(place, "charge", reversed_line.charge, line.charge)
    yield from _amount(place, "payment", reversed_line.paid, line.paid)
    yield from _adjustments(place, reversed_line.adjustments, line.adjustments)


def _amount(place: Place, what: str, original: Decimal, reversal: Decimal) -> Iterator[Problem]:
    if reversal != -original:
        text = f"the {what} of the reversal does not negate the original's"
        yield broken(_RULE, place, text, -original, reversal)


def _adjustments(
    place: Place, original: Sequence[Adjustment], reversal: Sequence[Adjustment]
) -> Iterator[Problem]:
    before, after = _by_reason(original), _by_reason(reversal)
    for group, reason in before | after:
        key = group, reason
        yield from _amount(
            place, f"adjustment {named(group, reason)}", before.get(key, ZERO), after.get(key, ZERO)
        )


def _by_reason(adjustments: Sequence[Adjustment]) -> dict[tuple[str, str], Decimal]:
    sums: dict[tuple[str, str], Decimal] = {}
    for each in adjustments:
        key = each.group_code, each.reason_code
        sums[key] = sums.get(key, ZERO) + each.amount
    return sums


def _service(line: RemittanceLine) -> tuple[object, ...]:
    return line.procedure_system, line.procedure_code, line.modifiers, line.revenue_code


def _key(line: RemittanceLine, sign: int) -> tuple[object, ...]:
    """Return all that a reversal negates, the amounts times a sign."""
    adjustments = {key: sign * amount for key, amount in _by_reason(line.adjustments).items()}
    return (
        _service(line),
        sign * line.charge,
        sign * line.paid,
        frozenset(adjustments.items()),
    )
