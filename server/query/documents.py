"""From a document of the index to a `Claim` message, by hand, since generic code costs more.

A document has no direct identifiers, so what comes out is the BASIC view. What is not in the
document stays unset.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from claimflow.v1 import claim_pb2, document_pb2
from server.query.queries import as_list

Source = Mapping[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _values(enum: Any) -> dict[str, int]:
    prefix = enum.keys()[0].removesuffix("UNSPECIFIED")
    return {name.removeprefix(prefix): number for name, number in enum.items()}


# Unknown names (of a newer worker) become UNSPECIFIED.
STATES = _values(claim_pb2.ClaimState)
DECISIONS = _values(claim_pb2.Decision)
SEVERITIES = _values(claim_pb2.EditSeverity)
PARTIES = _values(claim_pb2.InformationParty)
REQUEST_STATUSES = _values(claim_pb2.InformationRequestStatus)
CLAIM_TYPES = _values(document_pb2.ClaimType)
CODE_SYSTEMS = _values(document_pb2.CodeSystem)
QUALIFIERS = _values(document_pb2.DiagnosisQualifier)


def date_of(text: str | None) -> Date | None:
    """Return a date message of ISO text, None of none."""
    if not text:
        return None
    return Date(year=int(text[:4]), month=int(text[5:7]), day=int(text[8:10]))


def time_of(text: str | None) -> Timestamp | None:
    """Return a timestamp message of ISO text, None of none."""
    return timestamp(datetime.fromisoformat(text)) if text else None


def timestamp(moment: datetime) -> Timestamp:
    """Return a timestamp message, exact to the microsecond."""
    since = moment - _EPOCH
    return Timestamp(seconds=since.days * 86400 + since.seconds, nanos=since.microseconds * 1000)


def claim_of(source: Source) -> claim_pb2.Claim:
    """Return the claim that a document of the index shows."""
    get = source.get
    return claim_pb2.Claim(
        claim_id=source["claim_id"],
        claim_number=get("claim_number"),
        state=STATES.get(source["state"], 0),  # type: ignore[arg-type]
        version=source["version"],
        head_hash=get("head_hash"),
        document=_document(source),
        findings=[_finding(one) for one in get("findings") or ()],
        adjudication=_adjudication(source),
        decision=DECISIONS.get(get("decision") or "", 0),  # type: ignore[arg-type]
        pends=[_pend(one) for one in get("pends") or ()],
        information_requests=[
            _information_request(one) for one in get("information_requests") or ()
        ],
        assignment=_assignment(source),
        receive_time=time_of(get("receive_time")),
        receipt_date=date_of(get("receipt_date")),
        update_time=time_of(get("update_time")),
        submitted_by=get("submitted_by"),
        policy_version=get("policy_version"),
    )


def _npi(source: Source, name: str) -> document_pb2.Provider | None:
    npi = source.get(name)
    return document_pb2.Provider(npi=npi) if npi else None


def _document(source: Source) -> document_pb2.ClaimDocument:
    get = source.get
    billing = (get("billing_npi"), get("billing_name"), get("billing_taxonomy_code"))
    payer = (get("payer_id"), get("payer_name"))
    came_from = get("source")
    return document_pb2.ClaimDocument(
        type=CLAIM_TYPES.get(get("type") or "", 0),  # type: ignore[arg-type]
        frequency_code=get("frequency_code"),
        total_charge=get("total_charge"),
        currency_code=get("currency_code"),
        place_of_service_code=get("place_of_service_code"),
        facility_type_code=get("facility_type_code"),
        claim_filing_indicator=get("claim_filing_indicator"),
        payer_sequence=get("payer_sequence"),
        payer=document_pb2.Payer(payer_id=payer[0], name=payer[1]) if any(payer) else None,
        billing_provider=document_pb2.Provider(
            npi=billing[0], name=billing[1], taxonomy_code=billing[2]
        )
        if any(billing)
        else None,
        rendering_provider=_npi(source, "rendering_npi"),
        referring_provider=_npi(source, "referring_npi"),
        attending_provider=_npi(source, "attending_npi"),
        operating_provider=_npi(source, "operating_npi"),
        service_facility=_npi(source, "facility_npi"),
        diagnoses=[_diagnosis(one) for one in get("diagnoses") or ()],
        service_lines=[_service_line(one) for one in get("service_lines") or ()],
        statement_from_date=date_of(get("statement_from_date")),
        statement_through_date=date_of(get("statement_through_date")),
        admission_date=date_of(get("admission_date")),
        discharge_date=date_of(get("discharge_date")),
        patient_status_code=get("patient_status_code"),
        admission_type_code=get("admission_type_code"),
        drg_code=get("drg_code"),
        line_of_business=get("line_of_business"),
        jurisdiction=get("jurisdiction"),
        source=document_pb2.Source(
            system=came_from.get("system"),
            batch=came_from.get("batch"),
            position=came_from.get("position"),
            charge_basis=came_from.get("charge_basis"),
            record_id=came_from.get("record_id"),
        )
        if came_from
        else None,
    )


def _diagnosis(one: Source) -> document_pb2.Diagnosis:
    return document_pb2.Diagnosis(
        qualifier=QUALIFIERS.get(one.get("qualifier") or "", 0),  # type: ignore[arg-type]
        code_system=CODE_SYSTEMS.get(one.get("code_system") or "", 0),  # type: ignore[arg-type]
        code=one.get("code"),
        present_on_admission_code=one.get("present_on_admission_code"),
    )


def _service_line(one: Source) -> document_pb2.ServiceLine:
    get = one.get
    ndc = get("ndc")
    return document_pb2.ServiceLine(
        line_number=get("line_number"),
        procedure=document_pb2.Procedure(
            code_system=CODE_SYSTEMS.get(get("procedure_system") or "", 0),  # type: ignore[arg-type]
            code=get("procedure_code"),
            modifiers=as_list(get("modifiers")),
            description=get("procedure_description"),
        )
        if get("procedure_code") or get("procedure_system")
        else None,
        revenue_code=get("revenue_code"),
        drug=document_pb2.Drug(ndc=ndc) if ndc else None,
        charge=get("charge"),
        units=get("units"),
        unit_basis_code=get("unit_basis_code"),
        service_from_date=date_of(get("service_from_date")),
        service_through_date=date_of(get("service_through_date")),
        place_of_service_code=get("place_of_service_code"),
        diagnosis_pointers=as_list(get("diagnosis_pointers")),
        rendering_provider=_npi(one, "rendering_npi"),
    )


def _adjustment(one: Source) -> document_pb2.Adjustment:
    return document_pb2.Adjustment(
        group_code=one.get("group_code"),
        reason_code=one.get("reason_code"),
        amount=one.get("amount"),
    )


def _adjudication(source: Source) -> claim_pb2.Adjudication | None:
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
    )


def _finding(one: Source) -> claim_pb2.Finding:
    get = one.get
    return claim_pb2.Finding(
        edit_id=get("edit_id"),
        severity=SEVERITIES.get(get("severity") or "", 0),  # type: ignore[arg-type]
        field_path=get("field_path"),
        message=get("message"),
        status_category_code=get("status_category_code"),
        status_code=get("status_code"),
    )


def _pend(one: Source) -> claim_pb2.Pend:
    return claim_pb2.Pend(
        code=one.get("code"),
        opened_by=one.get("opened_by"),
        open_time=time_of(one.get("open_time")),
        resolve_time=time_of(one.get("resolve_time")),
    )


def _information_request(one: Source) -> claim_pb2.InformationRequest:
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


def _assignment(source: Source) -> claim_pb2.Assignment | None:
    queue, assignee = source.get("queue"), source.get("assignee")
    if not queue and not assignee:
        return None
    return claim_pb2.Assignment(
        queue=queue,
        assignee=assignee,
        lease_expire_time=time_of(source.get("lease_expire_time")),
    )
