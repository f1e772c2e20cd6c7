"""Loads code tables from files: CSV with the header code[,billable][,valid_from,valid_to].

`start_date` and `end_date` name the days as well. A load is one transaction: every bad row is told
by its line, and then nothing is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import psycopg

from server.command.files import BadFile, csv_rows, day
from server.command.migrate import bump

_SYSTEM: Final = re.compile(r"[A-Z][A-Z0-9_]{1,31}")
_CODE: Final = re.compile(r"[A-Z0-9]{1,20}")
_TRUE: Final = frozenset({"true", "t", "yes", "y", "1"})
_FALSE: Final = frozenset({"false", "f", "no", "n", "0"})

Row = tuple[str, date | None, date | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a load has done."""

    system: str
    rows_read: int
    codes_loaded: int
    not_billable: int
    version: int


def load_codes(
    database_url: str,
    system: str,
    file: Path,
    *,
    valid_from: date | None = None,
    replace: bool = False,
) -> Loaded:
    """Load a file into a code system; with `replace` the system holds nothing else afterwards.

    Rows without a first day get `valid_from`. Raises `BadFile` when a row cannot be read.
    """
    if _SYSTEM.fullmatch(system) is None:
        raise BadFile(["the system must be capitals, digits and _, such as ICD_10_CM"])
    rows: dict[tuple[str, date | None], date | None] = {}
    problems: list[str] = []
    rows_read = not_billable = 0
    for line, row in _read(file, valid_from, problems):
        rows_read += 1
        if row is None:
            not_billable += 1
            continue
        code, first, last = row
        key = (code, first)
        if key in rows and rows[key] != last:
            problems.append(f"line {line}: the code stands here twice with the same first day")
        rows[key] = last
    if problems:
        raise BadFile(problems)
    with psycopg.connect(database_url, application_name="claimflow load-codes") as connection:
        version = bump(connection)
        _store(connection, system, rows, version, replace)
    return Loaded(
        system=system,
        rows_read=rows_read,
        codes_loaded=len(rows),
        not_billable=not_billable,
        version=version,
    )


def _store(
    connection: psycopg.Connection[Any],
    system: str,
    rows: dict[tuple[str, date | None], date | None],
    version: int,
    replace: bool,
) -> None:
    connection.execute(
        "INSERT INTO claimflow.code_system (system, complete, version) VALUES (%s, true, %s)"
        " ON CONFLICT (system) DO UPDATE SET version = excluded.version, loaded_at = now()",
        (system, version),
    )
    if replace:
        connection.execute("DELETE FROM claimflow.code_value WHERE system = %s", (system,))
    connection.execute(
        "CREATE TEMPORARY TABLE loading (code text, valid_from date, valid_to date) ON COMMIT DROP"
    )
    with connection.cursor().copy("COPY loading FROM STDIN") as copy:
        for (code, first), last in rows.items():
            copy.write_row((code, first, last))
    connection.execute(
        "INSERT INTO claimflow.code_value (system, code, valid_from, valid_to)"
        " SELECT %s, code, valid_from, valid_to FROM loading"
        " ON CONFLICT (system, code, valid_from) DO UPDATE SET valid_to = excluded.valid_to",
        (system,),
    )


def _read(
    file: Path, valid_from: date | None, problems: list[str]
) -> Iterator[tuple[int, Row | None]]:
    """Yield line and row, None for a code that may not be billed; note every bad row."""
    for line, cells in csv_rows(file, ("code",), problems):
        try:
            row = _row(cells, valid_from)
        except ValueError as error:
            problems.append(f"line {line}: {error}")
            continue
        yield line, row


def _row(cells: Mapping[str, str], valid_from: date | None) -> Row | None:
    code = cells["code"].upper().replace(".", "")
    if _CODE.fullmatch(code) is None:
        raise ValueError("the code must be 1 to 20 letters and digits")
    first = day(cells.get("valid_from", cells.get("start_date", ""))) or valid_from
    last = day(cells.get("valid_to", cells.get("end_date", "")))
    if first and last and last < first:
        raise ValueError("the last day is before the first")
    if "billable" in cells and not _flag(cells["billable"]):
        return None
    return code, first, last


def _flag(text: str) -> bool:
    word = text.lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError("billable must be true or false")
