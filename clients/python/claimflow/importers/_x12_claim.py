"""One claim of an 837 as a `ClaimDocument` (loops 2300, 2310, 2320, 2330; lines elsewhere).

What the contract has no place for is left out: contacts, other subscribers, other payers that have
decided nothing, ambulance, oxygen and chiropractic details (CR1 to CR6, CRC, FRM), repricing (HCP).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from claimflow.importers._record import Flaw, ensure
from claimflow.importers._values import amount
from claimflow.importers._x12_envelope import CLAIM_SEGMENTS_MAX, RawClaim
from claimflow.importers._x12_health import fill_health
from claimflow.importers._x12_lines import attachment, fill_lines
from claimflow.importers._x12_parties import (
    describe_provider,
    fill_parties,
    named_roles,
    payer,
    provider,
)
from claimflow.importers._x12_segments import Segment
from claimflow.importers._x12_values import adjustments, at, dates, optional_amount
from claimflow.v1.document_pb2 import (
    CLAIM_TYPE_DENTAL,
    CLAIM_TYPE_INSTITUTIONAL,
    CLAIM_TYPE_PROFESSIONAL,
    ClaimDocument,
    ClaimType,
    PriorPayer,
    Provider,
    Source,
)

_SYSTEMS = {
    CLAIM_TYPE_PROFESSIONAL: "X12_837P",
    CLAIM_TYPE_INSTITUTIONAL: "X12_837I",
    CLAIM_TYPE_DENTAL: "X12_837D",
}
# By the guide's number: 5010 and 4010.
_GUIDES = {
    "X222": CLAIM_TYPE_PROFESSIONAL,
    "X098": CLAIM_TYPE_PROFESSIONAL,
    "X223": CLAIM_TYPE_INSTITUTIONAL,
    "X096": CLAIM_TYPE_INSTITUTIONAL,
    "X224": CLAIM_TYPE_DENTAL,
    "X097": CLAIM_TYPE_DENTAL,
}
_SERVICES = {
    "SV1": CLAIM_TYPE_PROFESSIONAL,
    "SV2": CLAIM_TYPE_INSTITUTIONAL,
    "SV3": CLAIM_TYPE_DENTAL,
}
_DATES = {
    "435": "admission_date",
    "431": "onset_date",
    "439": "accident_date",
    "484": "last_menstrual_period_date",
    "438": "similar_illness_date",
}
_NUMBERS = {
    "F8": "original_claim_number",
    "G1": "prior_authorization_number",
    "9F": "referral_number",
}
_FACILITY_CODE = re.compile(r"[0-9A-Z]{1,2}", re.ASCII)
_FREQUENCY_CODE = re.compile(r"[0-9A-Z]?", re.ASCII)
_PAYER_ORDER = "PSTABCDEFGH"
_RELATED_CAUSES_WITH_STATE = "AA"


def build_claim(raw: RawClaim) -> ClaimDocument:
    """Return the claim; `Flaw` names the first segment that cannot be read."""
    ensure(not raw.overflowed, f"more than {CLAIM_SEGMENTS_MAX} segments in a claim")
    head = raw.segments[0]
    kind = _claim_type(raw)
    claim = ClaimDocument(
        type=kind,
        currency_code="USD",
        line_of_business="COMMERCIAL",
        jurisdiction="US",
        source=Source(system=_SYSTEMS[kind], batch=raw.batch, position=raw.ordinal),
    )
    fill_parties(claim, raw.parents)
    _fill_head(claim, head)
    others, lines = _split(raw.segments)
    _fill_claim(claim, raw.segments[1:others])
    _fill_prior_payers(claim, raw.segments[others:lines])
    fill_lines(claim, raw.segments[lines:])
    return claim


def _claim_type(raw: RawClaim) -> ClaimType:
    for guide, kind in _GUIDES.items():
        if guide in raw.version:
            return kind
    for segment in raw.segments:
        if segment.id in _SERVICES:
            return _SERVICES[segment.id]
    raise Flaw("neither guide nor lines tell professional from institutional")


def _split(segments: Sequence[Segment]) -> tuple[int, int]:
    """Return where the loops of other payers (SBR) and of lines (LX) begin."""
    ids = [segment.id for segment in segments]
    lines = ids.index("LX") if "LX" in ids else len(ids)
    others = ids.index("SBR", 0, lines) if "SBR" in ids[:lines] else lines
    return others, lines


def _fill_head(claim: ClaimDocument, segment: Segment) -> None:
    claim.patient_control_number = segment.get(1)
    ensure(bool(segment.get(2)), f"{at(segment, 'CLM02')} is empty")
    claim.total_charge = amount(segment.get(2), at(segment, "CLM02"))
    _fill_facility(claim, segment)
    claim.provider_accept_assignment_code = segment.get(7)
    claim.assignment_of_benefits_code = segment.get(8)
    claim.release_of_information_code = segment.get(9)
    causes = segment.components(11)
    for code in causes[:3]:
        if code:
            state = causes[3] if len(causes) > 3 and code == _RELATED_CAUSES_WITH_STATE else ""
            claim.related_causes.add(code=code, state=state)


def _fill_facility(claim: ClaimDocument, segment: Segment) -> None:
    """Read CLM05, strictly: a wrong separator would make one code out of three."""
    components = segment.components(5)
    if not components:
        return  # nothing said; the server's edits tell
    what = at(segment, "CLM05")
    code, qualifier, frequency, *rest = [*components, "", ""][: max(3, len(components))]
    ensure(
        bool(_FACILITY_CODE.fullmatch(code)) and qualifier in ("", "A", "B") and not rest,
        f"{what} is not a facility code, its qualifier and a frequency code",
    )
    ensure(
        bool(_FREQUENCY_CODE.fullmatch(frequency)),
        f"{what} has a frequency code of more than one character",
    )
    claim.frequency_code = frequency
    # 4010 has no qualifier for professional claims.
    if qualifier == "A" or (not qualifier and claim.type == CLAIM_TYPE_INSTITUTIONAL):
        claim.facility_type_code = code
    else:
        claim.place_of_service_code = code


def _fill_claim(claim: ClaimDocument, segments: Sequence[Segment]) -> None:
    party: Provider | None = None
    for segment in segments:
        match segment.id:
            case "NM1":
                party = _named_party(claim, segment)
            case "PRV" | "N3" | "N4" if party is not None:
                describe_provider(party, segment)
            case "REF" if party is not None:
                describe_provider(party, segment)
            case "REF":
                _fill_number(claim, segment)
            case "DTP":
                _fill_date(claim, segment)
            case "CL1":
                claim.admission_type_code = segment.get(1)
                claim.admission_source_code = segment.get(2)
                claim.patient_status_code = segment.get(3)
            case "PWK":
                claim.attachments.append(attachment(segment))
            case "NTE":
                claim.notes.append(segment.get(2))
            case "HI":
                fill_health(claim, segment)


def _named_party(claim: ClaimDocument, segment: Segment) -> Provider | None:
    """Return the claim's provider that an NM1 names, filled; None for other parties."""
    # Only the one that is asked for comes into being: touching a message's field does not set it.
    party = named_roles(claim).get(segment.get(1))
    if party is not None and party.ByteSize():
        return None  # a second one of the same role has no place
    if party is not None:
        party.CopyFrom(provider(segment))
    return party


