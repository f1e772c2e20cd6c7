"""From a document of the index to a `Claim` message, by hand, since generic code costs more.

A document has no direct identifiers, so what comes out is the BASIC view. What is not in the
document stays unset.
"""

from __future__ import annotations

from claimflow.v1 import claim_pb2, document_pb2
from server.query import documents_decided as decided
from server.query.documents_decided import Source
from server.query.queries import as_list
from server.query.values import (
    CLAIM_TYPES,
    CODE_SYSTEMS,
    DECISIONS,
    QUALIFIERS,
    STATES,
    date_of,
    time_of,
)


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
        findings=[decided.finding(one) for one in get("findings") or ()],
        adjudication=decided.adjudication(source),
        decision=DECISIONS.get(get("decision") or "", 0),  # type: ignore[arg-type]
        pends=[decided.pend(one) for one in get("pends") or ()],
        information_requests=[
            decided.information_request(one) for one in get("information_requests") or ()
        ],
        assignment=decided.assignment(source),
        receive_time=time_of(get("receive_time")),
        receipt_date=date_of(get("receipt_date")),
        update_time=time_of(get("update_time")),
        submitted_by=get("submitted_by"),
        policy_version=get("policy_version"),
        decide_time=time_of(get("decide_time")),
        link=decided.link(source),
        next_claim_id=get("next_claim_id"),
        payment=decided.payment(source),
        holds=[decided.hold(one) for one in get("holds") or ()],
        appeals=[decided.appeal(one) for one in get("appeals") or ()],
        breach_time=time_of(get("breach_time")),
    )


def _npi(source: Source, name: str) -> document_pb2.Provider | None:
    npi = source.get(name)
    return document_pb2.Provider(npi=npi) if npi else None


def _document(source: Source) -> document_pb2.ClaimDocument:
    get = source.get
    billing = (get("billing_npi"), get("billing_name"), get("billing_taxonomy_code"))
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
        payer=_payer(source),
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
        pay_to_provider=_npi(source, "pay_to_npi"),
        diagnoses=[_diagnosis(one) for one in get("diagnoses") or ()],
        service_lines=[_service_line(one) for one in get("service_lines") or ()],
        statement_from_date=date_of(get("statement_from_date")),
        statement_through_date=date_of(get("statement_through_date")),
        admission_date=date_of(get("admission_date")),
        discharge_date=date_of(get("discharge_date")),
        patient_status_code=get("patient_status_code"),
        admission_type_code=get("admission_type_code"),
        drg_code=get("drg_code"),
        prior_payers=[_prior_payer(one) for one in get("prior_payers") or ()],
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


def _payer(source: Source) -> document_pb2.Payer | None:
    payer_id, name = source.get("payer_id"), source.get("payer_name")
    return document_pb2.Payer(payer_id=payer_id, name=name) if payer_id or name else None


def _prior_payer(one: Source) -> document_pb2.PriorPayer:
    get = one.get
    return document_pb2.PriorPayer(
        payer=_payer(one),
        payer_sequence=get("payer_sequence"),
        claim_filing_indicator=get("claim_filing_indicator"),
        paid_amount=get("paid_amount"),
        remaining_patient_liability=get("remaining_patient_liability"),
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
