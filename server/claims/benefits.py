"""What a member's plan pays: coverage, plans, fee schedules, and what is used up (M14).

Plans and fee schedules are dated tables that an operator loads (docs/operating.md); a claim is
priced by the rows of its service dates. Nothing here is fetched: the tables come in as facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

_NOTHING = Decimal("0.00")
ANY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One span of days on which a member is enrolled in a plan; `through_date` None: for good."""

    plan_id: str
    from_date: date
    through_date: date | None = None

    def covers(self, day: date) -> bool:
        """Tell whether a day lies in the span, both ends included."""
        return self.from_date <= day and (self.through_date is None or day <= self.through_date)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostShare:
    """What a member pays for services of one category."""

    copay: Decimal = _NOTHING  # for each line
    coinsurance_rate: Decimal = _NOTHING  # 0 to 1, of allowed less deductible and copay (M15)
    deductible_applies: bool = True
    covered: bool = True  # False: the line is denied as not covered
    authorization_required: bool = False  # without a number the line is denied


class Unlisted(StrEnum):
    """What becomes of a service without a fee."""

    PEND = "PEND"  # a person sets the price
    DENY = "DENY"  # there is no agreed rate
    PERCENT_OF_CHARGE = "PERCENT_OF_CHARGE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One dated version of a plan's terms."""

    plan_id: str
    version: int  # of the load that brought it; named in every adjudication priced by it
    effective_from: date
    fee_schedule_id: str
    deductible: Decimal  # for each member and benefit year
    out_of_pocket_max: Decimal  # likewise, of all patient responsibility
    benefit_year_begins_month: int = 1
    copay_first: bool = True  # the copay is taken before the deductible (M15)
    unlisted: Unlisted = Unlisted.PEND
    unlisted_rate: Decimal = Decimal(1)  # of the charge, with PERCENT_OF_CHARGE
    fee_above_charge: bool = False  # a case rate: the fee is allowed also above the charge (M8)
    cost_shares: Mapping[str, CostShare]  # by fee category; "*" for all others

    def cost_share(self, category: str) -> CostShare:
        """Return the terms of a category."""
        return self.cost_shares.get(category) or self.cost_shares.get(ANY) or CostShare()

    def benefit_year(self, day: date) -> int:
        """Return the benefit year of a day, named by the calendar year in which it begins."""
        return day.year if day.month >= self.benefit_year_begins_month else day.year - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """What is allowed for one unit of a procedure from a day on."""

    amount: Decimal
    category: str = ANY  # decides the cost share
    schedule_id: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What a member has used in one plan and benefit year."""

    deductible: Decimal = _NOTHING
    out_of_pocket: Decimal = _NOTHING


class Benefits(Protocol):
    """The loaded tables of plans and fees."""

    def plan(self, plan_id: str, on: date) -> Plan | None:
        """Return the plan's terms on a day."""

    def fee(
        self, schedule_id: str, procedure_code: str, modifiers: tuple[str, ...], on: date
    ) -> Fee | None:
        """Return the fee of a procedure on a day: the row of its modifier, else the one of none."""
