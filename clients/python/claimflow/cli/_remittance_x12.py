"""A remittance as X12 835: the contract's message and the claims it pays, as the writer's values.

An 835 says more than a remittance of the contract: who the patient is, which is read from the
claims; the payer's address and accounts, a `Profile`.
"""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

import click

from claimflow import remittance as x12
from claimflow.cli._remittance_profile import Profile
from claimflow.client import Client
from claimflow.client.values import amount, to_date, to_datetime
from claimflow.remittance import CannotWrite
from claimflow.v1 import claim_pb2, document_pb2, remittance_pb2
from claimflow.v1.query_service_pb2 import CLAIM_VIEW_FULL

CLAIMS_READ_MAX = 100
CONTROL_NUMBER_MAX = 999_999_999
NAME_MAX = 60
FIRST_NAME_MAX = 35

# By claim id.
Claims = Mapping[str, claim_pb2.Claim]

# BPR01 and BPR04.
_METHODS: Mapping[int, tuple[str, str]] = {
    remittance_pb2.PAYMENT_METHOD_ACH: ("I", "ACH"),
    remittance_pb2.PAYMENT_METHOD_CHECK: ("I", "CHK"),
    remittance_pb2.PAYMENT_METHOD_NON_PAYMENT: ("H", "NON"),
}
_SYSTEMS: Mapping[int, str] = {
    document_pb2.CODE_SYSTEM_UNSPECIFIED: "HC",
    document_pb2.CODE_SYSTEM_HCPCS: "HC",
    document_pb2.CODE_SYSTEM_CDT: "AD",
}
_NDC = "N4"
# "Mutually defined": the claim does not say what kind of insurance pays it.
_FILING_UNKNOWN = "ZZ"
_NPI_DIGITS = 10
_DELIMITERS = str.maketrans("*:^~", "    ")


def as_835(
    client: Client,
    remittance: remittance_pb2.Remittance,
    profile: Profile,
    control_number: int | None = None,
) -> str:
    """Return an interchange of this one remittance; the same one twice is the same text."""
    claims, hidden = _read_claims(client, remittance)
    try:
        advice = as_values(remittance, claims, profile)
        text = x12.write([advice], _interchange(remittance, advice, profile, control_number))
    except CannotWrite as error:
        hint = "; some fields are hidden from your role" if hidden else ""
        raise click.ClickException(f"cannot be written as an 835: {error}{hint}") from None
    if hidden:
        click.echo("some fields are hidden from your role and left out", err=True)
    return text


def _read_claims(client: Client, remittance: remittance_pb2.Remittance) -> tuple[Claims, bool]:
    """Return its claims by id, and whether some of their fields are hidden."""
    ids = list(dict.fromkeys(claim.claim_id for claim in remittance.claims))
    claims: dict[str, claim_pb2.Claim] = {}
    hidden = bool(remittance.redacted_fields)
    for begin in range(0, len(ids), CLAIMS_READ_MAX):
        some = ids[begin : begin + CLAIMS_READ_MAX]
        for claim in client.batch_get_claims(some, view=CLAIM_VIEW_FULL).claims:
            claims[claim.claim_id] = claim
            hidden = hidden or bool(claim.redacted_fields)
    return claims, hidden


def _interchange(
    remittance: remittance_pb2.Remittance,
    advice: x12.Remittance,
    profile: Profile,
    control_number: int | None,
) -> x12.Interchange:
    number = control_number
    if number is None:
        number = uuid.UUID(remittance.remittance_id).int % CONTROL_NUMBER_MAX + 1
    return x12.Interchange(
        sender=profile.sender or remittance.payer_id,
        receiver=profile.receiver or advice.payee.identifier,
        created=to_datetime(remittance.issue_time),
        control_number=number,
        group_control_number=number,
        usage=profile.usage,
    )


def as_values(
    remittance: remittance_pb2.Remittance, claims: Claims, profile: Profile
) -> x12.Remittance:
    """Return a remittance as the writer takes it; `CannotWrite` says what is missing."""
    handling, method = _METHODS[remittance.method]
    paid_on = to_date(remittance.payment_date)
    documents = [claim.document for claim in claims.values()]
    payee = _payee(remittance.payee, documents)
    return x12.Remittance(
        payer=_payer(remittance, documents, profile),
        payee=payee,
        trace_number=remittance.trace_number,
        trace_originator=profile.trace_originator,
        payment_date=paid_on,
        amount=_amount(remittance.amount, "BPR02"),
        handling_code=handling,
        method_code=method,
        currency_code=remittance.currency_code,
        transfer=profile.transfer if method == "ACH" else None,
        claims=tuple(_claim(claim, claims.get(claim.claim_id)) for claim in remittance.claims),
        provider_adjustments=tuple(
            x12.ProviderAdjustment(
                provider_id=payee.identifier,
                fiscal_date=date(paid_on.year, 12, 31) if paid_on is not None else None,
                reason_code=item.reason_code,
                reference=item.reference,
                amount=_amount(item.amount, "PLB04"),
            )
            for item in remittance.provider_adjustments
        ),
    )


def _payer(
    remittance: remittance_pb2.Remittance,
    documents: Iterable[document_pb2.ClaimDocument],
    profile: Profile,
) -> x12.Party:
    named = (document.payer.name for document in documents if document.payer.name)
    name = profile.payer.name or _plain(next(named, remittance.payer_id), NAME_MAX)
    return profile.payer_named(name)


