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

from server.claims import accumulators, codec
from server.claims.document import ZERO
from server.claims.events import (
    ClaimPaid,
    ClaimRemitted,
    OverpaymentRecouped,
    PaymentReversed,
    Recorded,
)
from server.claims.model import TERMINAL, AdjudicationLine, Claim
from server.claims.payees import EntryKind, Remittance, RemittedClaim, content_hash
from server.claims.services import person_key
from server.command.audit_claims import Tell

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
_ENTRIES: Final = """
    SELECT entry_id, kind, amount, claim_id, remittance_id, reopens, taken_by,
           cancelled_by IS NOT NULL, payload
      FROM claimflow.payee_entry WHERE tenant_id = %s"""
_ACCUMULATORS: Final = """
    SELECT person_key, plan_id, benefit_year, deductible_used, out_of_pocket_used
      FROM claimflow.accumulator WHERE tenant_id = %s"""

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

    def family_of(self, claim_id: UUID) -> UUID:
        """Return the family of a claim; one whose history makes no sense is its own."""
        return self.family.get(claim_id, claim_id)

    def add(self, claim: Claim, history: Sequence[Recorded]) -> None:
        """Take in one claim."""
        for (plan_id, year), one in accumulators.used_by(claim).items():
            sums = self.used[person_key(claim.document), plan_id, year]
            sums[0] += one.deductible
            sums[1] += one.out_of_pocket
        self.family[claim.claim_id] = claim.family_id
        self.live[claim.family_id] += claim.state not in TERMINAL
        if claim.remitted is not None:
            self.standing[claim.claim_id] = claim.remitted.paid
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
                case _:
                    pass


def check(connection: psycopg.Connection[Any], ledger: Ledger, report: Report, tell: Tell) -> None:
    """Compare the tables of payments and limits with what the events say."""
    for family, live in ledger.live.items():
        if live > 1:
            tell("W8", family, f"{live} live claims in one family")
    _accumulators(connection, ledger, report, tell)
    remittances, failed = _remittances(connection, ledger, report, tell)
    _claim_rows(connection, ledger, remittances, tell)
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
    for remittance_id, payload, sealed, amount, paid, adjusted, stored_hash, has_failed in rows:
        one = codec.decode(Remittance, json.loads(payload), json.loads(sealed) if sealed else None)
        found[remittance_id] = one
        report.remittances += 1
        report.remitted_claims += len(one.claims)
        if has_failed:
            failed.add(remittance_id)
            report.failed_remittances += 1
        else:
            report.paid += one.amount
            report.provider_adjusted += one.adjusted
        if one.claims_paid - one.adjusted != one.amount or one.amount < 0:
            tell("M5", remittance_id, "the remittance does not balance")
        if (amount, paid, adjusted) != (one.amount, one.claims_paid, one.adjusted):
            tell("M5", remittance_id, "its columns are not its content")
        if content_hash(one) != stored_hash.hex():
            tell("W3", remittance_id, "its content was changed")
        for claim in one.claims:
            _told(one, claim, stored_hash.hex(), ledger, tell)
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


def _claim_rows(
    connection: psycopg.Connection[Any],
    ledger: Ledger,
    remittances: Mapping[UUID, Remittance],
    tell: Tell,
) -> None:
    """M5: the rows of a remittance's claims are those of its content."""
    stored = Counter(
        (row[0], row[1], row[2], row[3], row[4])
        for row in connection.execute(_CLAIM_ROWS, (ledger.tenant_id,))
    )
    expected = Counter(
        (one.remittance_id, c.claim_id, c.adjudication_number, c.reverses, c.paid)
        for one in remittances.values()
        for c in one.claims
    )
    for key in (stored - expected) + (expected - stored):
        tell("M5", key[0], f"its row of claim {key[1]} is not its content")


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
        entry_id, kind, amount, claim_id, origin, reopens, taken_by, cancelled, payload = row
        is_open = taken_by is None and not cancelled
        report.open_entries += is_open
        content = json.loads(payload)
        taken[entry_id] = _Taken(kind, amount, origin, taken_by, content.get("account"))
        if kind == EntryKind.REVERSAL and is_open:
            told = content["reversal"]
            by_family[ledger.family_of(claim_id)] += Decimal(told.get("paid", "0.00"))
        if reopens is None and not _is_proven(entry_id, kind, amount, ledger):
            tell("R1", entry_id, "no event opened it")
    _takings(remittances, taken, tell)
    standing: dict[UUID, Decimal] = defaultdict(lambda: ZERO)
    for claim_id, paid in ledger.standing.items():
        standing[ledger.family_of(claim_id)] += paid
    for family in by_family.keys() | standing.keys():
        if by_family[family] != standing[family]:
            tell("M18", family, "remittances do not sum to the live claim's payment")


@dataclass(frozen=True, slots=True)
class _Taken:
    kind: str
    amount: Decimal
    origin: UUID | None  # the remittance it comes from
    taken_by: UUID | None
    account: Mapping[str, str] | None  # as it is stored


def _is_proven(entry_id: UUID, kind: str, amount: Decimal, ledger: Ledger) -> bool:
    """Say whether an event opened an entry; what goes beside a reversal is proven with it."""
    if kind == EntryKind.REVERSAL:
        return entry_id in ledger.reversals
    return kind != EntryKind.OVERPAYMENT or amount < 0 or entry_id in ledger.recouped


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
