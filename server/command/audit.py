"""Proves the store: every chain, fold, balance, payment and limit, of all tenants, in one snapshot.

Nothing is trusted that can be recomputed: hashes from the columns, claims from their events, sums
from their lines, accumulators from all claims, remittances from what their claims' events say. What
does not hold is named by claim or remittance and rule; no value of a person is ever told.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from server.claims import chain, codec, records
from server.claims.document import ZERO
from server.claims.events import Recorded
from server.claims.evolution import evolve
from server.claims.model import Claim, State
from server.claims.services import payee
from server.claims.transitions import TRANSITIONS
from server.command import audit_claims, audit_money
from server.command.audit_ledger import Ledger, amount

_NO_TENANT: Final = UUID(int=0)  # of what belongs to all
_LIVE_FETCH: Final = 2_000  # rows fetched at once from the server

# Who has claims, and who has events of claims: either may have been taken away. Each is asked in
# the role that sees the rows of every tenant.
_TENANTS: Final = (
    ("claimflow_timers", "SELECT DISTINCT tenant_id FROM claimflow.claim"),
    ("claimflow_worker", "SELECT DISTINCT tenant_id FROM claimflow.claim_event"),
)
_POLICIES: Final = "SELECT version, body FROM claimflow.policy"
_EVENTS: Final = (
    f"SELECT {', '.join(records.COLUMNS)} FROM claimflow.claim_event"
    " WHERE tenant_id = %s ORDER BY claim_id, version"
)
_CLAIMS: Final = """
    SELECT claim_id, claim_number, state, version, head_hash, document, sealed, queue, assignee,
           family_id, payee, duplicate_key, denied_lines
      FROM claimflow.claim WHERE tenant_id = %s ORDER BY claim_id"""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that does not hold: the rule, and the claim or remittance it is about."""

    rule: str
    tenant_id: UUID
    subject: str
    what: str


