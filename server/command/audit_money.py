"""What must hold over all claims of a tenant: M5, M14, M17-M19, R1, W8.

What payments, limits and open entries should be is worked out from the claims' events alone, and
compared with the tables.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import psycopg

from server.claims import codec
from server.claims.document import ZERO
from server.claims.model import AdjudicationLine
from server.claims.payees import Account, EntryKind, Remittance, RemittedClaim, content_hash
from server.command.audit_claims import UNREADABLE, Tell
from server.command.audit_ledger import Ledger, amount

if TYPE_CHECKING:
    from server.command.audit import Report

_REMITTANCES: Final = """
    SELECT r.remittance_id, r.payload, r.sealed, r.amount, r.claims_paid, r.adjusted,
           r.content_hash, f.remittance_id IS NOT NULL
      FROM claimflow.remittance AS r
      LEFT JOIN claimflow.remittance_failure AS f
        ON f.tenant_id = r.tenant_id AND f.remittance_id = r.remittance_id
     WHERE r.tenant_id = %s ORDER BY r.recorded_at, r.remittance_id"""
_CLAIM_ROWS: Final = """
    SELECT remittance_id, claim_id, adjudication_number, reverses, paid
      FROM claimflow.remittance_claim WHERE tenant_id = %s"""
_ADJUSTMENT_ROWS: Final = """
    SELECT remittance_id, position, reason_code, reference, amount, entry_id
      FROM claimflow.provider_adjustment WHERE tenant_id = %s"""
_ENTRIES: Final = """
    SELECT entry_id, kind, amount, claim_id, remittance_id, reopens, taken_by,
           cancelled_by IS NOT NULL, payload
      FROM claimflow.payee_entry WHERE tenant_id = %s"""
_ACCUMULATORS: Final = """
    SELECT person_key, plan_id, benefit_year, deductible_used, out_of_pocket_used
      FROM claimflow.accumulator WHERE tenant_id = %s"""


def check(connection: psycopg.Connection[Any], ledger: Ledger, report: Report, tell: Tell) -> None:
    """Compare the tables of payments and limits with what the events say."""
    for family, live in ledger.live.items():
        if live > 1:
            tell("W8", family, f"{live} live claims in one family")
    _accumulators(connection, ledger, report, tell)
    remittances, failed = _remittances(connection, ledger, report, tell)
    _rows(connection, ledger, remittances, tell)
    _once(remittances, failed, tell)
    _entries(connection, ledger, remittances, failed, report, tell)


def _accumulators(
    connection: psycopg.Connection[Any], ledger: Ledger, report: Report, tell: Tell
) -> None:
    """M14: each accumulator is the sum over the claims of its person."""
    expected = {key: tuple(sums) for key, sums in ledger.used.items() if any(sums)}
    stored = {}
    for person, plan_id, year, deductible, out_of_pocket in connection.execute(
        _ACCUMULATORS, (ledger.tenant_id,)
    ):
        report.accumulators += 1
        if deductible or out_of_pocket:
            stored[person, plan_id, year] = (deductible, out_of_pocket)
    for key in expected.keys() | stored.keys():
        if expected.get(key) != stored.get(key):
            tell("M14", f"{key[1]} {key[2]}", "an accumulator is not the sum over its claims")


def _remittances(
    connection: psycopg.Connection[Any], ledger: Ledger, report: Report, tell: Tell
) -> tuple[dict[UUID, Remittance], set[UUID]]:
    """M5, M17: each remittance balances, and is what its claims' events say."""
    found: dict[UUID, Remittance] = {}
    failed: set[UUID] = set()
    rows = connection.execute(_REMITTANCES, (ledger.tenant_id,)).fetchall()
    for remittance_id, payload, sealed, *figures, stored_hash, has_failed in rows:
        report.remittances += 1
        if has_failed:
            failed.add(remittance_id)
            report.failed_remittances += 1
        try:
            one = _content(payload, sealed)
            _remittance(one, remittance_id, figures, stored_hash.hex(), ledger, tell)
        except UNREADABLE:
            tell("W3", remittance_id, "its content cannot be read")
            continue
        found[remittance_id] = one
        report.remitted_claims += len(one.claims)
        if not has_failed:
            report.paid += one.amount
            report.provider_adjusted += one.adjusted
    for remittance_id in ledger.failed - failed:
        tell("M19", remittance_id, "its payment failed, as its claims' events say")
    known = {
        (one.remittance_id, c.claim_id, c.adjudication_number)
        for one in found.values()
        for c in one.claims
        if not c.reverses
    }
    for remittance_id, claim_id, _ in ledger.told.keys() - known:
        tell("M19", claim_id, f"paid by remittance {remittance_id} that does not tell it")
    _reversals(found, tell)
    return found, failed


