"""What earlier payers did, line by line, and what is left for a later one: rules C1-C6, X2, X3.

The whole effect of earlier payers is one amount for each line (OA-23): what they paid, to the
provider or to the patient, and what they took off. What they left to the patient is left to us.
Amounts that are told for the claim alone are spread over its lines, so that every line balances by
itself and the claim needs no adjustment of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from server.claims.document import (
    ZERO,
    Adjustment,
    ClaimDocument,
    Payer,
    PriorPayer,
)
from server.claims.edits_cob import PAYER_ORDER, cob_faults
from server.claims.pricing_lines import Cost, half_up
from server.claims.pricing_rules import PRIOR_PAYER_MISSING, PRIOR_PAYER_UNBALANCED


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What earlier payers did. With a `problem` the effects are the nearest that make sense."""

    effects: Mapping[int, Decimal] | None  # line number -> OA-23; None: nobody was earlier
    problem: str = ""  # the rule that asks for a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What is paid of a charge, and who bears the rest."""

    payable: Decimal
    cost: Cost
    write_off: Decimal
    earlier: Decimal = ZERO


def split(charge: Decimal, allowed: Decimal, cost: Cost) -> Split:
    """Return what the first payer pays; a write-off below zero says that it is more (M8)."""
    return Split(payable=allowed - cost.total, cost=cost, write_off=charge - allowed)


def split_after(charge: Decimal, allowed: Decimal, cost: Cost, effect: Decimal) -> Split:
    """Return what a later payer pays: what it would by itself, of what is left (C5, C6).

    The rest is the patient's only as far as it is our own cost share, and otherwise written off.
    """
    left = charge - effect
    payable = min(allowed - cost.total, left)
    assigned = cost.at_most(left - payable)
    return Split(
        payable=payable,
        cost=assigned,
        write_off=left - payable - assigned.total,
        earlier=effect,
    )


def earlier_payers(
    document: ClaimDocument, paid_to_patient: Collection[str], prior_payer: Collection[str]
) -> Earlier:
    """Return what the payers before us did, as far as it is told.

    `paid_to_patient`: PR reasons that are payments all the same (X3). `prior_payer`: reasons under
    which a payer repeats what others did before it.
    """
    reasons = _Reasons(frozenset(paid_to_patient), frozenset(prior_payer))
    decisions = [_decision(prior, document, reasons) for prior in _payers(document)]
    told = [one for one in decisions if one is not None]
    place = document.payer_sequence
    awaited = PAYER_ORDER.index(place) if place in PAYER_ORDER else 0
    missing = len(told) < max(awaited, len(decisions))
    if not told:
        return Earlier(effects=None, problem=PRIOR_PAYER_MISSING if missing else "")
    effects, fits = _effects(document, told)
    if missing:
        return Earlier(effects=effects, problem=PRIOR_PAYER_MISSING)
    balanced = fits and next(iter(cob_faults(document)), None) is None
    return Earlier(effects=effects, problem="" if balanced else PRIOR_PAYER_UNBALANCED)


@dataclass(frozen=True, slots=True)
class _Reasons:
    paid_to_patient: frozenset[str]
    prior_payer: frozenset[str]

    def own(self, adjustments: Iterable[Adjustment]) -> Decimal:
        """Return what a payer took off or paid to the patient, without what it repeats."""
        return _sum(
            one.amount
            for one in adjustments
            if one.reason_code not in self.prior_payer
            and (one.group_code != "PR" or one.reason_code in self.paid_to_patient)
        )

    def repeated(self, adjustments: Iterable[Adjustment]) -> Decimal:
        """Return what a payer says that others did before it."""
        return _sum(one.amount for one in adjustments if one.reason_code in self.prior_payer)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decision:
    """What an earlier payer decided, by line, and beyond the lines on the claim."""

    own: Mapping[int, Decimal]
    own_on_claim: Decimal
    repeated: Mapping[int, Decimal]
    repeated_on_claim: Decimal


