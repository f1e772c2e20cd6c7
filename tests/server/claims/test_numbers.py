"""Claim numbers and provider identifiers carry their own check."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.claims.npi import check_digit, valid_npi
from server.claims.numbers import check_character, claim_number, valid_claim_number

ENTROPY = st.binary(min_size=8, max_size=16)
CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@given(ENTROPY)
def test_a_claim_number_is_valid_and_of_the_contracts_shape(entropy: bytes) -> None:
    number = claim_number(entropy)
    assert valid_claim_number(number)
    assert (len(number), number[:2]) == (15, "CF")


@given(ENTROPY, st.integers(2, 14), st.sampled_from(CHARACTERS))
def test_one_wrong_character_is_noticed(entropy: bytes, place: int, other: str) -> None:
    number = claim_number(entropy)
    changed = number[:place] + other + number[place + 1 :]
    assert valid_claim_number(changed) == (changed == number)


def test_two_swapped_neighbours_are_nearly_always_noticed() -> None:
    swaps = missed = 0
    for seed in range(200):
        number = claim_number(hashlib.sha256(bytes([seed])).digest())
        for place in range(2, len(number) - 1):
            swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
            if swapped != number:
                swaps += 1
                missed += valid_claim_number(swapped)
    assert swaps > 2000
    assert missed < swaps / 100


@pytest.mark.parametrize("text", ["", "CF", "CF000000000000", "cf0000000000000", "XX0000000000001"])
def test_what_is_no_claim_number(text: str) -> None:
    assert not valid_claim_number(text)


def test_iso_7064_mod_37_36_known_answers() -> None:
    assert check_character("A12425GABC1234002") == "M"  # the example of the release identifier


def test_too_little_entropy_is_an_error_of_ours() -> None:
    with pytest.raises(ValueError, match="entropy"):
        claim_number(bytes(7))


@pytest.mark.parametrize("npi", ["1234567893", "1993999998", "1558598797", "1245319599"])
def test_x14_e03_a_valid_npi(npi: str) -> None:
    assert valid_npi(npi)


@pytest.mark.parametrize(
    "npi",
    [
        "1234567890",
        "1666666661",
        "6543210903",
        "123456789",
        "12345678930",
        "123456789X",
        "",
        "\uff11\uff1234567893",
    ],
)
def test_x14_e03_no_npi(npi: str) -> None:
    assert not valid_npi(npi)


def test_x14_the_check_digit_of_the_published_example() -> None:
    assert check_digit("123456789") == "3"


@given(st.integers(100_000_000, 299_999_999), st.integers(0, 8), st.integers(1, 9))
def test_e03_one_wrong_digit_is_noticed(first_nine: int, place: int, shift: int) -> None:
    digits = str(first_nine)
    npi = digits + check_digit(digits)
    wrong = str((int(npi[place]) + shift) % 10)
    assert not valid_npi(npi[:place] + wrong + npi[place + 1 :])
