"""The tables of schema `claimflow`, as the write process owns them; operators will type the names.

This is the description that migrations are compared with (tests) and that readers read. Statements
of the hot path stand in `ledger.py`; triggers, roles and row-level security in the migrations.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import UserDefinedType

SCHEMA = "claimflow"

metadata = MetaData(schema=SCHEMA)


class LogPosition(UserDefinedType[str]):
    """A position in the write-ahead log (pg_lsn)."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Return the type's name in SQL."""
        return "PG_LSN"


_MOMENT = DateTime(timezone=True)
_STATES = (
    "'RECEIVED', 'REJECTED', 'ACCEPTED', 'PENDED', 'INFO_REQUESTED', 'ADJUDICATED', "
    "'PENDING_APPROVAL', 'APPROVED', 'DENIED', 'PAID', 'CLOSED', 'VOIDED', 'REPLACED'"
)
_TERMINAL = "'REJECTED', 'VOIDED', 'REPLACED'"
_WAITING = "'ACCEPTED', 'PENDED', 'INFO_REQUESTED', 'ADJUDICATED', 'PENDING_APPROVAL'"


def _column(name: str, kind: Any, comment: str, **more: Any) -> Column[Any]:
    return Column(name, kind, comment=comment, nullable=more.pop("nullable", False), **more)


claim = Table(
    "claim",
    metadata,
    _column("tenant_id", Uuid, "Whose claim it is; leads every key."),
    _column("claim_id", Uuid, "UUIDv7 made by the server."),
    _column("claim_number", Text, "The payer's number for people, with its check character."),
    _column("state", Text, "State of domain.md 1.2."),
    _column("version", BigInteger, "Number of events so far."),
    _column("head_hash", LargeBinary, "Hash of the last event."),
    _column("document", Text, "The fold of the events as canonical JSON, without sealed fields."),
    _column("sealed", LargeBinary, "Sealed fields of the fold, canonical JSON.", nullable=True),
    _column("queue", Text, "Work queue; empty when none."),
    _column("assignee", Text, "Who holds the lease.", nullable=True),
    _column("lease_until", _MOMENT, "When the lease ends by itself.", nullable=True),
    _column("submitted_by", Text, "Subject that submitted the claim."),
    _column("receipt_date", Date, "Frozen at receipt; clocks count from it."),
    _column("received_at", _MOMENT, "When it was received."),
    _column("updated_at", _MOMENT, "When the last event was recorded."),
    _column("policy_version", Integer, "Policy of the last decision."),
    _column("family_id", Uuid, "First claim of the family; at most one of them is live (W8)."),
    _column("payee", Text, "Who is paid for it."),
    _column("duplicate_key", Text, "No two live claims have the same (1.9).", nullable=True),
    _column("denied_lines", Text, "Numbers of the lines that are denied for good, by commas."),
    _column("due_date", Date, "Last day to decide it in time (K1).", nullable=True),
    _column("wake_at", _MOMENT, "When the system has something to do for it.", nullable=True),
    _column(
        "row_hash",
        LargeBinary,
        "SHA-256 of state, version, head hash and document: a row edited by hand has another.",
    ),
    PrimaryKeyConstraint("tenant_id", "claim_id", name="claim_pkey"),
    UniqueConstraint("tenant_id", "claim_number", name="claim_number_unique"),
    CheckConstraint("version >= 1", name="claim_version_positive"),
    CheckConstraint(f"state IN ({_STATES})", name="claim_state_known"),
    CheckConstraint("octet_length(head_hash) = 32", name="claim_head_hash_length"),
    CheckConstraint("octet_length(row_hash) = 32", name="claim_row_hash_length"),
    CheckConstraint("(assignee IS NULL) = (lease_until IS NULL)", name="claim_lease_whole"),
    CheckConstraint("updated_at >= received_at", name="claim_time_forward"),
    Index(
        "claim_waiting",
        "tenant_id",
        "queue",
        "received_at",
        "claim_id",
        postgresql_where=text(f"state IN ({_WAITING})"),
    ),
    Index(
        "claim_one_live_in_family",
        "tenant_id",
        "family_id",
        unique=True,
        postgresql_where=text(f"state NOT IN ({_TERMINAL})"),
    ),
    Index(
        "claim_no_duplicate",
        "tenant_id",
        "duplicate_key",
        unique=True,
        postgresql_where=text(f"duplicate_key IS NOT NULL AND state NOT IN ({_TERMINAL})"),
    ),
    Index("claim_wake", "wake_at", postgresql_where=text("wake_at IS NOT NULL")),
    comment="A claim as its events made it: always the fold of its claim_event rows.",
)

claim_transition = Table(
    "claim_transition",
    metadata,
    _column("event_type", Text, "Name of the event."),
    _column("from_state", Text, "State before it."),
    _column("to_state", Text, "State after it."),
    PrimaryKeyConstraint("event_type", "from_state", "to_state", name="claim_transition_pkey"),
    comment="The legal moves, loaded by migrate; every event but a first refers to one.",
)