def _content(payload: str, sealed: str | None) -> Remittance:
    """Return a remittance whose amounts are amounts; raise one of `UNREADABLE` otherwise."""
    one = codec.decode(Remittance, json.loads(payload), json.loads(sealed) if sealed else None)
    for value in (one.amount, *(item.amount for item in one.provider_adjustments)):
        amount(value)
    for claim in one.claims:
        adjustments = [*claim.adjustments, *(a for line in claim.lines for a in line.adjustments)]
        for value in (claim.charge, claim.paid, claim.patient_responsibility):
            amount(value)
        for line in claim.lines:
            amount(line.charge)
            amount(line.paid)
        for adjustment in adjustments:
            amount(adjustment.amount)
    return one


def _remittance(
    one: Remittance,
    remittance_id: UUID,
    figures: Sequence[Decimal],
    stored_hash: str,
    ledger: Ledger,
    tell: Tell,
) -> None:
    """Check one remittance; `figures` are its columns: what it pays, its claims, its others."""
    if one.remittance_id != remittance_id:
        tell("W3", remittance_id, "its content is another's")
    if one.claims_paid - one.adjusted != one.amount or one.amount < 0:
        tell("M5", remittance_id, "the remittance does not balance")
    if tuple(figures) != (one.amount, one.claims_paid, one.adjusted):
        tell("M5", remittance_id, "its columns are not its content")
    if content_hash(one) != stored_hash:
        tell("W3", remittance_id, "its content was changed")
    for claim in one.claims:
        _told(one, claim, stored_hash, ledger, tell)


def _told(
    remittance: Remittance, claim: RemittedClaim, stored: str, ledger: Ledger, tell: Tell
) -> None:
    for line in claim.lines:
        if line.charge - sum((a.amount for a in line.adjustments), ZERO) != line.paid:
            tell("M3", remittance.remittance_id, f"line {line.line_number} does not balance")
    at_claim = sum((a.amount for a in claim.adjustments), ZERO)
    if sum((line.paid for line in claim.lines), ZERO) - at_claim != claim.paid:
        tell("M4", remittance.remittance_id, f"claim {claim.claim_id} does not balance")
    if claim.reverses:
        return
    key = (remittance.remittance_id, claim.claim_id, claim.adjudication_number)
    if ledger.told.get(key) != stored:
        tell("W3", claim.claim_id, f"its events do not name remittance {remittance.remittance_id}")


def _reversals(found: Mapping[UUID, Remittance], tell: Tell) -> None:
    """M17: a reversal has every amount of what it reverses, negated, at the same detail."""
    paid = {
        (claim.claim_id, claim.adjudication_number): claim
        for one in found.values()
        for claim in one.claims
        if not claim.reverses
    }
    for one in found.values():
        for claim in one.claims:
            if not claim.reverses:
                continue
            original = paid.get((claim.claim_id, claim.adjudication_number))
            if original is None or _figures(claim, -1) != _figures(original, 1):
                tell("M17", claim.claim_id, f"its reversal in {one.remittance_id} is not equal")


def _figures(claim: RemittedClaim, sign: int) -> tuple[Any, ...]:
    return (
        sign * claim.charge,
        sign * claim.paid,
        sign * claim.patient_responsibility,
        [(a.group_code, a.reason_code, sign * a.amount) for a in claim.adjustments],
        [_line(line, sign) for line in claim.lines],
    )


def _line(line: AdjudicationLine, sign: int) -> tuple[Any, ...]:
    adjustments = [(a.group_code, a.reason_code, sign * a.amount) for a in line.adjustments]
    return line.line_number, sign * line.charge, sign * line.paid, adjustments


def _rows(
    connection: psycopg.Connection[Any],
    ledger: Ledger,
    remittances: Mapping[UUID, Remittance],
    tell: Tell,
) -> None:
    """M5: the rows of a remittance's claims and provider-level amounts are its content."""
    stored = Counter(tuple(row) for row in connection.execute(_CLAIM_ROWS, (ledger.tenant_id,)))
    expected: Counter[tuple[Any, ...]] = Counter(
        (one.remittance_id, c.claim_id, c.adjudication_number, c.reverses, c.paid)
        for one in remittances.values()
        for c in one.claims
    )
    for key in (stored - expected) + (expected - stored):
        tell("M5", key[0], f"its row of claim {key[1]} is not its content")
    stored = Counter(
        tuple(row) for row in connection.execute(_ADJUSTMENT_ROWS, (ledger.tenant_id,))
    )
    expected = Counter(
        (one.remittance_id, place, item.reason_code, item.reference, item.amount, item.entry_id)
        for one in remittances.values()
        for place, item in enumerate(one.provider_adjustments)
    )
    for key in (stored - expected) + (expected - stored):
        tell("M5", key[0], f"its provider-level row {key[1]} is not its content")


