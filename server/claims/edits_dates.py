"""The intake edit E06: dates follow each other, within a life and before the receipt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from server.claims.document import ClaimType
from server.claims.edits import Fault, Submission


def service_dates(submission: Submission) -> Iterator[Fault]:
    """E06: from <= through <= receipt, not before birth, not long after death, in the statement."""
    document = submission.document
    yield from _period(
        submission,
        document.statement_from_date,
        document.statement_through_date,
        "statement_from_date",
        "statement_through_date",
    )
    for place, line in enumerate(document.service_lines):
        path = f"service_lines[{place}]."
        yield from _period(
            submission,
            line.service_from_date,
            line.service_through_date,
            f"{path}service_from_date",
            f"{path}service_through_date",
        )
        if document.type is ClaimType.INSTITUTIONAL:
            yield from _inside_statement(
                submission, line.service_from_date, f"{path}service_from_date"
            )
            yield from _inside_statement(
                submission, line.service_through_date, f"{path}service_through_date"
            )
    yield from _stay(submission)


def _period(
    submission: Submission,
    first: date | None,
    last: date | None,
    first_path: str,
    last_path: str,
) -> Iterator[Fault]:
    if first is not None and last is not None and first > last:
        yield last_path, "the period ends before it begins"
    for day, path in ((first, first_path), (last, last_path)):
        if day is not None:
            yield from _within_life(submission, day, path)


def _within_life(submission: Submission, day: date, path: str) -> Iterator[Fault]:
    if day > submission.receipt_date:
        yield path, "the date is after the receipt of the claim"
    person = submission.document.patient or submission.document.subscriber
    if person is None:
        return
    if person.birth_date is not None and day < person.birth_date:
        yield path, "the date is before the patient's birth"
    grace = timedelta(days=submission.policy.death_grace_days)
    if person.death_date is not None and day > person.death_date + grace:
        yield path, "the date is too long after the patient's death"


def _inside_statement(submission: Submission, day: date | None, path: str) -> Iterator[Fault]:
    document = submission.document
    if day is None:
        return
    first, last = document.statement_from_date, document.statement_through_date
    if (first is not None and day < first) or (last is not None and day > last):
        yield path, "the date is outside the statement period"


def _stay(submission: Submission) -> Iterator[Fault]:
    document = submission.document
    admitted, through = document.admission_date, document.statement_through_date
    if admitted is None:
        return
    if through is not None and admitted > through:
        yield "admission_date", "the admission is after the statement period"
    if document.discharge_date is not None and document.discharge_date < admitted:
        yield "discharge_date", "the discharge is before the admission"
