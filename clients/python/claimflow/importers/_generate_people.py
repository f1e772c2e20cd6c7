"""Made-up providers and members, each told wholly by its number; nobody is kept in memory."""

from __future__ import annotations

from functools import lru_cache

from google.type.date_pb2 import Date

from claimflow.importers._generate_lists import (
    CITIES,
    FIRST_NAMES,
    LAST_NAMES,
    PRACTICES,
    STREETS,
    TAXONOMIES,
)
from claimflow.v1.document_pb2 import TAX_ID_TYPE_EIN, Address, Person, Provider

_MASK = (1 << 64) - 1
# Kinds of provider have numbers of their own, so no two share an NPI.
_PRACTICE, _FACILITY, _DOCTOR = 0, 1, 2
_KINDS = 3


def _mix(number: int) -> int:
    """Spread a number over 64 bits (the finisher of SplitMix64)."""
    number = (number + 0x9E3779B97F4A7C15) & _MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _MASK
    return number ^ (number >> 31)


def check_digit(first_nine: str) -> int:
    """Return the tenth digit of an NPI: Luhn over 80840 and the first nine."""
    total = 24  # what 80840 adds
    for place, digit in enumerate(first_nine):
        value = int(digit) * (1 if place % 2 else 2)
        total += value - 9 if value > 9 else value
    return -total % 10


def _npi(number: int) -> str:
    first_nine = f"1{(number * 6_700_417 + 31_415_926) % 100_000_000:08d}"  # a bijection
    return f"{first_nine}{check_digit(first_nine)}"


def _address(mixed: int) -> Address:
    city, state, postal_code = CITIES[mixed % len(CITIES)]
    street = STREETS[(mixed >> 8) % len(STREETS)]
    return Address(
        lines=[f"{100 + (mixed >> 16) % 9000} {street}"],
        city=city,
        state=state,
        postal_code=postal_code,
        country_code="US",
    )


def _organization(number: int, kind: int, name: str, taxonomy_code: str) -> Provider:
    mixed = _mix(_KINDS * number + kind)
    return Provider(
        npi=_npi(_KINDS * number + kind),
        tax_id=f"{10 + mixed % 80}{(mixed >> 20) % 10_000_000:07d}",
        tax_id_type=TAX_ID_TYPE_EIN,
        taxonomy_code=taxonomy_code,
        name=f"{LAST_NAMES[(mixed >> 40) % len(LAST_NAMES)]} {name}",
        address=_address(mixed),
    )


@lru_cache(4096)
def practice_of(number: int) -> Provider:
    """Return a group of doctors."""
    taxonomy_code = TAXONOMIES[number % len(TAXONOMIES)]
    return _organization(number, _PRACTICE, PRACTICES[number % len(PRACTICES)], taxonomy_code)


@lru_cache(4096)
def facility_of(number: int) -> Provider:
    """Return a hospital."""
    return _organization(number, _FACILITY, "Memorial Hospital", "282N00000X")


@lru_cache(4096)
def doctor_of(number: int) -> Provider:
    """Return a doctor."""
    mixed = _mix(_KINDS * number + _DOCTOR)
    return Provider(
        npi=_npi(_KINDS * number + _DOCTOR),
        taxonomy_code=TAXONOMIES[mixed % len(TAXONOMIES)],
        name=LAST_NAMES[(mixed >> 10) % len(LAST_NAMES)],
        first_name=FIRST_NAMES[(mixed >> 20) % len(FIRST_NAMES)],
    )


def member_of(number: int) -> Person:
    """Return a member; the same number is the same person in every claim."""
    mixed = _mix(~number & _MASK)
    place = (mixed >> 20) % len(FIRST_NAMES)
    return Person(
        member_id=f"M{number:08d}{mixed % 90 + 10}",
        last_name=LAST_NAMES[(mixed >> 10) % len(LAST_NAMES)],
        first_name=FIRST_NAMES[place],
        birth_date=Date(
            year=1936 + (mixed >> 30) % 85,
            month=1 + (mixed >> 38) % 12,
            day=1 + (mixed >> 42) % 28,
        ),
        # The list of first names alternates.
        sex_code="FM"[place % 2],
        address=_address(mixed >> 3),
        relationship_code="18",
    )
