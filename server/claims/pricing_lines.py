"""What a line is worth and what of it is the patient's: rules M8, M14, M15.

Lines are gone through in order of their numbers. Deductible and out-of-pocket maximum are those of
the plan's terms on a line's day, less what the person has used in its benefit year without this
claim, less what earlier lines of the claim take.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from server.claims.benefits import CostShare, Fee, Plan, Unlisted, Used
from server.claims.document import ZERO

FEE_SCHEDULE: Final = "FEE_SCHEDULE"
PERCENT_OF_CHARGE: Final = "PERCENT_OF_CHARGE"
ZERO_CHARGE: Final = "ZERO_CHARGE"

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a plan allows for a service, before anyone's share."""

    allowed: Decimal
    method: str
    reference: str = ""  # such as "DEMO@4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line that has a price."""

    charge: Decimal
    price: Price
    plan: Plan  # its terms on the line's day
    cost_share: CostShare
    benefit_year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What of a line's allowed amount is the patient's."""

    deductible: Decimal = ZERO
    copay: Decimal = ZERO
    coinsurance: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """The sum of all three."""
        return self.deductible + self.copay + self.coinsurance

    def at_most(self, limit: Decimal) -> Cost:
        """Return as much of it as a limit leaves: the deductible stays longest, then the copay."""
        deductible = min(self.deductible, limit)
        copay = min(self.copay, limit - deductible)
        coinsurance = min(self.coinsurance, limit - deductible - copay)
        return Cost(deductible=deductible, copay=copay, coinsurance=coinsurance)


def half_up(amount: Decimal) -> Decimal:
    """Return an amount rounded to cents, half a cent upwards: the one rounding of pricing."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def price_of(plan: Plan, fee: Fee | None, charge: Decimal, units: Decimal) -> Price | None:
    """Return the lesser of fee and charge (M8), or None when the plan has no price.

    A plan may allow its fee also above the charge, but never for a service that charges nothing.
    """
    if charge == 0:
        return Price(allowed=ZERO, method=ZERO_CHARGE)
    if fee is not None:
        method, reference = FEE_SCHEDULE, f"{fee.schedule_id}@{fee.version}"
        amount = half_up(fee.amount * units)
    elif plan.unlisted is Unlisted.PERCENT_OF_CHARGE:
        method, reference = PERCENT_OF_CHARGE, ""
        amount = half_up(charge * plan.unlisted_rate)
    else:
        return None
    if not plan.fee_above_charge:
        amount = min(amount, charge)
    return Price(allowed=amount, method=method, reference=reference)


def costs(lines: Sequence[Line], used: Mapping[int, Used]) -> tuple[Cost, ...]:
    """Return the patient's cost of each line, as if no other payer had paid (M14, M15)."""
    before = _deductibles_and_copays(lines, used)
    rounded = _coinsurances(lines, before)
    limit = _Left(used, lambda plan: plan.out_of_pocket_max, lambda one: one.out_of_pocket)
    within = []
    for line, cost, coinsurance in zip(lines, before, rounded, strict=True):
        left = min(limit.of(line), line.charge)
        within.append(replace(cost, coinsurance=coinsurance).at_most(left))
        limit.take(line, within[-1].total)
    return tuple(within)


class _Left:
    """What is left of a limit while the lines of a claim take from it."""

    def __init__(
        self,
        used: Mapping[int, Used],
        limit: Callable[[Plan], Decimal],
        part: Callable[[Used], Decimal],
    ) -> None:
        self._limit = limit
        self._used = {year: part(one) for year, one in used.items()}

    def of(self, line: Line) -> Decimal:
        return max(self._limit(line.plan) - self._used.get(line.benefit_year, ZERO), ZERO)

    def take(self, line: Line, amount: Decimal) -> None:
        self._used[line.benefit_year] = self._used.get(line.benefit_year, ZERO) + amount


def _deductibles_and_copays(lines: Sequence[Line], used: Mapping[int, Used]) -> Sequence[Cost]:
    limit = _Left(used, lambda plan: plan.deductible, lambda one: one.deductible)
    found = []
    for line in lines:
        # Where more is allowed than was charged, no more than the charge is the patient's (M13).
        allowed, terms = min(line.price.allowed, line.charge), line.cost_share
        left = limit.of(line) if terms.deductible_applies else ZERO
        if line.plan.copay_first:
            copay = min(terms.copay, allowed)
            deductible = min(left, allowed - copay)
        else:
            deductible = min(left, allowed)
            copay = min(terms.copay, allowed - deductible)
        limit.take(line, deductible)
        found.append(Cost(deductible=deductible, copay=copay))
    return found


def _coinsurances(lines: Sequence[Line], before: Sequence[Cost]) -> Sequence[Decimal]:
    """Return the coinsurance of each line: rounded by itself, and together exact (M15).

    What rounding leaves between the sum of the lines and the rounded sum goes to the last line, as
    far as there is room from nothing to all of its base; what is still left to the one before.
    """
    bases = [line.price.allowed - cost.total for line, cost in zip(lines, before, strict=True)]
    exact = [
        base * line.cost_share.coinsurance_rate for base, line in zip(bases, lines, strict=True)
    ]
    rounded = [half_up(amount) for amount in exact]
    residue = half_up(sum(exact, ZERO)) - sum(rounded, ZERO)
    for place in reversed(range(len(rounded))):
        fitting = min(max(rounded[place] + residue, ZERO), bases[place])
        residue -= fitting - rounded[place]
        rounded[place] = fitting
    return rounded
