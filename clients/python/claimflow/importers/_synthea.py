"""A folder of Synthea's CSV export: a claim is a row of `claims.csv` with its CHARGE rows.

The ledger `claims_transactions.csv` is not always in the order of the claims, so it is read once
before, and the places of the charge rows are held in memory (some 200 bytes a claim), as are the
small tables of patients, payers, providers and organizations (some 2 kB each). Claims themselves
stream. What Synthea has not is left empty: NPIs, revenue codes, types of bill, and places of
service, whose column holds the organization instead.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from claimflow.importers._record import Content, Flaw, Record
from claimflow.importers._rows import count_rows, read_rows, row_at
from claimflow.importers._synthea_claim import CLAIM_COLUMNS, Tables, build_claim

CLAIMS = "claims.csv"
LEDGER = "claims_transactions.csv"
_LEDGER_COLUMNS = frozenset(
    {
        "ID",
        "CLAIMID",
        "TYPE",
        "AMOUNT",
        "FROMDATE",
        "TODATE",
        "PLACEOFSERVICE",
        "PROCEDURECODE",
        "UNITS",
        "NOTES",
        "DIAGNOSISREF1",
    }
)


def is_synthea(folder: Path) -> bool:
    """Tell whether a folder holds an export."""
    return (folder / CLAIMS).is_file() and (folder / LEDGER).is_file()


@dataclass(frozen=True)
class _Ledger:
    """Where the charges are: places in the file by claim, and the rows that cannot be read."""

    header: list[str]
    charges: dict[str, array[int]]
    # Line of the first charge of each claim, for claims that are not in claims.csv.
    lines: dict[str, int]
    bad: list[tuple[int, str]]


@dataclass(frozen=True)
class SyntheaImporter:
    """Reads a folder."""

    name: str = "synthea"

    def count(self, path: Content) -> int | None:
        """Return the number of claims."""
        if not isinstance(path, Path) or not is_synthea(path):
            return None
        return count_rows(path / CLAIMS)

    def records(self, path: Content, *, start_after: int = 0) -> Iterator[Record]:
        """Yield a record for each claim, then one for each charge without a claim."""
        if not isinstance(path, Path) or not is_synthea(path):
            if start_after < 1:
                problem = f"a Synthea export is a folder with {CLAIMS} and {LEDGER}"
                yield Record(1, "the source", problem=problem)
            return
        last = 0
        try:
            for record in self._records(path):
                last = record.position
                if last > start_after:
                    yield record
        except Flaw as flaw:
            if last + 1 > start_after:
                yield Record(last + 1, path.name, problem=str(flaw))

    def _records(self, folder: Path) -> Iterator[Record]:
        ledger = _read_ledger(folder / LEDGER)
        tables = Tables.read(folder)
        batch = _batch_name(folder)
        position = 0
        with (folder / CLAIMS).open("rb") as claims, (folder / LEDGER).open("rb") as rows:
            for row in read_rows(claims, CLAIM_COLUMNS):
                position, where = row.number, f"{CLAIMS} line {row.line}"
                try:
                    if row.problem is not None:
                        raise Flaw(row.problem)
                    places = ledger.charges.pop(row.values["Id"], array("Q"))
                    charges = [_charge(rows, place, ledger.header) for place in places]
                    claim = build_claim(row.values, charges, tables)
                except Flaw as flaw:
                    yield Record(position, where, problem=str(flaw))
                    continue
                claim.source.batch, claim.source.position = batch, position
                yield Record(position, where, document=claim)
        # What is left belongs to no claim.
        orphans = ((ledger.lines[claim], f"charges of a claim that is not in {CLAIMS}")
                   for claim in ledger.charges)  # fmt: skip
        for number, (line, problem) in enumerate((*ledger.bad, *orphans), position + 1):
            yield Record(number, f"{LEDGER} line {line}", problem=problem)


def _read_ledger(path: Path) -> _Ledger:
    ledger = _Ledger([], {}, {}, [])
    with path.open("rb") as file:
        try:
            for row in read_rows(file, _LEDGER_COLUMNS):
                if row.problem is not None:
                    ledger.bad.append((row.line, row.problem))
                    continue
                if not ledger.header:
                    ledger.header.extend(row.values)
                if row.values["TYPE"] != "CHARGE":
                    continue
                claim = row.values["CLAIMID"]
                if claim not in ledger.charges:
                    ledger.charges[claim], ledger.lines[claim] = array("Q"), row.line
                ledger.charges[claim].append(row.offset)
        except Flaw as flaw:
            raise Flaw(f"{LEDGER}: {flaw}") from None
    return ledger


def _charge(rows: BinaryIO, place: int, header: list[str]) -> dict[str, str]:
    return row_at(rows, place, header)


def _batch_name(folder: Path) -> str:
    # Synthea calls every export's folder "csv"; the folder above tells them apart.
    folder = folder.resolve()
    return f"{folder.parent.name}/{folder.name}" if folder.name == "csv" else folder.name