def _once(remittances: Mapping[UUID, Remittance], failed: set[UUID], tell: Tell) -> None:
    """M19: a determination is told, and taken back, by one remittance that did not fail."""
    told = Counter(
        (claim.claim_id, claim.adjudication_number, claim.reverses)
        for one in remittances.values()
        if one.remittance_id not in failed
        for claim in one.claims
    )
    for (claim_id, number, _), times in told.items():
        if times > 1:
            tell("M19", claim_id, f"n={number} is on {times} remittances")


def _entries(
    connection: psycopg.Connection[Any],
    ledger: Ledger,
    remittances: Mapping[UUID, Remittance],
    failed: set[UUID],
    report: Report,
    tell: Tell,
) -> None:
    """R1, M18: what was opened is taken once or still open; families come out at what is live."""
    by_family: dict[UUID, Decimal] = defaultdict(lambda: ZERO)
    for one in remittances.values():
        if one.remittance_id not in failed:
            for claim in one.claims:
                by_family[ledger.family_of(claim.claim_id)] += claim.paid
    taken: dict[UUID, _Taken] = {}
    for row in connection.execute(_ENTRIES, (ledger.tenant_id,)):
        entry_id, kind, at_stake, claim_id, origin, reopens, taken_by, cancelled, payload = row
        is_open = taken_by is None and not cancelled
        report.open_entries += is_open
        try:
            account, reversed_paid = _entry(kind, payload)
        except UNREADABLE:
            tell("R1", entry_id, "its content cannot be read")
            account, reversed_paid = {}, ZERO
        taken[entry_id] = _Taken(kind, at_stake, origin, taken_by, account)
        if is_open:
            by_family[ledger.family_of(claim_id)] += reversed_paid
        if reopens is None and not _is_proven(entry_id, kind, at_stake, ledger):
            tell("R1", entry_id, "no event opened it")
    _takings(remittances, taken, tell)
    standing: dict[UUID, Decimal] = defaultdict(lambda: ZERO)
    for claim_id, paid in ledger.standing.items():
        standing[ledger.family_of(claim_id)] += paid
    for family in by_family.keys() | standing.keys():
        if by_family[family] != standing[family]:
            tell("M18", family, "remittances do not sum to the live claim's payment")


def _entry(kind: str, payload: str) -> tuple[Mapping[str, str], Decimal]:
    """Return an entry's account, and what its reversal pays: nothing, when it is none.

    Raises one of `UNREADABLE` when the content is not that of an entry.
    """
    content = json.loads(payload)
    account = codec.encode(codec.decode(Account, content["account"]))[0]
    if kind != EntryKind.REVERSAL:
        return account, ZERO
    return account, amount(codec.decode(RemittedClaim, content["reversal"]).paid)


@dataclass(frozen=True, slots=True)
class _Taken:
    kind: str
    amount: Decimal
    origin: UUID | None  # the remittance it comes from
    taken_by: UUID | None
    account: Mapping[str, str]  # as it is stored; empty when it cannot be read


def _is_proven(entry_id: UUID, kind: str, at_stake: Decimal, ledger: Ledger) -> bool:
    """Say whether an event opened an entry; what goes beside a reversal is proven with it."""
    if kind == EntryKind.REVERSAL:
        return entry_id in ledger.reversals
    return kind != EntryKind.OVERPAYMENT or at_stake < 0 or entry_id in ledger.recouped


def _takings(
    remittances: Mapping[UUID, Remittance], entries: Mapping[UUID, _Taken], tell: Tell
) -> None:
    """R1: each entry is taken whole, once, by the remittance that says so; or it is open."""
    takings: Counter[UUID] = Counter()
    for one in remittances.values():
        for item in one.provider_adjustments:
            if item.entry_id is None:
                continue
            entry = entries.get(item.entry_id)
            if entry is None:
                tell("R1", item.entry_id, "an amount without its entry")
            elif entry.taken_by == one.remittance_id and item.amount == entry.amount:
                takings[item.entry_id] += 1
            elif entry.origin != one.remittance_id or item.amount != -entry.amount:
                tell("R1", item.entry_id, "an amount that is not its entry's")
    for entry_id, entry in entries.items():
        expected = int(entry.taken_by is not None and entry.kind != EntryKind.REVERSAL)
        if takings[entry_id] != expected:
            tell("R1", entry_id, f"taken {takings[entry_id]} times")
        if entry.taken_by is None:
            continue
        if entry.taken_by not in remittances:
            tell("R1", entry_id, "taken by a remittance that is not there")
        elif codec.encode(remittances[entry.taken_by].account)[0] != entry.account:
            tell("M5", entry_id, "taken by a remittance of another account")
