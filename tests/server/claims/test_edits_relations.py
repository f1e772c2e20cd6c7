"""E07, E08 and E09: a claim and its original, its member's coverage, its time limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from server.claims.benefits import Coverage
from server.claims.document import ClaimDocument, Payer, Person, Provider
from server.claims.edits import Fault, Original, Submission
from server.claims.edits_relations import member_covered, original_claim, timely_filing
from server.claims.filing import FilingRules
from server.claims.numbers import claim_number
from server.claims.services import identity, member_key
from tests.server.claims.cast import CLAIM_ID, STRICT, TODAY
from tests.server.claims.documents import SERVICE_DAY, institutional, professional, service_line

NUMBER = claim_number(bytes(range(8)))
WRONG_NUMBER = f"{NUMBER[:-1]}{'0' if NUMBER[-1] != '0' else '1'}"
ONE_DAY = timedelta(days=1)

ORIGINAL = Original(
    claim_id=CLAIM_ID,
    payer_id="PAYER1",
    billing_provider="1234567893",
    person_key=member_key("M-1"),
)
STRANGERS: Mapping[str, Original | None] = {
    "there is none": None,
    "another payer": replace(ORIGINAL, payer_id="PAYER2"),
    "another provider": replace(ORIGINAL, billing_provider="1993999998"),
    "another member": replace(ORIGINAL, person_key=member_key("M-2")),
}

FIRST = ("original_claim_number", "a first bill names an original claim")
NAMELESS = ("original_claim_number", "a replacement or void names no original claim")
MISTYPED = (
    "original_claim_number",
    "the claim number has a wrong shape or check character",
)
UNKNOWN = (
    "original_claim_number",
    "there is no claim with this number of this payer, provider and member",
)


def faults(
    edit: Callable[[Submission], Iterator[Fault]],
    document: ClaimDocument,
    received: date = TODAY,
    **given: Any,
) -> list[Fault]:
    rules = FilingRules(months=12, roll_to_workday=False)
    policy = replace(STRICT.policy, filing=rules)
    return list(edit(Submission(document, received, policy, STRICT.codes, **given)))


def related(
    original: Original | None, frequency: str = "7", number: str = NUMBER, **changes: Any
) -> list[Fault]:
    document = professional(frequency_code=frequency, original_claim_number=number, **changes)
    return faults(original_claim, document, original=original)


@pytest.mark.parametrize("frequency", ["7", "8"])
def test_e07_a_correction_names_a_claim_of_the_same_parties(frequency: str) -> None:
    assert related(ORIGINAL, frequency) == []


@pytest.mark.parametrize("frequency", ["7", "8"])
def test_e07_a_correction_names_a_claim(frequency: str) -> None:
    assert related(None, frequency, "") == [NAMELESS]
    assert related(ORIGINAL, frequency, "") == [NAMELESS]


@pytest.mark.parametrize("stranger", STRANGERS)
def test_e07_a_claim_of_others_is_as_if_there_were_none(stranger: str) -> None:
    assert related(STRANGERS[stranger]) == [UNKNOWN]
    assert related(STRANGERS[stranger], "8") == [UNKNOWN]
    assert related(STRANGERS[stranger], number=WRONG_NUMBER) == [MISTYPED]


def test_e07_a_number_with_a_wrong_check_character_is_told_from_an_unknown_one() -> None:
    assert related(None, number=WRONG_NUMBER) == [MISTYPED]
    assert related(None, number="12345") == [MISTYPED]
    assert related(None, number=NUMBER) == [UNKNOWN]


def test_e07_a_number_that_is_held_is_right_in_any_shape() -> None:
    assert related(ORIGINAL, number="12345") == []


def test_e07_who_has_no_number_is_compared_as_such() -> None:
    assert related(replace(ORIGINAL, payer_id=""), payer=None) == []
    assert related(ORIGINAL, payer=None) == [UNKNOWN]
    assert related(ORIGINAL, payer=Payer(name="A Plan")) == [UNKNOWN]
    assert related(ORIGINAL, subscriber=None) == [UNKNOWN]
    assert related(ORIGINAL, billing_provider=None) == [UNKNOWN]


def test_e07_the_member_is_the_patient_when_the_patient_has_a_number() -> None:
    child = Person(member_id="M-2")
    assert related(ORIGINAL, patient=child) == [UNKNOWN]
    assert related(replace(ORIGINAL, person_key=member_key("M-2")), patient=child) == []
    assert related(ORIGINAL, patient=Person()) == []


def test_e07_a_dependent_under_the_subscribers_number_is_another_member() -> None:
    born = professional().subscriber
    assert born is not None
    same = Person(birth_date=born.birth_date, first_name=born.first_name)
    assert related(ORIGINAL, patient=same) == []
    assert related(ORIGINAL, patient=Person(birth_date=date(2015, 5, 5))) == [UNKNOWN]
    assert related(ORIGINAL, patient=Person(first_name="Kim")) == [UNKNOWN]


def test_e07_a_provider_may_be_known_by_another_number() -> None:
    practice = Provider(tax_id="123456789")
    known = replace(ORIGINAL, billing_provider=identity(practice))
    assert related(known, billing_provider=practice) == []
    assert related(ORIGINAL, billing_provider=practice) == [UNKNOWN]


@pytest.mark.parametrize("frequency", ["0", "1", "2", "3", "4", "9"])
def test_e07_a_first_bill_names_no_claim(frequency: str) -> None:
    assert related(None, frequency, "") == []
    assert related(ORIGINAL, frequency) == [FIRST]
    assert related(None, frequency) == [FIRST]


@pytest.mark.parametrize("frequency", ["", "5"])
def test_e07_other_frequencies_are_left_to_e14(frequency: str) -> None:
    assert related(None, frequency) == related(None, frequency, "") == []


def covered(first: date, last: date | None = None) -> Coverage:
    return Coverage(plan_id="GOLD", from_date=first, through_date=last)


UNCOVERED = "the member is not covered on this day"


def test_e08_without_a_table_nobody_is_looked_for() -> None:
    assert faults(member_covered, professional(), coverages=None) == []


@pytest.mark.parametrize(
    ("patient", "path"),
    [
        (None, "subscriber.member_id"),
        (Person(), "subscriber.member_id"),
        (Person(member_id="M-2"), "patient.member_id"),
    ],
)
def test_e08_a_member_must_be_found(patient: Person | None, path: str) -> None:
    document = professional(patient=patient)
    assert faults(member_covered, document, coverages=()) == [(path, "there is no such member")]


@pytest.mark.parametrize(
    ("span", "is_covered"),
    [
        (covered(SERVICE_DAY), True),
        (covered(SERVICE_DAY, SERVICE_DAY), True),
        (covered(date(2020, 1, 1), SERVICE_DAY), True),
        (covered(date(2020, 1, 1), SERVICE_DAY - ONE_DAY), False),
        (covered(SERVICE_DAY + ONE_DAY), False),
    ],
)
def test_e08_a_service_is_within_the_coverage(span: Coverage, is_covered: bool) -> None:
    found = faults(member_covered, professional("1.00"), coverages=(span,))
    assert found == ([] if is_covered else [("service_lines[0].service_from_date", UNCOVERED)])


def test_e08_each_line_is_looked_at_and_any_coverage_does() -> None:
    days = [date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 10), date(2026, 2, 11)]
    document = professional(
        service_lines=tuple(
            service_line(place, "1.00", service_from_date=day) for place, day in enumerate(days, 1)
        )
    )
    spans = (covered(date(2026, 2, 10)), covered(date(2026, 1, 1), date(2026, 1, 31)))
    assert faults(member_covered, document, coverages=spans) == [
        ("service_lines[1].service_from_date", UNCOVERED)
    ]
    assert faults(member_covered, document, coverages=spans[:1]) == [
        ("service_lines[0].service_from_date", UNCOVERED),
        ("service_lines[1].service_from_date", UNCOVERED),
    ]


def test_e08_undated_lines_have_the_day_of_the_statement() -> None:
    first = date(2026, 2, 9)
    undated = service_line(1, "1.00", service_from_date=None)
    dated = service_line(2, "1.00", service_from_date=first + ONE_DAY)
    document = institutional(service_lines=(undated, dated, undated))
    late = (covered(first + ONE_DAY),)
    assert faults(member_covered, document, coverages=(covered(first),)) == []
    assert faults(member_covered, document, coverages=late) == [("statement_from_date", UNCOVERED)]
    assert faults(member_covered, document, coverages=(covered(first, first),)) == [
        ("service_lines[1].service_from_date", UNCOVERED)
    ]


def test_e08_a_day_that_is_not_given_is_left_to_e01() -> None:
    undated = professional(service_lines=(service_line(1, "1.00", service_from_date=None),))
    assert faults(member_covered, undated, coverages=(covered(date(2030, 1, 1)),)) == []


TOO_LATE = "the claim is received after the time limit for this service"
LIMIT = date(2027, 2, 10)  # a year after the service


def test_e09_a_claim_comes_within_the_limit() -> None:
    assert faults(timely_filing, professional("1.00"), LIMIT) == []
    assert faults(timely_filing, professional("1.00"), LIMIT + ONE_DAY) == [
        ("service_lines[0].service_from_date", TOO_LATE)
    ]


def test_e09_each_late_line_is_told() -> None:
    later = service_line(2, "1.00", service_from_date=SERVICE_DAY + ONE_DAY)
    lines = (service_line(1, "1.00"), later, service_line(3, "1.00"))
    document = professional(service_lines=lines)
    assert faults(timely_filing, document, LIMIT + ONE_DAY) == [
        ("service_lines[0].service_from_date", TOO_LATE),
        ("service_lines[2].service_from_date", TOO_LATE),
    ]


def test_e09_an_institutional_claim_is_late_as_a_whole() -> None:
    lines = (service_line(1, "1.00"), service_line(2, "1.00"))
    document = institutional(service_lines=lines)
    limit = date(2027, 2, 12)  # a year after the last day of the statement
    assert faults(timely_filing, document, limit) == []
    assert faults(timely_filing, document, limit + ONE_DAY) == [
        ("statement_through_date", TOO_LATE)
    ]


def test_e09_a_void_is_never_too_late_and_a_replacement_may_be() -> None:
    void, replacement = professional(frequency_code="8"), professional(frequency_code="7")
    assert faults(timely_filing, void, LIMIT + ONE_DAY) == []
    assert len(faults(timely_filing, replacement, LIMIT + ONE_DAY)) == 2
    hospital = institutional(frequency_code="8")
    assert faults(timely_filing, hospital, date(2030, 1, 1)) == []
