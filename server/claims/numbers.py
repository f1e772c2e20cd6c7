"""Claim numbers: short enough to be read over the telephone, with a check character.

ISO 7064 MOD 37,36 finds every single wrong character, and nearly every swap of two neighbours.
"""

from __future__ import annotations

import re

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BASE = len(_ALPHABET)
_LENGTH = 12
_PREFIX = "CF"
_SHAPE = re.compile(rf"{_PREFIX}[0-9A-Z]{{{_LENGTH + 1}}}")
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
ENTROPY_BYTES_MIN = 8  # twelve characters hold 62 bits


def claim_number(entropy: bytes) -> str:
    """Return the claim number of some random bytes; equal bytes make equal numbers."""
    if len(entropy) < ENTROPY_BYTES_MIN:
        raise ValueError(f"a claim number needs {ENTROPY_BYTES_MIN} bytes of entropy")
    rest = int.from_bytes(entropy, "big") % _BASE**_LENGTH
    characters = []
    for _ in range(_LENGTH):
        rest, value = divmod(rest, _BASE)
        characters.append(_ALPHABET[value])
    body = _PREFIX + "".join(characters)
    return body + check_character(body)


def valid_claim_number(text: str) -> bool:
    """Tell whether a text is a claim number, by shape and check character."""
    return _SHAPE.fullmatch(text) is not None and check_character(text[:-1]) == text[-1]


def check_character(body: str) -> str:
    """Return the ISO 7064 MOD 37,36 check character of digits and capital letters."""
    carried = _BASE
    for character in body:
        carried = (carried + _VALUES[character]) % _BASE or _BASE
        carried = carried * 2 % (_BASE + 1)
    return _ALPHABET[(_BASE + 1 - carried) % _BASE]