claim_event = Table(
    "claim_event",
    metadata,
    _column("tenant_id", Uuid, "Whose claim it is."),
    _column("claim_id", Uuid, "The claim."),
    _column("version", BigInteger, "1, 2, 3 … of the claim, without a gap."),
    _column("event_id", Uuid, "UUIDv7 of the event."),
    _column("event_type", Text, "Name of the event's class."),
    _column("schema_number", Integer, "Version of the event type's format."),
    _column("from_state", Text, "State before; null for the first event only.", nullable=True),
    _column("to_state", Text, "State after."),
    _column("payload", Text, "Canonical JSON: the exact bytes that are hashed."),
    _column("sealed", LargeBinary, "Salt and JSON of what names a person.", nullable=True),
    _column("key_id", Uuid, "Key of the sealed part; zero while it is not encrypted."),
    _column("actor", Text, "Subject of the credential."),
    _column("role", Text, "Role it acted in."),
    _column("request_id", Uuid, "Request that caused it."),
    _column("reason_code", Text, "Why, when a reason was given.", nullable=True),
    _column("policy_version", Integer, "Policy it was decided under."),
    _column("recorded_at", _MOMENT, "When; never before the previous event of the claim."),
    _column("prev_hash", LargeBinary, "Hash of the previous event, or the genesis hash."),
    _column("hash", LargeBinary, "Hash of this event (reliability.md 3.7)."),
    PrimaryKeyConstraint("tenant_id", "claim_id", "version", name="claim_event_pkey"),
    ForeignKeyConstraint(
        ["event_type", "from_state", "to_state"],
        [claim_transition.c.event_type, claim_transition.c.from_state, claim_transition.c.to_state],
        name="claim_event_transition",
    ),
    CheckConstraint("version >= 1", name="claim_event_version_positive"),
    CheckConstraint("(version = 1) = (from_state IS NULL)", name="claim_event_first_from_nothing"),
    CheckConstraint(
        "(version = 1) = (event_type = 'ClaimReceived')", name="claim_event_first_received"
    ),
    CheckConstraint("version > 1 OR to_state = 'RECEIVED'", name="claim_event_first_state"),
    CheckConstraint(f"to_state IN ({_STATES})", name="claim_event_state_known"),
    CheckConstraint("octet_length(prev_hash) = 32", name="claim_event_prev_hash_length"),
    CheckConstraint("octet_length(hash) = 32", name="claim_event_hash_length"),
    CheckConstraint("octet_length(sealed) > 32", name="claim_event_sealed_salted"),
    comment="The audit event table, append-only: what happened to each claim, chained by hash.",
)

command_receipt = Table(
    "command_receipt",
    metadata,
    _column("tenant_id", Uuid, "Whose request it is."),
    _column("request_id", Uuid, "Under which the command happens at most once."),
    _column("method", Text, "Full name of the RPC."),
    _column("actor", Text, "Subject that sent it."),
    _column("payload_hash", LargeBinary, "SHA-256 of method, actor and content."),
    _column("claim_id", Uuid, "The claim it wrote."),
    _column("version", BigInteger, "The claim's version after it."),
    _column("reply", LargeBinary, "The first reply's bytes, all but the consistency token."),
    _column("batch_id", Uuid, "The batch it was committed in; commit_position has its position."),
    _column("created_at", _MOMENT, "When it was carried out."),
    _column("touched_at", _MOMENT, "When it was last given out again (R6)."),
    PrimaryKeyConstraint("tenant_id", "request_id", name="command_receipt_pkey"),
    CheckConstraint("octet_length(payload_hash) = 32", name="command_receipt_hash_length"),
    Index("command_receipt_age", "created_at", postgresql_using="brin"),
    comment="The first reply of every command, for repeats; purged by age.",
)

commit_position = Table(
    "commit_position",
    metadata,
    _column("batch_id", Uuid, "The batch.", primary_key=True),
    _column("lsn", LogPosition(), "A position at or past the end of the batch's commit."),
    _column("created_at", _MOMENT, "When it was read.", server_default=text("now()")),
    Index("commit_position_age", "created_at", postgresql_using="brin"),
    comment="Where the commit of a batch ended: the consistency token of its replies.",
)

store = Table(
    "store",
    metadata,
    _column("only", Boolean, "One row.", primary_key=True, server_default=text("true")),
    _column("epoch", Uuid, "The store's identity; a new one after a restore or a failover."),
    _column("created_at", _MOMENT, "When this epoch began.", server_default=text("now()")),
    _column("system_id", Text, "System identifier of the cluster in which the epoch was begun."),
    _column("timeline", Integer, "Timeline of the log when the epoch was begun."),
    CheckConstraint('"only"', name="store_one_row"),
    comment="The identity of this store, named in every position and token.",
)

