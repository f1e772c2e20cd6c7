"""Everything that differs by payer, program and date: severities, tiers, limits, pairings (D17).

A policy is a dated row of the table `policy`, keyed by set, line of business, jurisdiction and
effective date. The shipped sets `strict` and `sandbox` are the JSON files in
`server/command/policies/`; no number stands in the rules.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from server.claims import codec
from server.claims.appeal_rules import AppealRules
from server.claims.clocks import ClockRules
from server.claims.filing import FilingRules
from server.claims.interest import InterestRules
from server.claims.pricing_rules import PricingRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """Four-eyes: from this basis up, so many distinct approvals by these roles (W5)."""

    basis_from: Decimal
    approvals: int
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PendReason:
    """A pend code: what it means and which roles may resolve it.

    An automatic pend that a person has resolved is not raised again unless it reattaches.
    """

    description: str
    resolvers: tuple[str, ...]
    reattach: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldKind:
    """A kind of hold: what it means and which roles place and release it."""

    description: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateRules:
    """What makes another claim a suspect (E11)."""

    rules: tuple[str, ...]  # SAME_PROVIDER, SAME_PROCEDURE
    separating_modifiers: tuple[str, ...]  # lines that differ in these are no suspects


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRules:
    """How remittances are made up."""

    days_ahead_max: int  # a payment date may lie so many days ahead
    claim_statuses: Mapping[str, str]  # P, S, T, DENIED, REVERSAL -> CLP02
    overpayment_code: str  # PLB03-1
    forward_balance_code: str
    interest_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One row of policy."""

    version: int = 0  # the row's number; named in every event decided under it
    severities: Mapping[str, str]  # edit id, or "E10/INSTITUTIONAL" -> Severity name
    edit_pends: Mapping[str, str]  # edit id -> pend code it opens; "*" for all others
    tiers: tuple[Tier, ...]  # ascending by basis_from, the first from 0.00
    limits: Mapping[str, Decimal]  # role -> largest basis it may finalize or approve
    pend_reasons: Mapping[str, PendReason]
    queues: tuple[str, ...]  # the first one takes new claims
    information_due_days_max: int
    lease_minutes: int
    attachment_media_types: tuple[str, ...]
    attachment_bytes_max: int
    frequencies: Mapping[str, tuple[str, ...]]  # claim type -> frequency codes taken in (E14)
    professional_lines_max: int
    institutional_lines_max: int
    professional_diagnoses_max: int
    institutional_diagnoses_max: int
    death_grace_days: int  # services this long after death are still looked at (E06)
    amount_max: Decimal  # M1
    remark_required: tuple[str, ...]  # CARCs that demand a RARC (M11)
    reason_groups: Mapping[str, tuple[str, ...]]  # CARC -> group codes it may stand in (M12)
    medical_necessity: tuple[str, ...]  # CARCs that only a medical reviewer may deny with
    contractual: tuple[str, ...] = ("45",)  # CARCs that M8 counts as charge above allowed
    edit_answers: Mapping[str, tuple[str, ...]]  # edit id -> 277CA category, status code
    patient_shares: tuple[str, ...] = ("1", "2", "3")  # CARCs of deductible, coinsurance, copay
    payment_reductions: tuple[str, ...] = ("253",)  # CARCs that cut payment below allowed (M7)
    prior_payer: tuple[str, ...] = ("23",)  # CARCs that stand for an earlier payer's effect (M7)
    above_charge: tuple[str, ...] = ("94",)  # CARCs of what is paid above the charge (M8)
    institutional_total_above_lines: bool = False  # E02: the header may exceed the lines (M2)
    icd_10_from: date = date(2015, 10, 1)  # before it diagnoses are ICD-9-CM (E04)
    inpatient_facility_types: tuple[str, ...]  # bill types of stays (E16)
    duplicates: DuplicateRules
    clocks: ClockRules
    interest: InterestRules
    filing: FilingRules
    appeals: AppealRules
    pricing: PricingRules
    payment: PaymentRules
    hold_kinds: Mapping[str, HoldKind]
    good_causes: tuple[str, ...]  # reason codes that let a late appeal in
    not_appealable: tuple[str, ...]  # CARCs of denials that carry no appeal right
    replace_with_open_appeal: bool  # whether an open appeal leaves a claim replaceable
    reopening_days: int  # a decision may be reopened so long after it became final
    close_after_days: int  # a remitted claim without open work is closed so long after it
    auto_adjudicate: bool  # the system prices accepted claims by itself

    def severity(self, edit_id: str, claim_type: str) -> str:
        """Return what a failed edit does to a claim of a type; REJECT where nothing is said."""
        severities = self.severities
        return severities.get(f"{edit_id}/{claim_type}") or severities.get(edit_id, "REJECT")

    def edit_pend(self, edit_id: str) -> str:
        """Return the pend code that an edit opens."""
        return self.edit_pends.get(edit_id) or self.edit_pends["*"]

    def tier(self, basis: Decimal) -> Tier:
        """Return the four-eyes tier of a basis."""
        found = self.tiers[0]
        for tier in self.tiers:
            if basis >= tier.basis_from:
                found = tier
        return found


def policy_from_json(text: str, version: int) -> Policy:
    """Return the policy of a stored body, under its row's number.

    Raises `TypeError`, `KeyError` or `ValueError` when the text is not a policy.
    """
    return replace(codec.decode(Policy, json.loads(text)), version=version)
