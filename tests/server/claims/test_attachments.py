"""What the claim keeps of a document linked to it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from uuid import UUID

from server.claims.attachments import linked
from server.claims.commands import NewAttachment

AT = datetime(2026, 3, 2, 15, tzinfo=UTC)


def test_every_field_of_a_linked_document_is_kept() -> None:
    offered = NewAttachment(
        attachment_id=UUID(int=7),
        sha256="ab" * 32,
        media_type="application/pdf",
        size_bytes=4096,
        report_type_code="OZ",
        transmission_code="EL",
        control_number="ACN-1",
        name="operative note.pdf",
    )
    assert asdict(linked(offered, AT)) == asdict(offered) | {"linked_at": AT}
