"""The shapes of coded values (domain.md 2). Whether a code exists on a day is the tables' to say.

Shapes are looser than textbooks: the ICD-10-CM list of April 2026 has codes that `[A-Z][0-9]…`
rejects (domain.md 0, finding 8).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Protocol

from server.claims.document import CodeSystem

ICD_10_CM = re.compile(r"[A-Z][0-9A-Z]{2}[0-9A-Z]{0,4}")
ICD_9_CM = re.compile(r"[0-9]{3}[0-9]{0,2}|V[0-9]{2}[0-9]{0,2}|E[0-9]{3}[0-9]?")
ICD_10_PCS = re.compile(r"[0-9A-HJ-NP-Z]{7}")
ICD_9_PCS = re.compile(r"[0-9]{2}[0-9]{0,2}")
HCPCS = re.compile(r"[0-9]{4}[0-9FTUM]|[A-V][0-9]{4}")
CDT = re.compile(r"D[0-9]{4}")
MODIFIER = re.compile(r"[0-9A-Z]{2}")
PLACE_OF_SERVICE = re.compile(r"[0-9]{2}")
FACILITY_TYPE = re.compile(r"[0-9A-Z]{2}")
REVENUE = re.compile(r"[0-9]{4}")
NDC = re.compile(r"[0-9]{11}")
DRG = re.compile(r"[0-9]{3}")
CARC = re.compile(r"[0-9]{1,3}|[A-Z][0-9]{1,2}|P[0-9]{1,2}")
RARC = re.compile(r"M[0-9]{1,3}|MA[0-9]{2,3}|N[0-9]{1,4}")

GROUP_CODES = ("CO", "PR", "OA", "PI")

SHAPES: Mapping[CodeSystem, re.Pattern[str]] = MappingProxyType(
    {
        CodeSystem.ICD_10_CM: ICD_10_CM,
        CodeSystem.ICD_9_CM: ICD_9_CM,
        CodeSystem.ICD_10_PCS: ICD_10_PCS,
        CodeSystem.ICD_9_PCS: ICD_9_PCS,
        CodeSystem.HCPCS: HCPCS,
        CodeSystem.CDT: CDT,
    }
)


def fits(shape: re.Pattern[str], code: str) -> bool:
    """Tell whether a whole code has a shape."""
    return shape.fullmatch(code) is not None


class Codes(Protocol):
    """The dated code tables."""

    def valid(self, system: str, code: str, on: date) -> bool | None:
        """Tell whether a code may be billed on a day; None when no table of that system is loaded.

        Systems are the names of `CodeSystem`, and "POS", "CARC", "RARC", "REVENUE", "MODIFIER".
        """