@dataclass(slots=True, kw_only=True)
class Report:
    """What was looked at, and what does not hold."""

    tenants: int = 0
    claims: int = 0
    events: int = 0
    states: Counter[str] = field(default_factory=Counter)
    remittances: int = 0
    remitted_claims: int = 0
    failed_remittances: int = 0
    charged: Decimal = ZERO
    paid: Decimal = ZERO  # by remittances that did not fail
    provider_adjusted: Decimal = ZERO
    open_entries: int = 0
    accumulators: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Say whether everything holds."""
        return not self.problems


def audit(database_url: str) -> Report:
    """Check the whole store in one snapshot; it changes nothing."""
    report = Report()
    with psycopg.connect(database_url, application_name="claimflow audit") as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        tenants: set[UUID] = set()
        for role, query in _TENANTS:
            _become(connection, role)
            tenants |= {row[0] for row in connection.execute(query)}
        _become(connection, "claimflow_query")
        policies = _policies(connection, report)
        for tenant in sorted(tenants):
            connection.execute("SELECT set_config('app.tenants', %s, true)", (f"{{{tenant}}}",))
            _tenant(connection, tenant, policies, report)
            report.tenants += 1
    return report


def _become(connection: psycopg.Connection[Any], role: str) -> None:
    connection.execute("RESET ROLE")
    connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))


def _policies(
    connection: psycopg.Connection[Any], report: Report
) -> dict[int, audit_claims.Authority]:
    """Return who may decide how much, by policy version."""
    found: dict[int, audit_claims.Authority] = {}
    for version, body in connection.execute(_POLICIES):
        try:
            found[version] = audit_claims.Authority.of(json.loads(body))
        except audit_claims.UNREADABLE:
            report.problems.append(Problem("W5", _NO_TENANT, f"policy {version}", "cannot be read"))
    return found


def _tenant(
    connection: psycopg.Connection[Any],
    tenant: UUID,
    policies: Mapping[int, audit_claims.Authority],
    report: Report,
) -> None:
    stored = {
        row["claim_id"]: row
        for row in connection.cursor(row_factory=dict_row).execute(_CLAIMS, (tenant,))
    }
    ledger = Ledger(tenant)

    def tell(rule: str, subject: object, what: str) -> None:
        report.problems.append(Problem(rule, tenant, str(subject), what))

    for claim_id, rows in _histories(connection, tenant):
        report.claims += 1
        report.events += len(rows)
        row = stored.pop(claim_id, None)
        found = _claim(rows, audit_claims.History(policies), tell)
        if found is None:
            continue
        claim, history = found
        report.states[claim.state.value] += 1
        try:
            charged = amount(claim.document.total_charge or ZERO)
            _compare(claim, rows[-1], row, tell)
            ledger.add(claim, history)
        except audit_claims.UNREADABLE:
            tell("W1", claim_id, "what the history comes to cannot be reckoned with")
            continue
        report.charged += charged
    for claim_id in stored:
        tell("W3", claim_id, "a claim without events")
    audit_money.check(connection, ledger, report, tell)


def _histories(
    connection: psycopg.Connection[Any], tenant: UUID
) -> Iterator[tuple[UUID, Sequence[dict[str, Any]]]]:
    with connection.cursor(name="events", row_factory=dict_row) as cursor:
        cursor.itersize = _LIVE_FETCH
        cursor.execute(_EVENTS, (tenant,))
        for claim_id, rows in groupby(cursor, key=lambda row: row["claim_id"]):
            yield claim_id, list(rows)


def _claim(
    rows: Sequence[dict[str, Any]], history: audit_claims.History, tell: audit_claims.Tell
) -> tuple[Claim, list[Recorded]] | None:
    """Check a history link by link (W1-W3) and step by step; return the claim and its events.

    A history that cannot be read to its end comes to nothing: None.
    """
    claim: Claim | None = None
    name = rows[0]["claim_id"]
    previous = chain.genesis_hash(rows[0]["tenant_id"], name)
    at = rows[0]["recorded_at"]
    events: list[Recorded] = []
    for number, row in enumerate(rows, 1):
        version = row["version"]
        if version != number:
            tell("W2", name, f"version {number} is missing")
        if row["prev_hash"] != previous or chain.event_hash(records.link(row)) != row["hash"]:
            tell("W3", name, f"the hash chain breaks at version {version}")
        if row["recorded_at"] < at:
            tell("W2", name, f"time runs backwards at version {version}")
        previous, at = row["hash"], row["recorded_at"]
        try:
            events.append(records.recorded(row))
        except audit_claims.UNREADABLE:
            tell("W1", name, f"version {version} cannot be read")
            return None
        before = claim.state if claim else None
        try:
            claim = evolve(claim, events[-1].event)
            _check_move(name, before, claim, events[-1], tell)
            history.step(claim, events[-1], tell)
        except (AssertionError, *audit_claims.UNREADABLE):
            tell("W1", name, f"the history makes no sense at version {version}")
            return None
    return None if claim is None else (claim, events)


def _check_move(
    name: UUID, before: State | None, claim: Claim, recorded: Recorded, tell: audit_claims.Tell
) -> None:
    kind = type(recorded.event).__name__
    move = (kind, before, claim.state)
    if move != (kind, recorded.from_state, recorded.to_state) or move not in TRANSITIONS:
        tell("W1", name, f"no legal move at version {recorded.version}")


def _compare(
    claim: Claim, last: dict[str, Any], row: dict[str, Any] | None, tell: audit_claims.Tell
) -> None:
    """Check that the row is the fold of the events (D2)."""
    if row is None:
        tell("W1", claim.claim_id, "events without a claim")
        return
    document, sealed = codec.encode(claim)
    current = claim.adjudication
    final = current.lines if current is not None and current.final else ()
    denied = ",".join(str(line.line_number) for line in final if line.denied)
    same = {
        "document": row["document"].encode() == codec.canonical(document),
        "sealed": (row["sealed"] or None) == (codec.canonical(sealed) if sealed else None),
        "state": row["state"] == claim.state,
        "version": row["version"] == claim.version,
        "head_hash": row["head_hash"] == last["hash"],
        "queue": row["queue"] == claim.queue,
        "assignee": (row["assignee"] or "") == claim.assignee,
        "family_id": row["family_id"] == claim.family_id,
        "payee": row["payee"] == payee(claim.document),
        "duplicate_key": (row["duplicate_key"] or "") == claim.duplicate_key,
        "denied_lines": row["denied_lines"] == denied,
    }
    for name, holds in same.items():
        if not holds:
            tell("W1", claim.claim_id, f"column {name} is not the fold of the events")


def lines_of(report: Report) -> Iterator[str]:
    """Yield the report as an operator reads it."""
    yield f"tenants {report.tenants}, claims {report.claims}, events {report.events}"
    order = {state.value: place for place, state in enumerate(State)}
    for state, count in sorted(report.states.items(), key=lambda one: order[one[0]]):
        yield f"  {state:<17}{count:>9}"
    yield (
        f"charged {report.charged}, paid {report.paid} by {report.remittances} remittances"
        f" of {report.remitted_claims} claims ({report.failed_remittances} failed),"
        f" provider-level {report.provider_adjusted}"
    )
    yield f"open with payees {report.open_entries}, accumulators {report.accumulators}"
    for problem in report.problems[:50]:
        yield f"  {problem.rule} {problem.tenant_id} {problem.subject}: {problem.what}"
    if report.sound:
        yield "every chain, fold, balance, payment and limit holds"
    else:
        yield f"{len(report.problems)} things do not hold"
