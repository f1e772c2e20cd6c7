"""A batch's books as the columns of `statements.WRITE`, in its order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC
from operator import attrgetter, itemgetter
from typing import Any, Final

from server.claims import sla
from server.claims.model import TERMINAL
from server.claims.services import payee
from server.command.arrays import (
    Blobs,
    Column,
    Dates,
    Integers,
    Longs,
    Moments,
    Plan,
    Texts,
    Utf8,
    Uuids,
    filled,
)
from server.command.books import Books, Held, denied, stored


def _plan(*columns: tuple[type[Column], str | Callable[[Any], Any]]) -> Plan:
    return tuple(
        (kind, attrgetter(value) if isinstance(value, str) else value) for kind, value in columns
    )


_EVENTS: Final = _plan(
    (Uuids, "tenant_id"),
    (Uuids, "claim_id"),
    (Longs, "version"),
    (Uuids, "event_id"),
    (Texts, "event_type"),
    (Integers, "schema_number"),
    (Texts, "from_state"),
    (Texts, "to_state"),
    (Utf8, "payload"),
    (Blobs, "sealed"),
    (Uuids, "key_id"),
    (Texts, "actor"),
    (Texts, "role"),
    (Uuids, "request_id"),
    (Texts, "reason_code"),
    (Integers, "policy_version"),
    (Moments, "recorded_at"),
    (Blobs, "prev_hash"),
    (Blobs, "hash"),
)
_CLAIMS: Final = _plan(
    (Texts, "claim.claim_number"),
    (Texts, "claim.state.value"),
    (Longs, "claim.version"),
    (Blobs, "head_hash"),
)
_CLAIMS_REST: Final = _plan(
    (Texts, "claim.queue"),
    (Texts, lambda held: held.claim.assignee or None),
    (Moments, lambda held: held.claim.lease_until if held.claim.assignee else None),
    (Texts, "claim.submitted_by"),
    (Dates, "claim.receipt_date"),
    (Moments, "claim.received_at"),
    (Moments, "updated_at"),
    (Integers, "policy_version"),
    (Uuids, "claim.family_id"),
    (Texts, lambda held: payee(held.claim.document)),
    (Texts, lambda held: held.claim.duplicate_key or None),
    (Texts, lambda held: ",".join(map(str, denied(held.claim)))),
    (Dates, lambda held: sla.due_date(held.claim, held.facts.policy)),
    (Moments, lambda held: sla.wake_at(held.claim, held.facts.policy)),
)
_SERVICES: Final = _plan(
    (Uuids, itemgetter(0)),
    (Texts, itemgetter(1)),
    (Uuids, lambda row: row[2].claim_id),
    (Integers, lambda row: row[2].line_number),
    (Texts, lambda row: row[2].provider),
    (Texts, lambda row: row[2].procedure_code),
    (Texts, lambda row: ",".join(row[2].modifiers)),
    (Texts, lambda row: row[2].revenue_code),
    (Texts, lambda row: row[2].place_of_service_code),
    (Texts, lambda row: row[2].detail),
    (Dates, lambda row: row[2].from_date),
    (Dates, lambda row: row[2].through_date or row[2].from_date),
    (Texts, lambda row: None if row[2].charge is None else str(row[2].charge)),
    (Texts, lambda row: None if row[2].units is None else str(row[2].units)),
)
_RECEIPTS: Final = _plan(
    (Uuids, "tenant_id"),
    (Uuids, "request_id"),
    (Texts, "method"),
    (Texts, "actor"),
    (Blobs, "payload_hash"),
    (Uuids, "claim_id"),
    (Longs, "version"),
    (Blobs, "reply"),
)
_DISCLOSURES: Final = _plan(
    (Texts, "request.actor"),
    (Texts, "request.command.role"),
    (Texts, "request.purpose"),
    (Texts, "request.method"),
    (Uuids, "claim_id"),
    (Texts, lambda one: ",".join(one.request.classes)),
    (Texts, lambda one: one.request.correlation_id),
)


def columns_of(books: Books) -> list[Any]:
    """Return the parameters of `statements.WRITE`."""
    # Receipts in key order: two batches that meet on request ids wait for each other in one order.
    receipts = sorted(books.entered, key=lambda one: (one.tenant_id, one.request_id))
    return [
        *filled(_EVENTS, books.events),
        *_claims(books),
        *filled(_SERVICES, books.services),
        books.batch_id,
        books.now.astimezone(UTC),
        *filled(_RECEIPTS, receipts),
        Uuids(one.request.tenant_id for one in books.disclosures),
        Uuids(books.ids.new() for _ in books.disclosures),
        *filled(_DISCLOSURES, books.disclosures),
    ]


def _claims(books: Books) -> Iterator[Column]:
    # Those that make room come first: a replacement has the family and the key of what it replaces.
    changed = sorted(
        books.changed().items(), key=lambda one: (one[1].claim.state not in TERMINAL, one[0])
    )
    held: list[Held] = [one for _, one in changed]
    folds = [stored(one.claim) for one in held]
    yield Uuids(key[0] for key, _ in changed)
    yield Uuids(key[1] for key, _ in changed)
    yield from filled(_CLAIMS, held)
    yield Utf8(fold[0] for fold in folds)
    yield Blobs(fold[1] for fold in folds)
    yield from filled(_CLAIMS_REST, held)
