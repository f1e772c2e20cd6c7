"""Tables of the change feed: what operators decided about documents that no index takes."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Identity,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

from server.command.tables import _MOMENT, _column, claim_event, metadata

quarantine_decision = Table(
    "quarantine_decision",
    metadata,
    Column(
        "sequence",
        BigInteger,
        Identity(always=True),
        comment="In the order of deciding.",
        nullable=False,
    ),
    _column("view", Text, "The view whose index does not take the document."),
    _column("tenant_id", Uuid, "Whose the document is."),
    _column("id", Uuid, "What it is about: a claim, a remittance."),
    _column("version", BigInteger, "The version that is not taken."),
    _column("kind", Text, "Name of the engine's error, or fold_failed, history_missing."),
    _column("action", Text, "REPLAY or SKIP."),
    _column("reason", Text, "Why."),
    _column("decided_by", Text, "Who."),
    _column("decided_at", _MOMENT, "When.", server_default=text("now()")),
    PrimaryKeyConstraint("sequence", name="quarantine_decision_pkey"),
    CheckConstraint("action IN ('REPLAY', 'SKIP')", name="quarantine_decision_action"),
    CheckConstraint("reason <> ''", name="quarantine_decision_reason"),
    comment="What operators decided about documents in quarantine, append-only.",
)

# How many events wait for a view is asked by time.
Index("claim_event_recorded", claim_event.c.recorded_at, postgresql_using="brin")
