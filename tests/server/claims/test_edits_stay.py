"""E15 and E16: announced attachments and stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from server.claims.document import AttachmentIndicator, ClaimDocument, ClaimType
from server.claims.edits import Fault, Submission
from server.claims.edits_stay import attachment_indicators, inpatient_stay
from tests.server.claims.cast import STRICT, TODAY
from tests.server.claims.documents import institutional, professional


def faults(edit: Callable[[Submission], Iterator[Fault]], document: ClaimDocument) -> list[Fault]:
    policy = replace(STRICT.policy, inpatient_facility_types=("11", "21"))
    return list(edit(Submission(document, TODAY, policy, STRICT.codes)))


def announced(*indicators: tuple[str, str]) -> list[Fault]:
    document = professional(
        attachments=tuple(
            AttachmentIndicator(transmission_code=code, control_number=number)
            for code, number in indicators
        )
    )
    return faults(attachment_indicators, document)


UNNUMBERED = "a document that is sent needs a control number of 2 to 80 characters"
NUMBERED = "a document that is available on request has no control number"


@pytest.mark.parametrize("code", ["BM", "EL", "EM", "FX", "FT", ""])
@pytest.mark.parametrize(
    ("length", "is_right"), [(0, False), (1, False), (2, True), (80, True), (81, False)]
)
def test_e15_what_is_sent_has_a_control_number(code: str, length: int, is_right: bool) -> None:
    told = [] if is_right else [("attachments[0].control_number", UNNUMBERED)]
    assert announced((code, "N" * length)) == told


@pytest.mark.parametrize("number", ["N", "ACN-1"])
def test_e15_what_is_available_on_request_has_none(number: str) -> None:
    assert announced(("AA", "")) == []
    assert announced(("AA", number)) == [("attachments[0].control_number", NUMBERED)]


def test_e15_every_announcement_is_looked_at() -> None:
    assert announced(("EL", "ACN-1"), ("AA", "ACN-1"), ("BM", "")) == [
        ("attachments[1].control_number", NUMBERED),
        ("attachments[2].control_number", UNNUMBERED),
    ]
    assert announced() == []


def stay(**changes: Any) -> list[Fault]:
    return faults(inpatient_stay, institutional(**{"patient_status_code": "01", **changes}))


ADMISSION = ("admission_date", "a stay needs an admission date")
STATUS = ("patient_status_code", "a stay needs a discharge status")
STILL_THERE = (
    "patient_status_code",
    "the bill is of the whole stay, and the patient is still there",
)


@pytest.mark.parametrize("facility", ["11", "21"])
def test_e16_a_stay_has_admission_and_discharge_status(facility: str) -> None:
    assert stay(facility_type_code=facility) == []
    assert stay(facility_type_code=facility, admission_date=None) == [ADMISSION]
    assert stay(facility_type_code=facility, patient_status_code="") == [STATUS]
    assert stay(facility_type_code=facility, admission_date=None, patient_status_code="") == [
        ADMISSION,
        STATUS,
    ]


@pytest.mark.parametrize("facility", ["13", "1", "111", ""])
def test_e16_other_facilities_need_neither(facility: str) -> None:
    assert stay(facility_type_code=facility, admission_date=None, patient_status_code="") == []


@pytest.mark.parametrize("facility", ["11", "13"])
def test_e16_a_whole_bill_has_no_patient_left(facility: str) -> None:
    assert stay(facility_type_code=facility, patient_status_code="30") == [STILL_THERE]
    assert stay(facility_type_code=facility, patient_status_code="03") == []


@pytest.mark.parametrize("frequency", ["2", "3", "4", "7", ""])
def test_e16_an_interim_bill_may_have_a_patient_left(frequency: str) -> None:
    assert stay(frequency_code=frequency, patient_status_code="30") == []


@pytest.mark.parametrize("kind", [ClaimType.PROFESSIONAL, ClaimType.DENTAL, ClaimType.UNSPECIFIED])
def test_e16_only_institutional_claims_are_stays(kind: ClaimType) -> None:
    nothing = {"admission_date": None, "patient_status_code": ""}
    assert stay(type=kind, **nothing) == []
    assert stay(type=kind, patient_status_code="30") == []
