"""The hash chain of a claim's events: level 1 of the tamper-evident log (reliability.md 3.7).

All hashes are SHA-256, integers big-endian, `text(t)` is a u32 length and UTF-8, NULL is FFFFFFFF.
The layout and its test vector are published; another implementation must come to the same bytes.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

NO_SEALED_PART = bytes(32)
NO_KEY = UUID(int=0)  # before field keys exist the "ciphertext" is salt || plaintext
SALT_BYTES = 32

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Everything of an event that its hash covers."""

    tenant_id: UUID
    claim_id: UUID
    version: int
    prev_hash: bytes
    event_id: UUID
    event_type: str
    from_state: str | None
    to_state: str
    role: str
    reason_code: str | None
    schema_number: int
    recorded_at: datetime
    actor: str
    request_id: UUID
    policy_version: int
    payload: bytes
    sealed: bytes | None  # salt || canonical plaintext, while the key id is NO_KEY
    key_id: UUID = NO_KEY


def _hash(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def _text(value: str | None) -> bytes:
    if value is None:
        return b"\xff\xff\xff\xff"
    data = value.encode()
    return len(data).to_bytes(4, "big") + data


def genesis_hash(tenant_id: UUID, claim_id: UUID) -> bytes:
    """Return the previous hash of a claim's first event."""
    return _hash(b"claimflow/genesis/1", tenant_id.bytes, claim_id.bytes)


def sealed_commit(sealed: bytes | None, key_id: UUID = NO_KEY) -> bytes:
    """Return the commitment to a sealed part: its ciphertext and, by the salt, its plaintext."""
    if sealed is None:
        return NO_SEALED_PART
    salt, plaintext = sealed[:SALT_BYTES], sealed[SALT_BYTES:]
    plaintext_commit = hmac.new(salt, plaintext, hashlib.sha256).digest()
    return _hash(
        b"claimflow/sealed/1",
        key_id.bytes,
        len(sealed).to_bytes(4, "big"),
        sealed,
        plaintext_commit,
    )


def microseconds(moment: datetime) -> int:
    """Return microseconds since 1970 in UTC, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def event_hash(link: Link) -> bytes:
    """Return the hash of an event, which the next one carries as its previous hash."""
    words = _hash(
        b"claimflow/words/1",
        _text(link.event_type),
        _text(link.from_state),
        _text(link.to_state),
        _text(link.role),
        _text(link.reason_code),
    )
    return _hash(
        b"claimflow/event/1",
        link.tenant_id.bytes,
        link.claim_id.bytes,
        link.version.to_bytes(8, "big"),
        link.prev_hash,
        link.event_id.bytes,
        words,
        link.schema_number.to_bytes(4, "big"),
        microseconds(link.recorded_at).to_bytes(8, "big", signed=True),
        _hash(b"claimflow/actor/1", _text(link.actor)),
        link.request_id.bytes,
        link.policy_version.to_bytes(4, "big"),
        _hash(b"claimflow/payload/1", link.payload),
        sealed_commit(link.sealed, link.key_id),
    )
