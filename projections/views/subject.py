"""What documents are about, a claim or a remittance, and the rows that each is folded from.

A subject's rows come twice: from the log as they are committed, and from the tables when a history
is needed. Both are brought into one shape here: tenant, id, version from 1 on without a gap, kind,
and whatever the fold needs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import sql

from server.claims import codec
from server.claims.payees import Remittance
from server.claims.records import COLUMNS, recorded

Key = tuple[UUID, UUID]  # tenant, and what the document is about
EventRow = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A kind of thing whose history stands in append-only tables."""

    name: str
    # The tables whose inserts make its history, as the log names them.
    tables: frozenset[str]
    # Query of all its rows: tenant_id, id, version, kind and the rest.
    rows: sql.Composable
    # Bring a row of the log, by its table and values, into the shape of `rows`.
    of_log: Callable[[str, Mapping[str, Any]], EventRow]
    # Turn a row into what a fold takes.
    decode: Callable[[EventRow], Any]


def key_of(row: EventRow) -> Key:
    """Return whose and which thing's history a row belongs to."""
    return row["tenant_id"], row["id"]


def document_id(key: Key) -> str:
    """Return the id of the document about a thing."""
    return f"{key[0]}/{key[1]}"


def parse_document_id(text: str) -> Key:
    """Return tenant and thing of a document's id."""
    tenant, _, thing = text.partition("/")
    return UUID(tenant), UUID(thing)


# -- claims

_EVENT: Final = "claimflow.claim_event"


def _event_of_log(_: str, values: Mapping[str, Any]) -> EventRow:
    return {**values, "id": values["claim_id"], "kind": values["event_type"]}


CLAIMS: Final = Subject(
    name="claim",
    tables=frozenset({_EVENT}),
    rows=sql.SQL("SELECT {}, claim_id AS id, event_type AS kind FROM claimflow.claim_event").format(
        sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
    ),
    of_log=_event_of_log,
    decode=recorded,
)

# -- remittances


@dataclass(frozen=True, slots=True)
class Issued:
    """A remittance was issued."""

    remittance: Remittance
    content_hash: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Its money did not arrive."""

    reason_code: str
    at: datetime


_REMITTANCE: Final = "claimflow.remittance"
_FAILURE: Final = "claimflow.remittance_failure"


def _remittance_of_log(table: str, values: Mapping[str, Any]) -> EventRow:
    issued = table == _REMITTANCE
    return {
        **values,
        "id": values["remittance_id"],
        "version": 1 if issued else 2,
        "kind": "ISSUED" if issued else "FAILED",
    }


def _remittance_event(row: EventRow) -> Issued | Failed:
    if row["kind"] == "FAILED":
        return Failed(row["reason_code"], row["recorded_at"])
    sealed = None if row["sealed"] is None else json.loads(row["sealed"])
    content = codec.decode(Remittance, json.loads(row["payload"]), sealed)
    return Issued(content, row["content_hash"].hex())


REMITTANCES: Final = Subject(
    name="remittance",
    tables=frozenset({_REMITTANCE, _FAILURE}),
    rows=sql.SQL(
        "SELECT tenant_id, remittance_id AS id, 1::bigint AS version, 'ISSUED' AS kind, payload,"
        " sealed, content_hash, NULL AS reason_code, recorded_at FROM claimflow.remittance"
        " UNION ALL SELECT tenant_id, remittance_id, 2, 'FAILED', NULL, NULL, NULL, reason_code,"
        " recorded_at FROM claimflow.remittance_failure"
    ),
    of_log=_remittance_of_log,
    decode=_remittance_event,
)

# Everything the publication has to carry.
TABLES: Final = CLAIMS.tables | REMITTANCES.tables
