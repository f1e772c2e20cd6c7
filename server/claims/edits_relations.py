"""The intake edits E07, E08 and E09: the original claim, the member's coverage, timely filing."""

from __future__ import annotations

from collections.abc import Iterator

from server.claims.document import ClaimDocument, ClaimType
from server.claims.edits import Fault, Original, Submission
from server.claims.family import REPLACEMENT, VOID
from server.claims.filing import late_lines
from server.claims.numbers import valid_claim_number
from server.claims.services import identity, person_key

# The NUBC's bills that stand for themselves: zero pay, whole stay, interim bills, final home health
# bill. Late charges (5) may name the claim that they belong to.
_FIRST_BILLS = ("0", "1", "2", "3", "4", "9")

_UNKNOWN = "there is no claim with this number of this payer, provider and member"
_MISTYPED = "the claim number has a wrong shape or check character"
_TOO_LATE = "the claim is received after the time limit for this service"


def original_claim(submission: Submission) -> Iterator[Fault]:
    """E07: a replacement or void names a claim of its payer, provider and member, others none.

    A claim that is not there and one of other parties get the same answer: whose number it is
    stays untold.
    """
    document = submission.document
    path, number = "original_claim_number", document.original_claim_number
    if document.frequency_code in _FIRST_BILLS and number:
        yield path, "a first bill names an original claim"
    if document.frequency_code not in (REPLACEMENT, VOID):
        return
    held = submission.original
    if not number:
        yield path, "a replacement or void names no original claim"
    elif held is None or not _same_parties(document, held):
        yield path, _UNKNOWN if valid_claim_number(number) else _MISTYPED


def _same_parties(document: ClaimDocument, original: Original) -> bool:
    return (
        original.payer_id == (document.payer.payer_id if document.payer else "")
        and original.billing_provider == identity(document.billing_provider)
        and original.person_key == person_key(document)
    )


def member_covered(submission: Submission) -> Iterator[Fault]:
    """E08: the member is known and covered on the day of each service, where a table is loaded."""
    document, coverages = submission.document, submission.coverages
    if coverages is None:
        return
    if not coverages:
        own = document.patient is not None and document.patient.member_id
        yield f"{'patient' if own else 'subscriber'}.member_id", "there is no such member"
        return
    days = {}
    for place, line in enumerate(document.service_lines):
        if line.service_from_date is not None:
            days[f"service_lines[{place}].service_from_date"] = line.service_from_date
        elif document.statement_from_date is not None:
            days["statement_from_date"] = document.statement_from_date
    for path, day in days.items():
        if not any(coverage.covers(day) for coverage in coverages):
            yield path, "the member is not covered on this day"


def timely_filing(submission: Submission) -> Iterator[Fault]:
    """E09: the claim came within the time limit; an institutional one is judged as a whole.

    A void only takes back and is never too late.
    """
    document = submission.document
    if document.frequency_code == VOID:
        return
    late = late_lines(document, submission.receipt_date, submission.policy.filing)
    if document.type is ClaimType.INSTITUTIONAL:
        if late:
            yield "statement_through_date", _TOO_LATE
        return
    for place, line in enumerate(document.service_lines):
        if line.line_number in late:
            yield f"service_lines[{place}].service_from_date", _TOO_LATE
