"""The intake edits E15 and E16: announced attachments have numbers, stays their dates."""

from __future__ import annotations

from collections.abc import Iterator

from server.claims.attachments import AVAILABLE_ON_REQUEST
from server.claims.document import ClaimType
from server.claims.edits import Fault, Submission

_CONTROL_NUMBER_MIN, _CONTROL_NUMBER_MAX = 2, 80
_WHOLE_STAY = "1"  # admission through discharge
_STILL_A_PATIENT = "30"


def attachment_indicators(submission: Submission) -> Iterator[Fault]:
    """E15: a document that is sent has a control number, one that is only available has none."""
    for place, indicator in enumerate(submission.document.attachments):
        path, length = f"attachments[{place}].control_number", len(indicator.control_number)
        if indicator.transmission_code == AVAILABLE_ON_REQUEST:
            if length:
                yield path, "a document that is available on request has no control number"
        elif not _CONTROL_NUMBER_MIN <= length <= _CONTROL_NUMBER_MAX:
            yield path, "a document that is sent needs a control number of 2 to 80 characters"


def inpatient_stay(submission: Submission) -> Iterator[Fault]:
    """E16: a stay has an admission date and a discharge status; no whole bill has a patient left.

    Which facility types are stays is the policy's to say; the contradiction counts for all.
    """
    document = submission.document
    if document.type is not ClaimType.INSTITUTIONAL:
        return
    status = document.patient_status_code
    if document.facility_type_code in submission.policy.inpatient_facility_types:
        if document.admission_date is None:
            yield "admission_date", "a stay needs an admission date"
        if not status:
            yield "patient_status_code", "a stay needs a discharge status"
    if document.frequency_code == _WHOLE_STAY and status == _STILL_A_PATIENT:
        yield "patient_status_code", "the bill is of the whole stay, and the patient is still there"
