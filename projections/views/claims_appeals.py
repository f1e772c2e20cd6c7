"""The appeals of a claim: how each stands, and the next day by which one is to be decided."""

from __future__ import annotations

from typing import assert_never

from projections.views.claims_values import put, put_amount, put_time, time
from projections.views.view import Document
from server.claims.events import (
    AppealDecided,
    AppealDismissed,
    AppealEscalated,
    AppealFiled,
    AppealWithdrawn,
)
from server.claims.model import Appeal, AppealOutcome, AppealStatus

Appealing = AppealFiled | AppealWithdrawn | AppealDismissed | AppealEscalated | AppealDecided

_OPEN = AppealStatus.OPEN.value


def appealed(document: Document, event: Appealing) -> Document:
    """Fold an event into a document that is ours to change."""
    match event:
        case AppealFiled():
            return _with_appeals(document, [*document.get("appeals", ()), _appeal(event.appeal)])
        case AppealWithdrawn():
            return _closed(document, event, AppealStatus.WITHDRAWN)
        case AppealDismissed():
            return _closed(document, event, AppealStatus.DISMISSED)
        case AppealEscalated():
            return _closed(document, event, AppealStatus.ESCALATED)
        case AppealDecided():
            return _closed(document, event, AppealStatus.DECIDED, event.outcome, event.late)
        case _:
            assert_never(event)


def _appeal(appeal: Appeal) -> Document:
    written: Document = {
        "appeal_id": str(appeal.appeal_id),
        "level": appeal.level,
        "adjudication_number": appeal.adjudication_number,
        "line_numbers": list(appeal.line_numbers),
        "filed_by": appeal.filed_by,
        "file_time": time(appeal.filed_at),
        "due_date": appeal.due_date.isoformat(),
        "status": appeal.status.value,
        "late": appeal.late,
    }
    put_amount(written, "amount_in_controversy", appeal.amount_in_controversy)
    put(written, "good_cause_code", appeal.good_cause_code)
    put(written, "outcome", appeal.outcome.value if appeal.outcome else "")
    put(written, "closed_by", appeal.closed_by)
    put_time(written, "close_time", appeal.closed_at)
    return written


def _closed(
    document: Document,
    event: AppealWithdrawn | AppealDismissed | AppealEscalated | AppealDecided,
    status: AppealStatus,
    outcome: AppealOutcome | None = None,
    late: bool = False,
) -> Document:
    change: Document = {"status": status.value, "close_time": time(event.at), "late": late}
    put(change, "closed_by", event.by)
    put(change, "outcome", outcome.value if outcome else "")
    appeals = []
    for one in document.get("appeals", ()):
        if one["appeal_id"] == str(event.appeal_id):
            one = {name: value for name, value in one.items() if name != "outcome"} | change
        appeals.append(one)
    return _with_appeals(document, appeals)


def _with_appeals(document: Document, appeals: list[Document]) -> Document:
    due = [one["due_date"] for one in appeals if one["status"] == _OPEN]
    document["appeals"] = appeals
    document["open_appeals"] = len(due)
    document.pop("next_appeal_due_date", None)
    if due:
        document["next_appeal_due_date"] = min(due)
    return document
