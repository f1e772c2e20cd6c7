"""Claims and lines as segments."""

from __future__ import annotations

from collections.abc import Sequence

from claimflow.remittance import _segments_out as out
from claimflow.remittance._order import group_of, grouped
from claimflow.remittance._segments_out import CannotWrite, Segments
from claimflow.remittance.values import (
    GROUP_CODES,
    MIA_REMARKS,
    MOA_REMARKS,
    REVENUE_SYSTEM,
    STATUS_CODES,
    Adjustment,
    Patient,
    RemittanceLine,
    RemittedClaim,
)

MODIFIERS_MAX = 4
LINES_MAX = 999


def put_claim(segments: Segments, claim: RemittedClaim) -> None:
    """Write one claim."""
    if len(claim.lines) > LINES_MAX:
        raise CannotWrite(f"a claim has more than {LINES_MAX} lines")
    segments.put(
        "CLP",
        out.text(claim.patient_control_number, "CLP01", 38, required=True),
        out.code(claim.status_code, "CLP02", STATUS_CODES),
        out.amount(claim.charge, "CLP03"),
        out.amount(claim.paid, "CLP04"),
        out.amount(claim.patient_responsibility, "CLP05"),
        out.text(claim.filing_indicator, "CLP06", 2, required=True),
        out.text(claim.payer_claim_control_number, "CLP07", 50, required=True),
        out.text(claim.facility_type_code, "CLP08", 2),
        out.text(claim.frequency_code, "CLP09", 1),
    )
    _put_adjustments(segments, claim.adjustments)
    _put_patient(segments, claim.patient or Patient())
    _put_remarks(segments, claim)
    _put_dates(segments, claim)
    for line in claim.lines:
        _put_line(segments, line)


def _put_patient(segments: Segments, patient: Patient) -> None:
    if bool(patient.identifier) != bool(patient.identifier_qualifier):
        raise CannotWrite("NM108 and NM109 go together")
    segments.put(
        "NM1",
        "QC",
        "1",
        out.text(patient.last_name, "NM103", 60),
        out.text(patient.first_name, "NM104", 35),
        out.text(patient.middle_name, "NM105", 25),
        "",
        out.text(patient.suffix, "NM107", 10),
        out.text(patient.identifier_qualifier, "NM108", 2),
        out.text(patient.identifier, "NM109", 80),
    )


def _put_remarks(segments: Segments, claim: RemittedClaim) -> None:
    codes = [out.text(code, "a remark code", 50, required=True) for code in claim.remark_codes]
    in_mia = codes[: len(MIA_REMARKS)] if claim.inpatient else []
    in_moa = codes[len(in_mia) :]
    if len(in_moa) > len(MOA_REMARKS):
        raise CannotWrite("a claim has more remark codes than MIA and MOA have places")
    if claim.inpatient:
        elements = _placed(MIA_REMARKS, in_mia)
        # The days that were covered have to be there; nobody told them.
        segments.put("MIA", "0", *elements[1:])
    if in_moa:
        segments.put("MOA", *_placed(MOA_REMARKS, in_moa))


def _put_dates(segments: Segments, claim: RemittedClaim) -> None:
    if claim.statement_through is not None and claim.statement_from is None:
        raise CannotWrite("a claim has an end of its period and no begin")
    days = (("232", claim.statement_from), ("233", claim.statement_through))
    for qualifier, day in (*days, ("050", claim.received)):
        if day is not None:
            segments.put("DTM", qualifier, out.day(day))


def _placed(places: Sequence[int], values: Sequence[str]) -> list[str]:
    elements = [""] * max(places)
    for place, value in zip(places, values, strict=False):
        elements[place - 1] = value
    return elements


def _put_line(segments: Segments, line: RemittanceLine) -> None:
    service, revenue_code = _service(line)
    segments.put(
        "SVC",
        service,
        out.amount(line.charge, "SVC02"),
        out.amount(line.paid, "SVC03"),
        revenue_code,
        out.quantity(line.units_paid, "SVC05"),
    )
    if line.service_through is not None:
        if line.service_from is None:
            raise CannotWrite("a line has an end of its service and no begin")
        segments.put("DTM", "150", out.day(line.service_from))
        segments.put("DTM", "151", out.day(line.service_through))
    elif line.service_from is not None:
        segments.put("DTM", "472", out.day(line.service_from))
    _put_adjustments(segments, line.adjustments)
    if line.control_number:
        segments.put("REF", "6R", out.text(line.control_number, "REF02", 50))
    if line.allowed is not None:
        segments.put("AMT", "B6", out.amount(line.allowed, "AMT02"))
    for code in line.remark_codes:
        segments.put("LQ", "HE", out.text(code, "LQ02", 30, required=True))


def _service(line: RemittanceLine) -> tuple[str, str]:
    """Return SVC01 and SVC04."""
    revenue_code = out.text(line.revenue_code, "SVC04", 48)
    if not line.procedure_code:
        if line.procedure_system or line.modifiers:
            raise CannotWrite("a line has a qualifier or modifiers and no procedure code")
        if not revenue_code:
            raise CannotWrite("a line has neither a procedure code nor a revenue code")
        return out.joined((REVENUE_SYSTEM, revenue_code), out.COMPONENT), ""
    if line.procedure_system == REVENUE_SYSTEM:
        raise CannotWrite("a revenue code stands as a procedure code")
    if len(line.modifiers) > MODIFIERS_MAX:
        raise CannotWrite(f"a line has more than {MODIFIERS_MAX} modifiers")
    parts = (
        out.text(line.procedure_system, "SVC01-1", 2, required=True),
        out.text(line.procedure_code, "SVC01-2", 48, required=True),
        *(out.text(modifier, "a modifier", 2, required=True) for modifier in line.modifiers),
    )
    return out.joined(parts, out.COMPONENT), revenue_code


def _put_adjustments(segments: Segments, adjustments: Sequence[Adjustment]) -> None:
    for group, members in grouped(adjustments, group_of).items():
        out.code(group, "CAS01", GROUP_CODES)
        for chunk in out.chunks(members):
            triples: list[str] = []
            for adjustment in chunk:
                triples += (
                    out.text(adjustment.reason_code, "a reason code", 5, required=True),
                    out.amount(adjustment.amount, "an adjustment's amount"),
                    out.quantity(adjustment.quantity, "an adjustment's quantity"),
                )
            segments.put("CAS", group, *triples)
