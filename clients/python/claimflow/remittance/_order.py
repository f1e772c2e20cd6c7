"""The order in which a remittance is written."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from datetime import date
from typing import TypeVar

from claimflow.remittance.values import (
    Adjustment,
    ProviderAdjustment,
    Remittance,
    RemittedClaim,
)

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


def grouped(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Return items by their key, both in the order of first appearance."""
    groups: dict[K, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def group_of(adjustment: Adjustment) -> str:
    """Return what the adjustments of one CAS share."""
    return adjustment.group_code


def provider_year_of(adjustment: ProviderAdjustment) -> tuple[str, date | None]:
    """Return what the adjustments of one PLB share."""
    return adjustment.provider_id, adjustment.fiscal_date


def in_writing_order(remittance: Remittance) -> Remittance:
    """Return the same remittance as it is written: only the order is another.

    Reversals come first, so that no account is in credit between them and their corrections;
    adjustments of one group stand together, and so do those of one provider and year.
    """
    claims = sorted(remittance.claims, key=lambda claim: not claim.is_reversal)
    return replace(
        remittance,
        claims=tuple(_ordered_claim(claim) for claim in claims),
        provider_adjustments=_together(remittance.provider_adjustments, provider_year_of),
    )


def _ordered_claim(claim: RemittedClaim) -> RemittedClaim:
    lines = tuple(
        replace(line, adjustments=_together(line.adjustments, group_of)) for line in claim.lines
    )
    return replace(claim, adjustments=_together(claim.adjustments, group_of), lines=lines)


def _together(items: tuple[T, ...], key: Callable[[T], Hashable]) -> tuple[T, ...]:
    return tuple(item for group in grouped(items, key).values() for item in group)
