"""Policies, tenants and code tables as a process holds them: a copy, known by its version.

Every batch reads `reference_version` under its locks; when that has grown, the copy is read again
before anything is decided. Code tables are large and seldom change: only those that did are read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from psycopg import AsyncConnection

from server.claims import codec
from server.claims.policy import Policy
from server.claims.refusals import Refusal, Refused
from server.command.benefits import (
    BenefitTables,
    CodeEditTables,
    load_benefits,
    load_code_edits,
)

DEFAULT_SET: Final = "strict"
DEFAULT_LINE_OF_BUSINESS: Final = "COMMERCIAL"
DEFAULT_JURISDICTION: Final = "US"
_ANY: Final = "*"

# Which policy set is whose.
_TENANTS = "SELECT tenant_id, policy_set FROM claimflow.tenant"
# Every policy in force on some day, the row that wins a choice first; rows whose place a later one
# has taken may be of an older format and are left alone.
_POLICIES = """
    SELECT * FROM (
           SELECT DISTINCT ON (policy_set, line_of_business, jurisdiction, effective_from)
                  policy_set, line_of_business, jurisdiction, effective_from, version, body
             FROM claimflow.policy
            ORDER BY policy_set, line_of_business, jurisdiction, effective_from, version DESC
           ) AS latest
     ORDER BY effective_from DESC"""
# The code systems, and when each was loaded last.
_SYSTEMS = "SELECT system, complete, version FROM claimflow.code_system"
# The codes of a system by their days.
_CODES = """
    SELECT valid_from, valid_to, array_agg(code) FROM claimflow.code_value
     WHERE system = %s GROUP BY valid_from, valid_to"""
# The version of all of it.
_VERSION = "SELECT version FROM claimflow.reference_version"


@dataclass(frozen=True, slots=True)
class _Window:
    valid_from: date
    valid_to: date
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class CodeTable:
    """One code system: its codes, grouped by the days on which they may be billed."""

    version: int
    complete: bool
    windows: tuple[_Window, ...]

    def valid(self, code: str, on: date) -> bool | None:
        """Tell whether a code may be billed on a day; None when a partial table does not say."""
        known = False
        for window in self.windows:
            if code in window.codes:
                if window.valid_from <= on <= window.valid_to:
                    return True
                known = True
        return False if known or self.complete else None


@dataclass(frozen=True, slots=True)
class CodeTables:
    """All code systems that are loaded."""

    systems: Mapping[str, CodeTable]

    def valid(self, system: str, code: str, on: date) -> bool | None:
        """Tell whether a code may be billed on a day; None when no table of that system says."""
        table = self.systems.get(system)
        return None if table is None else table.valid(code, on)


@dataclass(frozen=True, slots=True)
class _Row:
    effective_from: date
    policy: Policy


@dataclass(frozen=True, slots=True)
class Reference:
    """One version of everything that decisions are made by."""

    version: int
    tenants: Mapping[UUID, str]
    policies: Mapping[tuple[str, str, str], Sequence[_Row]]
    codes: CodeTables
    benefits: BenefitTables
    code_edits: CodeEditTables | None = None

    def policy(self, tenant_id: UUID, line_of_business: str, jurisdiction: str, on: date) -> Policy:
        """Return the policy in force for a claim received on a day; the most specific row wins."""
        chosen = self.tenants.get(tenant_id, DEFAULT_SET)
        line = line_of_business or DEFAULT_LINE_OF_BUSINESS
        place = jurisdiction or DEFAULT_JURISDICTION
        for key in ((line, place), (line, _ANY), (_ANY, place), (_ANY, _ANY)):
            for row in self.policies.get((chosen, *key), ()):
                if row.effective_from <= on:
                    return row.policy
        raise Refused(Refusal.LINE_OF_BUSINESS_UNKNOWN)


EMPTY: Final = Reference(
    version=0, tenants={}, policies={}, codes=CodeTables({}), benefits=BenefitTables()
)


async def load(connection: AsyncConnection[Any], known: Reference = EMPTY) -> Reference:
    """Read the present version; code tables that `known` has in their latest form are kept."""
    # The version comes first: a change while we read makes the next batch read again.
    (version,) = await _one(connection, _VERSION)
    tenants = dict(await (await connection.execute(_TENANTS)).fetchall())
    policies: dict[tuple[str, str, str], list[_Row]] = {}
    for policy_set, line, place, effective_from, number, body in await (
        await connection.execute(_POLICIES)
    ).fetchall():
        policy = replace(codec.decode(Policy, json.loads(body)), version=number)
        policies.setdefault((policy_set, line, place), []).append(_Row(effective_from, policy))
    return Reference(
        version,
        tenants,
        policies,
        await _codes(connection, known.codes),
        await load_benefits(connection, known.benefits),
        await load_code_edits(connection, known.code_edits),
    )


async def _codes(connection: AsyncConnection[Any], known: CodeTables) -> CodeTables:
    tables: dict[str, CodeTable] = {}
    for system, complete, version in await (await connection.execute(_SYSTEMS)).fetchall():
        kept = known.systems.get(system)
        if kept is not None and kept.version == version:
            tables[system] = kept
            continue
        rows = await (await connection.execute(_CODES, (system,))).fetchall()
        windows = tuple(
            _Window(first or date.min, last or date.max, frozenset(codes))
            for first, last, codes in rows
        )
        tables[system] = CodeTable(version, complete, windows)
    return CodeTables(tables)


async def _one(connection: AsyncConnection[Any], query: str) -> Any:
    row = await (await connection.execute(query)).fetchone()
    assert row is not None, "the first migration makes the row"
    return row
