"""Which importer reads a file, told by its content."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from claimflow.importers._desynpuf import CARRIER, INPATIENT, OUTPATIENT
from claimflow.importers._jsonl import JsonLinesImporter, looks_like_claims
from claimflow.importers._record import Importer, UnknownFormat
from claimflow.importers._synthea import SyntheaImporter, is_synthea
from claimflow.importers._x12 import X12Importer, looks_like_837

_HEAD_BYTES = 1 << 16
_SYNTHEA, _X12, _JSONL = SyntheaImporter(), X12Importer(), JsonLinesImporter()
# The one that needs most first: an inpatient file has nearly all columns of an outpatient one.
_BY_HEADER = (CARRIER, INPATIENT, OUTPATIENT)

IMPORTERS: Mapping[str, Importer] = MappingProxyType(
    {importer.name: importer for importer in (CARRIER, OUTPATIENT, INPATIENT)}
    | {importer.name: importer for importer in (_SYNTHEA, _X12, _JSONL)}
)


def detect(path: Path) -> Importer:
    """Return the importer for a file, or for a folder that is one source; else `UnknownFormat`."""
    if path.is_dir():
        if is_synthea(path):
            return _SYNTHEA
        raise UnknownFormat("a folder, but no Synthea export")
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if looks_like_837(head):
        return _X12
    if looks_like_claims(head):
        return _JSONL
    columns = _columns(head)
    for importer in _BY_HEADER:
        if importer.needed <= columns:
            return importer
    raise UnknownFormat("no format that is known")


def _columns(head: bytes) -> frozenset[str]:
    line = head.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0]
    try:
        return frozenset(name.strip() for name in next(csv.reader([line.decode()]), []))
    except (UnicodeDecodeError, csv.Error):
        return frozenset()
