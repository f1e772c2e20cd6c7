"""What tells services and persons apart when claims are compared (1.9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from server.claims.document import Drug, Person, Provider, Tooth
from server.claims.services import (
    identity,
    member_key,
    member_number,
    payee,
    person_key,
    services_of,
)
from tests.server.claims.documents import professional, service_line

LINE = service_line(1, "100.00")
SUBSCRIBER = Person(member_id="M-1", first_name="Ann", birth_date=date(1970, 1, 1))


def key(**changes: Any) -> str:
    (service,) = services_of(professional(service_lines=(replace(LINE, **changes),)))
    return service.key


@pytest.mark.parametrize(
    "changes",
    [
        {"tooth": Tooth(number="14")},
        {"tooth": Tooth(surfaces=("M",))},
        {"tooth": Tooth(oral_cavity_codes=("10",))},
        {"drug": Drug(ndc="00093015010")},
        {"place_of_service_code": "22"},
        {"revenue_code": "0450"},
        {"service_through_date": date(2026, 2, 11)},
        {"rendering_provider": Provider(npi="1993999998")},
    ],
)
def test_e10_a_service_that_differs_in_this_is_another(changes: dict[str, Any]) -> None:
    assert key(**changes) != key()


def test_e10_the_order_of_surfaces_does_not_matter() -> None:
    one, other = Tooth(number="14", surfaces=("M", "O")), Tooth(number="14", surfaces=("O", "M"))
    assert key(tooth=one) == key(tooth=other) != key(tooth=Tooth(number="14", surfaces=("M",)))


def test_e10_an_undated_service_has_no_key() -> None:
    assert key(service_from_date=None) == ""


@pytest.mark.parametrize(
    ("provider", "known"),
    [
        (Provider(npi="1", tax_id="2", other_id="3", name="4"), "1"),
        (Provider(other_id="3", name="4"), "3"),
        (Provider(name="4"), "4"),
        (None, ""),
    ],
)
def test_a_provider_is_known_by_the_first_of_its_names(
    provider: Provider | None, known: str
) -> None:
    assert identity(provider) == known


def test_a_tax_number_stands_for_its_provider_as_a_hash() -> None:
    known = identity(Provider(tax_id="123456789", other_id="3"))
    assert known.startswith("TAX-") and "123456789" not in known and len(known) == 28
    assert known != identity(Provider(tax_id="123456780"))


def test_a_pay_to_provider_is_paid_before_the_billing_one() -> None:
    assert payee(professional()) == "1234567893"
    assert payee(professional(pay_to_provider=Provider(npi="1993999998"))) == "1993999998"


@pytest.mark.parametrize(
    ("patient", "same"),
    [
        (None, True),
        (Person(), True),
        (Person(first_name="Ann"), True),
        (Person(first_name="Ann", birth_date=date(1970, 1, 1)), True),
        (Person(first_name="Kim"), False),
        (Person(birth_date=date(2015, 5, 5)), False),
        (Person(first_name="Ann", birth_date=date(2015, 5, 5)), False),
    ],
)
def test_m14_dependents_under_one_number_are_persons_of_their_own(
    patient: Person | None, same: bool
) -> None:
    document = professional(subscriber=SUBSCRIBER, patient=patient)
    assert (person_key(document) == member_key("M-1")) is same
    assert member_number(document) == "M-1"


def test_m14_two_dependents_are_two_persons() -> None:
    one, other = (
        person_key(professional(subscriber=SUBSCRIBER, patient=Person(first_name=name)))
        for name in ("Kim", "Lee")
    )
    assert one != other


def test_a_patient_with_a_number_is_known_by_it() -> None:
    document = professional(subscriber=SUBSCRIBER, patient=Person(member_id="M-2"))
    assert (member_number(document), person_key(document)) == ("M-2", member_key("M-2"))


def test_nobody_is_known_without_a_number() -> None:
    document = professional(subscriber=None, patient=Person(first_name="Kim"))
    assert (member_number(document), person_key(document), member_key("")) == ("", "", "")


@pytest.mark.parametrize(
    ("number", "patient"),
    [
        ("M-1", Person(first_name="Kim", birth_date=date(2017, 7, 7))),
        ("M-9", Person(first_name="Kim", birth_date=date(2015, 5, 5))),
    ],
)
def test_m14_a_dependent_is_told_apart_by_number_and_birth_date(
    number: str, patient: Person
) -> None:
    kim = Person(first_name="Kim", birth_date=date(2015, 5, 5))
    first = professional(subscriber=SUBSCRIBER, patient=kim)
    second = professional(subscriber=replace(SUBSCRIBER, member_id=number), patient=patient)
    assert person_key(first) != person_key(second)
