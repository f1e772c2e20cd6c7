"""A claim's service lines as other claims are compared with: duplicates (1.9), code edits (1.10).

The provider of a service is the rendering one of the line, of the claim, or else the billing one,
by NPI, tax number, the payer's own number or name: whichever there is first.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from server.claims.document import ClaimDocument, Person, Provider, ServiceLine

_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service line, of this claim or of another one of the same member."""

    claim_id: UUID | None = None  # None: of the claim that is being decided
    line_number: int
    provider: str
    procedure_code: str = ""
    modifiers: tuple[str, ...] = ()
    revenue_code: str = ""
    place_of_service_code: str = ""
    detail: str = ""  # tooth, surfaces and drug: what else tells services of one code apart
    from_date: date | None = None
    through_date: date | None = None
    charge: Decimal | None = None
    units: Decimal | None = None
    denied: bool = False  # by a final decision: it takes up no units and pairs with nothing
    decided: bool = False  # its claim's decision is final

    @property
    def key(self) -> str:
        """What exact duplicates have in common besides the member (1.9); "" when undated."""
        if self.from_date is None:
            return ""
        return _digest(
            self.provider,
            self.procedure_code,
            ",".join(sorted(self.modifiers)),
            self.revenue_code,
            self.place_of_service_code,
            self.detail,
            self.from_date.isoformat(),
            (self.through_date or self.from_date).isoformat(),
            f"{self.charge or 0:.2f}",
        )

    def overlaps(self, other: Service) -> bool:
        """Tell whether two services have a day in common."""
        if self.from_date is None or other.from_date is None:
            return False
        return self.from_date <= (other.through_date or other.from_date) and other.from_date <= (
            self.through_date or self.from_date
        )


def identity(provider: Provider | None) -> str:
    """Return what a provider is known by, "" when by nothing.

    A tax number may be a person's, so it stands for its provider as a hash.
    """
    if provider is None:
        return ""
    tax = f"TAX-{_digest('tax', provider.tax_id)[:24]}" if provider.tax_id else ""
    return provider.npi or tax or provider.other_id or provider.name


def payee(document: ClaimDocument) -> str:
    """Return who is paid: the pay-to provider when there is one, else the billing provider."""
    return identity(document.pay_to_provider) or identity(document.billing_provider)


def member_number(document: ClaimDocument) -> str:
    """Return the number under which the plan knows the patient, "" when none is given."""
    for person in (document.patient, document.subscriber):
        if person is not None and person.member_id:
            return person.member_id
    return ""


def member_key(number: str) -> str:
    """Return what tables know a member number by; the number itself stays in sealed parts."""
    return _digest("member", number) if number else ""


def person_key(document: ClaimDocument) -> str:
    """Return what tables know the patient by: dependents often share the subscriber's number."""
    number = member_number(document)
    if not number:
        return ""
    patient = document.patient
    if patient is None or patient.member_id or _same(patient, document.subscriber):
        return member_key(number)
    born = patient.birth_date.isoformat() if patient.birth_date else ""
    return _digest("patient", number, born, patient.first_name)


def _same(patient: Person, subscriber: Person | None) -> bool:
    """Tell whether a patient without a number is the subscriber, or nobody says otherwise."""
    if subscriber is None:
        return False
    return (patient.birth_date or subscriber.birth_date) == subscriber.birth_date and (
        patient.first_name or subscriber.first_name
    ) == subscriber.first_name


def services_of(document: ClaimDocument, claim_id: UUID | None = None) -> tuple[Service, ...]:
    """Return the services of a claim as submitted."""
    return tuple(_service(document, line, claim_id) for line in document.service_lines)


def _service(document: ClaimDocument, line: ServiceLine, claim_id: UUID | None) -> Service:
    procedure = line.procedure
    provider = (
        identity(line.rendering_provider)
        or identity(document.rendering_provider)
        or identity(document.billing_provider)
    )
    first = line.service_from_date or document.statement_from_date
    last = line.service_through_date or line.service_from_date or document.statement_through_date
    return Service(
        claim_id=claim_id,
        line_number=line.line_number,
        provider=provider,
        procedure_code=procedure.code if procedure else "",
        modifiers=procedure.modifiers if procedure else (),
        revenue_code=line.revenue_code,
        place_of_service_code=line.place_of_service_code or document.place_of_service_code,
        detail=_detail(line),
        from_date=first,
        through_date=last,
        charge=line.charge,
        units=line.units,
    )


def _detail(line: ServiceLine) -> str:
    parts: list[str] = []
    if line.tooth is not None:
        tooth = line.tooth
        parts = [tooth.number, *sorted(tooth.surfaces), *sorted(tooth.oral_cavity_codes)]
    if line.drug is not None:
        parts.append(line.drug.ndc)
    return "/".join(part for part in parts if part)


def _digest(*parts: str) -> str:
    return hashlib.sha256(_SEPARATOR.join(parts).encode()).hexdigest()