def _decision(prior: PriorPayer, document: ClaimDocument, reasons: _Reasons) -> _Decision | None:
    """Return a payer's decision, None when nothing of it is told."""
    lines = {
        line.line_number: found
        for line in document.service_lines
        if (found := [one for one in line.prior_payer_lines if one.payer_id == _payer_id(prior)])
    }
    if prior.paid_amount is None and not prior.adjustments and not lines:
        return None
    adjusted = {
        number: [adjustment for one in decided for adjustment in one.adjustments]
        for number, decided in lines.items()
    }
    paid = {
        number: _sum(one.paid_amount or ZERO for one in decided)
        for number, decided in lines.items()
    }
    whole = prior.paid_amount
    if whole is None:
        # It is that of the lines less what is adjusted on the claim (C2).
        adjusted_on_claim = _sum(one.amount for one in prior.adjustments)
        whole = _sum(paid.values()) - adjusted_on_claim if lines else ZERO
    return _Decision(
        own={number: paid[number] + reasons.own(ones) for number, ones in adjusted.items()},
        own_on_claim=whole - _sum(paid.values()) + reasons.own(prior.adjustments),
        repeated={number: reasons.repeated(ones) for number, ones in adjusted.items()},
        repeated_on_claim=reasons.repeated(prior.adjustments),
    )


def _payers(document: ClaimDocument) -> Sequence[PriorPayer]:
    """Return earlier payers in the order of their decisions; one may be told of by lines alone."""

    def rank(prior: PriorPayer) -> int:
        place = prior.payer_sequence
        return PAYER_ORDER.index(place) if place in PAYER_ORDER else len(PAYER_ORDER)

    payers = sorted(document.prior_payers, key=rank)
    known = {_payer_id(one) for one in payers}
    for line in document.service_lines:
        for decision in line.prior_payer_lines:
            if decision.payer_id not in known:
                known.add(decision.payer_id)
                payers.append(PriorPayer(payer=Payer(payer_id=decision.payer_id)))
    return payers


def _payer_id(prior: PriorPayer) -> str:
    return prior.payer.payer_id if prior.payer else ""


def _effects(
    document: ClaimDocument, decisions: Iterable[_Decision]
) -> tuple[Mapping[int, Decimal], bool]:
    """Return the effect on each line, and whether all of it lies between nothing and the charge."""
    charges = {line.line_number: line.charge or ZERO for line in document.service_lines}
    effects = dict.fromkeys(charges, ZERO)
    fits = True
    for one in decisions:
        on_claim = one.own_on_claim
        # A payer that repeats at least as much as is known so far knows best on which lines it was.
        if _sum(one.repeated.values()) + one.repeated_on_claim >= _sum(effects.values()):
            effects = {number: one.repeated.get(number, ZERO) for number in charges}
            on_claim += one.repeated_on_claim
        for number, amount in one.own.items():
            effects[number] += amount
        fits = _spread(on_claim, effects, charges) and fits
    within = {
        number: half_up(min(max(effect, ZERO), charges[number]))
        for number, effect in effects.items()
    }
    return within, fits and within == effects


def _spread(amount: Decimal, effects: dict[int, Decimal], charges: Mapping[int, Decimal]) -> bool:
    """Spread an amount of the claim over its lines by the room of each; tell whether it all fits.

    A positive amount fills what is left of the charges, a negative one takes back effects.
    """
    sign = 1 if amount > 0 else -1
    room = {
        number: max(charges[number] - effect if sign > 0 else effect, ZERO)
        for number, effect in effects.items()
    }
    whole = _sum(room.values())
    spread = half_up(min(abs(amount), whole))
    given = passed = ZERO
    for number in sorted(room):
        # Rounded sums instead of rounded parts: every part is whole cents and fits in its room.
        passed += room[number]
        upto = half_up(spread * passed / whole) if whole else ZERO
        effects[number] += sign * (upto - given)
        given = upto
    return abs(amount) == spread


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)
