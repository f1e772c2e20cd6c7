"""Whether a claim's history holds: chain, columns, moves and fold, and the row that it comes to.

Nothing stored is believed: hashes are computed from the columns, states from the fold, the row from
the events. Problems name versions and facts, never a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from server.claims import chain, codec, records
from server.claims.evolution import evolve
from server.claims.model import Claim
from server.claims.transitions import TRANSITIONS

PROBLEMS_MAX = 20

Row = Mapping[str, Any]


@dataclass(slots=True)
class Verdict:
    """What was found: problems as (version, what is wrong), the first bad place first."""

    problems: list[tuple[int, str]] = field(default_factory=list)
    fold: Claim | None = None
    head: Row | None = None

    def add(self, version: int, problem: str) -> None:
        """Note a problem; after the twentieth no more."""
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append((version, problem))


def verify(tenant_id: UUID, claim_id: UUID, events: Sequence[Row], row: Row | None) -> Verdict:
    """Check the events of one claim, by version, and the claim's row."""
    verdict = Verdict()
    previous = chain.genesis_hash(tenant_id, claim_id)
    expected, readable, state = 1, True, None
    for event in events:
        version = event["version"]
        if version != expected:
            verdict.add(expected, "version missing")
            readable = False
        expected = version + 1
        _check_links(verdict, event, previous)
        previous = event["hash"]
        if event["from_state"] != state:
            verdict.add(version, "from state is not the state before")
        state = event["to_state"]
        if readable:
            readable = _fold(verdict, event)
        verdict.head = event
    if not events:
        verdict.add(1, "version missing")
    _check_row(verdict, row, readable and bool(events))
    return verdict


def _check_links(verdict: Verdict, event: Row, previous: bytes) -> None:
    version = event["version"]
    if event["prev_hash"] != previous:
        verdict.add(version, "previous hash is not the hash of the event before")
    try:
        computed = chain.event_hash(records.link(event))
    except (OverflowError, ValueError):
        computed = b""
    if computed != event["hash"]:
        verdict.add(version, "hash does not match its columns")
    move = (event["event_type"], event["from_state"], event["to_state"])
    if move not in TRANSITIONS:
        verdict.add(version, "transition not legal")


def _fold(verdict: Verdict, event: Row) -> bool:
    """Apply an event to the fold; False when that is not possible."""
    version = event["version"]
    try:
        fold = evolve(verdict.fold, records.recorded(event).event)
    except Exception as error:  # a forged payload can break in any way; it is told by its kind
        verdict.add(version, f"event cannot be applied ({type(error).__name__})")
        return False
    verdict.fold = fold
    if fold.state.value != event["to_state"]:
        verdict.add(version, "to state is not the state of the fold")
    if fold.version != version:
        verdict.add(version, "version is not the version of the fold")
    return True


def _check_row(verdict: Verdict, row: Row | None, readable: bool) -> None:
    head = verdict.head
    if row is None:
        verdict.add(head["version"] if head else 1, "row is missing")
        return
    if head is None:
        return
    differing = [name for name, value in _of_head(head).items() if row[name] != value]
    if readable and verdict.fold is not None:
        expected = _of_fold(verdict.fold)
        differing += [name for name, value in expected.items() if row[name] != value]
    for name in differing:
        verdict.add(head["version"], f"row is not the fold ({name})")


def _of_head(head: Row) -> dict[str, Any]:
    return {
        "version": head["version"],
        "head_hash": head["hash"],
        "updated_at": head["recorded_at"],
        "policy_version": head["policy_version"],
    }


def _of_fold(fold: Claim) -> dict[str, Any]:
    payload, sealed = codec.encode(fold)
    return {
        "claim_number": fold.claim_number,
        "state": fold.state.value,
        "document": codec.canonical(payload).decode(),
        "sealed": codec.canonical(sealed) if sealed else None,
        "queue": fold.queue,
        "assignee": fold.assignee or None,
        "lease_until": fold.lease_until,
        "submitted_by": fold.submitted_by,
        "receipt_date": fold.receipt_date,
        "received_at": fold.received_at,
        "family_id": fold.family_id,
        "duplicate_key": fold.duplicate_key or None,
    }
