"""What the events of a tenant's claims say about money, for the audit to compare tables with."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from server.claims.document import ZERO
from server.claims.events import (
    ClaimPaid,
    ClaimRemitted,
    OverpaymentRecouped,
    PaymentFailed,
    PaymentReversed,
    Recorded,
)
from server.claims.model import TERMINAL, Claim
from server.claims.services import person_key

_Told = tuple[UUID, UUID, int]  # remittance, claim, adjudication number


class Ledger:
    """What the events of a tenant's claims say about money."""

    def __init__(self, tenant_id: UUID) -> None:
        self.tenant_id = tenant_id
        self.used: dict[tuple[str, str, int], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
        self.live: Counter[UUID] = Counter()  # live claims by family
        self.family: dict[UUID, UUID] = {}
        self.standing: dict[UUID, Decimal] = {}  # what the claim's standing payment has paid
        self.told: dict[_Told, str] = {}  # by a payment event, with the remittance's hash
        self.recouped: set[UUID] = set()  # entries that recoupments opened
        self.reversals: set[UUID] = set()  # entries that voids and replacements opened
        self.failed: set[UUID] = set()  # remittances whose payment failed

    def family_of(self, claim_id: UUID) -> UUID:
        """Return the family of a claim; one whose history makes no sense is its own."""
        return self.family.get(claim_id, claim_id)

    def add(self, claim: Claim, history: Sequence[Recorded]) -> None:
        """Take in one claim; raise one of `UNREADABLE` when its amounts are none."""
        for (plan_id, year), (deductible, out_of_pocket) in _used(claim).items():
            sums = self.used[person_key(claim.document), plan_id, year]
            sums[0] += amount(deductible)
            sums[1] += amount(out_of_pocket)
        self.family[claim.claim_id] = claim.family_id
        self.live[claim.family_id] += claim.state not in TERMINAL
        if claim.remitted is not None:
            self.standing[claim.claim_id] = amount(claim.remitted.paid)
        for recorded in history:
            match recorded.event:
                case ClaimPaid() | ClaimRemitted():
                    told = recorded.event.remitted
                    key = (told.remittance_id, claim.claim_id, told.adjudication_number)
                    self.told[key] = recorded.event.remittance_hash
                case OverpaymentRecouped():
                    self.recouped.add(recorded.event.entry_id)
                case PaymentReversed():
                    if recorded.event.entry_id is not None:
                        self.reversals.add(recorded.event.entry_id)
                case PaymentFailed():
                    self.failed.add(recorded.event.remittance_id)
                case _:
                    pass


def amount(value: Any) -> Decimal:
    """Return a finite amount; raise `ValueError` when it is none."""
    if not isinstance(value, Decimal) or not value.is_finite():
        raise ValueError("no amount")
    return value


def _used(claim: Claim) -> dict[tuple[str, int], tuple[Decimal, Decimal]]:
    """Return deductible and out-of-pocket that a claim uses, by plan and benefit year (M14).

    What is voided or replaced uses nothing. What is not final yet holds the larger of itself and
    the last final determination.
    """
    if claim.state in TERMINAL:
        return {}
    current = claim.adjudication
    parts = list(current.shares) if current is not None else []
    if current is None or not current.final:
        parts.extend(claim.final_shares)
    used: dict[tuple[str, int], tuple[Decimal, Decimal]] = {}
    for one in parts:
        deductible, out_of_pocket = used.get((one.plan_id, one.benefit_year), (ZERO, ZERO))
        used[one.plan_id, one.benefit_year] = (
            max(deductible, one.deductible),
            max(out_of_pocket, one.out_of_pocket),
        )
    return used
