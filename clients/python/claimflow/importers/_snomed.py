"""Which list a bare code of a Synthea ledger is from."""

from __future__ import annotations

from claimflow.v1.document_pb2 import (
    CODE_SYSTEM_CVX,
    CODE_SYSTEM_LOCAL,
    CODE_SYSTEM_RXNORM,
    CODE_SYSTEM_SNOMED_CT,
    CodeSystem,
)

# Verhoeff's check digit: products of the dihedral group of the pentagon, and the permutations.
_PRODUCTS = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_PERMUTATIONS = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 5, 7, 6, 2, 8, 3, 0, 9, 4),
    (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0),
    (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5),
    (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)
_CONCEPTS = ("00", "10")  # partitions of international and of extension concepts


def is_snomed_concept(code: str) -> bool:
    """Tell whether a code has the length, partition and check digit of a SNOMED CT concept."""
    if not (6 <= len(code) <= 18 and code.isascii() and code.isdigit()):
        return False
    if code[-3:-1] not in _CONCEPTS:
        return False
    check = 0
    for place, digit in enumerate(reversed(code)):
        check = _PRODUCTS[check][_PERMUTATIONS[place % 8][int(digit)]]
    return check == 0


def code_system_of(code: str, drugs: frozenset[str]) -> CodeSystem:
    """Return the list of a ledger code: known drugs first, then what its shape says."""
    if code in drugs:
        return CODE_SYSTEM_RXNORM
    if is_snomed_concept(code):
        return CODE_SYSTEM_SNOMED_CT
    if not (code.isascii() and code.isdigit()):
        return CODE_SYSTEM_LOCAL
    return CODE_SYSTEM_CVX if len(code) <= 3 else CODE_SYSTEM_RXNORM
