"""Writes histories of claims into the event table, as the command side does, in few words."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg

from projections.views.view import Document, View
from server.claims import chain
from server.claims.codec import canonical
from server.claims.commands import Command
from server.claims.events import SCHEMA_NUMBER, Event
from server.claims.model import Claim, State
from server.claims.records import COLUMNS, link, payload_and_sealed, recorded
from server.claims.workflow import decide, evolve
from tests.server.claims.cast import (
    BEA,
    BOB,
    PAYS_SOME,
    STRICT,
    adjudicate,
    approve,
    assign,
    decided,
    finalize,
    note,
    pend,
    receive_information,
    request_information,
    resolve,
    submit,
)
from tests.server.claims.documents import professional

Row = dict[str, Any]
TENANTS = (UUID(int=0xA), UUID(int=0xB))
INDEX_KEY = b"k" * 32
INSERT = (
    f"INSERT INTO claimflow.claim_event ({', '.join(COLUMNS)})"
    f" VALUES ({', '.join(f'%({name})s' for name in COLUMNS)})"
)


class Told:
    """A claim that grows, event by event; its rows are not stored until somebody inserts them."""

    def __init__(self, tenant_id: UUID = TENANTS[0], claim_id: UUID | None = None) -> None:
        self.tenant_id = tenant_id
        self.claim_id = claim_id or uuid4()
        self.claim: Claim | None = None
        self.state: State | None = None
        self.hash = chain.genesis_hash(self.tenant_id, self.claim_id)
        self.version = 0
        self.rows: list[Row] = []

    @property
    def id(self) -> str:
        return f"{self.tenant_id}/{self.claim_id}"

    def carry_out(self, *commands: Command | Callable[[Claim | None], Command]) -> list[Row]:
        """Return the rows that commands lead to."""
        rows = []
        for given in commands:
            command = given(self.claim) if callable(given) else given
            command = replace(command, claim_id=self.claim_id)
            outcome = decide(command, self.claim, STRICT)
            rows += [self.record(event) for event in (*outcome.events, *outcome.by_system)]
        return rows

    def record(self, event: Event, to_state: State | None = None) -> Row:
        """Return the row of an event."""
        self.claim = evolve(self.claim, event)
        payload, sealed = payload_and_sealed(event, "", bytes(32))
        row: Row = {
            "tenant_id": self.tenant_id,
            "claim_id": self.claim_id,
            "version": self.version + 1,
            "event_id": uuid4(),
            "event_type": type(event).__name__,
            "schema_number": SCHEMA_NUMBER,
            "from_state": self.state and self.state.value,
            "to_state": (to_state or self.claim.state).value,
            "payload": payload.decode(),
            "sealed": sealed,
            "key_id": chain.NO_KEY,
            "actor": "ana",
            "role": "EXAMINER",
            "request_id": uuid4(),
            "reason_code": None,
            "policy_version": 1,
            "recorded_at": datetime.now(UTC),
            "prev_hash": self.hash,
            "hash": b"",
        }
        row["hash"] = chain.event_hash(link(row))
        self.hash, self.version, self.state = row["hash"], row["version"], State(row["to_state"])
        self.rows.append(row)
        return row

    def submitted(self, **changes: Any) -> list[Row]:
        """Return the rows of a submission that is accepted."""
        return self.carry_out(submit(professional(**changes), claim_number=number(self.claim_id)))

    def worked_on(self) -> list[Row]:
        """Return the rows of a claim from submission to its decision, a pend on the way."""
        return [
            *self.submitted(),
            *self.carry_out(
                pend(), resolve(), request_information(), receive_information(), assign(), note(),
                adjudicate(*PAYS_SOME), finalize(),
            ),
        ]  # fmt: skip


_OF_THE_WORKER = ("position", "store_epoch", "slice", "digest")


def number(claim_id: UUID) -> str:
    return f"CF{claim_id.int % 10**13:013}"


def pending_approval(told: Told) -> list[Command]:
    """Return the commands to a claim that two people must approve."""
    charge = "30000.00"
    return [
        submit(professional(charge), claim_number=number(told.claim_id)),
        adjudicate(decided(1, charge, charge, charge)),
    ]


def big(told: Told) -> list[Row]:
    """Return the rows of a claim that two people approve."""
    told.carry_out(*pending_approval(told))
    told.carry_out(lambda claim: approve(claim, BOB), lambda claim: approve(claim, BEA))
    return told.rows


def many(count: int, *, seed: int = 1) -> list[Told]:
    """Return claims at various stages, of two tenants."""
    rng = random.Random(seed)
    found = []
    for _ in range(count):
        told = Told(rng.choice(TENANTS))
        if rng.random() < 0.3:
            told.worked_on()
        else:
            told.submitted()
        found.append(told)
    return found


def insert(connection: psycopg.Connection, rows: Iterable[Row]) -> None:
    """Insert rows one by one, within whatever transaction is open."""
    with connection.cursor() as cursor:
        cursor.executemany(INSERT, list(rows))


def write(url: str, rows: Iterable[Row]) -> None:
    """Insert rows in one transaction."""
    with psycopg.connect(url) as connection:
        insert(connection, rows)


def fold(view: View, rows: Sequence[Row]) -> Document:
    """Return the document that rows come to."""
    document: Document | None = None
    for row in rows:
        document = view.project(document, recorded(row))
    assert document is not None
    return document


def same(document: Document) -> bytes:
    """Return a document as bytes to compare, without what only the feed knows."""
    kept = {k: v for k, v in document.items() if k not in _OF_THE_WORKER}
    return canonical(kept)
