"""Every field of the contract's claim and remittance has its value in the rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from server.claims import model, payees
from server.query.history_wire import claim_message, remittance_message
from tests.projections.full import full


def unset(message: Any, path: str = "") -> Iterator[str]:
    """Return the paths of fields without a value, of every first element."""
    for field in message.DESCRIPTOR.fields:
        here = f"{path}{field.name}"
        if field.is_repeated:
            values = list(getattr(message, field.name))
        elif field.message_type is not None or field.has_presence:
            values = [getattr(message, field.name)] if message.HasField(field.name) else []
        else:
            values = [value] if (value := getattr(message, field.name)) else []
        if not values:
            yield here
        elif field.message_type is not None and not field.message_type.file.package.startswith(
            "google"
        ):
            yield from unset(values[0], f"{here}.")


def test_a_claim_with_everything_fills_every_field() -> None:
    message = claim_message(
        full(model.Claim), head_hash=b"\x01" * 32, updated_at=full(datetime), policy_version=1
    )
    # No role is called what `full` writes; redaction comes after.
    assert set(unset(message)) == {"adjudication.approvals.role", "redacted_fields"}


def test_a_remittance_with_everything_fills_every_field() -> None:
    message = remittance_message(
        full(payees.Remittance), content_hash=b"\x01" * 32, failed_at=full(datetime)
    )
    assert set(unset(message)) == {"redacted_fields"}
