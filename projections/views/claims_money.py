"""What remittances told and paid of a claim, what was taken back, and what was paid too much.

A payment that was reversed is kept: when the money of the remittance that reversed it does not
arrive, it stands again, with what was recorded as overpaid of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import assert_never

from projections.views.claims_values import put, put_amount, time
from projections.views.view import Document
from server.claims.events import (
    ClaimPaid,
    ClaimRemitted,
    OverpaymentRecorded,
    OverpaymentRecouped,
    PaymentFailed,
    PaymentReversed,
)
from server.claims.model import Overpayment, Remitted

Paying = (
    ClaimPaid
    | ClaimRemitted
    | PaymentReversed
    | PaymentFailed
    | OverpaymentRecorded
    | OverpaymentRecouped
)


def paid(document: Document, event: Paying) -> Document:
    """Fold an event into a document that is ours to change."""
    stands, reversed_ = document.pop("payment", None), document.pop("reversed_payment", None)
    match event:
        case ClaimPaid() | ClaimRemitted():
            stands = _payment(event.remitted)
        case PaymentReversed():
            stands, reversed_ = None, stands
        case PaymentFailed():
            stands, reversed_ = reversed_ if event.undoes_reversal else None, None
        case OverpaymentRecorded():
            assert stands is not None, "only what was paid can be overpaid"
            known = stands.get("overpayments", ())
            stands = stands | {"overpayments": [*known, _overpayment(event.overpayment)]}
        case OverpaymentRecouped():
            assert stands is not None, "only what was paid can be recouped"
            stands = stands | {"overpayments": _recouped(stands.get("overpayments", ()), event)}
        case _:
            assert_never(event)
    if stands is not None:
        document["payment"] = stands
    if reversed_ is not None:
        document["reversed_payment"] = reversed_
    return _with_open_recovery(document)


def is_told(document: Document) -> bool:
    """Tell whether a remittance has told the determination that stands."""
    if "payment" not in document or "adjudication" not in document:
        return False
    return bool(document["payment"]["number"] == document["adjudication"]["number"])


def _payment(remitted: Remitted) -> Document:
    written: Document = {
        "number": remitted.adjudication_number,
        "remittance_id": str(remitted.remittance_id),
        "payment_date": remitted.payment_date.isoformat(),
    }
    put(written, "trace_number", remitted.trace_number)
    put_amount(written, "paid", remitted.paid)
    put_amount(written, "interest", remitted.interest)
    if remitted.overpayments:
        written["overpayments"] = [_overpayment(one) for one in remitted.overpayments]
    return written


def _overpayment(one: Overpayment) -> Document:
    written: Document = {
        "overpayment_id": str(one.overpayment_id),
        "recorded_by": one.recorded_by,
        "record_time": time(one.recorded_at),
    }
    put_amount(written, "amount", one.amount)
    put_amount(written, "recouped", one.recouped)
    return written


def _recouped(overpayments: Sequence[Document], event: OverpaymentRecouped) -> list[Document]:
    changed = []
    for one in overpayments:
        if one["overpayment_id"] == str(event.overpayment_id):
            one = {**one}
            put_amount(one, "recouped", Decimal(one["recouped"]) + event.amount)
        changed.append(one)
    return changed


def _with_open_recovery(document: Document) -> Document:
    document.pop("open_recovery", None)
    document.pop("open_recovery_cents", None)
    overpayments = document.get("payment", {}).get("overpayments", ())
    if overpayments:
        cents = sum(one["amount_cents"] - one["recouped_cents"] for one in overpayments)
        put_amount(document, "open_recovery", Decimal(cents).scaleb(-2))
    return document
