"""The intake edits E04 and E05: codes have the shape of their system and are valid on their day.

A table that is not loaded says nothing, and the shape alone decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from server.claims import codes
from server.claims.document import ClaimType, CodeSystem, Procedure, ServiceLine
from server.claims.edits import Fault, Submission

_POINTERS_MAX = 4  # places for them in SV107
_MODIFIERS_MAX = 4  # places for them in SV101

_WRONG_SYSTEM = "the code is of a system that is not billed here on this day"
_WRONG_SHAPE = "the code does not have the shape of its system"
_NOT_VALID = "the code is not in the table on this day"


def diagnosis_codes(submission: Submission) -> Iterator[Fault]:
    """E04: diagnoses are billable on the from-date, pointers are in range, at most four a line.

    ICD-9-CM counts for services before the policy's date of change, ICD-10-CM from then on.
    """
    document, policy = submission.document, submission.policy
    institutional = document.type is ClaimType.INSTITUTIONAL
    most = (
        policy.institutional_diagnoses_max if institutional else policy.professional_diagnoses_max
    )
    if len(document.diagnoses) > most:
        yield "diagnoses", "there are more diagnoses than this claim type may have"
    day = submission.service_from_date or submission.receipt_date
    system = CodeSystem.ICD_10_CM if day >= policy.icd_10_from else CodeSystem.ICD_9_CM
    for place, diagnosis in enumerate(document.diagnoses):
        path = f"diagnoses[{place}]"
        if diagnosis.code_system is not system:
            yield f"{path}.code_system", _WRONG_SYSTEM
        else:
            yield from _coded(submission, system, diagnosis.code, day, f"{path}.code")
    for place, line in enumerate(document.service_lines):
        path = f"service_lines[{place}].diagnosis_pointers"
        yield from _pointers(line, len(document.diagnoses), path)


def _pointers(line: ServiceLine, diagnoses: int, path: str) -> Iterator[Fault]:
    if len(line.diagnosis_pointers) > _POINTERS_MAX:
        yield path, "a line points to more than four diagnoses"
    if any(not 1 <= pointer <= diagnoses for pointer in line.diagnosis_pointers):
        yield path, "a pointer names no diagnosis of the claim"


def service_codes(submission: Submission) -> Iterator[Fault]:
    """E05: procedure, modifier, revenue, place of service and drug codes are valid on their day."""
    document = submission.document
    header_day = submission.service_from_date or submission.receipt_date
    place_code = document.place_of_service_code
    if place_code:
        path = "place_of_service_code"
        yield from _listed(submission, "POS", codes.PLACE_OF_SERVICE, place_code, header_day, path)
    if document.facility_type_code and not codes.fits(
        codes.FACILITY_TYPE, document.facility_type_code
    ):
        yield "facility_type_code", _WRONG_SHAPE
    if document.drg_code and not codes.fits(codes.DRG, document.drg_code):
        yield "drg_code", _WRONG_SHAPE
    for place, line in enumerate(document.service_lines):
        day = line.service_from_date or header_day
        yield from _line_codes(submission, line, day, f"service_lines[{place}].")
    yield from _inpatient_procedures(submission, header_day)


def _line_codes(submission: Submission, line: ServiceLine, day: date, path: str) -> Iterator[Fault]:
    if line.procedure is not None and line.procedure.code:
        yield from _procedure(submission, line.procedure, day, f"{path}procedure.")
    if line.revenue_code:
        yield from _listed(
            submission, "REVENUE", codes.REVENUE, line.revenue_code, day, f"{path}revenue_code"
        )
    if line.place_of_service_code:
        yield from _listed(
            submission,
            "POS",
            codes.PLACE_OF_SERVICE,
            line.place_of_service_code,
            day,
            f"{path}place_of_service_code",
        )
    if line.drug is not None and line.drug.ndc and not codes.fits(codes.NDC, line.drug.ndc):
        yield f"{path}drug.ndc", _WRONG_SHAPE


def _procedure(
    submission: Submission, procedure: Procedure, day: date, path: str
) -> Iterator[Fault]:
    dental = submission.document.type is ClaimType.DENTAL
    system = CodeSystem.CDT if dental else CodeSystem.HCPCS
    if procedure.code_system is not system:
        yield f"{path}code_system", _WRONG_SYSTEM
    else:
        yield from _coded(submission, system, procedure.code, day, f"{path}code")
    if len(procedure.modifiers) > _MODIFIERS_MAX:
        yield f"{path}modifiers", "there are more than four modifiers"
    if len(set(procedure.modifiers)) < len(procedure.modifiers):
        yield f"{path}modifiers", "a modifier is repeated"
    for place, modifier in enumerate(procedure.modifiers):
        yield from _listed(
            submission, "MODIFIER", codes.MODIFIER, modifier, day, f"{path}modifiers[{place}]"
        )


def _inpatient_procedures(submission: Submission, header_day: date) -> Iterator[Fault]:
    for place, procedure in enumerate(submission.document.icd_procedures):
        path = f"icd_procedures[{place}]."
        day = procedure.procedure_date or header_day
        later = header_day >= submission.policy.icd_10_from
        system = CodeSystem.ICD_10_PCS if later else CodeSystem.ICD_9_PCS
        if procedure.code_system is not system:
            yield f"{path}code_system", _WRONG_SYSTEM
        else:
            yield from _coded(submission, system, procedure.code, day, f"{path}code")


def _coded(
    submission: Submission, system: CodeSystem, code: str, day: date, path: str
) -> Iterator[Fault]:
    return _listed(submission, system.value, codes.SHAPES[system], code, day, path)


def _listed(
    submission: Submission, table: str, shape: re.Pattern[str], code: str, day: date, path: str
) -> Iterator[Fault]:
    if not codes.fits(shape, code):
        yield path, _WRONG_SHAPE
    elif submission.codes.valid(table, code, day) is False:
        yield path, _NOT_VALID
