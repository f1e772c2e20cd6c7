"""Claims as they are submitted: professional, institutional and dental, all without a fault."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from server.claims.document import (
    ClaimDocument,
    ClaimType,
    CodeSystem,
    Diagnosis,
    DiagnosisQualifier,
    Payer,
    Person,
    Procedure,
    Provider,
    ServiceLine,
)

SERVICE_DAY = date(2026, 2, 10)


def money(text: str) -> Decimal:
    return Decimal(text)


def service_line(number: int, charge: str, **changes: Any) -> ServiceLine:
    fields: dict[str, Any] = {
        "line_number": number,
        "procedure": Procedure(code_system=CodeSystem.HCPCS, code="99213"),
        "charge": money(charge),
        "units": Decimal(1),
        "unit_basis_code": "UN",
        "service_from_date": SERVICE_DAY,
        "diagnosis_pointers": (1,),
    }
    return ServiceLine(**(fields | changes))


def professional(*charges: str, **changes: Any) -> ClaimDocument:
    """A claim that passes every edit."""
    stated = charges or ("100.00", "50.00")
    fields: dict[str, Any] = {
        "type": ClaimType.PROFESSIONAL,
        "patient_control_number": "PCN-1",
        "frequency_code": "1",
        "total_charge": sum(map(Decimal, stated), Decimal("0.00")),
        "currency_code": "USD",
        "place_of_service_code": "11",
        "payer": Payer(payer_id="PAYER1", name="A Plan"),
        "billing_provider": Provider(npi="1234567893", name="A Practice"),
        "subscriber": Person(member_id="M-1", birth_date=date(1970, 1, 1)),
        "diagnoses": (
            Diagnosis(
                qualifier=DiagnosisQualifier.PRINCIPAL,
                code_system=CodeSystem.ICD_10_CM,
                code="M1711",
            ),
        ),
        "service_lines": tuple(
            service_line(place, charge, procedure=_service(place))
            for place, charge in enumerate(stated, 1)
        ),
    }
    return ClaimDocument(**(fields | changes))


def _service(place: int) -> Procedure:
    """Another service on each line, since equal ones are suspected to be one (E11)."""
    return Procedure(code_system=CodeSystem.HCPCS, code=str(99212 + place))


def institutional(**changes: Any) -> ClaimDocument:
    """A hospital's claim that passes every edit."""
    fields: dict[str, Any] = {
        "type": ClaimType.INSTITUTIONAL,
        "place_of_service_code": "",
        "facility_type_code": "11",
        "statement_from_date": date(2026, 2, 9),
        "statement_through_date": date(2026, 2, 12),
        "admission_date": date(2026, 2, 9),
        "patient_status_code": "01",
        "attending_provider": Provider(npi="1993999998"),
        "service_lines": (service_line(1, "150.00", revenue_code="0450"),),
    }
    return professional(**(fields | changes))


def dental(**changes: Any) -> ClaimDocument:
    """A dentist's claim that passes every edit."""
    line = service_line(1, "150.00", procedure=Procedure(code_system=CodeSystem.CDT, code="D1110"))
    fields: dict[str, Any] = {
        "type": ClaimType.DENTAL,
        "diagnoses": (),
        "service_lines": (replace(line, diagnosis_pointers=()),),
    }
    return professional(**(fields | changes))
