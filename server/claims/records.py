"""A row of `claim_event` and the event it holds: one translation for writers and readers.

The payload is canonical JSON. The sealed part is a salt of 32 bytes followed by canonical JSON with
the keys `fields` (what the event's class marks as sealed) and `reason_text` (what a person wrote),
each left out when empty.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from server.claims import chain, codec
from server.claims.events import EVENT_TYPES, Event, Recorded
from server.claims.model import State

COLUMNS = (
    "tenant_id",
    "claim_id",
    "version",
    "event_id",
    "event_type",
    "schema_number",
    "from_state",
    "to_state",
    "payload",
    "sealed",
    "key_id",
    "actor",
    "role",
    "request_id",
    "reason_code",
    "policy_version",
    "recorded_at",
    "prev_hash",
    "hash",
)


def payload_and_sealed(event: Event, reason_text: str, salt: bytes) -> tuple[bytes, bytes | None]:
    """Return the bytes of an event's payload and sealed part, None when nothing is sealed."""
    payload, fields = codec.encode(event)
    parts: dict[str, Any] = {}
    if fields:
        parts["fields"] = fields
    if reason_text:
        parts["reason_text"] = reason_text
    return codec.canonical(payload), (salt + codec.canonical(parts)) if parts else None


def open_sealed(sealed: bytes | None) -> tuple[Any, str]:
    """Return the sealed fields and the reason's text."""
    if sealed is None:
        return None, ""
    parts = json.loads(sealed[chain.SALT_BYTES :])
    return parts.get("fields"), parts.get("reason_text", "")


def event_of(event_type: str, payload: str, sealed: bytes | None) -> Event:
    """Return the event that a row holds."""
    fields, _ = open_sealed(sealed)
    return codec.decode(EVENT_TYPES[event_type], json.loads(payload), fields)


def recorded(row: Mapping[str, Any]) -> Recorded:
    """Return the event of a row, with its envelope; the row has `COLUMNS` as Python values."""
    return Recorded(
        tenant_id=row["tenant_id"],
        claim_id=row["claim_id"],
        version=row["version"],
        event_id=row["event_id"],
        event=event_of(row["event_type"], row["payload"], row["sealed"]),
        from_state=None if row["from_state"] is None else State(row["from_state"]),
        to_state=State(row["to_state"]),
        actor=row["actor"],
        role=row["role"],
        request_id=row["request_id"],
        reason_code=row["reason_code"],
        policy_version=row["policy_version"],
        recorded_at=row["recorded_at"],
        prev_hash=row["prev_hash"],
        hash=row["hash"],
    )


def link(row: Mapping[str, Any]) -> chain.Link:
    """Return what the hash of a row covers, from its columns."""
    return chain.Link(
        tenant_id=row["tenant_id"],
        claim_id=row["claim_id"],
        version=row["version"],
        prev_hash=row["prev_hash"],
        event_id=row["event_id"],
        event_type=row["event_type"],
        from_state=row["from_state"],
        to_state=row["to_state"],
        role=row["role"],
        reason_code=row["reason_code"],
        schema_number=row["schema_number"],
        recorded_at=row["recorded_at"],
        actor=row["actor"],
        request_id=row["request_id"],
        policy_version=row["policy_version"],
        payload=row["payload"].encode(),
        sealed=row["sealed"],
        key_id=row["key_id"] or UUID(int=0),
    )
