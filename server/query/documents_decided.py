"""What was decided, told and done on a claim, from a document of the index to messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from claimflow.v1 import claim_pb2, document_pb2
from server.query.queries import as_list
from server.query.values import (
    APPEAL_OUTCOMES,
    APPEAL_STATUSES,
    CODE_SYSTEMS,
    DECISIONS,
    MODES,
    PARTIES,
    RELATIONS,
    REQUEST_STATUSES,
    SEVERITIES,
    date_of,
    time_of,
)

Source = Mapping[str, Any]


def adjudication(source: Source) -> claim_pb2.Adjudication | None:
    """Return the determination that stands on a claim."""
    found = source.get("adjudication")
    if not found or not found.get("number"):
        return None
    get = source.get
    return claim_pb2.Adjudication(
        adjudication_number=found["number"],
        adjudication_hash=found.get("hash"),
        lines=[
            _adjudication_line(one)
            for one in get("service_lines") or ()
            if one.get("paid") is not None or one.get("denied") is not None
        ],
        adjustments=[_adjustment(one) for one in get("adjustments") or ()],
        paid=get("paid"),
        allowed=get("allowed"),
        patient_responsibility=get("patient_responsibility"),
        decision=DECISIONS.get(found.get("decision") or "", 0),  # type: ignore[arg-type]
        adjudicator=found.get("adjudicator"),
        adjudicate_time=time_of(found.get("adjudicate_time")),
        approvals_needed=found.get("approvals_needed"),
        approvals=[
            claim_pb2.Approval(approver=approver) for approver in as_list(found.get("approvers"))
        ],
        final=bool(found.get("final")),
        mode=MODES.get(found.get("mode") or "", 0),  # type: ignore[arg-type]
        shares=[_share(one) for one in found.get("shares") or ()],
        provenance=_provenance(found.get("provenance")),
    )


def _share(one: Source) -> claim_pb2.Share:
    get = one.get
    return claim_pb2.Share(
        plan_id=get("plan_id"),
        benefit_year=get("benefit_year"),
        deductible=get("deductible"),
        out_of_pocket=get("out_of_pocket"),
    )


def _provenance(found: Source | None) -> claim_pb2.Provenance | None:
    if found is None:
        return None
    get = found.get
    return claim_pb2.Provenance(
        policy_version=get("policy_version"),
        plan_id=get("plan_id"),
        plan_version=get("plan_version"),
        fee_schedule_versions=as_list(get("fee_schedule_versions")),
        code_edits_version=get("code_edits_version"),
    )


def _adjudication_line(one: Source) -> claim_pb2.AdjudicationLine:
    get = one.get
    return claim_pb2.AdjudicationLine(
        line_number=get("line_number"),
        charge=get("charge"),
        allowed=get("allowed"),
        paid=get("paid"),
        adjustments=[_adjustment(each) for each in get("adjustments") or ()],
        remark_codes=as_list(get("remark_codes")),
        denied=bool(get("denied")),
        units_paid=get("units_paid"),
        adjudicated_procedure=_adjudicated_procedure(one),
        edit_ids=as_list(get("edit_ids")),
        pricing_method=get("pricing_method"),
        fee_schedule_reference=get("fee_schedule_reference"),
    )


def _adjudicated_procedure(one: Source) -> document_pb2.Procedure | None:
    get = one.get
    if "adjudicated_procedure_system" not in one:
        return None
    return document_pb2.Procedure(
        code_system=CODE_SYSTEMS.get(get("adjudicated_procedure_system") or "", 0),  # type: ignore[arg-type]
        code=get("adjudicated_procedure_code"),
        modifiers=as_list(get("adjudicated_modifiers")),
        description=get("adjudicated_procedure_description"),
    )


def _adjustment(one: Source) -> document_pb2.Adjustment:
    return document_pb2.Adjustment(
        group_code=one.get("group_code"),
        reason_code=one.get("reason_code"),
        amount=one.get("amount"),
    )


def payment(source: Source) -> claim_pb2.Payment | None:
    """Return what the last remittance told and paid of a claim."""
    found = source.get("payment")
    if not found:
        return None
    get = found.get
    return claim_pb2.Payment(
        adjudication_number=get("number"),
        remittance_id=get("remittance_id"),
        trace_number=get("trace_number"),
        payment_date=date_of(get("payment_date")),
        paid=get("paid"),
        interest=get("interest"),
        overpayments=[_overpayment(one) for one in get("overpayments") or ()],
    )


def _overpayment(one: Source) -> claim_pb2.Overpayment:
    get = one.get
    return claim_pb2.Overpayment(
        overpayment_id=get("overpayment_id"),
        amount=get("amount"),
        recouped=get("recouped"),
        recorded_by=get("recorded_by"),
        record_time=time_of(get("record_time")),
    )


def link(source: Source) -> claim_pb2.Link | None:
    """Return what a claim replaces or voids."""
    found = source.get("link")
    if not found:
        return None
    get = found.get
    return claim_pb2.Link(
        relation=RELATIONS.get(get("relation") or "", 0),  # type: ignore[arg-type]
        prior_claim_id=get("prior_claim_id"),
        prior_claim_number=get("prior_claim_number"),
        original_claim_id=get("original_claim_id"),
        original_claim_number=get("original_claim_number"),
    )


def hold(one: Source) -> claim_pb2.Hold:
    """Return a stop of payment."""
    get = one.get
    return claim_pb2.Hold(
        kind=get("kind"),
        placed_by=get("placed_by"),
        place_time=time_of(get("place_time")),
        released_by=get("released_by"),
        release_time=time_of(get("release_time")),
    )


def appeal(one: Source) -> claim_pb2.Appeal:
    """Return an appeal."""
    get = one.get
    return claim_pb2.Appeal(
        appeal_id=get("appeal_id"),
        level=get("level"),
        adjudication_number=get("adjudication_number"),
        line_numbers=as_list(get("line_numbers")),
        amount_in_controversy=get("amount_in_controversy"),
        filed_by=get("filed_by"),
        file_time=time_of(get("file_time")),
        due_date=date_of(get("due_date")),
        good_cause_code=get("good_cause_code"),
        status=APPEAL_STATUSES.get(get("status") or "", 0),  # type: ignore[arg-type]
        outcome=APPEAL_OUTCOMES.get(get("outcome") or "", 0),  # type: ignore[arg-type]
        closed_by=get("closed_by"),
        close_time=time_of(get("close_time")),
        late=bool(get("late")),
    )


def finding(one: Source) -> claim_pb2.Finding:
    """Return a failed edit."""
    get = one.get
    return claim_pb2.Finding(
        edit_id=get("edit_id"),
        severity=SEVERITIES.get(get("severity") or "", 0),  # type: ignore[arg-type]
        field_path=get("field_path"),
        message=get("message"),
        status_category_code=get("status_category_code"),
        status_code=get("status_code"),
    )


def pend(one: Source) -> claim_pb2.Pend:
    """Return a reason why a claim may not be finalised."""
    return claim_pb2.Pend(
        code=one.get("code"),
        opened_by=one.get("opened_by"),
        open_time=time_of(one.get("open_time")),
        resolve_time=time_of(one.get("resolve_time")),
    )


def information_request(one: Source) -> claim_pb2.InformationRequest:
    """Return a question to an outside party."""
    get = one.get
    return claim_pb2.InformationRequest(
        information_request_id=get("information_request_id"),
        party=PARTIES.get(get("party") or "", 0),  # type: ignore[arg-type]
        control_number=get("control_number"),
        due_date=date_of(get("due_date")),
        status=REQUEST_STATUSES.get(get("status") or "", 0),  # type: ignore[arg-type]
        request_time=time_of(get("request_time")),
        close_time=time_of(get("close_time")),
    )


def assignment(source: Source) -> claim_pb2.Assignment | None:
    """Return who works on a claim."""
    queue, assignee = source.get("queue"), source.get("assignee")
    if not queue and not assignee:
        return None
    return claim_pb2.Assignment(
        queue=queue,
        assignee=assignee,
        lease_expire_time=time_of(source.get("lease_expire_time")),
    )
