"""Loads NCCI code edits from the files that CMS publishes every quarter.

The practitioner table of pairs comes in several files, tab or comma separated, with some lines
above the header; the table of units is one file, which does not say from when on it holds. A load
is one transaction: every bad row is told by its line, and then nothing is loaded.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg

from server.command.files import BadFile
from server.command.load_tables import LoadedTable, put_rows
from server.command.migrate import bump

_CODE: Final = re.compile(r"[0-9A-Z]{5}")
_DAY: Final = re.compile(r"[0-9]{8}")
_INDICATOR: Final = re.compile(r"[019]")
_UNITS: Final = re.compile(r"[0-9]{1,6}")
_MAI: Final = re.compile(r"([123])( .*)?", re.DOTALL)
_NO_DAY: Final = ("", "*")
# How headers begin, without blanks and line breaks, in the order of the columns that are read.
_PTP_COLUMNS: Final = ("column1", "column2", "effective", "deletion", "modifier")
_MUE_COLUMNS: Final = ("hcpcs/cptcode", "muevalues", "mueadjudicationindicator")
_NOT_ACTIVE: Final = 9
_ONE_DAY: Final = timedelta(days=1)

_Pairs = dict[tuple[str, str, date], tuple[date | None, int]]


def load_ptp(database_url: str, files: Sequence[Path], *, replace: bool = False) -> LoadedTable:
    """Load the files of a table of pairs; with `replace` there are no others afterwards.

    Raises `BadFile` when a row cannot be read.
    """
    pairs: _Pairs = {}
    problems: list[str] = []
    for file in files:
        place = f"{file.name} " if len(files) > 1 else ""
        for line, cells in _rows(file, _PTP_COLUMNS, place, problems):
            try:
                _add_pair(pairs, cells)
            except ValueError as error:
                problems.append(f"{place}line {line}: {error}")
    if problems:
        raise BadFile(problems)
    columns, more = ("column_1", "column_2", "effective_from"), ("deleted_on", "modifier_indicator")
    with psycopg.connect(database_url, application_name="claimflow load-ptp") as connection:
        version = _new_version(connection, "PTP")
        if replace:
            connection.execute("DELETE FROM claimflow.ptp_pair")
        rows = ((*key, *row) for key, row in pairs.items())
        put_rows(connection, "ptp_pair", columns, more, rows)
    return LoadedTable(table="ptp_pair", rows=len(pairs), version=version)


def load_mue(
    database_url: str, file: Path, *, effective_from: date, replace: bool = False
) -> LoadedTable:
    """Load the table of units that holds from a day on, until that of a later day.

    With `replace` there is no other afterwards. Raises `BadFile` when a row cannot be read.
    """
    limits: dict[str, tuple[int, int]] = {}
    problems: list[str] = []
    for line, (code, units, indicator) in _rows(file, _MUE_COLUMNS, "", problems):
        try:
            _add_limit(limits, code, units, indicator)
        except ValueError as error:
            problems.append(f"line {line}: {error}")
    if problems:
        raise BadFile(problems)
    columns = ("code", "effective_from")
    more = ("effective_to", "max_units", "adjudication_indicator")
    with psycopg.connect(database_url, application_name="claimflow load-mue") as connection:
        version = _new_version(connection, "MUE")
        last = _make_way(connection, effective_from, replace)
        rows = ((code, effective_from, last, *limit) for code, limit in limits.items())
        put_rows(connection, "mue_limit", columns, more, rows)
    return LoadedTable(table="mue_limit", rows=len(limits), version=version)


def _new_version(connection: psycopg.Connection[Any], name: str) -> int:
    version = bump(connection)
    connection.execute(
        "INSERT INTO claimflow.code_edit_table (name, version) VALUES (%s, %s)"
        " ON CONFLICT (name) DO UPDATE SET version = excluded.version, loaded_at = now()",
        (name, version),
    )
    return version


def _make_way(
    connection: psycopg.Connection[Any], effective_from: date, replace: bool
) -> date | None:
    """End the table of units before a day; return the last day of the one that begins on it."""
    if replace:
        connection.execute("DELETE FROM claimflow.mue_limit")
        return None
    connection.execute(
        "DELETE FROM claimflow.mue_limit WHERE effective_from = %s", (effective_from,)
    )
    connection.execute(
        "UPDATE claimflow.mue_limit SET effective_to = %(last)s"
        " WHERE effective_from <= %(last)s AND (effective_to > %(last)s OR effective_to IS NULL)",
        {"last": effective_from - _ONE_DAY},
    )
    row = connection.execute(
        "SELECT min(effective_from) - 1 FROM claimflow.mue_limit WHERE effective_from > %s",
        (effective_from,),
    ).fetchone()
    assert row is not None, "an aggregate has one row"
    last: date | None = row[0]
    return last


def _rows(
    file: Path, columns: Sequence[str], place: str, problems: list[str]
) -> Iterator[tuple[int, list[str]]]:
    """Yield line and cells of the rows below the header, in the order of `columns`."""
    text = _text(file)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, columns[0]))
    where: list[int] | None = None
    begun = False
    try:
        for cells in reader:
            if where is None:
                where = _header(cells, columns)
                continue
            stripped = [cell.strip() for cell in cells]
            # A header may go on below, in the cells of its later columns.
            begun = begun or bool(stripped and stripped[0])
            if not begun or not any(stripped):
                continue
            if len(stripped) <= max(where):
                problems.append(f"{place}line {reader.line_num}: values are missing")
                continue
            yield reader.line_num, [stripped[one] for one in where]
    except csv.Error:
        problems.append(f"{place}line {max(1, reader.line_num)}: this is no CSV")
        return
    if not begun:
        problems.append(f"{place}line 1: there is no header {columns[0]!r} with rows below")


def _text(file: Path) -> str:
    data = file.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")  # as published


def _bare(cell: str) -> str:
    return "".join(cell.split()).lower()


def _delimiter(text: str, first: str) -> str:
    """Return what separates the cells: whatever follows the name of the first column."""
    bare = r"\s*".join(map(re.escape, first))
    found = re.search(rf'^"?{bare}"?\s*?([\t,])', text, re.IGNORECASE | re.MULTILINE)
    return found[1] if found else ","


def _header(cells: Sequence[str], columns: Sequence[str]) -> list[int] | None:
    """Return where the columns are, None when this is no header."""
    names = [_bare(cell) for cell in cells]
    if not names or names[0] != columns[0]:
        return None
    where = []
    for column in columns:
        found = [place for place, name in enumerate(names) if column in name]
        if not found:
            return None
        where.append(found[0])
    return where


def _add_pair(pairs: _Pairs, cells: Sequence[str]) -> None:
    first, second, begins, ends, indicator = cells
    if not (_CODE.fullmatch(first) and _CODE.fullmatch(second)):
        raise ValueError("a code must be 5 letters and digits")
    if first == second:
        raise ValueError("a code is paired with itself")
    if _INDICATOR.fullmatch(indicator) is None:
        raise ValueError("the modifier indicator must be 0, 1 or 9")
    begin, end = _date(begins), None if ends in _NO_DAY else _date(ends)
    if end is not None and end < begin:
        raise ValueError("the deletion date is before the effective date")
    key, row = (first, second, begin), (end, int(indicator))
    known = pairs.get(key, row)
    if known != row and _NOT_ACTIVE not in (known[1], row[1]):
        raise ValueError("the pair stands here twice with the same effective date")
    # Of two rows of a day, one that was taken back says nothing.
    pairs[key] = known if row[1] == _NOT_ACTIVE else row


def _add_limit(limits: dict[str, tuple[int, int]], code: str, units: str, indicator: str) -> None:
    if _CODE.fullmatch(code) is None:
        raise ValueError("the code must be 5 letters and digits")
    if _UNITS.fullmatch(units) is None:
        raise ValueError("the MUE value must be a whole number")
    found = _MAI.fullmatch(indicator)
    if found is None:
        raise ValueError("the adjudication indicator must begin with 1, 2 or 3")
    if code in limits:
        raise ValueError("the code stands here twice")
    limits[code] = (int(units), int(found[1]))


def _date(text: str) -> date:
    if _DAY.fullmatch(text) is None:
        raise ValueError("a date must be written as 20260131")
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise ValueError("there is no such day") from None
