"""The first document of a claim: what was submitted, without anything that names a person.

Member and patient control numbers are there as keyed hashes only; names, dates of birth, addresses,
group numbers and free text are not there at all. What is empty is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from projections.views.claims_values import put, put_amount, put_day, time
from projections.views.view import Document
from server.claims.document import (
    ClaimDocument,
    Diagnosis,
    PriorPayer,
    Provider,
    ServiceLine,
    Source,
)
from server.claims.events import ClaimReceived, Recorded

# Tenant, kind of value ("member", "patient_control_number") and value to the keyed hash.
KeyedHash = Callable[[UUID, str, str], str]


def received(recorded: Recorded, event: ClaimReceived, keyed_hash: KeyedHash) -> Document:
    """Return the document of a claim that was just received."""
    claim = event.document
    written: Document = {
        "tenant_id": str(recorded.tenant_id),
        "claim_id": str(recorded.claim_id),
        "claim_number": event.claim_number,
        "family_id": str(recorded.claim_id),
        "receipt_date": event.receipt_date.isoformat(),
        "receive_time": time(event.received_at),
        "submitted_by": event.submitted_by,
        "attachment_count": 0,
        "note_count": 0,
        "open_information_requests": 0,
        "open_appeals": 0,
        "reopening_count": 0,
    }
    put(written, "queue", event.queue)
    _put_header(written, claim)
    _put_providers(written, claim)
    _put_hashes(written, claim, lambda kind, value: keyed_hash(recorded.tenant_id, kind, value))
    _put_days(written, claim)
    if claim.diagnoses:
        written["diagnoses"] = [
            _diagnosis(place, one) for place, one in enumerate(claim.diagnoses, 1)
        ]
    if claim.service_lines:
        written["service_lines"] = [_service_line(one) for one in claim.service_lines]
    if claim.prior_payers:
        written["prior_payers"] = [prior_payer(one) for one in claim.prior_payers]
    if claim.source is not None:
        written["source"] = _source(claim.source)
    written["text"] = _text(event)
    return written


def _put_header(written: Document, claim: ClaimDocument) -> None:
    written["type"] = claim.type.value
    put_amount(written, "total_charge", claim.total_charge)
    for name in (
        "frequency_code", "currency_code", "line_of_business", "jurisdiction",
        "claim_filing_indicator", "payer_sequence", "place_of_service_code", "facility_type_code",
        "drg_code", "patient_status_code", "admission_type_code",
    ):  # fmt: skip
        put(written, name, getattr(claim, name))
    if claim.payer is not None:
        put(written, "payer_id", claim.payer.payer_id)
        put(written, "payer_name", claim.payer.name)


def _put_providers(written: Document, claim: ClaimDocument) -> None:
    billing = claim.billing_provider
    if billing is not None:
        put(written, "billing_npi", billing.npi)
        put(written, "billing_name", billing.name)
        put(written, "billing_taxonomy_code", billing.taxonomy_code)
    for name, provider in (
        ("rendering_npi", claim.rendering_provider),
        ("referring_npi", claim.referring_provider),
        ("attending_npi", claim.attending_provider),
        ("operating_npi", claim.operating_provider),
        ("facility_npi", claim.service_facility),
        ("pay_to_npi", claim.pay_to_provider),
    ):
        if provider is not None:
            put(written, name, provider.npi)


def _put_hashes(
    written: Document, claim: ClaimDocument, keyed_hash: Callable[[str, str], str]
) -> None:
    if claim.patient_control_number:
        written["patient_control_number_hash"] = keyed_hash(
            "patient_control_number", claim.patient_control_number
        )
    people = (person for person in (claim.subscriber, claim.patient) if person is not None)
    members = dict.fromkeys(person.member_id for person in people if person.member_id)
    if members:
        written["member_hash"] = [keyed_hash("member", member) for member in members]


def _put_days(written: Document, claim: ClaimDocument) -> None:
    for name in (
        "statement_from_date", "statement_through_date", "admission_date", "discharge_date",
    ):  # fmt: skip
        put_day(written, name, getattr(claim, name))
    lines = claim.service_lines
    first = [claim.statement_from_date, *(line.service_from_date for line in lines)]
    last = [
        claim.statement_through_date,
        *(line.service_through_date or line.service_from_date for line in lines),
    ]
    days = [day for day in (*first, *last) if day is not None]
    put_day(written, "service_from_date", min((d for d in first if d), default=None))
    put_day(written, "service_through_date", max(days, default=None))


def _diagnosis(place: int, one: Diagnosis) -> Document:
    written: Document = {
        "position": place,
        "qualifier": one.qualifier.value,
        "code_system": one.code_system.value,
    }
    put(written, "code", one.code)
    put(written, "present_on_admission_code", one.present_on_admission_code)
    return written


def _service_line(line: ServiceLine) -> Document:
    written: Document = {"line_number": line.line_number}
    procedure = line.procedure
    if procedure is not None:
        written["procedure_system"] = procedure.code_system.value
        put(written, "procedure_code", procedure.code)
        put(written, "procedure_description", procedure.description)
        if procedure.modifiers:
            written["modifiers"] = list(procedure.modifiers)
    put(written, "revenue_code", line.revenue_code)
    if line.drug is not None:
        put(written, "ndc", line.drug.ndc)
    put_amount(written, "charge", line.charge)
    if line.units is not None:
        written["units"] = f"{line.units:f}"
        written["units_number"] = float(line.units)
    put(written, "unit_basis_code", line.unit_basis_code)
    put_day(written, "service_from_date", line.service_from_date)
    put_day(written, "service_through_date", line.service_through_date)
    put(written, "place_of_service_code", line.place_of_service_code)
    if line.diagnosis_pointers:
        written["diagnosis_pointers"] = list(line.diagnosis_pointers)
    if line.rendering_provider is not None:
        put(written, "rendering_npi", line.rendering_provider.npi)
    return written


def prior_payer(one: PriorPayer) -> Document:
    """Return what an earlier payer decided on the whole claim, without its reasons."""
    written: Document = {}
    if one.payer is not None:
        put(written, "payer_id", one.payer.payer_id)
        put(written, "payer_name", one.payer.name)
    put(written, "payer_sequence", one.payer_sequence)
    put(written, "claim_filing_indicator", one.claim_filing_indicator)
    put_amount(written, "paid_amount", one.paid_amount)
    put_amount(written, "remaining_patient_liability", one.remaining_patient_liability)
    return written


def _source(source: Source) -> Document:
    written: Document = {"position": source.position}
    for name in ("system", "batch", "charge_basis", "record_id"):
        put(written, name, getattr(source, name))
    return written


def _text(event: ClaimReceived) -> list[str]:
    """Return what bare words find, each once: names of payers and providers, codes, procedures."""
    claim = event.document
    words: dict[str, Any] = {event.claim_number: None}
    if claim.payer is not None:
        words[claim.payer.name] = words[claim.payer.payer_id] = None
    for provider in (
        claim.billing_provider, claim.rendering_provider, claim.referring_provider,
        claim.attending_provider, claim.operating_provider, claim.service_facility,
    ):  # fmt: skip
        if provider is not None:
            words[_name(provider)] = None
    for diagnosis in claim.diagnoses:
        words[diagnosis.code] = None
    for line in claim.service_lines:
        if line.procedure is not None:
            words[line.procedure.code] = words[line.procedure.description] = None
        words[line.revenue_code] = None
        if line.drug is not None:
            words[line.drug.ndc] = None
        if line.rendering_provider is not None:
            words[_name(line.rendering_provider)] = None
    words[claim.drg_code] = None
    return [word for word in words if word]


def _name(provider: Provider) -> str:
    return f"{provider.first_name} {provider.name}".strip()
