"""Interest on late payments: rules K2 and M20.

The sums are exact fractions until the one rounding at the end, half-up to the cent. Interest is no
part of a claim's balance; a remittance carries it as an amount of its own (M20).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor

from server.claims.clocks import in_force
from server.claims.document import ZERO

_MONTHS_A_YEAR = 12
_DAYS_A_MONTH = 30  # 5 CFR 1315.10(a)(3) adds interest to the principal each 30 days


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestRate:
    """A yearly rate, 0.065 for 6.5 percent, from a day on."""

    effective_from: date
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestRules:
    """How late payments bear interest (K2)."""

    day_count: int = 365  # days that make the yearly rate: 365 for Medicare, 360 federally
    free_days: int = 30  # days after receipt without interest
    compounding_monthly: bool = False  # the general federal rule; simple interest otherwise
    rates: tuple[InterestRate, ...] = ()


def interest(
    net: Decimal,
    receipt_date: date,
    pay_date: date,
    rules: InterestRules,
    *,
    developed: bool = False,
) -> Decimal:
    """Return the interest on a net payment, 0.00 where none is due (K2).

    A claim is `developed` when it was not clean: what was needed had to come from outside, or only
    an appeal made it payable. Such a claim bears no interest, however late it is.
    """
    if developed:
        return ZERO
    days = interest_days(receipt_date, pay_date, rules)
    return recomputed(net, rate_on(pay_date, rules), days, rules)


def recomputed(net: Decimal, rate: Decimal, days: int, rules: InterestRules) -> Decimal:
    """Return the interest on a net, later reduced, at the original rate and days.

    What is not above zero bears none: of a payment that is taken back whole, all interest goes.
    """
    net = max(net, ZERO)
    if not rules.compounding_monthly:
        return simple_interest(net, rate, days, rules.day_count)
    months, extra_days = divmod(days, _DAYS_A_MONTH)
    return compound_interest(net, rate, months, extra_days, rules.day_count)


def interest_days(receipt_date: date, pay_date: date, rules: InterestRules) -> int:
    """Return the days that bear interest: after the free ones, through the day of payment (K2)."""
    last_free_day = receipt_date + timedelta(days=rules.free_days)
    return max(0, (pay_date - last_free_day).days)


def rate_on(pay_date: date, rules: InterestRules) -> Decimal:
    """Return the yearly rate in force on the day of payment, zero where no row is."""
    row = in_force(rules.rates, pay_date)
    return ZERO if row is None else row.rate


def simple_interest(net: Decimal, rate: Decimal, days: int, day_count: int) -> Decimal:
    """Return net * rate * days / day_count, to the cent."""
    return _cents(Fraction(net) * Fraction(rate) * days / day_count)


def compound_interest(
    net: Decimal, rate: Decimal, months: int, extra_days: int, day_count: int
) -> Decimal:
    """Return the interest compounded over whole months, simple over the days left (5 CFR 1315.17).

    It is net * (1 + rate / 12)^months * (1 + rate * extra_days / day_count) - net, to the cent.
    """
    whole_months = (1 + Fraction(rate) / _MONTHS_A_YEAR) ** months
    part_month = 1 + Fraction(rate) * extra_days / day_count
    return _cents(Fraction(net) * (whole_months * part_month - 1))


def _cents(amount: Fraction) -> Decimal:
    """Return an amount that is not negative, rounded half-up to two decimals."""
    return Decimal(floor(amount * 100 + Fraction(1, 2))).scaleb(-2)
