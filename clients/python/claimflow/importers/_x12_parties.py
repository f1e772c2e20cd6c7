"""Providers, subscribers, patients and payers of an 837 (NM1, N3, N4, REF, PRV, DMG, PAT, SBR)."""

from __future__ import annotations

from collections.abc import Sequence

from claimflow.importers._x12_segments import Segment
from claimflow.importers._x12_values import at, day
from claimflow.v1.document_pb2 import (
    TAX_ID_TYPE_EIN,
    TAX_ID_TYPE_SSN,
    Address,
    ClaimDocument,
    Payer,
    Person,
    Provider,
)

_TAX_IDS = {"EI": TAX_ID_TYPE_EIN, "SY": TAX_ID_TYPE_SSN}
# The same as NM108, before there were NPIs.
_TAX_IDS_1998 = {"24": TAX_ID_TYPE_EIN, "34": TAX_ID_TYPE_SSN}
# Numbers of payers and states for a provider (REF01).
_OTHER_ID_QUALIFIERS = """
0B 1A 1B 1C 1D 1G 1H 1J B3 BQ FH G2 G5 LU N5 P3 U3 X5
"""
_OTHER_IDS = frozenset(_OTHER_ID_QUALIFIERS.split())
_SELF = "18"


def is_provider(segment: Segment) -> bool:
    """Tell whether an NM1 names a provider, and not a person, a payer or a place."""
    return segment.id == "NM1" and segment.get(1) not in ("IL", "QC", "PR", "41", "40", "45", "PW")


def provider(segment: Segment) -> Provider:
    """Return the provider that an NM1 begins."""
    party = Provider(name=segment.get(3), first_name=segment.get(4))
    number, kind = segment.get(9), segment.get(8)
    if kind == "XX":
        party.npi = number
    elif kind in _TAX_IDS_1998:
        _set_tax_id(party, number, _TAX_IDS_1998[kind])
    else:
        party.other_id = number
    return party


def describe_provider(party: Provider, segment: Segment) -> None:
    """Add what a following segment says of the provider."""
    match segment.id:
        case "N3" | "N4":
            fill_address(party.address, segment)
        case "PRV":
            party.taxonomy_code = segment.get(3)
        case "REF":
            kind, number = segment.get(1), segment.get(2)
            if kind in _TAX_IDS:
                _set_tax_id(party, number, _TAX_IDS[kind])
            elif kind in _OTHER_IDS and not party.other_id:
                party.other_id = number


def _set_tax_id(party: Provider, number: str, kind: int) -> None:
    party.tax_id = number.replace("-", "")
    party.tax_id_type = kind  # type: ignore[assignment]


def fill_address(address: Address, segment: Segment) -> None:
    """Add the lines of an N3 or the place of an N4."""
    if segment.id == "N3":
        address.lines.extend(line for line in (segment.get(1), segment.get(2)) if line)
        return
    address.city, address.state = segment.get(1), segment.get(2)
    address.postal_code = segment.get(3).replace("-", "")
    address.country_code = segment.get(4)


def fill_parties(claim: ClaimDocument, parents: Sequence[Sequence[Segment]]) -> None:
    """Add billing provider, subscriber, patient and payer from the levels above a claim."""
    billing, subscriber, patient = parents
    _fill_billing(claim, billing)
    _fill_subscriber(claim, subscriber)
    if patient:
        _fill_person(claim.patient, patient, "QC")


def _fill_billing(claim: ClaimDocument, segments: Sequence[Segment]) -> None:
    party: Provider | None = None
    taxonomy = ""
    for segment in segments:
        if segment.id == "PRV" and party is None:
            taxonomy = segment.get(3)  # 2000A: stands before the name
        elif segment.id == "CUR":
            claim.currency_code = segment.get(2) or claim.currency_code
        elif segment.id == "NM1":
            role = {"85": claim.billing_provider, "87": claim.pay_to_provider}.get(segment.get(1))
            party = role
            if role is not None:
                role.CopyFrom(provider(segment))
        elif party is not None:
            describe_provider(party, segment)
    if taxonomy:
        claim.billing_provider.taxonomy_code = taxonomy


def _fill_subscriber(claim: ClaimDocument, segments: Sequence[Segment]) -> None:
    person = [segment for segment in segments if segment.id != "SBR"]
    for segment in segments:
        if segment.id == "SBR":
            claim.payer_sequence = segment.get(1)
            claim.group_number = segment.get(3)
            claim.claim_filing_indicator = segment.get(9)
            if segment.get(2) == _SELF:
                claim.subscriber.relationship_code = _SELF
        elif segment.id == "NM1" and segment.get(1) == "PR":
            claim.payer.CopyFrom(payer(segment))
    _fill_person(claim.subscriber, person, "IL")


def payer(segment: Segment) -> Payer:
    """Return the payer that an NM1 names."""
    return Payer(payer_id=segment.get(9), name=segment.get(3))


def _fill_person(person: Person, segments: Sequence[Segment], role: str) -> None:
    current = ""  # whose N3 and N4 follow
    for segment in segments:
        match segment.id:
            case "NM1":
                current = segment.get(1)
                if current == role:
                    person.last_name, person.first_name = segment.get(3), segment.get(4)
                    person.middle_name = segment.get(5)
                    person.member_id = segment.get(9)
            case "N3" | "N4" if current == role:
                fill_address(person.address, segment)
            case "DMG" if current == role:
                if segment.get(2):
                    birth = day(segment.get(2), at(segment, "DMG02"))
                    person.birth_date.CopyFrom(birth)
                person.sex_code = segment.get(3)
            case "PAT":
                if segment.get(1):
                    person.relationship_code = segment.get(1)
                if segment.get(6):
                    person.death_date.CopyFrom(day(segment.get(6), at(segment, "PAT06")))


def named_roles(claim: ClaimDocument) -> dict[str, Provider]:
    """Return the claim's providers by the NM101 that names them (2310)."""
    facility = claim.service_facility
    return {
        "DN": claim.referring_provider,
        "P3": claim.referring_provider,
        "82": claim.rendering_provider,
        "71": claim.attending_provider,
        "72": claim.operating_provider,
        "77": facility,
        "FA": facility,
        "LI": facility,
        "TL": facility,
    }
