"""The tables of services, payments and limits, beside those of `tables.py`.

Remittances are written once. What one leaves for the payee's next is an entry: opened once, and
taken by one remittance or cancelled.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from server.command.tables import _MOMENT, _column, metadata

claim_service = Table(
    "claim_service",
    metadata,
    _column("tenant_id", Uuid, "Whose claim it is."),
    _column("claim_id", Uuid, "The claim."),
    _column("line_number", Integer, "The service line."),
    _column("person_key", Text, "Hash of who was treated."),
    _column("provider", Text, "Who treated."),
    _column("procedure_code", Text, "What was done."),
    _column("modifiers", Text, "By commas."),
    _column("revenue_code", Text, "Of institutional claims."),
    _column("place_of_service_code", Text, "Where."),
    _column("detail", Text, "Tooth, surfaces and drug, by slashes."),
    _column("from_date", Date, "First day; null when not given.", nullable=True),
    _column("through_date", Date, "Last day.", nullable=True),
    _column("charge", Numeric, "What was charged.", nullable=True),
    _column("units", Numeric, "How much of it.", nullable=True),
    # Led by the person, so that whatever plan is kept reads one person's services alone.
    PrimaryKeyConstraint(
        "tenant_id", "person_key", "claim_id", "line_number", name="claim_service_pkey"
    ),
    comment="The services of claims that were taken in, to be compared with other claims'.",
)

accumulator = Table(
    "accumulator",
    metadata,
    _column("tenant_id", Uuid, "Whose member it is."),
    _column("person_key", Text, "Hash of the person."),
    _column("plan_id", Text, "The plan."),
    _column("benefit_year", Integer, "Calendar year in which it begins."),
    _column("deductible_used", Numeric, "Sum of PR-1 of live claims."),
    _column("out_of_pocket_used", Numeric, "Sum of all PR of live claims."),
    _column("updated_at", _MOMENT, "When it changed last."),
    PrimaryKeyConstraint(
        "tenant_id", "person_key", "plan_id", "benefit_year", name="accumulator_pkey"
    ),
    CheckConstraint("deductible_used >= 0", name="accumulator_deductible_positive"),
    CheckConstraint("out_of_pocket_used >= 0", name="accumulator_out_of_pocket_positive"),
    comment="What members have used of their plans (M14): always the sum over their claims.",
)

remittance = Table(
    "remittance",
    metadata,
    _column("tenant_id", Uuid, "Whose it is."),
    _column("remittance_id", Uuid, "UUIDv7 made by the server."),
    _column("trace_number", Text, "TRN02."),
    _column("payee", Text, "Who is paid."),
    _column("payer_id", Text, "Who pays."),
    _column("currency_code", Text, "ISO 4217."),
    _column("payment_date", Date, "When the money moves."),
    _column("method", Text, "ACH, CHECK or NON_PAYMENT."),
    _column("amount", Numeric, "What is paid (BPR02)."),
    _column("claims_paid", Numeric, "Sum of what its claims pay."),
    _column("adjusted", Numeric, "Sum of its provider-level amounts."),
    _column("payload", Text, "The remittance as canonical JSON, without sealed fields."),
    _column("sealed", LargeBinary, "Sealed fields, canonical JSON.", nullable=True),
    _column("content_hash", LargeBinary, "SHA-256 of it; the events of its claims name it."),
    _column("actor", Text, "Subject of the credential."),
    _column("role", Text, "Role it acted in."),
    _column("request_id", Uuid, "Request that caused it."),
    _column("policy_version", Integer, "Policy it was made up under."),
    _column("recorded_at", _MOMENT, "When."),
    PrimaryKeyConstraint("tenant_id", "remittance_id", name="remittance_pkey"),
    UniqueConstraint("tenant_id", "trace_number", name="remittance_trace_number"),
    CheckConstraint("amount = claims_paid - adjusted", name="remittance_balances"),
    CheckConstraint("amount >= 0", name="remittance_not_negative"),
    CheckConstraint("octet_length(content_hash) = 32", name="remittance_hash_length"),
    Index("remittance_payee", "tenant_id", "payee", "recorded_at"),
    comment="Payments and advices (X12 835), append-only; each balances (M5).",
)

remittance_claim = Table(
    "remittance_claim",
    metadata,
    _column("tenant_id", Uuid, "Whose it is."),
    _column("remittance_id", Uuid, "The remittance."),
    _column("position", Integer, "Place on it, from 0; reversals first."),
    _column("claim_id", Uuid, "The claim."),
    _column("adjudication_number", Integer, "The determination that it tells."),
    _column("reverses", Boolean, "Takes it back."),
    _column("paid", Numeric, "What it pays; negative of a reversal."),
    PrimaryKeyConstraint("tenant_id", "remittance_id", "position", name="remittance_claim_pkey"),
    ForeignKeyConstraint(
        ["tenant_id", "remittance_id"],
        [remittance.c.tenant_id, remittance.c.remittance_id],
        name="remittance_claim_of",
    ),
    UniqueConstraint(
        "tenant_id",
        "remittance_id",
        "claim_id",
        "adjudication_number",
        "reverses",
        name="remittance_claim_once",
    ),
    Index("remittance_claim_claim", "tenant_id", "claim_id"),
    comment="The claims of each remittance, append-only (M17 to M19).",
)

provider_adjustment = Table(
    "provider_adjustment",
    metadata,
    _column("tenant_id", Uuid, "Whose it is."),
    _column("remittance_id", Uuid, "The remittance."),
    _column("position", Integer, "Place on it, from 0."),
    _column("reason_code", Text, "PLB03-1, such as WO, FB or L6."),
    _column("reference", Text, "PLB03-2; WO and FB sum to nothing by it (R1)."),
    _column("amount", Numeric, "Positive reduces the payment."),
    _column("entry_id", Uuid, "The entry that it takes or opens.", nullable=True),
    _column("claim_id", Uuid, "The claim it belongs to, without an entry.", nullable=True),
    PrimaryKeyConstraint("tenant_id", "remittance_id", "position", name="provider_adjustment_pkey"),
    ForeignKeyConstraint(
        ["tenant_id", "remittance_id"],
        [remittance.c.tenant_id, remittance.c.remittance_id],
        name="provider_adjustment_of",
    ),
    CheckConstraint("amount <> 0", name="provider_adjustment_not_zero"),
    comment="The provider-level amounts of each remittance, append-only (M5, M20, R1).",
)

remittance_failure = Table(
    "remittance_failure",
    metadata,
    _column("tenant_id", Uuid, "Whose it is."),
    _column("remittance_id", Uuid, "The remittance whose money did not arrive."),
    _column("reason_code", Text, "Why."),
    _column("actor", Text, "Subject of the credential."),
    _column("role", Text, "Role it acted in."),
    _column("request_id", Uuid, "Request that reported it."),
    _column("recorded_at", _MOMENT, "When."),
    PrimaryKeyConstraint("tenant_id", "remittance_id", name="remittance_failure_pkey"),
    ForeignKeyConstraint(
        ["tenant_id", "remittance_id"],
        [remittance.c.tenant_id, remittance.c.remittance_id],
        name="remittance_failure_of",
    ),
    comment="Payments that failed, each once, append-only.",
)

payee_entry = Table(
    "payee_entry",
    metadata,
    _column("tenant_id", Uuid, "Whose it is."),
    _column("entry_id", Uuid, "The entry."),
    Column(
        "sequence",
        BigInteger,
        Identity(always=True),
        comment="In the order of opening.",
        nullable=False,
    ),
    _column("payee", Text, "Whose next remittance takes it."),
    _column("kind", Text, "REVERSAL, OVERPAYMENT, FORWARD_BALANCE or INTEREST."),
    _column("reference", Text, "PLB03-2."),
    _column("amount", Numeric, "Provider-level: positive reduces the payment."),
    _column("claim_id", Uuid, "The claim it comes from.", nullable=True),
    _column("remittance_id", Uuid, "The remittance it comes from.", nullable=True),
    _column("payload", Text, "The entry as canonical JSON, without sealed fields."),
    _column("sealed", LargeBinary, "Sealed fields, canonical JSON.", nullable=True),
    _column("reopens", Uuid, "The entry whose remittance failed.", nullable=True),
    _column("request_id", Uuid, "Request that opened it."),
    _column("opened_at", _MOMENT, "When."),
    _column("taken_by", Uuid, "The remittance that took it.", nullable=True),
    _column("cancelled_by", Uuid, "The request that made it void.", nullable=True),
    PrimaryKeyConstraint("tenant_id", "payee", "entry_id", name="payee_entry_pkey"),
    CheckConstraint("taken_by IS NULL OR cancelled_by IS NULL", name="payee_entry_ended_once"),
    Index(
        "payee_entry_open",
        "tenant_id",
        "payee",
        "sequence",
        postgresql_where=text("taken_by IS NULL AND cancelled_by IS NULL"),
    ),
    comment="What stands open with a payee; ended once, by a remittance or a cancellation.",
)
