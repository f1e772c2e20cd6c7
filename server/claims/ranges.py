"""Amounts of money: rule M1."""

from __future__ import annotations

from decimal import Decimal

_CENT = Decimal("0.01")


def in_range(amount: Decimal, amount_max: Decimal) -> bool:
    """Tell whether an amount is a number of at most two decimals within a width (M1)."""
    return amount.is_finite() and abs(amount) <= amount_max and amount == round(amount, 2)


def cents(amount: Decimal) -> Decimal:
    """Return an amount that is known to have at most two decimals with exactly two."""
    return amount.quantize(_CENT)
