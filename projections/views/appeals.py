"""The appeals view: one document a claim that was ever appealed, with its appeals and their days.

What an appeal says is said once, in `claims_appeals`; here it stands beside what a docket sorts by.
"""

from __future__ import annotations

from typing import Any, Final

from projections.views.claims_appeals import Appealing, appealed
from projections.views.claims_mapping import APPEALS
from projections.views.claims_values import put, put_amount
from projections.views.fields import amounts, dates, keywords, longs
from projections.views.subject import CLAIMS
from projections.views.view import Document, View
from server.claims.events import (
    AdjudicationRecorded,
    AppealDecided,
    AppealDismissed,
    AppealEscalated,
    AppealFiled,
    AppealWithdrawn,
    ClaimReceived,
    Recorded,
)

NAME: Final = "appeals"
SCHEMA: Final = 1  # a new number for any change of fold or mapping

MAPPING: Final[dict[str, Any]] = {
    "dynamic": "strict",
    "properties": keywords(
        "claim_id", "claim_number", "type", "payer_id", "billing_npi", "line_of_business",
        "jurisdiction", "submitted_by", "reason_codes",
    )
    | longs("open_appeals")
    | dates("receipt_date", "next_appeal_due_date")
    | amounts("total_charge", "paid")
    | {"appeals": APPEALS},
}  # fmt: skip


def project(document: Document | None, recorded: Recorded) -> Document:
    """Fold one event into the document."""
    event = recorded.event
    if isinstance(event, ClaimReceived):
        return _received(event)
    assert document is not None, "every history starts with ClaimReceived"
    if isinstance(event, AdjudicationRecorded):
        lines = event.adjudication.lines
        reasons = {one.reason_code for line in lines for one in line.adjustments}
        decided = document | {"reason_codes": sorted(reasons)}
        put_amount(decided, "paid", event.adjudication.paid)
        return decided
    if isinstance(event, Appealing):
        return appealed({**document}, event)
    return document


def _received(event: ClaimReceived) -> Document:
    claim = event.document
    written: Document = {
        "claim_id": str(event.claim_id),
        "claim_number": event.claim_number,
        "type": claim.type.value,
        "receipt_date": event.receipt_date.isoformat(),
        "submitted_by": event.submitted_by,
    }
    put(written, "payer_id", claim.payer.payer_id if claim.payer else "")
    put(written, "billing_npi", claim.billing_provider.npi if claim.billing_provider else "")
    put(written, "line_of_business", claim.line_of_business)
    put(written, "jurisdiction", claim.jurisdiction)
    put_amount(written, "total_charge", claim.total_charge)
    return written


APPEALS_VIEW: Final = View(
    name=NAME,
    schema=SCHEMA,
    mapping=MAPPING,
    subject=CLAIMS,
    project=project,
    shown_by=frozenset(
        kind.__name__
        for kind in (AppealFiled, AppealWithdrawn, AppealDismissed, AppealEscalated, AppealDecided)
    ),
)
