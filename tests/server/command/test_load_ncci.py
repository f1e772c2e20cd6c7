"""NCCI code edits: read as they are published, dated, and found by code and day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Table

from server.claims.code_edits import MueLimit, PtpPair
from server.command import tables_benefits
from server.command.benefits import CodeEditTables
from server.command.files import BadFile
from server.command.load_ncci import load_mue, load_ptp
from tests.server.command.pricing_tables import DEMO, code_edits, with_tables
from tests.server.command.support import count, rows

ABOVE = "Some words about copyrights.\n\n"
PTP_CSV = (
    'Column 1,Column 2,"*=in existence prior to 1996",Effective Date,'
    '"Deletion Date *=no data","Modifier 0=not allowed 1=allowed 9=not applicable",'
    "PTP Edit Rationale\n"
)
PTP_TABS = PTP_CSV.replace(",", "\t")
# As one cell is written over several lines of a spreadsheet.
PTP_BELOW = (
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\n"
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\n"
    "\t\t\t\t*=no data\t1=allowed\t\n"
)
MUE = (
    '"Some words, copyrights among them.",,,\n"HCPCS/\nCPT Code",Practitioner Services MUE Values,'
    "MUE Adjudication Indicator,MUE Rationale\n"
)
PUBLISHED = "\n".join(
    (
        "99213,36415,*,19960101,*,1,\x93Standards\x94",
        "0001A,J1885,,20200101,20260210,0,",
        "G0439,99396,,20200101,20200101,9,Taken back",
    )
)
FIRST = date(2026, 1, 1)
# A file with a bad row is refused before anything is asked of a database.
NOWHERE = "postgresql://nowhere.invalid/none"


@pytest.fixture
def tables(database: str) -> str:
    """The URI of a database with the tables that claims are priced by."""
    return with_tables(database)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """A function that puts a text into a file."""

    def put(text: str, name: str = "table.txt") -> Path:
        file = tmp_path / name
        file.write_text(text, "latin-1")
        return file

    return put


Write = Callable[..., Path]


async def loaded(database: str) -> CodeEditTables:
    found = await code_edits(database)
    assert found is not None
    return found


def problems(load: Callable[[], Any]) -> list[str]:
    with pytest.raises(BadFile) as refused:
        load()
    return refused.value.problems


async def test_without_a_load_there_are_no_code_edits(tables: str) -> None:
    assert await code_edits(tables) is None


# Pairs


async def test_pairs_are_found_by_code_and_day(tables: str, write: Write) -> None:
    done = load_ptp(tables, [write(f"{ABOVE}{PTP_CSV}{PUBLISHED}\n")])

    assert (done.table, done.rows) == ("ptp_pair", 3)
    found = await loaded(tables)
    assert found.version == done.version
    assert found.pairs("99213", "36415", FIRST) == PtpPair(
        column_1="99213",
        column_2="36415",
        effective_from=date(1996, 1, 1),
        modifier_indicator=1,
    )
    assert found.pairs("0001A", "J1885", FIRST) == PtpPair(
        column_1="0001A",
        column_2="J1885",
        effective_from=date(2020, 1, 1),
        deleted_on=date(2026, 2, 10),
        modifier_indicator=0,
    )
    taken_back = found.pairs("G0439", "99396", date(2020, 1, 1))
    assert taken_back is not None and taken_back.modifier_indicator == 9
    for first, second in (
        ("36415", "99213"),
        ("99213", "99396"),
        ("99213", ""),
        ("9921", "336415"),
    ):
        assert found.pairs(first, second, FIRST) is None
    assert found.pairs("9921\xe9", "36415", FIRST) is None
    assert found.limit("99213", FIRST) is None


async def test_pairs_are_read_as_published(tables: str, write: Write) -> None:
    for header, separator in (
        (PTP_CSV, ","),
        (PTP_TABS, "\t"),
        (PTP_BELOW, "\t"),
        (PTP_CSV.lower(), ","),
    ):
        text = PUBLISHED.replace(",", separator)
        done = load_ptp(tables, [write(f"\xa9 {ABOVE}{header}{text}\n\n")], replace=True)
        stored = rows(tables, "SELECT * FROM claimflow.ptp_pair ORDER BY column_1")
        assert [tuple(row.values()) for row in stored] == [
            ("0001A", "J1885", date(2020, 1, 1), date(2026, 2, 10), 0),
            ("99213", "36415", date(1996, 1, 1), None, 1),
            ("G0439", "99396", date(2020, 1, 1), date(2020, 1, 1), 9),
        ]
        assert done.rows == 3


async def test_of_several_rows_the_one_in_force_on_the_day_is_found(
    tables: str, write: Write
) -> None:
    lines = (
        "99213,36415,,20200101,20210331,0,",
        "99213,36415,,20210401,20210401,9,",
        "99213,36415,,20220101,*,1,",
    )
    load_ptp(tables, [write(PTP_CSV + "\n".join(lines))])
    found = await loaded(tables)

    def indicator(on: date) -> tuple[int, bool] | None:
        pair = found.pairs("99213", "36415", on)
        return None if pair is None else (pair.modifier_indicator, pair.active(on))

    assert indicator(date(2019, 12, 31)) is None
    assert indicator(date(2020, 1, 1)) == (0, True)
    assert indicator(date(2021, 3, 31)) == (0, True)
    assert indicator(date(2021, 4, 1)) == (9, False)
    assert indicator(date(2021, 12, 31)) == (9, False)
    assert indicator(date(2022, 1, 1)) == (1, True)


async def test_many_pairs_are_each_found(tables: str, write: Write) -> None:
    codes = [f"{number:05d}" for number in range(0, 60, 7)] + ["A0001", "J1885", "0001U"]
    pairs = [(first, second) for first in codes for second in codes if first < second]
    lines = [f"{first},{second},,20200101,*,0," for first, second in reversed(pairs)]
    load_ptp(tables, [write(PTP_CSV + "\n".join(lines))])
    found = await loaded(tables)
    for first in codes:
        for second in codes:
            assert (found.pairs(first, second, FIRST) is not None) is (first < second)


async def test_a_table_of_pairs_comes_in_several_files(tables: str, write: Write) -> None:
    files = [
        write(PTP_CSV + "99213,36415,,20200101,*,1,\n", "f1.txt"),
        write(PTP_TABS + "99214\t36415\t\t20200101\t*\t1\t\n", "f2.txt"),
    ]
    assert load_ptp(tables, files).rows == 2
    changed = write(PTP_CSV + "99213,36415,,20200101,20251231,0,\n")
    load_ptp(tables, [changed])
    assert count(tables, "ptp_pair") == 2
    assert (await loaded(tables)).pairs("99213", "36415", date(2025, 12, 31)) == PtpPair(
        column_1="99213",
        column_2="36415",
        effective_from=date(2020, 1, 1),
        deleted_on=date(2025, 12, 31),
        modifier_indicator=0,
    )
    load_ptp(tables, [changed], replace=True)
    assert count(tables, "ptp_pair") == 1


async def test_of_two_rows_of_a_day_one_that_was_taken_back_says_nothing(
    tables: str, write: Write
) -> None:
    lines = ["99213,36415,,20200101,20200101,9,", "99213,36415,,20200101,*,1,"]
    for ordered in (lines, lines[::-1]):
        load_ptp(tables, [write(PTP_CSV + "\n".join(ordered))], replace=True)
        pair = (await loaded(tables)).pairs("99213", "36415", FIRST)
        assert pair is not None and pair.modifier_indicator == 1


PTP_FAULTS = {
    "9921,36415,,20200101,*,1,": "5 letters and digits",
    "99213,36415a,,20200101,*,1,": "5 letters and digits",
    "99213,99213,,20200101,*,1,": "with itself",
    "99213,36415,,20200101,*,2,": "0, 1 or 9",
    "99213,36415,,20200101,*,,": "0, 1 or 9",
    "99213,36415,,2020-01-01,*,1,": "20260131",
    "99213,36415,,20200230,*,1,": "no such day",
    "99213,36415,,20200101,none,1,": "20260131",
    "99213,36415,,20200102,20200101,1,": "before the effective date",
    "99213,36415,,20200101": "values are missing",
    ",36415,,20200101,*,1,": "5 letters and digits",
    "99214,36415,,20200101,*,0,": "twice",
}


def test_every_bad_pair_is_named_and_nothing_is_loaded(write: Write) -> None:
    good = write(PTP_CSV + "99213,36415,,20200101,*,1,\n", "good.txt")
    lines = ["99214,36415,,20200101,*,1,", *PTP_FAULTS]
    bad = write(ABOVE + PTP_CSV + "\n".join(lines) + "\n", "bad.txt")

    found = problems(lambda: load_ptp(NOWHERE, [bad]))

    assert len(found) == len(PTP_FAULTS)
    for line, (problem, part) in enumerate(zip(found, PTP_FAULTS.values(), strict=True), 5):
        assert problem.startswith(f"line {line}: ")
        assert part in problem
    of_two = problems(lambda: load_ptp(NOWHERE, [good, bad]))
    assert {one.partition("line")[0] for one in of_two} == {"bad.txt "}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "99213,36415,,20200101,*,1,\n",
        PTP_CSV,
        MUE + "99213,1,2 Policy,\n",
        "Column 1,Column 2\n",
    ],
    ids=["empty", "headless", "no rows", "units", "other columns"],
)
def test_a_file_without_pairs_is_refused(write: Write, text: str) -> None:
    (problem,) = problems(lambda: load_ptp(NOWHERE, [write(text)]))
    assert problem.startswith("line 1: there is no header 'column1'")


# Units


async def test_limits_are_read_as_published(tables: str, write: Write) -> None:
    text = (
        "99213,2,3 Date of Service Edit: Clinical,Clinical: Data\n"
        "96372,4,1 Line Edit,\n"
        "G0439,0,2 Date of Service Edit: Policy,\n"
    )

    done = load_mue(tables, write(MUE + text), effective_from=FIRST)

    assert (done.table, done.rows) == ("mue_limit", 3)
    found = await loaded(tables)
    assert found.version == done.version
    assert found.limit("99213", FIRST) == MueLimit(
        code="99213",
        max_units=Decimal(2),
        adjudication_indicator=3,
        effective_from=FIRST,
    )
    kinds = [found.limit(code, FIRST) for code in ("96372", "G0439")]
    stated = [(str(one.max_units), one.adjudication_indicator) for one in kinds if one]
    assert stated == [("4", 1), ("0", 2)]
    assert found.limit("99213", date(2025, 12, 31)) is None
    assert found.limit("99214", FIRST) is None
    assert found.pairs("99213", "36415", FIRST) is None


async def test_a_table_of_units_holds_until_the_next_one(tables: str, write: Write) -> None:
    old = MUE + "99213,2,3 Clinical,\n96372,4,1 Line Edit,\n"
    new = MUE + "99213,1,3 Clinical,\n"
    loads = [(old, FIRST), (new, date(2026, 4, 1))]
    for first, second in (loads, loads[::-1]):
        load_mue(tables, write(first[0]), effective_from=first[1], replace=True)
        load_mue(tables, write(second[0]), effective_from=second[1])
        found = await loaded(tables)
        units = {
            (code, day): limit.max_units
            for code in ("99213", "96372")
            for day in (date(2026, 3, 31), date(2026, 4, 1))
            if (limit := found.limit(code, day)) and limit.active(day)
        }
        assert units == {
            ("99213", date(2026, 3, 31)): Decimal(2),
            ("99213", date(2026, 4, 1)): Decimal(1),
            ("96372", date(2026, 3, 31)): Decimal(4),
        }


async def test_a_table_of_the_same_day_takes_the_place_of_the_first(
    tables: str, write: Write
) -> None:
    load_mue(tables, write(MUE + "99213,2,3 x,\n96372,4,1 x,\n"), effective_from=FIRST)
    load_mue(tables, write(MUE + "99213,3,2 x,\n"), effective_from=FIRST)
    stored = rows(tables, "SELECT code, max_units, effective_to FROM claimflow.mue_limit")
    assert [tuple(row.values()) for row in stored] == [("99213", 3, None)]


async def test_a_table_of_units_can_replace_all_others(tables: str, write: Write) -> None:
    load_mue(tables, write(MUE + "99213,2,3 x,\n"), effective_from=date(2026, 4, 1))
    load_mue(tables, write(MUE + "96372,4,1 x,\n"), effective_from=FIRST, replace=True)
    stored = rows(tables, "SELECT code, effective_from, effective_to FROM claimflow.mue_limit")
    assert [tuple(row.values()) for row in stored] == [("96372", FIRST, None)]


MUE_FAULTS = {
    "9921,1,2 Policy,": "5 letters and digits",
    "99213,many,2 Policy,": "whole number",
    "99213,-1,2 Policy,": "whole number",
    "99213,1,4 Other,": "1, 2 or 3",
    "99213,1,Policy,": "1, 2 or 3",
    "99213,1,22,": "1, 2 or 3",
    "99213,1": "values are missing",
    "99214,1,2 Policy,": "twice",
}


def test_every_bad_limit_is_named_and_nothing_is_loaded(write: Write) -> None:
    file = write(MUE + "\n".join(["99214,1,3 Clinical,", *MUE_FAULTS]) + "\n")

    found = problems(lambda: load_mue(NOWHERE, file, effective_from=FIRST))

    assert len(found) == len(MUE_FAULTS)
    for line, (problem, part) in enumerate(zip(found, MUE_FAULTS.values(), strict=True), 5):
        assert problem.startswith(f"line {line}: ")
        assert part in problem


def test_the_tables_of_other_providers_are_of_the_same_form(tables: str, write: Write) -> None:
    for name in ("Outpatient Hospital", "DME Supplier"):
        text = MUE.replace("Practitioner", name) + "99213,2,3 x,\n"
        assert load_mue(tables, write(text), effective_from=FIRST).rows == 1


# Both


async def test_only_what_was_loaded_anew_is_read_again(tables: str, write: Write) -> None:
    pairs = load_ptp(tables, [write(PTP_CSV + "99213,36415,,20200101,*,1,\n")])
    limits = load_mue(tables, write(MUE + "99213,2,3 x,\n"), effective_from=FIRST)
    known = await loaded(tables)
    assert known.ptp is not None and known.mue is not None
    assert (known.ptp.version, known.mue.version) == (pairs.version, limits.version)
    assert known.version == limits.version

    again = load_ptp(tables, [write(PTP_CSV + "99213,36415,,20200101,*,0,\n")])

    found = await code_edits(tables, known)
    assert found is not None and found.ptp is not None
    assert found.mue is known.mue
    assert (found.ptp.version, found.version) == (again.version, again.version)
    same = await code_edits(tables, found)
    assert same is not None and same.ptp is found.ptp


async def test_the_demonstration_can_be_loaded(tables: str) -> None:
    load_ptp(tables, [DEMO / "ptp.csv"])
    load_mue(tables, DEMO / "mue.csv", effective_from=date(2020, 1, 1))
    found = await loaded(tables)
    assert found.pairs("93000", "93005", FIRST) is not None
    assert found.limit("99213", FIRST) is not None


def test_the_write_process_reads_code_edits(tables: str) -> None:
    with psycopg.connect(tables) as connection:
        connection.execute("SET ROLE claimflow_command")
        for table in ("code_edit_table", "ptp_pair", "mue_limit"):
            connection.execute(f"SELECT count(*) FROM claimflow.{table}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM claimflow.ptp_pair")


def test_tables_and_columns_are_as_they_are_told(tables: str) -> None:
    named = [one for one in vars(tables_benefits).values() if isinstance(one, Table)]
    told = rows(
        tables,
        "SELECT c.relname, a.attname, col_description(c.oid, a.attnum) AS text, a.attnotnull"
        "  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
        " WHERE c.relnamespace = 'claimflow'::regnamespace AND c.relkind = 'r'",
    )
    names = {table.name for table in named}
    found = {tuple(row.values()) for row in told if row["relname"] in names}
    assert found == {
        (table.name, column.name, column.comment, not column.nullable)
        for table in named
        for column in table.columns
    }
