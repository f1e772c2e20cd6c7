"""HI segments of an 837: diagnoses, inpatient procedures, and NUBC's codes."""

from __future__ import annotations

from claimflow.importers._values import amount
from claimflow.importers._x12_segments import Segment
from claimflow.importers._x12_values import at, period
from claimflow.v1.document_pb2 import (
    CODE_SYSTEM_ICD_9_CM,
    CODE_SYSTEM_ICD_9_PCS,
    CODE_SYSTEM_ICD_10_CM,
    CODE_SYSTEM_ICD_10_PCS,
    DIAGNOSIS_QUALIFIER_ADMITTING,
    DIAGNOSIS_QUALIFIER_EXTERNAL_CAUSE,
    DIAGNOSIS_QUALIFIER_OTHER,
    DIAGNOSIS_QUALIFIER_PATIENT_REASON,
    DIAGNOSIS_QUALIFIER_PRINCIPAL,
    ClaimDocument,
)

_DIAGNOSES = {
    "BK": DIAGNOSIS_QUALIFIER_PRINCIPAL,
    "BF": DIAGNOSIS_QUALIFIER_OTHER,
    "BJ": DIAGNOSIS_QUALIFIER_ADMITTING,
    "PR": DIAGNOSIS_QUALIFIER_PATIENT_REASON,
    "ZZ": DIAGNOSIS_QUALIFIER_PATIENT_REASON,  # 4010
    "BN": DIAGNOSIS_QUALIFIER_EXTERNAL_CAUSE,
}
_ICD_10 = "A"  # begins the qualifiers of ICD-10-CM: ABK, ABF, APR …
_PROCEDURES = {
    "BR": CODE_SYSTEM_ICD_9_PCS,
    "BQ": CODE_SYSTEM_ICD_9_PCS,
    "BBR": CODE_SYSTEM_ICD_10_PCS,
    "BBQ": CODE_SYSTEM_ICD_10_PCS,
}
# Without a place in the contract: treatment codes, anaesthesia's procedures.
_LEFT_OUT = frozenset({"TC", "BO", "BP"})
_PRESENT_ON_ADMISSION = 8  # HI0n-9


def fill_health(claim: ClaimDocument, segment: Segment) -> None:
    """Add what the composites of an HI say."""
    for place in range(1, len(segment.elements)):
        components = segment.components(place)
        if components:
            _fill(claim, components, at(segment, f"HI{place:02}"))


def _fill(claim: ClaimDocument, components: list[str], what: str) -> None:
    qualifier, code, form, value = (components + [""] * 4)[:4]
    if qualifier in _PROCEDURES:
        procedure = claim.icd_procedures.add(
            code_system=_PROCEDURES[qualifier], code=code.replace(".", "")
        )
        if value:
            procedure.procedure_date.CopyFrom(period(form, value, what)[0])
    elif qualifier == "DR":
        claim.drg_code = code
    elif qualifier in ("BH", "BI"):
        occurrence = claim.occurrence_codes.add(code=code)
        if value:
            begin, through = period(form, value, what)
            occurrence.from_date.CopyFrom(begin)
            if through is not None:
                occurrence.through_date.CopyFrom(through)
    elif qualifier == "BE":
        money = components[4] if len(components) > 4 else ""
        claim.value_codes.add(code=code, amount=amount(money, what) if money else "")
    elif qualifier == "BG":
        claim.condition_codes.append(code)
    elif qualifier not in _LEFT_OUT:
        _fill_diagnosis(claim, components)


def _fill_diagnosis(claim: ClaimDocument, components: list[str]) -> None:
    """Add a diagnosis; a malformed one keeps its place, since lines point to places.

    Where a sender has separated qualifier and code as if they were two diagnoses, there are two:
    one without a code and one without a qualifier, for the server's edits to tell.
    """
    qualifier = components[0]
    code = components[1] if len(components) > 1 else ""
    short = qualifier.removeprefix(_ICD_10) if len(qualifier) == 3 else qualifier
    if short not in _DIAGNOSES:
        claim.diagnoses.add(code=code or qualifier)
        return
    is_icd_10 = short != qualifier
    diagnosis = claim.diagnoses.add(
        qualifier=_DIAGNOSES[short],
        code_system=CODE_SYSTEM_ICD_10_CM if is_icd_10 else CODE_SYSTEM_ICD_9_CM,
        # 4010 files write the dot.
        code=code.replace(".", ""),
    )
    if len(components) > _PRESENT_ON_ADMISSION:
        diagnosis.present_on_admission_code = components[_PRESENT_ON_ADMISSION]
