"""Service lines of an 837 (loops 2400, 2410, 2420A and 2430)."""

from __future__ import annotations

from collections.abc import Iterable

from claimflow.importers._x12_parties import describe_provider, is_provider, provider
from claimflow.importers._x12_segments import Segment
from claimflow.importers._x12_values import (
    adjustments,
    at,
    dates,
    optional_amount,
    optional_quantity,
    procedure,
    whole,
)
from claimflow.v1.document_pb2 import (
    AttachmentIndicator,
    ClaimDocument,
    PriorPayerLine,
    Provider,
    ServiceLine,
)


def fill_lines(claim: ClaimDocument, segments: Iterable[Segment]) -> None:
    """Add the lines; the first segment is an LX."""
    line = ServiceLine()
    party: Provider | None = None
    prior: PriorPayerLine | None = None
    for segment in segments:
        match segment.id:
            case "LX":
                # Numbered anew: LX01 begins wherever its sender likes.
                line = claim.service_lines.add(line_number=len(claim.service_lines) + 1)
                party = prior = None
            case "SV1" | "SV2" | "SV3":
                _SERVICES[segment.id](line, segment)
            case "SVD":
                prior = line.prior_payer_lines.add(
                    payer_id=segment.get(1),
                    paid_amount=optional_amount(segment, 2),
                    units_paid=optional_quantity(segment, 5),
                )
            case "CAS" if prior is not None:
                prior.adjustments.extend(adjustments(segment))
            case "DTP" if segment.get(1) == "573" and prior is not None:
                prior.adjudication_date.CopyFrom(dates(segment)[0])
            case "NM1":
                # Other parties of a line have no place in the contract.
                party = line.rendering_provider if segment.get(1) == "82" else None
                if party is not None and is_provider(segment):
                    party.CopyFrom(provider(segment))
            case "PRV" | "N3" | "N4" if party is not None:
                describe_provider(party, segment)
            case "REF" if segment.get(1) == "6R":
                line.line_control_number = segment.get(2)
            case "REF" if party is not None:
                describe_provider(party, segment)
            case "PWK":
                claim.attachments.append(attachment(segment))
            case _:
                _describe_line(line, segment)


def attachment(segment: Segment) -> AttachmentIndicator:
    """Return what a PWK announces."""
    return AttachmentIndicator(
        report_type_code=segment.get(1),
        transmission_code=segment.get(2),
        control_number=segment.get(6),
    )


def _describe_line(line: ServiceLine, segment: Segment) -> None:
    match segment.id:
        case "DTP" if segment.get(1) == "472":
            begin, through = dates(segment)
            line.service_from_date.CopyFrom(begin)
            if through is not None:
                line.service_through_date.CopyFrom(through)
        case "LIN" if segment.get(2) == "N4":
            line.drug.ndc = segment.get(3).replace("-", "")
        case "CTP":
            line.drug.quantity = optional_quantity(segment, 4)
            line.drug.unit_code = next(iter(segment.components(5)), "")
        case "TOO":
            line.tooth.number = segment.get(2)
            line.tooth.surfaces.extend(segment.components(3))
        case "NTE":
            line.note = segment.get(2)


def _professional(line: ServiceLine, segment: Segment) -> None:
    _set_procedure(line, segment.components(1))
    line.charge = optional_amount(segment, 2)
    line.unit_basis_code = segment.get(3)
    line.units = optional_quantity(segment, 4)
    line.place_of_service_code = segment.get(5)
    _point(line, segment, 7)
    line.emergency = segment.get(9) == "Y"
    line.epsdt = segment.get(11) == "Y"
    line.family_planning = segment.get(12) == "Y"


def _institutional(line: ServiceLine, segment: Segment) -> None:
    code = segment.get(1)
    # Three digits were usual once; the list has four, the first of them 0.
    line.revenue_code = f"0{code}" if len(code) == 3 and code.isdigit() else code
    _set_procedure(line, segment.components(2))
    line.charge = optional_amount(segment, 3)
    line.unit_basis_code = segment.get(4)
    line.units = optional_quantity(segment, 5)


def _dental(line: ServiceLine, segment: Segment) -> None:
    _set_procedure(line, segment.components(1))
    line.charge = optional_amount(segment, 2)
    line.place_of_service_code = segment.get(3)
    line.tooth.oral_cavity_codes.extend(segment.components(4))
    if not line.tooth.oral_cavity_codes:
        line.ClearField("tooth")
    line.units = optional_quantity(segment, 6)
    line.unit_basis_code = "UN" if line.units else ""
    _point(line, segment, 11)


_SERVICES = {"SV1": _professional, "SV2": _institutional, "SV3": _dental}


def _set_procedure(line: ServiceLine, components: list[str]) -> None:
    if (found := procedure(components)) is not None:
        line.procedure.CopyFrom(found)


def _point(line: ServiceLine, segment: Segment, place: int) -> None:
    what = at(segment, f"{segment.id}{place:02}")
    line.diagnosis_pointers.extend(
        whole(pointer, what) for pointer in segment.components(place) if pointer
    )
