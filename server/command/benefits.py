"""Plans, fees and code edits as a process holds them: a copy of the tables, known by its versions.

They are read like code tables (reference.py): only what was loaded anew since. Rows of one key lie
in order of their first days and are found by bisection. The pairs of NCCI are some two million, so
those of each code are kept packed, as Postgres puts them together: 16 bytes instead of objects.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from psycopg import AsyncConnection

from server.claims.benefits import CostShare, Fee, Plan, Unlisted
from server.claims.code_edits import MueLimit, PtpPair

_Row = TypeVar("_Row")

# The terms of all plans, oldest first.
_PLANS = """
    SELECT plan_id, effective_from, version, fee_schedule_id, deductible, out_of_pocket_max,
           benefit_year_begins_month, copay_first, unlisted, unlisted_rate, fee_above_charge
      FROM claimflow.plan ORDER BY effective_from"""
# What members pay, by plan, first day and category.
_COST_SHARES = """
    SELECT plan_id, effective_from, category, copay, coinsurance_rate, deductible_applies, covered,
           authorization_required
      FROM claimflow.cost_share"""
# The fee schedules, and when each was loaded last.
_SCHEDULES = "SELECT schedule_id, version FROM claimflow.fee_schedule"
# The fees of one, oldest first.
_FEES = """
    SELECT code, modifier, category, amount, effective_from, effective_to
      FROM claimflow.fee WHERE schedule_id = %s ORDER BY effective_from"""
# Whose coverage is checked.
_COVERAGE = "SELECT tenant_id FROM claimflow.coverage_load"
# The code edits, and when each table was loaded last.
_CODE_EDITS = "SELECT name, version FROM claimflow.code_edit_table"
# All limits, oldest first.
_LIMITS = """
    SELECT code, effective_from, effective_to, max_units, adjudication_indicator
      FROM claimflow.mue_limit ORDER BY effective_from"""
# All pairs by their first code: the second ones, each after a comma, and for each of them first and
# last day, counted from 0001-01-01 as 1, and the indicator.
_PAIRS = """
    SELECT column_1,
           string_agg(',' || column_2, '' ORDER BY column_2 COLLATE "C", effective_from),
           string_agg(int4send(effective_from - DATE '0001-01-01' + 1)
                      || int4send(coalesce(deleted_on - DATE '0001-01-01' + 1, 2147483647))
                      || int2send(modifier_indicator),
                      ''::bytea ORDER BY column_2 COLLATE "C", effective_from)
      FROM claimflow.ptp_pair GROUP BY column_1"""

_CODE_LENGTH: Final = 5
_PAIR: Final = struct.Struct(">iih")  # as int4send and int2send write
_FOR_GOOD: Final = 2147483647


@dataclass(frozen=True, slots=True)
class _Dated(Generic[_Row]):
    """Rows of one key by their first days; the latest that has begun holds."""

    begins: tuple[date, ...]
    rows: tuple[_Row, ...]

    def at(self, day: date) -> _Row | None:
        place = bisect_right(self.begins, day)
        return self.rows[place - 1] if place else None


def _dated(rows: Iterable[tuple[Any, date, _Row]]) -> dict[Any, _Dated[_Row]]:
    """Return rows by key; they come in order of their first days."""
    by_key: dict[Any, list[tuple[date, _Row]]] = {}
    for key, begins, row in rows:
        by_key.setdefault(key, []).append((begins, row))
    return {
        key: _Dated(tuple(one[0] for one in found), tuple(one[1] for one in found))
        for key, found in by_key.items()
    }


@dataclass(frozen=True, slots=True)
class FeeSchedule:
    """One fee schedule, by code and modifier; a fee with its last day."""

    version: int
    fees: Mapping[tuple[str, str], _Dated[tuple[Fee, date | None]]]

    def fee(self, code: str, modifier: str, on: date) -> Fee | None:
        """Return the fee of a code with exactly this modifier on a day."""
        dated = self.fees.get((code, modifier))
        found = dated.at(on) if dated else None
        if found is None:
            return None
        fee, last = found
        return fee if last is None or on <= last else None


@dataclass(frozen=True, slots=True, kw_only=True)
class BenefitTables:
    """All plans and fee schedules that are loaded, and whose coverage is (`Benefits`)."""

    plans: Mapping[str, _Dated[Plan]] = field(default_factory=lambda: MappingProxyType({}))
    schedules: Mapping[str, FeeSchedule] = field(default_factory=lambda: MappingProxyType({}))
    tenants_with_coverage: frozenset[UUID] = frozenset()

    def plan(self, plan_id: str, on: date) -> Plan | None:
        """Return the plan's terms on a day."""
        dated = self.plans.get(plan_id)
        return dated.at(on) if dated else None

    def fee(
        self, schedule_id: str, procedure_code: str, modifiers: tuple[str, ...], on: date
    ) -> Fee | None:
        """Return the fee of the first modifier that has one on a day, else the one of none."""
        schedule = self.schedules.get(schedule_id)
        if schedule is None:
            return None
        for modifier in (*modifiers, ""):
            if found := schedule.fee(procedure_code, modifier, on):
                return found
        return None


