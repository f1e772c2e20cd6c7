"""Documents that go with a claim: command 22; their bytes live elsewhere."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from server.claims.commands import AddAttachment, NewAttachment
from server.claims.events import AttachmentLinked, Event
from server.claims.facts import Facts
from server.claims.model import Attachment, Claim
from server.claims.policy import Policy
from server.claims.refusals import Refusal, require

_SHA256 = re.compile(r"[0-9a-f]{64}")
AVAILABLE_ON_REQUEST = "AA"  # PWK02: nothing is sent, so nothing is numbered


def add(command: AddAttachment, claim: Claim, facts: Facts) -> list[Event]:
    """Command 22: link a document."""
    hashes = {one.sha256 for one in claim.attachments}
    require_linkable(command.attachment, hashes, facts.policy, "attachment.")
    return [AttachmentLinked(attachment=linked(command.attachment, command.now))]


def require_linkable(
    attachment: NewAttachment, hashes: Collection[str], policy: Policy, path: str
) -> None:
    """Go on when a document is within the policy and not linked yet."""
    require(
        _SHA256.fullmatch(attachment.sha256) is not None,
        Refusal.ATTACHMENT_NOT_ALLOWED,
        field_path=f"{path}sha256",
    )
    require(
        attachment.media_type in policy.attachment_media_types,
        Refusal.ATTACHMENT_NOT_ALLOWED,
        field_path=f"{path}media_type",
    )
    require(
        0 < attachment.size_bytes <= policy.attachment_bytes_max,
        Refusal.ATTACHMENT_NOT_ALLOWED,
        field_path=f"{path}size_bytes",
    )
    require(
        attachment.sha256 not in hashes,
        Refusal.ATTACHMENT_ALREADY_LINKED,
        field_path=f"{path}sha256",
    )
    numbered = 2 <= len(attachment.control_number) <= 80
    expected = attachment.transmission_code != AVAILABLE_ON_REQUEST
    require(
        numbered if expected else not attachment.control_number,
        Refusal.ATTACHMENT_CONTROL_NUMBER_INVALID,
        field_path=f"{path}control_number",
    )


def linked(attachment: NewAttachment, at: datetime) -> Attachment:
    """Return a document as the claim keeps it."""
    return Attachment(
        attachment_id=attachment.attachment_id,
        sha256=attachment.sha256,
        media_type=attachment.media_type,
        size_bytes=attachment.size_bytes,
        report_type_code=attachment.report_type_code,
        transmission_code=attachment.transmission_code,
        control_number=attachment.control_number,
        name=attachment.name,
        linked_at=at,
    )