def _payee(payee: str, documents: Iterable[document_pb2.ClaimDocument]) -> x12.Party:
    """Return who is paid, as the claims describe them."""
    provider = next(map(_paid_provider, documents), document_pb2.Provider())
    if len(payee) == _NPI_DIGITS and payee.isascii() and payee.isdigit():
        qualifier, identifier = "XX", payee
    elif provider.tax_id:
        qualifier, identifier = "FI", provider.tax_id
    else:
        raise CannotWrite("the payee has neither an NPI nor a tax number")
    address = provider.address
    known = bool(address.lines and address.city)
    return x12.Party(
        name=_plain(provider.name, NAME_MAX) or identifier,
        identifier_qualifier=qualifier,
        identifier=identifier,
        address_lines=tuple(_plain(line, 55) for line in address.lines[:2]) if known else (),
        city=_plain(address.city, 30) if known else "",
        state=address.state if known else "",
        postal_code=address.postal_code if known else "",
    )


def _paid_provider(document: document_pb2.ClaimDocument) -> document_pb2.Provider:
    other = document.pay_to_provider
    stated = other.npi or other.tax_id or other.other_id or other.name
    return other if stated else document.billing_provider


def _claim(claim: remittance_pb2.RemittedClaim, read: claim_pb2.Claim | None) -> x12.RemittedClaim:
    if read is None:
        raise CannotWrite("one of its claims cannot be read")
    document = read.document
    begin, end = to_date(document.statement_from_date), to_date(document.statement_through_date)
    services = {service.line_number: service for service in claim.services}
    unknown = remittance_pb2.RemittedService()
    return x12.RemittedClaim(
        patient_control_number=claim.patient_control_number or document.patient_control_number,
        status_code=claim.status_code,
        charge=_amount(claim.charge, "CLP03"),
        paid=_amount(claim.paid, "CLP04"),
        patient_responsibility=_amount(claim.patient_responsibility, "CLP05"),
        filing_indicator=document.claim_filing_indicator or _FILING_UNKNOWN,
        payer_claim_control_number=claim.claim_number,
        facility_type_code=document.facility_type_code or document.place_of_service_code,
        frequency_code=document.frequency_code,
        patient=_patient(document),
        adjustments=_adjustments(claim.adjustments),
        statement_from=begin,
        statement_through=end if begin is not None and end != begin else None,
        received=to_date(read.receipt_date),
        lines=tuple(_line(line, services.get(line.line_number, unknown)) for line in claim.lines),
    )


def _patient(document: document_pb2.ClaimDocument) -> x12.Patient:
    person = document.patient if document.HasField("patient") else document.subscriber
    member_id = person.member_id or document.subscriber.member_id
    return x12.Patient(
        last_name=_plain(person.last_name, NAME_MAX),
        first_name=_plain(person.first_name, FIRST_NAME_MAX),
        middle_name=_plain(person.middle_name, 25),
        identifier_qualifier="MI" if member_id else "",
        identifier=member_id,
    )


def _line(
    line: claim_pb2.AdjudicationLine, service: remittance_pb2.RemittedService
) -> x12.RemittanceLine:
    system, code, modifiers = _procedure(service)
    begin, end = to_date(service.service_from_date), to_date(service.service_through_date)
    return x12.RemittanceLine(
        charge=_amount(line.charge, "SVC02"),
        paid=_amount(line.paid, "SVC03"),
        procedure_system=system,
        procedure_code=code,
        modifiers=modifiers,
        revenue_code=service.revenue_code,
        units_paid=amount(line.units_paid) if line.units_paid else None,
        service_from=begin,
        service_through=end if begin is not None and end != begin else None,
        allowed=_amount(line.allowed, "AMT02"),
        adjustments=_adjustments(line.adjustments),
        remark_codes=tuple(line.remark_codes),
        control_number=service.line_control_number,
    )


def _procedure(service: remittance_pb2.RemittedService) -> tuple[str, str, tuple[str, ...]]:
    """Return what was paid for: qualifier, code, modifiers; all empty for a revenue code alone."""
    if service.procedure_code:
        system = _SYSTEMS.get(service.code_system)
        if system is None:
            raise CannotWrite("a procedure is of a code system that an 835 does not have")
        return system, service.procedure_code, tuple(service.modifiers)
    return (_NDC, service.ndc, ()) if service.ndc else ("", "", ())


def _adjustments(adjustments: Iterable[document_pb2.Adjustment]) -> tuple[x12.Adjustment, ...]:
    return tuple(
        x12.Adjustment(
            group_code=item.group_code,
            reason_code=item.reason_code,
            amount=_amount(item.amount, "an adjustment's amount"),
            quantity=amount(item.quantity) if item.quantity else None,
        )
        for item in adjustments
    )


def _amount(text: str, what: str) -> Decimal:
    if not text:
        raise CannotWrite(f"{what} is not known")
    return amount(text)


def _plain(text: str, length_max: int) -> str:
    """Return a name in the characters that an 835 has: no accents, no delimiters, not too long."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(letters.translate(_DELIMITERS).split())[:length_max].strip()
