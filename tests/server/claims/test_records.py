"""A row of `claim_event`: every column comes to its field, and to what the hash covers."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from uuid import UUID

import pytest

from server.claims import records
from server.claims.chain import Link, event_hash, genesis_hash
from server.claims.events import ClaimPended, NoteAdded, Recorded
from server.claims.model import Note, NoteKind, State
from tests.server.claims.cast import NOW

PENDED = ClaimPended(code="MEDREC", by="u1", at=NOW)
PAYLOAD, _ = records.payload_and_sealed(PENDED, "", bytes(32))

ROW: dict[str, Any] = {
    "tenant_id": UUID(int=1),
    "claim_id": UUID(int=2),
    "version": 3,
    "event_id": UUID(int=4),
    "event_type": "ClaimPended",
    "schema_number": 5,
    "from_state": "ACCEPTED",
    "to_state": "PENDED",
    "payload": PAYLOAD.decode(),
    "sealed": b"s" * 32 + b"{}",
    "key_id": UUID(int=6),
    "actor": "u1",
    "role": "EXAMINER",
    "request_id": UUID(int=7),
    "reason_code": "RECORDS",
    "policy_version": 8,
    "recorded_at": NOW,
    "prev_hash": b"p" * 32,
    "hash": b"h" * 32,
}


def test_a_row_has_a_column_for_every_field() -> None:
    assert tuple(ROW) == records.COLUMNS


def test_a_row_is_its_event_with_its_envelope() -> None:
    assert records.recorded(ROW) == Recorded(
        tenant_id=UUID(int=1),
        claim_id=UUID(int=2),
        version=3,
        event_id=UUID(int=4),
        event=PENDED,
        from_state=State.ACCEPTED,
        to_state=State.PENDED,
        actor="u1",
        role="EXAMINER",
        request_id=UUID(int=7),
        reason_code="RECORDS",
        policy_version=8,
        recorded_at=NOW,
        prev_hash=b"p" * 32,
        hash=b"h" * 32,
    )


def test_a_first_row_comes_from_no_state() -> None:
    assert records.recorded({**ROW, "from_state": None}).from_state is None


def noted(text: str) -> NoteAdded:
    return NoteAdded(
        note=Note(
            note_id=UUID(int=9),
            kind=NoteKind.INTERNAL,
            text=text,
            text_hash="00",
            author="u1",
            created_at=NOW,
        )
    )


def test_what_is_sealed_comes_back_to_its_event() -> None:
    for secret, reason in (("", "said so"), ("a name", ""), ("a name", "said so")):
        event = noted(secret)
        payload, sealed = records.payload_and_sealed(event, reason, bytes(range(32)))
        row = {**ROW, "event_type": "NoteAdded", "payload": payload.decode(), "sealed": sealed}
        assert records.recorded(row).event == event
        assert sealed is not None and sealed[:32] == bytes(range(32))
        assert records.open_sealed(sealed)[1] == reason


def test_nothing_to_seal_leaves_no_sealed_part() -> None:
    assert records.payload_and_sealed(PENDED, "", bytes(32)) == (PAYLOAD, None)


@pytest.mark.parametrize("column", [one.name for one in fields(Link)])
def test_w3_the_hash_covers_a_column_of_the_row(column: str) -> None:
    stored = ROW[column]
    wanted = stored.encode() if column == "payload" else stored
    assert getattr(records.link(ROW), column) == wanted


def test_w3_a_row_without_a_key_is_sealed_under_none() -> None:
    link = records.link(
        {**ROW, "key_id": None, "prev_hash": genesis_hash(UUID(int=1), UUID(int=2))}
    )
    assert link.key_id == UUID(int=0)
    assert event_hash(link) != event_hash(records.link(ROW))
