"""The first document of a claim: what was submitted, without anything that names a person.

Member and patient control numbers are there as keyed hashes only; names, dates of birth, addresses,
group numbers and free text are not there at all. What is empty is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from projections.views.view import Document
from server.claims import codec
from server.claims.document import (
    Adjustment,
    ClaimDocument,
    Diagnosis,
    Provider,
    ServiceLine,
    Source,
)
from server.claims.events import ClaimReceived, Recorded

# Tenant, kind of value ("member", "patient_control_number") and value to the keyed hash.
KeyedHash = Callable[[UUID, str, str], str]

_CENT = Decimal("0.01")


def time(moment: datetime) -> str:
    """Return an instant as the index has it: ISO 8601 in UTC."""
    return codec.instant(moment)


def put_amount(target: Document, name: str, amount: Decimal | None) -> None:
    """Write an amount as exact text and as integer cents, or nothing when there is none.

    Text keeps what was sent; cents of an amount with more decimals (a rejected claim may have one)
    round half up.
    """
    if amount is None:
        return
    in_cents = amount.quantize(_CENT, ROUND_HALF_UP)
    target[name] = f"{in_cents if in_cents == amount else amount:f}"
    target[f"{name}_cents"] = int(in_cents.scaleb(2))


def adjustments(values: Iterable[Adjustment]) -> list[Document]:
    """Return adjustments as the index has them."""
    written = []
    for one in values:
        entry: Document = {"group_code": one.group_code, "reason_code": one.reason_code}
        put_amount(entry, "amount", one.amount)
        written.append(entry)
    return written


def received(recorded: Recorded, event: ClaimReceived, keyed_hash: KeyedHash) -> Document:
    """Return the document of a claim that was just received."""
    claim = event.document
    written: Document = {
        "tenant_id": str(recorded.tenant_id),
        "claim_id": str(recorded.claim_id),
        "claim_number": event.claim_number,
        "receipt_date": event.receipt_date.isoformat(),
        "receive_time": time(event.received_at),
        "submitted_by": event.submitted_by,
        "attachment_count": 0,
        "note_count": 0,
        "open_information_requests": 0,
    }
    _put(written, "queue", event.queue)
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
    if claim.source is not None:
        written["source"] = _source(claim.source)
    written["text"] = _text(event)
    return written


def _put(target: Document, name: str, value: str) -> None:
    if value:
        target[name] = value


def _put_day(target: Document, name: str, day: date | None) -> None:
    if day is not None:
        target[name] = day.isoformat()


def _put_header(written: Document, claim: ClaimDocument) -> None:
    written["type"] = claim.type.value
    put_amount(written, "total_charge", claim.total_charge)
    for name in (
        "frequency_code", "currency_code", "line_of_business", "jurisdiction",
        "claim_filing_indicator", "payer_sequence", "place_of_service_code", "facility_type_code",
        "drg_code", "patient_status_code", "admission_type_code",
    ):  # fmt: skip
        _put(written, name, getattr(claim, name))
    if claim.payer is not None:
        _put(written, "payer_id", claim.payer.payer_id)
        _put(written, "payer_name", claim.payer.name)


def _put_providers(written: Document, claim: ClaimDocument) -> None:
    billing = claim.billing_provider
    if billing is not None:
        _put(written, "billing_npi", billing.npi)
        _put(written, "billing_name", billing.name)
        _put(written, "billing_taxonomy_code", billing.taxonomy_code)
    for name, provider in (
        ("rendering_npi", claim.rendering_provider),
        ("referring_npi", claim.referring_provider),
        ("attending_npi", claim.attending_provider),
        ("operating_npi", claim.operating_provider),
        ("facility_npi", claim.service_facility),
    ):
        if provider is not None:
            _put(written, name, provider.npi)


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
        _put_day(written, name, getattr(claim, name))
    lines = claim.service_lines
    first = [claim.statement_from_date, *(line.service_from_date for line in lines)]
    last = [
        claim.statement_through_date,
        *(line.service_through_date or line.service_from_date for line in lines),
    ]
    days = [day for day in (*first, *last) if day is not None]
    _put_day(written, "service_from_date", min((d for d in first if d), default=None))
    _put_day(written, "service_through_date", max(days, default=None))


def _diagnosis(place: int, one: Diagnosis) -> Document:
    written: Document = {
        "position": place,
        "qualifier": one.qualifier.value,
        "code_system": one.code_system.value,
    }
    _put(written, "code", one.code)
    _put(written, "present_on_admission_code", one.present_on_admission_code)
    return written


def _service_line(line: ServiceLine) -> Document:
    written: Document = {"line_number": line.line_number}
    procedure = line.procedure
    if procedure is not None:
        written["procedure_system"] = procedure.code_system.value
        _put(written, "procedure_code", procedure.code)
        _put(written, "procedure_description", procedure.description)
        if procedure.modifiers:
            written["modifiers"] = list(procedure.modifiers)
    _put(written, "revenue_code", line.revenue_code)
    if line.drug is not None:
        _put(written, "ndc", line.drug.ndc)
    put_amount(written, "charge", line.charge)
    if line.units is not None:
        written["units"] = f"{line.units:f}"
        written["units_number"] = float(line.units)
    _put(written, "unit_basis_code", line.unit_basis_code)
    _put_day(written, "service_from_date", line.service_from_date)
    _put_day(written, "service_through_date", line.service_through_date)
    _put(written, "place_of_service_code", line.place_of_service_code)
    if line.diagnosis_pointers:
        written["diagnosis_pointers"] = list(line.diagnosis_pointers)
    if line.rendering_provider is not None:
        _put(written, "rendering_npi", line.rendering_provider.npi)
    return written


def _source(source: Source) -> Document:
    written: Document = {"position": source.position}
    for name in ("system", "batch", "charge_basis", "record_id"):
        _put(written, name, getattr(source, name))
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
