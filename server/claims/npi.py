"""National provider identifiers: ten digits, the last one checks the rest (X14)."""

from __future__ import annotations

import re
from functools import lru_cache

_SHAPE = re.compile(r"[12][0-9]{9}")
_CONSTANT = 24  # what the prefix 80840 adds to the Luhn sum


@lru_cache(maxsize=65_536)
def valid_npi(npi: str) -> bool:
    """Tell whether a text is an NPI by shape and check digit (Luhn over "80840" and the NPI)."""
    return _SHAPE.fullmatch(npi) is not None and check_digit(npi[:9]) == npi[9]


def check_digit(first_nine: str) -> str:
    """Return the tenth digit of an NPI."""
    total = _CONSTANT
    for place, character in enumerate(first_nine):
        digit = int(character)
        if place % 2 == 0:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
    return str(-total % 10)
