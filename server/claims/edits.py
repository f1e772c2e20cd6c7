"""The intake edits E01, E02, E03, E13 and E14: presence, sums, identifiers, signs, frequency.

An edit looks at a claim as submitted and yields every fault it finds: the field's path, positions
counted from 0, and a short fact without any value. Whether a fault matters is the policy's to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from server.claims.benefits import Coverage
from server.claims.codes import Codes
from server.claims.document import ClaimDocument, ClaimType, Provider, ServiceLine
from server.claims.npi import valid_npi
from server.claims.policy import Policy
from server.claims.services import Service

Fault = tuple[str, str]  # field path, message

_ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """What a replacement or void must have in common with the claim it names (E07)."""

    claim_id: UUID
    payer_id: str
    billing_provider: str
    person_key: str


@dataclass(frozen=True, slots=True)
class Submission:
    """What an edit looks at."""

    document: ClaimDocument
    receipt_date: date
    policy: Policy
    codes: Codes
    services: tuple[Service, ...] = ()  # of the person's other live claims on these days (1.9)
    coverages: tuple[Coverage, ...] | None = None  # of the member; None: no table is loaded
    original: Original | None = None  # the claim that `original_claim_number` names, if we hold it

    @property
    def service_from_date(self) -> date | None:
        """The day that decides which codes are valid: the statement's or the earliest line's."""
        if self.document.statement_from_date is not None:
            return self.document.statement_from_date
        days = [line.service_from_date for line in self.document.service_lines]
        return min((day for day in days if day is not None), default=None)


def required_fields(submission: Submission) -> Iterator[Fault]:
    """E01: what every claim, its type and every line must have is there."""
    document = submission.document
    payer = document.payer
    billing = document.billing_provider
    present = {
        "type": document.type is not ClaimType.UNSPECIFIED,
        "patient_control_number": document.patient_control_number,
        "frequency_code": document.frequency_code,
        "total_charge": document.total_charge is not None,
        "payer.payer_id": payer and (payer.payer_id or payer.name),
        "billing_provider.npi": billing and (billing.npi or billing.tax_id),
        "subscriber.member_id": document.subscriber and document.subscriber.member_id,
        "service_lines": document.service_lines,
    }
    for path, value in present.items():
        if not value:
            yield path, "a required field is missing"
    yield from _required_by_type(document)
    yield from _line_numbers(submission)
    for place, line in enumerate(document.service_lines):
        yield from _required_on_line(document, line, f"service_lines[{place}].")


def _required_by_type(document: ClaimDocument) -> Iterator[Fault]:
    missing = "a field that this claim type requires is missing"
    if document.type is ClaimType.INSTITUTIONAL:
        attending = document.attending_provider
        if attending is None or not (attending.npi or attending.name):
            yield "attending_provider.npi", missing
        for path in ("facility_type_code", "statement_from_date", "statement_through_date"):
            if not getattr(document, path):
                yield path, missing
    elif document.type is not ClaimType.UNSPECIFIED and not document.place_of_service_code:
        for place, line in enumerate(document.service_lines):
            if not line.place_of_service_code:
                yield f"service_lines[{place}].place_of_service_code", missing
    if document.type is not ClaimType.DENTAL and not document.diagnoses:
        yield "diagnoses", missing


def _required_on_line(document: ClaimDocument, line: ServiceLine, path: str) -> Iterator[Fault]:
    missing = "a required field of a service line is missing"
    if line.charge is None:
        yield f"{path}charge", missing
    if document.type is ClaimType.INSTITUTIONAL:
        if not line.revenue_code:
            yield f"{path}revenue_code", missing
        return
    if line.service_from_date is None:
        yield f"{path}service_from_date", missing
    if line.procedure is None or not line.procedure.code:
        yield f"{path}procedure.code", missing


def _line_numbers(submission: Submission) -> Iterator[Fault]:
    document, policy = submission.document, submission.policy
    institutional = document.type is ClaimType.INSTITUTIONAL
    most = policy.institutional_lines_max if institutional else policy.professional_lines_max
    if len(document.service_lines) > most:
        yield "service_lines", "there are more service lines than this claim type may have"
    for place, line in enumerate(document.service_lines):
        if line.line_number != place + 1:
            path = f"service_lines[{place}].line_number"
            yield path, "line numbers do not count from 1 without a gap"


def charge_sum(submission: Submission) -> Iterator[Fault]:
    """E02: the total charge is the sum of the line charges (M2).

    Where the policy says so, an institutional header may exceed its lines (T-MSIS RULE-797).
    """
    document = submission.document
    if document.total_charge is None or not document.service_lines:
        return
    lines = sum((line.charge or _ZERO for line in document.service_lines), _ZERO)
    if document.total_charge == lines:
        return
    may_exceed = (
        document.type is ClaimType.INSTITUTIONAL
        and submission.policy.institutional_total_above_lines
    )
    if not (may_exceed and document.total_charge > lines):
        yield "total_charge", "the total charge is not the sum of the line charges"


def provider_identifiers(submission: Submission) -> Iterator[Fault]:
    """E03: every NPI that is given has ten digits, begins with 1 or 2, and checks."""
    document = submission.document
    providers: list[tuple[str, Provider | None]] = [
        ("billing_provider", document.billing_provider),
        ("rendering_provider", document.rendering_provider),
        ("referring_provider", document.referring_provider),
        ("attending_provider", document.attending_provider),
        ("operating_provider", document.operating_provider),
        ("service_facility", document.service_facility),
        ("pay_to_provider", document.pay_to_provider),
    ]
    for place, line in enumerate(document.service_lines):
        providers.append((f"service_lines[{place}].rendering_provider", line.rendering_provider))
    for path, provider in providers:
        if provider is not None and provider.npi and not valid_npi(provider.npi):
            yield f"{path}.npi", "the NPI has a wrong shape or check digit"


def signs(submission: Submission) -> Iterator[Fault]:
    """E13: charges are not negative, units are above zero: corrections void and replace instead."""
    document = submission.document
    if document.total_charge is not None and document.total_charge < 0:
        yield "total_charge", "the charge is negative"
    for place, line in enumerate(document.service_lines):
        if line.charge is not None and line.charge < 0:
            yield f"service_lines[{place}].charge", "the charge is negative"
        if line.units is not None and line.units <= 0:
            yield f"service_lines[{place}].units", "the units are not above zero"


def frequency(submission: Submission) -> Iterator[Fault]:
    """E14: claims of this type are taken in with this frequency code."""
    document = submission.document
    if document.type is ClaimType.UNSPECIFIED or not document.frequency_code:
        return
    taken = submission.policy.frequencies.get(document.type.value, ())
    if document.frequency_code not in taken:
        yield "frequency_code", "claims of this type are not taken in with this frequency code"
