"""Fees, plans and coverage: loaded whole or not at all, dated, and found by day."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from claimflow.importers import _generate_lists as lists
from server.claims.benefits import CostShare, Fee, Plan, Unlisted
from server.claims.services import member_key
from server.command.files import BadFile
from server.command.load_tables import load_coverage, load_fees, load_plans
from tests.server.command.pricing_tables import DEMO, benefits, with_tables
from tests.server.command.support import OTHER_TENANT, TENANT, count, rows

HEADER = "schedule_id,code,modifier,category,amount,effective_from,effective_to\n"
FIRST = date(2026, 1, 1)
DAY = date(2026, 2, 10)
# A file with a bad row is refused before anything is asked of a database.
NOWHERE = "postgresql://nowhere.invalid/none"


@pytest.fixture
def tables(database: str) -> str:
    """The URI of a database with the tables that claims are priced by."""
    return with_tables(database)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """A function that puts a text into a file."""

    def put(text: str, name: str = "table") -> Path:
        file = tmp_path / name
        file.write_text(text)
        return file

    return put


Write = Callable[[str], Path]


def fees(write: Write, *lines: str) -> Path:
    return write(HEADER + "\n".join(lines) + "\n")


def reference_version(database: str) -> int:
    (row,) = rows(database, "SELECT version FROM claimflow.reference_version")
    return int(row["version"])


def problems(load: Callable[[], Any]) -> list[str]:
    with pytest.raises(BadFile) as refused:
        load()
    return refused.value.problems


# Fees


async def test_a_fee_is_found_by_day_and_modifier(tables: str, write: Write) -> None:
    file = fees(
        write,
        "A,99213,,OFFICE,80.00,2026-01-01,",
        "A,99213,26,OFFICE,30.5,2026-01-01,2026-02-10",
        "A,99213,,OFFICE,90,2026-02-10,",
        "A,0120,,,1000.00,2026-01-01,2026-01-31",
        "B,99213,,*,70.00,2026-01-01,",
    )
    before = reference_version(tables)

    done = load_fees(tables, file)

    assert (done.table, done.rows, done.version) == ("fee", 5, before + 1)
    assert reference_version(tables) == done.version
    found = await benefits(tables)

    def amount(schedule: str, code: str, on: date, *modifiers: str) -> str | None:
        fee = found.fee(schedule, code, modifiers, on)
        return str(fee.amount) if fee else None

    assert amount("A", "99213", date(2025, 12, 31)) is None
    assert amount("A", "99213", FIRST) == "80.00"
    assert amount("A", "99213", date(2026, 2, 9)) == "80.00"
    assert amount("A", "99213", DAY) == "90.00"
    assert amount("A", "99213", DAY, "59", "26") == "30.50"
    assert amount("A", "99213", date(2026, 2, 11), "26") == "90.00"
    assert amount("A", "99213", DAY, "59") == "90.00"
    assert amount("A", "0120", date(2026, 1, 31)) == "1000.00"
    assert amount("A", "0120", date(2026, 2, 1)) is None
    assert amount("B", "99213", DAY) == "70.00"
    assert amount("C", "99213", DAY) is None
    assert found.fee("A", "0120", (), FIRST) == Fee(
        amount=Decimal("1000.00"), category="*", schedule_id="A", version=done.version
    )


async def test_fees_are_added_written_over_or_replaced_by_schedule(
    tables: str, write: Write
) -> None:
    load_fees(tables, fees(write, "A,1111,,X,1.00,2026-01-01,", "B,1111,,X,2.00,2026-01-01,"))
    load_fees(
        tables, fees(write, "A,1111,,Y,3.00,2026-01-01,2026-12-31", "A,2222,,X,4,2026-01-01,")
    )
    stored = rows(
        tables,
        "SELECT schedule_id, code, category, amount, effective_to FROM claimflow.fee"
        " ORDER BY schedule_id, code",
    )
    assert [tuple(row.values()) for row in stored] == [
        ("A", "1111", "Y", Decimal("3.00"), date(2026, 12, 31)),
        ("A", "2222", "X", Decimal("4.00"), None),
        ("B", "1111", "X", Decimal("2.00"), None),
    ]

    load_fees(tables, fees(write, "A,3333,,X,5.00,2026-01-01,"), replace=True)

    left = rows(tables, "SELECT schedule_id, code FROM claimflow.fee ORDER BY schedule_id")
    assert [tuple(row.values()) for row in left] == [("A", "3333"), ("B", "1111")]


async def test_only_schedules_that_were_loaded_anew_are_read_again(
    tables: str, write: Write
) -> None:
    load_fees(tables, fees(write, "A,1111,,X,1.00,2026-01-01,", "B,1111,,X,2.00,2026-01-01,"))
    known = await benefits(tables)
    done = load_fees(tables, fees(write, "A,2222,,X,1.00,2026-01-01,"))

    found = await benefits(tables, known)

    assert found.schedules["B"] is known.schedules["B"]
    assert found.schedules["A"] is not known.schedules["A"]
    assert found.schedules["A"].version == done.version


FAULTS = {
    "A B,99213,,X,1.00,2026-01-01,": "schedule",
    "A,992,,X,1.00,2026-01-01,": "code",
    "A,992134,,X,1.00,2026-01-01,": "code",
    "A,99213,2,X,1.00,2026-01-01,": "modifier",
    "A,99213,,x-y,1.00,2026-01-01,": "category",
    "A,99213,,X,-1.00,2026-01-01,": "amount",
    "A,99213,,X,1.001,2026-01-01,": "amount",
    "A,99213,,X,100000000,2026-01-01,": "amount",
    "A,99213,,X,,2026-01-01,": "amount",
    "A,99213,,X,1.00,,": "first day",
    "A,99213,,X,1.00,01/02/2026,": "day must be",
    "A,99213,,X,1.00,2026-01-02,2026-01-01": "before the first",
    "A,99213,,X,1.00,2026-01-01,,more": "more values",
    "A,99213,,X,1.00": "values are missing",
    "A,99213,,X,1.00,2026-01-01": "values are missing",
    "A,99214,,Y,2.00,2026-01-01,": "twice",
}


def test_every_bad_row_is_named_and_nothing_is_loaded(write: Write) -> None:
    file = fees(write, "A,99214,,X,1.00,2026-01-01,2026-01-01", *FAULTS)

    found = problems(lambda: load_fees(NOWHERE, file))

    assert len(found) == len(FAULTS)
    for line, (problem, part) in enumerate(zip(found, FAULTS.values(), strict=True), 3):
        assert problem.startswith(f"line {line}: ")
        assert part in problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "line 1: the header must name a column `schedule_id`"),
        ("schedule_id,code\nA,99213\n", "line 1: the header must name a column `modifier`"),
        (HEADER, "line 1: there are no rows below the header"),
    ],
)
def test_a_file_without_header_or_rows_is_refused(write: Write, text: str, problem: str) -> None:
    assert problems(lambda: load_fees(NOWHERE, write(text))) == [problem]


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "fees.csv"
    file.write_bytes(HEADER.encode() + b"A,99213,,X,1.00,2026-01-01,\n" + b"A,\xff\xfe\n")
    (problem,) = problems(lambda: load_fees(NOWHERE, file))
    assert problem == "line 3: this is no text in UTF-8"


def test_the_header_may_be_in_any_order_and_case(tables: str, write: Write) -> None:
    names = " Amount ,CODE,schedule_id,modifier,effective_to,effective_from,category\n"
    load_fees(tables, write(names + "1.00,99213,A,,,2026-01-01,office\n"))
    (row,) = rows(tables, "SELECT code, category, amount FROM claimflow.fee")
    assert tuple(row.values()) == ("99213", "OFFICE", Decimal("1.00"))


# Plans

ENTRY: dict[str, Any] = {
    "plan_id": "PLAN",
    "effective_from": "2026-01-01",
    "fee_schedule_id": "A",
    "deductible": "500.00",
    "out_of_pocket_max": "4000",
    "cost_shares": {"*": {"coinsurance_rate": "0.20"}, "OFFICE": {"copay": "25.00"}},
}


@pytest.fixture
def with_fees(tables: str, write: Write) -> str:
    """A database that has the fee schedule A."""
    load_fees(tables, fees(write, "A,99213,,OFFICE,80.00,2026-01-01,"))
    return tables


def plans(write: Write, *entries: Any) -> Path:
    return write(json.dumps(list(entries)))


async def test_a_plan_is_what_its_entry_says(with_fees: str, write: Write) -> None:
    full = {
        **ENTRY,
        "plan_id": "FULL",
        "benefit_year_begins_month": 7,
        "copay_first": False,
        "unlisted": "PERCENT_OF_CHARGE",
        "unlisted_rate": "0.8",
        "fee_above_charge": True,
        "cost_shares": {
            "*": {
                "copay": "1.50",
                "coinsurance_rate": "0.125",
                "deductible_applies": False,
                "covered": False,
                "authorization_required": True,
            }
        },
    }

    done = load_plans(with_fees, plans(write, ENTRY, full))

    assert (done.table, done.rows) == ("plan", 2)
    found = await benefits(with_fees)
    expected = Plan(
        plan_id="PLAN",
        version=done.version,
        effective_from=FIRST,
        fee_schedule_id="A",
        deductible=Decimal("500.00"),
        out_of_pocket_max=Decimal("4000.00"),
        cost_shares={
            "*": CostShare(coinsurance_rate=Decimal("0.2000")),
            "OFFICE": CostShare(copay=Decimal("25.00")),
        },
    )
    assert found.plan("PLAN", FIRST) == expected
    assert found.plan("FULL", FIRST) == replace(
        expected,
        plan_id="FULL",
        benefit_year_begins_month=7,
        copay_first=False,
        unlisted=Unlisted.PERCENT_OF_CHARGE,
        unlisted_rate=Decimal("0.8"),
        fee_above_charge=True,
        cost_shares={
            "*": CostShare(
                copay=Decimal("1.50"),
                coinsurance_rate=Decimal("0.125"),
                deductible_applies=False,
                covered=False,
                authorization_required=True,
            )
        },
    )


async def test_later_terms_take_over_on_their_first_day(with_fees: str, write: Write) -> None:
    later = {**ENTRY, "effective_from": "2026-02-10", "deductible": "600.00", "cost_shares": {}}
    first = load_plans(with_fees, plans(write, ENTRY))
    second = load_plans(with_fees, plans(write, later))

    found = await benefits(with_fees)

    assert found.plan("PLAN", date(2025, 12, 31)) is None
    assert found.plan("NONE", DAY) is None
    before, on = found.plan("PLAN", date(2026, 2, 9)), found.plan("PLAN", DAY)
    assert before is not None and on is not None
    assert (before.version, before.deductible) == (first.version, Decimal("500.00"))
    assert (on.version, on.deductible, on.cost_shares) == (second.version, Decimal("600.00"), {})


async def test_terms_of_the_same_day_are_written_over_whole(with_fees: str, write: Write) -> None:
    load_plans(with_fees, plans(write, ENTRY, {**ENTRY, "plan_id": "OTHER"}))
    load_plans(with_fees, plans(write, {**ENTRY, "cost_shares": {"LAB": {}}}))

    found = await benefits(with_fees)
    one, other = found.plan("PLAN", DAY), found.plan("OTHER", DAY)
    assert one is not None and other is not None
    assert (set(one.cost_shares), set(other.cost_shares)) == ({"LAB"}, {"*", "OFFICE"})

    load_plans(with_fees, plans(write, ENTRY), replace=True)
    assert set((await benefits(with_fees)).plans) == {"PLAN"}


PLAN_FAULTS: tuple[tuple[Any, str], ...] = (
    ("PLAN", "an object"),
    ({name: value for name, value in ENTRY.items() if name != "deductible"}, "deductible is need"),
    ({**ENTRY, "version": 3}, "no version"),
    ({**ENTRY, "colour": "red"}, "no colour"),
    ({**ENTRY, "effective_from": "1 May"}, "kind"),
    ({**ENTRY, "unlisted": "PERHAPS"}, "kind"),
    ({**ENTRY, "cost_shares": {"*": {"rate": "1"}}}, "kind"),
    ({**ENTRY, "cost_shares": ["*"]}, "kind"),
    ({**ENTRY, "deductible": "many"}, "kind"),
    ({**ENTRY, "plan_id": "A B"}, "id"),
    ({**ENTRY, "plan_id": 3}, "id"),
    ({**ENTRY, "fee_schedule_id": ""}, "id"),
    ({**ENTRY, "fee_schedule_id": "Z"}, "not loaded"),
    ({**ENTRY, "deductible": "-0.01"}, "deductible"),
    ({**ENTRY, "deductible": 0.1}, "deductible"),
    ({**ENTRY, "deductible": "NaN"}, "deductible"),
    ({**ENTRY, "out_of_pocket_max": "100000000"}, "out_of_pocket_max"),
    ({**ENTRY, "benefit_year_begins_month": 13}, "month"),
    ({**ENTRY, "benefit_year_begins_month": 0}, "month"),
    ({**ENTRY, "unlisted_rate": "1.0001"}, "unlisted_rate"),
    ({**ENTRY, "unlisted_rate": "0.00001"}, "unlisted_rate"),
    ({**ENTRY, "copay_first": "yes"}, "flag"),
    ({**ENTRY, "fee_above_charge": 1}, "flag"),
    ({**ENTRY, "cost_shares": {"two words": {}}}, "category"),
    ({**ENTRY, "cost_shares": {"*": {"copay": "1.001"}}}, "copay"),
    ({**ENTRY, "cost_shares": {"*": {"coinsurance_rate": "20"}}}, "coinsurance_rate"),
    ({**ENTRY, "cost_shares": {"*": {"covered": "no"}}}, "flag"),
    (ENTRY, "twice"),
)


def test_every_bad_plan_is_named_and_nothing_is_loaded(with_fees: str, write: Write) -> None:
    before = reference_version(with_fees)
    entries = [ENTRY, *(entry for entry, _ in PLAN_FAULTS)]

    found = problems(lambda: load_plans(with_fees, plans(write, *entries)))

    assert len(found) == len(PLAN_FAULTS)
    for place, (problem, (_, part)) in enumerate(zip(found, PLAN_FAULTS, strict=True), 2):
        assert problem.startswith(f"plan {place}: ")
        assert part in problem
    assert count(with_fees, "plan") == 0
    assert reference_version(with_fees) == before


def test_a_file_that_is_no_list_of_plans_is_refused(tables: str, write: Write) -> None:
    for text, start in (("[\n{]", "line 2: "), ("{}", "line 1: "), ("[]", "line 1: ")):
        file = write(text)
        (problem,) = problems(partial(load_plans, tables, file))
        assert problem.startswith(start)


# Coverage

COVERAGE = "member_id,plan_id,from_date,through_date\n"


@pytest.fixture
def with_plan(with_fees: str, write: Write) -> str:
    """A database that has the plan PLAN."""
    load_plans(with_fees, plans(write, ENTRY))
    return with_fees


async def test_coverage_is_kept_by_a_hash_of_the_member_number(
    with_plan: str, write: Write
) -> None:
    file = write(COVERAGE + "M-1,PLAN,2026-01-01,2026-06-30\nM-1,PLAN,2026-08-01,\n")

    done = load_coverage(with_plan, TENANT, file)

    assert (done.table, done.rows) == ("coverage", 2)
    stored = rows(with_plan, "SELECT * FROM claimflow.coverage ORDER BY from_date")
    assert [tuple(row.values()) for row in stored] == [
        (TENANT, member_key("M-1"), "PLAN", FIRST, date(2026, 6, 30)),
        (TENANT, member_key("M-1"), "PLAN", date(2026, 8, 1), None),
    ]
    assert (await benefits(with_plan)).tenants_with_coverage == {TENANT}


def test_coverage_is_added_written_over_or_replaced_by_tenant(with_plan: str, write: Write) -> None:
    for tenant in (TENANT, OTHER_TENANT):
        load_coverage(with_plan, tenant, write(COVERAGE + "M-1,PLAN,2026-01-01,\n"))
    again = write(COVERAGE + "M-1,PLAN,2026-01-01,2026-06-30\nM-2,PLAN,2026-01-01,\n")
    load_coverage(with_plan, TENANT, again)

    def stored(tenant: UUID) -> list[tuple[Any, ...]]:
        query = (
            "SELECT member_key, through_date FROM claimflow.coverage WHERE tenant_id = %s"
            " ORDER BY member_key = %s DESC"
        )
        return [tuple(row.values()) for row in rows(with_plan, query, tenant, member_key("M-1"))]

    assert stored(TENANT) == [
        (member_key("M-1"), date(2026, 6, 30)),
        (member_key("M-2"), None),
    ]
    load_coverage(with_plan, TENANT, write(COVERAGE + "M-3,PLAN,2026-01-01,\n"), replace=True)
    assert stored(TENANT) == [(member_key("M-3"), None)]
    assert stored(OTHER_TENANT) == [(member_key("M-1"), None)]


def test_every_bad_span_is_named_without_the_member(with_plan: str, write: Write) -> None:
    before = reference_version(with_plan)
    file = write(
        COVERAGE
        + "M-123456,PLAN,2026-01-01,\n"
        + "M-123456,PLAN,2026-01-01,2026-02-01\n"
        + "M*123456,PLAN,2026-01-01,\n"
        + "M-123456,NONE,2026-01-01,\n"
        + "M-123456,PLAN,,\n"
        + "M-123456,PLAN,2026-01-02,2026-01-01\n"
    )

    found = problems(lambda: load_coverage(with_plan, TENANT, file))

    assert [one.partition(":")[0] for one in found] == [f"line {line}" for line in range(3, 8)]
    assert "123456" not in "".join(found)
    assert count(with_plan, "coverage") == count(with_plan, "coverage_load") == 0
    assert reference_version(with_plan) == before


def test_the_write_process_reads_coverage_of_its_tenants_alone(
    with_plan: str, write: Write
) -> None:
    for tenant in (TENANT, OTHER_TENANT):
        load_coverage(with_plan, tenant, write(COVERAGE + "M-1,PLAN,2026-01-01,\n"))
    with psycopg.connect(with_plan) as connection:
        connection.execute("SET ROLE claimflow_command")
        seen = "SELECT tenant_id FROM claimflow.coverage"
        assert connection.execute(seen).fetchall() == []
        connection.execute(f"SET LOCAL app.tenants = '{{{TENANT}}}'")
        assert connection.execute(seen).fetchall() == [(TENANT,)]
        known = connection.execute("SELECT tenant_id FROM claimflow.coverage_load").fetchall()
        assert {row[0] for row in known} == {TENANT, OTHER_TENANT}
        for table in ("fee_schedule", "fee", "plan", "cost_share"):
            connection.execute(f"SELECT count(*) FROM claimflow.{table}")


# The demonstration


async def test_the_demonstration_can_be_loaded_and_prices_what_is_generated(tables: str) -> None:
    load_fees(tables, DEMO / "fees.csv")
    load_plans(tables, DEMO / "plans.json")
    found = await benefits(tables)

    codes = [code for code, _ in lists.PROFESSIONAL_SERVICES]
    codes += [code for _, code, _ in lists.OUTPATIENT_SERVICES]
    codes += [revenue for revenue, _, _ in lists.INPATIENT_STAYS]
    assert all(found.fee("DEMO", code, (), date(2026, 4, 1)) for code in codes)
    plan = found.plan("DEMO-OPEN", date(2026, 4, 1))
    assert plan is not None
    assert (plan.unlisted, plan.unlisted_rate) == (Unlisted.PERCENT_OF_CHARGE, Decimal("0.8"))
    assert all(one.covered and not one.authorization_required for one in plan.cost_shares.values())
    named = {
        fee.category
        for table in found.schedules.values()
        for dated in table.fees.values()
        for fee, _ in dated.rows
    }
    for plan_id in ("DEMO-PPO", "DEMO-HDHP", "DEMO-OPEN"):
        terms = found.plan(plan_id, date(2026, 4, 1))
        assert terms is not None
        assert set(terms.cost_shares) <= named | {"*"}