store_epoch = Table(
    "store_epoch",
    metadata,
    _column("epoch", Uuid, "The epoch.", primary_key=True),
    _column("system_id", Text, "System identifier under which it was begun."),
    _column("timeline", Integer, "Timeline under which it was begun."),
    _column("lsn", LogPosition(), "Where the log ended when it was begun."),
    _column(
        "reason", Text, "Why: FIRST, SYSTEM_CHANGED, TIMELINE_CHANGED, or what an operator said."
    ),
    _column(
        "begun_by",
        Text,
        "Login of the database under which it was begun.",
        server_default=text("SESSION_USER"),
    ),
    _column("begun_at", _MOMENT, "When.", server_default=text("now()")),
    CheckConstraint("reason <> ''", name="store_epoch_reason"),
    comment="Every epoch this store had, append-only; the one in force is in store.",
)

tenant = Table(
    "tenant",
    metadata,
    _column("tenant_id", Uuid, "The tenant.", primary_key=True),
    _column("name", Text, "Name for people.", server_default=text("''")),
    _column("policy_set", Text, "The policy set its claims are decided under."),
    comment="Tenants with a policy set of their own; all others have the default set.",
)

policy = Table(
    "policy",
    metadata,
    _column("policy_set", Text, "Such as strict or sandbox."),
    _column("line_of_business", Text, "COMMERCIAL …; * where no row is more specific."),
    _column("jurisdiction", Text, "Country or state; * where no row is more specific."),
    _column("effective_from", Date, "From this receipt date on."),
    _column("version", Integer, "Number of the row, named in every event decided under it."),
    _column("body", Text, "The policy as canonical JSON."),
    _column("recorded_at", _MOMENT, "When.", server_default=text("now()")),
    _column("recorded_by", Text, "Who loaded it.", server_default=text("CURRENT_USER")),
    _column("reason", Text, "Why.", server_default=text("'shipped'")),
    PrimaryKeyConstraint("version", name="policy_pkey"),
    Index("policy_choice", "policy_set", "line_of_business", "jurisdiction", "effective_from"),
    comment="Dated policies, append-only; a later row of a key takes an earlier one's place.",
)

code_system = Table(
    "code_system",
    metadata,
    _column("system", Text, "Such as ICD_10_CM, POS or RARC.", primary_key=True),
    _column("complete", Boolean, "A code that is not listed does not exist."),
    _column("version", BigInteger, "Reference version of the last load."),
    _column("loaded_at", _MOMENT, "When.", server_default=text("now()")),
    comment="The code systems that have a table here.",
)

code_value = Table(
    "code_value",
    metadata,
    _column("system", Text, "The code system."),
    _column("code", Text, "The code, without a dot."),
    _column("valid_from", Date, "First day; null: always.", nullable=True),
    _column("valid_to", Date, "Last day; null: for good.", nullable=True),
    UniqueConstraint(
        "system",
        "code",
        "valid_from",
        name="code_value_once",
        postgresql_nulls_not_distinct=True,
    ),
    ForeignKeyConstraint(["system"], [code_system.c.system], name="code_value_system"),
    CheckConstraint("valid_to >= valid_from", name="code_value_dates"),
    comment="Codes that may be billed, with the days on which they may.",
)

reference_version = Table(
    "reference_version",
    metadata,
    _column("only", Boolean, "One row.", primary_key=True, server_default=text("true")),
    _column("version", BigInteger, "Grows with every change of policies, tenants and codes."),
    CheckConstraint('"only"', name="reference_version_one_row"),
    comment="By which a process sees that its copy of policies and codes is old.",
)

read_audit = Table(
    "read_audit",
    metadata,
    _column("tenant_id", Uuid, "Whose data was shown."),
    _column("read_id", Uuid, "UUIDv7 of the record."),
    _column("read_at", _MOMENT, "When."),
    _column("actor", Text, "Subject of the credential."),
    _column("role", Text, "Role it acted in."),
    _column("purpose", Text, "Purpose of use, such as HPAYMT."),
    _column("method", Text, "Full name of the RPC."),
    _column("claim_ids", ARRAY(Uuid), "The claims shown."),
    _column("classes", ARRAY(Text), "PHI classes of what was shown."),
    _column("decision", Text, "RELEASED or REFUSED.", server_default=text("'RELEASED'")),
    _column("terms_hash", LargeBinary, "Keyed hash of the query's terms.", nullable=True),
    _column("break_glass", Text, "Reason code of an emergency read.", nullable=True),
    _column("correlation_id", Text, "The call in the request log."),
    PrimaryKeyConstraint("tenant_id", "read_id", name="read_audit_pkey"),
    comment="Who was shown what of whom, and why, append-only; no values.",
)
