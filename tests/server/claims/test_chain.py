"""The published vector of reliability.md 3.7, and what the hash covers."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from server.claims.chain import Link, event_hash, genesis_hash, microseconds, sealed_commit

VECTOR = Link(
    tenant_id=UUID(int=1),
    claim_id=UUID(int=2),
    version=1,
    prev_hash=genesis_hash(UUID(int=1), UUID(int=2)),
    event_id=UUID(int=3),
    event_type="ClaimReceived",
    from_state=None,
    to_state="RECEIVED",
    role="SUBMITTER",
    reason_code=None,
    schema_number=1,
    recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
    actor="u1",
    request_id=UUID(int=4),
    policy_version=1,
    payload=b'{"a":1}',
    sealed=None,
)

OTHERS: dict[str, Any] = {
    "tenant_id": UUID(int=9),
    "claim_id": UUID(int=9),
    "version": 2,
    "prev_hash": bytes(32),
    "event_id": UUID(int=9),
    "event_type": "ClaimAccepted",
    "from_state": "RECEIVED",
    "to_state": "ACCEPTED",
    "role": "EXAMINER",
    "reason_code": "",
    "schema_number": 2,
    "recorded_at": VECTOR.recorded_at + timedelta(microseconds=1),
    "actor": "u2",
    "request_id": UUID(int=9),
    "policy_version": 2,
    "payload": b'{"a":2}',
    "sealed": bytes(33),
}


def test_w3_the_published_vector() -> None:
    expected = "c62c602e33ddf8ef1eca98361ad5f93ad8aa28c05a93e61cdf85f76ce64d8f65"
    assert event_hash(VECTOR).hex() == expected


def test_w3_a_chain_begins_at_its_tenant_and_its_claim() -> None:
    begin = b"claimflow/genesis/1" + bytes(15) + b"\x01" + bytes(15) + b"\x02"
    assert genesis_hash(UUID(int=1), UUID(int=2)) == hashlib.sha256(begin).digest()


def test_w3_an_event_of_before_1970_has_a_hash_of_its_own() -> None:
    before = replace(VECTOR, recorded_at=datetime(1969, 12, 31, tzinfo=UTC))
    assert event_hash(before) != event_hash(VECTOR)


@pytest.mark.parametrize("column", OTHERS)
def test_w3_the_hash_covers_every_column(column: str) -> None:
    assert event_hash(replace(VECTOR, **{column: OTHERS[column]})) != event_hash(VECTOR)


def test_w3_a_key_id_is_covered_where_something_is_sealed() -> None:
    sealed = replace(VECTOR, sealed=bytes(33))
    assert event_hash(replace(sealed, key_id=UUID(int=9))) != event_hash(sealed)


def test_a_commitment_is_to_the_sealed_bytes_and_by_the_salt_to_the_text() -> None:
    salt, text = bytes(range(32)), b'{"reason_text":"x"}'
    inner = hmac.new(salt, text, hashlib.sha256).digest()
    whole = b"claimflow/sealed/1" + bytes(16) + (51).to_bytes(4, "big") + salt + text + inner
    assert sealed_commit(salt + text) == hashlib.sha256(whole).digest()
    assert sealed_commit(None) == bytes(32)


def test_microseconds_are_exact_also_before_1970() -> None:
    assert microseconds(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1
    assert microseconds(datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC)) % 1_000_000 == 1