def _fill_number(claim: ClaimDocument, segment: Segment) -> None:
    kind, number = segment.get(1), segment.get(2)
    if kind in _NUMBERS:
        setattr(claim, _NUMBERS[kind], number)
    elif kind == "D9":
        claim.source.record_id = number  # the clearinghouse's number for the claim


def _fill_date(claim: ClaimDocument, segment: Segment) -> None:
    kind = segment.get(1)
    if kind == "096":
        _fill_discharge(claim, segment)
    elif kind == "434":
        begin, through = dates(segment)
        claim.statement_from_date.CopyFrom(begin)
        claim.statement_through_date.CopyFrom(through or begin)
    elif kind in _DATES:
        getattr(claim, _DATES[kind]).CopyFrom(dates(segment)[0])


def _fill_discharge(claim: ClaimDocument, segment: Segment) -> None:
    if segment.get(2) == "TM":
        claim.discharge_hour = segment.get(3)[:2]
        return
    claim.discharge_date.CopyFrom(dates(segment)[0])
    if segment.get(2) == "DT":
        claim.discharge_hour = segment.get(3)[8:10]


def _fill_prior_payers(claim: ClaimDocument, segments: Sequence[Segment]) -> None:
    found: list[PriorPayer] = []
    for segment in segments:
        match segment.id:
            case "SBR":
                found.append(
                    PriorPayer(payer_sequence=segment.get(1), claim_filing_indicator=segment.get(9))
                )
            case "CAS":
                found[-1].adjustments.extend(adjustments(segment))
            case "AMT" if segment.get(1) == "D":
                found[-1].paid_amount = optional_amount(segment, 2)
            case "AMT" if segment.get(1) == "EAF":
                found[-1].remaining_patient_liability = optional_amount(segment, 2)
            case "NM1" if segment.get(1) == "PR":
                found[-1].payer.CopyFrom(payer(segment))
    claim.prior_payers.extend(prior for prior in found if _has_decided(claim, prior))


def _has_decided(claim: ClaimDocument, prior: PriorPayer) -> bool:
    if prior.paid_amount or prior.adjustments or prior.remaining_patient_liability:
        return True
    return _rank(prior.payer_sequence) < _rank(claim.payer_sequence)


def _rank(sequence: str) -> int:
    place = _PAYER_ORDER.find(sequence) if len(sequence) == 1 else -1
    return place if place >= 0 else len(_PAYER_ORDER)