@dataclass(frozen=True, slots=True)
class PtpTable:
    """All pairs by their first code: the second ones as text, and their days and indicators."""

    version: int
    packed: Mapping[str, tuple[str, bytes]]

    def pair(self, code_1: str, code_2: str, on: date) -> PtpPair | None:
        """Return the row of two codes that is in force on a day, else the latest begun, if any."""
        codes, terms = self.packed.get(code_1, ("", b""))
        key = f",{code_2}"
        place = codes.find(key) if len(code_2) == _CODE_LENGTH else -1
        found = None
        while place >= 0 and codes.startswith(key, place):
            begins, ends, indicator = _PAIR.unpack_from(terms, place // len(key) * _PAIR.size)
            row = PtpPair(
                column_1=code_1,
                column_2=code_2,
                effective_from=date.fromordinal(begins),
                deleted_on=None if ends == _FOR_GOOD else date.fromordinal(ends),
                modifier_indicator=indicator,
            )
            if row.active(on):
                return row
            if row.effective_from <= on:
                found = row
            place += len(key)
        return found


@dataclass(frozen=True, slots=True)
class MueTable:
    """All limits by code."""

    version: int
    limits: Mapping[str, _Dated[MueLimit]]


@dataclass(frozen=True, slots=True)
class CodeEditTables:
    """The code edits that are loaded (`CodeEdits`)."""

    ptp: PtpTable | None = None
    mue: MueTable | None = None

    @property
    def version(self) -> int:
        """The reference version of the last load of either table."""
        return max((table.version for table in (self.ptp, self.mue) if table), default=0)

    def pairs(self, code_1: str, code_2: str, on: date) -> PtpPair | None:
        """Return the row of a column 1 and a column 2 code on a day, when there is one."""
        return self.ptp.pair(code_1, code_2, on) if self.ptp else None

    def limit(self, code: str, on: date) -> MueLimit | None:
        """Return the row of a code on a day, when there is one."""
        dated = self.mue.limits.get(code) if self.mue else None
        return dated.at(on) if dated else None


async def load_benefits(
    connection: AsyncConnection[Any], known: BenefitTables | None = None
) -> BenefitTables:
    """Read plans, fees and whose coverage is checked; fee schedules that `known` has are kept."""
    shares: dict[tuple[str, date], dict[str, CostShare]] = {}
    for plan_id, begins, category, *terms in await _all(connection, _COST_SHARES):
        copay, rate, deductible_applies, covered, authorization_required = terms
        shares.setdefault((plan_id, begins), {})[category] = CostShare(
            copay=copay,
            coinsurance_rate=rate,
            deductible_applies=deductible_applies,
            covered=covered,
            authorization_required=authorization_required,
        )
    plans = [_plan(row, shares.get((row[0], row[1]), {})) for row in await _all(connection, _PLANS)]
    schedules: dict[str, FeeSchedule] = {}
    for schedule_id, version in await _all(connection, _SCHEDULES):
        kept = known.schedules.get(schedule_id) if known else None
        if kept is None or kept.version != version:
            kept = FeeSchedule(version, await _fees(connection, schedule_id, version))
        schedules[schedule_id] = kept
    return BenefitTables(
        plans=_dated((one.plan_id, one.effective_from, one) for one in plans),
        schedules=schedules,
        tenants_with_coverage=frozenset(row[0] for row in await _all(connection, _COVERAGE)),
    )


def _plan(row: tuple[Any, ...], cost_shares: Mapping[str, CostShare]) -> Plan:
    (
        plan_id,
        effective_from,
        version,
        fee_schedule_id,
        deductible,
        out_of_pocket_max,
        benefit_year_begins_month,
        copay_first,
        unlisted,
        unlisted_rate,
        fee_above_charge,
    ) = row
    return Plan(
        plan_id=plan_id,
        version=version,
        effective_from=effective_from,
        fee_schedule_id=fee_schedule_id,
        deductible=deductible,
        out_of_pocket_max=out_of_pocket_max,
        benefit_year_begins_month=benefit_year_begins_month,
        copay_first=copay_first,
        unlisted=Unlisted(unlisted),
        unlisted_rate=unlisted_rate,
        fee_above_charge=fee_above_charge,
        cost_shares=cost_shares,
    )


async def _fees(
    connection: AsyncConnection[Any], schedule_id: str, version: int
) -> Mapping[tuple[str, str], _Dated[tuple[Fee, date | None]]]:
    found = []
    for code, modifier, category, amount, begins, ends in await _all(
        connection, _FEES, schedule_id
    ):
        fee = Fee(amount=amount, category=category, schedule_id=schedule_id, version=version)
        found.append(((code, modifier), begins, (fee, ends)))
    return _dated(found)


async def load_code_edits(
    connection: AsyncConnection[Any], known: CodeEditTables | None = None
) -> CodeEditTables | None:
    """Read pairs and limits, None when neither is loaded; tables that `known` has are kept."""
    versions: dict[str, int] = dict(await _all(connection, _CODE_EDITS))
    ptp, mue = (known.ptp, known.mue) if known else (None, None)
    if "PTP" in versions and (ptp is None or ptp.version != versions["PTP"]):
        ptp = await _ptp(connection, versions["PTP"])
    if "MUE" in versions and (mue is None or mue.version != versions["MUE"]):
        mue = await _mue(connection, versions["MUE"])
    return CodeEditTables(ptp, mue) if ptp or mue else None


async def _ptp(connection: AsyncConnection[Any], version: int) -> PtpTable:
    rows = await _all(connection, _PAIRS)
    return PtpTable(version, {code: (codes, terms) for code, codes, terms in rows})


async def _mue(connection: AsyncConnection[Any], version: int) -> MueTable:
    limits = [
        MueLimit(
            code=code,
            max_units=Decimal(units),
            adjudication_indicator=indicator,
            effective_from=begins,
            effective_to=ends,
        )
        for code, begins, ends, units, indicator in await _all(connection, _LIMITS)
    ]
    return MueTable(version, _dated((one.code, one.effective_from, one) for one in limits))


async def _all(connection: AsyncConnection[Any], query: str, *values: Any) -> list[Any]:
    return await (await connection.execute(query, values)).fetchall()
