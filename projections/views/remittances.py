"""The remittances view: one document a payment or advice, with the claims that it tells."""

from __future__ import annotations

from typing import Any, Final, assert_never

from projections.views.claims_values import adjustments, put, put_amount, time
from projections.views.fields import amounts, dates, keywords, longs, nested, times
from projections.views.subject import REMITTANCES, Failed, Issued
from projections.views.view import Document, View
from server.claims.payees import ProviderAdjustment, Remittance, RemittedClaim

NAME: Final = "remittances"
SCHEMA: Final = 1  # a new number for any change of fold or mapping

_ADJUSTMENTS: Final = nested(keywords("group_code", "reason_code") | amounts("amount"))

MAPPING: Final[dict[str, Any]] = {
    "dynamic": "strict",
    "properties": keywords(
        "remittance_id", "trace_number", "payer_id", "payee", "currency_code", "method",
        "issued_by", "content_hash", "fail_reason_code",
    )
    | dates("payment_date")
    | times("issue_time", "fail_time")
    | amounts("amount", "claims_paid", "adjusted")
    | longs("claim_count")
    | {
        "failed": {"type": "boolean"},
        "claims": nested(
            keywords("claim_id", "claim_number", "status_code")
            | longs("adjudication_number")
            | amounts("charge", "paid", "patient_responsibility")
            | {"reverses": {"type": "boolean"}, "adjustments": _ADJUSTMENTS}
        ),
        "provider_adjustments": nested(
            keywords("reason_code", "reference", "claim_id") | amounts("amount")
        ),
    },
}  # fmt: skip


def project(document: Document | None, event: Issued | Failed) -> Document:
    """Fold an event into the document."""
    match event:
        case Issued():
            return _issued(event.remittance) | {"content_hash": event.content_hash}
        case Failed():
            assert document is not None, "what failed was issued"
            failed: Document = {"failed": True, "fail_time": time(event.at)}
            put(failed, "fail_reason_code", event.reason_code)
            return document | failed
        case _:
            assert_never(event)


def _issued(remittance: Remittance) -> Document:
    written: Document = {
        "remittance_id": str(remittance.remittance_id),
        "payment_date": remittance.payment_date.isoformat(),
        "method": remittance.method.value,
        "issue_time": time(remittance.issued_at),
        "failed": False,
        "claim_count": len(remittance.claims),
    }
    for name in ("trace_number", "payer_id", "payee", "currency_code", "issued_by"):
        put(written, name, getattr(remittance, name))
    for name in ("amount", "claims_paid", "adjusted"):
        put_amount(written, name, getattr(remittance, name))
    written["claims"] = [_claim(one) for one in remittance.claims]
    if remittance.provider_adjustments:
        written["provider_adjustments"] = [_beside(one) for one in remittance.provider_adjustments]
    return written


def _claim(told: RemittedClaim) -> Document:
    written: Document = {
        "claim_id": str(told.claim_id),
        "claim_number": told.claim_number,
        "status_code": told.status_code,
        "adjudication_number": told.adjudication_number,
        "reverses": told.reverses,
    }
    for name in ("charge", "paid", "patient_responsibility"):
        put_amount(written, name, getattr(told, name))
    if told.adjustments:
        written["adjustments"] = adjustments(told.adjustments)
    return written


def _beside(one: ProviderAdjustment) -> Document:
    written: Document = {"reason_code": one.reason_code, "reference": one.reference}
    put(written, "claim_id", str(one.claim_id or ""))
    put_amount(written, "amount", one.amount)
    return written


REMITTANCES_VIEW: Final = View(
    name=NAME, schema=SCHEMA, mapping=MAPPING, subject=REMITTANCES, project=project
)
