"""The determination that stands on a claim: its figures, its approvals, and when it goes."""

from __future__ import annotations

from typing import Any, assert_never

from projections.views.claims_values import adjustments, put, put_amount, time
from projections.views.view import Document
from server.claims.document import Procedure
from server.claims.events import (
    AdjudicationRecorded,
    AdjudicationWithdrawn,
    ApprovalGranted,
    ApprovalRequired,
    ClaimApproved,
    ClaimDenied,
    ClaimPartiallyApproved,
    ClaimReopened,
)
from server.claims.model import Adjudication, AdjudicationLine, Provenance, Share

Deciding = (
    AdjudicationRecorded
    | AdjudicationWithdrawn
    | ApprovalRequired
    | ApprovalGranted
    | ClaimApproved
    | ClaimPartiallyApproved
    | ClaimDenied
    | ClaimReopened
)

_AMOUNTS = ("allowed", "paid", "patient_responsibility")
_OF_ADJUDICATION = frozenset(
    {"adjudication", "adjustments", "plan_id", *_AMOUNTS, *(f"{name}_cents" for name in _AMOUNTS)}
)
_OF_ADJUDICATED_LINE = frozenset(
    {
        "allowed", "allowed_cents", "paid", "paid_cents", "units_paid", "denied", "remark_codes",
        "adjustments", "edit_ids", "pricing_method", "fee_schedule_reference",
        "adjudicated_procedure_system", "adjudicated_procedure_code", "adjudicated_modifiers",
        "adjudicated_procedure_description",
    }
)  # fmt: skip


def decided(document: Document, event: Deciding) -> Document:
    """Fold an event into a document that is ours to change."""
    match event:
        case AdjudicationRecorded():
            return _adjudicated(_without_adjudication(document), event.adjudication)
        case AdjudicationWithdrawn():
            return _without_adjudication(document)
        case ApprovalRequired():
            return _with_adjudication(document, approvals_needed=event.approvals_needed)
        case ApprovalGranted():
            approvers = document["adjudication"].get("approvers", ())
            return _with_adjudication(document, approvers=[*approvers, event.approver])
        case ClaimApproved() | ClaimPartiallyApproved() | ClaimDenied():
            # Events of the first format have no time of their own.
            moment = time(event.at) if event.at else document["adjudication"]["adjudicate_time"]
            document["decision"] = event.decision.value
            document["decide_time"] = moment
            return _with_adjudication(document, final=True)
        case ClaimReopened():
            # What was decided last stays told until it is decided anew.
            reopenings = document["reopening_count"] + 1
            return _without_adjudication(document) | {"reopening_count": reopenings}
        case _:
            assert_never(event)


def _adjudicated(document: Document, adjudication: Adjudication) -> Document:
    for name in _AMOUNTS:
        put_amount(document, name, getattr(adjudication, name))
    if adjudication.adjustments:
        document["adjustments"] = adjustments(adjudication.adjustments)
    put(document, "plan_id", _plan_id(adjudication))
    document["adjudication"] = _adjudication(adjudication)
    figures = {line.line_number: _figures(line) for line in adjudication.lines}
    document["service_lines"] = [
        line | figures.get(line["line_number"], {}) for line in document.get("service_lines", ())
    ]
    return document


def _plan_id(adjudication: Adjudication) -> str:
    """Return the plan by which a claim was decided; a determination uses the limits of one."""
    made_by = adjudication.provenance.plan_id if adjudication.provenance else ""
    return made_by or next((share.plan_id for share in adjudication.shares), "")


def _adjudication(adjudication: Adjudication) -> Document:
    written: Document = {
        "number": adjudication.number,
        "hash": adjudication.hash,
        "decision": adjudication.decision.value,
        "adjudicator": adjudication.by,
        "adjudicate_time": time(adjudication.at),
        "approvals_needed": adjudication.approvals_needed,
        "final": adjudication.final,
        "approvers": [one.approver for one in adjudication.approvals],
        "mode": adjudication.mode.value,
    }
    if adjudication.shares:
        written["shares"] = [_share(one) for one in adjudication.shares]
    if adjudication.provenance is not None:
        written["provenance"] = _provenance(adjudication.provenance)
    return written


def _share(share: Share) -> Document:
    written: Document = {"plan_id": share.plan_id, "benefit_year": share.benefit_year}
    put_amount(written, "deductible", share.deductible)
    put_amount(written, "out_of_pocket", share.out_of_pocket)
    return written


def _provenance(made_by: Provenance) -> Document:
    written: Document = {
        "policy_version": made_by.policy_version,
        "plan_version": made_by.plan_version,
        "code_edits_version": made_by.code_edits_version,
    }
    put(written, "plan_id", made_by.plan_id)
    if made_by.fee_schedule_versions:
        written["fee_schedule_versions"] = list(made_by.fee_schedule_versions)
    return written


def _figures(line: AdjudicationLine) -> Document:
    written: Document = {"denied": line.denied}
    put_amount(written, "allowed", line.allowed)
    put_amount(written, "paid", line.paid)
    if line.units_paid is not None:
        written["units_paid"] = f"{line.units_paid:f}"
    if line.remark_codes:
        written["remark_codes"] = list(line.remark_codes)
    if line.adjustments:
        written["adjustments"] = adjustments(line.adjustments)
    if line.edit_ids:
        written["edit_ids"] = list(line.edit_ids)
    put(written, "pricing_method", line.pricing_method)
    put(written, "fee_schedule_reference", line.fee_schedule_reference)
    if line.adjudicated_procedure is not None:
        _put_procedure(written, line.adjudicated_procedure)
    return written


def _put_procedure(written: Document, procedure: Procedure) -> None:
    written["adjudicated_procedure_system"] = procedure.code_system.value
    put(written, "adjudicated_procedure_code", procedure.code)
    put(written, "adjudicated_procedure_description", procedure.description)
    if procedure.modifiers:
        written["adjudicated_modifiers"] = list(procedure.modifiers)


def _with_adjudication(document: Document, **changes: Any) -> Document:
    document["adjudication"] = document["adjudication"] | changes
    return document


def _without_adjudication(document: Document) -> Document:
    if "adjudication" not in document:
        return document
    kept = {name: value for name, value in document.items() if name not in _OF_ADJUDICATION}
    if "service_lines" in document:
        kept["service_lines"] = [
            {name: value for name, value in line.items() if name not in _OF_ADJUDICATED_LINE}
            for line in document["service_lines"]
        ]
    return kept
